//! `plan`, `apply`, and the ways of `upgrade` that are not one jump: `--step`, `--from`, from outside.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use serde_json::Value;
use support::vendor::{Stub, commit, succeed, tree, vendor};
use support::{Ran, TODAY, host_on, manifest, program, project, run, write};
use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nwasmtime = \"32.0.0\" # the engine\nwasmtime-wasi = \"32\"\n";

const SOURCE: &str = "wasmtime::component::bindgen!({\n    world: \"w\",\n    trappable_imports: true,\n});\n\npub fn drive() {\n    wasmtime::there();\n}\n";

/// What the stubs know of the macro, and a function.
const THERE: &str = "pub mod component { #[macro_export] macro_rules! __bindgen { ($($t:tt)*) => {} } pub use __bindgen as bindgen; }\npub fn there() {}\n";
const GONE: &str = "pub mod component { #[macro_export] macro_rules! __bindgen { ($($t:tt)*) => {} } pub use __bindgen as bindgen; }\n";

/// One more release that is to be had, with this in the engine.
fn release(folder: &Path, version: &str, source: &str) {
    let wasmtime = format!("wasmtime = \"={version}\"");
    let stub = |name, dependencies, source| Stub {
        name,
        version,
        dependencies,
        source,
    };
    let stubs = [
        stub("wasmtime", "", source),
        stub("wasmtime-wasi", &wasmtime, ""),
    ];
    vendor(folder, &stubs);
}

/// A committed project on 32.0.0. The releases of the lines up to 36 are to be had, and those in
/// `without` lack what the project calls.
fn host(without: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.toml", MANIFEST.as_bytes());
    write(folder.path(), "src/lib.rs", SOURCE.as_bytes());
    let releases = ["32.0.0", "32.0.1", "33.0.2", "34.0.2", "35.0.0", "36.0.20"];
    for version in releases {
        let source = if without.contains(&version) {
            GONE
        } else {
            THERE
        };
        release(folder.path(), version, source);
    }
    for name in ["wasmtime", "wasmtime-wasi"] {
        // The lockfile starts on 32.0.0, although 32.0.1 is to be had.
        let hidden = folder.path().join(format!("vendor/{name}-32.0.1"));
        std::fs::rename(&hidden, folder.path().join(format!("{name}-hidden"))).unwrap();
    }
    succeed(folder.path(), "cargo", &["generate-lockfile", "--offline"]);
    for name in ["wasmtime", "wasmtime-wasi"] {
        let hidden = folder.path().join(format!("{name}-hidden"));
        std::fs::rename(hidden, folder.path().join(format!("vendor/{name}-32.0.1"))).unwrap();
    }
    commit(folder.path());
    std::fs::create_dir_all(folder.path().join("target")).unwrap();
    folder
}

fn tool(folder: &Path, args: &[&str]) -> Ran {
    run(program(folder)
        .args(args)
        .args(["--offline", "--as-of", TODAY])
        .env_remove("CARGO_TARGET_DIR"))
}

fn status(folder: &Path) -> String {
    succeed(folder, "git", &["status", "--porcelain"])
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn row<'a>(document: &'a Value, target: &str) -> &'a Value {
    let rows = document["targets"].as_array().unwrap();
    rows.iter().find(|row| row["target"] == target).unwrap()
}

#[test]
fn all_targets_stand_side_by_side() {
    let folder = host_on("32.0.0");
    let ran = tool(folder.path(), &["plan", "--to", "35", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(document["from"], "32.0.0");
    let targets: Vec<&str> = document["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["target"].as_str().unwrap())
        .collect();
    assert_eq!(targets, ["patch", "fixed", "lts", "latest", "35"]);
    let patch = &row(&document, "patch")["prospect"];
    assert_eq!(patch["release"], "32.0.1");
    assert_eq!(patch["supported_until"], "2025-06-20");
    let open = patch["still_open"].as_array().unwrap();
    assert!(
        open.contains(&"bindgen-send-bound-on-exports".into()),
        "{patch}"
    );
    let fixed = &row(&document, "fixed")["prospect"];
    assert_eq!(fixed["release"], "36.0.20");
    assert_eq!(fixed["rust_version"], "1.86.0");
    let clears = fixed["clears"].as_array().unwrap();
    assert!(
        clears.contains(&"bindgen-send-bound-on-exports".into()),
        "{fixed}"
    );
    assert_eq!((&fixed["edits"], &fixed["by_hand"]), (&1.into(), &0.into()));

    let ran = tool(folder.path(), &["plan"]);
    let table: Vec<&str> = ran.stdout.lines().skip(2).take(3).collect();
    assert_eq!(
        table,
        [
            "target  release  rust  clears  open  unsure  edits  by hand  support",
            table[1],
            table[2]
        ]
    );
    assert!(
        table[1].starts_with("patch   32.0.1   1.84"),
        "{}",
        ran.stdout
    );
    assert!(table[2].ends_with("until 2027-08-20"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("\n36.0.20:\n  fixed: the nearest supported release"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_target_that_is_no_good_says_why_in_its_row() {
    let folder = host_on("29.0.1");
    let document = tool(folder.path(), &["plan", "--to", "32", "--format", "json"]).json();
    let refused = row(&document, "32")["refused"].as_str().unwrap().to_owned();
    assert!(
        refused.contains("32.0.1 is no good target: exposed to"),
        "{refused}"
    );
    let nothing = row(&document, "patch")["refused"].as_str().unwrap();
    assert!(nothing.starts_with("nothing to do"), "{nothing}");
}

#[test]
fn a_saved_plan_is_carried_out_as_it_was_made() {
    let folder = host(&[]);
    let plan = |name: &str| {
        let ran = tool(folder.path(), &["plan", "--to", "36", "-o", name]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    plan("target/plan.json");
    plan("target/again.json");
    assert_eq!(
        text(folder.path(), "target/plan.json"),
        text(folder.path(), "target/again.json")
    );
    assert_eq!(status(folder.path()), "");

    let ran = tool(
        folder.path(),
        &["apply", "target/plan.json", "--format", "json"],
    );
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(ran.json()["outcome"], "upgraded");
    let expected = MANIFEST
        .replace("\"32.0.0\"", "\"36.0.20\"")
        .replace("\"32\"", "\"36\"");
    assert_eq!(text(folder.path(), "Cargo.toml"), expected);
    assert!(text(folder.path(), "src/lib.rs").contains("imports: { default: trappable }"));

    let again = tool(
        folder.path(),
        &["apply", "target/plan.json", "--allow-dirty"],
    );
    assert_eq!(again.code, 2, "{}", again.stderr);
    for name in [
        "Cargo.lock (changed)",
        "Cargo.toml (changed)",
        "src/lib.rs (changed)",
    ] {
        assert!(again.stderr.contains(name), "{}", again.stderr);
    }
    assert_eq!(run(program(folder.path()).arg("undo")).code, 0);
    assert_eq!(status(folder.path()), "");
}

/// WIT is none of cargo's files, and a plan has its edits all the same: once for a file with several
/// names, and none for what links lead to outside of the project.
#[cfg(unix)]
#[test]
fn a_saved_plan_has_the_edits_of_wit() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "Cargo.toml",
        MANIFEST
            .replace("32.0.0", "41.0.0")
            .replace("\"32\"", "\"41\"")
            .as_bytes(),
    );
    let source = "mod a { wasmtime::component::bindgen!(\"w\"); }\n\
                  mod b { wasmtime::component::bindgen!(\"w\" in \"linked\"); }\n\
                  mod c { wasmtime::component::bindgen!(\"w\" in \"elsewhere\"); }\n";
    write(folder.path(), "src/lib.rs", source.as_bytes());
    let wit = "package a:b;\nworld w { import map: func(); }\n";
    write(folder.path(), "wit/w.wit", wit.as_bytes());
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "w.wit", wit.as_bytes());
    let link = |target: &Path, name: &str| {
        std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    };
    link(Path::new("wit"), "linked");
    link(outside.path(), "elsewhere");
    for version in ["41.0.0", "42.0.2"] {
        release(folder.path(), version, THERE);
        if version == "41.0.0" {
            succeed(folder.path(), "cargo", &["generate-lockfile", "--offline"]);
        }
    }
    commit(folder.path());
    std::fs::create_dir_all(folder.path().join("target")).unwrap();
    let plan = ["plan", "--to", "42.0.2", "-o", "target/plan.json"];
    assert_eq!(tool(folder.path(), &plan).code, 0);
    let apply = ["apply", "target/plan.json", "--allow-dirty"];

    write(
        folder.path(),
        "wit/w.wit",
        wit.replace("b;", "c;").as_bytes(),
    );
    let refused = tool(folder.path(), &apply);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("wit/w.wit (changed)"),
        "{}",
        refused.stderr
    );
    std::fs::remove_file(folder.path().join("wit/w.wit")).unwrap();
    let refused = tool(folder.path(), &apply);
    assert!(
        refused.stderr.contains("wit/w.wit (gone)"),
        "{}",
        refused.stderr
    );

    write(folder.path(), "wit/w.wit", wit.as_bytes());
    let ran = tool(folder.path(), &apply);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(text(folder.path(), "wit/w.wit"), wit.replace("map", "%map"));
    assert_eq!(text(outside.path(), "w.wit"), wit);
    assert_eq!(run(program(folder.path()).arg("undo")).code, 0);
    assert_eq!(text(folder.path(), "wit/w.wit"), wit);
}

#[test]
fn a_plan_for_another_tree_is_refused_by_the_names_of_what_differs() {
    let folder = host(&[]);
    assert_eq!(
        tool(
            folder.path(),
            &["plan", "--to", "36", "-o", "target/plan.json"]
        )
        .code,
        0
    );
    write(folder.path(), "src/new.rs", b"");
    write(
        folder.path(),
        "src/lib.rs",
        format!("{SOURCE}mod new;\n").as_bytes(),
    );
    commit(folder.path());
    let before = tree(folder.path());
    let ran = tool(folder.path(), &["apply", "target/plan.json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("* src/lib.rs (changed)\n  * src/new.rs (new)"),
        "{}",
        ran.stderr
    );
    assert!(
        !ran.stderr.contains("Cargo.toml (changed)"),
        "{}",
        ran.stderr
    );
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn what_is_no_plan_is_refused_with_what_is_wrong() {
    let folder = host(&[]);
    assert_eq!(
        tool(
            folder.path(),
            &["plan", "--to", "36", "-o", "target/plan.json"]
        )
        .code,
        0
    );
    let plan = text(folder.path(), "target/plan.json");
    let cases = [
        ("{ \"plan_version\": 1,".to_owned(), "EOF while parsing"),
        (
            plan.replace("\"plan_version\": 1", "\"plan_version\": 9"),
            "its format is 9",
        ),
        ("{}".to_owned(), "`plan_version` is missing"),
        (plan.replace("\"tool\"", "\"toll\""), "unknown field `toll`"),
        (
            plan.replace("\"old\": \"32\"", "\"old\": \"33\""),
            "does not fit that file",
        ),
        (
            plan.replace("\"new\": \"36\"", "\"new\": \"36\\\"\\nx = \\\"1\""),
            "would change",
        ),
    ];
    for (broken, message) in cases {
        assert_ne!(broken, plan, "{message}");
        write(folder.path(), "target/broken.json", broken.as_bytes());
        let ran = tool(folder.path(), &["apply", "target/broken.json"]);
        assert_eq!(ran.code, 2, "{message}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    write(folder.path(), "target/broken.json", &[0xff, 0xfe]);
    let ran = tool(folder.path(), &["apply", "target/broken.json"]);
    assert!(ran.stderr.contains("it is not UTF-8"), "{}", ran.stderr);
    let ran = tool(
        folder.path(),
        &["plan", "--to", "36", "-o", "missing/plan.json"],
    );
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let help = "check that the folder of missing/plan.json exists";
    assert!(ran.stderr.contains(help), "{}", ran.stderr);
    let ran = tool(folder.path(), &["apply", "target/missing.json"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(status(folder.path()), "");
}

#[test]
fn the_newest_patch_is_a_target() {
    let folder = host(&[]);
    let ran = tool(folder.path(), &["upgrade", "--to", "patch"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(
        text(folder.path(), "Cargo.toml"),
        MANIFEST.replace("32.0.0", "32.0.1")
    );
    assert!(text(folder.path(), "Cargo.lock").contains("version = \"32.0.1\""));
}

/// A bot has raised one number and nothing else.
#[test]
fn sources_are_moved_after_a_bot_has_moved_a_manifest() {
    let folder = host(&[]);
    let bumped = MANIFEST.replace("\"32.0.0\"", "\"36.0.20\"");
    write(folder.path(), "Cargo.toml", bumped.as_bytes());
    commit(folder.path());
    let ran = tool(
        folder.path(),
        &["upgrade", "--from", "32", "--format", "json"],
    );
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(report["plan"]["from"], "32.0.0");
    assert_eq!(report["plan"]["choice"]["release"], "36.0.20");
    assert_eq!(
        text(folder.path(), "Cargo.toml"),
        bumped.replace("\"32\"", "\"36\"")
    );
    assert!(text(folder.path(), "src/lib.rs").contains("imports: { default: trappable }"));
    let wrong = tool(folder.path(), &["upgrade", "--from", "latest"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("`latest` is no release such as 36"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn one_line_at_a_time_compiles_each_and_is_undone_as_one() {
    let folder = host(&[]);
    let before = tree(folder.path());
    let dry = tool(
        folder.path(),
        &["upgrade", "--to", "36", "--step", "--dry-run"],
    );
    let way = "with --step the way is 33.0.2, 34.0.2, 35.0.0, 36.0.20";
    assert!(dry.stdout.contains(way), "{}", dry.stdout);
    let ran = tool(
        folder.path(),
        &["upgrade", "--to", "36", "--step", "--format", "json"],
    );
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    let steps: Vec<&str> = report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["release"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["33.0.2", "34.0.2", "35.0.0", "36.0.20"]);
    assert_eq!(report["plan"]["from"], "32.0.0");
    let diff = report["diff"].as_str().unwrap();
    let moved = "-wasmtime = \"32.0.0\" # the engine\n";
    assert!(diff.contains(moved) && !diff.contains("33.0.2"), "{diff}");
    assert!(text(folder.path(), "src/lib.rs").contains("imports: { default: trappable }"));
    assert_eq!(run(program(folder.path()).arg("undo")).code, 0);
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn a_step_that_does_not_compile_ends_the_way_at_the_one_before() {
    let folder = host(&["35.0.0", "36.0.20"]);
    let before = tree(folder.path());
    let ran = tool(
        folder.path(),
        &["upgrade", "--to", "36", "--step", "--format", "json"],
    );
    assert_eq!(ran.code, 5, "{}\n{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(report["outcome"], "upgraded");
    assert_eq!(report["plan"]["choice"]["release"], "34.0.2");
    let expected = MANIFEST
        .replace("\"32.0.0\"", "\"34.0.2\"")
        .replace("\"32\"", "\"34\"");
    assert_eq!(text(folder.path(), "Cargo.toml"), expected);
    assert!(text(folder.path(), "Cargo.lock").contains("version = \"34.0.2\""));
    let left = report["remaining"][0]["what"].as_str().unwrap();
    assert!(
        left.starts_with("stopped at 34.0.2; the next step is 35.0.0: "),
        "{left}"
    );
    assert_eq!(run(program(folder.path()).arg("undo")).code, 0);
    assert_eq!(tree(folder.path()), before);

    let folder = host(&["33.0.2"]);
    let before = tree(folder.path());
    let ran = tool(folder.path(), &["upgrade", "--to", "36", "--step"]);
    assert_eq!(ran.code, 4, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("everything is as it was before"),
        "{}",
        ran.stdout
    );
    assert_eq!(tree(folder.path()), before);
}

/// Only what meets Wasmtime's own types has to be of its generation.
#[test]
fn crates_of_wasm_tools_follow_where_their_types_pass() {
    let requirements = "{ version = \"32\", features = [\"cranelift\"] }\nwasmparser = \"0.228\" # its features\nwasm-encoder = \"0.228\"";
    let source = "pub fn f(c: &mut wasmtime::Config) { c.wasm_features(wasmparser::WasmFeatures::SIMD, true); }\n";
    let diff = |source: &str, requirements: &str| {
        let folder = project(&[
            ("Cargo.toml", &manifest(requirements)),
            ("src/lib.rs", source),
        ]);
        let ran = tool(folder.path(), &["upgrade", "--to", "36.0.20", "--dry-run"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let moved = diff(source, requirements);
    assert!(
        moved.contains("+wasmparser = \"0.236\" # its features\n"),
        "{moved}"
    );
    assert!(!moved.contains("+wasm-encoder"), "{moved}");
    let alone = diff(
        "pub fn f() { wasmparser::validate(&[]).ok(); }\n",
        requirements,
    );
    assert!(!alone.contains("+wasmparser"), "{alone}");
    let apart = diff(
        source,
        &requirements.replace("wasmparser = \"0.228\"", "wasmparser = \"0.220\""),
    );
    assert!(!apart.contains("+wasmparser"), "{apart}");
}
