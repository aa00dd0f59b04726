//! Access tokens: signed JWTs of the profile of RFC 9068, minted and verified here and only here.
//!
//! The signature is checked by `jsonwebtoken` (see [`super::keys`]); every other rule is ours,
//! because that crate's `Validation` is not enough: it knows nothing of `typ`, `iat` or `jti`,
//! passes over header members that it does not understand, rounds fractional times, takes lists
//! for `iss` and `aud`, and asks the system for the time. Checking a claim only *if present* once
//! let it take a malformed `nbf` for an absent one (CVE-2026-25537). So the claims are read once,
//! into exact types, with nothing optional.

use std::sync::{Arc, PoisonError, RwLock};

use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::keys::{KeyError, KeySet, strict_object};
use super::scopes::ScopeSet;

/// The `typ` of an access token (RFC 9068 section 2.1). Only this spelling is accepted: we are the
/// one issuer, and the RFC's longer `application/at+jwt` would be a second way to say the same.
pub const TOKEN_TYPE: &str = "at+jwt";

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 4096;

/// The longest time from `iat` to `exp`, in seconds (12 hours).
pub const MAX_LIFETIME_S: i64 = 12 * 60 * 60;

/// The longest `sub`, `client_id`, `practice_id` or `jti`, in bytes: a `TypeID` has at most 90.
pub const MAX_ID_BYTES: usize = 96;

/// What a verified token says (RFC 9068 section 2.2). Times are whole seconds since 1970 in UTC.
///
/// The ids are bounded text of visible ASCII, not yet parsed. Whether the person, the app and the
/// practice still exist, and `sv` is still current, is for the caller to look up on every call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer's URL.
    pub iss: String,
    /// The one audience, this API's URL. A list is refused, even a list of one.
    pub aud: String,
    /// The person, or the service, that the token speaks for.
    pub sub: String,
    /// The app that obtained the token.
    pub client_id: String,
    /// The practice within which the token is good.
    pub practice_id: String,
    /// What the token may be used for; unknown words have been dropped.
    pub scope: ScopeSet,
    /// The token's own id, for the audit trail.
    pub jti: String,
    /// When it was issued.
    pub iat: i64,
    /// The first second at which it is good.
    pub nbf: i64,
    /// The first second at which it is no longer good.
    pub exp: i64,
    /// The revocation version of the grant: raised to revoke every token minted before.
    pub sv: i32,
}

impl Claims {
    /// The rules that do not change with time.
    fn well_formed(&self) -> bool {
        let id = |text: &str| {
            (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
        };
        [&self.sub, &self.client_id, &self.practice_id, &self.jti].into_iter().all(|text| id(text))
            && self.sv >= 0
            && self.iat >= 0
            && self.nbf >= 0
            // Neither side is negative by now, so the difference cannot overflow.
            && self.exp >= self.iat
            && self.exp - self.iat <= MAX_LIFETIME_S
    }

    /// The rules that do. There is no leeway: one service issues and verifies, by one clock.
    fn check_time(&self, now_s: i64) -> Result<(), Rejected> {
        let good = self.nbf <= now_s && self.iat <= now_s && now_s < self.exp;
        good.then_some(()).ok_or(Rejected("not good at this time"))
    }
}

/// What the caller decides about a new token; the rest is the issuer's.
#[derive(Debug, Clone)]
pub struct Grant {
    /// See [`Claims::sub`].
    pub sub: String,
    /// See [`Claims::client_id`].
    pub client_id: String,
    /// See [`Claims::practice_id`].
    pub practice_id: String,
    /// See [`Claims::scope`].
    pub scope: ScopeSet,
    /// See [`Claims::sv`].
    pub sv: i32,
}

/// Why no token was minted: always a fault of this service, never of its caller's client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// The key set in force has no signing key.
    #[error("there is no signing key")]
    NoSigningKey,
    /// An id, a version or a lifetime is out of bounds, or the token would be too long.
    #[error("the token would break the rules of its verifier")]
    OutOfBounds,
    /// The signature could not be made.
    #[error("the token could not be signed")]
    Signing(#[from] KeyError),
}

/// Mints access tokens. It keeps no keys: were there a second place for them beside the verifier,
/// a rotation could reach one and not the other.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The `iss` of every token.
    pub url: String,
    /// The `aud` of every token.
    pub audience: String,
}

impl Issuer {
    /// Mints a token, a bearer secret, and says what is in it. It is good from `now_s` (seconds
    /// since 1970) for `ttl_s` seconds, 1 to [`MAX_LIFETIME_S`], and signed by the newest of
    /// `keys`. A [`Verifier`] of the same issuer and audience with that key accepts it.
    ///
    /// # Errors
    /// [`MintError`] if there is no key, a value is out of bounds, or signing fails.
    pub fn mint(
        &self,
        keys: &KeySet,
        grant: Grant,
        now_s: i64,
        ttl_s: i64,
    ) -> Result<(String, Claims), MintError> {
        let key = keys.signing().ok_or(MintError::NoSigningKey)?;
        let exp = now_s.checked_add(ttl_s).ok_or(MintError::OutOfBounds)?;
        let claims = Claims {
            iss: self.url.clone(),
            aud: self.audience.clone(),
            sub: grant.sub,
            client_id: grant.client_id,
            practice_id: grant.practice_id,
            scope: grant.scope,
            jti: Uuid::now_v7().to_string(),
            iat: now_s,
            nbf: now_s,
            exp,
            sv: grant.sv,
        };
        let token = key.seal(TOKEN_TYPE, &claims)?;
        if ttl_s < 1 || !claims.well_formed() || token.len() > MAX_TOKEN_BYTES {
            return Err(MintError::OutOfBounds);
        }
        Ok((token, claims))
    }
}

/// The token is not accepted. Callers get this and nothing more, so that no answer can teach an
/// attacker which rule a forgery broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access token is not valid")]
pub struct Rejected(&'static str);

impl Rejected {
    /// The rule that was broken, for a log at debug level; never for an answer.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

/// Verifies access tokens and remembers, within bounds, the ones it has verified.
#[derive(Debug)]
pub struct Verifier {
    tokens_of: Issuer,
    keys: RwLock<Arc<KeySet>>,
    // The id of the key beside the claims, by the hash of the token and not by the token, since a
    // cache of bearer secrets is worth stealing. Only good tokens get in, so forgeries cannot
    // crowd them out.
    cache: Cache<[u8; 32], (Arc<str>, Arc<Claims>)>,
}

impl Verifier {
    /// A verifier of the tokens of exactly this issuer and audience, signed with a key of `keys`.
    /// It remembers at most `capacity` tokens.
    #[must_use]
    pub fn new(tokens_of: Issuer, keys: Arc<KeySet>, capacity: usize) -> Self {
        let (keys, cache) = (RwLock::new(keys), Cache::new(capacity));
        Self { tokens_of, keys, cache }
    }

    /// The set in force now: for signing, for publishing, for verifying.
    #[must_use]
    pub fn keys(&self) -> Arc<KeySet> {
        // A poisoned lock is read all the same: the exchange of a pointer cannot be half done.
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another set in force and forgets every token verified before.
    pub fn replace_keys(&self, keys: Arc<KeySet>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        self.cache.clear();
    }

    /// How many tokens are remembered at the moment.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.cache.len()
    }

    /// Says what `token` says, if it is good at `now_s` (seconds since 1970) to the second.
    ///
    /// # Errors
    /// [`Rejected`] for every other text.
    pub fn verify(&self, token: &str, now_s: i64) -> Result<Arc<Claims>, Rejected> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejected("too long"));
        }
        let name: [u8; 32] = Sha256::digest(token).into();
        let keys = self.keys();
        if let Some((kid, claims)) = self.cache.get(&name) {
            // `replace_keys` empties the cache, but a verification that was under way may have
            // put a token of the older set back since; hence the second look at the key.
            let good = keys.find(&kid).ok_or(Rejected("retired key"));
            if let Err(rejected) = good.and_then(|_| claims.check_time(now_s)) {
                self.cache.remove(&name);
                return Err(rejected);
            }
            return Ok(claims);
        }
        let (key, body) = keys.open(TOKEN_TYPE, token).map_err(Rejected)?;
        let claims: Claims = strict_object(&body).ok_or(Rejected("claim types"))?;
        let Issuer { url, audience } = &self.tokens_of;
        if claims.iss != *url || claims.aud != *audience || !claims.well_formed() {
            return Err(Rejected("claim values"));
        }
        claims.check_time(now_s)?;
        let claims = Arc::new(claims);
        self.cache.insert(name, (key.kid().into(), Arc::clone(&claims)));
        Ok(claims)
    }
}
