//! The gate before the database, and the unit of work that passes it.

use std::sync::Arc;

use crate::auth::caller::Caller;
use crate::auth::keyring::Keyring;
use crate::auth::limits::{Limits, Rates};
use crate::auth::scopes::Needs;
use crate::auth::token::{Claims, Verifier};
use crate::clock::Clock;
use crate::db::id::{IdSource, Kind, PracticeId, UserId};
use crate::db::{Conn, Executor, Id, Instant};
use crate::error::{Error, Result};
use crate::http::Cursors;
use crate::http::etag::Tagger;
use crate::seal::{PracticeKeys, SecretKey};
use crate::submissions::form::Forms;

/// Everything behind the gate. Its fields are private to `auth/`: outside, a connection is
/// only to be had through [`Access`](super::Access), and with it a caller and a scope.
#[derive(Debug, Clone)]
pub struct Gate {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) executor: Executor,
    pub(super) verifier: Verifier,
    pub(super) keyring: Keyring,
    pub(super) clock: Clock,
    pub(super) ids: IdSource,
    pub(super) tagger: Tagger,
    pub(super) cursors: Cursors,
    pub(super) public_url: String,
    pub(super) limits: Limits,
    pub(super) audit_key: SecretKey,
    pub(super) forms: Forms,
}

/// What a gate is made of.
#[derive(Debug)]
pub struct Parts {
    /// The threads that own the connections.
    pub executor: Executor,
    /// Verifies access tokens.
    pub verifier: Verifier,
    /// Opens practices' keys.
    pub keyring: Keyring,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: IdSource,
    /// Where clients reach the service, without a trailing slash.
    pub public_url: String,
    /// How many requests may come.
    pub rates: Rates,
}

impl Gate {
    /// Closes the gate around its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let tagger = Tagger::new(parts.keyring.root().derive("etag").expose());
        let cursors = Cursors::new(parts.keyring.root().derive("cursor").expose());
        let Parts { executor, verifier, keyring, clock, ids, public_url, rates } = parts;
        let limits = Limits::new(rates, &clock);
        let audit_key = keyring.audit_key();
        let inner = Inner {
            executor,
            verifier,
            keyring,
            clock,
            ids,
            tagger,
            cursors,
            public_url,
            limits,
            audit_key,
            forms: Forms::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The maker of entity tags, which responses need too.
    #[must_use]
    pub fn tagger(&self) -> Tagger {
        self.inner.tagger.clone()
    }

    /// The keyring. Without a connection it opens nothing.
    pub(crate) fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }

    /// Forgets the budgets and refusals of callers who have long been silent.
    pub(crate) fn sweep_limits(&self) {
        self.inner.limits.sweep();
    }

    /// Runs a unit of work for the operator of the service or, to set a scene, as one of its
    /// users. It takes a connection, which no handler has: commands and tests call this.
    ///
    /// # Errors
    /// The unit's own, 401 for a user who is not there.
    pub fn operate<T>(
        &self,
        conn: &mut Conn,
        acting: Acting,
        ids: &IdSource,
        now: Instant,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let caller = match acting {
            Acting::Operator(practice) => Caller::operator(practice),
            Acting::User(practice, user) => Caller::user(conn, practice, user)?,
        };
        let keys = self.inner.keyring.of(conn, caller.practice())?;
        let mut tx = Tx { conn, caller: &caller, now, keys, ids, inner: &self.inner };
        unit(&mut tx)
    }

    /// The verifier, for publishing and replacing its public keys.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.inner.verifier
    }
}

/// For whom a command works.
#[derive(Debug, Clone, Copy)]
pub enum Acting {
    /// Whoever runs the service: sees the whole practice.
    Operator(PracticeId),
    /// One of its users, with every scope that they may hold.
    User(PracticeId, UserId),
}

/// One unit of work: a transaction, the caller it works for, and the practice's keys.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub conn: &'a mut Conn,
    /// Who calls.
    pub caller: &'a Caller,
    /// The moment of this request, the same for everything it writes.
    pub now: Instant,
    /// The practice's keys.
    pub keys: Arc<PracticeKeys>,
    pub(super) ids: &'a IdSource,
    pub(super) inner: &'a Inner,
}

impl Tx<'_> {
    /// The tenant: every query filters on it.
    #[must_use]
    pub fn practice(&self) -> PracticeId {
        self.caller.practice()
    }

    /// A new id.
    #[must_use]
    pub fn new_id<K: Kind>(&self) -> Id<K> {
        self.ids.next(self.now)
    }

    /// The entity tag of a representation, as this caller would read it.
    ///
    /// # Errors
    /// A fault of the service when it does not serialise.
    pub fn tag(&self, representation: &impl serde::Serialize) -> Result<String> {
        let body = serde_json::to_vec(representation)
            .map_err(|_| Error::internal("a representation did not serialise"))?;
        Ok(self.inner.tagger.tag(&body))
    }

    /// 256 bits that nobody can guess.
    ///
    /// # Errors
    /// A fault of the service when the operating system has none to give.
    pub fn new_secret(&self) -> Result<[u8; 32]> {
        self.ids.secret().ok_or_else(|| Error::internal("no randomness"))
    }

    /// Where clients reach the service, without a trailing slash.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.inner.public_url
    }

    /// The forms of assignments that have been made.
    #[must_use]
    pub fn forms(&self) -> &Forms {
        &self.inner.forms
    }

    /// The key under which audit rows are chained.
    #[must_use]
    pub fn audit_key(&self) -> &SecretKey {
        &self.inner.audit_key
    }
}

impl Inner {
    /// Opens a unit of work for the person behind the claims, and demands the scope of that
    /// person as they are now.
    pub(super) fn enter<S: Needs, T>(
        &self,
        conn: &mut Conn,
        practice: PracticeId,
        claims: &Claims,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let keys = self.keyring.of(conn, practice)?;
        let caller = Caller::load(conn, practice, claims)?;
        caller.demand::<S>()?;
        let now = self.clock.now();
        let mut tx = Tx { conn, caller: &caller, now, keys, ids: &self.ids, inner: self };
        unit(&mut tx)
    }
}
