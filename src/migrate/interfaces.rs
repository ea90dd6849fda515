//! WASI linked one interface at a time, by hosts that give their guests a part of it. Up to 35 the getter
//! of each call wrapped the host in `WasiImpl`; from 37 on every group of interfaces has a view of its own
//! (`WasiCli` and `WasiCliView`, PR #11378), and in between all of them are implemented for `WasiCtxView`.
//! The same for `wasi:http`, whose `WasiHttpImpl` made place for `WasiHttp` and `WasiHttpView` at 43 (PR #12748).

mod group;
mod host;

use std::collections::BTreeSet;
use std::ops::Range;

use self::group::Group;
use self::host::Host;
use super::impls::{arguments, behind_generics, span_of};
use super::scopes::Scopes;
use super::segments::{head, path_at};
use super::use_edits::{self, Fate};
use super::use_tree::UseItem;
use super::whole::{end_of_item_around, unused_function, whole_item};
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::Tokens;

/// The functions that link one interface, in one line or another.
const FUNCTIONS: [&str; 2] = ["add_to_linker_get_host", "add_to_linker"];
/// What hosts were wrapped in.
const WRAPPERS: [&str; 3] = ["WasiImpl", "IoImpl", "WasiHttpImpl"];

/// Links each interface by the view that the line has for it.
#[must_use]
pub fn interfaces(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    if !text.contains("add_to_linker") {
        return Migrated::default();
    }
    let mut linking = Linking {
        tokens,
        text,
        ground,
        scopes: Scopes::of(tokens),
        edits: Vec::new(),
        gone: Vec::new(),
    };
    linking.link();
    Migrated {
        edits: linking.edits,
        remaining: Vec::new(),
    }
}

struct Linking<'a, 't> {
    tokens: &'a Tokens<'t>,
    text: &'t str,
    ground: &'a Ground<'a>,
    scopes: Scopes<'t>,
    edits: Vec<Edit>,
    /// What is taken away or written anew.
    gone: Vec<Span>,
}

/// `path::add_to_linker::<T, HasHost>(linker, getter)`.
struct Call {
    name: usize,
    /// The generic arguments with their brackets.
    generics: Option<Range<usize>>,
    getter: Range<usize>,
    group: Group,
    host: Host,
}

impl Linking<'_, '_> {
    fn link(&mut self) {
        let places = FUNCTIONS
            .iter()
            .flat_map(|name| self.tokens.places_of(name));
        let calls: Vec<Call> = places.filter_map(|place| self.call(place)).collect();
        if calls.is_empty() {
            return;
        }
        let mut markers = BTreeSet::new();
        for call in &calls {
            markers.extend(self.edit_call(call));
        }
        let mut own = calls
            .iter()
            .filter_map(|call| Some((call.name, call.group.declaration(self.ground)?)));
        if let Some((place, declaration)) = own.next() {
            self.declare_marker(place, &declaration);
        }
        self.take_bindings_away(&calls);
        for marker in markers {
            self.take_marker_away(&marker);
        }
        self.take_imports_away();
    }

    fn call(&self, name: usize) -> Option<Call> {
        let tokens = self.tokens;
        let path = path_at(tokens, head(tokens, name)).filter(|path| path.end == name + 1)?;
        let meaning = self.scopes.meaning(tokens, &path, self.ground)?;
        let group = Group::of(&meaning, self.ground)?;
        let turbofish = name + 3;
        let has_generics = tokens.is_path_separator(name + 1) && tokens.is_punct(turbofish, '<');
        let generics = match has_generics {
            true => Some(turbofish..behind_generics(tokens, turbofish)?),
            false => None,
        };
        let open = generics.as_ref().map_or(name + 1, |range| range.end);
        let arguments = arguments(tokens, open).filter(|_| tokens.text(open) == "(")?;
        let getter = arguments.last().filter(|_| arguments.len() > 1)?.clone();
        let host = Host::of(tokens, self.text, &getter)?;
        Some(Call {
            name,
            generics,
            getter,
            group,
            host,
        })
    }

    fn replace(&mut self, span: Span, text: &str) {
        self.gone.push(span);
        self.edits.push(Edit {
            span,
            text: text.to_owned(),
            reason: format!(
                "line {} has a view for each group of interfaces",
                self.ground.to
            ),
        });
    }

    /// Gives the name of the type that said what the getter gives, where it was one of the project's.
    fn edit_call(&mut self, call: &Call) -> Option<String> {
        let tokens = self.tokens;
        let name = tokens.get(call.name)?.span;
        if name.text(self.text) != "add_to_linker" {
            self.replace(name, "add_to_linker");
        }
        let data = call.group.data();
        let mut marker = None;
        match &call.generics {
            None => self.replace(Span::new(name.end.0, name.end.0), &format!("::<_, {data}>")),
            Some(range) => {
                let of_data = second_generic(tokens, range)?;
                marker = Some(tokens.text(of_data.start).to_owned());
                let span = span_of(tokens, &of_data)?;
                self.replace(span, data);
            }
        }
        let span = span_of(tokens, &call.getter)?;
        self.replace(span, &call.group.getter(&call.host));
        marker
    }

    /// Declares a type behind the item that a call is in.
    fn declare_marker(&mut self, call: usize, declaration: &str) {
        let Some(at) = end_of_item_around(self.tokens, call) else {
            return;
        };
        if !self.scopes.is_defined(group::OWN_MARKER) {
            self.replace(Span::new(at, at), declaration);
        }
    }

    /// `let getter = annotate(|it| ..);`, when nothing else has it.
    fn take_bindings_away(&mut self, calls: &[Call]) {
        let tokens = self.tokens;
        let mut bindings: Vec<(usize, usize)> = Vec::new();
        for call in calls {
            let Some(binding) = call.host.binding.filter(|it| !bindings.contains(it)) else {
                continue;
            };
            let name = tokens.text(call.getter.start);
            let of_it = |other: &&Call| other.host.binding == Some(binding);
            let used = calls.iter().filter(of_it).count();
            // In the block that it stands in, until the next one of the name.
            let block = tokens.around(binding.0).next();
            let close = block.and_then(|open| tokens.get(open));
            let close = close.map_or(tokens.len(), |token| token.partner);
            let mut uses = tokens.places_of(name).filter(|place| *place > binding.1);
            let next = uses.find(|place| tokens.is_ident(place - 1, "let"));
            let end = next.map_or(close, |next| next.min(close));
            let uses = tokens.places_of(name);
            let uses = uses.filter(|place| (binding.1..end).contains(place));
            if uses.count() == used {
                bindings.push(binding);
            }
        }
        let mut annotations: Vec<&str> = Vec::new();
        for (first, last) in bindings {
            let span = whole_item(tokens, self.text, first, last);
            self.replace(span, "");
            annotations.extend(host::annotation(tokens, first, last));
        }
        let inline = calls.iter().filter(|call| call.host.binding.is_none());
        annotations.extend(inline.filter_map(|call| {
            let is_call = call.getter.len() > 1 && tokens.text(call.getter.end - 1) == ")";
            (is_call && !tokens.is_punct(call.getter.start, '|'))
                .then(|| tokens.text(call.getter.start))
        }));
        let names: BTreeSet<&str> = annotations.iter().copied().collect();
        for name in names {
            let count = annotations.iter().filter(|other| **other == name).count();
            for span in unused_function(tokens, self.text, name, count) {
                self.replace(span, "");
            }
        }
    }

    /// `struct HasHost;` and its `impl HasData`, when nothing else has them.
    fn take_marker_away(&mut self, name: &str) {
        let tokens = self.tokens;
        let mut items = Vec::new();
        for place in tokens.places_of(name) {
            if self.is_gone(place) {
                continue;
            }
            let Some(item) = marker_item(tokens, place) else {
                return;
            };
            if !items.contains(&item) {
                items.push(item);
            }
        }
        for (first, last) in items {
            let span = whole_item(tokens, self.text, first, last);
            self.replace(span, "");
        }
    }

    fn is_gone(&self, place: usize) -> bool {
        let Some(span) = self.tokens.get(place).map(|token| token.span) else {
            return false;
        };
        let mut gone = self.gone.iter();
        gone.any(|gone| gone.start <= span.start && span.end <= gone.end)
    }

    /// The wrappers, where nothing is wrapped any more.
    fn take_imports_away(&mut self) {
        let tokens = self.tokens;
        let is_imported = |place: usize| {
            let mut uses = self.scopes.uses.iter();
            uses.any(|item| (item.start..item.end).contains(&place))
        };
        let is_unused = |name: &str| {
            let mut places = tokens.places_of(name);
            places.all(|place| is_imported(place) || self.is_gone(place))
        };
        let unused: Vec<&str> = WRAPPERS.into_iter().filter(|it| is_unused(it)).collect();
        let reason = "nothing is wrapped in it any more";
        let goes = |item: &UseItem, path: &[&str]| {
            let is_named = path.last().is_some_and(|last| unused.contains(last));
            let resolved = self.scopes.resolve_in(item, path, self.ground);
            // One of the project's own may have the name.
            let is_of_family = resolved.is_some_and(|it| it.path[0].starts_with("wasmtime"));
            match is_named && is_of_family {
                true => Fate::Goes,
                false => Fate::Stays,
            }
        };
        let edits = use_edits::change_all(tokens, self.text, &self.scopes.uses, reason, goes);
        self.edits.extend(edits);
    }
}

/// The second one of `<A, B>`.
fn second_generic(tokens: &Tokens<'_>, range: &Range<usize>) -> Option<Range<usize>> {
    let inside = range.start + 1..range.end - 1;
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    let mut index = inside.start;
    while index < inside.end {
        match tokens.text(index) {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            "," if depth == 0 => commas.push(index),
            _ => {}
        }
        index = tokens.after(index);
    }
    let [comma] = commas.as_slice() else {
        return None;
    };
    Some(comma + 1..inside.end)
}

/// The declaration of a type without fields that name anything, or `impl HasData for` it, around its name.
fn marker_item(tokens: &Tokens<'_>, place: usize) -> Option<(usize, usize)> {
    let is_first = |first: usize| first == 0 || matches!(tokens.text(first - 1), "}" | ";" | "{");
    if place > 0 && tokens.is_ident(place - 1, "struct") {
        let last = (place..tokens.len()).find(|index| matches!(tokens.text(*index), ";" | "{"))?;
        let last = match tokens.text(last) {
            ";" => last,
            _ => tokens.get(last)?.partner,
        };
        return is_first(place - 1).then_some((place - 1, last));
    }
    let is_impl = |index: &usize| tokens.is_ident(*index, "impl");
    let first = (0..place).rev().take(40).find(is_impl)?;
    let of_data = (first..place).any(|index| tokens.is_ident(index, "HasData"));
    let is_plain = (first..place).all(|index| !matches!(tokens.text(index), "{" | ";"));
    let open = (place..tokens.len()).find(|index| tokens.text(*index) == "{")?;
    (of_data && is_plain && is_first(first)).then_some((first, tokens.get(open)?.partner))
}

#[cfg(test)]
mod tests;
