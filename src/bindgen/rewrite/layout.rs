//! Taking options out of an invocation and putting others in, in the layout that is there.

use crate::bindgen::invocation::{Invocation, OptionEntry};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::Tokens;

/// Takes an option out, with its comma and, where nothing else stands there, its line. Comments
/// stay.
pub(super) fn removal(invocation: &Invocation, option: &OptionEntry, text: &str) -> Edit {
    let mut span = option.span();
    if let Some(comma) = option
        .comma
        .filter(|comma| blank(text, span.end.0, comma.start.0))
    {
        span = span.to(comma);
    }
    let line_start = text[..span.start.0]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line_end = text[span.end.0..]
        .find('\n')
        .map(|newline| span.end.0 + newline + 1);
    let alone = blank(text, line_start, span.start.0)
        && line_end.is_some_and(|end| blank(text, span.end.0, end));
    let edit = |span| Edit {
        span,
        text: String::new(),
        reason: format!("`{}` is no longer accepted", option.name),
    };
    if let (true, Some(end)) = (alone, line_end) {
        return edit(Span::new(line_start, end));
    }
    let inside = invocation.block.unwrap_or(invocation.span);
    let before = &text[inside.start.0.min(span.start.0)..span.start.0];
    let spaces = before.len() - before.trim_end_matches([' ', '\t']).len();
    edit(Span::new(span.start.0 - spaces, span.end.0))
}

/// The comma of an option that goes, where a comment between the two keeps them apart.
pub(super) fn comma_apart(option: &OptionEntry, text: &str) -> Option<Edit> {
    let comma = option.comma?;
    (!blank(text, option.span().end.0, comma.start.0)).then(|| Edit {
        span: comma,
        text: String::new(),
        reason: format!("the comma of `{}`", option.name),
    })
}

/// When the last option goes and had no comma behind it, the last one that stays keeps this habit.
pub(super) fn last_comma(invocation: &Invocation, removed: &[&OptionEntry]) -> Option<Edit> {
    let last = invocation.options.last()?;
    if last.comma.is_some() || !removed.contains(&last) {
        return None;
    }
    let kept = invocation
        .options
        .iter()
        .rev()
        .find(|option| !removed.contains(option))?;
    Some(Edit {
        span: kept.comma?,
        text: String::new(),
        reason: format!("`{}` comes last now", kept.name),
    })
}

fn blank(text: &str, from: usize, to: usize) -> bool {
    text.get(from..to)
        .is_some_and(|part| part.trim().is_empty())
}

/// The indentation of an option that has its line to itself, comments behind it aside.
pub(super) fn own_line_indent(text: &str, span: Span) -> Option<&str> {
    let start = text[..span.start.0].rfind('\n')? + 1;
    let indent = text.get(start..span.start.0)?;
    indent.trim().is_empty().then_some(indent)
}

/// The comments within an option, each with its marks: they are about what is written in its place, too.
pub(super) fn remarks(text: &str, span: Span) -> Vec<&str> {
    let text = span.text(text);
    let Ok(tokens) = Tokens::read(text) else {
        return Vec::new();
    };
    let ends = (1..tokens.len()).filter_map(|at| Some((tokens.get(at - 1)?, tokens.get(at)?)));
    let gaps = ends.map(|(before, behind)| text[before.span.end.0..behind.span.start.0].trim());
    let said = gaps.filter(|gap| !gap.is_empty());
    said.flat_map(|gap| match gap.starts_with("//") {
        true => gap
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect(),
        false => vec![gap],
    })
    .collect()
}

pub(super) fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
