//! `check`, from outside: what it says of projects, and how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::{
    HOST, check_json, finding, host_on, lockfile, manifest, program, project, run, write,
};

const SEND: &str = "bindgen-send-bound-on-exports";
const REQUIRED: &str = "bindgen-required-send-fails-when-sync";

#[test]
fn the_regression_is_found_on_just_the_releases_that_have_it() {
    for version in ["30.0.0", "30.0.1", "30.0.2", "31.0.0", "32.0.0", "32.0.1"] {
        let ran = check_json(host_on(version).path(), &[]);
        let report = ran.json();
        let found = finding(&report, SEND).unwrap_or_else(|| panic!("{version}: {report}"));
        assert_eq!(
            (ran.code, found["exposure"].as_str()),
            (1, Some("affected")),
            "{version}"
        );
    }
    for version in [
        "24.0.13", "28.0.0", "29.0.1", "33.0.0", "33.0.2", "36.0.20", "48.0.8",
    ] {
        let ran = check_json(host_on(version).path(), &[]);
        assert_eq!(finding(&ran.json(), SEND), None, "{version}");
    }
}

#[test]
fn a_finding_names_the_places_in_the_manifest_and_in_the_source() {
    let folder = host_on("32.0.0");
    let report = check_json(folder.path(), &[]).json();
    let found = finding(&report, SEND).unwrap();
    let text = manifest("\"32.0.0\"");
    let start = text.find("\"32.0.0\"").unwrap();
    let location = &found["location"];
    assert_eq!(location["path"], "Cargo.toml");
    assert_eq!(
        (&location["line"], &location["column"]),
        (&7.into(), &12.into())
    );
    assert_eq!(
        (&location["start"], &location["end"]),
        (&start.into(), &(start + 8).into())
    );
    let evidence: Vec<String> = found["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|evidence| {
            let place = &evidence["location"];
            let text = HOST.get(
                place["start"].as_u64().unwrap() as usize..place["end"].as_u64().unwrap() as usize,
            );
            format!(
                "{}:{} {}",
                place["path"].as_str().unwrap(),
                place["line"],
                text.unwrap()
            )
        })
        .collect();
    assert!(
        evidence.contains(&"src/lib.rs:4 wasmtime::component::bindgen".to_owned()),
        "{evidence:?}"
    );
    assert!(
        evidence.contains(&"src/lib.rs:15 call_run".to_owned()),
        "{evidence:?}"
    );
    assert!(
        evidence
            .iter()
            .any(|place| place.starts_with("src/lib.rs:10 ") && place.contains("Rc")),
        "{evidence:?}"
    );
    assert_eq!(found["fixed_in"][0], "33.0.0");
    assert_eq!(found["version"], "32.0.0");
}

#[test]
fn the_document_says_what_was_looked_at() {
    let report = check_json(host_on("36.0.20").path(), &[]).json();
    assert_eq!(report["version"], 1);
    assert!(
        report["tool"]
            .as_str()
            .unwrap()
            .starts_with("wasmtime-upgrade ")
    );
    let looked_at = &report["looked_at"];
    assert_eq!(looked_at["manifests"], 1);
    assert_eq!(looked_at["lockfiles"], 1);
    assert_eq!(looked_at["family_requirements"], 1);
    assert_eq!(looked_at["bindgen_invocations"], 1);
    assert!(looked_at["rules"].as_u64().unwrap() >= 3);
}

#[test]
fn exposure_is_judged_by_what_the_project_does() {
    let no_calls = HOST.replace("host.call_run(store).unwrap_or(0)", "0");
    let send = HOST.replace(
        "Rc<RefCell<Vec<String>>>",
        "std::sync::Arc<std::sync::Mutex<Vec<String>>>",
    );
    let unknown = HOST.replace("Rc<RefCell<Vec<String>>>", "elsewhere::Log");
    let awaited = HOST
        .replace("require_store_data_send: false,", "async: true,")
        .replace("host.call_run(store)", "host.call_run(store).await");
    let namesake =
        format!("{HOST}pub struct Own;\nimpl Own {{ pub fn call_run(&self, _: u8) {{}} }}\n");
    for (what, source, exposure) in [
        ("as it is", HOST, "affected"),
        ("no call of an export", &no_calls, "not-affected"),
        ("data that is Send", &send, "not-affected"),
        ("a type from elsewhere", &unknown, "possible"),
        ("a method of that name", &namesake, "possible"),
        ("asynchronous bindings", &awaited, "not-affected"),
        ("no bindings", "pub fn f() {}", "not-affected"),
        ("broken Rust", "fn f( { bindgen!(", "possible"),
        ("broken Rust without the word", "fn f( {", "not-affected"),
    ] {
        let folder = host_on("32.0.1");
        write(folder.path(), "src/lib.rs", source.as_bytes());
        let ran = check_json(folder.path(), &[]);
        let report = ran.json();
        let found = finding(&report, SEND).unwrap();
        assert_eq!(
            found["exposure"].as_str(),
            Some(exposure),
            "{what}: {found}"
        );
    }
}

/// A defect whose repair is in a crate below Wasmtime is decided by the lockfile, either way.
#[test]
fn a_repair_in_another_crate_is_read_off_the_lockfile() {
    const HTTP: &str = "GHSA-w36r-2hch-9xp9";
    let manifest = manifest("\"47.0.0\"").replace("wasmtime =", "wasmtime-wasi-http =");
    let locked = |http: &str| {
        let package = |name: &str, version: &str, needs: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+https://example.com/index\"\ndependencies = [{needs}]\n"
            )
        };
        format!(
            "version = 4\n[[package]]\nname = \"host\"\nversion = \"0.1.0\"\ndependencies = [\"web\", \"wasmtime-wasi-http\"]\n{}{}{}{}{}",
            package("web", "1.0.0", "\"http 0.2.12\""),
            package("wasmtime-wasi-http", "47.0.0", "\"hyper\""),
            package("hyper", "1.0.0", &format!("\"http {http}\"")),
            package("http", "0.2.12", ""),
            package("http", http, ""),
        )
    };
    let judged = |lockfile: Option<String>| {
        let folder = project(&[("Cargo.toml", &manifest), ("src/lib.rs", "")]);
        if let Some(lockfile) = &lockfile {
            write(folder.path(), "Cargo.lock", lockfile.as_bytes());
        }
        let report = check_json(folder.path(), &[]).json();
        finding(&report, HTTP).unwrap().clone()
    };

    let old = judged(Some(locked("1.4.2")));
    assert_eq!(old["exposure"], "affected", "{old}");
    assert_eq!(old["why"], "`http` 1.4.2 is locked");
    assert_eq!(old["evidence"][0]["location"]["path"], "Cargo.lock");

    // The copy that another crate brings is not the one through which guests reach the host.
    let repaired = judged(Some(locked("1.5.0")));
    assert_eq!(repaired["exposure"], "not-affected", "{repaired}");
    assert_eq!(repaired["why"], "the locked `http` 1.5.0 is free of it");

    let open = judged(None);
    assert_eq!(open["exposure"], "possible", "{open}");
}

#[test]
fn synchronous_bindings_that_demand_send_fail_by_themselves_below_30() {
    let source = HOST
        .replace(
            "require_store_data_send: false",
            "require_store_data_send: true",
        )
        .replace(
            "world host {",
            "interface log { note: func(); } world host { import log;",
        );
    for (version, expected) in [
        ("28.0.0", Some("affected")),
        ("29.0.1", Some("affected")),
        ("30.0.0", None),
        ("36.0.20", None),
    ] {
        let folder = host_on(version);
        write(folder.path(), "src/lib.rs", source.as_bytes());
        let report = check_json(folder.path(), &[]).json();
        let found = finding(&report, REQUIRED).and_then(|found| found["exposure"].as_str());
        assert_eq!(found, expected, "{version}: {report}");
    }
    let no_import = source.replace(" import log;", "");
    let folder = host_on("28.0.0");
    write(folder.path(), "src/lib.rs", no_import.as_bytes());
    let report = check_json(folder.path(), &[]).json();
    assert_eq!(
        finding(&report, REQUIRED).unwrap()["exposure"],
        "not-affected"
    );
}

#[test]
fn a_requirement_that_is_not_locked_is_judged_by_what_it_admits() {
    for (requirement, version, found) in [
        ("\"32\"", "32.0.1", true),
        ("\"=30.0.1\"", "30.0.1", true),
        ("\"33\"", "33.0.2", false),
    ] {
        let folder = project(&[("Cargo.toml", &manifest(requirement)), ("src/lib.rs", HOST)]);
        let report = check_json(folder.path(), &[]).json();
        let send = finding(&report, SEND);
        assert_eq!(send.is_some(), found, "{requirement}");
        let any = report["findings"].as_array().unwrap().first().unwrap();
        assert_eq!(any["version"], version);
        assert!(any["why"].as_str().unwrap().contains("not locked"), "{any}");
    }
}

#[test]
fn the_fail_level_can_be_chosen() {
    // On the newest release of an LTS, and with next to nothing of it in use: what is left can't be
    // ruled out, but nothing is certain.
    let little = "{ version = \"36.0.20\", default-features = false, features = [\"runtime\"] }";
    let folder = project(&[
        ("Cargo.toml", &manifest(little)),
        ("Cargo.lock", &lockfile("36.0.20")),
        ("src/lib.rs", "pub fn f() {}\n"),
    ]);
    for (args, code) in [
        (&[][..], 0),
        (&["--fail-on", "error"], 0),
        (&["--fail-on", "warning"], 1),
        (&["--fail-on", "note"], 1),
    ] {
        assert_eq!(check_json(folder.path(), args).code, code, "{args:?}");
    }
}

#[test]
fn every_workspace_below_a_root_is_judged_and_inheritance_is_followed() {
    let folder = project(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"old\"]\n[workspace.dependencies]\nwt = { package = \"wasmtime\", version = \"32\" }\n",
        ),
        (
            "crates/a/Cargo.toml",
            "[package]\nname = \"a\"\n[dependencies]\nwt = { workspace = true }\n",
        ),
        ("crates/a/src/lib.rs", &HOST.replace("wasmtime::", "wt::")),
        ("crates/b/Cargo.toml", "[package]\nname = \"b\"\n"),
        ("old/Cargo.toml", &manifest("\"31\"")),
        ("old/src/lib.rs", HOST),
        ("target/debug/Cargo.toml", "broken ["),
        (
            "target/CACHEDIR.TAG",
            "Signature: 8a477f597d28d172789f06886806bc55",
        ),
    ]);
    let report = check_json(folder.path(), &[]).json();
    let mut places: Vec<(String, String)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["id"] == SEND)
        .map(|found| {
            assert_eq!(found["exposure"], "affected", "{found}");
            (
                found["location"]["path"].as_str().unwrap().to_owned(),
                found["version"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    places.sort();
    assert_eq!(
        places,
        [
            ("Cargo.toml".to_owned(), "32.0.1".to_owned()),
            ("old/Cargo.toml".to_owned(), "31.0.0".to_owned())
        ]
    );
    assert_eq!(report["looked_at"]["manifests"], 4);
}

#[test]
fn members_are_read_wherever_they_are() {
    let member = manifest("\"32\"");
    let folder = project(&[
        (
            "ws/Cargo.toml",
            "[workspace]\nmembers = [\"../beside\", \"ignored\", \".hidden/one\"]\n",
        ),
        ("ws/.gitignore", "ignored/\n"),
        ("beside/Cargo.toml", &member.replace("host", "beside")),
        ("beside/src/lib.rs", HOST),
        ("ws/ignored/Cargo.toml", &member.replace("host", "ignored")),
        (
            "ws/.hidden/one/Cargo.toml",
            &member.replace("host", "hidden"),
        ),
    ]);
    let root = folder.path().join("ws");
    for args in [&["."][..], &["--manifest-path", "Cargo.toml"]] {
        let report = check_json(&root, args).json();
        assert_eq!(report["looked_at"]["manifests"], 4, "{args:?}: {report}");
        assert_eq!(report["looked_at"]["bindgen_invocations"], 1, "{args:?}");
    }
}

#[test]
fn one_broken_root_does_not_stop_the_others() {
    let folder = project(&[
        ("good/Cargo.toml", &manifest("\"32.0.0\"")),
        ("good/Cargo.lock", &lockfile("32.0.0")),
        ("good/src/lib.rs", HOST),
        ("bad/Cargo.toml", "[package"),
    ]);
    let ran = check_json(folder.path(), &["bad", "good", "missing"]);
    assert_eq!(ran.code, 2);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "one line a root: {}", ran.stdout);
    assert!(lines[0].contains("\"error\":{"));
    assert!(lines[1].contains(SEND));
    assert!(lines[2].contains("missing does not exist"));
    assert!(ran.stderr.contains("bad/Cargo.toml:1:"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("missing does not exist"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_human_report_looks_like_rustcs_and_names_the_next_command() {
    let ran = run(program(host_on("32.0.0").path()).args(["check"]));
    assert_eq!(ran.code, 1);
    for part in [
        "error[bindgen-send-bound-on-exports]:",
        "--> Cargo.toml:7:12",
        "wasmtime = \"32.0.0\"",
        "wasmtime-upgrade upgrade --manifest-path Cargo.toml",
        "wasmtime-upgrade explain bindgen-send-bound-on-exports",
        "affected: `bindgen!` generates synchronous bindings",
        "looked at 1 manifest, 1 lockfile, 1 requirement on the Wasmtime family, 1 `bindgen!` invocation",
    ] {
        assert!(
            ran.stdout.contains(part),
            "{part} is missing in\n{}",
            ran.stdout
        );
    }
    assert!(!ran.stdout.contains('\u{1b}'), "no colours into a pipe");
    assert_eq!(ran.stderr, "");
}

#[test]
fn colour_can_be_forced() {
    let folder = host_on("32.0.0");
    let mut command = program(folder.path());
    command
        .env_remove("NO_COLOR")
        .args(["check", "--color", "always"]);
    assert!(run(&mut command).stdout.contains('\u{1b}'));
}
