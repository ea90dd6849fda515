//! What a transaction does when nothing breaks, and what it refuses.

use super::*;
use crate::apply::undo;

fn edit(world: &MemoryWorld, after: &str) -> Result<Committed> {
    let mut transaction = begin(world)?;
    transaction.write(&[change(world, "/w/Cargo.toml", after)])?;
    transaction.commit()
}

#[test]
fn an_upgrade_can_be_undone_once() {
    let world = project();
    let committed = upgrade(&world).unwrap();
    assert_eq!(
        committed.changed,
        [
            "Cargo.lock",
            "Cargo.toml",
            "build.rs",
            "new/deep/file.rs",
            "src/main.rs"
        ]
    );
    assert_eq!(world.text("/w/link.rs").unwrap(), "newer main");

    let report = undo(&world, root(), false).unwrap();
    assert_eq!(report.description, "32.0.0 -> 36.0.20");
    assert_eq!(report.date, "2026-01-31");
    assert!(!report.unfinished);
    assert_eq!(report.restoration.restored.len(), 4);
    assert_eq!(report.restoration.removed, ["new/deep/file.rs"]);
    assert_untouched(&world, "after undo");

    let error = undo(&world, root(), false).unwrap_err();
    assert!(message(&error).starts_with("there is nothing to undo in /w"));
}

#[test]
fn dropping_a_transaction_restores() {
    let world = project();
    {
        let mut transaction = begin(&world).unwrap();
        work(&world, &mut transaction).unwrap();
        assert_ne!(visible(&world), visible(&project()));
    }
    assert_untouched(&world, "after drop");
}

#[test]
fn restoring_says_what_it_did() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    work(&world, &mut transaction).unwrap();
    let restoration = transaction.restore().unwrap();
    assert_eq!(
        restoration.restored,
        ["Cargo.toml", "Cargo.lock", "src/main.rs", "build.rs"]
    );
    assert_eq!(restoration.removed, ["new/deep/file.rs"]);
    assert_untouched(&world, "after restore");
}

#[test]
fn a_file_deleted_meanwhile_comes_back_with_its_permissions() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    work(&world, &mut transaction).unwrap();
    world.delete("/w/build.rs");
    transaction.restore().unwrap();
    assert_untouched(&world, "after restore");
}

#[test]
fn a_file_that_changed_under_us_stops_the_whole_call() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    let changes = [
        change(&world, "/w/Cargo.toml", "ours"),
        change(&world, "/w/build.rs", "ours"),
    ];
    world.put("/w/build.rs", "theirs");
    let error = transaction.write(&changes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "can't write build.rs: it changed on disk after it was read, so nothing was written"
    );
    drop(transaction);
    assert_eq!(
        world.text("/w/Cargo.toml").unwrap(),
        "wasmtime = \"32\"\r\n"
    );
    assert_eq!(world.text("/w/build.rs").unwrap(), "theirs");
}

#[test]
fn a_file_that_appeared_under_us_stops_too() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    let new = change(&world, "/w/new.rs", "ours");
    world.put("/w/new.rs", "theirs");
    transaction.write(&[new]).unwrap_err();
    transaction.restore().unwrap();
    assert_eq!(world.text("/w/new.rs").unwrap(), "theirs");
}

#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    let world = project();
    let same = world.text("/w/Cargo.toml").unwrap();
    let committed = edit(&world, &same).unwrap();
    assert_eq!(committed, Committed::default());
    assert_untouched(&world, "after an empty upgrade");
    assert!(
        !world
            .operations()
            .iter()
            .any(|line| line.contains("write /w/Cargo.toml"))
    );
}

#[test]
fn a_change_that_changes_nothing_is_checked_all_the_same() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    let same = world.text("/w/Cargo.toml").unwrap();
    let changes = [
        change(&world, "/w/Cargo.toml", &same),
        change(&world, "/w/build.rs", "ours"),
    ];
    // The other edits were made for a manifest that is no longer there.
    world.put("/w/Cargo.toml", "theirs");
    transaction.write(&changes).unwrap_err();
    assert_ne!(world.text("/w/build.rs").unwrap(), "ours");
}

#[test]
fn a_protected_file_that_did_not_exist_is_gone_after_a_restore() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    let lock = Utf8PathBuf::from("/w/other/Cargo.lock");
    transaction.protect(std::slice::from_ref(&lock)).unwrap();
    world.put(&lock, "made by cargo");
    let restoration = transaction.restore().unwrap();
    assert_eq!(restoration.removed, ["other/Cargo.lock"]);
    assert_untouched(&world, "after restore");
}

#[test]
fn two_runs_at_once_the_second_says_who_has_the_lock() {
    let world = project();
    let first = begin(&world).unwrap();
    let error = begin(&world).map(drop).unwrap_err();
    assert_eq!(
        message(&error),
        "process 1 is upgrading /w right now\n\
         help: wait until it is done, or stop it, and run again"
    );
    assert!(undo(&world, root(), false).is_err());
    drop(first);
    begin(&world).unwrap();
}

#[test]
fn after_a_killed_run_the_next_one_asks_for_undo() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    work(&world, &mut transaction).unwrap();
    let killed = world.survivor();
    let error = begin(&killed).map(drop).unwrap_err();
    assert_eq!(
        message(&error),
        "an earlier run (32.0.0 -> 36.0.20, 2026-01-31) was killed and left /w half done\n\
         help: run `wasmtime-upgrade undo` first: it puts the files back as they were"
    );
    assert!(undo(&killed, root(), false).unwrap().unfinished);
    assert_untouched(&killed, "after undo");
}

#[test]
fn a_failed_second_upgrade_leaves_the_first_to_be_undone() {
    let world = project();
    upgrade(&world).unwrap();
    let mut second = begin(&world).unwrap();
    let newest = change(&world, "/w/Cargo.toml", "wasmtime = \"48\"\r\n");
    second.write(&[newest]).unwrap();
    second.restore().unwrap();
    assert_eq!(visible(&world), upgraded());
    undo(&world, root(), false).unwrap();
    assert_untouched(&world, "after undo");
}

#[test]
fn a_second_upgrade_takes_the_place_of_the_first() {
    let world = project();
    edit(&world, "36").unwrap();
    edit(&world, "48").unwrap();
    undo(&world, root(), false).unwrap();
    assert_eq!(world.text("/w/Cargo.toml").unwrap(), "36");
    undo(&world, root(), false).unwrap_err();
}

#[test]
fn undo_does_not_take_later_edits_away() {
    let world = project();
    upgrade(&world).unwrap();
    world.put("/w/src/main.rs", "my work");
    world.delete("/w/new/deep/file.rs");
    let before = world.files();
    let error = undo(&world, root(), false).unwrap_err();
    assert_eq!(
        message(&error),
        "edited since the upgrade (32.0.0 -> 36.0.20), so it is not undone:\n  * src/main.rs\n\
         help: pass `--force` to undo it all the same; the edited files are kept aside"
    );
    assert_eq!(world.files(), before);

    let report = undo(&world, root(), true).unwrap();
    let (path, kept) = &report.restoration.rescued[0];
    assert_eq!(path, "src/main.rs");
    assert_eq!(world.text(root().join(kept)).unwrap(), "my work");
    assert_eq!(visible(&world), visible(&project()));
}

#[test]
fn bytes_that_somebody_saved_during_the_run_are_kept_aside_when_it_restores() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    work(&world, &mut transaction).unwrap();
    world.put("/w/build.rs", "saved by an editor");
    let restoration = transaction.restore().unwrap();
    let (path, kept) = &restoration.rescued[0];
    assert_eq!(path, "build.rs");
    assert_eq!(world.text(root().join(kept)).unwrap(), "saved by an editor");
    assert_eq!(visible(&world), visible(&project()));
    // Git never shows it.
    assert_eq!(
        world.text("/w/.wasmtime-upgrade/.gitignore").unwrap(),
        "*\n"
    );
}

#[test]
fn an_edit_made_during_the_run_counts_as_an_edit_afterwards() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    work(&world, &mut transaction).unwrap();
    world.put("/w/build.rs", "saved by an editor");
    transaction.commit().unwrap();
    let error = undo(&world, root(), false).unwrap_err();
    assert!(error.to_string().ends_with("\n  * build.rs"), "{error}");
}

#[test]
fn files_outside_of_the_root_are_refused() {
    let world = project()
        .with_file("/elsewhere/lib.rs", "theirs")
        .with_link("/w/out.rs", "../elsewhere/lib.rs")
        .with_link("/w/out", "/elsewhere");
    for path in [
        "/elsewhere/lib.rs",
        "/w/out.rs",
        "/w/out/new.rs",
        "/w/../x.rs",
    ] {
        let mut transaction = begin(&world).unwrap();
        let error = transaction
            .write(&[change(&world, path, "ours")])
            .unwrap_err();
        assert!(error.to_string().contains("outside of /w"), "{error}");
    }
    let mut transaction = begin(&world).unwrap();
    let git = change(&world, "/w/.git/HEAD", "ours");
    let error = transaction.write(&[git]).unwrap_err();
    assert!(error.to_string().contains("belongs to git"), "{error}");
    assert_eq!(world.text("/elsewhere/lib.rs").unwrap(), "theirs");
}

#[test]
fn folders_and_broken_links_are_refused() {
    let world = project().with_link("/w/broken.rs", "nowhere.rs");
    let mut transaction = begin(&world).unwrap();
    for path in ["/w/src", "/w/broken.rs"] {
        transaction
            .write(&[change(&world, path, "ours")])
            .unwrap_err();
    }
}

#[test]
fn two_names_of_one_file_in_one_call_are_refused() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    let changes = ["/w/link.rs", "/w/src/main.rs"].map(|path| change(&world, path, "ours"));
    let error = transaction.write(&changes).unwrap_err();
    assert!(error.help().contains("lead to the same file"));
}

#[test]
fn a_journal_from_somebody_else_reaches_nothing_outside_of_the_project() {
    for (path, content) in [
        ("../victim", "\"absent\""),
        (".git/HEAD", "\"absent\""),
        ("out/victim", "\"absent\""),
        ("/victim", "\"absent\""),
    ] {
        let index = format!(
            r#"{{"version":1,"state":"in-progress","description":"x","date":"x","files":[
                {{"path":"{path}","original":{content},"mode":null,"written":[],"protected":true,"left":null}}
            ],"folders":[]}}"#
        );
        let world = project()
            .with_file("/victim", "precious")
            .with_link("/w/out", "/")
            .with_file("/w/.wasmtime-upgrade/journal/1/index.json", index);
        undo(&world, root(), true).unwrap_err();
        assert_eq!(world.text("/victim").unwrap(), "precious");
        assert!(world.file("/w/.git/HEAD").is_some());
    }
}

#[test]
fn our_folder_must_not_be_a_link() {
    for name in ["", "/lock", "/journal", "/.gitignore"] {
        let world = project()
            .with_file("/victim", "precious")
            .with_link(format!("/w/.wasmtime-upgrade{name}"), "/victim");
        let error = begin(&world).map(drop).unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
        assert_eq!(world.text("/victim").unwrap(), "precious");
    }
}

#[test]
fn a_damaged_journal_changes_nothing() {
    let world = project();
    upgrade(&world).unwrap();
    world.put("/w/.wasmtime-upgrade/journal/1/originals/0", "damaged");
    let error = undo(&world, root(), false).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("should hold Cargo.toml as it was")
    );
    assert_eq!(visible(&world), upgraded());

    world.put("/w/.wasmtime-upgrade/journal/1/index.json", "{");
    let error = undo(&world, root(), false).unwrap_err();
    assert!(error.help().contains("originals"), "{error}");
}

#[test]
fn a_journal_of_a_later_release_is_left_alone() {
    let world = project();
    upgrade(&world).unwrap();
    world.put(
        "/w/.wasmtime-upgrade/journal/1/index.json",
        r#"{"version": 2, "more": true}"#,
    );
    let error = undo(&world, root(), true).unwrap_err();
    assert!(error.to_string().contains("it has format 2"), "{error}");
    begin(&world).map(drop).unwrap_err();
    assert_eq!(visible(&world), upgraded());
}

#[test]
fn an_interrupted_world_begins_nothing() {
    let world = project();
    world.interrupt();
    let error = begin(&world).map(drop).unwrap_err();
    assert!(matches!(error, Error::Interrupted));
    assert_eq!(world.writes(), 0);
}
