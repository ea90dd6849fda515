//! One page for people: where a project stands in the history of releases, what concerns it there,
//! and where it could go. It loads nothing, runs nothing and needs no network.
//!
//! The page is well-formed XML too, so that a test can read it with a parser that forgives nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::human::Style;
use super::words::counts;
use super::{CheckReport, counted, tool, words};
use crate::finding::{Exposure, Level};
use crate::knowledge::{Entry, Knowledge};
use crate::version::{FamilyVersion, Line, RustVersion};
use crate::workspace::NotLookedAt;

mod findings;
mod targets;
mod text;
mod timeline;

pub use targets::{Target, targets};

use text::{escaped, inline};

const CSS: &str = include_str!("html/style.css");

/// Where one workspace stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What to call it: its package, or its folder.
    pub name: String,
    /// Its folder, relative to the root.
    pub root: String,
    /// The oldest release in use.
    pub release: FamilyVersion,
    /// The oldest Rust that it promises to support.
    pub rust_version: Option<RustVersion>,
    /// Whether the workspace is exposed to an entry on the releases of a line that the entry
    /// affects, by line and id. What is missing is of no concern.
    pub exposures: BTreeMap<(Line, String), Exposure>,
}

impl Standing {
    /// Whether the workspace is exposed to the entry on a release that the entry affects.
    #[must_use]
    pub fn exposure(&self, entry: &Entry, release: &FamilyVersion) -> Exposure {
        let known = self.exposures.get(&(release.line(), entry.id.clone()));
        known.copied().unwrap_or(Exposure::NotAffected)
    }
}

/// What the page is about besides the findings.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The project's name.
    pub name: &'a str,
    /// Its workspaces that use Wasmtime.
    pub standings: &'a [Standing],
}

/// The whole page.
#[must_use]
pub fn page(
    report: &CheckReport,
    subject: &Subject<'_>,
    knowledge: &Knowledge,
    style: &Style,
) -> String {
    let places: Vec<(&Standing, Vec<Target>)> = subject
        .standings
        .iter()
        .map(|standing| (standing, targets(standing, knowledge, report.today)))
        .collect();
    let mut body = header(report, subject, knowledge);
    body.push_str(&targets::section(&places, style));
    body.push_str(&timeline::section(&places, knowledge, report.today));
    body.push_str(&findings::section(report, style));
    body.push_str(&looked_at(report, knowledge));
    let title = escaped(&format!("Wasmtime in {}", subject.name));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <title>{title}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn header(report: &CheckReport, subject: &Subject<'_>, knowledge: &Knowledge) -> String {
    let (class, verdict) = verdict(report, subject);
    let mut stands = String::new();
    for standing in subject.standings {
        let line = knowledge.releases.line(standing.release.line());
        let support = match line {
            Some(line) => text::support(line.supported_on(report.today), line.supported_until),
            None => "a line that is not known here".to_owned(),
        };
        let _ = writeln!(
            stands,
            "<li><b>{}</b> on Wasmtime <b>{}</b>, {support}</li>",
            escaped(&standing.name),
            escaped(&standing.release.to_string()),
        );
    }
    if !stands.is_empty() {
        stands = format!("<ul class=\"stands\">\n{stands}</ul>\n");
    }
    format!(
        "<header>\n<p class=\"over\">Wasmtime report</p>\n<h1>{}</h1>\n\
         <p class=\"verdict {class}\">{verdict}</p>\n{stands}<p class=\"soft\">{} · {} · what is known as of {}</p>\n</header>\n",
        escaped(subject.name),
        counts(&report.findings),
        text::day(report.today),
        text::day(knowledge.releases.date),
    )
}

/// How loud the page begins, and with what.
fn verdict(report: &CheckReport, subject: &Subject<'_>) -> (&'static str, String) {
    if subject.standings.is_empty() {
        let text = "No workspace here asks for a crate of the Wasmtime family.";
        return ("none", text.to_owned());
    }
    let of = |level| report.findings.iter().find(|f| f.level == level);
    let count = |level| report.findings.iter().filter(|f| f.level == level).count();
    let more = |level| match count(level) {
        0 | 1 => String::new(),
        many => format!(", and {} more", many - 1),
    };
    match (of(Level::Error), of(Level::Warning)) {
        (Some(error), _) => (
            "error",
            format!(
                "This project is concerned: {}{}.",
                inline(&error.title),
                more(Level::Error)
            ),
        ),
        (None, Some(warning)) => (
            "warning",
            format!(
                "To look at: {}{}.",
                inline(&warning.title),
                more(Level::Warning)
            ),
        ),
        (None, None) => (
            "none",
            "Nothing that is known concerns this project.".to_owned(),
        ),
    }
}

fn looked_at(report: &CheckReport, knowledge: &Knowledge) -> String {
    let mut list = String::new();
    for NotLookedAt { path, reason } in &report.not_looked_at {
        let _ = writeln!(
            list,
            "<li><code>{}</code>: {}</li>",
            escaped(path),
            inline(reason)
        );
    }
    if !list.is_empty() {
        list = format!(
            "<details>\n<summary>{} not looked at</summary>\n<ul>\n{list}</ul>\n</details>\n",
            counted(report.not_looked_at.len(), "place")
        );
    }
    format!(
        "<footer>\n<p>{}.</p>\n{list}<p class=\"soft\">Made by {}.</p>\n</footer>\n",
        inline(&words::summary(report, knowledge)),
        escaped(&tool()),
    )
}
