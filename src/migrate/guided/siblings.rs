//! Other `?` of the same function, closure or asynchronous block whose errors are anyhow's, too, for all
//! to see. Where its result is inferred the compiler tells of one at a time, and each would take a round.

use super::declared::is_of_text;
use crate::migrate::segments::head;
use crate::span::{ByteOffset, Span};
use crate::tokens::{TokenKind, Tokens};

/// Where the expressions in front of other `?` end, in bytes: those of the same body as the `?` at byte
/// `mark` that make their error with a macro of anyhow's, or call the same function.
pub(super) fn siblings(tokens: &Tokens<'_>, mark: usize) -> Vec<usize> {
    let first = tokens.starting_at(ByteOffset(mark));
    let Some((first, body)) = first.and_then(|first| Some((first, body_around(tokens, first)?)))
    else {
        return Vec::new();
    };
    let same = called(tokens, first);
    let close = tokens.get(body).map_or(0, |open| open.partner);
    let marks = (body..close)
        .filter(|mark| *mark != first && tokens.is_punct(*mark, '?'))
        .filter(|mark| {
            makes_error(tokens, *mark) || same.is_some() && called(tokens, *mark) == same
        })
        .filter(|mark| body_around(tokens, *mark) == Some(body));
    marks
        .filter_map(|mark| Some(tokens.get(mark)?.span.start.0))
        .collect()
}

/// The `{` of the body whose result a `?` gives its error to; none where that is what a closure without
/// braces gives.
fn body_around(tokens: &Tokens<'_>, mark: usize) -> Option<usize> {
    let mut open = tokens.around(mark).next()?;
    loop {
        let is_brace = tokens.text(open) == "{";
        let bars = |index: &usize| tokens.is_punct(*index, '|');
        if !is_brace && (open..mark).any(|index| bars(&index)) {
            return None;
        }
        if is_brace && is_body(tokens, open) {
            return Some(open);
        }
        open = tokens.around(open).next()?;
    }
}

/// Whether a `{` begins a function, a closure or an asynchronous block.
fn is_body(tokens: &Tokens<'_>, open: usize) -> bool {
    let Some(before) = open.checked_sub(1) else {
        return false;
    };
    if tokens.is_punct(before, '|') || matches!(tokens.text(before), "async" | "move") {
        return true;
    }
    // `fn f(..) -> Result<..> where .. {`, `|..| -> Result<..> {`.
    let mut index = before;
    loop {
        match tokens.text(index) {
            "fn" => return true,
            ";" | "{" | "}" | "=" | "else" | "if" | "match" | "while" | "for" | "loop"
            | "unsafe" => {
                return false;
            }
            ">" if index > 0 && tokens.is_punct(index - 1, '-') => return true,
            _ => {}
        }
        let token = tokens.get(index).filter(|it| it.kind == TokenKind::Close);
        let Some(next) = token.map_or(index, |it| it.partner).checked_sub(1) else {
            return false;
        };
        // The bracket that the `{` stands in begins here.
        if tokens.kind(next) == Some(TokenKind::Open) {
            return false;
        }
        index = next;
    }
}

/// `.map_err(|..| anyhow!(..))?`, `.ok_or_else(|| anyhow!(..))?`, and `.context(..)?` of anyhow's.
fn makes_error(tokens: &Tokens<'_>, mark: usize) -> bool {
    let method = call_before(tokens, mark).map(|(open, _)| tokens.text(open.saturating_sub(1)));
    match method {
        Some("context" | "with_context") => has_context(tokens),
        _ => last_macro(tokens, mark).is_some(),
    }
}

/// The path of the macro of anyhow's that makes the error of `.map_err(..)` and the like in front of a
/// token, where nothing else there gives an error.
pub(super) fn only_macro(tokens: &Tokens<'_>, behind: usize) -> Option<Span> {
    let (open, close) = call_before(tokens, behind)?;
    let name = last_macro(tokens, behind).filter(|name| is_of_text(tokens, name + 3))?;
    let of_anyhow = |index: &usize| {
        let name = tokens.text(*index);
        tokens.is_punct(index + 1, '!')
            && matches!(name, "anyhow" | "bail" | "ensure" | "format_err")
    };
    let is_only = (open..close).filter(of_anyhow).count() == 1;
    let first = head(tokens, name);
    // The argument, the value of its closure, or the last one of the closure's block.
    let around = tokens.around(first).next()?;
    let is_block = around > 0 && tokens.text(around) == "{" && tokens.is_punct(around - 1, '|');
    let is_value = around == open && matches!(tokens.text(first - 1), "(" | "|");
    let returns = (open..close).any(|index| tokens.is_ident(index, "return"));
    let span = tokens.get(first)?.span.to(tokens.get(name)?.span);
    (is_only && !returns && (is_block || is_value)).then_some(span)
}

/// The name of the macro that makes the last value of an argument, in or without a block.
fn last_macro(tokens: &Tokens<'_>, behind: usize) -> Option<usize> {
    let (open, close) = call_before(tokens, behind)?;
    let is_method = open > 1
        && tokens.is_punct(open - 2, '.')
        && matches!(tokens.text(open - 1), "map_err" | "ok_or_else" | "ok_or");
    let mut last = close - 1;
    while tokens.is_punct(last, ',') || tokens.text(last) == "}" {
        last -= 1;
    }
    let made = tokens.get(last).filter(|it| it.kind == TokenKind::Close)?;
    let opened = made.partner;
    let is_it = is_method
        && opened > open + 1
        && tokens.is_punct(opened - 1, '!')
        && tokens.is_ident(opened - 2, "anyhow");
    is_it.then_some(opened - 2)
}

/// Whether a file brings in `anyhow::Context`, and no other trait with its methods.
fn has_context(tokens: &Tokens<'_>) -> bool {
    let is_anyhows = |name: usize| {
        name >= 3 && tokens.is_path_separator(name - 2) && tokens.is_ident(name - 3, "anyhow")
    };
    let has_snafu = tokens.places_of("snafu").next().is_some();
    !has_snafu
        && tokens.places_of("Context").any(|name| {
            let list = tokens
                .around(name)
                .next()
                .filter(|open| tokens.text(*open) == "{");
            is_anyhows(name) || list.is_some_and(is_anyhows)
        })
}

/// The path of the function whose result is all that stands in front of a `?`.
fn called<'t>(tokens: &Tokens<'t>, mark: usize) -> Option<Vec<&'t str>> {
    let (open, _) = call_before(tokens, mark)?;
    let last = open.checked_sub(1)?;
    let first = head(tokens, last);
    let in_front = first.checked_sub(1);
    let is_whole = in_front.is_none_or(|it| !matches!(tokens.text(it), "." | "?" | "!"));
    let is_name = tokens.kind(last) == Some(TokenKind::Ident);
    (is_whole && is_name).then(|| (first..=last).map(|index| tokens.text(index)).collect())
}

/// The brackets of the call whose result a `?` is behind.
fn call_before(tokens: &Tokens<'_>, mark: usize) -> Option<(usize, usize)> {
    let close = mark.checked_sub(1)?;
    let token = tokens.get(close)?;
    (tokens.text(close) == ")").then_some((token.partner, close))
}
