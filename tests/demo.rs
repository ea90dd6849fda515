//! The main job on the project that ships here, with the real cargo and the real Wasmtime: it takes
//! some minutes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use support::vendor::{commit, succeed};
use support::{TODAY, finding, program, run, write};
use tempfile::TempDir;

/// The demo as it is committed, whatever the working tree has been upgraded to.
fn demo() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let names = succeed(
        root,
        "git",
        &["ls-tree", "-r", "--name-only", "HEAD", "demo"],
    );
    assert!(
        names.lines().count() > 4,
        "the demo is not in the repository: {names}"
    );
    for name in names.lines() {
        let text = succeed(root, "git", &["show", &format!("HEAD:{name}")]);
        write(folder.path(), name, text.as_bytes());
    }
    write(folder.path(), ".gitignore", b"target/\n");
    commit(folder.path());
    folder
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    succeed(folder, "git", &["ls-files"])
        .lines()
        .map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap()))
        .collect()
}

#[test]
fn the_demo_is_recognised_moved_compiled_run_and_put_back() {
    let folder = demo();
    let before = files(folder.path());

    let ran = run(program(folder.path()).args(["check", "--format", "json"]));
    let report = ran.json();
    let found = finding(&report, "bindgen-send-bound-on-exports").unwrap();
    assert_eq!(
        (ran.code, found["exposure"].as_str()),
        (1, Some("affected"))
    );
    assert_eq!(
        (
            found["version"].as_str(),
            found["location"]["path"].as_str()
        ),
        (Some("32.0.0"), Some("demo/Cargo.toml"))
    );

    // One folder for all runs of this test: a second one costs seconds.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
    let broken = Command::new("cargo")
        .args(["check", "--manifest-path", "demo/Cargo.toml"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&broken.stderr);
    assert!(
        !broken.status.success() && said.contains("error[E0277]"),
        "{said}"
    );
    let ran = run(program(folder.path())
        .args([
            "upgrade",
            "--as-of",
            TODAY,
            "--manifest-path",
            "demo/Cargo.toml",
            "--format",
            "json",
        ])
        .env("CARGO_TARGET_DIR", &target));
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(
        report["verification"]["before"],
        serde_json::Value::Null,
        "not needed"
    );
    assert_eq!(report["verification"]["after"]["success"], true);
    assert_eq!(report["plan"]["choice"]["release"], "36.0.20");
    let left = report["findings_after"].as_array().unwrap();
    assert!(
        left.iter().all(|found| found["exposure"] != "affected"),
        "{left:?}"
    );

    let after = files(folder.path());
    let changed: Vec<&String> = before
        .keys()
        .filter(|name| before[*name] != after[*name])
        .collect();
    assert_eq!(changed, ["demo/Cargo.lock", "demo/Cargo.toml"]);
    let text = |files: &BTreeMap<String, Vec<u8>>| {
        String::from_utf8(files["demo/Cargo.toml"].clone()).unwrap()
    };
    assert_eq!(
        text(&after),
        text(&before).replace("\"32.0.0\"", "\"36.0.20\"")
    );

    let output = Command::new("cargo")
        .args([
            "run",
            "--quiet",
            "--locked",
            "--manifest-path",
            "demo/Cargo.toml",
        ])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("consignment.price -> 1019"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let ran = run(program(folder.path()).args(["undo", "--manifest-path", "demo/Cargo.toml"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(files(folder.path()), before);
    assert_eq!(
        succeed(folder.path(), "git", &["status", "--porcelain"]),
        ""
    );
}
