//! Plans: every query of every operation goes by an index, and by one that leads further than to the practice.

use std::collections::BTreeSet;

use actix_web::http::Method;
use diesel::connection::SimpleConnection;
use serde_json::json;

use super::explained::{Plan, what_a_list_is_of};
use super::{Watched, lists, make_many, raise_many};
use crate::programs::{roadmap, screen_both};
use crate::submissions::{assign, check_in, for_client, for_couple, goals, place, submitted};
use crate::support::TestApp;
use crate::support::database::on_postgres;
use crate::support::document::{Document, Operation};
use crate::support::misfits::{NOBODY, absent};

/// The one query that looks at every row of a table, and of no request: the worker asks each practice, by its id,
/// whether something is due for it.
const OF_THE_WORKER: &str = "SELECT `practices`.`practice_id` FROM `practices` WHERE EXISTS";

/// Every query of every operation, explained: none walks through a table. On PostgreSQL, whose tables are small here,
/// every connection of the service calls walking dear: who walks nevertheless has no index to go by.
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
    asked_rightly(app, &ids).await;
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
    let (mut explained, mut pages, mut narrowed, mut found) = (0, 0, 0, Vec::new());
    // What is asked of an empty list finds nothing without looking; the same was asked of full ones.
    let finds_nothing = |sql: &str| sql.replace("CASE WHEN 1=0", "").contains("1=0");
    let looks =
        |sql: &&String| sql.starts_with("SELECT") && sql.contains(" FROM ") && !finds_nothing(sql);
    for sql in asked.iter().filter(looks) {
        let plan = Plan::of(&mut conn, sql);
        let asks_all = sql.starts_with(OF_THE_WORKER);
        let allowed =
            |step: &str| asks_all && step.starts_with("SCAN practices USING COVERING INDEX");
        let walks = plan.walks().filter(|step| !allowed(step));
        let steps = walks.chain(plan.joins_as_a_whole());
        let steps = steps.chain(plan.reads_all_of_a_practice()).chain(plan.leaves_out(sql));
        found.extend(steps.map(|step| format!("{step}\n    in {sql}")));
        explained += 1;
        narrowed += usize::from(!what_a_list_is_of(sql).is_empty());
        pages += usize::from(plan.page_of_a_practice().is_some());
    }
    found.extend(asked.iter().filter_map(|sql| writes_a_key(sql)));
    assert!(explained > 60, "only {explained} queries");
    assert!(
        on_postgres() || narrowed > 200,
        "only {narrowed} lists of one couple, exercise and so on"
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
    println!(
        "{explained} different queries, 0 that read a whole table or all of a practice; {pages} pages in its order, \
         {narrowed} lists by what they are of"
    );
}

/// What was sent on some day, sent on the thousand days before too, in a practice that has many people and assignments
/// by what PostgreSQL is told of them.
const EVENING_AFTER_EVENING: &str = "
    ALTER TABLE submissions ALTER author_id SET (n_distinct = 50), ALTER assignment_id SET (n_distinct = 50);
    INSERT INTO submissions (practice_id, id, device_id, author_id, assignment_id, couple_id, sensitivity, local_date,
        slot_no, status, revision, late, device_shared, received_at, created_at, updated_at)
    SELECT practice_id, gen_random_uuid(), gen_random_uuid(), author_id, assignment_id, couple_id, sensitivity,
        local_date - days, slot_no, status, revision, late, device_shared, received_at, created_at, updated_at
    FROM submissions, generate_series(1, 1000) AS days WHERE local_date IS NOT NULL";

/// A check-in comes every evening for years. What is asked of it today is asked of an index by its day, not of all that
/// somebody has ever sent.
#[actix_web::test]
async fn an_inbox_looks_at_the_days_it_asks_about() {
    let watched = Watched::start().await;
    let app = &watched.app;
    homework_of_all_kinds(app).await;
    if on_postgres() {
        // It goes by what it has counted: years of evenings.
        let mut conn = app.database.open();
        conn.batch_execute(&format!("{EVENING_AFTER_EVENING}; ANALYZE submissions")).unwrap();
    }
    watched.asked();
    app.caller("partner_a").get("/v1/me/inbox").await.expect(200);
    let quoted = if on_postgres() { '"' } else { '`' };
    let first = format!("SELECT {quoted}assignment_participants{quoted}.");
    let own = |sql: &String| sql.starts_with(&first) && sql.contains("joint_confirmations");
    let asked: Vec<String> = watched.asked().into_iter().filter(own).collect();
    let [sql] = asked.as_slice() else { panic!("{asked:?}") };
    let plan = Plan::of(&mut app.database.open(), sql);
    assert!(plan.is_found_by("submissions", "local_date"), "{plan:#?}\n    in {sql}");
}

/// What changed since yesterday is found by its time, and what changed since last year in the order of the list: on
/// PostgreSQL a list of all that a practice has of some time is planned for that time, by whatever parameter it is
/// asked for, and nothing else is.
#[actix_web::test]
async fn what_a_practice_has_of_a_time_is_planned_for_that_time() {
    if !on_postgres() {
        return;
    }
    let (watched, document) = (Watched::start().await, Document::read());
    let admin = watched.app.caller("practice_admin");
    let couple = watched.app.id("couple");
    let planned = |asked: Vec<String>| asked.iter().any(|sql| sql.contains("force_custom_plan"));
    let mut searches = 0;
    for operation in lists() {
        for time in operation.placed("query") {
            let value = match document.resolve(&time.schema)["format"].as_str() {
                Some("date") => "2026-12-01",
                Some("date-time") => "2026-12-01T00:00:00Z",
                _ => continue,
            };
            let path = format!("{}?{}={value}", operation.path, time.name);
            for who in ["practice_admin", "clinician", "partner_a"] {
                let answer = watched.app.caller(who).get(&path).await;
                let asked = watched.asked();
                if answer.status.as_u16() == 200 {
                    assert!(planned(asked), "{path} of {who}");
                    searches += 1;
                }
            }
        }
    }
    assert!(searches > 40, "only {searches} lists by a time");
    for path in [
        "/v1/submissions".to_owned(),
        format!("/v1/submissions?couple_id={couple}&updated_since=2026-12-01T00:00:00Z"),
    ] {
        admin.get(&path).await.expect(200);
        assert!(!planned(watched.asked()), "{path}");
    }
}

/// Whom a clinician treats now is found among those, and not among all that were ever treated. Of SQLite; PostgreSQL
/// goes by what it has counted, which is nothing here.
#[actix_web::test]
async fn a_caseload_is_found_by_its_own_index() {
    if on_postgres() {
        return;
    }
    let watched = Watched::start().await;
    watched.app.caller("clinician").get("/v1/submissions").await.expect(200);
    let asked = watched.asked();
    let of_caseload = |sql: &&String| sql.contains("caseload_couples");
    let sql = asked.iter().find(of_caseload).expect("no list of a caseload");
    let plan = Plan::of(&mut watched.app.database.open(), sql);
    assert!(plan.uses("care_team_members_caseload"), "{plan:#?}");
}

/// An update that writes a key over itself has SQLite look for all rows that refer to it, in every table of which some
/// do: no plan shows that, and in a table without an index on the reference it is all of a practice.
fn writes_a_key(sql: &str) -> Option<String> {
    let (_, set) = sql.strip_prefix("UPDATE")?.split_once(" SET ")?;
    let set = set.split(" WHERE ").next().unwrap_or(set);
    let mut columns = set.split(", ").filter_map(|one| one.split(" = ").next());
    let key =
        columns.find(|name| ["practice_id", "id"].contains(&name.trim_matches(['`', '"'])))?;
    Some(format!("writes {key}\n    in {sql}"))
}

/// What the document's own words cannot ask for: pictures, each with what it needs, and a feed by its address.
async fn asked_rightly(app: &TestApp, ids: &[(&'static str, String)]) {
    let couple = app.id("couple");
    let of_person = format!("client_id={}", app.id("partner_a"));
    let evenings = &ids.iter().find(|(prefix, _)| *prefix == "asg").unwrap().1;
    // Of her own she has one thing to do: without any there is no picture of hers alone.
    for_client(app, "session_fit", "partner_a").await;
    let morgan = app.caller("clinician");
    for of in [
        format!("kind=calendar&assignment_id={evenings}"),
        format!("kind=person&{of_person}"),
        format!("kind=person&{of_person}&couple_id={couple}"),
        format!("kind=couple&couple_id={couple}"),
    ] {
        morgan.get(&format!("/v1/figures/plot?{of}")).await.expect(200);
    }
    let feed = app.caller("partner_a").act("/v1/me/calendar-feeds").await.expect(201).text("/url");
    let path = feed.strip_prefix("http://attune.test").unwrap();
    app.anybody().get(path).await.expect(200);
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
