//! Types of functions that are given a `Caller`, which only Wasmtime makes: `dyn Fn(Caller<'_, T>) ->
//! anyhow::Result<()>`. They give Wasmtime's result from 42 on (PR #12163), as what they stand for does.

use super::macro_bodies::{as_edits, wasmtimes};
use super::own_names::CALLER;
use super::scopes::Scopes;
use super::segments::{head, path_at};
use super::{Ground, Migrated};
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

const SINCE: Line = Line(42);

/// Declares that such functions give Wasmtime's result.
#[must_use]
pub fn caller_types(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    let may_be = text.contains("Caller") && text.contains("anyhow");
    if ground.from >= SINCE || ground.to < SINCE || !may_be {
        return result;
    }
    let scopes = Scopes::of(tokens);
    let mut done = Vec::new();
    for place in tokens.places_of(CALLER) {
        let Some(gives) = result_of_type(tokens, place).filter(|it| !done.contains(it)) else {
            continue;
        };
        if !is_wasmtimes(tokens, place, &scopes, ground) {
            continue;
        }
        done.push(gives);
        let edits = wasmtimes(tokens, text, &scopes, gives..tokens.len());
        result.edits.extend(as_edits(edits, ground));
    }
    result
}

/// Whether a `Caller` in the body of a macro is what Wasmtime gives: its own, and not lent by the project.
pub(super) fn may_be_wasmtimes(
    tokens: &Tokens<'_>,
    place: usize,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> bool {
    let first = head(tokens, place);
    let is_alone = first == place && scopes.bound(CALLER, place).is_none();
    // What a macro is used with is known where it is used.
    let is_open = is_alone || first > 0 && tokens.is_punct(first - 1, '$');
    let may_be = is_open && !ground.own_names.contains(&CALLER);
    (may_be || is_wasmtimes(tokens, place, scopes, ground)) && !is_lent(tokens, place)
}

/// Whether only a reference to what is at a place is given.
fn is_lent(tokens: &Tokens<'_>, place: usize) -> bool {
    head(tokens, place).checked_sub(1).is_some_and(|before| {
        tokens.is_punct(before, '&')
            || tokens.is_ident(before, "mut")
            || tokens.kind(before) == Some(TokenKind::Lifetime)
    })
}

/// Whether a `Caller` is Wasmtime's, by its path or through another module of the package.
fn is_wasmtimes(
    tokens: &Tokens<'_>,
    place: usize,
    scopes: &Scopes<'_>,
    ground: &Ground<'_>,
) -> bool {
    let first = head(tokens, place);
    let path = path_at(tokens, first);
    let meant = path.and_then(|path| scopes.meaning(tokens, &path, ground));
    if meant.is_some_and(|meant| meant.is_in("wasmtime", CALLER)) {
        return true;
    }
    let imported = scopes.bound(tokens.text(first), first);
    let from = imported.and_then(|path| path.first().copied());
    let is_handed_on = matches!(from, Some("crate" | "super" | "self"));
    is_handed_on && !ground.own_names.contains(&CALLER)
}

/// Behind the `->` of `Fn(..) ->`, `fn(..) ->` and the like, which get the `Caller` at a place itself: one that is
/// lent comes from the project.
fn result_of_type(tokens: &Tokens<'_>, place: usize) -> Option<usize> {
    let open = tokens.around(place).next()?;
    let word = open.checked_sub(1)?;
    let is_type = matches!(tokens.text(word), "Fn" | "FnMut" | "FnOnce" | "fn");
    let arrow = tokens.get(open)?.partner + 1;
    let gives = tokens.is_punct(arrow, '-') && tokens.is_punct(arrow + 1, '>');
    let is_it = is_type && tokens.text(open) == "(" && gives;
    (is_it && !is_lent(tokens, place)).then_some(arrow + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::moved;

    #[test]
    fn functions_that_are_given_a_caller_give_wasmtimes_result() {
        for (before, after) in [
            (
                "use wasmtime::Caller;\ntype F = dyn Fn(Caller<'_, S>, &[Val]) -> anyhow::Result<()> + Send;",
                "use wasmtime::Caller;\ntype F = dyn Fn(Caller<'_, S>, &[Val]) -> wasmtime::Result<()> + Send;",
            ),
            (
                "use anyhow::Result; struct H { f: fn(wasmtime::Caller<'_, S>) -> Result<u32> }",
                "use anyhow::Result; struct H { f: fn(wasmtime::Caller<'_, S>) -> wasmtime::Result<u32> }",
            ),
            (
                "use wasmtime::Caller; fn f(g: impl FnOnce(Caller<'_, S>) -> Result<u32, anyhow::Error>) {}",
                "use wasmtime::Caller; fn f(g: impl FnOnce(Caller<'_, S>) -> Result<u32, wasmtime::Error>) {}",
            ),
            (
                "use crate::runtime::{Caller, Store}; type F = dyn Fn(Caller<'_, S>) -> anyhow::Result<()>;",
                "use crate::runtime::{Caller, Store}; type F = dyn Fn(Caller<'_, S>) -> wasmtime::Result<()>;",
            ),
            (
                "use wasmtime::Caller; type F<S> = dyn for<'c> Fn(Caller<'c, S>) -> Box<dyn Future<Output = anyhow::Result<()>> + Send + 'c>;",
                "use wasmtime::Caller; type F<S> = dyn for<'c> Fn(Caller<'c, S>) -> Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'c>;",
            ),
            (
                "use wasmtime::Caller; use anyhow::Result; type F<S> = fn(Caller<'_, S>) -> BoxFuture<'_, Result<u32>>;",
                "use wasmtime::Caller; use anyhow::Result; type F<S> = fn(Caller<'_, S>) -> BoxFuture<'_, wasmtime::Result<u32>>;",
            ),
        ] {
            assert_eq!(moved(caller_types, before, 41, 42), after);
            assert_eq!(moved(caller_types, before, 42, 48), before);
        }
        for other in [
            "use mine::Caller; type F = dyn Fn(Caller<'_, S>) -> anyhow::Result<()>;",
            "use anyhow::Context; type F = dyn Fn(wasmtime::Caller<'_, S>) -> Result<u32, String>;",
            "fn f(c: wasmtime::Caller<'_, S>) -> anyhow::Result<u32> { Ok(1) }",
            // Wasmtime gives its own, so these are called by the project.
            "use wasmtime::Caller; type F = dyn Fn(&mut Caller<'_, S>, &str) -> anyhow::Result<()>;",
            "type F = fn(&'a mut wasmtime::Caller<'_, S>) -> anyhow::Result<()>;",
            "type F = fn(&'a wasmtime::Caller<'_, S>) -> anyhow::Result<()>;",
        ] {
            assert_eq!(moved(caller_types, other, 41, 42), other);
        }
    }
}
