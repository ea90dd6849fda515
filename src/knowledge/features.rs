//! Which cargo features of `wasmtime` are on without being asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::version::Line;

/// Features that some lines have on by default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    since: Option<Line>,
    until: Option<Line>,
    features: Vec<String>,
}

/// What `knowledge/features.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Features {
    by_siblings: Vec<String>,
    #[serde(default)]
    default: Vec<Defaults>,
    #[serde(default)]
    implies: BTreeMap<String, Vec<String>>,
}

impl Features {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Whether another crate of the family may turn the feature on.
    #[must_use]
    pub fn on_by_siblings(&self, feature: &str) -> bool {
        self.by_siblings.iter().any(|other| other == feature)
    }

    /// Everything that is on in a line, given what is asked for and whether the defaults are.
    #[must_use]
    pub fn closure<'a>(
        &'a self,
        line: Line,
        asked: impl IntoIterator<Item = &'a str>,
        defaults: bool,
    ) -> BTreeSet<&'a str> {
        let mut todo: Vec<&str> = asked.into_iter().collect();
        let defaults = self.default.iter().filter(|_| defaults);
        for entry in defaults {
            let holds = entry.since.is_none_or(|since| since <= line)
                && entry.until.is_none_or(|until| line <= until);
            if holds {
                todo.extend(entry.features.iter().map(String::as_str));
            }
        }
        let mut on = BTreeSet::new();
        while let Some(feature) = todo.pop() {
            if on.insert(feature) {
                let more = self.implies.get(feature).into_iter().flatten();
                todo.extend(more.map(String::as_str));
            }
        }
        on
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::file;

    #[test]
    fn defaults_come_and_go_with_lines_and_bring_others_along() {
        let features = Features::parse(file("features.toml").unwrap()).unwrap();
        let on = |line, asked: &'static [&'static str], defaults| {
            features.closure(Line(line), asked.iter().copied(), defaults)
        };
        assert!(on(28, &[], true).contains("signals-based-traps"));
        assert!(!on(30, &[], true).contains("signals-based-traps"));
        assert!(on(36, &[], true).contains("pooling-allocator"));
        assert!(!on(36, &["cranelift"], false).contains("pooling-allocator"));
        assert!(on(36, &["memory-protection-keys"], false).contains("runtime"));
    }
}
