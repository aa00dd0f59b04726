//! Plans: every query of every operation goes by an index.

use std::collections::BTreeSet;

use actix_web::http::Method;
use diesel::prelude::*;
use serde_json::json;

use super::{Watched, make_many, raise_many};
use crate::programs::{roadmap, screen_both};
use crate::submissions::{assign, check_in, for_couple, goals, place, submitted};
use crate::support::TestApp;
use crate::support::database::on_postgres;
use crate::support::document::{Document, Operation};
use crate::support::misfits::{NOBODY, absent};

/// The one query that looks at every row of a table, and of no request: the worker asks each practice, by its id,
/// whether something is due for it.
const OF_THE_WORKER: &str = "SELECT `practices`.`practice_id` FROM `practices` WHERE EXISTS";

/// Every query of every operation, explained: none walks through a table. On PostgreSQL, whose tables are small here,
/// walking is forbidden: who walks nevertheless has no index to go by.
#[actix_web::test]
async fn no_query_of_a_request_reads_a_whole_table() {
    let watched = Watched::start().await;
    let (app, document) = (&watched.app, Document::read());
    make_many(&app.caller("practice_admin"), &app.id("clinician")).await;
    raise_many(app).await;
    app.clock.advance_seconds(7 * 86_400);
    app.tick().await;
    app.clock.advance_seconds(-7 * 86_400);
    let ids = homework_of_all_kinds(app).await;
    // What changes comes last: some of it takes away what there is to read.
    for reads in [true, false] {
        for who in ["practice_admin", "clinician", "supervisor", "partner_a", "service_app"] {
            let caller = app.caller(who).header("if-match", "*");
            for operation in document.operations_of_v1() {
                if (operation.method == Method::GET) != reads {
                    continue;
                }
                let body = operation.body.as_ref().map(|schema| document.sample(schema));
                for path in paths(app, &operation, &ids) {
                    caller.send(operation.method.clone(), &path, body.clone()).await;
                }
            }
        }
    }
    let asked: BTreeSet<String> = watched.asked().into_iter().collect();
    let mut conn = app.database.open();
    let (mut explained, mut found) = (0, Vec::new());
    for sql in asked.iter().filter(|sql| sql.starts_with("SELECT") && sql.contains(" FROM ")) {
        let asks_all = sql.starts_with(OF_THE_WORKER);
        let allowed =
            |step: &String| asks_all && step.starts_with("SCAN practices USING COVERING INDEX");
        let steps =
            explain(&mut conn, sql).into_iter().filter(|step| walks(step) && !allowed(step));
        found.extend(steps.map(|step| format!("{step}\n    in {sql}")));
        explained += 1;
    }
    assert!(explained > 60, "only {explained} queries");
    assert!(found.is_empty(), "{}", found.join("\n"));
    println!("{explained} different queries, 0 that read a whole table");
}

/// Check-ins that come every evening, events and a form that opens with the second answer, sent by both, a review and
/// a programme: what there is no homework for asks nothing. Ids by their prefixes.
async fn homework_of_all_kinds(app: &TestApp) -> Vec<(&'static str, String)> {
    let morgan = app.caller("clinician");
    screen_both(app).await;
    let program = roadmap(app, json!({}));
    let program = morgan.post("/v1/programs", program).await.expect(201).text("/id");
    let evenings =
        json!({ "couple_id": app.id("couple"), "schedule": { "rhythm": { "kind": "daily" } } });
    let evenings = assign(app, "daily_check_in", evenings).await;
    let gestures = for_couple(app, "friendly_gestures").await;
    let goal = for_couple(app, "goal_statements").await;
    let event = json!({ "status": "submitted",
        "entries": [{ "at": app.clock.now().to_string(), "answers": { "kind": "hug" } }] });
    for (number, who) in [(1, "partner_a"), (2, "partner_b")] {
        let caller = app.caller(who);
        caller.put(&place(&gestures, number + 10), event.clone()).await.expect(201);
        caller.put(&place(&goal, number + 20), submitted(goals("money"))).await.expect(201);
        caller.put(&place(&evenings, number), submitted(check_in(3))).await;
    }
    let review = json!({ "assignment_id": goal, "comment": "Read." });
    let review = morgan.post("/v1/reviews", review).await.expect(201).text("/id");
    let seen = morgan.get(&format!("/v1/submissions?assignment_id={goal}")).await.expect(200).ids();
    vec![("asg", evenings), ("sub", seen[0].clone()), ("prg", program), ("rev", review)]
}

/// What is walked through is no table: constants, and lists that a query has just made.
const OF_NO_TABLE: [&str; 3] = ["SCAN CONSTANT ROW", "SCAN (", "SCAN json_each"];

/// The path of an operation: with records of the story, with none, and with every filter and order.
fn paths(app: &TestApp, operation: &Operation, ids: &[(&str, String)]) -> Vec<String> {
    let document = Document::read();
    let of_homework = |prefix: &str| ids.iter().find(|(known, _)| *known == prefix);
    let known = |prefix: &str| match prefix {
        _ if of_homework(prefix).is_some() => of_homework(prefix).unwrap().1.clone(),
        "cli" => app.id("partner_a"),
        "cpl" => app.id("couple"),
        "trt" => app.id("treatment"),
        "cln" => app.id("clinician"),
        other => format!("{other}_{NOBODY}"),
    };
    let own = operation
        .path_with(|slot| known(document.id_kind(&slot.schema).as_deref().unwrap_or("ext")));
    let mut paths = vec![own, absent(document, operation)];
    if operation.method == Method::GET {
        for filter in operation.placed("query").filter(|filter| filter.name != "cursor") {
            let fitting = document.sample(&filter.schema);
            let fitting = fitting.as_array().map_or(&fitting, |entries| &entries[0]).clone();
            let fitting = fitting.as_str().map_or(fitting.to_string(), str::to_owned);
            let value = match document.id_kind(&filter.schema) {
                Some(kind) => known(&kind),
                None => fitting.replace('+', "%2B"),
            };
            for sort in ["created_at", "-updated_at"] {
                let sort = if operation.is_paged() && filter.name != "sort" {
                    format!("&sort={sort}")
                } else {
                    String::new()
                };
                paths.push(format!("{}?{}={value}{sort}", paths[0], filter.name));
            }
        }
    }
    paths
}

/// True for a step of a plan that reads a table from end to end.
fn walks(step: &str) -> bool {
    if on_postgres() {
        return step.contains("Seq Scan");
    }
    step.starts_with("SCAN") && !OF_NO_TABLE.iter().any(|other| step.starts_with(other))
}

fn explain(conn: &mut attune::db::Conn, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
        line: String,
    }
    if on_postgres() {
        // The plan of a prepared statement, whatever its values: as it is carried out after a few times.
        let most = (1..200).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0);
        let values =
            if most == 0 { String::new() } else { format!("({})", vec!["NULL"; most].join(", ")) };
        for set in ["SET enable_seqscan = off", "SET plan_cache_mode = force_generic_plan"] {
            diesel::sql_query(set).execute(conn).unwrap();
        }
        diesel::sql_query(format!("PREPARE looked_at AS {sql}")).execute(conn).unwrap();
        let plan = format!("EXPLAIN (COSTS OFF) EXECUTE looked_at{values}");
        let lines = diesel::sql_query(plan).load::<Line>(conn).unwrap();
        diesel::sql_query("DEALLOCATE looked_at").execute(conn).unwrap();
        return lines.into_iter().map(|line| line.line).collect();
    }
    let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load::<Step>(conn).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}
