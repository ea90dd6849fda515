//! Whole hosts that jump over many lines at once, on the real releases: what one migration leaves is what
//! the next one meets. `after` is what the program made of them, read and found to mean the same.
//!
//! `cargo test --test hosts -- --ignored` compiles four releases of Wasmtime with its WASI crates.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{program, run};

/// The files of a folder and below, relative to it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path.strip_prefix(folder).unwrap().to_owned()),
            }
        }
    }
    found.sort();
    found
}

#[test]
#[ignore = "compiles four releases of Wasmtime with WASI"]
fn a_host_that_jumps_compiles_and_is_what_it_was_read_as() {
    let hosts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hosts");
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("migrations");
    let mut count = 0;
    for host in fs::read_dir(hosts).unwrap() {
        let host = host.unwrap().path();
        let (before, after) = (host.join("before"), host.join("after"));
        let folder = tempfile::tempdir().unwrap();
        for file in files(&before) {
            let bytes = fs::read(before.join(&file)).unwrap();
            support::write(folder.path(), file.to_str().unwrap(), &bytes);
        }
        let ran = run(program(folder.path())
            .args(["upgrade", "--to", "48.0.8", "--allow-dirty"])
            .args(["--format", "json"])
            .env("CARGO_TARGET_DIR", &target));
        let report = ran.json();
        let shown = host.display();
        assert_eq!(
            report["outcome"], "upgraded",
            "{shown}: {}",
            report["verification"]
        );
        for file in files(&after) {
            let made = fs::read_to_string(folder.path().join(&file)).unwrap();
            let expected = fs::read_to_string(after.join(&file)).unwrap();
            assert_eq!(made, expected, "{shown}: {}", file.display());
        }
        count += 1;
    }
    assert_eq!(count, 8);
}
