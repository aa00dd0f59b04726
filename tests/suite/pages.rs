//! The reference page: whole, from the service itself, with no network and no foreign script.

use std::collections::BTreeSet;

use crate::support::TestApp;

/// What a page of HTML or script asks a browser to load.
fn addresses(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for attribute in ["src=\"", "href=\"", "url: \"", "url\": \""] {
        let parts = text.split(attribute).skip(1);
        found.extend(parts.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    found
}

#[actix_web::test]
async fn the_reference_page_loads_everything_from_the_service_itself() {
    let app = TestApp::start().await;
    let redirect = app.anybody().get("/docs").await.expect(308);
    assert_eq!(redirect.header("location"), "/docs/");
    let page = app.anybody().get("/docs/").await.expect(200);
    let html = String::from_utf8(page.body.clone()).unwrap();
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(!policy.contains("http"), "{policy}");
    let inline = html.split("<script").skip(1).filter(|tag| !tag.trim_start().starts_with("src"));
    let inline: Vec<_> =
        inline.filter(|tag| !tag.split('>').next().unwrap().contains("src=")).collect();
    assert!(inline.is_empty(), "the policy stops {inline:?}");
    let mut loaded = 0;
    for address in addresses(&html) {
        assert!(!address.contains("//"), "{address} is elsewhere");
        let path =
            format!("/docs/{}", address.trim_start_matches("./").trim_start_matches("/docs/"));
        let part = app.anybody().get(&path).await.expect(200);
        assert!(!part.body.is_empty(), "{path}");
        loaded += 1;
    }
    assert!(loaded >= 4, "{html}");
    let start = app.anybody().get("/docs/swagger-initializer.js").await.expect(200);
    let start = String::from_utf8(start.body).unwrap();
    assert!(start.contains("/openapi.json") && !start.contains("petstore"), "{start}");
    let document = app.anybody().get("/openapi.json").await.expect(200);
    assert_eq!(document.json(), attune::app::document());
    println!("{loaded} parts of the page, all of them here");
}

#[actix_web::test]
async fn pages_of_other_origins_may_call_with_a_token_and_read_the_headers_they_need() {
    let app = TestApp::start().await;
    let page = app.caller("partner_a").header("origin", "https://clinic.example");
    let me = page.get("/v1/me").await.expect(200);
    assert_eq!(me.header("access-control-allow-origin"), "*");
    assert_eq!(me.header("access-control-allow-credentials"), "");
    let exposed = me.header("access-control-expose-headers").to_lowercase();
    for header in [
        "etag",
        "location",
        "link",
        "retry-after",
        "x-request-id",
        "idempotency-replayed",
        "ratelimit",
        "ratelimit-policy",
    ] {
        assert!(exposed.contains(header), "{exposed}");
    }
    // A page reads a refusal as it reads an answer.
    let stranger = app.anybody().header("origin", "https://clinic.example");
    let refusals = [
        (stranger.get("/v1/me").await, 401),
        (page.get("/v1/nothing").await, 404),
        (page.get("/v1/submissions?limit=0").await, 400),
        (page.patch_if("/v1/me", "\"x\"", serde_json::json!({})).await, 412),
    ];
    for (refused, status) in refusals {
        let refused = refused.expect(status);
        assert_eq!(refused.header("access-control-allow-origin"), "*", "{status}");
        assert_eq!(refused.header("access-control-expose-headers").to_lowercase(), exposed);
    }
    let before = app
        .anybody()
        .header("origin", "https://clinic.example")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,content-type,if-match");
    let asked = before.send(actix_web::http::Method::OPTIONS, "/v1/me", None).await.expect(200);
    let methods = asked.header("access-control-allow-methods");
    assert!(methods.contains("PATCH") && methods.contains("DELETE"), "{methods}");
}
