//! Functions that Wasmtime calls in macros of the project's own: the compiler's errors point to where such a
//! macro is used, so they are found by what only they have, a `Caller`. What they give is Wasmtime's result
//! from 42 on (PR #12163).

use std::ops::Range;

use super::caller_types::may_be_wasmtimes;
use super::guided::{macros_of_anyhow, retyped};
use super::impls::span_of;
use super::scopes::Scopes;
use super::segments::path_at;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

const SINCE: Line = Line(42);

/// Declares that functions and closures in the bodies of macros give Wasmtime's result.
#[must_use]
pub fn macro_bodies(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    let may_be = text.contains("macro_rules") && text.contains("Caller");
    if ground.from >= SINCE || ground.to < SINCE || !may_be {
        return result;
    }
    let scopes = Scopes::of(tokens);
    for body in bodies(tokens) {
        let places = tokens.places_of("Caller");
        let mut ends: Vec<usize> = places
            .filter(|place| body.contains(place) && tokens.is_punct(place + 1, '<'))
            .filter(|place| may_be_wasmtimes(tokens, *place, &scopes, ground))
            .filter_map(|place| behind_parameters(tokens, place))
            .collect();
        ends.dedup();
        for end in ends {
            let is_arrow = tokens.is_punct(end, '-') && tokens.is_punct(end + 1, '>');
            let is_closure = end > 0 && tokens.is_punct(end - 1, '|');
            let edits = if is_arrow {
                let gives = end + 2;
                let mut edits = wasmtimes(tokens, text, &scopes, gives..body.end);
                if !edits.is_empty() {
                    edits.extend(made_in(tokens, text, gives, body.end));
                }
                edits
            } else if is_closure && tokens.text(end) == "{" {
                // Nothing says what it gives: what ends it early does.
                made_in(tokens, text, end, body.end)
            } else {
                Vec::new()
            };
            result.edits.extend(as_edits(edits, ground));
        }
    }
    result
}

/// What is written, with the reason.
pub(super) fn as_edits(
    edits: Vec<(Span, String)>,
    ground: &Ground<'_>,
) -> impl Iterator<Item = Edit> {
    let reason = format!("Wasmtime wants its own error (line {})", ground.to);
    edits.into_iter().map(move |(span, text)| {
        let reason = reason.clone();
        Edit { span, text, reason }
    })
}

/// A result of anyhow's that is declared at the beginning of some tokens, as Wasmtime's.
pub(super) fn wasmtimes(
    tokens: &Tokens<'_>,
    text: &str,
    scopes: &Scopes<'_>,
    gives: Range<usize>,
) -> Vec<(Span, String)> {
    let is_it = is_of_anyhow(tokens, scopes, gives.start);
    let edits = is_it.then(|| retyped(tokens, gives.start, gives.end));
    let mut edits = edits.flatten().unwrap_or_default();
    edits.retain(|(span, new)| new != "wasmtime::Error" || span.text(text).contains("anyhow"));
    edits
}

/// What makes errors and results of anyhow's in the block behind a result that is declared.
fn made_in(tokens: &Tokens<'_>, text: &str, gives: usize, end: usize) -> Vec<(Span, String)> {
    let mut open = gives;
    while open < end && tokens.text(open) != "{" {
        open = tokens.after(open);
    }
    let Some(block) = span_of(tokens, &(open..tokens.after(open))).filter(|_| open < end) else {
        return Vec::new();
    };
    let mut edits = macros_of_anyhow(tokens, block, text);
    let places = tokens.places_of("anyhow");
    let results = places.filter(|place| {
        (open..tokens.after(open)).contains(place)
            && tokens.is_path_separator(place + 1)
            && tokens.is_ident(place + 3, "Ok")
    });
    edits.extend(results.filter_map(|place| {
        // What the block gives is declared; in a closure inside nothing says whose error it is.
        let is_own = tokens.around(place).next() == Some(open);
        let new = if is_own { "Ok" } else { "wasmtime::error::Ok" };
        Some((span_of(tokens, &(place..place + 4))?, new.to_owned()))
    }));
    edits
}

/// What is between the brackets of each `macro_rules!`.
fn bodies(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let places = tokens.places_of("macro_rules");
    let bodies = places.filter_map(|place| {
        let open = place + 3;
        let token = tokens.get(open)?;
        (token.kind == TokenKind::Open).then_some(open..token.partner)
    });
    bodies.collect()
}

/// Behind the parameters that a place is in: those of a function, or of a closure.
fn behind_parameters(tokens: &Tokens<'_>, place: usize) -> Option<usize> {
    let around = tokens.around(place).next()?;
    let is_bar = |index: &usize| tokens.is_punct(*index, '|');
    let close = tokens.get(around)?.partner;
    if (around..place).any(|index| is_bar(&index)) {
        return Some((place..close).find(is_bar)? + 1);
    }
    let mut word = around.checked_sub(2)?;
    if tokens.is_punct(word, '$') {
        word = word.checked_sub(1)?;
    }
    tokens.is_ident(word, "fn").then_some(close + 1)
}

/// `anyhow::Result<T>`, `Result<T>` of anyhow's, `Result<T, anyhow::Error>`, and futures of them.
fn is_of_anyhow(tokens: &Tokens<'_>, scopes: &Scopes<'_>, first: usize) -> bool {
    let first = match tokens.text(first) {
        "impl" | "dyn" => first + 1,
        _ => first,
    };
    let name = path_at(tokens, first).map_or(first, |path| path.end - 1);
    let generics = super::impls::behind_generics(tokens, name + 1);
    let generics = generics.filter(|_| tokens.is_punct(name + 1, '<'));
    let end = generics.unwrap_or(name + 1);
    let is_inside = |place: &usize| (first..end).contains(place);
    let is_named = tokens.places_of("anyhow").any(|place| {
        let last = tokens.text(place + 3);
        is_inside(&place) && matches!(last, "Result" | "Error")
    });
    let is_imported = |place: usize| {
        let is_path = place >= 2 && tokens.is_path_separator(place - 2);
        is_inside(&place)
            && !is_path
            && scopes.bound("Result", place) == Some(&["anyhow", "Result"][..])
    };
    is_named || tokens.places_of("Result").any(is_imported)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::moved;

    #[test]
    fn callers_that_are_lent_or_of_others_are_the_projects() {
        for head in [
            "fn $name(caller: &mut Caller<'_, S>, at: u32) -> anyhow::Result<u32>",
            "fn $name(caller: wasmi::Caller<'_, S>, at: u32) -> anyhow::Result<u32>",
        ] {
            let text = format!(
                "use wasmtime::Store;\nmacro_rules! add {{ ($name:ident) => {{ {head} {{ anyhow::ensure!(at > 0); other(caller, at)? }} }} }}\n"
            );
            assert_eq!(moved(macro_bodies, &text, 41, 42), text);
        }
    }

    #[test]
    fn functions_and_closures_with_a_caller_give_wasmtimes_result() {
        let before = "\
use anyhow::Result;
macro_rules! add {
    ($name:ident, $($arg:ident: $ty:ty),*) => {
        fn $name(mut caller: wasmtime::Caller<'_, S>, $($arg: $ty),*) -> anyhow::Result<($($ty),*)> { todo!() }
        let f = move |caller: Caller<'_, S>, x: u32| -> Result<u32> { anyhow::ensure!(x > 0); anyhow::Ok(x) };
        fn own(x: u32) -> anyhow::Result<u32> { anyhow::Ok(x) }
        fn other(c: Caller<'_, S>) -> Result<u32, String> { Ok(1) }
        let f = |c: Caller<'_, S>| -> Box<dyn Future<Output = Result<(), anyhow::Error>> + Send + '_> { todo!() };
        fn later(f: impl Fn(Caller<'_, S>), c: Caller<'_, S>) -> BoxFuture<'_, Result<u32>> { todo!() }
        add(|_: Caller<'_, S>, x: u32| { anyhow::ensure!(x > 0); Ok(x) });
    };
}
fn outside(c: Caller<'_, S>) -> anyhow::Result<u32> { Ok(1) }
";
        let after = "\
use anyhow::Result;
macro_rules! add {
    ($name:ident, $($arg:ident: $ty:ty),*) => {
        fn $name(mut caller: wasmtime::Caller<'_, S>, $($arg: $ty),*) -> wasmtime::Result<($($ty),*)> { todo!() }
        let f = move |caller: Caller<'_, S>, x: u32| -> wasmtime::Result<u32> { wasmtime::ensure!(x > 0); Ok(x) };
        fn own(x: u32) -> anyhow::Result<u32> { anyhow::Ok(x) }
        fn other(c: Caller<'_, S>) -> Result<u32, String> { Ok(1) }
        let f = |c: Caller<'_, S>| -> Box<dyn Future<Output = Result<(), wasmtime::Error>> + Send + '_> { todo!() };
        fn later(f: impl Fn(Caller<'_, S>), c: Caller<'_, S>) -> BoxFuture<'_, wasmtime::Result<u32>> { todo!() }
        add(|_: Caller<'_, S>, x: u32| { wasmtime::ensure!(x > 0); Ok(x) });
    };
}
fn outside(c: Caller<'_, S>) -> anyhow::Result<u32> { Ok(1) }
";
        assert_eq!(moved(macro_bodies, before, 41, 42), after);
        assert_eq!(moved(macro_bodies, before, 36, 41), before);
        assert_eq!(moved(macro_bodies, before, 42, 48), before);
    }
}
