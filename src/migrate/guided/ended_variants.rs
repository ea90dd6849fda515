//! Variants that are gone: what a `match` does with them is taken out.

use super::{Repair, Site, arms};
use crate::span::Span;
use crate::tokens::Tokens;
use crate::version::Line;

/// The first line without a variant, its enum, and its name.
const ENDED: [(Line, &str, &str); 4] = [
    (Line(36), "GuestError", "PtrBorrowed"),
    (Line(36), "GuestError", "BorrowCheckerOutOfHandles"),
    (Line(42), "Trap", "AlwaysTrapAdapter"),
    (Line(42), "Trap", "DebugAssertMayEnterUnset"),
];

/// Takes the arm of a variant out, or what it is one of (`A | B`). Nothing can have that variant any
/// more, so what is left does what it did. Elsewhere than in the patterns of a `match` a person has to say
/// what is meant.
pub(super) fn ended_variants(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let is_about = |(since, of_enum, variant): &&(Line, &str, &str)| {
        site.line >= *since
            && message.contains(&format!("named `{variant}` found for enum"))
            && (message.contains(&format!("`{of_enum}`"))
                || message.contains(&format!("::{of_enum}`")))
    };
    let (since, of_enum, variant) = ENDED.iter().find(is_about).filter(|_| site.is("E0599"))?;
    let (label, text) = site.primary()?;
    let tokens = Tokens::read(text).ok()?;
    let place = tokens.starting_at(label.span.start)?;
    let span = alternative_or_arm(&tokens, text, place)?;
    let reason = format!("`{of_enum}::{variant}` is gone (line {since})");
    Some(site.edit(label, span, String::new(), &reason))
}

/// The smallest part of the patterns around `place` that can go without changing what the others match;
/// none where `place` is in no pattern of a `match`.
fn alternative_or_arm(tokens: &Tokens<'_>, text: &str, place: usize) -> Option<Span> {
    // From the inside out: what is written before the pattern's own block is found is a part of it only then.
    let mut smallest = None;
    let mut inner = place;
    loop {
        let open = tokens.around(inner).next()?;
        let is_block = tokens.text(open) == "{";
        let arm = arms::arm_around(tokens, open, place).filter(|_| is_block);
        if let Some(arm) = arm {
            let end = end_of_pattern(tokens, &arm);
            if place >= end {
                // What a guard asks may hold because the variant is not there.
                return None;
            }
            return smallest
                .or_else(|| alternative(tokens, arm.start, end, inner))
                .or_else(|| whole_arm(tokens, text, &arm));
        }
        let close = tokens.get(open)?.partner;
        let (start, end) = element(tokens, open + 1, close, inner);
        smallest = smallest.or_else(|| alternative(tokens, start, end, inner));
        inner = open;
    }
}

/// Where the pattern of an arm ends: at its guard, or at `=>`.
fn end_of_pattern(tokens: &Tokens<'_>, arm: &arms::Around) -> usize {
    let mut at = arm.start;
    while at < arm.arrow && !tokens.is_ident(at, "if") {
        at = tokens.after(at);
    }
    at
}

/// What stands between two commas around a place.
fn element(tokens: &Tokens<'_>, first: usize, end: usize, place: usize) -> (usize, usize) {
    let mut start = first;
    let mut at = first;
    while at < end {
        if tokens.is_punct(at, ',') {
            if at > place {
                return (start, at);
            }
            start = at + 1;
        }
        at = tokens.after(at);
    }
    (start, end)
}

/// One of several alternatives, with the `|` that is not needed without it; none when it is the only one.
fn alternative(tokens: &Tokens<'_>, start: usize, end: usize, place: usize) -> Option<Span> {
    let mut bars = Vec::new();
    let mut at = start;
    while at < end {
        if tokens.is_punct(at, '|') {
            bars.push(at);
        }
        at = tokens.after(at);
    }
    if bars.first() == Some(&start) {
        bars.remove(0);
    }
    let before = bars.iter().rev().find(|bar| **bar < place);
    let behind = bars.iter().find(|bar| **bar > place);
    let from = |index: usize| tokens.get(index).map(|token| token.span);
    match (before, behind) {
        (None, None) => None,
        // Up to the next alternative, or from behind the one before.
        (_, Some(behind)) => {
            let first = before.map_or(start, |bar| bar + 1);
            Some(Span::new(from(first)?.start.0, from(behind + 1)?.start.0))
        }
        (Some(before), None) => Some(Span::new(from(before - 1)?.end.0, from(end - 1)?.end.0)),
    }
}

/// An arm with its comma; with its line, when nothing else stands there.
fn whole_arm(tokens: &Tokens<'_>, text: &str, arm: &arms::Around) -> Option<Span> {
    let last = if tokens.is_punct(arm.end, ',') {
        arm.end
    } else {
        arm.end - 1
    };
    let start = tokens.get(arm.start)?.span.start.0;
    let end = tokens.get(last)?.span.end.0;
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text[end..].find('\n').map(|newline| end + newline + 1);
    match rest {
        Some(rest) if text[line..start].trim().is_empty() && text[end..rest].trim().is_empty() => {
            Some(Span::new(line, rest))
        }
        _ => Some(Span::new(start, end)),
    }
}
