//! The action for GitHub: its scripts, run as the runner does it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use support::github::{Ended, Runner, action, steps};
use support::{HOST, TODAY, harmless, host_on, manifest, project, write};

const SEND: &str = "bindgen-send-bound-on-exports";
const PROGRAM: &str = env!("CARGO_BIN_EXE_wasmtime-upgrade");

/// For a fixed day, and not with what cargo on this machine has in its index.
fn fixed() -> String {
    format!("--no-registry-cache\n  --as-of {TODAY}")
}

/// The action on a folder, with a program that is there already.
fn judged(folder: &Path, inputs: &[(&str, &str)]) -> Ended {
    let args = fixed();
    let mut all = vec![("program", PROGRAM), ("args", args.as_str())];
    all.extend(inputs);
    Runner::new(folder).run(&all)
}

fn sarif(folder: &Path, path: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(path)).unwrap()).unwrap()
}

#[test]
fn the_action_is_complete_and_every_input_is_used() {
    let action = action();
    assert_eq!(action["runs"]["using"], "composite");
    for key in ["name", "description"] {
        assert!(action[key].is_string(), "{key}");
    }
    let env: Vec<String> = steps()
        .iter()
        .flat_map(|step| step["env"].as_object().unwrap().values().cloned())
        .map(|value| value.as_str().unwrap().to_owned())
        .collect();
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(input["description"].is_string(), "{name}");
        assert!(input["default"].is_string(), "{name}");
        assert!(env.contains(&format!("${{{{ inputs.{name} }}}}")), "{name}");
    }
    let ids: Vec<Value> = steps().iter().map(|step| step["id"].clone()).collect();
    for (name, output) in action["outputs"].as_object().unwrap() {
        let value = output["value"].as_str().unwrap();
        let of_step = |id: &Value| value.contains(&format!("steps.{}.", id.as_str().unwrap()));
        assert!(ids.iter().any(of_step), "{name}: {value}");
    }
}

#[test]
fn no_expression_stands_in_a_script() {
    let scripts: Vec<String> = steps()
        .iter()
        .map(|step| step["run"].as_str().unwrap().to_owned())
        .collect();
    assert!(scripts.len() > 1);
    for script in scripts {
        assert!(!script.contains("${{"), "{script}");
        assert!(script.starts_with("set -euo pipefail\n"), "{script}");
    }
}

#[test]
fn findings_are_annotations_a_summary_and_a_sarif_file_and_fail_the_step() {
    let folder = host_on("32.0.0");
    let ended = judged(folder.path(), &[("sarif-file", "out/wasmtime.sarif")]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(ended.outputs["exit-code"], "1");
    assert_eq!(ended.outputs["sarif"], "out/wasmtime.sarif");
    let annotation = |line: &&str| line.starts_with("::error title=") && line.contains(SEND);
    let annotation = ended.stdout.lines().find(annotation).unwrap();
    assert!(
        annotation.contains(",file=Cargo.toml,line=7,"),
        "{annotation}"
    );
    assert!(!ended.stdout.contains("did not come to its end"));
    assert_eq!(ended.summary.matches("## Wasmtime").count(), 1);
    assert!(ended.summary.contains(SEND), "{}", ended.summary);
    let document = sarif(folder.path(), "out/wasmtime.sarif");
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == SEND));
}

#[test]
fn a_clean_project_passes_and_its_sarif_says_so() {
    let folder = harmless();
    let ended = judged(folder.path(), &[("sarif-file", "wasmtime.sarif")]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.outputs["exit-code"], "0");
    assert!(
        ended.stdout.contains("looked at 1 manifest"),
        "{}",
        ended.stdout
    );
    let document = sarif(folder.path(), &ended.outputs["sarif"]);
    assert_eq!(
        document["runs"][0]["invocations"][0]["executionSuccessful"],
        true
    );
}

#[test]
fn what_can_not_be_judged_is_no_pass_and_leaves_no_sarif() {
    let broken = project(&[("Cargo.toml", "[package")]);
    let ended = judged(broken.path(), &[("sarif-file", "wasmtime.sarif")]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert_eq!(ended.outputs, outputs("2", ""));
    assert!(!broken.path().join("wasmtime.sarif").exists());
    assert!(ended.stderr.contains("Cargo.toml:1:"), "{}", ended.stderr);
    assert!(ended.stdout.contains("(exit code 2)"), "{}", ended.stdout);
    // Said once, though judged twice.
    assert_eq!(
        ended.stderr.matches("error: ").count(),
        1,
        "{}",
        ended.stderr
    );

    // Of several roots, the others are judged all the same.
    let folder = project(&[
        ("a/Cargo.toml", &manifest("\"32.0.0\"")),
        ("a/src/lib.rs", HOST),
        ("b/Cargo.toml", "[package"),
    ]);
    let ended = judged(
        folder.path(),
        &[("roots", "a\nb"), ("sarif-file", "s.sarif")],
    );
    assert_eq!(ended.outputs, outputs("2", "s.sarif"));
    let document = sarif(folder.path(), "s.sarif");
    assert_eq!(
        document["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
}

fn outputs(code: &str, sarif: &str) -> std::collections::BTreeMap<String, String> {
    let pairs = [("exit-code", code), ("sarif", sarif)];
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[test]
fn a_sarif_file_that_can_not_be_written_fails_the_step() {
    let folder = harmless();
    let ended = judged(folder.path(), &[("sarif-file", "Cargo.toml/x.sarif")]);
    assert_eq!((ended.code, ended.outputs), (3, outputs("3", "")));
}

#[test]
fn inputs_reach_the_program() {
    let folder = project(&[
        ("with space/Cargo.toml", &manifest("\"32.0.0\"")),
        ("with space/src/lib.rs", HOST),
        ("-x/Cargo.toml", &manifest("\"31.0.0\"")),
        ("-x/src/lib.rs", HOST),
        (
            "policy file.toml",
            "fail-level = \"error\"\n[levels]\naffected = \"warning\"\n",
        ),
        (
            "own/regressions/of-ours.md",
            "+++\nid = \"of-ours\"\nkind = \"regression\"\naliases = []\ntitle = \"Ours\"\npackage = \"wasmtime\"\naffected = [\">=31.0.0, <33.0.0\"]\nfixed-in = [\"33.0.0\"]\ncondition = \"always\"\nremedy = \"move\"\nlinks = []\nconfidence = \"inferred\"\n+++\nText.\n",
        ),
    ]);
    let here = folder.path();
    let roots = ("roots", "  with space  \n\n-x");
    let ended = judged(here, &[roots]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for place in [",file=with space/Cargo.toml,", ",file=-x/Cargo.toml,"] {
        assert!(ended.stdout.contains(place), "{place}: {}", ended.stdout);
    }
    let lenient = [roots, ("config", "policy file.toml")];
    let ended = judged(here, &lenient);
    assert_eq!(ended.code, 0, "{ended:?}");
    let strict = [lenient[0], lenient[1], ("fail-on", "warning")];
    assert_eq!(judged(here, &strict).code, 1);
    let ended = judged(here, &[roots, ("knowledge", "own")]);
    assert!(ended.stdout.contains("of-ours"), "{}", ended.stdout);
    let ended = judged(here, &[roots, ("advisory-db", "nowhere")]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("nowhere"), "{}", ended.stderr);
    let ended = judged(here, &[roots, ("format", "json")]);
    assert_eq!(ended.summary, "");
    let first = ended
        .stdout
        .lines()
        .find(|line| line.starts_with('{'))
        .unwrap();
    let report: Value = serde_json::from_str(first).unwrap();
    assert_eq!(report["root"], json!(here.join("with space")), "{report}");
}

/// Whatever stands in an input, no shell reads it.
#[test]
fn hostile_values_do_nothing() {
    let values = [
        "; touch pwned",
        "$(touch pwned)",
        "`touch pwned`",
        "\" && touch pwned #",
        "' ; touch pwned #",
        "x\ntouch pwned\nexit-code=0",
        "${IFS}touch${IFS}pwned",
        "| touch pwned",
        "-c touch pwned",
    ];
    let action = action();
    let names: Vec<&String> = action["inputs"].as_object().unwrap().keys().collect();
    assert!(names.len() > 7);
    let folder = host_on("32.0.0");
    for name in names {
        for value in values {
            let ended = judged(folder.path(), &[(name, value), ("sarif-file", "s.sarif")]);
            assert_ne!(ended.code, 0, "{name}: {value:?}: {ended:?}");
            let said = &ended.outputs["exit-code"];
            let stopped_before = name == "program" && said.is_empty();
            assert!(
                stopped_before || *said == ended.code.to_string(),
                "{name}: {ended:?}"
            );
        }
        let ended = judged(folder.path(), &[(name, "a\nexit-code=0")]);
        assert_ne!(ended.outputs["exit-code"], "0", "{name}");
    }
    for value in values {
        judged(folder.path(), &[("sarif-file", value)]);
    }
    for entry in walk(folder.path()) {
        assert!(!entry.ends_with("/pwned"), "{entry}");
    }
}

fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.display().to_string());
        if path.is_dir() {
            found.extend(walk(&path));
        }
    }
    found
}

/// A `cargo` that writes down how it was called and installs the program of this test run.
fn cargo_that_installs(folder: &Path) {
    let script = format!(
        "#!/bin/sh\n\
         {{ pwd; printf '%s ' \"$@\"; echo; env | grep -c -e ^RUSTFLAGS= -e ^CARGO_BUILD_TARGET=; }} >> '{log}'\n\
         while [ $# -gt 0 ]; do [ \"$1\" != --root ] || root=$2; shift; done\n\
         mkdir -p \"$root/bin\"\n\
         ln -sf '{PROGRAM}' \"$root/bin/wasmtime-upgrade\"\n",
        log = folder.join("log").display(),
    );
    write(folder, "bin/cargo", script.as_bytes());
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.join("bin/cargo"), mode).unwrap();
}

#[test]
fn the_program_is_built_from_the_action_once_for_each_source() {
    let tools = tempfile::tempdir().unwrap();
    cargo_that_installs(tools.path());
    let source = project(&[
        ("Cargo.toml", "[package]\n"),
        ("Cargo.lock", ""),
        ("build.rs", ""),
        ("src/lib.rs", ""),
        ("knowledge/releases.toml", "old"),
    ]);
    let folder = host_on("32.0.0");
    let mut runner = Runner::new(folder.path());
    runner.action = source.path().to_owned();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", tools.path().join("bin").display());
    runner.env = vec![
        ("PATH", path),
        ("RUSTFLAGS", "-D warnings".to_owned()),
        ("CARGO_BUILD_TARGET", "wasm32-wasip2".to_owned()),
    ];
    let args = fixed();
    let run = || runner.run(&[("args", args.as_str())]);
    let log = || fs::read_to_string(tools.path().join("log")).unwrap();

    let ended = run();
    assert_eq!(ended.code, 1, "{ended:?}");
    let root = runner.temp.path().join("wasmtime-upgrade");
    assert_eq!(
        log().lines().collect::<Vec<_>>(),
        [
            source.path().canonicalize().unwrap().to_str().unwrap(),
            &format!(
                "install --locked --force --path . --root {} ",
                root.display()
            ),
            "0",
        ]
    );
    assert_eq!(ended.path.trim_end(), root.join("bin").to_str().unwrap());

    assert_eq!(run().code, 1);
    assert_eq!(
        log().lines().count(),
        3,
        "what a cache brought back is used"
    );
    write(source.path(), "knowledge/releases.toml", b"new");
    assert_eq!(run().code, 1);
    assert_eq!(
        log().lines().count(),
        6,
        "newer knowledge is another program"
    );
}

#[test]
fn the_sources_that_decide_on_a_new_build_are_there() {
    let steps = steps();
    let script = steps[0]["run"].as_str().unwrap();
    let (_, rest) = script.split_once("find ").unwrap();
    let (names, _) = rest.split_once(" -type").unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(names.split(' ').count() > 4);
    for name in names.split(' ') {
        assert!(root.join(name).exists(), "{name}");
    }
}
