//! `check`.

use camino::Utf8Path;

use super::CheckArgs;
use super::output::Session;
use crate::analysis::Analysis;
use crate::check;
use crate::error::{Error, ExitCode, Result};
use crate::report::json::CheckDocument;
use crate::report::{CheckReport, LookedAt, human};
use crate::workspace::{Project, Scope};

/// Judges every root. A root that can't be read does not keep the others from being judged; the
/// worst end of all is the program's.
pub(super) fn run(session: &Session<'_>, args: &CheckArgs) -> Result<ExitCode> {
    let scopes = scopes(session, args)?;
    let many = scopes.len() > 1;
    let mut worst = ExitCode::Clean;
    for scope in scopes {
        match check_one(session, &scope) {
            Ok(report) => {
                if session.json() {
                    session.document(&CheckDocument::new(&report, session.knowledge), many)?;
                } else {
                    session.result(&human::check(&report, session.knowledge, &session.style));
                }
                if report.fails(args.fail_on) {
                    worst = worst.max(ExitCode::Findings);
                }
            }
            Err(error) if many => worst = worst.max(session.fail(&error)),
            Err(error) => return Err(error),
        }
    }
    Ok(worst)
}

fn scopes(session: &Session<'_>, args: &CheckArgs) -> Result<Vec<Scope>> {
    if session.global.manifest_path.is_some() {
        if !args.roots.is_empty() {
            return Err(Error::usage(
                "--manifest-path means one workspace, and roots were named too",
                "give either",
            ));
        }
        return Ok(vec![Scope::WorkspaceOf(session.manifest_path()?)]);
    }
    if !args.roots.is_empty() {
        let roots = args
            .roots
            .iter()
            .map(|root| session.absolute(root).map(Scope::Tree));
        return roots.collect();
    }
    // Inside of a package, as deep as a user may stand, its workspace is meant.
    let here = session.absolute(Utf8Path::new("."))?;
    match session.world.kind(&here.join("Cargo.toml")) {
        Ok(Some(_)) => Ok(vec![Scope::Tree(here)]),
        _ => match Project::read(
            session.world,
            &Scope::Tree(here.clone()),
            &session.knowledge.family,
        ) {
            Err(Error::Usage { .. }) => Ok(vec![Scope::WorkspaceOf(session.manifest_path()?)]),
            _ => Ok(vec![Scope::Tree(here)]),
        },
    }
}

fn check_one(session: &Session<'_>, scope: &Scope) -> Result<CheckReport> {
    let knowledge = session.knowledge;
    let project = Project::read(session.world, scope, &knowledge.family)?;
    let today = session.world.today();
    let mut looked_at = LookedAt {
        rules: knowledge.rules(),
        ..LookedAt::default()
    };
    let mut findings = Vec::new();
    let mut not_looked_at = project.not_looked_at.clone();
    for workspace in &project.workspaces {
        let analysis = Analysis::of(session.world, &project, workspace, knowledge)?;
        looked_at.add(workspace, &analysis);
        findings.extend(check::check(
            &project, workspace, &analysis, knowledge, today,
        ));
        not_looked_at.extend(analysis.not_looked_at);
    }
    findings.sort_by(|a, b| (b.level, &a.location, &a.id).cmp(&(a.level, &b.location, &b.id)));
    not_looked_at.sort();
    not_looked_at.dedup();
    Ok(CheckReport {
        project,
        looked_at,
        findings,
        not_looked_at,
    })
}
