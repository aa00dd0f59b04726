//! Every place of every operation, made from the document: a new operation, parameter or member is in here without
//! anybody adding it.

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::canaries::Canaries;
use crate::bad_input::caller;
use crate::support::TestApp;
use crate::support::bodies::{self, Choice, is_telephone};
use crate::support::document::{Document, Operation};
use crate::support::misfits::{absent, with_ids};

/// One request, before it is HTTP.
pub struct Sent {
    pub what: String,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Headers that say something of whoever calls. Of `traceparent` a whole one is logged, which is 32 digits and no text.
const HEADERS: [(&str, &str); 17] = [
    ("accept", "text/*"),
    ("accept-encoding", "*"),
    ("accept-language", "*"),
    ("cookie", "session=*"),
    ("forwarded", "for=*"),
    ("idempotency-key", "*"),
    ("if-match", "\"*\", *"),
    ("if-none-match", "\"*\""),
    ("origin", "https://*.example"),
    ("referer", "https://people.example/*"),
    ("traceparent", "00-*"),
    ("tracestate", "attune=*"),
    ("user-agent", "*"),
    ("x-forwarded-for", "*"),
    ("x-forwarded-host", "*.example"),
    ("x-request-id", "*"),
    ("x-*", "named"),
];

/// Fills texts with canaries, and says everything there is to say.
struct Told<'a>(&'a mut Canaries, &'a str, bool);

impl Choice for Told<'_> {
    fn includes(&mut self, _: &str, _: &Value) -> bool {
        true
    }

    fn id(&mut self, _: &str, kind: &str) -> String {
        format!("{kind}_{}", crate::support::misfits::NOBODY)
    }

    fn text(&mut self, pointer: &str, schema: &Value) -> String {
        let place = format!("the member {pointer}");
        if is_telephone(schema["pattern"].as_str().unwrap_or_default()) {
            return format!("+{}", self.0.digits(self.1, &place));
        }
        let canary = self.0.word(self.1, &place);
        match schema["format"].as_str() {
            Some("email") => format!("{canary}@people.example"),
            Some("uri") => format!("https://{canary}.example/"),
            // Where it does not fit, what is wrong with it is told.
            _ if self.2 => format!("{canary}\u{7}"),
            _ => canary,
        }
    }
}

/// The same body with a text or a number where neither belongs, and with members that do not exist.
fn misplaced(canaries: &mut Canaries, operation: &str, at: &str, value: Value) -> Value {
    let place = format!("the member {at}, misplaced");
    match value {
        Value::Object(members) => {
            let name = canaries.word(operation, &format!("a member's name in {at}"));
            let unknown = canaries.word(operation, &format!("an unknown member in {at}"));
            let inner = |(name, value): (String, Value)| {
                let below = format!("{at}/{name}");
                (name, misplaced(canaries, operation, &below, value))
            };
            let mut all: Map<String, Value> = members.into_iter().map(inner).collect();
            all.insert(name, json!({ "told": unknown }));
            all.into()
        }
        Value::Array(entries) => {
            let entries = entries.into_iter();
            entries.map(|entry| misplaced(canaries, operation, &format!("{at}/0"), entry)).collect()
        }
        Value::String(_) => canaries.digits(operation, &place).parse::<u64>().unwrap().into(),
        _ => canaries.word(operation, &place).into(),
    }
}

/// The requests of one operation, under construction.
struct Places<'a> {
    operation: &'a Operation,
    id: String,
    bearer: String,
    path: String,
    media: &'static str,
    canaries: &'a mut Canaries,
    all: Vec<Sent>,
}

impl Places<'_> {
    fn word(&mut self, place: &str) -> String {
        self.canaries.word(&self.id, place)
    }

    fn send(&mut self, what: &str, target: String, more: Vec<(String, String)>, body: Vec<u8>) {
        let mut headers = vec![("authorization".to_owned(), self.bearer.clone())];
        if !body.is_empty() {
            headers.push(("content-type".to_owned(), self.media.to_owned()));
        }
        for (name, value) in more {
            headers.retain(|(other, _)| *other != name);
            headers.push((name, value));
        }
        let method = self.operation.method.to_string();
        self.all.push(Sent {
            what: format!("{what} of {}", self.id),
            method,
            target,
            headers,
            body,
        });
    }

    /// Every header with a canary in it, and a body that may be accepted.
    fn headers(&mut self, path: String) {
        let mut more = Vec::new();
        for (name, whole) in HEADERS {
            let canary = self.word(&format!("the header {name}"));
            // The one star that is meant is the last of `If-Match`.
            more.push((
                name.replacen('*', &canary, 1).to_lowercase(),
                whole.replacen('*', &canary, 1),
            ));
        }
        let body = self.body(false).map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.send("headers and members", path, more, body);
    }

    fn body(&mut self, wrong: bool) -> Option<Value> {
        let schema = self.operation.body.as_ref()?;
        Some(bodies::body(Document::read(), schema, &mut Told(self.canaries, &self.id, wrong)))
    }

    fn bodies(&mut self) {
        let path = self.path.clone();
        if let Some(wrong) = self.body(true) {
            let misplaced = misplaced(self.canaries, &self.id, "", wrong.clone());
            for (what, body) in [("control characters", wrong), ("misplaced members", misplaced)] {
                self.send(what, path.clone(), Vec::new(), body.to_string().into_bytes());
            }
        }
        let raw = self.word("what is no JSON");
        self.send("no JSON", path.clone(), Vec::new(), format!("{{\"{raw}\": {raw}").into_bytes());
        let twice = self.word("a member named twice");
        let body = format!("{{\"{twice}\": 1, \"{twice}\": \"{twice}\"}}").into_bytes();
        self.send("a member named twice", path.clone(), Vec::new(), body);
        let media = ("content-type".to_owned(), format!("text/{}", self.word("the media type")));
        let body = self.word("a body of another type").into_bytes();
        self.send("another type", path, vec![media], body);
    }

    fn addresses(&mut self) {
        let document = Document::read();
        if self.operation.placed("path").next().is_some() {
            let segment = self.word("a segment of the path");
            let path = self.operation.path_with(|_| segment.clone());
            self.send("path", path, Vec::new(), Vec::new());
            let canary = self.word("the rest of an id");
            let path = with_ids(document, self.operation, |prefix| {
                format!("{prefix}_{canary}%FF%2F{canary}")
            });
            self.send("path", path, Vec::new(), Vec::new());
        }
        let names: Vec<String> =
            self.operation.placed("query").map(|one| one.name.clone()).collect();
        let mut pairs: Vec<String> = names
            .iter()
            .map(|name| format!("{name}={}", self.word(&format!("the parameter {name}"))))
            .collect();
        let unknown = self.word("an unknown parameter");
        let path = self.path.clone();
        self.send("query", format!("{path}?{}", pairs.join("&")), Vec::new(), Vec::new());
        pairs.push(format!("{unknown}={unknown}"));
        self.send("query", format!("{path}?{}", pairs.join("&")), Vec::new(), Vec::new());
        let unknown = self.word("an unknown path");
        self.send("path", format!("{path}/{unknown}"), Vec::new(), Vec::new());
    }

    fn credentials(&mut self) {
        let claims = json!({ "sub": self.word("a claim of a forged token") }).to_string();
        let part = data_encoding::BASE64URL_NOPAD.encode(claims.as_bytes());
        let forged = format!("Bearer {part}.{part}.{}", self.word("a forged signature"));
        let bare = format!("Bearer {}", self.word("what is no token"));
        let other = format!("Basic {}", self.word("another scheme"));
        for value in [forged, bare, other] {
            let header = ("authorization".to_owned(), value);
            self.send("credentials", self.path.clone(), vec![header], Vec::new());
        }
    }

    fn methods(&mut self) {
        let made_up = self.word("a made-up method");
        self.send("method", self.path.clone(), Vec::new(), Vec::new());
        if let Some(last) = self.all.last_mut() {
            last.method = made_up;
        }
        let asked = self.word("a preflight");
        let more = ["origin", "access-control-request-method", "access-control-request-headers"];
        let more = more.map(|name| (name.to_owned(), format!("https://{asked}"))).to_vec();
        self.send("preflight", self.path.clone(), more, Vec::new());
        if let Some(last) = self.all.last_mut() {
            "OPTIONS".clone_into(&mut last.method);
        }
    }
}

/// Requests with a canary in every place of every operation.
pub fn everywhere(app: &TestApp, canaries: &mut Canaries) -> Vec<Sent> {
    let document = Document::read();
    let mut all = Vec::new();
    for operation in document.operations_of_v1() {
        let merge = operation.method == Method::PATCH;
        let mut places = Places {
            id: operation.id.clone(),
            bearer: format!("Bearer {}", caller(app, &operation).token.unwrap_or_default()),
            path: absent(document, &operation),
            media: if merge { "application/merge-patch+json" } else { "application/json" },
            operation: &operation,
            canaries: &mut *canaries,
            all: Vec::new(),
        };
        let known: Vec<&String> = app.cast.ids.values().collect();
        let of_story = with_ids(document, &operation, |prefix| {
            let found = known.iter().find(|id| id.starts_with(prefix));
            found.map_or_else(
                || format!("{prefix}_{}", crate::support::misfits::NOBODY),
                |id| (*id).clone(),
            )
        });
        // What is there is read and changed, and not ended: it is to be there for those that follow.
        if merge || operation.method == Method::GET {
            places.headers(of_story);
        }
        let path = places.path.clone();
        places.headers(path);
        places.bodies();
        places.addresses();
        places.credentials();
        places.methods();
        all.append(&mut places.all);
    }
    all
}
