//! What version bots are given: the files in `bots/` say what the knowledge base says, the bots' own
//! programs and schemas accept them, and the workflow for their branches does what it says, on a
//! repository of its own.
//!
//! `WASMTIME_UPGRADE_RENOVATE_VALIDATOR` names Renovate's `renovate-config-validator`,
//! `WASMTIME_UPGRADE_CHECK_JSONSCHEMA` the program check-jsonschema, which brings GitHub's schemas.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::outside::{named_by, on_path, skipped};
use support::vendor::{Stub, commit, succeed, vendor};
use support::{Ran, run, write, yaml};
use tempfile::TempDir;
use wasmtime_upgrade::init::bots::{Variant, dependabot, finishing, renovate};
use wasmtime_upgrade::knowledge::Knowledge;

/// The value `write` writes `bots/` anew, for review.
const WRITE: &str = "WASMTIME_UPGRADE_GOLDEN";
const VALIDATOR: &str = "WASMTIME_UPGRADE_RENOVATE_VALIDATOR";
const SCHEMAS: &str = "WASMTIME_UPGRADE_CHECK_JSONSCHEMA";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bots")
}

/// The files in `bots/`, as they are made from the knowledge base.
fn files() -> [(&'static str, String); 4] {
    let knowledge = Knowledge::embedded();
    let program = "wasmtime-upgrade";
    let install = "      - run: command -v wasmtime-upgrade || cargo install --locked --git https://github.com/OWNER/wasmtime-upgrade --rev REF wasmtime-upgrade\n";
    [
        (
            "renovate-newest.json",
            renovate(knowledge, Variant::Newest, program),
        ),
        (
            "renovate-lts.json",
            renovate(knowledge, Variant::Lts, program),
        ),
        ("dependabot.yml", dependabot(knowledge, "")),
        ("bot-branch.yml", finishing(program, install, "")),
    ]
}

#[test]
fn the_files_say_what_the_knowledge_base_says() {
    let write = std::env::var(WRITE).is_ok_and(|value| value == "write");
    for (name, text) in files() {
        let path = folder().join(name);
        if write {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}");
    }
}

fn preset(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect()
}

#[test]
fn every_crate_of_the_family_is_in_every_group() {
    let knowledge = Knowledge::embedded();
    let family: Vec<&str> = knowledge.family.iter().map(|it| it.name.as_str()).collect();
    for name in ["renovate-newest.json", "renovate-lts.json"] {
        let preset = preset(name);
        assert_eq!(
            strings(&preset["packageRules"][0]["matchPackageNames"]),
            family,
            "{name}"
        );
    }
    let text = fs::read_to_string(folder().join("dependabot.yml")).unwrap();
    let group = &yaml::parse(&text).unwrap()["updates"][0]["groups"]["wasmtime"];
    assert_eq!(strings(&group["patterns"]), family);
    // The workflow knows branches and other requests by a part of the name.
    let parts = [
        "wasmtime",
        "cranelift",
        "winch",
        "pulley",
        "wiggle",
        "wasi-common",
    ];
    for name in family {
        assert!(parts.iter().any(|part| name.contains(part)), "{name}");
    }
    let workflow = fs::read_to_string(folder().join("bot-branch.yml")).unwrap();
    assert!(workflow.contains(&format!("({})", parts.join("|"))));
}

/// Without it a move from 36.0.5 to 48.0.8 asks for 48.0.0, which admits what the patches are for; seen with
/// Renovate 44.121.2.
#[test]
fn requirements_name_the_release_that_was_chosen() {
    for name in ["renovate-newest.json", "renovate-lts.json"] {
        let rule = &preset(name)["packageRules"][0];
        assert_eq!(rule["rangeStrategy"], "bump", "{name}");
    }
}

#[test]
fn the_long_term_preset_admits_long_term_releases_and_no_others() {
    let preset = preset("renovate-lts.json");
    let rules = preset["packageRules"].as_array().unwrap();
    let mut seen = 0;
    for member in Knowledge::embedded().family.iter() {
        let of_member: Vec<&str> = rules
            .iter()
            .filter(|rule| strings(&rule["matchPackageNames"]).contains(&member.name.as_str()))
            .filter_map(|rule| rule["allowedVersions"].as_str())
            .collect();
        let [pattern] = of_member[..] else {
            panic!("{}: {of_member:?}", member.name);
        };
        for release in Knowledge::embedded().releases.iter() {
            // Older lines are nobody's target any more, and two crates were numbered otherwise.
            let line = release.version.line();
            if line.0 < 26 || !member.exists_in(line) {
                continue;
            }
            let version = member.numbering.version_at(&release.version).to_string();
            let lts = Knowledge::embedded().releases.line(line).unwrap().lts;
            assert_eq!(
                matches(pattern, &version),
                lts,
                "{} {version}: {pattern}",
                member.name
            );
            seen += 1;
        }
    }
    assert!(seen > 1000, "{seen}");
}

/// Whether a version begins as a pattern of the form `/^PREFIX(A|B)\./` says.
fn matches(pattern: &str, version: &str) -> bool {
    let inner = pattern
        .strip_prefix("/^")
        .unwrap()
        .strip_suffix(")\\./")
        .unwrap();
    let (prefix, numbers) = inner.split_once('(').unwrap();
    let prefix = prefix.replace("\\.", ".");
    numbers
        .split('|')
        .any(|number| version.starts_with(&format!("{prefix}{number}.")))
}

#[test]
fn renovate_itself_accepts_the_presets() {
    let Some(validator) = named_by(VALIDATOR) else {
        return skipped(
            "renovate_itself_accepts_the_presets",
            &format!("{VALIDATOR} names no renovate-config-validator"),
        );
    };
    // It is a program of Node, which may lie beside it.
    let path = std::env::var("PATH").unwrap();
    let beside = validator.parent().unwrap().display().to_string();
    for name in ["renovate-newest.json", "renovate-lts.json"] {
        let ran = run(Command::new(&validator)
            .args(["--strict", "--no-global"])
            .arg(folder().join(name))
            .env("PATH", format!("{beside}:{path}")));
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.stdout, ran.stderr);
        assert!(
            ran.stdout.contains("validated successfully"),
            "{}",
            ran.stdout
        );
    }
    // A validator that takes everything would show nothing.
    let scratch = tempfile::tempdir().unwrap();
    let wrong = scratch.path().join("renovate.json");
    let text = fs::read_to_string(folder().join("renovate-lts.json")).unwrap();
    fs::write(
        &wrong,
        text.replace("matchPackageNames", "matchPackageNamez"),
    )
    .unwrap();
    let ran = run(Command::new(&validator)
        .args(["--strict", "--no-global"])
        .arg(&wrong)
        .env("PATH", format!("{beside}:{path}")));
    assert_ne!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn the_schemas_of_github_accept_the_files() {
    let Some(program) = named_by(SCHEMAS) else {
        return skipped(
            "the_schemas_of_github_accept_the_files",
            &format!("{SCHEMAS} names no check-jsonschema"),
        );
    };
    let gate = "tests/init/one_package/out/.github/workflows/wasmtime.yml";
    let gate = Path::new(env!("CARGO_MANIFEST_DIR")).join(gate);
    for (schema, file) in [
        ("vendor.dependabot", folder().join("dependabot.yml")),
        ("vendor.github-workflows", folder().join("bot-branch.yml")),
        ("vendor.github-workflows", gate),
    ] {
        let ran = run(Command::new(&program)
            .args(["--builtin-schema", schema])
            .arg(&file));
        assert_eq!(
            ran.code,
            0,
            "{}: {}{}",
            file.display(),
            ran.stdout,
            ran.stderr
        );
    }
    // A schema that takes everything would show nothing.
    let wrong = folder().join("renovate-lts.json");
    let ran = run(Command::new(&program)
        .args(["--builtin-schema", "vendor.dependabot"])
        .arg(wrong));
    assert_eq!(ran.code, 1, "{}", ran.stdout);
}

const BRANCH: &str = "dependabot/cargo/wasmtime-36.0.20";

/// A repository with a bot's branch, and a place where GitHub's runner and its command would be.
struct Hub {
    scratch: TempDir,
}

impl Hub {
    /// The bot has raised one of two crates of the family.
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let hub = Self { scratch };
        let work = hub.at("work");
        fs::create_dir(&work).unwrap();
        let wasi = |version: &'static str, dependencies: &'static str| Stub {
            name: "wasmtime-wasi",
            version,
            dependencies,
            source: "",
        };
        let wasmtime = |version: &'static str| Stub {
            name: "wasmtime",
            version,
            dependencies: "",
            source: "",
        };
        vendor(
            &work,
            &[
                wasmtime("32.0.0"),
                wasmtime("36.0.20"),
                wasi("32.0.0", "wasmtime = \"=32.0.0\"\n"),
                wasi("36.0.20", "wasmtime = \"=36.0.20\"\n"),
            ],
        );
        write(&work, "Cargo.toml", manifest("32.0.0").as_bytes());
        write(&work, "src/lib.rs", b"");
        write(
            &work,
            "Dockerfile",
            b"FROM x\nENV WASMTIME_VERSION=v32.0.0\n",
        );
        succeed(&work, "cargo", &["generate-lockfile", "--offline"]);
        commit(&work);
        succeed(&work, "git", &["branch", "-M", "main"]);
        succeed(
            hub.scratch.path(),
            "git",
            &["clone", "-q", "--bare", "work", "origin"],
        );
        succeed(&work, "git", &["checkout", "-qb", BRANCH]);
        write(&work, "Cargo.toml", manifest("36.0.20").as_bytes());
        succeed(&work, "cargo", &["update", "--offline", "--workspace"]);
        let name = ["-c", "user.name=bot", "-c", "user.email=bot@example.com"];
        let args = [
            &name[..],
            &["commit", "-qam", "Bump wasmtime from 32.0.0 to 36.0.20"],
        ]
        .concat();
        succeed(&work, "git", &args);
        let origin = hub.at("origin").display().to_string();
        succeed(&work, "git", &["push", "-q", &origin, BRANCH]);
        fs::create_dir_all(hub.at("hub")).unwrap();
        fs::write(hub.at("hub/body"), "Bumps wasmtime.\n\nRelease notes.\n").unwrap();
        fs::write(hub.at("hub/requests.json"), REQUESTS).unwrap();
        fs::write(hub.at("hub/gh"), GH).unwrap();
        fs::set_permissions(hub.at("hub/gh"), fs::Permissions::from_mode(0o755)).unwrap();
        hub
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// A checkout of the bot's branch, as a job begins with.
    fn checkout(&self, name: &str) -> PathBuf {
        let _ = fs::remove_dir_all(self.at(name));
        succeed(
            self.scratch.path(),
            "git",
            &["clone", "-q", "-b", BRANCH, "origin", name],
        );
        self.at(name)
    }

    /// Runs a step of the workflow, as GitHub documents it.
    fn step(&self, workflow: &Value, job: &str, name: &str, folder: &Path) -> Ran {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["name"] == name).unwrap();
        let script = self.at("script.sh");
        fs::write(&script, step["run"].as_str().unwrap()).unwrap();
        let path = format!(
            "{}:{}",
            self.at("hub").display(),
            std::env::var("PATH").unwrap()
        );
        let ran = run(Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(script)
            .current_dir(folder)
            .env("PATH", path)
            .env("HUB", self.at("hub"))
            .env("RUNNER_TEMP", self.at("temp"))
            .env("GITHUB_REF_NAME", BRANCH)
            .env("BASE", "origin/main")
            .env("CARGO_NET_OFFLINE", "true")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("CARGO_TARGET_DIR"));
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.stdout, ran.stderr);
        ran
    }
}

fn manifest(wasmtime: &str) -> String {
    format!(
        "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nwasmtime = \"{wasmtime}\"\nwasmtime-wasi = \"32.0.0\"\n"
    )
}

/// The requests that are open: this one, one of a bot about a sibling, one of a person, one about
/// something else.
const REQUESTS: &str = r#"[
  {"number": 5, "headRefName": "dependabot/cargo/wasmtime-36.0.20", "author": {"is_bot": true}},
  {"number": 7, "headRefName": "dependabot/cargo/wasmtime-wasi-36.0.20", "author": {"is_bot": true}},
  {"number": 8, "headRefName": "renovate/wasmtime", "author": {"is_bot": false}},
  {"number": 9, "headRefName": "dependabot/cargo/serde-1.0.300", "author": {"is_bot": true}}
]"#;

/// As much of GitHub's command as the workflow uses; `--jq` is jq's work.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
filter=.
head=
for ((i = 1; i <= $#; i++)); do
  next=$((i + 1))
  case ${!i} in
    --jq) filter=${!next} ;;
    --head) head=${!next} ;;
    --body-file) file=${!next} ;;
  esac
done
case "$1 $2" in
  'pr list') jq --arg head "$head" '[.[] | select($head == "" or .headRefName == $head)]' "$HUB/requests.json" | jq -r "$filter" ;;
  'pr view') jq -n --rawfile body "$HUB/body" '{body: $body}' | jq -r "$filter" ;;
  'pr edit') cp "$file" "$HUB/body" ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac
"#;

#[test]
fn a_bots_branch_is_finished_and_its_request_says_how() {
    let test = "a_bots_branch_is_finished_and_its_request_says_how";
    if on_path("jq").is_none() {
        return skipped(test, "jq is not installed");
    }
    let hub = Hub::new();
    let program = format!(
        "{} --no-registry-cache",
        env!("CARGO_BIN_EXE_wasmtime-upgrade")
    );
    let workflow = yaml::parse(&finishing(&program, "", "")).unwrap();
    for round in ["first", "second"] {
        let folder = hub.checkout("finish");
        hub.step(&workflow, "finish", "Finish the move", &folder);
        let folder = hub.checkout("publish");
        hub.step(&workflow, "publish", "Push what changed", &folder);
        hub.step(&workflow, "publish", "Write into the pull request", &folder);

        let body = fs::read_to_string(hub.at("hub/body")).unwrap();
        assert_eq!(
            body.matches("wasmtime-upgrade: begin").count(),
            1,
            "{round}: {body}"
        );
        assert!(
            body.ends_with("end -->\n\nBumps wasmtime.\n\nRelease notes.\n"),
            "{round}: {body}"
        );
        assert!(
            body.contains("### Superseded by this\n\n- #7\n<!--"),
            "{round}: {body}"
        );
        assert!(
            !body.contains("#8") && !body.contains("#9"),
            "{round}: {body}"
        );
        assert!(
            body.contains("- [ ] `Dockerfile:2`: names Wasmtime 32.0.0"),
            "{round}: {body}"
        );
        assert!(
            body.contains("## Wasmtime 32.0.0 to 36.0.20: "),
            "{round}: {body}"
        );
    }
    let origin = hub.at("origin");
    let log = succeed(&origin, "git", &["log", "--format=%an %s", BRANCH]);
    let commits: Vec<&str> = log.lines().collect();
    assert_eq!(
        commits[0],
        "github-actions[bot] Finish the move of Wasmtime"
    );
    assert_eq!(commits.len(), 3, "pushed once: {log}");
    let finished = succeed(&origin, "git", &["show", &format!("{BRANCH}:Cargo.toml")]);
    assert!(
        finished.contains("wasmtime-wasi = \"36.0.20\""),
        "{finished}"
    );
}
