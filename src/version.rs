//! Version numbers that must not be mixed up: Wasmtime's own, and those of any other crate.

use std::fmt;
use std::str::FromStr;

use semver::Version;
use serde::{Deserialize, Serialize};

/// A release line of Wasmtime: its major version, a new one every month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(pub u64);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A version of the `wasmtime` crate, which names a release of the whole family.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FamilyVersion(pub Version);

impl FamilyVersion {
    /// The release `line.0.patch`.
    #[must_use]
    pub fn new(line: u64, patch: u64) -> Self {
        Self(Version::new(line, 0, patch))
    }

    /// The line that the release belongs to.
    #[must_use]
    pub fn line(&self) -> Line {
        Line(self.0.major)
    }

    /// Whether it is a release candidate; cargo never picks one for a plain requirement.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }
}

impl fmt::Display for FamilyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for FamilyVersion {
    type Err = semver::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A version of some crate in that crate's own numbering, for example `0.119.1` of
/// cranelift-codegen, which belongs to Wasmtime 32.0.1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CrateVersion(pub Version);

impl fmt::Display for CrateVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A version of the Rust compiler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RustVersion(pub Version);

impl FromStr for RustVersion {
    type Err = String;

    /// Reads `1.86`, `1.86.0` or `1.97.0-nightly`. A nightly counts as the release that it
    /// becomes, as cargo does it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim().split(['-', '+']).next().unwrap_or_default();
        let mut parts = number.split('.');
        let mut next = |missing: Option<u64>| match parts.next() {
            Some(part) => part.parse::<u64>().ok(),
            None => missing,
        };
        let version = match (next(None), next(Some(0)), next(Some(0)), parts.next()) {
            (Some(major), Some(minor), Some(patch), None) => Version::new(major, minor, patch),
            _ => return Err(format!("`{text}` is no version of Rust such as `1.86`")),
        };
        Ok(Self(version))
    }
}

impl fmt::Display for RustVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.patch == 0 {
            write!(f, "{}.{}", self.0.major, self.0.minor)
        } else {
            self.0.fmt(f)
        }
    }
}

impl<'de> Deserialize<'de> for RustVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_versions_may_lack_a_patch_and_may_be_nightly() {
        let read = |text: &str| {
            text.parse::<RustVersion>()
                .map(|version| version.to_string())
        };
        assert_eq!(read("1.86").unwrap(), "1.86");
        assert_eq!(read("1.86.1").unwrap(), "1.86.1");
        assert_eq!(read("1.97.0-nightly").unwrap(), "1.97");
        assert!(read("stable").is_err());
        assert!(read("1.86.0.1").is_err());
    }
}
