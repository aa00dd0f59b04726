//! The document, compiled: which operations exist, who may call them and what they take.
//!
//! Router, document and policy cannot disagree, because the policy of a request is read
//! from the document's `security` and the router is filled by the same registration that
//! fills the document. An operation without a policy keeps the service from starting.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::web::Bytes;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::auth::scopes::{Scope, ScopeSet};
use crate::db::{Date, Instant};
use crate::error::{Fault, Place};
use crate::http::body::MOST_BYTES;
use crate::http::faults;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Anybody, without a token.
    Public,
    /// A token that carries at least one of these scopes.
    AnyOf(ScopeSet),
}

/// One operation of the document.
#[derive(Debug)]
pub struct Operation {
    /// `operationId`, verb and noun.
    pub id: String,
    /// Who may call it.
    pub policy: Policy,
    /// Largest body in bytes: `x-max-body-bytes`, or what every operation takes.
    pub most_bytes: usize,
    parameters: Parameters,
    body: Option<Arc<Validator>>,
}

/// The query parameters of an operation and the schema of the object they make.
#[derive(Debug)]
struct Parameters {
    shapes: HashMap<String, Shape>,
    validator: Arc<Validator>,
}

/// How the text of a parameter becomes JSON before it is validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Integer,
    Boolean,
    /// Comma-separated words.
    List,
}

/// The compiled document.
#[derive(Debug)]
pub struct Contract {
    routes: HashMap<String, Vec<(Method, Operation)>>,
    /// In the document's order: where two fit a path, the first is meant.
    patterns: Vec<String>,
    /// As text: it is only ever written out, and a tree of it is megabytes of idle memory.
    document: Bytes,
}

/// A document that the service refuses to start with.
#[derive(Debug, thiserror::Error)]
#[error("the document is not fit to serve: {0}")]
pub struct Unfit(String);

impl Contract {
    /// Compiles a finished document.
    ///
    /// # Errors
    /// When an operation has no policy, names an unknown scope, or has a schema that does
    /// not compile.
    pub fn compile(document: &Value) -> Result<Self, Unfit> {
        let paths = || document.get("paths").and_then(Value::as_object).into_iter().flatten();
        let mut routes: HashMap<String, Vec<(Method, Operation)>> = HashMap::new();
        let mut compiler = Compiler::new(document);
        for (path, item) in paths() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
                    .map_err(|_| Unfit(format!("{path} has an unknown method")))?;
                let operation = Operation::compile(operation, &mut compiler)
                    .map_err(|fault| Unfit(format!("{method} {path}: {fault}")))?;
                routes.entry(path.clone()).or_default().push((method, operation));
            }
        }
        let patterns = paths().map(|(path, _)| path.clone()).collect();
        let document = document.to_string().into();
        Ok(Self { routes, patterns, document })
    }

    /// The document itself, as it is served: JSON.
    #[must_use]
    pub fn document(&self) -> Bytes {
        self.document.clone()
    }

    /// The operation that a routed request called.
    #[must_use]
    pub fn operation(&self, request: &HttpRequest) -> Option<&Operation> {
        let pattern = request.match_pattern()?;
        let operations = self.routes.get(&pattern)?;
        operations.iter().find(|(method, _)| method == request.method()).map(|(_, found)| found)
    }

    /// The methods that a path takes, for `Allow`; none when the path does not exist.
    #[must_use]
    pub fn methods(&self, path: &str) -> Option<String> {
        let pattern = self.patterns.iter().find(|pattern| fits(pattern, path))?;
        let mut methods: Vec<&str> =
            self.routes.get(pattern)?.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        Some(methods.join(", "))
    }

    /// Every operation with its method and path, in the document's order.
    pub fn operations(&self) -> impl Iterator<Item = (&Method, &str, &Operation)> {
        let sorted: BTreeMap<_, _> = self.routes.iter().collect();
        sorted.into_iter().flat_map(|(path, operations)| {
            operations.iter().map(move |(method, operation)| (method, path.as_str(), operation))
        })
    }
}

impl Operation {
    fn compile(operation: &Value, compiler: &mut Compiler<'_>) -> Result<Self, String> {
        let id = operation.get("operationId").and_then(Value::as_str).ok_or("no operationId")?;
        Ok(Self {
            id: id.to_owned(),
            policy: policy(operation)?,
            most_bytes: operation
                .get("x-max-body-bytes")
                .and_then(Value::as_u64)
                .and_then(|most| usize::try_from(most).ok())
                .unwrap_or(MOST_BYTES),
            parameters: Parameters::compile(operation, compiler)?,
            body: body_schema(operation)
                .map(|schema| compiler.compile(schema.clone()))
                .transpose()?,
        })
    }

    /// Every fault of a body, by its schema in the document.
    #[must_use]
    pub fn body_faults(&self, body: &Value) -> Vec<Fault> {
        self.body
            .as_ref()
            .map(|validator| faults::of(validator.iter_errors(body), Place::Body))
            .unwrap_or_default()
    }

    /// The query as a JSON object, with every fault of it.
    #[must_use]
    pub fn read_query(&self, query: &str) -> (Value, Vec<Fault>) {
        let mut object = Map::new();
        let mut found = Vec::new();
        for (name, text) in url_pairs(query) {
            match self.parameters.shapes.get(&name) {
                // The name is the caller's own text and is not repeated.
                None => {
                    found.push(Fault::query(
                        "",
                        "unknown_parameter",
                        "There is no such parameter.",
                    ));
                }
                Some(_) if object.contains_key(&name) => {
                    found.push(Fault::query(&name, "repeated", "Give it once."));
                }
                Some(shape) => {
                    object.insert(name, shape.read(text));
                }
            }
        }
        let object = Value::Object(object);
        found.extend(faults::of(self.parameters.validator.iter_errors(&object), Place::Query));
        (object, found)
    }
}

impl Parameters {
    fn compile(operation: &Value, compiler: &mut Compiler<'_>) -> Result<Self, String> {
        let mut shapes = HashMap::new();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
        {
            let text = |key| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            if text("in") != "query" {
                continue;
            }
            let name = text("name").to_owned();
            let schema = parameter.get("schema").cloned().unwrap_or_default();
            if parameter.get("required") == Some(&Value::Bool(true)) {
                required.push(Value::String(name.clone()));
            }
            shapes.insert(name.clone(), Shape::of(&schema));
            properties.insert(name, schema);
        }
        let schema = json!({ "type": "object", "properties": properties, "required": required });
        Ok(Self { shapes, validator: compiler.compile(schema)? })
    }
}

impl Shape {
    fn of(schema: &Value) -> Self {
        match schema.get("type").and_then(Value::as_str) {
            Some("array") => Self::List,
            Some("integer") => Self::Integer,
            Some("boolean") => Self::Boolean,
            _ => Self::Text,
        }
    }

    /// Text that is not of the shape stays text, for the schema to refuse.
    fn read(self, text: String) -> Value {
        match self {
            // Tidied as the texts of bodies are, so that one name is found whatever keyboard it came from.
            Self::Text => Value::String(text.trim().nfc().collect()),
            Self::Integer => text.parse::<i64>().map_or(Value::String(text), Value::from),
            Self::Boolean => text.parse::<bool>().map_or(Value::String(text), Value::from),
            Self::List => text.split(',').map(str::to_owned).collect(),
        }
    }
}

/// Decodes `application/x-www-form-urlencoded` pairs by the URL standard, as actix does.
fn url_pairs(query: &str) -> Vec<(String, String)> {
    actix_web::web::Query::<Vec<(String, String)>>::from_query(query)
        .map(actix_web::web::Query::into_inner)
        .unwrap_or_default()
}

/// Whether a path is one of those that a template of the document stands for: `/v1/clients/{client_id}`.
///
/// Word by word: a regular expression for each template takes megabytes, for a question that is seldom asked.
fn fits(template: &str, path: &str) -> bool {
    let (mut words, mut given) = (template.split('/'), path.split('/'));
    loop {
        let (word, given) = match (words.next(), given.next()) {
            (None, None) => return true,
            (Some(word), Some(given)) => (word, given),
            _ => return false,
        };
        let fits = match word.strip_prefix('{').and_then(|word| word.split_once('}')) {
            None => word == given,
            Some((_, end)) => given.strip_suffix(end).is_some_and(|value| !value.is_empty()),
        };
        if !fits {
            return false;
        }
    }
}

fn policy(operation: &Value) -> Result<Policy, String> {
    let alternatives = operation.get("security").and_then(Value::as_array).ok_or(
        "no `security`: say which scope it needs, or that it is public with `security(())`",
    )?;
    if alternatives.is_empty() {
        return Ok(Policy::Public);
    }
    let mut scopes = ScopeSet::default();
    for alternative in alternatives {
        let needed = alternative.get("token").and_then(Value::as_array);
        for word in needed.into_iter().flatten() {
            let word = word.as_str().unwrap_or_default();
            scopes.insert(Scope::parse(word).ok_or_else(|| format!("unknown scope `{word}`"))?);
        }
    }
    if scopes.is_empty() { Err("an empty scope".to_owned()) } else { Ok(Policy::AnyOf(scopes)) }
}

fn body_schema(operation: &Value) -> Option<&Value> {
    let content = operation.get("requestBody")?.get("content")?.as_object()?;
    content.values().next()?.get("schema")
}

/// Compiles schemas that may refer to the document's components, equal ones once.
struct Compiler<'d> {
    document: &'d Value,
    compiled: HashMap<String, Arc<Validator>>,
}

impl<'d> Compiler<'d> {
    fn new(document: &'d Value) -> Self {
        Self { document, compiled: HashMap::new() }
    }

    fn compile(&mut self, mut schema: Value) -> Result<Arc<Validator>, String> {
        let text = schema.to_string();
        if let Some(known) = self.compiled.get(&text) {
            return Ok(Arc::clone(known));
        }
        let mut components = Map::new();
        gather(&schema, self.document, &mut components);
        if let Some(object) = schema.as_object_mut() {
            object.insert("components".to_owned(), json!({ "schemas": components }));
        }
        let compiled = Arc::new(validator(&schema)?);
        self.compiled.insert(text, Arc::clone(&compiled));
        Ok(compiled)
    }
}

/// Compiles a schema whose formats are the service's own.
///
/// # Errors
/// What the validator says of a schema that is none.
pub fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("iana-timezone", |text: &str| jiff::tz::TimeZone::get(text).is_ok())
        // What the schema accepts is what the types read: the validator's own checks take years and
        // fractions of a second that no instant of the service has.
        .with_format("date-time", is_date_time)
        .with_format("date", |text: &str| text.parse::<Date>().is_ok())
        .build(schema)
        .map_err(|error| error.to_string())
}

/// RFC 3339 `date-time`; jiff reads more of ISO 8601 than that.
fn is_date_time(text: &str) -> bool {
    static STRICT: LazyLock<Option<Validator>> = LazyLock::new(|| {
        let options = jsonschema::options().should_validate_formats(true);
        options.build(&json!({ "format": "date-time" })).ok()
    });
    let strict = STRICT.as_ref().is_some_and(|plain| plain.is_valid(&json!(text)));
    strict && text.parse::<Instant>().is_ok()
}

/// Gathers the components that a schema refers to, and those that these refer to. When every
/// validator carried all of them along, the validators were most of the idle memory.
fn gather(schema: &Value, document: &Value, found: &mut Map<String, Value>) {
    match schema {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str).unwrap_or_default();
            if let Some(name) = reference.strip_prefix("#/components/schemas/")
                && !found.contains_key(name)
                && let Some(component) = document.pointer(reference.trim_start_matches('#'))
            {
                found.insert(name.to_owned(), component.clone());
                gather(component, document, found);
            }
            object.values().for_each(|value| gather(value, document, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| gather(entry, document, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_path_fits_the_templates_that_stand_for_it() {
        let one = "/v1/clients/{client_id}";
        for (template, path, expected) in [
            (one, "/v1/clients/cli_1", true),
            (one, "/v1/clients/å b", true),
            (one, "/v1/clients/", false),
            (one, "/v1/clients", false),
            (one, "/v1/clients/cli_1/", false),
            (one, "/v1/couples/cli_1", false),
            ("/v1/clients", "/v1/clients", true),
            ("/v1/clients", "/v1/clients/", false),
            ("/v1/calendar-feeds/{secret}.ics", "/v1/calendar-feeds/a.b.ics", true),
            ("/v1/calendar-feeds/{secret}.ics", "/v1/calendar-feeds/.ics", false),
            ("/v1/calendar-feeds/{secret}.ics", "/v1/calendar-feeds/a", false),
        ] {
            assert_eq!(fits(template, path), expected, "{template} {path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn templates_fit_as_the_routes_do(
            template in "/v1(/\\{b\\})?(/(v1|a))?(/\\{c\\}|/\\{d\\}\\.ics)?",
            path in "(/(v1|a|x|é|x\\.ics|\\.ics|)){1,4}",
        ) {
            let route = actix_web::dev::ResourceDef::new(template.as_str());
            proptest::prop_assert_eq!(fits(&template, &path), route.is_match(&path));
        }
    }
}
