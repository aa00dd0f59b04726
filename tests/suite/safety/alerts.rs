//! The life of an alert, and who sees it.

use serde_json::{Value, json};

use super::{ALERTS, HOLDS, hold, raise};
use crate::support::TestApp;

#[actix_web::test]
async fn an_alert_is_raised_acknowledged_planned_for_and_resolved() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let body = json!({
        "client_id": app.id("partner_a"), "couple_id": app.id("couple"),
        "code": "fear_of_partner", "detail": "Was quiet while he was there.",
    });
    let made = morgan.post(ALERTS, body).await.expect(201);
    let path = format!("{ALERTS}/{}", made.text("/id"));
    assert_eq!(made.header("location"), path);
    for (member, value) in [
        ("kind", "safety_flag"),
        ("severity", "critical"),
        ("status", "raised"),
        ("detail", "Was quiet while he was there."),
        ("raised_by", &app.id("clinician")),
        ("couple_id", &app.id("couple")),
    ] {
        assert_eq!(made.text(&format!("/{member}")), value);
    }
    assert_eq!(made.text("/next_page_at"), made.text("/created_at"), "due at once");

    let entry = morgan.get(ALERTS).await.expect(200).json()["data"][0].clone();
    assert_eq!(entry["id"], made.json()["id"]);
    for text in ["detail", "plan", "closing"] {
        assert!(entry.get(text).is_none(), "a list carries no texts");
    }

    app.clock.advance_seconds(60);
    let has_it = morgan.act(&format!("{path}/acknowledge")).await.expect(200);
    assert_eq!(has_it.text("/status"), "acknowledged");
    assert_eq!(has_it.text("/acknowledged_by"), app.id("clinician"));
    assert_eq!(has_it.json()["next_page_at"], Value::Null);
    let again = morgan.act(&format!("{path}/acknowledge")).await.expect(409);
    assert_eq!(again.json()["allowed_transitions"], json!(["resolve", "dismiss"]));
    let planned = morgan.patch(&path, json!({ "plan": "Meet alone on Thursday." })).await;
    assert_eq!(planned.expect(200).text("/plan"), "Meet alone on Thursday.");
    let close = json!({ "reason": "A place to stay was found." });
    let closed = morgan.post(&format!("{path}/resolve"), close.clone()).await.expect(200);
    assert_eq!(closed.text("/status"), "resolved");
    assert_eq!(closed.text("/closing"), "A place to stay was found.");
    for late in ["resolve", "dismiss"] {
        let refused = morgan.post(&format!("{path}/{late}"), close.clone()).await.expect(409);
        assert_eq!(refused.text("/code"), "invalid_transition");
    }
    assert_eq!(
        morgan.patch(&path, json!({ "plan": null })).await.expect(409).text("/code"),
        "invalid_transition"
    );
}

#[actix_web::test]
async fn severity_follows_the_flag_unless_the_clinician_knows_better() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    for (code, severity, given) in [
        ("ipv_disclosed", "critical", None),
        ("sexual_coercion_concern", "high", None),
        ("substance_risk", "moderate", None),
        ("substance_risk", "info", Some("info")),
    ] {
        let body = json!({ "client_id": app.id("partner_a"), "code": code, "severity": given });
        let made = morgan.post(ALERTS, body).await.expect(201);
        assert_eq!(made.text("/severity"), severity, "{code}");
        let calls = ["critical", "high"].contains(&severity);
        assert_eq!(!made.json()["next_page_at"].is_null(), calls, "{code}");
    }
    let derived = json!({ "client_id": app.id("partner_a"), "code": "conjoint_hold" });
    morgan.post(ALERTS, derived).await.expect(422);
    let listed = morgan.get("/v1/alerts?severity=high,critical&status=raised").await;
    assert_eq!(listed.expect(200).ids().len(), 2);
    let others = format!("/v1/alerts?client_id={}", app.id("partner_b"));
    assert_eq!(morgan.get(&others).await.expect(200).ids().len(), 0);
}

/// The system proposes, and holds nothing: that is for Morgan to do.
#[actix_web::test]
async fn an_open_alert_proposes_the_hold_that_its_flag_calls_for() {
    let app = TestApp::start().await;
    let raise = async |who: &str, code: &str| {
        let body = json!({ "client_id": app.id(who), "code": code });
        let made = app.caller("clinician").post(ALERTS, body).await.expect(201);
        (format!("{ALERTS}/{}", made.text("/id")), made.json()["proposed_hold"].clone())
    };
    for (code, proposed) in [
        ("fear_of_partner", json!("conjoint")),
        ("ipv_disclosed", json!("conjoint")),
        ("coercive_control_concern", json!("conjoint")),
        ("sexual_coercion_concern", json!("touch")),
        ("suicide_risk", Value::Null),
        ("major_symptoms", Value::Null),
    ] {
        assert_eq!(raise("partner_a", code).await.1, proposed, "{code}");
    }
    assert_eq!(app.caller("clinician").get(HOLDS).await.expect(200).ids().len(), 0);

    let (first, alone) = raise("partner_a", "trauma_response").await;
    assert_eq!(alone, Value::Null);
    assert_eq!(raise("partner_b", "trauma_response").await.1, Value::Null, "somebody else's");
    app.days_pass(14);
    let (second, again) = raise("partner_a", "trauma_response").await;
    assert_eq!(again, "touch", "the second within fourteen days");
    app.clock.advance_seconds(1);
    app.days_pass(14);
    assert_eq!(raise("partner_a", "trauma_response").await.1, Value::Null, "too long ago");
    let morgan = app.caller("clinician");
    assert_eq!(morgan.get(&first).await.expect(200).json()["proposed_hold"], Value::Null);
    let close = json!({ "reason": "Talked about it; they go on slowly." });
    let closed = morgan.post(&format!("{second}/dismiss"), close).await.expect(200);
    assert_eq!(closed.json()["proposed_hold"], Value::Null, "it is dealt with");
}

/// Safety stays with those who treat the client. That somebody administers the practice opens nothing.
#[actix_web::test]
async fn nobody_but_the_treating_clinicians_sees_an_alert_or_a_hold() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let alert = format!("{ALERTS}/{}", raise(&morgan, &app.id("partner_a"), "ipv_disclosed").await);
    let held = format!("{HOLDS}/{}", hold(&app, "clinician", "conjoint").await.text("/id"));
    for stranger in ["supervisor", "associate", "other_practice_clinician"] {
        for (path, list) in [(&alert, ALERTS), (&held, HOLDS)] {
            app.caller(stranger).get(path).await.expect(404);
            assert!(app.caller(stranger).get(list).await.expect(200).ids().is_empty());
        }
        app.caller(stranger).act(&format!("{alert}/acknowledge")).await.expect(404);
        app.caller(stranger).act(&format!("{held}/lift")).await.expect(404);
        let about = json!({ "client_id": app.id("partner_a"), "code": "suicide_risk" });
        let unseen = app.caller(stranger).post(ALERTS, about).await.expect(422);
        assert_eq!(unseen.faults(), ["/client_id not_found"]);
    }
    let without = ["partner_a", "partner_b", "practice_admin", "service_app"];
    for stranger in without {
        for path in [alert.as_str(), held.as_str(), ALERTS, HOLDS] {
            let refused = app.caller(stranger).get(path).await.expect(403);
            assert_eq!(refused.text("/code"), "scope_missing", "{stranger} {path}");
        }
    }
    morgan.get(&alert).await.expect(200);
}

/// An administrator who also treats sees what they treat, and not the practice.
#[actix_web::test]
async fn an_administrator_who_is_a_clinician_sees_their_own_caseload() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let found = admin.get("/v1/users?email=rilan@tidewater.example").await.expect(200);
    let user = format!("/v1/users/{}", found.text("/data/0/id"));
    admin.patch(&user, json!({ "practice_admin": true })).await.expect(200);
    let both = app.caller("associate");
    let id = raise(&app.caller("clinician"), &app.id("partner_a"), "fear_of_partner").await;
    both.get(&format!("/v1/couples/{}", app.id("couple"))).await.expect(200);
    both.get(&format!("{ALERTS}/{id}")).await.expect(404);
    assert!(both.get(ALERTS).await.expect(200).ids().is_empty());
    let about = json!({ "client_id": app.id("partner_a"), "code": "suicide_risk" });
    assert_eq!(both.post(ALERTS, about).await.expect(422).faults(), ["/client_id not_found"]);
    let on =
        json!({ "couple_id": app.id("couple"), "kind": "touch", "cover_reason": "focus_shift" });
    assert_eq!(both.post(HOLDS, on).await.expect(422).faults(), ["/couple_id not_found"]);
    let own = raise(&both, &app.id("partner_c"), "fear_of_partner").await;
    assert_eq!(both.get(ALERTS).await.ids(), std::slice::from_ref(&own));
    // Whoever supervises reads what the supervised may.
    assert_eq!(app.caller("supervisor").get(ALERTS).await.ids(), [own]);
}

/// Somebody who treats the client alone is told of the client, and not of a couple that they do not treat.
#[actix_web::test]
async fn a_couple_that_somebody_else_treats_is_not_named() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let team = json!([{ "clinician_id": app.id("supervisor"), "role": "primary" }]);
    let alone = json!({ "client_id": app.id("partner_a"), "care_team": team });
    admin.post("/v1/treatments", alone).await.expect(201);
    let body = json!({ "client_id": app.id("partner_a"), "couple_id": app.id("couple"),
                       "code": "coercive_control_concern" });
    let id = app.caller("clinician").post(ALERTS, body).await.expect(201).text("/id");
    let ines = app.caller("supervisor");
    let seen = ines.get(&format!("{ALERTS}/{id}")).await.expect(200);
    assert_eq!(seen.json()["couple_id"], Value::Null);
    let by_couple = format!("{ALERTS}?couple_id={}", app.id("couple"));
    assert!(ines.get(&by_couple).await.expect(200).ids().is_empty());
    assert_eq!(app.caller("clinician").get(&by_couple).await.ids(), [id]);
}
