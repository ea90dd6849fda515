//! The comparison with other programs, as far as it can be tried without them and without a clock that
//! anything depends on: speed itself is measured, not tested.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod support;

use std::path::Path;
use std::process::Command;

use support::{harmless, run};

fn compare() -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/compare.sh");
    let mut command = Command::new("bash");
    command.arg(script);
    command
}

fn has_python() -> bool {
    let python = Command::new("python3").arg("--version").output();
    let there = python.is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("SKIPPED: there is no python3 here, which the comparison needs");
    }
    there
}

#[test]
fn the_measuring_counts_what_a_program_costs_and_misses_no_missed_target() {
    if !has_python() {
        return;
    }
    let ran = run(compare().arg("--self-test"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("the measuring works"), "{}", ran.stdout);
}

#[test]
fn what_is_missing_is_named_and_nothing_is_measured() {
    if !has_python() {
        return;
    }
    let folder = harmless();
    let ran = run(&mut compare());
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("WORKSPACE ADVISORY_DB"),
        "{}",
        ran.stderr
    );
    let ran = run(compare().args(["nowhere", "nowhere"]));
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("nowhere is no folder"),
        "{}",
        ran.stderr
    );
    // Without a peer there is nothing to compare with.
    let programs = support::project(&[]);
    for name in ["bash", "dirname", "grep", "cat", "python3"] {
        // A `python3` on the path may be a script that looks for the real one there.
        let ask = match name {
            "python3" => "python3 -c 'import sys; print(sys.executable)'".to_owned(),
            _ => format!("command -v {name}"),
        };
        let found = Command::new("sh").args(["-c", &ask]).output().unwrap();
        let path = String::from_utf8(found.stdout).unwrap();
        std::os::unix::fs::symlink(path.trim(), programs.path().join(name)).unwrap();
    }
    let ran = run(compare()
        .args([folder.path(), folder.path()])
        .env("PATH", programs.path())
        .env("PROGRAM", env!("CARGO_BIN_EXE_wasmtime-upgrade")));
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("cargo-audit is not on the path"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("no peer to compare with"),
        "{}",
        ran.stderr
    );
}
