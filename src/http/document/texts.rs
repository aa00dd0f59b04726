//! Words: doc comments as readers of the document want them, and names in its style.

/// A doc comment as readers of the document want it: without line breaks inside a paragraph,
/// and without the sources in brackets that are for readers of the code.
pub(super) fn public_text(comment: &str) -> String {
    let paragraphs = comment.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    let mut text = paragraphs.collect::<Vec<_>>().join("\n\n");
    for source in [" (`seed:", " (`domain` "] {
        while let Some(start) = text.find(source) {
            let length =
                text.get(start..).and_then(|rest| rest.find(')')).map_or(text.len(), |end| end + 1);
            text.replace_range(start..(start + length).min(text.len()), "");
        }
    }
    text
}

/// `list_clients` as `listClients`.
pub(super) fn camel_case(snake: &str) -> String {
    let pascal = pascal_case(snake);
    let mut letters = pascal.chars();
    letters
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

/// `client_id` as `ClientId`.
pub(super) fn pascal_case(snake: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    snake.split('_').map(capitalised).collect()
}
