//! Where a programme departs from what it would have been: what, by whom, when, and why.

use diesel::prelude::*;

use super::model::ProgramDeviation;
use super::store::Row;
use super::words::DeviationKind;
use crate::alerts::caseload;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{ClinicianId, PracticeId, ProgramDeviationId, ProgramId};
use crate::db::schema::program_deviations as deviations;
use crate::error::{Error, Fault, Result};
use crate::seal::{Column, Compartment, Sealed};

/// A clinician's reasons are the clinicians'.
const REASON: Column =
    Column { table: "program_deviations", name: "reason", compartment: Compartment::Clinical };

/// As many as an answer holds; `Program.deviations` is bounded by it.
const MOST: i64 = 500;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = deviations, treat_none_as_default_value = false)]
struct DeviationRow {
    practice_id: PracticeId,
    id: ProgramDeviationId,
    program_id: ProgramId,
    /// In the order of the programme: ids of one moment have none.
    number: i32,
    kind: DeviationKind,
    about: Option<String>,
    reason: Option<Sealed<String>>,
    made_by: ClinicianId,
    made_at: Instant,
}

/// A deviation to be written down.
#[derive(Debug, Clone)]
pub(super) struct Deviation {
    pub(super) kind: DeviationKind,
    /// The name of the precondition, phase or action that it is about.
    pub(super) about: Option<String>,
}

impl Deviation {
    pub(super) fn of(kind: DeviationKind, about: impl Into<String>) -> Self {
        Self { kind, about: Some(about.into()) }
    }
}

/// Writes deviations down, all with the same reason.
///
/// # Errors
/// 422 when a programme would have more than an answer holds.
pub(super) fn record(
    tx: &mut Tx<'_>,
    program: ProgramId,
    made_by: ClinicianId,
    all: Vec<Deviation>,
    reason: Option<&String>,
) -> Result<()> {
    let before: i64 = deviations::table
        .filter(deviations::practice_id.eq(tx.practice()))
        .filter(deviations::program_id.eq(program))
        .count()
        .get_result(tx.conn)?;
    if before + i64::try_from(all.len()).unwrap_or(MOST) > MOST {
        let detail = format!("A programme departs from its plan {MOST} times at most.");
        return Err(Error::invalid(vec![Fault::body("", "too_many", detail)]));
    }
    let first = i32::try_from(before).unwrap_or_default() + 1;
    for (number, one) in (first..).zip(all) {
        let id: ProgramDeviationId = tx.new_id();
        // What waits for a feature is nobody's decision and has no reason of its own.
        let reason = reason.filter(|_| one.kind != DeviationKind::Awaits);
        let row = DeviationRow {
            practice_id: tx.practice(),
            id,
            program_id: program,
            number,
            kind: one.kind,
            about: one.about,
            reason: tx.keys.seal_opt(&REASON, id.uuid(), reason)?,
            made_by,
            made_at: tx.now,
        };
        diesel::insert_into(deviations::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// The deviations of a programme, oldest first; the reasons for who treats.
pub(super) fn of(tx: &mut Tx<'_>, program: &Row) -> Result<Vec<ProgramDeviation>> {
    let treats = caseload::has(tx, program.couple_id, program.client_id)?;
    let rows: Vec<DeviationRow> = deviations::table
        .filter(deviations::practice_id.eq(tx.practice()))
        .filter(deviations::program_id.eq(program.id))
        .order(deviations::number)
        .select(DeviationRow::as_select())
        .load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            let reason = row.reason.as_ref().filter(|_| treats);
            Ok(ProgramDeviation {
                reason: tx.keys.open_opt(&REASON, row.id.uuid(), reason)?,
                id: row.id,
                kind: row.kind,
                about: row.about,
                made_by: row.made_by,
                made_at: row.made_at,
            })
        })
        .collect()
}
