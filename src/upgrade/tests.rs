#![allow(clippy::unwrap_used)]

use super::*;
use crate::world::{Command, MemoryWorld, ProcessOutput};

const MANIFEST: &str = "[package]\nname = \"host\"\nversion = \"1.0.0\"\n\n[dependencies]\nwasmtime = \"32\"\nplugins = \"1\"\n";
const INDEX: &str = "/home/me/.cargo/registry/index/r/.cache/pl/ug/plugins";

/// A lockfile with a release of `plugins` and each release of Wasmtime, the last of which it needs.
fn lockfile(plugins: &str, engines: &[&str]) -> String {
    let registry = "source = \"registry+https://example.com/index\"\n";
    let package = |name: &str, version: &str, rest: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}\n")
    };
    let needs = |names: &[String]| {
        let lines: String = names.iter().map(|name| format!(" \"{name}\",\n")).collect();
        format!("dependencies = [\n{lines}]\n")
    };
    let named: Vec<String> = engines
        .iter()
        .map(|version| format!("wasmtime {version}"))
        .collect();
    let first = ["plugins".to_owned(), named[0].clone()];
    let mut text = "version = 4\n\n".to_owned();
    text += &package("host", "1.0.0", &needs(&first));
    let last = needs(&named[named.len() - 1..]);
    text += &package("plugins", plugins, &format!("{registry}{last}"));
    for version in engines {
        text += &package("wasmtime", version, registry);
    }
    text
}

/// A file of cargo's index with releases of `plugins`, each with what it requires of Wasmtime.
fn index(releases: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![3, 2, 0, 0, 0];
    bytes.extend(b"etag\0");
    for (version, requirement) in releases {
        let record = format!(
            "{version}\0{{\"deps\":[{{\"name\":\"wasmtime\",\"req\":\"{requirement}\",\"kind\":\"normal\"}}],\"yanked\":false}}\0"
        );
        bytes.extend(record.bytes());
    }
    bytes
}

/// A cargo that fetches the index when it resolves.
fn cargo(world: &MemoryWorld, command: &Command) -> std::io::Result<ProcessOutput> {
    if command.program == "cargo" && command.args.iter().any(|word| word == "update") {
        let manifest = world.text("/w/Cargo.toml").unwrap();
        let lockfile = match manifest.contains("plugins = \"2\"") {
            true => lockfile("2.0.0", &["36.0.20"]),
            false => lockfile("1.0.0", &["36.0.20", "32.0.0"]),
        };
        world.put("/w/Cargo.lock", lockfile);
        world.put(INDEX, index(&[("1.0.0", "^32"), ("2.0.0", "^36")]));
    }
    Ok(ProcessOutput {
        code: Some(0),
        ..ProcessOutput::default()
    })
}

/// Moves the project of a world to 36.0.20.
fn upgraded(world: &MemoryWorld) -> UpgradeReport {
    let request = UpgradeRequest {
        manifest_path: "/w/Cargo.toml".into(),
        target: Some(target::Request::Exact("36.0.20".parse().unwrap())),
        no_verify: true,
        guards: GuardOptions {
            allow_no_vcs: true,
            ..GuardOptions::default()
        },
        ..UpgradeRequest::default()
    };
    let report = upgrade(world, Knowledge::embedded(), &request, &mut |_| {}).unwrap();
    assert_eq!(
        report.outcome,
        Outcome::Upgraded,
        "{:?}",
        report.verification
    );
    report
}

/// What cargo's index had before knew of no way: a machine that is new, or was not used for a while.
#[test]
fn a_holder_that_the_index_did_not_know_of_is_raised_after_all() {
    for before in [index(&[("1.0.0", "^32")]), Vec::new()] {
        let world = MemoryWorld::new()
            .with_env("HOME", "/home/me")
            .with_file("/w/Cargo.toml", MANIFEST)
            .with_file("/w/src/lib.rs", "use wasmtime::Engine;\n")
            .with_file("/w/Cargo.lock", lockfile("1.0.0", &["32.0.0"]))
            .with_file(INDEX, before)
            .with_programs(cargo);
        let report = upgraded(&world);
        let manifest = world.text("/w/Cargo.toml").unwrap();
        assert!(manifest.contains("plugins = \"2\""), "{manifest}");
        assert!(manifest.contains("wasmtime = \"36\""), "{manifest}");
        assert!(
            report
                .notes
                .iter()
                .any(|note| note.contains("planned again"))
        );
    }
}

/// What a feature turns on may ask for more than is locked: cargo keeps that, and says that it can't.
#[test]
fn what_is_locked_in_the_way_is_moved_too() {
    let cargo = |world: &MemoryWorld, command: &Command| {
        let mut output = ProcessOutput {
            code: Some(0),
            ..ProcessOutput::default()
        };
        let is = |word: &str| command.args.iter().any(|it| it == word);
        let held = ["tls v0.26.2", "roots v1.0.2"];
        let in_the_way = held.iter().find(|held| !is(&held.replace(" v", "@")));
        if let Some(held) = in_the_way.filter(|_| is("update")) {
            output.code = Some(101);
            output.stderr = format!(
                "error: failed to select a version for `x`.\n    ... required by package `http v48.0.8`\n  all possible versions conflict with previously selected packages.\n\n    previously selected package `{held}`\n      ... which satisfies dependency `x = \"^0.26\"`"
            );
        } else if is("update") {
            world.put("/w/Cargo.lock", lockfile("2.0.0", &["36.0.20"]));
        }
        Ok(output)
    };
    let manifest = "[package]\nname = \"host\"\n[dependencies]\nwasmtime = \"32\"\n";
    let world = MemoryWorld::new()
        .with_env("HOME", "/home/me")
        .with_file("/w/Cargo.toml", manifest)
        .with_file("/w/src/lib.rs", "use wasmtime::Engine;\n")
        .with_file("/w/Cargo.lock", lockfile("1.0.0", &["32.0.0"]))
        .with_programs(cargo);
    upgraded(&world);
}
