//! Repairs by error and text.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::diagnostics::Suggestion;
use crate::knowledge::Knowledge;
use crate::migrate::rules::{Included, active};
use crate::span::Span;

mod calls;
mod ended_variants;
mod errors;
mod host_functions;

/// An error about the part of `text` that stands between `«` and `»`.
pub(super) fn error(code: &str, message: &str, text: &str) -> (Diagnostic, Texts) {
    let start = text.find('«').unwrap();
    let plain = text.replace('«', "");
    let end = plain.find('»').unwrap();
    let label = Label {
        path: "src/lib.rs".to_owned(),
        span: Span::new(start, end),
        is_primary: true,
        of_macro: None,
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

/// A package that knows nothing by another name.
pub(super) fn terms(line: u64) -> Terms<'static> {
    static NOTHING: BTreeMap<String, Crates> = BTreeMap::new();
    static NO_TEXTS: Texts = Texts::new();
    Terms {
        from: Line(24),
        line: Line(line),
        paths: &Knowledge::embedded().paths,
        rules: &[],
        before: &NO_TEXTS,
        crates: &NOTHING,
    }
}

fn repaired(error: &Diagnostic, texts: &Texts) -> (Option<String>, usize) {
    let repairs = repair(&[error], texts, &terms(37));
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
fn a_trait_gets_the_bound_of_its_implementations() {
    let before = "trait A { type B<T>; fn new<'a, T: 'a>(t: T); } impl A for B { fn new<'a, T: 'a + «'static»>(t: T) {} }";
    let (mut error_, texts) = error("E0276", "impl has stricter requirements than trait", before);
    error_.labels[0].text = "impl has extra requirement `T: 'static`".to_owned();
    let after = "trait A { type B<T>; fn new<'a, T: 'a + 'static>(t: T); } impl A for B { fn new<'a, T: 'a + 'static>(t: T) {} }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn an_associated_type_that_is_data_of_a_store_gets_the_bound() {
    let message = "the associated type `<impl AsContext<E> as a::AsContext<E>>::UserState` may not live long enough";
    for (before, after) in [
        (
            "trait AsContext<E> { type UserState; } fn f() { «x» }",
            Some("trait AsContext<E> { type UserState: 'static; } fn f() { x }"),
        ),
        (
            "trait AsContext<E> { type UserState: Send; } fn f() { «x» }",
            Some("trait AsContext<E> { type UserState: Send + 'static; } fn f() { x }"),
        ),
        (
            "trait AsContext<E> { type UserState: 'static; } fn f() { «x» }",
            None,
        ),
        (
            "mod a { trait AsContext { type UserState; } } mod b { trait AsContext { type UserState; } } fn f() { «x» }",
            None,
        ),
    ] {
        let (error_, texts) = error("E0310", message, before);
        assert_eq!(repaired(&error_, &texts).0.as_deref(), after, "{before}");
    }
}

#[test]
fn arguments_of_macros_mean_what_the_macro_makes_of_them() {
    let message = "the parameter type `T` may not live long enough";
    for text in [
        "delegate! { struct S<T>(«Store<T>»); }",
        "macro_rules! m { () => { fn f<T>(s: «Store<T>») {} } }",
    ] {
        let (error_, texts) = error("E0310", message, text);
        assert_eq!(repaired(&error_, &texts).0, None, "{text}");
    }
}

#[test]
fn generated_traits_are_async_without_an_attribute() {
    let others = "#[async_trait::async_trait]\nimpl Other for S {}\n";
    let before = format!(
        "#[allow(x)]\n#[async_trait::async_trait]\nimpl Host for S {{\n    async fn «f»(&mut self) {{}}\n}}\n#[async_trait::async_trait]\nimpl types::Host for S {{}}\n{others}"
    );
    let (mut error, texts) = error(
        "E0195",
        "lifetime parameters or bounds on method `f` do not match the trait declaration",
        &before,
    );
    error.labels[0].of_macro = Some("#[async_trait]".to_owned());
    // Of one that is empty no error speaks; what is not of `bindgen!` is left alone.
    let after = format!(
        "#[allow(x)]\nimpl Host for S {{\n    async fn f(&mut self) {{}}\n}}\nimpl types::Host for S {{}}\n{others}"
    );
    assert_eq!(repaired(&error, &texts).0, Some(after));
}

/// Up to 28 generated traits have the attribute too; from 25 on what drops a resource is asynchronous.
#[test]
fn where_traits_have_the_attribute_a_function_is_made_asynchronous() {
    let before =
        "#[async_trait::async_trait]\nimpl HostConn for S {\n    fn drop«»(&mut self) {}\n}\n";
    let message =
        "lifetime parameters or bounds on method `drop` do not match the trait declaration";
    let (error_, texts) = error("E0195", message, before);
    let made = |line: u64| {
        let repairs = repair(&[&error_], &texts, &terms(line));
        let edits = repairs.edits.get("src/lib.rs")?;
        Some(edits.apply(&texts["src/lib.rs"]))
    };
    let plain = before.replace("«»", "");
    let after = plain.replace("fn drop", "async fn drop");
    assert_eq!(made(25), Some(after));
    let without = plain.replace("#[async_trait::async_trait]\n", "");
    assert_eq!(made(29), Some(without));
}

#[test]
fn what_the_compiler_is_sure_of_is_done_outside_of_macros() {
    let (mut error, texts) = error("E0433", "x", "use wasmtime::A; fn f() { «a» }");
    let part = (error.labels[0].clone(), "b".to_owned());
    error.suggestions.push(Suggestion {
        message: "try".to_owned(),
        parts: vec![part],
        is_sure: true,
    });
    assert_eq!(
        repaired(&error, &texts).0.as_deref(),
        Some("use wasmtime::A; fn f() { b }")
    );
    error.suggestions[0].parts[0].0.of_macro = Some("m!".to_owned());
    assert_eq!(repaired(&error, &texts).0, None);
    error.suggestions[0].parts[0].0.of_macro = None;
    error.suggestions[0].is_sure = false;
    assert_eq!(repaired(&error, &texts).0, None);
}

#[test]
fn a_host_is_reached_by_itself() {
    // Of a world with one interface the compiler names the bound of that one.
    for missing in [
        "HasData",
        "bindings::demo::app::host::HostWithStore",
        "HostWithStore<T>",
    ] {
        let message = format!(
            "type annotations needed: cannot satisfy `_: {missing}` required by `add_to_linker`"
        );
        let (error, texts) = error("E0283", &message, "«World::add_to_linker»(&mut l, |s| s)?;");
        let after = "World::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut l, |s| s)?;";
        assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
    }
}

#[test]
fn a_host_is_reached_by_a_function_that_has_a_name() {
    let given = "expected fn pointer `for<'a> fn(&'a mut S) -> <_ as HasData>::Data<'a>`\n";
    let text = "fn me(s: &mut S) -> &mut S { s } World::add_to_linker(&mut l, «me»)?;";
    let (mut error_, texts) = error("E0308", "mismatched types", text);
    let start = texts["src/lib.rs"].find("World").unwrap();
    error_.labels.push(Label {
        span: Span::new(start, start + "World::add_to_linker".len()),
        is_primary: false,
        text: "arguments to this function are incorrect".to_owned(),
        ..error_.labels[0].clone()
    });
    error_.rendered = format!("{given} found fn item `for<'a> fn(&'a mut S) -> &'a mut S {{me}}`");
    let after = "fn me(s: &mut S) -> &mut S { s } World::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut l, me)?;";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    // A view is not the host itself.
    error_.rendered = format!("{given} found fn item `for<'a> fn(&'a mut S) -> View<'a> {{me}}`");
    assert_eq!(repaired(&error_, &texts).0, None);
}

#[test]
fn a_function_of_bindings_that_is_handed_on_says_how_a_host_is_reached() {
    let text = "link(l, «b::World::add_to_linker»)?;";
    let (mut error_, texts) = error("E0631", "type mismatch in function arguments", text);
    error_.rendered = "found function signature `fn(&mut Linker<_>, for<'a> fn(&'a mut S) -> <_ as HasData>::Data<'a>) -> _`".to_owned();
    let after = "link(l, b::World::add_to_linker::<_, wasmtime::component::HasSelf<_>>)?;";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn asynchronous_functions_want_data_that_can_be_sent() {
    let (mut error_, texts) = error(
        "E0277",
        "`T` cannot be sent between threads safely",
        "fn f<T: 'static>(l: &mut Linker<T>) { l.«func_wrap_async»(g) }",
    );
    error_
        .rendered
        .push_str(" required by a bound in `Linker::<T>::func_wrap_async`");
    let after = "fn f<T: 'static + Send>(l: &mut Linker<T>) { l.func_wrap_async(g) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn a_limiter_of_something_that_is_sent_can_be_sent() {
    let (mut error_, texts) = error(
        "E0277",
        "`L` cannot be sent between threads safely",
        "impl<L: Gauge> wasmtime::ResourceLimiter for «Limiter<L>» {}",
    );
    error_
        .rendered
        .push_str(" required by a bound in `ResourceLimiter`");
    let after = "impl<L: Gauge + Send> wasmtime::ResourceLimiter for Limiter<L> {}";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn what_a_linker_has_is_a_result() {
    let message = "no method named `ok_or_else` found for enum `Result<Extern, wasmtime::Error>` in the current scope";
    let text = "l.get(s, m, n).«ok_or_else»(|| e())?";
    let (error_, texts) = error("E0599", message, text);
    assert_eq!(repaired(&error_, &texts).0, None);
    let included = Included::default();
    let rules = active(Knowledge::embedded(), Line(43), Line(48), &included);
    let terms = Terms {
        rules: &rules,
        ..terms(48)
    };
    let repairs = repair(&[&error_], &texts, &terms);
    let edits = &repairs.edits["src/lib.rs"];
    assert_eq!(
        edits.apply(&texts["src/lib.rs"]),
        "l.get(s, m, n).ok().ok_or_else(|| e())?"
    );
}

#[test]
fn what_a_rule_writes_has_the_names_that_the_package_knows() {
    let message = "mismatched types: expected `Inlining`, found `bool`";
    let (error_, texts) = error("E0308", message, "c.compiler_inlining(«true»);");
    let crates = [("wt".to_owned(), "wasmtime".to_owned())];
    let crates = BTreeMap::from([("src/lib.rs".to_owned(), crates.into_iter().collect())]);
    let included = Included::default();
    let rules = active(Knowledge::embedded(), Line(44), Line(48), &included);
    let terms = Terms {
        rules: &rules,
        crates: &crates,
        ..terms(48)
    };
    let repairs = repair(&[&error_], &texts, &terms);
    let edits = &repairs.edits["src/lib.rs"];
    assert_eq!(
        edits.apply(&texts["src/lib.rs"]),
        "c.compiler_inlining(wt::Inlining::Yes);"
    );
    let own = super::spelled(
        "::<_, wasmtime::component::HasSelf<_>>",
        "",
        crates.get("src/lib.rs"),
    );
    assert_eq!(own.as_deref(), Some("::<_, wt::component::HasSelf<_>>"));
}

#[test]
fn macros_of_serde_are_asked_for_where_nobody_else_does_any_more() {
    let message = "cannot find derive macro `Serialize` in this scope";
    let (mut error_, texts) = error("E0599", message, "#[derive(«Serialize»)] struct S;");
    error_.code = None;
    error_.package = "host".to_owned();
    let crates = [("serde".to_owned(), "serde".to_owned())];
    let crates = BTreeMap::from([("src/lib.rs".to_owned(), crates.into_iter().collect())]);
    let terms = Terms {
        crates: &crates,
        ..terms(39)
    };
    let needed = repair(&[&error_], &texts, &terms).features;
    let needed: Vec<_> = needed
        .iter()
        .map(|(package, feature)| (package.as_str(), feature.of_crate, feature.name))
        .collect();
    assert_eq!(needed, [("host", "serde", "derive")]);
}

#[test]
fn sending_requests_is_a_feature_that_was_none() {
    let message = "not all trait items implemented, missing: `send_request`";
    let text = "«impl WasiHttpView for State» { fn ctx(&mut self) {} }";
    let (mut error_, texts) = error("E0046", message, text);
    error_.rendered = format!("{message}\nimpl WasiHttpView for State {{");
    error_.package = "host".to_owned();
    let needed = |from: u64| {
        let terms = Terms {
            from: Line(from),
            ..terms(38)
        };
        repair(&[&error_], &texts, &terms).features
    };
    let feature = needed(33)
        .pop_first()
        .map(|(package, it)| (package, it.of_crate, it.name));
    let expected = (
        "host".to_owned(),
        "wasmtime-wasi-http",
        "default-send-request",
    );
    assert_eq!(feature, Some(expected));
    // Who had the feature and did not ask for it sends requests another way.
    assert_eq!(needed(36).len(), 0);
}

/// A package without default features, which were none, had the API of WASI 0.2 all the same.
#[test]
fn what_was_there_without_a_feature_is_asked_for() {
    let message = "cannot find `p2` in `wasmtime_wasi_http`";
    let text = "use wasmtime_wasi_http::«p2»::WasiHttpView;";
    let (mut error_, texts) = error("E0433", message, text);
    error_.package = "host".to_owned();
    let needed = |from: u64, error: &Diagnostic| {
        let terms = Terms {
            from: Line(from),
            ..terms(47)
        };
        let needed = repair(&[error], &texts, &terms).features;
        let needed = needed.into_iter();
        Vec::from_iter(needed.map(|(package, it)| (package, it.of_crate, it.name)))
    };
    assert_eq!(needed(41, &error_), []);
    error_.rendered = format!(
        "{message}\nnote: found an item that was configured out\n  --> /registry/wasmtime-wasi-http-47.0.4/src/lib.rs:20:9\n   |\n19 | #[cfg(feature = \"p2\")]\n   |       -------------- the item is gated behind the `p2` feature\n"
    );
    let asked = ("host".to_owned(), "wasmtime-wasi-http", "p2");
    assert_eq!(needed(41, &error_), [asked]);
    // Who had the feature and did not ask for it knows nothing of the module.
    assert_eq!(needed(43, &error_), []);
}

#[test]
fn a_person_is_told_what_is_known_of_an_error() {
    let message = "no method named `is_async` found for reference `&Engine`";
    let (error_, texts) = error("E0599", message, "engine.«is_async»()");
    let rules = active(
        Knowledge::embedded(),
        Line(41),
        Line(42),
        &Included::default(),
    );
    let terms = Terms {
        rules: &rules,
        ..terms(42)
    };
    let told = explained(&[error_], &texts, &terms);
    assert_eq!(told[0].1.span, Span::new(7, 15));
    assert!(
        told[0]
            .1
            .what
            .ends_with("see `explain engine-is-async-removed`")
    );
}

#[test]
fn an_attribute_that_is_not_there_any_more_is_had_from_elsewhere() {
    let message = "cannot find `async_trait` in `wiggle`";
    let text = "#[wiggle::«async_trait»]\nimpl WasiFile for Pipe { async fn f(&self) {} }";
    let (missing, texts) = error("E0433", message, text);
    let apart = text.replace(['«', '»'], "").replace("fn f", "fn «f»");
    let (differs, _) = error("E0195", "lifetime parameters do not match", &apart);
    let crates = [("wasmtime_wasi".to_owned(), "wasmtime-wasi".to_owned())];
    let crates = BTreeMap::from([("src/lib.rs".to_owned(), crates.into_iter().collect())]);
    let terms = Terms {
        crates: &crates,
        ..terms(39)
    };
    let repairs = repair(&[&missing, &differs], &texts, &terms);
    assert_eq!(
        repairs.edits["src/lib.rs"].apply(&texts["src/lib.rs"]),
        "#[wasmtime_wasi::async_trait]\nimpl WasiFile for Pipe { async fn f(&self) {} }"
    );
    assert_eq!(repaired(&missing, &texts).0, None);
    for (code, message, before, after) in [
        (
            "E0433",
            "cannot find `async_trait` in `__internal`",
            "#[wasmtime::component::__internal::«async_trait»]\nimpl Limiter for L {}",
            "#[wasmtime_wasi::async_trait]\nimpl Limiter for L {}",
        ),
        (
            "E0432",
            "unresolved import `wasmtime::component::__internal::async_trait`",
            "use «wasmtime::component::__internal::async_trait»;",
            "use wasmtime_wasi::async_trait;",
        ),
    ] {
        let (missing, texts) = error(code, message, before);
        let edits = repair(&[&missing], &texts, &terms).edits;
        assert_eq!(edits["src/lib.rs"].apply(&texts["src/lib.rs"]), after);
    }
}

#[test]
fn a_trait_that_wants_a_future_gets_an_async_function() {
    let message = "`Result<(), wasmtime::Error>` is not a future";
    let before = "impl HostR for S { fn drop(&mut self) -> «Result<()>» { Ok(()) } }";
    let (error_, texts) = error("E0277", message, before);
    let after = "impl HostR for S { async fn drop(&mut self) -> Result<()> { Ok(()) } }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    let (error_, texts) = error("E0277", message, "fn f() { g()«.await» }");
    assert_eq!(repaired(&error_, &texts).0, None);
}

#[test]
fn what_has_become_asynchronous_is_waited_for() {
    let before = "use wasmtime::A; async fn f() -> Result<()> { Host::drop(self, r)«» }";
    let (mut error_, texts) = error("E0308", "mismatched types", before);
    error_.suggestions = vec![Suggestion {
        message: "consider `await`ing on the `Future`".to_owned(),
        parts: vec![(error_.labels[0].clone(), ".await".to_owned())],
        is_sure: false,
    }];
    let after = before.replace("«»", ".await");
    assert_eq!(repaired(&error_, &texts).0, Some(after));
}

/// The compiler is sure that it compiles, and not that the context is still there.
#[test]
fn a_question_mark_that_the_compiler_would_put_in_is_not_taken() {
    let before = "use wasmtime::A; a()«».context(\"b\")?";
    let (mut error_, texts) = error("E0599", "the method `context` exists for", before);
    let at = error_.labels[0].clone();
    error_.suggestions = vec![Suggestion {
        message: "use the `?` operator to extract the `Error` value".to_owned(),
        parts: vec![(at, "?".to_owned())],
        is_sure: true,
    }];
    assert_eq!(repaired(&error_, &texts).0, None);
}

#[test]
fn a_host_is_told_by_what_bindings_of_46_say_of_it() {
    let before = "my::log::«add_to_linker»(&mut linker, |host: &mut Host| host)?;";
    let before = before.replace("my::log::«", "«my::log::");
    let (mut error_, texts) = error("E0283", "type annotations needed", &before);
    error_.rendered = "cannot infer type of the type parameter `D` declared on the function `add_to_linker` note: cannot satisfy `_: log::HostWithStore<Host>`".to_owned();
    assert_eq!(
        repaired(&error_, &texts).0.as_deref(),
        Some(
            "my::log::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut linker, |host: &mut Host| host)?;"
        )
    );
}

/// The declaration was changed in the same round: then the first conversion was one too many.
#[test]
fn what_is_not_of_wasmtime_is_not_ours_to_mend() {
    let message = "no method named `table` found for struct `S`";
    let (of_others, texts) = error("E0599", message, "use ui::Window; w.«table»();");
    assert_eq!(repaired(&of_others, &texts).0, None);
    let (of_wasi, texts) = error("E0599", message, "use wasmtime_wasi::A; s.«table»();");
    let before_36 = repair(&[&of_wasi], &texts, &terms(34));
    assert_eq!(before_36, Repairs::default(), "the view comes with 36");
    let (mut error, texts) = error("E0433", "x", "fn f() { «a» }");
    let part = (error.labels[0].clone(), "b".to_owned());
    error.suggestions.push(Suggestion {
        message: "try".to_owned(),
        parts: vec![part],
        is_sure: true,
    });
    assert_eq!(repaired(&error, &texts).0, None, "it was broken before");
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

/// A body that is made in front of where it is handed on: the compiler points to its name.
#[test]
fn a_rule_finds_the_value_that_a_variable_was_declared_with() {
    let included = Included::default();
    let rules = active(Knowledge::embedded(), Line(36), Line(40), &included);
    let terms = Terms {
        rules: &rules,
        ..terms(40)
    };
    for (before, after) in [
        (
            "fn f() { let mut resp = send().map(|b| b.map_err(e).boxed()); g(); Ok(R { «resp», worker }) }",
            Some(
                "fn f() { let mut resp = send().map(|b| b.map_err(e).boxed_unsync()); g(); Ok(R { resp, worker }) }",
            ),
        ),
        (
            "fn f() { let resp = a.boxed(); let resp = b.boxed(); g(«resp») }",
            Some("fn f() { let resp = a.boxed(); let resp = b.boxed_unsync(); g(resp) }"),
        ),
        (
            "fn f() { let resp = g(a.boxed(), b.boxed()); g(«resp») }",
            None,
        ),
        ("fn f() { { let resp = a.boxed(); } g(«resp») }", None),
        ("fn f() { let resp = a.boxed(); g(&«resp.x») }", None),
    ] {
        let (mut error, texts) = error("E0308", "mismatched types", before);
        error.rendered =
            "expected `Response<UnsyncBoxBody<A>>`, found `Response<BoxBody<A>>`".to_owned();
        let repairs = repair(&[&error], &texts, &terms);
        let edits = repairs.edits.get("src/lib.rs");
        let edited = edits.map(|edits| edits.apply(&texts["src/lib.rs"]));
        assert_eq!(edited.as_deref(), after, "{before}");
    }
}
