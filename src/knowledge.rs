//! The knowledge base: releases, the crate family, regressions, proofs. Data that is embedded when
//! this library is built, so that nothing needs a network.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::bindgen::Grammar;
use crate::version::FamilyVersion;

pub mod condition;
pub mod entry;
mod extend;
pub mod family;
pub mod features;
mod files;
pub mod form;
pub mod migration;
mod migrations;
pub mod own;
pub mod paths;
pub mod provenance;
pub mod releases;
pub mod rule;

pub use condition::{BindgenPattern, Condition};
pub use entry::{Confidence, Entry, Kind, Prose, Severity};
pub use family::{Family, FamilyCrate, Numbering, Replaced};
pub use features::Features;
pub use files::{file, files, folder};
pub use form::Form;
pub use migration::{Means, Migration};
pub use migrations::Migrations;
pub use paths::{Absent, Item, Paths, Place};
pub use provenance::Provenance;
pub use releases::{LineFacts, Release, Releases};

/// The knowledge base, read and indexed.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Every published release.
    pub releases: Releases,
    /// The crates that are published together.
    pub family: Family,
    /// Which cargo features of `wasmtime` are on by default.
    pub features: Features,
    /// Which options of `bindgen!` each line accepts.
    pub grammar: Grammar,
    /// Where modules and types are that moved.
    pub paths: Paths,
    /// Where Wasmtime has what was of anyhow, for projects that adopt its errors.
    pub adopted_errors: Paths,
    /// Regressions, by id.
    pub entries: Vec<Entry>,
    /// What changed in the sources of projects, by release and id.
    pub migrations: Migrations,
    /// Where all that comes from.
    pub provenance: Provenance,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyFile {
    #[serde(rename = "crate")]
    crates: Vec<FamilyCrate>,
}

impl Knowledge {
    /// Reads files as they lie in `knowledge/`.
    ///
    /// # Errors
    /// The path of the file that can't be understood and what is wrong with it.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let files = files.into_iter();
        Self::read(files.map(|(path, text)| (path, Form::Toml(text))))
    }

    /// The same, of files whose TOML the build has read already.
    fn read<'a>(files: impl Iterator<Item = (&'a str, Form<'a>)>) -> Result<Self, String> {
        let mut knowledge = Self::default();
        for (path, form) in files {
            let at = |error: String| format!("{path}: {error}");
            if path == "releases.toml" {
                knowledge.releases = Releases::parse(form).map_err(at)?;
            } else if path == "family.toml" {
                let file: FamilyFile = form.read().map_err(at)?;
                knowledge.family = Family::new(file.crates);
            } else if path == "features.toml" {
                knowledge.features = Features::parse(form).map_err(at)?;
            } else if path == "bindgen-options.toml" {
                knowledge.grammar = Grammar::parse(form).map_err(at)?;
            } else if path == "paths.toml" {
                knowledge.paths = Paths::parse(form).map_err(at)?;
            } else if path == "adopted-errors.toml" {
                knowledge.adopted_errors = Paths::parse(form).map_err(at)?;
            } else if path.starts_with("migrations/") {
                let (Form::Toml(text) | Form::Json(text)) = form;
                knowledge.migrations.add(text);
            } else if entry::FOLDERS.iter().any(|folder| path.starts_with(folder)) {
                let entry = match form {
                    Form::Toml(text) => Entry::parse(text),
                    Form::Json(front) => Entry::of_build(front),
                };
                knowledge.entries.push(entry.map_err(at)?);
            }
        }
        knowledge.sort();
        knowledge.provenance.built_in = knowledge.releases.date;
        Ok(knowledge)
    }

    /// What this build was made with.
    ///
    /// An embedded file that can't be read leaves its part empty; a test refuses to build a
    /// release with one.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Knowledge> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            let read = files::READ_BY_BUILD.iter();
            let parsed = Self::read(read.map(|(path, json)| (*path, Form::Json(json))));
            debug_assert!(parsed.is_ok(), "{:?}", parsed.as_ref().err());
            let mut knowledge = parsed.unwrap_or_default();
            knowledge.migrations = Migrations::built_in();
            knowledge
        })
    }

    /// The entry of that id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The migration of that id.
    #[must_use]
    pub fn migration(&self, id: &str) -> Option<&Migration> {
        self.migrations.iter().find(|migration| migration.id == id)
    }

    /// How many rules `check` holds a project against: one an entry that is not for moves alone, the support table, and that
    /// what belongs together is of one line.
    #[must_use]
    pub fn rules(&self) -> usize {
        let entries = self.entries.iter();
        entries.filter(|entry| !entry.moves_only).count() + 2
    }

    /// The entries that a release is affected by, whether a project is exposed or not.
    pub fn affecting<'a>(&'a self, release: &'a FamilyVersion) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(|entry| entry.affects(release))
    }
}
