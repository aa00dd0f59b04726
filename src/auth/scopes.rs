//! The one vocabulary of scopes: what a token may be allowed to do, and who may hold it.
//!
//! A scope only limits. The effective right of a request is scope ∩ consent ∩ what the person
//! may see; memberships and care teams are looked up per request and never read from a token.
//!
//! Everything that has to agree (the enum, its names, its meanings, its holders and the markers
//! that routes name in their types) is made from the single table at the foot of this file.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The kinds of actor that scopes are allotted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// Staff who run a practice: settings, staff, apps, care teams.
    Admin,
    /// Staff who treat or supervise.
    Clinician,
    /// A partner of a couple, or a single client.
    Client,
    /// A server-side program that acts for the practice and for no person.
    Service,
}

/// What a route asks of a token. A route names it as a type, `Access<ClientsRead>`, so that a
/// handler cannot be written without saying what it needs.
///
/// Every scope has a marker of its own name; a pair of markers means *either of them*.
pub trait Needs {
    /// The scopes of which the token must hold at least one. Never empty.
    const ANY_OF: &'static [Scope];
}

/// The single scope that a marker type stands for.
///
/// It exists beside [`Needs`] because Rust cannot join two slices of unknown length in a generic
/// constant: a pair takes one scope from each side instead.
pub trait Marker {
    /// The scope itself.
    const SCOPE: Scope;
}

impl<A: Marker, B: Marker> Needs for (A, B) {
    const ANY_OF: &'static [Scope] = &[A::SCOPE, B::SCOPE];
}

/// A set of scopes: eight bytes, copied freely, empty by default, in the order of the table.
///
/// Its text is the `scope` of RFC 6749 section 3.3, words separated by one space.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u64);

impl ScopeSet {
    /// Reads words separated by spaces, case-sensitively. Unknown words are passed over, so that
    /// a newer issuer may add scopes before every verifier knows them: they never become a right.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.split(' ').filter_map(Scope::parse).collect()
    }

    /// Every scope that this kind of actor may ever hold; intersect a request with it.
    #[must_use]
    pub fn of_holder(kind: ActorKind) -> Self {
        let all = Scope::ALL.iter().copied();
        all.filter(|scope| scope.may_be_held_by(kind)).collect()
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Adds a scope.
    pub const fn insert(&mut self, scope: Scope) {
        self.0 |= scope.bit();
    }

    /// The scopes that are in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the set allows nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes of the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().enumerate().try_for_each(|(place, scope)| {
            f.write_str(if place == 0 { "" } else { " " })?;
            f.write_str(scope.as_str())
        })
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({self})")
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl de::Visitor<'_> for Words {
            type Value = ScopeSet;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string of scopes separated by spaces")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<ScopeSet, E> {
                Ok(ScopeSet::parse(text))
            }
        }
        deserializer.deserialize_str(Words)
    }
}

macro_rules! scopes {
    ($($name:ident $text:literal [$($holder:ident)+] $meaning:literal)+) => {
        /// One thing that a token may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u64)]
        pub enum Scope {
            $(#[doc = concat!("`", $text, "`: ", $meaning, ".")] $name,)+
        }

        impl Scope {
            /// Every scope, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word that stands for the scope in tokens, requests and the API document.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The scope of exactly this word; `None` for any other.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$name),)+ _ => None }
            }

            /// What the scope allows, as one line for consent pages and the API document.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)+ }
            }

            /// The kinds of actor that may hold the scope at all.
            #[must_use]
            pub const fn holders(self) -> &'static [ActorKind] {
                match self { $(Self::$name => &[$(ActorKind::$holder),+],)+ }
            }
        }

        $(
            #[doc = concat!("Marks a need of [`Scope::", stringify!($name), "`] (`", $text, "`).")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl Marker for $name { const SCOPE: Scope = Scope::$name; }
            impl Needs for $name { const ANY_OF: &'static [Scope] = &[Scope::$name]; }
        )+
    };
}

impl Scope {
    /// Whether this kind of actor may hold the scope at all, whatever has been granted.
    #[must_use]
    pub fn may_be_held_by(self, kind: ActorKind) -> bool {
        self.holders().contains(&kind)
    }

    #[expect(clippy::as_conversions, reason = "a discriminant has no other safe spelling")]
    const fn bit(self) -> u64 {
        1 << (self as u64)
    }
}

const _: () = assert!(Scope::ALL.len() <= 64, "a ScopeSet has 64 places");

// A service signs nothing, because a signature is a person's; it never hears of an alert, because
// the rule for safety material is that it stays with the clinicians.
scopes! {
    PracticeRead "practice:read" [Admin Clinician Service] "Read the practice, its staff and teams"
    PracticeAdmin "practice:admin" [Admin Service] "Change the practice, staff, apps and care teams"
    ClientsRead "clients:read" [Admin Clinician Service] "Read clients"
    ClientsWrite "clients:write" [Admin Clinician Service] "Create and change clients"
    CouplesRead "couples:read" [Admin Clinician Service] "Read couples"
    CouplesWrite "couples:write" [Admin Clinician Service] "Create and change couples"
    TreatmentsRead "treatments:read" [Admin Clinician Service] "Read treatments"
    TreatmentsWrite "treatments:write" [Admin Clinician Service] "Create and change treatments"
    HomeworkRead "homework:read" [Admin Clinician Service] "Read assignments and what was shared"
    HomeworkAssign "homework:assign" [Admin Clinician Service] "Assign, pause and withdraw homework"
    HomeworkReview "homework:review" [Admin Clinician Service] "Review submissions"
    AlertsRead "alerts:read" [Clinician] "Read safety alerts"
    AlertsWrite "alerts:write" [Clinician] "Acknowledge and act on safety alerts"
    SessionsRead "sessions:read" [Admin Clinician Service] "Read sessions"
    SessionsWrite "sessions:write" [Admin Clinician Service] "Create and change sessions"
    NotesRead "notes:read" [Admin Clinician Service] "Read session notes, no psychotherapy notes"
    NotesWrite "notes:write" [Admin Clinician Service] "Write session notes, no psychotherapy notes"
    NotesSign "notes:sign" [Admin Clinician] "Sign session notes"
    NotesCosign "notes:cosign" [Admin Clinician] "Co-sign the notes of a supervisee"
    PsychotherapyOwn "psychotherapy:own" [Clinician] "Read and write own psychotherapy notes"
    AuditRead "audit:read" [Admin Clinician Service] "Read the audit trail"
    EventsRead "events:read" [Admin Clinician Service] "Follow the event feed"
    WebhooksManage "webhooks:manage" [Admin Clinician Service] "Manage webhooks and their secrets"
    ProfileRead "profile:read" [Client] "Read the own profile"
    ProfileWrite "profile:write" [Client] "Change the own profile"
    CoupleRead "couple:read" [Client] "Read the own couple as the person may see it"
    HomeworkOwn "homework:own" [Client] "Read own and shared homework"
    HomeworkSubmit "homework:submit" [Client] "Submit and withdraw own homework"
    HomeworkSensitive "homework:sensitive" [Client] "See sexual-health homework; granted apart"
    HomeworkSafety "homework:safety" [Client] "Answer safety questions; granted apart"
}
