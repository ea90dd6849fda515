//! What only a world in memory can show: faults at every write.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::*;
use crate::apply::undo;
use crate::config::Policy;
use crate::world::MemoryWorld;
use crate::world::memory::Fault;

const CONFIG: &str = "[build]\njobs = 2\n";

fn scene() -> MemoryWorld {
    MemoryWorld::new()
        .with_file("/w/Cargo.toml", "[workspace]\nmembers = [\"*\"]\n")
        .with_file("/w/.cargo/config.toml", CONFIG)
        .with_file(
            "/w/host/Cargo.toml",
            "[package]\nname = \"host\"\nversion = \"0.1.0\"\n",
        )
}

fn request() -> InitRequest {
    InitRequest {
        manifest_path: "/w/Cargo.toml".into(),
        wanted: Wanted {
            with: Piece::ALL.into_iter().collect(),
            ..Wanted::default()
        },
        source: Source::default(),
    }
}

fn init(world: &MemoryWorld) -> Result<Committed> {
    let plan = plan(world, Knowledge::embedded(), &request())?;
    let guards = GuardOptions {
        allow_no_vcs: true,
        ..GuardOptions::default()
    };
    carry_out(world, &plan, &guards)
}

/// What the user sees.
fn visible(world: &MemoryWorld) -> BTreeMap<Utf8PathBuf, Vec<u8>> {
    let mut files = world.files();
    files.retain(|path, _| !path.as_str().contains(".wasmtime-upgrade"));
    files
}

#[test]
fn killed_at_any_write_undo_brings_the_tree_back() {
    let (before, after) = (visible(&scene()), {
        let world = scene();
        init(&world).unwrap();
        visible(&world)
    });
    assert!(after.len() > before.len() + 8, "{:?}", after.keys());
    let mut crashes = 0;
    loop {
        let world = scene().with_fault(crashes + 1, Fault::Crash);
        let result = init(&world);
        if !world.crashed() {
            result.unwrap();
            break;
        }
        crashes += 1;
        let survivor = world.survivor();
        match undo(&survivor, "/w".into(), false) {
            Ok(report) => assert_eq!(report.restoration.rescued, [], "killed at {crashes}"),
            Err(error) => assert!(error.to_string().contains("nothing to undo"), "{error}"),
        }
        assert_eq!(visible(&survivor), before, "killed at {crashes}");
        for folder in ["/w/xtask", "/w/.github"] {
            assert_eq!(
                survivor.kind(folder.into()).unwrap(),
                None,
                "killed at {crashes}"
            );
        }
    }
    assert!(crashes > 20, "{crashes}");
}

#[test]
fn failing_at_any_write_leaves_the_tree_as_it_was() {
    let before = visible(&scene());
    for at in 1.. {
        let world = scene().with_fault(at, Fault::Fail(std::io::ErrorKind::StorageFull));
        let result = init(&world);
        let is_over = world.writes() < at;
        if result.is_err() {
            assert_eq!(visible(&world), before, "failed at {at}");
        }
        if is_over {
            result.unwrap();
            break;
        }
    }
}

#[test]
fn a_second_plan_has_nothing_to_do() {
    let world = scene();
    init(&world).unwrap();
    let again = plan(&world, Knowledge::embedded(), &request()).unwrap();
    assert_eq!((again.changes, again.by_hand), (Vec::new(), Vec::new()));
    for step in again.steps {
        assert!(matches!(step.state, State::There { .. }), "{step:?}");
    }
}

#[test]
fn the_policy_and_its_examples_are_understood() {
    let parse = |text: String| Policy::parse("/w/wasmtime-upgrade.toml".into(), text).unwrap();
    let plain = parse(policy::TEXT.to_owned());
    assert_eq!((plain.waivers.len(), plain.levels.len()), (0, 0));
    // Examples are comments that hold a key or a table; sentences are others.
    let with_examples = policy::TEXT
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(example) if example.starts_with('[') || example.contains(" = ") => example,
            _ => line,
        });
    let with_examples = parse(with_examples.collect::<Vec<_>>().join("\n"));
    assert_eq!(with_examples.waivers.len(), 1);
    assert_eq!(with_examples.levels.len(), 2);
    assert_eq!(with_examples.feature_sets.len(), 2);
}

/// A list in a file of YAML, and what it is with one more item; none where that is left to a person.
#[test]
fn an_item_comes_to_the_end_of_a_list_in_its_layout() {
    let with = |text: &str| {
        yaml_edits::with_item(text, "repos", "hooks", |layout| {
            let dash = " ".repeat(layout.dash);
            let gap = " ".repeat(layout.key - layout.dash - 1);
            vec![
                format!("{dash}-{gap}repo: new"),
                format!("{}hooks: []", " ".repeat(layout.key)),
            ]
        })
    };
    for (before, after) in [
        (
            "repos:\n- repo: a\n  hooks:\n  - id: b\n",
            "repos:\n- repo: a\n  hooks:\n  - id: b\n- repo: new\n  hooks: []\n",
        ),
        (
            "# c\r\nrepos:\r\n  -   repo: a # x\r\n      hooks:\r\n        -   id: b\r\n\r\n# of ci\r\nci:\r\n  skip: [b]\r\n",
            "# c\r\nrepos:\r\n  -   repo: a # x\r\n      hooks:\r\n        -   id: b\r\n  -   repo: new\r\n      hooks: []\r\n\r\n# of ci\r\nci:\r\n  skip: [b]\r\n",
        ),
        (
            "repos:\n  - repo: ä\n    hooks:\n      - id: b\n        args: |\n          x\n  # the end",
            "repos:\n  - repo: ä\n    hooks:\n      - id: b\n        args: |\n          x\n  # the end\n  - repo: new\n    hooks: []\n",
        ),
        (
            "---\nrepos:\n- hooks: [{id: b}]\n  repo: a\nz: 1\n",
            "---\nrepos:\n- hooks: [{id: b}]\n  repo: a\n- repo: new\n  hooks: []\nz: 1\n",
        ),
    ] {
        assert_eq!(with(before).as_deref(), Some(after), "{before}");
    }
    for text in [
        "",
        "repos: []\n",
        "repos: [{repo: a, hooks: []}]\n",
        "x: 1\n",
        "repos:\n  - &a\n    repo: x\n",
        "repos:\n- repo: a\n---\nrepos:\n- repo: b\n",
        "repos:\n  a: b\n",
        "repos:\n- a\n",
    ] {
        assert_eq!(with(text), None, "{text}");
    }
}
