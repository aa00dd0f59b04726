//! The secrets policy of a couple: how the clinician handles what is said in private
//! (`domain` 2.7.1), and who has accepted it.
//!
//! Whether somebody has accepted is theirs to know. A member is shown their own acceptance
//! and "accepted by all", which is a declared outcome.

use actix_web::{get, post, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::members::store::present_members;
use super::model::InvitationState;
use super::store;
use crate::audit::{Change, Subject, record};
use crate::auth::scopes::{CoupleRead, CouplesRead, CouplesWrite, ProfileWrite};
use crate::auth::{Access, Tx};
use crate::db::Instant;
use crate::db::id::{ClientId, CoupleId};
use crate::db::schema::{couple_members, secrets_policies, secrets_policy_acceptances};
use crate::db::types::words;
use crate::error::{Code, DbResultExt, Error, Result};
use crate::http::{Answer, At, Body, Json, Resource, Routes};

words! {
    /// How individual disclosures are handled. Safety disclosures are exempt from every policy
    /// and stay private, and the software itself never discloses.
    Policy {
        /// The clinician may use anything said in private in the joint work.
        NoSecrets = "no_secrets",
        /// The clinician decides case by case, and helps a client to say it themself.
        LimitedSecrets = "limited_secrets",
        /// What is said in private stays there.
        IndividualConfidential = "individual_confidential",
        /// There are no private channels but for safety.
        NoIndividualContact = "no_individual_contact",
    }
}

impl Policy {
    /// What the policy means, in the words shown to everybody it concerns.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NoSecrets => {
                "Your therapist may bring what you share alone into your joint work, when they \
                 judge that it helps. They do not keep important secrets between you. Concerns \
                 about safety are handled separately and stay private."
            }
            Self::LimitedSecrets => {
                "Your therapist decides case by case what to do with what you share alone. If \
                 something needs to be said, they help you to say it yourself, within an agreed \
                 time. Concerns about safety are handled separately and stay private."
            }
            Self::IndividualConfidential => {
                "What you share alone stays between you and your therapist, unless you decide \
                 otherwise."
            }
            Self::NoIndividualContact => {
                "Your therapist meets you together only, and there are no private channels, except \
                 for concerns about safety, which stay private."
            }
        }
    }
}

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(get_secrets_policy).service(set_secrets_policy).service(accept_secrets_policy);
}

/// The secrets policy in force, as the caller sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SecretsPolicy {
    /// The couple.
    pub couple_id: CoupleId,
    /// Counts from 1; every change is a new version, which asks for acceptance anew.
    #[schema(minimum = 1)]
    pub version_no: i32,
    /// The policy.
    pub policy: Policy,
    /// What it means, in plain words, for showing to members.
    #[schema(max_length = 600)]
    pub text: String,
    /// When this version was set.
    pub set_at: Instant,
    /// True once every present member has accepted this version.
    pub accepted_by_all: bool,
    /// When the calling member accepted it; null for the practice's side.
    pub accepted_at: Option<Instant>,
    /// Who has accepted it; empty for members.
    #[schema(max_items = 6)]
    pub acceptances: Vec<Acceptance>,
}

/// One member's acceptance, as the practice sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Acceptance {
    /// The client.
    pub client_id: ClientId,
    /// When.
    pub accepted_at: Instant,
}

/// The policy to set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSecretsPolicy {
    /// The policy.
    pub policy: Policy,
}

/// Which version a member accepts: the one they were shown.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptSecretsPolicy {
    /// `version_no` of the policy they read.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub version_no: i32,
}

impl Resource for SecretsPolicy {
    fn id(&self) -> Uuid {
        self.couple_id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/couples/{}/secrets-policy", self.couple_id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        store::find(tx, CoupleId::from_uuid(id)).map(drop)
    }
}

/// Get the secrets policy of a couple
///
/// For staff and services who see the couple, and for its active members.
#[utoipa::path(
    tag = "couples",
    responses((status = 200, description = "The policy in force", body = SecretsPolicy)),
    security(("token" = ["couples:read"]), ("token" = ["couple:read"])),
)]
#[get("/v1/couples/{couple_id}/secrets-policy")]
async fn get_secrets_policy(
    access: Access<(CouplesRead, CoupleRead)>,
    At(couple): At<CoupleId>,
) -> Result<Json<SecretsPolicy>> {
    access.read(move |tx| find(tx, couple)).await
}

/// Set the secrets policy of a couple
///
/// A change makes a new version, which every member is asked to accept; what was said before
/// stays under the version it was said under. Setting the policy in force changes nothing.
/// For staff and services who see the couple.
#[utoipa::path(
    tag = "couples",
    request_body = SetSecretsPolicy,
    responses(
        (status = 200, description = "The policy in force", body = SecretsPolicy),
        (status = 201, description = "The first policy of this couple", body = SecretsPolicy),
    ),
    security(("token" = ["couples:write"])),
)]
#[put("/v1/couples/{couple_id}/secrets-policy")]
async fn set_secrets_policy(
    access: Access<CouplesWrite>,
    At(couple): At<CoupleId>,
    body: Body<SetSecretsPolicy>,
) -> Result<Answer> {
    access
        .put(body, move |tx| find_any(tx, couple), move |tx, new| set(tx, couple, new.policy))
        .await
}

/// Accept the secrets policy
///
/// For an active member, of the version they were shown. The others learn of it only when all
/// have accepted.
#[utoipa::path(
    tag = "couples",
    request_body = AcceptSecretsPolicy,
    responses((status = 200, description = "The policy in force", body = SecretsPolicy)),
    security(("token" = ["profile:write"])),
)]
#[post("/v1/couples/{couple_id}/secrets-policy/accept")]
async fn accept_secrets_policy(
    access: Access<ProfileWrite>,
    At(couple): At<CoupleId>,
    body: Body<AcceptSecretsPolicy>,
) -> Result<Answer> {
    access.act_with(body, move |tx, accepted| accept(tx, couple, accepted.version_no)).await
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = secrets_policies)]
struct Row {
    version_no: i32,
    policy: Policy,
    set_at: Instant,
}

/// The policy in force.
///
/// # Errors
/// 404 when the couple cannot be seen or has none.
pub fn find(tx: &mut Tx<'_>, couple: CoupleId) -> Result<SecretsPolicy> {
    find_any(tx, couple)?.ok_or_else(Error::not_found)
}

/// The same, of a couple that may have none yet.
fn find_any(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Option<SecretsPolicy>> {
    store::find_row(tx, couple)?;
    let Some(row) = current(tx, couple)? else { return Ok(None) };
    let acceptances = acceptances(tx, couple, row.version_no)?;
    let own = tx.caller.client();
    Ok(Some(SecretsPolicy {
        couple_id: couple,
        version_no: row.version_no,
        policy: row.policy,
        text: row.policy.text().to_owned(),
        set_at: row.set_at,
        accepted_by_all: all_accepted(tx, couple, &acceptances)?,
        accepted_at: own.and_then(|own| {
            acceptances.iter().find(|one| one.client_id == own).map(|one| one.accepted_at)
        }),
        acceptances: if own.is_some() { Vec::new() } else { acceptances },
    }))
}

/// True when a policy is in force that every present member has accepted: what a couple's
/// treatment needs before it becomes active.
///
/// # Errors
/// Those of the database.
pub fn is_accepted_by_all(tx: &mut Tx<'_>, couple: CoupleId) -> Result<bool> {
    let Some(row) = current(tx, couple)? else { return Ok(false) };
    let acceptances = acceptances(tx, couple, row.version_no)?;
    all_accepted(tx, couple, &acceptances)
}

/// The policy in force, of a couple that the caller sees; none before one was set.
///
/// # Errors
/// Those of the database.
pub(crate) fn in_force(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Option<Policy>> {
    Ok(current(tx, couple)?.map(|row| row.policy))
}

/// The policies in force in the couples that this client is a member of, by one statement.
///
/// # Errors
/// Those of the database.
pub(crate) fn in_force_of(tx: &mut Tx<'_>, client: ClientId) -> Result<Vec<(CoupleId, Policy)>> {
    let couples = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::client_id.eq(client))
        .filter(couple_members::left_on.is_null())
        .filter(couple_members::invitation_state.eq(InvitationState::Accepted))
        .select(couple_members::couple_id);
    let all: Vec<(CoupleId, Policy)> = secrets_policies::table
        .filter(secrets_policies::practice_id.eq(tx.practice()))
        .filter(secrets_policies::couple_id.eq_any(couples))
        .order((secrets_policies::couple_id, secrets_policies::version_no.desc()))
        .select((secrets_policies::couple_id, secrets_policies::policy))
        .load(tx.conn)?;
    let mut latest = all;
    latest.dedup_by_key(|(couple, _)| *couple);
    Ok(latest)
}

/// The version of the policy in force, which an answer is given under; none before one was set.
///
/// # Errors
/// Those of the database.
pub(crate) fn version_in_force(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Option<i32>> {
    Ok(current(tx, couple)?.map(|row| row.version_no))
}

/// Sets the policy. True when it is the couple's first.
///
/// # Errors
/// 404.
pub fn set(tx: &mut Tx<'_>, couple: CoupleId, policy: Policy) -> Result<(bool, SecretsPolicy)> {
    store::find_row(tx, couple)?;
    let before = current(tx, couple)?;
    if before.as_ref().is_some_and(|row| row.policy == policy) {
        return Ok((false, find(tx, couple)?));
    }
    let version_no = before.as_ref().map_or(0, |row| row.version_no) + 1;
    diesel::insert_into(secrets_policies::table)
        .values((
            secrets_policies::practice_id.eq(tx.practice()),
            secrets_policies::couple_id.eq(couple),
            secrets_policies::version_no.eq(version_no),
            secrets_policies::policy.eq(policy),
            secrets_policies::set_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    record(tx, &Change::of(Subject::Couple(couple), "secrets_policy_set"))?;
    Ok((before.is_none(), find(tx, couple)?))
}

/// Accepts the version that the calling member was shown.
///
/// The couple's own row is left alone: a partner must not see from it that somebody accepted.
///
/// # Errors
/// 404, 409 when a newer version is in force.
pub fn accept(tx: &mut Tx<'_>, couple: CoupleId, version_no: i32) -> Result<SecretsPolicy> {
    let policy = find(tx, couple)?;
    let client = tx.caller.client().ok_or_else(Error::not_found)?;
    if policy.version_no != version_no {
        let detail = "Show the member the policy in force, and send its `version_no`.";
        return Err(Error::new(Code::VersionSuperseded, detail));
    }
    if policy.accepted_at.is_some() {
        return Ok(policy);
    }
    diesel::insert_into(secrets_policy_acceptances::table)
        .values((
            secrets_policy_acceptances::practice_id.eq(tx.practice()),
            secrets_policy_acceptances::couple_id.eq(couple),
            secrets_policy_acceptances::version_no.eq(version_no),
            secrets_policy_acceptances::client_id.eq(client),
            secrets_policy_acceptances::accepted_at.eq(tx.now),
        ))
        .execute(tx.conn)
        .on_duplicate("This version was accepted already.")?;
    record(tx, &Change::of(Subject::Couple(couple), "secrets_policy_accepted"))?;
    find(tx, couple)
}

fn current(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Option<Row>> {
    Ok(secrets_policies::table
        .filter(secrets_policies::practice_id.eq(tx.practice()))
        .filter(secrets_policies::couple_id.eq(couple))
        .order(secrets_policies::version_no.desc())
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?)
}

fn acceptances(tx: &mut Tx<'_>, couple: CoupleId, version_no: i32) -> Result<Vec<Acceptance>> {
    let rows: Vec<(ClientId, Instant)> = secrets_policy_acceptances::table
        .filter(secrets_policy_acceptances::practice_id.eq(tx.practice()))
        .filter(secrets_policy_acceptances::couple_id.eq(couple))
        .filter(secrets_policy_acceptances::version_no.eq(version_no))
        .order(secrets_policy_acceptances::client_id)
        .select((secrets_policy_acceptances::client_id, secrets_policy_acceptances::accepted_at))
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(client_id, accepted_at)| Acceptance { client_id, accepted_at })
        .collect())
}

fn all_accepted(tx: &mut Tx<'_>, couple: CoupleId, acceptances: &[Acceptance]) -> Result<bool> {
    let members = present_members(tx, couple)?;
    let accepted = |client: &ClientId| acceptances.iter().any(|one| one.client_id == *client);
    Ok(members.len() >= 2 && members.iter().all(|(client, _)| accepted(client)))
}
