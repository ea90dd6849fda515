//! What a release changes in the tables of the knowledge base: options, features, crates, the line
//! itself. Lines to put in by hand, where the tables do not say so yet.

use std::collections::BTreeSet;

use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::knowledge::features::FeatureFate;
use wasmtime_upgrade::version::{FamilyVersion, Line};

use super::options::Options;
use super::source::Sources;

/// One row for a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The file that it belongs into.
    pub file: &'static str,
    /// What is different, in a sentence.
    pub says: String,
    /// The text to put in; empty where nothing can be written.
    pub text: String,
    /// Whether the table says so already.
    pub known: bool,
}

/// Two releases of the family.
pub struct Pair<'a> {
    /// The release before, and its number.
    pub old: (&'a FamilyVersion, &'a Sources),
    /// The release.
    pub new: (&'a FamilyVersion, &'a Sources),
}

impl Pair<'_> {
    fn line(&self) -> Line {
        self.new.0.line()
    }

    fn before(&self) -> Line {
        self.old.0.line()
    }

    /// Options of `bindgen!` that came and went.
    pub fn options(&self, knowledge: &Knowledge, old: &Options, new: &Options) -> Vec<Row> {
        let (line, before) = (self.line(), self.before());
        let came = new.options.difference(&old.options).map(|name| Row {
            file: "bindgen-options.toml",
            says: format!("`bindgen!` takes `{name}` from {line} on"),
            text: format!("[[option]]\nname = \"{name}\"\nsince = {line}\n"),
            known: knowledge.grammar.accepts(name, line)
                && !knowledge.grammar.accepts(name, before),
        });
        let went = old.options.difference(&new.options).map(|name| Row {
            file: "bindgen-options.toml",
            says: format!("`bindgen!` takes `{name}` up to {before}"),
            text: format!("[[option]]\nname = \"{name}\"\nuntil = {before}\n"),
            known: !knowledge.grammar.accepts(name, line),
        });
        let mut rows: Vec<Row> = came.chain(went).collect();
        let words = old.words.symmetric_difference(&new.words);
        rows.extend(words.map(|word| {
            let came = new.words.contains(word);
            Row {
                file: "migrations",
                says: match came {
                    true => format!("`bindgen!` knows the flag or value `{word}` from {line} on"),
                    false => format!("`bindgen!` knows the flag or value `{word}` up to {before}"),
                },
                text: String::new(),
                known: false,
            }
        }));
        rows
    }

    /// Features of the family's crates that came and went, and what is on by default.
    pub fn features(&self, knowledge: &Knowledge) -> Vec<Row> {
        let mut rows = Vec::new();
        for (package, new) in &self.new.1.crates {
            let internal = package.contains("-internal-");
            if internal || knowledge.family.get(package).is_none() {
                continue;
            }
            let Some(old) = self.old.1.crates.get(package) else {
                continue;
            };
            let names = |features: &std::collections::BTreeMap<String, Vec<String>>| {
                features.keys().cloned().collect::<BTreeSet<_>>()
            };
            let (had, has) = (names(&old.features), names(&new.features));
            for name in has.difference(&had) {
                rows.push(self.feature(knowledge, package, name, true));
            }
            for name in had.difference(&has) {
                rows.push(self.feature(knowledge, package, name, false));
            }
            let on = |features: &std::collections::BTreeMap<String, Vec<String>>| {
                let default = features.get("default").cloned().unwrap_or_default();
                let ours = default
                    .into_iter()
                    .filter(|name| !name.contains(['/', ':']));
                ours.collect::<BTreeSet<_>>()
            };
            let (was, is) = (on(&old.features), on(&new.features));
            for name in is.difference(&was) {
                rows.push(self.default(knowledge, package, name, true));
            }
            for name in was.difference(&is) {
                rows.push(self.default(knowledge, package, name, false));
            }
        }
        rows
    }

    fn feature(&self, knowledge: &Knowledge, package: &str, name: &str, came: bool) -> Row {
        let (line, before) = (self.line(), self.before());
        let fate = |line| knowledge.features.fate(package, name, line);
        let (in_new, in_old) = (fate(line), fate(before));
        let stays = |fate: &FeatureFate<'_>| matches!(fate, FeatureFate::Stays);
        Row {
            file: "features.toml",
            says: match came {
                true => format!("`{package}` has the feature `{name}` from {line} on"),
                false => format!("`{package}` has the feature `{name}` up to {before}"),
            },
            text: match came {
                true => format!("[available.{package}]\n{name} = {{ since = {line} }}\n"),
                false => format!("[available.{package}]\n{name} = {{ until = {before} }}\n"),
            },
            known: stays(&in_new) == came && stays(&in_old) != came,
        }
    }

    fn default(&self, knowledge: &Knowledge, package: &str, name: &str, on: bool) -> Row {
        let (line, before) = (self.line(), self.before());
        let is_on = |line| {
            let all = knowledge.features.closure(package, line, [], true);
            all.contains(name)
        };
        Row {
            file: "features.toml",
            says: match on {
                true => format!("`{package}` has `{name}` on by default from {line} on"),
                false => format!("`{package}` has `{name}` on by default up to {before}"),
            },
            text: match on {
                true => format!(
                    "[[default]]\ncrate = \"{package}\"\nsince = {line}\nfeatures = [\"{name}\"]\n"
                ),
                false => format!(
                    "[[default]]\ncrate = \"{package}\"\nuntil = {before}\nfeatures = [\"{name}\"]\n"
                ),
            },
            known: is_on(line) == on && is_on(before) != on,
        }
    }

    /// Crates of the family that came and went.
    pub fn crates(&self, knowledge: &Knowledge) -> Vec<Row> {
        let (line, before) = (self.line(), self.before());
        let gone = self
            .new
            .1
            .missing
            .iter()
            .filter(|name| !self.old.1.missing.contains(name));
        let mut rows: Vec<Row> = gone
            .map(|name| Row {
                file: "family.toml",
                says: format!("`{name}` is published up to {before}"),
                text: format!("[[crate]]\nname = \"{name}\"\nuntil = {before}\n"),
                known: knowledge
                    .family
                    .get(name)
                    .is_some_and(|found| !found.exists_in(line)),
            })
            .collect();
        let ours = |name: &str| {
            let starts = ["wasmtime", "cranelift", "pulley", "winch", "wiggle"];
            starts
                .iter()
                .any(|start| name == *start || name.starts_with(&format!("{start}-")))
        };
        for package in self.new.1.crates.keys() {
            if ours(package) && !self.old.1.crates.contains_key(package) {
                rows.push(Row {
                    file: "family.toml",
                    says: format!("`{package}` is published from {line} on"),
                    text: format!("[[crate]]\nname = \"{package}\"\nsince = {line}\n"),
                    known: knowledge.family.get(package).is_some(),
                });
            }
        }
        rows
    }

    /// The line itself: what Rust it needs, when it was published.
    pub fn release(&self, knowledge: &Knowledge, published: Option<&str>) -> Vec<Row> {
        let (line, release) = (self.line(), self.new.0);
        let rust = |sources: &Sources| {
            let found = sources.crates.get("wasmtime")?;
            found.rust_version.clone()
        };
        let mut rows = Vec::new();
        let (was, is) = (rust(self.old.1), rust(self.new.1));
        let is = is.unwrap_or_else(|| "<not said>".to_owned());
        let known = knowledge.releases.line(line);
        if was.as_deref() != Some(&is) {
            rows.push(Row {
                file: "releases.toml",
                says: format!("line {line} needs Rust {is}"),
                text: String::new(),
                known: known.is_some_and(|facts| Ok(&facts.rust_version) == is.parse().as_ref()),
            });
        }
        let wasm_tools = self.new.1.crates.get("wasmtime").and_then(|found| {
            let parser = found
                .dependencies
                .values()
                .find(|name| *name == "wasmparser")?;
            self.new.1.versions.get(parser)
        });
        let wasm_tools = wasm_tools.map_or("<of wasmparser>", String::as_str);
        let day = published.unwrap_or("<day>");
        rows.push(Row {
            file: "releases.toml",
            says: format!("{release} was published on {day}"),
            text: format!(
                "[[line]]\nnumber = {line}\nrust-version = \"{is}\"\nsupported-until = <two months on, or two years for a long-term line>\nwasm-tools = \"{wasm_tools}\"\nreleases = [\n    {{ version = \"{release}\", published = {day} }},\n]\n"
            ),
            known: knowledge.releases.get(release).is_some_and(|found| {
                published.is_none_or(|day| found.published.is_some_and(|known| known.to_string() == day))
            }),
        });
        rows
    }
}
