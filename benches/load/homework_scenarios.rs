//! What is measured of homework: a check-in that is sent, an inbox and a dashboard that are opened.

use std::cell::Cell;
use std::rc::Rc;

use attune::auth::Keyring;
use attune::auth::signing_keys;
use attune::auth::token::{Grant, Issuer};
use attune::clock::Clock;
use attune::db::id::{IdSource, PracticeId, SubmissionId};
use attune::seal::RootKey;
use attune::users::store::token_subject;

use crate::Outcome;
use crate::homework::{self, Author, CheckIn};
use crate::place::{self, People, Place, ROOT_KEY};
use crate::scenario::{Ask, Group, Leaves, Scenario, head};
use crate::server::{AUDIENCE, PUBLIC_URL, Servers, TOKEN_SECONDS, Which};

/// A partner opens their app.
pub const INBOX: &str = "GET inbox";
/// Its limit: the same statements.
pub const INBOX_BARE: &str = "bare inbox statements";
/// A partner looks at the couple's page.
pub const DASHBOARD: &str = "GET dashboard";
/// Its limit: the same statements.
pub const DASHBOARD_BARE: &str = "bare dashboard statements";
/// A partner submits.
pub const CHECK_IN: &str = "PUT check-in";
/// Its limit: the same rows.
pub const CHECK_IN_BARE: &str = "bare check-in insert";

/// All groups. Those that read come first: what the last group submits would fill them.
pub fn groups(servers: &Servers, people: &People, place: &Place) -> Outcome<[Group; 3]> {
    let authors: Rc<[Author]> =
        homework::authors(&mut place::open(&place.database())?, people.practice)?.into();
    let heads: Rc<[String]> = heads(place, people.practice, &authors)?.into();
    Ok([
        inbox(servers, &authors, &heads),
        dashboard(servers, &authors, &heads),
        check_ins(servers, place.submissions(), &authors, &heads),
    ])
}

fn inbox(servers: &Servers, authors: &Rc<[Author]>, heads: &Rc<[String]>) -> Group {
    let (heads, users) = (Rc::clone(heads), Rc::clone(authors));
    let service: Ask = Rc::new(move |chance, request| {
        let head = heads.get(chance.below(heads.len())).map(String::as_str).unwrap_or_default();
        request.extend_from_slice(format!("GET /v1/me/inbox HTTP/1.1\r\n{head}\r\n").as_bytes());
    });
    let bare: Ask = Rc::new(move |chance, request| {
        let Some(author) = users.get(chance.below(users.len())) else { return };
        let text = format!("GET /inbox/{} HTTP/1.1\r\n{}\r\n", author.user, head(None));
        request.extend_from_slice(text.as_bytes());
    });
    let scenario = |name, what, server, ask| Scenario {
        name,
        what,
        server,
        address: servers.address(server),
        ask,
        expected: 200,
        leaves: None,
    };
    Group {
        name: "inbox",
        scenarios: vec![
            scenario(
                INBOX,
                "`GET /v1/me/inbox` of `attune serve` as in production, by the tokens of two hundred \
                 partners with five open assignments each",
                Which::Service,
                service,
            ),
            scenario(
                INBOX_BARE,
                "the same statements for the same people by the same kind of executor, and nothing made \
                 of what they find: no form, schema or notice, no sealed answer opened, no JSON; no \
                 token, contract, frame, entity tag or log",
                Which::Reference,
                bare,
            ),
        ],
    }
}

fn dashboard(servers: &Servers, authors: &Rc<[Author]>, heads: &Rc<[String]>) -> Group {
    let (heads, of_service, of_bare) = (Rc::clone(heads), Rc::clone(authors), Rc::clone(authors));
    let service: Ask = Rc::new(move |chance, request| {
        let index = chance.below(of_service.len());
        let Some((author, head)) = of_service.get(index).zip(heads.get(index)) else { return };
        let path = format!("/v1/couples/{}/dashboard", author.couple);
        request.extend_from_slice(format!("GET {path} HTTP/1.1\r\n{head}\r\n").as_bytes());
    });
    let bare: Ask = Rc::new(move |chance, request| {
        let Some(author) = of_bare.get(chance.below(of_bare.len())) else { return };
        let (user, couple, head) = (author.user, author.couple, head(None));
        let text = format!("GET /dashboard/{user}/{couple} HTTP/1.1\r\n{head}\r\n");
        request.extend_from_slice(text.as_bytes());
    });
    let scenario = |name, what, server, ask| Scenario {
        name,
        what,
        server,
        address: servers.address(server),
        ask,
        expected: 200,
        leaves: None,
    };
    Group {
        name: "dashboard",
        scenarios: vec![
            scenario(
                DASHBOARD,
                "`GET /v1/couples/{id}/dashboard` of `attune serve` as in production, by the tokens of two \
                 hundred partners, whose check-ins go back more than sixty weeks",
                Which::Service,
                service,
            ),
            scenario(
                DASHBOARD_BARE,
                "the same statements for the same couples by the same kind of executor, and nothing made of \
                 what they find",
                Which::Reference,
                bare,
            ),
        ],
    }
}

fn check_ins(
    servers: &Servers,
    seeded: u64,
    authors: &Rc<[Author]>,
    heads: &Rc<[String]>,
) -> Group {
    let bare: Ask = Rc::new(|_, request| {
        let head = head(None);
        let text = format!("PUT /check-in HTTP/1.1\r\n{head}Content-Length: 2\r\n\r\n{{}}");
        request.extend_from_slice(text.as_bytes());
    });
    let scenario = |name, what, server, ask| Scenario {
        name,
        what,
        server,
        address: servers.address(server),
        ask,
        expected: 201,
        leaves: Some(Leaves::CheckIn),
    };
    Group {
        name: "submissions",
        scenarios: vec![
            scenario(
                CHECK_IN,
                "`PUT /v1/assignments/{id}/submissions/{id}` of a daily check-in to `attune serve` as in \
                 production, by its author's token, each for another day, answered when durable: every \
                 second one is the second partner's and completes the day",
                Which::Service,
                next_check_in(seeded, Rc::clone(authors), Rc::clone(heads)),
            ),
            scenario(
                CHECK_IN_BARE,
                "ready-made rows of the same tables, as many and as large, of the same couples, by the \
                 same executor with group commit; nothing is read, checked or sealed",
                Which::Reference,
                bare,
            ),
        ],
    }
}

/// Another check-in every time, after those that were seeded, under an id as devices make them.
fn next_check_in(seeded: u64, authors: Rc<[Author]>, heads: Rc<[String]>) -> Ask {
    let next = Cell::new(seeded);
    Rc::new(move |_, request| {
        let number = next.replace(next.get() + 1);
        let Ok(one) = CheckIn::of(&authors, number) else { return };
        let body = homework::check_in(one.local_date(), number).to_string();
        let head = heads.get(one.index).map(String::as_str).unwrap_or_default();
        let id: SubmissionId = IdSource::Random.next(Clock::System.now());
        let (assignment, length) = (one.author.check_in, body.len());
        let text = format!(
            "PUT /v1/assignments/{assignment}/submissions/{id} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        request.extend_from_slice(text.as_bytes());
    })
}

/// The headers of each author, with a token of their own.
fn heads(place: &Place, practice: PracticeId, authors: &[Author]) -> Outcome<Vec<String>> {
    let (mut conn, now) = (place::open(&place.database())?, Clock::System.now());
    let keyring = Keyring::new(RootKey::from_text(ROOT_KEY)?);
    let keys = signing_keys::load(&mut conn, &keyring, now)?;
    let issuer = Issuer { url: PUBLIC_URL.to_owned(), audience: AUDIENCE.to_owned() };
    authors
        .iter()
        .map(|author| {
            let subject = token_subject(&mut conn, practice, Some(author.user), None)?;
            let grant = Grant {
                sub: subject.sub,
                client_id: subject.client_id,
                practice_id: practice.to_string(),
                scope: subject.may_hold,
                sv: subject.session_version,
            };
            let (token, _) = issuer.mint(&keys, grant, now.seconds(), TOKEN_SECONDS)?;
            Ok(head(Some(&token)))
        })
        .collect()
}
