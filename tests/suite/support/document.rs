//! The document as tests read it: operations, schemas with their references followed.

use std::sync::LazyLock;

use actix_web::http::Method;
use serde_json::{Map, Value};

/// The document of the service under test.
pub struct Document(pub Value);

/// One operation of it.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: Method,
    pub path: String,
    pub id: String,
    /// Any of these scopes is enough; none for a public operation.
    pub scopes: Vec<String>,
    pub parameters: Vec<Parameter>,
    /// The schema of the body it takes.
    pub body: Option<Value>,
    pub raw: Value,
}

/// One parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub place: String,
    pub name: String,
    pub schema: Value,
    pub required: bool,
}

impl Document {
    /// The document that the service would serve.
    pub fn read() -> &'static Self {
        static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document(attune::app::document()));
        &DOCUMENT
    }

    /// The value itself, or what its `$ref` names.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#')) {
            Some(pointer) => {
                self.resolve(self.0.pointer(pointer).expect("a reference that leads somewhere"))
            }
            None => value,
        }
    }

    /// The schema behind references and behind "or null".
    pub fn schema<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let schema = self.resolve(schema);
        let choices =
            ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
        match choices.and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
            Some(choice) => self.schema(choice),
            None => schema,
        }
    }

    /// `cli` when the schema is that of an id of a client, and so on.
    pub fn id_kind(&self, schema: &Value) -> Option<String> {
        let pattern = self.schema(schema).get("pattern")?.as_str()?;
        let (kind, rest) = pattern.strip_prefix('^')?.split_at_checked(3)?;
        (rest.starts_with('_') && kind.bytes().all(|b| b.is_ascii_lowercase()))
            .then(|| kind.to_owned())
    }

    /// Every operation under `/v1`.
    pub fn operations_of_v1(&self) -> Vec<Operation> {
        let all = self.operations().into_iter();
        all.filter(|operation| operation.path.starts_with("/v1/")).collect()
    }

    /// Every operation.
    pub fn operations(&self) -> Vec<Operation> {
        let empty = Map::new();
        let paths = self.0["paths"].as_object().unwrap_or(&empty);
        let all = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap_or(&empty);
            methods.iter().map(|(method, raw)| self.operation(method, path, raw))
        });
        all.collect()
    }

    fn operation(&self, method: &str, path: &str, raw: &Value) -> Operation {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let scopes =
            list(&raw["security"]).iter().flat_map(|one| list(&one["token"])).collect::<Vec<_>>();
        let parameters =
            list(&raw["parameters"]).iter().map(|parameter| self.parameter(parameter)).collect();
        let content =
            self.resolve(&raw["requestBody"])["content"].as_object().cloned().unwrap_or_default();
        Operation {
            method: Method::from_bytes(method.to_ascii_uppercase().as_bytes()).expect("a method"),
            path: path.to_owned(),
            id: raw["operationId"].as_str().unwrap_or_default().to_owned(),
            scopes: scopes.iter().filter_map(|scope| scope.as_str().map(str::to_owned)).collect(),
            parameters,
            body: content.values().next().map(|media| media["schema"].clone()),
            raw: raw.clone(),
        }
    }

    fn parameter(&self, raw: &Value) -> Parameter {
        let raw = self.resolve(raw);
        let text = |key: &str| raw[key].as_str().unwrap_or_default().to_owned();
        let (schema, required) = (raw["schema"].clone(), raw["required"] == true);
        Parameter { place: text("in"), name: text("name"), schema, required }
    }
}

impl Operation {
    pub fn is_public(&self) -> bool {
        self.scopes.is_empty()
    }

    pub fn placed(&self, place: &'static str) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    pub fn takes_a_query(&self) -> bool {
        self.placed("query").next().is_some()
    }

    /// A list that is read in pages.
    pub fn is_paged(&self) -> bool {
        self.placed("query").any(|parameter| parameter.name == "cursor")
    }

    /// The path with every parameter filled in.
    pub fn path_with(&self, fill: impl Fn(&Parameter) -> String) -> String {
        self.placed("path").fold(self.path.clone(), |path, parameter| {
            path.replace(&format!("{{{}}}", parameter.name), &fill(parameter))
        })
    }
}

/// The members of an object's schema, but for those that lead back to it.
pub fn members(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema["properties"].as_object();
    properties.into_iter().flatten().filter(|(_, member)| member["x-recursive"] != true)
}

/// The type of a schema without references, null aside.
pub fn kind(schema: &Value) -> &str {
    let listed =
        schema["type"].as_array().and_then(|types| types.iter().find(|one| *one != "null"));
    listed.unwrap_or(&schema["type"]).as_str().unwrap_or("string")
}
