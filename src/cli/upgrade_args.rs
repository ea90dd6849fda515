//! Arguments of the commands that move a workspace, or plan to.

use camino::Utf8PathBuf;
use clap::Args;
use jiff::civil::Date;

use super::day;
use crate::migrate::ErrorStrategy;
use crate::target;
use crate::version::FamilyVersion;

/// How a move is guarded and proven.
#[derive(Clone, Debug, Default, Args)]
pub struct MoveArgs {
    /// Keep the result even when it does not compile
    #[arg(long)]
    pub keep: bool,
    /// Move without compiling
    #[arg(long)]
    pub no_verify: bool,
    /// Change files that have uncommitted changes, whatever version control says
    #[arg(long)]
    pub allow_dirty: bool,
    /// Change files whose changes are all staged
    #[arg(long)]
    pub allow_staged: bool,
    /// Change files that are under no version control
    #[arg(long)]
    pub allow_no_vcs: bool,
    /// Stop a run of cargo after this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Judge as if it were this day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
}

/// What is applied besides what is safe.
#[derive(Clone, Debug, Default, Args)]
pub struct IncludeArgs {
    /// Also make changes that may mean something else: `review` for all of them, or ids of
    /// migrations; without it their places are listed
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub include: Vec<String>,
    /// What becomes of errors where anyhow's meet Wasmtime's own, from 42 on
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub errors: ErrorStrategy,
}

/// Arguments of `upgrade`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade upgrade --dry-run
  wasmtime-upgrade upgrade --to 36
  wasmtime-upgrade upgrade --to latest --step
  wasmtime-upgrade upgrade --to 48 --include review
  wasmtime-upgrade upgrade --to 48 --rehearse 'plugins/*.wasm'
  wasmtime-upgrade upgrade --from 36             after a bot has raised the numbers
  wasmtime-upgrade upgrade --from-rev origin/main --format markdown
  wasmtime-upgrade upgrade --to 36.0.20 --allow-dirty --keep")]
pub struct UpgradeArgs {
    /// `patch` (the newest of the line in use), `fixed` (the least change that clears what the
    /// project is exposed to), `lts`, `latest`, or a release such as 36 or 36.0.20
    /// [default: fixed; with --from the release that the manifests name]
    #[arg(long, value_name = "TARGET")]
    pub to: Option<target::Request>,
    /// The release that the sources were made for, when the manifests name another one already:
    /// 36 or 36.0.20
    #[arg(long, value_name = "VERSION", value_parser = release)]
    pub from: Option<FamilyVersion>,
    /// The same, read from the lockfile or the manifests of a revision of git: HEAD, origin/main
    #[arg(long, value_name = "REV", conflicts_with = "from")]
    pub from_rev: Option<String>,
    /// One line at a time, each compiled before the next; ends at the last one that compiles
    #[arg(long, conflicts_with_all = ["no_verify", "keep"])]
    pub step: bool,
    /// Show the plan and the diff, write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// After a successful proof, run these guests under both releases and say what differs, as
    /// `rehearse` does
    #[arg(long, value_name = "GUEST", conflicts_with_all = ["dry_run", "no_verify"])]
    pub rehearse: Vec<String>,
    /// What is applied.
    #[command(flatten)]
    pub included: IncludeArgs,
    /// How it is guarded and proven.
    #[command(flatten)]
    pub moving: MoveArgs,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade plan                          all targets side by side
  wasmtime-upgrade plan --to 40 --format json
  wasmtime-upgrade plan --to lts -o plan.json    for `wasmtime-upgrade apply plan.json`")]
pub struct PlanArgs {
    /// A target to compare with the usual ones, or to write a plan for [default there: fixed]
    #[arg(long, value_name = "TARGET")]
    pub to: Option<target::Request>,
    /// The release that the sources were made for, when the manifests name another one already
    #[arg(long, value_name = "VERSION", value_parser = release)]
    pub from: Option<FamilyVersion>,
    /// What is applied.
    #[command(flatten)]
    pub included: IncludeArgs,
    /// Write the plan for one target to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<Utf8PathBuf>,
    /// Judge as if it were this day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade plan --to 36 -o plan.json
  wasmtime-upgrade apply plan.json")]
pub struct ApplyArgs {
    /// What `plan --output` has written; `-` is standard input
    #[arg(value_name = "PLAN")]
    pub plan: Utf8PathBuf,
    /// How it is guarded and proven.
    #[command(flatten)]
    pub moving: MoveArgs,
}

/// Arguments of `undo`.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// Also restore files that were edited since; the edited bytes are kept aside
    #[arg(long)]
    pub force: bool,
}

/// `36` or `36.0.20`.
pub(super) fn release(text: &str) -> Result<FamilyVersion, String> {
    let wrong = || format!("`{text}` is no release such as 36 or 36.0.20");
    match text.parse::<target::Request>() {
        Ok(target::Request::Line(line)) => Ok(FamilyVersion::new(line.0, 0)),
        Ok(target::Request::Exact(version)) => Ok(version),
        _ => Err(wrong()),
    }
}
