//! Traits of bindings that reach the store, `HostWithStore` and the like: since 46 the type of the
//! store's data is a parameter of the trait, where each function had one of its own (PR #13549).

use std::ops::Range;

use super::{Repair, Site, quoted};
use crate::migrate::impls::{self, Function, ImplBlock, behind_generics, span_of};
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// Moves the parameter from the functions of an implementation to its head.
pub(super) fn with_store(site: &Site<'_>) -> Option<Repair> {
    if !site.is("E0107") || !site.error.message.contains("missing generics for trait") {
        return None;
    }
    if !quoted(&site.error.message).next()?.ends_with("WithStore") {
        return None;
    }
    let (label, text) = site.primary()?;
    let tokens = Tokens::read(text).ok()?;
    let place = tokens.starting_at(label.span.start)?;
    let blocks = impls::find(&tokens);
    let of_head = blocks
        .iter()
        .find(|block| block.trait_path.last() == Some(&place));
    let edits = match of_head {
        Some(block) => edits(&tokens, text, block)?,
        None => vec![in_path(&tokens, text, &blocks, place)?],
    };
    let reason = format!(
        "the type of the store's data is a parameter of the trait (line {})",
        site.line
    );
    Some(Repair::of_file(label, edits, &reason))
}

/// `<Clock as HostWithStore<T>>::wait`, where the implementation around it says what the store's data is.
fn in_path(
    tokens: &Tokens<'_>,
    text: &str,
    blocks: &[ImplBlock],
    place: usize,
) -> Option<(Span, String)> {
    let mut first = place;
    while first >= 3 && tokens.is_path_separator(first - 2) {
        first -= 3;
    }
    let is_qualified = first > 0 && tokens.is_ident(first - 1, "as");
    let of_data = is_qualified.then(|| data_around(tokens, text, blocks, place))??;
    let end = tokens.get(place)?.span.end.0;
    Some((Span::new(end, end), format!("<{of_data}>")))
}

/// The type of the store's data in the function around a place: its own parameter, or that of the trait.
fn data_around<'t>(
    tokens: &Tokens<'t>,
    text: &'t str,
    blocks: &[ImplBlock],
    place: usize,
) -> Option<&'t str> {
    let block = blocks
        .iter()
        .rev()
        .find(|block| block.open < place && place < block.close)?;
    let function = block
        .functions
        .iter()
        .find(|function| function.open < place && place < function.close)?;
    if let Some(own) = of_store(tokens, function) {
        return Some(tokens.text(own.name));
    }
    let of_trait = *block.trait_path.last()?;
    let open = of_trait + 1;
    if !tokens.text(of_trait).ends_with("WithStore") || !tokens.is_punct(open, '<') {
        return None;
    }
    let close = behind_generics(tokens, open)? - 1;
    let end = end_of_parameter(tokens, open + 1, close);
    Some(span_of(tokens, &(open + 1..end))?.text(text))
}

/// A type parameter of a function, with what is around it in the brackets.
struct Parameter {
    name: usize,
    /// The name and its bounds.
    range: Range<usize>,
    open: usize,
    close: usize,
}

fn edits(tokens: &Tokens<'_>, text: &str, block: &ImplBlock) -> Option<Vec<(Span, String)>> {
    let of_store = |function: &Function| of_store(tokens, function);
    let parameters: Vec<Parameter> = block.functions.iter().filter_map(of_store).collect();
    let name = parameters
        .first()
        .map_or("T", |first| tokens.text(first.name));
    // Functions that call it otherwise are left to a person.
    if !parameters
        .iter()
        .all(|other| tokens.text(other.name) == name)
    {
        return None;
    }
    let declared = declared(tokens, text, name, &parameters)?;
    let mut edits = vec![in_head(tokens, block, name, &declared)?];
    let of_trait = tokens.get(*block.trait_path.last()?)?.span.end.0;
    edits.push((Span::new(of_trait, of_trait), format!("<{name}>")));
    for parameter in &parameters {
        edits.push((without(tokens, parameter)?, String::new()));
    }
    Some(edits)
}

/// The parameter with all that one function or another asks of it: each of them was asked for before.
fn declared(
    tokens: &Tokens<'_>,
    text: &str,
    name: &str,
    parameters: &[Parameter],
) -> Option<String> {
    let mut bounds: Vec<&str> = Vec::new();
    for parameter in parameters {
        let written = span_of(tokens, &parameter.range)?.text(text);
        let asked = written.split_once(':').map_or("", |(_, asked)| asked);
        // What has a `+` in brackets is one bound, which need not be taken apart.
        let parts: Vec<&str> = match asked.contains(['<', '(']) {
            true => vec![asked.trim()],
            false => asked.split('+').map(str::trim).collect(),
        };
        for part in parts {
            if !part.is_empty() && !bounds.contains(&part) {
                bounds.push(part);
            }
        }
    }
    Some(match bounds.is_empty() {
        true => name.to_owned(),
        false => format!("{name}: {}", bounds.join(" + ")),
    })
}

/// `impl<T: Send>`, behind what is there.
fn in_head(
    tokens: &Tokens<'_>,
    block: &ImplBlock,
    name: &str,
    declared: &str,
) -> Option<(Span, String)> {
    let at = |index: usize| tokens.get(index).map(|token| token.span.end.0);
    let open = block.keyword + 1;
    if !tokens.is_punct(open, '<') {
        let end = at(block.keyword)?;
        return Some((Span::new(end, end), format!("<{declared}>")));
    }
    let close = behind_generics(tokens, open)? - 1;
    if (open..block.open).any(|index| tokens.is_ident(index, name)) {
        return None;
    }
    let last = close - 1;
    let (behind, comma) = match tokens.is_punct(last, ',') {
        true => (at(last)?, " "),
        false => (at(last)?, ", "),
    };
    let comma = if last == open { "" } else { comma };
    Some((Span::new(behind, behind), format!("{comma}{declared}")))
}

/// The parameter of a function that stands for the store's data: `T` in `Accessor<T, Self>`.
fn of_store(tokens: &Tokens<'_>, function: &Function) -> Option<Parameter> {
    let open = function.name + 1;
    let close = behind_generics(tokens, open).filter(|_| tokens.is_punct(open, '<'))? - 1;
    let arguments = close + 1..tokens.after(close + 1);
    let is_access = |index: &usize| {
        matches!(tokens.text(*index), "Accessor" | "Access") && tokens.is_punct(index + 1, '<')
    };
    let named = arguments.clone().find(is_access)? + 2;
    // `'_, T` of some releases.
    let named = match tokens.is_punct(named + 1, ',') && tokens.text(named).starts_with('\'') {
        true => named + 2,
        false => named,
    };
    let name = tokens.text(named);
    let mut first = open + 1;
    while first < close {
        let end = end_of_parameter(tokens, first, close);
        if tokens.is_ident(first, name) && tokens.kind(first) == Some(TokenKind::Ident) {
            return Some(Parameter {
                name: first,
                range: first..end,
                open,
                close,
            });
        }
        first = end + 1;
    }
    None
}

/// Where a parameter ends: at a comma outside of brackets, or at the end.
fn end_of_parameter(tokens: &Tokens<'_>, first: usize, close: usize) -> usize {
    let mut depth = 0_usize;
    let mut index = first;
    while index < close {
        match tokens.kind(index) {
            Some(TokenKind::Punct('<')) => depth += 1,
            Some(TokenKind::Punct('>')) if !tokens.is_punct(index - 1, '-') => {
                depth = depth.saturating_sub(1);
            }
            Some(TokenKind::Punct(',')) if depth == 0 => return index,
            _ => {}
        }
        index = tokens.after(index);
    }
    close
}

/// What goes with a parameter: its comma, or the brackets when it is the only one.
fn without(tokens: &Tokens<'_>, parameter: &Parameter) -> Option<Span> {
    let Parameter {
        range, open, close, ..
    } = parameter;
    let has_comma = tokens.is_punct(range.end, ',');
    let end = range.end + usize::from(has_comma);
    let (is_first, is_last) = (range.start == open + 1, end == *close);
    let start_of = |index: usize| tokens.get(index).map(|token| token.span.start.0);
    let end_of = |index: usize| tokens.get(index).map(|token| token.span.end.0);
    let (start, end) = match (is_first, is_last) {
        (true, true) => (start_of(*open)?, end_of(*close)?),
        (_, false) => (start_of(range.start)?, start_of(end)?),
        (false, true) => (end_of(range.start - 2)?, end_of(range.end - 1)?),
    };
    Some(Span::new(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, EditSet};

    fn moved(text: &str) -> Option<String> {
        let tokens = Tokens::read(text).unwrap();
        let blocks = impls::find(&tokens);
        let mut set = EditSet::default();
        for (span, text) in edits(&tokens, text, &blocks[0])? {
            let reason = String::new();
            set.add(Edit { span, text, reason }).unwrap();
        }
        Some(set.apply(text))
    }

    #[test]
    fn the_parameter_moves_from_the_functions_to_the_head() {
        for (before, after) in [
            (
                "impl a::HostWithStore for X { async fn f<T: Send>(a: &Accessor<T, Self>) -> u32 { 1 } fn g<T: Send, U>(mut a: Access<'_, T, Self>, u: U) {} }",
                "impl<T: Send> a::HostWithStore<T> for X { async fn f(a: &Accessor<T, Self>) -> u32 { 1 } fn g<U>(mut a: Access<'_, T, Self>, u: U) {} }",
            ),
            (
                "impl<D: Data> HostWithStore for X<D> { async fn f<U, D2>(a: &w::component::Accessor<D2, Self>) {} }",
                "impl<D: Data, D2> HostWithStore<D2> for X<D> { async fn f<U>(a: &w::component::Accessor<D2, Self>) {} }",
            ),
            (
                "impl HostWithStore for X { fn f<T>(a: &Accessor<T, Self>) {} fn g<T: Send>(a: &Accessor<T, Self>) {} fn h<T: 'static + Send>(a: Access<T, Self>) {} }",
                "impl<T: Send + 'static> HostWithStore<T> for X { fn f(a: &Accessor<T, Self>) {} fn g(a: &Accessor<T, Self>) {} fn h(a: Access<T, Self>) {} }",
            ),
            (
                "impl HostWithStore for X {}",
                "impl<T> HostWithStore<T> for X {}",
            ),
            (
                "impl<'a,> HostWithStore for X<'a> { fn f<T: A<B, C>,>(a: Access<T, X>) {} }",
                "impl<'a, T: A<B, C>> HostWithStore<T> for X<'a> { fn f(a: Access<T, X>) {} }",
            ),
        ] {
            assert_eq!(moved(before).as_deref(), Some(after));
        }
    }

    #[test]
    fn a_qualified_path_gets_the_type_that_is_known_around_it() {
        for (before, after) in [
            (
                "impl<U: Send> A for X<U> { fn f<T>(a: &Accessor<T, Self>) { <Y as b::HostWithStore>::f(a) } }",
                Some(
                    "impl<U: Send> A for X<U> { fn f<T>(a: &Accessor<T, Self>) { <Y as b::HostWithStore<T>>::f(a) } }",
                ),
            ),
            (
                "impl HostWithStore<Vec<u8>> for X { fn f(a: &Accessor<Vec<u8>, Self>) { <Y as b::HostWithStore>::f(a) } }",
                Some(
                    "impl HostWithStore<Vec<u8>> for X { fn f(a: &Accessor<Vec<u8>, Self>) { <Y as b::HostWithStore<Vec<u8>>>::f(a) } }",
                ),
            ),
            (
                "impl A for X { fn f() { <Y as b::HostWithStore>::f() } }",
                None,
            ),
            (
                "impl HostWithStore<u8> for X { fn f(y: impl b::HostWithStore) {} }",
                None,
            ),
        ] {
            let tokens = Tokens::read(before).unwrap();
            let mut places = (0..tokens.len()).filter(|at| tokens.is_ident(*at, "HostWithStore"));
            let edit = in_path(
                &tokens,
                before,
                &impls::find(&tokens),
                places.next_back().unwrap(),
            );
            let moved = edit.map(|(span, text)| {
                let mut set = EditSet::default();
                let reason = String::new();
                set.add(Edit { span, text, reason }).unwrap();
                set.apply(before)
            });
            assert_eq!(moved.as_deref(), after);
        }
    }

    #[test]
    fn what_functions_say_differently_is_left() {
        for text in [
            "impl HostWithStore for X { fn f<T>(a: &Accessor<T, Self>) {} fn g<U>(a: &Accessor<U, Self>) {} }",
            "impl<T> HostWithStore for X<T> { fn f<T>(a: &Accessor<T, Self>) {} }",
        ] {
            assert_eq!(moved(text), None, "{text}");
        }
    }
}
