//! What is said to the user: one model, several renderings.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::finding::{Finding, Level};
use crate::knowledge::Knowledge;
use crate::workspace::{NotLookedAt, Project, Workspace};

pub mod human;
pub mod json;

/// The version of the JSON documents. A change that could break a reader raises it.
pub const JSON_VERSION: u32 = 1;

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs: JSON, alone on standard output.
    Json,
}

/// What a check looked at: a gate must never pass by doing nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LookedAt {
    /// Manifests read.
    pub manifests: usize,
    /// Lockfiles read.
    pub lockfiles: usize,
    /// Requirements on crates of the family.
    pub family_requirements: usize,
    /// Invocations of `bindgen!`.
    pub bindgen_invocations: usize,
    /// Rules that the project was held against.
    pub rules: usize,
}

impl LookedAt {
    /// Counts what one workspace added.
    pub fn add(&mut self, workspace: &Workspace, analysis: &Analysis) {
        self.manifests += workspace.manifests.len();
        self.lockfiles += usize::from(workspace.lockfile.is_some());
        self.family_requirements += analysis.uses.len();
        self.bindgen_invocations += analysis.invocations().count();
    }
}

/// The result of checking one root.
#[derive(Debug)]
pub struct CheckReport {
    /// The project as it was read, for paths and snippets.
    pub project: Project,
    /// What was looked at.
    pub looked_at: LookedAt,
    /// The findings, loudest first.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub not_looked_at: Vec<NotLookedAt>,
}

impl CheckReport {
    /// Whether any finding is at or above `level`.
    #[must_use]
    pub fn fails(&self, level: Level) -> bool {
        self.findings.iter().any(|finding| finding.level >= level)
    }
}

/// The name and version of this program, as reports carry them.
#[must_use]
pub fn tool() -> String {
    format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
}

/// The day of the newest fact in the knowledge base.
#[must_use]
pub fn knowledge_date(knowledge: &Knowledge) -> String {
    knowledge.releases.date.to_string()
}

/// `1 manifest`, `2 manifests`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        return format!("1 {what}");
    }
    match what.strip_suffix('y') {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {what}s"),
    }
}
