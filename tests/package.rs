//! What is published, and what it costs to build it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use support::outside::{on_path, skipped};
use toml::{Table, Value};

/// So many crates a user's build may pull, this one not counted.
const MOST_CRATES: usize = 120;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> Table {
    let text = std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    text.parse().unwrap()
}

/// The names in the `[dependencies]` and `[build-dependencies]` of the manifest, of every target.
fn required(manifest: &Table) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(|targets| targets.values());
    let tables = tables.filter_map(Value::as_table).chain([manifest]);
    let of_table = tables.flat_map(|table| {
        let kinds = ["dependencies", "build-dependencies"];
        kinds.map(|kind| table.get(kind).and_then(Value::as_table))
    });
    let entries = of_table.flatten().flat_map(|entries| entries.keys());
    entries.cloned().collect()
}

#[test]
fn a_build_pulls_no_more_crates_than_it_should() {
    let lockfile = read("Cargo.lock");
    let packages = lockfile["package"].as_array().unwrap();
    let text = |package: &Value, key: &str| package[key].as_str().unwrap().to_owned();
    let mut versions = BTreeMap::<String, Vec<&Value>>::new();
    for package in packages {
        versions
            .entry(text(package, "name"))
            .or_default()
            .push(package);
    }
    // A dependency is a name, with the version behind it where the name alone is not enough.
    let find = |dependency: &str| {
        let (name, version) = dependency.split_once(' ').unwrap_or((dependency, ""));
        let mut found = versions[name].iter();
        found
            .find(|it| version.is_empty() || text(it, "version") == version)
            .copied()
            .unwrap()
    };
    let ours = find(env!("CARGO_PKG_NAME"));
    let dependencies = |package: &Value| -> Vec<String> {
        let list = package.get("dependencies").and_then(Value::as_array);
        let list = list.into_iter().flatten();
        list.map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let required = required(&read("Cargo.toml"));
    let mut open: Vec<String> = dependencies(ours);
    // Those of tests are in the lockfile's list too.
    open.retain(|it| required.contains(it.split(' ').next().unwrap()));
    assert_eq!(open.len(), required.len());
    let mut pulled = BTreeSet::new();
    while let Some(dependency) = open.pop() {
        let package = find(&dependency);
        if pulled.insert((text(package, "name"), text(package, "version"))) {
            open.extend(dependencies(package));
        }
    }
    assert!(pulled.len() > required.len());
    assert!(pulled.len() <= MOST_CRATES, "{}: {pulled:?}", pulled.len());
}

#[test]
fn what_is_published_is_what_a_build_and_a_reader_need() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["package", "--list", "--allow-dirty", "--offline"];
    let output = Command::new(cargo)
        .args(args)
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listed = String::from_utf8(output.stdout).unwrap();
    let files: BTreeSet<&str> = listed.lines().collect();
    for file in [
        "Cargo.lock",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "docs/adoption.md",
        "knowledge/releases.toml",
        "src/init/templates/workflow.yml",
    ] {
        assert!(files.contains(file), "{file} is missing");
    }
    let folders = [
        "tests/",
        "demo/",
        "xtask/",
        "benches/",
        "fuzz/",
        "rehearse/",
        ".ci/",
    ];
    let strays: Vec<&&str> = files
        .iter()
        .filter(|file| folders.iter().any(|folder| file.starts_with(folder)))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
}

/// What `deny.toml` says of licences, sources and versions that stand twice. Advisories need a network:
/// `cargo deny check` has them too.
#[test]
fn what_enters_the_program_is_allowed_to() {
    let Some(program) = on_path("cargo-deny") else {
        return skipped(
            "what_enters_the_program_is_allowed_to",
            "cargo-deny is not installed",
        );
    };
    // It reads the crates of all platforms, and a build fetches those of its own.
    let mut fetch = Command::new("cargo");
    let fetched = fetch.args(["fetch", "--locked"]).current_dir(ROOT).output();
    if !fetched.is_ok_and(|fetched| fetched.status.success()) {
        return skipped(
            "what_enters_the_program_is_allowed_to",
            "the crates of all platforms could not be fetched",
        );
    }
    let args = ["--offline", "check", "licenses", "bans", "sources"];
    let output = Command::new(program)
        .args(args)
        .current_dir(ROOT)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
