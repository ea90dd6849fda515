//! Rules of migrations as a user meets them: what is applied, what waits for `--include`, what is only
//! listed, and rules of the user's own.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{Ran, TODAY, project, run, write};
use tempfile::TempDir;
use wasmtime_upgrade::diagnostics::{Diagnostic, Label};
use wasmtime_upgrade::knowledge::{Knowledge, Migration};
use wasmtime_upgrade::migrate::guided::{self, Terms, Texts};
use wasmtime_upgrade::migrate::rules::{self, Included};
use wasmtime_upgrade::span::Span;
use wasmtime_upgrade::version::Line;

const MANIFEST: &str = "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nwasmtime = \"47\"\nwasmtime-wasi = \"47\"\n";

const SOURCE: &str = "use wasmtime::Config;\nuse wasmtime_wasi::WasiCtxBuilder;\n\npub fn guests_network(builder: &mut WasiCtxBuilder) {\n    builder.inherit_network();\n}\n\npub fn set(config: &mut Config) {\n    ours::tune(config, 3);\n}\n";

fn host() -> TempDir {
    project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", SOURCE)])
}

/// The plan of a move to 48.0.8.
fn planned(folder: &Path, args: &[&str]) -> Ran {
    run(support::program(folder)
        .args(["upgrade", "--to", "48.0.8", "--dry-run", "--format", "json"])
        .args(["--as-of", TODAY])
        .args(args))
}

/// The new texts of the edits on the source.
fn edits(report: &Value) -> Vec<&str> {
    let edits = report["edits"].as_array().unwrap().iter();
    let of_source = edits.filter(|edit| edit["path"] == "src/lib.rs");
    of_source
        .map(|edit| edit["new"].as_str().unwrap())
        .collect()
}

fn left(report: &Value) -> Vec<&str> {
    let left = report["remaining"].as_array().unwrap().iter();
    left.map(|step| step["what"].as_str().unwrap()).collect()
}

#[test]
fn what_is_for_review_is_listed_until_it_is_asked_for() {
    let folder = host();
    let report = planned(folder.path(), &[]).json();
    assert_eq!(edits(&report), [""; 0]);
    assert_eq!(
        left(&report),
        [
            "guests get no socket from 48 on unless `allow_tcp` and `allow_udp` are called; `--include sockets-need-permission` edits it"
        ]
    );
    assert_eq!(report["remaining"][0]["location"]["line"], 5);
    for include in ["review", "sockets-need-permission", "review,wasi-fsperms"] {
        let report = planned(folder.path(), &["--include", include]).json();
        assert_eq!(
            edits(&report),
            [".allow_tcp(true).allow_udp(true)"],
            "{include}"
        );
        assert_eq!(left(&report), [""; 0]);
    }
}

#[test]
fn a_word_that_names_nothing_to_include_is_refused_with_the_nearest() {
    let folder = host();
    for (include, message) in [
        (
            "sockets-need-permisson",
            "did you mean `sockets-need-permission`?",
        ),
        ("engine-is-async-removed", "that is for a person to do"),
        ("zzz", "`list migrations` shows all of them"),
    ] {
        let ran = planned(folder.path(), &["--include", include]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
}

#[test]
fn what_behaves_differently_is_listed_with_the_way_back() {
    let folder = host();
    let report = planned(folder.path(), &[]).json();
    let changes = report["changes"].as_array().unwrap();
    let sockets = changes
        .iter()
        .find(|change| change["id"] == "sockets-denied-by-default-48")
        .unwrap();
    assert!(sockets["help"].as_str().unwrap().contains("allow_tcp"));
    assert_eq!(sockets["evidence"][0]["location"]["line"], 5);
    let ran = run(support::program(folder.path()).args([
        "upgrade",
        "--to",
        "48.0.8",
        "--dry-run",
        "--as-of",
        TODAY,
    ]));
    let told = "on 48.0.8 this behaves differently: src/lib.rs:5:";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    // On the release that has it already nothing changes.
    let within = run(support::program(folder.path())
        .args(["upgrade", "--from", "48.0.0", "--to", "48.0.8", "--dry-run"])
        .args(["--format", "json", "--as-of", TODAY]));
    let changes = within.json()["changes"].to_string();
    assert!(!changes.contains("sockets-denied"), "{changes}");
}

const OURS: &str = "+++\nid = \"tune-in-steps\"\ntitle = \"`tune` of our own crate counts in steps\"\nsince = \"48.0.0\"\nmeans = \"tokens\"\nlinks = []\n\n[[rule]]\nfind = 'ours::tune($config, $times)'\nreplace = 'ours::tune_by($config, Steps($times))'\n\n[proof]\nfrom = \"47.0.4\"\nto = \"48.0.8\"\n+++\nWhy.\n\n```rust before\na\n```\n\n```rust after\nb\n```\n\n```rust untouched\nc\n```\n";

#[test]
fn a_users_own_migration_is_one_like_all_others() {
    let folder = host();
    write(
        folder.path(),
        "team/migrations/tune-in-steps.md",
        OURS.as_bytes(),
    );
    let own = ["--knowledge", "team"];
    let report = planned(folder.path(), &own).json();
    assert_eq!(report["own_entries"]["migrations"], 1);
    assert_eq!(edits(&report), ["tune_by", "Steps(", ")"]);
    let explained = run(support::program(folder.path())
        .args(["explain", "tune-in-steps"])
        .args(own));
    assert!(
        explained.stdout.contains("grade     safe"),
        "{}",
        explained.stdout
    );
    let without = run(support::program(folder.path()).args(["explain", "tune-in-steps"]));
    assert_eq!(without.code, 2);
}

/// The rule of docs/rules.md, on the error that the page shows.
#[test]
fn the_rule_of_the_tutorial_is_one() {
    let page = include_str!("../docs/rules.md");
    let rule = page.split("````markdown\n").nth(1).unwrap();
    let rule = rule.split("````").next().unwrap();
    let folder = host();
    let path = "team/migrations/table-maximum-of-u64.md";
    write(folder.path(), path, rule.as_bytes());
    let explained = run(support::program(folder.path())
        .args(["explain", "table-maximum-of-u64", "--format", "json"])
        .args(["--knowledge", "team"]))
    .json();
    let migration = Migration::parse(rule).unwrap();
    assert_eq!(explained["before"], migration.before.as_str());
    let place = "ty.maximum()";
    let start = migration.before.find(place).unwrap();
    let (message, label) = (
        "mismatched types",
        "expected `Option<u32>`, found `Option<u64>`",
    );
    assert!(page.contains(message) && page.contains(label));
    let rendered = format!("{message}\n{label}");
    let place = Label {
        path: "src/lib.rs".to_owned(),
        span: Span::new(start, start + place.len()),
        is_primary: true,
        of_macro: None,
        text: String::new(),
    };
    let error = Diagnostic {
        code: Some("E0308".to_owned()),
        message: message.to_owned(),
        rendered,
        labels: vec![place],
        ..Diagnostic::default()
    };
    let knowledge = Knowledge {
        migrations: [migration.clone()].into_iter().collect(),
        ..Knowledge::default()
    };
    let rules = rules::active(&knowledge, Line(24), Line(36), &Included::default());
    let texts = Texts::from([("src/lib.rs".to_owned(), migration.before.clone())]);
    let terms = Terms {
        from: Line(24),
        line: Line(36),
        paths: &knowledge.paths,
        rules: &rules,
        before: &texts,
        crates: &BTreeMap::new(),
    };
    let repairs = guided::repair(&[&error], &texts, &terms);
    let after = repairs.edits["src/lib.rs"].apply(&migration.before);
    assert_eq!(after, migration.after);
}

#[test]
fn what_is_wrong_with_a_migration_is_named_with_its_line() {
    for (from, to, message) in [
        (
            "means = \"tokens\"",
            "means = \"magic\"",
            ":5:9: unknown variant `magic`",
        ),
        (
            "$times))'",
            "$count))'",
            ":8:1: `replace` has `$count`, and `find` has not",
        ),
        (
            "id = \"tune-in-steps\"",
            "id = \"tune\"",
            ":2:1: the id `tune` is not the name",
        ),
        (
            "```rust untouched",
            "```rust other",
            "there is no block `rust untouched`",
        ),
        ("since = \"48.0.0\"", "since = \"48\"", ":4:9: "),
    ] {
        let folder = host();
        let text = OURS.replace(from, to);
        write(
            folder.path(),
            "team/migrations/tune-in-steps.md",
            text.as_bytes(),
        );
        let ran = planned(folder.path(), &["--knowledge", "team"]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    let folder = host();
    let built_in = OURS.replace("tune-in-steps", "wasi-fsperms");
    write(
        folder.path(),
        "team/migrations/wasi-fsperms.md",
        built_in.as_bytes(),
    );
    let ran = planned(folder.path(), &["--knowledge", "team"]);
    assert!(
        ran.stderr
            .contains("has the name of the built-in migration `wasi-fsperms`"),
        "{}",
        ran.stderr
    );
}
