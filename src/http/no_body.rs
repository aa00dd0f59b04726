//! Requests that take no body: whatever comes all the same is looked at, and refused.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde_json::Value;

use super::body::{check_media_type, collect, parse};
use crate::error::{Error, Fault, Result};

/// That a request has no body, or an empty object, which many clients send with every POST.
///
/// Ignoring a body instead would let a caller believe that what it says was done.
#[derive(Debug, Clone, Copy)]
pub struct NoBody;

impl FromRequest for NoBody {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let bytes = collect(&request, &mut payload).await?;
            if !bytes.is_empty() {
                check_media_type(&request)?;
                Error::unless_valid(faults(&parse(&bytes)?))?;
            }
            Ok(Self)
        })
    }
}

fn faults(value: &Value) -> Vec<Fault> {
    match value.as_object() {
        Some(members) if members.is_empty() => Vec::new(),
        Some(_) => vec![Fault::body("", "unknown_field", "This takes no fields.")],
        None => vec![Fault::body("", "wrong_type", "Must be absent, or an empty object.")],
    }
}
