//! The host of a rehearsal, held against the compiler on every line that it is written for.
//!
//! `cargo test --test rehearse_lines -- --ignored` checks it on the newest release of each line that this
//! Rust can compile (two minutes a line at first). `REHEARSE_LINES=24,30` names a few.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::rehearse::package::{HostPackage, Http, OLDEST};
use wasmtime_upgrade::version::{FamilyVersion, Line};

/// The last line that Rust 1.95 compiles.
const NEWEST: Line = Line(48);

/// The newest release of each line that the registry serves.
fn releases() -> Vec<FamilyVersion> {
    let mut newest = BTreeMap::new();
    for release in Knowledge::embedded().releases.iter() {
        let line = release.version.line();
        let is_served = !release.yanked && !release.unserved && release.unusable.is_none();
        if is_served && (OLDEST..=NEWEST).contains(&line) {
            newest.insert(line, release.version.clone());
        }
    }
    let asked = std::env::var("REHEARSE_LINES").ok();
    let asked: Option<Vec<Line>> = asked.map(|lines| {
        lines
            .split(',')
            .map(|line| Line(line.parse().unwrap()))
            .collect()
    });
    let is_asked = |line: &Line| asked.as_ref().is_none_or(|asked| asked.contains(line));
    newest.retain(|line, _| is_asked(line));
    newest.into_values().collect()
}

/// What the compiler says against the host of a release; empty when nothing.
fn errors(folder: &Path, release: &FamilyVersion) -> String {
    let package = HostPackage::new(
        Knowledge::embedded(),
        release,
        &["component-model-async"],
        Http::Linked,
    );
    let root = folder.join(release.to_string());
    for (path, text) in package.files() {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let checked = Command::new("cargo")
        .args(["check", "--quiet", "--message-format", "short"])
        .current_dir(&root)
        // The tests' own toolchain is not the host's.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    match checked.status.success() {
        true => String::new(),
        false => String::from_utf8_lossy(&checked.stderr).into_owned(),
    }
}

#[test]
fn every_line_has_a_release_to_check() {
    let lines: Vec<u64> = releases().iter().map(|release| release.line().0).collect();
    if std::env::var_os("REHEARSE_LINES").is_none() {
        assert_eq!(lines, Vec::from_iter(OLDEST.0..=NEWEST.0));
    }
}

#[test]
#[ignore = "checks Wasmtime with Cranelift and WASI for 25 lines"]
fn the_host_compiles_on_every_line() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rehearse-lines");
    let mut refused = Vec::new();
    for release in releases() {
        let errors = errors(&folder, &release);
        eprintln!(
            "{release}: {}",
            if errors.is_empty() {
                "compiles"
            } else {
                "refused"
            }
        );
        if !errors.is_empty() {
            refused.push(format!("{release}:\n{errors}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
