//! Places that name a Rust older than the target needs: `rust-version`, toolchain files, CI and
//! container files. They are a person's to raise, for others build with them.

use camino::{Utf8Path, Utf8PathBuf};

use crate::finding::Location;
use crate::knowledge::Knowledge;
use crate::plan::ManualStep;
use crate::span::Span;
use crate::target::Choice;
use crate::version::RustVersion;
use crate::workspace::lockfile::LockedPackage;
use crate::workspace::manifest::Manifest;
use crate::workspace::{Project, Workspace};
use crate::world::{WalkEntry, World};

/// A file that is larger was not written to set up a toolchain. In bytes.
const LARGEST: u64 = 256 * 1024;

/// Files at the top of a repository that set up its builds.
const AT_TOP: [&str; 9] = [
    "rust-toolchain",
    "rust-toolchain.toml",
    "clippy.toml",
    ".clippy.toml",
    ".gitlab-ci.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    ".cirrus.yml",
    ".tool-versions",
];

/// Folders at the top of a repository with files that do.
const FOLDERS: [&str; 5] = [
    ".github/workflows",
    ".github/actions",
    ".circleci",
    ".buildkite",
    ".woodpecker",
];

/// Words of which one stands on a line that speaks of Rust's version.
const WORDS: [&str; 3] = ["rust", "toolchain", "msrv"];

/// Every place in the repository of `workspace` that names an older Rust than `choice` needs.
pub(super) fn too_old(
    world: &dyn World,
    project: &Project,
    workspace: &Workspace,
    knowledge: &Knowledge,
    choice: &Choice,
) -> Vec<ManualStep> {
    let needed = &choice.rust_version;
    let mut files: Vec<(Utf8PathBuf, String)> = workspace
        .manifests
        .iter()
        .filter(|manifest| may_reach_family(workspace, manifest, knowledge))
        .map(|manifest| (manifest.path.clone(), manifest.text.clone()))
        .collect();
    for path in candidates(world, workspace.folder()) {
        let small = world.size(&path).is_ok_and(|size| size <= LARGEST);
        let text = small.then(|| world.read(&path).ok()).flatten();
        files.extend(text.and_then(|bytes| Some((path, String::from_utf8(bytes).ok()?))));
    }
    let mut steps = Vec::new();
    for (path, text) in &files {
        for (span, found) in versions(path, text) {
            if found < *needed {
                steps.push(ManualStep {
                    what: format!(
                        "Rust {found} is too old for {}: raise it to {needed}",
                        choice.release
                    ),
                    location: Location::new(project.shown(path), text, span),
                });
            }
        }
    }
    steps
}

/// Whether what a package is compiled with may have Wasmtime in it: guests and macros of the same workspace,
/// which others build with the Rust that they name, have not. The root speaks for all.
fn may_reach_family(workspace: &Workspace, manifest: &Manifest, knowledge: &Knowledge) -> bool {
    let is_root = manifest.path == workspace.root().path;
    let known = workspace.lockfile.as_ref().zip(manifest.package.as_ref());
    let Some((lockfile, name)) = known.filter(|_| !is_root) else {
        return true;
    };
    let own = |package: &LockedPackage| package.source.is_none() && package.name == *name;
    let reached = lockfile.closure(own);
    // A lockfile that does not know the package says nothing of it.
    let is_of_family = |place: &usize| {
        let package = &lockfile.packages[*place];
        package.source.is_some() && knowledge.family.get(&package.name).is_some()
    };
    reached.is_empty() || reached.iter().any(is_of_family)
}

/// The files to look into, sorted.
fn candidates(world: &dyn World, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let is_top = |folder: &&Utf8Path| matches!(world.kind(&folder.join(".git")), Ok(Some(_)));
    let top = folder.ancestors().find(is_top).unwrap_or(folder);
    let between = folder
        .ancestors()
        .take_while(|ancestor| ancestor.starts_with(top));
    let mut found: Vec<Utf8PathBuf> = between
        .flat_map(|folder| AT_TOP.map(|name| folder.join(name)))
        .collect();
    for name in FOLDERS {
        let folder = top.join(name);
        for entry in world.list(&folder).unwrap_or_default() {
            let path = folder.join(entry);
            // `.github/actions` has a folder for each action.
            found.push(path.join("action.yml"));
            found.push(path);
        }
    }
    let containers = world.walk(top, &["Dockerfile", "Containerfile"], &["dockerfile"]);
    found.extend(containers.into_iter().filter_map(|entry| match entry {
        WalkEntry::File(path) => Some(path),
        WalkEntry::PassedOver { .. } => None,
    }));
    found.sort();
    found.dedup();
    found
}

/// Versions of Rust in a text, with their places in bytes.
pub(super) fn versions(path: &Utf8Path, text: &str) -> Vec<(Span, RustVersion)> {
    let name = path.file_name().unwrap_or_default();
    let whole_file = name.starts_with("rust-toolchain");
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default();
        let lower = code.to_lowercase();
        let speaks = match name {
            "Cargo.toml" => lower.trim_start().starts_with("rust-version"),
            _ => whole_file || WORDS.iter().any(|word| lower.contains(word)),
        };
        if speaks {
            let places = numbers(code).into_iter();
            found.extend(places.filter_map(|(at, number)| {
                let version = number.parse().ok()?;
                let span = Span::new(start + at, start + at + number.len());
                Some((span, version))
            }));
        }
        start += line.len();
    }
    found
}

/// `1.85` and `1.85.0` in a line, each with its place: numbers that stand alone, or behind what
/// joins a name and its version (`rust:1.85-slim`, `rust-toolchain@1.85`).
fn numbers(line: &str) -> Vec<(usize, &str)> {
    let part = |c: char| c.is_ascii_digit() || c == '.';
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = line[at..].find("1.") {
        let start = at + offset;
        let number: &str = line[start..].split(|c| !part(c)).next().unwrap_or_default();
        at = start + number.len();
        let before = line[..start].chars().next_back();
        let joined = before.is_none_or(|c| !c.is_alphanumeric() && c != '.' && c != '_');
        let after = line[at..].chars().next();
        let ends = after.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let number = number.trim_end_matches('.');
        let parts: Vec<&str> = number.split('.').collect();
        // Rust's second number has two digits since 2016; `1.2` is an action's version.
        let shaped = matches!(parts.as_slice(), ["1", minor] | ["1", minor, _] if minor.len() == 2);
        if joined && ends && shaped {
            found.push((start, number));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::workspace::lockfile::Lockfile;

    fn found(path: &str, text: &str) -> Vec<String> {
        let places = versions(Utf8Path::new(path), text);
        let shown = places.iter().map(|(span, version)| {
            assert!(span.text(text).starts_with("1."), "{span:?}");
            version.to_string()
        });
        shown.collect()
    }

    /// Guests of the same workspace are compiled by others, with another Rust.
    #[test]
    fn packages_without_wasmtime_are_not_asked_for_a_newer_rust() {
        let manifest = |folder: &str, name: &str| {
            let text = format!(
                "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nrust-version = \"1.80\"\n"
            );
            Manifest::parse(format!("{folder}Cargo.toml").into(), text).unwrap()
        };
        let manifests = ["/w/", "/w/host/", "/w/plugin/", "/w/new/"]
            .into_iter()
            .zip(["root", "host", "plugin", "new"])
            .map(|(folder, name)| manifest(folder, name));
        let package = |name: &str, rest: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{rest}\n")
        };
        let text = [
            "version = 4\n".to_owned(),
            package("core", "dependencies = [\n \"wasmtime\",\n]\n"),
            package("host", "dependencies = [\n \"core\",\n]\n"),
            package("plugin", "dependencies = [\n \"serde\",\n]\n"),
            package("root", ""),
            package("serde", "source = \"registry+https://example.org\"\n"),
            package("wasmtime", "source = \"registry+https://example.org\"\n"),
        ];
        let lockfile = Lockfile::parse("/w/Cargo.lock".into(), text.concat()).unwrap();
        let workspace = Workspace::new(manifests.collect(), Some(lockfile));
        let asked = workspace
            .manifests
            .iter()
            .filter(|manifest| may_reach_family(&workspace, manifest, Knowledge::embedded()));
        let asked: Vec<&str> = asked.filter_map(|it| it.package.as_deref()).collect();
        assert_eq!(asked, ["root", "host", "new"]);
    }

    #[test]
    fn versions_of_rust_are_found_where_builds_are_set_up() {
        for (path, text, expected) in [
            ("rust-toolchain", "1.85.0\n", vec!["1.85"]),
            (
                "rust-toolchain.toml",
                "[toolchain]\nchannel = \"1.85\"\n",
                vec!["1.85"],
            ),
            (
                "rust-toolchain.toml",
                "[toolchain]\nchannel = \"stable\"\n",
                vec![],
            ),
            ("Cargo.toml", "rust-version = \"1.80.1\"\n", vec!["1.80.1"]),
            ("Cargo.toml", "rustls = \"1.23\"\n", vec![]),
            (
                "Dockerfile",
                "FROM rust:1.85-slim-bookworm AS build\n",
                vec!["1.85"],
            ),
            (
                "ci.yml",
                "  - uses: dtolnay/rust-toolchain@1.85.0\n",
                vec!["1.85"],
            ),
            (
                "ci.yml",
                "  rust: [stable, 1.85, '1.86.0']\n",
                vec!["1.85", "1.86"],
            ),
            ("ci.yml", "  # the toolchain was 1.70 once\n", vec![]),
            ("ci.yml", "  - uses: Swatinem/rust-cache@v2.1.85\n", vec![]),
            ("ci.yml", "  image: node:1.85\n", vec![]),
            ("ci.yml", "  rust-tool: v1.2\n", vec![]),
        ] {
            assert_eq!(found(path, text), expected, "{path}: {text}");
        }
    }
}
