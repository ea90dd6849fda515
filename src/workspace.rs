//! What a project looks like on disk: its workspaces, their manifests, lockfiles and sources.
//!
//! Read from files alone. No cargo runs, so a project whose manifests cargo would refuse can still
//! be looked at, and a hook costs milliseconds.

use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::Result;
use crate::knowledge::family::Family;
use crate::migrate::Crates;
use crate::version::RustVersion;
use crate::world::World;

pub mod cargo_config;
mod discover;
mod handed_on;
pub mod lockfile;
pub mod manifest;
mod members;
mod paths;
mod required;
mod sources;

pub use lockfile::{LockedPackage, Lockfile};
pub use manifest::{
    Dependency, DependencySource, DependencyTable, EntryForm, Manifest, Placed, Purpose, Targets,
};
pub use paths::{lexical, relative_to};

use handed_on::HandedOn;
pub(crate) use members::names_member as takes_in;
pub(crate) use paths::{in_order, lexical_below};
use required::Required;
pub(crate) use sources::includes_file;

/// A Rust source larger than this is not read: no person wrote it, and reading it would make a
/// hook slow. It is named in the report. In bytes.
pub const LARGEST_SOURCE: u64 = crate::rust::source::MAX_SOURCE_BYTES as u64;

/// Which part of the disk is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every workspace below a folder.
    Tree(Utf8PathBuf),
    /// The one workspace that a manifest belongs to.
    WorkspaceOf(Utf8PathBuf),
}

impl Scope {
    /// The folder or the manifest, as it was named.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let (Self::Tree(path) | Self::WorkspaceOf(path)) = self;
        path.as_str()
    }
}

/// Something that was there and was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct NotLookedAt {
    /// Where, relative to the root.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// One Rust source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its absolute path.
    pub path: Utf8PathBuf,
    /// Which of the workspace's manifests it belongs to.
    pub manifest: usize,
    /// Its text, untouched.
    pub text: String,
}

/// One cargo workspace, or a package on its own.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The manifests, the root's first.
    pub manifests: Vec<Manifest>,
    /// The lockfile, where there is one.
    pub lockfile: Option<Lockfile>,
    /// Every Rust source of its packages; empty when nothing in the workspace is of the family.
    pub sources: Vec<Source>,
    /// Sources that are there and could not be read, with the place of their manifest.
    pub unread: Vec<(usize, NotLookedAt)>,
    required: OnceLock<Required>,
    handed_on: OnceLock<Vec<HandedOn>>,
}

impl Workspace {
    /// A workspace without sources. The root's manifest comes first.
    #[must_use]
    pub fn new(manifests: Vec<Manifest>, lockfile: Option<Lockfile>) -> Self {
        Self {
            manifests,
            lockfile,
            sources: Vec::new(),
            unread: Vec::new(),
            required: OnceLock::new(),
            handed_on: OnceLock::new(),
        }
    }

    fn required(&self) -> &Required {
        let required = &self.required;
        required.get_or_init(|| Required::of(&self.manifests))
    }

    /// The dependencies of packages on one crate, by manifest: for each the place of the manifest and the
    /// entry that stands there.
    pub fn requiring<'w>(
        &'w self,
        package: &str,
    ) -> impl Iterator<Item = (usize, &'w Dependency)> + use<'w> {
        let places = self.required().places_of(package).iter();
        places.map(|&(manifest, place)| (manifest, &self.manifests[manifest].dependencies[place]))
    }

    /// The root's manifest.
    #[must_use]
    pub fn root(&self) -> &Manifest {
        &self.manifests[0]
    }

    /// The folder of the root's manifest.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        self.root().folder()
    }

    /// The oldest Rust that a package of the workspace promises to support, and its manifest.
    #[must_use]
    pub fn rust_version(&self) -> Option<(&RustVersion, &Manifest)> {
        self.manifests
            .iter()
            .filter_map(|manifest| Some((self.rust_version_of(manifest)?, manifest)))
            .min_by_key(|(version, _)| *version)
    }

    /// The `rust-version` of a package, inherited or its own.
    fn rust_version_of<'a>(&'a self, manifest: &'a Manifest) -> Option<&'a RustVersion> {
        if manifest.inherits_rust_version {
            self.root().workspace.as_ref()?.rust_version.as_ref()
        } else {
            manifest.rust_version.as_ref()
        }
    }

    /// For a dependency with `workspace = true`, the entry of the root that it inherits.
    #[must_use]
    pub fn inherited<'a>(&'a self, dependency: &Dependency) -> Option<&'a Dependency> {
        self.required().inherited(&self.manifests, dependency)
    }

    /// The crate that a dependency stands for. Of an inherited one only the root's entry says it:
    /// there the manifest's own name is a key of `[workspace.dependencies]`.
    #[must_use]
    pub fn crate_of<'a>(&'a self, dependency: &'a Dependency) -> &'a str {
        &self.inherited(dependency).unwrap_or(dependency).package
    }

    /// The crates that the sources of a package know, by the names that its manifest gives them.
    #[must_use]
    pub fn crates_of(&self, manifest: usize) -> Crates {
        let dependencies = self.manifests.get(manifest);
        let of_package = dependencies
            .iter()
            .flat_map(|manifest| &manifest.dependencies)
            .filter(|dependency| matches!(dependency.table, DependencyTable::Package { .. }));
        let named = of_package.map(|dependency| {
            (
                dependency.extern_name(),
                self.crate_of(dependency).to_owned(),
            )
        });
        named.collect()
    }

    /// Whether cargo takes no notice of an entry: `[patch]` and `[replace]` count in the root alone.
    #[must_use]
    pub fn ignores(&self, manifest: &Manifest, dependency: &Dependency) -> bool {
        matches!(dependency.table, DependencyTable::Override { .. })
            && manifest.path != self.root().path
    }

    /// Whether any manifest or the lockfile names a crate of the family.
    #[must_use]
    pub fn mentions(&self, family: &Family) -> bool {
        let in_manifests = self
            .manifests
            .iter()
            .flat_map(|manifest| &manifest.dependencies)
            .any(|dependency| family.get(&dependency.package).is_some());
        let in_lockfile = || {
            self.lockfile.as_ref().is_some_and(|lockfile| {
                lockfile
                    .packages
                    .iter()
                    .any(|package| family.get(&package.name).is_some())
            })
        };
        in_manifests || in_lockfile()
    }
}

/// Everything that was found under one root.
#[derive(Clone, Debug)]
pub struct Project {
    /// What all paths in reports are relative to.
    pub root: Utf8PathBuf,
    /// The workspaces, by the path of their root.
    pub workspaces: Vec<Workspace>,
    /// What was passed over.
    pub not_looked_at: Vec<NotLookedAt>,
}

impl Project {
    /// Reads everything in `scope`.
    ///
    /// # Errors
    /// A root without a manifest, a manifest or lockfile that can't be read or understood, a member
    /// that does not exist.
    pub fn read(world: &dyn World, scope: &Scope, family: &Family) -> Result<Self> {
        discover::read(world, scope, family)
    }

    /// `path` as the report shows it.
    #[must_use]
    pub fn shown(&self, path: &Utf8Path) -> String {
        relative_to(&self.root, path)
    }
}
