//! The committed document.

use serde_json::Value;

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(
        committed == attune::app::document(),
        "openapi/openapi.json is not the document of this binary. After review: \
         cargo run -- openapi > openapi/openapi.json"
    );
}
