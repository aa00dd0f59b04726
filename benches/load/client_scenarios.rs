//! A client that is read, and one that is added.

use std::rc::Rc;

use attune::seeding::clients;
use serde_json::{Value, json};

use crate::Outcome;
use crate::generator::Chance;
use crate::people::{Desk, People};
use crate::place::{Kind, Place};
use crate::scenario::{Ask, Expected, Group, Leaves, Scenario, Sort, get, head, only_on, send};
use crate::server;

/// The service's point read.
pub const READ: &str = "GET client";
/// Its limit: the same work with nothing around it.
pub const READ_BARE: &str = "bare point read";
/// The service's write.
pub const WRITE: &str = "POST client";
/// Its limit: the same rows, ready-made.
pub const WRITE_BARE: &str = "bare insert";
/// The usual way to do the same.
pub const WRITE_POOL: &str = "pool, commit each";

/// `GET /v1/clients/{id}` by an administrator, with what it is compared with.
pub fn reads(people: &People, admin: &str) -> Group {
    let ids: Rc<[String]> = people.clients.iter().map(ToString::to_string).collect();
    let any = |path: &'static str, head: String| -> Ask {
        let ids = Rc::clone(&ids);
        Rc::new(move |chance, request| {
            let id = ids.get(chance.below(ids.len())).map(String::as_str).unwrap_or_default();
            get(request, &format!("{path}{id}"), &head);
            Expected::READ
        })
    };
    let service = Scenario::of_service(
        READ,
        Sort::Read,
        Some(READ_BARE),
        any("/v1/clients/", admin.to_owned()),
    );
    let bare = |name, path| Scenario::bare(name, any(path, head(None)));
    Group {
        scenarios: vec![
            service,
            bare(READ_BARE, "/bare/"),
            bare("bare statement", "/statement/"),
            bare("empty handler", "/empty?"),
        ],
    }
}

/// `POST /v1/clients`, with what it is compared with.
pub fn writes(kind: Kind, admin: &str) -> Group {
    let post = |path: &'static str, head: String| -> Ask {
        Rc::new(move |chance, request| {
            send(request, &format!("POST {path}"), &head, &new_client(chance).to_string());
            Expected::change(201, Leaves::Client)
        })
    };
    let service = Scenario::of_service(
        WRITE,
        Sort::Told,
        Some(WRITE_BARE),
        post("/v1/clients", admin.to_owned()),
    );
    let pool = Scenario::bare(WRITE_POOL, post("/pool", head(None)));
    let bare = Scenario::bare(WRITE_BARE, post("/insert", head(None)));
    // On PostgreSQL the service has a pool itself.
    let all = [Some(service), only_on(kind, Kind::Sqlite, pool), Some(bare)];
    Group { scenarios: all.into_iter().flatten().collect() }
}

/// What the other practice does while one floods the service: four reads of five, and a client more.
pub fn of_neighbour(place: &Place, desk: &Desk) -> Outcome<Ask> {
    let head = head(Some(&server::token(place, desk.practice, desk.admin)?));
    let ids: Vec<String> = desk.clients.iter().map(ToString::to_string).collect();
    Ok(Rc::new(move |chance, request| {
        if chance.below(5) == 0 {
            send(request, "POST /v1/clients", &head, &new_client(chance).to_string());
            return Expected::change(201, Leaves::Client);
        }
        let id = ids.get(chance.below(ids.len())).map(String::as_str).unwrap_or_default();
        get(request, &format!("/v1/clients/{id}"), &head);
        Expected::READ
    }))
}

/// A made-up client, as a caller would send it.
fn new_client(chance: &mut Chance) -> Value {
    let number = u32::try_from(chance.below(1_000_000_000)).unwrap_or_default();
    let client = clients::new_client(number);
    json!({
        "given_name": client.given_name,
        "family_name": client.family_name,
        "home_state": client.home_state,
        "phone": client.phone,
        "email": client.email,
        "responsible_for_billing": client.responsible_for_billing,
    })
}
