//! `check`.

use std::thread::available_parallelism;

use camino::Utf8Path;
use jiff::civil::Date;

use super::CheckArgs;
use super::output::Session;
use crate::analysis::Analysis;
use crate::check::{self, Terms};
use crate::config::{self, Ground, Policy};
use crate::error::{Error, ExitCode, Result};
use crate::finding::Level;
use crate::knowledge::Knowledge;
use crate::report::{CheckReport, Format, LookedAt};
use crate::workspace::{Project, Scope};

mod ordered;
mod output;
mod overview;
mod roots;

use output::{Output, Part};
use overview::{Overview, Tally};
use roots::Roots;

/// Judges every root. A root that can't be read does not keep the others from being judged; the
/// worst end of all is the program's.
pub(super) fn run(session: &Session<'_>, args: &CheckArgs) -> Result<ExitCode> {
    let roots = Roots::named_by(session, args)?;
    let gate = Gate::new(session, args, &roots)?;
    match &roots.scopes[..] {
        [scope] if !roots.many => {
            let verdict = gate.verdict(scope)?;
            let mut output = Output::new(session);
            output.add(verdict.part);
            output.finish()?;
            Ok(verdict.code)
        }
        scopes => all(&gate, scopes),
    }
}

/// The report on one root, for other commands, and the knowledge that it rests on.
pub(super) fn judged<'a>(
    session: &'a Session<'a>,
    args: &'a CheckArgs,
) -> Result<(CheckReport, &'a Knowledge)> {
    let roots = Roots::named_by(session, args)?;
    let gate = Gate::new(session, args, &roots)?;
    gate.judge(&roots.scopes[0])
}

/// Judges many roots at once and prints them in their order, each as soon as those before it are
/// out.
fn all(gate: &Gate<'_>, scopes: &[Scope]) -> Result<ExitCode> {
    let mut output = Output::new(gate.session);
    let mut worst = ExitCode::Clean;
    let mut used = vec![
        false;
        gate.shared
            .as_ref()
            .map_or(0, |policy| policy.waivers.len())
    ];
    let mut overview = Overview::default();
    let threads = available_parallelism().map_or(1, std::num::NonZero::get);
    ordered::each(
        scopes,
        threads,
        |scope| gate.verdict(scope),
        || Error::Process {
            message: "judging this root failed for a reason inside of this program".to_owned(),
            output: String::new(),
            help: "report this, with what was printed above".to_owned(),
        },
        |scope, verdict| match verdict {
            Ok(verdict) => {
                overview.add(scope.as_str(), Some(verdict.tally));
                output.add(verdict.part);
                worst = worst.max(verdict.code);
                for (used, here) in used.iter_mut().zip(verdict.used) {
                    *used |= here;
                }
            }
            Err(error) => {
                overview.add(scope.as_str(), None);
                output.add(Part::failed(gate.session, scope, &error));
                worst = worst.max(gate.session.fail(&error));
            }
        },
    );
    output.finish()?;
    if gate.session.global.format == Format::Human {
        gate.session.result(&overview.text());
    }
    for place in gate.shared.iter().flat_map(|policy| policy.unused(&used)) {
        gate.session.warn(&format!(
            "the waiver at {place} silences nothing in any of the roots that were judged"
        ));
    }
    Ok(worst)
}

/// How one root ended.
struct Verdict {
    /// What it adds to the output.
    part: Part,
    tally: Tally,
    code: ExitCode,
    /// For each waiver of the policy, whether it was used.
    used: Vec<bool>,
}

/// What all roots are judged by.
struct Gate<'a> {
    session: &'a Session<'a>,
    /// The fail level that was asked for.
    fail_on: Option<Level>,
    /// The policy that was named, for all roots.
    shared: Option<Policy>,
    today: Date,
    many: bool,
}

impl<'a> Gate<'a> {
    fn new(session: &'a Session<'a>, args: &CheckArgs, roots: &Roots) -> Result<Self> {
        let named = args.config.as_ref();
        let shared = named.map(|path| Policy::read(session.world, &session.absolute(path)?));
        Ok(Self {
            session,
            fail_on: args.fail_on,
            shared: shared.transpose()?,
            today: args.as_of.unwrap_or_else(|| session.world.today()),
            many: roots.many,
        })
    }

    fn verdict(&self, scope: &Scope) -> Result<Verdict> {
        let session = self.session;
        let (report, knowledge) = self.judge(scope)?;
        let part = Part::of(session, &report, knowledge, self.many)?;
        let code = if report.fails(report.fail_level(self.fail_on)) {
            ExitCode::Findings
        } else {
            ExitCode::Clean
        };
        let tally = Tally::of(&report);
        let used = report.policy.map(|applied| applied.used);
        self.leave(report.project);
        Ok(Verdict {
            part,
            tally,
            code,
            used: used.unwrap_or_default(),
        })
    }

    /// Lets go of what one root took. Behind a single one the process ends, which gives all memory back
    /// at once; to do it piece by piece before takes time for nothing.
    fn leave<T>(&self, done: T) {
        if self.many {
            drop(done);
        } else {
            std::mem::forget(done);
        }
    }

    /// The report on one root, and the knowledge that it rests on.
    fn judge(&self, scope: &Scope) -> Result<(CheckReport, &'a Knowledge)> {
        let (session, world) = (self.session, self.session.world);
        let project = Project::read(world, scope, &session.knowledge.family)?;
        let knowledge = session.knowledge_for(&project);
        let policy = match &self.shared {
            Some(policy) => Some(policy.clone()),
            None => Policy::find(world, &project.root)?,
        };
        let terms = Terms {
            today: self.today,
            support: policy.as_ref().map(|p| p.support).unwrap_or_default(),
        };
        let mut looked_at = LookedAt {
            rules: knowledge.rules(),
            ..LookedAt::default()
        };
        let mut findings = Vec::new();
        let mut not_looked_at = project.not_looked_at.clone();
        for workspace in &project.workspaces {
            let analysis = Analysis::of(world, &project, workspace, knowledge)?;
            looked_at.add(workspace, &analysis);
            findings.extend(check::check(
                &project, workspace, &analysis, knowledge, &terms,
            ));
            not_looked_at.extend(analysis.not_looked_at(&project, workspace));
            self.leave(analysis);
        }
        check::sort(&mut findings);
        not_looked_at.sort();
        not_looked_at.dedup();
        let ground = Ground {
            root: &project.root,
            knowledge,
            today: self.today,
            alone: self.shared.is_none() || !self.many,
        };
        let policy = policy.map(|policy| config::judge(policy, &mut findings, &ground));
        let report = CheckReport {
            today: self.today,
            project,
            looked_at,
            findings,
            not_looked_at,
            policy,
        };
        Ok((report, knowledge))
    }
}

/// What is meant when no root is named: inside of a package, as deep as a user may stand, its
/// workspace.
fn here(session: &Session<'_>) -> Result<Scope> {
    let here = session.absolute(Utf8Path::new("."))?;
    match session.world.kind(&here.join("Cargo.toml")) {
        Ok(Some(_)) => Ok(Scope::Tree(here)),
        _ => match Project::read(
            session.world,
            &Scope::Tree(here.clone()),
            &session.knowledge.family,
        ) {
            Err(Error::Usage { .. }) => Ok(Scope::WorkspaceOf(session.manifest_path()?)),
            _ => Ok(Scope::Tree(here)),
        },
    }
}
