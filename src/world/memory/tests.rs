#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::world::{FileKind, Lock, WalkEntry};

fn path(path: &str) -> &Utf8Path {
    Utf8Path::new(path)
}

#[test]
fn it_walks_by_the_rules_of_the_real_one() {
    let world = MemoryWorld::new()
        .with_file("/w/Cargo.toml", "")
        .with_file("/w/src/lib.rs", "")
        .with_file("/w/src/skip.rs", "")
        .with_file("/w/src/.gitignore", "skip.rs\n")
        .with_file("/w/.gitignore", "/out/\n*.gen.rs\n!keep.gen.rs\n")
        .with_file("/w/out/a.rs", "")
        .with_file("/w/b.gen.rs", "")
        .with_file("/w/keep.gen.rs", "")
        .with_file("/w/.hidden/a.rs", "")
        .with_file("/w/target/CACHEDIR.TAG", "")
        .with_file("/w/target/debug/a.rs", "")
        .with_file("/w/readme.md", "")
        .with_file("/wider/a.rs", "")
        .with_link("/w/link", "src")
        .with_link("/w/link.rs", "src/lib.rs")
        .with_link("/w/one", "two")
        .with_link("/w/two", "one");
    let found: Vec<String> = world
        .walk(path("/w"), &["Cargo.toml"], &["rs"])
        .into_iter()
        .map(|entry| match entry {
            WalkEntry::File(path) => path.to_string(),
            WalkEntry::PassedOver { path, .. } => format!("!{path}"),
        })
        .collect();
    assert_eq!(
        found,
        [
            "/w/Cargo.toml",
            "/w/keep.gen.rs",
            "/w/src/lib.rs",
            "!/w/link",
            "!/w/link.rs",
        ]
    );
}

#[test]
fn links_are_resolved_in_every_part_of_a_path() {
    let world = MemoryWorld::new()
        .with_file("/a/b/file", "content")
        .with_link("/a/up", "..")
        .with_link("/folder", "/a/b")
        .with_link("/link", "folder/file")
        .with_link("/loop", "loop")
        .with_link("/broken", "nowhere");
    for name in [
        "/link",
        "/folder/file",
        "/a/up/folder/../b/file",
        "a/b/./file",
    ] {
        assert_eq!(world.canonical(path(name)).unwrap(), "/a/b/file", "{name}");
        assert_eq!(world.text(name).unwrap(), "content");
    }
    assert_eq!(world.kind(path("/link")).unwrap(), Some(FileKind::Symlink));
    assert_eq!(
        world.kind(path("/folder/file")).unwrap(),
        Some(FileKind::File)
    );
    assert_eq!(world.kind(path("/link/below")).unwrap(), None);
    world.canonical(path("/loop")).unwrap_err();
    let broken = world.canonical(path("/broken")).unwrap_err();
    assert_eq!(broken.kind(), io::ErrorKind::NotFound);

    world.write(path("/link"), b"new").unwrap();
    assert_eq!(world.text("/a/b/file").unwrap(), "new");
    assert_eq!(world.kind(path("/link")).unwrap(), Some(FileKind::Symlink));
}

#[test]
fn it_says_no_where_a_disk_would() {
    let world = MemoryWorld::new().with_file("/a/file", "");
    let kind = |result: io::Result<()>| result.unwrap_err().kind();
    assert_eq!(
        kind(world.write(path("/no/file"), b"")),
        io::ErrorKind::NotFound
    );
    assert_eq!(
        kind(world.write(path("/a"), b"")),
        io::ErrorKind::IsADirectory
    );
    assert_eq!(
        kind(world.write(path("/a/file/x"), b"")),
        io::ErrorKind::NotADirectory
    );
    assert_eq!(
        kind(world.remove_file(path("/a"))),
        io::ErrorKind::IsADirectory
    );
    assert_eq!(
        kind(world.remove_empty_dir(path("/a"))),
        io::ErrorKind::DirectoryNotEmpty
    );
    assert_eq!(
        kind(world.rename(path("/b"), path("/c"))),
        io::ErrorKind::NotFound
    );
    world.read(path("/a")).unwrap_err();
    world.list(path("/a/file")).unwrap_err();
    assert_eq!(world.list(path("/a")).unwrap(), ["file"]);
}

#[test]
fn folders_move_and_go_with_all_they_hold() {
    let world = MemoryWorld::new()
        .with_file("/a/b/c", "x")
        .with_file("/ab", "");
    world.rename(path("/a"), path("/z")).unwrap();
    assert_eq!(world.text("/z/b/c").unwrap(), "x");
    assert_eq!(world.kind(path("/a")).unwrap(), None);
    world.remove_dir(path("/z")).unwrap();
    assert_eq!(world.list(path("/")).unwrap(), ["ab"]);
}

#[test]
fn permissions_stay_when_a_file_is_replaced() {
    let world = MemoryWorld::new()
        .with_file("/a", "")
        .with_mode("/a", 0o555);
    world.write(path("/a"), b"new").unwrap();
    assert_eq!(world.status(path("/a")).unwrap().mode, Some(0o555));
    assert!(!world.writable(path("/a")).unwrap());
    world.set_mode(path("/a"), 0o644).unwrap();
    assert!(world.writable(path("/a")).unwrap());
}

#[test]
fn programs_follow_the_script_and_are_written_down() {
    let queued = ProcessOutput {
        code: Some(1),
        stderr: "one\ntwo\n".to_owned(),
        ..ProcessOutput::default()
    };
    let world = MemoryWorld::new()
        .with_output(queued)
        .with_programs(|world, command| {
            world.put("/made", &command.program);
            Ok(ProcessOutput::default())
        });
    let mut lines = Vec::new();
    let command = Command::new("cargo", ["check"], "/");
    let first = world.run(&command, &mut |line| lines.push(line.to_owned()));
    assert_eq!(first.unwrap().code, Some(1));
    assert_eq!(lines, ["one", "two"]);
    assert_eq!(world.file("/made"), None);
    world.run(&command, &mut |_| {}).unwrap();
    assert_eq!(world.text("/made").unwrap(), "cargo");
    assert_eq!(world.commands(), [command.clone(), command.clone()]);
    assert_eq!(world.operations(), ["run cargo check", "run cargo check"]);

    let error = MemoryWorld::new().run(&command, &mut |_| {}).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_fault_fails_one_writing_call_and_changes_nothing() {
    let world = MemoryWorld::new().with_fault(2, Fault::Fail(io::ErrorKind::StorageFull));
    world.write(path("/a"), b"1").unwrap();
    let error = world.write(path("/a"), b"2").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(world.text("/a").unwrap(), "1");
    world.write(path("/a"), b"3").unwrap();
    assert_eq!(world.writes(), 3);
}

#[test]
fn after_a_crash_nothing_is_written_until_the_survivor() {
    let world = MemoryWorld::new()
        .with_file("/a", "old")
        .with_fault(1, Fault::Crash);
    world.write(path("/a"), b"new!").unwrap_err();
    assert!(world.crashed());
    world.remove_file(path("/a")).unwrap_err();
    world
        .run(&Command::new("git", ["status"], "/"), &mut |_| {})
        .unwrap_err();
    // The old file is whole, and half of the new one lies beside it.
    let survivor = world.survivor();
    assert_eq!(survivor.text("/a").unwrap(), "old");
    assert_eq!(survivor.text("/.wasmtime-upgrade-tmp-0").unwrap(), "ne");
    survivor.write(path("/a"), b"new!").unwrap();
}

#[test]
fn a_crash_removes_a_folder_by_half() {
    let world = MemoryWorld::new()
        .with_file("/d/1", "")
        .with_file("/d/2", "")
        .with_file("/d/3", "")
        .with_fault(1, Fault::Crash);
    world.remove_dir(path("/d")).unwrap_err();
    assert_eq!(world.list(path("/d")).unwrap(), ["2"]);
}

#[test]
fn an_interruption_lets_its_call_happen() {
    let world = MemoryWorld::new().with_fault(1, Fault::Interrupt);
    assert!(!world.interrupted());
    world.write(path("/a"), b"1").unwrap();
    assert!(world.interrupted());
}

#[test]
fn a_lock_is_held_once_and_does_not_outlive_the_process() {
    let world = MemoryWorld::new();
    let first = world.lock(path("/lock")).unwrap();
    assert!(matches!(
        world.lock(path("/lock")).unwrap(),
        Lock::Held { holder: Some(1) }
    ));
    assert!(matches!(
        world.survivor().lock(path("/lock")).unwrap(),
        Lock::Taken(_)
    ));
    drop(first);
    assert!(matches!(world.lock(path("/lock")).unwrap(), Lock::Taken(_)));
}
