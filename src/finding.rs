//! What `check` says about a project: data that every report is made from.

use serde::{Deserialize, Serialize};

use crate::knowledge::Kind;
use crate::span::{Position, Span};
use crate::version::FamilyVersion;

/// How loud a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Known, and this project is not exposed.
    Note,
    /// Exposure can't be ruled out.
    Warning,
    /// This project is exposed.
    Error,
}

impl Level {
    /// Every level, quietest first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Error];

    /// The word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether a project that uses an affected version is touched by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Proven not to be.
    NotAffected,
    /// Can't be decided from the sources.
    Possible,
    /// It is.
    Affected,
}

impl Exposure {
    /// Every judgement, the least worrying first.
    pub const ALL: [Self; 3] = [Self::NotAffected, Self::Possible, Self::Affected];

    /// The default level of a finding with this exposure.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::NotAffected => Level::Note,
            Self::Possible => Level::Warning,
            Self::Affected => Level::Error,
        }
    }

    /// The word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotAffected => "not-affected",
            Self::Possible => "possible",
            Self::Affected => "affected",
        }
    }
}

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The file, relative to the root, with `/`.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// First byte.
    pub start: usize,
    /// First byte behind it.
    pub end: usize,
}

impl Location {
    /// The place of `span` in a file with this text.
    #[must_use]
    pub fn new(path: String, text: &str, span: Span) -> Self {
        let position = Position::of(text, span.start);
        Self {
            path,
            line: position.line,
            column: position.column,
            start: span.start.0,
            end: span.end.0,
        }
    }
}

/// Something seen in the project that speaks for or against exposure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Evidence {
    /// What it is.
    pub label: String,
    /// Where it is.
    pub location: Location,
}

/// A finding that the policy file puts up with for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waived {
    /// Why, in the words of the policy file.
    pub reason: String,
    /// The last day, `YYYY-MM-DD`.
    pub until: String,
}

/// One thing that the project's owner should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The id of the entry, for `explain`.
    pub id: String,
    /// What kind of entry.
    pub kind: Kind,
    /// How loud.
    pub level: Level,
    /// Whether the project is touched by it.
    pub exposure: Exposure,
    /// One line.
    pub title: String,
    /// The crate that it is about.
    pub package: String,
    /// Its version here; the newest admitted one where nothing is locked. Of a crate outside of the
    /// family, in its own numbers.
    pub version: FamilyVersion,
    /// The folder of the workspace, relative to the root.
    pub root: String,
    /// Where the version is asked for.
    pub location: Location,
    /// What speaks for the judgement.
    pub evidence: Vec<Evidence>,
    /// Why this project is exposed, may be, or is not.
    pub why: String,
    /// What to do.
    pub help: String,
    /// The first release of each line that is free of it.
    pub fixed_in: Vec<FamilyVersion>,
    /// Where to read more.
    pub links: Vec<String>,
    /// The waiver that makes it a note, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
}
