//! How requirements move, and which ones can't.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::edit::EditSet;
use crate::workspace::Source;

fn moved(text: &str, target: &str, pinned: bool) -> Result<String> {
    moved_with(text, target, pinned, &Raised::new())
}

#[test]
fn a_crate_of_others_is_raised_where_its_requirement_keeps_the_target_out() {
    let raised = Raised::from([("wizer".to_owned(), Version::new(10, 0, 0))]);
    let text = "[package]\nname = \"p\"\n[dependencies]\nwasmtime = \"32\" # x\nwizer = { version = \"9.0\" } # y\nold = { package = \"wizer\", version = \">=9\" }\n";
    let after = text
        .replace("\"32\"", "\"36\"")
        .replace("\"9.0\"", "\"10.0\"");
    assert_eq!(moved_with(text, "36.0.20", false, &raised).unwrap(), after);
}

fn moved_with(text: &str, target: &str, pinned: bool, raised: &Raised) -> Result<String> {
    moved_from("32.0.0", text, target, pinned, raised)
}

fn moved_from(
    from: &str,
    text: &str,
    target: &str,
    pinned: bool,
    raised: &Raised,
) -> Result<String> {
    moved_with_source("", from, text, target, pinned, raised)
}

fn moved_with_source(
    source: &str,
    from: &str,
    text: &str,
    target: &str,
    pinned: bool,
    raised: &Raised,
) -> Result<String> {
    let manifest = Manifest::parse("/w/Cargo.toml".into(), text.to_owned())?;
    let mut workspace = Workspace::new(vec![manifest], None);
    workspace.sources.push(Source {
        path: "/w/src/lib.rs".into(),
        manifest: 0,
        text: source.to_owned(),
    });
    let plan = plan(&Move {
        workspace: &workspace,
        analysis: &Analysis::default(),
        knowledge: Knowledge::embedded(),
        from: &from.parse().unwrap(),
        target: &target.parse().unwrap(),
        raised,
    })?;
    let mut edits = EditSet::default();
    for step in if pinned { plan.pins } else { plan.edits } {
        edits.add(step.edit).unwrap();
    }
    Ok(edits.apply(text))
}

#[test]
fn entries_that_come_at_one_place_stand_behind_each_other() {
    let source = "use wasmtime_wasi::{IoView, StdoutStream};\npub fn push<T: IoView>(t: &mut T) { t.table(); }\nimpl StdoutStream for Log { fn stream(&self) -> S { s() } fn isatty(&self) -> bool { false } }\n";
    for end in ["\n", ""] {
        let text = format!("[package]\nname = \"p\"\n[dependencies]\nwasmtime-wasi = \"32\"{end}");
        for (pinned, version) in [(false, "36"), (true, "=36.0.20")] {
            let after = format!(
                "[package]\nname = \"p\"\n[dependencies]\nwasmtime-wasi = \"{version}\"\nwasmtime-wasi-io = \"{version}\"\ntokio = \"1\"{end}"
            );
            let moved =
                moved_with_source(source, "32.0.0", &text, "36.0.20", pinned, &Raised::new());
            assert_eq!(moved.unwrap(), after);
        }
    }
}

/// An engine with `gc` and without a collector can't be made.
#[test]
fn the_collector_that_came_with_gc_is_asked_for() {
    let from = |line: &str, features: &str, more: &str| {
        let text = |version: &str, features: &str| {
            format!(
                "[package]\nname = \"p\"\n[dependencies]\nwasmtime = {{ version = \"{version}\", default-features = false, features = [{features}] }}\n{more}"
            )
        };
        let before = text(line, features);
        let moved = moved_from(
            &format!("{line}.0.0"),
            &before,
            "36.0.20",
            false,
            &Raised::new(),
        );
        let after = moved.unwrap();
        let start = after.find("features = [").unwrap() + "features = [".len();
        after[start..].to_owned()
    };
    let asked = from(
        "26",
        "'gc', \"cranelift\"",
        "[features]\ngc = [\"wasmtime?/gc\"]\n",
    );
    assert_eq!(
        asked,
        "'gc-drc', \"cranelift\"] }\n[features]\ngc = [\"wasmtime?/gc-drc\"]\n"
    );
    // It was left out on purpose, or is asked for elsewhere.
    for (line, features, more) in [
        ("27", "\"gc\"", ""),
        ("26", "\"gc\", \"default\"", ""),
        ("26", "\"gc\"", "[features]\nx = [\"wasmtime/gc-null\"]\n"),
    ] {
        assert_eq!(
            from(line, features, more),
            format!("{features}] }}\n{more}")
        );
    }
    let with_defaults = "[dependencies]\nwasmtime = { version = \"26\", features = [\"gc\"] }\n";
    let moved = moved_from("26.0.0", with_defaults, "36.0.20", false, &Raised::new());
    assert_eq!(moved.unwrap(), with_defaults.replace("\"26\"", "\"36\""));
}

/// Without it the program does not link, which the proof does not see.
#[test]
fn std_is_asked_for_where_it_was_not_needed() {
    let moved = |from: &str, features: &str| {
        let text = |version: &str, features: &str| {
            format!(
                "[package]\nname = \"p\"\n[dependencies]\nwasmtime = {{ version = \"{version}\", default-features = false, features = [{features}] }}\n"
            )
        };
        let before = text(from, features);
        let release = format!("{from}.0.0");
        let after = moved_from(&release, &before, "36.0.20", false, &Raised::new()).unwrap();
        let with = move |features: &str| text("36", features);
        (after, with)
    };
    let (after, with) = moved("34", "\"runtime\", \"component-model\"");
    assert_eq!(after, with("\"runtime\", \"component-model\", \"std\""));
    for (from, features) in [
        // The compiler turns it on, nothing is run, it was left out on purpose.
        ("34", "\"runtime\", \"cranelift\""),
        ("34", "\"component-model\""),
        ("35", "\"runtime\""),
    ] {
        let (after, with) = moved(from, features);
        assert_eq!(after, with(features), "{from} {features}");
    }
}

const MANIFEST: &str = "\u{feff}[package]\r\nname = \"host\" # x\r\n\r\n[dependencies]\r\nserde = \"1\"\r\nwasmtime = { version = '32.0.0', features = [ \"cranelift\", # why\r\n  \"async\" ] }\r\nwasmtime-wasi = { workspace = true }\r\n[build-dependencies]\r\ncranelift-codegen = \"0.119\"\r\nwiggle = \"=32.0.0\"";

#[test]
fn the_family_moves_together_and_nothing_else() {
    let expected = MANIFEST
        .replace("'32.0.0'", "'36.0.20'")
        .replace("\"0.119\"", "\"0.123\"")
        .replace("\"=32.0.0\"", "\"=36.0.20\"");
    assert_eq!(moved(MANIFEST, "36.0.20", false).unwrap(), expected);
}

#[test]
fn a_second_run_changes_nothing() {
    let once = moved(MANIFEST, "36.0.20", false).unwrap();
    assert_eq!(moved(&once, "36.0.20", false).unwrap(), once);
}

#[test]
fn pins_name_the_exact_release_of_each_crate() {
    let pinned = moved(MANIFEST, "36.0.20", true).unwrap();
    assert!(
        pinned.contains("'=36.0.20'") && pinned.contains("\"=0.123.20\""),
        "{pinned}"
    );
}

/// The manifest's own name for it stays, so no source has to change.
#[test]
fn a_crate_that_was_renamed_is_asked_for_by_its_new_name() {
    for (before, after) in [
        (
            "[dependencies]\nwasmtime-cache = \"34\" # x\n",
            "[dependencies]\nwasmtime-cache = { package = \"wasmtime-internal-cache\", version = \"36\" } # x\n",
        ),
        (
            "[dependencies]\nwasmtime-cache = { optional = true, version = '=34.0.2' }\n",
            "[dependencies]\nwasmtime-cache = { optional = true, package = \"wasmtime-internal-cache\", version = '=36.0.20' }\n",
        ),
        (
            "[dependencies]\n  cache.package = 'wasmtime-cache'\n  cache.version = \"34\"\n",
            "[dependencies]\n  cache.package = \"wasmtime-internal-cache\"\n  cache.version = \"36\"\n",
        ),
        (
            "[dependencies]\r\n  wasmtime-cache.version = \"34\"\r\n",
            "[dependencies]\r\n  wasmtime-cache.package = \"wasmtime-internal-cache\"\r\n  wasmtime-cache.version = \"36\"\r\n",
        ),
        (
            "dependencies = { serde = \"1\", wasmtime-cache . version = \"34\" }\n",
            "dependencies = { serde = \"1\", wasmtime-cache . package = \"wasmtime-internal-cache\", wasmtime-cache . version = \"36\" }\n",
        ),
        (
            "target = { \"cfg(all(unix, \\\"a\\\"))\".dependencies.'wasmtime-cache'.version = '34' }\n",
            "target = { \"cfg(all(unix, \\\"a\\\"))\".dependencies.'wasmtime-cache'.package = \"wasmtime-internal-cache\", \"cfg(all(unix, \\\"a\\\"))\".dependencies.'wasmtime-cache'.version = '36' }\n",
        ),
        (
            "\u{feff}dependencies.wasmtime-cache.version = \"34\"\n",
            "\u{feff}dependencies.wasmtime-cache.package = \"wasmtime-internal-cache\"\ndependencies.wasmtime-cache.version = \"36\"\n",
        ),
        (
            "[dependencies.wasmtime-cache]\nversion = \"34\"\noptional = true\n",
            "[dependencies.wasmtime-cache]\npackage = \"wasmtime-internal-cache\"\nversion = \"36\"\noptional = true\n",
        ),
    ] {
        assert_eq!(moved(before, "36.0.20", false).unwrap(), after);
        let pinned = moved(before, "36.0.20", true).unwrap();
        assert!(pinned.contains("wasmtime-internal-cache"), "{pinned}");
        assert!(pinned.contains("=36.0.20"), "{pinned}");
    }
}

#[test]
fn a_crate_that_ended_makes_place_for_the_one_that_does_its_work() {
    for (before, after) in [
        (
            "[dependencies]\nwasi-common = \"46\" # why\n",
            "[dependencies]\nwasmtime-wasi = \"47\" # why\n",
        ),
        (
            "[dependencies]\r\n'wasi-common' = { version = '46.0.1', features = [\"tokio\"] }\r\n",
            "[dependencies]\r\n'wasmtime-wasi' = { version = '47.0.4', features = [\"p1\"] }\r\n",
        ),
        (
            "[dependencies.wasi-common]\nversion = \"=46.0.3\"\ndefault-features = false\nfeatures = [\"sync\", \"wasmtime\", \"exit\"]\n",
            "[dependencies.wasmtime-wasi]\nversion = \"=47.0.4\"\ndefault-features = false\nfeatures = [\"p1\"]\n",
        ),
        (
            "[dependencies]\nwasi-common.version = \"46\"\nwasi-common.features = [\"sync\"]\nx = \"1\"\n",
            "[dependencies]\nwasmtime-wasi.version = \"47\"\nwasmtime-wasi.features = [\"p1\"]\nx = \"1\"\n",
        ),
        // A name of its own stays.
        (
            "[dependencies]\nwasi = { package = \"wasi-common\", version = \"46\" }\n",
            "[dependencies]\nwasi = { package = \"wasmtime-wasi\", version = \"47\" }\n",
        ),
        // What is turned on by `dep:` has no name outside.
        (
            "[dependencies]\nwasi-common = { version = \"46\", optional = true }\n[features]\nwasi = [\"dep:wasi-common\", \"wasi-common?/tokio\", \"wasi-common/sync\"]\nwasi-common = [\"wasi-common/wasmtime\", \"wasi-common/exit\"]\n",
            "[dependencies]\nwasmtime-wasi = { version = \"47\", optional = true }\n[features]\nwasi = [\"dep:wasmtime-wasi\", \"wasmtime-wasi?/p1\", \"wasmtime-wasi/p1\"]\nwasi-common = [\"wasmtime-wasi/p1\"]\n",
        ),
        // A feature of the package's own has that name.
        (
            "[dependencies]\nwasi-common = { version = \"46\", optional = true }\n[features]\ndefault = [\"wasi-common\"]\nwasi-common = [\"dep:wasi-common\"]\n",
            "[dependencies]\nwasmtime-wasi = { version = \"47\", optional = true }\n[features]\ndefault = [\"wasi-common\"]\nwasi-common = [\"dep:wasmtime-wasi\"]\n",
        ),
        // And where the name is a feature, others know it.
        (
            "[dependencies]\nwasi-common = { version = \"46\", optional = true }\n[features]\ndefault = [\"wasi-common\"]\n",
            "[dependencies]\nwasi-common = { package = \"wasmtime-wasi\", version = \"47\", optional = true }\n[features]\ndefault = [\"wasi-common\"]\n",
        ),
    ] {
        assert_eq!(moved(before, "47.0.4", false).unwrap(), after);
        let pinned = moved(before, "47.0.4", true).unwrap();
        assert!(pinned.contains("=47.0.4"), "{pinned}");
        assert_eq!(
            moved(before, "46.0.3", false).unwrap(),
            before.replace("46.0.1", "46.0.3")
        );
    }
}

#[test]
fn a_crate_that_ended_goes_where_the_other_one_is_required_already() {
    for (before, after) in [
        (
            "[dependencies]\na = \"1\"\nwasi-common = \"46\" # why\nwasmtime-wasi = \"46\"\n",
            "[dependencies]\na = \"1\"\nwasmtime-wasi = \"47\"\n",
        ),
        (
            "[dependencies.wasi-common]\nversion = \"46\"\nfeatures = [\n  \"tokio\",\n]\n\n[dependencies.wasmtime-wasi]\nversion = \"46\"\n",
            "[dependencies.wasmtime-wasi]\nversion = \"47\"\n",
        ),
        (
            "[dependencies]\nwasi-common.version = \"46\"\nwasi-common.optional = true\nwasmtime-wasi = { version = \"46\", default-features = false, optional = true }\n[features]\nx = [\"dep:wasi-common\"]\ny = [\"dep:wasmtime-wasi\"]\n",
            "[dependencies]\nwasmtime-wasi = { version = \"47\", features = [\"p1\"], default-features = false, optional = true }\n[features]\nx = [\"dep:wasmtime-wasi\"]\ny = [\"dep:wasmtime-wasi\"]\n",
        ),
        // Where nothing says `dep:`, its name is a feature, here or for packages that require this one.
        (
            "[dependencies]\nwasi-common = { version = \"46\", optional = true }\nwasmtime-wasi = { version = \"46\", features = [\"p1\"], optional = true }\n[features]\nx = [\"dep:wasi-common\"]\ndefault = [\"wasmtime-wasi\"]\n",
            "[dependencies]\nwasmtime-wasi = { version = \"47\", features = [\"p1\"], optional = true }\n[features]\nx = [\"wasmtime-wasi\"]\ndefault = [\"wasmtime-wasi\"]\n",
        ),
        (
            "[dependencies]\nwasi-common = \"46\"\nwasmtime-wasi = { version = \"46\", default-features = false, features = [ ] }\n",
            "[dependencies]\nwasmtime-wasi = { version = \"47\", default-features = false, features = [\"p1\" ] }\n",
        ),
        // Another table is another matter.
        (
            "[dependencies]\nwasi-common = \"46\"\n[dev-dependencies]\nwasmtime-wasi = \"46\"\n",
            "[dependencies]\nwasmtime-wasi = \"47\"\n[dev-dependencies]\nwasmtime-wasi = \"47\"\n",
        ),
    ] {
        assert_eq!(moved(before, "47.0.4", false).unwrap(), after);
    }
    for (text, message) in [
        (
            "dependencies = { wasi-common = \"46\", wasmtime-wasi = \"46\" }\n",
            "required beside it on the same line",
        ),
        (
            "[dependencies]\nwasi-common = \"46\"\nwasmtime-wasi = { version = \"46\", optional = true }\n",
            "is optional here",
        ),
        (
            "[dependencies]\nwasi-common = { version = \"46\", optional = true }\nwasmtime-wasi = \"46\"\n",
            "its name is a feature of the package",
        ),
    ] {
        let error = moved(text, "47.0.4", false).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn what_can_only_be_moved_by_half_is_refused_with_its_place() {
    for (text, message) in [
        (
            "[dependencies]\nwasmtime = { git = \"https://example.com/x\" }",
            "2:1: `wasmtime` comes from git",
        ),
        (
            "[dependencies]\nwasmtime = { path = \"../w\" }",
            "2:1: `wasmtime` comes from the folder",
        ),
        (
            "[patch.crates-io]\nwasmtime = { git = \"https://example.com/x\" }",
            "[patch.crates-io] replaces `wasmtime`",
        ),
        (
            "[dependencies]\ncranelift-wasm = \"0.112\"",
            "`cranelift-wasm` is not published for Wasmtime 36.0.20",
        ),
        (
            "[dependencies]\nwasmtime = \"thirty\"",
            "2:12: `thirty` is no requirement",
        ),
    ] {
        let error = moved(text, "36.0.20", false).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
