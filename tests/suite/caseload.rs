//! The caseload page as a whole: everybody in the order in which they need attention, with every reason that there is,
//! and every picture that it links to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::occurrences::evening;
use crate::programs::begun;
use crate::submissions::{assign, for_client, place, submitted};
use crate::support::TestApp;

/// Two more people in Morgan's care, together.
async fn couple(app: &TestApp, label: &str) -> String {
    let admin = app.caller("practice_admin");
    let mut members = Vec::new();
    for name in ["Eins", "Zwei"] {
        let new = json!({ "given_name": name, "intake_clinician_id": app.id("clinician") });
        let client = admin.post("/v1/clients", new).await.expect(201).text("/id");
        members.push(json!({ "client_id": client, "display_name": name, "accepted": true }));
    }
    let new =
        json!({ "label": label, "members": members, "intake_clinician_id": app.id("clinician") });
    let couple = admin.post("/v1/couples", new).await.expect(201).text("/id");
    let policy = json!({ "policy": "no_secrets" });
    admin.put(&format!("/v1/couples/{couple}/secrets-policy"), policy).await.expect(201);
    admin.act(&format!("/v1/couples/{couple}/activate")).await.expect(200);
    couple
}

/// A check-in of every evening that nobody will do.
async fn evenings_of(app: &TestApp, couple: &str) -> String {
    let rhythm = json!({ "kind": "daily", "times": ["20:00"] });
    let more = json!({ "couple_id": couple, "schedule": { "rhythm": rhythm } });
    assign(app, "daily_check_in", more).await
}

async fn rests_until(app: &TestApp, homework: &str, day: &str) {
    let pause = format!("/v1/assignments/{homework}/pause");
    app.caller("clinician").post(&pause, json!({ "resume_on": day })).await.expect(200);
}

async fn tells_how_a_session_went(app: &TestApp, who: &str) {
    let homework = for_client(app, "session_fit", who).await;
    let fit = json!({ "understood": 4, "challenged": 2, "blamed": 0, "placated": 0 });
    app.caller(who).put(&place(&homework, 700), submitted(fit)).await.expect(201);
}

async fn raised(app: &TestApp, body: Value) {
    app.caller("clinician").post("/v1/alerts", body).await.expect(201);
}

async fn pulse(app: &TestApp, homework: &str, number: u128) {
    let answers = json!({ "blowups": 1, "soft_moments": 5, "clear_asks": 2, "temperature": 6,
        "ease_of_reaching": 6, "resentment": 4, "feel_like_house_manager": 1 });
    app.caller("partner_a").put(&place(homework, number), submitted(answers)).await.expect(201);
}

/// One entry: who, how urgent, and `code count` of each reason.
type Entry = (String, Option<String>, Vec<String>);

/// What stands on Morgan's page, by these names of couples and clients; whoever has none is `-`.
async fn page(app: &TestApp, names: &BTreeMap<String, &str>) -> (Value, Vec<Entry>) {
    let page = app.caller("clinician").get("/v1/caseload").await.expect(200).json();
    let entry = |entry: &Value| {
        let ids = [&entry["couple_id"], &entry["client_id"]];
        let id = ids.into_iter().find_map(Value::as_str).unwrap();
        let reasons = entry["reasons"].as_array().unwrap().iter();
        let reason = |one: &Value| format!("{} {}", one["code"].as_str().unwrap(), one["count"]);
        let name = (*names.get(id).unwrap_or(&"-")).to_owned();
        (name, entry["urgency"].as_str().map(str::to_owned), reasons.map(reason).collect())
    };
    let entries = page["entries"].as_array().unwrap().iter().map(entry).collect();
    (page, entries)
}

/// A week in which everything happens: Morgan has four couples, and people with what is theirs alone.
async fn a_week(app: &TestApp) -> BTreeMap<String, &'static str> {
    let (harbour, orchard, meadow) =
        (couple(app, "Harbour").await, couple(app, "Orchard").await, couple(app, "Meadow").await);
    // Åsa and Tomás: a programme whose phase ends, evenings that nobody does, and bitterness for two weeks.
    begun(app, json!({})).await;
    let weekly = assign(app, "weekly_pulse", json!({ "couple_id": app.id("couple") })).await;
    pulse(app, &weekly, 600).await;
    // Orchard leaves out its evenings, and something else was to go on by now; Meadow leaves out its evenings.
    evenings_of(app, &orchard).await;
    let paused = assign(app, "goal_statements", json!({ "couple_id": orchard })).await;
    rests_until(app, &paused, "2026-12-08").await;
    evenings_of(app, &meadow).await;
    // Something of Åsa's alone was to go on too.
    let own = for_client(app, "presentation_intake", "partner_a").await;
    rests_until(app, &own, "2026-12-09").await;
    evening(app, 7);
    pulse(app, &weekly, 601).await;
    for who in ["individual_client", "partner_a", "partner_b"] {
        tells_how_a_session_went(app, who).await;
    }
    let members = app.caller("clinician").get(&format!("/v1/couples/{harbour}")).await.expect(200);
    let member = members.text("/members/0/client_id");
    let alert = json!({ "client_id": member, "couple_id": harbour, "code": "ipv_disclosed" });
    raised(app, alert).await;
    let alone =
        json!({ "client_id": app.id("individual_client"), "code": "coercive_control_concern" });
    raised(app, alone).await;
    BTreeMap::from([
        (harbour, "Harbour"),
        (orchard, "Orchard"),
        (meadow, "Meadow"),
        (app.id("couple"), "Åsa and Tomás"),
        (app.id("individual_client"), "Oluwaseun"),
        (app.id("partner_a"), "Åsa"),
        (app.id("partner_b"), "Tomás"),
    ])
}

/// The words that a member of the description can have.
fn known_words<'a>(document: &'a Value, member: &str) -> BTreeSet<&'a str> {
    let words =
        &document.pointer(&format!("/components/schemas{member}")).unwrap()["x-known-values"];
    words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

/// By urgency, then by how much there is; whoever needs nothing stands at the end, in the order of their ids.
#[actix_web::test]
async fn everybody_stands_in_the_order_in_which_they_need_attention_with_every_reason() {
    let app = TestApp::start().await;
    let names = a_week(&app).await;
    let (shown, entries) = page(&app, &names).await;
    let expected: [(&str, &str, &[&str]); 7] = [
        ("Harbour", "critical", &["alert 1"]),
        ("Oluwaseun", "high", &["alert 1", "unread 1"]),
        (
            "Åsa and Tomás",
            "moderate",
            &["phase_over 1", "missed_in_a_row 16", "prompt 1", "unread 2"],
        ),
        ("Orchard", "moderate", &["missed_in_a_row 7", "resume_due 1"]),
        ("Meadow", "moderate", &["missed_in_a_row 7"]),
        ("Åsa", "info", &["resume_due 1", "unread 1"]),
        ("Tomás", "info", &["unread 1"]),
    ];
    let expected: Vec<Entry> = expected
        .into_iter()
        .map(|(who, urgency, reasons)| {
            let reasons = reasons.iter().map(|one| (*one).to_owned()).collect();
            (who.to_owned(), Some(urgency.to_owned()), reasons)
        })
        .collect();
    assert_eq!(entries[..expected.len()], expected);
    let rest = &entries[expected.len()..];
    assert!(rest.len() >= 6, "the members of the three new couples need nothing themselves");
    assert!(rest.iter().all(|(_, urgency, reasons)| urgency.is_none() && reasons.is_empty()));
    let ids: Vec<&str> = shown["entries"].as_array().unwrap()[expected.len()..]
        .iter()
        .map(|entry| entry["client_id"].as_str().unwrap())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    // No reason that there is a word for is left out of the story.
    let told: BTreeSet<&str> = entries
        .iter()
        .flat_map(|(.., reasons)| reasons)
        .filter_map(|one| one.split(' ').next())
        .collect();
    let document = attune::app::document();
    assert_eq!(told, known_words(&document, "/Attention/properties/code"));

    // What somebody deals with lets them sink: the alert is closed, and the phase is over no more.
    let alerts = app.caller("clinician").get("/v1/alerts?severity=critical").await.expect(200);
    let alert = format!("/v1/alerts/{}", alerts.ids()[0]);
    let closing = json!({ "reason": "A plan for her safety is in place." });
    app.caller("clinician").act(&format!("{alert}/acknowledge")).await.expect(200);
    app.caller("clinician").post(&format!("{alert}/resolve"), closing).await.expect(200);
    let (_, entries) = page(&app, &names).await;
    let order: Vec<&str> = entries.iter().map(|(who, ..)| who.as_str()).collect();
    assert_eq!(order[..3], ["Oluwaseun", "Åsa and Tomás", "Orchard"]);
    assert_eq!(
        order.last(),
        Some(&"Harbour"),
        "a couple that needs nothing comes after all people"
    );
}

/// Every link on the page is answered with a picture that has its words in it, and there is one of every kind.
#[actix_web::test]
async fn every_picture_that_the_page_links_to_is_there_with_its_words() {
    let app = TestApp::start().await;
    a_week(&app).await;
    let morgan = app.caller("clinician");
    let shown = morgan.get("/v1/caseload").await.expect(200).json();
    let entries = shown["entries"].as_array().unwrap();
    let links: Vec<&Value> =
        entries.iter().flat_map(|entry| entry["plots"].as_array().unwrap()).collect();
    let mut kinds = BTreeMap::new();
    for link in links {
        *kinds.entry(link["kind"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        let path = link["path"].as_str().unwrap();
        assert!(path.starts_with("/v1/figures/plot?"), "{path}");
        let plot = morgan.get(path).await.expect(200);
        let (title, text, svg) = (plot.text("/title"), plot.text("/text"), plot.text("/svg"));
        assert!(svg.starts_with("<svg") && text.contains("Week of "), "{path}: {text}");
        for (element, words) in [("title", title), ("desc", text)] {
            let open = svg.split_once(&format!("<{element} id=")).unwrap().1;
            let inside = open.split_once('>').unwrap().1;
            assert!(inside.starts_with(&format!("{words}</{element}>")), "{path}: {element}");
        }
        app.caller("associate").get(path).await.expect(404);
    }
    let document = attune::app::document();
    let all = known_words(&document, "/PlotLink/properties/kind");
    assert_eq!(kinds.keys().map(String::as_str).collect::<BTreeSet<_>>(), all);
    println!("{kinds:?}, all of them there");
}

/// What was told in private leaves couple homework assigned, so that it ends without being done; it is as unread as it
/// was, and so is what is withdrawn before anybody has looked.
#[actix_web::test]
async fn what_nobody_has_read_stays_on_the_page_however_its_homework_ends() {
    let app = TestApp::start().await;
    let schedule = json!({ "rhythm": { "kind": "events" }, "ends_on": "2026-12-04" });
    let more = json!({ "couple_id": app.id("couple"), "schedule": schedule });
    let (ends, withdrawn) = (
        assign(&app, "red_line_self_report", more.clone()).await,
        assign(&app, "red_line_self_report", more).await,
    );
    evening(&app, 0);
    let answers = json!({ "line_code": "raised my voice", "next_time": "I go for a walk first." });
    let entries = json!([{ "at": app.clock.now().to_string(), "answers": answers }]);
    let body = json!({ "status": "submitted", "entries": entries });
    for (homework, number) in [(&ends, 1), (&withdrawn, 2)] {
        let path = place(homework, number);
        app.caller("partner_a").put(&path, body.clone()).await.expect(201);
    }
    app.caller("clinician").act(&format!("/v1/assignments/{withdrawn}/withdraw")).await.expect(200);
    evening(&app, 6);
    app.tick().await;
    let morgan = app.caller("clinician");
    for (homework, status) in [(&ends, "expired"), (&withdrawn, "withdrawn")] {
        let over = morgan.get(&format!("/v1/assignments/{homework}")).await.expect(200);
        assert_eq!(over.text("/status"), status);
    }
    let unread = async || {
        let page = app.caller("clinician").get("/v1/caseload").await.expect(200).json();
        let entries = page["entries"].as_array().unwrap().clone();
        let reasons = entries.iter().flat_map(|one| one["reasons"].as_array().unwrap());
        let unread = reasons.filter(|one| one["code"] == "unread" && one["count"] == 1);
        unread.map(|one| one["assignment_id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(unread().await, BTreeSet::from([ends.clone(), withdrawn.clone()]));
    let review = json!({ "assignment_id": ends, "comment": "Read." });
    morgan.post("/v1/reviews", review).await.expect(201);
    assert_eq!(unread().await, BTreeSet::from([withdrawn]));
}
