//! Lists: every visible row and no other, page by page, in every order; cursors are their
//! owner's alone.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::Value;

use super::plan::Request;
use super::trial::{Trial, short};
use crate::support::document::{Document, Operation};

impl Trial<'_> {
    /// Pages through every list in every order, one entry at a time.
    pub async fn page_through_lists(&mut self) {
        let whole = |one: &&Operation| one.is_paged() && !one.path.contains('{');
        let lists = self.world.operations.iter().filter(whole);
        for list in lists {
            let sorts = sorts(self.world.document, list);
            let archived = list.placed("query").any(|parameter| parameter.name == "archived");
            for sort in &sorts {
                if self.has_enough() {
                    return;
                }
                let mut seen = Vec::new();
                for part in if archived { vec!["", "&archived=true"] } else { vec![""] } {
                    let query = format!("limit=1&sort={sort}{part}");
                    let Some(ids) = self.walk(list, &query).await else {
                        break;
                    };
                    seen.extend(ids);
                }
                if !seen.is_empty() || self.may_call(list).await {
                    self.compare(list, sort, &seen);
                }
            }
        }
    }

    /// The ids of all pages; none when the caller may not call the operation.
    async fn walk(&mut self, list: &Operation, query: &str) -> Option<Vec<String>> {
        let mut ids = Vec::new();
        let mut path = format!("{}?{query}", list.path);
        for _ in 0..200 {
            let request = get(path);
            let answer = self.ask(&request).await;
            if answer.status == 403 {
                return None;
            }
            if answer.status != 200 {
                self.find(&request, &format!("a page of a list: {}", short(&answer)));
                return Some(ids);
            }
            ids.extend(answer.ids());
            let Some(cursor) = answer.json()["next_cursor"].as_str().map(str::to_owned) else {
                break;
            };
            path = format!("{}?{query}&cursor={cursor}", list.path);
        }
        Some(ids)
    }

    async fn may_call(&mut self, list: &Operation) -> bool {
        self.ask(&get(list.path.clone())).await.status == 200
    }

    fn compare(&mut self, list: &Operation, sort: &str, seen: &[String]) {
        let Some(kind) = kind_of(self.world.document, list) else {
            // What is shared has no id: its texts are marks, which every answer is searched for.
            assert_eq!(list.id, "listSharedAnswers", "teach this what the entries of the list are");
            return;
        };
        let of_kind = |id: &&String| id.starts_with(&format!("{kind}_"));
        let wanted: BTreeSet<String> = self.sight.records.iter().filter(of_kind).cloned().collect();
        let got: BTreeSet<String> = seen.iter().cloned().collect();
        let request = get(format!("{}?sort={sort}", list.path));
        if got.len() != seen.len() {
            self.find(&request, "a row came twice");
        }
        if got != wanted {
            let more: Vec<_> = got.difference(&wanted).collect();
            let less: Vec<_> = wanted.difference(&got).collect();
            self.find(&request, &format!("rows too many: {more:?}, rows too few: {less:?}"));
        }
    }

    /// A cursor that was given to somebody else is refused.
    pub async fn try_cursors_of_others(&mut self, others: &[&str]) {
        let whole = |one: &&Operation| one.is_paged() && !one.path.contains('{');
        let lists = self.world.operations.iter().filter(whole);
        for list in lists {
            if !self.may_call(list).await {
                continue;
            }
            for other in others.iter().filter(|other| **other != self.actor.name) {
                let path = format!("{}?limit=1", list.path);
                let theirs = self.world.caller(other).get(&path).await;
                let Some(cursor) = theirs.json()["next_cursor"].as_str().map(str::to_owned) else {
                    continue;
                };
                let request = get(format!("{path}&cursor={cursor}"));
                let answer = self.ask(&request).await;
                if answer.status != 400 {
                    self.find(
                        &request,
                        &format!("the cursor of {other} was taken: {}", short(&answer)),
                    );
                }
            }
        }
    }
}

fn get(path: String) -> Request {
    Request { method: Method::GET, path, body: None, header: None }
}

fn sorts(document: &Document, list: &Operation) -> Vec<String> {
    let sort = list.placed("query").find(|parameter| parameter.name == "sort");
    let words = sort.and_then(|sort| document.schema(&sort.schema)["enum"].as_array().cloned());
    words.unwrap_or_default().iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The kind of record that a list holds, by the schema of its entries' `id`.
fn kind_of(document: &Document, list: &Operation) -> Option<String> {
    let schema = list.raw.pointer("/responses/200/content/application~1json/schema")?;
    let entry = document.schema(document.schema(schema).pointer("/properties/data/items")?);
    document.id_kind(entry.pointer("/properties/id")?)
}
