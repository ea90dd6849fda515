//! `cargo xtask`: this repository's chores, with the commands of `wasmtime-upgrade` among them.
//!
//! An xtask that has no other chores is one call of `wasmtime_upgrade::cli::main()`. This one shows
//! how the commands are flattened into an xtask that has.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use wasmtime_upgrade::cli::{self, GlobalArgs};
use wasmtime_upgrade::report::human::Program;

mod book;
mod draft_release;
mod merge_evidence;
mod new_migration;
mod test;

/// The chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    #[command(flatten)]
    Upgrade(cli::Command),
    /// Everything that CI runs: format, lints, the check of ourselves, all tests
    Test,
    /// Begin a migration of the knowledge base: a file with blocks that fail
    NewMigration(new_migration::NewMigration),
    /// Join the evidence that the parts of a partitioned `prove` wrote
    MergeEvidence(merge_evidence::MergeEvidence),
    /// Make the documentation a book, with a page for each entry of the knowledge base
    Book(book::Book),
    /// Draft what a release of Wasmtime changed: entries for the knowledge base
    DraftRelease(draft_release::DraftRelease),
}

fn main() -> ExitCode {
    let xtask = Xtask::parse();
    match xtask.chore {
        Chore::Upgrade(command) => cli::run(&command, &xtask.global, Program::Xtask).into(),
        Chore::Test => test::run(),
        Chore::NewMigration(args) => new_migration::run(&args),
        Chore::MergeEvidence(args) => merge_evidence::run(&args),
        Chore::Book(args) => book::run(&args),
        Chore::DraftRelease(args) => draft_release::run(&args),
    }
}
