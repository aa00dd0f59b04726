//! Notes: a couple with five years of them, and drafts that wait to be signed.

use attune::auth::{Acting, Gate};
use attune::clock::Clock;
use attune::db::conn::transaction;
use attune::db::id::{
    ClinicianId, CoupleId, IdSource, PracticeId, SessionNoteId, TreatmentId, UserId,
};
use attune::db::schema::{care_team_members, session_notes as notes, treatments};
use attune::db::{Conn, Instant};
use attune::demo::{self, Cast};
use attune::session_notes;
use attune::session_notes::transitions::sign;
use diesel::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::Outcome;

/// One for every week of five years.
const WEEKS: i64 = 260;
const WEEK_SECONDS: i64 = 7 * 86_400;
/// Drafts of one transaction while seeding.
const BATCH: u64 = 500;
/// The text of a note, in bytes; sealed and with its frame it is some four thousand.
const TEXT_BYTES: usize = 4_000;

/// Who writes, of whom, and what is there to be read and signed.
#[derive(Debug)]
pub struct Written {
    /// The clinician's login.
    pub clinician: UserId,
    /// The couple with the years.
    pub couple: CoupleId,
    /// Its notes, signed.
    pub signed: Vec<SessionNoteId>,
    /// Drafts of other couples.
    pub drafts: Vec<SessionNoteId>,
}

/// Writes the years of one couple, and as many drafts as wanted for the others.
pub fn seed(conn: &mut Conn, gate: &Gate, drafts: u64) -> Outcome<()> {
    let cast = demo::cast(conn, gate)?;
    let (practice, clinician) = clinician(&cast)?;
    let years: TreatmentId = story(&cast, "treatment")?;
    let own: ClinicianId = story(&cast, "clinician")?;
    let others: Vec<TreatmentId> = treatments::table
        .inner_join(
            care_team_members::table.on(care_team_members::practice_id
                .eq(treatments::practice_id)
                .and(care_team_members::treatment_id.eq(treatments::id))),
        )
        .filter(treatments::practice_id.eq(practice))
        .filter(treatments::couple_id.is_not_null())
        .filter(treatments::id.ne(years))
        .filter(care_team_members::clinician_id.eq(own))
        .select(treatments::id)
        .load(conn)?;
    let now = Clock::System.now();
    let acting = Acting::User(practice, clinician);
    transaction(conn, |conn| {
        (0..WEEKS).try_for_each(|week| {
            let at = now.plus_seconds(-WEEK_SECONDS * (WEEKS - 1 - week) - 86_400);
            write(conn, gate, acting, at, &[years], true)
        })
    })?;
    let bar = ProgressBar::new(drafts);
    bar.set_style(ProgressStyle::with_template(
        "seeding {bar:40} {pos}/{len} drafts, {per_sec}, {eta} left",
    )?);
    let mut made = 0;
    while made < drafts {
        let batch = BATCH.min(drafts - made);
        let of: Vec<TreatmentId> = (made..made + batch)
            .map(|number| {
                let index = usize::try_from(number)?.checked_rem(others.len());
                let one = index.and_then(|index| others.get(index));
                Ok(*one.ok_or("no couples but the story's")?)
            })
            .collect::<Outcome<_>>()?;
        transaction(conn, |conn| write(conn, gate, acting, now, &of, false))?;
        made += batch;
        bar.inc(batch);
    }
    bar.finish_and_clear();
    Ok(())
}

/// A note of each of these treatments, by the units of work that serve requests.
fn write(
    conn: &mut Conn,
    gate: &Gate,
    acting: Acting,
    at: Instant,
    of: &[TreatmentId],
    signs: bool,
) -> attune::error::Result<()> {
    let text = "They spoke of the week and of what each had tried. ".repeat(TEXT_BYTES / 51);
    gate.operate(conn, acting, &IdSource::Random, at, |tx| {
        of.iter().try_for_each(|treatment| {
            let new = json!({ "treatment_id": treatment, "format": "free", "risk_reviewed": true,
                "sections": [{ "name": "text", "text": text }] });
            let new = serde_json::from_value(new)
                .map_err(|_| attune::error::Error::internal("a made-up note does not fit"))?;
            let note = session_notes::create(tx, new)?.id;
            if signs {
                let typed_name = "Morgan Sample".to_owned();
                sign(tx, note, session_notes::model::SignNote { typed_name })?;
            }
            Ok(())
        })
    })
}

/// Finds what was written in a seeded database.
pub fn written(conn: &mut Conn, gate: &Gate) -> Outcome<Written> {
    let cast = demo::cast(conn, gate)?;
    let (practice, clinician) = clinician(&cast)?;
    let couple: CoupleId = story(&cast, "couple")?;
    let signed = notes::table
        .filter(notes::practice_id.eq(practice))
        .filter(notes::couple_id.eq(couple))
        .filter(notes::status.eq("signed"))
        .order(notes::created_at)
        .select(notes::id)
        .load(conn)?;
    let drafts = notes::table
        .filter(notes::practice_id.eq(practice))
        .filter(notes::couple_id.ne(couple))
        .filter(notes::status.eq("draft"))
        .order(notes::created_at)
        .select(notes::id)
        .load(conn)?;
    Ok(Written { clinician, couple, signed, drafts })
}

/// The login of the story's clinician, and their practice.
fn clinician(cast: &Cast) -> Outcome<(PracticeId, UserId)> {
    let login = cast.logins.iter().find(|login| login.name == "clinician");
    let login = login.ok_or("the demo has no clinician")?;
    Ok((login.practice, login.user.ok_or("the clinician is no user")?))
}

fn story<T: std::str::FromStr>(cast: &Cast, name: &str) -> Outcome<T> {
    let id = cast.ids.get(name).ok_or("the demo has no such id")?;
    id.parse().map_err(|_| "an id of another kind".into())
}
