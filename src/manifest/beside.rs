//! Crates that a move makes packages require beside `wasmtime-wasi`, because of what their sources have.

use std::collections::BTreeSet;

use super::{io_view, streams};
use crate::edit::Edit;
use crate::migrate::Crates;
use crate::span::Span;
use crate::version::Line;
use crate::workspace::{
    Dependency, DependencySource, DependencyTable, EntryForm, Manifest, Workspace,
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
    let entry = requires(workspace, manifest, WASI)?;
    let is_plain = |entry: &Dependency| match entry.form {
        EntryForm::Text | EntryForm::InlineTable => entry.requirement.is_some(),
        EntryForm::Lines => false,
    };
    let has_place = match entry.source {
        DependencySource::Inherited => {
            // `[dependencies.wasmtime-wasi]` is a table of its own.
            let dotted = entry.parts.len() == 1 && line_of(manifest, entry).contains('.');
            let in_line = entry.form != EntryForm::Lines || dotted;
            in_line && of_workspace(workspace, WASI).is_some_and(is_plain)
        }
        _ => is_plain(entry),
    };
    (has_place && !entry.optional).then_some(entry)
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
    let text = &manifest.text;
    let at = entry.key.span.start.0;
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// The edit that puts a line behind an entry.
pub(super) fn line_behind(
    manifest: &Manifest,
    entry: &Dependency,
    line: &str,
    reason: &str,
) -> Edit {
    let text = &manifest.text;
    let last = entry.parts.iter().map(|part| part.end.0).max();
    let last = last.unwrap_or(entry.key.span.end.0);
    let behind = text[last..].find('\n').map(|newline| last + newline);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (at, text) = match behind {
        Some(at) => (at + 1, format!("{line}{newline}")),
        None => (text.len(), format!("{newline}{line}")),
    };
    Edit {
        span: Span::new(at, at),
        text,
        reason: reason.to_owned(),
    }
}
