//! A service and its callers, without a socket.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::Service as _;
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use attune::app::Service;
use attune::auth::Gate;
use attune::auth::scopes::ScopeSet;
use attune::auth::token::{Grant, Issuer};
use attune::clock::Clock;
use attune::db::Instant;
use attune::db::id::IdSource;
use attune::demo::{self, Cast};
use attune::users::store::token_subject;
use serde_json::{Value, json};

use super::Answer;
use super::database::{TestDatabase, issuer, parts};

type Calling = Pin<Box<dyn Future<Output = Answer>>>;
type Call = Box<dyn Fn(actix_http::Request) -> Calling>;

/// The production assembly on a database of its own, with the demo's people in it.
pub struct TestApp {
    pub service: Service,
    pub database: TestDatabase,
    pub clock: Clock,
    pub cast: Cast,
    call: Call,
    tokens: RefCell<HashMap<String, String>>,
}

/// A month after the demo's story began: tokens are minted and verified by this clock.
pub const NOW: Instant = Instant::from_micros(demo::BEGINNING.micros() + 30 * 86_400_000_000);

impl TestApp {
    pub async fn start() -> Self {
        let database = TestDatabase::with_story();
        let clock = Clock::manual(NOW);
        let mut parts = parts(&database.url, clock.clone());
        parts.ids = IdSource::Random;
        Self::assemble(database, clock, parts).await
    }

    /// The same with parts of the test's choice.
    pub async fn assemble(
        database: TestDatabase,
        clock: Clock,
        parts: attune::auth::gate::Parts,
    ) -> Self {
        let service = Service::assemble(parts, Duration::from_secs(15)).unwrap();
        Self::serve(service, database, clock).await
    }

    /// A worker of a service that may have others, as in production.
    pub async fn serve(service: Service, database: TestDatabase, clock: Clock) -> Self {
        service.load_signing_keys().await.unwrap();
        let cast = demo::cast(&mut database.open(), service.gate()).unwrap();
        let inner = Rc::new(init_service(service.app()).await);
        let call: Call = Box::new(move |request| {
            let inner = Rc::clone(&inner);
            Box::pin(async move {
                let response = match inner.call(request).await {
                    Ok(response) => response.map_into_boxed_body(),
                    Err(error) => panic!("the frame let an error through: {error}"),
                };
                let asked = response.request();
                assert_eq!((asked.headers().capacity(), asked.path()), (0, "/"), "it is forgotten");
                let (status, headers) = (response.status(), response.headers().clone());
                let body =
                    to_bytes(response.into_body().boxed()).await.unwrap_or_default().to_vec();
                Answer { status, headers, body }
            })
        });
        Self { service, database, clock, cast, call, tokens: RefCell::default() }
    }

    /// The gate, for minting and for setting a scene.
    pub fn gate(&self) -> &Gate {
        self.service.gate()
    }

    /// An id of the story, as `couple`.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        self.cast.ids.get(name).unwrap_or_else(|| panic!("no id {name}")).clone()
    }

    /// Somebody of the story, as `clinician`, with every scope that they may hold.
    pub fn caller(&self, name: &str) -> Caller<'_> {
        let mut tokens = self.tokens.borrow_mut();
        let token = tokens.entry(name.to_owned()).or_insert_with(|| self.mint(name, None)).clone();
        Caller { app: self, token: Some(token), headers: Vec::new() }
    }

    /// The same with a token of these scopes alone.
    pub fn caller_with(&self, name: &str, scopes: &str) -> Caller<'_> {
        let token = self.mint(name, Some(ScopeSet::parse(scopes)));
        Caller { app: self, token: Some(token), headers: Vec::new() }
    }

    /// Whoever has this token.
    pub fn bearer(&self, token: &str) -> Caller<'_> {
        Caller { app: self, token: Some(token.to_owned()), headers: Vec::new() }
    }

    /// Somebody without a token.
    pub fn anybody(&self) -> Caller<'_> {
        Caller { app: self, token: None, headers: Vec::new() }
    }

    /// Days go by. Tokens of before have run out: ask for the callers again.
    pub fn days_pass(&self, days: i64) {
        self.clock.advance_seconds(days * 86_400);
        self.tokens.borrow_mut().clear();
    }

    /// A token of twelve hours for somebody of the story.
    #[track_caller]
    pub fn mint(&self, name: &str, scopes: Option<ScopeSet>) -> String {
        let login = self.cast.logins.iter().find(|login| login.name == name);
        let login = login.unwrap_or_else(|| panic!("nobody is called {name}"));
        let mut conn = self.database.open();
        let subject = token_subject(&mut conn, login.practice, login.user, login.app).unwrap();
        let grant = Grant {
            sub: subject.sub,
            client_id: subject.client_id,
            practice_id: login.practice.to_string(),
            scope: scopes.unwrap_or(subject.may_hold),
            sv: subject.session_version,
        };
        let Issuer { .. } = issuer();
        let keys = self.gate().verifier().keys();
        issuer().mint(&keys, grant, self.clock.now().seconds(), 43_200).unwrap().0
    }

    /// Does what is due by this app's clock.
    pub async fn tick(&self) {
        self.service.tick().await;
    }

    /// Sends a request as it stands.
    pub async fn send(&self, request: TestRequest) -> Answer {
        self.send_raw(request.to_request()).await
    }

    /// Sends a request with a payload of the test's choice.
    pub async fn send_raw(&self, request: actix_http::Request) -> Answer {
        (self.call)(request).await
    }
}

/// Somebody who calls the service.
#[derive(Clone)]
pub struct Caller<'a> {
    app: &'a TestApp,
    pub token: Option<String>,
    headers: Vec<(String, String)>,
}

impl Caller<'_> {
    /// The same with one header more.
    pub fn header(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        with.headers.push((name.to_owned(), value.to_owned()));
        with
    }

    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        let mut request = TestRequest::with_uri(path).method(method);
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        for (name, value) in &self.headers {
            request = request.append_header((name.as_str(), value.as_str()));
        }
        request
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let media_type = if method == Method::PATCH {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request
                .insert_header(("content-type", media_type))
                .set_payload(serde_json::to_vec(&body).unwrap());
        }
        self.app.send(request).await
    }

    /// The same, sent again as `Retry-After` asks while the service is busy: where thousands of requests are compared,
    /// a disk that stands still for ten seconds is no finding. Nothing was done by what was answered 503.
    pub async fn send_patiently(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        for _ in 0..20 {
            let answer = self.send(method.clone(), path, body.clone()).await;
            if answer.status.as_u16() != 503 {
                return answer;
            }
            actix_web::rt::time::sleep(Duration::from_secs(1)).await;
        }
        self.send(method, path, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A transition: a POST without a body.
    pub async fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// A merge patch under the tag that the caller has just read.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        let tag = self.get(path).await.header("etag");
        self.patch_if(path, &tag, body).await
    }

    /// A merge patch under this tag.
    pub async fn patch_if(&self, path: &str, tag: &str, body: Value) -> Answer {
        self.header("if-match", tag).send(Method::PATCH, path, Some(body)).await
    }

    /// A client made by this caller, with nothing but a name.
    pub async fn make_client(&self, given_name: &str) -> String {
        self.post("/v1/clients", json!({ "given_name": given_name })).await.expect(201).text("/id")
    }
}
