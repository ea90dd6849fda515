//! Input that nobody wants: a clear error with a place and a next step, or a report that names what
//! was passed over. Never a panic.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::{
    HOST, Ran, check_json, finding, host_on, lockfile, manifest, program, project, run, write,
};

fn fails(ran: &Ran, code: i32, place: &str) {
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains(place),
        "{place} is missing in {}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("= help: "),
        "no next step: {}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn broken_toml_is_named_with_its_place() {
    let folder = host_on("32.0.0");
    write(
        folder.path(),
        "Cargo.toml",
        b"[package]\nname = \"host\"\n[dependencies\n",
    );
    fails(&check_json(folder.path(), &[]), 2, "Cargo.toml:3:");
}

#[test]
fn a_manifest_that_is_not_utf8_is_named_with_its_place() {
    let folder = host_on("32.0.0");
    write(
        folder.path(),
        "Cargo.toml",
        b"[package]\nname = \"h\xff\"\n",
    );
    fails(
        &check_json(folder.path(), &[]),
        2,
        "Cargo.toml:2:10: not UTF-8",
    );
}

#[test]
fn a_member_that_does_not_exist_is_named_with_its_place() {
    let folder = project(&[(
        "Cargo.toml",
        "[workspace]\nmembers = [\n  \"crates/gone\",\n]\n",
    )]);
    fails(
        &check_json(folder.path(), &[]),
        2,
        "Cargo.toml:3:3: the workspace member `crates/gone`",
    );
}

#[test]
fn a_broken_member_is_named_and_a_broken_stray_is_passed_over() {
    let folder = project(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
        ("crates/a/Cargo.toml", "[package"),
    ]);
    fails(&check_json(folder.path(), &[]), 2, "crates/a/Cargo.toml:1:");
    let folder = host_on("36.0.20");
    write(folder.path(), "fixtures/broken/Cargo.toml", b"[package");
    let ran = check_json(folder.path(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.json()["not_looked_at"]
            .to_string()
            .contains("fixtures/broken/Cargo.toml")
    );
}

#[test]
fn a_lockfile_from_the_future_and_one_with_conflicts_are_refused() {
    let folder = host_on("32.0.0");
    write(
        folder.path(),
        "Cargo.lock",
        lockfile("32.0.0")
            .replace("version = 4", "version = 9")
            .as_bytes(),
    );
    fails(
        &check_json(folder.path(), &[]),
        2,
        "Cargo.lock:1:11: lockfile format 9",
    );
    write(folder.path(), "Cargo.lock", b"version = 4\n<<<<<<< ours\n");
    fails(&check_json(folder.path(), &[]), 2, "Cargo.lock:2:");
}

#[test]
fn a_source_that_cannot_be_read_is_named_and_makes_exposure_possible() {
    for (what, bytes) in [
        (
            "unbalanced braces",
            b"wasmtime::component::bindgen!({ world: \"w\" );".to_vec(),
        ),
        ("not UTF-8", b"fn f() { \"\xff\"; }".to_vec()),
        (
            "50 MB",
            format!("static X: &[u8] = &[{}];", "0,".repeat(25 << 20)).into_bytes(),
        ),
    ] {
        let folder = host_on("32.0.0");
        write(folder.path(), "src/lib.rs", b"mod generated;");
        write(folder.path(), "src/generated.rs", &bytes);
        let ran = check_json(folder.path(), &[]);
        let report = ran.json();
        let passed_over = report["not_looked_at"].to_string();
        assert!(
            passed_over.contains("src/generated.rs"),
            "{what}: {passed_over}"
        );
        let found = finding(&report, "bindgen-send-bound-on-exports").unwrap();
        assert_eq!(
            found["exposure"].as_str(),
            Some("possible"),
            "{what}: {found}"
        );
    }
}

#[test]
fn a_workspace_without_wasmtime_is_clean_and_says_how_little_there_was() {
    let folder = project(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", ""),
    ]);
    let ran = check_json(folder.path(), &[]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.json()["looked_at"]["family_requirements"], 0);
    fails(
        &run(program(folder.path()).arg("upgrade")),
        2,
        "no crate of the Wasmtime family",
    );
}

#[test]
fn a_folder_without_a_manifest_and_a_path_that_is_none() {
    let folder = project(&[("notes.txt", "")]);
    fails(&check_json(folder.path(), &["."]), 2, "no Cargo.toml in");
    fails(
        &check_json(folder.path(), &["nowhere"]),
        2,
        "nowhere does not exist",
    );
    fails(
        &check_json(folder.path(), &["notes.txt"]),
        2,
        "notes.txt is a file",
    );
    fails(
        &check_json(folder.path(), &["--manifest-path", "notes.txt"]),
        2,
        "is not the path of a Cargo.toml",
    );
    fails(
        &check_json(folder.path(), &["--manifest-path", "x/Cargo.toml"]),
        2,
        "does not exist",
    );
}

#[test]
fn windows_line_ends_and_byte_order_marks_keep_their_places() {
    let folder = host_on("32.0.0");
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    write(
        folder.path(),
        "Cargo.toml",
        windows(&manifest("\"32.0.0\"")).as_bytes(),
    );
    write(folder.path(), "src/lib.rs", windows(HOST).as_bytes());
    let ran = check_json(folder.path(), &[]);
    let report = ran.json();
    let found = finding(&report, "bindgen-send-bound-on-exports").unwrap();
    assert_eq!(
        (&found["location"]["line"], &found["location"]["column"]),
        (&7.into(), &12.into())
    );
    assert_eq!(ran.code, 1);
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_out_of_the_tree_are_not_followed() {
    let folder = host_on("32.0.0");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("src/loop")).unwrap();
    std::os::unix::fs::symlink("/", folder.path().join("everything")).unwrap();
    let ran = check_json(folder.path(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(ran.json()["looked_at"]["manifests"], 1);
}

#[test]
fn wrong_arguments_end_with_2_and_help_with_0() {
    let folder = host_on("32.0.0");
    for args in [
        &["check", "--fail-on", "never"][..],
        &["upgrade", "--to", "newest"],
        &["frobnicate"],
        &["explain", "bindgen-send-bound-on-export"],
        &["check", "--manifest-path", "Cargo.toml", "src"],
    ] {
        let ran = run(program(folder.path()).args(args));
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
    }
    let ran = run(program(folder.path()).args(["explain", "bindgen-send-bound-on-export"]));
    assert!(
        ran.stderr
            .contains("did you mean `bindgen-send-bound-on-exports`?"),
        "{}",
        ran.stderr
    );
    assert_eq!(run(program(folder.path()).arg("--help")).code, 0);
    assert_eq!(run(program(folder.path()).arg("--version")).code, 0);
}
