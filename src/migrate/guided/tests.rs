//! Repairs by error and text.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::diagnostics::Suggestion;
use crate::knowledge::Knowledge;
use crate::migrate::rules::{Included, active};
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
fn terms(line: u64) -> Terms<'static> {
    static NOTHING: BTreeMap<String, Crates> = BTreeMap::new();
    Terms {
        from: Line(24),
        line: Line(line),
        paths: &Knowledge::embedded().paths,
        rules: &[],
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
            "match v { w::Val::A(a) => a, w::Val::B(_) | w::Val::C => { panic!() } w::Val::ContRef(_) => { panic!() } }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::AnyRef(_) => Err(no(\"AnyRef, anyref\")), }",
            "match v { Val::A(a) => a, Val::AnyRef(_) => Err(no(\"AnyRef, anyref\")), Val::ContRef(_) => Err(no(\"ContRef, contref\")), }",
            0,
        ),
        (
            "match «v» { Val::A(_) => f().or(Err(1)), Val::B(_) => anyhow::bail!(\"b\") }",
            "match v { Val::A(_) => f().or(Err(1)), Val::B(_) => anyhow::bail!(\"b\"), Val::ContRef(_) => anyhow::bail!(\"b\"), }",
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
    error.labels[0].of_macro = Some("#[async_trait]".to_owned());
    let after = "#[allow(x)]\nimpl Host for S {\n    async fn f(&mut self) {}\n}\n";
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
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
    let message =
        "type annotations needed: cannot satisfy `_: HasData` required by `add_to_linker`";
    let (error, texts) = error("E0283", message, "«World::add_to_linker»(&mut l, |s| s)?;");
    let after = "World::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut l, |s| s)?;";
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
}

#[test]
fn settings_have_other_names() {
    for (name, before, after) in [
        (
            "static_memory_maximum_size",
            "c.«static_memory_maximum_size»(1)",
            Some("c.memory_reservation(1)"),
        ),
        (
            "static_memory_forced",
            "c.«static_memory_forced»(true)",
            Some("c.memory_may_move(false)"),
        ),
        (
            "static_memory_forced",
            "c.«static_memory_forced»(on)",
            Some("c.memory_may_move(!(on))"),
        ),
        (
            "dynamic_memory_guard_size",
            "c.«dynamic_memory_guard_size»(1)",
            Some("c.memory_guard_size(1)"),
        ),
        (
            "dynamic_memory_guard_size",
            "c.«dynamic_memory_guard_size»(1).static_memory_guard_size(2)",
            None,
        ),
        (
            "disable_cache",
            "c.«disable_cache»();",
            Some("c.cache(None);"),
        ),
        (
            "cache_config_load_default",
            "c.«cache_config_load_default»()?;",
            Some("c.cache(Some(wasmtime::Cache::from_file(None)?));"),
        ),
        (
            "cache_config_load",
            "c.«cache_config_load»(path).unwrap();",
            Some(
                "c.cache(Some(wasmtime::Cache::from_file(Some(std::path::Path::new(&path))).unwrap()));",
            ),
        ),
        (
            "cache_config_load",
            "let r = c.«cache_config_load»(path);",
            None,
        ),
    ] {
        let message =
            format!("no method named `{name}` found for struct `Config` in the current scope");
        let (error_, texts) = error("E0599", &message, before);
        assert_eq!(repaired(&error_, &texts).0.as_deref(), after, "{before}");
    }
}

#[test]
fn a_trait_of_wasmtimes_is_brought_into_scope() {
    let (mut error_, texts) = error(
        "E0599",
        "no method named `table` found",
        "«»use a::b;\nfn f() { s.table() }",
    );
    error_.labels[0].span = Span::new(22, 27);
    let place = Label {
        span: Span::new(0, 0),
        ..error_.labels[0].clone()
    };
    let suggestion = |path: &str| {
        Suggestion {
        message: "trait `IoView` which provides `table` is implemented but not in scope; perhaps you want to import it".to_owned(),
        parts: vec![(place.clone(), format!("use {path};\n"))],
        is_sure: false,
    }
    };
    error_.suggestions = vec![suggestion("wasmtime_wasi::p2::IoView")];
    let after = "use wasmtime_wasi::p2::IoView;\nuse a::b;\nfn f() { s.table() }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    error_.suggestions.push(suggestion("wasmtime_wasi::Other"));
    assert_ne!(
        repaired(&error_, &texts).0.as_deref(),
        Some(after),
        "two traits could be meant"
    );
}

#[test]
fn functions_of_a_view_are_asked_of_it() {
    let message = "no method named `new_incoming_request` found for struct `S`";
    let (error_, texts) = error("E0599", message, "s.data_mut().«new_incoming_request»(a)?");
    let after = "s.data_mut().http().new_incoming_request(a)?";
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
fn functions_that_are_made_at_run_time_are_told_their_type() {
    let message = "closure is expected to take 4 arguments, but it takes 3 arguments";
    let (mut error_, texts) = error(
        "E0593",
        message,
        "i.func_new(n, «move |cx: C<'_, T>, a, r|» Ok(()))",
    );
    error_
        .rendered
        .push_str(" required by a bound in `func_new`");
    let after = "i.func_new(n, move |cx: C<'_, T>, _ty, a, r| Ok(()))";
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
        crates.get("src/lib.rs"),
    );
    assert_eq!(own, "::<_, wt::component::HasSelf<_>>");
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
fn bindings_come_alone() {
    let message = "mismatched types";
    for (before, after) in [
        (
            "let «(world, _)» = World::instantiate(a)?;",
            Some("let world = World::instantiate(a)?;"),
        ),
        ("let «(world, instance)» = World::instantiate(a)?;", None),
    ] {
        let (mut error_, texts) = error("E0308", message, before);
        error_.rendered = "World::instantiate found tuple `(_, _)`".to_owned();
        assert_eq!(repaired(&error_, &texts).0.as_deref(), after);
    }
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
        "use wasmtime_wasi::A; s.«table»().push(x);",
    );
    assert_eq!(
        repaired(&error_, &texts).0.as_deref(),
        Some("use wasmtime_wasi::A; s.ctx().table.push(x);")
    );
}

#[test]
fn an_attribute_that_wiggle_has_no_more_is_had_from_elsewhere() {
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

const ANYHOW_FOR_WASMTIME: &str = "expected `wasmtime::Error`, found `anyhow::Error`";
const WASMTIME_FOR_ANYHOW: &str = "expected `anyhow::Error`, found `wasmtime::Error`";

/// What becomes of `before`, where the error says all this.
fn converted(code: &str, message: &str, said: &str, before: &str) -> Option<String> {
    let (mut error, texts) = error(code, message, before);
    error.rendered = format!(
        "{message}\n{said}\nrequired for `wasmtime::Error` to implement `From<anyhow::Error>`\nhelp: use `?` to coerce"
    );
    error.labels[0].text = said.to_owned();
    repaired(&error, &texts).0
}

#[test]
fn errors_are_converted_where_they_meet() {
    let question =
        "`?` couldn't convert the error: `anyhow::Error: std::error::Error` is not satisfied";
    let exists = "the method `context` exists for enum `Result<(), wasmtime::Error>`, but its trait bounds were not satisfied";
    let to_return =
        "expected `f` to return `Result<_, Error>`, but it returns `Result<u32, Error>`";
    for (code, message, said, before, after) in [
        (
            "E0277",
            question,
            "",
            "fn f() { g()«?»; }",
            Some("fn f() { g().map_err(wasmtime::Error::from_anyhow)?; }"),
        ),
        (
            "E0277",
            question,
            "",
            "g(\n    a,\n)«?»;",
            Some("g(\n    a,\n)\n.map_err(wasmtime::Error::from_anyhow)?;"),
        ),
        (
            "E0308",
            "mismatched types",
            WASMTIME_FOR_ANYHOW,
            "fn f() { «Module::new(e, b)» }",
            Some("fn f() { Module::new(e, b).map_err(anyhow::Error::from) }"),
        ),
        (
            "E0308",
            "mismatched types",
            ANYHOW_FOR_WASMTIME,
            "fn f() { «read(e)» }",
            Some("fn f() { read(e).map_err(wasmtime::Error::from_anyhow) }"),
        ),
        (
            "E0308",
            "mismatched types",
            ANYHOW_FOR_WASMTIME,
            "fn f() { «a + b» }",
            None,
        ),
        (
            "E0308",
            "mismatched types",
            ANYHOW_FOR_WASMTIME,
            "fn f() { «Ok(a)» }",
            None,
        ),
        (
            "E0271",
            to_return,
            ANYHOW_FOR_WASMTIME,
            "m\n    .grow(1)\n    .and_then(«f»)",
            Some("m\n    .grow(1)\n    .map_err(anyhow::Error::from)\n    .and_then(f)"),
        ),
        (
            "E0599",
            exists,
            "",
            "m.load().«context»(\"a\")?",
            Some("m.load().map_err(anyhow::Error::from).context(\"a\")?"),
        ),
    ] {
        assert_eq!(
            converted(code, message, said, before).as_deref(),
            after,
            "{before}"
        );
    }
}

#[test]
fn an_error_in_the_place_of_another_one_is_converted_itself() {
    let (mut error, texts) = error("E0308", "mismatched types", "fn f() { Err(«e») }");
    error.rendered = format!("{WASMTIME_FOR_ANYHOW}\narguments to this enum variant are incorrect");
    error.labels[0].text = WASMTIME_FOR_ANYHOW.to_owned();
    let after = "fn f() { Err(anyhow::Error::from(e)) }";
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
}

#[test]
fn context_of_wasmtimes_own_is_for_its_errors() {
    let message = "the method `context` exists for enum `Result<String, anyhow::Error>`, but its trait bounds were not satisfied";
    let said = "which is required by `Result<String, anyhow::Error>: wasmtime::error::Context<String, anyhow::Error>`";
    assert_eq!(
        converted("E0599", message, said, "path().«context»(\"a\")?").as_deref(),
        Some("path().map_err(wasmtime::Error::from_anyhow).context(\"a\")?")
    );
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
fn a_closure_that_gives_a_future_has_wasmtimes_macros_in_it() {
    let message = "the trait bound `Result<(), anyhow::Error>: WasmRet` is not satisfied";
    let before = "l.«func_wrap_async»(\"a\", \"b\", |_, (n,): (i64,)| Box::new(async move { if n < 0 { return Err(anyhow::anyhow!(\"n\")); } Ok(()) })); anyhow::anyhow!(\"m\")";
    let (error_, texts) = error("E0277", message, before);
    let after =
        before
            .replace(['«', '»'], "")
            .replacen("anyhow::anyhow!", "wasmtime::format_err!", 1);
    assert_eq!(repaired(&error_, &texts).0, Some(after));
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
fn a_conversion_is_taken_back_rather_than_turned_round() {
    let before = "fn f() { «g()\n    .map_err(anyhow::Error::from)» }";
    let made = converted("E0308", "mismatched types", ANYHOW_FOR_WASMTIME, before);
    assert_eq!(made.as_deref(), Some("fn f() { g() }"));
}

#[test]
fn a_macro_that_makes_the_error_is_wasmtimes_where_its_error_is_wanted() {
    let before = "f(S::Failed(«anyhow::anyhow!(\"{}\", e)»))";
    let (mut error, texts) = error("E0308", "mismatched types", before);
    error.rendered = format!("{ANYHOW_FOR_WASMTIME}\narguments to this enum variant are incorrect");
    error.labels[0].text = ANYHOW_FOR_WASMTIME.to_owned();
    let after = "f(S::Failed(wasmtime::format_err!(\"{}\", e)))";
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
}

#[test]
fn a_result_of_which_the_compiler_shows_the_error_alone_is_converted_as_one() {
    let text = "fn f() -> wasmtime::Result<u8> { anyhow.«g()» }";
    let (mut error_, texts) = error("E0308", "mismatched types", text);
    error_.labels[0].text = ANYHOW_FOR_WASMTIME.to_owned();
    error_.rendered = ANYHOW_FOR_WASMTIME.to_owned();
    assert_eq!(repaired(&error_, &texts).0, None);
    let result = Label {
        span: Span::new(10, 30),
        is_primary: false,
        text: "expected `Result<u8, Error>` because of return type".to_owned(),
        ..error_.labels[0].clone()
    };
    error_.labels.push(result);
    let after =
        "fn f() -> wasmtime::Result<u8> { anyhow.g().map_err(wasmtime::Error::from_anyhow) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    let awaited = "fn f() { «anyhow()\n    .await» }";
    let (mut error_, texts) = error("E0308", "mismatched types", awaited);
    error_.labels[0].text = WASMTIME_FOR_ANYHOW.to_owned();
    error_.rendered = WASMTIME_FOR_ANYHOW.to_owned();
    let after = "fn f() { anyhow()\n    .await\n    .map_err(anyhow::Error::from) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn an_error_of_the_projects_own_that_is_made_of_anyhows_goes_on_being() {
    let of_anyhow = "the trait `From<wasmtime::Error>` is not implemented for `Failure` but trait `From<anyhow::Error>` is implemented for it";
    let bound = "the trait bound `Failure: From<wasmtime::Error>` is not satisfied";
    let signatures = "expected function signature `fn(wasmtime::Error) -> _` found function signature `fn(anyhow::Error) -> _`";
    for (code, message, said, before, after) in [
        (
            "E0277",
            "`?` couldn't convert the error to `Failure`",
            of_anyhow,
            "f()«?»;",
            "f().map_err(anyhow::Error::from)?;",
        ),
        (
            "E0631",
            "type mismatch in function arguments",
            signatures,
            "f()\n    .map_err(«Failure::Wasm»)",
            "f().map_err(anyhow::Error::from)\n    .map_err(Failure::Wasm)",
        ),
        (
            "E0277",
            bound,
            of_anyhow,
            "«f().map_err(Into::into)»",
            "f().map_err(anyhow::Error::from).map_err(Into::into)",
        ),
        (
            "E0277",
            bound,
            of_anyhow,
            "f().map_err(«Failure»::from)",
            "f().map_err(anyhow::Error::from).map_err(Failure::from)",
        ),
    ] {
        let (mut error_, texts) = error(code, message, before);
        error_.rendered = format!("{message}\n{said}");
        assert_eq!(
            repaired(&error_, &texts).0.as_deref(),
            Some(after),
            "{before}"
        );
        // One that knows Wasmtime's takes it as it is.
        error_.rendered = message.to_owned();
        assert_eq!(repaired(&error_, &texts).0, None);
    }
}

#[test]
fn an_asynchronous_function_of_a_trait_is_declared_with_wasmtimes_error() {
    let message = "expected `impl Future<Output = Result<bool, Error>>` to be a future that resolves to `Result<bool, Error>`, but it resolves to `Result<bool, Error>`";
    let before = "async fn f(&mut self) -> «anyhow::Result<bool>» { Ok(true) }";
    let after = "async fn f(&mut self) -> wasmtime::Result<bool> { Ok(true) }";
    let made = converted("E0271", message, ANYHOW_FOR_WASMTIME, before);
    assert_eq!(made.as_deref(), Some(after));
    assert_eq!(
        converted("E0271", message, WASMTIME_FOR_ANYHOW, before),
        None
    );
}

/// Regression `error-downcast-lost-through-anyhow`.
#[test]
fn in_42_a_person_is_told_where_an_error_is_hidden_from_a_downcast() {
    for (text, line, told) in [
        (
            "fn f() { «g()» } fn h(e: E) { e.downcast_ref::<Trap>(); }",
            42,
            1,
        ),
        (
            "fn f() { «g()» } fn h(e: E) { e.downcast_ref::<Trap>(); }",
            43,
            0,
        ),
        ("fn f() { «g()» }", 42, 0),
    ] {
        let (mut error, texts) = error("E0308", "mismatched types", text);
        error.rendered = format!("{WASMTIME_FOR_ANYHOW}\nhelp: use `?` to coerce");
        error.labels[0].text = WASMTIME_FOR_ANYHOW.to_owned();
        let repairs = repair(&[&error], &texts, &terms(line));
        assert_eq!(
            (repairs.edits.len(), repairs.remaining.len()),
            (1, told),
            "{line}: {text}"
        );
    }
}

#[test]
fn what_wasmtime_calls_gives_its_error() {
    let message = "the trait bound `{closure}: IntoFunc<T, _, _>` is not satisfied";
    for (before, after) in [
        (
            "l.w(«|c: C, x: i32| -> anyhow::Result<i32> { 1 }»)",
            Some("l.w(|c: C, x: i32| -> wasmtime::Result<i32> { 1 })"),
        ),
        (
            "l.w(«move |c| -> Result<Vec<u8>> { 1 }»)",
            Some("l.w(move |c| -> wasmtime::Result<Vec<u8>> { 1 })"),
        ),
        (
            "l.w(«|c| -> Result<Vec<u8>, anyhow::Error> { 1 }»)",
            Some("l.w(|c| -> Result<Vec<u8>, wasmtime::Error> { 1 })"),
        ),
        ("l.w(«|c| -> wasmtime::Result<u8> { 1 }»)", None),
        ("l.w(«|c| 1»)", None),
        (
            "use anyhow::bail; l.w(«|c| { if c { bail!(\"x\") } Err(anyhow::anyhow!(\"y\")) }»); bail!(\"z\")",
            Some(
                "use anyhow::bail; l.w(|c| { if c { wasmtime::bail!(\"x\") } Err(wasmtime::format_err!(\"y\")) }); bail!(\"z\")",
            ),
        ),
    ] {
        assert_eq!(
            converted("E0277", message, "", before).as_deref(),
            after,
            "{before}"
        );
    }
    let message = "method `f` has an incompatible type for trait";
    let before = "impl A for B { fn f(&self) -> «anyhow::Result<bool>» { g() } }";
    let after = "impl A for B { fn f(&self) -> wasmtime::Result<bool> { g() } }";
    let said = ANYHOW_FOR_WASMTIME;
    assert_eq!(
        converted("E0053", message, said, before).as_deref(),
        Some(after)
    );
}

#[test]
fn macros_of_anyhow_become_those_of_wasmtime_where_their_error_is_wanted() {
    for (before, name, after) in [
        (
            "fn f() { «bail!(\"x\")» }",
            "anyhow::bail!",
            Some("fn f() { wasmtime::bail!(\"x\") }"),
        ),
        (
            "fn f() { Err(«anyhow::anyhow!(\"x\")») }",
            "anyhow!",
            Some("fn f() { Err(wasmtime::format_err!(\"x\")) }"),
        ),
        ("fn f() { «mine!(\"x\")» }", "bail!", None),
        ("fn f() { «vec!(1)» }", "vec!", None),
    ] {
        let (mut error, texts) = error("E0308", "mismatched types", before);
        error.rendered = format!("{ANYHOW_FOR_WASMTIME}\nanyhow");
        error.labels[0].of_macro = Some(name.to_owned());
        assert_eq!(repaired(&error, &texts).0.as_deref(), after, "{before}");
    }
}

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
fn a_package_that_can_not_convert_errors_needs_the_feature_for_it() {
    let message =
        "`?` couldn't convert the error: `wasmtime::Error: std::error::Error` is not satisfied";
    let (mut error, texts) = error("E0277", message, "fn f() -> anyhow::Result<()> { g()«?» }");
    error.package = "host".to_owned();
    let needed: Vec<_> = repair(&[&error], &texts, &terms(42))
        .features
        .into_iter()
        .collect();
    let [(package, feature)] = needed.as_slice() else {
        panic!("{needed:?}");
    };
    assert_eq!(
        (package.as_str(), feature.of_crate, feature.name),
        ("host", "wasmtime", "anyhow")
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
