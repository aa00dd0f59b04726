//! Lists: every page of every list in every order, and cursors that are good for one list.

use serde_json::{Value, json};

use crate::submissions::{place, submitted};
use crate::support::document::{Document, Operation};
use crate::support::{Caller, TestApp};

/// Every list of the document, and who reads all of it: what is about safety a clinician alone, what is
/// shared among participants one of them.
fn lists() -> Vec<(String, &'static str)> {
    let operations = Document::read().operations().into_iter();
    let reader = |one: &Operation| match one.scopes.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        ["alerts:read" | "psychotherapy:own"] => "clinician",
        ["homework:own"] => "partner_b",
        _ => "practice_admin",
    };
    // A list below one record is walked where that record's stories are told.
    let whole = |one: &Operation| one.is_paged() && has_orders(one) && !one.path.contains('{');
    let listed = operations.filter(whole);
    listed.map(|one| (one.path.clone(), reader(&one))).collect()
}

/// False for a list that has one order, which is tried apart.
fn has_orders(list: &Operation) -> bool {
    list.placed("query").any(|parameter| parameter.name == "sort")
}

const SORTS: [&str; 4] = ["created_at", "-created_at", "updated_at", "-updated_at"];

/// The story and some more of everything, changed in another order than made.
async fn peopled() -> TestApp {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let mut made = Vec::new();
    for name in ["Eins", "Zwei", "Drei", "Vier"] {
        app.clock.advance_seconds(1);
        made.push(admin.make_client(name).await);
        let body = json!({ "display_name": name });
        admin.post("/v1/clinicians", body).await.expect(201);
    }
    for id in made.iter().rev() {
        app.clock.advance_seconds(1);
        admin.act(&format!("/v1/clients/{id}/activate")).await.expect(200);
    }
    let morgan = app.caller("clinician");
    for code in ["major_symptoms", "substance_risk", "trauma_response"] {
        app.clock.advance_seconds(1);
        let alert = json!({ "client_id": app.id("partner_a"), "code": code });
        morgan.post("/v1/alerts", alert).await.expect(201);
        let hold = json!({ "couple_id": app.id("couple"), "kind": "touch",
                           "cover_reason": "focus_shift" });
        morgan.post("/v1/holds", hold).await.expect(201);
    }
    answered(&app).await;
    app
}

/// What both partners have sent, and what was said of it.
async fn answered(app: &TestApp) {
    let morgan = app.caller("clinician");
    let found = morgan.get("/v1/activity-definitions?key=goal_statements").await.text("/data/0/id");
    for number in 0..3u128 {
        let new = json!({ "activity_definition_id": found, "couple_id": app.id("couple") });
        let homework = morgan.post("/v1/assignments", new).await.expect(201).text("/id");
        for who in ["partner_a", "partner_b"] {
            app.clock.advance_seconds(1);
            let sent = submitted(crate::submissions::goals("time"));
            app.caller(who).put(&place(&homework, number), sent).await.expect(201);
        }
        let review = json!({ "assignment_id": homework, "comment": "Well said, both." });
        morgan.post("/v1/reviews", review).await.expect(201);
    }
}

/// Walks a list to its end; each page is checked against its `Link`.
async fn walk(caller: &Caller<'_>, path: &str, query: &str) -> (Vec<Value>, usize) {
    let (mut all, mut pages) = (Vec::new(), 0);
    let mut next = format!("{path}?{query}");
    loop {
        let page = caller.get(&next).await.expect(200);
        let json = page.json();
        pages += 1;
        all.extend(json["data"].as_array().unwrap().clone());
        let Some(cursor) = json["next_cursor"].as_str() else {
            assert_eq!(page.header("link"), "");
            return (all, pages);
        };
        let link = page.header("link");
        let address = link.strip_prefix("<http://attune.test").unwrap();
        let address = address.strip_suffix(">; rel=\"next\"").unwrap();
        assert!(address.ends_with(&format!("cursor={cursor}")), "{address}");
        address.clone_into(&mut next);
    }
}

#[actix_web::test]
async fn the_pages_of_every_list_are_the_whole_whatever_the_order_and_the_limit() {
    let app = peopled().await;
    let (mut walks, mut seen) = (0, 0);
    for (path, reader) in lists() {
        let reader = app.caller(reader);
        for sort in SORTS {
            let (whole, _) = walk(&reader, &path, &format!("sort={sort}&limit=200")).await;
            in_order(&whole, sort);
            for limit in 1..=whole.len() + 1 {
                let (paged, pages) =
                    walk(&reader, &path, &format!("limit={limit}&sort={sort}")).await;
                assert_eq!(paged, whole, "{path} by {sort}, {limit} at a time");
                assert_eq!(pages, whole.len().div_ceil(limit).max(1));
                (walks, seen) = (walks + 1, seen + pages);
            }
        }
        let (default, _) = walk(&reader, &path, "").await;
        assert_eq!(default, walk(&reader, &path, "sort=created_at").await.0);
    }
    println!("{} lists, {walks} walks over {seen} pages", lists().len());
}

/// What clients read of sessions, summaries and accesses, and the audit.
#[actix_web::test]
async fn the_pages_of_a_list_of_one_order_are_the_whole_whatever_the_limit() {
    let app = peopled().await;
    for hour in [14, 16, 18] {
        let new = crate::sessions::joint(&app, hour).await;
        crate::sessions::book(&app, new).await.expect(201);
        app.caller("partner_a").act("/v1/me/calendar-feeds").await.expect(201);
    }
    let mut walks = 0;
    for list in
        Document::read().operations().iter().filter(|one| one.is_paged() && !has_orders(one))
    {
        let reader = if list.path.starts_with("/v1/me/") { "partner_a" } else { "practice_admin" };
        let reader = app.caller(reader);
        let (whole, _) = walk(&reader, &list.path, "limit=200").await;
        for limit in [1, 2, 7] {
            let (paged, pages) = walk(&reader, &list.path, &format!("limit={limit}")).await;
            assert_eq!(paged, whole, "{}, {limit} at a time", list.path);
            assert_eq!(pages, whole.len().div_ceil(limit).max(1));
            walks += 1;
        }
    }
    assert!(walks >= 12, "{walks}");
}

fn in_order(entries: &[Value], sort: &str) {
    let key = |entry: &Value| {
        // What is shared has no id, and is in the order of sharing whatever the sort is called.
        let Some(id) = entry["id"].as_str().map(str::to_owned) else {
            return (entry["shared_at"].as_str().unwrap_or_default().to_owned(), String::new());
        };
        let at = entry["updated_at"].as_str().unwrap_or_default().to_owned();
        if sort.ends_with("updated_at") { (at, id) } else { (String::new(), id) }
    };
    let mut keys: Vec<_> = entries.iter().map(key).collect();
    if sort.starts_with('-') {
        keys.reverse();
    }
    assert!(keys.is_sorted(), "{sort}: {keys:?}");
}

#[actix_web::test]
async fn updated_since_is_what_a_mirror_needs() {
    let app = peopled().await;
    for (path, reader) in lists().into_iter().filter(|(path, _)| path != "/v1/shared-answers") {
        let reader = app.caller(reader);
        let (all, _) = walk(&reader, &path, "sort=updated_at").await;
        for entry in &all {
            let since = entry["updated_at"].as_str().unwrap();
            let (changed, _) =
                walk(&reader, &path, &format!("sort=updated_at&limit=3&updated_since={since}"))
                    .await;
            let expected: Vec<_> = all
                .iter()
                .filter(|one| one["updated_at"].as_str() >= Some(since))
                .cloned()
                .collect();
            assert_eq!(changed, expected, "{path} since {since}");
        }
    }
}

/// The clinician's own front end asks again from where it was: it gets what has changed, and what bears the instant
/// that it asked from.
#[actix_web::test]
async fn a_mirror_that_comes_back_gets_what_has_changed_since() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let goals = |word: &str| submitted(crate::submissions::goals(word));
    let mut homework = Vec::new();
    for number in 1..=3 {
        app.clock.advance_seconds(1);
        let one = crate::submissions::for_couple(&app, "goal_statements").await;
        app.clock.advance_seconds(1);
        a.put(&place(&one, number), goals("time")).await.expect(201);
        homework.push(one);
    }
    let lists = ["/v1/assignments", "/v1/submissions", "/v1/reviews"];
    let mut last = Vec::new();
    for list in lists {
        let (all, _) = walk(&morgan, list, "sort=updated_at&limit=2").await;
        last.push(
            all.last().map_or(json!("2026-01-01T00:00:00Z"), |one| one["updated_at"].clone()),
        );
    }
    // Without what was there before: it bears the instant itself.
    let news = async |list: usize| {
        let since = last[list].as_str().unwrap();
        let query = format!("sort=updated_at&limit=2&updated_since={since}");
        let (found, _) = walk(&morgan, lists[list], &query).await;
        let new = found.into_iter().filter(|one| one["updated_at"] != last[list]);
        new.collect::<Vec<Value>>()
    };
    let (all, _) = walk(&morgan, lists[1], "sort=updated_at").await;
    let looked_at = all.last().unwrap()["id"].clone();
    for list in 0..3 {
        assert_eq!(news(list).await, Vec::<Value>::new(), "nothing has changed");
    }

    app.clock.advance_seconds(60);
    let own = |number: u128| format!("/v1/submissions/{}", crate::submissions::device_id(number));
    let tag = a.get(&own(1)).await.header("etag");
    a.header("if-match", &tag).put(&place(&homework[0], 1), goals("work")).await.expect(200);
    app.clock.advance_seconds(1);
    a.act(&format!("{}/retract", own(2))).await.expect(200);
    let review = json!({ "submission_id": looked_at, "comment": "Well said." });
    let review = morgan.post("/v1/reviews", review).await.expect(201).json();
    let sent: Vec<Value> = news(1).await;
    let told: Vec<_> = sent.iter().map(|one| (&one["assignment_id"], &one["status"])).collect();
    let (first, second) = (json!(homework[0]), json!(homework[1]));
    assert_eq!(told, [(&first, &json!("amended")), (&second, &json!("retracted"))]);
    assert_eq!(news(2).await, [review]);
    assert_eq!(news(0).await, Vec::<Value>::new(), "no assignment has changed by it");

    app.clock.advance_seconds(1);
    b.put(&place(&homework[0], 1), goals("money")).await.expect(201);
    let begun: Vec<_> = news(0).await.iter().map(|one| one["id"].clone()).collect();
    assert_eq!(begun, [first], "what both have answered is under way");
}

#[actix_web::test]
async fn a_cursor_is_good_for_its_own_list_filter_order_and_person_alone() {
    let app = peopled().await;
    let admin = app.caller("practice_admin");
    let page = admin.get("/v1/clients?limit=1&status=active").await.expect(200);
    let cursor = page.text("/next_cursor");
    admin.get(&format!("/v1/clients?status=active&cursor={cursor}")).await.expect(200);
    let mut tried = 0;
    for elsewhere in [
        "/v1/clients?",
        "/v1/clients?status=inactive&",
        "/v1/clients?status=active&sort=-created_at&",
        "/v1/clients?status=active&archived=true&",
        "/v1/clinicians?",
        "/v1/couples?status=active&",
        "/v1/users?",
    ] {
        let answer = admin.get(&format!("{elsewhere}cursor={cursor}")).await.expect(400);
        assert_eq!(answer.text("/code"), "invalid_cursor", "{elsewhere}");
        tried += 1;
    }
    for other in ["clinician", "supervisor", "service_app", "other_practice_clinician"] {
        let answer =
            app.caller(other).get(&format!("/v1/clients?status=active&cursor={cursor}")).await;
        assert_eq!(answer.expect(400).text("/code"), "invalid_cursor", "{other}");
        tried += 1;
    }
    println!("{tried} cursors of elsewhere refused");
}
