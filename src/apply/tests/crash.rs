//! Whatever goes wrong, and wherever: the tree is as before, or as after, or undo makes it as
//! before.

use std::io::ErrorKind;

use proptest::prelude::*;

use super::*;
use crate::apply::undo;

/// Longer than any run here; a loop that gets there is endless.
const MANY: usize = 1000;

/// Undoes what a dead process left in `world`, in a new process, and checks that nothing is left.
#[track_caller]
fn assert_undone(world: &MemoryWorld, when: &str) {
    match undo(world, root(), false) {
        Ok(report) => assert_eq!(report.restoration.rescued, [], "{when}"),
        Err(error) => assert!(
            error.to_string().contains("nothing to undo"),
            "{error} {when}"
        ),
    }
    assert_untouched(world, when);
}

/// Runs `act` in worlds that die at their first, second, .. writing call, and hands on what each
/// leaves, until one gets through.
fn at_every_crash(
    scene: impl Fn() -> MemoryWorld,
    act: impl Fn(&MemoryWorld),
    judge: impl Fn(&MemoryWorld, &str),
) -> usize {
    for at in 1..MANY {
        let world = scene().with_fault(at, Fault::Crash);
        act(&world);
        if !world.crashed() {
            return at - 1;
        }
        let operations = world.operations();
        let last = operations.iter().rfind(|line| !line.starts_with("run"));
        judge(
            &world.survivor(),
            &format!("killed at {at}: {}", last.unwrap()),
        );
    }
    panic!("no end");
}

#[test]
fn killed_at_any_write_of_an_upgrade_undo_brings_the_tree_back() {
    let after = upgraded();
    let points = at_every_crash(
        project,
        |world| drop(upgrade(world)),
        |survivor, when| {
            // Until the very end the journal is needed; then the tree is as after, and stays so
            // unless somebody wants it undone.
            let committed = visible(survivor) == after;
            let again = begin(survivor).map(|_| ());
            if let Err(error) = &again {
                assert!(error.help().contains("wasmtime-upgrade undo"), "{when}");
            }
            assert!(again.is_err() || committed || visible(survivor) == visible(&project()));
            assert_undone(survivor, when);
            // And then everything works as if nothing had ever happened.
            upgrade(survivor).unwrap();
            assert_eq!(visible(survivor), after, "{when}");
        },
    );
    assert!(points > 20, "only {points} writing calls");
}

#[test]
fn killed_at_any_write_while_restoring_undo_finishes_it() {
    at_every_crash(
        project,
        |world| {
            if let Ok(mut transaction) = begin(world) {
                // The verification failed.
                let _ = work(world, &mut transaction);
                let _ = transaction.restore();
            }
        },
        assert_undone,
    );
}

#[test]
fn killed_at_any_write_of_an_undo_the_next_undo_finishes_it() {
    let upgraded = || {
        let world = project();
        upgrade(&world).unwrap();
        world.survivor()
    };
    let (before, after) = (visible(&project()), visible(&upgraded()));
    let points = at_every_crash(
        upgraded,
        |world| drop(undo(world, root(), false)),
        |survivor, when| {
            let now = visible(survivor);
            if now != before && now != after {
                let error = begin(survivor).map(drop).unwrap_err();
                assert!(error.help().contains("wasmtime-upgrade undo"), "{when}");
            }
            assert_undone(survivor, when);
        },
    );
    assert!(points > 5, "only {points} writing calls");
}

#[test]
fn killed_and_then_killed_again_in_the_undo_a_third_run_finishes_it() {
    at_every_crash(
        project,
        |world| drop(upgrade(world)),
        |survivor, when| {
            at_every_crash(
                || survivor.survivor(),
                |world| drop(undo(world, root(), false)),
                |twice, again| assert_undone(twice, &format!("{when}, then {again}")),
            );
        },
    );
}

#[test]
fn killed_in_a_second_upgrade_the_first_can_still_be_undone() {
    let scene = || {
        let world = project();
        upgrade(&world).unwrap();
        world.survivor()
    };
    let second = |world: &MemoryWorld| {
        let mut transaction = begin(world)?;
        transaction.write(&[change(world, "/w/Cargo.toml", "wasmtime = \"48\"\r\n")])?;
        transaction.commit()
    };
    let after_first = upgraded();
    let mut after_second = after_first.clone();
    after_second.insert("/w/Cargo.toml".into(), b"wasmtime = \"48\"\r\n".to_vec());
    at_every_crash(
        scene,
        |world| drop(second(world)),
        |survivor, when| {
            let was = visible(survivor);
            let report = undo(survivor, root(), false).unwrap();
            if report.unfinished || was == after_second {
                assert_eq!(visible(survivor), after_first, "{when}");
            } else {
                // Killed before the second had changed anything, so the first was undone.
                assert_untouched(survivor, when);
            }
        },
    );
}

#[test]
fn an_error_at_any_write_restores_at_once() {
    let after = upgraded();
    for kind in [ErrorKind::StorageFull, ErrorKind::PermissionDenied] {
        for at in 1..MANY {
            let world = with_fault(Fault::Fail(kind), at);
            let result = upgrade(&world);
            if world.writes() < at {
                break;
            }
            let operation = world.operations().join("\n");
            match result {
                // Only cleaning up failed.
                Ok(_) => assert_eq!(visible(&world), after, "{operation}"),
                Err(error) => {
                    assert!(matches!(error, Error::Io { .. }), "{error:?} at {at}");
                    assert_eq!(visible(&world), visible(&project()), "{at}: {operation}");
                    // What may be left of our own folder goes with the next run.
                    let next = world.survivor();
                    upgrade(&next).unwrap();
                    undo(&next, root(), false).unwrap();
                    assert_untouched(&next, &operation);
                }
            }
        }
    }
}

#[test]
fn a_disk_that_stays_full_is_reported_and_undo_helps_when_there_is_room_again() {
    for from in 1..MANY {
        let world = (from..MANY).fold(project(), |world, at| {
            world.with_fault(at, Fault::Fail(ErrorKind::StorageFull))
        });
        let result = upgrade(&world);
        if world.writes() < from {
            return;
        }
        if let Err(error @ Error::Process { .. }) = &result {
            assert!(error.to_string().contains("could not be put back"));
            assert!(error.help().contains("wasmtime-upgrade undo"));
        } else if result.is_err() {
            assert_eq!(visible(&world), visible(&project()), "full from {from} on");
        }
        assert_undone(&world.survivor(), &format!("full from {from} on"));
    }
    panic!("no end");
}

#[test]
fn ctrl_c_at_any_write_restores() {
    let mut interrupted = 0;
    for at in 1..MANY {
        let world = with_fault(Fault::Interrupt, at);
        let result = upgrade(&world);
        if world.writes() < at {
            break;
        }
        match result {
            // It came when everything was done but saying so.
            Ok(_) => assert_eq!(visible(&world), upgraded()),
            Err(error) => {
                assert!(matches!(error, Error::Interrupted), "{error:?}");
                assert_untouched(&world, &format!("interrupted at {at}"));
                interrupted += 1;
            }
        }
    }
    assert!(interrupted > 10);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes, any mix of old and new files, any moment.
    #[test]
    fn any_tree_comes_back(
        old in prop::collection::btree_map("[a-d]{1,2}(/[a-d])?\\.rs", prop::collection::vec(any::<u8>(), 0..40), 0..6),
        new in prop::collection::btree_map("[a-d]{1,2}(/[a-d])?\\.rs", prop::collection::vec(any::<u8>(), 0..40), 1..6),
        at in 1..60_usize,
    ) {
        let mut world = MemoryWorld::new().with_dir("/w").with_programs(programs);
        for (path, bytes) in &old {
            world = world.with_file(format!("/w/{path}"), bytes);
        }
        let before = world.files();
        let world = world.with_fault(at, Fault::Crash);
        let options = GuardOptions { allow_no_vcs: true, ..STRICT };
        let changes: Vec<FileChange> = new
            .iter()
            .map(|(path, after)| FileChange {
                path: format!("/w/{path}").into(),
                before: old.get(path).cloned(),
                after: after.clone(),
            })
            .collect();
        let result = Transaction::begin(&world, root(), "any", &[], &options).and_then(|mut transaction| {
            transaction.write(&changes)?;
            transaction.commit()
        });
        if !world.crashed() {
            result.unwrap();
            for (path, after) in &new {
                prop_assert_eq!(world.file(format!("/w/{path}")), Some(after.clone()));
            }
        }
        let next = world.survivor();
        let _ = undo(&next, root(), false);
        prop_assert_eq!(next.files(), before);
    }
}
