//! Scratch projects, and the program run on them as a user runs it.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub mod github;
pub mod outside;
pub mod vendor;
pub mod yaml;

/// The day for which tests judge: support windows move on, and the tests' answers must not.
pub const TODAY: &str = "2026-11-22";

/// The host of Wasmtime issue #10677, in short.
pub const HOST: &str = r#"use std::cell::RefCell;
use std::rc::Rc;

wasmtime::component::bindgen!({
    inline: "package a:b; world host { export run: func() -> u32; }",
    require_store_data_send: false,
});

pub struct State {
    log: Rc<RefCell<Vec<String>>>,
}

pub fn drive(store: &mut wasmtime::Store<State>, host: &Host) -> u32 {
    store.data().log.borrow_mut().push("run".to_owned());
    host.call_run(store).unwrap_or(0)
}
"#;

/// A manifest that requires `wasmtime` like this.
pub fn manifest(requirement: &str) -> String {
    format!(
        "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nwasmtime = {requirement}\n"
    )
}

/// A lockfile with this Wasmtime.
pub fn lockfile(version: &str) -> String {
    format!(
        "version = 4\n\n[[package]]\nname = \"host\"\nversion = \"0.1.0\"\ndependencies = [\"wasmtime\"]\n\n[[package]]\nname = \"wasmtime\"\nversion = \"{version}\"\nsource = \"registry+https://example.com/index\"\n"
    )
}

/// A folder with these files.
pub fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

/// The host on this release, locked.
pub fn host_on(version: &str) -> TempDir {
    project(&[
        ("Cargo.toml", &manifest(&format!("\"{version}\""))),
        ("Cargo.lock", &lockfile(version)),
        ("src/lib.rs", HOST),
    ])
}

/// The release of [`harmless`].
pub const HARMLESS: &str = "36.0.20";

/// A project that nothing affects: a supported release, and nothing of it is on.
pub fn harmless() -> TempDir {
    let requirement = format!("{{ version = \"{HARMLESS}\", default-features = false }}");
    project(&[
        ("Cargo.toml", &manifest(&requirement)),
        ("Cargo.lock", &lockfile(HARMLESS)),
        ("src/lib.rs", "pub fn nothing() {}\n"),
    ])
}

/// Writes one file and the folders above it.
pub fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// The program, in `folder`, without colours and without what cargo on this machine happens to have
/// in its index.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmtime-upgrade"));
    command
        .current_dir(folder)
        .arg("--no-registry-cache")
        .env("NO_COLOR", "1")
        .env_remove("CARGO_TERM_COLOR");
    command
}

/// How a run ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

/// Runs it; standard output must be UTF-8.
pub fn run(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// `check --format json` of a folder, with a path on which there is no cargo.
pub fn check_json(folder: &Path, args: &[&str]) -> Ran {
    let own_day = args.contains(&"--as-of");
    let today: &[&str] = if own_day { &[] } else { &["--as-of", TODAY] };
    run(program(folder)
        .args(["check", "--format", "json"])
        .args(today)
        .args(args)
        .env("PATH", "/nonexistent")
        .env_remove("CARGO"))
}

/// The finding of that id.
pub fn finding<'a>(report: &'a Value, id: &str) -> Option<&'a Value> {
    report["findings"]
        .as_array()?
        .iter()
        .find(|finding| finding["id"] == id)
}
