//! Cargo features of the family: which are on without being asked for, and which lines have which.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::form::Form;
use crate::version::Line;

/// The crate that features are spoken of when no other is named.
const ENGINE: &str = "wasmtime";

/// Features that some lines have on by default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    /// `wasmtime` when it is not said.
    #[serde(rename = "crate")]
    package: Option<String>,
    since: Option<Line>,
    until: Option<Line>,
    features: Vec<String>,
}

impl Defaults {
    fn speaks_of(&self, package: &str) -> bool {
        self.package.as_deref().unwrap_or(ENGINE) == package
    }
}

/// What another crate of the family turns on in `wasmtime`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brings {
    /// The other crate.
    #[serde(rename = "crate")]
    pub package: String,
    since: Option<Line>,
    until: Option<Line>,
    /// The feature of the other crate on which it depends; none when its presence is enough.
    pub with: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    /// Whether it hands features of its own through, so that any may be on.
    #[serde(default)]
    pub anything: bool,
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
    #[serde(default)]
    default: Vec<Defaults>,
    #[serde(default)]
    brings: Vec<Brings>,
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
    pub fn parse<'t>(text: impl Into<Form<'t>>) -> Result<Self, String> {
        text.into().read()
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

    /// Whether it is known which features of a crate are on by default.
    #[must_use]
    pub fn knows_defaults_of(&self, package: &str) -> bool {
        self.default.iter().any(|entry| entry.speaks_of(package))
    }

    /// Everything that other crates of the family may do to `feature` of `wasmtime` in a line.
    pub fn bringers<'a>(
        &'a self,
        line: Line,
        feature: &'a str,
    ) -> impl Iterator<Item = &'a Brings> {
        self.brings.iter().filter(move |brings| {
            let lines = Lines {
                since: brings.since,
                until: brings.until,
            };
            let closure = || {
                let features = brings.features.iter().map(String::as_str);
                self.closure(ENGINE, line, features, false)
            };
            lines.contains(line) && (brings.anything || closure().contains(feature))
        })
    }

    /// Everything that is on in a crate in a line, given what is asked for and whether the defaults
    /// are. A feature `default` that is asked for stands for the defaults.
    #[must_use]
    pub fn closure<'a>(
        &'a self,
        package: &str,
        line: Line,
        asked: impl IntoIterator<Item = &'a str>,
        defaults: bool,
    ) -> BTreeSet<&'a str> {
        let mut todo: Vec<&str> = asked.into_iter().collect();
        if defaults || todo.contains(&"default") {
            let entries = self.default.iter().filter(|entry| entry.speaks_of(package));
            for entry in entries {
                let lines = Lines {
                    since: entry.since,
                    until: entry.until,
                };
                if lines.contains(line) {
                    todo.extend(entry.features.iter().map(String::as_str));
                }
            }
        }
        let mut on = BTreeSet::new();
        while let Some(feature) = todo.pop() {
            if on.insert(feature) && package == ENGINE {
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
            features.closure(ENGINE, Line(line), asked.iter().copied(), defaults)
        };
        assert!(on(28, &[], true).contains("signals-based-traps"));
        assert!(!on(30, &[], true).contains("signals-based-traps"));
        assert!(on(36, &[], true).contains("pooling-allocator"));
        assert!(!on(36, &["cranelift"], false).contains("pooling-allocator"));
        assert!(on(36, &["memory-protection-keys"], false).contains("runtime"));
        assert!(on(36, &["default"], false).contains("threads"));
    }

    #[test]
    fn the_defaults_of_other_crates_are_their_own() {
        let features = Features::parse(file("features.toml").unwrap()).unwrap();
        let on = |package, line| features.closure(package, Line(line), [], true);
        assert!(on("wasmtime-wasi-http", 47).contains("default-send-request"));
        assert!(!on("wasmtime-wasi-http", 47).contains("p3"));
        assert!(on("wasmtime-wasi-http", 49).contains("p3"));
        assert!(!on("wasmtime-wasi", 47).contains("threads"));
    }

    #[test]
    fn other_crates_turn_features_on_each_its_own() {
        let features = Features::parse(file("features.toml").unwrap()).unwrap();
        let by = |line, feature| -> Vec<String> {
            let bringers = features.bringers(Line(line), feature);
            bringers
                .filter(|brings| !brings.anything)
                .map(|brings| match &brings.with {
                    Some(with) => format!("{}/{with}", brings.package),
                    None => brings.package.clone(),
                })
                .collect()
        };
        assert!(by(36, "component-model").contains(&"wasmtime-wasi".to_owned()));
        assert!(!by(36, "component-model").contains(&"wasi-common/wasmtime".to_owned()));
        assert_eq!(
            by(38, "component-model-async"),
            ["wasmtime-wasi/p3", "wasmtime-wasi-http/p3"]
        );
        assert_eq!(by(38, "winch"), Vec::<String>::new());
    }
}
