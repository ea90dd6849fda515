//! One path in place of another, with as little of it edited as can be.

use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::Tokens;

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
