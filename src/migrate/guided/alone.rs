//! Calls that gave something beside their value and give the value alone.

use std::ops::Range;

use super::{Repair, Site};
use crate::migrate::LeftOver;
use crate::migrate::impls::{arguments, span_of};
use crate::migrate::whole::whole_item;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

/// Concurrent calls gave the end of their task beside the value up to 42: where it was waited for and no more,
/// that goes with it.
pub(super) fn value_alone(site: &Site<'_>) -> Option<Repair> {
    let is_crossed = site.terms.from < Line(43) && site.line >= Line(43);
    let is_it = is_crossed && site.is("E0308") && site.speaks_of("found tuple `(_, _)`");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let tokens = Tokens::read(text).ok()?;
    let open = tokens.starting_at(label.span.start)?;
    let close = tokens
        .get(open)
        .filter(|_| tokens.text(open) == "(")?
        .partner;
    let is_let = open > 0 && tokens.is_ident(open - 1, "let");
    let end = (close..tokens.len()).find(|index| tokens.is_punct(*index, ';'))?;
    let calls = (close..end).any(|index| tokens.text(index).starts_with("call_"));
    // `(value, exit)`, `(mut value, exit)`
    let pair = arguments(&tokens, open).filter(|pair| pair.len() == 2 && is_let && calls)?;
    let is_name = |of: &Range<usize>| {
        let names = of.clone().filter(|it| !tokens.is_ident(*it, "mut"));
        names.map(|it| tokens.kind(it)).eq([Some(TokenKind::Ident)])
    };
    if !is_name(&pair[0]) || pair[1].len() != 1 || !is_name(&pair[1]) {
        return None;
    }
    let exit = tokens.text(pair[1].start);
    let value = span_of(&tokens, &pair[0])?.text(text).to_owned();
    let mut edits = vec![(label.span, value)];
    let block = tokens
        .around(open)
        .next()
        .and_then(|block| tokens.get(block));
    let behind = block.map_or(tokens.len(), |block| block.partner);
    let uses = tokens
        .places_of(exit)
        .filter(|place| exit != "_" && (end..behind).contains(place));
    for place in uses {
        let is_wait = tokens.is_punct(place + 1, '.')
            && tokens.is_ident(place + 2, "block")
            && tokens.text(place + 3) == "(";
        let mut last = tokens.after(place + 3);
        if !is_wait || !matches!(tokens.text(place - 1), ";" | "{" | "}") {
            return None;
        }
        while !tokens.is_punct(last, ';') {
            tokens.kind(last).filter(|kind| *kind != TokenKind::Close)?;
            last = tokens.after(last);
        }
        edits.push((whole_item(&tokens, text, place, last), String::new()));
    }
    let reason = format!("the call gives its value alone (line {})", site.line);
    let waits = edits.len() > 1;
    let mut repair = Repair::of_file(label, edits, &reason);
    repair.look_at = waits.then(|| {
        let what = "nothing waits here for the end of the call's task any more: what it goes on writing may not be there yet".to_owned();
        let span = label.span;
        (label.path.clone(), LeftOver { span, what })
    });
    Some(repair)
}

/// `instantiate` of generated bindings gave the instance beside them in old releases.
pub(super) fn bindings_alone(site: &Site<'_>) -> Option<Repair> {
    let is_it = site.is("E0308")
        && site.speaks_of("found tuple `(_, _)`")
        && site.speaks_of("::instantiate");
    let (label, text) = site.primary().filter(|_| is_it)?;
    let written = label.span.text(text);
    let inside = written.strip_prefix('(')?.strip_suffix(')')?;
    let (bindings, instance) = inside.split_once(',')?;
    // Who wants the instance has to get it another way.
    let is_unused = instance
        .trim()
        .trim_end_matches(',')
        .trim()
        .starts_with('_');
    let reason = "the instance does not come with the bindings";
    is_unused.then(|| site.edit(label, label.span, bindings.trim().to_owned(), reason))
}
