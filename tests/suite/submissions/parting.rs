//! A couple that parts: what waited for both never opens, and tells nobody that it is there.

use serde_json::json;

use super::{assign, for_couple, goals, place, shared, submitted};
use crate::occurrences::occurrences;
use crate::support::TestApp;

/// Nothing is added to what a couple had together, and nothing is revealed once they part.
#[actix_web::test]
async fn a_couple_that_parts_reveals_nothing_more() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "goal_statements").await;
    a.put(&place(&homework, 1), submitted(goals("money"))).await.expect(201);
    let couple = format!("/v1/couples/{}", app.id("couple"));
    morgan.act(&format!("{couple}/separate")).await.expect(200);
    b.put(&place(&homework, 1), submitted(goals("time"))).await.expect(201);
    assert!(shared(&b, &homework).await.is_empty());
    let assignment = format!("/v1/assignments/{homework}");
    let pause = json!({ "resume_on": "2026-12-09" });
    for over in [false, true] {
        if over {
            morgan.act(&format!("{couple}/dissolve")).await.expect(200);
            let late = json!({ "status": "skipped" });
            b.put(&place(&homework, 2), late).await.expect(409);
        }
        // Each of these has the service look again at what waits.
        let consent = json!({ "client_id": app.id("partner_a"), "kind": "sexual_health_homework",
                              "document_version": "1", "signer_name": "Somebody" });
        a.post("/v1/consents", consent).await.expect(201);
        morgan.post(&format!("{assignment}/pause"), pause.clone()).await.expect(200);
        morgan.act(&format!("{assignment}/resume")).await.expect(200);
        assert!(shared(&a, &homework).await.is_empty(), "over: {over}");
        assert!(shared(&b, &homework).await.is_empty(), "over: {over}");
    }
}

/// What never opens counts for nobody: else the couple's page would tell one of them that the other has answered.
#[actix_web::test]
async fn a_couple_that_parts_is_not_told_who_has_answered_what_never_opens() {
    for parts in [false, true] {
        let app = TestApp::start().await;
        let (a, b, morgan) =
            (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
        let daily =
            json!({ "couple_id": app.id("couple"), "schedule": { "rhythm": { "kind": "daily" } } });
        let homework = assign(&app, "weekly_pulse", daily).await;
        let pulse = json!({ "blowups": 1, "soft_moments": 3, "clear_asks": 2, "temperature": 4,
            "ease_of_reaching": 6, "gestures_noticed": 5, "resentment": 1, "feel_like_house_manager": 1 });
        a.put(&place(&homework, 1), submitted(pulse.clone())).await.expect(201);
        let couple = format!("/v1/couples/{}", app.id("couple"));
        if parts {
            morgan.act(&format!("{couple}/separate")).await.expect(200);
        }
        let page = format!("{couple}/dashboard");
        let before = a.get(&page).await.expect(200).json();
        b.put(&place(&homework, 1), submitted(pulse)).await.expect(201);
        let after = a.get(&page).await.expect(200).json();
        assert_eq!(before == after, parts, "{after}");
        // Nobody has missed it, also when its time is over.
        for _ in 0..2 {
            let morgan = app.caller("clinician");
            let seen = occurrences(&morgan, &homework, "&from=2026-12-02&until=2026-12-02").await;
            let status = ["submitted", "partially_submitted"][usize::from(parts)];
            assert_eq!(seen[0]["status"], status);
            app.days_pass(6);
        }
    }
}
