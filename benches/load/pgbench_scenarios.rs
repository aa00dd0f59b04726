//! What is measured once more by `pgbench`: a point read, an inbox, a check-in.

use std::rc::Rc;

use attune::auth::{Acting, Tx};
use attune::clients::store;
use attune::clock::Clock;
use attune::db::Conn;
use attune::db::id::IdSource;
use attune::me::inbox;
use diesel::connection::SimpleConnection;

use crate::bare_homework::{self, Template};
use crate::people::{Author, People};
use crate::pgbench::Bench;
use crate::place::{self, Place};
use crate::postgres::Cluster;
use crate::records::Records;
use crate::scenario::{Expected, Group, Leaves, Scenario, Sort};
use crate::server::Which;
use crate::statements::{self, SEQ, SLOT, Script};
use crate::{Outcome, client_scenarios, homework_scenarios};

/// The point read's statements.
pub const READ: &str = "pgbench point read";
/// The inbox's.
pub const INBOX: &str = "pgbench inbox statements";
/// The rows of a check-in.
pub const CHECK_IN: &str = "pgbench check-in insert";

/// How many different requests there are of each kind. Each connection prepares the statements of all of them, and the
/// server keeps their plans for each connection, so that many would be a long warm-up and much memory.
const SCRIPTS: usize = 8;

/// Adds them to the groups whose scenarios they are compared with.
pub fn add(groups: &mut [Group], cluster: &Cluster, place: &Place, people: &People) -> Outcome<()> {
    let Some(program) = cluster.program("pgbench") else {
        eprintln!("pgbench is missing, and left out");
        return Ok(());
    };
    let mut conn = place.open()?;
    let all = [
        (client_scenarios::READ, READ, point_reads(&mut conn, place, people)?, None),
        (homework_scenarios::INBOX, INBOX, inboxes(&mut conn, place, people)?, None),
        (
            homework_scenarios::CHECK_IN,
            CHECK_IN,
            check_ins(&mut conn, people)?,
            Some(Leaves::CheckIn),
        ),
    ];
    for (number, (beside, name, scripts, leaves)) in all.into_iter().enumerate() {
        let folder = place.folder().join(format!("pgbench-{number}"));
        let bench =
            Bench::of(program.clone(), &place.address, &folder, &mut conn, &scripts, leaves)?;
        let group = groups
            .iter_mut()
            .find(|group| group.scenarios.first().is_some_and(|scenario| scenario.name == beside));
        group.ok_or("no such group")?.scenarios.push(Scenario {
            server: Which::Pgbench,
            pgbench: Some(Rc::new(bench)),
            ..Scenario::of_service(name, Sort::Told, None, Rc::new(|_, _| Expected::READ))
        });
    }
    Ok(())
}

/// The statements of units of work, once each has been carried out: keys that were unlocked stay so.
fn read<T>(
    conn: &mut Conn,
    place: &Place,
    people: &People,
    all: impl Iterator<Item = (Acting, T)>,
    unit: impl Fn(&mut Tx<'_>, &T) -> attune::error::Result<()>,
) -> Outcome<Vec<Script>> {
    let gate = place::gate(&place.address)?;
    let run = |conn: &mut Conn, acting, of: &T| -> Outcome<()> {
        let now = Clock::System.now();
        Ok(gate.operate(conn, acting, &IdSource::Random, now, |tx| unit(tx, of))?)
    };
    all.map(|(acting, of)| {
        run(conn, acting, &of)?;
        let statements = statements::captured(conn, |conn| run(conn, acting, &of))?;
        Ok(Script::reading(people.practice, statements))
    })
    .collect()
}

fn point_reads(conn: &mut Conn, place: &Place, people: &People) -> Outcome<Vec<Script>> {
    let operator = Acting::Operator(people.practice);
    let all = spread(&people.clients).map(|client| (operator, *client));
    read(conn, place, people, all, |tx, client| store::find(tx, *client).map(drop))
}

fn inboxes(conn: &mut Conn, place: &Place, people: &People) -> Outcome<Vec<Script>> {
    let own = |author: &Author| (Acting::User(people.practice, author.user), ());
    read(conn, place, people, spread(people.readers()).map(own), |tx, ()| inbox::load(tx).map(drop))
}

/// Some of all, from the first on. Partners lie beside one another: by odd steps both the first of a couple and the
/// second are taken.
fn spread<T>(all: &[T]) -> impl Iterator<Item = &T> {
    all.iter().step_by((all.len() / SCRIPTS) | 1).take(SCRIPTS)
}

/// The check-ins of both of a couple, one after the other. They are of the first couples, as the template takes them.
fn check_ins(conn: &mut Conn, people: &People) -> Outcome<Vec<Script>> {
    let records = Records::beginning_with(people, SEQ).into();
    let template = Template::of(conn, people, bare_homework::CHECK_IN, records)?.in_slot(SLOT);
    conn.batch_execute("BEGIN")?;
    let pairs = people.writers().chunks_exact(2).take(SCRIPTS);
    let scripts: Outcome<Vec<Script>> = pairs
        .map(|pair| {
            let mut of_each = Vec::new();
            for _ in pair {
                let practice = people.practice;
                of_each
                    .push(statements::captured(conn, |conn| Ok(template.insert(conn, practice)?))?);
            }
            let mut known = vec![people.practice.uuid(), people.other_practice.uuid()];
            for author in pair {
                known.extend([author.user.uuid(), author.client.uuid(), author.couple.uuid()]);
                known.push(author.check_in.uuid());
            }
            Ok(Script::writing(people.practice, of_each, &known))
        })
        .collect();
    conn.batch_execute("ROLLBACK")?;
    scripts
}
