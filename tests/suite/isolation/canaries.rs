//! Canaries in every free text of the world, as far as the document knows of it.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::chance::Chance;
use super::marks::canary;
use super::world::{ADMINS, World};
use crate::support::bodies::{self, Choice, is_telephone};
use crate::support::document::Operation;

impl World {
    /// A body with every free text a canary and these members as given.
    pub fn canaries(&mut self, schema: Option<&Value>, members: Value) -> Option<Value> {
        let mut writing = Writing { chance: &mut self.chance, given: &members };
        let mut body = bodies::body(self.document, schema?, &mut writing);
        for (name, member) in members.as_object().into_iter().flatten() {
            body[name] = member.clone();
        }
        Some(body)
    }

    /// Puts a canary into every free text that a PATCH of the document can reach.
    pub async fn rewrite_texts(&mut self) {
        for admin in ADMINS {
            for operation in self.operations.clone() {
                if operation.method == Method::PATCH && operation.placed("path").count() < 2 {
                    self.rewrite(admin, &operation).await;
                }
            }
            self.rename_members(admin).await;
        }
    }

    async fn rewrite(&mut self, admin: &str, operation: &Operation) {
        let collection = operation.path.split("/{").next().unwrap_or_default().to_owned();
        let mut paths = vec![collection.clone()];
        if operation.path.contains('{') {
            paths = Vec::new();
            for suffix in ["", "&archived=true"] {
                let list = self.caller(admin).get(&format!("{collection}?limit=200{suffix}")).await;
                paths.extend(list.ids().iter().map(|id| format!("{collection}/{id}")));
            }
        }
        for path in paths {
            let body = self.canaries(operation.body.as_ref(), json!({})).unwrap_or_default();
            let answer = self.caller(admin).patch_if(&path, "*", body).await;
            // A client's profile at /v1/me is not an administrator's, and what is done stays as it is.
            assert!([200, 403, 409].contains(&answer.status.as_u16()), "{path} {}", answer.status);
        }
    }

    async fn rename_members(&mut self, admin: &str) {
        for couple in self.caller(admin).get("/v1/couples?limit=200").await.ids() {
            let members =
                self.caller(admin).get(&format!("/v1/couples/{couple}/members")).await.json();
            for member in members["data"].as_array().into_iter().flatten() {
                let client = member["client_id"].as_str().unwrap_or_default();
                let body = json!({ "display_name": canary(&mut self.chance, &Value::Null) });
                let path = format!("/v1/couples/{couple}/members/{client}");
                self.caller(admin).patch_if(&path, "*", body).await;
            }
        }
    }
}

/// Writes a canary into every free text, and nothing else that is optional.
struct Writing<'a> {
    chance: &'a mut Chance,
    given: &'a Value,
}

impl Choice for Writing<'_> {
    fn includes(&mut self, pointer: &str, schema: &Value) -> bool {
        let pattern = schema["pattern"].as_str();
        let is_text = ["string", "[\"string\",\"null\"]"]
            .contains(&schema["type"].to_string().trim_matches('"'));
        let long = schema["maxLength"].as_u64().is_none_or(|most| most >= 12);
        let free = matches!(schema["format"].as_str(), None | Some("email" | "uri"))
            && schema["enum"].is_null();
        self.given.pointer(pointer).is_none()
            && is_text
            && long
            && free
            && pattern.is_none_or(is_telephone)
    }

    fn id(&mut self, pointer: &str, kind: &str) -> String {
        let given = self.given.pointer(pointer).and_then(Value::as_str);
        given.map_or_else(|| self.chance.id(kind), str::to_owned)
    }

    fn text(&mut self, _: &str, schema: &Value) -> String {
        canary(self.chance, schema)
    }
}
