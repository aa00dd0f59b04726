//! Logins: whom they belong to, and that somebody can always mend things.

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let admins = admin.get("/v1/users?role=practice_admin").await.expect(200).ids();
    let [first] = admins.as_slice() else { panic!("{admins:?}") };
    let path = format!("/v1/users/{first}");
    let refused = admin.act(&format!("{path}/disable")).await.expect(409);
    assert_eq!(refused.faults(), ["/practice_admin last_admin"]);
    assert_ne!(admin.patch(&path, json!({ "practice_admin": false })).await.status, 200);
    let body = json!({ "email": "second@tidewater.example", "practice_admin": true });
    let second = admin.post("/v1/users", body).await.expect(201).text("/id");
    admin.act(&format!("/v1/users/{second}/disable")).await.expect(200);
    admin.act(&format!("{path}/disable")).await.expect(409);
    admin.act(&format!("/v1/users/{second}/enable")).await.expect(200);
    admin.act(&format!("{path}/disable")).await.expect(200);
    admin.get("/v1/me").await.expect(401);
}

#[actix_web::test]
async fn an_address_is_one_login_whatever_its_case() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let body = json!({ "email": "Somebody@Tidewater.example", "practice_admin": true });
    let made = admin.post("/v1/users", body.clone()).await.expect(201);
    let shouted = json!({ "email": "SOMEBODY@TIDEWATER.EXAMPLE", "practice_admin": true });
    assert_eq!(admin.post("/v1/users", shouted).await.expect(409).text("/code"), "already_exists");
    let found = admin.get("/v1/users?email=somebody%40tidewater.example").await.expect(200);
    assert_eq!(found.ids(), [made.text("/id")]);
    let nobody = json!({ "email": "nobody@tidewater.example" });
    admin.post("/v1/users", nobody).await.expect(422);
    let both =
        json!({ "email": "x@y.example", "practice_admin": true, "client_id": app.id("partner_a") });
    admin.post("/v1/users", both).await.expect(422);
}

#[actix_web::test]
async fn a_change_of_role_works_on_the_next_request() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let id = app.id("clinician");
    let user = admin.get(&format!("/v1/users?clinician_id={id}")).await.ids()[0].clone();
    let morgan = app.caller("clinician");
    morgan.get("/v1/users").await.expect(403);
    let path = format!("/v1/users/{user}");
    admin.patch(&path, json!({ "practice_admin": true })).await.expect(200);
    app.bearer(&app.mint("clinician", None)).get("/v1/users").await.expect(200);
    let both = app.mint("clinician", None);
    admin.patch(&path, json!({ "practice_admin": false })).await.expect(200);
    app.bearer(&both).get("/v1/users").await.expect(403);
}
