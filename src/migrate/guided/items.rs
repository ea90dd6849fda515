//! What a component or a linker has by a name: it comes with more than its type, or in a result.

use super::{Repair, Site};
use crate::diagnostics::Label;
use crate::migrate::impls::arguments;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// What a component imports and exports comes in a `ComponentExtern` (46, PR #13361).
pub(super) fn component_extern(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0308") && site.speaks_of("ComponentExtern<");
    is_it.then_some(())?;
    let reason = "the type is a field of it";
    let proposed = site.as_proposed(reason, |suggestion| {
        suggestion
            .message
            .starts_with("you might have meant to use field `ty` whose type is `ComponentItem`")
    });
    if proposed.is_some() {
        return proposed;
    }
    if let Some((label, at)) = in_argument(site) {
        return Some(site.edit(label, Span::new(at, at), ".ty".to_owned(), reason));
    }
    if let Some((label, ends)) = in_closure(site) {
        let edits = ends.map(|at| (Span::new(at, at), ".ty".to_owned()));
        return Some(Repair::of_file(label, edits.collect(), reason));
    }
    // An argument, or something that is matched as a reference: of these the compiler proposes nothing.
    let is_extern = |label: &&Label| {
        let of_found = label.is_primary && label.text.contains("ComponentItem`, found `");
        let of_matched = !label.is_primary && label.text.starts_with("this expression has type `");
        let names = ["`ComponentExtern<", "`&ComponentExtern<"];
        (of_found || of_matched) && names.iter().any(|name| label.text.contains(name))
    };
    let is_option = |label: &&Label| {
        !label.is_primary
            && label.text.starts_with("this expression has type `")
            && label.text.contains("Option<ComponentExtern<")
    };
    if let Some(label) = site.error.labels.iter().find(is_option) {
        site.text_at(label)?;
        let end = label.span.end.0;
        let text = ".map(|item| item.ty)".to_owned();
        return Some(site.edit(label, Span::new(end, end), text, reason));
    }
    let label = site.error.labels.iter().find(is_extern)?;
    let written = label.span.text(site.text_at(label)?);
    let name = written.trim_start_matches('&');
    let is_place = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '(' | ')');
    let end = label.span.end.0;
    name.chars()
        .all(is_place)
        .then(|| site.edit(label, Span::new(end, end), ".ty".to_owned(), reason))
}

/// What was put into a collection: `items.push((name, item))`, which is wanted elsewhere with types in it.
fn in_argument<'a>(site: &Site<'a>) -> Option<(&'a Label, usize)> {
    let mut labels = site.error.labels.iter();
    let label = labels.find(|label| {
        label.text.starts_with("this argument has type `")
            && label.text.contains("ComponentExtern<")
    })?;
    let text = site.text_at(label)?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let of_type = label.text.split('`').nth(1)?;
    let place = match of_type.strip_prefix('(') {
        // Types have commas of their own: the last one is what can be told.
        Some(_) if of_type.rsplit(", ").next()?.contains("ComponentExtern<") => {
            arguments(&tokens, first)?.last()?.clone()
        }
        Some(_) => return None,
        None => first..first + 1,
    };
    let is_name = place.len() == 1 && tokens.kind(place.start) == Some(TokenKind::Ident);
    let token = tokens.get(place.start).filter(|_| is_name)?;
    Some((label, token.span.end.0))
}

/// What a closure makes of what a component exports: `.map(|(name, item)| (name.to_string(), item))`, which
/// is wanted with types in it. The ends of the names, in bytes.
fn in_closure<'a>(site: &Site<'a>) -> Option<(&'a Label, impl Iterator<Item = usize>)> {
    let (label, text) = site.primary()?;
    let (_, found) = label.text.split_once("found `")?;
    let tokens = Tokens::read(text).ok()?;
    let first = tokens.starting_at(label.span.start)?;
    let end = tokens.starting_at(label.span.end)?;
    // `|(name, item)|`.
    let bar = (first..end).find(|bar| {
        tokens.is_punct(*bar, '|')
            && tokens.text(bar + 1) == "("
            && tokens.is_punct(bar + 3, ',')
            && tokens.text(bar + 5) == ")"
            && tokens.is_punct(bar + 6, '|')
    })?;
    let name = tokens.text(bar + 4);
    let is_last = |place: &usize| {
        (bar + 6..end).contains(place)
            && tokens.is_punct(place - 1, ',')
            && tokens.text(place + 1) == ")"
    };
    let places: Vec<usize> = tokens.places_of(name).filter(is_last).collect();
    let ends: Vec<usize> = places
        .into_iter()
        .filter_map(|place| Some(tokens.get(place)?.span.end.0))
        .collect();
    let is_it = found.contains("ComponentExtern<") && !ends.is_empty();
    is_it.then(|| (label, ends.into_iter()))
}

/// What `Linker::get` gives is a result since 44 (PR #12858): where it has a name, what is done with it
/// as an option says so.
pub(super) fn linker_get(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0308") && site.line >= Line(44);
    let mut labels = site.error.labels.iter().filter(|_| is_it);
    let matched = labels.find(|label| {
        !label.is_primary
            && label.text.starts_with("this expression has type `")
            && label.text.contains("Result<")
            && label.text.contains("Extern, ")
    })?;
    let text = site.text_at(matched)?;
    let written = matched.span.text(text);
    let is_name = written.chars().all(|c| c.is_alphanumeric() || c == '_');
    let at = matched.span.end.0;
    is_name.then(|| {
        site.edit(
            matched,
            Span::new(at, at),
            ".ok()".to_owned(),
            "`Linker::get` says why there is nothing",
        )
    })
}
