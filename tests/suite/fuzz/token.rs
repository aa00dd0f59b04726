//! Access tokens: none is taken that was not minted, letter by letter.

use std::sync::Arc;

use attune::auth::keys::{KeySet, SigningKey};
use attune::auth::scopes::ScopeSet;
use attune::auth::token::{Grant, Issuer, Verifier};
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use super::{hunt, spoil};

const NOW_S: i64 = 1_800_000_000;

fn issuer(url: &str) -> Issuer {
    Issuer { url: url.to_owned(), audience: "attune".to_owned() }
}

fn minted(url: &str, keys: &KeySet, person: &str, now_s: i64) -> Vec<u8> {
    let grant = Grant {
        sub: format!("usr_{person}"),
        client_id: format!("usr_{person}"),
        practice_id: "prc_01jz0000000000000000000000".to_owned(),
        scope: ScopeSet::parse("clients:read notes:sign"),
        sv: 3,
    };
    issuer(url).mint(keys, grant, now_s, 600).unwrap().0.into_bytes()
}

#[test]
fn no_spoiled_token_is_taken() {
    const HOME: &str = "https://attune.example";
    let keys = KeySet::new(Some(SigningKey::generate().unwrap()), Vec::new());
    let others = KeySet::new(Some(SigningKey::generate().unwrap()), Vec::new());
    let good: Vec<Vec<u8>> =
        ["a", "b"].iter().map(|person| minted(HOME, &keys, person, NOW_S)).collect();
    // What must not be taken, and lends its parts.
    let header =
        BASE64URL_NOPAD.encode(json!({ "alg": "none", "typ": "at+jwt" }).to_string().as_bytes());
    let mut seeds = good.clone();
    seeds.push(minted(HOME, &others, "a", NOW_S));
    seeds.push(minted("https://other.example", &keys, "a", NOW_S));
    seeds.push(minted(HOME, &keys, "a", NOW_S - 700));
    seeds.push(format!("{header}.{}.", BASE64URL_NOPAD.encode(b"{}")).into_bytes());
    let verifier = Verifier::new(issuer(HOME), Arc::new(keys), 10);
    hunt(
        "token",
        8_000,
        |chance| {
            // One in fifty is left whole, so that the good ones are remembered in between.
            if chance.below(50) == 0 {
                return chance.pick(&good).cloned().unwrap();
            }
            spoil::bytes(
                chance,
                &seeds,
                &[".", "=", "-", "_", "+", "/", "A", "eyJ", "..", "Bearer "],
            )
        },
        |input| {
            let Ok(token) = std::str::from_utf8(input) else { return false };
            let taken = verifier.verify(token, NOW_S);
            assert_eq!(
                taken.is_ok(),
                good.iter().any(|one| one == input),
                "taken: {}",
                taken.is_ok()
            );
            taken.is_ok()
        },
    );
}
