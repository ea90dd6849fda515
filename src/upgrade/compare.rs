//! All targets side by side: what each clears, what stays open, what it costs.

use serde::Serialize;

use super::reading::Reading;
use super::{Progress, UpgradeRequest};
use crate::error::Result;
use crate::finding::Exposure;
use crate::knowledge::Knowledge;
use crate::target::{self, Choice, Request, Situation};
use crate::version::{FamilyVersion, RustVersion};
use crate::workspace::{NotLookedAt, Project};
use crate::world::World;

/// The targets that are always compared.
const ALWAYS: [Request; 4] = [
    Request::Patch,
    Request::Fixed,
    Request::Lts,
    Request::Latest,
];

/// What a target would mean.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prospect {
    /// The release.
    pub release: FamilyVersion,
    /// Why this one.
    pub reason: String,
    /// The Rust that it needs.
    pub rust_version: RustVersion,
    /// The last day before its line is out of support, and whether it is not yet.
    pub supported: bool,
    /// The day on which support of its line ends.
    pub supported_until: Option<String>,
    /// What the project is exposed to now and would not be there.
    pub clears: Vec<String>,
    /// What it would be exposed to there.
    pub still_open: Vec<String>,
    /// What could not be ruled out there.
    pub not_ruled_out: Vec<String>,
    /// Edits that the tool makes by itself.
    pub edits: usize,
    /// Files that they are in.
    pub files: usize,
    /// Steps that are left to a person.
    pub by_hand: usize,
}

/// One target with its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetRow {
    /// As `--to` takes it.
    pub target: String,
    /// What it would mean; none when there is nothing to do or it can't be had.
    pub prospect: Option<Prospect>,
    /// Why there is no prospect.
    pub refused: Option<String>,
}

/// The comparison for one workspace.
#[derive(Debug)]
pub struct Comparison {
    /// The project as it was read.
    pub project: Project,
    /// The workspace's folder, relative to the root.
    pub workspace: String,
    /// The release in use.
    pub from: FamilyVersion,
    /// The targets.
    pub targets: Vec<TargetRow>,
    /// What was not looked at.
    pub not_looked_at: Vec<NotLookedAt>,
}

/// Compares the usual targets, and the one that was asked for.
///
/// # Errors
/// A project that can't be read.
pub fn compare(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Comparison> {
    let reading = Reading::of(world, knowledge, request)?;
    reading.tell(world, progress);
    let asked = request
        .target
        .iter()
        .filter(|asked| !ALWAYS.contains(asked));
    let requests: Vec<&Request> = ALWAYS.iter().chain(asked).collect();
    let targets = reading.weigh(world, knowledge, request, |situation| {
        let rows = requests.into_iter();
        rows.map(|request| row(world, request, situation, &reading, knowledge))
            .collect()
    });
    Ok(Comparison {
        workspace: reading.project.shown(reading.workspace().folder()),
        from: reading.from.clone(),
        targets,
        not_looked_at: reading.not_looked_at(),
        project: reading.project,
    })
}

fn row(
    world: &dyn World,
    request: &Request,
    situation: &Situation<'_>,
    reading: &Reading,
    knowledge: &Knowledge,
) -> TargetRow {
    let answer = target::choose(request, situation)
        .map_err(|error| error.to_string())
        .and_then(|choice| {
            let choice = choice.ok_or(
                "nothing to do: the project is there already, or nothing better can be had",
            )?;
            prospect(world, choice, situation, reading, knowledge)
        });
    let (prospect, refused) = match answer {
        Ok(prospect) => (Some(prospect), None),
        Err(reason) => (None, Some(reason)),
    };
    TargetRow {
        target: request.to_string(),
        prospect,
        refused,
    }
}

fn prospect(
    world: &dyn World,
    choice: Choice,
    situation: &Situation<'_>,
    reading: &Reading,
    knowledge: &Knowledge,
) -> Result<Prospect, String> {
    let now = situation.open_on(&reading.from, Exposure::Affected);
    let then = situation.open_on(&choice.release, Exposure::Affected);
    let clears = now.difference(&then).map(|id| (*id).to_owned()).collect();
    let plan = reading
        .plan(world, knowledge, choice)
        .map_err(|error| error.to_string())?;
    let line = knowledge.releases.line(plan.choice.release.line());
    Ok(Prospect {
        clears,
        supported_until: line.map(|line| line.supported_until.to_string()),
        edits: plan.edits.len(),
        files: plan.files.len(),
        by_hand: plan.remaining.len(),
        release: plan.choice.release,
        reason: plan.choice.reason,
        rust_version: plan.choice.rust_version,
        supported: plan.choice.supported,
        still_open: plan.choice.still_open,
        not_ruled_out: plan.choice.not_ruled_out,
    })
}
