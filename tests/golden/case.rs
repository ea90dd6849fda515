//! What a case says, and its project on a disk of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use tempfile::TempDir;

use crate::compare::{Tree, read_tree};
use crate::normal;
use crate::support::vendor::{Stub, TAKE_STUBS, commit, publish};
use crate::support::{TODAY, program, run, write};

/// `case.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Case {
    /// What the shape is, in a line.
    pub(crate) shape: String,
    /// The program's arguments.
    pub(crate) args: Vec<String>,
    /// How it has to end.
    #[serde(default)]
    pub(crate) exit: i32,
    /// Where in the tree it is started.
    #[serde(default)]
    folder: String,
    /// The crates that there are, by name.
    #[serde(default)]
    registry: BTreeMap<String, Vec<Published>>,
    /// More of cargo's configuration.
    #[serde(default)]
    cargo_config: String,
    /// What git ignores.
    #[serde(default)]
    ignored: Vec<String>,
    /// That there is no lockfile is what the case is about.
    #[serde(default)]
    unlocked: bool,
}

/// A version of a crate.
#[derive(Deserialize)]
#[serde(untagged)]
enum Published {
    /// One without anything.
    Plain(String),
    /// One with something.
    With {
        version: String,
        /// The names of its features.
        #[serde(default)]
        features: Vec<String>,
        /// The lines of its `[dependencies]`.
        #[serde(default)]
        dependencies: String,
        /// Its library.
        #[serde(default)]
        source: String,
    },
}

/// A case's project, in a git repository, with the crates that there are beside it.
pub(crate) struct Scene<'a> {
    case: &'a Case,
    scratch: TempDir,
}

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) output: String,
}

impl Case {
    pub(crate) fn read(folder: &Path) -> Self {
        let path = folder.join("case.toml");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Makes the project. With `write` a lockfile that is missing in `in/` is made by cargo.
    pub(crate) fn set_up(&self, folder: &Path, write_lockfile: bool) -> Result<Scene<'_>, String> {
        let scratch = tempfile::tempdir().unwrap();
        let scene = Scene {
            case: self,
            scratch,
        };
        let place = scene.scratch.path();
        for (name, versions) in &self.registry {
            for published in versions {
                published.publish(place, name);
            }
        }
        let config = format!("{TAKE_STUBS}{}", self.cargo_config);
        write(place, ".cargo/config.toml", config.as_bytes());
        let project = scene.project();
        let lockfile = folder.join("in/Cargo.lock");
        let mut tree = read_tree(&folder.join("in"));
        if !self.ignored.is_empty() {
            let lines = self.ignored.join("\n") + "\n";
            tree.insert(".gitignore".to_owned(), lines.into_bytes());
        }
        for (path, bytes) in &tree {
            write(&project, path, &normal::with_registry(path, bytes));
        }
        if !self.unlocked && !lockfile.exists() {
            if !write_lockfile {
                return Err("no in/Cargo.lock, and no `unlocked = true`".to_owned());
            }
            scene.cargo(&["generate-lockfile", "--offline"]);
            std::fs::write(lockfile, &scene.tree()["Cargo.lock"]).unwrap();
        }
        commit(&project);
        Ok(scene)
    }
}

impl Published {
    fn publish(&self, folder: &Path, name: &str) {
        let (version, features, dependencies, source) = match self {
            Self::Plain(version) => (version, &[][..], "", ""),
            Self::With {
                version,
                features,
                dependencies,
                source,
            } => (
                version,
                &features[..],
                dependencies.as_str(),
                source.as_str(),
            ),
        };
        let stub = Stub {
            name,
            version,
            dependencies,
            source,
        };
        let features: String = features
            .iter()
            .map(|name| format!("{name} = []\n"))
            .collect();
        publish(folder, &stub, &features);
    }
}

impl Scene<'_> {
    fn project(&self) -> PathBuf {
        self.scratch.path().canonicalize().unwrap().join("project")
    }

    /// Every file, with git's own and ours left out.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = read_tree(&self.project());
        tree.retain(|path, _| {
            let own = [".git", ".gitignore", ".wasmtime-upgrade"];
            !path.split('/').any(|part| own.contains(&part))
        });
        for (path, bytes) in &mut tree {
            *bytes = normal::without_registry(path, bytes);
        }
        tree
    }

    /// Runs the program as the case says.
    pub(crate) fn run(&self) -> Ran {
        let ran = run(self.program(&self.case.args).args(["--as-of", TODAY]));
        let root = self.project();
        Ran {
            code: ran.code,
            output: normal::output(&ran.stderr, &ran.stdout, &root),
        }
    }

    /// Takes the run back, of the same workspace.
    pub(crate) fn undo(&self) {
        let mut args = vec!["undo".to_owned()];
        let named = self
            .case
            .args
            .iter()
            .position(|arg| arg == "--manifest-path");
        args.extend(
            named
                .into_iter()
                .flat_map(|at| self.case.args[at..at + 2].to_vec()),
        );
        let ran = run(&mut self.program(&args));
        assert_eq!(ran.code, 0, "undo: {}", ran.stderr);
    }

    fn program(&self, args: &[String]) -> Command {
        let mut command = program(&self.project().join(&self.case.folder));
        command
            .args(args)
            .arg("--offline")
            .env("CARGO_TARGET_DIR", self.scratch.path().join("target"))
            // Which rustup sets for all that cargo runs: a case may have a toolchain file.
            .env_remove("RUSTUP_TOOLCHAIN");
        command
    }

    fn cargo(&self, args: &[&str]) {
        crate::support::vendor::succeed(&self.project(), "cargo", args);
    }
}
