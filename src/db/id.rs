//! Typed ids: a UUIDv7 inside, TypeID text at the edge.
//!
//! `cli_01j…` says what it names, sorts by creation and cannot be mistaken for a couple's
//! id by the compiler. The text form follows the TypeID specification 0.3: prefix,
//! underscore, 128 bits in 26 characters of Crockford's base32, lower case.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
#[cfg(feature = "postgres")]
use std::io::Write;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
#[cfg(feature = "postgres")]
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use super::conn::MultiBackend;
use super::types::{IdSql, Instant};

/// What an id names. One unit type per kind of thing; the prefix is part of the contract.
pub trait Kind: 'static {
    /// Lower-case letters before the underscore, as in `cli`.
    const PREFIX: &'static str;
    /// The schema's name in the OpenAPI document, as in `ClientId`.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $alias:ident $prefix:literal;)*) => {
        /// Unit types that tell ids apart.
        pub mod kind {
            $($(#[$doc])* #[derive(Debug, Clone, Copy)] pub struct $kind;
            impl super::Kind for $kind {
                const PREFIX: &'static str = $prefix;
                const NAME: &'static str = stringify!($alias);
            })*
        }
        $($(#[$doc])* pub type $alias = Id<kind::$kind>;)*
    };
}

kinds! {
    /// A practice, the tenant.
    Practice PracticeId "prc";
    /// A login of the practice's staff or of a client.
    User UserId "usr";
    /// A service application of the practice.
    App AppId "app";
    /// A clinician.
    Clinician ClinicianId "cln";
    /// A client.
    Client ClientId "cli";
    /// A couple.
    Couple CoupleId "cpl";
    /// One membership of a client in a couple, with its dates.
    CoupleMember CoupleMemberId "mem";
    /// A treatment.
    Treatment TreatmentId "trt";
    /// One period of a clinician on a care team.
    CareTeamMember CareTeamMemberId "ctm";
    /// A consent document.
    Consent ConsentId "con";
    /// An activity definition.
    ActivityDefinition ActivityDefinitionId "act";
    /// An assignment.
    Assignment AssignmentId "asg";
    /// One time that an exercise is due.
    Occurrence OccurrenceId "occ";
    /// What one person has sent; made on their device.
    Submission SubmissionId "sub";
    /// Answers of a submission that the same people may read.
    AnswerSet AnswerSetId "ans";
    /// What came of everybody's answers together.
    Reveal RevealId "rvl";
    /// A clinician's review.
    Review ReviewId "rev";
    /// What a clinician has to know.
    Alert AlertId "alr";
    /// A clinician's pause.
    Hold HoldId "hld";
    /// A request for help.
    HelpRequest HelpRequestId "hlp";
    /// A programme that has begun.
    Program ProgramId "prg";
    /// Where a programme departs from its plan.
    ProgramDeviation ProgramDeviationId "dvn";
    /// An office of the practice.
    Office OfficeId "off";
    /// A clinician's licence in one state.
    License LicenseId "lic";
    /// A session.
    Session SessionId "ses";
    /// Somebody's part in a session.
    SessionParticipant SessionParticipantId "spa";
    /// A session note.
    SessionNote SessionNoteId "not";
    /// Something that was done with a session note.
    NoteAct NoteActId "nac";
    /// A template of notes.
    NoteTemplate NoteTemplateId "ntp";
    /// A psychotherapy note.
    PsychotherapyNote PsychotherapyNoteId "psy";
    /// A summary of a session for clients.
    SessionSummary SessionSummaryId "sum";
    /// Another time that a participant proposes for homework of a couple.
    TimeProposal TimeProposalId "tpr";
    /// A person's calendar feed.
    CalendarFeed CalendarFeedId "cfd";
    /// An audit row.
    Audit AuditEventId "aud";
    /// An event of the feed.
    Event EventId "evt";
    /// A request, for finding it in the log.
    Request RequestId "req";
    /// A token, its `jti`.
    Token TokenId "tok";
    /// A stored answer to a repeated POST.
    IdempotencyKey IdempotencyKeyId "idk";
    /// Whatever an audit row, an event or a stored answer is about.
    Any AnyId "any";
    /// An encryption key of a practice.
    DataKey DataKeyId "key";
}

/// A typed id. Copies, compares and hashes like the UUID inside.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = IdSql)]
pub struct Id<K: Kind>(Uuid, PhantomData<fn() -> K>);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LENGTH: u32 = 26;

impl<K: Kind> Id<K> {
    /// Wraps a UUID, whatever it names: only for values that come from the database.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID inside.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

/// Text that is not an id of the wanted kind. Says nothing of the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct NotAnId;

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let digits =
            text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
        if digits.len() != 26 || !digits.starts_with(|c: char| ('0'..='7').contains(&c)) {
            return Err(NotAnId);
        }
        let mut bits = 0u128;
        for byte in digits.bytes() {
            let value = ALPHABET.iter().position(|a| *a == byte).ok_or(NotAnId)?;
            bits = (bits << 5) | u128::try_from(value).map_err(|_| NotAnId)?;
        }
        Ok(Self::from_uuid(Uuid::from_u128(bits)))
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_", K::PREFIX)?;
        let bits = self.0.as_u128();
        for position in (0..TEXT_LENGTH).rev() {
            let digit = usize::try_from((bits >> (5 * position)) & 31).unwrap_or_default();
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'0');
            fmt::Write::write_char(f, char::from(letter))?;
        }
        Ok(())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// Written out because a derive would ask the same traits of `K`, which is never a value.
impl<K: Kind> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K: Kind> Copy for Id<K> {}
impl<K: Kind> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K: Kind> Eq for Id<K> {}
impl<K: Kind> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K: Kind> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K: Kind> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl<K: Kind> utoipa::PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some(format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX)))
            .description(Some(format!("Opaque id, `{}_` and 26 characters.", K::PREFIX)))
            .into()
    }
}

impl<K: Kind> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        K::NAME.into()
    }
}

impl<K: Kind> FromSql<IdSql, Sqlite> for Id<K> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_uuid(Uuid::from_slice(value.read_blob())?))
    }
}

impl<K: Kind> ToSql<IdSql, Sqlite> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

#[cfg(feature = "postgres")]
impl<K: Kind> FromSql<IdSql, Pg> for Id<K> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_uuid(Uuid::from_slice(value.as_bytes())?))
    }
}

#[cfg(feature = "postgres")]
impl<K: Kind> ToSql<IdSql, Pg> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<K: Kind> FromSql<IdSql, MultiBackend> for Id<K> {
    fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, IdSql>()
    }
}

impl<K: Kind> ToSql<IdSql, MultiBackend> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((IdSql, self));
        Ok(IsNull::No)
    }
}

/// Where new ids come from. Injected, so that a demo has the same ids from run to run.
///
/// The 74 random bits of each id are drawn anew: the shared counter that UUIDv7 allows
/// would tell one partner how much the other wrote in the same millisecond. Cloning shares the source.
#[derive(Debug, Clone)]
pub enum IdSource {
    /// From the operating system.
    Random,
    /// The same sequence from the same seed. For demos and tests alone.
    Seeded(Arc<Mutex<(u64, u64)>>),
}

impl IdSource {
    /// A source that yields the same ids from run to run.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new((seed, 0))))
    }

    /// Begins another sequence, so that two services yield the same ids from here on whatever each of them
    /// has made before. The operating system's source does not listen.
    pub fn begin_again(&self, seed: u64) {
        if let Self::Seeded(state) = self {
            *state.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (seed, 0);
        }
    }

    /// A new UUIDv7 (RFC 9562) of this moment.
    #[must_use]
    pub fn uuid(&self, now: Instant) -> Uuid {
        let mut random = [0u8; 10];
        match self {
            // Without entropy no id is safe to hand out; the nil filling then collides on
            // the primary key and the request fails, which is the wanted end.
            Self::Random => getrandom::fill(&mut random).unwrap_or_default(),
            Self::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                state.1 += 1;
                let digest = Sha256::new()
                    .chain_update(state.0.to_be_bytes())
                    .chain_update(state.1.to_be_bytes())
                    .finalize();
                for (to, from) in random.iter_mut().zip(digest) {
                    *to = from;
                }
            }
        }
        let millis = u64::try_from(now.micros() / 1000).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// 256 bits that nobody can guess, from the operating system; none when it has none to give.
    #[must_use]
    pub fn secret(&self) -> Option<[u8; 32]> {
        let mut secret = [0u8; 32];
        match self {
            Self::Random => getrandom::fill(&mut secret).ok()?,
            Self::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                state.1 += 1;
                let digest = Sha256::new()
                    .chain_update(b"secret")
                    .chain_update(state.0.to_be_bytes())
                    .chain_update(state.1.to_be_bytes())
                    .finalize();
                secret = digest.into();
            }
        }
        Some(secret)
    }

    /// A new typed id of this moment.
    #[must_use]
    pub fn next<K: Kind>(&self, now: Instant) -> Id<K> {
        Id::from_uuid(self.uuid(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_the_typeid_of_the_specification() {
        let uuid = Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        assert_eq!(ClientId::from_uuid(uuid).to_string(), "cli_01h455vb4pex5vsknk084sn02q");
        assert!("cpl_01h455vb4pex5vsknk084sn02q".parse::<ClientId>().is_err());
        assert!("cli_81h455vb4pex5vsknk084sn02q".parse::<ClientId>().is_err());
        assert!("cli_01H455VB4PEX5VSKNK084SN02Q".parse::<ClientId>().is_err());
    }

    proptest! {
        #[test]
        fn every_id_survives_its_text(bits: u128) {
            let id = CoupleId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<CoupleId>(), Ok(id));
        }

        #[test]
        fn text_sorts_as_the_ids_do(a: u128, b: u128) {
            let (a, b) = (UserId::from_uuid(Uuid::from_u128(a)), UserId::from_uuid(Uuid::from_u128(b)));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    #[test]
    fn a_seed_yields_the_same_ids_again() {
        let (one, two) = (IdSource::seeded(7), IdSource::seeded(7));
        let now = Instant::from_micros(1_790_000_000_000_000);
        for _ in 0..100 {
            assert_eq!(one.uuid(now), two.uuid(now));
        }
        let _ = one.uuid(now);
        one.clone().begin_again(8);
        assert_eq!(one.uuid(now), IdSource::seeded(8).uuid(now));
    }
}
