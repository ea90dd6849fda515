//! `report`: one page about one project.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use jiff::civil::Date;

use super::CheckArgs;
use super::output::Session;
use crate::analysis::Analysis;
use crate::check;
use crate::error::{Error, ExitCode, Result};
use crate::finding::Exposure;
use crate::knowledge::{Entry, Knowledge};
use crate::report::CheckReport;
use crate::report::html::{self, Standing, Subject};
use crate::version::{FamilyVersion, Line};
use crate::workspace::Workspace;

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade report --html wasmtime.html
  wasmtime-upgrade report --html wasmtime.html services/a
  wasmtime-upgrade report --html - --manifest-path Cargo.toml > wasmtime.html")]
pub struct ReportArgs {
    /// Folder to report on, with every workspace below it [default: this one]
    #[arg(value_name = "ROOT")]
    pub root: Option<Utf8PathBuf>,
    /// Where the page goes; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub html: Utf8PathBuf,
    /// The policy
    /// [default: wasmtime-upgrade.toml or .config/wasmtime-upgrade.toml in the root]
    #[arg(long, value_name = "PATH")]
    pub config: Option<Utf8PathBuf>,
    /// Judge as if it were this day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub as_of: Option<Date>,
}

/// Writes the page. It is no gate: whatever stands in it, the end is a good one.
pub(super) fn run(session: &Session<'_>, args: &ReportArgs) -> Result<ExitCode> {
    let as_check = CheckArgs {
        roots: args.root.iter().cloned().collect(),
        roots_from: None,
        fail_on: None,
        config: args.config.clone(),
        as_of: args.as_of,
    };
    let (report, knowledge) = super::check::judged(session, &as_check)?;
    let standings = standings(session, &report, knowledge)?;
    let subject = Subject {
        name: &name_of(&report, &standings),
        standings: &standings,
    };
    let page = html::page(&report, &subject, knowledge, &session.style);
    if args.html == "-" {
        session.result(&page);
        return Ok(ExitCode::Clean);
    }
    let path = session.absolute(&args.html)?;
    if let Some(folder) = path.parent() {
        session
            .world
            .create_dir(folder)
            .map_err(|error| Error::io("create", folder, error))?;
    }
    session
        .world
        .write(&path, page.as_bytes())
        .map_err(|error| Error::io("write", &path, error))?;
    session.step("Wrote", args.html.as_str());
    Ok(ExitCode::Clean)
}

/// The workspaces that use Wasmtime, with what they would be exposed to.
fn standings(
    session: &Session<'_>,
    report: &CheckReport,
    knowledge: &Knowledge,
) -> Result<Vec<Standing>> {
    let project = &report.project;
    let mut standings = Vec::new();
    for workspace in &project.workspaces {
        let analysis = Analysis::of(session.world, project, workspace, knowledge)?;
        let Some(release) = analysis.current_release(&knowledge.family).cloned() else {
            continue;
        };
        let exposure = |entry: &Entry, release: &FamilyVersion| {
            check::exposure(project, workspace, &analysis, knowledge, entry, release)
        };
        let root = project.shown(workspace.folder());
        standings.push(Standing {
            name: workspace_name(workspace, &root),
            rust_version: workspace.rust_version().map(|(version, _)| version.clone()),
            exposures: exposures(knowledge, &release, &exposure),
            release,
            root,
        });
    }
    Ok(standings)
}

/// What holds on the releases from the one in use on. The answer is the same for all releases of a
/// line.
fn exposures(
    knowledge: &Knowledge,
    from: &FamilyVersion,
    exposure: &dyn Fn(&Entry, &FamilyVersion) -> Exposure,
) -> BTreeMap<(Line, String), Exposure> {
    let mut exposures = BTreeMap::new();
    let releases = knowledge.releases.iter().map(|release| &release.version);
    for release in releases.filter(|release| release.line() >= from.line()) {
        let line = release.line();
        for entry in knowledge.affecting(release) {
            exposures
                .entry((line, entry.id.clone()))
                .or_insert_with(|| exposure(entry, release));
        }
    }
    exposures
}

/// The package, or the folder of a workspace without one.
fn workspace_name(workspace: &Workspace, shown: &str) -> String {
    let package = workspace.root().package.clone();
    let folder = || match shown {
        "." => workspace.folder().file_name().unwrap_or(shown).to_owned(),
        shown => shown.to_owned(),
    };
    package.unwrap_or_else(folder)
}

fn name_of(report: &CheckReport, standings: &[Standing]) -> String {
    match standings {
        [one] => one.name.clone(),
        _ => {
            let root: &Utf8Path = &report.project.root;
            root.file_name().unwrap_or(root.as_str()).to_owned()
        }
    }
}
