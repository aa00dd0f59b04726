//! Who calls: looked up for every request, so that a change of role, care team or
//! membership works on the next one. The token only says whom to look up.

use diesel::prelude::*;

use crate::auth::scopes::{ActorKind, Needs, Scope, ScopeSet};
use crate::auth::token::Claims;
use crate::db::Conn;
use crate::db::Instant;
use crate::db::conn::each;
use crate::db::id::{AppId, ClientId, ClinicianId, PracticeId, UserId};
use crate::db::schema::{apps, clinicians, users};
use crate::error::{Code, Error, Result};

/// Who is behind a token, at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody of the practice: an administrator, a clinician, or both.
    Staff {
        /// The login.
        user: UserId,
        /// Administers the practice's directory and care teams.
        admin: bool,
        /// The clinician that they are.
        clinician: Option<ClinicianId>,
        /// Whose caseload they see: their own, then that of those they supervise.
        caseloads: Vec<ClinicianId>,
    },
    /// A client.
    Client {
        /// The login.
        user: UserId,
        /// The client that they are.
        client: ClientId,
    },
    /// A service application, which acts for the practice within its scopes.
    Service {
        /// The application.
        app: AppId,
    },
    /// Whoever runs the service, through its commands. No token stands for them.
    Operator,
}

/// How far a caller sees. Every `visible` function begins with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight<'a> {
    /// The whole practice: administrators (its directory) and services.
    Practice,
    /// What the care teams of these clinicians see.
    Caseloads(&'a [ClinicianId]),
    /// What one client sees.
    Client(ClientId),
}

/// The caller of a request: practice, person and right.
#[derive(Debug, Clone)]
pub struct Caller {
    practice: PracticeId,
    actor: Actor,
    scopes: ScopeSet,
    app: Option<String>,
}

impl Caller {
    /// Looks up the person behind verified claims.
    ///
    /// # Errors
    /// 401 when the login is gone, disabled or was signed out everywhere since the token was
    /// made: the same answer as for a token that does not verify.
    pub fn load(conn: &mut Conn, practice: PracticeId, claims: &Claims) -> Result<Self> {
        let (actor, granted) = if let Ok(user) = claims.sub.parse::<UserId>() {
            load_user(conn, practice, user, Some(claims.sv))?
        } else if let Ok(app) = claims.sub.parse::<AppId>() {
            load_app(conn, practice, app, claims)?
        } else {
            return Err(unauthorized());
        };
        let scopes = claims.scope.intersect(granted);
        Ok(Self { practice, actor, scopes, app: Some(claims.client_id.clone()) })
    }

    /// The operator, for a practice.
    pub(super) fn operator(practice: PracticeId) -> Self {
        let (actor, scopes) = (Actor::Operator, Scope::ALL.iter().copied().collect());
        Self { practice, actor, scopes, app: None }
    }

    /// A user with every scope that they may hold.
    pub(super) fn user(conn: &mut Conn, practice: PracticeId, user: UserId) -> Result<Self> {
        let (actor, scopes) = load_user(conn, practice, user, None)?;
        Ok(Self { practice, actor, scopes, app: None })
    }

    /// A client whom an address stands for and no token: they see what is routine, and change nothing.
    pub(super) fn by_address(conn: &mut Conn, practice: PracticeId, user: UserId) -> Result<Self> {
        let whole = Self::user(conn, practice, user)?;
        let scopes = [Scope::HomeworkOwn, Scope::CoupleRead].into_iter().collect();
        Ok(Self { scopes: whole.scopes.intersect(scopes), ..whole })
    }

    /// The tenant.
    #[must_use]
    pub fn practice(&self) -> PracticeId {
        self.practice
    }

    /// The person or application.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The application that obtained the token, by the name in it; none for commands.
    #[must_use]
    pub fn app(&self) -> Option<&str> {
        self.app.as_deref()
    }

    /// True when the caller effectively holds this scope.
    #[must_use]
    pub fn holds(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// How far the caller sees.
    #[must_use]
    pub fn sight(&self) -> Sight<'_> {
        match &self.actor {
            Actor::Operator | Actor::Service { .. } | Actor::Staff { admin: true, .. } => {
                Sight::Practice
            }
            Actor::Staff { caseloads, .. } => Sight::Caseloads(caseloads),
            Actor::Client { client, .. } => Sight::Client(*client),
        }
    }

    /// The clinician that the caller is.
    #[must_use]
    pub fn clinician(&self) -> Option<ClinicianId> {
        match &self.actor {
            Actor::Staff { clinician, .. } => *clinician,
            _ => None,
        }
    }

    /// Whose clients and couples the caller treats or reads as a supervisor; nobody's, for whoever is no
    /// clinician. What is about somebody's safety is shown by this and not by [`Self::sight`]: that somebody
    /// also administers the practice opens none of it.
    #[must_use]
    pub fn caseloads(&self) -> &[ClinicianId] {
        match &self.actor {
            Actor::Staff { caseloads, .. } => caseloads,
            _ => &[],
        }
    }

    /// The client that the caller is.
    #[must_use]
    pub fn client(&self) -> Option<ClientId> {
        match &self.actor {
            Actor::Client { client, .. } => Some(*client),
            _ => None,
        }
    }

    /// True for staff and services: they are shown the practice's own side of a record.
    #[must_use]
    pub fn is_practice_side(&self) -> bool {
        self.client().is_none()
    }

    /// Demands one of these scopes of the person as they are now.
    ///
    /// # Errors
    /// 403 `scope_missing`.
    pub fn demand<S: Needs>(&self) -> Result<()> {
        if S::ANY_OF.iter().any(|scope| self.holds(*scope)) {
            Ok(())
        } else {
            Err(scope_missing(S::ANY_OF))
        }
    }
}

/// 401, always the same.
#[must_use]
pub fn unauthorized() -> Error {
    Error::new(Code::Unauthorized, "Send a valid access token in `Authorization: Bearer …`.")
}

/// 403 that names the scopes of which one is needed.
#[must_use]
pub fn scope_missing(needed: &[Scope]) -> Error {
    let names: Vec<_> = needed.iter().map(|scope| format!("`{}`", scope.as_str())).collect();
    Error::new(
        Code::ScopeMissing,
        format!("Needs {}, held by a person who may hold it.", names.join(" or ")),
    )
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    practice_admin: bool,
    clinician_id: Option<ClinicianId>,
    client_id: Option<ClientId>,
    session_version: i32,
    disabled_at: Option<Instant>,
}

fn load_user(
    conn: &mut Conn,
    practice: PracticeId,
    user: UserId,
    sv: Option<i32>,
) -> Result<(Actor, ScopeSet)> {
    // Asked of the concrete connection, here alone among reads: every request asks it, and Diesel's enum
    // would spell the statement out three times a run instead of knowing it by its type.
    let found: Option<UserRow> = each!(conn, conn => users::table
        .find((practice, user))
        .select(UserRow::as_select())
        .first(conn)
        .optional())?;
    let row = found
        .filter(|row| row.disabled_at.is_none() && sv.is_none_or(|sv| sv == row.session_version))
        .ok_or_else(unauthorized)?;
    if let Some(client) = row.client_id {
        return Ok((Actor::Client { user, client }, ScopeSet::of_holder(ActorKind::Client)));
    }
    let mut caseloads = Vec::new();
    if let Some(clinician) = row.clinician_id {
        caseloads.push(clinician);
        let supervised: Vec<ClinicianId> = clinicians::table
            .filter(clinicians::practice_id.eq(practice))
            .filter(clinicians::supervisor_id.eq(clinician))
            .select(clinicians::id)
            .order(clinicians::id)
            .load(conn)?;
        caseloads.extend(supervised);
    }
    let mut scopes = ScopeSet::default();
    if row.practice_admin {
        scopes = scopes.union(ScopeSet::of_holder(ActorKind::Admin));
    }
    if row.clinician_id.is_some() {
        scopes = scopes.union(ScopeSet::of_holder(ActorKind::Clinician));
    }
    let actor =
        Actor::Staff { user, admin: row.practice_admin, clinician: row.clinician_id, caseloads };
    Ok((actor, scopes))
}

fn load_app(
    conn: &mut Conn,
    practice: PracticeId,
    app: AppId,
    claims: &Claims,
) -> Result<(Actor, ScopeSet)> {
    let row: Option<(String, i32, Option<Instant>)> = apps::table
        .find((practice, app))
        .select((apps::scopes, apps::session_version, apps::disabled_at))
        .first(conn)
        .optional()?;
    match row {
        Some((granted, version, None))
            if version == claims.sv && claims.client_id == claims.sub =>
        {
            let granted =
                ScopeSet::parse(&granted).intersect(ScopeSet::of_holder(ActorKind::Service));
            Ok((Actor::Service { app }, granted))
        }
        _ => Err(unauthorized()),
    }
}
