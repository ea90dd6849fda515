//! Views by what stands there before and afterwards.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::migrate::tests::{edited, moving};

fn run(before: &str, from: u64, to: u64) -> (String, Vec<String>) {
    let result = moving(views, before, from, to);
    let left = result.remaining.iter().map(|left| left.what.clone());
    (edited(before, result.edits.clone()), left.collect())
}

fn moved(before: &str, from: u64, to: u64) -> String {
    let (after, remaining) = run(before, from, to);
    assert_eq!(remaining, [""; 0], "{before}");
    after
}

const TWO: &str = "use wasmtime_wasi::{ResourceTable, WasiCtx, WasiView};

impl WasiView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.wasi
    }
}
";

const IO: &str = "use wasmtime_wasi::{IoView, ResourceTable, WasiCtx, WasiView};

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.wasi
    }
}
";

const CTX_VIEW: &str = "use wasmtime_wasi::{ResourceTable, WasiCtx, WasiView};

impl WasiView for State {
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
        wasmtime_wasi::WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
";

#[test]
fn both_old_shapes_become_one_function() {
    assert_eq!(moved(TWO, 24, 36), CTX_VIEW);
    assert_eq!(moved(IO, 32, 48), CTX_VIEW);
    assert_eq!(moved(CTX_VIEW, 36, 48), CTX_VIEW);
    let p2 = IO.replace("wasmtime_wasi::{", "wasmtime_wasi::p2::{");
    let after = CTX_VIEW.replace("use wasmtime_wasi::{", "use wasmtime_wasi::p2::{");
    assert_eq!(
        moved(&p2, 34, 36),
        after,
        "where the trait is, is not of this migration"
    );
}

#[test]
fn the_table_gets_a_view_of_its_own() {
    let after = "use wasmtime_wasi::{ResourceTable, WasiCtx, WasiView};

impl WasiView for State {
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.wasi
    }
}

impl wasmtime_wasi::IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}
";
    assert_eq!(moved(TWO, 29, 32), after);
    assert_eq!(
        moved(TWO, 29, 34),
        after.replace("wasmtime_wasi::IoView", "wasmtime_wasi::p2::IoView")
    );
}

fn with_http(text: &str, http: &str) -> String {
    format!("{text}\nimpl wasmtime_wasi_http::WasiHttpView for State {{{http}}}\n")
}

#[test]
fn the_view_of_http_gets_and_loses_its_table() {
    let ctx = "\n    fn ctx(&mut self) -> &mut WasiHttpCtx {\n        &mut self.http\n    }\n";
    let table =
        "\n    fn table(&mut self) -> &mut ResourceTable {\n        &mut self.table\n    }\n";
    let both = format!("{ctx}{table}");
    assert_eq!(
        moved(&with_http(TWO, &both), 29, 36),
        with_http(CTX_VIEW, &both)
    );
    assert_eq!(
        moved(&with_http(IO, ctx), 30, 40),
        with_http(CTX_VIEW, &both)
    );
    assert!(moved(&with_http(TWO, &both), 29, 30).ends_with(&with_http("", ctx)));
    let view = |path: &str| {
        format!(
            "\n    fn http(&mut self) -> {path}<'_> {{\n        {path} {{ ctx: &mut self.http, table: &mut self.table, hooks: Default::default() }}\n    }}\n"
        )
    };
    let p2 = view("wasmtime_wasi_http::p2::WasiHttpCtxView");
    let root = view("wasmtime_wasi_http::WasiHttpCtxView");
    assert_eq!(moved(&with_http(IO, ctx), 30, 43), with_http(CTX_VIEW, &p2));
    assert_eq!(
        moved(&with_http(CTX_VIEW, &both), 42, 48),
        with_http(CTX_VIEW, &root)
    );
}

#[test]
fn what_the_bodies_are_decides() {
    let text = |ctx: &str, table: &str| {
        TWO.replace("&mut self.wasi", ctx)
            .replace("&mut self.table", table)
    };
    let after = |body: &str| {
        let old = "wasmtime_wasi::WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }";
        CTX_VIEW.replace(old, body)
    };
    for (ctx, table, expected) in [
        (
            "&mut self.inner.a",
            "&mut self.inner.b",
            Some("wasmtime_wasi::WasiCtxView { ctx: &mut self.inner.a, table: &mut self.inner.b }"),
        ),
        (
            "self.inner.ctx()",
            "self.inner.table()",
            Some("self.inner.ctx()"),
        ),
        (
            "self.a.as_mut().unwrap()",
            "&mut self.b",
            Some(
                "wasmtime_wasi::WasiCtxView { ctx: self.a.as_mut().unwrap(), table: &mut self.b }",
            ),
        ),
        // Both would borrow the same.
        ("&mut self.inner.ctx", "&mut self.inner", None),
        ("self.get_ctx()", "&mut self.table", None),
        ("&mut self.0", "&mut self.0", None),
        ("let a = 1; &mut self.a", "&mut self.b", None),
        ("todo!()", "self.x() // why", None),
    ] {
        let (result, remaining) = run(&text(ctx, table), 29, 36);
        match expected {
            Some(body) => assert_eq!((result, remaining.len()), (after(body), 0), "{ctx} {table}"),
            None => assert_eq!(
                (result, remaining.len()),
                (text(ctx, table), 1),
                "{ctx} {table}"
            ),
        }
    }
}

#[test]
fn what_is_not_together_is_left_to_a_person() {
    let only_io = &IO[..IO.find("impl WasiView").unwrap()];
    let (after, remaining) = run(only_io, 32, 36);
    assert_eq!((after.as_str(), remaining.len()), (only_io, 1));
    let bound = format!("{IO}fn f<T: IoView>(t: T) {{}}\n");
    assert!(
        run(&bound, 32, 36)
            .0
            .starts_with("use wasmtime_wasi::{IoView, ")
    );
    let hooks = with_http(
        CTX_VIEW,
        "fn ctx(&mut self) -> &mut C { &mut self.http } fn table(&mut self) -> &mut T { &mut self.table } fn send_request(&mut self) { self.a; self.b }",
    );
    let (after, remaining) = run(&hooks, 42, 43);
    assert_eq!(after, hooks);
    assert!(remaining[0].contains("WasiHttpHooks"), "{remaining:?}");
}

/// A module of the package hands the traits on, and nothing in the text speaks of their crates.
#[test]
fn traits_that_come_through_another_module_are_theirs() {
    let impls = "impl IoView for S {\n    fn table(&mut self) -> &mut ResourceTable { &mut self.table }\n}\nimpl WasiView for S {\n    fn ctx(&mut self) -> &mut WasiCtx { &mut self.ctx }\n}\n";
    let before = format!("use crate::prelude::{{IoView, WasiCtx, WasiView}};\n\n{impls}");
    let (after, remaining) = run(&before, 35, 36);
    assert_eq!(remaining, [""; 0]);
    assert!(
        after.starts_with("use crate::prelude::{WasiCtx, WasiView};\n\nimpl WasiView for S {\n"),
        "{after}"
    );
    assert!(
        after.contains("WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }"),
        "{after}"
    );
    let other = before.replace("crate::prelude", "mine");
    assert_eq!(run(&other, 35, 36).0, other);
}

#[test]
fn what_a_host_overrode_is_of_a_type_of_its_own() {
    let before = "\
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};

struct S {
    http: WasiHttpCtx,
    rules: Rules,
}

struct Rules(Vec<String>);

impl WasiHttpView for S {
    fn ctx(&mut self) -> &mut WasiHttpCtx { &mut self.http }
    fn table(&mut self) -> &mut T { &mut self.table }

    fn is_forbidden_header(&mut self, name: &N) -> bool {
        BODY
    }
}
";
    let with = |view: &str, hooks: &str| {
        format!(
            "\
use wasmtime_wasi_http::{{WasiHttpCtx, WasiHttpView}};

struct S {{
    http: WasiHttpCtx,
    rules: Rules,
}}

struct Rules(Vec<String>);

impl WasiHttpView for S {{
    fn http(&mut self) -> wasmtime_wasi_http::p2::WasiHttpCtxView<'_> {{ wasmtime_wasi_http::p2::WasiHttpCtxView {{ ctx: &mut self.http, table: &mut self.table, hooks: {view} }} }}
}}
{hooks}
"
        )
    };
    let (after, remaining) = run(&before.replace("BODY", "name == HOST"), 42, 43);
    assert_eq!(
        (after, remaining),
        (
            with(
                "Box::leak(Box::new(HttpHooks))",
                "\nstruct HttpHooks;\n\nimpl wasmtime_wasi_http::p2::WasiHttpHooks for HttpHooks {\n    fn is_forbidden_header(&mut self, name: &N) -> bool {\n        name == HOST\n    }\n}"
            ),
            vec![]
        )
    );
    let gated = "#[cfg(feature = \"http\")]\nimpl WasiHttpView";
    let gated = before
        .replace("BODY", "name == HOST")
        .replace("impl WasiHttpView", gated);
    let (after, _) = run(&gated, 42, 43);
    for item in [
        "struct HttpHooks;",
        "impl wasmtime_wasi_http::p2::WasiHttpHooks for HttpHooks",
    ] {
        let item = format!("\n#[cfg(feature = \"http\")]\n{item}");
        assert!(after.contains(&item), "{after}");
    }
    let (after, _) = run(
        &before.replace(
            "BODY",
            "self.rules == NONE && ask(&self.rules, \"self.rules\")",
        ),
        42,
        43,
    );
    assert!(
        after.contains("*self == NONE && ask(&*self, \"self.rules\")"),
        "{after}"
    );
    let of_field = before.replace("BODY", "self.rules.0.contains(name)");
    let (after, remaining) = run(&of_field, 42, 43);
    assert_eq!(
        (after, remaining),
        (
            with(
                "&mut self.rules",
                "\nimpl wasmtime_wasi_http::p2::WasiHttpHooks for Rules {\n    fn is_forbidden_header(&mut self, name: &N) -> bool {\n        self.0.contains(name)\n    }\n}"
            ),
            vec![]
        )
    );
}

#[test]
fn hooks_of_the_field_that_has_the_context_are_for_a_person_to_take_apart() {
    let before = "\
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};

struct S {
    active: Active,
}

struct Active {
    http: WasiHttpCtx,
    rules: Vec<String>,
}

impl WasiHttpView for S {
    fn ctx(&mut self) -> &mut WasiHttpCtx { &mut self.active.http }
    fn table(&mut self) -> &mut T { &mut self.table }

    fn is_forbidden_header(&mut self, name: &N) -> bool {
        self.active.rules.contains(name)
    }
}
";
    let (after, remaining) = run(before, 42, 43);
    assert!(
        after.contains(
            "ctx: &mut self.active.http, table: &mut self.table, hooks: &mut self.active }"
        ),
        "{after}"
    );
    assert_eq!(
        remaining,
        ["`active` has the context, too, and can't be lent twice: take the hooks out of it"]
    );
}

/// A type of somebody else's can't have them, nor can several fields.
#[test]
fn fields_that_hooks_ask_get_a_type_of_their_own() {
    const HOST: &str = "\
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};

#[derive(Default)]
pub struct S<> {
    pub http: WasiHttpCtx,
    // What guests may ask.
    allowed: HashMap<String, u32>, // by name
    pub table: T,
    asked: u32,
    /// All of it.
    log: Vec<String>,
}

impl S {
    fn new(log: Vec<String>) -> Self {
        Self { http: WasiHttpCtx::new(), allowed: HashMap::<_, _>::new(), table: T::new(), asked: 0, log }
    }
}

impl Other {
    fn new() -> Self {
        Self { many: 1 < 2 }
    }
}

impl WasiHttpView for S {
    fn ctx(&mut self) -> &mut WasiHttpCtx { &mut self.http }
    fn table(&mut self) -> &mut T { &mut self.table }

    fn send_request(&mut self, request: R, config: C) -> O {
        self.asked += 1;
        self.log.push(request.host());
        self.allowed.get(request.host());
    }
}
";
    let host = HOST.replace("<>", "");
    let (after, remaining) = run(&host, 42, 43);
    assert_eq!(remaining, [""; 0], "{after}");
    insta::assert_snapshot!(after);
    let kept = |host: &str, why: &str| {
        let (after, remaining) = run(host, 42, 43);
        assert_eq!((after.as_str(), remaining.len()), (host, 1), "{why}");
    };
    kept(
        &host.replace("    asked:", "    pub asked:"),
        "others may name it",
    );
    kept(
        &host.replace("derive(Default)", "derive(Serialize)"),
        "it is written somewhere",
    );
    kept(&host.replace("S {\n    fn new", "S {\n    fn f(S { log, .. }: S) {}\n    fn g(s: S) { let S { asked, .. } = s; }\n    fn new"), "it is taken apart");
    kept(
        &host.replace("asked: 0, log }", "..s }"),
        "the rest is from elsewhere",
    );
    kept(
        &host.replace("self.asked += 1", "self.ask()"),
        "it asks a method",
    );
    kept(&HOST.replace("<>", "<X>"), "it has parameters");
    kept(
        &host.replace("&mut self.table }", "&mut self.log.table }"),
        "the view lends it already",
    );
}

#[test]
fn views_of_others_are_left_alone() {
    for text in [
        "impl my::WasiView for S { fn ctx(&mut self) -> C { &mut self.c } fn table(&mut self) -> T { &mut self.t } }",
        "mod wasmtime_wasi {} impl wasmtime_wasi::WasiView for S { fn ctx(&mut self) {} }",
    ] {
        assert_eq!(run(text, 24, 48), (text.to_owned(), vec![]));
    }
}

/// A field whose `ctx` is no view's: to hand it on would give a context where both are wanted.
#[test]
fn a_getter_of_its_own_gives_no_view() {
    let text = "use wasmtime_wasi::p2::{IoView, WasiCtx, WasiView};\nimpl Inner {\n    fn table(&mut self) -> &mut ResourceTable { &mut self.table }\n    fn ctx(&mut self) -> &mut WasiCtx { &mut self.wasi }\n}\nimpl IoView for Outer<'_> {\n    fn table(&mut self) -> &mut ResourceTable { self.0.table() }\n}\nimpl WasiView for Outer<'_> {\n    fn ctx(&mut self) -> &mut WasiCtx { self.0.ctx() }\n}\n";
    let result = moving(views, text, 35, 36);
    assert_eq!(edited(text, result.edits), text);
    assert_eq!(result.remaining.len(), 1);
}

/// What becomes of one file of two, when the other one has this.
fn moved_beside(before: &str, other: &str, from: u64, to: u64) -> (String, Vec<String>) {
    let crates = crate::migrate::tests::crates();
    let mut elsewhere = Elsewhere::default();
    elsewhere.read(before);
    elsewhere.read(other);
    let mut ground = crate::migrate::tests::ground(&crates, from, to);
    ground.views = &elsewhere;
    let tokens = Tokens::read(before).unwrap();
    let result = views(&tokens, before, &ground);
    let left = result.remaining.iter().map(|left| left.what.clone());
    (edited(before, result.edits.clone()), left.collect())
}

#[test]
fn views_of_one_type_may_be_in_several_files() {
    let io = "use wasmtime_wasi::{IoView, ResourceTable};\n\nimpl<H: Handler> IoView for Ctx<H> {\n    fn table(&mut self) -> &mut ResourceTable {\n        &mut self.table\n    }\n}\n\nfn f() {}\n";
    let wasi = "use wasmtime_wasi::{WasiCtx, WasiView};\n\nimpl<H: Handler> WasiView for super::Ctx<H> {\n    fn ctx(&mut self) -> &mut WasiCtx {\n        &mut self.wasi\n    }\n}\n";
    let http = "use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};\n\nimpl<H: Handler> WasiHttpView for Ctx<H> {\n    fn ctx(&mut self) -> &mut WasiHttpCtx {\n        &mut self.http\n    }\n}\n";
    let view = "wasmtime_wasi::WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }";
    let (after, left) = moved_beside(wasi, io, 32, 48);
    assert!(after.contains(view), "{after}");
    assert_eq!(left, [""; 0]);
    let (after, left) = moved_beside(io, wasi, 32, 48);
    let gone = "use wasmtime_wasi::ResourceTable;\n\nfn f() {}\n";
    assert_eq!((after.as_str(), left), (gone, Vec::new()));
    let view = "wasmtime_wasi_http::WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: Default::default() }";
    let (after, left) = moved_beside(http, io, 32, 48);
    assert!(after.contains(view), "{after}");
    assert_eq!(left, [""; 0]);
    let table = "    fn table(&mut self) -> &mut wasmtime::component::ResourceTable { &mut self.table }\n}\n";
    let (after, left) = moved_beside(http, io, 32, 36);
    assert!(after.ends_with(table), "{after}");
    assert_eq!(left, [""; 0]);
    // Where nothing gets it, or nothing says what it is.
    assert_eq!(moved_beside(io, "", 32, 48).1.len(), 1);
    assert_eq!(moved_beside(wasi, http, 32, 48).1.len(), 1);
    // What is asked may be what the table is.
    let sending = http.replace(
        "    fn ctx",
        "    fn send_request(&mut self) { self.table.push() }\n\n    fn ctx",
    );
    assert_eq!(moved_beside(&sending, io, 32, 48).1.len(), 1);
}

#[test]
fn documentation_goes_with_its_function() {
    let before = TWO
        .replace("    fn table", "    /// The table.\n    fn table")
        .replace("    fn ctx", "    /// The context.\n    fn ctx");
    let after = moved(&before, 24, 36);
    assert!(!after.contains("The table."), "{after}");
    assert!(
        after.contains("    /// The context.\n    fn ctx"),
        "{after}"
    );
    let after = moved(&before, 24, 32);
    assert!(
        after.contains("    /// The table.\n    fn table"),
        "{after}"
    );
    assert_eq!(after.matches("The table.").count(), 1);
}

#[test]
fn functions_that_nobody_can_write_any_more_are_no_hooks() {
    let before = "use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};\n\nimpl WasiHttpView for S {\n    fn ctx(&mut self) -> &mut WasiHttpCtx {\n        &mut self.http\n    }\n    fn table(&mut self) -> &mut ResourceTable {\n        &mut self.table\n    }\n    fn new_response_outparam(&mut self, s: Sender) -> R {\n        todo!()\n    }\n}\n";
    let (after, left) = run(before, 40, 48);
    assert!(!after.contains("WasiHttpHooks"), "{after}");
    assert_eq!(left.len(), 1);
    assert!(left[0].contains("can't be written anew"), "{left:?}");
}

#[test]
fn hooks_stand_where_the_view_does_with_their_documentation() {
    let before = "mod tests {\n    use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};\n\n    impl WasiHttpView for S {\n        fn ctx(&mut self) -> &mut WasiHttpCtx {\n            &mut self.http\n        }\n        fn table(&mut self) -> &mut ResourceTable {\n            &mut self.table\n        }\n\n        /// All of them.\n        fn is_forbidden_header(&mut self, _: &HeaderName) -> bool {\n            true\n        }\n    }\n}\n";
    let (after, left) = run(before, 40, 43);
    let hooks = "    }\n\n    struct HttpHooks;\n\n    impl wasmtime_wasi_http::p2::WasiHttpHooks for HttpHooks {\n        /// All of them.\n        fn is_forbidden_header(&mut self, _: &HeaderName) -> bool {\n            true\n        }\n    }\n}\n";
    assert!(after.ends_with(hooks), "{after}");
    assert_eq!(after.matches("All of them").count(), 1, "{after}");
    assert_eq!(left, [""; 0]);
}
