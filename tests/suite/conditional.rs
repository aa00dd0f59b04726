//! Entity tags: strong, of what the viewer sees, and checked before anything is changed.

use actix_web::http::Method;
use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn a_patch_needs_the_tag_of_what_it_changes() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let path = format!("/v1/clients/{}", morgan.make_client("Ida").await);
    let read = morgan.get(&path).await.expect(200);
    let tag = read.header("etag");
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "{tag} is not strong");
    let body = |name: &str| Some(json!({ "given_name": name }));
    let missing = morgan.send(Method::PATCH, &path, body("Ada")).await.expect(428);
    assert_eq!(missing.text("/code"), "precondition_required");
    morgan.patch_if(&path, "", json!({ "given_name": "Ada" })).await.expect(428);
    for stale in ["\"x\"", &format!("W/{tag}"), tag.trim_matches('"'), "\"\"", "\"*\""] {
        let answer =
            morgan.patch_if(&path, stale, json!({ "given_name": "Ada" })).await.expect(412);
        assert_eq!(answer.faults(), ["/if-match stale"], "{stale}");
    }
    assert_eq!(morgan.get(&path).await.body, read.body, "nothing was changed");
    let listed = format!("\"x\", {tag}");
    let changed = morgan.patch_if(&path, &listed, json!({ "given_name": "Ada" })).await.expect(200);
    assert_eq!(changed.header("etag"), morgan.get(&path).await.header("etag"));
    assert_ne!(changed.header("etag"), tag);
    morgan.patch_if(&path, &tag, json!({ "given_name": "Eda" })).await.expect(412);
    morgan.patch_if(&path, "*", json!({ "given_name": "Eda" })).await.expect(200);
    morgan.patch_if("/v1/clients/cli_01h455vb4pex5vsknk084sn02q", "*", json!({})).await.expect(404);
}

/// A `PUT` needs no tag, and heeds the one that it is given.
#[actix_web::test]
async fn a_put_that_names_what_it_replaces_replaces_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let path = format!("/v1/clinicians/{}/licenses", app.id("clinician"));
    let licenses = |state: &str| json!({ "licenses": [{ "state": state, "number": "0000" }] });
    let read = admin.get(&path).await.expect(200).header("etag");
    let put = |tag: &str, state: &str| {
        let (admin, path, body) = (admin.header("if-match", tag), path.clone(), licenses(state));
        async move { admin.put(&path, body).await }
    };
    put(&read, "OR").await.expect(200);
    for nothing_of_now in [read.as_str(), "", " , "] {
        let refused = put(nothing_of_now, "CA").await.expect(412);
        assert_eq!(refused.faults(), ["/if-match stale"], "{nothing_of_now:?}");
    }
    assert_eq!(admin.get(&path).await.text("/licenses/0/state"), "OR", "the other's stands");
    put("*", "CA").await.expect(200);
    let absent = admin.header("if-match", "*");
    let client = json!({ "given_name": "Ida", "family_name": "Invented", "timezone": "Etc/UTC" });
    absent.put("/v1/clients/by-external-id/none-yet", client.clone()).await.expect(412);
    admin.put("/v1/clients/by-external-id/none-yet", client.clone()).await.expect(201);
    absent.put("/v1/clients/by-external-id/none-yet", client).await.expect(200);
}

#[actix_web::test]
async fn what_is_held_already_is_not_sent_again() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let client = format!("/v1/clients/{}", app.id("partner_a"));
    for path in [client.as_str(), "/v1/clients", "/v1/me", "/v1/practice"] {
        let read = morgan.get(path).await.expect(200);
        let tag = read.header("etag");
        for held in [tag.clone(), format!("W/{tag}"), "*".to_owned(), format!("\"x\", {tag}")] {
            let answer = morgan.header("if-none-match", &held).get(path).await.expect(304);
            assert!(answer.body.is_empty() && answer.header("etag") == tag, "{path} {held}");
        }
        let other = morgan.header("if-none-match", "\"x\"").get(path).await.expect(200);
        assert_eq!(other.body, read.body);
        let head = morgan.send(Method::HEAD, path, None).await.expect(200);
        assert_eq!(head.header("etag"), tag);
    }
}

/// What one partner reads of the couple does not move by what they cannot see.
#[actix_web::test]
async fn a_partners_tag_does_not_move_by_what_is_hidden_from_them() {
    let app = TestApp::start().await;
    let (morgan, a, b) =
        (app.caller("clinician"), app.caller("partner_a"), app.caller("partner_b"));
    let couple = format!("/v1/couples/{}", app.id("couple"));
    let policy = format!("{couple}/secrets-policy");
    morgan.put(&policy, json!({ "policy": "no_secrets" })).await.expect(200);
    let before = b.get(&couple).await.expect(200);
    let policy_before = b.get(&policy).await.expect(200);
    app.clock.advance_seconds(60);
    a.post(&format!("{policy}/accept"), json!({ "version_no": 2 })).await.expect(200);
    a.patch("/v1/me", json!({ "preferred_name": "Other", "phone": "+12065550199" }))
        .await
        .expect(200);
    let hidden =
        json!({ "structure_text": "As they say", "intake_clinician_id": app.id("supervisor") });
    let staff = morgan.get(&couple).await.header("etag");
    app.caller("practice_admin").patch(&couple, hidden).await.expect(200);
    let third = app.caller("practice_admin").make_client("Third").await;
    app.caller("practice_admin")
        .post(
            "/v1/consents",
            json!({ "client_id": app.id("partner_a"), "kind": "app_data_sharing",
            "document_version": "1", "signer_name": "Å", "couple_id": app.id("couple") }),
        )
        .await
        .expect(201);
    let treatment = format!("/v1/treatments/{}", app.id("treatment"));
    morgan.act(&format!("{treatment}/taper")).await.expect(200);
    let after = b.get(&couple).await.expect(200);
    assert_eq!((after.header("etag"), after.body), (before.header("etag"), before.body.clone()));
    let policy_after = b.get(&policy).await.expect(200);
    assert_eq!(policy_after.header("etag"), policy_before.header("etag"));
    assert_ne!(morgan.get(&couple).await.header("etag"), staff, "staff see that something changed");
    // What they can see moves it.
    app.caller("practice_admin").patch(&couple, json!({ "label": "Other" })).await.expect(200);
    assert_ne!(b.get(&couple).await.header("etag"), before.header("etag"));
    drop(third);
}

#[actix_web::test]
async fn two_people_do_not_share_a_tag_for_different_views() {
    let app = TestApp::start().await;
    let couple = format!("/v1/couples/{}", app.id("couple"));
    let tags = [
        app.caller("clinician").get(&couple).await.header("etag"),
        app.caller("partner_a").get(&couple).await.header("etag"),
        app.caller("partner_b").get(&couple).await.header("etag"),
    ];
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
}
