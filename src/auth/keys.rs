//! The Ed25519 keys that sign tokens, the set of them that is in force, and the signatures made
//! with them: compact JWS (RFC 7515) with Ed25519 (RFC 8037). What a token says is not known here.
//!
//! A key's id is never chosen: it is the RFC 7638 thumbprint of its public half, so the same id
//! always means the same key, and no row or header can point one key's id at another key.
//!
//! Rotation: the newest key signs, older ones go on verifying until they are retired. Which keys
//! are in a [`KeySet`] is decided by whoever loads it; this module keeps no state and no clock.

use std::collections::HashSet;
use std::fmt;

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::seal::SecretKey;

/// A signing key could not be made or read. The cause is left out: it could only describe a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key is unusable")]
pub struct KeyError;

/// The public half of a key: enough to verify, safe to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kid: String,
    x: [u8; 32],
}

impl PublicKey {
    /// Takes the 32 bytes of an Ed25519 public key (RFC 8032) and derives its id from them. Bytes
    /// that are no point of the curve are not refused here; they verify nothing.
    #[must_use]
    pub fn new(x: [u8; 32]) -> Self {
        // The members and their order are fixed by RFC 7638 section 3.2 and RFC 8037 section 2.
        let point = BASE64URL_NOPAD.encode(&x);
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{point}"}}"#);
        Self { kid: BASE64URL_NOPAD.encode(&Sha256::digest(jwk)), x }
    }

    /// The key's id: its RFC 7638 thumbprint by SHA-256, 43 characters of base64url.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The raw public key, as it is stored beside the encrypted private half.
    #[must_use]
    pub const fn x(&self) -> &[u8; 32] {
        &self.x
    }

    fn jwk(&self) -> Value {
        json!({
            "kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(&self.x),
            "kid": self.kid, "use": "sig", "alg": "EdDSA",
        })
    }
}

/// A private key. Its bytes are wiped when it is dropped, and its `Debug` shows the id alone.
pub struct SigningKey {
    public: PublicKey,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl SigningKey {
    /// Makes a fresh key from the cryptographic library's own random source.
    ///
    /// # Errors
    /// [`KeyError`] if that source fails.
    pub fn generate() -> Result<Self, KeyError> {
        Self::from_pair(&Ed25519KeyPair::generate().map_err(|_| KeyError)?)
    }

    /// Reads an unencrypted PKCS#8 document (RFC 5958 version 1 or 2, DER) of an Ed25519 key.
    ///
    /// # Errors
    /// [`KeyError`] for anything else, and for a public half that does not match the private one.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        Self::from_pair(&Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyError)?)
    }

    fn from_pair(pair: &Ed25519KeyPair) -> Result<Self, KeyError> {
        let x = pair.public_key().as_ref().try_into().map_err(|_| KeyError)?;
        let der = pair.to_pkcs8().map_err(|_| KeyError)?;
        Ok(Self { public: PublicKey::new(x), pkcs8: Zeroizing::new(der.as_ref().to_vec()) })
    }

    /// The key as PKCS#8 (RFC 5958 version 2, DER), for storage under a key-encryption key only.
    #[must_use]
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    /// The 32 bytes from which the key is made (RFC 8032 5.1.5), for wrapping and storage.
    ///
    /// # Errors
    /// [`KeyError`] if the library does not give them out.
    pub fn seed(&self) -> Result<SecretKey, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(&self.pkcs8).map_err(|_| KeyError)?;
        let seed = pair.seed().map_err(|_| KeyError)?;
        let bytes = seed.as_be_bytes().map_err(|_| KeyError)?;
        let bytes: [u8; 32] = bytes.as_ref().try_into().map_err(|_| KeyError)?;
        Ok(SecretKey::from_bytes(bytes))
    }

    /// The key of a stored seed.
    ///
    /// # Errors
    /// [`KeyError`] if the library refuses it.
    pub fn from_seed(seed: &SecretKey) -> Result<Self, KeyError> {
        Self::from_pair(&Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| KeyError)?)
    }

    /// The key's id, the same as that of its public half.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `body` as a compact JWS with the header members `typ`, `alg` and `kid` and no other.
    pub(crate) fn seal<T: Serialize>(&self, typ: &str, body: &T) -> Result<String, KeyError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid().to_owned());
        let key = EncodingKey::from_ed_der(&self.pkcs8);
        jsonwebtoken::encode(&header, body, &key).map_err(|_| KeyError)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

/// The keys in force at one moment. It does not change; rotation puts another set in its place.
#[derive(Debug, Default)]
pub struct KeySet {
    signing: Option<SigningKey>,
    verifying: Vec<PublicKey>,
}

impl KeySet {
    /// Puts a set together: `signing` is the newest key, or `None` on a node that only verifies;
    /// `older` are those not yet retired. The public half of the signing key always belongs to
    /// the set, and a key that is given twice is kept once.
    #[must_use]
    pub fn new(signing: Option<SigningKey>, older: Vec<PublicKey>) -> Self {
        let mut verifying: Vec<_> = signing.iter().map(|key| key.public.clone()).collect();
        for key in older {
            if !verifying.contains(&key) {
                verifying.push(key);
            }
        }
        Self { signing, verifying }
    }

    /// The key that signs, if this node has one.
    #[must_use]
    pub const fn signing(&self) -> Option<&SigningKey> {
        self.signing.as_ref()
    }

    /// The keys that verify, the signing one first.
    #[must_use]
    pub fn verifying(&self) -> &[PublicKey] {
        &self.verifying
    }

    /// The verifying key with exactly this id.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&PublicKey> {
        self.verifying.iter().find(|key| key.kid == kid)
    }

    /// Opens a compact JWS: returns the key that signed it and the signed bytes, or the rule that
    /// it breaks. Nothing of the body is looked at before the signature holds.
    ///
    /// The header must have exactly the members that [`SigningKey::seal`] writes. Members that
    /// carry or point to a key (`jwk`, `jku`, `x5u`), switch a rule on (`crit`, `b64`) or are
    /// merely unknown are refused rather than passed over, and the algorithm is never chosen by it.
    pub(crate) fn open(&self, typ: &str, jws: &str) -> Result<(&PublicKey, Vec<u8>), &'static str> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Exactly<'a> {
            alg: &'a str,
            typ: &'a str,
            kid: &'a str,
        }
        let (signed, signature) = jws.rsplit_once('.').ok_or("not three parts")?;
        let (header, body) = signed.split_once('.').ok_or("not three parts")?;
        // This decoder takes no padding, no white space, no stray dot and no second spelling of
        // the same bytes, so a token cannot be altered and still be the same token.
        let bytes = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| "not base64");
        let (header, body, _) = (bytes(header)?, bytes(body)?, bytes(signature)?);
        let header: Exactly = strict_object(&header).ok_or("header members")?;
        if header.alg != "EdDSA" || header.typ != typ {
            return Err("alg or typ");
        }
        let key = self.find(header.kid).ok_or("unknown kid")?;
        let point = DecodingKey::from_ed_der(&key.x);
        match crypto::verify(signature, signed.as_bytes(), &point, Algorithm::EdDSA) {
            Ok(true) => Ok((key, body)),
            _ => Err("signature"),
        }
    }

    /// The set as a JWK Set (RFC 7517 section 5, key type of RFC 8037), ready to publish. It is
    /// built from public halves, which hold no private part that could slip in.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.verifying.iter().map(PublicKey::jwk).collect::<Vec<_>>() })
    }
}

/// Reads a JSON object whose member names all differ, unknown ones included. Two readers of a
/// doubled member may each believe another one; serde alone refuses only those that it knows, and
/// takes an array for an object. Objects inside a value that nobody reads are not looked into.
pub(crate) fn strict_object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    struct Distinct;
    impl<'de> Deserialize<'de> for Distinct {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Self)
        }
    }
    impl<'de> de::Visitor<'de> for Distinct {
        type Value = Self;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object without doubled members")
        }
        fn visit_map<M: de::MapAccess<'de>>(self, mut members: M) -> Result<Self, M::Error> {
            let mut seen = HashSet::new();
            while let Some((name, de::IgnoredAny)) = members.next_entry::<String, _>()? {
                seen.insert(name).then_some(()).ok_or_else(|| de::Error::custom("doubled"))?;
            }
            Ok(self)
        }
    }
    serde_json::from_slice::<Distinct>(json).ok()?;
    serde_json::from_slice(json).ok()
}
