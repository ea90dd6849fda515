//! One migration: what a release changed in the sources of a project, and what is done about it. A
//! Markdown file with TOML front matter, and the proof in its code blocks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::split_front_matter;
use crate::prove::blocks;
use crate::version::FamilyVersion;

/// How a change comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// The tokens of a source tell all that is needed.
    Tokens,
    /// An error of the compiler says where.
    Compiler,
}

impl Means {
    /// The word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tokens => "from the tokens",
            Self::Compiler => "guided by the compiler",
        }
    }
}

/// What became different in a release, and what an upgrade does about it.
#[derive(Clone, Debug)]
pub struct Migration {
    /// Equal to the file's name without `.md`.
    pub id: String,
    /// One line.
    pub title: String,
    /// The first release with the change; the file's folder is its line.
    pub since: FamilyVersion,
    /// How the change comes about.
    pub means: Means,
    /// Where the facts come from.
    pub links: Vec<String>,
    /// What shows it.
    pub proof: Proof,
    /// The prose, Markdown, without the blocks.
    pub prose: String,
    /// A program of the old release.
    pub before: String,
    /// The same for the new one, as the tool makes it.
    pub after: String,
    /// What looks alike and is something else.
    pub untouched: String,
}

/// Between which releases `before` and `after` are held against the compiler.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Proof {
    /// `before` compiles here.
    pub from: FamilyVersion,
    /// `after` compiles here, and `before` does not.
    pub to: FamilyVersion,
    /// A code of the errors that `before` has there.
    pub error: String,
    /// Crates and features beside `wasmtime` with `component-model`.
    #[serde(default)]
    pub dependencies: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct FrontMatter {
    id: String,
    title: String,
    since: FamilyVersion,
    means: Means,
    links: Vec<String>,
    proof: Proof,
}

impl Migration {
    /// Reads one file.
    ///
    /// # Errors
    /// What is wrong with it, without its path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (front, body) = split_front_matter(text)?;
        let front: FrontMatter = toml::from_str(front).map_err(|error| error.to_string())?;
        let found = blocks(body);
        let block = |role: &str| {
            let block = found.iter().find(|block| block.role == role);
            let block = block.ok_or_else(|| format!("there is no block `rust {role}`"))?;
            Ok::<_, String>(block.text.to_owned())
        };
        let prose = body.split("```").next().unwrap_or_default().trim();
        Ok(Self {
            before: block("before")?,
            after: block("after")?,
            untouched: block("untouched")?,
            id: front.id,
            title: front.title,
            since: front.since,
            means: front.means,
            links: front.links,
            proof: front.proof,
            prose: prose.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_block_is_refused_by_its_name() {
        let text = "+++\nid = \"a\"\ntitle = \"t\"\nsince = \"33.0.0\"\nmeans = \"tokens\"\nlinks = []\n[proof]\nfrom = \"32.0.0\"\nto = \"33.0.0\"\nerror = \"E0432\"\n+++\nprose\n\n```rust before\na\n```\n```rust after\nb\n```\n";
        let refused = Migration::parse(text).map(|_| ()).unwrap_err();
        assert_eq!(refused, "there is no block `rust untouched`");
        let whole = Migration::parse(&format!("{text}```rust untouched\nc\n```\n")).unwrap();
        assert_eq!(
            (whole.prose.as_str(), whole.after.as_str()),
            ("prose", "b\n")
        );
    }
}
