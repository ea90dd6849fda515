//! Which crates are published together with Wasmtime, and how their numbers follow from its own.

use std::collections::BTreeMap;

use semver::Version;
use serde::Deserialize;

use crate::version::{CrateVersion, FamilyVersion, Line};

/// How a crate of the family is numbered, seen from Wasmtime's `X.0.Y`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbering {
    /// `X.0.Y`, the same number.
    #[default]
    Wasmtime,
    /// `0.(X+87).Y`, all cranelift crates.
    Cranelift,
    /// `0.(X-2).Y` up to line 25, then `X.0.Y`: winch-codegen.
    Winch,
    /// `0.0.Y` at 24, `0.1.Y` at 25, then `X.0.Y`: pulley-interpreter.
    Pulley,
}

impl Numbering {
    /// The crate's version that belongs to a release of Wasmtime.
    #[must_use]
    pub fn version_at(self, release: &FamilyVersion) -> CrateVersion {
        let line = release.0.major;
        let mut version = release.0.clone();
        (version.major, version.minor) = match self {
            Self::Wasmtime => (line, 0),
            Self::Cranelift => (0, line + 87),
            Self::Winch if line < 26 => (0, line.saturating_sub(2)),
            Self::Pulley if line < 26 => (0, line.saturating_sub(24)),
            Self::Winch | Self::Pulley => (line, 0),
        };
        CrateVersion(version)
    }

    /// The release of Wasmtime that a version of the crate belongs to.
    #[must_use]
    pub fn release_of(self, version: &CrateVersion) -> Option<FamilyVersion> {
        let Version { major, minor, .. } = version.0;
        let line = match (self, major) {
            (Self::Wasmtime, line) | (Self::Winch | Self::Pulley, line @ 26..) => line,
            (Self::Cranelift, 0) => minor.checked_sub(87)?,
            (Self::Winch, 0) => minor + 2,
            (Self::Pulley, 0) => minor + 24,
            _ => return None,
        };
        let mut release = version.0.clone();
        (release.major, release.minor) = (line, 0);
        Some(FamilyVersion(release))
    }
}

/// One crate of the family.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FamilyCrate {
    /// Its name on the registry.
    pub name: String,
    /// How its number follows from Wasmtime's.
    #[serde(default)]
    pub numbering: Numbering,
    /// The first line that has it; none when it is older than the knowledge base.
    pub since: Option<Line>,
    /// The last line that has it; none when the newest line still does.
    pub until: Option<Line>,
    /// The crate that takes its place behind `until`.
    pub renamed_to: Option<String>,
    /// What to use where it ended without a crate that takes its place, for a person.
    pub instead: Option<String>,
    /// The crate that does its work behind `until` under an interface of its own. Unlike with
    /// `renamed_to`, sources change with it.
    pub replaced_by: Option<String>,
    /// The features of [`Self::replaced_by`] that do the work of features of this one; whatever is
    /// not here has nothing to turn on there.
    #[serde(default)]
    pub replaced_features: BTreeMap<String, String>,
    /// The crate of the family whose types its own API takes and gives: both must be of one line.
    pub types_of: Option<String>,
}

impl FamilyCrate {
    /// Whether the crate is published in this line.
    #[must_use]
    pub fn exists_in(&self, line: Line) -> bool {
        self.since.is_none_or(|since| since <= line) && self.until.is_none_or(|until| line <= until)
    }
}

/// All crates of the family, by name.
#[derive(Clone, Debug, Default)]
pub struct Family(BTreeMap<String, FamilyCrate>);

impl Family {
    /// Indexes the crates.
    #[must_use]
    pub fn new(crates: Vec<FamilyCrate>) -> Self {
        Self(crates.into_iter().map(|c| (c.name.clone(), c)).collect())
    }

    /// The crate of that name, when it belongs to the family.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FamilyCrate> {
        self.0.get(name)
    }

    /// Every crate, by name.
    pub fn iter(&self) -> impl Iterator<Item = &FamilyCrate> {
        self.0.values()
    }

    /// What takes the place of `name` in `line`: the crate itself, its successor, or nothing.
    #[must_use]
    pub fn successor_in(&self, name: &str, line: Line) -> Option<&FamilyCrate> {
        let mut found = self.get(name)?;
        while !found.exists_in(line) {
            found = self.get(found.renamed_to.as_deref()?)?;
        }
        Some(found)
    }

    /// The crate that does the work of `name` in `line`, where `name` ended before that and the other
    /// one has an interface of its own: the crate that ended, and that one.
    #[must_use]
    pub fn replacement_in(&self, name: &str, line: Line) -> Option<Replaced<'_>> {
        if self.successor_in(name, line).is_some() {
            return None;
        }
        let old = self.get(name)?;
        let new = self.successor_in(old.replaced_by.as_deref()?, line)?;
        Some(Replaced { old, new })
    }
}

/// A crate that ended, and the one that does its work in some line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced<'a> {
    /// The crate that ended.
    pub old: &'a FamilyCrate,
    /// The one that is required in its place.
    pub new: &'a FamilyCrate,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_version(text: &str) -> CrateVersion {
        CrateVersion(text.parse().unwrap())
    }

    #[test]
    fn numbers_follow_wasmtimes_and_lead_back() {
        for (numbering, release, expected) in [
            (Numbering::Wasmtime, "32.0.1", "32.0.1"),
            (Numbering::Cranelift, "32.0.1", "0.119.1"),
            (Numbering::Cranelift, "49.0.0-rc.1", "0.136.0-rc.1"),
            (Numbering::Winch, "25.0.3", "0.23.3"),
            (Numbering::Winch, "26.0.1", "26.0.1"),
            (Numbering::Pulley, "24.0.13", "0.0.13"),
            (Numbering::Pulley, "25.0.3", "0.1.3"),
            (Numbering::Pulley, "36.0.20", "36.0.20"),
        ] {
            let release: FamilyVersion = release.parse().unwrap();
            let version = crate_version(expected);
            assert_eq!(numbering.version_at(&release), version);
            assert_eq!(numbering.release_of(&version), Some(release));
        }
    }

    #[test]
    fn what_ended_is_replaced_behind_its_last_line_only() {
        let family = &crate::knowledge::Knowledge::embedded().family;
        let name_in = |line| {
            let replaced = family.replacement_in("wasi-common", Line(line));
            replaced.map(|replaced| replaced.new.name.as_str())
        };
        assert_eq!(name_in(46), None);
        assert_eq!(name_in(47), Some("wasmtime-wasi"));
        assert_eq!(name_in(48), Some("wasmtime-wasi"));
        assert_eq!(family.replacement_in("wasmtime-cache", Line(35)), None);
        assert_eq!(
            family.replacement_in("wasmtime-wasi-threads", Line(47)),
            None
        );
    }

    #[test]
    fn a_cranelift_older_than_the_rule_belongs_to_no_release() {
        assert_eq!(
            Numbering::Cranelift.release_of(&crate_version("0.40.0")),
            None
        );
        assert_eq!(Numbering::Winch.release_of(&crate_version("3.0.0")), None);
    }
}
