//! `rehearse` from outside, as far as it goes without building a host: what it finds, what it refuses,
//! what it says of artifacts. `tests/rehearse_releases.rs` runs guests.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use support::{Ran, harmless, program, project, run, write};

const ARTIFACT: &[u8] = include_bytes!("data/artifacts/by-36.0.20.cwasm");

/// With a cache of its own and without cargo: nothing is built by accident.
fn rehearse(folder: &Path, args: &[&str]) -> Ran {
    run(program(folder)
        .arg("rehearse")
        .args(args)
        .env("WASMTIME_UPGRADE_CACHE", folder.join("no-cache"))
        .env("PATH", "/nonexistent")
        .env_remove("CARGO"))
}

#[test]
fn without_guests_there_is_nothing_to_do_and_that_is_no_success() {
    let folder = harmless();
    let ran = rehearse(folder.path(), &["--to", "48.0.8"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("there are no guests"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`[rehearse]`"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_pattern_that_finds_nothing_is_named() {
    let folder = harmless();
    let ran = rehearse(folder.path(), &["--to", "48.0.8", "plugins/*.wasm"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("plugins/*.wasm: no such file"));
}

#[test]
fn without_a_project_both_releases_have_to_be_named() {
    let folder = project(&[("guest.wasm", "text")]);
    let ran = rehearse(folder.path(), &["--to", "48", "guest.wasm"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("--from 36.0.20 --to 48.0.8"),
        "{}",
        ran.stderr
    );
    let ran = rehearse(
        folder.path(),
        &["--from", "36.0.20", "--to", "48.0.8", "guest.wasm"],
    );
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let refused = "not rehearsed: guest.wasm: no WebAssembly: it begins with \"text\"";
    assert!(ran.stdout.contains(refused), "{}", ran.stdout);
}

#[test]
fn the_target_must_be_another_release() {
    let folder = harmless();
    write(folder.path(), "guest.wasm", b"\0asm\x01\0\0\0");
    let ran = rehearse(folder.path(), &["--to", "36.0.20", "guest.wasm"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("is the release in use"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_artifact_of_the_old_release_is_refused_by_the_new_one() {
    let folder = harmless();
    write(folder.path(), "cache/plugin.cwasm", ARTIFACT);
    let ran = rehearse(folder.path(), &["--to", "48.0.8"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "\
breaks: cache/plugin.cwasm
  breaks: artifact
    36.0.20  36.0.20 accepts it
    48.0.8   48.0.8 refuses it: it was made by 36.0.20

rehearsed 0 guests and 1 precompiled artifact, 36.0.20 -> 48.0.8: 1 breaks
"
    );
    let json = rehearse(folder.path(), &["--to", "48.0.8", "--format", "json"]).json();
    assert_eq!(json["artifacts"][0]["made_by"], "36.0.20");
    assert_eq!(json["artifacts"][0]["class"], "breaks");
    assert_eq!(json["exit_code"], 1);
    let markdown = rehearse(folder.path(), &["--to", "48.0.8", "--format", "markdown"]);
    let row = "| `cache/plugin.cwasm` | breaks | artifact | 36.0.20 accepts it |";
    assert!(markdown.stdout.contains(row), "{}", markdown.stdout);
}

#[test]
fn an_artifact_that_a_source_includes_is_found_and_can_be_expected() {
    let folder = harmless();
    write(folder.path(), "src/plugin.bin", ARTIFACT);
    write(
        folder.path(),
        "src/lib.rs",
        b"pub static PLUGIN: &[u8] = include_bytes!(\"plugin.bin\");\n",
    );
    let ran = rehearse(folder.path(), &["--to", "48.0.8"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("breaks: src/plugin.bin"),
        "{}",
        ran.stdout
    );
    let policy = "\
[[rehearse.expect]]
aspect = \"artifact\"
reason = \"the build makes it anew\"
until = 2026-12-31
";
    write(folder.path(), "wasmtime-upgrade.toml", policy.as_bytes());
    let ran = rehearse(folder.path(), &["--to", "48.0.8", "--as-of", "2026-11-22"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let reason = "expected: the build makes it anew";
    assert!(ran.stdout.contains(reason), "{}", ran.stdout);
}

#[test]
fn formats_of_check_alone_are_refused() {
    let folder = harmless();
    for format in ["sarif", "github"] {
        let ran = rehearse(folder.path(), &["--to", "48", "--format", format]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_is_read() {
    let folder = harmless();
    for (args, said) in [
        (&["--env", "LEVEL"][..], "NAME=VALUE"),
        (&["--stub", "zero"], "either `trap` or `default`"),
        (&["--from", "new"], "no release such as 36"),
    ] {
        let ran = rehearse(folder.path(), args);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    let conflict = run(program(folder.path()).args(["upgrade", "-n", "--rehearse", "a.wasm"]));
    assert_eq!(conflict.code, 2, "{}", conflict.stderr);
}
