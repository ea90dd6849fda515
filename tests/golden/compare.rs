//! What a case expects, and how it differs from what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diffy::DiffOptions;

use crate::support::write;

/// Files by their path, with `/`.
pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// What a run prints and leaves.
pub(crate) struct Expected {
    /// What it prints.
    pub(crate) output: String,
    /// The tree afterwards; none when nothing changes.
    pub(crate) tree: Option<Tree>,
}

impl Expected {
    pub(crate) fn read(folder: &Path) -> Self {
        let out = folder.join("out");
        Self {
            output: std::fs::read_to_string(folder.join("output.txt")).unwrap_or_default(),
            tree: out.is_dir().then(|| read_tree(&out)),
        }
    }

    /// Makes this what the case expects.
    pub(crate) fn write(&self, folder: &Path) {
        write(folder, "output.txt", self.output.as_bytes());
        let out = folder.join("out");
        if out.is_dir() {
            std::fs::remove_dir_all(&out).unwrap();
        }
        for (path, bytes) in self.tree.iter().flatten() {
            write(&out, path, bytes);
        }
    }

    /// A diff for everything that is not as expected.
    pub(crate) fn differences_to(&self, expected: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |name: &str, expected: &str, seen: &str| {
            if expected != seen {
                differences.push(diff(name, expected, seen));
            }
        };
        compare("output.txt", &expected.output, &self.output);
        let empty = Tree::new();
        let wanted = expected.tree.as_ref().unwrap_or(&empty);
        let seen = self.tree.as_ref().unwrap_or(&empty);
        let paths: BTreeSet<&String> = wanted.keys().chain(seen.keys()).collect();
        for path in paths {
            compare(
                &format!("out/{path}"),
                &text(wanted, path),
                &text(seen, path),
            );
        }
        differences
    }
}

/// A file for a diff: carriage returns and the byte-order mark are to be seen.
fn text(tree: &Tree, path: &str) -> String {
    let bytes = tree.get(path).map(Vec::as_slice).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    text.replace('\r', "\\r").replace('\u{feff}', "\\u{feff}")
}

fn diff(name: &str, expected: &str, seen: &str) -> String {
    DiffOptions::new()
        .set_original_filename(format!("{name} as expected"))
        .set_modified_filename(format!("{name} now"))
        .create_patch(expected, seen)
        .to_string()
}

/// Every file below a folder.
pub(crate) fn read_tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    collect(folder, "", &mut tree);
    tree
}

fn collect(folder: &Path, prefix: &str, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{path}/"), tree);
        } else {
            tree.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}
