//! Functions of traits that `bindgen!` generates: from 29 on they are `async fn` themselves, without
//! `#[async_trait]` (PR #9867), and those that drop a resource are asynchronous like the others from 25
//! on (PR #9091).

use std::ops::RangeInclusive;

use super::{Repair, Site};
use crate::diagnostics::Label;
use crate::migrate::impls::{self, ImplBlock};
use crate::migrate::segments::head;
use crate::migrate::whole::whole_item;
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

/// The first line whose `wiggle` has no `async_trait`.
const WITHOUT_ASYNC_TRAIT: Line = Line(39);

/// The first line whose generated traits are asynchronous without it.
const BY_THEMSELVES: Line = Line(29);

/// Takes the attribute from the implementation that the error stands in.
pub(super) fn async_trait(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0195") {
        return None;
    }
    let label = site.error.labels.iter().find(|label| label.is_primary)?;
    // With the attribute the function comes out of a macro; only its place is asked for.
    let text = site.texts.get(&label.path)?;
    let tokens = Tokens::read(text).ok()?;
    let span_of = |index: usize| tokens.get(index).map(|token| token.span);
    let block = impls::find(&tokens).into_iter().find(|block| {
        let ends = span_of(block.start).zip(span_of(block.close));
        ends.is_some_and(|(first, last)| first.to(last).to(label.span) == first.to(last))
    })?;
    let attribute = attribute_of(&tokens, &block)?;
    // It is not there any more, so the function did not come out of it.
    let is_of_wiggle = tokens.is_ident(attribute.start() + 2, "wiggle");
    if site.line >= WITHOUT_ASYNC_TRAIT && is_of_wiggle {
        return None;
    }
    if site.line < BY_THEMSELVES {
        // The trait has the attribute as well: what differs is that its function is asynchronous.
        return made_async(site, label, &tokens, std::slice::from_ref(&block));
    }
    // It does nothing for blocks without functions, of which no error speaks.
    let blocks = impls::find(&tokens).into_iter();
    let is_generated = |it: &ImplBlock| {
        let name = it.trait_path.last().map_or("", |name| tokens.text(*name));
        name.starts_with("Host") || name.ends_with("Imports")
    };
    let empty = blocks.filter(|it| it.functions.is_empty() && !it.has_others && is_generated(it));
    let empty = empty.filter_map(|it| attribute_of(&tokens, &it));
    let all = std::iter::once(attribute).chain(empty);
    let edits = all.filter_map(|it| Some((without(&tokens, text, &it)?, String::new())));
    let reason = format!(
        "generated traits have functions that are async themselves (line {})",
        site.line
    );
    Some(Repair::of_file(label, edits.collect(), &reason))
}

/// The attribute `async_trait`, or `a::b::async_trait`, with or without arguments, of a block: its tokens.
fn attribute_of(tokens: &Tokens<'_>, block: &ImplBlock) -> Option<RangeInclusive<usize>> {
    let mut index = block.start;
    while tokens.is_punct(index, '#') {
        let close = tokens.get(index + 1)?.partner;
        let is_it = (index + 2..close).any(|place| {
            let is_last = !tokens.is_path_separator(place + 1);
            tokens.is_ident(place, "async_trait") && is_last
        });
        if is_it {
            return Some(index..=close);
        }
        index = close + 1;
    }
    None
}

/// The bytes of an attribute and of the white space behind it.
fn without(tokens: &Tokens<'_>, text: &str, attribute: &RangeInclusive<usize>) -> Option<Span> {
    let span_of = |index: usize| tokens.get(index).map(|token| token.span);
    let (first, last) = (*attribute.start(), *attribute.end());
    let next = span_of(last + 1)?.start.0;
    let (start, end) = (span_of(first)?.start.0, span_of(last)?.end.0);
    Some(match text.get(end..next)?.trim().is_empty() {
        true => Span::new(start, next),
        false => whole_item(tokens, text, first, last),
    })
}

/// `wiggle` has no `async_trait` any more (39, PR #11839), nor has `wasmtime::component::__internal` (29, PR
/// #9867). Whether a trait still needs it, as those of wasi-common do, only the compiler can say: so it is had
/// from elsewhere, and taken away by the next round where the trait is asynchronous itself.
pub(super) fn async_trait_elsewhere(site: &Site<'_>) -> Option<Repair> {
    let of_wiggle = site.line >= WITHOUT_ASYNC_TRAIT && site.speaks_of("`async_trait` in `wiggle`");
    let of_internal = site.line >= BY_THEMSELVES
        && (site.speaks_of("`async_trait` in `__internal`")
            || site.speaks_of("`wasmtime::component::__internal::async_trait`"));
    let is_it = (site.is("E0433") || site.is("E0432")) && (of_wiggle || of_internal);
    let label = site
        .error
        .labels
        .iter()
        .find(|label| label.is_primary && is_it)?;
    let text = site.texts.get(&label.path)?;
    let crates = site.terms.crates.get(&label.path)?;
    let from = ["async-trait", "wasmtime-wasi"]
        .iter()
        .find_map(|package| crates.name_of(package))?;
    let tokens = Tokens::read(text).ok()?;
    let name = tokens.places_of("async_trait").find(|place| {
        let span = tokens.get(*place).map(|token| token.span);
        span.is_some_and(|span| span.start >= label.span.start && span.end <= label.span.end)
    })?;
    let first = head(&tokens, name);
    let span = tokens.get(first)?.span.to(tokens.get(name)?.span);
    let reason = "it is not had from there any more";
    (first < name).then(|| site.edit(label, span, format!("{from}::async_trait"), reason))
}

/// Makes a function `async` whose trait wants a future of it.
pub(super) fn async_fn(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0277") || !site.error.message.ends_with("is not a future") {
        return None;
    }
    let (label, text) = site.primary()?;
    let tokens = Tokens::read(text).ok()?;
    made_async(site, label, &tokens, &impls::find(&tokens))
}

/// Writes the word in front of the function whose head a label stands in.
fn made_async(
    site: &Site<'_>,
    label: &Label,
    tokens: &Tokens<'_>,
    blocks: &[ImplBlock],
) -> Option<Repair> {
    let start_of = |index: usize| tokens.get(index).map(|token| token.span.start);
    let mut functions = blocks.iter().flat_map(|block| &block.functions);
    let function = functions.find(|function| {
        // The compiler points into the head, at the result or at all of it.
        let head = start_of(function.start).zip(start_of(function.open));
        head.is_some_and(|(start, open)| start <= label.span.start && label.span.start < open)
    })?;
    let word = function.name.checked_sub(1)?;
    if (function.start..word).any(|index| tokens.is_ident(index, "async")) {
        return None;
    }
    let at = start_of(word)?.0;
    let reason = "the trait wants a future";
    Some(site.edit(label, Span::new(at, at), "async ".to_owned(), reason))
}
