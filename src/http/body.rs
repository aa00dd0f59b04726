//! JSON bodies: bounded in size, depth and time, tidied, checked against the document.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Code, Error, Fault, Result};
use crate::http::Contract;
use crate::http::contract::Operation;
use crate::http::faults::spoken;

/// Largest body in bytes, unless an operation says otherwise.
pub const MOST_BYTES: usize = 64 * 1024;
/// Deepest nesting of objects and arrays.
pub const MOST_DEPTH: u32 = 32;

/// How long a body may take to arrive. actix-web has a deadline for the head alone.
#[derive(Debug, Clone, Copy)]
pub struct BodyDeadline(pub Duration);

/// The typed body of an operation, with the bytes it came from.
///
/// Before validation every string is tidied: Unicode NFC and trimmed, so that one name is
/// one value whatever keyboard it came from. Control characters other than line breaks and
/// tabs are refused.
#[derive(Debug)]
pub struct Body<T> {
    /// What was sent.
    pub value: T,
    /// The bytes that were sent, for telling a repeated request from another one.
    pub bytes: web::Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            check_media_type(&request)?;
            let bytes = collect(&request, &mut payload).await?;
            let value = read(&request, &bytes)?;
            Ok(Self { value, bytes })
        })
    }
}

/// Merge-patch for PATCH, JSON for everything else (RFC 7396, RFC 8259).
pub(super) fn check_media_type(request: &HttpRequest) -> Result<()> {
    let (wanted, sentence) = if request.method() == actix_web::http::Method::PATCH {
        (
            "application/merge-patch+json",
            "Send `Content-Type: application/merge-patch+json` (RFC 7396).",
        )
    } else {
        ("application/json", "Send `Content-Type: application/json`.")
    };
    let sent = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = sent.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(wanted) {
        Ok(())
    } else {
        Err(Error::new(Code::UnsupportedMediaType, sentence))
    }
}

pub(super) async fn collect(request: &HttpRequest, payload: &mut Payload) -> Result<web::Bytes> {
    let deadline = request
        .app_data::<web::Data<BodyDeadline>>()
        .map_or(Duration::from_secs(15), |deadline| deadline.0);
    let most = request
        .app_data::<web::Data<Contract>>()
        .and_then(|contract| contract.operation(request))
        .map_or(MOST_BYTES, |operation| operation.most_bytes);
    match tokio::time::timeout(deadline, gather(payload, most)).await {
        Err(_) => {
            Err(Error::new(Code::RequestTimeout, "The body did not arrive in time; send it again."))
        }
        Ok(Err(PayloadError::Overflow)) => Err(Error::new(
            Code::PayloadTooLarge,
            format!("A body may have {most} bytes at the most."),
        )),
        Ok(Err(_)) => Err(Error::new(Code::Malformed, "The body broke off before its end.")),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

/// Memory grows with what has come: actix-web's own collector sets 32 KiB apart for each body before its first byte.
async fn gather(payload: &mut Payload, most: usize) -> Result<web::Bytes, PayloadError> {
    let mut bytes = web::BytesMut::new();
    while let Some(more) = payload.next().await.transpose()? {
        if bytes.len() + more.len() > most {
            return Err(PayloadError::Overflow);
        }
        bytes.extend_from_slice(&more);
    }
    Ok(bytes.freeze())
}

fn read<T: DeserializeOwned>(request: &HttpRequest, bytes: &[u8]) -> Result<T> {
    let operation = request
        .app_data::<web::Data<Contract>>()
        .and_then(|contract| contract.operation(request))
        .ok_or_else(|| Error::internal("an operation outside the document reads a body"))?;
    serde_json::from_value(checked(operation, bytes)?)
        .map_err(|_| Error::internal("the document accepts a body that its type does not"))
}

/// The body of an operation, tidied, when it is one that the document accepts.
///
/// # Errors
/// 400 for what is no JSON; 422 with every fault.
pub fn checked(operation: &Operation, bytes: &[u8]) -> Result<Value> {
    let mut value = parse(bytes)?;
    let mut faults = Vec::new();
    tidy(&mut value, &mut String::new(), &mut faults);
    faults.extend(operation.body_faults(&value));
    Error::unless_valid(faults)?;
    Ok(value)
}

/// JSON within the depth limit, no member named twice (RFC 8259 leaves the meaning of a
/// repeated name open; two readers of one body must not see two bodies).
pub(super) fn parse(bytes: &[u8]) -> Result<Value> {
    if depth(bytes) > MOST_DEPTH {
        return Err(Error::new(
            Code::Malformed,
            "Objects and arrays may be nested 32 deep at the most.",
        ));
    }
    serde_json::from_slice::<super::json::Unrepeated>(bytes).map(|value| value.0).map_err(|error| {
        let detail = match error.classify() {
            serde_json::error::Category::Data => "An object names a member twice.".to_owned(),
            _ => format!("Not JSON: line {}, column {}.", error.line(), error.column()),
        };
        Error::new(Code::Malformed, detail)
    })
}

/// Deepest nesting, by counting brackets outside strings: no recursion, so that no body can
/// exhaust the stack.
fn depth(bytes: &[u8]) -> u32 {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0u32, 0u32, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn tidy(value: &mut Value, at: &mut String, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) => {
            if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
                faults.push(Fault::body(
                    spoken(at),
                    "control_character",
                    "Must not hold control characters.",
                ));
            }
            if !text.is_ascii() || text.trim().len() != text.len() {
                *text = text.trim().nfc().collect();
            }
        }
        // JSON has one kind of number: `8.0` is the integer 8 to the schema, so it is to the type.
        Value::Number(number) => {
            if let Some(whole) = whole(number) {
                *value = whole.into();
            }
        }
        Value::Array(entries) => {
            for (index, entry) in entries.iter_mut().enumerate() {
                descend(entry, &index.to_string(), at, faults);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                descend(member, &name.replace('~', "~0").replace('/', "~1"), at, faults);
            }
        }
        _ => {}
    }
}

/// The integer that a number written with a fraction or an exponent stands for.
fn whole(number: &serde_json::Number) -> Option<i64> {
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)?;
    format!("{float:.0}").parse().ok()
}

fn descend(value: &mut Value, token: &str, at: &mut String, faults: &mut Vec<Fault>) {
    let length = at.len();
    at.push('/');
    at.push_str(token);
    tidy(value, at, faults);
    at.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_strings_do_not_count() {
        assert_eq!(depth(br#"{"a":"[[[[\"[[","b":[1]}"#), 2);
        assert_eq!(depth(&[b'['; 1000]), 1000);
    }

    #[test]
    fn one_name_is_one_value_whatever_keyboard_it_came_from() {
        let mut value = serde_json::json!({ "name": "  A\u{30a}ngstro\u{308}m " });
        let mut faults = Vec::new();
        tidy(&mut value, &mut String::new(), &mut faults);
        assert_eq!(value, serde_json::json!({ "name": "Ångström" }));
        assert!(faults.is_empty());
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        let mut value = serde_json::json!([8.0, 1e3, 8.5, 1e300, -0.0]);
        tidy(&mut value, &mut String::new(), &mut Vec::new());
        assert_eq!(value, serde_json::json!([8, 1000, 8.5, 1e300, 0]));
    }

    #[test]
    fn a_member_named_twice_is_refused() {
        assert!(parse(br#"{"a":1,"a":2}"#).is_err());
        assert!(parse(br#"{"a":{"b":1},"c":{"b":2}}"#).is_ok());
    }
}
