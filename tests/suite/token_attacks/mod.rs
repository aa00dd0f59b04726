//! Forged, broken and stale access tokens, each wrong in one way, and the proof that none is taken.
//!
//! [`bad_tokens`] only needs a key of the service under attack, so that the same list can be sent
//! to a running API and the answers compared. Nearly all of them carry a true signature: what is
//! tried here are the rules behind it.

mod claims;
mod forge;
mod header;
mod shape;

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use attune::auth::keys::{KeyError, KeySet, PublicKey, SigningKey};
use attune::auth::scopes::{
    ActorKind, ClientsRead, CouplesRead, Needs, NotesSign, Scope, ScopeSet,
};
use attune::auth::token::{Claims, Grant, Issuer, MAX_LIFETIME_S, MintError, Verifier};
use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::Ed25519KeyPair;
use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use serde_json::json;

pub use forge::{Target, bad_tokens, fits_a_header};
use forge::{b64, seal, with};

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
