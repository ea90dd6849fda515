//! What is there to copy works: every workflow in the documentation is YAML, and names only inputs,
//! outputs, hooks, commands and flags that exist.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;

use clap::Parser as _;
use serde_json::Value;
use support::github::action;
use support::yaml;
use wasmtime_upgrade::cli::Cli;

const CI: &str = include_str!("../docs/ci.md");
const FLEET: &str = include_str!("../docs/fleet.md");
const README: &str = include_str!("../README.md");
const HOOKS: &str = include_str!("../.pre-commit-hooks.yaml");
const OURS: &str = "OWNER/wasmtime-upgrade@REF";
const REPOSITORY: &str = "https://github.com/OWNER/wasmtime-upgrade";

/// The blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let starts = text.split(fence.as_str()).skip(1);
    starts
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

/// Every block of YAML there is to copy.
fn snippets() -> Vec<Value> {
    let blocks = [CI, FLEET, README]
        .map(|page| blocks(page, "yaml"))
        .concat();
    let parsed = |block: &&str| yaml::parse(block).unwrap_or_else(|e| panic!("{e}: {block}"));
    blocks.iter().map(parsed).collect()
}

/// Every mapping that has this key, at any depth.
fn with_key<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) => {
            if map.contains_key(key) {
                found.push(value);
            }
            map.values().for_each(|value| with_key(value, key, found));
        }
        Value::Array(list) => list.iter().for_each(|value| with_key(value, key, found)),
        _ => {}
    }
}

fn all<'a>(values: &'a [Value], key: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    values
        .iter()
        .for_each(|value| with_key(value, key, &mut found));
    found
}

fn keys(value: &Value) -> BTreeSet<&String> {
    value.as_object().unwrap().keys().collect()
}

/// The program understands these words.
fn understood(words: &[&str]) {
    let words = std::iter::once("wasmtime-upgrade").chain(words.iter().copied());
    if let Err(error) = Cli::try_parse_from(words) {
        panic!("{error}");
    }
}

#[test]
fn steps_name_inputs_that_there_are() {
    let action = action();
    let inputs = keys(&action["inputs"]);
    let snippets = snippets();
    let steps = all(&snippets, "uses");
    let ours = steps.iter().filter(|step| step["uses"] == OURS);
    let mut used = BTreeSet::new();
    for step in ours {
        let Some(with) = step.get("with") else {
            continue;
        };
        used.extend(keys(with));
        if let Some(args) = with["args"].as_str() {
            let words: Vec<&str> = args.split_whitespace().collect();
            understood(&[&["check"][..], &words].concat());
        }
        if let Some(level) = with["fail-on"].as_str() {
            understood(&["check", "--fail-on", level]);
        }
    }
    assert!(used.len() > 4, "{used:?}");
    let unknown: Vec<_> = used.difference(&inputs).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    for step in steps {
        let text = step["uses"].as_str().unwrap();
        let near = text.contains("wasmtime-upgrade") && text != OURS;
        assert!(!near, "{text} should be {OURS}");
    }
}

#[test]
fn steps_read_outputs_that_there_are() {
    let action = action();
    let outputs = keys(&action["outputs"]);
    let mut seen = 0;
    for block in blocks(CI, "yaml") {
        for rest in block.split("steps.").skip(1) {
            let Some((id, rest)) = rest.split_once(".outputs.") else {
                continue;
            };
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let name = rest[..end.unwrap_or(rest.len())].to_owned();
            assert!(outputs.contains(&name), "{name}");
            let snippet = yaml::parse(block).unwrap();
            let mut steps = Vec::new();
            with_key(&snippet, "id", &mut steps);
            let known = steps
                .iter()
                .any(|step| step["id"] == id && step["uses"] == OURS);
            assert!(known, "{id}: {block}");
            seen += 1;
        }
    }
    assert!(seen > 3);
}

#[test]
fn every_input_and_output_is_documented() {
    let action = action();
    let table: Vec<&str> = CI.lines().filter(|line| line.starts_with("| `")).collect();
    for name in keys(&action["inputs"]) {
        let mentioned = |row: &&str| {
            row.split('|')
                .nth(1)
                .unwrap()
                .contains(&format!("`{name}`"))
        };
        assert!(table.iter().any(mentioned), "{name}");
    }
    for name in keys(&action["outputs"]) {
        assert!(CI.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn what_was_judged_is_uploaded_whether_it_passes_or_not() {
    let snippets = snippets();
    let steps = all(&snippets, "uses");
    let uploads = steps
        .iter()
        .filter(|step| step["uses"].as_str().unwrap().contains("/upload-sarif@"));
    let mut seen = 0;
    for step in uploads {
        let condition = step["if"].as_str().unwrap();
        assert!(condition.starts_with("always() && "), "{condition}");
        assert!(condition.contains(".outputs.sarif != ''"), "{condition}");
        assert!(condition.contains(".fork != true"), "{condition}");
        seen += 1;
    }
    assert!(seen > 1);
}

#[test]
fn hooks_are_those_that_there_are() {
    let hooks = yaml::parse(HOOKS).unwrap();
    let of_id = |id: &Value| {
        hooks
            .as_array()
            .unwrap()
            .iter()
            .find(|hook| hook["id"] == *id)
    };
    let snippets = snippets();
    let mut seen = BTreeSet::new();
    for repository in all(&snippets, "repo") {
        let place = repository["repo"].as_str().unwrap();
        seen.insert(place);
        for hook in repository["hooks"].as_array().unwrap() {
            let published = of_id(&hook["id"]).unwrap();
            let args = hook.get("args").and_then(Value::as_array);
            let args: Vec<&str> = args
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            understood(&[&["check"][..], &args].concat());
            if place == "local" {
                assert_eq!(hook["entry"], "cargo xtask check");
                for key in ["name", "files", "pass_filenames", "require_serial"] {
                    assert_eq!(hook[key], published[key], "{key}");
                }
            } else {
                assert_eq!((place, &repository["rev"]), (REPOSITORY, &"REF".into()));
            }
        }
    }
    assert_eq!(seen, BTreeSet::from(["local", REPOSITORY]));
    let entry = of_id(&"wasmtime-upgrade".into()).unwrap()["entry"].clone();
    assert_eq!(entry, "wasmtime-upgrade check");
}

/// The blocks of a page in which there are commands to copy.
fn snippets_of(page: &str) -> Vec<&str> {
    [blocks(page, "yaml"), blocks(page, "sh")].concat()
}

#[test]
fn commands_are_understood() {
    let fenced = [snippets_of(CI), snippets_of(FLEET), blocks(README, "yaml")].concat();
    let inline = CI
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| !code.contains('\n'));
    let mut seen = 0;
    for line in fenced.iter().flat_map(|block| block.lines()).chain(inline) {
        for subcommand in ["check", "upgrade", "report", "explain", "list", "undo"] {
            let Some((_, rest)) = line.split_once(&format!("wasmtime-upgrade {subcommand} "))
            else {
                continue;
            };
            let words = rest.split_whitespace();
            let words: Vec<&str> = words
                .take_while(|w| !matches!(*w, ">" | "|" | "||"))
                // What somebody starts the workflow with.
                .map(|word| if word == "\"$TO\"" { "fixed" } else { word })
                .collect();
            understood(&[&[subcommand][..], &words].concat());
            seen += 1;
        }
    }
    assert!(seen > 4, "{seen}");
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    use wasmtime_upgrade::error::ExitCode;
    for (code, _) in ExitCode::ALL {
        let code = code as u8;
        let told = match code {
            4 | 5 => "4 and 5 belong to `upgrade`".to_owned(),
            _ => format!("\n| {code} | "),
        };
        assert!(CI.contains(&told), "{told}");
    }
}
