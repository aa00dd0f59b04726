//! Bodies of the document with every member there is, and each way in which one can fail to fit.
//! Whatever is added to the API is in here without anybody adding it.

use serde_json::{Map, Value, json};

use super::bodies::of_pattern;
use super::document::{Document, Operation, kind, members};

/// Twenty-six characters that are an id of nothing.
pub const NOBODY: &str = "01h455vb4pex5vsknk084sn02q";

impl Document {
    /// A value that fits, with every member there is.
    pub fn sample(&self, schema: &Value) -> Value {
        self.sample_with(schema, &|_, _| true)
    }

    /// A value that fits, with what it must have and no more.
    fn least(&self, schema: &Value) -> Value {
        self.sample_with(schema, &|schema, name| {
            schema["required"].as_array().is_some_and(|names| names.contains(&json!(name)))
        })
    }

    fn sample_with(&self, schema: &Value, has: &dyn Fn(&Value, &str) -> bool) -> Value {
        let schema = self.schema(schema);
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        match kind(schema) {
            "object" => {
                let filled = members(schema)
                    .filter(|(name, _)| has(schema, name))
                    .map(|(name, member)| (name.clone(), self.sample_with(member, has)));
                Value::Object(filled.collect::<Map<_, _>>())
            }
            "array" => {
                let entries = schema["minItems"].as_u64().unwrap_or(1).max(1);
                (0..entries).map(|_| self.sample_with(&schema["items"], has)).collect()
            }
            "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "boolean" => json!(true),
            _ => json!(text(schema)),
        }
    }

    /// Every way in which a body of this schema can be wrong by one rule.
    pub fn mutations(&self, schema: &Value, canary: &str) -> Vec<Mutation> {
        let mut all = Vec::new();
        self.mutate_object(self.schema(schema), "", canary, &mut all);
        all
    }

    fn mutate_object(&self, schema: &Value, at: &str, canary: &str, all: &mut Vec<Mutation>) {
        let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
        if schema["additionalProperties"] == false {
            let extra = json!({ "nested": canary });
            all.push(Mutation::new(at, "zz_unknown", Some(extra), "unknown_field"));
        }
        for (name, member) in members(schema) {
            if required.contains(&&json!(name)) {
                all.push(Mutation::new(at, name, None, "required"));
            }
            self.mutate_member(member, at, name, canary, all);
        }
    }

    fn mutate_member(
        &self,
        raw: &Value,
        at: &str,
        name: &str,
        canary: &str,
        all: &mut Vec<Mutation>,
    ) {
        let schema = self.schema(raw);
        if self.is_any_scalar(raw) {
            // What is wrong for one of its types fits another.
            return;
        }
        for (value, code) in self.wrong_values(schema, canary) {
            all.push(Mutation::new(at, name, Some(value), code));
        }
        if !self.nullable(raw) {
            all.push(Mutation::new(at, name, Some(Value::Null), "wrong_type"));
        }
        let below = format!("{at}/{name}");
        match kind(schema) {
            "object" => {
                let before = all.len();
                self.mutate_object(schema, &below, canary, all);
                if self.has_several_forms(raw) {
                    // Without what tells one form from the others, another form may be meant.
                    let added = all.split_off(before);
                    all.extend(added.into_iter().filter(|one| one.code != "required"));
                }
            }
            "array" => self.mutate_member(&schema["items"], &below, "0", canary, all),
            _ => {}
        }
        if kind(schema) == "array" && kind(self.schema(&schema["items"])) == "object" {
            let items = self.schema(&schema["items"]);
            self.mutate_object(items, &format!("{below}/0"), canary, all);
        }
    }

    /// Values that break one rule of a schema each, with the code of the fault.
    pub fn wrong_values(&self, schema: &Value, canary: &str) -> Vec<(Value, &'static str)> {
        let number = |name: &str| schema[name].as_i64();
        let mut wrong = Vec::new();
        match kind(schema) {
            "object" | "boolean" => wrong.push((json!(canary), "wrong_type")),
            number_kind @ ("integer" | "number") => {
                wrong.push((json!(canary), "wrong_type"));
                if number_kind == "integer" {
                    wrong.push((json!(1.5), "wrong_type"));
                }
                wrong.extend(number("minimum").map(|least| (json!(least - 1), "too_small")));
                wrong.extend(number("maximum").map(|_| (json!(1_987_654_321), "too_large")));
            }
            "array" => {
                wrong.push((json!(canary), "wrong_type"));
                let fitting = self.least(&schema["items"]);
                let many = |most: i64| vec![fitting.clone(); usize::try_from(most).unwrap() + 1];
                wrong.extend(number("maxItems").map(|most| (json!(many(most)), "too_many")));
                wrong.extend(number("minItems").map(|_| (json!([]), "too_few")));
            }
            _ => wrong.extend(wrong_texts(schema, canary)),
        }
        wrong
    }

    /// The forms of which a value may have any, null aside; none when it has one form.
    fn forms<'a>(&'a self, raw: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolve(raw);
        let forms = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        let forms: Vec<&Value> =
            forms.into_iter().flatten().filter(|form| form["type"] != "null").collect();
        match forms[..] {
            [one] => self.forms(one),
            _ => forms,
        }
    }

    /// True when a value of several types fits, none of them an object.
    fn is_any_scalar(&self, raw: &Value) -> bool {
        let forms = self.forms(raw);
        !forms.is_empty() && forms.iter().all(|form| kind(self.schema(form)) != "object")
    }

    fn has_several_forms(&self, raw: &Value) -> bool {
        !self.forms(raw).is_empty()
    }

    fn nullable(&self, schema: &Value) -> bool {
        let schema = self.resolve(schema);
        let listed = schema["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
        let forms = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        listed || forms.into_iter().flatten().any(|form| form["type"] == "null")
    }
}

fn wrong_texts(schema: &Value, canary: &str) -> Vec<(Value, &'static str)> {
    let mut wrong = vec![(json!({ "nested": canary }), "wrong_type")];
    if schema["enum"].is_array() {
        wrong.push((json!(canary), "unknown_value"));
        return wrong;
    }
    if schema["pattern"].is_string() || schema["format"].is_string() {
        wrong.push((json!(format!("{canary} !")), "wrong_form"));
    }
    if schema["format"] == "date-time" {
        wrong.push((json!("9999-12-31T23:59:59Z"), "wrong_form"));
        wrong.push((json!("2026-11-01T10:00:00.1234567891Z"), "wrong_form"));
    }
    if schema["format"] == "date" {
        wrong.push((json!("2026-02-29"), "wrong_form"));
    }
    if let Some(most) = schema["maxLength"].as_u64() {
        let long = format!("{canary}{}", "é".repeat(usize::try_from(most).unwrap()));
        wrong.push((json!(long), "too_long"));
    }
    if schema["minLength"].as_u64().is_some() {
        wrong.push((json!("  \n "), "too_short"));
    }
    wrong.push((json!(format!("{canary}\u{7}")), "control_character"));
    wrong.push((json!(format!("{canary}\u{85}")), "control_character"));
    wrong
}

fn text(schema: &Value) -> String {
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    let id = pattern.strip_prefix('^').and_then(|rest| rest.split_once("_[0-7]"));
    match (schema["format"].as_str().unwrap_or_default(), pattern, id) {
        (_, _, Some((prefix, _))) => format!("{prefix}_{NOBODY}"),
        ("date", ..) => "2020-02-29".to_owned(),
        ("date-time", ..) => "2026-11-01T10:00:00+02:00".to_owned(),
        ("email", ..) => "somebody@people.example".to_owned(),
        ("uri", ..) => "https://people.example".to_owned(),
        ("iana-timezone", ..) => "America/Boise".to_owned(),
        (_, "^[A-Z]{2}$", _) => "WA".to_owned(),
        (_, pattern, _) if pattern.starts_with("^\\+[1-9]") => "+12065550117".to_owned(),
        (_, pattern, _) if pattern.starts_with("^([01]") => "10:30".to_owned(),
        (_, pattern, _) if pattern.starts_with("^[a-z]{2,3}") => "en-GB".to_owned(),
        (_, pattern, _) if !pattern.is_empty() => of_pattern(pattern, schema["maxLength"].as_u64()),
        _ => "Sample".to_owned(),
    }
}

/// One change that makes a fitting body wrong, and the fault that must be reported.
#[derive(Debug, Clone)]
pub struct Mutation {
    parent: String,
    member: String,
    value: Option<Value>,
    pub pointer: String,
    pub code: &'static str,
}

impl Mutation {
    fn new(parent: &str, member: &str, value: Option<Value>, code: &'static str) -> Self {
        let pointer = format!("{parent}/{member}");
        Self { parent: parent.to_owned(), member: member.to_owned(), value, pointer, code }
    }

    /// Makes the change.
    pub fn apply(&self, body: &mut Value) {
        match (body.pointer_mut(&self.parent).unwrap(), &self.value) {
            (Value::Array(entries), Some(value)) => {
                entries[self.member.parse::<usize>().unwrap()] = value.clone();
            }
            (Value::Object(members), Some(value)) => {
                members.insert(self.member.clone(), value.clone());
            }
            (Value::Object(members), None) => drop(members.remove(&self.member)),
            _ => panic!("{} does not lead into a container", self.pointer),
        }
    }

    /// The fault as an [`Answer`](super::Answer) lists it.
    pub fn fault(&self) -> String {
        format!("{} {}", self.pointer, self.code)
    }

    /// Whether two changes can be made to one body: neither lies within the other.
    pub fn goes_with(&self, other: &Self) -> bool {
        let within =
            |inner: &str, outer: &str| format!("{inner}/").starts_with(&format!("{outer}/"));
        !within(&self.pointer, &other.pointer) && !within(&other.pointer, &self.pointer)
    }
}

/// The path of an operation with an id of nothing in every slot.
pub fn absent(document: &Document, operation: &Operation) -> String {
    with_ids(document, operation, |prefix| format!("{prefix}_{NOBODY}"))
}

/// The path with every slot filled by the prefix of the id that belongs there.
pub fn with_ids(document: &Document, operation: &Operation, id: impl Fn(&str) -> String) -> String {
    operation.path_with(|slot| id(document.id_kind(&slot.schema).as_deref().unwrap_or("ext")))
}
