//! Parameters: what a clinician changes when assigning, put into the places of the definition that it
//! overrides.

use serde_json::{Map, Value};

use super::Definition;
use super::lint::{broken_by_parameters, restriction};
use super::parts::{Bind, Parameter, ParameterType};
use crate::error::{Error, Fault, Result};

impl Parameter {
    /// What is wrong with a value, if anything.
    #[must_use]
    pub fn fault(&self, value: &Value) -> Option<(&'static str, String)> {
        let wrong_type = || Some(("wrong_type", self.expected().to_owned()));
        match (self.r#type, value) {
            (ParameterType::Integer, Value::Number(number)) => match number.as_i64() {
                None => wrong_type(),
                Some(number) if self.min.is_some_and(|min| number < min) => {
                    Some(("too_small", format!("At least {}.", self.min.unwrap_or_default())))
                }
                Some(number) if self.max.is_some_and(|max| number > max) => {
                    Some(("too_large", format!("At most {}.", self.max.unwrap_or_default())))
                }
                Some(_) => None,
            },
            (ParameterType::Boolean, Value::Bool(_)) => None,
            (ParameterType::String, Value::String(text)) if text.chars().count() <= 200 => None,
            (ParameterType::LocalTime, Value::String(text)) => {
                let is_time = text.len() == 5 && text.parse::<crate::db::WallTime>().is_ok();
                if is_time { None } else { Some(("wrong_form", "Must be `HH:MM`.".to_owned())) }
            }
            (ParameterType::Choice, Value::String(text)) if self.options.contains(text) => None,
            (ParameterType::Choice, Value::String(_)) => {
                Some(("unknown_value", format!("One of: {}.", self.options.join(", "))))
            }
            (ParameterType::PhraseList, Value::Array(phrases)) => self.phrases_fault(phrases),
            _ => wrong_type(),
        }
    }

    fn phrases_fault(&self, phrases: &[Value]) -> Option<(&'static str, String)> {
        let (least, most) = (self.min_items.unwrap_or(0), self.max_items.unwrap_or(20));
        let is_phrase = |phrase: &Value| {
            phrase.as_str().is_some_and(|text| (1..=140).contains(&text.chars().count()))
        };
        if phrases.len() < usize::from(least) {
            Some(("too_few", format!("At least {least} entries.")))
        } else if phrases.len() > usize::from(most) {
            Some(("too_many", format!("At most {most} entries.")))
        } else if phrases.iter().all(is_phrase) {
            None
        } else {
            Some(("wrong_form", "Each must be a text of 1 to 140 characters.".to_owned()))
        }
    }

    /// What can be chosen, where that is a list.
    pub(super) fn choices(&self) -> Vec<Value> {
        match self.r#type {
            ParameterType::Choice => self.options.iter().map(|one| one.as_str().into()).collect(),
            ParameterType::Boolean => vec![Value::Bool(false), Value::Bool(true)],
            _ => Vec::new(),
        }
    }

    fn expected(&self) -> &'static str {
        match self.r#type {
            ParameterType::Integer => "Must be a whole number.",
            ParameterType::Boolean => "Must be true or false.",
            ParameterType::PhraseList => "Must be a list of phrases.",
            _ => "Must be a text of at most 200 characters.",
        }
    }
}

impl Definition {
    /// The definition with these parameters in place; those not given have their defaults. `at` is where
    /// the parameters stand in the request.
    ///
    /// # Errors
    /// 422 with every parameter that is unknown or out of its bounds.
    pub fn with_parameters(&self, given: &Map<String, Value>, at: &str) -> Result<Self> {
        let mut faults: Vec<Fault> = given
            .keys()
            .filter(|key| !self.parameters.iter().any(|parameter| parameter.key == **key))
            .map(|_| Fault::body(at, "unknown_field", "There is no such parameter."))
            .collect();
        let mut whole = serde_json::to_value(self)
            .map_err(|_| Error::internal("a definition did not serialise"))?;
        for parameter in &self.parameters {
            let Some(value) = given.get(&parameter.key) else { continue };
            if let Some((code, detail)) = parameter.fault(value) {
                faults.push(Fault::body(format!("{at}/{}", parameter.key), code, detail));
                continue;
            }
            for bind in &parameter.binds {
                if let Some(place) = find(&mut whole, &bind.path) {
                    *place = bind.value(value);
                }
            }
        }
        Error::unless_valid(faults)?;
        serde_json::from_value(whole).map_err(|_| Error::invalid(vec![unaskable(at)]))
    }

    /// The same for parameters that nobody has looked at yet: each may keep its own bounds and still make of the
    /// exercise one that could not have been activated, as a scale that has no end.
    ///
    /// # Errors
    /// 422 as above, for words that restrict a person, and for what breaks a rule that the exercise itself keeps.
    pub fn with_new_parameters(&self, given: &Map<String, Value>, at: &str) -> Result<Self> {
        let adjusted = self.with_parameters(given, at)?;
        let restricts = given.iter().filter_map(|(key, value)| Some((key, restriction_in(value)?)));
        Error::unless_valid(
            restricts
                .map(|(key, found)| {
                    let detail = format!("“{found}” restricts a person (L6).");
                    Fault::body(format!("{at}/{key}"), "mismatch", detail)
                })
                .collect(),
        )?;
        if given.is_empty() {
            return Ok(adjusted);
        }
        match broken_by_parameters(self, &adjusted) {
            None => Ok(adjusted),
            Some(broken) => {
                let detail = format!("With them the exercise {}", broken.in_words());
                Err(Error::invalid(vec![Fault::body(at, "mismatch", detail)]))
            }
        }
    }
}

/// Whether it is put anywhere or only shown: participants read it.
fn restriction_in(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(text) => restriction(text),
        Value::Array(phrases) => phrases.iter().find_map(restriction_in),
        _ => None,
    }
}

fn unaskable(at: &str) -> Fault {
    Fault::body(at, "mismatch", "Together they make an exercise that cannot be asked.")
}

impl Bind {
    /// The value as it stands at the path.
    #[must_use]
    pub fn value(&self, value: &Value) -> Value {
        match &self.format {
            None => value.clone(),
            Some(format) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                Value::String(format.replace("{value}", &text))
            }
        }
    }
}

/// The place at a path: members by name, entries by index or by what names them, nested items included.
pub fn find<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    let tokens = path.split(['.', '[', ']']).filter(|token| !token.is_empty());
    tokens.into_iter().try_fold(value, |value, token| match value {
        Value::Object(members) => members.get_mut(token),
        Value::Array(entries) => entry(entries, token),
        _ => None,
    })
}

fn entry<'a>(entries: &'a mut [Value], token: &str) -> Option<&'a mut Value> {
    if let Ok(index) = token.parse::<usize>() {
        return entries.get_mut(index);
    }
    let is_named = |entry: &Value| {
        ["link_id", "key", "id", "code"].iter().any(|name| entry.get(name) == Some(&token.into()))
            || entry.pointer("/else/code") == Some(&token.into())
    };
    for entry in entries {
        if is_named(entry) {
            return Some(entry);
        }
        if let Some(found) = nested(entry, token) {
            return Some(found);
        }
    }
    None
}

fn nested<'a>(item: &'a mut Value, token: &str) -> Option<&'a mut Value> {
    entry(item.get_mut("items")?.as_array_mut()?, token)
}
