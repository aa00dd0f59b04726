//! Tokens whose claims are of a wrong type, value or time, or named twice.

use attune::auth::token::{Claims, MAX_LIFETIME_S};
use serde_json::json;

use super::forge::{BROKEN_OBJECTS, Forge, cook, doubled, escaped, spoil, without};

pub(super) fn claim_types(forge: &mut Forge<'_>) {
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

pub(super) fn claim_values(forge: &mut Forge<'_>) {
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

pub(super) fn times(forge: &mut Forge<'_>) {
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

pub(super) fn doubles(forge: &mut Forge<'_>) {
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
