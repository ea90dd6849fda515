//! What a move of Wasmtime leaves to do outside of cargo: other places that name the old release,
//! files that are made from the lockfile, exceptions that nobody needs any more.
//!
//! Found from files of the repository alone. Nothing here is edited: each is a place and what to do.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::knowledge::Knowledge;
use crate::version::FamilyVersion;
use crate::workspace::relative_to;
use crate::world::{WalkEntry, World};

mod exceptions;
mod made_from_lockfile;
mod pins;

#[cfg(test)]
mod tests;

/// Larger files are not read: no person wrote them. In bytes.
const LARGEST: u64 = 1024 * 1024;

/// Files by their whole name.
const NAMES: [&str; 22] = [
    "Dockerfile",
    "Containerfile",
    "Makefile",
    "GNUmakefile",
    "justfile",
    "Justfile",
    "CMakeLists.txt",
    "WORKSPACE",
    "WORKSPACE.bazel",
    "MODULE.bazel",
    "BUILD",
    "BUILD.bazel",
    "Jenkinsfile",
    "deny.toml",
    "audit.toml",
    "osv-scanner.toml",
    "mise.toml",
    "wasmtime.version",
    "meson.build",
    "cargo-sources.json",
    "generated-sources.json",
    "devcontainer.json",
];

/// Files by their ending.
const ENDINGS: [&str; 10] = [
    "nix",
    "bazel",
    "bzl",
    "yml",
    "yaml",
    "sh",
    "ps1",
    "cmake",
    "dockerfile",
    "mk",
];

/// Hidden folders and files that a walk leaves out.
const HIDDEN_FOLDERS: [&str; 4] = [".github", ".cargo", ".circleci", ".devcontainer"];
const HIDDEN_FILES: [&str; 3] = [".gitlab-ci.yml", ".travis.yml", ".tool-versions"];

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FollowUp {
    /// The file, relative to the root that was looked through.
    pub path: String,
    /// The line, from 1; none where the whole file is meant.
    pub line: Option<usize>,
    /// What to do, as a sentence.
    pub what: String,
}

/// Text files of a repository, by their path from its root.
type Files = BTreeMap<String, String>;

/// Looks through everything below `root` for what is left to do after a move.
#[must_use]
pub fn find(
    world: &dyn World,
    knowledge: &Knowledge,
    root: &Utf8Path,
    from: &FamilyVersion,
    to: &FamilyVersion,
) -> Vec<FollowUp> {
    let files = read(world, root);
    let mut found = exceptions::find(&files, knowledge, from, to);
    found.extend(made_from_lockfile::find(world, root, &files));
    found.extend(pins::find(&files, to));
    found.sort();
    found.dedup();
    found
}

fn read(world: &dyn World, root: &Utf8Path) -> Files {
    let mut paths: Vec<Utf8PathBuf> = HIDDEN_FILES.iter().map(|name| root.join(name)).collect();
    let hidden = HIDDEN_FOLDERS.iter().map(|name| root.join(name));
    for folder in std::iter::once(root.to_owned()).chain(hidden) {
        if !matches!(world.kind(&folder), Ok(Some(_))) {
            continue;
        }
        let found = world.walk(&folder, &NAMES, &ENDINGS);
        paths.extend(found.into_iter().filter_map(|entry| match entry {
            WalkEntry::File(path) => Some(path),
            WalkEntry::PassedOver { .. } => None,
        }));
    }
    let text = |path: &Utf8PathBuf| {
        if world.size(path).ok()? > LARGEST {
            return None;
        }
        String::from_utf8(world.read(path).ok()?).ok()
    };
    let read = paths
        .iter()
        .filter_map(|path| Some((relative_to(root, path), text(path)?)));
    read.collect()
}

/// The name of a file without its folders.
fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
