//! A change of role, care team, membership, supervision or login works on the next request,
//! with the token that was given before it.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

/// The status that a caller gets for a path.
async fn status(caller: &Caller<'_>, path: &str) -> u16 {
    caller.get(path).await.status.as_u16()
}

/// A treatment's care team gains or loses somebody.
async fn put_on_team(app: &TestApp, treatment: &str, clinician: &str) {
    let path = format!("/v1/treatments/{treatment}/care-team/{clinician}");
    app.caller("practice_admin").put(&path, json!({ "role": "co_therapist" })).await.expect(201);
}

async fn take_off_team(app: &TestApp, treatment: &str, clinician: &str) {
    let path = format!("/v1/treatments/{treatment}/care-team/{clinician}");
    app.caller("practice_admin").delete(&path).await.expect(204);
}

/// The login of somebody of the story, as the administrator finds it.
async fn login_of(app: &TestApp, filter: &str) -> String {
    app.caller("practice_admin").get(&format!("/v1/users?{filter}")).await.expect(200).ids()[0]
        .clone()
}

#[actix_web::test]
async fn rilan_joins_a_care_team_and_sees_the_couple_until_leaving_it() {
    let app = TestApp::start().await;
    let (couple, treatment, rilan) = (app.id("couple"), app.id("treatment"), app.id("associate"));
    let paths = [
        format!("/v1/couples/{couple}"),
        format!("/v1/couples/{couple}/members"),
        format!("/v1/treatments/{treatment}"),
        format!("/v1/clients/{}", app.id("partner_a")),
    ];
    for (on_team, expected) in [(false, 404), (true, 200), (false, 404)] {
        match (on_team, expected) {
            (true, _) => put_on_team(&app, &treatment, &rilan).await,
            _ if status(&app.caller("associate"), &paths[0]).await == 200 => {
                take_off_team(&app, &treatment, &rilan).await;
            }
            _ => {}
        }
        for path in &paths {
            assert_eq!(status(&app.caller("associate"), path).await, expected, "{path}");
        }
    }
    let consents = app
        .caller("associate")
        .get(&format!("/v1/consents?client_id={}", app.id("partner_a")))
        .await;
    assert!(consents.expect(200).ids().is_empty());
}

#[actix_web::test]
async fn ines_sees_what_rilan_treats_for_as_long_as_she_supervises_him() {
    let app = TestApp::start().await;
    let rilan = format!("/v1/clinicians/{}", app.id("associate"));
    let couple = format!("/v1/couples/{}", app.id("couple_on_break"));
    let client = format!("/v1/clients/{}", app.id("partner_c"));
    let treatment = format!("/v1/treatments/{}", app.id("treatment_on_hold"));
    for (supervisor, expected) in [
        (json!(app.id("supervisor")), 200),
        (Value::Null, 404),
        (json!(app.id("clinician")), 404),
        (json!(app.id("supervisor")), 200),
    ] {
        let patch = json!({ "supervisor_id": supervisor });
        app.caller("practice_admin").patch_if(&rilan, "*", patch).await.expect(200);
        for path in [&couple, &client, &treatment] {
            assert_eq!(status(&app.caller("supervisor"), path).await, expected, "{path}");
        }
    }
    // She supervises him and nobody else.
    let other = format!("/v1/clients/{}", app.id("individual_client"));
    assert_eq!(status(&app.caller("supervisor"), &other).await, 404);
}

#[actix_web::test]
async fn tomas_leaves_the_couple_and_sees_it_again_only_after_accepting_anew() {
    let app = TestApp::start().await;
    let (couple, tomas) = (app.id("couple"), app.id("partner_b"));
    let path = format!("/v1/couples/{couple}");
    let (morgan, partner) = (app.caller("clinician"), app.caller("partner_b"));
    assert_eq!(status(&partner, &path).await, 200);
    morgan.delete(&format!("{path}/members/{tomas}")).await.expect(204);
    for below in ["", "/secrets-policy"] {
        assert_eq!(status(&partner, &format!("{path}{below}")).await, 404);
    }
    assert!(partner.get("/v1/couples").await.expect(200).ids().is_empty());
    // Who has left is not named to who stays.
    let seen = app.caller("partner_a").get(&path).await.expect(200);
    assert_eq!(seen.json()["members"].as_array().map(Vec::len), Some(1));
    let again = json!({ "client_id": tomas, "display_name": "Tomás" });
    // Morgan does not see him any more, and cannot invite him.
    morgan.post(&format!("{path}/members"), again.clone()).await.expect(422);
    app.caller("practice_admin").post(&format!("{path}/members"), again).await.expect(201);
    assert_eq!(status(&partner, &path).await, 404);
    let seen = app.caller("partner_a").get(&path).await.expect(200);
    assert_eq!(
        seen.json()["members"].as_array().map(Vec::len),
        Some(1),
        "an invitation is not announced"
    );
    partner.act(&format!("{path}/accept-invitation")).await.expect(200);
    assert_eq!(status(&partner, &path).await, 200);
}

#[actix_web::test]
async fn who_declines_an_invitation_stays_outside() {
    let app = TestApp::start().await;
    let seun = app.id("individual_client");
    let new = app.caller("clinician").make_client("Ida").await;
    let member = |client: &str| json!({ "client_id": client, "display_name": "X" });
    let couple = json!({ "label": "G & H", "members": [member(&new), member(&seun)] });
    let couple = app.caller("clinician").post("/v1/couples", couple).await.expect(201).text("/id");
    let path = format!("/v1/couples/{couple}");
    let seun = app.caller("individual_client");
    assert_eq!(status(&seun, &path).await, 404);
    seun.act(&format!("{path}/decline-invitation")).await.expect(200);
    assert_eq!(status(&seun, &path).await, 404);
    seun.act(&format!("{path}/accept-invitation")).await.expect(409);
}

#[actix_web::test]
async fn a_disabled_login_is_out_at_once_and_its_old_tokens_stay_dead() {
    let app = TestApp::start().await;
    for (name, filter) in [
        ("clinician", format!("clinician_id={}", app.id("clinician"))),
        ("partner_a", format!("client_id={}", app.id("partner_a"))),
    ] {
        let login = login_of(&app, &filter).await;
        let before = app.mint(name, None);
        assert_eq!(status(&app.bearer(&before), "/v1/me").await, 200);
        app.caller("practice_admin").act(&format!("/v1/users/{login}/disable")).await.expect(200);
        let refused = app.bearer(&before).get("/v1/me").await.expect(401);
        assert_eq!(refused.text("/code"), "unauthorized");
        app.caller("practice_admin").act(&format!("/v1/users/{login}/enable")).await.expect(200);
        assert_eq!(status(&app.bearer(&before), "/v1/me").await, 401);
        let after = app.mint(name, None);
        assert_eq!(status(&app.bearer(&after), "/v1/me").await, 200);
    }
}

#[actix_web::test]
async fn morgan_is_made_an_administrator_and_is_one_until_unmade() {
    let app = TestApp::start().await;
    let login = login_of(&app, &format!("clinician_id={}", app.id("clinician"))).await;
    // A token with every scope there is: what it allows is decided by who holds it now.
    let all = attune::auth::scopes::Scope::ALL.iter().copied().collect();
    let token = app.mint("clinician", Some(all));
    let outside = format!("/v1/couples/{}", app.id("couple_on_break"));
    for (is_admin, users, couple) in [(false, 403, 404), (true, 200, 200), (false, 403, 404)] {
        let patch = json!({ "practice_admin": is_admin });
        app.caller("practice_admin")
            .patch_if(&format!("/v1/users/{login}"), "*", patch)
            .await
            .expect(200);
        assert_eq!(status(&app.bearer(&token), "/v1/users").await, users);
        assert_eq!(status(&app.bearer(&token), &outside).await, couple);
    }
}

#[actix_web::test]
async fn a_stored_answer_is_not_repeated_to_who_no_longer_sees_what_it_is_about() {
    let app = TestApp::start().await;
    let (treatment, rilan) = (app.id("treatment"), app.id("associate"));
    put_on_team(&app, &treatment, &rilan).await;
    let client = format!("/v1/clients/{}", app.id("partner_a"));
    let keyed = app.caller("associate").header("idempotency-key", "once");
    keyed.act(&format!("{client}/restore")).await.expect(200);
    assert_eq!(
        keyed.act(&format!("{client}/restore")).await.expect(200).header("idempotency-replayed"),
        "true"
    );
    take_off_team(&app, &treatment, &rilan).await;
    let refused = keyed.act(&format!("{client}/restore")).await.expect(404);
    assert!(!refused.json().to_string().contains("Lindqvist"));
}

#[actix_web::test]
async fn a_key_of_one_person_is_a_new_key_for_another() {
    let app = TestApp::start().await;
    let body = json!({ "given_name": "Ida" });
    let mut made = std::collections::BTreeSet::new();
    for who in
        ["clinician", "practice_admin", "service_app", "supervisor", "other_practice_clinician"]
    {
        let caller = app.caller(who).header("idempotency-key", "the-same");
        let first = caller.post("/v1/clients", body.clone()).await.expect(201);
        let second = caller.post("/v1/clients", body.clone()).await.expect(201);
        assert_eq!(first.text("/id"), second.text("/id"));
        assert!(made.insert(first.text("/id")), "{who} got another's client");
    }
    println!("changes of access: {} principals used one key, each for itself", made.len());
}
