//! Functions that Wasmtime calls, and errors of anyhow's that something of Wasmtime's is given.

#![allow(clippy::unwrap_used)]

use super::*;

const ALIKE: &str = "expected `anyhow::Error`, found `wasmtime::Error`";
const OF_ANYHOW: &str = "expected `wasmtime::Error`, found `anyhow::Error`";

/// What becomes of a text in line 48, and what the compiler says of the place between `«` and `»`.
fn told(code: &str, message: &str, said: &str, before: &str) -> Option<String> {
    told_of(code, message, said, None, before)
}

/// The same where the compiler says something of another place, too.
fn told_of(
    code: &str,
    message: &str,
    said: &str,
    other: Option<(&str, &str)>,
    before: &str,
) -> Option<String> {
    let (mut error, texts) = error(code, message, before);
    let said_of_other = other.map_or("", |(_, said)| said);
    error.rendered = format!("{message}\n{said}\nanyhow\n{said_of_other}");
    error.labels[0].text = said.to_owned();
    if let Some((place, said)) = other {
        let start = texts["src/lib.rs"].rfind(place).unwrap();
        error.labels.push(Label {
            span: Span::new(start, start + place.len()),
            is_primary: false,
            text: said.to_owned(),
            ..error.labels[0].clone()
        });
    }
    let repairs = repair(&[&error], &texts, &terms(48));
    let edits = repairs.edits.get("src/lib.rs")?;
    Some(edits.apply(&texts["src/lib.rs"]))
}

#[test]
fn a_function_that_has_a_name_is_edited_where_it_is() {
    let message = "the trait bound `X: IntoFunc<u8, _, _>` is not satisfied";
    for (before, after) in [
        (
            "fn ask(_: Caller<'_, u8>) -> anyhow::Result<i32> { f() } fn link() { l.func_wrap(\"m\", \"ask\", «ask»)?; }",
            Some(
                "fn ask(_: Caller<'_, u8>) -> wasmtime::Result<i32> { f() } fn link() { l.func_wrap(\"m\", \"ask\", ask)?; }",
            ),
        ),
        (
            "let f = move |c: C| -> Result<i32> { g() }; Func::wrap(s, «f»)",
            Some("let f = move |c: C| -> wasmtime::Result<i32> { g() }; Func::wrap(s, f)"),
        ),
        (
            "fn ask(_: Caller<'_, u8>) -> HostResult<i32> { f() } fn link() { l.func_wrap(\"m\", \"ask\", «ask»)?; }",
            Some(
                "fn ask(_: Caller<'_, u8>) -> wasmtime::Result<i32> { f() } fn link() { l.func_wrap(\"m\", \"ask\", ask)?; }",
            ),
        ),
        (
            "fn ask(_: Caller<'_, u8>) -> Told<i32, u8> { f() } fn link() { l.func_wrap(\"m\", \"ask\", «ask»)?; }",
            None,
        ),
        (
            "fn ask(_: Caller<'_, u8>) -> BoxFuture<'_, anyhow::Result<i32>> { f() } fn link() { l.func_wrap(\"m\", \"ask\", «ask»)?; }",
            Some(
                "fn ask(_: Caller<'_, u8>) -> BoxFuture<'_, wasmtime::Result<i32>> { f() } fn link() { l.func_wrap(\"m\", \"ask\", ask)?; }",
            ),
        ),
        (
            "let f = hinted(move |c: C| -> Box<dyn Future<Output = Result<(), anyhow::Error>> + Send> { g() }); Func::wrap(s, «f»)",
            Some(
                "let f = hinted(move |c: C| -> Box<dyn Future<Output = Result<(), wasmtime::Error>> + Send> { g() }); Func::wrap(s, f)",
            ),
        ),
        (
            "use anyhow::bail; let f = |c: C| { if c { bail!(\"x\") } Ok(()) }; Func::wrap(s, «f»)",
            Some(
                "use anyhow::bail; let f = |c: C| { if c { wasmtime::bail!(\"x\") } Ok(()) }; Func::wrap(s, f)",
            ),
        ),
        (
            "mod a { fn f() -> anyhow::Result<u8> {} } mod b { fn f() -> anyhow::Result<u8> {} } fn g() { wrap(«f») }",
            None,
        ),
        (
            "fn f(c: C) -> anyhow::Result<(i32, i32)> { g() } fn h() { wrap(«f») }",
            Some("fn f(c: C) -> wasmtime::Result<(i32, i32)> { g() } fn h() { wrap(f) }"),
        ),
        (
            "fn f(c: C) -> anyhow::Result<i32> { g() } fn h() { let f = |c: C| -> anyhow::Result<i32> { g() }; } fn i() { wrap(«f») }",
            Some(
                "fn f(c: C) -> wasmtime::Result<i32> { g() } fn h() { let f = |c: C| -> anyhow::Result<i32> { g() }; } fn i() { wrap(f) }",
            ),
        ),
        ("fn g() { wrap(«elsewhere») }", None),
    ] {
        let made = told("E0277", message, "unsatisfied trait bound", before);
        assert_eq!(made.as_deref(), after, "{before}");
    }
}

#[test]
fn a_closure_without_a_result_gets_one() {
    let message = "the trait bound `{closure}: IntoFunc<u8, _, _>` is not satisfied";
    for (before, after) in [
        (
            "l.func_wrap(a, b, «|c: C, x: i32|» helper(x))?",
            "l.func_wrap(a, b, |c: C, x: i32| helper(x).map_err(wasmtime::Error::from_anyhow))?",
        ),
        (
            "l.func_wrap(a, b, «|c: C|» { g()?; helper(c) })?",
            "l.func_wrap(a, b, |c: C| -> wasmtime::Result<_> { g()?; helper(c) })?",
        ),
        (
            "l.func_wrap(a, b, «{ let y = 3; move |c: C| { helper(y) } }»)?",
            "l.func_wrap(a, b, { let y = 3; move |c: C| -> wasmtime::Result<_> { helper(y) } })?",
        ),
    ] {
        let made = told("E0277", message, "the trait is not implemented", before);
        assert_eq!(made.as_deref(), Some(after), "{before}");
    }
}

#[test]
fn an_asynchronous_block_gives_wasmtimes_error() {
    let result = "the trait bound `Result<i32, anyhow::Error>: WasmRet` is not satisfied";
    let future = "expected `{async block}` to be a future that resolves to `Result<(), Error>`";
    for (code, message, said, before, after) in [
        (
            "E0277",
            result,
            "",
            "l.«func_wrap_async»(a, b, |c: C, (x,): (i32,)| Box::new(async move { f(x)?; helper(x).await }))?",
            "l.func_wrap_async(a, b, |c: C, (x,): (i32,)| Box::new(async move { f(x)?; helper(x).await.map_err(wasmtime::Error::from_anyhow) }))?",
        ),
        (
            "E0277",
            result,
            "",
            "l.«func_wrap_async»(a, b, move |c| { let b = b.clone(); Box::new(async move { if x { f(); } b.get()\n    .call(c)\n    .await }) })?",
            "l.func_wrap_async(a, b, move |c| { let b = b.clone(); Box::new(async move { if x { f(); } b.get()\n    .call(c)\n    .await.map_err(wasmtime::Error::from_anyhow) }) })?",
        ),
        (
            "E0271",
            future,
            OF_ANYHOW,
            "use anyhow::anyhow; l.func_new_async(a, |_| { «Box::new(async move { Err(anyhow!(\"stub\")) })» })?",
            "use anyhow::anyhow; l.func_new_async(a, |_| { Box::new(async move { Err(wasmtime::format_err!(\"stub\")) }) })?",
        ),
        (
            "E0271",
            future,
            OF_ANYHOW,
            "Func::new_async(s, |_| { «Box::new(async move { f()?; Ok::<_, anyhow::Error>(()) })» })",
            "Func::new_async(s, |_| { Box::new(async move { f()?; Ok::<_, wasmtime::Error>(()) }) })",
        ),
        (
            "E0271",
            future,
            OF_ANYHOW,
            "Func::new_async(s, |_| { «Box::pin(async { anyhow::Ok(()) })» })",
            "Func::new_async(s, |_| { Box::pin(async { wasmtime::error::Ok(()) }) })",
        ),
        (
            "E0308",
            "mismatched types",
            OF_ANYHOW,
            "f(|_| { «Box::new(async move { Ok(()) }) as Box<dyn Future<Output = Result<(), anyhow::Error>> + Send>» })",
            "f(|_| { Box::new(async move { Ok(()) }) as Box<dyn Future<Output = Result<(), wasmtime::Error>> + Send> })",
        ),
    ] {
        assert_eq!(told(code, message, said, before).as_deref(), Some(after));
    }
}

#[test]
fn what_a_trait_of_wasmtimes_asks_of_an_associated_type_is_its_error() {
    let message = "the trait bound `Result<u32, anyhow::Error>: WasmRet` is not satisfied";
    for (before, after) in [
        (
            "impl R for u8 { type Ret = «Result<u32, anyhow::Error>»; }",
            "impl R for u8 { type Ret = Result<u32, wasmtime::Error>; }",
        ),
        (
            "impl R for u8 { type Ret = «anyhow::Result<u32>»; }",
            "impl R for u8 { type Ret = wasmtime::Result<u32>; }",
        ),
    ] {
        assert_eq!(told("E0277", message, "", before).as_deref(), Some(after));
    }
}

#[test]
fn functions_that_are_handed_on_are_asked_for_as_they_are() {
    let bound = "expected `add_to_linker` to return `Result<(), Error>`, but it returns `Result<(), Error>`";
    let introduced = Some(("new_linker", "required by a bound introduced by this call"));
    let before = "fn new_linker(f: impl Fn(&mut Linker<S>, fn(&mut S) -> &mut S) -> anyhow::Result<()>) {} fn g() { new_linker(«W::add_to_linker») }";
    // The other function in the head has another result.
    let after = "fn new_linker(f: impl Fn(&mut Linker<S>, fn(&mut S) -> &mut S) -> wasmtime::Result<()>) {} fn g() { new_linker(W::add_to_linker) }";
    let made = told_of("E0271", bound, ALIKE, introduced, before);
    assert_eq!(made.as_deref(), Some(after));
    // A method that is none of a result's.
    let before = "impl H { fn install(&self, f: fn(&mut Linker<S>) -> anyhow::Result<()>) {} } fn g(h: H) { h.install(«W::add_to_linker») }";
    let after = "impl H { fn install(&self, f: fn(&mut Linker<S>) -> wasmtime::Result<()>) {} } fn g(h: H) { h.install(W::add_to_linker) }";
    let pointer = "expected fn pointer, found fn item";
    let incorrect = Some(("install", "arguments to this method are incorrect"));
    let made = told_of("E0308", "mismatched types", pointer, incorrect, before);
    assert_eq!(made.as_deref(), Some(after));
    let elsewhere = "fn g(h: H) { h.install(«W::add_to_linker») }";
    assert_eq!(
        told_of("E0271", bound, ALIKE, incorrect, elsewhere),
        None,
        "nothing is put in front of a method that takes a function"
    );
}

#[test]
fn what_is_made_a_wasmtime_error_is_made_one_by_name() {
    let message = "the trait bound `anyhow::Error: Into<wasmtime::Error>` is not satisfied";
    let said = "required for `wasmtime::Error` to implement `From<anyhow::Error>`";
    for (before, after) in [
        (
            "SocketError::trap(«anyhow::anyhow!(\"{e}\")»)",
            Some("SocketError::trap(wasmtime::format_err!(\"{e}\"))"),
        ),
        (
            "x.f().map_err(«SocketError::trap»)?",
            Some("x.f().map_err(wasmtime::Error::from_anyhow).map_err(SocketError::trap)?"),
        ),
        (
            "x.map_err(|e| SocketError::trap(«e»))",
            Some("x.map_err(|e| SocketError::trap(wasmtime::Error::from_anyhow(e)))"),
        ),
        (
            "fn f() { e.«into»() }",
            Some("fn f() { wasmtime::Error::from_anyhow(e) }"),
        ),
        (
            "«wasmtime::Error::from»(e)",
            Some("wasmtime::Error::from_anyhow(e)"),
        ),
        (
            "fn f() { «wasmtime::Error»::from(e) }",
            Some("fn f() { wasmtime::Error::from_anyhow(e) }"),
        ),
        ("f(«{ g(); e }»)", None),
    ] {
        assert_eq!(
            told("E0277", message, said, before).as_deref(),
            after,
            "{before}"
        );
    }
}

#[test]
fn an_error_that_is_lent_is_converted_where_it_comes_from() {
    let said = "expected `anyhow::Error`, found `wasmtime::Error`\narguments to this function are incorrect";
    for (before, after) in [
        (
            "match f.call(s)\n    .await { Ok(()) => 1, Err(e) if late => 2, Err(e) => { is_bad(«&e») } }",
            Some(
                "match f.call(s)\n    .await\n    .map_err(anyhow::Error::from) { Ok(()) => 1, Err(e) if late => 2, Err(e) => { is_bad(&e) } }",
            ),
        ),
        (
            "if let Err(e) = w() { is_bad(«&e») }",
            Some("if let Err(e) = w().map_err(anyhow::Error::from) { is_bad(&e) }"),
        ),
        (
            "w().map_err(|e| is_bad(«&e»))",
            Some("w().map_err(anyhow::Error::from).map_err(|e| is_bad(&e))"),
        ),
        (
            "match w() { Ok(_) => 1, Err(e) => { if late { return Err(e); } is_bad(«&e») } }",
            Some(
                "match w().map_err(anyhow::Error::from) { Ok(_) => 1, Err(e) => { if late { return Err(e); } is_bad(&e) } }",
            ),
        ),
        ("match &w() { Err(e) => is_bad(«&e») }", None),
        ("fn f(e: wasmtime::Error) { is_bad(«&e») }", None),
    ] {
        let made = told("E0308", "mismatched types", said, before);
        assert_eq!(made.as_deref(), after, "{before}");
    }
}

#[test]
fn a_trait_of_ones_own_on_anyhows_error_has_anyhows_error() {
    let of_error = "no method named `code` found for struct `wasmtime::Error` in the current scope";
    let of_result = "no method named `code` found for enum `Result<T, E>` in the current scope";
    let said = "method not found in `Result<u8, wasmtime::Error>`";
    let on_error = "impl Code for anyhow::Error { fn code(self) -> i32 { 1 } } ";
    let on_result =
        "use anyhow::Result; impl<T> Code for Result<T> { fn code(self) -> i32 { 1 } } ";
    let cases = [
        (
            of_error,
            "",
            on_error,
            "e.«code»()",
            Some("anyhow::Error::from(e).code()"),
        ),
        (
            of_result,
            said,
            on_result,
            "w().«code»()",
            Some("w().map_err(anyhow::Error::from).code()"),
        ),
        (of_error, "", on_result, "e.«code»()", None),
        (of_error, "", "", "e.«code»()", None),
    ];
    for (message, said, declared, before, after) in cases {
        let before = format!("{declared}fn f() {{ {before} }}");
        let after = after.map(|after| format!("{declared}fn f() {{ {after} }}"));
        assert_eq!(told("E0599", message, said, &before), after, "{before}");
    }
}

#[test]
fn an_error_that_wasmtime_gives_is_its_own() {
    let message = "method `memory_grow_failed` has an incompatible type for trait";
    let before =
        "fn memory_grow_failed(&mut self, error: «anyhow::Error») -> Result<()> { Ok(()) }";
    let after = "fn memory_grow_failed(&mut self, error: wasmtime::Error) -> Result<()> { Ok(()) }";
    assert_eq!(
        told("E0053", message, OF_ANYHOW, before).as_deref(),
        Some(after)
    );
}

#[test]
fn results_that_are_collected_are_converted_each() {
    let message = "a value of type `Result<Vec<M>, anyhow::Error>` cannot be built from an iterator over elements of type `Result<M, wasmtime::Error>`";
    let before = "p.iter()\n    .map(|p| M::from_file(p))\n    .«collect»()";
    let after = "p.iter()\n    .map(|p| M::from_file(p))\n    .map(|it| it.map_err(anyhow::Error::from))\n    .collect()";
    assert_eq!(told("E0277", message, "", before).as_deref(), Some(after));
    let introduced = Some(("collect", "required by a bound introduced by this call"));
    let before = "p.map(load).collect::<«anyhow::Result<Vec<_>>»>()?";
    let after = "p.map(load).map(|it| it.map_err(anyhow::Error::from)).collect::<anyhow::Result<Vec<_>>>()?";
    let made = told_of("E0277", message, "", introduced, before);
    assert_eq!(made.as_deref(), Some(after));
}

#[test]
fn a_field_that_is_its_name_alone_gets_a_value() {
    let of_result = "expected `Result<_, anyhow::Error>`, found `Result<_, wasmtime::Error>`";
    for (said, before, after) in [
        (
            of_result,
            "fn f(r: R) -> S { S { «r» } }",
            "fn f(r: R) -> S { S { r: r.map_err(anyhow::Error::from) } }",
        ),
        (
            ALIKE,
            "x.map_err(|source| Failure { at, «source» })",
            "x.map_err(|source| Failure { at, source: anyhow::Error::from(source) })",
        ),
        (
            of_result,
            "fn f(r: R) -> S { «r» }",
            "fn f(r: R) -> S { r.map_err(anyhow::Error::from) }",
        ),
        (
            of_result,
            "if a == B { «r» } else { s }",
            "if a == B { r.map_err(anyhow::Error::from) } else { s }",
        ),
    ] {
        let made = told("E0308", "mismatched types", said, before);
        assert_eq!(made.as_deref(), Some(after), "{before}");
    }
}

#[test]
fn an_error_that_is_made_on_the_spot_is_made_by_wasmtime() {
    for (before, after) in [
        (
            "fn f() -> E { «anyhow::Error::msg(m)» }",
            "fn f() -> E { wasmtime::Error::msg(m) }",
        ),
        (
            "match p { A => load(), B => «Err(anyhow::anyhow!(\"no\"))» }",
            "match p { A => load(), B => Err(wasmtime::format_err!(\"no\")) }",
        ),
    ] {
        let said = match before.contains("Err(") {
            true => "expected `Result<M, wasmtime::Error>`, found `Result<_, anyhow::Error>`",
            false => OF_ANYHOW,
        };
        let made = told("E0308", "mismatched types", said, before);
        assert_eq!(made.as_deref(), Some(after), "{before}");
    }
}

#[test]
fn what_was_taken_for_an_error_may_be_a_result() {
    let message =
        "the trait bound `Result<M, wasmtime::Error>: std::error::Error` is not satisfied";
    let before = "Own(anyhow::Error::from(«load(p)»))";
    let after = "Own(load(p).map_err(anyhow::Error::from))";
    assert_eq!(told("E0277", message, "", before).as_deref(), Some(after));
    let found = "expected `anyhow::Error`, found `Result<M, anyhow::Error>`";
    let before = "own(wasmtime::Error::from_anyhow(«load(p)»))";
    let after = "own(load(p).map_err(wasmtime::Error::from_anyhow))";
    let made = told("E0308", "mismatched types", found, before);
    assert_eq!(made.as_deref(), Some(after));
}

#[test]
fn a_boxed_future_that_is_declared_gives_wasmtimes_result() {
    let message =
        "expected `{closure}` to return `Box<dyn Future<Output = Result<_, Error>> + Send>`";
    let before = "l.func_wrap_async(n, |c: C, (s,): (u32,)| -> «Box<dyn Future<Output = anyhow::Result<(u32,)>> + Send>» { Box::new(f()) })";
    let after = before.replace("anyhow::Result", "wasmtime::Result");
    let after = after.replace(['«', '»'], "");
    let made = told("E0271", message, OF_ANYHOW, before);
    assert_eq!(made, Some(after));
    let of_core = "the trait bound `Result<u32, anyhow::Error>: WasmRet` is not satisfied";
    let before = "l.«func_wrap_async»(a, n, move |c: C, (s,): (u32,)| -> Box<dyn Future<Output = anyhow::Result<u32>> + Send> { Box::new(async move { f(s).await }) })";
    let after = before.replace("anyhow::Result", "wasmtime::Result");
    let after = after.replace(['«', '»'], "");
    assert_eq!(told("E0277", of_core, "", before), Some(after));
}

#[test]
fn what_async_trait_rewrites_is_declared_where_it_is_written() {
    let message = "method `memory_growing` has an incompatible type for trait";
    let before = "«#[async_trait]»\nimpl ResourceLimiterAsync for L {\n    async fn table_growing(&mut self) -> anyhow::Result<bool> { Ok(true) }\n    async fn memory_growing(&mut self) -> anyhow::Result<bool> { Ok(true) }\n}\n";
    let (mut error, texts) = error("E0053", message, before);
    error.rendered = format!("{message}\n{OF_ANYHOW}");
    error.labels[0].text = OF_ANYHOW.to_owned();
    error.labels[0].of_macro = Some("#[async_trait]".to_owned());
    let repairs = repair(&[&error], &texts, &terms(48));
    let text = &texts["src/lib.rs"];
    let after = repairs.edits["src/lib.rs"].apply(text);
    let expected = text.replace(
        "memory_growing(&mut self) -> anyhow::Result",
        "memory_growing(&mut self) -> wasmtime::Result",
    );
    assert_eq!(after, expected);
}

#[test]
fn what_is_put_into_a_collection_is_the_type_alone() {
    let said =
        "expected `Vec<(String, ComponentItem)>`, found `Vec<(String, ComponentExtern<'_>)>`";
    let pushed = Some((
        "(name.to_string(), item)",
        "this argument has type `(String, ComponentExtern<'_>)`...",
    ));
    let before = "fn f() { for (name, item) in all { items.push((name.to_string(), item)) } Types { «items» } }";
    let after = "fn f() { for (name, item) in all { items.push((name.to_string(), item.ty)) } Types { items } }";
    let made = told_of("E0308", "mismatched types", said, pushed, before);
    assert_eq!(made.as_deref(), Some(after));
}

#[test]
fn what_a_closure_makes_of_exports_is_the_type_alone() {
    let said =
        "expected `Vec<(String, ComponentItem)>`, found `Vec<(String, ComponentExtern<'_>)>`";
    let before = "fn f() { Ok(«ty.exports(e).filter_map(|(name, item)| { if is(item.ty) { Some((name.to_string(), item)) } else { None } }).collect::<Vec<_>>()») }";
    let after = "fn f() { Ok(ty.exports(e).filter_map(|(name, item)| { if is(item.ty) { Some((name.to_string(), item.ty)) } else { None } }).collect::<Vec<_>>()) }";
    let made = told_of("E0308", "mismatched types", said, None, before);
    assert_eq!(made.as_deref(), Some(after));
}

#[test]
fn an_error_of_ones_own_is_made_of_anyhows_where_it_was() {
    let message = "the trait bound `Failure: From<wasmtime::Error>` is not satisfied";
    let said = "the trait `From<wasmtime::Error>` is not implemented for `Failure`\n`Failure` implements `From<anyhow::Error>`";
    let before = "fn f() { match g() { Err(error) => Err(error.«into»()) } }";
    let after = "fn f() { match g() { Err(error) => Err(anyhow::Error::from(error).into()) } }";
    assert_eq!(told("E0277", message, said, before).as_deref(), Some(after));
    let message = "type mismatch in function arguments";
    let said = "expected function signature `fn(wasmtime::Error)\nfound function signature `fn(anyhow::Error)";
    for (before, after) in [
        (
            "f.call(s).err().and_then(«code»)",
            "f.call(s).err().map(anyhow::Error::from).and_then(code)",
        ),
        (
            "f.call(s).map_err(«code»)?",
            "f.call(s).map_err(anyhow::Error::from).map_err(code)?",
        ),
    ] {
        assert_eq!(told("E0631", message, said, before).as_deref(), Some(after));
    }
}

#[test]
fn an_item_that_may_be_missing_is_a_type_as_well() {
    let matched = Some((
        "ty.get_export(engine, \"i\")",
        "this expression has type `std::option::Option<ComponentExtern<'_>>`",
    ));
    let said = "expected `ComponentExtern<'_>`, found `ComponentItem`";
    let before =
        "if let Some(«ComponentItem::ComponentFunc(f)») = ty.get_export(engine, \"i\") { f }";
    let after = "if let Some(ComponentItem::ComponentFunc(f)) = ty.get_export(engine, \"i\").map(|item| item.ty) { f }";
    let made = told_of("E0308", "mismatched types", said, matched, before);
    assert_eq!(made.as_deref(), Some(after));
}

/// What becomes of both texts, when the second one is that of a module.
fn told_of_both(code: &str, message: &str, said: &str, texts: [&str; 2]) -> Option<[String; 2]> {
    let (mut error, mut all) = error(code, message, texts[0]);
    error.rendered = format!("{message}\n{said}\nanyhow");
    error.labels[0].text = said.to_owned();
    all.insert("src/host.rs".to_owned(), texts[1].to_owned());
    all.insert(
        "src/other.rs".to_owned(),
        "use anyhow::Result; pub fn add() -> Result<u8> { Ok(1) }".to_owned(),
    );
    let repairs = repair(&[&error], &all, &terms(48));
    let after = |path: &str| {
        let edits = repairs.edits.get(path);
        edits.map_or_else(|| all[path].clone(), |edits| edits.apply(&all[path]))
    };
    (!repairs.edits.is_empty()).then(|| [after("src/lib.rs"), after("src/host.rs")])
}

#[test]
fn a_function_of_another_module_is_edited_where_it_is() {
    let message = "the trait bound `X: IntoFunc<u8, _, _>` is not satisfied";
    let module = "use anyhow::Result;\npub fn log(_: Caller<'_, u8>) -> Result<()> { Ok(()) }\npub fn add() -> anyhow::Result<u8> { Ok(1) }";
    let log = module.replace("-> Result<()>", "-> wasmtime::Result<()>");
    for given in ["host::log", "crate::host::log", "log", "log::<u8>"] {
        let text = format!("use host::log; fn f() {{ l.func_wrap(\"m\", \"log\", «{given}»)?; }}");
        let [_, after] = told_of_both("E0277", message, "", [&text, module]).unwrap();
        assert_eq!(after, log, "{given}");
    }
    let text = "fn f() { l.func_wrap(\"m\", \"add\", «host::add»)?; }";
    let [_, after] = told_of_both("E0277", message, "", [text, module]).unwrap();
    assert_eq!(
        after,
        module.replace("anyhow::Result<u8>", "wasmtime::Result<u8>")
    );
    // Which of two is meant, nothing says.
    let text = "use mine::add; fn f() { l.func_wrap(\"m\", \"add\", «add»)?; }";
    assert_eq!(told_of_both("E0277", message, "", [text, module]), None);
    let text = "fn f() { l.func_wrap(\"m\", \"x\", «host::make(1)»)?; }";
    assert_eq!(told_of_both("E0277", message, "", [text, module]), None);
}

#[test]
fn a_future_and_a_poll_are_declared_with_wasmtimes_result() {
    let of_trait = |code: &str, before: &str| {
        told(
            code,
            "method `f` has an incompatible type for trait",
            OF_ANYHOW,
            before,
        )
    };
    assert_eq!(
        of_trait("E0053", "fn f(&mut self) -> «Poll<Result<u8>>» { g() }").as_deref(),
        Some("fn f(&mut self) -> Poll<wasmtime::Result<u8>> { g() }")
    );
    assert_eq!(
        of_trait(
            "E0053",
            "fn f(&mut self, e: «Resource<anyhow::Error>») { g() }"
        )
        .as_deref(),
        Some("fn f(&mut self, e: Resource<wasmtime::Error>) { g() }")
    );
    let message = "expected `impl Future<Output = Result<u8, Error>> + Send` to be a future that resolves to `Result<u8, wasmtime::Error>`, but it resolves to `Result<u8, anyhow::Error>`";
    let after = told(
        "E0271",
        message,
        OF_ANYHOW,
        "fn f(&mut self) -> «impl Future<Output = anyhow::Result<u8>> + Send» { async { g() } }",
    );
    assert_eq!(
        after.as_deref(),
        Some(
            "fn f(&mut self) -> impl Future<Output = wasmtime::Result<u8>> + Send { async { g() } }"
        )
    );
}

#[test]
fn the_arms_of_a_match_that_a_block_ends_with_give_wasmtimes_error_one_by_one() {
    let message = "expected `Instrumented<{async block@src/lib.rs:1:2: 1:4}>` to be a future that resolves to `Result<(), Error>`, but it resolves to `Result<(), Error>`";
    for (arms, expected) in [
        (
            // What an earlier round made anyhow's is Wasmtime's again.
            "Ok(Ok(())) => Ok(()), Ok(Err(err)) => Err(err), Err(err) => Err(anyhow::Error::from(err)),",
            "Ok(Ok(())) => Ok(()), Ok(Err(err)) => Err(wasmtime::Error::from_anyhow(err)), Err(err) => Err(err),",
        ),
        (
            "Some(it) => { let all = it; g(all).await } None if b => Err(e)?, None => return Ok(()),",
            "Some(it) => { let all = it; g(all).await.map_err(wasmtime::Error::from_anyhow) } None if b => Err(e)?, None => return Ok(()),",
        ),
    ] {
        let block = |arms: &str| format!("async move {{ match f(x).await {{ {arms} }} }}");
        let before = format!(
            "l.func_new_async(n, move |s, t, p, r| «Box::new({}.instrument(s))»)",
            block(arms)
        );
        let after = format!(
            "l.func_new_async(n, move |s, t, p, r| Box::new({}.instrument(s)))",
            block(expected)
        );
        assert_eq!(told("E0271", message, OF_ANYHOW, &before), Some(after));
    }
}

#[test]
fn a_function_that_a_macro_gives_by_its_name_is_edited_where_it_is() {
    let message = "the trait bound `fn(Caller<'_, S>, u32) -> Result<u32, anyhow::Error> {Host::log}: IntoFunc<S, _, _>` is not satisfied";
    let text = "macro_rules! all { ($($f:ident),*) => { $(l.func_wrap(\"env\", stringify!($f), Host::$f)?;)* } } fn link(l: L) { «all!(log, ask);» }";
    let (mut error, mut texts) = error("E0277", message, text);
    error.labels[0].of_macro = Some("all!".to_owned());
    let host = |result: &str| {
        format!("impl Host {{ fn log(c: Caller<'_, S>, x: u32) -> {result}<u32> {{ Ok(x) }} }}")
    };
    texts.insert("src/host.rs".to_owned(), host("anyhow::Result"));
    texts.insert(
        "src/other.rs".to_owned(),
        "fn log() -> Result<(), u8> {}".to_owned(),
    );
    let repairs = repair(&[&error], &texts, &terms(48));
    let edits = &repairs.edits["src/host.rs"];
    assert_eq!(edits.apply(&texts["src/host.rs"]), host("wasmtime::Result"));
    assert_eq!(repairs.edits.len(), 1);
    // One of another type or of another error is not what is meant, though it is the only one.
    for other in [
        "fn log() -> Result<(), u8> {} struct Host;",
        "fn log() -> anyhow::Result<()> {}",
    ] {
        texts.remove("src/host.rs");
        texts.insert("src/other.rs".to_owned(), other.to_owned());
        assert!(repair(&[&error], &texts, &terms(48)).edits.is_empty());
    }
}
