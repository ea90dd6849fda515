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
    let behind = text.get(end..).unwrap_or_default();
    let newline = behind
        .find('\n')
        .filter(|newline| behind[..*newline].trim().is_empty());
    Span::new(start, end + newline.map_or(0, |newline| newline + 1))
}
