//! What is measured: who is asked for what, and what the numbers are compared with.

use std::rc::Rc;

use serde::Serialize;

use crate::generator::Chance;
use crate::people::People;
use crate::pgbench::Bench;
use crate::place::{Kind, Place};
use crate::server::{self, Servers, Which};
use crate::{
    Outcome, client_scenarios, homework_scenarios, mixed, page_scenarios, record_scenarios,
};

/// Writes one whole request, and says what is to come of it.
pub type Ask = Rc<dyn Fn(&mut Chance, &mut Vec<u8>) -> Expected>;

/// What comes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The status of the answer.
    pub status: u16,
    /// What is left in the database.
    pub leaves: Option<Leaves>,
}

impl Expected {
    /// An answer of 200 that leaves nothing.
    pub const READ: Self = Self { status: 200, leaves: None };

    /// A change.
    pub const fn change(status: u16, leaves: Leaves) -> Self {
        Self { status, leaves: Some(leaves) }
    }
}

/// The rows that a request leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaves {
    /// A client, with its audit row and its event.
    Client,
    /// A check-in with its receipt, its audit row and its event.
    CheckIn,
    /// The same, and what every second one reveals.
    Review,
    /// The audit row of a reading, and nothing else.
    Reading,
    /// What was signed, with its audit row and its event.
    Signature,
}

/// How much of its limit a scenario is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Sort {
    /// It reads: 0.7 of its limit.
    Read,
    /// It writes, be it only who has read: 0.35 of its limit.
    Write,
    /// It is told, and held to nothing.
    Told,
}

/// One kind of request to one server.
#[derive(Clone)]
pub struct Scenario {
    /// Its name in the table.
    pub name: &'static str,
    /// Who answers.
    pub server: Which,
    /// How much of its limit it is held to.
    pub sort: Sort,
    /// Whether it has to be as fast among many submissions as among few.
    pub held_to_growth: bool,
    /// The name of the scenario that does the same with nothing around it.
    pub limit: Option<&'static str>,
    /// The request.
    pub ask: Ask,
    /// Who asks in the place of this program.
    pub pgbench: Option<Rc<Bench>>,
}

impl Scenario {
    /// Of the service. What reads is held to growth.
    pub fn of_service(
        name: &'static str,
        sort: Sort,
        limit: Option<&'static str>,
        ask: Ask,
    ) -> Self {
        let held_to_growth = sort == Sort::Read;
        Self { name, server: Which::Service, sort, held_to_growth, limit, ask, pgbench: None }
    }

    /// What the service is compared with.
    pub fn bare(name: &'static str, ask: Ask) -> Self {
        Self { server: Which::Reference, ..Self::of_service(name, Sort::Told, None, ask) }
    }
}

/// Scenarios that take turns.
pub struct Group {
    /// The scenarios; the first is the service's.
    pub scenarios: Vec<Scenario>,
}

/// Every group, in the order in which they run: those that read before any that write.
pub fn groups(
    servers: &Servers,
    people: &People,
    place: &Place,
    beside: bool,
) -> Outcome<Vec<Group>> {
    let admin = head(Some(&server::token(place, people.practice, people.admin)?));
    let clinician = head(Some(&server::token(place, people.practice, people.clinician)?));
    let heads = homework_scenarios::heads(place, people)?;
    let [inbox, dashboard, check_in, review] = homework_scenarios::groups(people, &heads);
    let [notes, read_note, sign_note] = record_scenarios::groups(place, people, &clinician)?;
    let pages = page_scenarios::group(servers, people, &clinician)?;
    let reads = client_scenarios::reads(people, &admin);
    let writes = client_scenarios::writes(place.kind, &admin);
    let mixed = mixed::group(
        &[&reads, &pages, &inbox, &dashboard, &writes, &check_in, &review, &read_note, &sign_note],
        place.kind,
    )?;
    let mut groups = vec![
        reads, pages, inbox, dashboard, notes, read_note, writes, check_in, review, sign_note,
        mixed,
    ];
    if beside {
        groups.iter_mut().for_each(Group::measure_beside);
    }
    Ok(groups)
}

impl Group {
    /// Adds the service's scenario once more, served by the other build.
    fn measure_beside(&mut self) {
        let Some(first) = self.scenarios.first() else { return };
        let name = mixed::beside(first.name);
        let other = Scenario {
            name,
            server: Which::Beside,
            limit: None,
            sort: Sort::Told,
            held_to_growth: false,
            ..first.clone()
        };
        self.scenarios.insert(1, other);
    }
}

/// The headers that every request carries.
pub fn head(token: Option<&str>) -> String {
    let authorization =
        token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("Host: localhost\r\nAccept: application/json\r\n{authorization}")
}

/// Writes a request without a body.
pub fn get(request: &mut Vec<u8>, path: &str, head: &str) {
    request.extend_from_slice(format!("GET {path} HTTP/1.1\r\n{head}\r\n").as_bytes());
}

/// Writes a request with a body.
pub fn send(request: &mut Vec<u8>, line: &str, head: &str, body: &str) {
    let length = body.len();
    let text = format!(
        "{line} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    request.extend_from_slice(text.as_bytes());
}

/// Checks that the bare point read answers to the byte what the service answers, so that the
/// two do the same work.
pub fn check_same_answer(groups: &[Group], servers: &Servers) -> Outcome<()> {
    let reads = groups.first().ok_or("no groups")?;
    let body = |name: &str| -> Outcome<Vec<u8>> {
        let scenario =
            reads.scenarios.iter().find(|scenario| scenario.name == name).ok_or("no scenario")?;
        let mut request = Vec::new();
        (scenario.ask)(&mut Chance::fixed(), &mut request);
        server::exchange(servers.address(scenario.server), &request)
    };
    if body(client_scenarios::READ)? == body(client_scenarios::READ_BARE)? {
        Ok(())
    } else {
        Err("the bare point read answers something else".into())
    }
}

/// What a kind of database has no use for is left out.
pub fn only_on(kind: Kind, wanted: Kind, scenario: Scenario) -> Option<Scenario> {
    (kind == wanted).then_some(scenario)
}
