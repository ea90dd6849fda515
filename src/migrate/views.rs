//! The traits by which a host shows its WASI state, in the shape that each line wants.
//!
//! | lines | `IoView` | `WasiView` | `WasiHttpView` |
//! |---|---|---|---|
//! | to 29 | | `ctx`, `table` | `ctx`, `table` |
//! | 30 to 35 | `table` | `ctx` | `ctx` |
//! | 36 to 42 | | `ctx` gives a `WasiCtxView` | `ctx`, `table` |
//! | from 43 | | the same | `http` gives a `WasiHttpCtxView` |
//!
//! Source: pull requests 10016 (30), 11365 and 11370 (36), 12748 (43), 13812 (48).

pub(super) mod body;
mod elsewhere;
mod hooks;
mod reshape;

pub use elsewhere::{Elsewhere, NOTHING_ELSEWHERE};
pub(super) use hooks::field_of as field_of_hooks;

use super::impls::{self, Function, ImplBlock};
use super::scopes::{Resolved, Scopes};
use super::use_edits::{self, Fate};
use super::use_tree::UseItem;
use super::{Ground, LeftOver, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

/// Rewrites the views that a text implements.
#[must_use]
pub fn views(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let (from, to) = (Shape::of(ground.from), Shape::of(ground.to));
    if from >= to || !text.contains("View") {
        return Migrated::default();
    }
    let scopes = Scopes::of(tokens);
    let blocks = impls::find(tokens);
    let found = blocks.iter().filter_map(|block| {
        let (view, resolved) = view_of(tokens, &scopes, block, ground)?;
        Some(Shown {
            view,
            block,
            resolved,
        })
    });
    // One inside of another goes with it.
    let mut shown: Vec<Shown<'_>> = Vec::new();
    for one in found {
        let around = shown.last().map(|before| before.block.close);
        if around.is_none_or(|close| close < one.block.start) {
            shown.push(one);
        }
    }
    let mut file = File {
        tokens,
        text,
        to,
        line: ground.to,
        keeps_io_view: ground.crates.goes_on_with("wasmtime-wasi-io"),
        elsewhere: ground.views,
        wasmtime: ground.crates.name_of("wasmtime"),
        shown,
        left: Vec::new(),
        result: Migrated::default(),
    };
    file.reshape();
    let io_is_used = file
        .result
        .remaining
        .iter()
        .any(|left| left.what.contains("IoView"));
    if to >= Shape::CtxView && from < Shape::CtxView && !io_is_used && !file.keeps_io_view {
        file.take_out_io_view(&scopes, ground);
    }
    file.result
}

/// The shape that the views have in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// `ctx` and `table` in each.
    Two,
    /// `table` in a trait above them.
    Io,
    /// `WasiView::ctx` gives both.
    CtxView,
    /// `WasiHttpView::http` gives both, too.
    HttpView,
}

impl Shape {
    fn of(line: Line) -> Self {
        match line.0 {
            ..=29 => Self::Two,
            30..=35 => Self::Io,
            36..=42 => Self::CtxView,
            _ => Self::HttpView,
        }
    }
}

/// One of the traits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Io,
    Wasi,
    Http,
}

/// A block that implements one.
struct Shown<'a> {
    view: View,
    block: &'a ImplBlock,
    resolved: Resolved,
}

struct File<'a, 't> {
    tokens: &'a Tokens<'t>,
    text: &'t str,
    to: Shape,
    line: Line,
    /// Whether the package goes on with `IoView`, from another crate.
    keeps_io_view: bool,
    /// What other files of the package implement.
    elsewhere: &'a Elsewhere,
    /// The name of Wasmtime in the package.
    wasmtime: Option<&'a str>,
    shown: Vec<Shown<'a>>,
    /// The word `impl` of the blocks that stay as they are for a person.
    left: Vec<usize>,
    result: Migrated,
}

fn view_of(
    tokens: &Tokens<'_>,
    scopes: &Scopes<'_>,
    block: &ImplBlock,
    ground: &Ground<'_>,
) -> Option<(View, Resolved)> {
    let view = match tokens.text(*block.trait_path.last()?) {
        "IoView" => View::Io,
        "WasiView" => View::Wasi,
        "WasiHttpView" => View::Http,
        _ => return None,
    };
    let resolved = scopes.trait_of(tokens, block, ground)?;
    let of_crate = match view {
        View::Http => "wasmtime_wasi_http",
        View::Wasi | View::Io => "wasmtime_wasi",
    };
    (resolved.path.first().map(String::as_str) == Some(of_crate)).then_some((view, resolved))
}

impl<'a, 't> File<'a, 't> {
    fn span(&self, first: usize, last: usize) -> Span {
        let span_of = |index: usize| self.tokens.get(index).map(|token| token.span);
        match (span_of(first), span_of(last)) {
            (Some(first), Some(last)) => first.to(last),
            _ => Span::new(self.text.len(), self.text.len()),
        }
    }

    fn edit(&mut self, span: Span, text: String, reason: &str) {
        let reason = format!("{reason} in line {}", self.line);
        self.result.edits.push(Edit { span, text, reason });
    }

    fn leave(&mut self, block: &ImplBlock, what: &str) {
        self.left.push(block.keyword);
        let span = self.span(block.keyword, block.open - 1);
        self.result.remaining.push(LeftOver {
            span,
            what: what.to_owned(),
        });
    }

    /// The block that implements a view for the type of another block.
    fn same_type(&self, view: View, of: &ImplBlock) -> Option<&'a ImplBlock> {
        let words = |block: &ImplBlock| -> Vec<&'t str> {
            block
                .of_type
                .clone()
                .map(|index| self.tokens.text(index))
                .collect()
        };
        let wanted = words(of);
        // Types of two modules, or of two functions, may have one name.
        let around = |block: &ImplBlock| self.tokens.around(block.keyword).next();
        let is_here = |block: &ImplBlock| around(block) == around(of);
        let mut blocks = self.shown.iter().filter(|shown| shown.view == view);
        blocks
            .find(|shown| words(shown.block) == wanted && is_here(shown.block))
            .map(|shown| shown.block)
    }

    /// The function that gives the table of the type that a block is about.
    fn table_of(&self, block: &'a ImplBlock) -> Option<&'a Function> {
        let own = block.function(self.tokens, "table");
        let elsewhere = || {
            let views = [View::Io, View::Wasi];
            views
                .into_iter()
                .find_map(|view| self.same_type(view, block)?.function(self.tokens, "table"))
        };
        own.or_else(elsewhere)
    }

    /// Takes `IoView` out of the declarations, where the text names it for nothing else any more.
    fn take_out_io_view(&mut self, scopes: &Scopes<'_>, ground: &Ground<'_>) {
        let in_blocks = |place: &usize| {
            let goes = |shown: &&Shown<'_>| {
                shown.view == View::Io && !self.left.contains(&shown.block.keyword)
            };
            let mut io = self.shown.iter().filter(goes);
            io.any(|shown| (shown.block.start..=shown.block.close).contains(place))
        };
        let in_uses = |place: &usize| {
            scopes
                .uses
                .iter()
                .any(|item| (item.start..=item.end).contains(place))
        };
        let mut others = self
            .tokens
            .places_of("IoView")
            .filter(|place| !in_blocks(place) && !in_uses(place));
        if others.next().is_some() {
            return;
        }
        drop(others);
        let fate = |item: &UseItem, path: &[&str]| {
            let resolved = scopes.resolve_in(item, path, ground);
            let through = || scopes.handed_on(path, item.keyword, ground);
            let resolved = resolved.or_else(through);
            match resolved.is_some_and(|it| it.is_in("wasmtime_wasi", "IoView")) {
                true => Fate::Goes,
                false => Fate::Stays,
            }
        };
        let reason = format!("line {} has no `IoView`", self.line);
        let edits = use_edits::change_all(self.tokens, self.text, &scopes.uses, &reason, fate);
        self.result.edits.extend(edits);
    }
}

#[cfg(test)]
mod tests;
