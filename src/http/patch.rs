//! Absent, null and value told apart (RFC 7396).

use serde::{Deserialize, Deserializer};

/// A nullable member of a merge-patch body. Use with `#[serde(default)]`.
///
/// Members that cannot be cleared are a plain `Option` whose schema is not nullable, so
/// that `null` is refused before it gets here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The member was absent: leave it as it is.
    #[default]
    Keep,
    /// The member was `null`: clear it.
    Clear,
    /// The member had a value: set it.
    Set(T),
}

impl<T> Patch<T> {
    /// Changes a field in place; true when the field is another than before.
    pub fn apply(self, field: &mut Option<T>) -> bool
    where
        T: PartialEq,
    {
        let new = match self {
            Self::Keep => return false,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        };
        let changed = *field != new;
        *field = new;
        changed
    }

    /// The new value, if one was set.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

/// Changes a field that cannot be null; true when the field is another than before.
pub fn set<T: PartialEq>(field: &mut T, new: Option<T>) -> bool {
    match new {
        Some(value) if value != *field => {
            *field = value;
            true
        }
        _ => false,
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Probe {
        #[serde(default)]
        name: Patch<String>,
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let read = |json| serde_json::from_str::<Probe>(json).map(|probe| probe.name).unwrap();
        assert_eq!(read("{}"), Patch::Keep);
        assert_eq!(read(r#"{"name":null}"#), Patch::Clear);
        assert_eq!(read(r#"{"name":"Ada"}"#), Patch::Set("Ada".to_owned()));
    }
}
