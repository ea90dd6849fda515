//! Repairs by error and text.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::diagnostics::Suggestion;
use crate::span::Span;

/// An error about the part of `text` that stands between `«` and `»`.
fn error(code: &str, message: &str, text: &str) -> (Diagnostic, Texts) {
    let start = text.find('«').unwrap();
    let plain = text.replace('«', "");
    let end = plain.find('»').unwrap();
    let label = Label {
        path: "src/lib.rs".to_owned(),
        span: Span::new(start, end),
        is_primary: true,
        is_in_macro: false,
        text: String::new(),
    };
    let error = Diagnostic {
        code: Some(code.to_owned()),
        message: message.to_owned(),
        rendered: message.to_owned(),
        labels: vec![label],
        ..Diagnostic::default()
    };
    let texts = Texts::from([("src/lib.rs".to_owned(), plain.replace('»', ""))]);
    (error, texts)
}

fn repaired(error: &Diagnostic, texts: &Texts) -> (Option<String>, usize) {
    let repairs = repair(&[error], texts, Line(37));
    let edits = repairs.edits.get("src/lib.rs");
    (
        edits.map(|edits| edits.apply(&texts["src/lib.rs"])),
        repairs.remaining.len(),
    )
}

#[test]
fn data_of_a_store_gets_its_bound_where_the_parameter_is_declared() {
    for (before, after) in [
        (
            "fn f<T>(l: «Linker<T>») {}",
            Some("fn f<T: 'static>(l: Linker<T>) {}"),
        ),
        (
            "fn f<'a, T: Clone + Send, U>(l: &'a T) { «l» }",
            Some("fn f<'a, T: Clone + Send + 'static, U>(l: &'a T) { l }"),
        ),
        (
            "impl<T: Into<Vec<u8>>> S<T> { fn f<U>() { «x» } }",
            Some("impl<T: Into<Vec<u8>> + 'static> S<T> { fn f<U>() { x } }"),
        ),
        (
            "impl<T> S<T> { fn f<T>() { «x» } }",
            Some("impl<T> S<T> { fn f<T: 'static>() { x } }"),
        ),
        (
            "fn g<T>() {} impl<T> S<T> { fn f() { «x» } }",
            Some("fn g<T>() {} impl<T: 'static> S<T> { fn f() { x } }"),
        ),
        (
            "struct S<T = ()> { a: «Store<T>» }",
            Some("struct S<T: 'static = ()> { a: Store<T> }"),
        ),
        ("fn f<T: 'static>() { «x» }", None),
        ("fn f<U>() { «x» }", None),
    ] {
        let (error, texts) = error(
            "E0310",
            "the parameter type `T` may not live long enough",
            before,
        );
        assert_eq!(repaired(&error, &texts).0.as_deref(), after, "{before}");
    }
}

#[test]
fn a_new_variant_is_refused_as_the_others_are() {
    let message = "non-exhaustive patterns: `wasmtime::Val::ContRef(_)` not covered";
    for (before, after, left) in [
        (
            "fn f() { match «v» {\n    Val::I32(x) => Ok(x),\n    Val::ExnRef(_) => bail!(\"no\"),\n} }",
            "fn f() { match v {\n    Val::I32(x) => Ok(x),\n    Val::ExnRef(_) => bail!(\"no\"),\n    Val::ContRef(_) => bail!(\"no\"),\n} }",
            0,
        ),
        (
            "match «v» { w::Val::A(a) => a, w::Val::B(_) | w::Val::C => { panic!() } }",
            "match v { w::Val::A(a) => a, w::Val::B(_) | w::Val::C => { panic!() } w::Val::ContRef(_) => { panic!() }, }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a }",
            "match v { Val::A(a) => a, Val::ContRef(_) => unimplemented!(\"new in Wasmtime 37\"), }",
            1,
        ),
    ] {
        let (error, texts) = error("E0004", message, before);
        assert_eq!(
            repaired(&error, &texts),
            (Some(after.to_owned()), left),
            "{before}"
        );
    }
}

#[test]
fn generated_traits_are_async_without_an_attribute() {
    let before = "#[allow(x)]\n#[async_trait::async_trait]\nimpl Host for S {\n    async fn «f»(&mut self) {}\n}\n";
    let (mut error, texts) = error(
        "E0195",
        "lifetime parameters or bounds on method `f` do not match the trait declaration",
        before,
    );
    error.labels[0].is_in_macro = true;
    let after = "#[allow(x)]\nimpl Host for S {\n    async fn f(&mut self) {}\n}\n";
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
}

#[test]
fn what_the_compiler_is_sure_of_is_done_outside_of_macros() {
    let (mut error, texts) = error("E0433", "x", "fn f() { «a» }");
    let part = (error.labels[0].clone(), "b".to_owned());
    error.suggestions.push(Suggestion {
        message: "try".to_owned(),
        parts: vec![part],
        is_sure: true,
    });
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some("fn f() { b }"));
    error.suggestions[0].parts[0].0.is_in_macro = true;
    assert_eq!(repaired(&error, &texts).0, None);
    error.suggestions[0].parts[0].0.is_in_macro = false;
    error.suggestions[0].is_sure = false;
    assert_eq!(repaired(&error, &texts).0, None);
}

#[test]
fn a_host_is_reached_by_itself() {
    let message =
        "type annotations needed: cannot satisfy `_: HasData` required by `add_to_linker`";
    let (error, texts) = error("E0283", message, "«World::add_to_linker»(&mut l, |s| s)?;");
    let after = "World::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut l, |s| s)?;";
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
}

#[test]
fn views_are_opened_where_their_parts_are_wanted() {
    let message = "mismatched types: expected `&mut WasiCtx`, found `WasiCtxView<'_>`";
    let (error_, texts) = error("E0308", message, "f(«s.ctx()»);");
    assert_eq!(
        repaired(&error_, &texts).0.as_deref(),
        Some("f(s.ctx().ctx);")
    );
    let (error_, texts) = error(
        "E0599",
        "no method named `table` found for struct `S`",
        "s.«table»().push(x);",
    );
    assert_eq!(
        repaired(&error_, &texts).0.as_deref(),
        Some("s.ctx().table.push(x);")
    );
}

#[test]
fn errors_are_converted_where_they_meet() {
    let message =
        "`?` couldn't convert the error: `anyhow::Error: std::error::Error` is not satisfied";
    let (error_, texts) = error("E0277", message, "fn f() { g()«?»; }");
    assert_eq!(
        repaired(&error_, &texts).0.as_deref(),
        Some("fn f() { g().map_err(wasmtime::Error::from_anyhow)?; }")
    );
    let (mut error_, texts) = error(
        "E0308",
        "mismatched types",
        "fn f() { «Module::new(e, b)» }",
    );
    error_.labels[0].text =
        "expected `Result<Module, anyhow::Error>`, found `Result<Module, wasmtime::Error>`"
            .to_owned();
    assert_eq!(
        repaired(&error_, &texts).0.as_deref(),
        Some("fn f() { Module::new(e, b).map_err(anyhow::Error::from) }")
    );
}

#[test]
fn nothing_outside_of_the_given_files_is_edited() {
    let (mut error, texts) = error(
        "E0310",
        "the parameter type `T` may not live long enough",
        "fn f<T>(«x»: T) {}",
    );
    error.labels[0].path = "/registry/src/lib.rs".to_owned();
    assert_eq!(repaired(&error, &texts).0, None);
}
