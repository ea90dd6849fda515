//! Hosts are reached through a type that implements `HasData` (34, PR #10770), where the getter's type
//! told it before: `add_to_linker_get_host(linker, getter)` is `add_to_linker::<_, HasView>(linker, getter)`.

mod getter;
#[cfg(test)]
mod tests;

use std::ops::Range;

use getter::{Getter, Parameter};

use super::{Repair, Site};
use crate::migrate::impls::{arguments, span_of};
use crate::migrate::whole::end_of_item_around;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

/// The functions that are gone, and what has their place.
const MOVED: [(&str, &str); 2] = [
    ("add_to_linker_get_host", "add_to_linker"),
    ("add_to_linker_imports_get_host", "add_to_linker_imports"),
];

/// Every call in the file whose getter is the one of the call that the error is about.
pub(super) fn get_host(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.line >= Line(34) && (site.is("E0425") || site.is("E0599"));
    let (label, text) = site.primary().filter(|_| is_it)?;
    let is_moved = MOVED.iter().any(|(old, _)| *old == label.span.text(text));
    let tokens = Tokens::read(text).ok().filter(|_| is_moved)?;
    let place = tokens.starting_at(label.span.start)?;
    let call = Call::read(&tokens, place)?;
    let getter = Getter::of(&tokens, text, &call.getter)?;
    // `wasmtime-wasi` has these wrappers no more, and what takes their place is another for each module.
    let is_gone = |name| site.line >= Line(36) && getter.data.contains(name);
    if is_gone("WasiImpl") || is_gone("IoImpl") {
        return None;
    }
    let edits = edits(&tokens, text, &call, &getter)?;
    let reason = format!("a type says what the getter gives (line {})", site.line);
    Some(Repair::of_file(label, edits, &reason))
}

/// `..::add_to_linker_get_host(linker, getter)`.
struct Call {
    name: usize,
    getter: Range<usize>,
}

impl Call {
    fn read(tokens: &Tokens<'_>, name: usize) -> Option<Self> {
        let open = name + 1;
        let arguments = arguments(tokens, open).filter(|_| tokens.text(open) == "(")?;
        let getter = arguments.last().filter(|_| arguments.len() > 1)?.clone();
        Some(Self { name, getter })
    }
}

/// All edits of the file for one getter.
fn edits(
    tokens: &Tokens<'_>,
    text: &str,
    call: &Call,
    getter: &Getter,
) -> Option<Vec<(Span, String)>> {
    let mut edits = Vec::new();
    let data = match getter.data.is_empty() {
        true => "wasmtime::component::HasSelf<_>".to_owned(),
        false => {
            let name = getter.marker()?;
            if tokens.places_of(&name).next().is_none() {
                edits.push(declaration(tokens, getter, &name, call.name)?);
            }
            let holes: Vec<&str> = getter.parameters.iter().map(|_| "_").collect();
            match holes.is_empty() {
                true => name,
                false => format!("{name}<{}>", holes.join(", ")),
            }
        }
    };
    let written = span_of(tokens, &call.getter)?.text(text);
    for (old, new) in MOVED {
        let calls = tokens
            .places_of(old)
            .filter_map(|name| Call::read(tokens, name));
        for other in calls {
            let span = span_of(tokens, &other.getter)?;
            if span.text(text) != written {
                continue;
            }
            edits.push((tokens.get(other.name)?.span, format!("{new}::<_, {data}>")));
            if let Some(closure) = &getter.inlined {
                edits.push((span, closure.clone()));
            }
        }
    }
    let gone = joined(&getter.gone, text).into_iter();
    edits.extend(gone.map(|span| (span, String::new())));
    Some(edits)
}

/// The type that implements `HasData`, behind the item that the call is in.
fn declaration(
    tokens: &Tokens<'_>,
    getter: &Getter,
    name: &str,
    call: usize,
) -> Option<(Span, String)> {
    let at = end_of_item_around(tokens, call)?;
    let data = &getter.data;
    let parameters = getter.parameters.iter();
    let names: Vec<&str> = parameters.map(|it| it.name.as_str()).collect();
    let (of_type, of_impl, holds) = match names.join(", ") {
        none if none.is_empty() => (String::new(), String::new(), String::new()),
        names => {
            let bounds: Vec<String> = getter
                .parameters
                .iter()
                .map(|Parameter { name, bounds }| match bounds.is_empty() {
                    true => format!("{name}: 'static"),
                    false => format!("{name}: {bounds} + 'static"),
                })
                .collect();
            let held = match getter.parameters.len() {
                1 => names.clone(),
                _ => format!("({names})"),
            };
            (
                format!("<{names}>"),
                format!("<{}>", bounds.join(", ")),
                format!("(std::marker::PhantomData<{held}>)"),
            )
        }
    };
    let text = format!(
        "\n\nstruct {name}{of_type}{holds};\n\nimpl{of_impl} wasmtime::component::HasData for {name}{of_type} {{\n    type Data<'a> = {data};\n}}"
    );
    Some((Span::new(at, at), text))
}

/// Spans that share white space, as one; at the start of a block with the white space behind it.
fn joined(spans: &[Span], text: &str) -> Vec<Span> {
    let mut spans = spans.to_vec();
    crate::order::sort_by_key(&mut spans, |span| span.start);
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        let Some(last) = all.last_mut().filter(|last| span.start < last.end) else {
            all.push(span);
            continue;
        };
        let end = last.end.max(span.end).0;
        let leads = text[..last.start.0].trim_end().ends_with('{');
        let white = text[end..].len() - text[end..].trim_start().len();
        *last = Span::new(last.start.0, if leads { end + white } else { end });
    }
    all
}
