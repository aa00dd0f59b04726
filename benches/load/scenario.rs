//! What is measured: who is asked for what, and what the numbers are compared with.

use std::net::SocketAddr;
use std::rc::Rc;

use attune::demo::generated;
use serde_json::{Value, json};

use crate::generator::Chance;
use crate::place::{People, Place};
use crate::server::{self, Servers, Which};
use crate::{Outcome, homework_scenarios, record_scenarios};

/// Writes one whole request.
pub type Ask = Rc<dyn Fn(&mut Chance, &mut Vec<u8>)>;

/// One kind of request to one server.
pub struct Scenario {
    /// Its name in the table.
    pub name: &'static str,
    /// What exactly it does.
    pub what: &'static str,
    /// Who answers.
    pub server: Which,
    /// Where.
    pub address: SocketAddr,
    /// The request.
    pub ask: Ask,
    /// The status of every answer.
    pub expected: u16,
    /// What each leaves in the database.
    pub leaves: Option<Leaves>,
}

/// The rows that a request leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// A client, with its audit row and its event.
    Client,
    /// A check-in with its receipt, its audit row and its event.
    CheckIn,
    /// The audit row of a reading, and nothing else.
    Reading,
    /// What was signed, with its audit row and its event.
    Signature,
}

/// Scenarios that take turns. The first is the service; the others are what it is compared with.
pub struct Group {
    /// Its name in the report.
    pub name: &'static str,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
}

/// The service's point read.
pub const READ: &str = "GET client";
/// Its limit: the same work with nothing around it.
pub const READ_BARE: &str = "bare point read";
/// The service's write.
pub const WRITE: &str = "POST client";
/// The usual way to do the same.
pub const WRITE_POOL: &str = "pool, commit each";

/// Every group, in the order of the report.
pub fn groups(
    servers: &Servers,
    people: &People,
    place: &Place,
    beside: bool,
) -> Outcome<Vec<Group>> {
    let token = server::token(place, people.practice, people.admin)?;
    let (durable, notes) = record_scenarios::scenarios(servers, people, place)?;
    let mut writes = writes(servers, &token);
    // A reading of a note and a signature are held against the plainest durable write, in the same turns.
    writes.scenarios.extend(durable);
    let mut groups = vec![reads(servers, people, &token), writes, notes];
    groups.extend(homework_scenarios::groups(servers, people, place)?);
    if beside {
        groups.iter_mut().for_each(|group| group.measure_beside(servers));
    }
    Ok(groups)
}

impl Group {
    /// Adds the first scenario once more, served by the other build.
    fn measure_beside(&mut self, servers: &Servers) {
        let Some(first) = self.scenarios.first() else { return };
        let (ask, expected, leaves) = (first.ask.clone(), first.expected, first.leaves);
        let address = servers.address(Which::Beside);
        let name = match first.name {
            READ => "GET client, other build",
            WRITE => "POST client, other build",
            homework_scenarios::CHECK_IN => "PUT check-in, other build",
            record_scenarios::YEARS => "GET notes of five years, other build",
            _ => "GET inbox, other build",
        };
        let (what, server) = ("the same of another build", Which::Beside);
        let other = Scenario { name, what, server, address, ask, expected, leaves };
        self.scenarios.insert(1, other);
    }
}

fn reads(servers: &Servers, people: &People, token: &str) -> Group {
    let (service, reference) = (servers.address(Which::Service), servers.address(Which::Reference));
    let ids: Rc<[String]> = people.clients.iter().map(ToString::to_string).collect();
    let any = |path: &'static str, token: Option<&str>| -> Ask {
        let (ids, head) = (Rc::clone(&ids), head(token));
        Rc::new(move |chance, request| {
            let id = ids.get(chance.below(ids.len())).map(String::as_str).unwrap_or_default();
            request.extend_from_slice(format!("GET {path}{id} HTTP/1.1\r\n{head}\r\n").as_bytes());
        })
    };
    let scenario = |name, what, server, address, ask| Scenario {
        name,
        what,
        server,
        address,
        ask,
        expected: 200,
        leaves: None,
    };
    Group {
        name: "reads",
        scenarios: vec![
            scenario(
                READ,
                "`GET /v1/clients/{id}` of `attune serve` as in production, logging to a file, with an \
                 administrator's token",
                Which::Service,
                service,
                any("/v1/clients/", Some(token)),
            ),
            scenario(
                READ_BARE,
                "an actix handler that runs the same statement by the same kind of executor (as many \
                 threads), opens the sealed columns and answers the same JSON; no token, no look-up of \
                 the caller, no contract, no frame, no entity tag, no log",
                Which::Reference,
                reference,
                any("/bare/", None),
            ),
            scenario(
                "bare statement",
                "the same statement by the same executor; sealed columns stay sealed, the answer holds \
                 the clear ones",
                Which::Reference,
                reference,
                any("/statement/", None),
            ),
            scenario(
                "empty handler",
                "an actix handler that answers `{}`",
                Which::Reference,
                reference,
                any("/empty?", None),
            ),
        ],
    }
}

fn writes(servers: &Servers, token: &str) -> Group {
    let (service, reference) = (servers.address(Which::Service), servers.address(Which::Reference));
    let post = |path: &'static str, token: Option<&str>| -> Ask {
        let head = head(token);
        Rc::new(move |chance, request| {
            let body = new_client(chance).to_string();
            let length = body.len();
            let text = format!(
                "POST {path} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            request.extend_from_slice(text.as_bytes());
        })
    };
    let scenario = |name, what, server, address, ask| Scenario {
        name,
        what,
        server,
        address,
        ask,
        expected: 201,
        leaves: Some(Leaves::Client),
    };
    Group {
        name: "writes",
        scenarios: vec![
            scenario(
                WRITE,
                "`POST /v1/clients` of `attune serve` as in production, answered when durable \
                 (`synchronous=FULL`)",
                Which::Service,
                service,
                post("/v1/clients", Some(token)),
            ),
            scenario(
                WRITE_POOL,
                "the same unit of work (`clients::store::create` as the same user: caller, checks, \
                 sealing, name prefixes, audit row, event) by `web::block` and an r2d2 pool, `BEGIN \
                 IMMEDIATE` and one durable commit each, waiting for the lock as long as it takes; no \
                 token, contract, frame or log",
                Which::Reference,
                reference,
                post("/pool", None),
            ),
            scenario(
                "bare insert",
                "ready-made rows of the same tables, as many and as large, by the same executor with \
                 group commit: the limit of the database and the disk",
                Which::Reference,
                reference,
                post("/insert", None),
            ),
        ],
    }
}

/// The headers that every request carries.
pub fn head(token: Option<&str>) -> String {
    let authorization =
        token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("Host: localhost\r\nAccept: application/json\r\n{authorization}")
}

/// A made-up client, as a caller would send it.
fn new_client(chance: &mut Chance) -> Value {
    let number = u32::try_from(chance.below(1_000_000_000)).unwrap_or_default();
    let client = generated::new_client(number);
    json!({
        "given_name": client.given_name,
        "family_name": client.family_name,
        "home_state": client.home_state,
        "phone": client.phone,
        "email": client.email,
        "responsible_for_billing": client.responsible_for_billing,
    })
}

/// Checks that the bare point read answers to the byte what the service answers, so that the
/// two do the same work.
pub fn check_same_answer(groups: &[Group]) -> Outcome<()> {
    let reads = groups.first().ok_or("no groups")?;
    let body = |name: &str| -> Outcome<Vec<u8>> {
        let scenario =
            reads.scenarios.iter().find(|scenario| scenario.name == name).ok_or("no scenario")?;
        let mut request = Vec::new();
        (scenario.ask)(&mut Chance::fixed(), &mut request);
        server::exchange(scenario.address, &request)
    };
    if body(READ)? == body(READ_BARE)? {
        Ok(())
    } else {
        Err("the bare point read answers something else".into())
    }
}
