//! Cargo features of the family: which are on without being asked for, and which lines have which.

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

/// The lines that have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    since: Option<Line>,
    until: Option<Line>,
}

impl Lines {
    fn contains(self, line: Line) -> bool {
        self.since.is_none_or(|since| since <= line) && self.until.is_none_or(|until| line <= until)
    }
}

/// A feature that lives on under another name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Renamed {
    #[serde(rename = "crate")]
    package: String,
    old: String,
    new: String,
}

/// What becomes of a feature that a manifest asks for, in some line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureFate<'a> {
    /// The line has it, or nothing is known of it.
    Stays,
    /// It has another name there.
    Renamed(&'a str),
    /// The line has nothing of the kind; the last and the first line that do, where they are known.
    Gone {
        /// The last line that has it, when the line asked for comes later.
        until: Option<Line>,
        /// The first line that has it, when the line asked for comes earlier.
        since: Option<Line>,
    },
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
    #[serde(default)]
    available: BTreeMap<String, BTreeMap<String, Lines>>,
    #[serde(default)]
    renamed: Vec<Renamed>,
}

impl Features {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// What becomes of `feature` of the crate `package` in `line`. A feature that is not known to
    /// come or go stays.
    #[must_use]
    pub fn fate(&self, package: &str, feature: &str, line: Line) -> FeatureFate<'_> {
        let lines = |feature: &str| self.available.get(package)?.get(feature).copied();
        let Some(own) = lines(feature).filter(|own| !own.contains(line)) else {
            return FeatureFate::Stays;
        };
        let names = self
            .renamed
            .iter()
            .filter(|renamed| renamed.package == package);
        let other = names
            .filter_map(|renamed| match feature {
                _ if feature == renamed.old => Some(&renamed.new),
                _ if feature == renamed.new => Some(&renamed.old),
                _ => None,
            })
            .find(|other| lines(other).is_none_or(|lines| lines.contains(line)));
        match other {
            Some(other) => FeatureFate::Renamed(other),
            None => FeatureFate::Gone {
                until: own.until.filter(|until| *until < line),
                since: own.since.filter(|since| line < *since),
            },
        }
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
    fn a_feature_stays_or_has_another_name_or_is_gone() {
        let features = Features::parse(file("features.toml").unwrap()).unwrap();
        let fate = |package, feature, line| features.fate(package, feature, Line(line));
        assert_eq!(fate("wasmtime", "cranelift", 48), FeatureFate::Stays);
        assert_eq!(fate("wasmtime", "of-the-future", 48), FeatureFate::Stays);
        assert_eq!(fate("wasmtime-wasi", "preview1", 36), FeatureFate::Stays);
        assert_eq!(
            fate("wasmtime-wasi", "preview1", 37),
            FeatureFate::Renamed("p1")
        );
        assert_eq!(
            fate("wasmtime-wasi", "p1", 36),
            FeatureFate::Renamed("preview1")
        );
        let gone = |until: Option<u64>, since: Option<u64>| FeatureFate::Gone {
            until: until.map(Line),
            since: since.map(Line),
        };
        assert_eq!(
            fate("wasmtime", "signals-based-traps", 30),
            gone(Some(29), None)
        );
        assert_eq!(fate("wasmtime", "anyhow", 36), gone(None, Some(42)));
    }

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
