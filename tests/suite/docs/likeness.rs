//! What a page says that is printed, and what was printed: alike but for what `…` leaves open.

use serde_json::Value;

const REST: &str = "…";

/// JSON in which a bare `…` stands for further members or entries.
pub(super) fn read_abridged(text: &str) -> serde_json::Result<Value> {
    let (mut plain, mut in_string, mut escaped) = (String::new(), false, false);
    for (at, letter) in text.char_indices() {
        if letter != '…' || in_string {
            in_string ^= letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            plain.push(letter);
            continue;
        }
        let after = text[at..].trim_start_matches(['…', ',']).trim_start();
        if !plain.trim_end().ends_with([',', '{', '[']) {
            plain.push(',');
        }
        plain.push_str(if after.starts_with('}') { "\"…\": \"…\"" } else { "\"…\"" });
    }
    serde_json::from_str(&plain)
}

/// True when `out` is what was said, but for what `…` leaves open.
pub(super) fn is_like(said: &Value, out: &Value) -> bool {
    match (said, out) {
        (Value::String(said), _) if said == REST => true,
        (Value::String(said), Value::String(out)) => text_is_like(said, out),
        (Value::Object(said), Value::Object(out)) => {
            let open = said.contains_key(REST);
            let members = || said.iter().filter(|(name, _)| *name != REST);
            (open || members().count() == out.len())
                && members().all(|(name, said)| out.get(name).is_some_and(|out| is_like(said, out)))
        }
        (Value::Array(said), Value::Array(out)) => {
            let (entries, open) = match said.split_last() {
                Some((last, entries)) if last == REST => (entries, true),
                _ => (said.as_slice(), false),
            };
            (open || entries.len() == out.len())
                && entries.len() <= out.len()
                && entries.iter().zip(out).all(|(said, out)| is_like(said, out))
        }
        _ => said == out,
    }
}

/// `…` inside a text stands for any text.
fn text_is_like(said: &str, out: &str) -> bool {
    let parts: Vec<&str> = said.split(REST).collect();
    let [first, middle @ .., last] = parts.as_slice() else { return said == out };
    let Some(mut rest) = out.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    middle.iter().all(|part| {
        let found = rest.split_once(*part);
        rest = found.map_or("", |(_, after)| after);
        found.is_some()
    })
}

/// Every line that is said is printed, in this order; others may lie between.
pub(super) fn lines_are_like(said: &str, out: &str) -> bool {
    let mut printed = out.lines();
    let mut said = said.lines().map(str::trim).filter(|line| !line.is_empty() && *line != REST);
    said.all(|line| printed.any(|printed| text_is_like(line, printed.trim())))
}

#[test]
fn what_is_left_out_is_left_out_and_nothing_else() {
    let out = serde_json::json!({ "a": 1, "b": [1, 2], "c": "cli_01xyz" });
    let like = |text| is_like(&read_abridged(text).unwrap(), &out);
    assert!(like(r#"{ "a": 1, … }"#));
    assert!(like(r#"{ "a": 1, "b": [1, …], "c": "cli_…" }"#));
    assert!(like("{ … }"));
    assert!(!like(r#"{ "a": 1 }"#));
    assert!(!like(r#"{ "a": 2, … }"#));
    assert!(!like(r#"{ "b": [2, …], … }"#));
    assert!(!like(r#"{ "c": "cpl_…", … }"#));
    assert!(text_is_like("etag: \"…\"", "etag: \"abc\""));
    assert!(!text_is_like("HTTP/1.1 200", "HTTP/1.1 2001"));
    assert!(!text_is_like("a…b", "a-b-c"));
}
