//! Far more of everything than usual: the answers stay as clear as for one project.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fmt::Write as _;

use serde_json::Value;
use support::{TODAY, check_json, finding, host_on, program, project, run, write};

/// One JSON report a line.
fn lines(stdout: &str) -> Vec<Value> {
    let lines = stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn ten_thousand_roots_give_a_line_each_and_a_broken_one_stops_none() {
    const ROOTS: usize = 10_000;
    const BROKEN: usize = 4_321;
    let affected = host_on("32.0.0");
    let clean = project(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", ""),
    ]);
    let broken = project(&[("Cargo.toml", "[package")]);
    let mut list = String::new();
    for root in 0..ROOTS {
        let folder = match root {
            BROKEN => &broken,
            0 | 5_000 | 9_999 => &affected,
            _ => &clean,
        };
        writeln!(list, "{}", folder.path().display()).unwrap();
    }
    let here = project(&[("roots.txt", &list)]);
    let args = ["check", "--format", "json", "--as-of", TODAY];
    let ran = run(program(here.path())
        .args(args)
        .args(["--roots-from", "roots.txt"]));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("error").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("Cargo.toml:1:"), "{}", ran.stderr);
    let reports = lines(&ran.stdout);
    assert_eq!(reports.len(), ROOTS);
    for (root, report) in reports.iter().enumerate() {
        let is_affected = finding(report, "bindgen-send-bound-on-exports").is_some();
        assert_eq!(report["error"].is_object(), root == BROKEN, "{root}");
        assert_eq!(is_affected, [0, 5_000, 9_999].contains(&root), "{root}");
    }
}

#[test]
fn a_workspace_of_three_thousand_packages_is_read_whole() {
    const PACKAGES: usize = 3_000;
    let folder = project(&[("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n")]);
    let mut lockfile = String::from("version = 4\n");
    for package in 0..PACKAGES {
        let before = package.checked_sub(1);
        let needs_before =
            before.map(|before| format!("part-{before} = {{ path = \"../part-{before}\" }}\n"));
        let needs_wasmtime = ["wasmtime = \"32.0.0\"\n", ""][usize::from(package != 1_500)];
        let manifest = format!(
            "[package]\nname = \"part-{package}\"\nversion = \"0.1.0\"\n[dependencies]\n{}{needs_wasmtime}",
            needs_before.unwrap_or_default(),
        );
        let home = format!("crates/part-{package}");
        let source = [support::HOST, "pub fn nothing() {}\n"][usize::from(package != 1_500)];
        write(
            folder.path(),
            &format!("{home}/Cargo.toml"),
            manifest.as_bytes(),
        );
        write(
            folder.path(),
            &format!("{home}/src/lib.rs"),
            source.as_bytes(),
        );
        let mut needs: Vec<String> = before.iter().map(|n| format!("\"part-{n}\"")).collect();
        needs.extend((package == 1_500).then(|| "\"wasmtime\"".to_owned()));
        let needs = needs.join(", ");
        writeln!(
            lockfile,
            "[[package]]\nname = \"part-{package}\"\nversion = \"0.1.0\"\ndependencies = [{needs}]"
        )
        .unwrap();
    }
    lockfile.push_str("[[package]]\nname = \"wasmtime\"\nversion = \"32.0.0\"\nsource = \"registry+https://example.com/index\"\n");
    write(folder.path(), "Cargo.lock", lockfile.as_bytes());
    let ran = check_json(folder.path(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["looked_at"]["manifests"], PACKAGES + 1);
    assert_eq!(report["looked_at"]["bindgen_invocations"], 1);
    assert_eq!(report["not_looked_at"], serde_json::json!([]));
    let found = finding(&report, "bindgen-send-bound-on-exports").unwrap();
    assert_eq!(found["exposure"], "affected", "{found}");
    assert_eq!(found["location"]["path"], "crates/part-1500/Cargo.toml");
}
