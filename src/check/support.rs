//! Findings from the table of releases: the end of support, and lines without long support.

use jiff::civil::Date;

use super::built_in::{NOT_LTS, SUPPORT_ENDED, SUPPORT_ENDING};
use super::{Context, Terms};
use crate::finding::{Exposure, Finding};
use crate::knowledge::{Kind, Knowledge, LineFacts};

/// What the support of the line in use gives reason to say.
pub(super) fn findings(place: &Context<'_>, knowledge: &Knowledge, terms: &Terms) -> Vec<Finding> {
    let Some(line) = knowledge.releases.line(place.release.line()) else {
        return Vec::new();
    };
    if !line.supported_on(terms.today) {
        return vec![ended(place, knowledge, line, terms.today)];
    }
    let mut findings = Vec::new();
    let left = days_between(terms.today, line.supported_until);
    let warn_days = i64::from(terms.support.warn_days);
    // 0 turns it off; a supported line has a day left at least.
    if left <= warn_days {
        findings.push(ending(place, knowledge, line, terms, left));
    }
    if terms.support.lts_only && !line.lts {
        findings.push(not_lts(place, knowledge, line, terms.today));
    }
    findings
}

/// Days from one date to a later one; negative when it is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// What is found in a line after its end is not looked for there: whether an open defect concerns
/// the project is not known, so the exposure is `possible`.
fn ended(place: &Context<'_>, knowledge: &Knowledge, line: &LineFacts, today: Date) -> Finding {
    let other = lines(knowledge, |other| other.supported_on(today));
    finding(
        place,
        SUPPORT_ENDED,
        format!("Wasmtime {} is out of support", line.line),
        format!(
            "line {} gets no fixes since {}: what was found later stays open in it",
            line.line, line.supported_until
        ),
        format!("move to a supported line: {other}"),
    )
}

fn ending(
    place: &Context<'_>,
    knowledge: &Knowledge,
    line: &LineFacts,
    terms: &Terms,
    left: i64,
) -> Finding {
    let longer = lines(knowledge, |other| {
        days_between(terms.today, other.supported_until) > i64::from(terms.support.warn_days)
    });
    let help = if longer.is_empty() {
        "move to the next line as soon as it is published".to_owned()
    } else {
        format!("move to a line that is supported for longer: {longer}")
    };
    finding(
        place,
        SUPPORT_ENDING,
        format!("Wasmtime {} is out of support soon", line.line),
        format!(
            "line {} gets no fixes from {} on, {} from now",
            line.line,
            line.supported_until,
            crate::report::counted(usize::try_from(left).unwrap_or_default(), "day")
        ),
        help,
    )
}

fn not_lts(place: &Context<'_>, knowledge: &Knowledge, line: &LineFacts, today: Date) -> Finding {
    let long = lines(knowledge, |other| other.lts && other.supported_on(today));
    finding(
        place,
        NOT_LTS,
        format!("Wasmtime {} is no long-term release", line.line),
        format!(
            "line {} is supported until {} only, and the policy asks for long-term releases",
            line.line, line.supported_until
        ),
        format!("move to a long-term release: {long}"),
    )
}

/// The lines that are so, as a list.
fn lines(knowledge: &Knowledge, wanted: impl Fn(&LineFacts) -> bool) -> String {
    let numbers: Vec<String> = knowledge
        .releases
        .lines()
        .filter(|line| wanted(line))
        .map(|line| line.line.to_string())
        .collect();
    numbers.join(", ")
}

fn finding(place: &Context<'_>, id: &str, title: String, mut why: String, help: String) -> Finding {
    let (location, evidence) = place.locations();
    if let Some(basis) = place.basis() {
        why = format!("{why}; {basis}");
    }
    Finding {
        id: id.to_owned(),
        kind: Kind::Support,
        level: Exposure::Possible.level(),
        exposure: Exposure::Possible,
        title,
        package: "wasmtime".to_owned(),
        version: place.release.clone(),
        root: place.project.shown(place.workspace.folder()),
        location,
        evidence,
        why,
        help,
        fixed_in: Vec::new(),
        links: vec!["https://docs.wasmtime.dev/stability-release.html".to_owned()],
        waived: None,
    }
}
