//! Everything that B's token can reach, made from the document: an operation that is added is read from the
//! next run on.

use std::sync::LazyLock;

use actix_web::http::Method;
use serde_json::Value;

use super::tale::Tale;
use super::world::Hidden;
use crate::support::document::{Document, Operation, Parameter, kind};
use crate::support::misfits::NOBODY;

/// How something is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// As it stands.
    Plain,
    /// In pages of one entry, to the end.
    Walk,
    /// With the tag of what was read there before, or with `*`.
    Conditional,
    /// Written with the tag of what is there.
    Tagged,
}

/// One thing that B asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    pub method: String,
    pub path: String,
    pub how: How,
    pub body: Option<String>,
}

impl Ask {
    fn new(method: &str, path: String, how: How) -> Self {
        Self { method: method.to_owned(), path, how, body: None }
    }

    /// A list or a record as it stands, without a filter.
    pub fn is_whole(&self) -> bool {
        self.method == "GET" && self.how == How::Plain && !self.path.contains('?')
    }

    fn get(path: impl Into<String>, how: How) -> Self {
        Self::new("GET", path.into(), how)
    }
}

impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} {:?} {}",
            self.method,
            self.path,
            self.how,
            self.body.as_deref().unwrap_or("")
        )
    }
}

/// The scopes of B's token.
const SCOPES: [&str; 7] = [
    "profile:read",
    "profile:write",
    "couple:read",
    "homework:own",
    "homework:submit",
    "homework:sensitive",
    "homework:safety",
];

/// Every operation, with a body that fits it.
static OPERATIONS: LazyLock<Vec<(Operation, Option<String>)>> = LazyLock::new(|| {
    let document = Document::read();
    let all = document.operations_of_v1().into_iter().map(|operation| {
        let body = operation.body.as_ref().map(|schema| document.sample(schema).to_string());
        (operation, body)
    });
    all.collect()
});

/// True for what a client's token is let through to.
pub fn is_for_clients(operation: &Operation) -> bool {
    operation.scopes.iter().any(|scope| SCOPES.contains(&scope.as_str()))
}

/// Ids by what they are: those that B knows, and those that only exist by a private act, or are A's.
pub struct Ids {
    pub own: Vec<String>,
    pub others: Vec<String>,
}

impl Ids {
    pub fn of(tale: &Tale, hidden: &Hidden) -> Self {
        let mut own = vec![tale.couple.clone(), tale.b.clone()];
        own.extend(tale.work.iter().map(|work| work.id.clone()));
        own.extend(tale.devices_of_b());
        own.extend(tale.reviews.iter().cloned());
        own.extend(tale.consents.iter().cloned());
        own.extend(tale.proposals.iter().cloned());
        own.extend(tale.programs.iter().cloned());
        own.extend(tale.exercises.values().take(2).cloned());
        let mut others = vec![tale.a.clone()];
        others.extend(tale.holds.iter().cloned());
        others.extend(hidden.ids.iter().cloned());
        Self { own, others }
    }

    fn of_kind<'a>(ids: &'a [String], kind: &'a str) -> impl Iterator<Item = &'a String> {
        ids.iter().filter(move |id| id.starts_with(kind) && id.as_bytes().get(3) == Some(&b'_'))
    }
}

/// The reads that every step is followed by.
pub fn first(tale: &Tale) -> Vec<Ask> {
    let mut all = vec![
        Ask::get("/v1/me/inbox", How::Plain),
        Ask::get("/v1/shared-answers?limit=200", How::Plain),
        Ask::get("/v1/assignments?sort=-updated_at", How::Plain),
        Ask::get(dashboard(tale), How::Plain),
        // Whoever has the address of B's feed, which B has.
        Ask::get(tale.feed.clone(), How::Plain),
    ];
    let works = tale.work.iter().filter(|work| work.of_couple);
    all.extend(works.map(|work| Ask::get(format!("/v1/assignments/{}", work.id), How::Plain)));
    all
}

/// Where the couple's dashboard is.
pub fn dashboard(tale: &Tale) -> String {
    format!("/v1/couples/{}/dashboard", tale.couple)
}

/// Everything.
pub fn everything(ids: &Ids, now: &str) -> Vec<Ask> {
    let mut all = Vec::new();
    for (operation, body) in OPERATIONS.iter() {
        match (operation.method == Method::GET, is_for_clients(operation)) {
            (true, true) => reads(operation, ids, now, &mut all),
            (true, false) => {
                let path = filled(operation, |prefix| format!("{prefix}_{NOBODY}"));
                all.push(Ask::get(path, How::Plain));
            }
            (false, true) => attempts(operation, body.as_ref(), ids, &mut all),
            (false, false) => {}
        }
    }
    all.sort();
    all.dedup();
    all
}

fn prefix(parameter: &Parameter) -> Option<String> {
    Document::read().id_kind(&parameter.schema)
}

fn filled(operation: &Operation, id: impl Fn(&str) -> String) -> String {
    operation.path_with(|slot| id(prefix(slot).as_deref().unwrap_or("ext")))
}

/// The path with each of these ids in its slot, or as it is when it has none.
fn paths(operation: &Operation, ids: &[String]) -> Vec<String> {
    let Some(slot) = operation.placed("path").next() else { return vec![operation.path.clone()] };
    let Some(kind) = prefix(slot) else { return Vec::new() };
    let fill = |id: &String| {
        filled(operation, |of| if of == kind { id.clone() } else { format!("{of}_{NOBODY}") })
    };
    Ids::of_kind(ids, &kind).map(fill).collect()
}

fn reads(operation: &Operation, ids: &Ids, now: &str, all: &mut Vec<Ask>) {
    for path in paths(operation, &ids.own) {
        all.push(Ask::get(path.clone(), How::Plain));
        all.push(Ask::get(path.clone(), How::Conditional));
        all.push(Ask::new("HEAD", path.clone(), How::Plain));
        all.push(Ask::new("OPTIONS", path.clone(), How::Plain));
        queries(operation, &path, ids, now, all);
    }
    if operation.placed("path").next().is_some() {
        all.extend(
            paths(operation, &ids.others).into_iter().map(|path| Ask::get(path, How::Plain)),
        );
        let nobody = filled(operation, |of| format!("{of}_{NOBODY}"));
        all.push(Ask::get(nobody, How::Plain));
    }
}

/// A list in every order and by every filter, and whatever else can be asked in more than one way. What an operation
/// does not answer without goes with it, by its first word.
fn queries(operation: &Operation, path: &str, ids: &Ids, now: &str, all: &mut Vec<Ask>) {
    let known = |parameter: &Parameter| {
        let schema = Document::read().schema(&parameter.schema);
        values(&parameter.name, schema, ids, now)
    };
    for parameter in operation.placed("query") {
        let name = &parameter.name;
        let others = operation.placed("query").filter(|one| one.required && one.name != *name);
        let others =
            others.filter_map(|one| Some(format!("&{}={}", one.name, known(one).first()?)));
        let others: String = others.collect();
        for value in known(parameter) {
            let how = if name == "sort" { How::Walk } else { How::Plain };
            let one = if name == "sort" { "&limit=1" } else { "" };
            all.push(Ask::get(format!("{path}?{name}={value}{one}{others}"), how));
        }
    }
}

fn values(name: &str, schema: &Value, ids: &Ids, now: &str) -> Vec<String> {
    let document = Document::read();
    if name == "cursor" {
        return vec!["unknown".to_owned()];
    }
    if name == "limit" {
        return vec!["200".to_owned(), "0".to_owned()];
    }
    if let Some(kind) = document.id_kind(schema) {
        let known = Ids::of_kind(&ids.own, &kind).chain(Ids::of_kind(&ids.others, &kind));
        return known.cloned().chain([format!("{kind}_{NOBODY}")]).collect();
    }
    let listed = if kind(schema) == "array" { document.schema(&schema["items"]) } else { schema };
    if let Some(words) = listed["enum"].as_array() {
        return words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
    }
    match kind(schema) {
        "boolean" => vec!["true".to_owned(), "false".to_owned()],
        _ if listed["format"] == "date-time" => {
            vec![now.to_owned(), "2026-12-01T00:00:00Z".to_owned()]
        }
        _ if listed["format"] == "date" => now.get(..10).map(str::to_owned).into_iter().collect(),
        _ => vec!["something".to_owned()],
    }
}

/// What B might try on what is not theirs: each write, with each id that is A's alone.
fn attempts(operation: &Operation, body: Option<&String>, ids: &Ids, all: &mut Vec<Ask>) {
    if operation.placed("path").next().is_none() {
        return;
    }
    for path in paths(operation, &ids.others) {
        let mut ask = Ask::new(operation.method.as_str(), path, How::Plain);
        ask.body = body.cloned();
        all.push(ask);
    }
}

/// What B might do to what is theirs: each write of a client, with a body of the document.
pub fn attempts_on_own(ids: &Ids) -> Vec<Ask> {
    let mut all = Vec::new();
    let writes = OPERATIONS.iter().filter(|(operation, _)| operation.method != Method::GET);
    for (operation, body) in writes.filter(|(operation, _)| is_for_clients(operation)) {
        for path in paths(operation, &ids.own) {
            let how = if operation.method == Method::PATCH { How::Tagged } else { How::Plain };
            let mut ask = Ask::new(operation.method.as_str(), path, how);
            ask.body.clone_from(body);
            all.push(ask);
        }
    }
    all
}
