//! Headers that the service reads by itself: idempotency keys, and the tags of conditional requests.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use attune::error::{Code, Place};
use attune::http::etag::{IfMatch, Tagger, already_held};
use attune::http::idempotency::Attempt;

use super::{hunt, spoil};

/// Up to three lines of one header, which the input parts by line ends; none when HTTP itself refuses one.
fn lines(name: &HeaderName, input: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n').take(3) {
        headers.append(name.clone(), HeaderValue::from_bytes(line).ok()?);
    }
    Some(headers)
}

#[test]
fn an_idempotency_key_is_visible_ascii_of_its_length_or_refused() {
    let name = HeaderName::from_static("idempotency-key");
    let seeds = [b"018f6d0e-key".to_vec(), b"a".to_vec(), vec![b'k'; 255], b"9f\xc3\xa9".to_vec()];
    hunt(
        "idempotency key",
        8_000,
        |chance| spoil::bytes(chance, &seeds, &["\n", "\t", " ", "é", "kkkkkkkk"]),
        |input| {
            let Some(headers) = lines(&name, input) else { return false };
            let fits = (1..=255).contains(&input.len()) && input.iter().all(u8::is_ascii_graphic);
            match Attempt::of(&headers, "usr_a", "POST /v1/clients", b"{}") {
                Ok(attempt) => assert!(fits && attempt.is_some()),
                Err(error) => {
                    assert!(!fits, "{error}");
                    assert_eq!(
                        (error.code(), error.code().status().as_u16()),
                        (Code::InvalidFields, 422)
                    );
                    assert_eq!(error.faults()[0].place, Place::Header);
                }
            }
            fits
        },
    );
}

#[test]
fn a_list_of_tags_holds_the_tags_that_stand_in_it_and_no_others() {
    let tag = Tagger::new(&[7; 32]).tag(b"{}");
    let bytes = |text: String| text.into_bytes();
    let seeds = [
        bytes(tag.clone()),
        bytes(format!("\"x\", {tag}")),
        bytes(format!("W/{tag}")),
        bytes("*".to_owned()),
        bytes(format!("{tag},\"y\"\n{tag}")),
    ];
    hunt(
        "tags",
        8_000,
        |chance| spoil::bytes(chance, &seeds, &["\"", ",", "W/", "*", " ", "\t", "\n"]),
        |input| {
            let Some(headers) = lines(&IF_MATCH, input) else { return false };
            let texts = || headers.get_all(IF_MATCH).filter_map(|line| line.to_str().ok());
            let entries = || texts().flat_map(|line| line.split(',')).map(str::trim);
            let stands = entries().any(|one| one == tag || one == "*");
            let matches = IfMatch::if_sent(&headers).is_some_and(|sent| sent.check(&tag).is_ok());
            assert_eq!(matches, stands, "If-Match");
            let held =
                lines(&IF_NONE_MATCH, input).is_some_and(|headers| already_held(&headers, &tag));
            let weak = format!("W/{tag}");
            assert_eq!(held, stands || entries().any(|one| one == weak), "If-None-Match");
            matches
        },
    );
}
