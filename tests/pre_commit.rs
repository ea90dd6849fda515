//! The hooks, run by pre-commit itself in a repository of their own: the one that this repository
//! publishes, at the commit that is checked out, and the one that runs a project's xtask.
//!
//! Needs `WASMTIME_UPGRADE_PRE_COMMIT`, the path of the program: the first test compiles what it
//! judges with, from the registry, as pre-commit does it for everybody.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::outside::{named_by, skipped};
use support::{HARMLESS, HOST, Ran, TODAY, check_json, lockfile, manifest, run, write};
use tempfile::TempDir;

const VARIABLE: &str = "WASMTIME_UPGRADE_PRE_COMMIT";
const SEND: &str = "bindgen-send-bound-on-exports";
const CHECKOUT: &str = env!("CARGO_MANIFEST_DIR");
/// Files of tests that may stay for the next run.
const KEPT: &str = env!("CARGO_TARGET_TMPDIR");

/// A repository whose commits pre-commit watches.
struct Repository {
    folder: TempDir,
    pre_commit: PathBuf,
    path: String,
}

impl Repository {
    /// None where there is no pre-commit, which is said.
    fn new(test: &str, config: &str) -> Option<Self> {
        let Some(pre_commit) = named_by(VARIABLE) else {
            skipped(test, &format!("{VARIABLE} names no pre-commit"));
            return None;
        };
        let folder = tempfile::tempdir_in(KEPT).unwrap();
        let repository = Self {
            folder,
            pre_commit,
            path: std::env::var("PATH").unwrap(),
        };
        repository.git(&["init", "-q"]);
        write(
            repository.work(),
            ".pre-commit-config.yaml",
            config.as_bytes(),
        );
        repository.succeed(repository.command(&repository.pre_commit).arg("install"));
        Some(repository)
    }

    /// The work tree. What is no part of it lies below `.git`.
    fn work(&self) -> &Path {
        self.folder.path()
    }

    /// A program in the work tree, with a configuration that is the same on every machine.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.work())
            .env("PATH", &self.path)
            .env("PRE_COMMIT_HOME", self.work().join(".git/pre-commit-cache"))
            .env("PRE_COMMIT_COLOR", "never")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for person in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{person}_NAME"), "a")
                .env(format!("GIT_{person}_EMAIL"), "a@example.com");
        }
        for variable in [
            "GIT_DIR",
            "GIT_INDEX_FILE",
            "GIT_WORK_TREE",
            "SKIP",
            "NO_COLOR",
        ] {
            command.env_remove(variable);
        }
        command
    }

    fn succeed(&self, command: &mut Command) -> Ran {
        let ran = run(command);
        assert_eq!(ran.code, 0, "{command:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    fn git(&self, args: &[&str]) -> Ran {
        self.succeed(self.command("git").args(args))
    }

    /// Writes the files and commits them, and whatever was refused before. What was said, when it
    /// was refused.
    fn commit(&self, files: &[(&str, &str)]) -> Result<String, String> {
        for (path, text) in files {
            write(self.work(), path, text.as_bytes());
        }
        self.git(&["add", "-A"]);
        let ran = run(self.command("git").args(["commit", "-qm", "x"]));
        let said = format!("{}{}", ran.stdout, ran.stderr);
        match ran.code {
            0 => Ok(said),
            _ => Err(said),
        }
    }

    /// From now on, a `cargo` that fails and leaves a trace. Returns the trace.
    fn without_cargo(&mut self) -> PathBuf {
        let (bin, trace) = (".git/no-cargo", self.work().join(".git/cargo-was-called"));
        let script = format!("#!/bin/sh\ntouch '{}'\nexit 1\n", trace.display());
        write(self.work(), &format!("{bin}/cargo"), script.as_bytes());
        let bin = self.work().join(bin);
        fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        self.path = format!("{}:{}", bin.display(), self.path);
        trace
    }
}

fn pinned(version: &str) -> [(&'static str, String); 2] {
    [
        ("Cargo.toml", manifest(&format!("\"{version}\""))),
        ("Cargo.lock", lockfile(version)),
    ]
}

/// Waivers for all that stops the project now.
fn waivers(folder: &Path) -> String {
    let report = check_json(folder, &[]).json();
    let findings = report["findings"].as_array().unwrap();
    let errors = findings
        .iter()
        .filter(|finding| finding["level"] == "error");
    let until: jiff::civil::Date = TODAY.parse().unwrap();
    let until = until.saturating_add(jiff::Span::new().days(30));
    errors.fold(String::new(), |text, finding| {
        let id = &finding["id"];
        format!("{text}[[waive]]\nid = {id}\nreason = \"next week\"\nuntil = {until}\n")
    })
}

/// Both hooks let the same things pass, and refuse the same.
fn assert_it_is_a_gate(repository: &Repository) {
    let commit = |files: &[(&str, &str)]| repository.commit(files);
    let skipped = |said: &str| said.contains("(no files to check)Skipped");
    let passed = |said: &str| said.contains("Passed");

    let said = commit(&[("notes.md", "Nothing of Rust.\n")]).unwrap();
    assert!(skipped(&said), "{said}");

    let [(_, toml), (_, lock)] = pinned("32.0.0");
    let host = [
        ("Cargo.toml", &*toml),
        ("Cargo.lock", &*lock),
        ("src/lib.rs", HOST),
    ];
    let said = commit(&host).unwrap_err();
    assert!(said.contains("Failed"), "{said}");
    assert!(
        said.contains(SEND) && said.contains("Cargo.toml:7:12"),
        "{said}"
    );

    let requirement = format!("{{ version = \"{HARMLESS}\", default-features = false }}");
    let (toml, lock) = (manifest(&requirement), lockfile(HARMLESS));
    let fixed = [
        ("Cargo.toml", &*toml),
        ("Cargo.lock", &*lock),
        ("src/lib.rs", "pub fn nothing() {}\n"),
    ];
    let said = commit(&fixed).unwrap();
    assert!(passed(&said), "{said}");

    let said = commit(&host).unwrap_err();
    assert!(said.contains(SEND), "{said}");
    let policy = waivers(repository.work());
    let said = commit(&[("wasmtime-upgrade.toml", &policy)]).unwrap();
    assert!(passed(&said), "{said}");

    let said = commit(&[("notes.md", "Still nothing of Rust.\n")]).unwrap();
    assert!(skipped(&said), "{said}");

    // The policy alone is looked at too.
    let said = commit(&[("wasmtime-upgrade.toml", "waive = 1\n")]).unwrap_err();
    assert!(said.contains("exit code: 2"), "{said}");
    assert!(said.contains("wasmtime-upgrade.toml:1:"), "{said}");
}

#[test]
fn the_published_hook_is_a_gate_and_needs_no_cargo() {
    let test = "the_published_hook_is_a_gate_and_needs_no_cargo";
    let head = run(Command::new("git").args(["-C", CHECKOUT, "rev-parse", "HEAD"]));
    if head.code != 0 {
        return skipped(test, "this is no git checkout");
    }
    // `language_version` is pre-commit's own choice where it finds a cargo; later there is none.
    let config = format!(
        "repos:\n  - repo: {CHECKOUT}\n    rev: {}\n    hooks:\n      - id: wasmtime-upgrade\n        \
         language_version: system\n        args: [--as-of, '{TODAY}', --no-registry-cache]\n",
        head.stdout.trim()
    );
    let Some(mut repository) = Repository::new(test, &config) else {
        return;
    };
    // How fast the program gets is no matter here; how fast it is built is.
    let mut install = repository.command(&repository.pre_commit);
    install
        .arg("install-hooks")
        .env("CARGO_TARGET_DIR", Path::new(KEPT).join("pre-commit"))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    repository.succeed(&mut install);
    let trace = repository.without_cargo();
    assert_it_is_a_gate(&repository);
    assert!(!trace.exists(), "the hook called cargo");
}

#[test]
fn a_hook_that_runs_the_xtask_is_a_gate() {
    let test = "a_hook_that_runs_the_xtask_is_a_gate";
    let ours = fs::read_to_string(Path::new(CHECKOUT).join(".pre-commit-hooks.yaml")).unwrap();
    let files = ours
        .lines()
        .find(|line| line.starts_with("  files: "))
        .unwrap();
    let config = format!(
        "repos:\n  - repo: local\n    hooks:\n      - id: wasmtime-upgrade\n        name: Wasmtime\n        \
         language: system\n        entry: cargo xtask check\n      {files}\n        \
         args: [--as-of, '{TODAY}', --no-registry-cache]\n        pass_filenames: false\n"
    );
    let Some(repository) = Repository::new(test, &config) else {
        return;
    };
    let folder = repository.work();
    // Not called `xtask`: it shares the target folder with ours.
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"host-xtask\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nwasmtime-upgrade = {{ path = \"{CHECKOUT}\" }}\n"
    );
    write(folder, "xtask/Cargo.toml", manifest.as_bytes());
    let main = "fn main() -> std::process::ExitCode {\n    wasmtime_upgrade::cli::main()\n}\n";
    write(folder, "xtask/src/main.rs", main.as_bytes());
    let lock = fs::read(Path::new(CHECKOUT).join("xtask/Cargo.lock")).unwrap();
    write(folder, "xtask/Cargo.lock", &lock);
    let target = Path::new(KEPT).parent().unwrap();
    let config = format!(
        "[alias]\nxtask = \"run --quiet --manifest-path xtask/Cargo.toml --\"\n[build]\ntarget-dir = \"{}\"\n",
        target.display()
    );
    write(folder, ".cargo/config.toml", config.as_bytes());
    // The first run compiles, and settles the lockfile.
    let build = ["build", "--quiet", "--manifest-path", "xtask/Cargo.toml"];
    repository.succeed(repository.command("cargo").args(build));
    repository.git(&["add", "-A"]);
    repository.git(&["commit", "-qm", "an xtask", "--no-verify"]);
    assert_it_is_a_gate(&repository);
}
