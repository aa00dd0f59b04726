//! The bad tokens of [`token_attacks`](crate::token_attacks), sent to a running service, and
//! the change of keys as its callers live through it.

use attune::auth::keys::{KeySet, SigningKey};
use attune::auth::token::Grant;
use attune::auth::{Keyring, signing_keys};
use serde_json::Value;

use crate::support::database::{issuer, root_key};
use crate::support::{Answer, TestApp};
use crate::token_attacks::{Target, bad_tokens, fits_a_header};

fn copy(key: &SigningKey) -> SigningKey {
    SigningKey::from_pkcs8(&key.to_pkcs8()).unwrap()
}

/// Everything of an answer but the request's id.
fn masked(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut body = answer.json();
    body["request_id"] = "masked".into();
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    (answer.status.as_u16(), headers, body)
}

async fn ask(app: &TestApp, token: &str) -> Answer {
    app.bearer(token).get("/v1/me").await
}

#[actix_web::test]
async fn every_bad_token_gets_the_same_401() {
    let app = TestApp::start().await;
    let good = app.mint("clinician", None);
    let signing = copy(app.gate().verifier().keys().signing().unwrap());
    let other = SigningKey::generate().unwrap();
    let keys = KeySet::new(Some(copy(&signing)), vec![other.public().clone()]);
    app.gate().verifier().replace_keys(std::sync::Arc::new(keys));
    let now_s = app.clock.now().seconds();
    let claims = app.gate().verifier().verify(&good, now_s).unwrap();
    let target = Target { signing: &signing, other: &other, claims: &claims, now_s };
    let anonymous = app.anybody().get("/v1/me").await.expect(401);
    assert_eq!(anonymous.header("www-authenticate"), "Bearer");
    let expected = masked(&anonymous);
    let mut tried = 0;
    for (label, token) in bad_tokens(&target).iter().filter(|(_, token)| fits_a_header(token)) {
        assert_eq!(masked(&ask(&app, token).await), expected, "{label}");
        tried += 1;
    }
    for (label, token) in strangers(&app, &claims) {
        assert_eq!(masked(&ask(&app, &token).await), expected, "{label}");
        tried += 1;
    }
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Basic dTpw",
        &format!("Basic {good}"),
        &good,
        &format!("Bearer  {good}"),
    ] {
        let answer = app.anybody().header("authorization", header).get("/v1/me").await;
        assert_eq!(masked(&answer), expected, "{header}");
        tried += 1;
    }
    let twice = app.bearer(&good).header("authorization", &format!("Bearer {good}"));
    assert_eq!(masked(&twice.get("/v1/me").await), expected);
    ask(&app, &good).await.expect(200);
    println!("{tried} bad tokens over HTTP, 0 accepted, one answer");
    assert!(tried >= 200, "only {tried}");
}

/// Tokens that verify, of people who are not there.
fn strangers(app: &TestApp, claims: &attune::auth::token::Claims) -> Vec<(&'static str, String)> {
    let keys = app.gate().verifier().keys();
    let grant = Grant {
        sub: claims.sub.clone(),
        client_id: claims.client_id.clone(),
        practice_id: claims.practice_id.clone(),
        scope: claims.scope,
        sv: claims.sv,
    };
    let nobody = crate::support::misfits::NOBODY;
    let other_practice = app.id("other_practice");
    let with = |change: &dyn Fn(&mut Grant)| {
        let mut grant = grant.clone();
        change(&mut grant);
        issuer().mint(&keys, grant, app.clock.now().seconds(), 60).unwrap().0
    };
    vec![
        ("nobody", with(&|grant| grant.sub = format!("usr_{nobody}"))),
        ("no app", with(&|grant| grant.sub = format!("app_{nobody}"))),
        ("a client's id", with(&|grant| grant.sub = app.id("partner_a"))),
        ("no id", with(&|grant| "root".clone_into(&mut grant.sub))),
        ("another practice", with(&|grant| grant.practice_id.clone_from(&other_practice))),
        ("no practice", with(&|grant| grant.practice_id = format!("prc_{nobody}"))),
        ("a practice that is none", with(&|grant| "x".clone_into(&mut grant.practice_id))),
        ("before sign-out", with(&|grant| grant.sv -= 1)),
        ("after sign-out", with(&|grant| grant.sv += 1)),
    ]
}

#[actix_web::test]
async fn a_disabled_login_gets_the_same_401_and_its_old_tokens_stay_dead() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let morgan = app.mint("clinician", None);
    ask(&app, &morgan).await.expect(200);
    let found =
        admin.get(&format!("/v1/users?clinician_id={}", app.id("clinician"))).await.expect(200);
    let user = found.ids()[0].clone();
    admin.act(&format!("/v1/users/{user}/disable")).await.expect(200);
    let expected = masked(&app.anybody().get("/v1/me").await);
    assert_eq!(masked(&ask(&app, &morgan).await), expected);
    admin.act(&format!("/v1/users/{user}/enable")).await.expect(200);
    assert_eq!(masked(&ask(&app, &morgan).await), expected);
    ask(&app, &app.mint("clinician", None)).await.expect(200);
}

/// Ids of the published keys.
async fn published(app: &TestApp) -> Vec<String> {
    let keys = app.anybody().get("/.well-known/jwks.json").await.expect(200).json();
    let keys = keys["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn signer(app: &TestApp) -> String {
    app.gate().verifier().keys().signing().unwrap().kid().to_owned()
}

#[actix_web::test]
async fn a_new_key_is_published_at_once_signs_after_a_minute_and_the_old_one_verifies_until_it_retires()
 {
    let app = TestApp::start().await;
    let old = published(&app).await;
    let old_key = copy(app.gate().verifier().keys().signing().unwrap());
    let now = app.clock.now();
    let new =
        signing_keys::rotate(&mut app.database.open(), &Keyring::new(root_key()), now).unwrap();
    app.service.load_signing_keys().await.unwrap();
    let both = published(&app).await;
    assert!(both.contains(&new) && both.contains(&old[0]) && both.len() == 2, "{both:?}");
    assert_eq!(signer(&app), old[0], "nobody may meet a signature whose key is not known yet");
    app.clock.advance_seconds(61);
    app.service.load_signing_keys().await.unwrap();
    assert_eq!(signer(&app), new);
    ask(&app, &app.mint("clinician", None)).await.expect(200);
    let retires = 12 * 60 * 60 + 60 - 61;
    app.clock.advance_seconds(retires - 10);
    app.service.load_signing_keys().await.unwrap();
    let of_old = forged_by(&app, &old_key);
    ask(&app, &of_old).await.expect(200);
    app.clock.advance_seconds(10);
    app.service.load_signing_keys().await.unwrap();
    assert_eq!(published(&app).await, [new]);
    ask(&app, &of_old).await.expect(401);
    ask(&app, &app.mint("clinician", None)).await.expect(200);
}

/// A token of this minute by an older key, as a thief of that key would make it.
fn forged_by(app: &TestApp, key: &SigningKey) -> String {
    let now_s = app.clock.now().seconds();
    let claims = app.gate().verifier().verify(&app.mint("clinician", None), now_s).unwrap();
    let grant = Grant {
        sub: claims.sub.clone(),
        client_id: claims.client_id.clone(),
        practice_id: claims.practice_id.clone(),
        scope: claims.scope,
        sv: claims.sv,
    };
    issuer().mint(&KeySet::new(Some(copy(key)), vec![]), grant, now_s, 3_600).unwrap().0
}
