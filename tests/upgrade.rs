//! `upgrade` and `undo`, from outside, with the real cargo and tiny crates in Wasmtime's place.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use support::vendor::{Stub, commit, succeed, tree, vendor};
use support::{Ran, TODAY, finding, program, run, write};
use tempfile::TempDir;

/// What the stubs know of the macro: enough for an invocation to compile.
const BINDGEN: &str = "pub mod component { #[macro_export] macro_rules! __bindgen { ($($t:tt)*) => {} } pub use __bindgen as bindgen; }\n";

const MANIFEST: &str = "[package]\nname = \"host\" # ours\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nserde = '1'\nwasmtime = { version = \"32\", features = [ \"component-model\", # why\n] }\nwasmtime-wasi.version = \"=32.0.0\"\n\n[build-dependencies]\ncranelift-codegen = \"0.119\"\n";

const SOURCE: &str = "use std::rc::Rc;\n\nwasmtime::component::bindgen!({\n    world: \"w\", // which\n    trappable_imports: true,\n    tracing: false,\n});\n\npub struct State(pub Rc<u8>);\n\npub fn drive(store: &mut wasmtime::Store<State>, host: &Host) {\n    host.call_run(store);\n}\n\npub struct Host;\n\nimpl Host {\n    pub fn call_run<T>(&self, _: &mut wasmtime::Store<T>) {\n        wasmtime::there();\n    }\n}\n";

/// A project on 32.0.0 whose code needs `wasmtime::there`, which 36.0.20 has when `good`.
fn host(good: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.toml", MANIFEST.as_bytes());
    write(folder.path(), "src/lib.rs", SOURCE.as_bytes());
    write(folder.path(), "build.rs", b"fn main() {}\n");
    let there = format!("{BINDGEN}pub struct Store<T>(pub T);\npub fn there() {{}}\n");
    let gone = format!("{BINDGEN}pub struct Store<T>(pub T);\n");
    let serde = |version| Stub {
        name: "serde",
        version,
        dependencies: "",
        source: "",
    };
    let mut stubs = vec![serde("1.0.1")];
    for (version, source) in [
        ("32.0.0", &there),
        ("36.0.5", &gone),
        ("36.0.20", if good { &there } else { &gone }),
    ] {
        stubs.push(Stub {
            name: "wasmtime",
            version,
            dependencies: "",
            source,
        });
    }
    for (version, dependencies) in [
        ("32.0.0", "wasmtime = \"32.0.0\""),
        ("36.0.20", "wasmtime = \"36.0.20\""),
    ] {
        stubs.push(Stub {
            name: "wasmtime-wasi",
            version,
            dependencies,
            source: "",
        });
    }
    for version in ["0.119.0", "0.123.20"] {
        stubs.push(Stub {
            name: "cranelift-codegen",
            version,
            dependencies: "",
            source: "",
        });
    }
    vendor(folder.path(), &stubs);
    succeed(folder.path(), "cargo", &["generate-lockfile", "--offline"]);
    // A newer serde comes afterwards: what need not move must stay.
    vendor(folder.path(), &[serde("1.0.2")]);
    commit(folder.path());
    folder
}

fn upgrade(folder: &Path, args: &[&str]) -> Ran {
    run(program(folder)
        .args(["upgrade", "--offline", "--format", "json", "--as-of", TODAY])
        .args(args)
        .env_remove("CARGO_TARGET_DIR"))
}

#[test]
fn the_family_the_lockfile_and_the_options_move_and_nothing_else() {
    let folder = host(true);
    let before = tree(folder.path());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(report["outcome"], "upgraded");
    assert_eq!(report["plan"]["choice"]["release"], "36.0.20");
    assert_eq!(report["verification"]["after"]["success"], true);
    let after = tree(folder.path());
    let text = |name: &str| String::from_utf8(after[name].clone()).unwrap();
    let expected = MANIFEST
        .replace("\"32\"", "\"36\"")
        .replace("\"=32.0.0\"", "\"=36.0.20\"")
        .replace("\"0.119\"", "\"0.123\"");
    assert_eq!(text("Cargo.toml"), expected);
    let expected = SOURCE.replace(
        "    trappable_imports: true,\n    tracing: false,\n",
        "    imports: { default: trappable },\n",
    );
    assert_eq!(text("src/lib.rs"), expected);
    let lockfile = text("Cargo.lock");
    assert!(
        lockfile.contains("name = \"wasmtime\"\nversion = \"36.0.20\""),
        "{lockfile}"
    );
    assert!(
        lockfile.contains("name = \"serde\"\nversion = \"1.0.1\""),
        "{lockfile}"
    );
    assert!(!lockfile.contains("32.0.0"), "{lockfile}");
    assert!(finding(&report, "bindgen-send-bound-on-exports").is_some());
    let left = report["findings_after"].as_array().unwrap();
    assert!(
        left.iter()
            .all(|found| found["id"] != "bindgen-send-bound-on-exports")
    );

    let again = upgrade(folder.path(), &[]);
    assert_eq!(
        (again.code, again.json()["outcome"].as_str()),
        (0, Some("nothing-to-do"))
    );

    let undone = run(program(folder.path()).arg("undo"));
    assert_eq!(undone.code, 0, "{}", undone.stderr);
    assert_eq!(tree(folder.path()), before);
    assert_eq!(
        succeed(folder.path(), "git", &["status", "--porcelain"]),
        ""
    );
    assert_eq!(run(program(folder.path()).arg("undo")).code, 2);
}

#[test]
fn a_result_that_is_worse_is_taken_back_byte_for_byte() {
    let folder = host(false);
    let before = tree(folder.path());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 4, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(report["outcome"], "restored");
    assert_eq!(report["verification"]["before"]["success"], true);
    let error = &report["verification"]["after"]["errors"][0];
    assert_eq!(
        (error["code"].as_str(), error["path"].as_str()),
        (Some("E0425"), Some("src/lib.rs"))
    );
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn the_human_report_shows_the_errors_of_a_failed_upgrade() {
    let folder = host(false);
    let ran = run(program(folder.path())
        .args(["upgrade", "--offline", "--as-of", TODAY])
        .env_remove("CARGO_TARGET_DIR"));
    assert_eq!(ran.code, 4);
    assert!(
        ran.stdout.contains("cannot find function `there`"),
        "{}",
        ran.stdout
    );
    for part in [
        "everything is as it was before",
        "--keep` to go on from there by hand",
    ] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
}

/// Nothing is proven of a package whose own dependencies had errors before: it is named.
#[test]
fn what_the_compiler_never_came_to_is_named() {
    let folder = host(true);
    let base = b"[package]\nname = \"base\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    write(folder.path(), "base/Cargo.toml", base);
    write(
        folder.path(),
        "base/src/lib.rs",
        b"pub fn f() -> u8 { \"\" }\n",
    );
    let manifest = MANIFEST.replace("serde = '1'", "serde = '1'\nbase = { path = \"base\" }");
    let manifest = format!("{manifest}\n[workspace]\nmembers = [\"base\"]\n");
    write(folder.path(), "Cargo.toml", manifest.as_bytes());
    commit(folder.path());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 5, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(report["outcome"], "kept");
    let notes = report["notes"].as_array().unwrap();
    let named = notes.iter().filter_map(|note| note.as_str());
    let named: Vec<&str> = named
        .filter(|note| note.contains("was not compiled"))
        .collect();
    let [note] = named.as_slice() else {
        panic!("{notes:?}");
    };
    assert!(note.starts_with("host: was not compiled"), "{note}");
}

#[test]
fn a_bad_result_can_be_kept() {
    let folder = host(false);
    let ran = upgrade(folder.path(), &["--keep"]);
    assert_eq!(ran.code, 5, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(ran.json()["outcome"], "kept");
    assert!(String::from_utf8_lossy(&tree(folder.path())["Cargo.toml"]).contains("\"36\""));
    assert_eq!(run(program(folder.path()).arg("undo")).code, 0);
    assert_eq!(
        succeed(folder.path(), "git", &["status", "--porcelain"]),
        ""
    );
}

#[test]
fn a_dry_run_shows_the_diff_and_writes_nothing() {
    let folder = host(true);
    let before = tree(folder.path());
    let ran = run(program(folder.path())
        .args(["upgrade", "--dry-run", "--as-of", TODAY])
        .env("CARGO", "/nonexistent"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "wasmtime 32.0.0 -> 36.0.20: the nearest supported release that clears",
        "not 33.0.2: exposed to GHSA-",
        "--- a/Cargo.toml\n+++ b/Cargo.toml\n",
        "-cranelift-codegen = \"0.119\"\n+cranelift-codegen = \"0.123\"\n",
        "--- a/src/lib.rs\n",
        "nothing was written",
    ] {
        assert!(
            ran.stdout.contains(part),
            "{part} is missing in\n{}",
            ran.stdout
        );
    }
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn uncommitted_changes_stop_it_only_in_files_that_it_would_touch() {
    let folder = host(true);
    write(folder.path(), "notes.txt", b"mine");
    let dirty = format!("{MANIFEST}# mine\n");
    write(folder.path(), "Cargo.toml", dirty.as_bytes());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("Cargo.toml (dirty)"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--allow-dirty"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("notes.txt"), "{}", ran.stderr);
    let ran = upgrade(folder.path(), &["--allow-dirty"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(run(program(folder.path()).arg("undo")).code, 0);
    assert_eq!(tree(folder.path())["Cargo.toml"], dirty.as_bytes());
}

/// A host that also uses a crate of somebody else's, which needs 32; newer ones are published later.
fn host_with_plugins(newer: &[(&'static str, &'static str)]) -> TempDir {
    let folder = host(true);
    let stub = |version, dependencies| Stub {
        name: "plugins",
        version,
        dependencies,
        source: "",
    };
    vendor(folder.path(), &[stub("1.0.0", "wasmtime = \"32\"")]);
    let manifest = MANIFEST.replace("serde = '1'", "serde = '1'\nplugins = \"1\"");
    write(folder.path(), "Cargo.toml", manifest.as_bytes());
    let update = ["update", "--offline", "--workspace"];
    succeed(folder.path(), "cargo", &update);
    for (version, dependencies) in newer {
        vendor(folder.path(), &[stub(version, dependencies)]);
    }
    commit(folder.path());
    folder
}

#[test]
fn a_third_party_that_holds_the_old_release_is_named_with_its_path() {
    let folder = host_with_plugins(&[]);
    let before = tree(folder.path());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 4, "{}\n{}", ran.stdout, ran.stderr);
    let failure = ran.json()["verification"]["failure"]
        .as_str()
        .unwrap()
        .to_owned();
    for part in [
        "host 0.1.0 -> plugins 1.0.0 -> wasmtime 32.0.0",
        "move or drop plugins, then run again",
    ] {
        assert!(failure.contains(part), "{failure}");
    }
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn a_third_party_follows_where_the_requirements_let_it() {
    let newer = [
        ("1.1.0", "wasmtime = \"36\""),
        ("2.0.0", "wasmtime = \"40\""),
    ];
    let folder = host_with_plugins(&newer);
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let notes = ran.json()["notes"].to_string();
    assert!(
        notes.contains("plugins 1.0.0 held an older Wasmtime, so it was moved too"),
        "{notes}"
    );
    let lockfile = String::from_utf8(tree(folder.path())["Cargo.lock"].clone()).unwrap();
    assert!(
        lockfile.contains("name = \"plugins\"\nversion = \"1.1.0\""),
        "{lockfile}"
    );
    assert!(
        lockfile.contains("name = \"serde\"\nversion = \"1.0.1\""),
        "{lockfile}"
    );
}

/// The move itself is done; that others build with an older Rust is for a person to mend.
#[test]
fn places_that_name_a_rust_that_is_too_old_are_left_to_a_person() {
    let folder = host(true);
    let workflow = "jobs:\n  build:\n    steps:\n      - uses: dtolnay/rust-toolchain@1.85.1 # ours\n      - uses: dtolnay/rust-toolchain@1.90\n";
    write(
        folder.path(),
        ".github/workflows/ci.yml",
        workflow.as_bytes(),
    );
    write(
        folder.path(),
        "docker/Dockerfile",
        b"FROM rust:1.84-slim AS build\n",
    );
    commit(folder.path());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 5, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(report["outcome"], "upgraded");
    let left: Vec<String> = report["remaining"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let place = &step["location"];
            let path = place["path"].as_str().unwrap();
            format!(
                "{path}:{}: {}",
                place["line"],
                step["what"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        left,
        [
            ".github/workflows/ci.yml:4: Rust 1.85.1 is too old for 36.0.20: raise it to 1.86",
            "docker/Dockerfile:1: Rust 1.84 is too old for 36.0.20: raise it to 1.86",
        ]
    );
}

#[test]
fn a_release_that_cannot_be_had_leaves_everything_as_it_was() {
    let folder = host(true);
    let before = tree(folder.path());
    let ran = upgrade(folder.path(), &["--to", "48.0.8"]);
    assert_eq!(ran.code, 3, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("cargo update --workspace"),
        "{}",
        ran.stderr
    );
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn locked_and_read_only_files_are_refused_before_anything_happens() {
    let folder = host(true);
    assert_eq!(upgrade(folder.path(), &["--locked"]).code, 2);
    let path = folder.path().join("src/lib.rs");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let before = tree(folder.path());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("src/lib.rs"), "{}", ran.stderr);
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn windows_line_ends_survive() {
    let folder = host(true);
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    write(folder.path(), "Cargo.toml", windows(MANIFEST).as_bytes());
    write(folder.path(), "src/lib.rs", windows(SOURCE).as_bytes());
    commit(folder.path());
    let ran = upgrade(folder.path(), &[]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let after = tree(folder.path());
    let expected = windows(MANIFEST)
        .replace("\"32\"", "\"36\"")
        .replace("\"=32.0.0\"", "\"=36.0.20\"")
        .replace("\"0.119\"", "\"0.123\"");
    assert_eq!(String::from_utf8_lossy(&after["Cargo.toml"]), expected);
    assert!(
        String::from_utf8_lossy(&after["src/lib.rs"])
            .contains("imports: { default: trappable },\r\n});")
    );
}
