//! One migration: what a release changed in the sources of a project, and what is done about it. A
//! Markdown file with TOML front matter, and the proof in its code blocks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{EntryError, FENCE, split_front_matter};
use super::rule::{Rule, WrittenRule};
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
    /// A person does it; the program finds the places.
    Person,
}

impl Means {
    /// The word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tokens => "from the tokens",
            Self::Compiler => "guided by the compiler",
            Self::Person => "by hand",
        }
    }
}

/// How far a migration may go on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// The program means the same afterwards: it is applied.
    #[default]
    Safe,
    /// It may not: it is applied when it is asked for, and its places are listed else.
    Review,
    /// Nobody but a person can tell what to write: its places are listed.
    Manual,
}

impl Grade {
    /// The word for reports, as files and `--include` write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Review => "review",
            Self::Manual => "manual",
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
    /// How far it may go on its own.
    pub grade: Grade,
    /// What is looked for and what is written, when it is no part of the program.
    pub rules: Vec<Rule>,
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
    /// `after` compiles here, and `before` does not when there is an error.
    pub to: FamilyVersion,
    /// A code of the errors that `before` has there; none where it compiles, and only warns or
    /// behaves differently.
    pub error: Option<String>,
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
    #[serde(default)]
    grade: Grade,
    #[serde(default, rename = "rule")]
    rules: Vec<WrittenRule>,
    links: Vec<String>,
    proof: Proof,
}

impl Migration {
    /// The crates that the blocks are compiled with, and their features. Conversions between errors are
    /// a feature of Wasmtime's that older releases don't have: with `anyhow` it has its defaults.
    #[must_use]
    pub fn packages(&self) -> BTreeMap<String, Vec<String>> {
        let owned = |features: &[&str]| features.iter().map(|it| (*it).to_owned()).collect();
        let mut packages = BTreeMap::<String, Vec<String>>::new();
        let mut of_wasmtime: Vec<String> = owned(&["runtime", "component-model", "async", "std"]);
        for (name, features) in &self.proof.dependencies {
            if name == "wasmtime" {
                of_wasmtime.extend(features.iter().cloned());
                continue;
            }
            let mut features = features.clone();
            if name.starts_with("wasmtime") {
                features.push("default".to_owned());
            }
            packages.insert(name.clone(), features);
        }
        if packages.contains_key("anyhow") {
            of_wasmtime.push("default".to_owned());
        }
        packages.insert("wasmtime".to_owned(), of_wasmtime);
        packages
    }

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
        let (front, body) =
            split_front_matter(text).map_err(|message| EntryError { offset: 0, message })?;
        let front: FrontMatter = toml::from_str(front).map_err(|error| EntryError {
            offset: FENCE.len() + error.span().map_or(0, |span| span.start),
            message: error.message().trim().to_owned(),
        })?;
        // What is no matter of TOML has no place of its own: the rules, or the blocks.
        Self::made(front, body).map_err(|message| EntryError {
            offset: text.find("[[rule]]").unwrap_or(0),
            message,
        })
    }

    fn made(front: FrontMatter, body: &str) -> Result<Self, String> {
        let rules = front.rules.into_iter().map(WrittenRule::read);
        let rules: Vec<Rule> = rules.collect::<Result<_, _>>()?;
        let by_hand = front.means == Means::Person;
        if by_hand != (front.grade == Grade::Manual) {
            return Err("what is done by a person is `manual`, and nothing else is".to_owned());
        }
        if by_hand && rules.is_empty() {
            return Err("nothing finds the places: write a `[[rule]]` with a `note`".to_owned());
        }
        let edits = rules.iter().any(|rule| rule.replace.is_some());
        if by_hand && edits {
            return Err("a rule with `replace` is `safe` or `review`".to_owned());
        }
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
            grade: front.grade,
            rules,
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
