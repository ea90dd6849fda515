//! The history of releases as a picture: a row for each line, time from left to right.
//!
//! Places in time are percentages and everything else is in pixels, so that the picture gets
//! narrower without its text getting smaller. What the picture says stands in a table below it too.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::Standing;
use super::targets::{Target, newest_of, open_on};
use super::text::escaped;
use crate::finding::Exposure;
use crate::knowledge::{Entry, Kind, Knowledge, LineFacts, Release};
use crate::version::FamilyVersion;

mod legend;

/// Where the rows begin; the years stand above. In pixels, as all that follows.
const TOP: u32 = 26;
/// A row without labels.
const ROW: u32 = 30;
/// What a label adds to its row.
const LABEL: u32 = 18;
/// Below the rows: the day of the report.
const BOTTOM: u32 = 22;
/// How far into the future the picture goes, in days.
const AHEAD: i32 = 240;
/// How many ids the text of a mark names.
const NAMED: usize = 8;
/// A name longer than this is cut, in characters: a label must fit into a narrow phone.
const LONGEST_NAME: usize = 12;
/// Labels of what lies further to the right than this end at their mark, in percent. They may reach
/// below the names of the lines, and there is no such room on the right.
const LEFT: f64 = 40.0;

/// One line with what is said about it.
struct Row<'a> {
    facts: &'a LineFacts,
    releases: Vec<(Date, &'a Release)>,
    labels: Vec<Label>,
    top: u32,
}

/// Text under a release, and the ring around it.
struct Label {
    release: FamilyVersion,
    class: &'static str,
    text: String,
}

impl Row<'_> {
    fn height(&self) -> u32 {
        ROW + LABEL * u32::try_from(self.labels.len()).unwrap_or(0)
    }

    /// The middle of the bar.
    fn middle(&self) -> u32 {
        self.top + ROW / 2
    }
}

/// Days as places.
struct Axis {
    from: Date,
    to: Date,
}

impl Axis {
    /// In percent of the picture's width.
    fn place(&self, day: Date) -> f64 {
        let days = |to: Date| self.from.until(to).map_or(0, |span| span.get_days());
        let whole = f64::from(days(self.to).max(1));
        (f64::from(days(day)) / whole * 100.0).clamp(0.0, 100.0)
    }
}

/// The part of the page.
pub(super) fn section(
    places: &[(&Standing, Vec<Target>)],
    knowledge: &Knowledge,
    today: Date,
) -> String {
    let rows = rows(places, knowledge);
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return String::new();
    };
    let starts = rows.iter().filter_map(|row| Some(row.releases.first()?.0));
    let from = starts.min().unwrap_or(today);
    let later = |day: Date, days: i32| day.saturating_add(jiff::Span::new().days(days));
    let axis = Axis {
        from: later(from, -20),
        to: later(today, AHEAD),
    };
    let height = last.top + last.height() + BOTTOM;
    let mut labels = String::new();
    let mut picture = grid(&axis, today, height);
    for row in &rows {
        let lts = if row.facts.lts { " <b>LTS</b>" } else { "" };
        let _ = writeln!(
            labels,
            "<li style=\"height:{}px\">{}{lts}</li>",
            row.height(),
            row.facts.line
        );
        picture.push_str(&drawn(row, &axis, places, knowledge, today));
    }
    format!(
        "<section>\n<h2>Releases and their support</h2>\n<div class=\"timeline\">\n\
         <ol class=\"lines\" aria-hidden=\"true\" style=\"padding-top:{TOP}px\">\n{labels}</ol>\n\
         <svg class=\"plot\" role=\"img\" aria-label=\"Release lines {} to {} over time; the table below says the same\" width=\"100%\" height=\"{height}\">\n\
         {}{picture}</svg>\n</div>\n{}{}</section>\n",
        first.facts.line,
        last.facts.line,
        legend::SHAPES,
        legend::legend(&rows),
        legend::table(&rows, places, knowledge, today),
    )
}

/// The lines from the oldest one in use on.
fn rows<'a>(places: &[(&Standing, Vec<Target>)], knowledge: &'a Knowledge) -> Vec<Row<'a>> {
    let oldest = places
        .iter()
        .map(|(standing, _)| standing.release.line())
        .min();
    let mut top = TOP;
    let lines = knowledge.releases.lines();
    let lines = lines.filter(|line| oldest.is_none_or(|oldest| line.line >= oldest));
    let mut rows = Vec::new();
    for facts in lines {
        let releases = knowledge.releases.iter().filter(|release| {
            release.version.line() == facts.line && !release.version.is_prerelease()
        });
        let dated = releases.filter_map(|release| Some((release.published?, release)));
        let row = Row {
            facts,
            releases: dated.collect(),
            labels: labels(places, facts),
            top,
        };
        top += row.height();
        rows.push(row);
    }
    rows
}

/// What is written under the releases of a line: who stands there, who could go there.
fn labels(places: &[(&Standing, Vec<Target>)], facts: &LineFacts) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut add = |release: &FamilyVersion, class: &'static str, what: &str| {
        if release.line() == facts.line {
            let text = format!("{what} {release}");
            if !labels.iter().any(|label| label.text == text) {
                labels.push(Label {
                    release: release.clone(),
                    class,
                    text,
                });
            }
        }
    };
    for (standing, _) in places {
        add(&standing.release, "here", &shortened(&standing.name));
    }
    for (_, targets) in places {
        for target in targets {
            for label in &target.labels {
                add(&target.release, "there", label);
            }
        }
    }
    labels
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name.to_owned(),
    }
}

/// The years and the day of the report.
fn grid(axis: &Axis, today: Date, height: u32) -> String {
    let mut text = String::new();
    let bottom = height - BOTTOM;
    for year in axis.from.year() + 1..=axis.to.year() {
        let Ok(day) = Date::new(year, 1, 1) else {
            continue;
        };
        let x = axis.place(day);
        let _ = writeln!(
            text,
            "<line class=\"year\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"4\" y2=\"{bottom}\"/>"
        );
        // At the very end there is no room for it.
        if x < 90.0 {
            let _ = writeln!(
                text,
                "<text class=\"soft\" x=\"{x:.2}%\" dx=\"5\" y=\"14\">{year}</text>"
            );
        }
    }
    let x = axis.place(today);
    let (anchor, dx) = if x > 50.0 {
        ("end", "-4")
    } else {
        ("start", "4")
    };
    let _ = writeln!(
        text,
        "<line class=\"today\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"4\" y2=\"{}\"/>\n\
         <text class=\"soft\" x=\"{x:.2}%\" dx=\"{dx}\" y=\"{}\" text-anchor=\"{anchor}\">{today}</text>",
        height - 2,
        height - 6
    );
    text
}

fn drawn(
    row: &Row<'_>,
    axis: &Axis,
    places: &[(&Standing, Vec<Target>)],
    knowledge: &Knowledge,
    today: Date,
) -> String {
    let mut text = String::new();
    let middle = row.middle();
    let Some((first, _)) = row.releases.first() else {
        return text;
    };
    let (from, to) = (axis.place(*first), axis.place(row.facts.supported_until));
    let class = match (row.facts.supported_on(today), row.facts.lts) {
        (false, _) => "ended",
        (true, true) => "supported lts",
        (true, false) => "supported",
    };
    let _ = writeln!(
        text,
        "<rect class=\"bar {class}\" x=\"{from:.2}%\" y=\"{}\" width=\"{:.2}%\" height=\"10\" rx=\"3\"><title>Wasmtime {}: fixes until {}</title></rect>",
        middle - 5,
        (to - from).max(0.3),
        row.facts.line,
        row.facts.supported_until
    );
    for (day, release) in &row.releases {
        let x = axis.place(*day);
        text.push_str(&marks(x, middle, release, places, knowledge));
    }
    for (place, label) in row.labels.iter().enumerate() {
        let known = row
            .releases
            .iter()
            .find(|(_, r)| r.version == label.release);
        let x = axis.place(known.map_or(*first, |(day, _)| *day));
        let y = row.top + ROW + LABEL * u32::try_from(place).unwrap_or(0) + 11;
        let (anchor, dx) = if x > LEFT {
            ("end", "8")
        } else {
            ("start", "-8")
        };
        let _ = writeln!(
            text,
            "<use href=\"#ring\" class=\"{0}\" x=\"{x:.2}%\" y=\"{middle}\"/>\n\
             <text class=\"label {0}\" x=\"{x:.2}%\" dx=\"{dx}\" y=\"{y}\" text-anchor=\"{anchor}\">{1}</text>",
            label.class,
            escaped(&label.text)
        );
    }
    text
}

/// A release: a tick on the bar, a mark above it when advisories concern somebody here, one below
/// for everything else.
fn marks(
    x: f64,
    middle: u32,
    release: &Release,
    places: &[(&Standing, Vec<Target>)],
    knowledge: &Knowledge,
) -> String {
    let (advisories, others): (Vec<&Entry>, Vec<&Entry>) = knowledge
        .affecting(&release.version)
        .partition(|entry| entry.kind == Kind::Advisory);
    let published = release.published.map(|day| format!(", {day}"));
    let (class, unserved) = match release.unserved {
        true => ("tick unserved", ", not served by the registry yet"),
        false => ("tick", ""),
    };
    let mut text = format!(
        "<rect class=\"{class}\" x=\"{x:.2}%\" y=\"{}\" width=\"2\" height=\"10\"><title>{}{}{}</title></rect>\n",
        middle - 5,
        escaped(&release.version.to_string()),
        published.unwrap_or_default(),
        unserved,
    );
    for (shape, y, entries) in [
        ("advisory", middle - 10, advisories),
        ("problem", middle + 10, others),
    ] {
        let worst = entries
            .iter()
            .map(|entry| worst(entry, release, places))
            .max();
        let Some(worst) = worst else { continue };
        let _ = writeln!(
            text,
            "<use href=\"#{shape}\" class=\"{}\" x=\"{x:.2}%\" y=\"{y}\"><title>{}</title></use>",
            worst.word(),
            escaped(&told(release, &entries, places))
        );
    }
    text
}

/// The worst that an entry means for anybody here.
fn worst(entry: &Entry, release: &Release, places: &[(&Standing, Vec<Target>)]) -> Exposure {
    let of = |standing: &Standing| standing.exposure(entry, &release.version);
    let exposures = places.iter().map(|(standing, _)| of(standing));
    exposures.max().unwrap_or(Exposure::NotAffected)
}

fn told(release: &Release, entries: &[&Entry], places: &[(&Standing, Vec<Target>)]) -> String {
    let concerning: Vec<String> = entries
        .iter()
        .filter_map(|entry| match worst(entry, release, places) {
            Exposure::NotAffected => None,
            exposure => Some(format!("{} ({})", entry.id, exposure.word())),
        })
        .collect();
    let others = entries.len() - concerning.len();
    let more = match concerning.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("{more} more, "),
    };
    let named = concerning.iter().take(NAMED);
    format!(
        "{}: {}{more}{others} that do not concern this project",
        release.version,
        named.map(|id| format!("{id}, ")).collect::<String>()
    )
}

/// How many entries concern a workspace on a release: for sure, and perhaps.
fn concerning(
    standing: &Standing,
    knowledge: &Knowledge,
    release: &FamilyVersion,
) -> (usize, usize) {
    let open: Vec<Exposure> = open_on(standing, knowledge, release)
        .map(|(_, exposure)| exposure)
        .collect();
    let sure = open.iter().filter(|e| **e == Exposure::Affected).count();
    (sure, open.len() - sure)
}
