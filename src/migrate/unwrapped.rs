//! `IoImpl`, by which `wasmtime-wasi` made a host of whatever had a table (30 to 35): what it wrapped
//! stands for itself from 36 on, and hosts of `wasi:io` are made of the table alone (PR #11370).

use super::impls::behind_generics;
use super::io_view;
use super::scopes::{Resolved, Scopes};
use super::segments::{head, path_at};
use super::use_edits::{self, Fate};
use super::use_tree::UseItem;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// The wrapper.
const NAME: &str = "IoImpl";

/// Takes the wrapper away, everywhere in a text or nowhere.
#[must_use]
pub fn unwrapped(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    if !io_view::is_crossed(ground.from, ground.to) || !text.contains(NAME) {
        return Migrated::default();
    }
    let scopes = Scopes::of(tokens);
    Migrated {
        edits: edits(tokens, text, &scopes, ground).unwrap_or_default(),
        remaining: Vec::new(),
    }
}

fn edits(
    tokens: &Tokens<'_>,
    text: &str,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> Option<Vec<Edit>> {
    let reason = format!("line {} has no `{NAME}`", ground.to);
    let mut edits = Vec::new();
    let mut replace = |span: Span, text: &str| {
        edits.push(Edit {
            span,
            text: text.to_owned(),
            reason: reason.clone(),
        });
    };
    let is_imported = |index: usize| {
        let mut uses = scopes.uses.iter();
        uses.any(|item| (item.start..item.end).contains(&index))
    };
    for last in tokens.places_of(NAME).filter(|index| !is_imported(*index)) {
        let first = head(tokens, last);
        let path = path_at(tokens, first)?;
        let meaning = scopes.meaning(tokens, &path, ground)?;
        if !is_wrapper(&meaning) || path.end != last + 1 {
            return None;
        }
        let wrapped = Wrapped::read(tokens, first, last)?;
        for (span, text) in wrapped.edits(tokens, text)? {
            replace(span, &text);
        }
    }
    let goes = |item: &UseItem, path: &[&str]| {
        let resolved = scopes.resolve_in(item, path, ground);
        match resolved.is_some_and(|resolved| is_wrapper(&resolved)) {
            true => Fate::Goes,
            false => Fate::Stays,
        }
    };
    edits.extend(use_edits::change_all(
        tokens,
        text,
        &scopes.uses,
        &reason,
        goes,
    ));
    Some(edits)
}

fn is_wrapper(resolved: &Resolved) -> bool {
    let names: Vec<&str> = resolved.path.iter().map(String::as_str).collect();
    matches!(
        names[..],
        ["wasmtime_wasi", NAME] | ["wasmtime_wasi", "p2", NAME]
    )
}

/// `IoImpl<T>` or `IoImpl(value)`.
struct Wrapped {
    /// The first token of the path.
    first: usize,
    /// The bracket behind it.
    open: usize,
    close: usize,
    /// Whether it is a type.
    is_type: bool,
}

impl Wrapped {
    fn read(tokens: &Tokens<'_>, first: usize, last: usize) -> Option<Self> {
        let open = last + 1;
        let is_type = tokens.is_punct(open, '<');
        let close = match is_type {
            true => behind_generics(tokens, open)? - 1,
            false if tokens.text(open) == "(" => tokens.get(open)?.partner,
            false => return None,
        };
        Some(Self {
            first,
            open,
            close,
            is_type,
        })
    }

    fn edits(&self, tokens: &Tokens<'_>, text: &str) -> Option<Vec<(Span, String)>> {
        let before = self.first.checked_sub(1)?;
        let gives =
            self.is_type && tokens.is_punct(before, '>') && tokens.is_punct(before - 1, '-');
        let is_data = self.is_type && tokens.is_punct(before, '=');
        let is_body = !self.is_type && tokens.is_punct(before, '|');
        let span = |index: usize| tokens.get(index).map(|token| token.span);
        let whole = span(self.first)?.to(span(self.close)?);
        let inner = Span::new(span(self.open)?.end.0, span(self.close)?.start.0);
        let is_name =
            self.close == self.open + 2 && tokens.kind(self.open + 1) == Some(TokenKind::Ident);
        // What a function of the project gives, its body would have to be read for.
        let is_item = gives && !is_function_type(tokens, before - 1);
        if is_data || is_item || (is_body && !is_name) {
            return None;
        }
        if gives {
            let lifetime = lifetime(tokens, self.open..self.close);
            let table = format!("&{lifetime}mut wasmtime::component::ResourceTable");
            return Some(vec![(whole, table)]);
        }
        if is_body {
            return Some(vec![(whole, format!("{}.table()", inner.text(text)))]);
        }
        let goes_on = tokens.is_punct(self.close + 1, '.') || tokens.is_punct(self.close + 1, '?');
        if goes_on && !is_name {
            let path = Span::new(whole.start.0, span(self.open)?.start.0);
            return Some(vec![(path, String::new())]);
        }
        let tail = inner.text(text);
        let end = tail.trim_end().strip_suffix(',').unwrap_or(tail.trim_end());
        let start = tail.len() - tail.trim_start().len();
        Some(vec![
            (
                Span::new(whole.start.0, inner.start.0 + start),
                String::new(),
            ),
            (
                Span::new(inner.start.0 + end.len(), whole.end.0),
                String::new(),
            ),
        ])
    }
}

/// Whether the arrow at a place is that of `Fn(..) -> `, `fn(..) -> ` or the like, and not of a function
/// that has a name.
fn is_function_type(tokens: &Tokens<'_>, arrow: usize) -> bool {
    let close = arrow.checked_sub(1).and_then(|close| tokens.get(close));
    let before = close.and_then(|close| close.partner.checked_sub(1));
    before.is_some_and(|name| matches!(tokens.text(name), "Fn" | "FnMut" | "FnOnce" | "fn"))
}

/// The lifetime that stands in a type, with a blank behind it.
fn lifetime(tokens: &Tokens<'_>, range: std::ops::Range<usize>) -> String {
    let mut names = range.filter(|index| tokens.kind(*index) == Some(TokenKind::Lifetime));
    let name = names.next().map(|index| tokens.text(index));
    let name = name.filter(|name| *name != "'_");
    name.map_or_else(String::new, |name| format!("{name} "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::moved;

    fn told(text: &str) -> String {
        moved(unwrapped, text, 35, 36)
    }

    #[test]
    fn what_is_wrapped_in_a_wrapper_of_ones_own_stands_for_itself() {
        let before = "\
use wasmtime_wasi::p2::{IoImpl, IoView};
impl<T: IoView> View for Logging<IoImpl<T>> {}
fn of<T>(state: &mut T) -> Logging<IoImpl<&mut T>> {
    Logging(IoImpl(state))
}
fn inner() { let x = Logging(IoImpl(Inner { a, b },)); wasmtime_wasi::p2::IoImpl(&mut x).table(); }
";
        let after = "\
use wasmtime_wasi::p2::IoView;
impl<T: IoView> View for Logging<T> {}
fn of<T>(state: &mut T) -> Logging<&mut T> {
    Logging(state)
}
fn inner() { let x = Logging(Inner { a, b }); (&mut x).table(); }
";
        assert_eq!(told(before), after);
    }

    #[test]
    fn getters_of_wasi_io_give_the_table() {
        let before = "\
use wasmtime_wasi::p2::IoImpl;
fn annotate<T, F>(f: F) -> F where F: Fn(&mut T) -> IoImpl<&mut T> { f }
fn link() { let get = annotate::<T, _>(|it| IoImpl(it)); }
fn named<'a, T>(it: &'a mut T, f: fn(&'a mut T) -> IoImpl<&'a mut T>) {}
";
        let after = "\
fn annotate<T, F>(f: F) -> F where F: Fn(&mut T) -> &mut wasmtime::component::ResourceTable { f }
fn link() { let get = annotate::<T, _>(|it| it.table()); }
fn named<'a, T>(it: &'a mut T, f: fn(&'a mut T) -> &'a mut wasmtime::component::ResourceTable) {}
";
        assert_eq!(told(before), after);
    }

    #[test]
    fn what_is_not_understood_is_left_as_a_whole() {
        for text in [
            "use wasmtime_wasi::p2::IoImpl;\nfn f() { let x = W(IoImpl(s)); map(IoImpl) }\n",
            "use wasmtime_wasi::p2::IoImpl;\nimpl HasData for H { type Data<'a> = IoImpl<&'a mut S>; }\n",
            "use wasmtime_wasi::p2::IoImpl;\nfn f() { link(|s| IoImpl(Inner { s })) }\n",
            "use wasmtime_wasi::p2::IoImpl;\nfn io(s: &mut S) -> IoImpl<Inner<'_>> { IoImpl(Inner { s }) }\n",
            "struct IoImpl<T>(T);\nfn f() { IoImpl(1); }\n",
        ] {
            assert_eq!(told(text), text);
        }
        let of_36 = "use wasmtime_wasi::p2::IoImpl;\nfn f() { IoImpl(s); }\n";
        assert_eq!(moved(unwrapped, of_36, 36, 48), of_36);
    }
}
