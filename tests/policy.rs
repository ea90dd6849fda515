//! The policy file, from outside: what it can say, what is said about it, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use support::{
    HOST, Ran, check_json, finding, host_on, lockfile, manifest, program, project, run, write,
};
use tempfile::TempDir;
use wasmtime_upgrade::config::{KEYS, Policy};
use wasmtime_upgrade::finding::{Exposure, Level};
use wasmtime_upgrade::knowledge::Kind;
use wasmtime_upgrade::rehearse::compare::Aspect;

const SEND: &str = "bindgen-send-bound-on-exports";
const TODAY: &str = "2026-11-22";

/// Silences all that the knowledge base has against a release, but what the policy itself has.
const QUIET: &str = "affected = \"note\"\npossible = \"note\"\n";

/// The host on 32.0.0, which is affected by [`SEND`], with this policy.
fn with_policy(policy: &str) -> TempDir {
    let folder = host_on("32.0.0");
    write(folder.path(), "wasmtime-upgrade.toml", policy.as_bytes());
    folder
}

fn on(day: &str, folder: &TempDir) -> Ran {
    check_json(folder.path(), &["--as-of", day])
}

fn waiver(id: &str, until: &str) -> String {
    format!(
        "[[waive]]\nid = \"{id}\"\nreason = \"the host moves with the next release\"\nuntil = {until}\n"
    )
}

fn level<'a>(report: &'a Value, id: &str) -> Option<&'a str> {
    finding(report, id)?["level"].as_str()
}

/// What a place covers in the policy file.
fn text_at<'a>(text: &'a str, found: &Value) -> &'a str {
    let place = &found["location"];
    assert_eq!(place["path"], "wasmtime-upgrade.toml", "{found}");
    let byte = |name: &str| usize::try_from(place[name].as_u64().unwrap()).unwrap();
    &text[byte("start")..byte("end")]
}

fn refused(policy: &str, place: &str, help: &str) {
    let ran = on(TODAY, &with_policy(policy));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{policy}");
    let expected = format!("wasmtime-upgrade.toml:{place}");
    for part in [expected.as_str(), help, "= help: "] {
        assert!(
            ran.stderr.contains(part),
            "{policy}\nshould say {part}, says {}",
            ran.stderr
        );
    }
}

// Where it stands

#[test]
fn a_policy_stands_in_the_root_or_in_its_config_folder_but_not_in_both() {
    let policy = format!("[levels]\n{SEND} = \"note\"\n");
    for path in ["wasmtime-upgrade.toml", ".config/wasmtime-upgrade.toml"] {
        let folder = host_on("32.0.0");
        write(folder.path(), path, policy.as_bytes());
        let report = on(TODAY, &folder).json();
        assert_eq!(report["policy"], path);
        assert_eq!(level(&report, SEND), Some("note"));
    }
    let folder = with_policy(&policy);
    write(folder.path(), ".config/wasmtime-upgrade.toml", b"");
    let ran = on(TODAY, &folder);
    assert_eq!(ran.code, 2);
    for part in [
        "two policy files",
        "/wasmtime-upgrade.toml and ",
        "/.config/wasmtime-upgrade.toml",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let ran = check_json(
        folder.path(),
        &["--config", ".config/wasmtime-upgrade.toml"],
    );
    assert_eq!(
        level(&ran.json(), SEND),
        Some("error"),
        "named, so no doubt"
    );
}

#[test]
fn without_a_policy_the_document_says_so() {
    let report = on(TODAY, &host_on("32.0.0")).json();
    assert_eq!(report["policy"], Value::Null);
    assert_eq!(report["waived"], 0);
    assert!(finding(&report, SEND).unwrap().get("waived").is_none());
}

#[test]
fn the_policy_of_a_workspace_holds_for_its_members() {
    let folder = project(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"),
        ("Cargo.lock", &lockfile("32.0.0")),
        ("a/Cargo.toml", &manifest("\"32.0.0\"")),
        ("a/src/lib.rs", HOST),
        ("wasmtime-upgrade.toml", &waiver(SEND, "2026-12-01")),
    ]);
    let report = check_json(
        folder.path(),
        &["--manifest-path", "a/Cargo.toml", "--as-of", TODAY],
    )
    .json();
    assert_eq!(report["policy"], "wasmtime-upgrade.toml");
    assert_eq!(level(&report, SEND), Some("note"));
}

#[test]
fn a_policy_that_is_named_must_exist_and_is_shown_from_the_root() {
    let folder = project(&[
        ("host/Cargo.toml", &manifest("\"32.0.0\"")),
        ("host/src/lib.rs", HOST),
        ("host/wasmtime-upgrade.toml", "not looked at ["),
        ("org.toml", "fail-level = \"warning\""),
    ]);
    let ran = check_json(folder.path(), &["host", "--config", "org.toml"]);
    assert_eq!(ran.json()["policy"], "../org.toml");
    let ran = check_json(folder.path(), &["host", "--config", "gone.toml"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("gone.toml does not exist"),
        "{}",
        ran.stderr
    );
}

// Levels

#[test]
fn an_id_beats_its_kind_and_a_kind_beats_the_exposure() {
    for (levels, expected) in [
        ("possible = \"note\"", "error"),
        ("affected = \"warning\"", "warning"),
        ("regression = \"note\"\naffected = \"warning\"", "note"),
        (
            "bindgen-send-bound-on-exports = \"error\"\nregression = \"note\"\naffected = \"warning\"",
            "error",
        ),
    ] {
        let report = on(TODAY, &with_policy(&format!("[levels]\n{levels}\n"))).json();
        assert_eq!(level(&report, SEND), Some(expected), "{levels}");
    }
    let report = on(TODAY, &with_policy("levels = { support = \"error\" }")).json();
    assert_eq!(level(&report, "support-ended"), Some("error"));
}

#[test]
fn a_kind_does_not_raise_what_is_proven_not_to_concern_the_project() {
    let folder = with_policy("[levels]\nregression = \"error\"\n");
    write(folder.path(), "src/lib.rs", b"pub fn f() {}");
    let report = on(TODAY, &folder).json();
    let found = finding(&report, SEND).unwrap();
    assert_eq!(
        (&found["exposure"], &found["level"]),
        (&"not-affected".into(), &"note".into())
    );
}

#[test]
fn the_fail_level_is_the_policys_unless_the_command_line_has_one() {
    let policy = |fail: &str| format!("{fail}[levels]\n{QUIET}support-ended = \"warning\"\n");
    let folder = with_policy(&policy(""));
    assert_eq!(on(TODAY, &folder).code, 0);
    let folder = with_policy(&policy("fail-level = \"warning\"\n"));
    assert_eq!(on(TODAY, &folder).code, 1);
    let ran = check_json(folder.path(), &["--as-of", TODAY, "--fail-on", "error"]);
    assert_eq!(ran.code, 0);
}

#[test]
fn a_level_for_an_unknown_id_is_found_at_its_key() {
    let text = format!("[levels]\n{QUIET}\"bindgen-send-bound-on-export\" = \"note\"\n");
    let report = on(TODAY, &with_policy(&text)).json();
    let found = finding(&report, "level-unknown").unwrap();
    assert_eq!(found["level"], "warning");
    assert_eq!(text_at(&text, found), "\"bindgen-send-bound-on-export\"");
    let help = found["help"].as_str().unwrap();
    assert!(help.contains(&format!("did you mean `{SEND}`?")), "{help}");
}

// Waivers

#[test]
fn a_waived_finding_is_a_note_with_its_reason_and_fails_nothing() {
    // The level of the id alone would fail.
    let text = format!(
        "[levels]\n{QUIET}{SEND} = \"error\"\n{}",
        waiver(SEND, "2027-01-31")
    );
    let ran = on(TODAY, &with_policy(&text));
    let report = ran.json();
    let found = finding(&report, SEND).unwrap();
    assert_eq!((ran.code, &found["level"]), (0, &"note".into()));
    assert_eq!(found["exposure"], "affected", "the judgement stays");
    assert_eq!(
        found["waived"]["reason"],
        "the host moves with the next release"
    );
    assert_eq!(found["waived"]["until"], "2027-01-31");
    assert_eq!(
        (&report["waived"], &report["waivers_expiring"]),
        (&1.into(), &0.into())
    );
    assert!(!ran.stdout.contains("waiver-"), "{}", ran.stdout);
}

#[test]
fn a_waiver_holds_through_its_last_day() {
    let text = format!(
        "[levels]\n{QUIET}{SEND} = \"error\"\n{}",
        waiver(SEND, "2026-12-01")
    );
    let folder = with_policy(&text);
    for (day, code, expiring) in [
        ("2026-11-01", 0, 1),
        ("2026-12-01", 0, 1),
        ("2026-10-31", 0, 0),
    ] {
        let ran = on(day, &folder);
        assert_eq!(ran.code, code, "{day}");
        assert_eq!(ran.json()["waivers_expiring"], expiring, "{day}");
    }
    let ran = on("2026-12-02", &folder);
    let report = ran.json();
    assert_eq!(ran.code, 1);
    assert_eq!(level(&report, SEND), Some("error"), "loud again");
    assert_eq!(report["waived"], 0);
    let found = finding(&report, "waiver-expired").unwrap();
    assert_eq!(
        (&found["kind"], &found["level"]),
        (&"policy".into(), &"error".into())
    );
    assert_eq!(text_at(&text, found), "2026-12-01");
    assert_eq!(found["location"]["line"], 8);
    assert_eq!(found["location"]["column"], 9);
}

#[test]
fn a_waiver_that_silences_nothing_is_found_at_its_id() {
    let text = waiver("bindgen-required-send-fails-when-sync", "2026-12-01");
    let report = on(TODAY, &with_policy(&text)).json();
    let found = finding(&report, "waiver-unused").unwrap();
    assert_eq!(found["level"], "warning");
    assert_eq!(
        text_at(&text, found),
        "\"bindgen-required-send-fails-when-sync\""
    );
    // A note has nothing to silence either.
    let text = format!(
        "[levels]\n{SEND} = \"note\"\n{}",
        waiver(SEND, "2026-12-01")
    );
    let report = on(TODAY, &with_policy(&text)).json();
    assert!(finding(&report, "waiver-unused").is_some(), "{report}");
    assert!(finding(&report, SEND).unwrap().get("waived").is_none());
}

#[test]
fn a_waiver_for_an_unknown_id_is_found_with_the_likely_one() {
    for (id, suggestion) in [
        ("bindgen-send-bound-on-export", Some(SEND)),
        ("BINDGEN-send-bound-on-exports", Some(SEND)),
        ("suport-ended", Some("support-ended")),
        ("???", None),
    ] {
        let text = waiver(id, "2026-12-01");
        let report = on(TODAY, &with_policy(&text)).json();
        let found = finding(&report, "waiver-unknown").unwrap_or_else(|| panic!("{id}: {report}"));
        assert_eq!(found["level"], "warning");
        assert_eq!(text_at(&text, found), format!("\"{id}\""));
        let help = found["help"].as_str().unwrap();
        match suggestion {
            Some(other) => assert!(help.contains(&format!("did you mean `{other}`?")), "{help}"),
            None => assert!(!help.contains("did you mean"), "{help}"),
        }
    }
}

#[test]
fn a_waiver_that_runs_for_too_long_waives_nothing() {
    let long = waiver(SEND, "2027-05-22"); // 181 days
    let report = on(TODAY, &with_policy(&long)).json();
    let found = finding(&report, "waiver-too-long").unwrap();
    assert_eq!(found["level"], "error");
    assert_eq!(text_at(&long, found), "2027-05-22");
    let help = found["help"].as_str().unwrap();
    assert!(help.contains("2027-05-21"), "{help}");
    assert_eq!(level(&report, SEND), Some("error"));
    for text in [
        waiver(SEND, "2027-05-21"),
        format!("max-waiver-days = 181\n{long}"),
    ] {
        let report = on(TODAY, &with_policy(&text)).json();
        assert_eq!(finding(&report, "waiver-too-long"), None, "{text}");
        assert_eq!(level(&report, SEND), Some("note"), "{text}");
    }
    let text = format!("max-waiver-days = 7\n{}", waiver(SEND, "2026-11-30"));
    let report = on(TODAY, &with_policy(&text)).json();
    assert!(finding(&report, "waiver-too-long").is_some());
}

#[test]
fn what_the_policy_itself_gives_reason_to_say_cannot_be_waived() {
    let text = format!(
        "{}{}",
        waiver("waiver-expired", "2026-12-01"),
        waiver(SEND, "2026-11-01")
    );
    let report = on(TODAY, &with_policy(&text)).json();
    assert_eq!(level(&report, "waiver-expired"), Some("error"));
    let why = finding(&report, "waiver-unknown").unwrap()["why"].to_string();
    assert!(why.contains("can't be waived"), "{why}");
    // Its level can be changed, as that of every kind.
    let text = format!("[levels]\npolicy = \"note\"\n{text}");
    let report = on(TODAY, &with_policy(&text)).json();
    assert_eq!(level(&report, "waiver-expired"), Some("note"));
}

#[test]
fn waivers_can_be_an_array_and_an_alias_names_the_same_matter() {
    let knowledge = wasmtime_upgrade::knowledge::Knowledge::embedded();
    let text = format!("waive = [{{ id = \"{SEND}\", reason = \"r\", until = 2026-12-01 }}]");
    let report = on(TODAY, &with_policy(&text)).json();
    assert_eq!(level(&report, SEND), Some("note"));
    // On a real entry with an alias, where the knowledge base has one for this release.
    let report = on(TODAY, &host_on("32.0.0")).json();
    let with_alias = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|found| {
            let entry = knowledge.entry(found["id"].as_str()?)?;
            (found["level"] != "note")
                .then(|| entry.aliases.first())?
                .map(|alias| (&entry.id, alias))
        });
    if let Some((id, alias)) = with_alias {
        let report = on(TODAY, &with_policy(&waiver(alias, "2026-12-01"))).json();
        assert_eq!(level(&report, id), Some("note"), "{alias}");
        assert!(finding(&report, "waiver-unknown").is_none());
    }
}

#[test]
fn people_read_which_policy_and_how_much_is_waived() {
    let text = format!(
        "[levels]\n{QUIET}{SEND} = \"error\"\n{}{}",
        waiver(SEND, "2026-12-01"),
        waiver("bindgen-required-send-fails-when-sync", "2026-11-02")
    );
    let folder = with_policy(&text);
    let ran = run(program(folder.path()).args(["check", "-v", "--as-of", TODAY]));
    for part in [
        "1 waived (1 waiver ends within 30 days)",
        "; policy wasmtime-upgrade.toml",
        "waived through 2026-12-01: the host moves with the next release",
        "error[waiver-expired]: the waiver for `bindgen-required-send-fails-when-sync` has expired",
        "--> wasmtime-upgrade.toml:12:9",
        "until = 2026-11-02",
        "its last day was 2026-11-02, 20 days ago; nothing of this id is found any more",
        "wasmtime-upgrade explain waiver-expired",
    ] {
        assert!(
            ran.stdout.contains(part),
            "{part} is missing in\n{}",
            ran.stdout
        );
    }
    let expired = ran.stdout.split("error[waiver-expired]").nth(1).unwrap();
    let expired = expired.split("\n\n").next().unwrap();
    assert!(!expired.contains(" upgrade --manifest-path"), "{expired}");
    assert!(!expired.contains("affected"), "{expired}");
}

#[test]
fn every_rule_of_the_programs_own_is_explained() {
    let folder = project(&[]);
    for rule in wasmtime_upgrade::check::BUILT_IN {
        let ran = run(program(folder.path()).args(["explain", rule.id]));
        assert_eq!(ran.code, 0, "{}", rule.id);
        assert!(ran.stdout.contains(rule.title), "{}", ran.stdout);
    }
}

// Support

#[test]
fn the_end_of_support_is_announced() {
    // Line 48 is a long-term release, line 49 is supported until 2026-11-20.
    let host = |version: &str, policy: &str| {
        let folder = host_on(version);
        write(folder.path(), "wasmtime-upgrade.toml", policy.as_bytes());
        folder
    };
    for (policy, day, announced) in [
        ("", "2026-10-20", false),
        ("", "2026-10-21", true),
        ("", "2026-11-19", true),
        ("", "2026-11-20", false), // it has ended
        ("[support]\nwarn-days = 0\n", "2026-11-19", false),
        ("[support]\nwarn-days = 7\n", "2026-11-12", false),
        ("[support]\nwarn-days = 7\n", "2026-11-13", true),
    ] {
        let report = on(day, &host("49.0.2", policy)).json();
        let found = finding(&report, "support-ending");
        assert_eq!(found.is_some(), announced, "{policy} {day}: {report}");
        if let Some(found) = found {
            assert_eq!(
                (&found["level"], &found["kind"]),
                (&"warning".into(), &"support".into())
            );
        }
    }
    let lts_only = "[support]\nlts-only = true\n";
    let report = on("2026-10-01", &host("49.0.2", lts_only)).json();
    assert_eq!(level(&report, "not-lts"), Some("warning"));
    let report = on("2026-10-01", &host("48.0.2", lts_only)).json();
    assert_eq!(finding(&report, "not-lts"), None);
    let report = on(TODAY, &host("49.0.2", lts_only)).json();
    assert_eq!(
        finding(&report, "not-lts"),
        None,
        "out of support says it all"
    );
    assert_eq!(level(&report, "support-ended"), Some("warning"));
}

#[test]
fn another_day_can_be_judged_by() {
    let folder = host_on("32.0.0");
    let ended = |day: &str| finding(&on(day, &folder).json(), "support-ended").is_some();
    assert!(!ended("2025-05-01"));
    assert!(ended("2026-05-01"));
    for day in [
        "yesterday",
        "2026-02-30",
        "2026-1-1",
        "2026-01-01T00:00",
        "20260101",
        "",
    ] {
        for command in ["check", "upgrade"] {
            let ran = run(program(folder.path()).args([command, "--as-of", day]));
            assert_eq!(ran.code, 2, "{command} {day}: {}", ran.stderr);
        }
    }
}

// What is refused

#[test]
fn unknown_keys_are_refused_with_their_place_and_the_likely_one() {
    for (policy, place, help) in [
        (
            "fail-levl = \"error\"",
            "1:1: unknown key `fail-levl`",
            "did you mean `fail-level`?",
        ),
        (
            "\n  fail_level = \"error\"",
            "2:3: unknown key",
            "did you mean `fail-level`?",
        ),
        (
            "[suport]\n",
            "1:2: unknown key `suport`",
            "did you mean `support`?",
        ),
        (
            "[support]\nlts-onyl = true",
            "2:1: unknown key `lts-onyl` in `[support]`",
            "did you mean `lts-only`?",
        ),
        (
            "support.warndays = 3",
            "1:9: unknown key `warndays`",
            "did you mean `warn-days`?",
        ),
        (
            "[[waive]]\nid = \"x\"\nuntill = 2026-12-01",
            "3:1: unknown key `untill` in `[[waive]]`",
            "did you mean `until`?",
        ),
        (
            "[levels]\nsuport = \"error\"",
            "2:1: `suport` in `[levels]`",
            "did you mean `support`?",
        ),
        (
            "xyz = 1",
            "1:1: unknown key `xyz`",
            "known keys: fail-level, ",
        ),
    ] {
        refused(policy, place, help);
    }
}

#[test]
fn values_of_another_kind_are_refused_with_their_place() {
    for (policy, place, help) in [
        (
            "fail-level = \"warn\"",
            "1:14: ",
            "did you mean \"warning\"?",
        ),
        ("fail-level = 3", "1:14: ", "one of \"note\""),
        (
            "[levels]\nsupport = \"off\"",
            "2:11: this is no level",
            "one of",
        ),
        ("max-waiver-days = 0", "1:19: ", "from 1 to 3650"),
        ("max-waiver-days = \"90\"", "1:19: ", "without quotes"),
        ("[support]\nwarn-days = -1", "2:13: ", "from 0 to 3650"),
        ("[support]\nlts-only = \"yes\"", "2:12: ", "true or false"),
        ("support = 1", "1:1: `support` is no table", "[support]"),
        (
            "[waive]\nid = \"x\"",
            "1:2: `waive` is no list",
            "[[waive]]",
        ),
        ("waive = [1]", "1:10: this is no table", "[[waive]]"),
        (
            "[rehearse]\nguests = \"x\"",
            "2:1: `guests` is no list",
            "guests = [",
        ),
        (
            "[rehearse]\nenv = [\"X\"]",
            "2:7: `X` is no variable",
            "NAME=",
        ),
        (
            "[rehearse]\nstub = \"no\"",
            "2:8: this is no way",
            "\"trap\" or \"default\"",
        ),
        (
            "[rehearse]\nmax-wasm-stack = 0",
            "2:18: this is no number of bytes",
            "above 0",
        ),
        (
            "[rehearse]\ngests = []",
            "2:1: unknown key `gests` in `[rehearse]`",
            "did you mean `guests`?",
        ),
        (
            "[[rehearse.guest]]\nargs = []",
            "1:1: this guest has no `path`",
            "path = ",
        ),
        (
            "[[rehearse.expect]]\naspect = \"feul\"\nreason = \"r\"\nuntil = 2026-12-01",
            "2:10: nothing that is compared is called `feul`",
            "did you mean \"fuel\"?",
        ),
        (
            "[[rehearse.expect]]\naspect = \"fuel\"\nuntil = 2026-12-01",
            "1:1: this expected difference has no `reason`",
            "reason = ",
        ),
        (
            "[[rehearse.expect]]\naspect = \"stdout\"\nwithin-percent = 5\nreason = \"r\"\nuntil = 2026-12-01",
            "3:18: `stdout` is no amount",
            "only `fuel` and `memory`",
        ),
        (
            "[[rehearse.expect]]\naspect = \"fuel\"\nwithin-percent = \"5 %\"\nreason = \"r\"\nuntil = 2026-12-01",
            "3:18: this is no number of percent",
            "within-percent = 5",
        ),
    ] {
        refused(policy, place, help);
    }
}

#[test]
fn a_waiver_needs_an_id_a_reason_and_a_day() {
    let all = "[[waive]]\nid = \"x\"\nreason = \"r\"\nuntil = 2026-12-01\n";
    for (policy, place, help) in [
        (
            all.replace("id = \"x\"\n", ""),
            "1:1: this waiver has no `id`",
            "id = ",
        ),
        (
            all.replace("reason = \"r\"\n", ""),
            "1:1: this waiver has no `reason`",
            "say why",
        ),
        (
            all.replace("until = 2026-12-01\n", ""),
            "1:1: this waiver has no `until`",
            "until = ",
        ),
        (
            all.replace("\"r\"", "\"  \""),
            "3:10: this is empty",
            "write",
        ),
        (all.replace("\"x\"", "7"), "2:6: this is no text", "quotes"),
        (
            all.replace("2026-12-01", "\"2026-12-01\""),
            "4:9: this is no date",
            "without quotes",
        ),
        (
            all.replace("2026-12-01", "2026-12-01T10:00:00Z"),
            "4:9: this is no date alone",
            "without a time",
        ),
        (all.replace("2026-12-01", "2026-02-30"), "4:", "help"),
        (all.replace("2026-12-01", "2026-13-01"), "4:", "help"),
        (all.replace("2026-12-01", "tomorrow"), "4:", "help"),
        (
            format!("{all}{all}"),
            "6:6: `x` is waived twice",
            "keep one",
        ),
    ] {
        refused(&policy, place, help);
    }
}

#[test]
fn broken_toml_and_broken_text_are_refused_with_their_place() {
    refused("[levels\n", "1:", "mend the file");
    refused("a = 1\na = 2\n", "2:1: no valid TOML", "mend the file");
    let folder = host_on("32.0.0");
    write(folder.path(), "wasmtime-upgrade.toml", b"# \xff");
    let ran = on(TODAY, &folder);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("wasmtime-upgrade.toml:1:3: not UTF-8"),
        "{}",
        ran.stderr
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_keep_places_right() {
    let text = format!(
        "\u{feff}{}",
        waiver("nothing", "2026-12-01").replace('\n', "\r\n")
    );
    let report = on(TODAY, &with_policy(&text)).json();
    let found = finding(&report, "waiver-unknown").unwrap();
    assert_eq!(text_at(&text, found), "\"nothing\"");
    assert_eq!(found["location"]["line"], 2);
}

// Many roots

/// `count` roots in one folder, with a list of them; root 7 is broken.
fn many(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut list = String::from("\u{feff}# all of them\r\n\n");
    for root in 0..count {
        let name = format!("root-{root:03}");
        let broken = root == 7;
        let text = if broken {
            "[package".to_owned()
        } else {
            manifest("\"32.0.0\"")
        };
        write(
            folder.path(),
            &format!("{name}/Cargo.toml"),
            text.as_bytes(),
        );
        write(
            folder.path(),
            &format!("{name}/Cargo.lock"),
            lockfile("32.0.0").as_bytes(),
        );
        write(
            folder.path(),
            &format!("{name}/src/lib.rs"),
            HOST.as_bytes(),
        );
        list.push_str(&format!("  {name}\n"));
    }
    write(folder.path(), "roots.txt", list.as_bytes());
    folder
}

fn documents(ran: &Ran) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn name(document: &Value) -> &str {
    let root = document["root"].as_str().unwrap();
    Path::new(root).file_name().unwrap().to_str().unwrap()
}

#[test]
fn two_hundred_roots_come_in_their_order_and_one_that_is_broken_stops_none() {
    let folder = many(200);
    let ran = check_json(folder.path(), &["--roots-from", "roots.txt"]);
    assert_eq!(ran.code, 2, "the worst of all: {}", ran.stderr);
    let documents = documents(&ran);
    assert_eq!(documents.len(), 200);
    for (index, document) in documents.iter().enumerate() {
        assert_eq!(name(document), format!("root-{index:03}"));
        assert_eq!(document["version"], 1);
        if index == 7 {
            let error = &document["error"];
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("root-007/Cargo.toml:1:"), "{message}");
            assert!(!error["help"].as_str().unwrap().is_empty());
            assert_eq!(error["exit_code"], 2);
            assert_eq!(document.get("findings"), None);
        } else {
            assert_eq!(level(document, SEND), Some("error"));
            assert_eq!(document.get("error"), None);
        }
    }
    assert_eq!(ran.stderr.matches("error:").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("root-007/Cargo.toml:1:"));
}

#[test]
fn people_get_the_same_in_the_same_order() {
    let folder = many(9);
    let ran = run(program(folder.path()).args(["check", "root-008", "root-007", "root-000"]));
    assert_eq!(ran.code, 2);
    let first = ran.stdout.find("--> root-008/Cargo.toml").unwrap();
    let last = ran.stdout.find("--> root-000/Cargo.toml").unwrap();
    assert!(first < last);
    assert!(
        ran.stderr.contains("root-007/Cargo.toml:1:"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_list_of_one_is_a_list_and_an_empty_one_is_refused() {
    let folder = many(1);
    let ran = check_json(folder.path(), &["--roots-from", "roots.txt"]);
    assert_eq!(documents(&ran).len(), 1);
    write(folder.path(), "empty.txt", b"# nothing\n\n");
    let ran = check_json(folder.path(), &["--roots-from", "empty.txt"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("empty.txt names no root"),
        "{}",
        ran.stderr
    );
    let ran = check_json(folder.path(), &["--roots-from", "gone.txt"]);
    assert_eq!(ran.code, 3);
    let ran = check_json(
        folder.path(),
        &[
            "--roots-from",
            "roots.txt",
            "--manifest-path",
            "root-000/Cargo.toml",
        ],
    );
    assert_eq!(ran.code, 2);
}

#[test]
fn each_root_has_its_own_policy_and_a_broken_one_is_its_own_affair() {
    let folder = many(3);
    write(folder.path(), "root-000/wasmtime-upgrade.toml", b"what = 1");
    write(
        folder.path(),
        "root-001/wasmtime-upgrade.toml",
        waiver(SEND, "2026-12-01").as_bytes(),
    );
    let args = ["root-000", "root-001", "root-002", "--as-of", TODAY];
    let documents = documents(&check_json(folder.path(), &args));
    assert_eq!(documents[0]["error"]["exit_code"], 2);
    assert_eq!(level(&documents[1], SEND), Some("note"));
    assert_eq!(level(&documents[2], SEND), Some("error"));
}

#[test]
fn a_policy_for_many_roots_has_an_unused_waiver_only_when_no_root_uses_it() {
    let folder = many(3);
    write(folder.path(), "root-001/src/lib.rs", b"");
    let unused = "bindgen-required-send-fails-when-sync";
    let text = format!(
        "{}{}",
        waiver(SEND, "2026-12-01"),
        waiver(unused, "2026-12-01")
    );
    write(folder.path(), "org.toml", text.as_bytes());
    let args = [
        "root-000", "root-001", "--config", "org.toml", "--as-of", TODAY,
    ];
    let ran = check_json(folder.path(), &args);
    assert!(!ran.stdout.contains("waiver-unused"), "{}", ran.stdout);
    let warning = format!("org.toml:6:6: {unused}");
    assert!(ran.stderr.contains(&warning), "{}", ran.stderr);
    assert!(!ran.stderr.contains(SEND), "{}", ran.stderr);
}

// The documentation and the schema

#[test]
fn the_documented_policy_is_accepted_and_every_rule_is_documented() {
    let page = include_str!("../docs/policy.md");
    let example = page.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let ran = on(TODAY, &with_policy(example));
    assert_eq!(ran.stderr, "");
    let report = ran.json();
    assert_eq!(level(&report, SEND), Some("note"));
    assert_eq!(level(&report, "support-ended"), Some("error"));
    assert!(finding(&report, "waiver-unused").is_some());
    // Switches have the names that Wasmtime gives them: one stands for all.
    let of_policy = KEYS.iter().filter(|(table, _)| *table != "rehearse.config");
    for key in of_policy.flat_map(|(_, keys)| *keys) {
        assert!(example.contains(key), "{key}");
    }
    assert!(example.contains("config = { wasm_gc = true }"));
    for rule in wasmtime_upgrade::check::BUILT_IN {
        if rule.kind == Kind::Policy {
            assert!(page.contains(&format!("| `{}` |", rule.id)), "{}", rule.id);
        }
    }
}

const SCHEMA: &str = include_str!("../docs/wasmtime-upgrade.schema.json");

/// The keys that the schema has for a table.
fn properties(table: &Value) -> BTreeSet<&str> {
    let properties = table["properties"].as_object().unwrap();
    properties.keys().map(String::as_str).collect()
}

/// A value of the schema, as TOML.
fn toml_of(schema: &Value, value: &Value) -> String {
    match value {
        Value::String(day) if schema["format"] == "date" => day.clone(),
        Value::Array(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|v| toml_of(&schema["items"], v))
                .collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                format!("{key} = {}", toml_of(&schema["properties"][key], value))
            });
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn the_schema_has_the_keys_of_the_parser_and_no_other() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let levels = &schema["properties"]["levels"];
    for (table, keys) in KEYS {
        let of_rehearse = &schema["properties"]["rehearse"]["properties"];
        let place = match *table {
            "" => &schema,
            "waive" => &schema["properties"]["waive"]["items"],
            "rehearse.config" => &of_rehearse["config"],
            "rehearse.guest" => &of_rehearse["guest"]["items"],
            "rehearse.expect" => &of_rehearse["expect"]["items"],
            other => &schema["properties"][other],
        };
        assert_eq!(
            properties(place),
            keys.iter().copied().collect(),
            "[{table}]"
        );
        assert_eq!(place["additionalProperties"], false, "[{table}]");
    }
    let words = Kind::ALL.map(Kind::word).into_iter();
    let words = words.chain(Exposure::ALL.map(Exposure::word));
    assert_eq!(properties(levels), words.collect());
    let known = schema["definitions"]["level"]["enum"].clone();
    assert_eq!(known, serde_json::json!(Level::ALL.map(Level::word)));
    let expected = &schema["properties"]["rehearse"]["properties"]["expect"];
    let known = expected["items"]["properties"]["aspect"]["enum"].clone();
    assert_eq!(known, serde_json::json!(Aspect::ALL.map(Aspect::word)));
}

#[test]
fn every_example_of_the_schema_is_accepted() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let accepted = |text: String| {
        let parsed = Policy::parse("p.toml".into(), text.clone());
        assert!(parsed.is_ok(), "{text}\n{}", parsed.unwrap_err());
    };
    let examples = |place: &Value| {
        let properties = place["properties"].as_object().unwrap().clone();
        properties.into_iter().map(|(key, property)| {
            let example = toml_of(&property, &property["examples"][0]);
            format!("{key} = {example}\n")
        })
    };
    let mut whole = String::new();
    for line in examples(&schema) {
        whole.push_str(&line);
        accepted(line);
    }
    accepted(whole);
    for table in ["support", "levels", "rehearse"] {
        for line in examples(&schema["properties"][table]) {
            accepted(format!("[{table}]\n{line}"));
        }
    }
    let waiver: String = examples(&schema["properties"]["waive"]["items"]).collect();
    accepted(format!("[[waive]]\n{waiver}"));
}
