//! Which sources are compiled at all, and which for tests only.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::program;
use crate::workspace::{Manifest, Source, Workspace};

/// Folders of a package in which cargo looks for targets.
const TARGET_FOLDERS: [&str; 4] = ["src", "tests", "examples", "benches"];

/// What a source is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is part of what the package is, or of an example.
    #[default]
    Shipped,
    /// Only tests and benches have it.
    Tests,
    /// No target of its package leads to it: a template, or a fixture.
    Nowhere,
}

/// What the sources of a workspace are for, found out package by package when it is asked.
#[derive(Debug, Default)]
pub(super) struct Standings(Vec<OnceLock<BTreeMap<Utf8PathBuf, bool>>>);

impl Standings {
    pub(super) fn new(workspace: &Workspace) -> Self {
        Self(
            workspace
                .manifests
                .iter()
                .map(|_| OnceLock::new())
                .collect(),
        )
    }

    /// The standing of one source.
    pub(super) fn of(&self, workspace: &Workspace, source: &Source) -> Standing {
        let manifest = source.manifest;
        let package = &workspace.manifests[manifest];
        let for_tests = self.0[manifest].get_or_init(|| {
            let program = program::modules_of(workspace, manifest);
            program.only_for_tests(|root| is_below_tests(package, root))
        });
        standing(workspace, for_tests, &source.path, manifest)
    }
}

fn standing(
    workspace: &Workspace,
    for_tests: &BTreeMap<Utf8PathBuf, bool>,
    path: &Utf8Path,
    manifest: usize,
) -> Standing {
    match for_tests.get(path) {
        Some(true) => Standing::Tests,
        Some(false) => Standing::Shipped,
        None if !may_be_compiled(workspace, manifest, path) => Standing::Nowhere,
        None if is_below_tests(&workspace.manifests[manifest], path) => Standing::Tests,
        None => Standing::Shipped,
    }
}

/// Whether a target of the package may have the file: it lies where cargo or the manifest look for
/// targets, or a source of the package includes a file of that name.
pub(super) fn may_be_compiled(workspace: &Workspace, manifest: usize, path: &Utf8Path) -> bool {
    let package = &workspace.manifests[manifest];
    let folder = package.folder();
    let Ok(relative) = path.strip_prefix(folder) else {
        return true;
    };
    let first = relative.iter().next().unwrap_or_default();
    if TARGET_FOLDERS.contains(&first) || relative == "build.rs" {
        return true;
    }
    let targets = &package.targets;
    let mut named = targets.library_path.iter().chain(&targets.other_paths);
    if named.any(|target| {
        let target = crate::workspace::lexical(&folder.join(target));
        target.parent().is_some_and(|home| path.starts_with(home))
    }) {
        return true;
    }
    let name = path.file_name().unwrap_or_default();
    let own = workspace.sources.iter();
    own.filter(|source| source.manifest == manifest)
        .filter(|source| source.text.contains("include!") || source.text.contains("#[path"))
        .any(|source| source.text.contains(name))
}

fn is_below_tests(package: &Manifest, path: &Utf8Path) -> bool {
    let relative = path.strip_prefix(package.folder()).ok();
    let first = relative.and_then(|relative| relative.iter().next());
    matches!(first, Some("tests" | "benches"))
}
