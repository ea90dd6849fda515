//! The policy file of a project: `wasmtime-upgrade.toml`.
//!
//! It says from which level on a check fails, how loud each kind or id is, what is asked of a
//! line's support, and which findings are put up with for a while. Everything keeps its place in
//! the file, because a finding about a waiver points at it.
//!
//! [`Policy::parse`] reads it and knows no project; [`judge`] holds it against the findings of one.

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::finding::{Exposure, Level};
use crate::knowledge::Kind;
use crate::span::{ByteOffset, Position, Span};
use crate::workspace::Placed;
use crate::world::World;

mod judge;
mod parse;
pub mod rehearsal;
mod value;

pub use judge::{Applied, Ground, judge};
pub use parse::KEYS;
pub use rehearsal::RehearsalPolicy;

/// Where a policy may stand in the root of a project; one of them at most.
pub const FILE_NAMES: [&str; 2] = ["wasmtime-upgrade.toml", ".config/wasmtime-upgrade.toml"];

/// How many days ahead a waiver may end when the policy does not say.
pub const MAX_WAIVER_DAYS: u16 = 180;

/// A waiver that ends within so many days is counted in the summary.
pub const EXPIRING_DAYS: i32 = 30;

/// What a policy asks of the support of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportPolicy {
    /// Warn from so many days before the end on; 0 is never.
    pub warn_days: u16,
    /// Whether only long-term releases are welcome.
    pub lts_only: bool,
}

impl Default for SupportPolicy {
    fn default() -> Self {
        Self {
            warn_days: 30,
            lts_only: false,
        }
    }
}

/// What a key under `[levels]` speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Every finding of a kind that is not proven away: what is `not-affected` stays a note.
    Kind(Kind),
    /// Every finding with this exposure.
    Exposure(Exposure),
    /// The findings of an id.
    Id(String),
}

/// One line under `[levels]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelRule {
    /// What it speaks of, at its key.
    pub subject: Placed<Subject>,
    /// How loud that is.
    pub level: Level,
}

/// A finding that is put up with for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The id of the findings, or an alias (CVE, RUSTSEC) of it.
    pub id: Placed<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Placed<Date>,
}

/// Features that a workspace is compiled with, as cargo's own options say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeatureSet(Vec<String>);

impl FeatureSet {
    /// The arguments for cargo; none are the default features.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.0
    }
}

impl std::str::FromStr for FeatureSet {
    type Err = String;

    /// `--all-features`, `--no-default-features`, `--features a,b`, or several of them.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let mut arguments = Vec::new();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            arguments.push(word.to_owned());
            match word {
                "--all-features" | "--no-default-features" => {}
                "--features" => match words.next() {
                    Some(names) if !names.starts_with('-') => arguments.push(names.to_owned()),
                    _ => return Err("there is no feature behind `--features`".to_owned()),
                },
                _ if word.starts_with("--features=") => {}
                _ => return Err(format!("`{word}` is no option about features")),
            }
        }
        Ok(Self(arguments))
    }
}

/// A policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Where it is, absolute.
    pub path: Utf8PathBuf,
    /// Its text, untouched.
    pub text: String,
    /// The level from which on findings fail a check.
    pub fail_level: Option<Level>,
    /// How many days ahead a waiver may end.
    pub max_waiver_days: u16,
    /// Levels, in the order of the file.
    pub levels: Vec<LevelRule>,
    /// What is asked of a line's support.
    pub support: SupportPolicy,
    /// Waivers, in the order of the file.
    pub waivers: Vec<Waiver>,
    /// With which features an upgrade compiles the workspace; none for the default ones.
    pub feature_sets: Vec<FeatureSet>,
    /// How guests are rehearsed.
    pub rehearsal: RehearsalPolicy,
}

impl Policy {
    /// The policy in `root`, when there is one.
    ///
    /// # Errors
    /// Two policies, one that can't be read, and whatever [`Policy::parse`] refuses.
    pub fn find(world: &dyn World, root: &Utf8Path) -> Result<Option<Self>> {
        let mut found = Vec::new();
        for name in FILE_NAMES {
            let path = root.join(name);
            match world.kind(&path) {
                Ok(None) => {}
                Ok(Some(_)) => found.push(path),
                // `.config` may be a file.
                Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {}
                Err(error) => return Err(Error::io("look at", path, error)),
            }
        }
        match &found[..] {
            [] => Ok(None),
            [path] => Self::load(world, path).map(Some),
            [first, second, ..] => Err(Error::usage(
                format!("there are two policy files: {first} and {second}"),
                "keep one of them, or name one with --config",
            )),
        }
    }

    /// The policy that a user names.
    ///
    /// # Errors
    /// As [`Policy::find`]; also when nothing is there.
    pub fn read(world: &dyn World, path: &Utf8Path) -> Result<Self> {
        if matches!(world.kind(path), Ok(None)) {
            return Err(Error::usage(
                format!("{path} does not exist"),
                "give --config the path of a policy file",
            ));
        }
        Self::load(world, path)
    }

    fn load(world: &dyn World, path: &Utf8Path) -> Result<Self> {
        let bytes = world.read(path).map_err(|e| Error::io("read", path, e))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            Error::Malformed {
                path: path.to_owned(),
                position: Position::of(&String::from_utf8_lossy(good), ByteOffset(usize::MAX)),
                message: "not UTF-8".to_owned(),
                help: "save the file as UTF-8, which TOML requires".to_owned(),
            }
        })?;
        Self::parse(path.to_owned(), text)
    }

    /// Reads the text of a policy.
    ///
    /// # Errors
    /// Broken TOML, an unknown key, a value that is not what its key wants, a waiver without `id`,
    /// `reason` or `until`: each with its place.
    pub fn parse(path: Utf8PathBuf, text: String) -> Result<Self> {
        parse::policy(path, text)
    }

    /// The level that the policy gives to a finding: by its id, else by its kind, else by its
    /// exposure.
    ///
    /// A kind does not raise what is proven not to concern the project, and the policy's own
    /// findings have no exposure to speak of.
    pub(crate) fn level(
        &self,
        is_id: impl Fn(&str) -> bool,
        kind: Kind,
        exposure: Exposure,
    ) -> Option<Level> {
        let find = |wanted: &dyn Fn(&Subject) -> bool| {
            let rule = self.levels.iter().find(|rule| wanted(&rule.subject.value));
            rule.map(|rule| rule.level)
        };
        find(&|subject| matches!(subject, Subject::Id(id) if is_id(id)))
            .or_else(|| {
                let level = find(&|subject| *subject == Subject::Kind(kind))?;
                (exposure != Exposure::NotAffected).then_some(level)
            })
            .or_else(|| {
                let level = find(&|subject| *subject == Subject::Exposure(exposure))?;
                (kind != Kind::Policy).then_some(level)
            })
    }

    /// Line and column of a place in the file.
    pub(crate) fn position(&self, span: Span) -> Position {
        Position::of(&self.text, span.start)
    }

    /// The waivers that `used` does not mark, as `path:line:column: id`.
    #[must_use]
    pub fn unused(&self, used: &[bool]) -> Vec<String> {
        self.waivers
            .iter()
            .zip(used)
            .filter(|(_, used)| !**used)
            .map(|(waiver, _)| {
                let position = self.position(waiver.id.span);
                format!("{}:{position}: {}", self.path, waiver.id.value)
            })
            .collect()
    }
}
