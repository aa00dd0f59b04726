//! Who reads what of a programme.

use super::*;

/// A plan that is drawn up after a betrayal tells of it: only when both know is it chosen.
#[actix_web::test]
async fn a_plan_that_tells_of_a_disclosure_is_for_those_who_all_know() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({ "variants": ["betrayal"], "known_to_all": true })).await;
    assert_eq!(planned(&made)[0], ["2026-11-23", "2026-12-20"]);
    assert_eq!(state(&made, "containment"), "waits");
    assert_eq!(state(&made, "transparency"), "offered");
    let seen = app.caller("partner_b").get(&at(&made)).await.expect(200);
    let text = String::from_utf8(seen.body.clone()).unwrap();
    for word in ["betrayal", "containment", "transparency", REASON, "precondition"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[actix_web::test]
async fn both_partners_read_the_same_and_nobody_else_reads_anything() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({ "variants": ["cumulative"] })).await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let seen = a.get(&at(&made)).await.expect(200);
    assert_eq!(seen.body, b.get(&at(&made)).await.expect(200).body);
    let json = seen.json();
    assert_eq!(json["title"], made.json()["title"]);
    assert_eq!(planned(&seen), planned(&made));
    assert_eq!(json["phases"][0]["actions"].as_array().unwrap().len(), 2, "what they have to do");
    assert_eq!(
        action(&seen, "check_in")["assignment_id"],
        action(&made, "check_in")["assignment_id"]
    );
    for clinicians in ["begun_by", "proposed_plan", "updated_at"] {
        assert_eq!(json[clinicians], Value::Null, "{clinicians}");
    }
    assert_eq!((&json["deviations"], &json["variants"]), (&json!([]), &json!([])));
    assert_eq!(a.get(PATH).await.expect(200).body, b.get(PATH).await.expect(200).body);
    assert_eq!(a.get(PATH).await.ids(), [made.text("/id")]);
    for stranger in ["partner_c", "individual_client", "associate", "other_practice_client"] {
        app.caller(stranger).get(&at(&made)).await.expect(404);
        assert!(app.caller(stranger).get(PATH).await.ids().is_empty(), "{stranger}");
    }
    // What was granted for homework alone is enough, and without it nothing is read.
    app.caller_with("partner_a", "homework:own").get(&at(&made)).await.expect(200);
    app.caller_with("partner_a", "profile:read").get(&at(&made)).await.expect(403);
}

/// Reasons are for who treats; leading is too.
#[actix_web::test]
async fn administrators_and_services_read_that_a_plan_was_left_and_not_why() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    assert_eq!(made.text("/deviations/0/reason"), REASON);
    for reader in ["practice_admin", "service_app"] {
        let caller = app.caller(reader);
        let seen = caller.get(&at(&made)).await.expect(200);
        assert_eq!(seen.text("/deviations/0/kind"), "precondition");
        assert!(!String::from_utf8(seen.body).unwrap().contains(REASON), "{reader}");
        for (name, body) in [("advance", json!({})), ("extend", json!({ "days": 7 }))] {
            let refused = step(&caller, &at(&made), name, body).await.expect(403);
            assert_eq!(refused.text("/code"), "owner_only");
        }
        let refused = caller.post(PATH, roadmap(&app, json!({}))).await.expect(403);
        assert_eq!(refused.text("/code"), "owner_only");
    }
    step(&app.caller("partner_a"), &at(&made), "advance", json!({})).await.expect(403);
    step(&app.caller("associate"), &at(&made), "advance", json!({})).await.expect(404);
}

/// What partner A does alone, and what a clinician decides of it, is nowhere in what partner B reads.
#[actix_web::test]
async fn nothing_that_one_does_in_private_changes_what_the_other_reads() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    // To eight in the evening, when the check-in is open.
    app.clock.advance_seconds(11 * 3600);
    app.days_pass(0);
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let seen = async || {
        let (one, all) = (b.get(&at(&made)).await.expect(200), b.get(PATH).await.expect(200));
        (one.body.clone(), one.header("etag"), all.body.clone(), all.header("etag"))
    };
    let before = seen().await;
    let help = json!({ "kind": "private_safety", "message": "I am afraid." });
    a.post("/v1/me/help-requests", help).await.expect(201);
    let check_in = action(&made, "check_in")["assignment_id"].as_str().unwrap().to_owned();
    let draft = json!({ "status": "draft", "answers": { "mood": 2 } });
    a.put(&place(&check_in, 77), draft).await.expect(201);
    let fit = for_client(&app, "session_fit", "partner_a").await;
    let answers = json!({ "understood": 3, "challenged": 2, "blamed": 0, "placated": 1 });
    a.put(&place(&fit, 78), submitted(answers)).await.expect(201);
    let note = json!({ "kind": "skip", "action": "quiet_hours", "reason": "She is afraid." });
    step(&app.caller("clinician"), &at(&made), "deviate", note).await.expect(200);
    assert_eq!(seen().await, before);
}
