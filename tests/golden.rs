//! One folder of `tests/golden` for every shape that a project's manifests and lockfiles can have:
//! the tree before, the command, what it prints, the tree afterwards. The real cargo runs, with
//! tiny crates in Wasmtime's place. `tests/golden/README.md` says what is where.
//!
//! Besides, whatever a case is about: a run that does not end well leaves the tree as it was; a
//! second run changes nothing; `undo` brings every byte back.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "golden/case.rs"]
mod case;
#[path = "golden/compare.rs"]
mod compare;
#[path = "golden/normal.rs"]
mod normal;
mod support;

use std::path::{Path, PathBuf};

use case::Case;
use compare::Expected;
use libtest_mimic::{Arguments, Failed, Trial};

/// The value `write` makes the cases' expectations what the program does now, for review.
const WRITE: &str = "WASMTIME_UPGRADE_GOLDEN";

fn main() {
    let trials = folders().into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || golden(&folder))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit()
}

/// Every folder with a case.
fn folders() -> Vec<PathBuf> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(golden).unwrap();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn golden(folder: &Path) -> Result<(), Failed> {
    let write = std::env::var(WRITE).is_ok_and(|value| value == "write");
    let case = Case::read(folder);
    let scene = case.set_up(folder, write)?;
    let before = scene.tree();
    let ran = scene.run();
    let after = scene.tree();
    let seen = Expected {
        output: ran.output,
        tree: (after != before).then(|| after.clone()),
    };
    if write {
        seen.write(folder);
    }
    let mut complaints = seen.differences_to(&Expected::read(folder));
    if ran.code != case.exit {
        complaints.push(format!("exit code {}, not {}", ran.code, case.exit));
    }
    if after != before {
        if !matches!(ran.code, 0 | 5) {
            complaints.push("it failed, and the tree is not what it was".to_owned());
        }
        scene.run();
        if scene.tree() != after {
            complaints.push("a second run changes something again".to_owned());
        }
        scene.undo();
        if scene.tree() != before {
            complaints.push("`undo` does not bring every byte back".to_owned());
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n\n{}", case.shape, complaints.join("\n")).into())
}
