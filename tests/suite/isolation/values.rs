//! What goes into a slot: something that names nothing, and what is not the actor's to see.

use actix_web::http::Method;

use super::plan::{Names, Slot};
use super::records::Records;
use super::trial::Trial;
use crate::support::document::Operation;

impl Trial<'_> {
    /// A value that names nothing, and some that name what the actor may not see.
    pub fn values(&mut self, operation: &Operation, slot: &Slot) -> (String, Vec<String>) {
        let hidden = |id: &str| {
            let answers = operation.method != Method::GET && self.sight.invitations.contains(id);
            let asks = operation.method == Method::GET && self.sight.named.contains(id);
            !self.sight.records.contains(id) && !answers && !asks
        };
        let (nothing, foreign): (String, Vec<String>) = match &slot.names {
            Names::Id(kind) => {
                let ids = self.records.of_kind(kind).map(|record| record.id.clone());
                (self.chance.id(kind), ids.filter(|id| hidden(id)).collect())
            }
            Names::Text(name) => {
                let texts = texts_named(self.records, name, &hidden);
                let word = self.chance.text(b"abcdefghjkmnpqrstvwxyz", 12);
                (if name == "email" { format!("{word}@canary.example") } else { word }, texts)
            }
        };
        assert!(
            !foreign.is_empty(),
            "{} {}: no record of the kind that `{}` names is foreign to {}; make one in each \
             practice in tests/suite/isolation/world.rs",
            operation.method,
            operation.path,
            slot.name,
            self.actor.name,
        );
        (nothing, self.chance.some(&foreign, self.depth.values))
    }
}

/// The headers with which a request is tried: those that make a service look before it
/// answers.
pub fn ways(method: &Method) -> Vec<Option<(&'static str, &'static str)>> {
    match method.as_str() {
        "PATCH" => vec![Some(("if-match", "*")), Some(("if-match", "\"stale\""))],
        "GET" => vec![None, Some(("if-none-match", "*"))],
        _ => vec![None],
    }
}

/// Texts by which hidden records are named.
fn texts_named(records: &Records, name: &str, hidden: &dyn Fn(&str) -> bool) -> Vec<String> {
    let keys: &[&str] =
        if name == "name" { &["given_name", "family_name", "preferred_name"] } else { &[name] };
    let of_hidden = records.all.values().filter(|record| hidden(&record.id));
    let texts = of_hidden
        .flat_map(|record| keys.iter().map(|key| record.text(&format!("/{key}")).to_owned()));
    texts.filter(|text| !text.is_empty()).collect()
}
