//! Crates of the family that ended and whose work another one does, under an interface of its own
//! (`wasi-common` from 47 on): the requirement moves to that one, and sources with it.

use std::collections::BTreeSet;

use super::beside::Beside;
use super::complete::feature_added;
use super::malformed;
use crate::edit::Edit;
use crate::error::{Error, Result};
use crate::knowledge::{Family, Replaced};
use crate::migrate::Crates;
use crate::span::Span;
use crate::version::Line;
use crate::workspace::{
    Dependency, DependencySource, DependencyTable, EntryForm, Manifest, Workspace,
};

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The name of the new crate takes the place of its own.
    ChangesKey,
    /// It stays what the manifest calls it, and stands for the new crate.
    KeepsKey,
    /// The new crate is required in the same table, so it goes.
    Goes,
}

/// The fate of an entry whose crate ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate<'a> {
    /// The two crates.
    pub crates: Replaced<'a>,
    /// What becomes of the entry.
    pub how: How,
    /// What the manifest calls the new crate afterwards.
    pub key: String,
    /// Whether that one is optional.
    pub is_optional: bool,
}

/// What becomes of an entry in a line; none where its crate is there, or where nothing does its work.
#[must_use]
pub fn fate<'a>(
    workspace: &Workspace,
    manifest: &Manifest,
    dependency: &Dependency,
    family: &'a Family,
    line: Line,
) -> Option<Fate<'a>> {
    if matches!(dependency.table, DependencyTable::Override { .. }) {
        return None;
    }
    let crates = family.replacement_in(workspace.crate_of(dependency), line)?;
    let fate = |how, key: &str, is_optional| {
        let key = key.to_owned();
        Some(Fate {
            crates,
            how,
            key,
            is_optional,
        })
    };
    if let Some(other) = beside(workspace, manifest, dependency, &crates.new.name) {
        return fate(How::Goes, &other.key.value, other.optional);
    }
    let own = &dependency.key.value;
    if dependency.source == DependencySource::Inherited {
        let root = workspace.inherited(dependency)?;
        let of_root = self::fate(workspace, workspace.root(), root, family, line)?;
        return match of_root.how {
            How::KeepsKey => fate(How::KeepsKey, own, dependency.optional),
            _ => fate(How::ChangesKey, &of_root.key, dependency.optional),
        };
    }
    let named_by_others = match dependency.table {
        DependencyTable::Workspace => workspace.manifests.iter().any(|member| {
            let mut entries = member.dependencies.iter();
            entries.any(|entry| {
                let inherits = entry.source == DependencySource::Inherited;
                inherits && entry.key.value == *own && names_a_feature(member, entry)
            })
        }),
        _ => names_a_feature(manifest, dependency),
    };
    // A name that is not the crate's was chosen, and so may stay.
    match dependency.package_value.is_some() || named_by_others {
        true => fate(How::KeepsKey, own, dependency.optional),
        false => fate(How::ChangesKey, &crates.new.name, dependency.optional),
    }
}

/// The entry on the crate of that name in the same table.
fn beside<'w>(
    workspace: &'w Workspace,
    manifest: &'w Manifest,
    dependency: &Dependency,
    name: &str,
) -> Option<&'w Dependency> {
    let mut others = manifest.dependencies.iter();
    others.find(|other| other.table == dependency.table && workspace.crate_of(other) == name)
}

/// Whether the name of an optional dependency is a feature of the package: then others turn it on by
/// that name, and it has to stay.
fn names_a_feature(manifest: &Manifest, dependency: &Dependency) -> bool {
    let key = &dependency.key.value;
    let mut values = manifest.feature_values();
    dependency.optional
        && !manifest.feature_names.contains(key)
        && !values.any(|value| value.strip_prefix("dep:") == Some(key.as_str()))
}

/// The crates that the sources of a package know, with those that come in the place of others, and what
/// those that go on with `IoView` have it from.
#[must_use]
pub fn crates_in(
    workspace: &Workspace,
    manifest: usize,
    family: &Family,
    line: Line,
    beside: &Beside,
) -> Crates {
    let mut crates = workspace.crates_of(manifest);
    workspace.add_handed_on(manifest, family, &mut crates);
    beside.come(manifest, &mut crates);
    let Some(manifest) = workspace.manifests.get(manifest) else {
        return crates;
    };
    let own = manifest.dependencies.iter();
    for dependency in own.filter(|it| matches!(it.table, DependencyTable::Package { .. })) {
        if let Some(fate) = fate(workspace, manifest, dependency, family, line) {
            let Replaced { old, new } = fate.crates;
            crates.comes(&new.name, &fate.key.replace('-', "_"), &old.name);
        }
    }
    crates
}

/// The edits on the entry itself: another key, or nothing in its place. Its requirement is moved apart
/// from this.
///
/// # Errors
/// An entry that has to go and stands on a line with others.
pub(super) fn edits(
    manifest: &Manifest,
    dependency: &Dependency,
    fate: &Fate<'_>,
) -> Result<Vec<Edit>> {
    refuse_half(manifest, dependency, fate)?;
    let Replaced { old, new } = fate.crates;
    let reason = format!("`{}` ended; `{}` does its work", old.name, new.name);
    let edit = |span: Span, text: String| Edit {
        span,
        text,
        reason: reason.clone(),
    };
    match fate.how {
        How::KeepsKey => Ok(Vec::new()),
        How::ChangesKey => {
            let keys = keys(manifest, dependency);
            let raw = |span: Span| match span.text(&manifest.text).chars().next() {
                Some(quote @ ('"' | '\'')) => format!("{quote}{}{quote}", fate.key),
                _ => fate.key.clone(),
            };
            Ok(keys.into_iter().map(|span| edit(span, raw(span))).collect())
        }
        How::Goes => {
            let spans = whole(manifest, dependency)?;
            Ok(spans
                .into_iter()
                .map(|span| edit(span, String::new()))
                .collect())
        }
    }
}

/// What the entry that stays beside one that goes has to turn on for it, when it turns nothing on by
/// itself.
pub(super) fn completed(
    manifest: &Manifest,
    dependency: &Dependency,
    fate: &Fate<'_>,
) -> Vec<Edit> {
    let Replaced { old, new } = fate.crates;
    let mut entries = manifest.dependencies.iter();
    let stays = entries.find(|it| it.table == dependency.table && it.key.value == fate.key);
    let Some(stays) = stays.filter(|it| it.default_features == Some(false)) else {
        return Vec::new();
    };
    let needed: BTreeSet<&String> = old.replaced_features.values().collect();
    let reason = format!("`{}` ended; it was for this", old.name);
    let edits = needed.into_iter();
    edits
        .filter_map(|feature| feature_added(manifest, stays, feature, &reason))
        .filter(|_| new.name == stays.package)
        .collect()
}

/// Refuses what would turn something on or off that the manifest says otherwise.
fn refuse_half(manifest: &Manifest, dependency: &Dependency, fate: &Fate<'_>) -> Result<()> {
    let Replaced { old, new } = fate.crates;
    let refuse = |what: String| {
        let help = "take the entry out by hand, with its features, and run again";
        Err(malformed(manifest, dependency.key.span, what, help))
    };
    if fate.how != How::KeepsKey && names_a_feature(manifest, dependency) {
        return refuse(format!(
            "`{}` ended, and its name is a feature of the package; `{}` does its work",
            old.name, new.name
        ));
    }
    if fate.how == How::Goes && fate.is_optional && !dependency.optional {
        return refuse(format!(
            "`{}` ended, and `{}`, which does its work, is optional here",
            old.name, new.name
        ));
    }
    Ok(())
}

/// The start of the line that a byte is in.
fn line_start(text: &str, at: usize) -> usize {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    text[..at].rfind('\n').map_or(mark, |newline| newline + 1)
}

/// Every place where the entry's key stands: more than one where its parts are written with dots.
fn keys(manifest: &Manifest, dependency: &Dependency) -> Vec<Span> {
    let (text, key) = (&manifest.text, dependency.key.span);
    let raw = key.text(text);
    if dependency.form != EntryForm::Lines || is_header(text, key) {
        return vec![key];
    }
    // In front of the last name of a dotted key stands the same on each line, but for the blanks.
    let above = text[line_start(text, key.start.0)..key.start.0].trim_start();
    let places = dependency.parts.iter().filter_map(|part| {
        let start = line_start(text, part.start.0);
        let blank = text[start..].len() - text[start..].trim_start().len();
        let at = start + blank + above.len();
        let span = Span::new(at, at + raw.len());
        (text.get(span.range()) == Some(raw)).then_some(span)
    });
    places.collect()
}

/// Whether a key stands in the header of a table.
fn is_header(text: &str, key: Span) -> bool {
    let start = line_start(text, key.start.0);
    text[start..key.start.0].trim_start().starts_with('[')
}

/// The lines of an entry.
fn whole(manifest: &Manifest, dependency: &Dependency) -> Result<Vec<Span>> {
    let text = &manifest.text;
    let whole_lines = |from: usize, to: usize| {
        let start = line_start(text, from);
        let end = text[to..].find('\n').map_or(text.len(), |end| to + end + 1);
        let behind = text[to..end].trim();
        let is_alone = behind.is_empty() || behind.starts_with('#');
        (is_alone, Span::new(start, end))
    };
    let own = match (dependency.form, dependency.parts.last()) {
        (EntryForm::Lines, Some(last)) if is_header(text, dependency.key.span) => {
            let (is_alone, span) = whole_lines(dependency.key.span.start.0, last.end.0);
            vec![(is_alone, gap_closed(text, span))]
        }
        (form, _) => {
            let parts = dependency.parts.iter();
            let lines = parts.map(|part| {
                let (is_alone, span) = whole_lines(part.start.0, part.end.0);
                let front = text[span.start.0..part.start.0].trim();
                let is_first = match form {
                    EntryForm::Lines => !front.contains(['=', '{']),
                    _ => front.is_empty(),
                };
                (is_alone && is_first, span)
            });
            lines.collect()
        }
    };
    match own.iter().all(|(is_alone, _)| *is_alone) {
        true => Ok(own.into_iter().map(|(_, span)| span).collect()),
        false => Err(in_the_way(manifest, dependency)),
    }
}

/// A table that goes takes the empty lines behind it along.
fn gap_closed(text: &str, span: Span) -> Span {
    let behind = &text[span.end.0..];
    let blank = behind.len() - behind.trim_start().len();
    let lines = behind[..blank].rfind('\n').map_or(0, |end| end + 1);
    Span::new(span.start.0, span.end.0 + lines)
}

fn in_the_way(manifest: &Manifest, dependency: &Dependency) -> Error {
    malformed(
        manifest,
        dependency.key.span,
        format!(
            "`{}` ended, and what takes its place is required beside it on the same line",
            dependency.package
        ),
        "take the entry out by hand, with its source, and run again",
    )
}

/// What becomes of an element of `[features]` that names an entry whose crate ended: `dep:key`, `key`,
/// `key/feature`, `key?/feature`.
pub(super) enum Element {
    /// It becomes this.
    Becomes(String),
    /// There is nothing to turn on.
    Goes,
}

/// See [`Element`]; none for an element that is about something else.
///
/// An optional crate has a feature of its own name unless `dep:` names it somewhere, and packages that name that
/// feature are elsewhere: what was required already goes on being named as it was.
pub(super) fn element(
    value: &str,
    key: &str,
    fate: &Fate<'_>,
    manifest: &Manifest,
) -> Option<Element> {
    let (name, feature) = match value.split_once('/') {
        Some((name, feature)) => (name, Some(feature)),
        None => (value, None),
    };
    let (is_dep, name) = match name.strip_prefix("dep:") {
        Some(name) => (true, name),
        None => (false, name),
    };
    let weak = name.ends_with('?');
    // A feature of the package's own may have the name.
    let is_own = !is_dep && feature.is_none() && manifest.feature_names.iter().any(|it| it == key);
    if name.trim_end_matches('?') != key || is_own {
        return None;
    }
    let new = &fate.key;
    let becomes = match feature {
        Some(feature) => {
            let feature = fate.crates.old.replaced_features.get(feature);
            let weak = if weak && fate.is_optional { "?" } else { "" };
            feature.map(|feature| format!("{new}{weak}/{feature}"))
        }
        // Without the optional entry the new crate is there in any case.
        None if !fate.is_optional => None,
        None => {
            let by_dep = format!("dep:{new}");
            let is_dep = match fate.how {
                How::Goes => manifest.feature_values().any(|value| value == by_dep),
                _ => is_dep,
            };
            Some(if is_dep { by_dep } else { new.clone() })
        }
    };
    Some(becomes.map_or(Element::Goes, Element::Becomes))
}
