//! Cursors: none opens but one that was given out, for its own list.

use attune::db::Instant;
use attune::error::Code;
use attune::http::Cursors;
use attune::http::page::Position;
use uuid::Uuid;

use super::{hunt, spoil};

#[test]
fn no_spoiled_cursor_opens() {
    let cursors = Cursors::new(&[7; 32]);
    let seal = |list: &str, number: u8| {
        let micros = 1_790_000_000_000_000 + i64::from(number);
        let position =
            Position { at: Instant::from_micros(micros), id: Uuid::from_u128(number.into()) };
        (cursors.seal(list, position).unwrap().into_bytes(), position)
    };
    let given: Vec<_> = (0..3).map(|number| seal("clients", number)).collect();
    let mut seeds: Vec<Vec<u8>> = given.iter().map(|(cursor, _)| cursor.clone()).collect();
    seeds.push(seal("couples", 9).0);
    hunt(
        "cursor",
        12_000,
        |chance| {
            if chance.below(50) == 0 {
                return given[chance.below(given.len())].0.clone();
            }
            spoil::bytes(chance, &seeds, &["=", "==", "+", "/", "-", "_", "A", "\r\n"])
        },
        |input| {
            let Ok(text) = std::str::from_utf8(input) else { return false };
            let known = given.iter().find(|(cursor, _)| cursor == input);
            match cursors.open("clients", text) {
                Ok(position) => assert_eq!(Some(position), known.map(|(_, position)| *position)),
                Err(error) => {
                    assert!(known.is_none(), "one that was given out does not open");
                    assert_eq!(
                        (error.code(), error.code().status().as_u16()),
                        (Code::InvalidCursor, 400)
                    );
                }
            }
            known.is_some()
        },
    );
}
