//! Tokens that lie in their header: algorithm, members, key id.

use attune::auth::keys::{KeySet, SigningKey};
use aws_lc_rs::hmac;
use data_encoding::BASE64;
use serde_json::json;

use super::forge::{BROKEN_OBJECTS, Forge, b64, cook, escaped, seal, spoil, with, without};

pub(super) fn algorithms(forge: &mut Forge<'_>) {
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
pub(super) fn public_secrets(key: &SigningKey) -> Vec<(&'static str, Vec<u8>)> {
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
pub(super) fn headers(forge: &mut Forge<'_>) {
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
pub(super) fn key_ids(forge: &mut Forge<'_>) {
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
