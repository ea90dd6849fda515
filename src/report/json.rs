//! Reports for programs. Only what stands here is promised to them.

use jiff::civil::Date;
use serde::Serialize;

use super::sources::SourcesDocument;
use super::{CheckReport, JSON_VERSION, LookedAt, tool};
use crate::apply::Committed;
use crate::edit::EditRecord;
use crate::error::Error;
use crate::finding::Finding;
use crate::followups::FollowUp;
use crate::init::InitPlan;
use crate::knowledge::Knowledge;
use crate::plan::{ManualStep, Plan};
use crate::rehearse::Rehearsal;
use crate::upgrade::compare::{Comparison, TargetRow};
use crate::upgrade::{LockChange, Outcome, StepDone, UpgradeReport, Verification};
use crate::version::FamilyVersion;
use crate::workspace::{NotLookedAt, relative_to};

/// The document of `check`.
#[derive(Serialize)]
pub struct CheckDocument<'a> {
    version: u32,
    tool: String,
    #[serde(flatten)]
    sources: SourcesDocument,
    root: &'a str,
    looked_at: LookedAt,
    policy: Option<&'a str>,
    waived: usize,
    waivers_expiring: usize,
    findings: &'a [Finding],
    not_looked_at: &'a [NotLookedAt],
}

impl<'a> CheckDocument<'a> {
    /// The document for one root.
    #[must_use]
    pub fn new(report: &'a CheckReport, knowledge: &Knowledge) -> Self {
        let policy = report.policy.as_ref();
        Self {
            version: JSON_VERSION,
            tool: tool(),
            sources: SourcesDocument::new(&knowledge.provenance, report.today),
            root: report.project.root.as_str(),
            looked_at: report.looked_at,
            policy: policy.map(|applied| applied.shown.as_str()),
            waived: policy.map_or(0, |applied| applied.waived),
            waivers_expiring: policy.map_or(0, |applied| applied.expiring),
            findings: &report.findings,
            not_looked_at: &report.not_looked_at,
        }
    }
}

/// What stands in the place of a root's document when the root could not be judged.
#[derive(Serialize)]
pub struct ErrorDocument<'a> {
    version: u32,
    tool: String,
    root: &'a str,
    error: ErrorPart,
}

#[derive(Serialize)]
struct ErrorPart {
    message: String,
    help: String,
    exit_code: u8,
}

impl<'a> ErrorDocument<'a> {
    /// The document for a root and what went wrong there.
    #[must_use]
    pub fn new(root: &'a str, error: &Error) -> Self {
        Self {
            version: JSON_VERSION,
            tool: tool(),
            root,
            error: ErrorPart {
                message: error.to_string(),
                help: error.help(),
                exit_code: error.exit_code() as u8,
            },
        }
    }
}

/// The document of `plan`: all targets side by side.
#[derive(Serialize)]
pub struct ComparisonDocument<'a> {
    version: u32,
    tool: String,
    #[serde(flatten)]
    sources: SourcesDocument,
    root: &'a str,
    workspace: &'a str,
    from: &'a FamilyVersion,
    targets: &'a [TargetRow],
    not_looked_at: &'a [NotLookedAt],
}

impl<'a> ComparisonDocument<'a> {
    /// The document for one workspace, judged for `today`.
    #[must_use]
    pub fn new(comparison: &'a Comparison, knowledge: &Knowledge, today: Date) -> Self {
        Self {
            version: JSON_VERSION,
            tool: tool(),
            sources: SourcesDocument::new(&knowledge.provenance, today),
            root: comparison.project.root.as_str(),
            workspace: &comparison.workspace,
            from: &comparison.from,
            targets: &comparison.targets,
            not_looked_at: &comparison.not_looked_at,
        }
    }
}

/// The document of `init`.
#[derive(Serialize)]
pub struct InitDocument<'a> {
    version: u32,
    tool: String,
    /// Whether the changes were made.
    written: bool,
    #[serde(flatten)]
    plan: &'a InitPlan,
    diff: String,
    notes_of_files: &'a [String],
}

impl<'a> InitDocument<'a> {
    /// The document for one workspace; without what was committed it was only planned.
    #[must_use]
    pub fn new(plan: &'a InitPlan, committed: Option<&'a Committed>) -> Self {
        let diffs = plan
            .changes
            .iter()
            .map(|change| change.diff(&relative_to(&plan.root, &change.path)));
        Self {
            version: JSON_VERSION,
            tool: tool(),
            written: committed.is_some(),
            plan,
            diff: diffs.collect(),
            notes_of_files: committed.map_or(&[], |committed| &committed.notes),
        }
    }
}

/// The document of `upgrade`: that of `check`, and what was done.
#[derive(Serialize)]
pub struct UpgradeDocument<'a> {
    #[serde(flatten)]
    check: CheckDocument<'a>,
    outcome: Outcome,
    plan: Option<&'a Plan>,
    edits: &'a [EditRecord],
    lockfile: &'a [LockChange],
    diff: String,
    verification: &'a Verification,
    steps: &'a [StepDone],
    remaining: &'a [ManualStep],
    changes: &'a [Finding],
    follow_ups: &'a [FollowUp],
    findings_after: Option<&'a [Finding]>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    rehearsal: Option<&'a Rehearsal>,
}

impl<'a> UpgradeDocument<'a> {
    /// The document for one workspace, and for its guests when they were rehearsed.
    #[must_use]
    pub fn new(
        report: &'a UpgradeReport,
        looked_at: LookedAt,
        knowledge: &Knowledge,
        rehearsal: Option<&'a Rehearsal>,
    ) -> Self {
        let plan = report.plan.as_ref();
        Self {
            check: CheckDocument {
                version: JSON_VERSION,
                tool: tool(),
                sources: SourcesDocument::new(&knowledge.provenance, report.today),
                root: report.project.root.as_str(),
                looked_at,
                // A move is judged without the project's exceptions.
                policy: None,
                waived: 0,
                waivers_expiring: 0,
                findings: &report.findings,
                not_looked_at: &report.not_looked_at,
            },
            outcome: report.outcome,
            plan,
            edits: plan.map_or(&[], |plan| &plan.edits),
            lockfile: &report.lockfile,
            diff: plan
                .map(|plan| plan.diff(&|path| report.project.shown(path)))
                .unwrap_or_default(),
            verification: &report.verification,
            steps: &report.steps,
            remaining: &report.remaining,
            changes: &report.changes,
            follow_ups: &report.follow_ups,
            findings_after: report.findings_after.as_deref(),
            notes: &report.notes,
            rehearsal,
        }
    }
}
