//! Calls that have no effect any more and are deprecated: `Config::async_support` (42, PR #12371) and
//! `post_return` of functions of components (42, PR #12498).

use super::impls::arguments;
use super::whole::whole_item;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

const SINCE: Line = Line(42);

/// Takes the calls out, where nothing depends on them.
#[must_use]
pub fn ended(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    if ground.from >= SINCE || ground.to < SINCE || !text.contains("wasmtime") {
        return result;
    }
    for name in ["async_support", "post_return", "post_return_async"] {
        for place in tokens.places_of(name) {
            let span = statement(tokens, text, place)
                .or_else(|| link_of_chain(tokens, place).filter(|_| name == "async_support"));
            if let Some(span) = span {
                let reason = format!("`{name}` has no effect in line {}", ground.to);
                result.edits.push(Edit {
                    span,
                    text: String::new(),
                    reason,
                });
            }
        }
    }
    result
}

/// The whole statement, when it is nothing but the call on something that has a name: `a.b.f(..);`, with
/// `.await`, `?` and `.unwrap()` behind it.
fn statement(tokens: &Tokens<'_>, text: &str, name: usize) -> Option<Span> {
    let close = call(tokens, name)?;
    let mut first = name.checked_sub(2)?;
    while tokens.kind(first) == Some(TokenKind::Ident)
        && first >= 2
        && tokens.is_punct(first - 1, '.')
    {
        first -= 2;
    }
    let begins = first
        .checked_sub(1)
        .is_some_and(|before| matches!(tokens.text(before), ";" | "{" | "}"));
    if tokens.kind(first) != Some(TokenKind::Ident) || !begins {
        return None;
    }
    let mut end = close + 1;
    loop {
        if tokens.is_punct(end, '?') {
            end += 1;
        } else if tokens.is_punct(end, '.') && tokens.is_ident(end + 1, "await") {
            end += 2;
        } else if tokens.is_punct(end, '.')
            && matches!(
                tokens.text(end + 1),
                "unwrap" | "expect" | "context" | "with_context" | "map_err"
            )
        {
            end = tokens.after(end + 2);
        } else {
            break;
        }
    }
    let is_whole = tokens.is_punct(end, ';');
    is_whole.then(|| whole_item(tokens, text, first, end))
}

/// `.f(..)` between other calls of a chain: the value that it hands on is the one that it was given.
fn link_of_chain(tokens: &Tokens<'_>, name: usize) -> Option<Span> {
    let close = call(tokens, name)?;
    let dot = name - 1;
    let goes_on = tokens.is_punct(close + 1, '.');
    let before = tokens.get(dot.checked_sub(1)?)?;
    // Behind a constructor there is a value, and behind the call a reference to it.
    let of_call = before.kind == TokenKind::Close && {
        let function = before.partner.checked_sub(1)?;
        tokens.is_punct(function.checked_sub(1)?, '.')
    };
    let start = before.span.end.0;
    let end = tokens.get(close)?.span.end.0;
    (goes_on || of_call).then(|| Span::new(start, end))
}

/// The `)` of a method call with one argument that calls nothing itself.
fn call(tokens: &Tokens<'_>, name: usize) -> Option<usize> {
    let is_call = name > 0 && tokens.is_punct(name - 1, '.') && tokens.text(name + 1) == "(";
    let arguments = arguments(tokens, name + 1).filter(|_| is_call)?;
    let [only] = arguments.as_slice() else {
        return None;
    };
    let calls = only
        .clone()
        .any(|index| tokens.kind(index) == Some(TokenKind::Open));
    (!calls).then(|| tokens.get(name + 1).map(|token| token.partner))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::moved;

    #[test]
    fn what_has_no_effect_goes() {
        for (before, after) in [
            (
                "{\n    config.async_support(true);\n    config.wasm_gc(true);\n}",
                "{\n    config.wasm_gc(true);\n}",
            ),
            (
                "{\n    config.wasm_gc(true);\n    self.config.async_support(on);\n}",
                "{\n    config.wasm_gc(true);\n}",
            ),
            (
                "{ f.call(&mut store)?; f.post_return(&mut store)?; }",
                "{ f.call(&mut store)?; }",
            ),
            (
                "{ f(); f.post_return_async(&mut store).await.unwrap(); }",
                "{ f(); }",
            ),
            (
                "{ f(); f.post_return(&mut store).map_err(|e| e.to_string())?; }",
                "{ f(); }",
            ),
            (
                "Config::new().async_support(true).wasm_gc(true)",
                "Config::new().wasm_gc(true)",
            ),
            ("c.wasm_gc(true).async_support(true)", "c.wasm_gc(true)"),
        ] {
            let (before, after) = (
                format!("use wasmtime::A; fn f() {before}"),
                format!("use wasmtime::A; fn f() {after}"),
            );
            assert_eq!(moved(ended, &before, 41, 42), after);
        }
    }

    #[test]
    fn what_something_depends_on_stays() {
        for text in [
            "Engine::new(Config::new().async_support(true))",
            "let x = f.post_return(&mut store);",
            "f.post_return(store.as_context_mut())",
            "config.async_support(enable());",
            "fn async_support(on: bool) {}",
        ] {
            let text = format!("use wasmtime::A; {text}");
            assert_eq!(moved(ended, &text, 41, 48), text);
        }
    }
}
