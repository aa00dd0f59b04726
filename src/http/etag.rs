//! Entity tags and conditional requests (RFC 9110, section 13).
//!
//! A tag is a keyed hash of the viewer's own representation: nothing that the viewer cannot
//! see moves it, and whoever reads tags in a proxy's log cannot guess a body by hashing.

use actix_web::http::header::{HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use data_encoding::BASE64URL_NOPAD;
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Code, Error, Fault, Result};

/// Makes tags. One per service, from the root key, so that replicas agree.
#[derive(Clone)]
pub struct Tagger(Hmac<Sha256>);

impl Tagger {
    /// From 32 bytes derived from the root key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        // HMAC takes a key of any length, so this arm cannot be reached.
        Self(
            Hmac::new_from_slice(key)
                .unwrap_or_else(|_| Hmac::new(&Key::<Hmac<Sha256>>::default())),
        )
    }

    /// The strong tag of a body, with its quotes: 128 bits of HMAC-SHA256 in base64url.
    #[must_use]
    pub fn tag(&self, body: &[u8]) -> String {
        let digest = self.0.clone().chain_update(body).finalize().into_bytes();
        let half = digest.get(..16).unwrap_or_default();
        format!("\"{}\"", BASE64URL_NOPAD.encode(half))
    }
}

impl std::fmt::Debug for Tagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tagger")
    }
}

/// What `If-None-Match` asks: true when the caller already holds this body.
#[must_use]
pub fn already_held(headers: &HeaderMap, tag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|candidate| {
            candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
        })
    })
}

/// What `If-Match` names. Every PATCH carries one.
#[derive(Debug, Clone)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// Reads the header.
    ///
    /// # Errors
    /// 428 when it is missing or names no tag.
    pub fn of(headers: &HeaderMap) -> Result<Self> {
        Self::if_sent(headers).filter(|sent| !sent.0.is_empty()).ok_or_else(|| {
            Error::new(
                Code::PreconditionRequired,
                "Read the resource and send its `ETag` back in `If-Match`.",
            )
        })
    }

    /// Reads the header where it may be left out. Sent without a tag it names no state, and so matches none:
    /// whoever meant a condition and lost its tag on the way must not write without one.
    #[must_use]
    pub fn if_sent(headers: &HeaderMap) -> Option<Self> {
        let tags = |value: &HeaderValue| -> Vec<String> {
            let text = value.to_str().unwrap_or_default();
            text.split(',')
                .map(str::trim)
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned)
                .collect()
        };
        headers
            .contains_key(IF_MATCH)
            .then(|| Self(headers.get_all(IF_MATCH).flat_map(tags).collect()))
    }

    /// Compares with the current representation, inside the write transaction. Weak tags
    /// never match (RFC 9110, 13.1.1); `*` matches whatever is there.
    ///
    /// # Errors
    /// 412 when it has changed.
    pub fn check(&self, current: &str) -> Result<()> {
        if self.0.iter().any(|tag| tag == current || tag == "*") {
            return Ok(());
        }
        Err(Self::stale())
    }

    /// True when this state is named, and not just whatever is there.
    #[must_use]
    pub fn names(&self, current: &str) -> bool {
        self.0.iter().any(|tag| tag == current)
    }

    /// 412: what was named is not what is there.
    #[must_use]
    pub fn stale() -> Error {
        let mut error = Error::new(
            Code::PreconditionFailed,
            "Nothing was changed. Read it again, apply your change to what it is now, and \
             send the new `ETag` in `If-Match`.",
        );
        error.add(Fault::header("if-match", "stale", "Names no state, or one that has passed."));
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_tag_never_matches_a_write() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static("W/\"a\", \"b\""));
        let if_match = IfMatch::of(&headers).unwrap();
        assert!(if_match.check("\"b\"").is_ok());
        assert!(if_match.check("\"a\"").is_err());
    }

    #[test]
    fn another_key_yields_another_tag() {
        assert_ne!(Tagger::new(&[1; 32]).tag(b"x"), Tagger::new(&[2; 32]).tag(b"x"));
    }
}
