//! `init`.

use clap::Args;

use super::output::Session;
use crate::apply::GuardOptions;
use crate::error::{ExitCode, Result};
use crate::init::{self, InitRequest, Piece, Source, Wanted};
use crate::report::human;
use crate::report::json::InitDocument;

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade init --dry-run
  wasmtime-upgrade init
  wasmtime-upgrade init --only policy,workflow
  wasmtime-upgrade init --with renovate,bot-branch --without pre-commit
  wasmtime-upgrade init --source git:https://github.com/OWNER/wasmtime-upgrade@REV")]
pub struct InitArgs {
    /// These pieces and no others [default: xtask, alias, policy; pre-commit and workflow where the
    /// repository has a place for them]
    #[arg(long, value_enum, value_name = "PIECE", value_delimiter = ',')]
    pub only: Vec<Piece>,
    /// These pieces too
    #[arg(long, value_enum, value_name = "PIECE", value_delimiter = ',')]
    pub with: Vec<Piece>,
    /// Not these pieces
    #[arg(long, value_enum, value_name = "PIECE", value_delimiter = ',')]
    pub without: Vec<Piece>,
    /// Where the xtask takes this library from: version:REQUIREMENT, git:URL, git:URL@REV or
    /// path:FOLDER [default: the release of this program]
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<Source>,
    /// Show the changes, write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Change files that have uncommitted changes, whatever version control says
    #[arg(long)]
    pub allow_dirty: bool,
    /// Change files whose changes are all staged
    #[arg(long)]
    pub allow_staged: bool,
    /// Change files that are under no version control
    #[arg(long)]
    pub allow_no_vcs: bool,
}

pub(super) fn run(session: &Session<'_>, args: &InitArgs) -> Result<ExitCode> {
    let source = match args.source.clone().unwrap_or_default() {
        Source::Path(folder) => Source::Path(session.absolute(&folder)?),
        other => other,
    };
    let request = InitRequest {
        manifest_path: session.manifest_path()?,
        wanted: Wanted {
            only: args.only.iter().copied().collect(),
            with: args.with.iter().copied().collect(),
            without: args.without.iter().copied().collect(),
        },
        source,
    };
    let plan = init::plan(session.world, session.knowledge, &request)?;
    let committed = match args.dry_run {
        true => None,
        false => Some(init::carry_out(
            session.world,
            &plan,
            &GuardOptions {
                allow_dirty: args.allow_dirty,
                allow_staged: args.allow_staged,
                allow_no_vcs: args.allow_no_vcs || args.allow_dirty,
            },
        )?),
    };
    if session.json() {
        session.document(&InitDocument::new(&plan, committed.as_ref()), false)?;
    } else {
        session.result(&human::init(&plan, committed.as_ref(), &session.style));
    }
    match plan.by_hand.is_empty() {
        true => Ok(ExitCode::Clean),
        false => Ok(ExitCode::ManualStepsRemain),
    }
}
