//! One package that requires crates of the family on different lines.

use std::collections::BTreeMap;

use super::{Draft, Ground, Reported, lines_of, shown};
use crate::analysis::Use;
use crate::check::built_in::SIBLINGS_APART;
use crate::finding::{Evidence, Exposure};
use crate::version::FamilyVersion;
use crate::workspace::Purpose;

/// A crate whose types are of another line than those of the crate that it works on.
struct Apart<'a> {
    sibling: &'a Use,
    /// The crate whose types the sibling needs, or another sibling where that is not required.
    other: &'a Use,
    exposure: Exposure,
    /// Why it is not more than possible.
    doubt: Option<&'static str>,
}

/// Findings, each at the requirement that is to be moved, and what they speak of.
pub(super) fn drafts(ground: &Ground<'_>) -> (Vec<Draft>, Reported) {
    let mut reported = Reported::new();
    // Members that inherit a requirement share its place, and one finding.
    let mut places = BTreeMap::<_, Vec<Apart<'_>>>::new();
    for manifest in 0..ground.workspace.manifests.len() {
        for apart in in_package(ground, manifest) {
            let used = apart.sibling;
            // What follows from it for other rules is about Wasmtime's types, not Cranelift's.
            if types_of(ground, used) == Some("wasmtime") {
                reported.insert((manifest, used.release.line()));
            }
            let key = (used.stated_in, used.span, apart.other.release.line());
            places.entry(key).or_default().push(apart);
        }
    }
    let drafts = places.into_values().filter_map(|mut aparts| {
        crate::order::sort_by_key(&mut aparts, |apart| std::cmp::Reverse(apart.exposure));
        let users: Vec<&str> = aparts
            .iter()
            .map(|apart| ground.name(apart.sibling.manifest))
            .collect();
        Some(draft(ground, aparts.first()?, &users))
    });
    (drafts.collect(), reported)
}

fn in_package<'a>(ground: &'a Ground<'_>, manifest: usize) -> Vec<Apart<'a>> {
    // A build script is a program of its own: nothing passes between it and the package.
    let mut groups = BTreeMap::<_, Vec<&Use>>::new();
    for used in ground.uses_of(manifest) {
        if let Some(types_of) = types_of(ground, used) {
            let key = (used.purpose == Purpose::Build, types_of);
            groups.entry(key).or_default().push(used);
        }
    }
    let groups = groups.into_iter();
    groups
        .flat_map(|((_, types_of), uses)| in_group(types_of, &uses))
        .collect()
}

/// The crate whose types a crate of the family works on; a crate that others work on is its own.
fn types_of<'a>(ground: &'a Ground<'_>, used: &Use) -> Option<&'a str> {
    let member = ground.knowledge.family.get(&used.package)?;
    Some(member.types_of.as_deref().unwrap_or(&member.name))
}

fn in_group<'a>(types_of: &str, uses: &[&'a Use]) -> Vec<Apart<'a>> {
    let (cores, siblings): (Vec<&Use>, Vec<&Use>) =
        uses.iter().partition(|used| used.package == types_of);
    let mut found = Vec::new();
    for sibling in &siblings {
        let line = sibling.release.line();
        if cores.iter().any(|core| core.release.line() == line) {
            continue; // a set that is complete, whatever other one stands beside it
        }
        let others = if cores.is_empty() { &siblings } else { &cores };
        let newest = others.iter().max_by_key(|other| &other.release);
        let Some(other) = newest.filter(|other| {
            // Among siblings alone, the newest is what the others are to be moved to.
            other.release.line() != line
        }) else {
            continue;
        };
        let (exposure, doubt) = judge(sibling, other, &siblings, cores.is_empty());
        found.push(Apart {
            sibling,
            other,
            exposure,
            doubt,
        });
    }
    found
}

fn judge(
    sibling: &Use,
    other: &Use,
    siblings: &[&Use],
    without_core: bool,
) -> (Exposure, Option<&'static str>) {
    let (one, two) = (lines_of(sibling), lines_of(other));
    let in_common = one.start() <= two.end() && two.start() <= one.end();
    let twice = siblings
        .iter()
        .any(|used| used.package == sibling.package && used.release.line() == other.release.line());
    let doubt = if in_common {
        Some("both requirements admit one line in common, but cargo takes the newest for each")
    } else if twice {
        Some("it is required on both lines, under two names")
    } else if without_core {
        Some("whether values pass between them can't be told")
    } else if sibling.purpose == Purpose::Dev || other.purpose == Purpose::Dev {
        Some("they meet in tests, examples and benches only")
    } else {
        None
    };
    match doubt {
        Some(_) => (Exposure::Possible, doubt),
        None => (Exposure::Affected, None),
    }
}

fn draft(ground: &Ground<'_>, apart: &Apart<'_>, users: &[&str]) -> Draft {
    let (sibling, other) = (apart.sibling, apart.other);
    let more = match users.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let doubt = match apart.doubt {
        Some(doubt) => format!("; {doubt}"),
        None => String::new(),
    };
    Draft {
        id: SIBLINGS_APART,
        exposure: apart.exposure,
        title: format!(
            "`{}` is of line {}, `{}` of line {}",
            sibling.package,
            sibling.release.line(),
            other.package,
            other.release.line()
        ),
        package: sibling.package.clone(),
        version: sibling.release.0.clone(),
        location: ground.place_of(sibling),
        evidence: vec![Evidence {
            label: format!("{} is required here", shown(ground, other)),
            location: ground.place_of(other),
        }],
        why: format!(
            "`{}`{more} requires {} and {}: each line has types of its own, and those of one do not fit the other{doubt}",
            users[0],
            shown(ground, sibling),
            shown(ground, other),
        ),
        help: help(ground, sibling, other),
    }
}

/// The older of the two moves, unless the newer line has no such crate.
fn help(ground: &Ground<'_>, sibling: &Use, other: &Use) -> String {
    let (older, newer) = match sibling.release < other.release {
        true => (sibling, other),
        false => (other, sibling),
    };
    let line = newer.release.line();
    let target = FamilyVersion::new(line.0, 0);
    match ground.requirement_for(&older.package, &target) {
        Some(requirement) => format!(
            "require `{}` as \"{requirement}\", or bring the whole family to one line: {}",
            older.package,
            ground.upgrade_to(line)
        ),
        None => {
            let last = ground.knowledge.family.get(&older.package);
            let last = last.and_then(|member| member.until);
            let last = last.map_or_else(String::new, |last| format!(" (its last one is {last})"));
            let family = &ground.knowledge.family;
            let follows = family.successor_in(&older.package, line).is_some();
            let next = match family.replacement_in(&older.package, line) {
                Some(replaced) => format!(
                    "require `{}` in its place (`upgrade` does it)",
                    replaced.new.name
                ),
                None if follows => "take the crate that follows it".to_owned(),
                None => "replace it".to_owned(),
            };
            format!(
                "`{}` has no release in line {line}{last}: {next}, or keep the family on line {}",
                older.package,
                older.release.line()
            )
        }
    }
}
