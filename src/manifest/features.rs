//! Cargo features that the target's line calls otherwise, or does not have: the lists of
//! dependencies, and what the package's own `[features]` turn on.

use super::replaced::{self, Element, Fate, How};
use super::{collector, inside_quotes};
use crate::edit::Edit;
use crate::error::Result;
use crate::knowledge::features::FeatureFate;
use crate::knowledge::{Knowledge, Replaced};
use crate::span::{ByteOffset, Span};
use crate::version::FamilyVersion;
use crate::workspace::{Dependency, Manifest, Placed, Workspace};

/// What happens to one element of a list.
enum Change<'a> {
    /// The name behind the last `/` becomes another one.
    Rename(&'a str),
    /// The same, since the feature that is meant is another one now.
    Instead(&'a str),
    /// It becomes another one as a whole.
    Become(String),
    /// It goes.
    Remove {
        /// Why.
        reason: String,
    },
}

/// The edits on the feature lists of one manifest.
///
/// # Errors
/// A feature that has to be renamed and is written with escapes.
pub(super) fn edits(
    workspace: &Workspace,
    manifest: &Manifest,
    knowledge: &Knowledge,
    from: &FamilyVersion,
    target: &FamilyVersion,
) -> Result<Vec<Edit>> {
    let lines = (from.line(), target.line());
    let change = |dependency: &Dependency, feature: &str| {
        let kept = collector::kept(workspace, manifest, dependency, feature, lines);
        let package = workspace.crate_of(dependency);
        kept.map(Change::Instead)
            .or_else(|| change(knowledge, package, feature, target))
    };
    let (mut edits, mut replaced) = (Vec::new(), Vec::new());
    for dependency in &manifest.dependencies {
        let family = &knowledge.family;
        let fate = replaced::fate(workspace, manifest, dependency, family, target.line());
        let goes = fate.as_ref().is_some_and(|fate| fate.how == How::Goes);
        if !goes {
            edits.extend(in_list(
                manifest,
                &dependency.features,
                |feature| match &fate {
                    Some(fate) => Some(of_replaced(fate, feature)),
                    None => change(dependency, feature),
                },
            )?);
        }
        replaced.extend(fate.map(|fate| (dependency.key.value.as_str(), fate)));
    }
    for list in &manifest.feature_lists {
        edits.extend(in_list(manifest, list, |value| {
            let mut replaced = replaced.iter();
            let found = replaced.find_map(|(key, fate)| {
                Some((fate, replaced::element(value, key, fate, manifest)?))
            });
            if let Some((fate, element)) = found {
                return match element {
                    Element::Becomes(new) if new == value => None,
                    Element::Becomes(new) => Some(Change::Become(new)),
                    Element::Goes => Some(gone(fate)),
                };
            }
            let (key, feature) = value.split_once('/')?;
            let key = key.trim_end_matches('?');
            let named = |dependency: &&Dependency| dependency.key.value == key;
            let dependency = manifest.dependencies.iter().find(named)?;
            change(dependency, feature)
        })?);
    }
    Ok(edits)
}

/// What becomes of a feature of a crate that ended.
fn of_replaced<'a>(fate: &Fate<'a>, feature: &str) -> Change<'a> {
    match fate.crates.old.replaced_features.get(feature) {
        Some(name) => Change::Rename(name),
        None => gone(fate),
    }
}

fn gone<'a>(fate: &Fate<'_>) -> Change<'a> {
    let Replaced { old, new } = fate.crates;
    Change::Remove {
        reason: format!("`{}` ended; `{}` needs no such feature", old.name, new.name),
    }
}

fn change<'a>(
    knowledge: &'a Knowledge,
    package: &str,
    feature: &str,
    target: &FamilyVersion,
) -> Option<Change<'a>> {
    let line = target.line();
    let member = knowledge.family.successor_in(package, line)?;
    match knowledge.features.fate(&member.name, feature, line) {
        FeatureFate::Stays => None,
        FeatureFate::Renamed(name) => Some(Change::Rename(name)),
        FeatureFate::Gone { until, since } => {
            let lines = match (until, since) {
                (Some(until), _) => format!("it ended with line {until}"),
                (None, Some(since)) => format!("it begins with line {since}"),
                (None, None) => "no such feature there".to_owned(),
            };
            Some(Change::Remove {
                reason: format!("`{}` has no feature `{feature}`: {lines}", member.name),
            })
        }
    }
}

/// The edits on one list.
fn in_list<'a>(
    manifest: &Manifest,
    list: &[Placed<String>],
    change: impl Fn(&str) -> Option<Change<'a>>,
) -> Result<Vec<Edit>> {
    let mut present: Vec<String> = list.iter().map(|element| element.value.clone()).collect();
    let changes = list.iter().map(|element| {
        let change = change(&element.value);
        let new = match &change {
            Some(Change::Rename(name) | Change::Instead(name)) => renamed(&element.value, name),
            Some(Change::Become(new)) => new.clone(),
            Some(Change::Remove { .. }) | None => return change,
        };
        if present.contains(&new) && new != element.value {
            return Some(Change::Remove {
                reason: format!("`{}` is called `{new}`, which is there", element.value),
            });
        }
        present.push(new);
        change
    });
    let changes: Vec<Option<Change<'_>>> = changes.collect();
    let stays = |at: &usize| !matches!(changes[*at], Some(Change::Remove { .. }));
    let last_kept = (0..list.len()).rev().find(stays);
    let mut edits: Vec<Edit> = Vec::new();
    for (at, (element, change)) in list.iter().zip(&changes).enumerate() {
        let edit = match change {
            None => continue,
            Some(Change::Rename(name)) => Edit {
                span: inside_quotes(manifest, element, "feature")?,
                text: renamed(&element.value, name),
                reason: format!("feature `{}` is called `{name}`", element.value),
            },
            Some(Change::Instead(name)) => Edit {
                span: inside_quotes(manifest, element, "feature")?,
                text: renamed(&element.value, name),
                reason: format!("what `{}` brought has the feature `{name}`", element.value),
            },
            Some(Change::Become(new)) => Edit {
                span: inside_quotes(manifest, element, "feature")?,
                text: new.clone(),
                reason: format!("`{}` is `{new}`", element.value),
            },
            Some(Change::Remove { reason }) => {
                let gap = gap(&manifest.text, list, at, last_kept);
                // The one before may have gone with the comma between the two, and then this one takes its own.
                let done = edits.last().map_or(gap.start, |edit| edit.span.end);
                let end = match at.checked_sub(1) {
                    Some(before) if done > list[before].span.end => {
                        behind_comma(&manifest.text, gap.end)
                    }
                    _ => gap.end,
                };
                Edit {
                    span: Span {
                        start: gap.start.max(done),
                        end,
                    },
                    text: String::new(),
                    reason: reason.clone(),
                }
            }
        };
        edits.push(edit);
    }
    Ok(edits)
}

/// `key/old` with another name behind the slash.
fn renamed(value: &str, name: &str) -> String {
    let prefix = value.rfind('/').map_or("", |slash| &value[..=slash]);
    format!("{prefix}{name}")
}

/// The bytes that go with the element `at`: with those up to the next element, or, behind the last
/// one that is kept, with those from the one before. Comments in between stay, and then only the
/// element goes with its comma.
fn gap(text: &str, list: &[Placed<String>], at: usize, last_kept: Option<usize>) -> Span {
    let own = list[at].span;
    let before = at.checked_sub(1).map(|before| &list[before]);
    let whole = match (last_kept, before, list.get(at + 1)) {
        (Some(kept), _, Some(next)) if at < kept => Some(Span::new(own.start.0, next.span.start.0)),
        (Some(_), Some(before), _) => Some(Span::new(before.span.end.0, own.end.0)),
        _ => None,
    };
    let has_comment = |span: &Span| {
        let around = [
            &text[span.start.0..own.start.0.max(span.start.0)],
            &text[own.end.0.min(span.end.0)..span.end.0],
        ];
        around.iter().any(|part| part.contains('#'))
    };
    if let Some(whole) = whole.filter(|whole| !has_comment(whole)) {
        return whole;
    }
    Span {
        start: own.start,
        end: behind_comma(text, own.end),
    }
}

/// Behind the comma that is next to a place, if one is.
fn behind_comma(text: &str, at: ByteOffset) -> ByteOffset {
    let behind = &text[at.0..];
    let blank = behind.len() - behind.trim_start().len();
    let comma = behind[blank..].starts_with(',');
    ByteOffset(at.0 + if comma { blank + 1 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::EditSet;

    /// The manifest with its feature lists as line `target` has them.
    fn moved(text: &str, target: &str) -> String {
        let manifest = Manifest::parse("/w/Cargo.toml".into(), text.to_owned()).unwrap();
        let workspace = Workspace::new(vec![manifest], None);
        let mut set = EditSet::default();
        let knowledge = Knowledge::embedded();
        let target = target.parse().unwrap();
        let (from, manifest) = ("32.0.0".parse().unwrap(), &workspace.manifests[0]);
        for edit in edits(&workspace, manifest, knowledge, &from, &target).unwrap() {
            set.add(edit).unwrap();
        }
        let moved = set.apply(text);
        assert!(toml::from_str::<toml::Table>(&moved).is_ok(), "{moved}");
        moved
    }

    #[test]
    fn a_renamed_feature_keeps_its_place_and_its_quotes() {
        let text = "[dependencies]\nwasi = { package = \"wasmtime-wasi\", version = \"36\", features = ['preview1'] }\n[features]\nold = [\"wasi?/preview1\", \"dep:wasi\"]\n";
        assert_eq!(moved(text, "37.0.3"), text.replace("preview1", "p1"));
        assert_eq!(moved(text, "36.0.20"), text);
        let back = text.replace("preview1", "p1");
        assert_eq!(moved(&back, "36.0.20"), text);
    }

    #[test]
    fn a_feature_that_ended_goes_with_its_comma_and_nothing_else() {
        for (list, expected) in [
            ("[\"signals-based-traps\"]", "[]"),
            ("[ \"signals-based-traps\", ]", "[  ]"),
            ("[\"signals-based-traps\", \"async\"]", "[\"async\"]"),
            (
                "[\n    \"async\", # why\n    \"signals-based-traps\",\n    \"signals-based-traps\",\n]",
                "[\n    \"async\", # why\n    \n]",
            ),
            ("[\"async\", \"signals-based-traps\"]", "[\"async\"]"),
            ("[\"async\", \"signals-based-traps\",]", "[\"async\",]"),
            (
                "[\r\n  \"async\",\r\n  \"signals-based-traps\",\r\n  \"gc\",\r\n]",
                "[\r\n  \"async\",\r\n  \"gc\",\r\n]",
            ),
            (
                "[\n  \"async\", # one\n  \"signals-based-traps\", # two\n]",
                "[\n  \"async\", # one\n   # two\n]",
            ),
        ] {
            let text = |list: &str| {
                format!("[dependencies]\nwasmtime = {{ version = \"28\", features = {list} }}\n")
            };
            let own = format!("[dependencies.wasmtime]\nfeatures = {list}\nversion = \"28\"\n");
            if !list.contains('\n') {
                assert_eq!(moved(&text(list), "36.0.20"), text(expected), "{list}");
            }
            assert_eq!(
                moved(&own, "36.0.20"),
                own.replace(list, expected),
                "{list}"
            );
        }
    }

    #[test]
    fn several_elements_at_the_end_go_together() {
        let text = "[dependencies.wasmtime]\nversion = \"50\"\nfeatures = [\"async\", \"anyhow\", \"rr\"]\n";
        assert_eq!(
            moved(text, "36.0.20"),
            text.replace(", \"anyhow\", \"rr\"", "")
        );
    }

    #[test]
    fn a_comment_among_several_at_the_end_stays_and_each_comma_goes_once() {
        let text = |features: &str| {
            format!("[dependencies.wasmtime]\nversion = \"50\"\nfeatures = {features}\n")
        };
        for (before, after) in [
            (
                "[\n  \"async\", # one\n  \"anyhow\", \"rr\"\n]",
                "[\n  \"async\", # one\n  \n]",
            ),
            (
                "[\"async\", \"anyhow\", # one\n  \"rr\", \"anyhow\"]",
                "[\"async\", # one\n  ]",
            ),
        ] {
            assert_eq!(moved(&text(before), "36.0.20"), text(after));
        }
    }

    #[test]
    fn the_old_name_goes_where_the_new_one_is_there() {
        let text =
            "[dependencies.wasmtime-wasi]\nversion = \"36\"\nfeatures = [\"preview1\", \"p1\"]\n";
        assert_eq!(moved(text, "48.0.8"), text.replace("\"preview1\", ", ""));
    }
}
