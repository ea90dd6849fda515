//! The formats of `check` for code hosts, from outside.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use support::{HOST, host_on, lockfile, manifest, program, project, run, write};

const SEND: &str = "bindgen-send-bound-on-exports";
const DAY: &str = "2026-11-22";

fn checked(folder: &Path, format: &str, args: &[&str]) -> support::Ran {
    run(program(folder)
        .args([
            "check",
            "--as-of",
            DAY,
            "--no-registry-cache",
            "--format",
            format,
        ])
        .args(args)
        .env_remove("GITHUB_STEP_SUMMARY"))
}

/// The document, held against the schema that OASIS publishes.
fn sarif(folder: &Path, args: &[&str]) -> Value {
    let schema = include_str!("data/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let document = checked(folder, "sarif", args).json();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
    document
}

fn results(document: &Value) -> &Vec<Value> {
    document["runs"][0]["results"].as_array().unwrap()
}

fn result<'a>(document: &'a Value, id: &str) -> &'a Value {
    let of_id = |result: &&Value| result["ruleId"] == id;
    results(document).iter().find(of_id).unwrap()
}

/// Every string under a key, at any depth.
fn strings<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if name == key {
                    found.extend(value.as_str());
                }
                strings(value, key, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| strings(value, key, found)),
        _ => {}
    }
}

#[test]
fn sarif_is_valid_and_says_where_and_why() {
    let folder = host_on("32.0.0");
    let document = sarif(folder.path(), &[]);
    assert_eq!(document["version"], "2.1.0");
    let driver = &document["runs"][0]["tool"]["driver"];
    assert_eq!(driver["name"], "wasmtime-upgrade");
    let found = result(&document, SEND);
    let rule = &driver["rules"][found["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], SEND);
    assert!(rule["helpUri"].as_str().unwrap().starts_with("https://"));
    assert_eq!(found["level"], "error");
    let place = &found["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "Cargo.toml");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    let region = &place["region"];
    let text = manifest("\"32.0.0\"");
    let start = text.find("\"32.0.0\"").unwrap();
    for (key, value) in [
        ("startLine", 7),
        ("startColumn", 12),
        ("endLine", 7),
        ("endColumn", 20),
        ("charOffset", start),
        ("byteOffset", start),
        ("byteLength", 8),
    ] {
        assert_eq!(region[key], value, "{key}");
    }
    assert_eq!(region["snippet"]["text"], "\"32.0.0\"");
    let related = found["relatedLocations"].as_array().unwrap();
    assert!(related.iter().any(|place| {
        place["physicalLocation"]["region"]["snippet"]["text"] == "call_run"
            && !place["message"]["text"].as_str().unwrap().is_empty()
    }));
}

#[test]
fn sarif_offsets_tell_characters_from_bytes() {
    let folder = host_on("32.0.0");
    let text = format!("\u{feff}# äöü\n{}", manifest("\"32.0.0\""));
    write(folder.path(), "Cargo.toml", text.as_bytes());
    let document = sarif(folder.path(), &[]);
    let region = &result(&document, SEND)["locations"][0]["physicalLocation"]["region"];
    let bytes = text.find("\"32.0.0\"").unwrap();
    assert_eq!(region["byteOffset"], bytes);
    let characters = text[..bytes].chars().count() - 1;
    assert_eq!(region["charOffset"], characters, "the mark is no character");
}

#[test]
fn sarif_of_a_project_without_findings_is_valid_and_says_what_was_looked_at() {
    let folder = project(&[("Cargo.toml", "[package]\nname = \"none\"\n")]);
    let document = sarif(folder.path(), &[]);
    assert!(results(&document).is_empty());
    let run = &document["runs"][0];
    assert_eq!(run["properties"]["lookedAt"]["manifests"], 1);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn sarif_of_several_roots_is_one_document_with_one_run() {
    let folder = project(&[
        ("a b/Cargo.toml", &manifest("\"32.0.0\"")),
        ("a b/Cargo.lock", &lockfile("32.0.0")),
        ("a b/src/lib.rs", HOST),
        ("ü/Cargo.toml", &manifest("\"31.0.0\"")),
        ("ü/Cargo.lock", &lockfile("31.0.0")),
        ("ü/src/lib.rs", HOST),
        ("broken/Cargo.toml", "[package"),
    ]);
    let document = sarif(folder.path(), &["a b", "ü", "broken"]);
    assert_eq!(document["runs"].as_array().unwrap().len(), 1);
    let of_send = results(&document).iter().filter(|r| r["ruleId"] == SEND);
    let uris: Vec<&str> = of_send
        .map(|r| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str())
        .map(Option::unwrap)
        .collect();
    assert_eq!(uris, ["a%20b/Cargo.toml", "%C3%BC/Cargo.toml"]);
    let invocation = &document["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let said = invocation["toolExecutionNotifications"].to_string();
    assert!(said.contains("broken could not be judged"), "{said}");
    let mut prints = BTreeSet::new();
    for result in results(&document) {
        let print = result["partialFingerprints"]["primaryLocationLineHash"].as_str();
        assert!(prints.insert(print.unwrap()), "{result}");
    }
}

#[test]
fn sarif_paths_are_those_of_the_repository() {
    let folder = project(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("services/a/Cargo.toml", &manifest("\"32.0.0\"")),
        ("services/a/src/lib.rs", HOST),
    ]);
    let outside = tempfile::tempdir().unwrap();
    let a = folder.path().join("services/a");
    for (here, args, expected) in [
        (a.as_path(), vec![], "services/a/Cargo.toml"),
        (folder.path(), vec!["services/a"], "services/a/Cargo.toml"),
        // Nothing of it is in the repository that one stands in: the root is the base.
        (outside.path(), vec![a.to_str().unwrap()], "Cargo.toml"),
    ] {
        let document = sarif(here, &args);
        let mut uris = Vec::new();
        strings(&result(&document, SEND)["locations"], "uri", &mut uris);
        assert_eq!(uris, [expected], "{args:?}");
        strings(&document["runs"][0]["results"], "uri", &mut uris);
        for uri in uris {
            let relative = !uri.starts_with('/') && !uri.contains("..") && !uri.contains(':');
            assert!(relative, "{uri}");
        }
        let text = document.to_string();
        assert!(!text.contains("file:"), "no place of this machine: {text}");
    }
}

#[test]
fn fingerprints_stay_when_lines_move_and_change_with_the_version() {
    let folder = host_on("32.0.0");
    let print = || {
        let document = sarif(folder.path(), &[]);
        result(&document, SEND)["partialFingerprints"].clone()
    };
    let before = print();
    let moved = format!("# one\n# two\n\n{}", manifest("\"32.0.0\""));
    write(folder.path(), "Cargo.toml", moved.as_bytes());
    write(
        folder.path(),
        "src/lib.rs",
        format!("\n\n{HOST}").as_bytes(),
    );
    assert_eq!(print(), before);
    write(
        folder.path(),
        "Cargo.toml",
        manifest("\"32.0.1\"").as_bytes(),
    );
    write(folder.path(), "Cargo.lock", lockfile("32.0.1").as_bytes());
    assert_ne!(print(), before);
}

#[test]
fn what_does_not_concern_a_project_is_no_alert_unless_asked_for() {
    let folder = host_on("32.0.0");
    write(folder.path(), "src/lib.rs", b"pub fn f() {}");
    let document = sarif(folder.path(), &[]);
    assert!(
        results(&document)
            .iter()
            .all(|result| result["ruleId"] != SEND)
    );
    let left_out = &document["runs"][0]["properties"]["notAffectedLeftOut"];
    assert!(left_out.as_u64().unwrap() >= 1);
    let document = sarif(folder.path(), &["-v"]);
    assert_eq!(result(&document, SEND)["level"], "note");
}

#[test]
fn github_gets_one_escaped_command_a_finding() {
    let folder = project(&[
        ("a,b:c%/Cargo.toml", &manifest("\"32.0.0\"")),
        ("a,b:c%/Cargo.lock", &lockfile("32.0.0")),
        ("a,b:c%/src/lib.rs", HOST),
    ]);
    let ran = checked(folder.path(), "github", &[]);
    assert_eq!(ran.code, 1);
    let command = ran.stdout.lines().find(|line| line.contains(SEND)).unwrap();
    assert!(command.starts_with("::error title="), "{command}");
    let place = ",file=a%2Cb%3Ac%25/Cargo.toml,line=7,endLine=7,col=12,endColumn=20::";
    assert!(command.contains(place), "{command}");
    assert!(command.contains("%0ATo do: "), "{command}");
    let (properties, _) = command[2..].split_once("::").unwrap();
    assert_eq!(properties.matches(',').count(), 5, "{properties}");
    let warnings = ran.stdout.lines().filter(|l| l.starts_with("::warning "));
    assert!(warnings.count() >= 1, "the end of support");
}

#[test]
fn names_of_files_are_no_commands() {
    let folder = host_on("32.0.0");
    write(folder.path(), "src/::error::x.rs", &[0xff, 0xfe]);
    write(folder.path(), "src/##[error]y.rs", &[0xff, 0xfe]);
    let ran = checked(folder.path(), "github", &[]);
    assert!(ran.stdout.contains("not looked at: "), "{}", ran.stdout);
    for line in ran.stdout.lines() {
        assert!(!line.trim_start().starts_with("::error::"), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
}

#[test]
fn the_summary_of_a_job_is_added_to() {
    let folder = host_on("32.0.0");
    write(folder.path(), "summary.md", b"before");
    for _ in 0..2 {
        let ran = run(program(folder.path())
            .args(["check", "--format", "github"])
            .env("GITHUB_STEP_SUMMARY", folder.path().join("summary.md")));
        assert_eq!(ran.code, 1, "{}", ran.stderr);
    }
    let summary = std::fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(summary.starts_with("before\n## Wasmtime"), "{summary}");
    assert_eq!(summary.matches("\n## Wasmtime").count(), 2);
    let ran = run(program(folder.path())
        .args(["check", "--format", "github"])
        .env("GITHUB_STEP_SUMMARY", folder.path().join("Cargo.toml/x")));
    assert_eq!(ran.code, 3, "{}", ran.stderr);
}

#[test]
fn markdown_has_a_table_that_nothing_breaks() {
    let folder = project(&[
        ("a|b`c/Cargo.toml", &manifest("\"32.0.0\"")),
        ("a|b`c/Cargo.lock", &lockfile("32.0.0")),
        (
            "a|b`c/src/lib.rs",
            &HOST.replace(
                "Rc<RefCell<Vec<String>>>",
                "Rc<RefCell<Vec<String>>> /* ``` | </details> */",
            ),
        ),
    ]);
    let ran = checked(folder.path(), "markdown", &[]);
    let text = &ran.stdout;
    assert!(text.starts_with("## Wasmtime: "), "{text}");
    let row = text
        .lines()
        .find(|line| line.starts_with("| **error**") && line.contains(SEND));
    let row = row.unwrap();
    assert!(row.contains("``a\\|b`c/Cargo.toml:7:12``"), "{row}");
    for row in text.lines().filter(|line| line.starts_with("| **")) {
        let cells = row.replace("\\|", "").matches('|').count();
        assert_eq!(cells, 6, "{row}");
    }
    assert!(text.contains(&format!("[`{SEND}`](<https://")), "{text}");
    let opened = text.lines().filter(|line| *line == "<details>").count();
    assert_eq!(
        opened,
        text.lines().filter(|line| *line == "</details>").count()
    );
    assert!(text.contains("looked at 1 manifest, 1 lockfile"), "{text}");
    assert!(text.len() < 60_000, "{}", text.len());
}

#[test]
fn only_check_has_the_formats_of_code_hosts() {
    let folder = host_on("32.0.0");
    for format in ["sarif", "github", "markdown"] {
        let ran = run(program(folder.path()).args(["list", "--format", format]));
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(" is for `check`"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}
