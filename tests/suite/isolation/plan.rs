//! What is asked: the id slots of every operation, and requests with them filled.

use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::Value;

use super::oracle::Sight;
use super::records::{Record, Records};
use crate::support::bodies::{self, Choice, is_telephone};
use crate::support::document::{Document, Operation, members};

/// Names under which texts stand that tell one record from another.
const NAMING_TEXTS: [&str; 3] = ["external_id", "email", "name"];

/// Where an operation takes the name of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub place: &'static str,
    /// The parameter's name, or the pointer into the body.
    pub name: String,
    pub names: Names,
}

/// How a slot names a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// By the id of a record of this kind.
    Id(String),
    /// By a text, as an external id.
    Text(String),
}

/// Every slot of an operation.
pub fn slots(document: &Document, operation: &Operation) -> Vec<Slot> {
    let mut found = Vec::new();
    for place in ["path", "query"] {
        for parameter in operation.placed(place) {
            // A device makes the id under which it sends: to its person it is new, whoever else has it.
            if operation.method == Method::PUT && parameter.name == "submission_id" {
                continue;
            }
            let text = NAMING_TEXTS.contains(&parameter.name.as_str());
            let names = match document.id_kind(&parameter.schema) {
                Some(kind) => Names::Id(kind),
                None if text => Names::Text(parameter.name.clone()),
                None => continue,
            };
            found.push(Slot { place, name: parameter.name.clone(), names });
        }
    }
    if let Some(schema) = &operation.body {
        body_slots(document, schema, "", &mut found);
    }
    found
}

fn body_slots(document: &Document, schema: &Value, at: &str, found: &mut Vec<Slot>) {
    let schema = document.schema(schema);
    let name = at.rsplit('/').next().unwrap_or_default();
    let slot = |names| Slot { place: "body", name: at.to_owned(), names };
    if let Some(kind) = document.id_kind(schema) {
        found.push(slot(Names::Id(kind)));
    } else if name != "name" && NAMING_TEXTS.contains(&name) {
        found.push(slot(Names::Text(name.to_owned())));
    }
    for (name, member) in members(schema) {
        body_slots(document, member, &format!("{at}/{name}"), found);
    }
    if let Some(items) = schema.get("items") {
        body_slots(document, items, &format!("{at}/0"), found);
    }
}

/// The ids with which the slots beside the one under trial are filled: things that belong
/// together and that the caller sees.
#[derive(Debug, Clone, Default)]
pub struct Scene(BTreeMap<String, Vec<String>>);

impl Scene {
    /// One scene around each couple in sight, or around nothing.
    pub fn all(records: &Records, sight: &Sight) -> Vec<Self> {
        let visible = |record: &&Record| sight.records.contains(&record.id);
        let mut scenes: Vec<Self> = records
            .of_kind("cpl")
            .filter(visible)
            .map(|couple| Self::around(records, sight, Some(&couple.id)))
            .collect();
        scenes.push(Self::around(records, sight, None));
        scenes
    }

    fn around(records: &Records, sight: &Sight, couple: Option<&str>) -> Self {
        let about = |record: &Record| {
            couple.is_some_and(|id| record.marks().contains(id) || is_in(records, id, &record.id))
        };
        let mut near = BTreeMap::<String, Vec<String>>::new();
        for wanted in [true, false] {
            for record in records.all.values() {
                if sight.records.contains(&record.id) && about(record) == wanted {
                    near.entry(record.kind().to_owned()).or_default().push(record.id.clone());
                }
            }
        }
        Self(near)
    }

    /// The same with other things first, every other time.
    pub fn turned(&self, by: usize) -> Self {
        let mut turned = self.clone();
        for ids in turned.0.values_mut().filter(|ids| !ids.is_empty()) {
            let by = by / 2 % ids.len();
            ids.rotate_left(by);
        }
        turned
    }

    fn id(&mut self, kind: &str) -> String {
        match self.0.get_mut(kind) {
            Some(ids) if !ids.is_empty() => {
                ids.rotate_left(1);
                ids[ids.len() - 1].clone()
            }
            _ => format!("{kind}_01{}", "0".repeat(24)),
        }
    }
}

/// True when the couple's record names the other one.
fn is_in(records: &Records, couple: &str, id: &str) -> bool {
    records.all.get(couple).is_some_and(|couple| couple.marks().contains(id))
}

/// A request, ready to be sent by anybody.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    pub header: Option<(&'static str, String)>,
}

impl Request {
    /// True when it may change something.
    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// A request of this operation with one slot set to a value and the others filled from
    /// the scene.
    pub fn of(
        document: &Document,
        operation: &Operation,
        trial: Option<(&Slot, &str)>,
        scene: &Scene,
        header: Option<(&'static str, String)>,
    ) -> Self {
        let mut scene = scene.clone();
        let mut path = operation.path.clone();
        for parameter in operation.placed("path") {
            let tried =
                trial.filter(|(slot, _)| slot.place == "path" && slot.name == parameter.name);
            let value = match (tried, document.id_kind(&parameter.schema)) {
                (Some((_, value)), _) => encoded(value),
                (None, Some(kind)) => scene.id(&kind),
                (None, None) => "sample".to_owned(),
            };
            path = path.replace(&format!("{{{}}}", parameter.name), &value);
        }
        if let Some((slot, value)) = trial.filter(|(slot, _)| slot.place == "query") {
            path = format!("{path}?{}={}", slot.name, encoded(value));
        }
        let trial = trial.filter(|(slot, _)| slot.place == "body");
        let mut asking = Asking { trial, scene };
        let body =
            operation.body.as_ref().map(|schema| bodies::body(document, schema, &mut asking));
        Self { method: operation.method.clone(), path, body, header }
    }
}

/// Percent-encodes what is not plain in a path or query.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(b).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect()
}

/// Fills a body: the slot under trial, what is required, and plain texts so that a change
/// changes something.
struct Asking<'a> {
    trial: Option<(&'a Slot, &'a str)>,
    scene: Scene,
}

impl Choice for Asking<'_> {
    fn includes(&mut self, pointer: &str, schema: &Value) -> bool {
        let tried = self.trial.is_some_and(|(slot, _)| {
            slot.name == pointer || slot.name.starts_with(&format!("{pointer}/"))
        });
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let text = schema["type"].to_string().contains("\"string\"") && schema["pattern"].is_null();
        tried
            || (text
                && schema["enum"].is_null()
                && schema["format"].is_null()
                && name != "external_id")
    }

    fn id(&mut self, pointer: &str, kind: &str) -> String {
        match self.trial {
            Some((slot, value)) if slot.name == pointer => value.to_owned(),
            _ => self.scene.id(kind),
        }
    }

    fn text(&mut self, pointer: &str, schema: &Value) -> String {
        match self.trial {
            Some((slot, value)) if slot.name == pointer => value.to_owned(),
            _ if schema["format"] == "email" => "sample@people.example".to_owned(),
            _ if schema["format"] == "uri" => "https://sample.example".to_owned(),
            _ if schema["pattern"].as_str().is_some_and(is_telephone) => "+12065550123".to_owned(),
            _ => "Sample".to_owned(),
        }
    }
}
