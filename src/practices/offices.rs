//! Offices and their posted hours.

use actix_web::{get, patch, post};
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::{NewOffice, Office, OfficePatch, PostedHours};
use crate::audit::{Change, Subject, record};
use crate::auth::scopes::{PracticeAdmin, PracticeRead};
use crate::auth::{Access, Tx};
use crate::db::conn::each;
use crate::db::id::{OfficeId, PracticeId};
use crate::db::schema::{offices, posted_hours};
use crate::db::{Doc, Instant, MultiBackend, WallTime};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Listing, Page, Paging, Position, Window, windowed};
use crate::http::patch::set;
use crate::http::{Answer, At, Body, Json, Routes};

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(list_offices).service(create_office).service(get_office).service(update_office);
}

/// Which offices to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfficeFilter {
    /// Only those in use, or only those that are not.
    active: Option<bool>,
    /// Changed at this instant or later.
    updated_since: Option<Instant>,
}

/// List offices
///
/// With those no longer in use, unless filtered. For staff and services.
#[utoipa::path(
    tag = "practice",
    params(OfficeFilter, Paging),
    responses((status = 200, description = "One page of offices", body = Page<Office>)),
    security(("token" = ["practice:read"])),
)]
#[get("/v1/offices")]
async fn list_offices(
    access: Access<PracticeRead>,
    listing: Listing<OfficeFilter>,
) -> Result<Json<Page<Office>>> {
    access.list(listing, list).await
}

/// Create an office
///
/// For practice administrators, and services that they allow.
#[utoipa::path(
    tag = "practice",
    request_body = NewOffice,
    responses((status = 201, description = "The new office", body = Office)),
    security(("token" = ["practice:admin"])),
)]
#[post("/v1/offices")]
async fn create_office(access: Access<PracticeAdmin>, body: Body<NewOffice>) -> Result<Answer> {
    access.create(body, create).await
}

/// Get an office
///
/// For staff and services.
#[utoipa::path(
    tag = "practice",
    responses((status = 200, description = "The office", body = Office)),
    security(("token" = ["practice:read"])),
)]
#[get("/v1/offices/{office_id}")]
async fn get_office(access: Access<PracticeRead>, At(id): At<OfficeId>) -> Result<Json<Office>> {
    access.read(move |tx| find(tx, id)).await
}

/// Update an office
///
/// Changes the members that the patch names; `posted_hours` is replaced as a whole. For
/// practice administrators, and services that they allow.
#[utoipa::path(
    tag = "practice",
    request_body(content = OfficePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The office as it is now", body = Office)),
    security(("token" = ["practice:admin"])),
)]
#[patch("/v1/offices/{office_id}")]
async fn update_office(
    access: Access<PracticeAdmin>,
    At(id): At<OfficeId>,
    body: Body<OfficePatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| update(tx, id, patch, if_match)).await
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = offices, primary_key(practice_id, id), treat_none_as_null = true)]
struct Row {
    practice_id: PracticeId,
    id: OfficeId,
    name: String,
    line1: String,
    line2: Option<String>,
    city: String,
    region: String,
    postal_code: String,
    country: String,
    nearby: Doc<Vec<String>>,
    active: bool,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = posted_hours, treat_none_as_default_value = false)]
struct HoursRow {
    practice_id: PracticeId,
    office_id: OfficeId,
    weekday: i32,
    opens: WallTime,
    closes: WallTime,
    note: Option<String>,
}

/// Offices that a practice may have in use at a time; `Practice.offices` is bounded by it.
const MOST_IN_USE: i64 = 50;

/// Every office of the caller's practice: whoever may read the practice sees them all.
fn visible(practice: PracticeId) -> offices::BoxedQuery<'static, MultiBackend> {
    offices::table.filter(offices::practice_id.eq(practice)).into_boxed()
}

/// One office.
///
/// # Errors
/// 404 when the practice has none of this id.
pub(super) fn find(tx: &mut Tx<'_>, id: OfficeId) -> Result<Office> {
    let row = find_row(tx, id)?;
    let hours = hours_of(tx, &[id])?;
    Ok(show(row, &hours))
}

/// The offices in use, oldest first.
///
/// # Errors
/// Those of the database.
pub(super) fn active(tx: &mut Tx<'_>) -> Result<Vec<Office>> {
    let query = visible(tx.practice()).filter(offices::active.eq(true)).order(offices::id);
    let rows = query.select(Row::as_select()).load(tx.conn)?;
    show_all(tx, rows)
}

fn list(tx: &mut Tx<'_>, filter: OfficeFilter, window: Window) -> Result<Vec<(Position, Office)>> {
    let mut query = visible(tx.practice());
    if let Some(active) = filter.active {
        query = query.filter(offices::active.eq(active));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(offices::updated_at.ge(since));
    }
    let rows = windowed!(query, offices, window).select(Row::as_select()).load(tx.conn)?;
    let offices = show_all(tx, rows)?;
    Ok(offices.into_iter().map(|office| (office.position(), office)).collect())
}

/// Makes an office.
///
/// # Errors
/// 422 for hours that overlap or end before they begin, and when the practice has as many
/// offices in use as it may.
pub fn create(tx: &mut Tx<'_>, new: NewOffice) -> Result<Office> {
    let id = tx.new_id();
    let hours = new.posted_hours.unwrap_or_default();
    let mut faults = check(&hours);
    faults.extend(one_too_many(tx, "")?);
    Error::unless_valid(faults)?;
    let row = Row {
        practice_id: tx.practice(),
        id,
        name: new.name,
        line1: new.line1,
        line2: new.line2,
        city: new.city,
        region: new.region,
        postal_code: new.postal_code,
        country: new.country.unwrap_or_else(|| "US".to_owned()),
        nearby: Doc(new.nearby.unwrap_or_default()),
        active: true,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(offices::table).values(row).execute(tx.conn)?;
    replace_hours(tx, id, hours)?;
    record(tx, &Change::of(Subject::Office(id), "created"))?;
    find(tx, id)
}

fn update(tx: &mut Tx<'_>, id: OfficeId, patch: OfficePatch, if_match: &IfMatch) -> Result<Office> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    let hours = patch.posted_hours.clone().filter(|hours| *hours != current.posted_hours);
    let mut faults = hours.as_deref().map(check).unwrap_or_default();
    if !row.active && patch.active == Some(true) {
        faults.extend(one_too_many(tx, "/active")?);
    }
    Error::unless_valid(faults)?;
    let mut changed = apply(&mut row, patch);
    if let Some(hours) = hours {
        replace_hours(tx, id, hours)?;
        changed.push("posted_hours");
    }
    if changed.is_empty() {
        return Ok(current);
    }
    row.version += 1;
    row.updated_at = tx.now;
    diesel::update(offices::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    record(tx, &Change { subject: Subject::Office(id), verb: "updated", fields: &changed })?;
    find(tx, id)
}

fn apply(row: &mut Row, patch: OfficePatch) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let mut note = |name, is_another| {
        if is_another {
            changed.push(name);
        }
    };
    note("name", set(&mut row.name, patch.name));
    note("line1", set(&mut row.line1, patch.line1));
    note("line2", patch.line2.apply(&mut row.line2));
    note("city", set(&mut row.city, patch.city));
    note("region", set(&mut row.region, patch.region));
    note("postal_code", set(&mut row.postal_code, patch.postal_code));
    note("country", set(&mut row.country, patch.country));
    note("nearby", set(&mut row.nearby.0, patch.nearby));
    note("active", set(&mut row.active, patch.active));
    changed
}

/// Opens before it closes, and no two entries of a weekday overlap.
fn check(hours: &[PostedHours]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, entry) in hours.iter().enumerate() {
        if entry.opens >= entry.closes {
            let detail = "Must be later than `opens`.";
            faults.push(Fault::body(
                format!("/posted_hours/{index}/closes"),
                "out_of_range",
                detail,
            ));
        }
        let earlier = hours.iter().take(index);
        if earlier.into_iter().any(|other| {
            other.weekday == entry.weekday
                && other.opens < entry.closes
                && entry.opens < other.closes
        }) {
            let detail = "Overlaps an earlier entry of the same weekday.";
            faults.push(Fault::body(format!("/posted_hours/{index}"), "overlap", detail));
        }
    }
    faults
}

fn one_too_many(tx: &mut Tx<'_>, at: &'static str) -> Result<Option<Fault>> {
    let in_use: i64 =
        visible(tx.practice()).filter(offices::active.eq(true)).count().get_result(tx.conn)?;
    let detail = format!("At most {MOST_IN_USE} offices may be in use; take one out of use first.");
    Ok((in_use >= MOST_IN_USE).then(|| Fault::body(at, "too_many", detail)))
}

fn replace_hours(tx: &mut Tx<'_>, office: OfficeId, hours: Vec<PostedHours>) -> Result<()> {
    let practice_id = tx.practice();
    diesel::delete(
        posted_hours::table
            .filter(posted_hours::practice_id.eq(practice_id))
            .filter(posted_hours::office_id.eq(office)),
    )
    .execute(tx.conn)?;
    let rows: Vec<HoursRow> = hours
        .into_iter()
        .map(|PostedHours { weekday, opens, closes, note }| HoursRow {
            practice_id,
            office_id: office,
            weekday,
            opens,
            closes,
            note,
        })
        .collect();
    if !rows.is_empty() {
        each!(tx.conn, conn => diesel::insert_into(posted_hours::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

fn find_row(tx: &mut Tx<'_>, id: OfficeId) -> Result<Row> {
    visible(tx.practice())
        .filter(offices::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

fn hours_of(tx: &mut Tx<'_>, offices: &[OfficeId]) -> Result<Vec<HoursRow>> {
    Ok(posted_hours::table
        .filter(posted_hours::practice_id.eq(tx.practice()))
        .filter(posted_hours::office_id.eq_any(offices))
        .order((posted_hours::office_id, posted_hours::weekday, posted_hours::opens))
        .select(HoursRow::as_select())
        .load(tx.conn)?)
}

fn show_all(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Office>> {
    let ids: Vec<OfficeId> = rows.iter().map(|row| row.id).collect();
    let hours = hours_of(tx, &ids)?;
    Ok(rows.into_iter().map(|row| show(row, &hours)).collect())
}

fn show(row: Row, hours: &[HoursRow]) -> Office {
    let own = hours.iter().filter(|hours| hours.office_id == row.id);
    Office {
        id: row.id,
        name: row.name,
        line1: row.line1,
        line2: row.line2,
        city: row.city,
        region: row.region,
        postal_code: row.postal_code,
        country: row.country,
        nearby: row.nearby.0,
        active: row.active,
        posted_hours: own
            .map(|hours| PostedHours {
                weekday: hours.weekday,
                opens: hours.opens,
                closes: hours.closes,
                note: hours.note.clone(),
            })
            .collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
