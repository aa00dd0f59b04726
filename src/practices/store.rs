//! Queries on the caller's own practice.

use diesel::prelude::*;

use super::model::{Practice, PracticePatch, PracticeSettings};
use super::offices;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::id::PracticeId;
use crate::db::schema::practices;
use crate::db::{Doc, Instant};
use crate::error::{Error, Result};
use crate::http::etag::IfMatch;
use crate::http::patch::set;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = practices, primary_key(practice_id), treat_none_as_null = true)]
pub(crate) struct Row {
    pub(crate) practice_id: PracticeId,
    pub(crate) name: String,
    pub(crate) legal_name: Option<String>,
    pub(crate) timezone: String,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) website: Option<String>,
    pub(crate) out_of_network: bool,
    pub(crate) insurance_text: Option<String>,
    pub(crate) sliding_scale_text: Option<String>,
    pub(crate) structures_text: Option<String>,
    pub(crate) settings: Doc<PracticeSettings>,
    pub(crate) version: i32,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

/// The caller's practice.
///
/// # Errors
/// Those of the database.
pub fn find(tx: &mut Tx<'_>) -> Result<Practice> {
    let row = row(tx)?;
    show(tx, row)
}

/// The settings of the caller's practice.
///
/// # Errors
/// Those of the database.
pub fn settings(tx: &mut Tx<'_>) -> Result<PracticeSettings> {
    let settings: Doc<PracticeSettings> =
        practices::table.find(tx.practice()).select(practices::settings).first(tx.conn)?;
    Ok(settings.0)
}

/// The name of the practice's zone.
///
/// # Errors
/// Those of the database.
pub fn timezone(tx: &mut Tx<'_>) -> Result<String> {
    Ok(practices::table.find(tx.practice()).select(practices::timezone).first(tx.conn)?)
}

/// The settings and the day on the practice's wall, by one statement.
///
/// # Errors
/// Those of the database.
pub fn settings_and_today(tx: &mut Tx<'_>) -> Result<(PracticeSettings, crate::db::Date)> {
    let (settings, name): (Doc<PracticeSettings>, String) = practices::table
        .find(tx.practice())
        .select((practices::settings, practices::timezone))
        .first(tx.conn)?;
    Ok((settings.0, tx.now.date_in(&zone(&name)?)))
}

/// Today on the practice's wall.
///
/// # Errors
/// Those of the database.
pub fn today(tx: &mut Tx<'_>) -> Result<crate::db::Date> {
    let name = timezone(tx)?;
    Ok(tx.now.date_in(&zone(&name)?))
}

/// A zone by the name that was checked when it was stored.
///
/// # Errors
/// A fault of the service when the name is not of the zone database.
pub fn zone(name: &str) -> Result<jiff::tz::TimeZone> {
    jiff::tz::TimeZone::get(name).map_err(|_| Error::internal("a stored zone is unknown"))
}

/// Changes the members that a patch names.
///
/// # Errors
/// 412, 422.
pub fn update(tx: &mut Tx<'_>, patch: PracticePatch, if_match: &IfMatch) -> Result<Practice> {
    let mut row = row(tx)?;
    let current = find(tx)?;
    if_match.check(&tx.tag(&current)?)?;
    let changed = apply(&mut row, patch);
    if changed.is_empty() {
        return Ok(current);
    }
    row.version += 1;
    row.updated_at = tx.now;
    diesel::update(practices::table.find(tx.practice())).set(&row).execute(tx.conn)?;
    let subject = Subject::Practice(tx.practice());
    record(tx, &Change { subject, verb: "updated", fields: &changed })?;
    show(tx, row)
}

fn row(tx: &mut Tx<'_>) -> Result<Row> {
    Ok(practices::table.find(tx.practice()).select(Row::as_select()).first(tx.conn)?)
}

fn apply(row: &mut Row, patch: PracticePatch) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let mut note = |name, is_another| {
        if is_another {
            changed.push(name);
        }
    };
    note("name", set(&mut row.name, patch.name));
    note("legal_name", patch.legal_name.apply(&mut row.legal_name));
    note("timezone", set(&mut row.timezone, patch.timezone));
    note("phone", patch.phone.apply(&mut row.phone));
    note("email", patch.email.apply(&mut row.email));
    note("website", patch.website.apply(&mut row.website));
    note("out_of_network", set(&mut row.out_of_network, patch.out_of_network));
    note("insurance_text", patch.insurance_text.apply(&mut row.insurance_text));
    note("sliding_scale_text", patch.sliding_scale_text.apply(&mut row.sliding_scale_text));
    note("structures_text", patch.structures_text.apply(&mut row.structures_text));
    note("settings", patch.settings.is_some_and(|patch| row.settings.0.apply(patch)));
    changed
}

fn show(tx: &mut Tx<'_>, row: Row) -> Result<Practice> {
    Ok(Practice {
        id: row.practice_id,
        name: row.name,
        legal_name: row.legal_name,
        timezone: row.timezone,
        phone: row.phone,
        email: row.email,
        website: row.website,
        out_of_network: row.out_of_network,
        insurance_text: row.insurance_text,
        sliding_scale_text: row.sliding_scale_text,
        structures_text: row.structures_text,
        offices: offices::active(tx)?,
        settings: row.settings.0,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
