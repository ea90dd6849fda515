//! Errors of anyhow and of Wasmtime.

#![allow(clippy::unwrap_used)]

use super::*;

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
            "match v { w::Val::A(a) => a, w::Val::B(_) | w::Val::C | w::Val::ContRef(_) => { panic!() } }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::B(B::C) => Err(1) }",
            "match v { Val::A(a) => a, Val::B(B::C) => Err(1), Val::ContRef(_) => Err(1), }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::AnyRef(_) => Err(no(\"AnyRef, anyref\")), }",
            "match v { Val::A(a) => a, Val::AnyRef(_) => Err(no(\"AnyRef, anyref\")), Val::ContRef(_) => Err(no(\"ContRef, contref\")), }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::ErrorContext(_) => Err(no(\"error-context or error context\")), }",
            "match v { Val::A(a) => a, Val::ErrorContext(_) => Err(no(\"error-context or error context\")), Val::ContRef(_) => Err(no(\"cont-ref or cont ref\")), }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::Ref(_) => Err(no(\"a ref\")), }",
            "match v { Val::A(a) => a, Val::Ref(_) => Err(no(\"a ref\")), Val::ContRef(_) => Err(no(\"a cont-ref\")), }",
            0,
        ),
        (
            "match «v» { Val::A(_) => f().or(Err(1)), Val::B(_) => anyhow::bail!(\"b\") }",
            "match v { Val::A(_) => f().or(Err(1)), Val::B(_) => anyhow::bail!(\"b\"), Val::ContRef(_) => anyhow::bail!(\"b\"), }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::B(_) => unsupported!(\"b\"), Val::ErrorContext => unsupported!(\"error-context\"), }",
            "match v { Val::A(a) => a, Val::B(_) => unsupported!(\"b\"), Val::ErrorContext => unsupported!(\"error-context\"), Val::ContRef(_) => unsupported!(\"cont-ref\"), }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::B(_) | Val::C(_) => continue, }",
            "match v { Val::A(a) => a, Val::B(_) | Val::C(_) | Val::ContRef(_) => continue, }",
            0,
        ),
        (
            "match «v» { Val::A(a) => a, Val::B(_) => continue, Val::C => say(\"c\"), Val::D => say(\"d\"), }",
            "match v { Val::A(a) => a, Val::B(_) => continue, Val::C => say(\"c\"), Val::D => say(\"d\"), Val::ContRef(_) => unimplemented!(\"new in Wasmtime 37\"), }",
            1,
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
fn what_stays_open_gets_an_arm_for_all_that_may_come() {
    let before = "match «s» { S::A => 1, S::B(_) => panic!(\"no B\") }";
    let after = "match s { S::A => 1, S::B(_) => panic!(\"no B\"), _ => unimplemented!(\"new in Wasmtime 37\"), }";
    let (mut error, texts) = error("E0004", "non-exhaustive patterns: `_` not covered", before);
    assert_eq!(repaired(&error, &texts), (None, 0));
    let open = "`S` is marked as non-exhaustive, so a wildcard `_` is necessary";
    error.rendered = open.to_owned();
    assert_eq!(
        repaired(&error, &texts),
        (None, 0),
        "an enum of somebody else"
    );
    error.rendered = format!("--> /registry/wasmtime-37.0.3/src/s.rs:1:1\n{open}");
    assert_eq!(repaired(&error, &texts), (Some(after.to_owned()), 1));
}

#[test]
fn sources_of_snafu_get_the_error_that_they_are_declared_with() {
    let message = "type mismatch resolving `<LoadSnafu as IntoError<Failure>>::Source == Error`";
    let wasmtime = "expected this to be `wasmtime::Error`\n{ source: anyhow::Error }";
    let anyhow = "expected this to be `anyhow::Error`\n{ source: wasmtime::Error }";
    for (said, before, after) in [
        (
            wasmtime,
            "fn f() { load(a)\n    .context(«failure::LoadSnafu»)?; }",
            Some(
                "fn f() { load(a).map_err(anyhow::Error::from)\n    .context(failure::LoadSnafu)?; }",
            ),
        ),
        (
            wasmtime,
            "load(a).with_context(|_| «LoadSnafu { a: f(1) }»)?",
            Some("load(a).map_err(anyhow::Error::from).with_context(|_| LoadSnafu { a: f(1) })?"),
        ),
        (
            anyhow,
            "other(a).context(«LoadSnafu»)?",
            Some("other(a).map_err(wasmtime::Error::from_anyhow).context(LoadSnafu)?"),
        ),
        (
            "expected this to be `io::Error`",
            "x.context(«LoadSnafu»)",
            None,
        ),
        (wasmtime, "context(«LoadSnafu»)", None),
    ] {
        let after = after.map(str::to_owned);
        assert_eq!(converted("E0271", message, said, before), after, "{before}");
    }
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
            "E0308",
            "mismatched types",
            ANYHOW_FOR_WASMTIME,
            "use anyhow::{Context, Ok}; fn f() { «Ok(a)» }",
            Some("use anyhow::{Context, Ok}; fn f() { wasmtime::error::Ok(a) }"),
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

/// Wasmtime hands anyhow on, and the compiler may find that path first.
#[test]
fn errors_of_anyhow_may_be_called_by_the_path_through_wasmtime() {
    let message =
        "`?` couldn't convert the error: `wasmtime::anyhow::Error: StdError` is not satisfied";
    let text = "fn f() { g().ok_or_else(|| anyhow::anyhow!(\"no\"))«?»; h()?; }";
    let (mut error, texts) = error("E0277", message, text);
    error.rendered = format!(
        "{message}\nrequired for `wasmtime::Error` to implement `From<wasmtime::anyhow::Error>`"
    );
    let after = "fn f() { g().ok_or_else(|| wasmtime::format_err!(\"no\"))?; h()?; }";
    assert_eq!(repaired(&error, &texts).0.as_deref(), Some(after));
    assert!(error.message.contains("wasmtime::anyhow"));
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
fn an_error_in_a_field_is_converted_and_what_has_one_in_it_is_not() {
    let of = |said: &str, before: &str| {
        let (mut error, texts) = error("E0308", "mismatched types", before);
        error.rendered = said.to_owned();
        error.labels[0].text = said.to_owned();
        repaired(&error, &texts).0
    };
    let before = "fn f() { Failure { at: 1, error: «e» } }";
    let after = "fn f() { Failure { at: 1, error: wasmtime::Error::from_anyhow(e) } }";
    let said = "expected `wasmtime::Error`, found `anyhow::Error`";
    assert_eq!(of(said, before).as_deref(), Some(after));
    for said in [
        "expected `Sender<Result<u8, anyhow::Error>>`, found `Sender<Result<u8, wasmtime::Error>>`",
        "expected `Option<wasmtime::Error>`, found `Option<anyhow::Error>`",
        "expected `Result<Result<(), anyhow::Error>, Elapsed>`, found `Result<Result<(), wasmtime::Error>, Elapsed>`",
        "expected `(Result<(), anyhow::Error>, bool)`, found `(Result<(), wasmtime::Error>, bool)`",
    ] {
        assert_eq!(of(said, before), None);
        assert_eq!(of(said, "fn f() { g(«e») }"), None);
    }
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
fn a_conversion_is_taken_back_rather_than_turned_round() {
    let before = "fn f() { «g()\n    .map_err(anyhow::Error::from)» }";
    let made = converted("E0308", "mismatched types", ANYHOW_FOR_WASMTIME, before);
    assert_eq!(made.as_deref(), Some("fn f() { g() }"));
    let before = "fn f(error: wasmtime::Error) { g(wasmtime::Error::from_anyhow(«error»)) }";
    let made = converted("E0308", "mismatched types", WASMTIME_FOR_ANYHOW, before);
    let after = "fn f(error: wasmtime::Error) { g(error) }";
    assert_eq!(made.as_deref(), Some(after));
}

#[test]
fn an_error_that_is_given_on_by_its_name_is_converted_in_its_place() {
    let before = "match r { Ok(()) => Ok(()), Err(e) => «Err(e)» }";
    let made = converted("E0308", "mismatched types", WASMTIME_FOR_ANYHOW, before);
    let after = "match r { Ok(()) => Ok(()), Err(e) => Err(anyhow::Error::from(e)) }";
    assert_eq!(made.as_deref(), Some(after));
    let made = converted("E0308", "mismatched types", ANYHOW_FOR_WASMTIME, before);
    let after = "match r { Ok(()) => Ok(()), Err(e) => Err(wasmtime::Error::from_anyhow(e)) }";
    assert_eq!(made.as_deref(), Some(after));
}

#[test]
fn context_of_a_long_type_is_known_by_what_is_not_satisfied() {
    let message = "the method `context` exists for enum `Result<Resource<Box<dyn Stream>>, Error>`, but its trait bounds were not satisfied";
    let text = "use anyhow::Context as _;\nfn f() { g().«context»(1) }";
    let (mut error_, texts) = error("E0599", message, text);
    let label = Label {
        span: Span::new(0, 0),
        ..error_.labels[0].clone()
    };
    error_.suggestions = vec![Suggestion {
        message: "trait `Context` which provides `context` is implemented but not in scope; perhaps you want to import it".to_owned(),
        is_sure: false,
        parts: vec![(label, "use wasmtime::error::Context;\n".to_owned())],
    }];
    // A second trait of that name would make all calls in the file ambiguous.
    assert_eq!(repaired(&error_, &texts).0, None);
    error_.rendered = "`wasmtime::Error: anyhow::context::ext::StdError`".to_owned();
    let after = "use anyhow::Context as _;\nfn f() { g().map_err(anyhow::Error::from).context(1) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn where_both_errors_have_one_name_the_note_tells_them_apart() {
    let text = "use anyhow::Result; fn f() { g().and_then(|it| «it.finish()») }";
    let (mut error_, texts) = error("E0308", "mismatched types", text);
    error_.labels[0].text = "expected `Result<_, Error>`, found `Result<(), Error>`".to_owned();
    error_.rendered = "note: `wasmtime::Error` and `anyhow::Error` have similar names, but are actually distinct types\nhelp: use `?` to coerce".to_owned();
    let after = "use anyhow::Result; fn f() { g().and_then(|it| it.finish().map_err(anyhow::Error::from)) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    error_.rendered = error_.rendered.replace(
        "`wasmtime::Error` and `anyhow::Error`",
        "`anyhow::Error` and `wasmtime::Error`",
    );
    let after = after.replace("anyhow::Error::from", "wasmtime::Error::from_anyhow");
    assert_eq!(repaired(&error_, &texts).0, Some(after));
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
    let arm = "match v { A => Ok(()), B => «anyhow(v).context(\"b\")» }";
    let (mut error_, texts) = error("E0308", "`match` arms have incompatible types", arm);
    error_.labels[0].text = ANYHOW_FOR_WASMTIME.to_owned();
    error_.rendered = ANYHOW_FOR_WASMTIME.to_owned();
    let prior = Label {
        span: Span::new(15, 21),
        is_primary: false,
        text: "this is found to be of type `std::result::Result<(), wasmtime::Error>`".to_owned(),
        ..error_.labels[0].clone()
    };
    error_.labels.push(prior);
    let after = "match v { A => Ok(()), B => anyhow(v).context(\"b\").map_err(wasmtime::Error::from_anyhow) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    let awaited = "fn f() { «anyhow()\n    .await» }";
    let (mut error_, texts) = error("E0308", "mismatched types", awaited);
    error_.labels[0].text = WASMTIME_FOR_ANYHOW.to_owned();
    error_.rendered = WASMTIME_FOR_ANYHOW.to_owned();
    let after = "fn f() { anyhow()\n    .await\n    .map_err(anyhow::Error::from) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn what_gives_a_result_is_converted_as_one_where_the_compiler_shows_the_error_alone() {
    for (said, before, after) in [
        (
            "",
            "r.resource(\"a\", ty, move |_, rep| { «d.destroy(rep).map_err(|e| { anyhow::anyhow!(\"{e}\") })» })",
            "r.resource(\"a\", ty, move |_, rep| { d.destroy(rep).map_err(|e| { wasmtime::format_err!(\"{e}\") }) })",
        ),
        (
            "return type inferred to be `std::result::Result<bool, wasmtime::Error>` here",
            "#[async_trait] impl anyhow { async fn f(&self) -> wasmtime::Result<bool> { «self.g()» } }",
            "#[async_trait] impl anyhow { async fn f(&self) -> wasmtime::Result<bool> { self.g().map_err(wasmtime::Error::from_anyhow) } }",
        ),
    ] {
        let (mut error_, texts) = error("E0308", "mismatched types", before);
        error_.labels[0].text = ANYHOW_FOR_WASMTIME.to_owned();
        error_.rendered = format!("{ANYHOW_FOR_WASMTIME}\n{said}");
        assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    }
}

#[test]
fn what_an_asynchronous_block_gives_is_converted_at_its_end() {
    for (said, before, after) in [
        (
            WASMTIME_FOR_ANYHOW,
            "run(async move |store| «{\n    let a = 1;\n    proxy\n        .call(store, a)\n        .await\n}»)",
            "run(async move |store| {\n    let a = 1;\n    proxy\n        .call(store, a)\n        .await\n        .map_err(anyhow::Error::from)\n})",
        ),
        (
            ANYHOW_FOR_WASMTIME,
            "Box::new(async move «{ anyhow_of(a)?; f(b).await }»)",
            "Box::new(async move { anyhow_of(a)?; f(b).await.map_err(wasmtime::Error::from_anyhow) })",
        ),
        (
            ANYHOW_FOR_WASMTIME,
            "Box::new(async move «{ Err(anyhow::anyhow!(\"no\")) }»)",
            "Box::new(async move { Err(wasmtime::format_err!(\"no\")) })",
        ),
    ] {
        let made = converted("E0308", "mismatched types", said, before);
        assert_eq!(made.as_deref(), Some(after), "{before}");
    }
    let block = "fn anyhow() -> u8 «{ f() }»";
    assert_eq!(
        converted("E0308", "mismatched types", WASMTIME_FOR_ANYHOW, block),
        None
    );
}

/// In `async` blocks that are boxed the compiler speaks of one `?` at a time.
#[test]
fn other_question_marks_of_the_same_body_are_answered_with_the_first() {
    let question =
        "`?` couldn't convert the error: `anyhow::Error: std::error::Error` is not satisfied";
    let from = ".map_err(wasmtime::Error::from_anyhow)";
    for (before, after) in [
        (
            "Box::new(async move { let a = read(x)«?»; let b = g(read(y)?)?; if a { h().map_err(|e| anyhow::anyhow!(\"{e}\"))?; } Ok(()) })",
            format!(
                "Box::new(async move {{ let a = read(x){from}?; let b = g(read(y){from}?)?; if a {{ h().map_err(|e| wasmtime::format_err!(\"{{e}}\"))?; }} Ok(()) }})"
            ),
        ),
        (
            "fn f() { a.b()«?»; c.ok_or_else(|| { log(); anyhow!(\"c\") })?; c.b()?; }",
            format!(
                "fn f() {{ a.b(){from}?; c.ok_or_else(|| {{ log(); wasmtime::format_err!(\"c\") }})?; c.b()?; }}"
            ),
        ),
        (
            "use anyhow::{Context as _, Result}; fn f() { read(x)«?»; g(y).with_context(|| z)?; }",
            format!(
                "use anyhow::{{Context as _, Result}}; fn f() {{ read(x){from}?; g(y).with_context(|| z){from}?; }}"
            ),
        ),
        (
            "use wasmtime::error::Context; fn f() { read(x)«?»; g(y).context(z)?; }",
            format!("use wasmtime::error::Context; fn f() {{ read(x){from}?; g(y).context(z)?; }}"),
        ),
        // What the macro makes is Wasmtime's at once, unless it is not all that may come of it.
        (
            "fn f() { a.map_err(|e| anyhow!(\"{e}\"))«?»; b.map_err(|e| if e { anyhow!(1) } else { anyhow!(2) })?; }",
            format!(
                "fn f() {{ a.map_err(|e| wasmtime::format_err!(\"{{e}}\"))?; b.map_err(|e| if e {{ anyhow!(1) }} else {{ anyhow!(2) }}){from}?; }}"
            ),
        ),
        (
            "fn f() { a.map_err(|e| match e { A(e) => e, _ => anyhow!(1) })«?»; b.map_err(|e| { if e { return x; } anyhow!(2) })?; }",
            format!(
                "fn f() {{ a.map_err(|e| match e {{ A(e) => e, _ => anyhow!(1) }}){from}?; b.map_err(|e| {{ if e {{ return x; }} anyhow!(2) }}){from}?; }}"
            ),
        ),
        // What another function, closure or block gives is its own matter, and what another macro makes.
        (
            "fn f() { read(x)«?»; g(|| { read(y)?; Ok(()) }); g(|| read(z)?); g(async { read(y)? }); a.map_err(|_| mine!())?; m::read(x)?; }",
            format!(
                "fn f() {{ read(x){from}?; g(|| {{ read(y)?; Ok(()) }}); g(|| read(z)?); g(async {{ read(y)? }}); a.map_err(|_| mine!())?; m::read(x)?; }}"
            ),
        ),
        (
            "fn f() -> wasmtime::Result<()> { read(x)«?»; S { a: read(y)? }; match read(y)? { A => { read(y)? } _ => {} } } fn g() { read(x)?; }",
            format!(
                "fn f() -> wasmtime::Result<()> {{ read(x){from}?; S {{ a: read(y){from}? }}; match read(y){from}? {{ A => {{ read(y){from}? }} _ => {{}} }} }} fn g() {{ read(x)?; }}"
            ),
        ),
    ] {
        assert_eq!(
            converted("E0277", question, "", before).as_deref(),
            Some(after.as_str())
        );
    }
}

#[test]
fn an_error_of_the_projects_own_that_is_made_of_anyhows_goes_on_being() {
    let of_anyhow = "the trait `From<wasmtime::Error>` is not implemented for `Failure` but trait `From<anyhow::Error>` is implemented for it";
    let bound = "the trait bound `Failure: From<wasmtime::Error>` is not satisfied";
    let signatures = "expected function signature `fn(wasmtime::Error) -> _` found function signature `fn(anyhow::Error) -> _`";
    let in_arc = "the trait `From<Arc<wasmtime::Error>>` is not implemented for `Failure` but trait `From<Arc<anyhow::Error>>` is implemented for it";
    for (code, message, said, before, after) in [
        (
            "E0277",
            "`?` couldn't convert the error to `Failure`",
            of_anyhow,
            "f()«?»;",
            "f().map_err(anyhow::Error::from)?;",
        ),
        (
            "E0277",
            "`?` couldn't convert the error to `Failure`",
            in_arc,
            "f(a).map_err(Arc::new)«?»;",
            "f(a).map_err(anyhow::Error::from).map_err(Arc::new)?;",
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
fn of_a_type_that_is_made_of_many_errors_its_declaration_says_which() {
    let message = "`?` couldn't convert the error to `error::Failure`";
    let said = "the trait `From<wasmtime::Error>` is not implemented for `error::Failure`\n= help: the following other types implement trait `From<T>`:\n`error::Failure` implements `From<A>`\nand 16 others\n";
    for (declared, is_so) in [
        (
            "enum Failure { A(#[from] A), Other(#[from] anyhow::Error) }",
            true,
        ),
        (
            "pub enum Failure { A(#[from] A), Other { #[from] source: anyhow::Error } }",
            true,
        ),
        ("impl From<anyhow::Error> for crate::Failure {}", true),
        ("enum Failure { A(#[from] A), Other(anyhow::Error) }", false),
        (
            "enum Other { A(#[from] anyhow::Error) } enum Failure { A(#[from] A) }",
            false,
        ),
        (
            "impl From<anyhow::Error> for Other {} enum Failure {}",
            false,
        ),
    ] {
        let (mut error_, mut texts) = error("E0277", message, "f()«?»;");
        error_.rendered = format!("{message}\n{said}");
        texts.insert("src/error.rs".to_owned(), declared.to_owned());
        let after = is_so.then_some("f().map_err(anyhow::Error::from)?;");
        assert_eq!(repaired(&error_, &texts).0.as_deref(), after, "{declared}");
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
        // Of an error Wasmtime's macros keep only what it says.
        (
            "fn f() { «bail!(e)» }",
            "anyhow::bail!",
            Some("fn f() { return Err(wasmtime::Error::from_anyhow(anyhow::anyhow!(e))) }"),
        ),
        (
            "fn f() { Err(«anyhow!(e)») }",
            "anyhow!",
            Some("fn f() { Err(wasmtime::Error::from_anyhow(anyhow!(e))) }"),
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
fn macros_that_make_other_errors_stay() {
    let tokens_of = |body: &str| {
        let text = format!("use anyhow::{{anyhow, bail}};\nuse snafu::ensure;\n{body}\n");
        let tokens = Tokens::read(&text).unwrap();
        let whole = Span::new(0, text.len());
        let edits = macros_of_anyhow(&tokens, whole, &text).into_iter();
        let changed = edits.map(|(span, new)| (span.text(&text).to_owned(), new));
        changed.collect::<Vec<_>>()
    };
    for other in [
        "fn f() { ensure!(at > 1, BadSnafu); }",
        "fn f() { Err(HostError::Fatal(anyhow!(\"dead\"))) }",
        "fn f() { tx.send(Err(anyhow!(\"closed\"))); }",
        "{ let own = |y| -> anyhow::Result<u32> { bail!(\"own\") }; }",
    ] {
        assert_eq!(tokens_of(other), [], "{other}");
    }
    let all = tokens_of("{ let x = y.map_err(|e| { anyhow!(e) })?; Err(anyhow!(\"a {x}\")) }");
    let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    assert_eq!(
        all,
        [
            pair("anyhow!(e)", "wasmtime::Error::from_anyhow(anyhow!(e))"),
            pair("anyhow", "wasmtime::format_err"),
        ]
    );
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
