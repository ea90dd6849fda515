//! Paths as they are written: where one begins and ends, and one in place of another with as little of it
//! edited as can be.

use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// A path outside of `use` declarations, by its tokens. Generic arguments end it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenPath {
    /// Its names.
    pub places: Vec<usize>,
    /// Whether it begins with `::`.
    pub is_global: bool,
    /// Behind its last name.
    pub end: usize,
}

/// The path that begins at a token, if one does there.
#[must_use]
pub fn path_at(tokens: &Tokens<'_>, first: usize) -> Option<WrittenPath> {
    if !is_head(tokens, first) {
        return None;
    }
    let mut places = vec![first];
    let mut end = first + 1;
    while tokens.is_path_separator(end) && tokens.kind(end + 2) == Some(TokenKind::Ident) {
        places.push(end + 2);
        end += 3;
    }
    Some(WrittenPath {
        places,
        is_global: is_global(tokens, first),
        end,
    })
}

/// The first name of the path that ends with the name at a token.
#[must_use]
pub fn head(tokens: &Tokens<'_>, last: usize) -> usize {
    let mut first = last;
    while first >= 3
        && tokens.is_path_separator(first - 2)
        && tokens.kind(first - 3) == Some(TokenKind::Ident)
    {
        first -= 3;
    }
    first
}

fn is_head(tokens: &Tokens<'_>, index: usize) -> bool {
    if tokens.kind(index) != Some(TokenKind::Ident) {
        return false;
    }
    let Some(before) = index.checked_sub(1) else {
        return true;
    };
    const WORDS: [&str; 7] = ["fn", "struct", "enum", "union", "trait", "type", "mod"];
    match tokens.kind(before) {
        Some(TokenKind::Punct('.' | '$')) => false,
        Some(TokenKind::Punct(':')) if is_behind_separator(tokens, index) => {
            is_global(tokens, index)
        }
        // `let a::B { .. } = c` has a path.
        Some(TokenKind::Ident) if tokens.is_ident(before, "let") => {
            tokens.is_path_separator(index + 1)
        }
        Some(TokenKind::Ident) => !WORDS.contains(&tokens.text(before)),
        _ => true,
    }
}

fn is_behind_separator(tokens: &Tokens<'_>, index: usize) -> bool {
    index >= 2 && tokens.is_path_separator(index - 2)
}

/// Whether a `::` in front of the name is the beginning of a path.
fn is_global(tokens: &Tokens<'_>, index: usize) -> bool {
    let Some(before) = index.checked_sub(3) else {
        return is_behind_separator(tokens, index);
    };
    const WORDS: [&str; 8] = ["impl", "for", "dyn", "as", "mut", "return", "in", "where"];
    let continues = match tokens.kind(before) {
        Some(TokenKind::Ident) => !WORDS.contains(&tokens.text(before)),
        Some(TokenKind::Punct('>')) => !(before > 0 && tokens.is_punct(before - 1, '-')),
        _ => false,
    };
    is_behind_separator(tokens, index) && !continues
}

/// The edit that makes the names `old`, which are the tokens `places`, the names `new`. None when
/// they are the same already. What both begin and end with stays untouched.
#[must_use]
pub fn respelled(
    tokens: &Tokens<'_>,
    places: &[usize],
    new: &[String],
    reason: &str,
) -> Option<Edit> {
    let old: Vec<&str> = places.iter().map(|place| tokens.text(*place)).collect();
    let same = |pair: &(&&str, &String)| *pair.0 == pair.1.as_str();
    let shorter = old.len().min(new.len());
    let in_front = old.iter().zip(new).take_while(same).count();
    let behind = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(same)
        .count();
    let behind = behind.min(shorter - in_front.min(shorter));
    let (gone, comes) = (
        in_front..old.len() - behind,
        &new[in_front..new.len() - behind],
    );
    let span_of = |index: usize| tokens.get(places[index]).map(|token| token.span);
    let edit = |span: Span, text: String| {
        Some(Edit {
            span,
            text,
            reason: reason.to_owned(),
        })
    };
    match (gone.is_empty(), comes.is_empty()) {
        (true, true) => None,
        (false, false) => {
            let span = span_of(gone.start)?.to(span_of(gone.end - 1)?);
            edit(span, comes.join("::"))
        }
        // Something comes in between: in front of the next name, or behind the last one.
        (true, false) if behind > 0 => {
            let at = span_of(gone.start)?.start.0;
            edit(Span::new(at, at), format!("{}::", comes.join("::")))
        }
        (true, false) => {
            let at = places.len().checked_sub(1).and_then(span_of)?.end.0;
            edit(Span::new(at, at), format!("::{}", comes.join("::")))
        }
        (false, true) if behind > 0 => {
            let (start, end) = (span_of(gone.start)?.start.0, span_of(gone.end)?.start.0);
            edit(Span::new(start, end), String::new())
        }
        (false, true) => {
            let start = gone.start.checked_sub(1).and_then(span_of)?.end.0;
            edit(
                Span::new(start, span_of(gone.end - 1)?.end.0),
                String::new(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::EditSet;

    #[test]
    fn only_what_differs_is_edited() {
        for (old, new, expected) in [
            ("a::b::c", "a::b::c", "a :: /*1*/ b /*2*/ ::c"),
            ("a::b::c", "a::x::c", "a :: /*1*/ x /*2*/ ::c"),
            ("a::b::c", "a::x::b::c", "a :: /*1*/ x::b /*2*/ ::c"),
            ("a::b::c", "a::c", "a :: /*1*/ c"),
            ("a::b::c", "a::b", "a :: /*1*/ b"),
            ("a::b::c", "a::b::c::d", "a :: /*1*/ b /*2*/ ::c::d"),
            ("a::b::c", "x::y", "x::y"),
            ("a::b::c", "a::a::b::c", "a :: /*1*/ a::b /*2*/ ::c"),
        ] {
            let text = "a :: /*1*/ b /*2*/ ::c";
            let tokens = Tokens::read(text).unwrap();
            let places: Vec<usize> = old.split("::").enumerate().map(|(i, _)| i * 3).collect();
            let new: Vec<String> = new.split("::").map(str::to_owned).collect();
            let mut edits = EditSet::default();
            if let Some(edit) = respelled(&tokens, &places, &new, "") {
                edits.add(edit).unwrap();
            }
            assert_eq!(edits.apply(text), expected, "{new:?}");
        }
    }
}
