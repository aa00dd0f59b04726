//! Answers: what the service takes fits the schema that it publishes, and what fits the schema it takes.

use attune::activities::definition::{Definition, answers, catalog};
use attune::http::body::checked;
use attune::http::contract::validator;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::bodies::check_refusal;
use super::{hunt, operation, spoil};
use crate::isolation::chance::Chance;

const PUT: &str = "/v1/assignments/{assignment_id}/submissions/{submission_id}";

/// A form, checked by the service, and by an app that has nothing but the published schema.
struct Form {
    definition: &'static Definition,
    schema: Value,
    by_service: Validator,
    by_app: Validator,
}

impl Form {
    fn of(definition: &'static Definition, draft: bool) -> Self {
        let role = definition.participation.roles.first().map(String::as_str);
        let schema = answers::schema(definition, role, draft);
        let (by_service, by_app) = (validator(&schema).unwrap(), for_an_app(&schema));
        Self { definition, schema, by_service, by_app }
    }
}

/// The schema as a validator sees it that knows nothing of this service.
fn for_an_app(schema: &Value) -> Validator {
    // The library's own check of a date takes `2026-11-0.`, which is none.
    let options = jsonschema::options().should_validate_formats(true);
    options.with_format("date", is_full_date).build(schema).unwrap()
}

/// RFC 3339, section 5.6.
fn is_full_date(text: &str) -> bool {
    let as_written = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if text.len() != 10 || !as_written {
        return false;
    }
    let number = |from, to| text.get(from..to).and_then(|digits| digits.parse::<u16>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leaps => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Answers that fit a schema of this service.
fn fitting(chance: &mut Chance, schema: &Value) -> Value {
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(words) = schema["enum"].as_array() {
        return chance.pick(words).cloned().unwrap_or_default();
    }
    match schema["type"].as_str().unwrap_or_default() {
        "object" => {
            let required: Vec<&str> = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let least = schema["minProperties"].as_u64().unwrap_or_default();
            let mut made = Map::new();
            for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                let few = u64::try_from(made.len()).unwrap() < least;
                if required.contains(&name.as_str()) || few || chance.below(2) == 0 {
                    made.insert(name.clone(), fitting(chance, member));
                }
            }
            made.into()
        }
        "array" => {
            let least = schema["minItems"].as_u64().unwrap_or_default();
            let most = schema["maxItems"].as_u64().unwrap_or(least + 2).min(least + 2);
            let count = least + chance.next() % (most - least + 1);
            let mut entries: Vec<Value> =
                (0..count * 4).map(|_| fitting(chance, &schema["items"])).collect();
            if schema["uniqueItems"] == true {
                entries = entries.into_iter().fold(Vec::new(), |mut kept, one| {
                    if !kept.contains(&one) {
                        kept.push(one);
                    }
                    kept
                });
            }
            entries.truncate(usize::try_from(count).unwrap());
            entries.into()
        }
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(chance.below(2) == 0),
        _ => text(chance, schema),
    }
}

fn text(chance: &mut Chance, schema: &Value) -> Value {
    match (schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some("date"), _) => json!("2026-11-01"),
        (Some("date-time"), _) => json!("2026-11-01T10:00:00Z"),
        (_, Some(pattern)) if pattern.starts_with("^([01]") => json!("09:30"),
        (_, Some(pattern)) if pattern.starts_with("^[a-z]{3}_") => json!(chance.id("cli")),
        (_, Some(_)) => json!("r1"),
        _ => json!("word".chars().take(1 + chance.below(4)).collect::<String>()),
    }
}

#[test]
fn what_is_taken_fits_the_published_schema_and_what_fits_is_taken() {
    let all = catalog::built_in().iter();
    let forms: Vec<Form> = all
        .filter(|one| {
            !answers::schema(&one.definition, None, false)["properties"]
                .as_object()
                .unwrap()
                .is_empty()
        })
        .flat_map(|one| [Form::of(&one.definition, false), Form::of(&one.definition, true)])
        .collect();
    let put = operation("PUT", PUT);
    // The first byte says which form it is for.
    hunt(
        "answers",
        1_500,
        |chance| {
            let index = chance.below(forms.len());
            let body = |chance: &mut Chance| json!({ "status": "submitted", "answers": fitting(chance, &forms[index].schema) });
            let (one, other) = (body(chance), body(chance));
            let mut input = vec![u8::try_from(index).unwrap()];
            if chance.below(4) == 0 {
                input.extend(one.to_string().into_bytes());
            } else {
                input.extend(spoil::json(chance, &[one, other]));
            }
            input
        },
        |input| {
            let Some((index, body)) = input.split_first() else { return false };
            let Some(form) = forms.get(usize::from(*index)) else { return false };
            let value = match checked(put, body) {
                Ok(value) => value,
                Err(error) => {
                    check_refusal(&error);
                    return false;
                }
            };
            let given = value["answers"].clone();
            let Some(members) = given.as_object() else { return false };
            let fits = form.by_service.is_valid(&given);
            assert_eq!(fits, form.by_app.is_valid(&given), "{}: {given}", form.definition.key);
            let counted = answers::sentence_faults(form.definition, members, "/answers");
            fits && counted.is_empty()
        },
    );
}
