//! One entry of the knowledge base: a Markdown file with TOML front matter.

use semver::VersionReq;
use serde::Deserialize;

use super::condition::Condition;
use crate::version::FamilyVersion;

/// What an entry is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something that worked in an earlier release and does not in these, or never worked as
    /// documented.
    Regression,
    /// The end of fixes for a line. Made from the release table, not from a file.
    Support,
}

impl Kind {
    /// The word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Support => "support",
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

/// A known regression.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Equal to the file's name without `.md`.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// The crate whose versions `affected` speaks of.
    pub package: String,
    /// The affected versions: any of these requirements.
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
    /// The prose that `explain` prints, Markdown.
    pub prose: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct FrontMatter {
    id: String,
    kind: Kind,
    title: String,
    package: String,
    affected: Vec<VersionReq>,
    fixed_in: Vec<FamilyVersion>,
    condition: Condition,
    remedy: String,
    links: Vec<String>,
    confidence: Confidence,
    proof: Option<String>,
}

impl Entry {
    /// Reads one file.
    ///
    /// # Errors
    /// What is wrong with it, without its path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (front, prose) = split_front_matter(text)?;
        let front: FrontMatter = toml::from_str(front).map_err(|error| error.to_string())?;
        Ok(Self {
            id: front.id,
            kind: front.kind,
            title: front.title,
            package: front.package,
            affected: front.affected,
            fixed_in: front.fixed_in,
            condition: front.condition,
            remedy: front.remedy,
            links: front.links,
            confidence: front.confidence,
            proof: front.proof,
            prose: prose.trim().to_owned(),
        })
    }

    /// Whether a release is affected.
    #[must_use]
    pub fn affects(&self, release: &FamilyVersion) -> bool {
        self.affected.iter().any(|range| range.matches(&release.0))
    }
}

/// Splits `+++ front matter +++ prose`.
///
/// # Errors
/// When one of the two lines of `+++` is missing.
pub fn split_front_matter(text: &str) -> Result<(&str, &str), String> {
    let rest = text
        .strip_prefix("+++\n")
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
