//! What is measured of the record: a note that is read, one that is signed, and the list of a couple's notes.

use std::cell::Cell;
use std::rc::Rc;

use attune::clock::Clock;

use crate::Outcome;
use crate::place::People;
use crate::place::{self, Place};
use crate::record::{self, Written};
use crate::scenario::{Ask, Group, Leaves, Scenario, head};
use crate::server::{self, Servers, Which};

/// A clinician opens a note.
pub const NOTE: &str = "GET note";
/// A clinician signs.
pub const SIGN: &str = "sign note";
/// A clinician looks for a note among those of years.
pub const YEARS: &str = "GET notes of five years";
/// The same among those of a month.
pub const MONTH: &str = "GET notes of a month";

/// As many as a couple has in a month, so that both lists answer pages of one length.
const PAGE: usize = 4;
const MONTH_SECONDS: i64 = 28 * 86_400;

/// What is compared with a durable write, and the group of the lists.
pub fn scenarios(
    servers: &Servers,
    people: &People,
    place: &Place,
) -> Outcome<([Scenario; 2], Group)> {
    let mut conn = place::open(&place.database())?;
    let written = record::written(&mut conn, &place::gate(&place.database())?)?;
    let token = server::token(place, people.practice, written.clinician)?;
    let head = head(Some(&token));
    Ok((durable(servers, &written, &head), lists(servers, &written, &head)))
}

fn durable(servers: &Servers, written: &Written, head: &str) -> [Scenario; 2] {
    let texts: Rc<[String]> = written.signed.iter().map(ToString::to_string).collect();
    let (drafts, next) = (written.drafts.clone(), Cell::new(0));
    let (own, other) = (head.to_owned(), head.to_owned());
    let read: Ask = Rc::new(move |chance, request| {
        let id = texts.get(chance.below(texts.len())).map(String::as_str).unwrap_or_default();
        let text = format!("GET /v1/session-notes/{id} HTTP/1.1\r\n{own}\r\n");
        request.extend_from_slice(text.as_bytes());
    });
    let sign: Ask = Rc::new(move |_, request| {
        // When there are none left, the last one is signed again and refused, which is told as an error.
        let number = next.replace(next.get() + 1).min(drafts.len().saturating_sub(1));
        let Some(id) = drafts.get(number) else { return };
        let body = "{\"typed_name\":\"Morgan Sample\"}";
        let length = body.len();
        let text = format!(
            "POST /v1/session-notes/{id}/sign HTTP/1.1\r\n{other}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        request.extend_from_slice(text.as_bytes());
    });
    let scenario = |name, what, ask, leaves| Scenario {
        name,
        what,
        server: Which::Service,
        address: servers.address(Which::Service),
        ask,
        expected: 200,
        leaves: Some(leaves),
    };
    [
        scenario(
            NOTE,
            "`GET /v1/session-notes/{id}` of `attune serve` as in production, with the clinician's token: one of \
             260 signed notes of 4 kB; the row that says who read it is durable before the text is answered",
            read,
            Leaves::Reading,
        ),
        scenario(
            SIGN,
            "`POST /v1/session-notes/{id}/sign` of `attune serve` as in production, with the token of its author: \
             another draft of 4 kB each time, answered when durable",
            sign,
            Leaves::Signature,
        ),
    ]
}

fn lists(servers: &Servers, written: &Written, head: &str) -> Group {
    let since = Clock::System.now().plus_seconds(-MONTH_SECONDS);
    let list = |more: String| -> Ask {
        let (couple, head) = (written.couple, head.to_owned());
        Rc::new(move |_, request| {
            let path =
                format!("/v1/session-notes?couple_id={couple}&sort=-created_at&limit={PAGE}{more}");
            request.extend_from_slice(format!("GET {path} HTTP/1.1\r\n{head}\r\n").as_bytes());
        })
    };
    let scenario = |name, what, ask| Scenario {
        name,
        what,
        server: Which::Service,
        address: servers.address(Which::Service),
        ask,
        expected: 200,
        leaves: None,
    };
    Group {
        name: "notes",
        scenarios: vec![
            scenario(
                YEARS,
                "`GET /v1/session-notes?couple_id=…&sort=-created_at&limit=4` of `attune serve` as in production, with the \
                 clinician's token: the latest of 260 notes of one couple, in a practice with as many drafts \
                 of others as `--drafts` says",
                list(String::new()),
            ),
            scenario(
                MONTH,
                "the same with `created_since` four weeks ago: the same four notes, which are all that there are",
                list(format!("&created_since={since}")),
            ),
        ],
    }
}
