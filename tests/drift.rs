//! What has drifted apart in a family, from outside: on small workspaces whose lockfiles are
//! written by hand.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::Value;
use support::{check_json, finding, program, project, run, write};
use tempfile::TempDir;

const TWO: &str = "two-wasmtimes";
const SIBLINGS: &str = "siblings-apart";

/// A package with these dependency tables.
fn package(name: &str, tables: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{tables}\n")
}

/// A lockfile from lines `name@version: needs, needs@version`. A name without a version is a package
/// of the workspace; `git` behind a version says that it is from git.
fn lock(lines: &str) -> String {
    let mut text = String::from("version = 4\n");
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (package, needs) = line.split_once(':').unwrap();
        let (package, git) = match package.strip_suffix(" git") {
            Some(package) => (package, true),
            None => (package, false),
        };
        let needs: Vec<String> = needs
            .split(',')
            .map(str::trim)
            .filter(|needed| !needed.is_empty())
            .map(|needed| format!("\"{}\"", needed.replace('@', " ")))
            .collect();
        let (name, version, source) = match package.split_once('@') {
            None => (package, "0.1.0", String::new()),
            Some((name, version)) if git => (
                name,
                version,
                "source = \"git+https://example.com/repo#0123\"\n".to_owned(),
            ),
            Some((name, version)) => (
                name,
                version,
                "source = \"registry+https://example.com/index\"\n".to_owned(),
            ),
        };
        text.push_str(&format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}dependencies = [{}]\n",
            needs.join(", ")
        ));
    }
    text
}

/// One package called `host` with these dependency tables and this lockfile.
fn host(tables: &str, locked: &str) -> TempDir {
    let folder = project(&[
        ("Cargo.toml", &package("host", tables)),
        ("src/lib.rs", "pub fn nothing() {}\n"),
    ]);
    if !locked.is_empty() {
        write(folder.path(), "Cargo.lock", lock(locked).as_bytes());
    }
    folder
}

/// A workspace of packages, each with its dependency tables.
fn workspace(root: &str, members: &[(&str, &str)], locked: &str) -> TempDir {
    let folder = project(&[
        (
            "Cargo.toml",
            &format!("[workspace]\nmembers = [\"crates/*\"]\nresolver = \"2\"\n{root}"),
        ),
        ("Cargo.lock", &lock(locked)),
    ]);
    for (name, tables) in members {
        let manifest = package(name, tables);
        write(
            folder.path(),
            &format!("crates/{name}/Cargo.toml"),
            manifest.as_bytes(),
        );
    }
    folder
}

fn report(folder: &TempDir) -> Value {
    check_json(folder.path(), &[]).json()
}

/// The findings of the kind, as `id exposure crate place: text at the place`.
fn drift(folder: &TempDir) -> Vec<String> {
    let report = report(folder);
    let findings = report["findings"].as_array().unwrap().iter();
    let drift = findings.filter(|finding| finding["kind"] == "drift");
    drift
        .map(|finding| {
            let place = &finding["location"];
            let path = place["path"].as_str().unwrap();
            let text = std::fs::read_to_string(folder.path().join(path)).unwrap();
            let byte = |name: &str| place[name].as_u64().unwrap() as usize;
            let word = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!(
                "{} {} {} {path}: {}",
                word("id"),
                word("exposure"),
                word("package"),
                &text[byte("start")..byte("end")]
            )
        })
        .collect()
}

fn text<'a>(report: &'a Value, id: &str, key: &str) -> &'a str {
    let found = finding(report, id).unwrap_or_else(|| panic!("{id} is not in {report:#}"));
    found[key].as_str().unwrap()
}

// Siblings

#[test]
fn siblings_on_different_lines_are_found_at_the_requirement() {
    let tables = "[dependencies]\nwasmtime = \"36\"\nwasmtime-wasi = \"35\"";
    let locked = "host: wasmtime@36.0.20, wasmtime-wasi\nwasmtime@35.0.0:\nwasmtime@36.0.20:\nwasmtime-wasi@35.0.0: wasmtime@35.0.0";
    for locked in [locked, ""] {
        let folder = host(tables, locked);
        assert_eq!(
            drift(&folder),
            ["siblings-apart affected wasmtime-wasi Cargo.toml: \"35\""],
            "said once, with and without a lockfile"
        );
        let ran = check_json(folder.path(), &[]);
        assert_eq!(ran.code, 1);
        assert_eq!(
            text(&ran.json(), SIBLINGS, "help"),
            "require `wasmtime-wasi` as \"36\", or bring the whole family to one line: `wasmtime-upgrade upgrade --to 36`"
        );
    }
}

#[test]
fn what_belongs_together_is_no_drift() {
    for (what, tables) in [
        (
            "one line",
            "[dependencies]\nwasmtime = \"36\"\nwasmtime-wasi = \"36.0.2\"\nwiggle = \"36\"",
        ),
        (
            "Cranelift's own numbers",
            "[dependencies]\nwasmtime = \"36\"\ncranelift-codegen = \"0.123\"\ncranelift-frontend = \"0.123\"",
        ),
        (
            "a Cranelift for something else",
            "[dependencies]\nwasmtime = \"36\"\ncranelift-codegen = \"0.122\"\ncranelift-frontend = \"0.122\"",
        ),
        (
            "internals, which give no types away",
            "[dependencies]\nwasmtime = \"36\"\nwasmtime-internal-cache = \"35\"\nwasmtime-environ = \"35\"\npulley-interpreter = \"35\"",
        ),
        (
            "a build script, which is a program of its own",
            "[dependencies]\nwasmtime = \"36\"\n[build-dependencies]\nwasmtime-wasi = \"35\"",
        ),
        (
            "a second set that is complete, under names of its own",
            "[dependencies]\nwasmtime = \"36\"\nwasmtime-wasi = \"36\"\nold = { package = \"wasmtime\", version = \"35\" }\nold-wasi = { package = \"wasmtime-wasi\", version = \"35\" }",
        ),
        (
            "crates that are no part of it",
            "[dependencies]\nwasmtime = \"36\"\nwit-bindgen = \"0.57\"\nwat = \"1.261\"\nwast = \"261\"",
        ),
    ] {
        assert_eq!(drift(&host(tables, "")), [""; 0], "{what}");
    }
}

#[test]
fn cranelift_has_siblings_of_its_own() {
    let tables = "[dependencies]\ncranelift-codegen = \"0.123\"\ncranelift-frontend = \"0.122\"";
    let folder = host(tables, "");
    assert_eq!(
        drift(&folder),
        ["siblings-apart affected cranelift-frontend Cargo.toml: \"0.122\""]
    );
    let report = report(&folder);
    let help = text(&report, SIBLINGS, "help");
    assert!(
        help.starts_with("require `cranelift-frontend` as \"0.123\""),
        "{help}"
    );
}

#[test]
fn a_cranelift_that_is_apart_hides_no_second_wasmtime() {
    let tables = "[dependencies]\ncranelift-codegen = \"0.123\"\ncranelift-frontend = \"0.122\"\nwasmtime = \"35\"\nplugin = \"1\"";
    let locked = "host: cranelift-codegen, cranelift-frontend, plugin, wasmtime@35.0.0\ncranelift-codegen@0.123.20:\ncranelift-frontend@0.122.0:\nplugin@1.0.0: wasmtime@36.0.20\nwasmtime@36.0.20:\nwasmtime@35.0.0:";
    assert_eq!(
        drift(&host(tables, locked)),
        [
            "siblings-apart affected cranelift-frontend Cargo.toml: \"0.122\"",
            "two-wasmtimes possible wasmtime Cargo.toml: \"1\""
        ]
    );
}

#[test]
fn what_is_not_certain_is_possible_and_fails_no_gate() {
    for (what, tables, place) in [
        (
            "they meet in tests",
            "[dependencies]\nwasmtime = \"36\"\n[dev-dependencies]\nwasmtime-wasi = \"35\"",
            "\"35\"",
        ),
        (
            "both lead to 36 in another resolution",
            "[dependencies]\nwasmtime = \">=35, <38\"\nwasmtime-wasi = \"36\"",
            "\"36\"",
        ),
        (
            "no core to pass values of",
            "[dependencies]\nwasmtime-wasi = \"36\"\nwasmtime-wasi-http = \"35\"",
            "\"35\"",
        ),
        (
            "the same crate on the right line, too",
            "[dependencies]\nwasmtime = \"36\"\nwasmtime-wasi = \"36\"\nold = { package = \"wasmtime-wasi\", version = \"35\" }",
            "\"35\"",
        ),
    ] {
        let found = drift(&host(tables, ""));
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        assert!(
            found[0].starts_with("siblings-apart possible") && found[0].ends_with(place),
            "{what}: {found:?}"
        );
    }
}

#[test]
fn an_inherited_requirement_is_one_finding_at_the_root() {
    let inherits =
        "[dependencies]\nwasmtime = { workspace = true }\nwasmtime-wasi.workspace = true";
    let folder = workspace(
        "[workspace.dependencies]\nwasmtime = \"36\"\nwasmtime-wasi = \"35\"\n",
        &[("a", inherits), ("b", inherits)],
        "a: wasmtime@36.0.20, wasmtime-wasi\nb: wasmtime@36.0.20, wasmtime-wasi\nwasmtime@35.0.0:\nwasmtime@36.0.20:\nwasmtime-wasi@35.0.0: wasmtime@35.0.0",
    );
    assert_eq!(
        drift(&folder),
        ["siblings-apart affected wasmtime-wasi Cargo.toml: \"35\""]
    );
    let report = report(&folder);
    let why = text(&report, SIBLINGS, "why");
    assert!(why.starts_with("`a` and 1 more requires"), "{why}");
}

#[test]
fn a_sibling_that_ended_is_told_apart() {
    let folder = host(
        "[dependencies]\nwasmtime = \"48\"\nwasi-common = \"46\"",
        "",
    );
    let report = report(&folder);
    let help = text(&report, SIBLINGS, "help");
    assert!(
        help.contains("has no release in line 48 (its last one is 46): require `wasmtime-wasi`"),
        "{help}"
    );
}

// Two Wasmtimes

const HELD: &str = "host: plugin, wasmtime@36.0.20\nplugin@1.0.0: wasmtime-wasi\nwasmtime-wasi@32.0.0: wasmtime@32.0.0\nwasmtime@32.0.0:\nwasmtime@36.0.20:";
const HOLDS: &str = "[dependencies]\nwasmtime = \"36\"\nplugin = \"1\"";

/// Its advisories count too; what the plugin does with it can't be told from here.
#[test]
fn the_other_wasmtime_is_judged_as_well() {
    let report = report(&host(HOLDS, HELD));
    let found = finding(&report, "GHSA-897f-g5gm-fmxm").unwrap();
    assert_eq!(found["version"], "32.0.0");
    assert_eq!(found["exposure"], "possible");
    assert_eq!(found["location"]["path"], "Cargo.lock");
    assert!(text(&report, "GHSA-897f-g5gm-fmxm", "why").contains("another crate brings this copy"));
}

#[test]
fn who_holds_the_other_wasmtime_is_named_with_the_path() {
    let folder = host(HOLDS, HELD);
    assert_eq!(
        drift(&folder),
        ["two-wasmtimes possible wasmtime Cargo.toml: \"1\""]
    );
    let report = report(&folder);
    let found = finding(&report, TWO).unwrap();
    assert_eq!(found["version"], "32.0.0");
    let why = text(&report, TWO, "why");
    let part = "`host -> plugin 1.0.0 -> wasmtime-wasi 32.0.0 -> wasmtime 32.0.0`, beside `host -> wasmtime 36.0.20`";
    assert!(why.contains(part), "{part} is not in {why}");
    let help = text(&report, TWO, "help");
    for part in [
        "`cargo update -p plugin@1.0.0`",
        "`cargo tree -i wasmtime@32.0.0`",
    ] {
        assert!(help.contains(part), "{part} is not in {help}");
    }
    let labels: Vec<&str> = found["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|evidence| evidence["label"].as_str().unwrap())
        .collect();
    assert_eq!(
        labels,
        [
            "this leads to wasmtime 36.0.20",
            "the other Wasmtime is locked here"
        ]
    );
}

#[test]
fn one_wasmtime_however_many_hold_it_is_none_too_many() {
    let locked = "host: plugin, wasmtime, wit-bindgen\nplugin@1.0.0: wasmtime\nwasmtime@36.0.20: wasmparser@0.236.1, wasmtime-environ\nwasmtime-environ@36.0.20: cranelift-entity, wasmparser@0.236.1\ncranelift-entity@0.123.20:\nwasmparser@0.236.1:\nwit-bindgen@0.57.0: wasmparser@0.248.0\nwasmparser@0.248.0:";
    let tables = format!("{HOLDS}\nwit-bindgen = \"0.57\"");
    assert_eq!(drift(&host(&tables, locked)), [""; 0]);
}

#[test]
fn a_newer_wasmtime_elsewhere_is_followed_or_given_up() {
    let locked = HELD.replace("32.0.0", "48.0.8");
    let report = report(&host(HOLDS, &locked));
    let help = text(&report, TWO, "help");
    assert!(
        help.starts_with(
            "move the workspace to line 48: `wasmtime-upgrade upgrade --to 48`, or take a `plugin` that is on line 36"
        ),
        "{help}"
    );
}

#[test]
fn where_the_paths_meet_decides() {
    let both = "old: wasmtime@35.0.0\nnew: wasmtime@36.0.20\nwasmtime@35.0.0:\nwasmtime@36.0.20:";
    let old = ("old", "[dependencies]\nwasmtime = \"35\"");
    let new = ("new", "[dependencies]\nwasmtime = \"36\"");
    let app = "[dependencies]\nold = { path = \"../old\" }\nnew = { path = \"../new\" }";
    let apart = drift(&workspace("", &[old, new], both));
    assert_eq!(
        apart,
        ["two-wasmtimes not-affected wasmtime crates/old/Cargo.toml: \"35\""],
        "two programs"
    );
    let folder = workspace(
        "",
        &[old, new, ("app", app)],
        &format!("app: new, old\n{both}"),
    );
    assert_eq!(
        drift(&folder),
        ["two-wasmtimes possible wasmtime crates/app/Cargo.toml: old"],
        "one program"
    );
    let report = report(&folder);
    assert!(
        text(&report, TWO, "why").starts_with(
            "`app -> old -> wasmtime 35.0.0`, beside `app -> new -> wasmtime 36.0.20`"
        ),
        "{report:#}"
    );
    assert!(
        text(&report, TWO, "help").contains("`wasmtime-upgrade upgrade --to 36`"),
        "{report:#}"
    );
}

#[test]
fn what_a_package_needs_for_its_tests_stays_there() {
    let locked =
        "app: lib, wasmtime@36.0.20\nlib: wasmtime@35.0.0\nwasmtime@35.0.0:\nwasmtime@36.0.20:";
    let app = "[dependencies]\nwasmtime = \"36\"\nlib = { path = \"../lib\" }";
    for (table, expected) in [
        ("dev-dependencies", "not-affected"),
        ("build-dependencies", "not-affected"),
        ("dependencies", "possible"),
    ] {
        let lib = format!("[{table}]\nwasmtime = \"35\"");
        let found = drift(&workspace("", &[("app", app), ("lib", &lib)], locked));
        assert_eq!(found.len(), 1, "{table}: {found:?}");
        assert!(
            found[0].starts_with(&format!("two-wasmtimes {expected} ")),
            "{table}: {found:?}"
        );
    }
    // Its tests have what its programs have, and the other one.
    let lib = "[dependencies]\napp = { path = \"../app\" }\n[dev-dependencies]\nwasmtime = \"35\"";
    let app = "[dependencies]\nwasmtime = \"36\"";
    let locked =
        "app: wasmtime@36.0.20\nlib: app, wasmtime@35.0.0\nwasmtime@35.0.0:\nwasmtime@36.0.20:";
    let folder = workspace("", &[("app", app), ("lib", lib)], locked);
    assert_eq!(
        drift(&folder),
        ["two-wasmtimes possible wasmtime crates/lib/Cargo.toml: \"35\""]
    );
    let report = report(&folder);
    let why = text(&report, TWO, "why");
    assert!(
        why.starts_with("`lib -> wasmtime 35.0.0`, beside `lib -> app -> wasmtime 36.0.20`, in tests, examples and benches:"),
        "{why}"
    );
}

#[test]
fn a_build_script_is_another_program_and_tests_are_not() {
    for (table, expected) in [
        ("build-dependencies", "not-affected"),
        ("dev-dependencies", "possible"),
        ("dependencies", "possible"),
        ("target.'cfg(unix)'.dependencies", "possible"),
    ] {
        let tables = format!("[dependencies]\nwasmtime = \"36\"\n[{table}]\nplugin = \"1\"")
            .replace("\n[dependencies]\nplugin", "\nplugin");
        let found = drift(&host(&tables, HELD));
        assert_eq!(found.len(), 1, "{table}: {found:?}");
        assert!(
            found[0].starts_with(&format!("two-wasmtimes {expected} ")),
            "{table}: {found:?}"
        );
    }
}

#[test]
fn two_wasmtimes_under_two_names_are_on_purpose() {
    let tables =
        "[dependencies]\nwasmtime = \"36\"\nold = { package = \"wasmtime\", version = \"35\" }";
    let locked = "host: wasmtime@35.0.0, wasmtime@36.0.20\nwasmtime@35.0.0:\nwasmtime@36.0.20:";
    let folder = host(tables, locked);
    assert_eq!(
        drift(&folder),
        ["two-wasmtimes not-affected wasmtime Cargo.toml: \"35\""]
    );
    let report = report(&folder);
    assert!(
        text(&report, TWO, "why")
            .starts_with("`host` itself requires both wasmtime 35.0.0 and wasmtime 36.0.20"),
        "{report:#}"
    );
    // Another holder of the old one did not mean to be compared.
    let tables = format!("{tables}\nplugin = \"1\"");
    let locked =
        format!("{locked}\nplugin@1.0.0: wasmtime@35.0.0").replace("host: ", "host: plugin, ");
    assert_eq!(
        drift(&host(&tables, &locked)),
        ["two-wasmtimes possible wasmtime Cargo.toml: \"1\""]
    );
}

#[test]
fn a_sibling_from_another_source_has_a_wasmtime_of_its_own() {
    let tables = "[dependencies]\nwasmtime = \"46.0.1\"\nwasmtime-wasi = { git = \"https://example.com/repo\" }";
    let locked = "host: wasmtime@46.0.1, wasmtime-wasi\nwasmtime@46.0.1:\nwasmtime@47.0.0 git:\nwasmtime-wasi@47.0.0 git: wasmtime@47.0.0";
    let folder = host(tables, locked);
    assert_eq!(
        drift(&folder),
        ["two-wasmtimes affected wasmtime Cargo.toml: \"46.0.1\""]
    );
    let report = report(&folder);
    assert!(
        text(&report, TWO, "help").starts_with("require all of the family from one source"),
        "{report:#}"
    );
}

// `bindgen!`

/// A host with these dependencies and this source.
fn with_source(dependencies: &str, source: &str) -> TempDir {
    let folder = host(&format!("[dependencies]\n{dependencies}"), "");
    write(folder.path(), "src/lib.rs", source.as_bytes());
    folder
}

/// The findings about bindings, without what else is found.
fn bindings(folder: &TempDir) -> Vec<String> {
    let mut found = drift(folder);
    found.retain(|found| found.starts_with("bindgen-apart"));
    found
}

const BOTH: &str = "wasmtime = \"36\"\nwasmtime-wasi = \"36\"\nold = { package = \"wasmtime\", version = \"35\" }\nold-wasi = { package = \"wasmtime-wasi\", version = \"35\" }";

#[test]
fn bindings_of_one_line_do_not_take_items_of_another() {
    let source = |with: &str| {
        format!(
            "wasmtime::component::bindgen!({{ inline: \"package a:b; world w {{}}\", with: {{ {with} }} }});"
        )
    };
    let wrong = "\"wasi:io/error\": old_wasi::p2::bindings::io::error, \"wasi:io/poll\": old_wasi::p2::bindings::io::poll";
    let folder = with_source(BOTH, &source(wrong));
    assert_eq!(
        bindings(&folder),
        ["bindgen-apart affected wasmtime-wasi src/lib.rs: old_wasi::p2::bindings::io::error"],
        "said once for an invocation"
    );
    let aliased = format!(
        "use old_wasi as w;\n{}",
        source("\"wasi:io/error\": w::p2::E")
    );
    assert_eq!(
        bindings(&with_source(BOTH, &aliased)),
        ["bindgen-apart possible wasmtime-wasi src/lib.rs: w::p2::E"],
        "any type can stand for a resource"
    );
    for (what, source) in [
        (
            "the right line",
            source("\"wasi:io/error\": wasmtime_wasi::p2::bindings::io::error"),
        ),
        (
            "a module of the project's own",
            format!("mod old_wasi {{}}\n{}", source("\"a:b/c\": old_wasi::c")),
        ),
        ("the project's own", source("\"a:b/c\": crate::old_wasi::c")),
        (
            "the other set, used throughout",
            source("\"wasi:io/error\": old_wasi::p2::bindings::io::error")
                .replace("wasmtime::", "old::")
                .replace("inline:", "wasmtime_crate: old, inline:"),
        ),
        (
            "a template",
            "macro_rules! m { ($p:path) => { wasmtime::component::bindgen!({ with: { \"a:b/c\": $p, \"d:e/f\": old_wasi::p2::E } }); } }".to_owned(),
        ),
    ] {
        assert_eq!(bindings(&with_source(BOTH, &source)), [""; 0], "{what}");
    }
}

#[test]
fn the_macro_and_the_crate_that_its_code_names_are_of_one_line() {
    let source = "use old::component::bindgen;\nbindgen!({ world: \"w\" });";
    let folder = with_source(BOTH, source);
    assert_eq!(
        bindings(&folder),
        ["bindgen-apart possible wasmtime src/lib.rs: bindgen"]
    );
    let report = report(&folder);
    assert_eq!(
        text(&report, "bindgen-apart", "help"),
        "add `wasmtime_crate: old` to the options, or call the macro of `wasmtime`"
    );
    let named = source.replace("world:", "wasmtime_crate: old, world:");
    assert_eq!(bindings(&with_source(BOTH, &named)), [""; 0]);
    let unclear = source.replace("use old::component::bindgen", "use crate::prelude::*");
    assert_eq!(bindings(&with_source(BOTH, &unclear)), [""; 0]);
}

#[test]
fn a_path_that_the_line_does_not_have_is_found_with_what_to_write() {
    let on = |line: u64, path: &str| {
        let dependencies = format!("wasmtime = \"{line}\"\nwasmtime-wasi = \"{line}\"");
        let source = format!(
            "wasmtime::component::bindgen!({{ path: \"wit\", with: {{ \"wasi:io/streams\": {path} }} }});"
        );
        with_source(&dependencies, &source)
    };
    let old = "wasmtime_wasi::bindings::io::streams";
    let new = "wasmtime_wasi::p2::bindings::io::streams";
    for (line, path, instead) in [
        (32, old, None),
        (33, old, Some(new)),
        (48, old, Some(new)),
        (32, new, Some(old)),
        (33, new, None),
        (50, new, None),
        (
            36,
            "wasmtime_wasi::DynInputStream",
            Some("wasmtime_wasi::p2::DynInputStream"),
        ),
        (36, "wasmtime_wasi::ResourceTable", None),
        (22, new, None),
    ] {
        let folder = on(line, path);
        let found = bindings(&folder);
        let expected: Vec<String> = instead
            .iter()
            .map(|_| format!("bindgen-apart affected wasmtime-wasi src/lib.rs: {path}"))
            .collect();
        assert_eq!(found, expected, "{line} {path}");
        if let Some(instead) = instead {
            let report = report(&folder);
            assert_eq!(
                text(&report, "bindgen-apart", "help"),
                format!("write `{instead}`")
            );
        }
    }
}

#[test]
fn an_option_that_the_line_does_not_accept_is_found_with_the_lines_that_do() {
    for (line, options, found) in [
        (35, "async: true, tracing: true", None),
        (
            36,
            "world: \"w\", async: true, tracing: true",
            Some(("async", "lines up to 35")),
        ),
        (
            35,
            "imports: { default: async }",
            Some(("imports", "lines from 36 on")),
        ),
        (48, "imports: { default: async }", None),
        (25, "path: \"a\"", None),
        (
            25,
            "path: [\"a\", \"b\"]",
            Some(("path", "lines from 26 on take one")),
        ),
        (26, "path: [\"a\", \"b\"]", None),
        (
            48,
            "asynchronous: true",
            Some(("asynchronous", "no release that is known")),
        ),
    ] {
        let dependencies = format!("wasmtime = \"{line}\"");
        let source = format!("wasmtime::component::bindgen!({{ {options} }});");
        let folder = with_source(&dependencies, &source);
        let expected = found
            .map(|(option, _)| format!("bindgen-apart affected wasmtime src/lib.rs: {option}"));
        assert_eq!(
            bindings(&folder),
            Vec::from_iter(expected),
            "{line} {options}"
        );
        if let Some((_, why)) = found {
            let report = report(&folder);
            let said = text(&report, "bindgen-apart", "why");
            assert!(said.starts_with(why), "{said}");
            let help = text(&report, "bindgen-apart", "help");
            let moves = help.contains("upgrade --from 35 --to 36");
            assert_eq!(moves, why == "lines up to 35", "{help}");
        }
    }
}

#[test]
fn siblings_that_are_apart_are_said_once() {
    let dependencies = "wasmtime = \"36\"\nwasmtime-wasi = \"32\"";
    let source = "wasmtime::component::bindgen!({ with: { \"wasi:io/error\": wasmtime_wasi::bindings::io::error } });";
    assert_eq!(
        drift(&with_source(dependencies, source)),
        ["siblings-apart affected wasmtime-wasi Cargo.toml: \"32\""]
    );
}

// wasm-tools

#[test]
fn crates_of_wasm_tools_matter_where_their_types_pass() {
    let features = "pub fn f(c: &mut wasmtime::Config) { c.wasm_features(wasmparser::WasmFeatures::GC, true); }";
    let lookup = "use wit_parser::ItemName;";
    let wave = "use wasm_wave::wasm::WasmValue;";
    for (dependencies, source, expected) in [
        (
            "wasmtime = \"41\"\nwasmparser = \"0.244\"",
            features,
            "possible",
        ),
        (
            "wasmtime = \"41\"\nwasmparser = \"0.244\"",
            "",
            "not-affected",
        ),
        ("wasmtime = \"41\"\nwasmparser = \"0.243\"", features, ""),
        (
            "wasmtime = \"48\"\nwit-parser = \"0.252\"",
            lookup,
            "possible",
        ),
        (
            "wasmtime = \"36\"\nwit-parser = \"0.252\"",
            lookup,
            "not-affected",
        ),
        (
            "wasmtime = { version = \"36\", features = [\"wave\"] }\nwasm-wave = \"0.235\"",
            wave,
            "possible",
        ),
        (
            "wasmtime = \"36\"\nwasm-wave = \"0.235\"",
            wave,
            "not-affected",
        ),
        (
            "wasmtime = \"41\"\nwasmparser = \"0.244\"",
            "fn f( { c.wasm_features(",
            "possible",
        ),
        (
            "wasmtime = \"41\"\nwasmparser = \"0.244\"",
            "fn f( {",
            "not-affected",
        ),
        (
            "wasmtime = \"41\"\nwit-component = \"0.250\"",
            "fn f( {",
            "not-affected",
        ),
        ("wasmtime = \"41\"\nwasmparser = \">=0.200\"", features, ""),
        (
            "wasmtime = \"41\"\nwat = \"1.261\"\nwast = \"261\"",
            features,
            "",
        ),
        (
            "wasmtime-wasi = \"41\"\nwasmparser = \"0.244\"",
            features,
            "",
        ),
        (
            "wasmtime = \"41\"\n[build-dependencies]\nwasmparser = \"0.244\"",
            features,
            "",
        ),
    ] {
        let found = drift(&with_source(dependencies, source));
        let expected: Vec<&str> = [expected].into_iter().filter(|e| !e.is_empty()).collect();
        let exposures: Vec<&str> = found
            .iter()
            .map(|found| {
                let rest = found.strip_prefix("wasm-tools-apart ").unwrap();
                rest.split(' ').next().unwrap()
            })
            .collect();
        assert_eq!(exposures, expected, "{dependencies}\n{source}");
    }
}

#[test]
fn the_locked_generation_counts_and_the_remedy_is_named() {
    let tables = "[dependencies]\nwasmtime = \"41\"\nwasmparser = \">=0.200\"";
    let locked = |generation: &str| {
        let lines = "host: wasmparser@0.244.0, wasmtime\nwasmtime@41.0.4: wasmparser@0.243.0\nwasmparser@0.243.0:\nwasmparser@0.244.0:";
        lines.replace(
            "host: wasmparser@0.244.0",
            &format!("host: wasmparser@{generation}"),
        )
    };
    let source = "pub fn f(c: &mut wasmtime::Config) { c.wasm_features(features(), true); }";
    let folder = host(tables, &locked("0.244.0"));
    write(folder.path(), "src/lib.rs", source.as_bytes());
    let report = report(&folder);
    let found = finding(&report, "wasm-tools-apart").unwrap();
    assert_eq!(
        (&found["package"], &found["version"], &found["level"]),
        (&"wasmparser".into(), &"0.244.0".into(), &"warning".into())
    );
    assert_eq!(
        found["help"],
        "require `wasmparser` as \"0.243\", or use `wasmtime::wasmparser` (feature `reexport-wasmparser`)"
    );
    let folder = host(tables, &locked("0.243.0"));
    write(folder.path(), "src/lib.rs", source.as_bytes());
    assert_eq!(drift(&folder), [""; 0]);
}

// Policy and formats

#[test]
fn a_policy_sets_the_level_by_kind_and_id_and_waives() {
    let level = |policy: &str| {
        let folder = host(HOLDS, HELD);
        write(folder.path(), "wasmtime-upgrade.toml", policy.as_bytes());
        let report = report(&folder);
        let found = finding(&report, TWO).unwrap();
        (
            found["level"].as_str().unwrap().to_owned(),
            found.get("waived").is_some(),
        )
    };
    assert_eq!(level(""), ("warning".to_owned(), false));
    assert_eq!(
        level("[levels]\ndrift = \"error\""),
        ("error".to_owned(), false)
    );
    assert_eq!(
        level("[levels]\ndrift = \"error\"\ntwo-wasmtimes = \"note\""),
        ("note".to_owned(), false)
    );
    assert_eq!(
        level(
            "[[waive]]\nid = \"two-wasmtimes\"\nreason = \"plugin moves next month\"\nuntil = 2026-12-31"
        ),
        ("note".to_owned(), true)
    );
}

#[test]
fn every_format_says_where_why_and_what_to_do() {
    let folder = host(HOLDS, HELD);
    for (format, parts) in [
        (
            "human",
            &[
                "warning[two-wasmtimes]: a second Wasmtime in one graph: 32.0.0 beside 36.0.20",
                "--> Cargo.toml:8:10",
                "8 | plugin = \"1\"",
                "= help: see whether a newer `plugin` that fits is on line 36: `cargo update -p plugin@1.0.0`",
            ][..],
        ),
        (
            "github",
            &[
                "::warning title=a second Wasmtime in one graph",
                "file=Cargo.toml,line=8",
                "cargo update -p plugin@1.0.0",
            ],
        ),
        (
            "markdown",
            &[
                "two-wasmtimes",
                "cargo tree -i wasmtime@32.0.0",
                "Cargo.toml:8:10",
            ],
        ),
        (
            "sarif",
            &[
                "\"ruleId\": \"two-wasmtimes\"",
                "\"kind\": \"drift\"",
                "the lockfile has more than one Wasmtime",
            ],
        ),
    ] {
        let mut command = program(folder.path());
        command
            .args(["check", "--as-of", support::TODAY, "--format", format])
            .env_remove("GITHUB_STEP_SUMMARY");
        let ran = run(&mut command);
        for part in parts {
            assert!(
                ran.stdout.contains(part),
                "{format} lacks {part}:\n{}",
                ran.stdout
            );
        }
    }
    let page = run(program(folder.path()).args(["report", "--html", "-"]));
    assert!(page.stdout.contains("<code>two-wasmtimes</code> · drift"));
}

#[test]
fn explain_and_list_know_the_rules() {
    let folder = project(&[]);
    let list = run(program(folder.path()).arg("list")).stdout;
    for id in [TWO, SIBLINGS, "bindgen-apart", "wasm-tools-apart"] {
        assert!(list.contains(&format!("{id}\n  drift: ")), "{list}");
        let explained = run(program(folder.path()).args(["explain", id]));
        assert_eq!(explained.code, 0);
        assert!(explained.stdout.starts_with(&format!("{id} (drift)\n")));
        assert!(explained.stdout.len() > 300, "{id} has little to say");
    }
}

#[test]
fn the_report_of_siblings_looks_like_the_compilers() {
    let tables = "[dependencies]\nwasmtime = \"36\"\nwasmtime-wasi = \"35\"";
    let folder = host(tables, "");
    write(
        folder.path(),
        "wasmtime-upgrade.toml",
        b"[levels]\nadvisory = \"note\"\nregression = \"note\"\nsupport = \"note\"\nbroken-release = \"note\"\nbehaviour-change = \"note\"\n",
    );
    let ran = run(program(folder.path()).args(["check", "--as-of", support::TODAY]));
    assert_eq!(ran.code, 1);
    let shown = ran.stdout.split("\n\n").next().unwrap();
    let expected = r#"error[siblings-apart]: `wasmtime-wasi` is of line 35, `wasmtime` of line 36
 --> Cargo.toml:8:17
  |
8 | wasmtime-wasi = "35"
  |                 ^^^^ wasmtime-wasi 35.0.0
  |
 ::: Cargo.toml:7:12
  |
7 | wasmtime = "36"
  |            ---- `wasmtime` 36.0.20 is required here
  |
  = note: affected: `host` requires `wasmtime-wasi` 35.0.0 and `wasmtime` 36.0.20: each line has types of its own, and those of one do not fit the other
  = help: require `wasmtime-wasi` as "36", or bring the whole family to one line: `wasmtime-upgrade upgrade --to 36`
  = help: for more: wasmtime-upgrade explain siblings-apart"#;
    assert_eq!(shown, expected);
}
