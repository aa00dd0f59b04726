//! What B sees of an answer: everything but the name of the request and the date.

use crate::support::Answer;

/// An answer as it is compared: its status, every header, and its body.
///
/// Three things cannot be equal in two answers and are left out: the date; the id of the request, in the
/// header and in a problem; and the random bits of a cursor, with the tag of the page that holds it. Of each
/// its length stays. The words of the header on sharing across origins stand in an order of each service's
/// own, and are put into one.
pub fn seen(answer: &Answer) -> String {
    let json = answer.json();
    let cursor = json["next_cursor"].as_str();
    let request = answer.header("x-request-id");
    let mut lines: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "date")
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = match name.as_str() {
                "x-request-id" => masked(&value),
                "etag" if cursor.is_some() => masked(&value),
                "link" => cursor
                    .map_or(value.to_string(), |cursor| value.replace(cursor, &masked(cursor))),
                "access-control-expose-headers" => sorted(&value),
                _ => value.into_owned(),
            };
            format!("{name}: {value}")
        })
        .collect();
    lines.sort();
    let mut body = String::from_utf8_lossy(&answer.body).into_owned();
    for hidden in
        [Some(request.as_str()), cursor].into_iter().flatten().filter(|text| !text.is_empty())
    {
        body = body.replace(hidden, &masked(hidden));
    }
    format!("{}\n{}\n\n{body}", answer.status, lines.join("\n"))
}

fn masked(text: &str) -> String {
    format!("<{} characters>", text.len())
}

fn sorted(value: &str) -> String {
    let mut words: Vec<&str> = value.split(',').map(str::trim).collect();
    words.sort_unstable();
    words.join(", ")
}

/// Where two answers begin to differ, with what is around it: in the body, where that differs, since a tag tells
/// nothing but that it does.
pub fn difference(one: &str, other: &str) -> String {
    let bodies = one.split_once("\n\n").zip(other.split_once("\n\n"));
    let (one, other) = match bodies {
        Some(((_, one), (_, other))) if one != other => (one, other),
        _ => (one, other),
    };
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let from = same.saturating_sub(120);
        String::from_utf8_lossy(&text.as_bytes()[from..text.len().min(same + 200)]).into_owned()
    };
    format!("without: …{}…\n      with: …{}…", around(one), around(other))
}
