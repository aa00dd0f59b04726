//! Forged, broken and stale access tokens, each wrong in one way, and the proof that none is taken.
//!
//! [`bad_tokens`] only needs a key of the service under attack, so that the same list can be sent
//! to a running API and the answers compared. Nearly all of them carry a true signature: what is
//! tried here are the rules behind it.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use attune::auth::keys::{KeyError, KeySet, PublicKey, SigningKey};
use attune::auth::scopes::{
    ActorKind, ClientsRead, CouplesRead, Needs, NotesSign, Scope, ScopeSet,
};
use attune::auth::token::{Claims, Grant, Issuer, MAX_LIFETIME_S, MintError, Verifier};
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::{encoding::AsBigEndian, hmac};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;
use serde_json::{Value, json};

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

fn b64(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

/// Signs the two parts just as they stand.
fn seal(key: &SigningKey, header: &str, body: &str) -> String {
    let pair = Ed25519KeyPair::from_pkcs8(&key.to_pkcs8()).unwrap();
    let signed = format!("{header}.{body}");
    format!("{signed}.{}", b64(pair.sign(signed.as_bytes())))
}

/// The list under construction; every token in it starts from the same good one.
struct Forge<'a> {
    at: &'a Target<'a>,
    header: Value,
    body: Value,
    made: Vec<(String, String)>,
}

impl Forge<'_> {
    fn put(&mut self, label: impl Into<String>, token: String) {
        self.made.push((label.into(), token));
    }

    /// Any two texts, truly signed.
    fn texts(
        &mut self,
        label: impl Into<String>,
        header: impl AsRef<[u8]>,
        body: impl AsRef<[u8]>,
    ) {
        let token = seal(self.at.signing, &b64(header), &b64(body));
        self.put(label, token);
    }

    /// Another header, given as text, over the good body.
    fn header(&mut self, label: impl Into<String>, header: impl AsRef<[u8]>) {
        self.texts(label, header, self.body.to_string());
    }

    /// Another body, given as text, under the good header.
    fn body(&mut self, label: impl Into<String>, body: impl AsRef<[u8]>) {
        self.texts(label, self.header.to_string(), body);
    }

    /// The good header with one member set to each of some JSON texts, by recipe.
    fn member(&mut self, name: &str, recipes: &str) {
        let good = self.header.get(name).map(Value::to_string).unwrap_or_default();
        for (recipe, value) in cook(&good, recipes) {
            self.header(format!("header/{name}: {recipe}"), with(&self.header, name, &value));
        }
    }

    /// The good body with one claim set to each of some JSON texts, by recipe.
    fn claim(&mut self, name: &str, recipes: &str) {
        for (recipe, value) in cook(&self.body[name].to_string(), recipes) {
            self.body(format!("claim/{name}: {recipe}"), with(&self.body, name, &value));
        }
    }

    /// The good body with one claim set to each of some strings, by recipe.
    fn words(&mut self, name: &str, recipes: &str) {
        for (recipe, value) in cook(self.body[name].as_str().unwrap(), recipes) {
            let value = json!(value).to_string();
            self.body(format!("claim/{name}: string {recipe}"), with(&self.body, name, &value));
        }
    }

    /// The good body with a further member before and after the others.
    fn twice(&mut self, name: &str, value: &str) {
        let [before, after] = doubled(&self.body, name, value);
        self.body(format!("double/body {name}: {value} before"), before);
        self.body(format!("double/body {name}: {value} after"), after);
    }

    /// The good token by its three parts.
    fn parts(&self) -> [String; 3] {
        let token =
            seal(self.at.signing, &b64(self.header.to_string()), &b64(self.body.to_string()));
        let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        parts.try_into().unwrap()
    }
}

/// Texts by recipe. Recipes are separated by `|`, and `~` in one stands for the good text.
fn cook(good: &str, recipes: &str) -> Vec<(String, String)> {
    let cooked =
        recipes.split('|').map(|recipe| (format!("{recipe:?}"), recipe.replace('~', good)));
    cooked.collect()
}

/// The object's text with one member replaced or added, its value copied as written.
fn with(object: &Value, name: &str, value: &str) -> String {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name);
    let rest = object.to_string();
    format!("{},{}:{value}}}", &rest[..rest.len() - 1], json!(name))
}

/// The object's text without one member.
fn without(object: &Value, name: &str) -> String {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name).unwrap();
    object.to_string()
}

/// The object's text with a further member in front and behind: both orders of a doubled name.
fn doubled(object: &Value, name: &str, value: &str) -> [String; 2] {
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
    algorithms(&mut forge);
    headers(&mut forge);
    key_ids(&mut forge);
    claim_types(&mut forge);
    claim_values(&mut forge);
    times(&mut forge);
    doubles(&mut forge);
    signatures(&mut forge);
    encodings(&mut forge);
    shapes(&mut forge);
    forge.made
}

/// Whether HTTP would deliver the token unchanged, as the whole of a `Bearer` credential.
pub fn fits_a_header(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn algorithms(forge: &mut Forge<'_>) {
    let [_, body, signature] = forge.parts();
    for alg in ["none", "None", "NONE", "nOnE", " none", ""] {
        let header = b64(with(&forge.header, "alg", &json!(alg).to_string()));
        forge.put(format!("alg/{alg:?} without signature"), format!("{header}.{body}."));
        forge.put(format!("alg/{alg:?} and signed"), format!("{header}.{body}.{signature}"));
    }
    let algs = "none HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K \
        Ed25519 Ed448 ed25519 eddsa EDDSA EdDSA\\u0000 EdDS\\u0041 ECDH-ES dir A128KW";
    for alg in algs.split(' ') {
        forge.member("alg", &format!("{alg:?}").replace("\\\\", "\\"));
    }
    for (name, secret) in public_secrets(forge.at.signing) {
        for (alg, hash) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS384", hmac::HMAC_SHA384),
            ("HS512", hmac::HMAC_SHA512),
            ("EdDSA", hmac::HMAC_SHA256),
        ] {
            let header = b64(with(&forge.header, "alg", &json!(alg).to_string()));
            let signed = format!("{header}.{body}");
            let tag = hmac::sign(&hmac::Key::new(hash, &secret), signed.as_bytes());
            forge.put(format!("hmac/{alg} keyed with {name}"), format!("{signed}.{}", b64(tag)));
        }
    }
}

/// What everybody knows of a key, in each form that has once been taken for a shared secret.
fn public_secrets(key: &SigningKey) -> Vec<(&'static str, Vec<u8>)> {
    let x = key.public().x().to_vec();
    let der = [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(), &x].concat();
    let pem = BASE64.encode(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----");
    let jwks = KeySet::new(None, vec![key.public().clone()]).jwks();
    vec![
        ("raw key", x.clone()),
        ("key in base64url", b64(x).into_bytes()),
        ("DER", der),
        ("PEM", pem.clone().into_bytes()),
        ("PEM with newline", format!("{pem}\n").into_bytes()),
        ("JWK", jwks["keys"][0].to_string().into_bytes()),
        ("JWKS", jwks.to_string().into_bytes()),
        ("kid", key.kid().as_bytes().to_vec()),
        ("nothing", Vec::new()),
    ]
}

/// No good text of an object, whatever the object is.
const BROKEN_OBJECTS: &str = "~x|~~|\u{feff}~|~\0|[~]|/**/~|{}|[]|null|1|true|\"x\"||not json|{";

fn headers(forge: &mut Forge<'_>) {
    forge.member(
        "typ",
        "\"JWT\"|\"jwt\"|\"AT+JWT\"|\"At+Jwt\"|\"at+JWT\"|\"application/at+jwt\"|\"at+jwt \"|\" at+jwt\"\
         |\"at jwt\"|\"at\"|\"jwt+at\"|\"at+jwt;v=1\"|\"id+jwt\"|\"rt+jwt\"|\"dpop+jwt\"|\"logout+jwt\"|\"\"",
    );
    for name in ["alg", "typ", "kid"] {
        forge.header(format!("header/without {name}"), without(&forge.header, name));
        forge.member(name, "null|true|0|1.5|[]|[~]|{}|{\"value\":~}");
    }
    let own =
        KeySet::new(None, vec![forge.at.other.public().clone()]).jwks()["keys"][0].to_string();
    forge.member("jwk", &own);
    forge.member("epk", &own);
    for (name, values) in [
        ("jku", "\"https://attacker.example/jwks.json\"|\"file:///etc/passwd\""),
        ("x5u", "\"https://attacker.example/cert.pem\""),
        ("x5c", "[\"MIIB\"]"),
        ("x5t", "\"AAAA\""),
        ("x5t#S256", "\"AAAA\""),
        ("crit", "[]|[\"exp\"]|[\"b64\"]|[\"unknown\"]"),
        ("b64", "true|false"),
        ("zip", "\"DEF\""),
        ("enc", "\"A256GCM\""),
        ("cty", "\"JWT\"|\"at+jwt\""),
        ("nonce", "\"n\""),
        ("exp", "9999999999"),
        ("Alg", "\"EdDSA\""),
        ("KID", "\"x\""),
        ("", "\"\""),
        ("__proto__", "{\"alg\":\"none\"}"),
    ] {
        forge.member(name, values);
    }
    let good = forge.header.to_string();
    for (recipe, text) in cook(&good, BROKEN_OBJECTS) {
        forge.header(format!("header/{recipe}"), text);
    }
    let values = json!([forge.header["alg"], forge.header["typ"], forge.header["kid"]]);
    forge.header("header/array of values", values.to_string());
    forge.header("header/single quotes", good.replace('"', "'"));
    forge.header("header/trailing comma", good.replace('}', ",}"));
    forge.header("header/cut short", &good[..good.len() - 1]);
    forge.header("header/not UTF-8", [good.as_bytes(), b"\xff"].concat());
    forge.header("header/not UTF-8 within", spoil(&good, "at+jwt"));
}

/// The text's bytes with a byte that UTF-8 never has, just before `word`.
fn spoil(text: &str, word: &str) -> Vec<u8> {
    let (before, after) = text.split_once(word).unwrap();
    [before.as_bytes(), b"\xff", word.as_bytes(), after.as_bytes()].concat()
}

fn key_ids(forge: &mut Forge<'_>) {
    let kid = forge.at.signing.kid().to_owned();
    let odd = "| |0|null|default|../../../../dev/null|/dev/null|..\\..\\keys|' OR '1'='1\
        |x' UNION SELECT 'a'; --|%00|\0|https://attacker.example/k|*|$(id)|{{7*7}}|~=|~\0| ~|~\n|~~";
    let mut odd = cook(&kid, odd);
    odd.push(("lower case".into(), kid.to_lowercase()));
    odd.push(("upper case".into(), kid.to_uppercase()));
    odd.push(("cut short".into(), kid[..42].to_owned()));
    odd.push(("1 KiB".into(), "k".repeat(1024)));
    for (label, value) in odd {
        let header = with(&forge.header, "kid", &json!(value).to_string());
        forge.header(format!("kid/{label}"), header);
    }
    forge.member("kid", &format!("\"{}\"", escaped(&kid)));
    let [header, body, _] = forge.parts();
    let retired = SigningKey::generate().unwrap();
    let (signing, other) = (forge.at.signing, forge.at.other);
    let named = |key: &SigningKey| b64(with(&forge.header, "kid", &json!(key.kid()).to_string()));
    let (of_retired, of_other) = (named(&retired), named(other));
    for (name, key, header) in [
        ("retired key", &retired, &of_retired),
        ("retired key under our kid", &retired, &header),
        ("our key under the retired kid", signing, &of_retired),
        ("the other key under our kid", other, &header),
        ("our key under the other kid", signing, &of_other),
    ] {
        forge.put(format!("kid/{name}"), seal(key, header, &body));
    }
}

/// The text with its first letter as a JSON escape.
fn escaped(text: &str) -> String {
    format!("\\u{:04x}{}", u32::from(text.as_bytes()[0]), &text[1..])
}

fn claim_types(forge: &mut Forge<'_>) {
    for name in ["iss", "aud", "sub", "client_id", "practice_id", "scope", "jti"] {
        forge.body(format!("claim/without {name}"), without(&forge.body, name));
        forge.claim(name, "null|true|0|1.5|[]|[~]|[~,\"x\"]|{}|{\"value\":~}");
    }
    for name in ["iat", "nbf", "exp", "sv"] {
        forge.body(format!("claim/without {name}"), without(&forge.body, name));
        forge.claim(
            name,
            "null|true|false|\"\"|\"~\"|[]|[~]|{}|{\"value\":~}|~.0|~.5|~e0|0~|+~|-1|-9223372036854775808\
             |9223372036854775808|18446744073709551616|1e400|-1e400|1e10|NaN|Infinity|0x7fffffff",
        );
    }
    forge.claim("sv", "2147483648|9223372036854775807|-2147483648");
    let good = forge.body.to_string();
    for (recipe, text) in cook(&good, BROKEN_OBJECTS) {
        forge.body(format!("body/{recipe}"), text);
    }
    let values: Vec<_> = forge.body.as_object().unwrap().values().cloned().collect();
    forge.body("body/array of values", json!(values).to_string());
    forge.body("body/string of the object", json!(good).to_string());
    forge.body("body/trailing comma", good.replace('}', ",}"));
    forge.body("body/cut short", &good[..good.len() - 1]);
    forge.body("body/not UTF-8", [good.as_bytes(), b"\xff"].concat());
    forge.body("body/not UTF-8 within", spoil(&good, &forge.at.claims.sub));
    forge.claim("sub", "\"\\ud800\"|\"\n\"|'x'");
}

fn claim_values(forge: &mut Forge<'_>) {
    for name in ["iss", "aud"] {
        let good = forge.body[name].as_str().unwrap().to_owned();
        let (short, tail) = (&good[..good.len() - 1], &good[1..]);
        let upper = good.to_uppercase();
        let other =
            good.replacen("https", "http", 1) + if good.contains("https") { "" } else { "s" };
        forge.words(name, &format!("{short}|{tail}|{upper}|{other}|https://attacker.example|*"));
        forge.words(
            name,
            "|~/|~x|x~|~ | ~|~\0|~\n|~#|~?|~.attacker.example|~@attacker.example|~ ~|~,~",
        );
    }
    let mut swapped = forge.body.clone();
    (swapped["iss"], swapped["aud"]) = (forge.body["aud"].clone(), forge.body["iss"].clone());
    forge.body("claim/iss and aud swapped", swapped.to_string());
    for name in ["sub", "client_id", "practice_id", "jti"] {
        forge.words(name, "| |a b|~ |~\n|a\0b|é|a\u{202e}b|\u{7f}");
        forge.words(name, &"a".repeat(97));
    }
}

fn times(forge: &mut Forge<'_>) {
    let (now, end, day) = (forge.at.now_s, i64::MAX, 86_400);
    for (name, iat, nbf, exp) in [
        ("expires now", now - 60, now - 60, now),
        ("expired a second ago", now - 60, now - 60, now - 1),
        ("expired a minute ago", now - 600, now - 600, now - 60),
        ("expired yesterday", now - day - 60, now - day - 60, now - day),
        ("expired at the epoch", 0, 0, 0),
        ("not before the next second", now, now + 1, now + 60),
        ("not before tomorrow", now, now + day, now + 60),
        ("not before the end of time", now, end, now + 60),
        ("issued the next second", now + 1, now, now + 60),
        ("issued tomorrow", now + day, now, now + day + 60),
        ("issued at the end of time", end, now, end),
        ("all of it to come", now + 1, now + 1, now + 60),
        ("all at the end of time", end, end, end),
        ("expires before it was issued", now, now, now - 1),
        ("a second too long", now, now, now + MAX_LIFETIME_S + 1),
        ("a second too long, half used", now - 60, now - 60, now - 59 + MAX_LIFETIME_S),
        ("good for a year", now, now, now + 365 * day),
        ("good for ever", now, now, end),
        ("good since the epoch", 0, 0, now + 60),
        ("all in milliseconds", now * 1000, now * 1000, now * 1000 + 60_000),
        ("expiry in milliseconds", now, now, now * 1000),
    ] {
        let claims = Claims { iat, nbf, exp, ..forge.at.claims.clone() };
        forge.body(format!("time/{name}"), serde_json::to_string(&claims).unwrap());
    }
}

fn doubles(forge: &mut Forge<'_>) {
    for name in ["alg", "typ", "kid"] {
        let good = forge.header[name].to_string();
        for (name, value) in [(name, &good), (name, &"null".into()), (&*escaped(name), &good)] {
            let [before, after] = doubled(&forge.header, name, value);
            forge.header(format!("double/header {name}: {value} before"), before);
            forge.header(format!("double/header {name}: {value} after"), after);
        }
    }
    let claims: Vec<_> = forge.body.as_object().unwrap().clone().into_iter().collect();
    for (name, good) in claims {
        let good = good.to_string();
        for (name, value) in [(&name, &good), (&name, &"null".into()), (&escaped(&name), &good)] {
            forge.twice(name, value);
        }
    }
    forge.twice("exp", &(forge.at.now_s + 1).to_string());
    forge.twice("scope", "\"practice:admin\"");
    forge.twice("sub", "\"usr_other\"");
    let [_, extra] = doubled(&forge.body, "extra", "1");
    forge.body("double/unknown claim", extra.replacen('{', "{\"extra\":1,", 1));
}

fn signatures(forge: &mut Forge<'_>) {
    let [header, body, signature] = forge.parts();
    let raw = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let mut wrong: Vec<(String, Vec<u8>)> = vec![
        ("all zero".into(), vec![0; 64]),
        ("all ones".into(), vec![0xff; 64]),
        ("random".into(), (0..64).collect()),
    ];
    for bytes in [1, 16, 31, 32, 33, 62, 63] {
        wrong.push((format!("cut to {bytes} bytes"), raw[..bytes].to_vec()));
    }
    for bit in (0..512).step_by(32).chain([255, 509, 510, 511]) {
        let mut flipped = raw.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        wrong.push((format!("bit {bit} flipped"), flipped));
    }
    wrong.push(("halves swapped".into(), [&raw[32..], &raw[..32]].concat()));
    wrong.push(("reversed".into(), raw.iter().rev().copied().collect()));
    wrong.push(("a byte more".into(), [raw.as_slice(), &[0]].concat()));
    wrong.push(("twice".into(), raw.repeat(2)));
    wrong.push(("zero R".into(), [&[0; 32], &raw[32..]].concat()));
    wrong.push(("zero S".into(), [&raw[..32], &[0; 32]].concat()));
    wrong.push(("identity R, zero S".into(), [[1].as_slice(), &[0; 63]].concat()));
    wrong.push((
        "in DER".into(),
        [b"\x30\x44\x02\x20".as_slice(), &raw[..32], b"\x02\x20", &raw[32..]].concat(),
    ));
    wrong.push(("S + L".into(), [&raw[..32], &plus_order(&raw[32..])].concat()));
    for (name, bytes) in wrong {
        forge.put(format!("signature/{name}"), format!("{header}.{body}.{}", b64(bytes)));
    }
    let other = b64(with(&forge.body, "sub", r#""usr_other""#));
    let stolen = seal(forge.at.signing, &header, &other);
    let stolen = stolen.rsplit('.').next().unwrap();
    forge.put("signature/of another token", format!("{header}.{body}.{stolen}"));
    forge.put("signature/body of another token", format!("{header}.{other}.{signature}"));
    for (name, text) in [
        ("of the body alone", body.clone()),
        ("of the header alone", header.clone()),
        ("without the dot", format!("{header}{body}")),
        ("of the decoded text", format!("{}.{}", forge.header, forge.body)),
    ] {
        let made =
            Ed25519KeyPair::from_pkcs8(&forge.at.signing.to_pkcs8()).unwrap().sign(text.as_bytes());
        forge.put(format!("signature/{name}"), format!("{header}.{body}.{}", b64(made)));
    }
}

/// The scalar plus the order of the group: the second form of the same signature, which RFC 8032
/// section 5.1.7 forbids.
fn plus_order(scalar: &[u8]) -> Vec<u8> {
    let mut order = [0; 32];
    order[..16].copy_from_slice(&0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_le_bytes());
    order[31] = 0x10;
    let mut carry = 0;
    let add = |(a, b): (&u8, u8)| {
        carry += u16::from(*a) + u16::from(b);
        let [low, high] = carry.to_le_bytes();
        carry = u16::from(high);
        low
    };
    scalar.iter().zip(order).map(add).collect()
}

fn encodings(forge: &mut Forge<'_>) {
    let good = forge.parts();
    for place in 0..3 {
        let part = &good[place];
        let raw = BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
        let (head, tail, rest) = (&part[..4], &part[4..], &part[5..]);
        let mut forms = cook(part, "~=|~==|~===|~ | ~|~\n|~\r\n|~\t|~\0|~%3D|~é|~AA|~.|");
        forms.extend(cook(tail, &format!("{head} ~|{head}\n~|{head}=~")));
        forms.extend(cook(rest, &format!("{head}+~|{head}/~")));
        forms.push(("hex".into(), HEXLOWER.encode(&raw)));
        forms.push(("raw text".into(), String::from_utf8_lossy(&raw).into_owned()));
        forms.push(("encoded twice".into(), b64(part)));
        for (recipe, form) in forms {
            let mut parts = good.clone();
            parts[place] = form;
            let recipe = recipe.replace(head, "…").replace(rest, "…");
            forge.put(format!("encoding/part {place}: {recipe}"), parts.join("."));
        }
    }
    // The last letter of a signature carries four bits that mean nothing: 15 other spellings.
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = good[2].split_at(good[2].len() - 1);
    let last = letters.find(last).unwrap();
    for step in 1..16 {
        let letter = &letters[last + step..][..1];
        let token = format!("{}.{}.{start}{letter}", good[0], good[1]);
        forge.put(format!("encoding/other spelling {step}"), token);
    }
}

fn shapes(forge: &mut Forge<'_>) {
    let [h, b, s] = forge.parts();
    let good = format!("{h}.{b}.{s}");
    let jwe = b64(r#"{"alg":"dir","enc":"A256GCM"}"#);
    let forms = "|.|..|....|{h}|{h}.{b}|~.{s}|{h}.{b}.{s}.{s}.{s}|{jwe}.{b}.{b}.{b}.{s}|.~\
        |~,|\"~\"|Bearer ~|~~|~,~|~ ~|{b}.{h}.{s}|{s}.{b}.{h}|{h}:{b}:{s}|{h}．{b}．{s}|0123456789abcdef\
        |é.ü.ß|\0|{\"protected\":\"{h}\",\"payload\":\"{b}\",\"signature\":\"{s}\"}";
    for (recipe, form) in cook(&good, forms) {
        let form = [("{h}", &h), ("{b}", &b), ("{s}", &s), ("{jwe}", &jwe)]
            .into_iter()
            .fold(form, |form, (name, part)| form.replace(name, part));
        forge.put(format!("shape/{recipe}"), form);
    }
    forge.put("shape/upper case", good.to_uppercase());
    forge.put("shape/lower case", good.to_lowercase());
    forge.put("shape/encoded whole", b64(&good));
    forge.put("shape/4 KiB of A", "A".repeat(4096));
    forge.put("shape/64 KiB of A", "A".repeat(65_536));
    forge.put("shape/4 KiB of dots", ".".repeat(4096));
    forge.body("shape/nested token", &good);
    forge.body("shape/nested token as string", json!(good).to_string());
    let long = json!("x".repeat(4096)).to_string();
    forge.body("shape/oversized by a claim", with(&forge.body, "extra", &long));
    forge.body("shape/oversized by white space", format!("{}{:4096}", forge.body, ""));
    forge.header("shape/oversized by its header", format!("{}{:4096}", forge.header, ""));
}

const NOW_S: i64 = 1_800_000_000;

/// A service with two keys in force, and a good token of its own.
struct Home {
    keys: [SigningKey; 2],
    token: String,
    claims: Claims,
    verifier: Verifier,
}

fn issuer() -> Issuer {
    Issuer { url: "https://attune.example".into(), audience: "https://api.attune.example".into() }
}

fn copy(key: &SigningKey) -> SigningKey {
    SigningKey::from_pkcs8(&key.to_pkcs8()).unwrap()
}

fn grant() -> Grant {
    Grant {
        sub: "usr_01jz0000000000000000000000".into(),
        client_id: "app_01jz0000000000000000000000".into(),
        practice_id: "prc_01jz0000000000000000000000".into(),
        scope: ScopeSet::parse("clients:read notes:sign"),
        sv: 3,
    }
}

fn home(capacity: usize) -> Home {
    let keys = [SigningKey::generate().unwrap(), SigningKey::generate().unwrap()];
    let set = KeySet::new(Some(copy(&keys[0])), vec![keys[1].public().clone()]);
    let (token, claims) = issuer().mint(&set, grant(), NOW_S, 300).unwrap();
    Home { keys, token, claims, verifier: Verifier::new(issuer(), Arc::new(set), capacity) }
}

#[test]
fn no_bad_token_is_accepted_and_the_good_one_is() {
    let home = home(100);
    let [signing, other] = &home.keys;
    let bad = bad_tokens(&Target { signing, other, claims: &home.claims, now_s: NOW_S });
    let labels: HashSet<_> = bad.iter().map(|(label, _)| label).collect();
    let tokens: HashSet<_> = bad.iter().map(|(_, token)| token).collect();
    assert!(bad.len() >= 500, "only {} bad tokens", bad.len());
    assert_eq!((labels.len(), tokens.len()), (bad.len(), bad.len()), "each has to differ");
    assert!(!tokens.contains(&home.token));
    // Before the good token is remembered, after it, and again after the bad ones were tried.
    for round in 0..2 {
        for (label, token) in &bad {
            let answer = home.verifier.verify(token, NOW_S);
            let rejected = answer.expect_err(label);
            assert_eq!(rejected.to_string(), "the access token is not valid", "{label}");
        }
        assert_eq!(home.verifier.remembered(), round);
        assert_eq!(*home.verifier.verify(&home.token, NOW_S).unwrap(), home.claims);
    }
    let fitting = tokens.iter().filter(|token| fits_a_header(token)).count();
    println!("{} bad tokens tried, {fitting} of them fit for a header, 0 accepted", bad.len());
}

/// The forge itself is sound: what it builds without a fault is accepted, by either key.
#[test]
fn the_forge_can_make_good_tokens() {
    let home = home(100);
    for key in &home.keys {
        let header = json!({ "kid": key.kid(), "alg": "EdDSA", "typ": "at+jwt" });
        let body = with(&serde_json::to_value(&home.claims).unwrap(), "extra", r#"{"a":[1]}"#);
        let token = seal(key, &b64(header.to_string()), &b64(body));
        assert_eq!(*home.verifier.verify(&token, NOW_S).unwrap(), home.claims);
    }
}

#[test]
fn a_token_is_good_from_its_first_second_to_its_last() {
    let home = home(100);
    for _ in 0..2 {
        for (now_s, good) in [
            (-1, false),
            (0, true),
            (299, true),
            (300, false),
            (i64::MAX - NOW_S, false),
            (-NOW_S + i64::MIN / 2, false),
        ] {
            assert_eq!(home.verifier.verify(&home.token, NOW_S + now_s).is_ok(), good, "{now_s}");
        }
    }
}

#[test]
fn a_remembered_token_still_expires() {
    let home = home(100);
    assert!(home.verifier.verify(&home.token, NOW_S).is_ok());
    assert_eq!(home.verifier.remembered(), 1);
    assert!(home.verifier.verify(&home.token, NOW_S + 300).is_err());
    assert_eq!(home.verifier.remembered(), 0);
    assert!(home.verifier.verify(&home.token, NOW_S).is_ok());
    assert!(home.verifier.verify(&home.token, NOW_S - 1).is_err(), "the clock was set back");
}

#[test]
fn rotation_keeps_old_tokens_until_their_key_is_retired() {
    let home = home(100);
    let [old, new] = &home.keys;
    assert!(home.verifier.verify(&home.token, NOW_S).is_ok());
    home.verifier.replace_keys(Arc::new(KeySet::new(Some(copy(new)), vec![old.public().clone()])));
    assert_eq!(home.verifier.remembered(), 0);
    assert!(home.verifier.verify(&home.token, NOW_S).is_ok());
    let (fresh, _) = issuer().mint(&home.verifier.keys(), grant(), NOW_S, 300).unwrap();
    home.verifier.replace_keys(Arc::new(KeySet::new(Some(copy(new)), vec![])));
    assert!(home.verifier.verify(&home.token, NOW_S).is_err());
    assert!(home.verifier.verify(&fresh, NOW_S).is_ok());
}

/// Verifications under way while a key is retired may not bring its tokens back.
#[test]
fn a_retired_key_stays_retired_under_load() {
    let home = home(100);
    let [old, new] = &home.keys;
    let both = Arc::new(KeySet::new(Some(copy(new)), vec![old.public().clone()]));
    let one = Arc::new(KeySet::new(Some(copy(new)), vec![]));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let _ = home.verifier.verify(&home.token, NOW_S);
            }
        });
        // Counted and judged afterwards: a panic here would leave the load running for ever.
        let accepted = (0..2_000).filter(|_| {
            home.verifier.replace_keys(Arc::clone(&both));
            std::thread::yield_now();
            home.verifier.replace_keys(Arc::clone(&one));
            home.verifier.verify(&home.token, NOW_S).is_ok()
        });
        let accepted = accepted.count();
        done.store(true, Ordering::Relaxed);
        load.join().unwrap();
        assert_eq!(accepted, 0);
    });
}

#[test]
fn the_memory_is_bounded() {
    for capacity in [0, 1, 10, 64] {
        let home = home(capacity);
        for _ in 0..300 {
            let (token, _) = issuer().mint(&home.verifier.keys(), grant(), NOW_S, 300).unwrap();
            assert!(home.verifier.verify(&token, NOW_S).is_ok());
            assert!(home.verifier.remembered() <= capacity, "{capacity}");
        }
    }
}

#[test]
fn nothing_is_minted_that_would_be_refused() {
    let home = home(100);
    let keys = home.verifier.keys();
    for (now_s, ttl_s, good) in [
        (NOW_S, 1, true),
        (NOW_S, MAX_LIFETIME_S, true),
        (NOW_S, 0, false),
        (NOW_S, -1, false),
        (NOW_S, MAX_LIFETIME_S + 1, false),
        (i64::MAX, 1, false),
        (-1, 60, false),
    ] {
        let minted = issuer().mint(&keys, grant(), now_s, ttl_s);
        assert_eq!(minted.is_ok(), good, "{now_s} {ttl_s}");
        assert!(!good || home.verifier.verify(&minted.unwrap().0, now_s).is_ok());
    }
    for sub in ["", "a b", "é", &"a".repeat(97)] {
        let odd = Grant { sub: sub.into(), ..grant() };
        assert_eq!(issuer().mint(&keys, odd, NOW_S, 60).err(), Some(MintError::OutOfBounds));
    }
    let long = Issuer { url: "x".repeat(4096), ..issuer() };
    assert_eq!(long.mint(&keys, grant(), NOW_S, 60).err(), Some(MintError::OutOfBounds));
    assert_eq!(
        issuer().mint(&KeySet::default(), grant(), NOW_S, 60).err(),
        Some(MintError::NoSigningKey)
    );
}

#[test]
fn keys_have_the_thumbprint_of_rfc_8037_and_publish_nothing_private() {
    let x = BASE64URL_NOPAD.decode(b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    let known = PublicKey::new(x.try_into().unwrap());
    assert_eq!(known.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let key = SigningKey::generate().unwrap();
    assert_eq!(copy(&key).public(), key.public());
    assert_eq!(SigningKey::from_pkcs8(b"rubbish").err(), Some(KeyError));
    let seed = Ed25519KeyPair::from_pkcs8(&key.to_pkcs8()).unwrap().seed().unwrap();
    let seed = b64(seed.as_be_bytes().unwrap().as_ref());
    let keys = KeySet::new(Some(key), vec![known.clone(), known.clone()]);
    let jwks = keys.jwks();
    let published = jwks["keys"].as_array().unwrap();
    assert_eq!(published.len(), 2);
    for jwk in published {
        let names: BTreeSet<_> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x"]));
    }
    assert!(!format!("{jwks} {keys:?}").contains(&seed));
}

#[test]
fn scopes_read_back_as_written_and_stay_with_their_holders() {
    for scope in Scope::ALL {
        assert_eq!(Scope::parse(scope.as_str()), Some(*scope));
        assert!(!scope.meaning().is_empty());
    }
    let all = Scope::ALL.iter().copied().collect::<ScopeSet>();
    assert_eq!(ScopeSet::parse(&all.to_string()), all);
    assert_eq!(
        ScopeSet::parse(" notes:sign  x:y NOTES:READ clients:read").to_string(),
        "clients:read notes:sign"
    );
    assert_eq!(<(ClientsRead, CouplesRead)>::ANY_OF, [Scope::ClientsRead, Scope::CouplesRead]);
    assert_eq!(NotesSign::ANY_OF, [Scope::NotesSign]);
    let mut some = ScopeSet::parse("notes:sign");
    some.insert(Scope::ClientsRead);
    assert_eq!(some, ScopeSet::parse("clients:read").union(ScopeSet::parse("notes:sign")));
    assert_eq!(some.intersect(ScopeSet::of_holder(ActorKind::Service)).to_string(), "clients:read");
    assert!(!some.is_empty() && ScopeSet::default().is_empty());
    let client = "profile:read profile:write couple:read homework:own homework:submit \
        homework:sensitive homework:safety";
    assert_eq!(ScopeSet::of_holder(ActorKind::Client).to_string(), client);
    let only = |scope: Scope| scope.holders().to_vec();
    assert_eq!(only(Scope::AlertsRead), [ActorKind::Clinician]);
    assert_eq!(only(Scope::AlertsWrite), [ActorKind::Clinician]);
    assert_eq!(only(Scope::PracticeAdmin), [ActorKind::Admin, ActorKind::Service]);
    assert_eq!(only(Scope::NotesSign), [ActorKind::Admin, ActorKind::Clinician]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_one_character_changed_is_refused(
        place in any::<prop::sample::Index>(),
        to in any::<char>(),
        ascii in 0x20_u8..0x7f,
        plain in any::<bool>(),
        what in 0..3_u8,
    ) {
        let home = HOME.get_or_init(|| home(100));
        let mut letters: Vec<char> = home.token.chars().collect();
        let place = place.index(letters.len());
        let to = if plain { char::from(ascii) } else { to };
        match what {
            0 => { letters.remove(place); }
            1 => letters.insert(place, to),
            _ => { prop_assume!(letters[place] != to); letters[place] = to; }
        }
        let changed: String = letters.into_iter().collect();
        prop_assert!(home.verifier.verify(&changed, NOW_S).is_err());
    }
}

static HOME: OnceLock<Home> = OnceLock::new();
