//! The scene that the tests of the transaction play in.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Committed, FileChange, GuardOptions, Transaction};
use crate::error::{Error, Result};
use crate::world::memory::Fault;
use crate::world::{Command, MemoryWorld, ProcessOutput, World};

mod behaviour;
mod crash;
mod disk;
mod guard;

const ROOT: &str = "/w";
const STRICT: GuardOptions = GuardOptions {
    allow_dirty: false,
    allow_staged: false,
    allow_no_vcs: false,
};

fn root() -> &'static Utf8Path {
    Utf8Path::new(ROOT)
}

/// A committed project: a manifest, a lockfile, a script that may be executed, a link.
fn project() -> MemoryWorld {
    MemoryWorld::new()
        .with_file("/w/.git/HEAD", "ref: refs/heads/main\n")
        .with_file("/w/Cargo.toml", "wasmtime = \"32\"\r\n")
        .with_file("/w/Cargo.lock", "version = \"32.0.0\"\n")
        .with_file("/w/src/main.rs", [0xef, 0xbb, 0xbf, b'a', 0xff])
        .with_file("/w/build.rs", "#!/usr/bin/env run\n")
        .with_mode("/w/build.rs", 0o755)
        .with_link("/w/link.rs", "src/main.rs")
        .with_programs(programs)
}

/// A git with nothing to say, and a cargo that moves the lockfile.
fn programs(world: &MemoryWorld, command: &Command) -> io::Result<ProcessOutput> {
    if command.program == "cargo" {
        world.put("/w/Cargo.lock", "version = \"36.0.20\"\n");
    }
    Ok(ended(0, ""))
}

fn ended(code: i32, stdout: &str) -> ProcessOutput {
    ProcessOutput {
        code: Some(code),
        stdout: stdout.to_owned(),
        ..ProcessOutput::default()
    }
}

/// A change of a file from what it holds now.
fn change(world: &dyn World, path: &str, after: &str) -> FileChange {
    FileChange {
        path: Utf8PathBuf::from(path),
        before: world.read(Utf8Path::new(path)).ok(),
        after: after.as_bytes().to_vec(),
    }
}

fn begin(world: &MemoryWorld) -> Result<Transaction<'_>> {
    let guarded = ["/w/Cargo.toml", "/w/Cargo.lock"].map(Utf8PathBuf::from);
    Transaction::begin(world, root(), "32.0.0 -> 36.0.20", &guarded, &STRICT)
}

/// All that an upgrade does before it ends: manifest, lockfile by cargo, sources, a new file in a
/// new folder.
fn work(world: &MemoryWorld, transaction: &mut Transaction<'_>) -> Result<()> {
    transaction.write(&[change(world, "/w/Cargo.toml", "wasmtime = \"36\"\r\n")])?;
    transaction.protect(&[Utf8PathBuf::from("/w/Cargo.lock")])?;
    world
        .run(&Command::new("cargo", ["update"], "/w"), &mut |_| {})
        .map_err(|source| Error::io("run", "cargo", source))?;
    transaction.write(&[
        change(world, "/w/link.rs", "new main"),
        change(world, "/w/build.rs", "new build"),
        change(world, "/w/new/deep/file.rs", "new file"),
    ])?;
    // A second round on the same file, as compiler messages ask for.
    transaction.write(&[change(world, "/w/src/main.rs", "newer main")])
}

/// The whole upgrade.
fn upgrade(world: &MemoryWorld) -> Result<Committed> {
    let mut transaction = begin(world)?;
    match work(world, &mut transaction) {
        Ok(()) => transaction.commit(),
        Err(error) => Err(transaction.abort(error)),
    }
}

/// What the user sees: every file but those in our own folders, which git does not show either.
fn visible(world: &MemoryWorld) -> BTreeMap<Utf8PathBuf, Vec<u8>> {
    let mut files = world.files();
    files.retain(|path, _| {
        let first = path
            .strip_prefix("/w")
            .ok()
            .and_then(|path| path.iter().next());
        first != Some(".wasmtime-upgrade") && first != Some(".wasmtime-upgrade-tmp-leaving")
    });
    files
}

/// The upgraded project, as an undisturbed run leaves it.
fn upgraded() -> BTreeMap<Utf8PathBuf, Vec<u8>> {
    let world = project();
    upgrade(&world).unwrap();
    visible(&world)
}

/// Asserts that `world` is the project as it was, without a trace of us.
#[track_caller]
fn assert_untouched(world: &MemoryWorld, when: &str) {
    let expected = project();
    assert_eq!(world.files(), expected.files(), "{when}");
    for folder in ["/w/new", "/w/.wasmtime-upgrade"] {
        let kind = world.kind(Utf8Path::new(folder)).unwrap();
        assert_eq!(kind, None, "{folder} {when}");
    }
    let build = world.status(Utf8Path::new("/w/build.rs")).unwrap();
    assert_eq!(build.mode, Some(0o755), "{when}");
    let link = world.kind(Utf8Path::new("/w/link.rs")).unwrap();
    assert_eq!(link, Some(crate::world::FileKind::Symlink), "{when}");
}

fn message(error: &Error) -> String {
    format!("{error}\nhelp: {}", error.help())
}

fn with_fault(fault: Fault, at: usize) -> MemoryWorld {
    project().with_fault(at, fault)
}
