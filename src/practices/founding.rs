//! How a practice comes to be: its keys, its row and its first administrator, by a command
//! of whoever runs the service. No request can do this.

use diesel::prelude::*;

use super::model::PracticeSettings;
use super::store::Row;
use crate::audit::{Change, Subject, record};
use crate::auth::{Acting, Gate};
use crate::db::id::{IdSource, PracticeId, UserId};
use crate::db::schema::practices;
use crate::db::{Conn, Doc, Instant};
use crate::error::{DbResultExt, Result};
use crate::users::model::NewUser;
use crate::{activities, users};

/// A practice to be.
#[derive(Debug)]
pub struct Founding {
    /// Its id.
    pub practice_id: PracticeId,
    /// The name it goes by, 1 to 120 characters.
    pub name: String,
    /// IANA zone.
    pub timezone: String,
    /// Address of the first administrator's login.
    pub admin_email: String,
}

/// A practice that now is.
#[derive(Debug)]
pub struct Founded {
    /// Its id.
    pub practice_id: PracticeId,
    /// The login of its first administrator.
    pub admin_id: UserId,
}

impl Founding {
    /// Checks what was typed.
    ///
    /// # Errors
    /// A sentence that says what to mend.
    pub fn check(&self) -> std::result::Result<(), String> {
        if !(1..=120).contains(&self.name.trim().chars().count()) {
            return Err("--name takes 1 to 120 characters".to_owned());
        }
        if jiff::tz::TimeZone::get(&self.timezone).is_err() {
            return Err(
                "--timezone takes a zone of the IANA database, as America/Los_Angeles".to_owned()
            );
        }
        let parts = self.admin_email.split_once('@');
        if !parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()) {
            return Err("--admin-email takes an e-mail address".to_owned());
        }
        Ok(())
    }
}

/// Makes a practice. Runs inside the caller's transaction.
///
/// # Errors
/// Those of the database.
pub fn found(
    conn: &mut Conn,
    gate: &Gate,
    ids: &IdSource,
    now: Instant,
    founding: Founding,
) -> Result<Founded> {
    let practice_id = founding.practice_id;
    gate.keyring().create(conn, practice_id, ids, now)?;
    let row = Row {
        practice_id,
        name: founding.name.trim().to_owned(),
        legal_name: None,
        timezone: founding.timezone,
        phone: None,
        email: None,
        website: None,
        out_of_network: false,
        insurance_text: None,
        sliding_scale_text: None,
        structures_text: None,
        settings: Doc(PracticeSettings::default()),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(practices::table).values(row).execute(conn)?;
    let admin = NewUser {
        email: founding.admin_email,
        practice_admin: true,
        clinician_id: None,
        client_id: None,
        locale: None,
    };
    gate.operate(conn, Acting::Operator(practice_id), ids, now, |tx| {
        record(tx, &Change::of(Subject::Practice(practice_id), "created"))?;
        let admin = users::store::create(tx, admin)?;
        activities::store::install_built_in(tx)?;
        Ok(Founded { practice_id, admin_id: admin.id })
    })
}

/// The practice that was made first.
///
/// # Errors
/// 404 when there is none.
pub fn oldest(conn: &mut Conn) -> Result<PracticeId> {
    practices::table
        .select(practices::practice_id)
        .order(practices::practice_id)
        .first(conn)
        .or_not_found()
}

/// Every practice of the installation, oldest first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut Conn) -> Result<Vec<PracticeId>> {
    Ok(practices::table.select(practices::practice_id).order(practices::practice_id).load(conn)?)
}
