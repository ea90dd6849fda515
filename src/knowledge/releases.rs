//! Every published release: dates, toolchain, support.

use std::collections::BTreeMap;

use jiff::civil::Date;
use semver::VersionReq;
use serde::Deserialize;

use super::form::Form;
use crate::registry::Published;
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
    /// Whether that follows from Wasmtime's rules alone, because the table does not have the line.
    pub derived: bool,
}

impl LineFacts {
    /// What Wasmtime's rules say of a line that the table does not have: line 20 came on
    /// 2024-04-20 and one a month since, fixes are made for two months, and for every twelfth
    /// line for two years.
    #[must_use]
    pub fn derived(line: Line, rust_version: RustVersion) -> Option<Self> {
        let lts = line.0 % 12 == 0;
        let since = i16::try_from(line.0.checked_sub(20)?).ok()?;
        let month = (2024_i16 * 12 + 3)
            .checked_add(since)?
            .checked_add(if lts { 24 } else { 2 })?;
        let supported_until = Date::new(month / 12, i8::try_from(month % 12 + 1).ok()?, 20).ok()?;
        Some(Self {
            line,
            rust_version,
            lts,
            supported_until,
            derived: true,
        })
    }

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
    /// When it was published, as far as that is known.
    pub published: Option<Date>,
    /// Whether it was taken back from the registry.
    pub yanked: bool,
    /// Whether it exists upstream only: the registry does not serve it.
    pub unserved: bool,
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
        !self.yanked && !self.unserved && self.unusable.is_none() && !self.version.is_prerelease()
    }
}

/// All releases, by version.
#[derive(Clone, Debug, Default)]
pub struct Releases {
    lines: BTreeMap<Line, LineFacts>,
    releases: BTreeMap<FamilyVersion, Release>,
    /// Releases upstream of lines that nothing else is known of.
    pub upstream: Vec<FamilyVersion>,
    /// The WASI 0.2 that guests find, from a line on.
    wasi: BTreeMap<Line, semver::Version>,
    /// The day of the newest fact.
    pub date: Date,
}

impl Releases {
    /// The WASI 0.2 that guests find in a line; none for a line before all that are known.
    #[must_use]
    pub fn wasi(&self, line: Line) -> Option<&semver::Version> {
        self.wasi.range(..=line).next_back().map(|(_, wasi)| wasi)
    }

    /// The first line in which guests find a WASI 0.2, or a later one.
    #[must_use]
    pub fn first_with_wasi(&self, version: &semver::Version) -> Option<Line> {
        let mut lines = self.wasi.iter();
        lines
            .find(|(_, wasi)| *wasi >= version)
            .map(|(line, _)| *line)
    }

    /// Reads `releases.toml`.
    ///
    /// # Errors
    /// What is wrong in the file.
    pub fn parse<'t>(text: impl Into<Form<'t>>) -> Result<Self, String> {
        let file: ReleasesFile = text.into().read()?;
        let mut all = Self {
            date: file.date.0,
            upstream: file.upstream,
            wasi: file
                .wasi
                .into_iter()
                .map(|entry| (entry.since, entry.version))
                .collect(),
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
                        published: Some(release.published.0),
                        yanked: release.yanked,
                        unserved: release.unserved,
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
                    derived: false,
                },
            );
        }
        Ok(all)
    }

    /// Takes in what a registry serves: releases that the table does not have, and changes of
    /// those that it has. Returns the numbers of the new ones.
    pub(crate) fn absorb(&mut self, served: &[Published]) -> Vec<FamilyVersion> {
        let mut new = Vec::new();
        for release in served {
            if let Some(known) = self.releases.get_mut(&release.version) {
                known.yanked = release.yanked;
                known.unserved = false;
                known.published = known.published.or(release.published);
                continue;
            }
            let line = release.version.line();
            let facts = match self.lines.get(&line) {
                Some(facts) => Some(facts.clone()),
                // A candidate alone makes no line that a project could move to.
                None if release.version.is_prerelease() => None,
                None => LineFacts::derived(line, release.rust_version.clone()),
            };
            let Some(facts) = facts else { continue };
            self.lines.insert(line, facts);
            self.upstream.retain(|version| *version != release.version);
            new.push(release.version.clone());
            self.releases.insert(
                release.version.clone(),
                Release {
                    version: release.version.clone(),
                    published: release.published,
                    yanked: release.yanked,
                    unserved: false,
                    unusable: None,
                    remark: None,
                    wasm_tools: release.wasm_tools.clone(),
                },
            );
        }
        new
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
    #[serde(default)]
    upstream: Vec<FamilyVersion>,
    #[serde(default)]
    wasi: Vec<WasiEntry>,
    line: Vec<LineEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WasiEntry {
    since: Line,
    version: semver::Version,
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
    #[serde(default)]
    unserved: bool,
    unusable: Option<String>,
    remark: Option<String>,
    wasm_tools: Option<String>,
}
