//! Calls operations, writes down what was sent and answered, and compares it with what is committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::Method;
use attune::auth::keys::{KeySet, SigningKey};
use attune::clock::Clock;
use attune::db::id::IdSource;
use attune::demo::Login;
use attune::seal::SecretKey;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use crate::support::app::NOW;
use crate::support::database::{TestDatabase, parts};
use crate::support::{Answer, TestApp};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/examples.json");

/// The private key that RFC 8037, appendix A.1, publishes: it protects nothing.
const RFC_8037_KEY: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

/// Calls operations by their name in the document and keeps the first answer of each status.
pub(super) struct Story {
    pub(super) app: TestApp,
    document: Value,
    recorded: BTreeMap<String, Value>,
}

impl Story {
    pub(super) async fn begin() -> Self {
        let database = TestDatabase::with_story();
        let clock = Clock::manual(NOW);
        let mut parts = parts(&database.url, clock.clone());
        parts.ids = IdSource::seeded(0x0065_7861_6d70_6c65);
        let app = TestApp::assemble(database, clock, parts).await;
        let seed = BASE64URL_NOPAD.decode(RFC_8037_KEY.as_bytes()).unwrap();
        let key = SigningKey::from_seed(&SecretKey::from_bytes(seed.try_into().unwrap())).unwrap();
        app.gate().verifier().replace_keys(Arc::new(KeySet::new(Some(key), Vec::new())));
        Self { app, document: attune::app::document(), recorded: BTreeMap::new() }
    }

    /// Method and path of an operation.
    #[track_caller]
    fn place(&self, id: &str) -> (Method, String) {
        for (path, item) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if operation["operationId"] == id {
                    return (method.to_uppercase().parse().unwrap(), path.clone());
                }
            }
        }
        panic!("the document has no operation {id}")
    }

    /// Calls an operation a minute after what came before, and records request and answer.
    /// `path` names its path parameters; a query stands behind the operation's name.
    pub(super) async fn call(
        &mut self,
        who: &str,
        operation: &str,
        path: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        self.app.clock.advance_seconds(60);
        let (id, query) = operation.split_once('?').unwrap_or((operation, ""));
        let (method, template) = self.place(id);
        let filled = path
            .iter()
            .fold(template, |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        let target = if query.is_empty() { filled.clone() } else { format!("{filled}?{query}") };
        let caller = if who == "anybody" { self.app.anybody() } else { self.app.caller(who) };
        let caller = if method == Method::PATCH {
            let tag = caller.get(&filled).await.header("etag");
            caller.header("if-match", if tag.is_empty() { "*" } else { &tag })
        } else {
            caller
        };
        let answer = caller.send(method, &target, body.clone()).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status.is_success(), "{id} answered {}: {text}", answer.status);
        self.record(id, path, body, &answer);
        answer
    }

    fn record(&mut self, id: &str, path: &[(&str, &str)], body: Option<Value>, answer: &Answer) {
        let entry = self.recorded.entry(id.to_owned()).or_insert_with(|| {
            let mut entry = Map::new();
            if !path.is_empty() {
                let names: Map<String, Value> =
                    path.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
                entry.insert("path".to_owned(), names.into());
            }
            if let Some(body) = body {
                entry.insert("request".to_owned(), body);
            }
            entry.insert("responses".to_owned(), json!({}));
            entry.into()
        });
        let responses = entry["responses"].as_object_mut().unwrap();
        if !answer.body.is_empty() {
            responses.entry(answer.status.as_str().to_owned()).or_insert_with(|| shown(answer));
        }
    }

    /// A login for a client made in this story, so that they can act.
    pub(super) async fn login(&mut self, name: &'static str, client: &str) {
        let email = format!("{name}@people.example");
        let made = self
            .call(
                "practice_admin",
                "createUser",
                &[],
                Some(json!({ "email": email, "client_id": client })),
            )
            .await;
        let practice = self.app.id("practice").parse().unwrap();
        let user = Some(made.text("/id").parse().unwrap());
        self.app.cast.logins.push(Login { name, practice, user, app: None });
    }

    /// Compares with the committed file, or writes it.
    pub(super) fn close(self) {
        let missing = self.missing();
        assert!(
            missing.is_empty(),
            "without an example: {missing:?}; add them to tests/suite/examples/mod.rs"
        );
        let recorded = serde_json::to_value(&self.recorded).unwrap();
        if std::env::var_os("ATTUNE_RECORD").is_some() {
            std::fs::write(FILE, format!("{}\n", serde_json::to_string_pretty(&recorded).unwrap()))
                .unwrap();
            return;
        }
        let committed: Value =
            serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
        let differing: Vec<&String> = self
            .recorded
            .iter()
            .filter(|(id, entry)| committed.get(id) != Some(entry))
            .map(|(id, _)| id)
            .collect();
        assert!(
            committed == recorded,
            "openapi/examples.json is not what the service answers, as for {differing:?}. If the change is \
             meant: ATTUNE_RECORD=1 cargo test --test suite examples, then \
             cargo run -- openapi > openapi/openapi.json"
        );
    }

    /// Operations, and their bodies and successful answers, for which nothing was recorded.
    fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for (_, item) in self.document["paths"].as_object().unwrap() {
            for (_, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                let Some(entry) = self.recorded.get(id) else {
                    missing.push(id.to_owned());
                    continue;
                };
                if operation.get("requestBody").is_some() && entry.get("request").is_none() {
                    missing.push(format!("{id}: request"));
                }
                let documented = operation["responses"].as_object().unwrap().iter();
                let with_body =
                    documented.filter(|(_, response)| response.get("content").is_some());
                for (status, _) in with_body.filter(|(status, _)| status.starts_with('2')) {
                    if entry["responses"].get(status).is_none() {
                        missing.push(format!("{id}: {status}"));
                    }
                }
            }
        }
        missing
    }
}

/// What was answered: JSON, or the beginning of a calendar. The names of its entries are keyed hashes, whose key is
/// another in each database.
fn shown(answer: &Answer) -> Value {
    if !answer.header("content-type").starts_with("text/calendar") {
        return answer.json();
    }
    let text = String::from_utf8_lossy(&answer.body);
    let (beginning, _) = text.split_once("END:VEVENT").unwrap_or((&text, ""));
    let lines = beginning.split("\r\n").map(|line| match line.split_once(':') {
        Some(("UID", _)) => "UID:00112233445566778899aabbccddeeff",
        _ => line,
    });
    format!("{}END:VEVENT\r\nEND:VCALENDAR\r\n", lines.collect::<Vec<_>>().join("\r\n")).into()
}
