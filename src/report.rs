//! What is said to the user: one model, several renderings.

use jiff::civil::Date;
use serde::Serialize;

use crate::analysis::Analysis;
use crate::config::Applied;
use crate::finding::{Finding, Level};
use crate::knowledge::Knowledge;
use crate::workspace::{NotLookedAt, Project, Workspace};

pub mod github;
pub mod html;
pub mod human;
pub mod json;
pub mod markdown;
mod place;
pub mod rehearsal;
pub mod sarif;
mod sources;
mod words;

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
    /// For code scanning: one SARIF 2.1.0 document for all roots; only `check`.
    Sarif,
    /// For GitHub Actions: annotations, and the job's summary; only `check`.
    Github,
    /// For pull requests: Markdown; only `check`, `upgrade`, `apply` and `rehearse`.
    Markdown,
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
        self.family_requirements += analysis.required().count();
        self.bindgen_invocations += analysis.invocations().count();
    }

    /// Counts what another root added. The rules are the same for all.
    pub fn merge(&mut self, other: &Self) {
        self.manifests += other.manifests;
        self.lockfiles += other.lockfiles;
        self.family_requirements += other.family_requirements;
        self.bindgen_invocations += other.bindgen_invocations;
        self.rules = self.rules.max(other.rules);
    }
}

/// The result of checking one root.
#[derive(Debug)]
pub struct CheckReport {
    /// The day that it was judged for.
    pub today: Date,
    /// The project as it was read, for paths and snippets.
    pub project: Project,
    /// What was looked at.
    pub looked_at: LookedAt,
    /// The findings, loudest first.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub not_looked_at: Vec<NotLookedAt>,
    /// The policy file that was used, and what it did; none where there is none.
    pub policy: Option<Applied>,
}

impl CheckReport {
    /// The text of a file that a finding points into, its path as the report shows it.
    #[must_use]
    pub fn text_of(&self, path: &str) -> Option<&str> {
        match &self.policy {
            Some(applied) if applied.shown == path => Some(&applied.policy.text),
            _ => human::text_of(&self.project, path),
        }
    }

    /// The level from which on findings fail the check: the one asked for on the command line, else
    /// the policy's, else errors.
    #[must_use]
    pub fn fail_level(&self, asked: Option<Level>) -> Level {
        let of_policy = || self.policy.as_ref()?.policy.fail_level;
        asked.or_else(of_policy).unwrap_or(Level::Error)
    }

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
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ => format!("{count} {what}s"),
    }
}
