//! Notes: a couple with five years of them, and drafts that wait to be signed.

use attune::auth::{Acting, Gate};
use attune::clock::Clock;
use attune::db::conn::transaction;
use attune::db::id::{CoupleId, IdSource, SessionNoteId, TreatmentId};
use attune::db::schema::session_notes as notes;
use attune::db::{Conn, Instant};
use attune::session_notes;
use attune::session_notes::transitions::sign;
use diesel::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::Outcome;
use crate::people::People;

/// One for every week of five years.
const WEEKS: i64 = 260;
const WEEK_SECONDS: i64 = 7 * 86_400;
/// Drafts of one transaction while seeding.
const BATCH: u64 = 500;
/// The text of a note, in bytes; sealed and with its frame it is some four thousand.
const TEXT_BYTES: usize = 4_000;

/// Of whom, and what is there to be read and signed.
#[derive(Debug)]
pub struct Written {
    /// The couple with the years.
    pub couple: CoupleId,
    /// Its notes, signed.
    pub signed: Vec<SessionNoteId>,
    /// Drafts of other couples.
    pub drafts: Vec<SessionNoteId>,
}

/// Writes the years of one couple, and as many drafts as wanted for the others of the same clinician.
pub fn seed(conn: &mut Conn, gate: &Gate, people: &People, drafts: u64) -> Outcome<()> {
    let (years, others) = people.treatments.split_first().ok_or("nobody is treated")?;
    let now = Clock::System.now();
    let acting = Acting::User(people.practice, people.clinician);
    transaction(conn, |conn| {
        (0..WEEKS).try_for_each(|week| {
            let at = now.plus_seconds(-WEEK_SECONDS * (WEEKS - 1 - week) - 86_400);
            write(conn, gate, acting, at, &[*years], true)
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
                Ok(*one.ok_or("no couples but that of the years")?)
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

/// Finds what was written in a filled database. Of the couple's notes those of years alone are of no session.
pub fn written(conn: &mut Conn, people: &People) -> Outcome<Written> {
    let couple = *people.caseload.first().ok_or("nobody is treated")?;
    let signed = notes::table
        .filter(notes::practice_id.eq(people.practice))
        .filter(notes::couple_id.eq(couple))
        .filter(notes::session_id.is_null())
        .filter(notes::status.eq("signed"))
        .order(notes::created_at)
        .select(notes::id)
        .load(conn)?;
    let drafts = notes::table
        .filter(notes::practice_id.eq(people.practice))
        .filter(notes::couple_id.ne(couple))
        .filter(notes::status.eq("draft"))
        .order(notes::created_at)
        .select(notes::id)
        .load(conn)?;
    Ok(Written { couple, signed, drafts })
}
