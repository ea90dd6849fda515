//! Calls whose function, arguments or result changed, and what is passed to them.

#![allow(clippy::unwrap_used)]

use super::*;

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
            "dynamic_memory_guard_size",
            "c.«dynamic_memory_guard_size»(1).static_memory_guard_size(1);",
            Some("c.static_memory_guard_size(1);"),
        ),
        (
            "dynamic_memory_guard_size",
            "{\n    c.«dynamic_memory_guard_size»(guard);\n    c.static_memory_guard_size(guard);\n}\nfn f(c: &mut C) { c.static_memory_guard_size(2); }",
            Some(
                "{\n    c.static_memory_guard_size(guard);\n}\nfn f(c: &mut C) { c.static_memory_guard_size(2); }",
            ),
        ),
        (
            "static_memory_guard_size",
            "c.«static_memory_guard_size»(guard).dynamic_memory_guard_size(guard);",
            Some("c.memory_guard_size(guard).dynamic_memory_guard_size(guard);"),
        ),
        (
            "cache_config_load_default",
            "Config::new().wasm_simd(true).«cache_config_load_default»().map_err(|e| Own(e))?.target(t);",
            Some(
                "Config::new().wasm_simd(true).cache(Some(wasmtime::Cache::from_file(None).map_err(|e| Own(e))?)).target(t);",
            ),
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
            Some(
                "let r = wasmtime::Cache::from_file(Some(std::path::Path::new(&path))).map(|cache| c.cache(Some(cache)));",
            ),
        ),
        (
            "cache_config_load_default",
            "if let Err(e) = self.config.«cache_config_load_default»() { warn(e) }",
            Some(
                "if let Err(e) = wasmtime::Cache::from_file(None).map(|cache| self.config.cache(Some(cache))) { warn(e) }",
            ),
        ),
        (
            "cache_config_load_default",
            "f(c).«cache_config_load_default»().is_ok()",
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

    let message = "no method named `send_request` found for struct `S`";
    let before = "use wasmtime_wasi_http::p2::WasiHttpView; fn f() { s.«send_request»(r, c)? }";
    let after =
        "use wasmtime_wasi_http::p2::WasiHttpView; fn f() { s.http().hooks.send_request(r, c)? }";
    let (error_, texts) = error("E0599", message, before);
    let made = |line| repair(&[&error_], &texts, &terms(line)).edits;
    let edits = &made(47)["src/lib.rs"];
    assert_eq!(edits.apply(&texts["src/lib.rs"]), after);
    // There it takes and gives something else.
    assert!(made(48).is_empty());
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
    // One that has a name is shown where it is declared.
    let message = "function is expected to take 4 arguments, but it takes 3 arguments";
    let (mut error_, texts) = error(
        "E0593",
        message,
        "«fn host<T>(cx: C<'_, T>, a: &[Val], r: &mut [Val]) -> R» {} i.func_new(n, host)",
    );
    error_
        .rendered
        .push_str(" required by a bound in `func_new`");
    error_.labels[0].text = "takes 3 arguments".to_owned();
    let after = "fn host<T>(cx: C<'_, T>, _ty: wasmtime::component::types::ComponentFunc, a: &[Val], r: &mut [Val]) -> R {} i.func_new(n, host)";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn default_values_of_imports_are_made_in_the_store_at_hand() {
    let message = "this method takes 2 arguments but 1 argument was supplied";
    for (before, after) in [
        (
            "fn f() { let mut store = Store::new(&e, ()); l.«define_unknown_imports_as_default_values»(&m)?; }",
            Some(
                "fn f() { let mut store = Store::new(&e, ()); l.define_unknown_imports_as_default_values(&mut store, &m)?; }",
            ),
        ),
        (
            "fn f(s: &mut Store<T>) { l.«define_unknown_imports_as_default_values»(&m)?; }",
            Some(
                "fn f(s: &mut Store<T>) { l.define_unknown_imports_as_default_values(&mut *s, &m)?; }",
            ),
        ),
        (
            "fn g() { let mut store = Store::default(); } fn f(m: M) { l.«define_unknown_imports_as_default_values»(&m)?; }",
            None,
        ),
    ] {
        let (mut error_, texts) = error("E0061", message, before);
        error_
            .rendered
            .push_str(" define_unknown_imports_as_default_values");
        assert_eq!(repaired(&error_, &texts).0.as_deref(), after, "{before}");
    }
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

/// What becomes of a text in a line, for an error that the compiler has no suggestion for.
fn told(line: u64, code: &str, message: &str, before: &str) -> Option<String> {
    let (error, texts) = error(code, message, before);
    let repairs = repair(&[&error], &texts, &terms(line));
    let edits = repairs.edits.get("src/lib.rs")?;
    Some(edits.apply(&texts["src/lib.rs"]))
}

#[test]
fn the_view_whose_fields_are_asked_for_is_that_of_wasi() {
    let before = "«»use a::b;\nfn f() { s.ctx().table }";
    let (mut error_, texts) = error("E0599", "no method named `ctx` found", before);
    let suggestion = |path: &str| {
        Suggestion {
        message: "trait `View` which provides `ctx` is implemented but not in scope; perhaps you want to import it".to_owned(),
        parts: vec![(
            Label {
                span: Span::new(0, 0),
                ..error_.labels[0].clone()
            },
            format!("use {path};\n"),
        )],
        is_sure: false,
    }
    };
    error_.suggestions = vec![
        suggestion("wasmtime_wasi_http::WasiHttpView"),
        suggestion("wasmtime_wasi::WasiView"),
    ];
    error_.labels[0].span = Span::new(21, 24);
    let after = "use wasmtime_wasi::WasiView;\nuse a::b;\nfn f() { s.ctx().table }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
    // The other one may be meant where nothing of the view is read.
    let texts = Texts::from([(
        "src/lib.rs".to_owned(),
        "use a::b;\nfn f() { s.ctx(); }   ".to_owned(),
    )]);
    assert_eq!(repaired(&error_, &texts).0, None);
}

#[test]
fn a_file_that_knows_the_view_of_http_alone_has_the_table_by_that() {
    let message = "no method named `table` found for struct `S`";
    let of_http = "use wasmtime_wasi_http::WasiHttpView; fn f(s: &mut S) { s.«table»().push(x); }";
    assert_eq!(
        told(43, "E0599", message, of_http).as_deref(),
        Some("use wasmtime_wasi_http::WasiHttpView; fn f(s: &mut S) { s.http().table.push(x); }")
    );
    assert_eq!(
        told(42, "E0599", message, of_http).as_deref(),
        Some("use wasmtime_wasi_http::WasiHttpView; fn f(s: &mut S) { s.ctx().table.push(x); }")
    );
    let of_both = "use wasmtime_wasi::WasiView; use wasmtime_wasi_http::WasiHttpView; fn f(s: &mut S) { s.«table»(); }";
    let after = "use wasmtime_wasi::WasiView; use wasmtime_wasi_http::WasiHttpView; fn f(s: &mut S) { s.ctx().table; }";
    assert_eq!(told(43, "E0599", message, of_both).as_deref(), Some(after));
}

#[test]
fn a_stream_of_ones_own_is_asked_for_by_its_new_name() {
    let message = "no method named `stream` found for struct `Logger` in the current scope";
    let own =
        "impl wasmtime_wasi::cli::StdoutStream for Logger { fn p2_stream(&self) -> S { s() } } ";
    let before = format!("{own}fn f(l: Logger) {{ l.«stream»().write(b); }}");
    let after = format!("{own}fn f(l: Logger) {{ l.p2_stream().write(b); }}");
    assert_eq!(told(36, "E0599", message, &before), Some(after));
    let of_others = "fn f(l: Logger) { wasmtime::x(); l.«stream»().write(b); }";
    assert_eq!(told(36, "E0599", message, of_others), None);
}

#[test]
fn the_end_of_a_task_that_is_only_waited_for_goes() {
    let message = "mismatched types: expected `u8`, found tuple `(_, _)`";
    let other = "fn other(task: Task) { task.block(s).await; }";
    for (before, after) in [
        (
            "async fn f() { let «(value, task)» = g.call_handle(s, r).await?; h(value); task.block(s).await; i() }",
            Some("async fn f() { let value = g.call_handle(s, r).await?; h(value); i() }"),
        ),
        (
            "async fn f() { let «(value, _task)» = f.call_concurrent(s, r).await?; h(value) }",
            Some("async fn f() { let value = f.call_concurrent(s, r).await?; h(value) }"),
        ),
        (
            "async fn f() { let «(mut value, _)» = f.call_concurrent(s, r).await?; match value { _ => h() } }",
            Some(
                "async fn f() { let mut value = f.call_concurrent(s, r).await?; match value { _ => h() } }",
            ),
        ),
        (
            "async fn f() { let «(value, task)» = g.call_handle(s, r).await?; keep(task); }",
            None,
        ),
        (
            "async fn f() { let «(value, task)» = own(s, r).await?; task.block(s).await; }",
            None,
        ),
    ] {
        // Another function is no matter of this one.
        let made = told(43, "E0308", message, &format!("{before} {other}"));
        let after = after.map(|after| format!("{after} {other}"));
        assert_eq!(made, after, "{before}");
    }
}

/// What the task goes on writing may not be there when the next line runs.
#[test]
fn that_nothing_waits_any_more_is_told() {
    let message = "mismatched types: expected `u8`, found tuple `(_, _)`";
    for (rest, told) in [("task.block(s).await;", 1), ("", 0)] {
        let text =
            format!("async fn f() {{ let «(v, task)» = g.call_handle(s, r).await?; {rest} h(v) }}");
        let (mut error, texts) = error("E0308", message, &text);
        error.rendered = message.to_owned();
        let repairs = repair(&[&error], &texts, &terms(43));
        assert_eq!(
            (repairs.edits.len(), repairs.remaining.len()),
            (1, told),
            "{text}"
        );
    }
}

#[test]
fn what_is_passed_on_without_a_name_is_bound_as_the_compiler_proposes() {
    let message = "`impl WasmParams` cannot be shared between threads safely";
    let before = "fn f(v: impl WasmParams«») { g.call_async(s, v) }";
    let (mut error_, texts) = error("E0277", message, before);
    error_.rendered = format!("{message}\nrequired by a bound in `TypedFunc::call_async`");
    error_.suggestions = vec![Suggestion {
        message: "consider restricting opaque type `impl WasmParams` with trait `Sync`".to_owned(),
        parts: vec![(error_.labels[0].clone(), " + std::marker::Sync".to_owned())],
        is_sure: true,
    }];
    let after = "fn f(v: impl WasmParams + Sync) { g.call_async(s, v) }";
    assert_eq!(repaired(&error_, &texts).0.as_deref(), Some(after));
}

#[test]
fn a_trait_asks_for_what_its_implementation_has_to() {
    let traits =
        "trait Run { fn run<V: WasmTy>(&self, v: V); fn take(&self, v: impl wasmtime::WasmTy); } ";
    for (said, before, after) in [
        (
            "impl has extra requirement `V: Sync`",
            "impl Run for R { fn run<V: WasmTy + «Sync»>(&self, v: V) {} }",
            "fn run<V: WasmTy + Sync>(&self, v: V);",
        ),
        (
            "impl has extra requirement `impl wasmtime::WasmTy: Sync`",
            "impl Run for R { fn take(&self, v: impl wasmtime::WasmTy + «Sync») {} }",
            "fn take(&self, v: impl wasmtime::WasmTy + Sync);",
        ),
    ] {
        let message = "impl has stricter requirements than trait";
        let (mut error_, texts) = error("E0276", message, &format!("{traits}{before}"));
        error_.labels[0].text = said.to_owned();
        error_.path = Some("src/lib.rs".to_owned());
        let made = repaired(&error_, &texts).0.unwrap();
        assert!(made.contains(after), "{made}");
    }
}

#[test]
fn a_field_that_the_hooks_have_got_is_found_there() {
    let declared =
        "struct State { hooks: HttpHooks }\nstruct HttpHooks { log: Vec<String>, asked: u32 }\n";
    let repaired_in = |before: &str, message: &str| {
        let (error, mut texts) = error("E0609", message, "fn f(s: &State) { s.«log».len() }");
        texts.insert("src/host.rs".to_owned(), declared.to_owned());
        let texts_before = Texts::from([("src/host.rs".to_owned(), before.to_owned())]);
        let terms = Terms {
            before: &texts_before,
            ..terms(43)
        };
        let repairs = repair(&[&error], &texts, &terms);
        let edits = repairs.edits.get("src/lib.rs")?;
        Some(edits.apply(&texts["src/lib.rs"]))
    };
    let message = "no field `log` on type `&mut State`";
    let after = "fn f(s: &State) { s.hooks.log.len() }";
    assert_eq!(repaired_in("", message).as_deref(), Some(after));
    // The project's own type of that name, a field of another type.
    assert_eq!(repaired_in(declared, message), None);
    assert_eq!(repaired_in("", "no field `log` on type `&Other`"), None);
}

#[test]
fn bindings_come_to_an_instance_in_another_way() {
    let message = |name: &str| {
        format!(
            "no function or associated item named `{name}` found for struct `App` in the current scope"
        )
    };
    for (name, before, after) in [
        (
            "instantiate_pre",
            "async fn f() { let (app, _) = a::App::«instantiate_pre»(&mut store, &pre).await?; }",
            Some(
                "async fn f() { let app = a::AppPre::new(pre.clone())?.instantiate_async(&mut store).await?; }",
            ),
        ),
        (
            "instantiate_pre",
            "use w::bindings::Command;\nfn f() { let (c, _instance) = Command::«instantiate_pre»(store, self.pre)?; c }",
            None,
        ),
        (
            "instantiate_pre",
            "use w::bindings::Command;\nfn f() { let (c, _instance) = Command::«instantiate_pre»(store, &self.pre)?; c }",
            Some(
                "use w::bindings::Command;\nfn f() { let c = w::bindings::CommandPre::new(self.pre.clone())?.instantiate(store)?; c }",
            ),
        ),
        (
            "instantiate_pre",
            "fn f() { let (app, instance) = App::«instantiate_pre»(&mut store, &pre)?; }",
            None,
        ),
        (
            "instantiate_pre",
            "fn f() { App::«instantiate_pre»(&mut store, &pre).unwrap(); }",
            None,
        ),
        (
            "new_instance",
            "fn f() { let i = x::GuestIndices::«new_instance»(&mut store, &instance)?; }",
            Some("fn f() { let i = x::GuestIndices::new(&instance.instance_pre(&store))?; }"),
        ),
        (
            "new_instance",
            "fn f() { AppIndices::«new_instance»(&mut *store, instance)? }",
            Some("fn f() { AppIndices::new(&instance.instance_pre(&*store))? }"),
        ),
        (
            "new_instance",
            "fn f() { Own::«new_instance»(&mut store, &instance)? }",
            None,
        ),
        (
            "new_instance",
            "fn f() { AppIndices::«new_instance»(store.as_context_mut(), &instance)? }",
            None,
        ),
    ] {
        let (error, texts) = error("E0599", &message(name), before);
        let repairs = repair(&[&error], &texts, &terms(36));
        let edits = repairs.edits.get("src/lib.rs");
        let edited = edits.map(|edits| edits.apply(&texts["src/lib.rs"]));
        assert_eq!(edited.as_deref(), after, "{before}");
    }
}
