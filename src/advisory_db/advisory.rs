//! One advisory file.

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::{cvss, ranges};
use crate::knowledge::{Condition, Confidence, Entry, FamilyCrate, Kind, Prose};

const OPENING: &str = "```toml\n";

/// What is wrong with a file, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) offset: usize,
    pub(super) message: String,
}

/// An advisory: an entry, unless it was withdrawn or is no report of a defect.
#[derive(Debug)]
pub(super) struct Advisory {
    pub(super) date: Date,
    pub(super) entry: Option<Entry>,
}

/// Other keys are none of our business: the format grows.
#[derive(Deserialize)]
struct Front {
    advisory: About,
    #[serde(default)]
    versions: Versions,
    #[serde(default)]
    affected: Affected,
}

#[derive(Deserialize)]
struct About {
    id: String,
    package: Spanned<String>,
    date: Spanned<String>,
    url: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    withdrawn: Option<String>,
    informational: Option<String>,
    cvss: Option<String>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<Spanned<String>>,
    #[serde(default)]
    unaffected: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
struct Affected {
    #[serde(default)]
    arch: Vec<String>,
    #[serde(default)]
    os: Vec<String>,
}

/// Reads an advisory about `member`.
pub(super) fn read(text: &str, member: &FamilyCrate) -> Result<Advisory, Failure> {
    let (front, prose) = split(text)?;
    let front: Front = toml::from_str(front).map_err(|error| Failure {
        offset: OPENING.len() + error.span().map_or(0, |span| span.start),
        message: error.message().trim().to_owned(),
    })?;
    let about = &front.advisory;
    if *about.package.get_ref() != member.name {
        return Err(at(
            &about.package,
            format!("the file lies with the advisories about `{}`", member.name),
        ));
    }
    let date = about
        .date
        .get_ref()
        .parse()
        .map_err(|error| at(&about.date, format!("no date: {error}")))?;
    let defect = !matches!(
        about.informational.as_deref(),
        Some("unmaintained" | "notice")
    );
    let entry = if about.withdrawn.is_none() && defect {
        Some(entry(&front, prose, member)?)
    } else {
        None
    };
    Ok(Advisory { date, entry })
}

/// The date of an advisory about whatever crate.
pub(super) fn date(text: &str) -> Option<Date> {
    let front: Front = toml::from_str(split(text).ok()?.0).ok()?;
    front.advisory.date.get_ref().parse().ok()
}

fn at<T>(place: &Spanned<T>, message: String) -> Failure {
    Failure {
        offset: OPENING.len() + place.span().start,
        message,
    }
}

/// The TOML and the Markdown behind it.
fn split(text: &str) -> Result<(&str, &str), Failure> {
    let failure = |message: &str| Failure {
        offset: 0,
        message: message.to_owned(),
    };
    let rest = text
        .strip_prefix(OPENING)
        .ok_or_else(|| failure("the file does not start with a line ```toml"))?;
    rest.split_once("\n```")
        .ok_or_else(|| failure("the block of TOML is not closed"))
}

fn entry(front: &Front, prose: &str, member: &FamilyCrate) -> Result<Entry, Failure> {
    let about = &front.advisory;
    let mut free = Vec::new();
    let mut fixed_in = Vec::new();
    for (requirement, patched) in (front.versions.patched.iter().map(|text| (text, true)))
        .chain(front.versions.unaffected.iter().map(|text| (text, false)))
    {
        let range = ranges::Range::parse(requirement.get_ref())
            .map_err(|message| at(requirement, message))?;
        if patched {
            fixed_in.extend(ranges::release(&range.from, member));
        }
        free.push(range);
    }
    fixed_in.sort();
    fixed_in.dedup();
    let title = prose
        .lines()
        .find_map(|line| line.strip_prefix("# "))
        .unwrap_or(&about.id);
    let remedy = if fixed_in.is_empty() {
        "read the advisory: no release fixes it"
    } else {
        "move to a release that fixes it"
    };
    let page = format!("https://rustsec.org/advisories/{}.html", about.id);
    Ok(Entry {
        id: about.id.clone(),
        kind: Kind::Advisory,
        aliases: about.aliases.clone(),
        severity: about.cvss.as_deref().and_then(cvss::severity),
        title: title.trim().to_owned(),
        package: member.name.clone(),
        affected: ranges::affected(&free, member),
        fixed_in,
        condition: condition(&front.affected),
        remedy: remedy.to_owned(),
        links: std::iter::once(page).chain(about.url.clone()).collect(),
        confidence: Confidence::Sourced,
        proof: None,
        moves_only: false,
        prose: Prose::Read(format!(
            "From the advisory database that was given; this program knows nothing of its own about it.\n\n{}",
            prose.trim_start_matches('`').trim()
        )),
    })
}

/// Architectures and systems are said exactly; what else it takes stands in prose only.
fn condition(affected: &Affected) -> Condition {
    let mut parts = Vec::new();
    if !affected.arch.is_empty() {
        parts.push(Condition::Arch(affected.arch.clone()));
    }
    if !affected.os.is_empty() {
        parts.push(Condition::Os(affected.os.clone()));
    }
    parts.push(Condition::Unknowable(
        "the project does what the advisory describes, which this program does not know".to_owned(),
    ));
    match parts.len() {
        1 => parts.remove(0),
        _ => Condition::All(parts),
    }
}
