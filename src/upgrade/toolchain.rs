//! Places that name a Rust older than the target needs: `rust-version`, toolchain files, CI and
//! container files. They are a person's to raise, for others build with them.

use camino::{Utf8Path, Utf8PathBuf};

use crate::analysis::Analysis;
use crate::finding::Location;
use crate::plan::ManualStep;
use crate::span::Span;
use crate::target::Choice;
use crate::version::RustVersion;
use crate::workspace::{Manifest, Project, Workspace};
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
    analysis: &Analysis,
    choice: &Choice,
) -> Vec<ManualStep> {
    let needed = &choice.rust_version;
    // Guests and macros of the same workspace are compiled by others, with the Rust that they name. The root
    // speaks for all.
    let is_asked = |place: usize, manifest: &Manifest| {
        manifest.path == workspace.root().path || analysis.sees(workspace, place)
    };
    let mut files: Vec<(Utf8PathBuf, String)> = workspace
        .manifests
        .iter()
        .enumerate()
        .filter(|(place, manifest)| is_asked(*place, manifest))
        .map(|(_, manifest)| (manifest.path.clone(), manifest.text.clone()))
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
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let places = versions(Utf8Path::new(path), text);
        let shown = places.iter().map(|(span, version)| {
            assert!(span.text(text).starts_with("1."), "{span:?}");
            version.to_string()
        });
        shown.collect()
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
