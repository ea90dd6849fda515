//! What a SARIF document says of a rule, whatever project broke it.

use serde_json::{Value, json};

use crate::check::built_in::built_in;
use crate::finding::Finding;
use crate::knowledge::entry::Severity;
use crate::knowledge::{Entry, Kind, Knowledge};

/// The rule of a finding: an entry of the knowledge base, or one of the program's own.
pub(super) fn rule(finding: &Finding, knowledge: &Knowledge) -> Value {
    match knowledge.entry(&finding.id) {
        Some(entry) => of_entry(entry),
        None => of_program(finding),
    }
}

fn of_entry(entry: &Entry) -> Value {
    let affected: Vec<String> = entry.affected.iter().map(ToString::to_string).collect();
    let mut properties = json!({
        "tags": tags(entry.kind),
        "kind": entry.kind,
        "package": entry.package,
        "affected": affected,
        "fixedIn": entry.fixed_in,
        "aliases": entry.aliases,
        "confidence": entry.confidence,
    });
    if let Some(score) = entry.severity.and_then(score) {
        properties["security-severity"] = score.into();
    }
    let mut rule = json!({
        "id": entry.id,
        "name": entry.id,
        "shortDescription": { "text": entry.title },
        "fullDescription": { "text": first_paragraph(&entry.prose, &entry.title) },
        "help": {
            "text": format!("{}\n\nTo do: {}", entry.prose, entry.remedy),
            "markdown": format!("{}\n\n**To do:** {}", entry.prose, entry.remedy),
        },
        "defaultConfiguration": { "level": "error" },
        "properties": properties,
    });
    if let Some(link) = entry.links.first() {
        rule["helpUri"] = link.as_str().into();
    }
    rule
}

fn of_program(finding: &Finding) -> Value {
    let known = built_in(&finding.id);
    let title = known.map_or(finding.title.as_str(), |rule| rule.title);
    let prose = known.map_or(finding.why.as_str(), |rule| rule.prose);
    let mut rule = json!({
        "id": finding.id,
        "name": finding.id,
        "shortDescription": { "text": title },
        "fullDescription": { "text": prose },
        "help": { "text": prose, "markdown": prose },
        "defaultConfiguration": { "level": "warning" },
        "properties": { "tags": tags(finding.kind), "kind": finding.kind },
    });
    if let Some(link) = finding.links.first() {
        rule["helpUri"] = link.as_str().into();
    }
    rule
}

fn tags(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Advisory => vec!["security", "wasmtime", kind.word()],
        _ => vec!["wasmtime", kind.word()],
    }
}

/// A number for hosts that sort by CVSS, from the middle of what the published word stands for.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::None => None,
        Severity::Low => Some("2.0"),
        Severity::Moderate => Some("5.5"),
        Severity::High => Some("8.0"),
        Severity::Critical => Some("9.5"),
    }
}

/// The first paragraph, on one line.
fn first_paragraph(prose: &str, otherwise: &str) -> String {
    let first = prose.split("\n\n").next().unwrap_or_default().trim();
    match first {
        "" => otherwise.to_owned(),
        text => text.lines().map(str::trim).collect::<Vec<_>>().join(" "),
    }
}
