//! What is measured of the record: a note that is read, one that is signed, and the list of a couple's notes.

use std::cell::Cell;
use std::rc::Rc;

use attune::clock::Clock;

use crate::Outcome;
use crate::people::People;
use crate::place::Place;
use crate::record::{self, Written};
use crate::scenario::{Ask, Expected, Group, Leaves, Scenario, Sort, get, head, send};

/// A clinician opens a note.
pub const NOTE: &str = "GET note";
/// Its limit: its statements, the text left sealed.
const NOTE_BARE: &str = "bare note statements";
/// A clinician signs.
pub const SIGN: &str = "sign note";
/// Its limit: its statements, the texts left sealed and the new rows ready-made.
const SIGN_BARE: &str = "bare signature statements";
/// A clinician looks for a note among those of years.
pub const YEARS: &str = "GET notes of five years";
/// The same among those of a month.
pub const MONTH: &str = "GET notes of a month";

/// As many as a couple has in a month, so that both lists answer pages of one length.
const PAGE: usize = 4;
const MONTH_SECONDS: i64 = 28 * 86_400;

/// The lists, the reading and the signing.
pub fn groups(place: &Place, people: &People, clinician: &str) -> Outcome<[Group; 3]> {
    let written = record::written(&mut place.open()?, people)?;
    let sign = Group {
        scenarios: vec![
            Scenario::of_service(SIGN, Sort::Write, Some(SIGN_BARE), signing(&written, clinician)),
            Scenario::bare(SIGN_BARE, bare("POST /sign", Leaves::Signature)),
        ],
    };
    Ok([lists(&written, clinician), reading(&written, clinician), sign])
}

fn reading(written: &Written, clinician: &str) -> Group {
    let any = |path: &'static str, head: String| -> Ask {
        let ids: Vec<String> = written.signed.iter().map(ToString::to_string).collect();
        Rc::new(move |chance, request| {
            let id = ids.get(chance.below(ids.len())).map(String::as_str).unwrap_or_default();
            get(request, &format!("{path}{id}"), &head);
            Expected::change(200, Leaves::Reading)
        })
    };
    // What reads a note writes down who read it, so that its ratio is held to what a write's is, and its growth to what
    // a read's is.
    let service = any("/v1/session-notes/", clinician.to_owned());
    let service = Scenario {
        held_to_growth: true,
        ..Scenario::of_service(NOTE, Sort::Write, Some(NOTE_BARE), service)
    };
    Group { scenarios: vec![service, Scenario::bare(NOTE_BARE, any("/note/", head(None)))] }
}

/// Another draft each time. When there are none left, the last one is signed again and refused, which is told as an
/// error.
fn signing(written: &Written, clinician: &str) -> Ask {
    let (drafts, next, head) = (written.drafts.clone(), Cell::new(0), clinician.to_owned());
    Rc::new(move |_, request| {
        let number = next.replace(next.get() + 1).min(drafts.len().saturating_sub(1));
        if let Some(id) = drafts.get(number) {
            let line = format!("POST /v1/session-notes/{id}/sign");
            send(request, &line, &head, "{\"typed_name\":\"Clinician 0 Sample\"}");
        }
        Expected::change(200, Leaves::Signature)
    })
}

fn bare(line: &'static str, leaves: Leaves) -> Ask {
    let head = head(None);
    Rc::new(move |_, request| {
        send(request, line, &head, "{}");
        Expected::change(200, leaves)
    })
}

fn lists(written: &Written, clinician: &str) -> Group {
    let since = Clock::System.now().plus_seconds(-MONTH_SECONDS);
    let list = |more: String| -> Ask {
        let (couple, head) = (written.couple, clinician.to_owned());
        Rc::new(move |_, request| {
            let path =
                format!("/v1/session-notes?couple_id={couple}&sort=-created_at&limit={PAGE}{more}");
            get(request, &path, &head);
            Expected::READ
        })
    };
    let scenario = |name, ask| Scenario::of_service(name, Sort::Read, None, ask);
    let month = list(format!("&created_since={since}"));
    Group { scenarios: vec![scenario(YEARS, list(String::new())), scenario(MONTH, month)] }
}
