//! An item as a whole, with the white space that is its own.

use std::ops::Range;

use crate::span::Span;
use crate::tokens::Tokens;

/// The bytes of an item with the white space in front of it; with that behind it when it is the first
/// of the file. A comment in front stays.
pub(super) fn whole_item(tokens: &Tokens<'_>, text: &str, first: usize, last: usize) -> Span {
    let span_of = |index: usize| {
        tokens
            .get(index)
            .map_or(Span::default(), |token| token.span)
    };
    let (start, end) = (span_of(first).start.0, span_of(last).end.0);
    let gap = match first.checked_sub(1) {
        Some(before) => span_of(before).end.0..start,
        None => start..start,
    };
    let is_white = |range: &Range<usize>| {
        text.get(range.clone())
            .is_some_and(|gap| gap.trim().is_empty())
    };
    // The first of a block leaves its place to the next one.
    let behind = end..span_of(last + 1).start.0.max(end);
    let leads = first > 0 && tokens.text(first - 1) == "{" && tokens.text(last + 1) != "}";
    if leads && is_white(&gap) && is_white(&behind) {
        return Span::new(start, behind.end);
    }
    if first > 0 && is_white(&gap) {
        return Span::new(gap.start, end);
    }
    // Behind a comment: the lines that it is alone on.
    let (before, behind) = (
        text.get(..start).unwrap_or_default(),
        text.get(end..).unwrap_or_default(),
    );
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let newline = behind
        .find('\n')
        .filter(|newline| behind[..*newline].trim().is_empty());
    match newline.filter(|_| before[line..].trim().is_empty()) {
        Some(newline) => Span::new(line, end + newline + 1),
        None => Span::new(start, end),
    }
}

/// The function of that name as a whole, when nothing but so many calls uses it.
pub(super) fn unused_function(
    tokens: &Tokens<'_>,
    text: &str,
    name: &str,
    calls: usize,
) -> Vec<Span> {
    let places: Vec<usize> = tokens.places_of(name).collect();
    let declared = places
        .iter()
        .find(|place| **place > 0 && tokens.is_ident(*place - 1, "fn"));
    let Some(declared) = declared.filter(|_| places.len() == calls + 1) else {
        return Vec::new();
    };
    let body = (*declared..tokens.len()).find(|index| tokens.text(*index) == "{");
    let Some(last) = body
        .and_then(|open| tokens.get(open))
        .map(|open| open.partner)
    else {
        return Vec::new();
    };
    let first = declared - 1;
    // With a visibility or an attribute it is more than this file's own.
    let is_alone = first == 0 || matches!(tokens.text(first - 1), "}" | ";" | "{");
    match is_alone {
        true => vec![whole_item(tokens, text, first, last)],
        false => Vec::new(),
    }
}

/// Where the item that a place is in ends, in bytes: what is declared there is known where the place is.
pub(super) fn end_of_item_around(tokens: &Tokens<'_>, place: usize) -> Option<usize> {
    let is_module = |open: &usize| *open > 1 && tokens.is_ident(open - 2, "mod");
    let around = tokens.around(place).filter(|open| !is_module(open));
    let item = around.last()?;
    Some(tokens.get(tokens.get(item)?.partner)?.span.end.0)
}
