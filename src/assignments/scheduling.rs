//! When an assignment is to be done: what is set when it is assigned, and what happens when that changes.

use diesel::prelude::*;

use super::model::{AssignmentStatus, NewAssignment};
use super::store::{Row, ScheduleBefore};
use crate::activities::definition::Definition;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::id::{ClientId, CoupleId};
use crate::db::schema::{assignments, occurrences};
use crate::db::{Date, Doc, Instant, WallTime};
use crate::error::{Error, Fault, Result};
use crate::occurrences::making;
use crate::occurrences::plan::Plan;
use crate::practices::store::zone;
use crate::schedules::{Due, LATEST_DAY_START, Rhythm, Schedule, Timeline, change_from};

/// What was decided of when something is to be done.
#[derive(Debug)]
pub(super) struct When {
    pub(super) schedule: Schedule,
    pub(super) due_at: Option<Instant>,
}

/// When something is to be done that is assigned: as it was said, or as the exercise has it.
///
/// # Errors
/// 422 with every fault of the schedule.
pub(super) fn of_new(
    new: &NewAssignment,
    definition: &Definition,
    starts_on: Date,
    timezone: &str,
    day_starts_at: WallTime,
) -> Result<When> {
    let once = Schedule { rhythm: Rhythm::Once { due: None }, window_minutes: None, ends_on: None };
    let mut schedule = match (&new.schedule, new.due_at) {
        (Some(_), Some(_)) => {
            let detail = "Give either `schedule` or `due_at`.";
            return Err(Error::invalid(vec![Fault::body("/due_at", "mismatch", detail)]));
        }
        (None, Some(due_at)) => return Ok(When { schedule: once, due_at: Some(due_at) }),
        (Some(schedule), None) => schedule.clone(),
        (None, None) => {
            let timing = definition.timing.as_ref();
            Schedule::of_timing(timing, starts_on, definition.capture).map_err(|_| {
                let detail =
                    "The exercise names no days or times of its own; say when it is to be done.";
                Error::invalid(vec![Fault::body("/schedule", "required", detail)])
            })?
        }
    };
    if let Rhythm::Events { day_starts_at: unset @ None, .. } = &mut schedule.rhythm {
        let begins = day_starts_at.min(LATEST_DAY_START);
        *unset = Some(begins).filter(|time| *time != WallTime::default());
    }
    let mut faults = schedule.faults("/schedule", starts_on);
    faults.extend(unlike(
        &schedule,
        definition.capture == crate::activities::definition::Capture::Event,
    ));
    faults.extend(aims_twice(&schedule, definition));
    Error::unless_valid(faults)?;
    let due_at = due_of(&schedule, timezone)?;
    Ok(When { schedule, due_at })
}

/// Events have moments, and everything else has times.
pub(super) fn unlike(schedule: &Schedule, takes_events: bool) -> Option<Fault> {
    let events = matches!(schedule.rhythm, Rhythm::Events { .. });
    let detail = if takes_events {
        "This exercise takes events: `events` is its only kind."
    } else {
        "This exercise takes no events."
    };
    (events != takes_events).then(|| Fault::body("/schedule/rhythm/kind", "mismatch", detail))
}

/// So many times a week on any day is a plan by itself, which no target lowers.
fn aims_twice(schedule: &Schedule, definition: &Definition) -> Option<Fault> {
    let quota = matches!(schedule.rhythm, Rhythm::Quota { .. });
    let aims_at_fewer = definition.adherence.target.is_some_and(|target| target < 7);
    let detail = "A quota says in `times` how many are aimed at; leave out the weekly target.";
    (quota && aims_at_fewer).then(|| Fault::body("/schedule/rhythm/kind", "mismatch", detail))
}

/// When something is due that is done once.
pub(super) fn due_of(schedule: &Schedule, timezone: &str) -> Result<Option<Instant>> {
    let Rhythm::Once { due: Some(Due { on, .. }) } = schedule.rhythm else { return Ok(None) };
    let timeline = Timeline::new(schedule.clone(), zone(timezone)?, on);
    Ok(timeline.slots(on, on.plus_days(1)).next().and_then(|slot| slot.due_at))
}

/// Another date of what is done once is in its schedule too, where that names one: with two, a move to another zone
/// would bring the old one back.
pub(super) fn follow_date(row: &mut Row) -> Result<Option<Fault>> {
    let Rhythm::Once { due: Some(due) } = row.schedule.0.rhythm else { return Ok(None) };
    let zone = zone(&row.timezone)?;
    let due = row.due_at.map(|at| {
        let time = Some(at.wall_time_in(&zone));
        Due { on: at.date_in(&zone), time, ..due }
    });
    let schedule = Schedule { rhythm: Rhythm::Once { due }, ..row.schedule.0.clone() };
    let is_shown = due_of(&schedule, &row.timezone)? == row.due_at;
    row.schedule = Doc(schedule);
    let detail = "Must be a whole minute that the clock at their place shows once.";
    Ok((!is_shown).then(|| Fault::body("/due_at", "out_of_range", detail)))
}

/// Puts another schedule or zone in place of the present one, from the next day on which nothing has begun
/// (`domain` 2.9, rule 5). The row is not saved; its occurrences are made anew.
pub(super) fn change(
    tx: &mut Tx<'_>,
    row: &mut Row,
    schedule: Schedule,
    timezone: String,
) -> Result<()> {
    let old = Plan::of(row)?;
    let due_at = match schedule.rhythm {
        Rhythm::Once { due: Some(_) } => due_of(&schedule, &timezone)?,
        Rhythm::Once { due: None } => row.due_at,
        _ => None,
    };
    let mut new = Row { schedule: Doc(schedule), timezone, due_at, ..row.clone() };
    new.holds_from = None;
    let from = change_from(old.timeline(), Plan::of(&new)?.timeline(), tx.now);
    let keeps = old.is_once() && matches!(new.schedule.0.rhythm, Rhythm::Once { .. });
    if keeps {
        // Its day is its name.
        new.holds_from = row.holds_from;
    }
    if let Some(from) = from.filter(|_| !keeps) {
        new.holds_from = Some(from);
        new.schedule_before = Some(Doc(before(row, old.timeline().today(tx.now))));
        new.made_until = Some(from);
        making::unmake(tx, row.id, from)?;
    }
    making::make(tx, &new)?;
    move_once(tx, &new)?;
    // Making has written these; whoever saves the row keeps them.
    (new.made_until, new.work_at) = assignments::table
        .find((tx.practice(), row.id))
        .select((assignments::made_until, assignments::work_at))
        .first(tx.conn)?;
    *row = new;
    Ok(())
}

/// What is done once is due and closes by its new date, whoever has begun it already. What came again before is past,
/// under names of its own, and is not touched.
pub(super) fn move_once(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    let Some(slot) = Plan::of(row)?.once() else { return Ok(()) };
    diesel::update(
        occurrences::table
            .filter(occurrences::practice_id.eq(tx.practice()))
            .filter(occurrences::assignment_id.eq(row.id))
            .filter(occurrences::local_date.eq(slot.local_date))
            .filter(occurrences::slot_no.eq(slot.slot_no))
            .filter(occurrences::planned.eq(true)),
    )
    .set((
        occurrences::due_at.eq(slot.due_at),
        occurrences::closes_at.eq(slot.closes_at),
        occurrences::updated_at.eq(tx.now),
    ))
    .execute(tx.conn)?;
    Ok(())
}

/// What holds until a change that is made today takes effect. An earlier change that has not taken effect yet is left
/// out: none of its days will ever come.
fn before(row: &Row, today: Date) -> ScheduleBefore {
    let holds = row.holds_from.is_none_or(|from| from <= today);
    match &row.schedule_before {
        Some(Doc(before)) if !holds => before.clone(),
        _ => ScheduleBefore {
            schedule: row.schedule.0.clone(),
            timezone: row.timezone.clone(),
            holds_from: row.holds_from,
        },
    }
}

/// Whose zone has changed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mover {
    /// A couple, with everything that they do together.
    Couple(CoupleId),
    /// A client, with what is theirs alone.
    Client(ClientId),
}

/// Lets everything open of a couple or a client move to another zone with them.
///
/// # Errors
/// Those of the database.
pub(crate) fn move_zone(tx: &mut Tx<'_>, who: Mover, timezone: &str) -> Result<()> {
    let query = assignments::table
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::status.eq_any(AssignmentStatus::OPEN))
        .into_boxed();
    let query = match who {
        Mover::Couple(couple) => query.filter(assignments::couple_id.eq(couple)),
        Mover::Client(client) => query.filter(assignments::client_id.eq(client)),
    };
    let rows: Vec<Row> = query.order(assignments::id).select(Row::as_select()).load(tx.conn)?;
    for mut row in rows {
        let (id, schedule, due_at) = (row.id, row.schedule.0.clone(), row.due_at);
        change(tx, &mut row, schedule, timezone.to_owned())?;
        row.version += 1;
        row.updated_at = tx.now;
        diesel::update(assignments::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
        let fields = if row.due_at == due_at { &["timezone"][..] } else { &["timezone", "due_at"] };
        record(tx, &Change { subject: Subject::Assignment(id), verb: "updated", fields })?;
    }
    Ok(())
}
