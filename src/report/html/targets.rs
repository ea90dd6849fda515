//! Where a workspace could go, and what it would be rid of there.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::Standing;
use super::text::{escaped, support};
use crate::check::SUPPORT_ENDED;
use crate::finding::Exposure;
use crate::knowledge::{Entry, Kind, Knowledge, LineFacts, Release};
use crate::report::counted;
use crate::report::human::Style;
use crate::version::{FamilyVersion, Line, RustVersion};

/// How many ids a card names before it says how many more there are.
const NAMED: usize = 4;

/// A release that a workspace could move to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Why one would go there; several reasons can lead to the same release.
    pub labels: Vec<&'static str>,
    /// The release.
    pub release: FamilyVersion,
    /// The Rust that it needs.
    pub rust_version: RustVersion,
    /// The first day without fixes for its line.
    pub supported_until: Date,
    /// Whether fixes are made for it now.
    pub supported: bool,
    /// Whether its line is a long-term one.
    pub lts: bool,
    /// What concerns the workspace now and would not there.
    pub clears: Vec<String>,
    /// What concerns it there, with what is new among it.
    pub open: Vec<Open>,
    /// What behaves differently there on purpose.
    pub changes: Vec<String>,
}

/// Something that would concern the workspace on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The id of the entry.
    pub id: String,
    /// How sure that is.
    pub exposure: Exposure,
    /// Whether it does not concern the workspace now.
    pub new: bool,
}

/// The releases worth a look, the nearest first: the newest patch of the present line, the nearest
/// supported line that leaves the least open, the newest long-term release, the newest of all.
#[must_use]
pub fn targets(standing: &Standing, knowledge: &Knowledge, today: Date) -> Vec<Target> {
    let here = &standing.release;
    let newer = |line: &LineFacts| newest_of(knowledge, line.line).filter(|r| r.version > *here);
    let lines = || knowledge.releases.lines();
    let patch = lines().find(|line| line.line == here.line());
    let supported = lines().filter(|line| line.line >= here.line() && line.supported_on(today));
    let nearest = supported
        .filter_map(newer)
        .min_by_key(|release| weight(standing, knowledge, &release.version));
    let lts = lines().rev().filter(|line| line.lts).find_map(newer);
    let latest = lines().rev().find_map(newer);
    let wanted = [
        ("newest patch", patch.and_then(newer)),
        ("nearest fix", nearest),
        ("long-term", lts),
        ("latest", latest),
    ];
    let mut targets: Vec<Target> = Vec::new();
    for (label, release) in wanted {
        let Some(release) = release else { continue };
        match targets.iter_mut().find(|t| t.release == release.version) {
            Some(target) => target.labels.push(label),
            None => targets.extend(target(label, release, standing, knowledge, today)),
        }
    }
    crate::order::sort_by(&mut targets, |a, b| a.release.cmp(&b.release));
    targets
}

/// The newest release of a line that cargo can pick.
pub(super) fn newest_of(knowledge: &Knowledge, line: Line) -> Option<&Release> {
    knowledge
        .releases
        .iter()
        .rev()
        .find(|release| release.version.line() == line && release.selectable())
}

/// What is wrong with a release for a workspace.
pub(super) fn open_on<'a>(
    standing: &'a Standing,
    knowledge: &'a Knowledge,
    release: &'a FamilyVersion,
) -> impl Iterator<Item = (&'a Entry, Exposure)> {
    concerning(standing, knowledge, release)
        .filter(|(entry, _)| entry.kind != Kind::BehaviourChange)
}

fn loudest_first<'a>(
    standing: &'a Standing,
    knowledge: &'a Knowledge,
    release: &'a FamilyVersion,
) -> Vec<(&'a Entry, Exposure)> {
    let mut open: Vec<_> = open_on(standing, knowledge, release).collect();
    crate::order::sort_by_key(&mut open, |(_, exposure)| std::cmp::Reverse(*exposure));
    open
}

/// The same, with what changed on purpose: no other release repairs that.
fn concerning<'a>(
    standing: &'a Standing,
    knowledge: &'a Knowledge,
    release: &'a FamilyVersion,
) -> impl Iterator<Item = (&'a Entry, Exposure)> {
    knowledge
        .affecting(release)
        .map(|entry| (entry, standing.exposure(entry, release)))
        .filter(|(_, exposure)| *exposure > Exposure::NotAffected)
}

/// What behaves differently on `release` and does not yet here.
fn changes(standing: &Standing, knowledge: &Knowledge, release: &FamilyVersion) -> Vec<String> {
    concerning(standing, knowledge, release)
        .filter(|(entry, _)| entry.kind == Kind::BehaviourChange)
        .filter(|(entry, _)| !entry.affects(&standing.release))
        .map(|(entry, _)| entry.id.clone())
        .collect()
}

/// How much is left open: first what is sure, then what may be.
fn weight(standing: &Standing, knowledge: &Knowledge, release: &FamilyVersion) -> (usize, usize) {
    let open: Vec<Exposure> = open_on(standing, knowledge, release)
        .map(|(_, exposure)| exposure)
        .collect();
    let affected = open.iter().filter(|e| **e == Exposure::Affected).count();
    (affected, open.len() - affected)
}

fn target(
    label: &'static str,
    release: &Release,
    standing: &Standing,
    knowledge: &Knowledge,
    today: Date,
) -> Option<Target> {
    let line = knowledge.releases.line(release.version.line())?;
    let now: Vec<&str> = loudest_first(standing, knowledge, &standing.release)
        .into_iter()
        .map(|(entry, _)| entry.id.as_str())
        .collect();
    let open: Vec<Open> = loudest_first(standing, knowledge, &release.version)
        .into_iter()
        .map(|(entry, exposure)| Open {
            id: entry.id.clone(),
            exposure,
            new: !now.contains(&entry.id.as_str()),
        })
        .collect();
    let stays = |id: &str| open.iter().any(|open| open.id == id);
    let mut clears: Vec<String> = now
        .iter()
        .filter(|id| !stays(id))
        .map(|id| (*id).to_owned())
        .collect();
    let ended = knowledge
        .releases
        .line(standing.release.line())
        .is_some_and(|line| !line.supported_on(today));
    if ended && line.supported_on(today) {
        clears.push(SUPPORT_ENDED.to_owned());
    }
    Some(Target {
        labels: vec![label],
        release: release.version.clone(),
        rust_version: line.rust_version.clone(),
        supported_until: line.supported_until,
        supported: line.supported_on(today),
        lts: line.lts,
        clears,
        open,
        changes: changes(standing, knowledge, &release.version),
    })
}

/// The part of the page.
pub(super) fn section(places: &[(&Standing, Vec<Target>)], style: &Style) -> String {
    if places.is_empty() {
        return String::new();
    }
    let mut text = "<section>\n<h2>Where it could go</h2>\n".to_owned();
    for (standing, targets) in places {
        if places.len() > 1 {
            let _ = writeln!(text, "<h3>{}</h3>", escaped(&standing.name));
        }
        if targets.is_empty() {
            let newest = "<p>It is on the newest release that is known.</p>\n";
            text.push_str(newest);
            continue;
        }
        text.push_str("<div class=\"cards\">\n");
        for target in targets {
            text.push_str(&card(standing, target, style));
        }
        text.push_str("</div>\n");
    }
    text.push_str("</section>\n");
    text
}

fn card(standing: &Standing, target: &Target, style: &Style) -> String {
    let lts = if target.lts { " · LTS" } else { "" };
    let support = support(target.supported, target.supported_until);
    let rust = match &standing.rust_version {
        Some(promised) if *promised < target.rust_version => format!(
            "needs Rust {}; <code>rust-version</code> here is {promised}",
            target.rust_version
        ),
        _ => format!("needs Rust {}", target.rust_version),
    };
    let clears: Vec<String> = target.clears.iter().map(|id| named(id, "")).collect();
    let open: Vec<String> = target
        .open
        .iter()
        .map(|open| match (open.exposure, open.new) {
            (Exposure::Affected, true) => named(&open.id, " (new)"),
            (Exposure::Affected, false) => named(&open.id, ""),
            (_, true) => named(&open.id, " (possible, new)"),
            (_, false) => named(&open.id, " (possible)"),
        })
        .collect();
    let changes: Vec<String> = target.changes.iter().map(|id| named(id, "")).collect();
    let changes = match changes.is_empty() {
        true => String::new(),
        false => ids("changes", "Changes on purpose:", "entry", &changes, ""),
    };
    let manifest = match standing.root.as_str() {
        "." => String::new(),
        root => format!(" --manifest-path {root}/Cargo.toml"),
    };
    let command = format!(
        "{} upgrade --to {}{manifest}",
        style.program.command(),
        target.release
    );
    format!(
        "<article class=\"card\">\n<p class=\"over\">{}</p>\n<h3>{}<span class=\"soft\">{lts}</span></h3>\n\
         <p class=\"soft\">{support}<br/>{rust}</p>\n{}{}{changes}<pre class=\"command\">{}</pre>\n</article>\n",
        target.labels.join(", "),
        escaped(&target.release.to_string()),
        ids(
            "clears",
            "Clears",
            "matter",
            &clears,
            "nothing that concerns this project"
        ),
        ids(
            "leaves",
            "Leaves open",
            "matter",
            &open,
            "nothing that is known"
        ),
        escaped(&command),
    )
}

fn named(id: &str, remark: &str) -> String {
    format!("<li><code>{}</code>{remark}</li>", escaped(id))
}

fn ids(class: &str, title: &str, what: &str, ids: &[String], none: &str) -> String {
    if ids.is_empty() {
        return format!("<p class=\"{class}\"><b>{title}</b> {none}</p>\n");
    }
    let shown = ids.len().min(NAMED);
    let mut list = ids[..shown].join("\n");
    if shown < ids.len() {
        let _ = write!(
            list,
            "\n</ul>\n<details>\n<summary>{} more</summary>\n<ul class=\"ids\">\n{}\n</ul>\n</details>\n",
            ids.len() - shown,
            ids[shown..].join("\n")
        );
    } else {
        list.push_str("\n</ul>\n");
    }
    format!(
        "<p class=\"{class}\"><b>{title}</b> {}</p>\n<ul class=\"ids\">\n{list}",
        counted(ids.len(), what)
    )
}
