//! An item as a whole, with the white space that is its own.

use std::ops::Range;

use super::impls::span_of;
use crate::span::Span;
use crate::tokens::Tokens;

/// The bytes of an item with its documentation and the white space in front of it; with that behind it when
/// it is the first of the file. Another comment in front stays; one at the end of the item's own line is about
/// the item, and goes with it.
pub(super) fn whole_item(tokens: &Tokens<'_>, text: &str, first: usize, last: usize) -> Span {
    let span_at = |index: usize| {
        tokens
            .get(index)
            .map_or(Span::default(), |token| token.span)
    };
    let end = behind_remark(text, span_at(first).start.0, span_at(last).end.0);
    let start = documented(text, span_at(first).start.0);
    let gap = match first.checked_sub(1) {
        Some(before) => span_at(before).end.0..start,
        None => start..start,
    };
    let is_white = |range: &Range<usize>| {
        text.get(range.clone())
            .is_some_and(|gap| gap.trim().is_empty())
    };
    // The first of a block leaves its place to the next one.
    let behind = end..span_at(last + 1).start.0.max(end);
    let follows = tokens.get(last + 1).is_some() && tokens.text(last + 1) != "}";
    let lines = |range: &Range<usize>| text.get(range.clone()).map(|gap| gap.matches('\n').count());
    // Of two gaps the greater one stays.
    let leads = first > 0 && (tokens.text(first - 1) == "{" || lines(&behind) < lines(&gap));
    if leads && follows && is_white(&gap) && is_white(&behind) && lines(&behind) > Some(0) {
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

/// Where an item ends together with a comment behind it, when both have their lines for themselves.
fn behind_remark(text: &str, start: usize, end: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let behind = text.get(end..).unwrap_or_default();
    let behind = behind.split('\n').next().unwrap_or_default().trim_end();
    let is_remark = behind.trim_start().starts_with("//");
    match is_remark && before[line..].trim().is_empty() {
        true => end + behind.len(),
        false => end,
    }
}

/// Where an item begins, in bytes, together with the documentation in the lines above it.
pub(super) fn documented(text: &str, start: usize) -> usize {
    let line_of = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let mut line = line_of(start);
    if !text[line..start].trim().is_empty() {
        return start;
    }
    let mut first = start;
    while let Some(end) = line.checked_sub(1) {
        let above = line_of(end);
        let written = text[above..end].trim_start();
        if !written.starts_with("///") || written.starts_with("////") {
            break;
        }
        line = above;
        first = end - written.len();
    }
    first
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

/// The attributes in front of an item that say when it is there, each with its line end and the indentation of
/// the next one.
pub(super) fn conditions(
    tokens: &Tokens<'_>,
    text: &str,
    attributes: Range<usize>,
    indent: &str,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut place = attributes.start;
    while attributes.contains(&place) && tokens.is_punct(place, '#') {
        let end = tokens.after(place + 1);
        let span = span_of(tokens, &(place..end));
        if let (true, Some(span)) = (tokens.is_ident(place + 2, "cfg"), span) {
            found.push(format!("{}\n{indent}", span.text(text)));
        }
        place = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_goes_with_what_it_is_about() {
        for (text, after) in [
            (
                "{\n    a();\n\n    /// Gone\n    ///\n    /// again.\n    gone();\n\n    /// B.\n    b();\n}",
                "{\n    a();\n\n    /// B.\n    b();\n}",
            ),
            (
                "{\n    /// Gone.\n    gone();\n    b();\n}",
                "{\n    b();\n}",
            ),
            (
                "{\n    a();\r\n    /// Gone.\r\n    gone();\r\n}",
                "{\n    a();\r\n}",
            ),
            // No documentation.
            ("//// A\ngone();\nb();", "//// A\nb();"),
        ] {
            assert_eq!(without_statement(text), after);
        }
    }

    /// A text without the statement that begins with `gone`.
    fn without_statement(text: &str) -> String {
        let tokens = Tokens::read(text).unwrap();
        let first = tokens.places_of("gone").next().unwrap();
        let last = (first..tokens.len()).find(|it| tokens.is_punct(*it, ';'));
        let span = whole_item(&tokens, text, first, last.unwrap());
        format!("{}{}", &text[..span.start.0], &text[span.end.0..])
    }

    #[test]
    fn a_remark_at_the_end_of_a_line_goes_with_what_it_is_about() {
        for (text, after) in [
            (
                "{\n    a(); // one\n    gone(); // must be on\n    b();\n}",
                "{\n    a(); // one\n    b();\n}",
            ),
            (
                "{\n    a();\n    gone(); // must be on\r\n    b();\n}",
                "{\n    a();\r\n    b();\n}",
            ),
            (
                "{\n    gone(); // must be on\n    b();\n}",
                "{\n    b();\n}",
            ),
            // About the whole line, or about what comes.
            ("{\n    a(); gone(); // both\n}", "{\n    a(); // both\n}"),
            (
                "{\n    a();\n    gone();\n    // about b\n    b();\n}",
                "{\n    a();\n    // about b\n    b();\n}",
            ),
        ] {
            assert_eq!(without_statement(text), after);
        }
    }
}
