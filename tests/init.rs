//! `init`, on one folder of `tests/init` for every shape that a repository can have: the tree before, the
//! command, what it prints, the tree afterwards. `tests/init/README.md` says what is where.
//!
//! Besides, whatever a case is about: `--dry-run` changes nothing and ends in the same way; a second
//! run changes nothing; `undo` brings every byte back, and takes every folder away.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "golden/compare.rs"]
mod compare;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use compare::{Expected, Tree, read_tree};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use support::vendor::commit;
use support::{Ran, program, run, write};
use tempfile::TempDir;

/// The value `write` makes the cases' expectations what the program does now, for review.
const WRITE: &str = "WASMTIME_UPGRADE_GOLDEN";

/// `case.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    /// What the shape is, in a line.
    shape: String,
    /// Arguments of `init`.
    #[serde(default)]
    args: Vec<String>,
    /// How it has to end.
    #[serde(default)]
    exit: i32,
    /// How `--dry-run` has to end, where that differs: it asks no guard.
    dry_exit: Option<i32>,
    /// Where in the tree it is started.
    #[serde(default)]
    folder: String,
    /// Whether the tree is committed to git before the run.
    #[serde(default = "yes")]
    git: bool,
    /// Files that may not be written.
    #[serde(default)]
    read_only: Vec<String>,
    /// Symbolic links: their place, and where they lead.
    #[serde(default)]
    links: std::collections::BTreeMap<String, String>,
    /// Whether lines of `in/` end as on Windows: git would not keep that.
    #[serde(default)]
    crlf: bool,
}

fn yes() -> bool {
    true
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/init");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let trials = folders.into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || golden(&folder))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit()
}

fn golden(folder: &Path) -> Result<(), Failed> {
    let write = std::env::var(WRITE).is_ok_and(|value| value == "write");
    let text = std::fs::read_to_string(folder.join("case.toml"))?;
    let case: Case = toml::from_str(&text)?;
    let scene = Scene::new(&case, folder);
    let before = scene.tree();
    let planned = scene.init(&["--dry-run"]);
    let mut complaints = Vec::new();
    if scene.tree() != before {
        complaints.push("`--dry-run` changed something".to_owned());
    }
    let ran = scene.init(&[]);
    let after = scene.tree();
    let seen = Expected {
        output: format!(
            "== dry run\n{}\n== run\n{}",
            scene.plain(&planned),
            scene.plain(&ran)
        ),
        tree: (after != before).then(|| after.clone()),
    };
    if write {
        seen.write(folder);
    }
    complaints.extend(seen.differences_to(&Expected::read(folder)));
    for (what, code, expected) in [
        ("the run", ran.code, case.exit),
        (
            "`--dry-run`",
            planned.code,
            case.dry_exit.unwrap_or(case.exit),
        ),
    ] {
        if code != expected {
            complaints.push(format!("{what}: exit code {code}, not {expected}"));
        }
    }
    if after != before {
        let again = scene.init(&[]);
        if scene.tree() != after || !again.stdout.contains("nothing") {
            complaints.push(format!(
                "a second run has something to do:\n{}",
                again.stdout
            ));
        }
        let undone = run(&mut scene.program("undo"));
        if undone.code != 0 || scene.tree() != before {
            complaints.push(format!(
                "`undo` does not bring every byte back: {}",
                undone.stderr
            ));
        }
        for folder in ["xtask", ".cargo", ".github", ".wasmtime-upgrade"] {
            let was_there = before
                .keys()
                .any(|path| path.starts_with(&format!("{folder}/")));
            if !was_there && scene.root().join(folder).exists() {
                complaints.push(format!("`undo` leaves {folder}"));
            }
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n\n{}", case.shape, complaints.join("\n")).into())
}

/// A case's repository.
struct Scene<'a> {
    case: &'a Case,
    scratch: TempDir,
}

impl<'a> Scene<'a> {
    fn new(case: &'a Case, folder: &Path) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let scene = Self { case, scratch };
        let root = scene.root();
        std::fs::create_dir(&root).unwrap();
        for (path, bytes) in read_tree(&folder.join("in")) {
            let bytes = match case.crlf {
                true => String::from_utf8(bytes)
                    .unwrap()
                    .replace('\n', "\r\n")
                    .into_bytes(),
                false => bytes,
            };
            write(&root, &path, &bytes);
        }
        let outside = scene.scratch.path().join("outside.toml");
        std::fs::write(outside, "[build]\njobs = 1\n").unwrap();
        #[cfg(unix)]
        for (place, target) in &case.links {
            let place = root.join(place);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(target, place).unwrap();
        }
        if case.git {
            commit(&root);
            support::vendor::succeed(&root, "git", &["branch", "-M", "main"]);
        }
        for path in &case.read_only {
            let path = root.join(path);
            let mut permissions = std::fs::metadata(&path).unwrap().permissions();
            permissions.set_readonly(true);
            std::fs::set_permissions(&path, permissions).unwrap();
        }
        scene
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().canonicalize().unwrap().join("project")
    }

    /// Every file, with git's own left out.
    fn tree(&self) -> Tree {
        let mut tree = read_tree(&self.root());
        tree.retain(|path, _| !path.starts_with(".git/") && !path.contains(".wasmtime-upgrade/"));
        tree
    }

    fn program(&self, command: &str) -> Command {
        let mut program = program(&self.root().join(&self.case.folder));
        program.arg(command);
        program
    }

    fn init(&self, more: &[&str]) -> Ran {
        run(self.program("init").args(&self.case.args).args(more))
    }

    /// What was printed, without paths of this machine.
    fn plain(&self, ran: &Ran) -> String {
        let scratch = self.scratch.path().canonicalize().unwrap();
        let version = env!("CARGO_PKG_VERSION");
        [&*ran.stderr, &*ran.stdout]
            .concat()
            .replace(&scratch.display().to_string(), "[SCRATCH]")
            .replace(version, "[VERSION]")
    }
}
