//! What is measured of homework: an inbox and a dashboard that are opened, a check-in that is sent, and something
//! that is revealed when the second has sent it.

use std::cell::Cell;
use std::rc::Rc;

use attune::auth::Keyring;
use attune::auth::signing_keys;
use attune::auth::token::{Grant, Issuer};
use attune::clock::Clock;
use attune::db::id::{IdSource, SubmissionId};
use attune::seal::RootKey;
use attune::users::store::token_subject;
use serde_json::{Value, json};

use crate::Outcome;
use crate::people::{Author, People};
use crate::place::{Place, ROOT_KEY};
use crate::scenario::{Ask, Expected, Group, Leaves, Scenario, Sort, get, head, send};
use crate::server::{AUDIENCE, PUBLIC_URL, TOKEN_SECONDS};

/// A partner opens their app.
pub const INBOX: &str = "GET inbox";
/// Its limit: the same statements.
const INBOX_BARE: &str = "bare inbox statements";
/// A partner looks at the couple's page.
pub const DASHBOARD: &str = "GET dashboard";
/// Its limit: the same statements.
const DASHBOARD_BARE: &str = "bare dashboard statements";
/// A partner submits.
pub const CHECK_IN: &str = "PUT check-in";
/// Its limit: the same rows.
const CHECK_IN_BARE: &str = "bare check-in insert";
/// A partner sends what waits for the other, which is revealed with every second one.
pub const REVIEW: &str = "PUT revealing submission";
/// Its limit: the same rows.
const REVIEW_BARE: &str = "bare reveal insert";

/// Two that read, and two that write.
pub fn groups(people: &People, heads: &[String]) -> [Group; 4] {
    let [readers, writers]: [Rc<[Author]>; 2] =
        [people.readers(), people.writers()].map(|authors| authors.to_vec().into());
    let (of_readers, of_writers) = heads.split_at(readers.len());
    let [of_readers, of_writers]: [Rc<[String]>; 2] =
        [of_readers, of_writers].map(|heads| heads.to_vec().into());
    let own = |path: fn(&Author) -> String| -> Ask {
        let (authors, heads) = (Rc::clone(&readers), Rc::clone(&of_readers));
        Rc::new(move |chance, request| {
            let index = chance.below(authors.len());
            if let Some((author, head)) = authors.get(index).zip(heads.get(index)) {
                get(request, &path(author), head);
            }
            Expected::READ
        })
    };
    let bare = |path: fn(&Author) -> String| -> Ask {
        let (authors, head) = (Rc::clone(&readers), head(None));
        Rc::new(move |chance, request| {
            if let Some(author) = authors.get(chance.below(authors.len())) {
                get(request, &path(author), &head);
            }
            Expected::READ
        })
    };
    let insert = |line: &'static str, leaves| -> Ask {
        let head = head(None);
        Rc::new(move |_, request| {
            send(request, line, &head, "{}");
            Expected::change(201, leaves)
        })
    };
    let next = |what| next(what, Rc::clone(&writers), Rc::clone(&of_writers));
    let group = |service, limit| Group { scenarios: vec![service, limit] };
    let reads = |name, limit, ask| Scenario::of_service(name, Sort::Read, Some(limit), ask);
    let writes = |name, limit, ask| Scenario::of_service(name, Sort::Write, Some(limit), ask);
    [
        group(
            reads(INBOX, INBOX_BARE, own(|_| "/v1/me/inbox".to_owned())),
            Scenario::bare(INBOX_BARE, bare(|author| format!("/inbox/{}", author.user))),
        ),
        group(
            reads(
                DASHBOARD,
                DASHBOARD_BARE,
                own(|author| format!("/v1/couples/{}/dashboard", author.couple)),
            ),
            Scenario::bare(
                DASHBOARD_BARE,
                bare(|author| format!("/dashboard/{}/{}", author.user, author.couple)),
            ),
        ),
        group(
            writes(CHECK_IN, CHECK_IN_BARE, next(Leaves::CheckIn)),
            Scenario::bare(CHECK_IN_BARE, insert("PUT /check-in", Leaves::CheckIn)),
        ),
        group(
            writes(REVIEW, REVIEW_BARE, next(Leaves::Review)),
            Scenario::bare(REVIEW_BARE, insert("PUT /review", Leaves::Review)),
        ),
    ]
}

/// Another day every time, under an id as devices make them: everybody's first, then everybody's second. Partners
/// follow one another, so every second one completes a day. The days lie long before those that are there.
fn next(what: Leaves, authors: Rc<[Author]>, heads: Rc<[String]>) -> Ask {
    let next = Cell::new(0);
    Rc::new(move |_, request| {
        let number = next.replace(next.get() + 1);
        let index = number % authors.len().max(1);
        let Some((author, head)) = authors.get(index).zip(heads.get(index)) else {
            return Expected::change(201, what);
        };
        let days = i32::try_from(number / authors.len().max(1)).unwrap_or(i32::MAX);
        let drawn = u64::try_from(number).unwrap_or_default();
        let (assignment, answers) = match what {
            Leaves::Review => (author.threads, threads(drawn)),
            _ => (author.check_in, check_in(drawn)),
        };
        let day = author.starts_on.plus_days(days);
        let body = json!({ "status": "submitted", "local_date": day, "answers": answers });
        let id: SubmissionId = IdSource::Random.next(Clock::System.now());
        let line = format!("PUT /v1/assignments/{assignment}/submissions/{id}");
        send(request, &line, head, &body.to_string());
        Expected::change(201, what)
    })
}

fn check_in(number: u64) -> Value {
    json!({
        "mood": 1 + number % 5,
        "stress": number % 11,
        "gratitude": "The tea in the morning.",
        "private_note": "I slept badly.",
    })
}

fn threads(number: u64) -> Value {
    json!({ "emotional_safety": number % 11, "physical_affection": 5, "sexual_connection": 4,
            "shared_meaning": 7, "practical_partnership": number % 7, "autonomy": 8 })
}

/// The headers of each author, with a token of their own, in the order of the authors.
pub fn heads(place: &Place, people: &People) -> Outcome<Vec<String>> {
    let (mut conn, now) = (place.open()?, Clock::System.now());
    let keyring = Keyring::new(RootKey::from_text(ROOT_KEY)?);
    let keys = signing_keys::load(&mut conn, &keyring, now)?;
    let issuer = Issuer { url: PUBLIC_URL.to_owned(), audience: AUDIENCE.to_owned() };
    people
        .authors
        .iter()
        .map(|author| {
            let subject = token_subject(&mut conn, people.practice, Some(author.user), None)?;
            let grant = Grant {
                sub: subject.sub,
                client_id: subject.client_id,
                practice_id: people.practice.to_string(),
                scope: subject.may_hold,
                sv: subject.session_version,
            };
            let (token, _) = issuer.mint(&keys, grant, now.seconds(), TOKEN_SECONDS)?;
            Ok(head(Some(&token)))
        })
        .collect()
}
