//! Days in the life of the people whom the service is for.

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn morgan_takes_on_a_new_client_and_finds_her_by_the_beginning_of_her_name() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let made =
        morgan.post("/v1/clients", json!({ "given_name": "Ida", "family_name": "Ångström" })).await;
    let made = made.expect(201);
    assert_eq!(made.text("/status"), "prospective");
    assert_eq!(made.text("/timezone"), "America/Los_Angeles");
    assert_eq!(made.text("/intake_clinician_id"), app.id("clinician"));
    assert_eq!(made.header("location"), format!("/v1/clients/{}", made.text("/id")));
    let found = morgan.get("/v1/clients?name=ang").await.expect(200);
    assert_eq!(found.ids(), [made.text("/id")]);
    assert!(morgan.get("/v1/clients?name=angx").await.expect(200).ids().is_empty());
}

#[actix_web::test]
async fn a_search_without_a_letter_finds_nobody() {
    let app = TestApp::start().await;
    let found = app.caller("clinician").get("/v1/clients?name=--").await.expect(200);
    assert!(found.ids().is_empty());
}

#[actix_web::test]
async fn morgan_cannot_hand_a_client_to_somebody_else_but_the_front_desk_can() {
    let app = TestApp::start().await;
    let (morgan, desk) = (app.caller("clinician"), app.caller("practice_admin"));
    let other = json!({ "given_name": "Ida", "intake_clinician_id": app.id("associate") });
    let refused = morgan.post("/v1/clients", other).await.expect(422);
    assert_eq!(refused.faults(), ["/intake_clinician_id not_permitted"]);
    let client = format!("/v1/clients/{}", morgan.make_client("Ida").await);
    let handover = json!({ "intake_clinician_id": app.id("associate") });
    morgan.patch(&client, handover.clone()).await.expect(422);
    desk.patch(&client, handover).await.expect(200);
    morgan.get(&client).await.expect(404);
    app.caller("associate").get(&client).await.expect(200);
}

#[actix_web::test]
async fn a_partner_sees_the_couple_and_only_the_name_of_the_other() {
    let app = TestApp::start().await;
    let (couple, other) = (app.id("couple"), app.id("partner_b"));
    let seen = app.caller("partner_a").get(&format!("/v1/couples/{couple}")).await.expect(200);
    assert!(!String::from_utf8_lossy(&seen.body).contains(&other));
    assert_eq!(seen.text("/members/1/display_name"), "Tomás");
    app.caller("partner_a").get(&format!("/v1/clients/{other}")).await.expect(404);
}
