//! Guests under real releases: each documented change shows where it happens, and nowhere else.
//!
//! `cargo test --test rehearse_releases -- --ignored` builds a host for each release that is named
//! here (some minutes each, once) in the cache of `rehearse`, or in the one that
//! `WASMTIME_UPGRADE_CACHE` names.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Ran, project, run, write};
use tempfile::TempDir;

/// A long-term line with the signed division, before all changes of defaults.
const OLD: &str = "36.0.20";
/// Between: the division is mended, no default has changed yet.
const BETWEEN: &str = "40.0.4";
/// The next long-term line.
const NEW: &str = "48.0.8";
/// The long-term line before all of them.
const OLDEST: &str = "24.0.13";

/// A guest in `tests/data/guests`, as WebAssembly.
fn wasm(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/guests");
    wat::parse_file(folder.join(name)).unwrap()
}

fn folder(guests: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = project(&[]);
    for (name, bytes) in guests {
        write(folder.path(), name, bytes);
    }
    folder
}

fn rehearse(folder: &Path, from: &str, to: &str, args: &[&str]) -> Ran {
    let pair = ["rehearse", "--from", from, "--to", to, "--format", "json"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmtime-upgrade"));
    run(command
        .current_dir(folder)
        .args(pair)
        .args(["--no-registry-cache"])
        .args(args))
}

/// The differences of a guest, as `class aspect`.
fn differences(report: &Value, guest: &str) -> Vec<String> {
    let guests = report["guests"].as_array().unwrap().iter();
    let found = guests.filter(|entry| entry["path"] == guest);
    let found = found.flat_map(|entry| entry["differences"].as_array().unwrap());
    found
        .map(|difference| {
            let word = |key: &str| difference[key].as_str().unwrap().to_owned();
            format!("{} {}", word("class"), word("aspect"))
        })
        .collect()
}

/// What one guest does between two releases, called or not.
fn told(
    bytes: Vec<u8>,
    call: Option<&str>,
    from: &str,
    to: &str,
    more: &[&str],
) -> (Ran, Vec<String>) {
    let folder = folder(&[("guest.wasm", bytes)]);
    let mut args = vec!["guest.wasm"];
    args.extend(call.iter().flat_map(|call| ["--invoke", call]));
    args.extend(more);
    let ran = rehearse(folder.path(), from, to, &args);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let found = differences(&ran.json(), "guest.wasm");
    (ran, found)
}

/// A module with one `br_table` of so many targets.
fn br_table(targets: usize) -> Vec<u8> {
    let targets = "0 ".repeat(targets);
    let text = format!(
        "(module (func (export \"f\") (param i32) (block (br_table {targets} (local.get 0)))))"
    );
    wat::parse_str(text).unwrap()
}

/// A component of so many core instances.
fn cores(count: usize) -> Vec<u8> {
    let instances = "(core instance (instantiate $m))".repeat(count);
    wat::parse_str(format!("(component (core module $m) {instances})")).unwrap()
}

type Golden = (
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// Guest, call, pair, what differs.
const GOLDEN: &[Golden] = &[
    ("hello.wat", None, OLD, NEW, &[]),
    ("fuel-plain.wat", None, OLD, NEW, &[]),
    ("fuel-bulk.wat", None, OLD, NEW, &["changes fuel"]),
    ("fuel-bulk.wat", None, OLD, BETWEEN, &[]),
    (
        "fuel-table-grow.wat",
        Some("grow()"),
        BETWEEN,
        NEW,
        &["changes fuel"],
    ),
    ("fuel-table-grow.wat", Some("grow()"), OLD, BETWEEN, &[]),
    ("exceptions.wat", None, OLD, NEW, &["changes outcome"]),
    ("exceptions.wat", None, OLD, BETWEEN, &[]),
    ("gc.wat", Some("sum()"), OLD, NEW, &["changes outcome"]),
    ("gc.wat", Some("sum()"), OLD, BETWEEN, &[]),
    ("wide-arithmetic.wat", None, OLD, NEW, &[]),
    (
        "sdiv-int-min.wat",
        Some("div32(-2147483648)"),
        OLD,
        NEW,
        &["changes answers"],
    ),
    (
        "sdiv-int-min.wat",
        Some("div64(-9223372036854775808)"),
        OLD,
        BETWEEN,
        &["changes answers"],
    ),
    (
        "sdiv-int-min.wat",
        Some("div32(-2147483648)"),
        BETWEEN,
        NEW,
        &[],
    ),
    ("sdiv-int-min.wat", Some("div32(7)"), OLD, NEW, &[]),
    (
        "sockets.wat",
        Some("create()"),
        OLD,
        NEW,
        &["changes answers", "changes fuel", "changes handles"],
    ),
    ("sockets.wat", Some("create()"), OLD, BETWEEN, &[]),
    ("newer-wasi.wat", Some("ask()"), OLD, NEW, &[]),
    ("own-imports.wat", Some("total(7)"), OLD, NEW, &[]),
    ("component.wat", Some("add(1, 2)"), OLD, NEW, &[]),
    ("traps.wat", None, OLD, NEW, &[]),
];

#[test]
#[ignore = "builds a host for each of three releases"]
fn each_change_shows_where_it_happens_and_nowhere_else() {
    let mut wrong = Vec::new();
    for (guest, call, from, to, wanted) in GOLDEN {
        let (ran, found) = told(wasm(guest), *call, from, to, &[]);
        if found != *wanted {
            wrong.push(format!("{guest} {from} -> {to}: {found:?}\n{}", ran.stdout));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "builds a host for each of three releases"]
fn tables_of_branches_that_patch_releases_refuse() {
    let (_, found) = told(br_table(65_530), None, BETWEEN, NEW, &[]);
    assert_eq!(found, ["breaks outcome"]);
    // The same fix came to 36 with 36.0.19.
    let (_, found) = told(br_table(65_530), None, OLD, NEW, &[]);
    assert_eq!(found, [""; 0]);
    let (_, found) = told(br_table(1_000), None, BETWEEN, NEW, &[]);
    assert_eq!(found, [""; 0]);
}

#[test]
#[ignore = "builds a host for each of two releases"]
fn imports_that_are_asynchronous_in_wit_are_stubbed_by_their_kind() {
    let guest = wasm("async-import.wat");
    let answers = ["--stub", "default"];
    let (ran, found) = told(guest.clone(), Some("f()"), OLD, NEW, &answers);
    // The feature is one of the defaults from 40 on.
    assert_eq!(found, ["changes outcome"], "{}", ran.stdout);
    let report = ran.json();
    let after = &report["guests"][0]["after"];
    assert_eq!(after["failure"], Value::Null);
    assert_eq!(after["calls"][0]["answer"], "7");
    assert_eq!(after["imports"][0]["satisfied"], false);
    assert_eq!(
        after["stub_calls"],
        serde_json::json!(["own:host/clock.tick"])
    );
    let (ran, _) = told(guest, Some("f()"), OLD, NEW, &[]);
    let call = &ran.json()["guests"][0]["after"]["calls"][0];
    let message = call["failure"]["message"].as_str().unwrap();
    assert!(
        message.contains("the stub of `own:host/clock.tick` was called"),
        "{message}"
    );
}

#[test]
#[ignore = "builds a host for each of two releases"]
fn commands_of_wasi_0_3_are_run_where_a_release_has_it() {
    let (ran, found) = told(wasm("run-0.3.wat"), None, OLD, NEW, &[]);
    assert_eq!(found, ["changes outcome"], "{}", ran.stdout);
    let after = &ran.json()["guests"][0]["after"];
    assert_eq!(after["failure"], Value::Null);
    assert_eq!(after["exit_code"], 0);
    assert_eq!(after["imports"][0]["satisfied"], true);
    assert_eq!(after["remarks"], serde_json::json!([]));
}

#[test]
#[ignore = "builds a host for each of three releases"]
fn guests_that_handle_requests_are_given_some() {
    let told = |from: &str, to: &str, more: &[&str]| {
        let (ran, found) = told(wasm("http.wat"), None, from, to, more);
        assert_eq!(found, [""; 0], "{}", ran.stdout);
        let after = ran.json()["guests"][0]["after"].clone();
        let imports = after["imports"].as_array().unwrap();
        assert!(imports.iter().all(|it| it["satisfied"] == true), "{after}");
        let calls = after["calls"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        calls
            .map(|call| (text(&call["call"]), text(&call["answer"])))
            .collect::<Vec<_>>()
    };
    let pair = |call: &str, answer: &str| (call.to_owned(), answer.to_owned());
    // The oldest line of all, and shapes of the interface that 30, 36, 43 and 48 have.
    for (from, to) in [(OLDEST, OLD), (OLD, NEW)] {
        assert_eq!(told(from, to, &[]), [pair("GET /", "200, \"/\"")]);
        let two = ["--request", "GET /orders?all", "--request", "POST /new"];
        assert_eq!(
            told(from, to, &two),
            [
                pair("GET /orders?all", "200, \"/orders?all\""),
                pair("POST /new", "200, \"/new\""),
            ]
        );
    }
}

#[test]
#[ignore = "builds a host for each of four releases"]
fn what_a_function_leaves_to_be_cleaned_up_is_cleaned_up_under_each() {
    // Wasmtime does it by itself from 42 on, and has to be asked before.
    for (from, to) in [(OLD, NEW), (OLDEST, OLD)] {
        let again = ["--invoke", "text()"];
        let (ran, found) = told(wasm("post-return.wat"), Some("text()"), from, to, &again);
        assert_eq!(found, [""; 0], "{}", ran.stdout);
        let report = ran.json();
        let calls = report["guests"][0]["after"]["calls"].as_array().unwrap();
        let answers: Vec<&Value> = calls.iter().map(|call| &call["answer"]).collect();
        assert_eq!(answers, ["\"text\"", "\"text\""]);
    }
}

#[test]
#[ignore = "builds a host for each of four releases"]
fn what_the_pooling_allocator_holds_is_compared_where_the_project_has_it() {
    let told = |count: usize, pooling: bool, from: &str, to: &str| {
        let folder = folder(&[("guest.wasm", cores(count))]);
        let policy = format!("[rehearse]\npooling = {pooling}\n");
        write(folder.path(), "wasmtime-upgrade.toml", policy.as_bytes());
        let ran = rehearse(folder.path(), from, to, &["guest.wasm"]);
        differences(&ran.json(), "guest.wasm")
    };
    // Up to 25 a component has 20 core instances at most there.
    assert_eq!(told(21, true, OLDEST, OLD), ["changes outcome"]);
    assert_eq!(told(21, false, OLDEST, OLD), [""; 0]);
    assert_eq!(told(20, true, OLDEST, OLD), [""; 0]);
    assert_eq!(told(21, true, OLD, NEW), [""; 0]);
}

#[test]
#[ignore = "builds a host for each of three releases"]
fn guests_run_in_an_engine_that_is_set_up_as_the_project_sets_it_up() {
    let main =
        |body: &str| format!("fn main() {{ let mut config = wasmtime::Config::new(); {body} }}\n");
    let project = |body: &str| {
        let manifest = "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                        [dependencies]\nwasmtime = \"36\"\n";
        project(&[("Cargo.toml", manifest), ("src/main.rs", &main(body))])
    };
    let told = |body: &str, guest: &str| {
        let folder = project(body);
        write(folder.path(), "guest.wasm", &wasm(guest));
        let ran = rehearse(folder.path(), OLD, NEW, &["guest.wasm"]);
        let report = ran.json();
        let setting = report["settings"][0]["from"].as_str().map(str::to_owned);
        (differences(&report, "guest.wasm"), setting)
    };
    let changes = vec!["changes outcome".to_owned()];
    let place = Some("src/main.rs:1".to_owned());
    // 47 has both on by default.
    assert_eq!(told("", "gc.wat"), (changes.clone(), None));
    let (found, from) = told(
        "config.wasm_gc(true).wasm_function_references(true);",
        "gc.wat",
    );
    assert_eq!((found, from), (Vec::new(), place.clone()));
    assert_eq!(
        told("config.wasm_gc(false);", "gc.wat"),
        (Vec::new(), place.clone())
    );
    assert_eq!(
        told("config.wasm_exceptions(false);", "exceptions.wat"),
        (Vec::new(), place)
    );
}

#[test]
#[ignore = "compiles a project on two releases, and builds a host for each"]
fn an_upgrade_rehearses_guests_once_it_is_proven() {
    let manifest = "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                    wasmtime = \"36\"\n";
    let main = "fn main() {\n    let config = wasmtime::Config::new();\n    let _ = wasmtime::Engine::new(&config);\n}\n";
    let project = project(&[("Cargo.toml", manifest), ("src/main.rs", main)]);
    write(project.path(), "fuel.wasm", &wasm("fuel-bulk.wat"));
    write(project.path(), "hello.wasm", &wasm("hello.wat"));
    let lock = Command::new("cargo")
        .args(["update", "--quiet", "--precise", OLD, "wasmtime"])
        .current_dir(project.path())
        .status()
        .unwrap();
    assert!(lock.success());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rehearse-upgrade");
    let ran = run(Command::new(env!("CARGO_BIN_EXE_wasmtime-upgrade"))
        .current_dir(project.path())
        .env("CARGO_TARGET_DIR", target)
        .args(["upgrade", "--to", NEW, "--allow-no-vcs", "--format", "json"])
        .args(["--rehearse", "fuel.wasm", "--rehearse", "hello.wasm"]));
    // What differs is told, and the move stays: whether it matters is for a person to say.
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let report = ran.json();
    let rehearsal = &report["rehearsal"];
    assert_eq!(
        (&rehearsal["from"], &rehearsal["to"]),
        (&OLD.into(), &NEW.into())
    );
    assert_eq!(differences(rehearsal, "fuel.wasm"), ["changes fuel"]);
    assert_eq!(differences(rehearsal, "hello.wasm"), [""; 0]);
    let manifest = std::fs::read_to_string(project.path().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("wasmtime = \"48"), "{manifest}");
}

#[test]
#[ignore = "builds a host for each of three releases"]
fn a_stack_that_newer_releases_refuse_is_told_from_the_policy() {
    let folder = folder(&[("guest.wasm", wasm("hello.wat"))]);
    let policy = |bytes: u64| format!("[rehearse]\nmax-wasm-stack = {bytes}\n");
    write(
        folder.path(),
        "wasmtime-upgrade.toml",
        policy(4 << 20).as_bytes(),
    );
    let ran = rehearse(folder.path(), BETWEEN, NEW, &["guest.wasm"]);
    let report = ran.json();
    assert_eq!(differences(&report, "guest.wasm"), ["breaks outcome"]);
    assert_eq!(report["guests"][0]["after"]["failure"]["stage"], "start");
    let with_both = format!("{}async-stack-size = {}\n", policy(4 << 20), 6 << 20);
    for policy in [policy(1 << 20), with_both] {
        write(folder.path(), "wasmtime-upgrade.toml", policy.as_bytes());
        let ran = rehearse(folder.path(), BETWEEN, NEW, &["guest.wasm"]);
        assert_eq!(ran.code, 0, "{policy}: {}", ran.stdout);
    }
}

#[test]
#[ignore = "builds a host for each of three releases"]
fn what_an_expected_difference_covers_ends_with_0() {
    let folder = folder(&[("guest.wasm", wasm("fuel-bulk.wat"))]);
    let policy = "[[rehearse.expect]]\naspect = \"fuel\"\nreason = \"46 charges by size\"\nuntil = 2026-12-31\n";
    write(folder.path(), "wasmtime-upgrade.toml", policy.as_bytes());
    let args = ["guest.wasm", "--as-of", "2026-11-22"];
    assert_eq!(rehearse(folder.path(), OLD, NEW, &args).code, 0);
    let args = ["guest.wasm", "--as-of", "2027-01-01"];
    let late = rehearse(folder.path(), OLD, NEW, &args);
    assert_eq!(late.code, 1);
    assert!(
        late.stderr.contains("ended on 2026-12-31"),
        "{}",
        late.stderr
    );
}

#[test]
#[ignore = "builds a host for each of three releases"]
fn guests_that_misbehave_end_as_findings_and_the_others_go_on() {
    let truncated = {
        let whole = wasm("hello.wat");
        whole[..whole.len() / 2].to_vec()
    };
    let folder = folder(&[
        ("a-loops.wasm", wasm("loops.wat")),
        ("b-allocates.wasm", wasm("allocates.wat")),
        ("c-floods.wasm", wasm("floods.wat")),
        ("d-waits.wasm", wasm("waits.wat")),
        ("e-truncated.wasm", truncated),
        ("f-text.wasm", b"no module".to_vec()),
        ("g-hello.wasm", wasm("hello.wat")),
    ]);
    let limits = [
        "*.wasm",
        "--timeout",
        "5",
        "--fuel",
        "1000000000",
        "--memory",
        "268435456",
    ];
    let ran = rehearse(folder.path(), OLD, NEW, &limits);
    // The text is what keeps it from finishing.
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["not_rehearsed"][0]["path"], "f-text.wasm");
    let after = |place: usize| &report["guests"][place]["after"];
    let end = |place: usize| {
        let failure = &after(place)["failure"];
        let word = |key: &str| failure[key].as_str().unwrap_or_default().to_owned();
        (word("stage"), word("trap"))
    };
    let run = "run".to_owned();
    assert_eq!(end(0), (run.clone(), "OutOfFuel".to_owned()));
    assert_eq!(end(1), (run.clone(), "UnreachableCodeReached".to_owned()));
    assert!(after(1)["peak_memory"].as_u64().unwrap() <= 268_435_456);
    assert_eq!(end(2).0, run);
    assert_eq!(after(2)["stdout"]["bytes"], 1 << 20);
    let remark = after(2)["remarks"][0].as_str().unwrap();
    assert!(remark.contains("limit of 1048576 bytes"), "{remark}");
    assert_eq!(end(3), (run, "HostTimeout".to_owned()));
    assert_eq!(end(4).0, "validate");
    assert_eq!(after(5)["stdout"]["text"], "hello\n");
    assert_eq!(after(5)["exit_code"], 0);
}

#[test]
#[ignore = "builds a host for each of three releases"]
fn two_hundred_guests_at_once() {
    let hello = wasm("hello.wat");
    let names: Vec<String> = (0..200).map(|number| format!("{number:03}.wasm")).collect();
    let guests: Vec<(&str, Vec<u8>)> = names
        .iter()
        .map(|name| (name.as_str(), hello.clone()))
        .collect();
    let folder = folder(&guests);
    let ran = rehearse(folder.path(), OLD, NEW, &["*.wasm"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let report = ran.json();
    let guests = report["guests"].as_array().unwrap();
    assert_eq!(guests.len(), 200);
    assert!(guests.iter().all(|guest| guest["after"]["exit_code"] == 0));
}
