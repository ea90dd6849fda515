//! Crates that a move makes packages require beside `wasmtime-wasi`, because of what their sources have.

use std::collections::BTreeSet;

use super::{io_view, streams};
use crate::edit::Edit;
use crate::migrate::Crates;
use crate::span::Span;
use crate::version::Line;
use crate::workspace::{
    Dependency, DependencySource, DependencyTable, EntryForm, Manifest, Purpose, Workspace,
};

pub(super) const WASI: &str = "wasmtime-wasi";

/// The packages that get such a crate, by the places of their manifests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Those that go on with `IoView`: `wasmtime-wasi-io`.
    io_view: BTreeSet<usize>,
    /// Those that have streams of their own: `tokio`.
    streams: BTreeSet<usize>,
}

impl Beside {
    /// What a move makes necessary.
    #[must_use]
    pub fn of(workspace: &Workspace, from: Line, to: Line) -> Self {
        Self {
            io_view: io_view::keepers(workspace, from, to),
            streams: streams::lacking(workspace, from, to),
        }
    }

    /// Adds the crates that come to those that the sources of a package know.
    pub(super) fn come(&self, manifest: usize, crates: &mut Crates) {
        if self.io_view.contains(&manifest) {
            crates.comes_beside("wasmtime-wasi-io", "wasmtime_wasi_io");
        }
        if self.streams.contains(&manifest) {
            crates.comes_beside("tokio", "tokio");
        }
    }
}

/// The entry on `wasmtime-wasi` that another one can stand behind.
pub(super) fn place<'w>(
    workspace: &'w Workspace,
    manifest: &'w Manifest,
) -> Option<&'w Dependency> {
    let entry = entry_on_wasi(workspace, manifest)?;
    let has_place = match entry.source {
        DependencySource::Inherited => {
            // `wasmtime-wasi.workspace = true`
            let dotted = entry.parts.len() == 1 && line_of(manifest, entry).contains('.');
            let has_place = entry.form != EntryForm::Lines || dotted || has_table(manifest, entry);
            let root = workspace.root();
            let of_root = of_workspace(workspace, WASI);
            has_place && of_root.is_some_and(|entry| is_plain(root, entry))
        }
        _ => is_plain(manifest, entry),
    };
    (has_place && !entry.optional).then_some(entry)
}

/// Whether an entry has a requirement, and is written in a way that another one can be written in, too.
fn is_plain(manifest: &Manifest, entry: &Dependency) -> bool {
    let has_place = entry.form != EntryForm::Lines || has_table(manifest, entry);
    has_place && entry.requirement.is_some()
}

/// Whether an entry is a table of its own: `[dependencies.wasmtime-wasi]`.
fn has_table(manifest: &Manifest, entry: &Dependency) -> bool {
    entry.form == EntryForm::Lines && line_of(manifest, entry).trim_start().starts_with('[')
}

/// The entry of the library and programs, else another one.
fn entry_on_wasi<'w>(workspace: &'w Workspace, manifest: &'w Manifest) -> Option<&'w Dependency> {
    let mut own = manifest.dependencies.iter();
    let of_all = own.find(|it| is_for_all(it) && workspace.crate_of(it) == WASI);
    of_all.or_else(|| requires(workspace, manifest, WASI))
}

fn is_for_all(entry: &Dependency) -> bool {
    matches!(&entry.table, DependencyTable::Package { name } if name == "dependencies")
}

/// Whether a crate is there where `wasmtime-wasi` is.
pub(super) fn is_beside(workspace: &Workspace, manifest: &Manifest, name: &str) -> bool {
    let Some(wasi) = entry_on_wasi(workspace, manifest) else {
        return false;
    };
    let mut own = manifest.dependencies.iter();
    own.any(|entry| {
        // What is there on some platforms only is what the source for those has.
        let is_there = entry.table.purpose() == Purpose::Normal || entry.table == wasi.table;
        is_there && !entry.optional && workspace.crate_of(entry) == name
    })
}

pub(super) fn requires<'w>(
    workspace: &'w Workspace,
    manifest: &'w Manifest,
    name: &str,
) -> Option<&'w Dependency> {
    let mut own = manifest.dependencies.iter();
    own.find(|entry| {
        let of_package = matches!(entry.table, DependencyTable::Package { .. });
        of_package && workspace.crate_of(entry) == name
    })
}

pub(super) fn of_workspace<'w>(workspace: &'w Workspace, name: &str) -> Option<&'w Dependency> {
    let mut entries = workspace.root().dependencies.iter();
    entries.find(|entry| entry.table == DependencyTable::Workspace && entry.package == name)
}

/// The line that an entry begins in.
fn line_of<'m>(manifest: &'m Manifest, entry: &Dependency) -> &'m str {
    manifest.text[line_start(manifest, entry)..]
        .lines()
        .next()
        .unwrap_or_default()
}

/// Where that line begins, in bytes.
fn line_start(manifest: &Manifest, entry: &Dependency) -> usize {
    let before = &manifest.text[..entry.key.span.start.0];
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// What a new entry says of its version.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    /// The workspace's own: `workspace = true`.
    OfWorkspace,
    Requirement(&'a str),
}

/// The edit that puts an entry behind another one, written as that one is.
pub(super) fn entry_behind(
    manifest: &Manifest,
    beside: &Dependency,
    name: &str,
    asked: Asked<'_>,
    reason: &str,
) -> Edit {
    let text = &manifest.text;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let entry = if has_table(manifest, beside) {
        let line = line_of(manifest, beside);
        let start = line_start(manifest, beside);
        let key = beside.key.span.start.0 - start..beside.key.span.end.0 - start;
        let header_end = line[key.end..]
            .find(']')
            .map_or(line.len(), |it| key.end + it + 1);
        let header = format!("{}{name}{}", &line[..key.start], &line[key.end..header_end]);
        let said = match asked {
            Asked::OfWorkspace => "workspace = true".to_owned(),
            Asked::Requirement(requirement) => format!("version = \"{requirement}\""),
        };
        format!("{newline}{header}{newline}{said}")
    } else {
        match (asked, beside.form) {
            (Asked::Requirement(requirement), _) => format!("{name} = \"{requirement}\""),
            (Asked::OfWorkspace, EntryForm::Lines) => format!("{name}.workspace = true"),
            (Asked::OfWorkspace, _) => format!("{name} = {{ workspace = true }}"),
        }
    };
    let last = beside.parts.iter().map(|part| part.end.0).max();
    let last = last.unwrap_or(beside.key.span.end.0);
    let behind = text[last..].find('\n').map(|newline| last + newline);
    let (at, text) = match behind {
        Some(at) => (at + 1, format!("{entry}{newline}")),
        None => (text.len(), format!("{newline}{entry}")),
    };
    Edit {
        span: Span::new(at, at),
        text,
        reason: reason.to_owned(),
    }
}
