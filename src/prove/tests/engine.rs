use std::io;

use super::cargo::{answer, artifact, expected_compiler, knowledge, world};
use super::*;
use crate::error::{Error, ExitCode, Result};
use crate::world::{MemoryWorld, ProcessOutput, World as _};

/// Runs the small proof; the outcome and the events, one line each.
fn prove_with(world: &MemoryWorld, options: &Options) -> (Result<Outcome>, Vec<String>) {
    let mut events = Vec::new();
    let outcome = run(world, &knowledge(), &[matrix()], options, &mut |event| {
        events.push(match event {
            Event::Planned {
                to_run,
                kept,
                skipped,
            } => format!("{to_run} {kept} {skipped}"),
            Event::Started {
                position,
                total,
                release,
                ..
            } => format!("{position}/{total} {release}"),
            Event::Cargo { line } => (*line).to_owned(),
            Event::Finished {
                fits,
                mismatches,
                not_run,
                ..
            } => format!("{fits} {mismatches} {not_run}"),
        });
    });
    (outcome, events)
}

fn prove(world: &MemoryWorld, options: &Options) -> Outcome {
    prove_with(world, options).0.unwrap()
}

fn only(release: &str) -> Options {
    Options {
        releases: vec![release.parse().unwrap()],
        ..Options::default()
    }
}

const EVIDENCE: &str = "/w/target/wasmtime-upgrade-prove/evidence/small.toml";

#[test]
fn every_release_is_compiled_once_judged_and_kept() {
    let world = world(expected_compiler);
    let (outcome, events) = prove_with(&world, &Options::default());
    let outcome = outcome.unwrap();
    assert_eq!(
        events,
        [
            "2 0 1",
            "1/2 30.0.0",
            "   Checking wasmtime",
            "4 0 0",
            "2/2 33.0.0",
            "   Checking wasmtime",
            "4 0 0"
        ]
    );
    assert_eq!(outcome.exit_code(), ExitCode::Clean);
    assert_eq!(
        outcome.summary(),
        "1 proof, rustc 1.85.1: 2 releases run, 0 from fresh evidence; 8 cases as expected, 1 release skipped"
    );
    let skipped: Vec<_> = outcome
        .skipped()
        .map(|(_, release, why)| format!("{release}: {why}"))
        .collect();
    assert_eq!(skipped, ["36.0.20: needs Rust 1.86, installed is 1.85.1"]);

    let kept = Evidence::parse(&world.text(EVIDENCE).unwrap()).unwrap();
    assert_eq!(kept.rows.len(), 8);
    assert!(kept.is_fresh(&matrix(), &release("33.0.0")));
    assert!(
        kept.rows
            .values()
            .all(|row| row.rustc == "1.85.1" && row.date == world.today())
    );
    assert!(!world.text(EVIDENCE).unwrap().contains("/w/"));
}

#[test]
fn cargo_is_asked_for_all_examples_in_one_target_directory() {
    let world = world(expected_compiler);
    prove(
        &world,
        &Options {
            offline: true,
            ..only("30.0.0")
        },
    );
    let commands = world.commands();
    assert_eq!(
        commands[1].line(),
        "cargo check --examples --keep-going --message-format=json --offline"
    );
    assert_eq!(
        commands[1].dir,
        "/w/target/wasmtime-upgrade-prove/small/30.0.0"
    );
    let set = |name: &str, value: &str| {
        commands[1]
            .env
            .contains(&(name.to_owned(), value.to_owned()))
    };
    assert!(set(
        "CARGO_TARGET_DIR",
        "/w/target/wasmtime-upgrade-prove/target"
    ));
    assert!(set("CARGO_ENCODED_RUSTFLAGS", ""));
    let manifest = world.text(commands[1].dir.join("Cargo.toml")).unwrap();
    assert!(manifest.contains(
        "cranelift-entity = { version = \"=0.117.0\", default-features = false, features = [] }\n\
         wasmtime = { version = \"=30.0.0\", default-features = false, features = [\"runtime\", \"std\"] }\n"
    ));
    assert!(manifest.ends_with("\n[workspace]\n"));
    assert!(
        world
            .file("/w/target/wasmtime-upgrade-prove/CACHEDIR.TAG")
            .is_some()
    );
}

#[test]
fn folders_and_programs_can_be_chosen() {
    let world = world(expected_compiler).with_env("CARGO", "/rust/cargo");
    let options = Options {
        work_dir: Some("../scratch".into()),
        target_dir: Some("/warm".into()),
        evidence_dir: Some("x/out".into()),
        ..only("33.0.0")
    };
    prove(&world, &options);
    assert!(world.file("/w/x/out/small.toml").is_some());
    let command = &world.commands()[1];
    assert_eq!(command.program, "/rust/cargo");
    assert_eq!(command.dir, "/w/../scratch/small/33.0.0");
    assert!(
        command
            .env
            .contains(&("CARGO_TARGET_DIR".to_owned(), "/warm".to_owned()))
    );
}

#[test]
fn fresh_evidence_is_kept_and_force_asks_again() {
    let first = world(expected_compiler);
    prove(&first, &Options::default());
    let world = first.survivor();
    let (outcome, events) = prove_with(&world, &Options::default());
    let outcome = outcome.unwrap();
    assert_eq!(events, ["0 2 1"]);
    assert_eq!(world.commands().len(), 1);
    assert_eq!(outcome.exit_code(), ExitCode::Clean);
    let source = &outcome.proofs[0].releases[0].source;
    assert!(
        matches!(source, Source::Kept { rustc, date } if rustc == &["1.85.1"] && *date == world.today())
    );
    assert!(
        outcome
            .summary()
            .contains("0 releases run, 2 from fresh evidence; 8 cases")
    );

    prove(
        &world,
        &Options {
            force: true,
            ..Options::default()
        },
    );
    assert_eq!(world.commands().len(), 4);
}

#[test]
fn a_changed_program_is_compiled_again_and_the_others_are_not() {
    let world = world(expected_compiler);
    prove(&world, &Options::default());
    let text = world.text(EVIDENCE).unwrap();
    let hash = matrix().cases(&release("33.0.0"))[2].hash.clone();
    let (before, after) = text.rsplit_once(&hash).unwrap();
    world.put(EVIDENCE, format!("{before}0000000000000000{after}"));
    let (_, events) = prove_with(&world, &Options::default());
    assert_eq!(events[..2], ["1 1 1", "1/1 33.0.0"]);
    assert_eq!(world.text(EVIDENCE).unwrap(), text);
}

#[test]
fn an_unexpected_answer_is_named_and_ends_with_one() {
    let world = world(|_, name, _| artifact(name));
    let outcome = prove(&world, &Options::default());
    assert_eq!(outcome.exit_code(), ExitCode::Findings);
    let named: Vec<_> = outcome
        .mismatches()
        .map(|mismatch| mismatch.to_string())
        .collect();
    assert_eq!(
        named,
        [
            "small 30.0.0 on/plain: expected E0277: `Rc..` is odd; the compiler said it compiles",
            "small 30.0.0 on/odd: expected E0277: `Rc..` is odd; the compiler said it compiles",
        ]
    );
    // It is what the compiler said, so it is kept; and it does not become right by being kept.
    let again = prove(&world, &Options::default());
    assert_eq!(again.exit_code(), ExitCode::Findings);
    let evidence = Evidence::parse(&world.text(EVIDENCE).unwrap()).unwrap();
    assert_eq!(audit(&matrix(), Some(&evidence)).len(), 2 + 4);
}

#[test]
fn what_was_not_run_is_no_success_and_no_evidence() {
    let world = world(|_, name, _| {
        if name.ends_with("odd") {
            String::new()
        } else {
            artifact(name)
        }
    });
    let outcome = prove(&world, &only("33.0.0"));
    assert_eq!(outcome.exit_code(), ExitCode::CouldNotFinish);
    let named: Vec<_> = outcome.not_run().map(|case| case.to_string()).collect();
    assert_eq!(
        named,
        [
            "small 33.0.0 off/odd: not run: cargo ended with 0 and did not mention it",
            "small 33.0.0 on/odd: not run: cargo ended with 0 and did not mention it",
        ]
    );
    let evidence = Evidence::parse(&world.text(EVIDENCE).unwrap()).unwrap();
    assert_eq!(evidence.rows.len(), 2);
    assert!(!evidence.is_fresh(&matrix(), &release("33.0.0")));
}

#[test]
fn nothing_looked_at_is_no_success() {
    let outcome = prove(&world(expected_compiler), &only("36.0.20"));
    assert_eq!(outcome.exit_code(), ExitCode::CouldNotFinish);
    let matrix = matrix();
    let table = text(&matrix, &outcome.proofs[0], 80);
    assert!(
        table.contains("36.0.20  skipped  skipped  skipped  skipped\n"),
        "{table}"
    );
}

#[test]
fn examples_of_cases_that_are_no_more_go_and_other_files_stay() {
    let folder = "/w/target/wasmtime-upgrade-prove/small/33.0.0/examples";
    let world = world(expected_compiler)
        .with_file(format!("{folder}/case__up__odd.rs"), "")
        .with_file(format!("{folder}/notes.rs"), "");
    prove(&world, &only("33.0.0"));
    assert_eq!(
        world.list(folder.into()).unwrap(),
        [
            "case__off__odd.rs",
            "case__off__plain.rs",
            "case__on__odd.rs",
            "case__on__plain.rs",
            "notes.rs"
        ]
    );
}

#[test]
fn an_interrupted_run_keeps_what_it_has_and_says_what_it_did_not_reach() {
    let world = world(expected_compiler).with_programs(|world, command| {
        if command.dir.as_str().ends_with("33.0.0") {
            world.interrupt();
        }
        answer(world, command, expected_compiler)
    });
    let outcome = prove(&world, &Options::default());
    assert_eq!(outcome.exit_code(), ExitCode::CouldNotFinish);
    assert_eq!(outcome.proofs[0].releases[1].source, Source::Interrupted);
    assert!(outcome.summary().contains("1 release not reached"));
    let evidence = Evidence::parse(&world.text(EVIDENCE).unwrap()).unwrap();
    assert!(evidence.rows.keys().all(|(of, _)| *of == release("30.0.0")));
}

#[test]
fn parts_share_the_releases_and_their_evidence_merges_to_the_whole() {
    let mut merged = Evidence::empty(&matrix());
    for part in ["count:1/2", "count:2/2"] {
        let world = world(expected_compiler);
        let options = Options {
            partition: Some(part.parse().unwrap()),
            ..Options::default()
        };
        prove(&world, &options);
        let evidence = Evidence::parse(&world.text(EVIDENCE).unwrap()).unwrap();
        assert_eq!(evidence.rows.len(), 4, "{part}");
        merged = merged.merge(evidence).unwrap();
    }
    let world = world(expected_compiler);
    prove(&world, &Options::default());
    assert_eq!(merged.render(), world.text(EVIDENCE).unwrap());
}

/// The message of a request that makes no sense.
fn refused(world: &MemoryWorld, options: &Options) -> String {
    let error = prove_with(world, options).0.unwrap_err();
    assert!(!error.help().is_empty());
    error.to_string()
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let good = || world(expected_compiler);
    assert_eq!(
        refused(&good(), &only("31.0.0")),
        "no proof speaks of release 31.0.0"
    );
    let part = Options {
        partition: Some("count:4/9".parse().unwrap()),
        ..Options::default()
    };
    assert_eq!(
        refused(&good(), &part),
        "there is nothing in part count:4/9 of 3 releases"
    );
    let broken = good().with_file(EVIDENCE, "proof = 1");
    assert!(refused(&broken, &Options::default()).starts_with(&format!("{EVIDENCE}: ")));
    let empty = MemoryWorld::new();
    assert!(refused(&empty, &Options::default()).starts_with("can't start `rustc --version`"));
    let mute = MemoryWorld::new().with_output(ProcessOutput::default());
    assert_eq!(
        refused(&mute, &Options::default()),
        "`rustc --version` does not say its version"
    );
    let busy = good();
    let _lock = {
        busy.create_dir("/w/target/wasmtime-upgrade-prove".into())
            .unwrap();
        busy.lock("/w/target/wasmtime-upgrade-prove/lock".into())
            .unwrap()
    };
    assert!(refused(&busy, &Options::default()).starts_with("another run is working in"));
    let foreign = Matrix::parse(&PROOF.replacen("cranelift-entity", "serde", 1)).unwrap();
    let error = run(
        &good(),
        &knowledge(),
        &[foreign],
        &Options::default(),
        &mut |_| {},
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "small: Wasmtime 30.0.0 has no crate `serde`"
    );
}

#[test]
fn a_disk_that_fails_is_an_error_with_its_path() {
    let full = io::ErrorKind::StorageFull;
    let first = world(expected_compiler);
    prove(&first, &only("30.0.0"));
    for at in 1..=first.writes() {
        let world =
            world(expected_compiler).with_fault(at, crate::world::memory::Fault::Fail(full));
        match prove_with(&world, &only("30.0.0")).0 {
            Err(Error::Io { path, source, .. }) => {
                assert!(
                    path.starts_with("/w/target/wasmtime-upgrade-prove"),
                    "{path}"
                );
                assert_eq!(source.kind(), full);
            }
            other => panic!("write {at}: {other:?}"),
        }
    }
}
