//! Queries on logins. Every one starts from [`visible`].

use diesel::prelude::*;

use super::model::{NewUser, Role, User, UserFilter, UserPatch};
use crate::audit::{Change, Subject, record};
use crate::auth::scopes::{ActorKind, ScopeSet};
use crate::auth::{Caller, Sight, Tx};
use crate::clients;
use crate::clinicians;
use crate::db::id::{AppId, ClientId, ClinicianId, PracticeId, UserId};
use crate::db::schema::{apps, users};
use crate::db::{Conn, Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Window, windowed};
use crate::http::patch::set;
use crate::seal::{Column, Compartment, LookupKey, Sealed, fold_email};

const EMAIL: Column = Column { table: "users", name: "email", compartment: Compartment::Directory };
const TAKEN: &str = "Another user has this address, or this person has a login already.";

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, primary_key(practice_id, id), treat_none_as_null = true)]
struct Row {
    practice_id: PracticeId,
    id: UserId,
    email: Sealed<String>,
    email_lookup: LookupKey,
    practice_admin: bool,
    clinician_id: Option<ClinicianId>,
    client_id: Option<ClientId>,
    locale: String,
    session_version: i32,
    disabled_at: Option<Instant>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The logins that a caller may see: administrators and services see all of their practice,
/// nobody else any.
#[must_use]
pub fn visible(caller: &Caller) -> users::BoxedQuery<'static, MultiBackend> {
    let query = users::table.filter(users::practice_id.eq(caller.practice())).into_boxed();
    match caller.sight() {
        Sight::Practice => query,
        Sight::Caseloads(_) | Sight::Client(_) => {
            query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("1 = 0"))
        }
    }
}

/// One login.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: UserId) -> Result<User> {
    let row = find_row(tx, id)?;
    show(tx, &row)
}

/// One page of logins.
///
/// # Errors
/// Those of the database.
pub fn list(tx: &mut Tx<'_>, filter: UserFilter, window: Window) -> Result<Vec<(Position, User)>> {
    let mut query = visible(tx.caller);
    if let Some(email) = filter.email {
        query = query.filter(users::email_lookup.eq(tx.keys.lookup(&EMAIL, &fold_email(&email))));
    }
    query = match filter.role {
        Some(Role::PracticeAdmin) => query.filter(users::practice_admin.eq(true)),
        Some(Role::Clinician) => query.filter(users::clinician_id.is_not_null()),
        Some(Role::Client) => query.filter(users::client_id.is_not_null()),
        None => query,
    };
    if let Some(clinician) = filter.clinician_id {
        query = query.filter(users::clinician_id.eq(clinician));
    }
    if let Some(client) = filter.client_id {
        query = query.filter(users::client_id.eq(client));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(users::updated_at.ge(since));
    }
    query = match filter.disabled {
        Some(true) => query.filter(users::disabled_at.is_not_null()),
        Some(false) => query.filter(users::disabled_at.is_null()),
        None => query,
    };
    let rows: Vec<Row> = windowed!(query, users, window).select(Row::as_select()).load(tx.conn)?;
    rows.iter().map(|row| show(tx, row).map(|user| (user.position(), user))).collect()
}

/// Makes a login.
///
/// # Errors
/// 409 when the address or the person has one, 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: NewUser) -> Result<User> {
    check(tx, &new)?;
    let id: UserId = tx.new_id();
    let row = Row {
        practice_id: tx.practice(),
        id,
        email: tx.keys.seal(&EMAIL, id.uuid(), &new.email)?,
        email_lookup: tx.keys.lookup(&EMAIL, &fold_email(&new.email)),
        practice_admin: new.practice_admin,
        clinician_id: new.clinician_id,
        client_id: new.client_id,
        locale: new.locale.unwrap_or_else(|| "en-US".to_owned()),
        session_version: 1,
        disabled_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(users::table).values(row).execute(tx.conn).on_duplicate(TAKEN)?;
    record(tx, &Change::of(Subject::User(id), "created"))?;
    find(tx, id)
}

/// Changes the members that a patch names.
///
/// # Errors
/// 404, 409 when the address is taken or the last administrator would go, 412, 422.
pub fn update(tx: &mut Tx<'_>, id: UserId, patch: UserPatch, if_match: &IfMatch) -> Result<User> {
    let mut row = find_row(tx, id)?;
    let current = show(tx, &row)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut email = current.email.clone();
    let mut changed = Vec::new();
    if set(&mut email, patch.email) {
        row.email = tx.keys.seal(&EMAIL, id.uuid(), &email)?;
        row.email_lookup = tx.keys.lookup(&EMAIL, &fold_email(&email));
        changed.push("email");
    }
    if set(&mut row.practice_admin, patch.practice_admin) {
        check_roles(&row)?;
        changed.push("practice_admin");
    }
    if set(&mut row.locale, patch.locale) {
        changed.push("locale");
    }
    if changed.is_empty() {
        return Ok(current);
    }
    if !row.practice_admin {
        check_another_admin(tx, id, &current)?;
    }
    save(tx, row, &Change { subject: Subject::User(id), verb: "updated", fields: &changed })
}

/// Shuts a login out, or lets it in again.
///
/// # Errors
/// 404, 409 for the last administrator.
pub fn set_disabled(tx: &mut Tx<'_>, id: UserId, disabled: bool) -> Result<User> {
    let mut row = find_row(tx, id)?;
    if row.disabled_at.is_some() == disabled {
        return show(tx, &row);
    }
    if disabled {
        let current = show(tx, &row)?;
        check_another_admin(tx, id, &current)?;
        // Tokens carry this number; those of before stay dead after the login is enabled.
        row.session_version += 1;
    }
    row.disabled_at = disabled.then_some(tx.now);
    let verb = if disabled { "disabled" } else { "enabled" };
    save(tx, row, &Change::of(Subject::User(id), verb))
}

/// For whom a token may be minted.
#[derive(Debug)]
pub struct TokenSubject {
    /// The `sub` of the token.
    pub sub: String,
    /// The `client_id` of the token.
    pub client_id: String,
    /// The revocation version that the token carries.
    pub session_version: i32,
    /// The scopes that work for them.
    pub may_hold: ScopeSet,
}

/// The `client_id` of tokens that are minted at the command line.
pub const OPERATOR_CLIENT: &str = "attune-cli";

/// Looks up a user or an application for the command that mints tokens.
///
/// # Errors
/// 404 when there is none, or it is disabled.
pub fn token_subject(
    conn: &mut Conn,
    practice: PracticeId,
    user: Option<UserId>,
    app: Option<AppId>,
) -> Result<TokenSubject> {
    if let Some(app) = app {
        let (granted, session_version): (String, i32) = apps::table
            .find((practice, app))
            .filter(apps::disabled_at.is_null())
            .select((apps::scopes, apps::session_version))
            .first(conn)
            .or_not_found()?;
        let may_hold = ScopeSet::parse(&granted);
        let sub = app.to_string();
        return Ok(TokenSubject { client_id: sub.clone(), sub, session_version, may_hold });
    }
    let user = user.ok_or_else(Error::not_found)?;
    let (admin, clinician, session_version): (bool, Option<ClinicianId>, i32) = users::table
        .find((practice, user))
        .filter(users::disabled_at.is_null())
        .select((users::practice_admin, users::clinician_id, users::session_version))
        .first(conn)
        .or_not_found()?;
    let mut may_hold = ScopeSet::default();
    if admin {
        may_hold = may_hold.union(ScopeSet::of_holder(ActorKind::Admin));
    }
    if clinician.is_some() {
        may_hold = may_hold.union(ScopeSet::of_holder(ActorKind::Clinician));
    }
    if may_hold.is_empty() {
        may_hold = ScopeSet::of_holder(ActorKind::Client);
    }
    Ok(TokenSubject {
        sub: user.to_string(),
        client_id: OPERATOR_CLIENT.to_owned(),
        session_version,
        may_hold,
    })
}

fn save(tx: &mut Tx<'_>, mut row: Row, change: &Change<'_>) -> Result<User> {
    row.version += 1;
    row.updated_at = tx.now;
    diesel::update(users::table.find((tx.practice(), row.id)))
        .set(&row)
        .execute(tx.conn)
        .on_duplicate(TAKEN)?;
    record(tx, change)?;
    show(tx, &row)
}

fn check(tx: &mut Tx<'_>, new: &NewUser) -> Result<()> {
    let mut faults = Vec::new();
    match (new.practice_admin, new.clinician_id, new.client_id) {
        (false, None, None) => faults.push(Fault::body(
            "/clinician_id",
            "required",
            "Name a clinician or a client, or set `practice_admin`.",
        )),
        (true, _, Some(_)) | (_, Some(_), Some(_)) => faults.push(Fault::body(
            "/client_id",
            "not_permitted",
            "A client's login cannot be that of a clinician or administrator.",
        )),
        _ => {}
    }
    if let Some(clinician) = new.clinician_id
        && !clinicians::store::is_active(tx, clinician)?
    {
        faults.push(Fault::unknown_id("/clinician_id"));
    }
    if let Some(client) = new.client_id
        && !clients::store::is_visible(tx, client)?
    {
        faults.push(Fault::unknown_id("/client_id"));
    }
    Error::unless_valid(faults)
}

fn check_roles(row: &Row) -> Result<()> {
    let fault = if row.practice_admin && row.client_id.is_some() {
        Fault::body(
            "/practice_admin",
            "not_permitted",
            "A client's login cannot be an administrator's.",
        )
    } else if !row.practice_admin && row.clinician_id.is_none() && row.client_id.is_none() {
        Fault::body(
            "/practice_admin",
            "not_permitted",
            "Would leave the login without a role; disable it instead.",
        )
    } else {
        return Ok(());
    };
    Err(Error::invalid(vec![fault]))
}

/// A practice without an administrator could not be mended by anybody.
fn check_another_admin(tx: &mut Tx<'_>, id: UserId, current: &User) -> Result<()> {
    if current.disabled_at.is_some() || !current.roles.contains(&Role::PracticeAdmin) {
        return Ok(());
    }
    let another: Option<UserId> = users::table
        .filter(users::practice_id.eq(tx.practice()))
        .filter(users::practice_admin.eq(true))
        .filter(users::disabled_at.is_null())
        .filter(users::id.ne(id))
        .select(users::id)
        .first(tx.conn)
        .optional()?;
    if another.is_some() {
        return Ok(());
    }
    let detail = "This is the last administrator; make another one first.";
    Err(Error::requirements_missing(vec![Fault::body("/practice_admin", "last_admin", detail)]))
}

fn find_row(tx: &mut Tx<'_>, id: UserId) -> Result<Row> {
    visible(tx.caller)
        .filter(users::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

fn show(tx: &Tx<'_>, row: &Row) -> Result<User> {
    let roles = [
        (row.practice_admin, Role::PracticeAdmin),
        (row.clinician_id.is_some(), Role::Clinician),
        (row.client_id.is_some(), Role::Client),
    ];
    Ok(User {
        id: row.id,
        email: tx.keys.open(&EMAIL, row.id.uuid(), &row.email)?,
        roles: roles.into_iter().filter(|(is, _)| *is).map(|(_, role)| role).collect(),
        clinician_id: row.clinician_id,
        client_id: row.client_id,
        locale: row.locale.clone(),
        disabled_at: row.disabled_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
