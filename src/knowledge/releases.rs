//! Every published release: dates, toolchain, support.

use std::collections::BTreeMap;

use jiff::civil::Date;
use semver::VersionReq;
use serde::Deserialize;

use crate::version::{FamilyVersion, Line, RustVersion};

/// What holds for all releases of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFacts {
    /// The line.
    pub line: Line,
    /// The oldest Rust that builds it. Wasmtime never changes it inside a line.
    pub rust_version: RustVersion,
    /// Whether it is supported for two years instead of two months.
    pub lts: bool,
    /// The first day without support.
    pub supported_until: Date,
}

impl LineFacts {
    /// Whether fixes are still made for the line on `today`.
    #[must_use]
    pub fn supported_on(&self, today: Date) -> bool {
        today < self.supported_until
    }
}

/// One published release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its number.
    pub version: FamilyVersion,
    /// When it was published.
    pub published: Date,
    /// Whether it was taken back from the registry.
    pub yanked: bool,
    /// Why cargo can't use it although it is published.
    pub unusable: Option<String>,
    /// Something worth knowing before choosing it.
    pub remark: Option<String>,
    /// The number that wasm-tools crates (wasmparser, wit-parser, ...) have in this release.
    pub wasm_tools: String,
}

impl Release {
    /// Whether cargo may pick it for a plain requirement, and can.
    #[must_use]
    pub fn selectable(&self) -> bool {
        !self.yanked && self.unusable.is_none() && !self.version.is_prerelease()
    }
}

/// All releases, by version.
#[derive(Clone, Debug, Default)]
pub struct Releases {
    lines: BTreeMap<Line, LineFacts>,
    releases: BTreeMap<FamilyVersion, Release>,
    /// The day of the newest fact.
    pub date: Date,
}

impl Releases {
    /// Reads `releases.toml`.
    ///
    /// # Errors
    /// What is wrong in the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: ReleasesFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut all = Self {
            date: file.date.0,
            ..Self::default()
        };
        for line in file.line {
            for release in line.releases {
                if release.version.line() != line.number {
                    return Err(format!(
                        "{} stands in line {}",
                        release.version, line.number
                    ));
                }
                all.releases.insert(
                    release.version.clone(),
                    Release {
                        version: release.version,
                        published: release.published.0,
                        yanked: release.yanked,
                        unusable: release.unusable,
                        remark: release.remark,
                        wasm_tools: release
                            .wasm_tools
                            .unwrap_or_else(|| line.wasm_tools.clone()),
                    },
                );
            }
            all.lines.insert(
                line.number,
                LineFacts {
                    line: line.number,
                    rust_version: line.rust_version,
                    lts: line.lts,
                    supported_until: line.supported_until.0,
                },
            );
        }
        Ok(all)
    }

    /// The release of that number.
    #[must_use]
    pub fn get(&self, version: &FamilyVersion) -> Option<&Release> {
        self.releases.get(version)
    }

    /// What holds for the line of that number.
    #[must_use]
    pub fn line(&self, line: Line) -> Option<&LineFacts> {
        self.lines.get(&line)
    }

    /// All lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &LineFacts> {
        self.lines.values()
    }

    /// All releases, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Release> {
        self.releases.values()
    }

    /// How many releases are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.releases.len()
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.releases.is_empty()
    }

    /// The releases that cargo could pick for a requirement on a crate numbered like Wasmtime,
    /// oldest first.
    pub fn admitted_by<'a>(
        &'a self,
        requirement: &'a VersionReq,
    ) -> impl DoubleEndedIterator<Item = &'a Release> {
        self.iter().filter(move |release| {
            !release.yanked && release.unusable.is_none() && requirement.matches(&release.version.0)
        })
    }
}

/// A TOML date as a calendar date.
#[derive(Clone, Copy)]
struct TomlDate(Date);

impl<'de> Deserialize<'de> for TomlDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = toml::value::Datetime::deserialize(deserializer)?.to_string();
        text.parse()
            .map(Self)
            .map_err(|error| serde::de::Error::custom(format!("`{text}` is no date: {error}")))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ReleasesFile {
    date: TomlDate,
    line: Vec<LineEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LineEntry {
    number: Line,
    rust_version: RustVersion,
    #[serde(default)]
    lts: bool,
    supported_until: TomlDate,
    wasm_tools: String,
    releases: Vec<ReleaseEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ReleaseEntry {
    version: FamilyVersion,
    published: TomlDate,
    #[serde(default)]
    yanked: bool,
    unusable: Option<String>,
    remark: Option<String>,
    wasm_tools: Option<String>,
}
