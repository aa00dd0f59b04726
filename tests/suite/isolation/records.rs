//! Everything that the world holds, as the administrators of its practices read it, and the clinicians what
//! is for clinicians alone.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use serde_json::Value;

use super::marks::marks;
use super::world::{ADMINS, CLIENTS, CLINICIANS, World};
use crate::support::document::Operation;

/// One record with all that is read below it, as its members or care team.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: String,
    /// Which of the two practices.
    pub practice: usize,
    pub shown: Value,
    /// By the last word of the path.
    pub below: BTreeMap<String, Value>,
}

/// The records by id, and every mark in them.
#[derive(Debug, Default, Clone)]
pub struct Records {
    pub all: BTreeMap<String, Record>,
    pub marks: BTreeSet<String>,
}

impl Record {
    pub fn kind(&self) -> &str {
        self.id.split('_').next().unwrap_or_default()
    }

    pub fn text(&self, pointer: &str) -> &str {
        self.shown.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Entries of a list, in the record or below it.
    pub fn entries(&self, below: &str, pointer: &str) -> Vec<Value> {
        let from = self.below.get(below).unwrap_or(&self.shown);
        from.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// Every mark in the record and below it.
    pub fn marks(&self) -> BTreeSet<String> {
        let mut found = marks(&self.shown.to_string());
        for value in self.below.values() {
            found.extend(marks(&value.to_string()));
        }
        found
    }
}

impl Records {
    /// Reads both practices through every read operation of the document.
    pub async fn read(world: &World) -> Self {
        let mut records = Self::default();
        let reads = || world.operations.iter().filter(|operation| operation.method == Method::GET);
        // A list below a record is read with it.
        let is_list =
            |operation: &&Operation| operation.is_paged() && !operation.path.contains('{');
        for practice in 0..ADMINS.len() {
            for list in reads().filter(is_list) {
                for reader in readers(practice, list) {
                    records.read_list(world, practice, reader, list).await;
                }
            }
            for single in reads().filter(|operation| !is_list(operation)) {
                for reader in readers(practice, single) {
                    records.read_single(world, practice, reader, single).await;
                }
            }
        }
        records.take_proposals();
        records.read_feeds(world).await;
        records.marks = records.all.values().flat_map(Record::marks).collect();
        records
    }

    /// What is proposed for an assignment is listed below it, and has a place of its own.
    fn take_proposals(&mut self) {
        let mut found = Vec::new();
        for homework in self.of_kind("asg") {
            for shown in homework.entries("time-proposals", "/data") {
                let id = shown["id"].as_str().unwrap_or_default().to_owned();
                let practice = homework.practice;
                found.push(Record { id, practice, shown, below: BTreeMap::new() });
            }
        }
        assert!(found.len() >= 2, "a proposal in each practice");
        self.all.extend(found.into_iter().map(|record| (record.id.clone(), record)));
    }

    /// Nobody reads a calendar feed but whose it is.
    async fn read_feeds(&mut self, world: &World) {
        for (practice, clients) in CLIENTS.iter().enumerate() {
            for client in *clients {
                let feeds = world.caller(client).get("/v1/me/calendar-feeds").await.expect(200);
                for mut shown in feeds.json()["data"].as_array().cloned().unwrap_or_default() {
                    shown["owner"] = world.app.id(client).into();
                    let id = shown["id"].as_str().unwrap_or_default().to_owned();
                    let record = Record { id: id.clone(), practice, shown, below: BTreeMap::new() };
                    self.all.insert(id, record);
                }
            }
        }
    }

    async fn read_list(&mut self, world: &World, practice: usize, reader: &str, list: &Operation) {
        let archived = list.placed("query").any(|parameter| parameter.name == "archived");
        for suffix in if archived { vec!["", "&archived=true"] } else { vec![""] } {
            let answer =
                world.caller(reader).get(&format!("{}?limit=200{suffix}", list.path)).await;
            for shown in answer.expect(200).json()["data"].as_array().cloned().unwrap_or_default() {
                let id = shown["id"].as_str().unwrap_or_default().to_owned();
                self.all.insert(id.clone(), Record { id, practice, shown, below: BTreeMap::new() });
            }
        }
    }

    /// A record by itself, or something below a record that was listed.
    async fn read_single(
        &mut self,
        world: &World,
        practice: usize,
        reader: &str,
        single: &Operation,
    ) {
        let Some(parameter) = single.placed("path").next() else {
            let shown = world.caller(reader).get(&single.path).await.json();
            if let Some(id) = shown["id"].as_str().map(str::to_owned) {
                self.all.insert(id.clone(), Record { id, practice, shown, below: BTreeMap::new() });
            }
            return;
        };
        let kind = world.document.id_kind(&parameter.schema).unwrap_or_default();
        let own = |record: &&mut Record| record.practice == practice && record.kind() == kind;
        for record in self.all.values_mut().filter(own) {
            let answer = world.caller(reader).get(&single.path_with(|_| record.id.clone())).await;
            if answer.status.is_success() {
                let word = single.path.rsplit('/').next().unwrap_or_default().to_owned();
                record.below.insert(word, answer.json());
            }
        }
    }

    /// The assignment that a record is, or is about.
    pub fn homework_of(&self, record: &Record) -> Option<&Record> {
        let id = if record.kind() == "asg" { &record.id } else { record.text("/assignment_id") };
        self.all.get(id)
    }

    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Record> {
        self.all.values().filter(move |record| record.kind() == kind)
    }
}

/// Who together read all that an operation shows in a practice.
fn readers(practice: usize, operation: &Operation) -> &'static [&'static str] {
    if operation.id == "listAuditEvents" {
        return &[];
    }
    if operation.scopes.iter().all(|scope| scope == "alerts:read") && !operation.is_public() {
        return CLINICIANS[practice];
    }
    // Nobody but clinicians reads notes, and each the skeletons of their own.
    let of_clinicians =
        ["session-notes", "note-templates", "session-summaries", "psychotherapy-notes"];
    if of_clinicians.iter().any(|one| operation.path.starts_with(&format!("/v1/{one}"))) {
        return CLINICIANS[practice];
    }
    // Administrators read that something was sent, and clinicians what was said, and what is about safety.
    let read = [
        "listSubmissions",
        "getSubmission",
        "listReviews",
        "getReview",
        "listPrograms",
        "getProgram",
    ];
    if read.contains(&operation.id.as_str()) {
        return CLINICIANS[practice];
    }
    let of_clients = ["homework:own", "couple:read", "profile:read"];
    if operation.scopes.iter().all(|scope| of_clients.contains(&scope.as_str()))
        && !operation.is_public()
    {
        return &[];
    }
    &ADMINS[practice..=practice]
}
