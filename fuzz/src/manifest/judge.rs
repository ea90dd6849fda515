//! A manifest as the `toml` crate reads it, taken apart into what an upgrade may change and what it
//! may not.

use semver::{Version, VersionReq};
use toml::{Table, Value};
use wasmtime_upgrade::knowledge::features::FeatureFate;
use wasmtime_upgrade::knowledge::{FamilyCrate, Knowledge};
use wasmtime_upgrade::version::FamilyVersion;

/// The tables of a package, in every spelling.
const TABLES: [&str; 5] = [
    "dependencies",
    "dev-dependencies",
    "dev_dependencies",
    "build-dependencies",
    "build_dependencies",
];

/// What a manifest says.
pub struct Reading {
    /// The requirements on the family, in the order of their tables and keys.
    entries: Vec<Entry>,
    /// The lists of `[features]`.
    lists: Vec<Vec<Value>>,
    /// All else.
    rest: Table,
}

/// One dependency on a crate of the family.
struct Entry {
    package: String,
    /// Whether another entry decides on crate and version.
    is_inherited: bool,
    version: Option<String>,
    features: Vec<Value>,
}

impl Reading {
    /// Reads a manifest that is known to be TOML.
    pub fn of(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let rest = toml::from_str(text);
        let rest: Table = rest.unwrap_or_else(|error| panic!("no longer TOML: {error}\n{text}"));
        let mut reading = Self {
            entries: Vec::new(),
            lists: Vec::new(),
            rest,
        };
        let mut root = std::mem::take(&mut reading.rest);
        let inherited = root.get("workspace").and_then(|it| it.get("dependencies"));
        let inherited = inherited.and_then(Value::as_table).cloned();
        let inherited = inherited.unwrap_or_default();
        reading.package_tables(&mut root, &inherited);
        if let Some(Value::Table(targets)) = root.get_mut("target") {
            for (_, target) in targets.iter_mut() {
                if let Value::Table(target) = target {
                    reading.package_tables(target, &inherited);
                }
            }
        }
        if let Some(Value::Table(workspace)) = root.get_mut("workspace") {
            if let Some(Value::Table(table)) = workspace.get_mut("dependencies") {
                reading.dependencies(table, &inherited);
            }
        }
        if let Some(Value::Table(features)) = root.get_mut("features") {
            for (_, list) in features.iter_mut() {
                if let Value::Array(list) = list {
                    reading.lists.push(std::mem::take(list));
                }
            }
        }
        reading.rest = root;
        reading
    }

    fn package_tables(&mut self, table: &mut Table, inherited: &Table) {
        for name in TABLES {
            if let Some(Value::Table(table)) = table.get_mut(name) {
                self.dependencies(table, inherited);
            }
        }
    }

    /// Takes what may change out of the entries of one table.
    fn dependencies(&mut self, table: &mut Table, inherited: &Table) {
        for (key, value) in table.iter_mut() {
            let own = package_of(key, value);
            let is_inherited = value.get("workspace").and_then(Value::as_bool) == Some(true);
            let entry = inherited.get(key).filter(|_| is_inherited);
            let package = entry.map_or(own, |entry| package_of(key, entry));
            if Knowledge::embedded().family.get(&package).is_none() {
                continue;
            }
            if !value.is_str() && !value.is_table() {
                continue;
            }
            let mut found = Entry {
                package,
                is_inherited,
                version: None,
                features: Vec::new(),
            };
            match value {
                Value::String(version) => {
                    found.version = Some(std::mem::take(version));
                    // The entry may become a table.
                    *value = Value::Table(Table::new());
                }
                Value::Table(table) => {
                    if let Some(Value::String(version)) = table.remove("version") {
                        found.version = Some(version);
                    }
                    if table.get("package").is_some_and(Value::is_str) {
                        table.remove("package");
                    }
                    if let Some(Value::Array(features)) = table.get_mut("features") {
                        found.features = std::mem::take(features);
                    }
                }
                _ => {}
            }
            self.entries.push(found);
        }
    }

    /// Compares with the manifest after a move to `target`.
    pub fn assert_moved(&self, after: &Self, target: &FamilyVersion, pinned: bool) {
        assert_eq!(self.rest, after.rest);
        assert_eq!(self.entries.len(), after.entries.len());
        for (was, is) in self.entries.iter().zip(&after.entries) {
            was.assert_moved(is, target, pinned);
        }
        assert_eq!(self.lists.len(), after.lists.len());
        for (was, is) in self.lists.iter().zip(&after.lists) {
            assert_only_other_crates_features_differ(was, is);
        }
    }
}

fn package_of(key: &str, value: &Value) -> String {
    let package = value.get("package").and_then(Value::as_str);
    package.unwrap_or(key).to_owned()
}

impl Entry {
    fn assert_moved(&self, after: &Self, target: &FamilyVersion, pinned: bool) {
        let family = &Knowledge::embedded().family;
        let Some(successor) = family.successor_in(&self.package, target.line()) else {
            assert!(self.is_inherited && after.is_inherited);
            assert_eq!(self.features, after.features);
            return;
        };
        assert!(self.is_inherited || successor.name == after.package);
        assert_eq!(expected_features(self, successor, target), after.features);
        match (&self.version, &after.version) {
            (None, None) => {}
            (Some(was), Some(is)) if self.is_inherited => assert_eq!(was, is),
            (Some(was), Some(is)) => {
                let version = successor.numbering.version_at(target).0;
                if pinned {
                    assert_eq!(*is, format!("={version}"));
                } else {
                    assert_same_style(was, is, &version);
                }
            }
            (was, is) => panic!("{was:?} became {is:?}"),
        }
    }
}

/// What is left of a feature list in the target's line.
fn expected_features(entry: &Entry, member: &FamilyCrate, target: &FamilyVersion) -> Vec<Value> {
    let features = &Knowledge::embedded().features;
    let is_there = |name: &str| entry.features.iter().any(|it| it.as_str() == Some(name));
    let moved = entry.features.iter().filter_map(|value| {
        let Some(feature) = value.as_str() else {
            return Some(value.clone());
        };
        match features.fate(&member.name, feature, target.line()) {
            FeatureFate::Stays => Some(value.clone()),
            FeatureFate::Renamed(name) if is_there(name) => None,
            FeatureFate::Renamed(name) => Some(Value::String(name.to_owned())),
            FeatureFate::Gone { .. } => None,
        }
    });
    moved.collect()
}

/// The requirement admits the target and is written with the same operators.
fn assert_same_style(was: &str, is: &str, version: &Version) {
    let read = |text: &str| VersionReq::parse(text).unwrap_or_else(|e| panic!("`{text}`: {e}"));
    let (before, after) = (read(was), read(is));
    assert!(
        after.matches(version),
        "`{was}` became `{is}`, not {version}"
    );
    assert_eq!(before.comparators.len(), after.comparators.len());
    for (was, is) in before.comparators.iter().zip(&after.comparators) {
        assert_eq!(was.op, is.op);
    }
}

/// What a package's own features turn on changes only behind a `/`, or goes.
fn assert_only_other_crates_features_differ(was: &[Value], is: &[Value]) {
    let prefix = |value: &Value| {
        let text = value.as_str()?;
        text.rfind('/').map(|slash| text[..slash].to_owned())
    };
    let mut rest = is.iter().peekable();
    for old in was {
        if rest.next_if_eq(&old).is_some() {
            continue;
        }
        let key = prefix(old);
        assert!(key.is_some(), "{old:?} went: {is:?}");
        rest.next_if(|new| prefix(new) == key && !was.contains(new));
    }
    assert_eq!(rest.next(), None);
}
