//! What is newer than the program: cargo's cached index, an advisory database, entries of the
//! user's own, and how old the rest is.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use support::{Ran, check_json, finding, host_on, lockfile, manifest, project, run, write};

/// `check --format json` with a cargo home in the project's folder, and its index.
fn check(folder: &Path, args: &[&str]) -> Ran {
    run(with_index(folder)
        .args(["check", "--format", "json"])
        .args(args)
        .env("PATH", "/nonexistent")
        .env_remove("CARGO"))
}

fn with_index(folder: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wasmtime-upgrade"));
    command
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("CARGO_HOME", folder.join("home"));
    command
}

fn index(folder: &Path, versions: &[(&str, &str, bool)]) {
    let mut bytes = vec![3, 2, 0, 0, 0];
    bytes.extend(b"etag\0");
    for (version, rust, yanked) in versions {
        bytes.extend(
            format!(
                "{version}\0{{\"name\":\"wasmtime\",\"vers\":\"{version}\",\"deps\":[{{\"name\":\"wasmtime-environ\",\"req\":\"={version}\"}},{{\"name\":\"wasmparser\",\"req\":\"^0.260\"}}],\"yanked\":{yanked},\"rust_version\":\"{rust}\",\"v\":2}}\0"
            )
            .bytes(),
        );
    }
    write(
        folder,
        "home/registry/index/default/.cache/wa/sm/wasmtime",
        &bytes,
    );
}

const NEW: [(&str, &str, bool); 3] = [
    ("36.0.20", "1.86.0", false),
    ("36.0.97", "1.86.0", false),
    ("72.0.0", "1.130.0", false),
];

#[test]
fn a_locked_release_that_only_the_index_knows_is_judged() {
    let folder = host_on("61.0.0");
    index(folder.path(), &[NEW[0], ("61.0.0", "1.108.0", false)]);
    let as_of = ["--as-of", "2027-11-20"];
    let ran = check(folder.path(), &as_of);
    let report = ran.json();
    assert_eq!(report["newer_releases"], serde_json::json!(["61.0.0"]));
    let ended = finding(&report, "support-ended").expect("line 61 ended, by the rule");
    assert!(
        ended["why"].as_str().unwrap().contains("2027-11-20"),
        "{ended}"
    );
    let without = check(folder.path(), &["--no-registry-cache", as_of[0], as_of[1]]);
    let report = without.json();
    assert_eq!(report["newer_releases"], serde_json::json!([]));
    assert!(finding(&report, "support-ended").is_none());
}

#[test]
fn the_index_is_left_alone_when_all_is_known() {
    let folder = host_on("36.0.20");
    index(folder.path(), &NEW);
    let report = check(folder.path(), &[]).json();
    assert_eq!(report["newer_releases"], serde_json::json!([]));
}

#[test]
fn what_is_not_locked_is_judged_by_the_newest_that_the_index_knows() {
    let folder = project(&[
        ("Cargo.toml", &manifest("\"36\"")),
        ("src/lib.rs", support::HOST),
    ]);
    index(folder.path(), &NEW);
    let ran = check(folder.path(), &["--as-of", "2027-11-22"]);
    let report = ran.json();
    let ended = finding(&report, "support-ended").unwrap();
    assert_eq!(ended["version"], "36.0.97");
}

#[test]
fn the_list_of_releases_has_the_new_ones_and_says_so() {
    let folder = project(&[]);
    index(folder.path(), &NEW);
    let ran = run(with_index(folder.path()).args(["list", "releases", "--format", "json"]));
    let list = ran.json();
    let new = &list[0];
    assert_eq!(new["version"], "72.0.0");
    assert_eq!(new["rust_version"], "1.130");
    assert_eq!((&new["lts"], &new["derived"]), (&true.into(), &true.into()));
    assert_eq!(new["published"], serde_json::Value::Null);
    assert_eq!(new["supported_until"], "2030-08-20");
    let ran = run(with_index(folder.path()).args(["list", "releases"]));
    let line = "72.0.0        unknown     1.130  until 2030-08-20, LTS; newer than this program";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
    // It is in the table, and not in this index.
    let line = "48.0.9        2026-11-16  1.95  until 2028-08-20, LTS; not served by the registry";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
}

#[test]
fn a_cut_index_and_one_of_the_future_are_told_of() {
    let folder = host_on("72.0.0");
    index(folder.path(), &NEW);
    let place = "home/registry/index/default/.cache/wa/sm/wasmtime";
    let whole = std::fs::read(folder.path().join(place)).unwrap();
    write(folder.path(), place, &whole[..whole.len() - 30]);
    let report = check(folder.path(), &[]).json();
    assert_eq!(report["newer_releases"], serde_json::json!(["36.0.97"]));
    let note = report["knowledge_notes"][0].as_str().unwrap();
    assert!(
        note.contains("cut off or damaged; 2 releases were read"),
        "{note}"
    );
    write(folder.path(), place, &[&[7], &whole[1..]].concat());
    let report = check(folder.path(), &[]).json();
    let note = report["knowledge_notes"][0].as_str().unwrap();
    assert!(note.contains("of format 7"), "{note}");
}

#[test]
fn an_upgrade_goes_to_a_release_that_only_the_index_knows() {
    let folder = host_on("32.0.0");
    index(folder.path(), &NEW);
    let args = [
        "upgrade",
        "--dry-run",
        "--no-verify",
        "--to",
        "36.0.97",
        "--format",
        "json",
    ];
    let ran = run(with_index(folder.path()).args(args));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.json()["plan"]["choice"]["release"], "36.0.97");
    let ran = run(with_index(folder.path())
        .args(["--no-registry-cache"])
        .args(args));
    assert_eq!(ran.code, 2, "{}", ran.stdout);
}

const ADVISORY: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2027-0001\"\npackage = \"wasmtime\"\ndate = \"2027-01-05\"\naliases = []\n\n[versions]\npatched = [\">= 36.0.97, < 37.0.0\", \">= 72.0.1\"]\n```\n\n# Something bad\n\nIn many words.\n";

#[test]
fn a_newer_database_adds_findings_and_makes_up_for_the_programs_age() {
    let folder = host_on("36.0.20");
    write(
        folder.path(),
        "db/crates/wasmtime/RUSTSEC-2027-0001.md",
        ADVISORY.as_bytes(),
    );
    let args = ["--as-of", "2027-02-01", "--advisory-db", "db"];
    let report = check_json(folder.path(), &args).json();
    let found = finding(&report, "RUSTSEC-2027-0001").unwrap();
    assert_eq!(
        (&found["exposure"], &found["kind"]),
        (&"possible".into(), &"advisory".into())
    );
    assert_eq!(found["fixed_in"][0], "36.0.97");
    assert_eq!(report["advisory_db"]["added"], 1);
    assert_eq!(report["advisory_db"]["date"], "2027-01-05");
    assert_eq!(
        (&report["knowledge_age_days"], &report["stale"]),
        (&27.into(), &false.into())
    );
    let without = check_json(folder.path(), &args[..2]).json();
    assert_eq!(without["stale"], true);
    let human = run(support::program(folder.path()).args(["check", "--as-of", "2027-02-01"]));
    assert!(
        human
            .stdout
            .contains("warning: what this was held against is "),
        "{}",
        human.stdout
    );
    let explained = run(support::program(folder.path()).args([
        "explain",
        "RUSTSEC-2027-0001",
        "--advisory-db",
        "db",
    ]));
    assert!(
        explained.stdout.contains("In many words."),
        "{}",
        explained.stderr
    );
}

#[test]
fn paths_that_lead_to_nothing_of_the_kind_are_refused() {
    let folder = host_on("36.0.20");
    write(folder.path(), "empty/README.md", b"");
    for (args, message) in [
        (
            ["--advisory-db", "nowhere"],
            "nowhere is no advisory database: can't list",
        ),
        (
            ["--advisory-db", "empty"],
            "empty is no advisory database: can't list",
        ),
        (
            ["--advisory-db", "Cargo.toml"],
            "Cargo.toml is no advisory database",
        ),
        (
            ["--knowledge", "nowhere"],
            "nowhere is not a folder of entries",
        ),
        (["--knowledge", "empty"], "empty holds no entry"),
    ] {
        let ran = check_json(folder.path(), &args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
        assert!(ran.stderr.contains("= help: "), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

const ENTRY: &str = "+++\nid = \"slow\"\nkind = \"regression\"\ntitle = \"It is slow here\"\npackage = \"wasmtime\"\naffected = [\">=36.0.0, <37.0.0\"]\nfixed-in = [\"48.0.0\"]\ncondition = \"always\"\nremedy = \"move to 48\"\nlinks = []\nconfidence = \"inferred\"\n+++\nWe measured it.\n";

#[test]
fn a_users_own_entries_are_rules_like_all_others() {
    let folder = host_on("36.0.20");
    write(folder.path(), "ours/regressions/slow.md", ENTRY.as_bytes());
    let args = ["--knowledge", "ours"];
    let ran = check_json(folder.path(), &args);
    let report = ran.json();
    let found = finding(&report, "slow").unwrap();
    assert_eq!(
        (found["exposure"].as_str(), ran.code),
        (Some("affected"), 1)
    );
    assert_eq!(report["own_entries"]["entries"], 1);
    let list = run(support::program(folder.path()).args(["list", "--knowledge", "ours"]));
    assert!(list.stdout.contains("slow\n"), "{}", list.stdout);
    write(
        folder.path(),
        "ours/regressions/slow.md",
        ENTRY.replace("\"always\"", "\"sometimes\"").as_bytes(),
    );
    let ran = check_json(folder.path(), &args);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("ours/regressions/slow.md:8:13: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_entry_about_what_is_known_names_both() {
    let folder = host_on("36.0.20");
    let id = "bindgen-send-bound-on-exports";
    write(
        folder.path(),
        &format!("ours/regressions/{id}.md"),
        ENTRY.replace("\"slow\"", &format!("\"{id}\"")).as_bytes(),
    );
    let ran = check_json(folder.path(), &["--knowledge", "ours"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains(&format!(
            "ours/regressions/{id}.md is about the same matter as the built-in entry `{id}`"
        )),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_lockfile_that_is_older_than_the_table_needs_no_index() {
    let folder = project(&[
        ("Cargo.toml", &manifest("\"20\"")),
        ("Cargo.lock", &lockfile("20.0.0")),
        ("src/lib.rs", ""),
    ]);
    index(folder.path(), &NEW);
    let report = check(folder.path(), &[]).json();
    assert_eq!(report["newer_releases"], serde_json::json!([]));
}

#[test]
fn the_entry_in_the_documentation_is_one() {
    let text = include_str!("../docs/knowledge.md");
    let (_, rest) = text.split_once("```markdown\n").unwrap();
    let (entry, _) = rest.split_once("```").unwrap();
    let folder = host_on("40.0.2");
    write(
        folder.path(),
        "ours/regressions/slow-start.md",
        entry.as_bytes(),
    );
    let ran = check_json(folder.path(), &["--knowledge", "ours"]);
    let report = ran.json();
    let found = finding(&report, "slow-start").unwrap();
    assert_eq!(found["exposure"], "not-affected");
}
