#![allow(clippy::unwrap_used)]

use super::*;
use crate::knowledge::Knowledge;
use crate::world::MemoryWorld;

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let mut world = MemoryWorld::new();
    for (path, text) in files {
        world = world.with_file(format!("/w/{path}"), text);
    }
    let release = |text: &str| text.parse::<FamilyVersion>().unwrap();
    let all = find(
        &world,
        Knowledge::embedded(),
        "/w".into(),
        &release("32.0.0"),
        &release("36.0.20"),
    );
    let shown = |found: &FollowUp| {
        let line = found.line.map_or(String::new(), |line| format!(":{line}"));
        format!("{}{line}: {}", found.path, found.what)
    };
    all.iter().map(shown).collect()
}

#[test]
fn exceptions_for_what_the_new_release_is_free_of_can_go() {
    let text = "[advisories]\nignore = [\n    \"GHSA-897f-g5gm-fmxm\", # why\n    # \"GHSA-897f-g5gm-fmxm\",\n    \"RUSTSEC-2020-0001\",\n]\n";
    assert_eq!(
        found(&[("deny.toml", text), ("notes.toml", text)]),
        ["deny.toml:3: the exception for GHSA-897f-g5gm-fmxm can go: 36.0.20 is free of it"]
    );
}

#[test]
fn what_is_made_from_the_lockfile_is_named() {
    let all = found(&[
        ("supply-chain/config.toml", "[cargo-vet]\n"),
        ("MODULE.bazel", "x\ncrate.from_cargo(\n"),
        ("nix/package.nix", "{\n  cargoHash = \"sha256-x\";\n}\n"),
        (
            "flatpak/cargo-sources.json",
            "[{\"dest\": \"cargo/vendor/x-1.0.0\"}]",
        ),
        ("shell.nix", "{ }\n"),
    ]);
    let places: Vec<&str> = all
        .iter()
        .map(|found| found.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "MODULE.bazel:2",
            "flatpak/cargo-sources.json",
            "nix/package.nix:2",
            "supply-chain/config.toml"
        ]
    );
}

#[test]
fn places_that_name_another_release_are_found_and_others_are_not() {
    let workflow = "steps:\n  - uses: bytecodealliance/actions/wasmtime/setup@v1\n    with:\n      version: \"32.0.0\"\n  - uses: x/y@v1\n    with:\n      other: 30.0.0\n  - run: echo 31.0.0\n";
    let docker = "FROM x/y:34.0.0\nENV WASMTIME_VERSION=v32.0.0\nENV OTHER=1\nRUN wasmtime-36.0.20 && wasmtime-1.0.2\n";
    assert_eq!(
        found(&[
            (".github/workflows/ci.yml", workflow),
            ("Dockerfile", docker)
        ]),
        [
            ".github/workflows/ci.yml:4: names Wasmtime 32.0.0: `version: \"32.0.0\"`",
            "Dockerfile:2: names Wasmtime 32.0.0: `ENV WASMTIME_VERSION=v32.0.0`",
        ]
    );
}
