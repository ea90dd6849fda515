//! Calls that have no effect any more and are deprecated: `Config::async_support` (42, PR #12371) and
//! `post_return` of functions of components (42, PR #12498).

use super::impls::{arguments, span_of};
use super::receivers::{Receiver, names_at, root_of_chain};
use super::scopes::Scopes;
use super::whole::whole_item;
use super::{Ground, Migrated};
use crate::edit::Edit;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};
use crate::version::Line;

const SINCE: Line = Line(42);

pub(super) const NAMES: [&str; 3] = ["async_support", "post_return", "post_return_async"];

/// Takes the calls out, where nothing depends on them.
#[must_use]
pub fn ended(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let mut result = Migrated::default();
    // What is Wasmtime's may come through a module of the package.
    let may_be = |name| text.contains(name);
    let may_have_it = may_be("wasmtime") || may_be("use crate::") || may_be("use super::");
    if ground.from >= SINCE || ground.to < SINCE || !may_have_it {
        return result;
    }
    let scopes = Scopes::of(tokens);
    for name in NAMES {
        for place in tokens.places_of(name) {
            let receiver = Receiver::of(tokens, place, &scopes, ground);
            let is_theirs = match receiver {
                Receiver::Wasmtime => true,
                Receiver::Unknown => !ground.own_names.contains(&name),
                Receiver::Other => false,
            };
            let change = change(tokens, text, place).filter(|_| is_theirs);
            result.edits.extend(change.map(|(span, text)| Edit {
                span,
                text,
                reason: format!("`{name}` has no effect in line {}", ground.to),
            }));
        }
    }
    result
}

/// What is in place of a call.
fn change(tokens: &Tokens<'_>, text: &str, place: usize) -> Option<(Span, String)> {
    let gone = statement(tokens, text, place);
    let is_setting = tokens.text(place) == "async_support";
    let gone = gone.or_else(|| link_of_chain(tokens, text, place).filter(|_| is_setting));
    if let Some(span) = gone {
        return Some((span, String::new()));
    }
    let (span, in_front) = only_of_engine(tokens, place).filter(|_| is_setting)?;
    let made = root_of_chain(tokens, place)?..place - 1;
    let made = span_of(tokens, &made).filter(|_| !in_front.is_empty());
    let made = made.map_or("", |made| made.text(text));
    Some((span, format!("{in_front}{made}")))
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
    if let Some((first, last)) = choice_around(tokens, first, end).filter(|_| is_whole) {
        return Some(whole_item(tokens, text, first, last));
    }
    is_whole.then(|| {
        with_remark(
            text,
            whole_item(tokens, text, first, end),
            tokens.text(name),
        )
    })
}

/// The `if on {` and the `}` around a statement that is all there is in it, where to ask does nothing.
fn choice_around(tokens: &Tokens<'_>, first: usize, end: usize) -> Option<(usize, usize)> {
    let open = first.checked_sub(1)?;
    let close = tokens.get(open)?.partner;
    let is_alone = tokens.text(open) == "{" && close == end + 1;
    let mut word = open.checked_sub(1)?;
    while tokens.kind(word) == Some(TokenKind::Ident) && !tokens.is_ident(word, "if") {
        let dot = word.checked_sub(1)?;
        word = match tokens.is_punct(dot, '.') {
            true => dot.checked_sub(1)?,
            false => dot,
        };
    }
    let is_if = tokens.is_ident(word, "if") && word + 1 < open;
    let begins = word
        .checked_sub(1)
        .is_some_and(|before| matches!(tokens.text(before), ";" | "{" | "}"));
    let is_all = is_alone && is_if && begins && !tokens.is_ident(close + 1, "else");
    is_all.then_some((word, close))
}

/// Together with the one line of remarks above that is about the call: it would be about the next one.
fn with_remark(text: &str, span: Span, name: &str) -> Span {
    let before = text.get(..span.start.0).unwrap_or_default();
    if !before.ends_with('\n') {
        return span;
    }
    let mut lines = before.lines().rev();
    let (remark, above) = (lines.next().unwrap_or_default(), lines.next());
    let is_remark = |line: &str| line.trim_start().starts_with("//");
    let about = name.split('_').next().unwrap_or(name);
    let is_about = is_remark(remark) && remark.to_lowercase().contains(about);
    match is_about && !above.is_some_and(is_remark) {
        true => {
            let line = before.trim_end_matches(['\r', '\n']).len() - remark.len();
            Span::new(line, span.end.0)
        }
        false => span,
    }
}

/// `Config::new().f(..)` that an engine is made of: its settings are borrowed, which the method did.
fn only_of_engine(tokens: &Tokens<'_>, name: usize) -> Option<(Span, &'static str)> {
    let close = call(tokens, name)?;
    let root = root_of_chain(tokens, name)?;
    let is_made = names_at(tokens, root).len() > 1
        && tokens.after(root + names_at(tokens, root).len() * 3 - 2) == name - 1;
    let is_borrowed = root > 0 && tokens.is_punct(root - 1, '&');
    let open = root.checked_sub(1 + usize::from(is_borrowed))?;
    let function = open.checked_sub(4)?;
    let is_engine = tokens.text(open) == "("
        && tokens.is_ident(open - 1, "new")
        && tokens.is_ident(function, "Engine")
        && tokens.get(open)?.partner == close + 1;
    let given = tokens.get(root)?.span.start.0..tokens.get(name - 1)?.span.start.0;
    let end = tokens.get(close)?.span.end.0;
    match is_made && is_engine {
        true if is_borrowed => Some((Span::new(given.end, end), "")),
        true => Some((Span::new(given.start, end), "&")),
        false => None,
    }
}

/// `.f(..)` between other calls of a chain: the value that it hands on is the one that it was given.
fn link_of_chain(tokens: &Tokens<'_>, text: &str, name: usize) -> Option<Span> {
    let close = call(tokens, name)?;
    let dot = name - 1;
    let goes_on = tokens.is_punct(close + 1, '.');
    let before = tokens.get(dot.checked_sub(1)?)?;
    // Behind a constructor or a copy there is a value, and behind the call a reference to it.
    let of_call = before.kind == TokenKind::Close && {
        let function = before.partner.checked_sub(1)?;
        let is_method = tokens.is_punct(function.checked_sub(1)?, '.');
        is_method && !tokens.is_ident(function, "clone")
    };
    let span = Span::new(before.span.end.0, tokens.get(close)?.span.end.0);
    (goes_on || of_call).then(|| with_line(text, span))
}

/// A link of a chain that has a line for itself, with the remark behind it: that of the link before stays.
fn with_line(text: &str, span: Span) -> Span {
    let gap = span.text(text);
    let own = gap.len() - gap.trim_start().len();
    let remark = gap.trim_start().starts_with("//") || gap.trim_start().starts_with("/*");
    let line = gap.rfind('\n');
    let behind = text.get(span.end.0..).unwrap_or_default();
    let behind = behind.split('\n').next().unwrap_or_default().trim_end();
    let is_remark = behind.trim_start().starts_with("//");
    let start = match line.filter(|_| remark) {
        Some(line) => span.start.0 + gap[..line].trim_end_matches('\r').len(),
        None => span.start.0,
    };
    let has_line = remark || gap[..own].contains('\n');
    let end = span.end.0
        + if is_remark && has_line {
            behind.len()
        } else {
            0
        };
    Span::new(start, end)
}

/// The `)` of a method call with one argument that does nothing itself.
fn call(tokens: &Tokens<'_>, name: usize) -> Option<usize> {
    let is_call = name > 0 && tokens.is_punct(name - 1, '.') && tokens.text(name + 1) == "(";
    let arguments = arguments(tokens, name + 1).filter(|_| is_call)?;
    let [only] = arguments.as_slice() else {
        return None;
    };
    // `store.as_context_mut()`, `&mut *store.lock().unwrap()`
    const LENDING: [&str; 8] = [
        "as_context",
        "as_context_mut",
        "as_mut",
        "borrow_mut",
        "context_mut",
        "lock",
        "store_mut",
        "unwrap",
    ];
    let acts = only.clone().any(|index| {
        let lends = tokens.text(index + 1) == ")" && LENDING.contains(&tokens.text(index - 1));
        tokens.kind(index) == Some(TokenKind::Open) && !lends
    });
    (!acts).then(|| tokens.get(name + 1).map(|token| token.partner))?
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
                "{ f(); f.post_return(store.as_context_mut())?; g.post_return_async(&mut *s.lock().unwrap()).await?; }",
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
            (
                "{ Engine::new(Config::new().async_support(true))?; }",
                "{ Engine::new(&Config::new())?; }",
            ),
            (
                "{ Engine::new(&wasmtime::Config::default().async_support(true))?; }",
                "{ Engine::new(&wasmtime::Config::default())?; }",
            ),
            (
                "{\n    if self.options.on {\n        config.async_support(true);\n    }\n    f();\n}",
                "{\n    f();\n}",
            ),
            (
                "{\n    let mut config = Config::new();\n    // Async support must be on.\n    config.async_support(true);\n    config.wasm_gc(true);\n}",
                "{\n    let mut config = Config::new();\n    config.wasm_gc(true);\n}",
            ),
            (
                "{\n    let mut config = Config::new();\n    // Set up.\n    config.async_support(true);\n    config.wasm_gc(true);\n}",
                "{\n    let mut config = Config::new();\n    // Set up.\n    config.wasm_gc(true);\n}",
            ),
        ] {
            let (before, after) = (
                format!("use wasmtime::{{Config, Engine}}; fn f() {before}"),
                format!("use wasmtime::{{Config, Engine}}; fn f() {after}"),
            );
            assert_eq!(moved(ended, &before, 41, 42), after);
        }
    }

    #[test]
    fn methods_of_the_projects_own_stay() {
        for text in [
            "use wasmtime::A; fn f() { Options::default().async_support(true).simd(true) }",
            "use wasmtime::A; use crate::Engine; fn f() { let e = Engine::builder().async_support(true).build(); }",
            "use wasmtime::A; fn f() { let mut o = Options::new(); o.async_support(true); }",
            "use wasmtime::A; fn f(o: &mut crate::Options) { o.async_support(true); }",
        ] {
            assert_eq!(moved(ended, text, 41, 48), text);
        }
        let crates = crate::migrate::tests::crates();
        let mut ground = crate::migrate::tests::ground(&crates, 41, 42);
        ground.own_names = &["async_support", "post_return"];
        for (before, after) in [
            ("use wasmtime::A; fn f() { hooks.post_return(0); }", None),
            (
                "use wasmtime::A; fn f() { self.c.async_support(true); }",
                None,
            ),
            (
                "use wasmtime::Config; fn f() { let mut c = Config::new(); c.async_support(true); c.wasm_gc(true); }",
                Some(
                    "use wasmtime::Config; fn f() { let mut c = Config::new(); c.wasm_gc(true); }",
                ),
            ),
            (
                "use wasmtime::component::TypedFunc; fn g(f: &TypedFunc<(), ()>) { f.call(s); f.post_return(s)?; }",
                Some(
                    "use wasmtime::component::TypedFunc; fn g(f: &TypedFunc<(), ()>) { f.call(s); }",
                ),
            ),
            (
                "fn f(c: &mut wasmtime::Config) { c.wasm_gc(true).async_support(true); }",
                Some("fn f(c: &mut wasmtime::Config) { c.wasm_gc(true); }"),
            ),
        ] {
            let tokens = Tokens::read(before).unwrap();
            let after = after.unwrap_or(before);
            let edits = ended(&tokens, before, &ground).edits;
            assert_eq!(crate::migrate::tests::edited(before, edits), after);
        }
    }

    #[test]
    fn what_something_depends_on_stays() {
        for text in [
            "g(Config::new().async_support(true))",
            "let x = f.post_return(&mut store);",
            "f.post_return(store.next())",
            "config.async_support(enable());",
            "fn async_support(on: bool) {}",
        ] {
            let text = format!("use wasmtime::A; {text}");
            assert_eq!(moved(ended, &text, 41, 48), text);
        }
    }
}
