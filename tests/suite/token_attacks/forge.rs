//! The forge: truly signed tokens of any text.

use attune::auth::keys::SigningKey;
use attune::auth::token::Claims;
use aws_lc_rs::signature::Ed25519KeyPair;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{claims, header, shape};

/// What an attacker of the worst kind has: the service's own keys and a good token's contents.
pub struct Target<'a> {
    /// The key that signs.
    pub signing: &'a SigningKey,
    /// Another key; most telling if it verifies too.
    pub other: &'a SigningKey,
    /// The claims of a token that is good at `now_s`.
    pub claims: &'a Claims,
    /// The time at which the tokens will be tried, in seconds since 1970.
    pub now_s: i64,
}

pub(super) fn b64(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

/// Signs the two parts just as they stand.
pub(super) fn seal(key: &SigningKey, header: &str, body: &str) -> String {
    let pair = Ed25519KeyPair::from_pkcs8(&key.to_pkcs8()).unwrap();
    let signed = format!("{header}.{body}");
    format!("{signed}.{}", b64(pair.sign(signed.as_bytes())))
}

/// The list under construction; every token in it starts from the same good one.
pub(super) struct Forge<'a> {
    pub(super) at: &'a Target<'a>,
    pub(super) header: Value,
    pub(super) body: Value,
    made: Vec<(String, String)>,
}

impl Forge<'_> {
    pub(super) fn put(&mut self, label: impl Into<String>, token: String) {
        self.made.push((label.into(), token));
    }

    /// Any two texts, truly signed.
    pub(super) fn texts(
        &mut self,
        label: impl Into<String>,
        header: impl AsRef<[u8]>,
        body: impl AsRef<[u8]>,
    ) {
        let token = seal(self.at.signing, &b64(header), &b64(body));
        self.put(label, token);
    }

    /// Another header, given as text, over the good body.
    pub(super) fn header(&mut self, label: impl Into<String>, header: impl AsRef<[u8]>) {
        self.texts(label, header, self.body.to_string());
    }

    /// Another body, given as text, under the good header.
    pub(super) fn body(&mut self, label: impl Into<String>, body: impl AsRef<[u8]>) {
        self.texts(label, self.header.to_string(), body);
    }

    /// The good header with one member set to each of some JSON texts, by recipe.
    pub(super) fn member(&mut self, name: &str, recipes: &str) {
        let good = self.header.get(name).map(Value::to_string).unwrap_or_default();
        for (recipe, value) in cook(&good, recipes) {
            self.header(format!("header/{name}: {recipe}"), with(&self.header, name, &value));
        }
    }

    /// The good body with one claim set to each of some JSON texts, by recipe.
    pub(super) fn claim(&mut self, name: &str, recipes: &str) {
        for (recipe, value) in cook(&self.body[name].to_string(), recipes) {
            self.body(format!("claim/{name}: {recipe}"), with(&self.body, name, &value));
        }
    }

    /// The good body with one claim set to each of some strings, by recipe.
    pub(super) fn words(&mut self, name: &str, recipes: &str) {
        for (recipe, value) in cook(self.body[name].as_str().unwrap(), recipes) {
            let value = json!(value).to_string();
            self.body(format!("claim/{name}: string {recipe}"), with(&self.body, name, &value));
        }
    }

    /// The good body with a further member before and after the others.
    pub(super) fn twice(&mut self, name: &str, value: &str) {
        let [before, after] = doubled(&self.body, name, value);
        self.body(format!("double/body {name}: {value} before"), before);
        self.body(format!("double/body {name}: {value} after"), after);
    }

    /// The good token by its three parts.
    pub(super) fn parts(&self) -> [String; 3] {
        let token =
            seal(self.at.signing, &b64(self.header.to_string()), &b64(self.body.to_string()));
        let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        parts.try_into().unwrap()
    }
}

/// Texts by recipe. Recipes are separated by `|`, and `~` in one stands for the good text.
pub(super) fn cook(good: &str, recipes: &str) -> Vec<(String, String)> {
    let cooked =
        recipes.split('|').map(|recipe| (format!("{recipe:?}"), recipe.replace('~', good)));
    cooked.collect()
}

/// The object's text with one member replaced or added, its value copied as written.
pub(super) fn with(object: &Value, name: &str, value: &str) -> String {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name);
    let rest = object.to_string();
    format!("{},{}:{value}}}", &rest[..rest.len() - 1], json!(name))
}

/// The object's text without one member.
pub(super) fn without(object: &Value, name: &str) -> String {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name).unwrap();
    object.to_string()
}

/// The object's text with a further member in front and behind: both orders of a doubled name.
pub(super) fn doubled(object: &Value, name: &str, value: &str) -> [String; 2] {
    let text = object.to_string();
    let inner = &text[1..text.len() - 1];
    [format!(r#"{{"{name}":{value},{inner}}}"#), format!(r#"{{{inner},"{name}":{value}}}"#)]
}

/// Every bad token with its label: `family/what is wrong`.
pub fn bad_tokens(target: &Target<'_>) -> Vec<(String, String)> {
    let mut forge = Forge {
        at: target,
        header: json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": target.signing.kid() }),
        body: serde_json::to_value(target.claims).unwrap(),
        made: Vec::new(),
    };
    header::algorithms(&mut forge);
    header::headers(&mut forge);
    header::key_ids(&mut forge);
    claims::claim_types(&mut forge);
    claims::claim_values(&mut forge);
    claims::times(&mut forge);
    claims::doubles(&mut forge);
    shape::signatures(&mut forge);
    shape::encodings(&mut forge);
    shape::shapes(&mut forge);
    forge.made
}

/// Whether HTTP would deliver the token unchanged, as the whole of a `Bearer` credential.
pub fn fits_a_header(token: &str) -> bool {
    (1..16_000).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// No good text of an object, whatever the object is.
pub(super) const BROKEN_OBJECTS: &str =
    "~x|~~|\u{feff}~|~\0|[~]|/**/~|{}|[]|null|1|true|\"x\"||not json|{";
/// The text's bytes with a byte that UTF-8 never has, just before `word`.
pub(super) fn spoil(text: &str, word: &str) -> Vec<u8> {
    let (before, after) = text.split_once(word).unwrap();
    [before.as_bytes(), b"\xff", word.as_bytes(), after.as_bytes()].concat()
}
/// The text with its first letter as a JSON escape.
pub(super) fn escaped(text: &str) -> String {
    format!("\\u{:04x}{}", u32::from(text.as_bytes()[0]), &text[1..])
}
