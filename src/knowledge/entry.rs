//! One entry of the knowledge base: a Markdown file with TOML front matter.

use std::fmt;
use std::ops::Deref;

use semver::VersionReq;
use serde::Deserialize;

use super::condition::Condition;
use super::files;
use super::form::Form;
use crate::version::FamilyVersion;

/// What an entry is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A published security advisory.
    Advisory,
    /// Something that worked in an earlier release and does not in these, or never worked as
    /// documented.
    Regression,
    /// A release that was published incompletely, or can't be resolved or built.
    BrokenRelease,
    /// Something that behaves differently on purpose, without a compiler error that says so.
    BehaviourChange,
    /// The end of fixes for a line. Made from the release table, not from a file.
    Support,
    /// Crates that belong together and are of different lines in this project. Made from its own
    /// manifests, lockfile and sources, not from a file.
    Drift,
    /// The project's own policy file: a waiver that ended, is not used, is not understood.
    Policy,
}

impl Kind {
    /// Every kind, as a policy can name them.
    pub const ALL: [Self; 7] = [
        Self::Advisory,
        Self::Regression,
        Self::BrokenRelease,
        Self::BehaviourChange,
        Self::Support,
        Self::Drift,
        Self::Policy,
    ];

    /// The word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Advisory => "advisory",
            Self::Regression => "regression",
            Self::BrokenRelease => "broken-release",
            Self::BehaviourChange => "behaviour-change",
            Self::Support => "support",
            Self::Drift => "drift",
            Self::Policy => "policy",
        }
    }
}

/// How well a fact is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A compiler or a run showed it; the evidence is in the repository.
    Proven,
    /// Read from Wasmtime's sources, changes or advisories.
    Sourced,
    /// A judgement.
    Inferred,
}

/// How bad an advisory is, as it was published.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Informational, or not rated.
    None,
    /// CVSS below 4.
    Low,
    /// CVSS below 7.
    Moderate,
    /// CVSS below 9.
    High,
    /// CVSS from 9 on.
    Critical,
}

/// A known problem of some releases.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Equal to the file's name without `.md`.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// Other ids of the same matter: CVE, RUSTSEC.
    pub aliases: Vec<String>,
    /// How bad it is, for advisories.
    pub severity: Option<Severity>,
    /// One line.
    pub title: String,
    /// The crate whose versions `affected` speaks of.
    pub package: String,
    /// The affected versions: any of these requirements.
    /// The numbers are those of Wasmtime's releases, whatever the crate's own numbering is.
    pub affected: Vec<VersionReq>,
    /// The first fixed release of each line that has a fix.
    pub fixed_in: Vec<FamilyVersion>,
    /// When a project that uses an affected version is exposed.
    pub condition: Condition,
    /// What to do, in one sentence.
    pub remedy: String,
    /// Where the facts come from.
    pub links: Vec<String>,
    /// How well they are founded.
    pub confidence: Confidence,
    /// The matrix in `proofs/` that shows it, when there is one.
    pub proof: Option<String>,
    /// Whether only those are told who move into the affected releases: a change on purpose that is no
    /// fault of the release.
    pub moves_only: bool,
    /// The prose that `explain` prints, Markdown.
    pub prose: Prose,
}

/// What an entry has to say in many words.
///
/// That of an entry which the build has read lies deflated in the program until somebody asks for it.
#[derive(Clone)]
pub enum Prose {
    /// Read with its entry.
    Read(String),
    /// That of the embedded entry of this id.
    Embedded(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct FrontMatter {
    id: String,
    kind: Kind,
    #[serde(default)]
    aliases: Vec<String>,
    severity: Option<Severity>,
    title: String,
    package: String,
    affected: Vec<VersionReq>,
    fixed_in: Vec<FamilyVersion>,
    condition: Condition,
    remedy: String,
    links: Vec<String>,
    confidence: Confidence,
    proof: Option<String>,
    #[serde(default)]
    moves_only: bool,
}

impl Entry {
    /// Reads one file.
    ///
    /// # Errors
    /// What is wrong with it, without its path.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|error| error.message)
    }

    /// The same for a file of a user's, who wants to know where to look.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(text: &str) -> Result<Self, EntryError> {
        let (front, prose) =
            split_front_matter(text).map_err(|message| EntryError { offset: 0, message })?;
        let front: FrontMatter = toml::from_str(front).map_err(|error| EntryError {
            offset: FENCE.len() + error.span().map_or(0, |span| span.start),
            message: error.message().trim().to_owned(),
        })?;
        Ok(Self::new(front, Prose::Read(prose.trim().to_owned())))
    }

    /// The same for a file whose front matter the build has read: `front` is that as JSON.
    pub(super) fn of_build(front: &str) -> Result<Self, String> {
        let front: FrontMatter = Form::Json(front).read()?;
        let prose = Prose::Embedded(front.id.clone());
        Ok(Self::new(front, prose))
    }

    fn new(front: FrontMatter, prose: Prose) -> Self {
        Self {
            id: front.id,
            kind: front.kind,
            aliases: front.aliases,
            severity: front.severity,
            title: front.title,
            package: front.package,
            affected: front.affected,
            fixed_in: front.fixed_in,
            condition: front.condition,
            remedy: front.remedy,
            links: front.links,
            confidence: front.confidence,
            proof: front.proof,
            moves_only: front.moves_only,
            prose,
        }
    }

    /// Whether it is called `id`, or has it as an alias.
    #[must_use]
    pub fn goes_by(&self, id: &str) -> bool {
        std::iter::once(&self.id)
            .chain(&self.aliases)
            .any(|own| own.eq_ignore_ascii_case(id))
    }

    /// Whether a release is affected.
    #[must_use]
    pub fn affects(&self, release: &FamilyVersion) -> bool {
        self.affected.iter().any(|range| range.matches(&release.0))
    }
}

impl Deref for Prose {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Read(prose) => prose,
            Self::Embedded(id) => {
                let file = format!("{id}.md");
                let named = |(path, _): &(&str, _)| {
                    FOLDERS
                        .iter()
                        .any(|folder| path.strip_prefix(folder) == Some(&file))
                };
                let text = files::files().find(named).map(|(_, text)| text);
                let prose = text.and_then(|text| split_front_matter(text).ok());
                prose.map_or("", |(_, prose)| prose.trim())
            }
        }
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryError {
    /// Where, in bytes from the start of the file.
    pub offset: usize,
    /// What.
    pub message: String,
}

/// The folders of the files that entries are read from.
pub(super) const FOLDERS: [&str; 2] = ["advisories/", "regressions/"];

/// The line that the front matter begins with, and ends with.
pub(super) const FENCE: &str = "+++\n";

/// Splits `+++ front matter +++ prose`.
///
/// # Errors
/// When one of the two lines of `+++` is missing.
pub fn split_front_matter(text: &str) -> Result<(&str, &str), String> {
    let rest = text
        .strip_prefix(FENCE)
        .ok_or("the file does not start with a line `+++`")?;
    rest.split_once("\n+++\n")
        .ok_or_else(|| "the front matter has no closing line `+++`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_ends_at_its_line() {
        assert_eq!(
            split_front_matter("+++\na = 1\n+++\n# x\n"),
            Ok(("a = 1", "# x\n"))
        );
        assert!(split_front_matter("a = 1\n").is_err());
        assert!(split_front_matter("+++\na = 1\n").is_err());
    }
}
