//! The command line: clap definitions, and from argument values to a plain request.
//!
//! People who have an xtask of their own on clap flatten [`Command`] and [`GlobalArgs`] into it and
//! call [`run`]; everybody else calls [`main`].

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum as _};
use jiff::civil::Date;

use crate::error::{Error, ExitCode};
use crate::finding::Level;
use crate::report::Format;
use crate::report::human::Program;
use crate::world::RealWorld;
use crate::world::real::install_interrupt_handler;

mod check;
mod init;
mod installed;
mod knowledge;
mod knowledge_sources;
mod output;
mod panic;
mod plan;
mod prove;
mod rehearse;
mod rehearse_args;
pub mod report;
mod start;
mod summary;
mod upgrade;
mod upgrade_args;

pub use init::InitArgs;
pub use installed::{CompletionsArgs, ManArgs};
pub use knowledge_sources::KnowledgeArgs;
pub use rehearse_args::RehearseArgs;
pub use start::{cargo_main, main, nested_exit};
pub use upgrade_args::{ApplyArgs, IncludeArgs, MoveArgs, PlanArgs, UndoArgs, UpgradeArgs};

use knowledge_sources::Sources;

const EXAMPLES: &str = "\
Examples:
  wasmtime-upgrade init --dry-run             what a set-up of this workspace would be
  wasmtime-upgrade check                      judge every workspace below this folder
  wasmtime-upgrade upgrade --dry-run          show where to go, why, and the diff
  wasmtime-upgrade upgrade                    move, compile, and restore if that fails
  wasmtime-upgrade upgrade --to lts           the newest long-term release
  wasmtime-upgrade plan                       where it could go, all targets side by side
  wasmtime-upgrade rehearse --to 48 'plugins/*.wasm'   run guests under both releases
  wasmtime-upgrade undo                       take the last upgrade back

Exit codes:
  0  clean: no finding at or above the fail level, nothing left to do
  1  findings at or above the fail level
  2  wrong arguments, or a project file that can't be understood
  3  the tool could not finish: cargo, the disk, a permission
  4  upgraded, but the verification failed: everything was restored
  5  upgraded, but steps for a person remain";

/// Finds known regressions in a project's Wasmtime, moves it to a fixed release and proves it with
/// the compiler.
#[derive(Debug, Parser)]
#[command(name = "wasmtime-upgrade", version = installed::version(), after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Box<GlobalArgs>,
    /// What to do.
    #[command(subcommand)]
    pub command: Task,
}

impl Cli {
    /// Does what it says and ends the process, as a part of an xtask that has commands of its own:
    /// `Wasmtime(wasmtime_upgrade::cli::Cli)` in its enum, `cargo xtask wasmtime ..` for its users. It
    /// fits into a `match` of any type, whatever `main` returns.
    pub fn exit(self) -> ! {
        std::process::exit(self.run_as(Program::NestedXtask) as i32)
    }

    fn run_as(&self, program: Program) -> ExitCode {
        match &self.command {
            Task::Command(command) => run(command, &self.global, program),
            Task::Completions(args) => installed::completions(args),
            Task::Man(args) => installed::man(&self.global, program, args),
        }
    }
}

/// What to do: what an xtask can do too, and what only a program needs that is installed.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// A command that concerns projects.
    #[command(flatten)]
    Command(Command),
    /// Print what completes this program's arguments in a shell
    Completions(CompletionsArgs),
    /// Print this program's manual page, or write all its pages to a folder
    Man(ManArgs),
}

/// Options of every command.
#[derive(Clone, Debug, Default, Args)]
pub struct GlobalArgs {
    /// Manifest of the workspace [default: the nearest Cargo.toml upwards]
    #[arg(long, value_name = "PATH", global = true)]
    pub manifest_path: Option<Utf8PathBuf>,
    /// How the result is printed, on standard output
    #[arg(long, value_enum, default_value_t, global = true)]
    pub format: Format,
    /// Colour [default: auto; NO_COLOR and CARGO_TERM_COLOR are respected]
    #[arg(long, value_enum, value_name = "WHEN", global = true)]
    pub color: Option<clap::ColorChoice>,
    /// No progress on standard error
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also notes, and all that cargo prints
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Run cargo without network; `check` never needs one
    #[arg(long, global = true)]
    pub offline: bool,
    /// Fail rather than change a lockfile
    #[arg(long, global = true)]
    pub locked: bool,
    /// What projects are judged by, besides what is built in.
    #[command(flatten)]
    pub sources: KnowledgeArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set a workspace up: an xtask, a hook, a workflow, a policy, files for version bots
    Init(Box<InitArgs>),
    /// Judge projects without changing them; starts no cargo and uses no network
    Check(CheckArgs),
    /// Move a workspace to a fixed release and prove that it compiles
    Upgrade(Box<UpgradeArgs>),
    /// Compare where a workspace could go, or write the plan of a move to a file
    Plan(PlanArgs),
    /// Carry out a plan that was written to a file
    Apply(ApplyArgs),
    /// Run guests under the release in use and a target, and say what differs
    Rehearse(Box<RehearseArgs>),
    /// Take the last upgrade back, or what is left of one that was killed
    Undo(UndoArgs),
    /// Say all that is known about a finding
    Explain(ExplainArgs),
    /// List what is known
    List(ListArgs),
    /// Confirm what is known with the compiler, on real releases
    Prove(ProveArgs),
    /// Make one page about a project: releases, findings, where it could go
    Report(report::ReportArgs),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade check
  wasmtime-upgrade check services/a services/b --format json
  wasmtime-upgrade check --manifest-path Cargo.toml --fail-on warning
  wasmtime-upgrade check --roots-from repositories.txt --config policy.toml --format json")]
pub struct CheckArgs {
    /// Folders to judge, each with every workspace below it [default: this one]
    #[arg(value_name = "ROOT")]
    pub roots: Vec<Utf8PathBuf>,
    /// A list of more folders to judge: one a line, seen from here; lines with `#` are comments
    #[arg(long, value_name = "FILE")]
    pub roots_from: Option<Utf8PathBuf>,
    /// The level from which on findings fail the check
    /// [default: `fail-level` of the policy, else error]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<Level>,
    /// The policy for all roots
    /// [default: wasmtime-upgrade.toml or .config/wasmtime-upgrade.toml in each root]
    #[arg(long, value_name = "PATH")]
    pub config: Option<Utf8PathBuf>,
    /// Judge as if it were this day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
}

/// A day as it stands on the command line.
fn day(text: &str) -> Result<Date, String> {
    let wrong = || "not a day as in 2026-12-31".to_owned();
    // The parser also takes times and other spellings, which would be dropped without a word.
    if text.len() != "2026-12-31".len() {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id of a finding, as `check` and `list` print it
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum, default_value_t)]
    pub what: Listing,
}

/// What `list` lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Listing {
    /// What `check` holds a project against.
    #[default]
    Rules,
    /// Every published release, with its toolchain and support.
    Releases,
    /// What releases changed in sources, and what `upgrade` does about it.
    Migrations,
}

/// Arguments of `prove`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade prove
  wasmtime-upgrade prove --release 32.0.0 --release 33.0.0 --force
  wasmtime-upgrade prove --partition count:2/4 --evidence part-2")]
pub struct ProveArgs {
    /// The proofs to run, or migrations whose blocks they hold [default: all]
    #[arg(value_name = "PROOF")]
    pub proofs: Vec<String>,
    /// Only these releases
    #[arg(long, value_name = "VERSION")]
    pub release: Vec<crate::version::FamilyVersion>,
    /// Only a part, for several machines: count:I/N
    #[arg(long, value_name = "PART")]
    pub partition: Option<crate::prove::Partition>,
    /// Also what has fresh evidence
    #[arg(long)]
    pub force: bool,
    /// Where the scratch packages and the shared target folder go
    /// [default: target/wasmtime-upgrade-prove]
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<Utf8PathBuf>,
    /// Where everything is compiled [default: `target` in the work dir]
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<Utf8PathBuf>,
    /// The folder of the evidence files
    /// [default: knowledge/evidence where there is one, else `evidence` in the work dir]
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<Utf8PathBuf>,
}

/// Some formats only say what `check` says. Another command must not print something else instead.
fn format_refused(command: &Command, format: Format) -> Option<Error> {
    let everywhere = matches!(format, Format::Human | Format::Json);
    let moves = matches!(command, Command::Upgrade(_) | Command::Apply(_));
    let tells = moves || matches!(command, Command::Rehearse(_));
    let for_all = everywhere || tells && format == Format::Markdown;
    if for_all || matches!(command, Command::Check(_)) {
        return None;
    }
    let value = format.to_possible_value()?;
    let (who, instead) = match tells {
        true => ("`check` alone", "human, json or markdown"),
        false if format == Format::Markdown => (
            "`check`, `upgrade`, `apply` and `rehearse`",
            "human or json",
        ),
        false => ("`check` alone", "human or json"),
    };
    Some(Error::usage(
        format!("--format {} is for {who}", value.get_name()),
        format!("use --format {instead}"),
    ))
}

/// Does what the arguments say. Results go to standard output, progress and errors to standard
/// error.
#[must_use]
pub fn run(command: &Command, global: &GlobalArgs, program: Program) -> ExitCode {
    panic::caught(global, program, || run_command(command, global, program))
}

fn run_command(command: &Command, global: &GlobalArgs, program: Program) -> ExitCode {
    if matches!(
        command,
        Command::Init(_)
            | Command::Upgrade(_)
            | Command::Apply(_)
            | Command::Undo(_)
            | Command::Prove(_)
            | Command::Rehearse(_)
    ) {
        // Only what restores on Ctrl-C catches it; where it can't be caught, the journal helps.
        let _ = install_interrupt_handler();
    }
    let world = RealWorld::new();
    let session = output::Session::new(&world, global, program);
    let sources = match Sources::of(&session) {
        Ok(sources) => sources,
        Err(error) => return session.fail(&error),
    };
    let session = session.with(&sources);
    if let Some(error) = format_refused(command, global.format) {
        return session.fail(&error);
    }
    let result = match command {
        Command::Init(args) => init::run(&session, args),
        Command::Check(args) => check::run(&session, args),
        Command::Upgrade(args) => upgrade::run(&session, args),
        Command::Plan(args) => plan::run(&session, args),
        Command::Apply(args) => plan::apply(&session, args),
        Command::Rehearse(args) => rehearse::run(&session, args),
        Command::Undo(args) => upgrade::undo(&session, args),
        Command::Explain(args) => knowledge::explain(&session, args),
        Command::List(args) => knowledge::list(&session, args),
        Command::Prove(args) => prove::run(&session, args),
        Command::Report(args) => report::run(&session, args),
    };
    result.unwrap_or_else(|error| session.fail(&error))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_has_what_it_says() {
        // A flag can't change unseen.
        let mut text = Cli::command().render_long_help().to_string();
        for mut command in Cli::command()
            .get_subcommands()
            .cloned()
            .collect::<Vec<_>>()
        {
            text.push_str(&format!("\n\n=== {} ===\n", command.get_name()));
            text.push_str(&command.render_long_help().to_string());
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_exit_codes_of_the_help_are_those_of_the_program() {
        for (code, meaning) in ExitCode::ALL {
            assert!(
                EXAMPLES.contains(&format!("{}  {meaning}", code as u8)),
                "{meaning}"
            );
        }
    }
}
