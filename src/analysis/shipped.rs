//! Which sources are compiled at all, and which for tests only.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::mentions::TokenCache;
use super::program;
use crate::rust::source::FileFacts;
use crate::workspace::{Manifest, Source, Workspace, includes_file};

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
    /// No target of its package leads to it, as to a template or a fixture, or the package has nothing of
    /// Wasmtime's below it.
    Nowhere,
}

/// What the sources of a workspace are for, found out when it is asked: the trees of modules package by
/// package, and whether a file can be read as Rust for itself.
#[derive(Debug, Default)]
pub(super) struct Standings {
    trees: Vec<OnceLock<Modules>>,
    sources: Vec<OnceLock<Standing>>,
}

impl Standings {
    pub(super) fn new(workspace: &Workspace) -> Self {
        let manifests = workspace.manifests.iter();
        let sources = workspace.sources.iter();
        Self {
            trees: manifests.map(|_| OnceLock::new()).collect(),
            sources: sources.map(|_| OnceLock::new()).collect(),
        }
    }

    /// The standing of one source.
    pub(super) fn of(&self, workspace: &Workspace, tokens: &TokenCache, place: usize) -> Standing {
        *self.sources[place].get_or_init(|| {
            let source = &workspace.sources[place];
            let package = &workspace.manifests[source.manifest];
            let tree = self.trees[source.manifest].get_or_init(|| {
                let modules = program::modules_of(workspace, source.manifest, tokens);
                Modules {
                    for_tests: modules
                        .program
                        .only_for_tests(|root| is_below_tests(package, root)),
                    unread: modules.unread,
                }
            });
            let is_rust = || {
                let tokens = tokens.read(workspace, place);
                tokens.is_ok_and(|tokens| FileFacts::has_items(&source.text, &tokens))
            };
            standing(workspace, tree, source, is_rust)
        })
    }
}

/// The tree of modules of one package.
#[derive(Debug)]
struct Modules {
    /// For each file that is in it, whether only tests have it.
    for_tests: BTreeMap<Utf8PathBuf, bool>,
    /// The files that were not read, because no other file hangs on them.
    unread: HashSet<Utf8PathBuf>,
}

fn standing(
    workspace: &Workspace,
    tree: &Modules,
    source: &Source,
    is_rust: impl Fn() -> bool,
) -> Standing {
    let path = &source.path;
    // A file that is no Rust is in no tree.
    let is_rust = || !tree.unread.contains(path) || is_rust();
    match tree.for_tests.get(path) {
        Some(true) if is_rust() => Standing::Tests,
        Some(false) if is_rust() => Standing::Shipped,
        _ if !may_be_compiled(workspace, source.manifest, path) => Standing::Nowhere,
        _ if is_below_tests(&workspace.manifests[source.manifest], path) => Standing::Tests,
        _ => Standing::Shipped,
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
    let own = workspace.sources.iter();
    own.filter(|source| source.manifest == manifest)
        .any(|source| includes_file(&source.text, path))
}

fn is_below_tests(package: &Manifest, path: &Utf8Path) -> bool {
    let relative = path.strip_prefix(package.folder()).ok();
    let first = relative.and_then(|relative| relative.iter().next());
    matches!(first, Some("tests" | "benches"))
}
