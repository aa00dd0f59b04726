//! What a JSON Schema validator found, in our words.
//!
//! The validator's own messages quote the value that was sent; these never do.

use std::borrow::Cow;
use std::cmp::Reverse;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::error::{Fault, Place};

/// Faults reported at the most; a body with more is not worth reading to its end.
const MOST: usize = 200;

/// The member that says which of several forms an object has.
const TAG: &str = "kind";

/// Every fault, in the order of the schema.
pub fn of<'a>(errors: impl Iterator<Item = ValidationError<'a>>, place: Place) -> Vec<Fault> {
    let mut faults = Vec::new();
    for error in errors {
        add(&error, place, &mut faults);
        if faults.len() >= MOST {
            faults.truncate(MOST);
            break;
        }
    }
    faults
}

fn add(error: &ValidationError<'_>, place: Place, faults: &mut Vec<Fault>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            faults.push(fault(place, format!("{at}/{name}"), "required", "Is missing."));
        }
        Kind::AdditionalProperties { unexpected } => {
            faults.extend(unexpected.iter().map(|name| unknown_field(place, at, name)));
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            add_best_branch(context, at, place, faults);
        }
        kind => {
            let (code, detail) = words_for(kind);
            faults.push(fault(place, at.to_owned(), code, detail));
        }
    }
}

/// Of several forms the caller meant the one that fits best: the branch that got deepest
/// into the value, and of those as deep the one with the fewest faults. A branch that fails at the top by its type alone (as `null` does for
/// every nullable field) says nothing.
fn add_best_branch(
    branches: &[Vec<ValidationError<'static>>],
    at: &str,
    place: Place,
    faults: &mut Vec<Fault>,
) {
    let by_type = |error: &ValidationError<'_>| {
        error.instance_path().as_str() == at
            && matches!(error.kind(), Kind::Type { .. } | Kind::Constant { .. })
    };
    let tag = format!("{at}/{TAG}");
    let of_other_kind = |error: &ValidationError<'_>| {
        error.instance_path().as_str() == tag
            && matches!(error.kind(), Kind::Enum { .. } | Kind::Constant { .. })
    };
    let of_type: Vec<_> = branches.iter().filter(|errors| !errors.iter().any(by_type)).collect();
    let of_kind = |errors: &&&Vec<ValidationError<'static>>| !errors.iter().any(of_other_kind);
    let known = of_type.iter().any(|errors| of_kind(&errors));
    let meant = of_type.into_iter().filter(|errors| !known || of_kind(&errors));
    match meant.max_by_key(|errors| {
        let depths = errors.iter().map(|error| error.instance_path().as_str().len());
        (depths.max().unwrap_or_default(), Reverse(errors.len()))
    }) {
        Some(errors) => errors.iter().for_each(|error| {
            if of_other_kind(error) {
                faults.push(fault(place, tag.clone(), "unknown_value", "Is not a known kind."));
            } else {
                add(error, place, faults);
            }
        }),
        None => {
            faults.push(fault(place, at.to_owned(), "wrong_type", "Is not of an accepted type."));
        }
    }
}

fn words_for(kind: &Kind) -> (&'static str, Cow<'static, str>) {
    match kind {
        Kind::Type { kind } => ("wrong_type", format!("Must be {}.", type_words(kind)).into()),
        Kind::MinLength { limit: 1 } => ("too_short", "Must not be empty.".into()),
        Kind::MinLength { limit } => ("too_short", format!("At least {limit} characters.").into()),
        Kind::MaxLength { limit } => ("too_long", format!("At most {limit} characters.").into()),
        Kind::Minimum { limit } => ("too_small", format!("At least {limit}.").into()),
        Kind::Maximum { limit } => ("too_large", format!("At most {limit}.").into()),
        Kind::ExclusiveMinimum { limit } => ("too_small", format!("More than {limit}.").into()),
        Kind::ExclusiveMaximum { limit } => ("too_large", format!("Less than {limit}.").into()),
        Kind::MinItems { limit } => ("too_few", format!("At least {limit} entries.").into()),
        Kind::MaxItems { limit } => ("too_many", format!("At most {limit} entries.").into()),
        Kind::MinProperties { limit } => ("too_few", format!("At least {limit} members.").into()),
        Kind::MaxProperties { limit } => ("too_many", format!("At most {limit} members.").into()),
        Kind::UniqueItems => ("repeated", "Entries must differ from one another.".into()),
        Kind::Enum { options } => ("unknown_value", format!("One of: {}.", listed(options)).into()),
        Kind::Constant { .. } => ("unknown_value", "Is not the accepted value.".into()),
        Kind::Pattern { pattern } => ("wrong_form", format!("Must match `{pattern}`.").into()),
        Kind::Format { format } => ("wrong_form", format_words(format).into()),
        _ => ("not_accepted", "Is not accepted here.".into()),
    }
}

fn format_words(format: &str) -> &'static str {
    match format {
        "date" => "Must be a calendar date, `YYYY-MM-DD`.",
        "date-time" => "Must be an RFC 3339 instant with an offset or `Z`.",
        "email" => "Must be an e-mail address.",
        "uri" => "Must be an address with its scheme, as `https://…`.",
        "iana-timezone" => "Must be a zone of the IANA database, as `America/Los_Angeles`.",
        _ => "Is not of the required form.",
    }
}

fn type_words(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => kind.to_string(),
        TypeKind::Multiple(kinds) => {
            kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn listed(options: &Value) -> String {
    let words = options.as_array().into_iter().flatten().filter_map(Value::as_str);
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn unknown_field(place: Place, at: &str, name: &str) -> Fault {
    let detail = if is_spelled_like_ours(name) {
        "There is no such field."
    } else {
        "Has a field that does not exist; fields of this API are spelled `like_this`."
    };
    fault(place, format!("{at}/{}", escaped(name)), "unknown_field", detail)
}

fn fault(
    place: Place,
    pointer: String,
    code: &'static str,
    detail: impl Into<Cow<'static, str>>,
) -> Fault {
    Fault { place, pointer: spoken(&pointer).to_owned(), code: code.into(), detail: detail.into() }
}

/// As much of a pointer as consists of names that this API might have.
///
/// A caller's own member name is text that was sent like any other, and may be somebody's secret as a value may: an
/// app that keys a form by what was typed sends such names. What is spelled as fields are is repeated all the same,
/// `givenName` like `given_name`, since whoever has mistyped one looks for it; of anything else the object that holds it
/// is named.
pub(super) fn spoken(pointer: &str) -> &str {
    let mut end = 0;
    for token in pointer.split('/').skip(1) {
        if !is_spelled_like_ours(token) {
            break;
        }
        end += 1 + token.len();
    }
    pointer.get(..end).unwrap_or_default()
}

fn is_spelled_like_ours(name: &str) -> bool {
    let begins = name.bytes().next().is_none_or(|byte| !byte.is_ascii_uppercase());
    begins
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Escapes one reference token (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_pointer_repeats_names_that_might_be_ours_and_no_others() {
        for (whole, said) in [
            ("", ""),
            ("/given_name", "/given_name"),
            ("/items/2/min_rows", "/items/2/min_rows"),
            ("/givenName", "/givenName"),
            ("/answers/She left/again", "/answers"),
            ("/Secret", ""),
            ("/a/b~1c", "/a"),
            ("/a/\u{e4}", "/a"),
        ] {
            assert_eq!(spoken(whole), said, "{whole}");
        }
        assert_eq!(spoken(&format!("/a/{}", "b".repeat(65))), "/a");
    }
}
