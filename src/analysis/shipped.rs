//! Which sources are compiled at all, and which for tests only.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::rust::program::Program;
use crate::workspace::{Manifest, Workspace};

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

/// The standing of every source of a workspace, in their order.
pub(super) fn standings(workspace: &Workspace, program: &Program) -> Vec<Standing> {
    let for_tests = program.only_for_tests(|root| is_in_tests(workspace, root));
    let of = |path: &Utf8Path, manifest: usize| standing(workspace, &for_tests, path, manifest);
    let sources = workspace.sources.iter();
    sources
        .map(|source| of(&source.path, source.manifest))
        .collect()
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

fn is_in_tests(workspace: &Workspace, root: &Utf8Path) -> bool {
    let source = workspace.sources.iter().find(|source| source.path == root);
    source.is_some_and(|source| is_below_tests(&workspace.manifests[source.manifest], root))
}

fn is_below_tests(package: &Manifest, path: &Utf8Path) -> bool {
    let relative = path.strip_prefix(package.folder()).ok();
    let first = relative.and_then(|relative| relative.iter().next());
    matches!(first, Some("tests" | "benches"))
}
