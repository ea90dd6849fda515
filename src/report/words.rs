//! Sentences that several formats have in common.

use super::human::looked_at;
use super::{CheckReport, counted};
use crate::finding::{Finding, Level};
use crate::knowledge::{Kind, Knowledge};

/// `1 error, 2 warnings, 0 notes`, and how much is waived.
pub(super) fn counts(findings: &[Finding]) -> String {
    let count = |level| {
        let of_level = |f: &&Finding| f.level == level && f.waived.is_none();
        findings.iter().filter(of_level).count()
    };
    let waived = match findings.iter().filter(|f| f.waived.is_some()).count() {
        0 => String::new(),
        waived => format!(", {waived} waived"),
    };
    format!(
        "{}, {}, {}{waived}",
        counted(count(Level::Error), "error"),
        counted(count(Level::Warning), "warning"),
        counted(count(Level::Note), "note"),
    )
}

/// The counts, and what was looked at to come to them.
pub(super) fn summary(report: &CheckReport, knowledge: &Knowledge) -> String {
    let counts = counts(&report.findings);
    let looked_at = looked_at(&report.looked_at, knowledge);
    match &report.policy {
        Some(applied) => format!("{counts}; {looked_at}; policy {}", applied.shown),
        None => format!("{counts}; {looked_at}"),
    }
}

/// What a finding is about: `wasmtime 32.0.0`, or the policy file.
pub(super) fn subject(finding: &Finding) -> String {
    match finding.kind {
        Kind::Policy => "the policy file".to_owned(),
        _ => format!("{} {}", finding.package, finding.version),
    }
}

/// The judgement and its reason. A policy is not exposed to anything.
pub(super) fn verdict(finding: &Finding) -> String {
    match finding.kind {
        Kind::Policy => finding.why.clone(),
        _ => format!("{}: {}", finding.exposure.word(), finding.why),
    }
}

/// `waived through 2026-12-31: because`, when it is.
pub(super) fn waived(finding: &Finding) -> Option<String> {
    let waived = finding.waived.as_ref()?;
    Some(format!(
        "waived through {}: {}",
        waived.until, waived.reason
    ))
}
