//! Whatever leaves the service and is no answer to who may read it.

use std::collections::BTreeMap;
use std::fmt;

use super::canaries::forms;
use super::places::Sent;

/// Looks for canaries, and for the tokens that the requests carried.
///
/// A place more, as the metrics, is one line: `watched.look("metrics", "GET /metrics", &text)`.
pub struct Watched {
    forms: Vec<String>,
    bytes: BTreeMap<&'static str, usize>,
    found: Vec<String>,
}

impl Watched {
    pub fn for_these(sent: &[Sent]) -> Self {
        let mut forms = forms();
        let headers = sent.iter().flat_map(|sent| &sent.headers);
        let tokens = headers.filter(|(name, _)| name == "authorization");
        // The signature alone makes a token a secret.
        forms.extend(
            tokens.filter_map(|(_, value)| value.rsplit_once('.')).map(|(_, one)| one.to_owned()),
        );
        forms.retain(|form| form.len() >= 8);
        forms.sort();
        forms.dedup();
        Self { forms, bytes: BTreeMap::new(), found: Vec::new() }
    }

    /// Looks at what some place held, which came of `what`.
    pub fn look(&mut self, place: &'static str, what: &str, bytes: &[u8]) {
        *self.bytes.entry(place).or_default() += bytes.len();
        let text = String::from_utf8_lossy(bytes);
        for form in &self.forms {
            if let Some(at) = text.find(form.as_str()) {
                let begin = text.floor_char_boundary(at.saturating_sub(200));
                let end = text.floor_char_boundary((at + 80).min(text.len()));
                self.found.push(format!("{place}, {what}: …{}…", &text[begin..end]));
            }
        }
    }

    #[track_caller]
    pub fn found_nothing(&self) {
        assert!(self.bytes.values().all(|count| *count > 0) && !self.bytes.is_empty());
        let some = self.found.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.found.is_empty(), "{} found, as\n{some}", self.found.len());
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.iter().map(|(place, count)| format!("{count} bytes of {place}"));
        f.write_str(&bytes.collect::<Vec<_>>().join(", "))
    }
}
