//! Reports for programs. Only what stands here is promised to them.

use serde::Serialize;

use super::{CheckReport, JSON_VERSION, LookedAt, knowledge_date, tool};
use crate::edit::EditRecord;
use crate::finding::Finding;
use crate::knowledge::Knowledge;
use crate::plan::{ManualStep, Plan};
use crate::upgrade::{LockChange, Outcome, UpgradeReport, Verification};
use crate::workspace::NotLookedAt;

/// The document of `check`.
#[derive(Serialize)]
pub struct CheckDocument<'a> {
    version: u32,
    tool: String,
    knowledge_date: String,
    root: &'a str,
    looked_at: LookedAt,
    findings: &'a [Finding],
    not_looked_at: &'a [NotLookedAt],
}

impl<'a> CheckDocument<'a> {
    /// The document for one root.
    #[must_use]
    pub fn new(report: &'a CheckReport, knowledge: &Knowledge) -> Self {
        Self {
            version: JSON_VERSION,
            tool: tool(),
            knowledge_date: knowledge_date(knowledge),
            root: report.project.root.as_str(),
            looked_at: report.looked_at,
            findings: &report.findings,
            not_looked_at: &report.not_looked_at,
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
    remaining: &'a [ManualStep],
    findings_after: Option<&'a [Finding]>,
    notes: &'a [String],
}

impl<'a> UpgradeDocument<'a> {
    /// The document for one workspace.
    #[must_use]
    pub fn new(report: &'a UpgradeReport, looked_at: LookedAt, knowledge: &Knowledge) -> Self {
        let plan = report.plan.as_ref();
        Self {
            check: CheckDocument {
                version: JSON_VERSION,
                tool: tool(),
                knowledge_date: knowledge_date(knowledge),
                root: report.project.root.as_str(),
                looked_at,
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
            remaining: &report.remaining,
            findings_after: report.findings_after.as_deref(),
            notes: &report.notes,
        }
    }
}
