//! Calls of exports.

use super::{APP, Workspace, check};

fn calls(source: &str) -> String {
    let workspace = Workspace::new(&[("src/main.rs", source)]);
    let calls = workspace.program.export_calls(APP);
    let calls = calls.iter().map(|found| {
        let call = found.call;
        assert_eq!(call.span.text(source).trim_start_matches("r#"), call.name);
        let awaited = if call.awaited { " awaited" } else { "" };
        let namesake = if found.has_namesake {
            " with a namesake"
        } else {
            ""
        };
        format!(
            "{}({}){awaited}{namesake}",
            call.name,
            call.store.text(source)
        )
    });
    calls.collect::<Vec<_>>().join(", ")
}

#[test]
fn calls_and_what_is_none() {
    check(
        &[
            (
                "fn f() { x.call_run(&mut store, 1)?; }",
                "call_run(&mut store)",
            ),
            (
                "fn f() { self.bindings.a().b().call_add(store.as_context_mut(), 1, 2); }",
                "call_add(store.as_context_mut())",
            ),
            (
                "async fn f() { x.call_run(&mut store).await?; }",
                "call_run(&mut store) awaited",
            ),
            (
                "async fn f() { x\n  .call_run(&mut store)\n  .await }",
                "call_run(&mut store) awaited",
            ),
            (
                "fn f() { block_on(x.call_run(&mut store)); }",
                "call_run(&mut store)",
            ),
            (
                "fn f() { x.call_run::<u8, _>(&mut store); }",
                "call_run(&mut store)",
            ),
            (
                "fn f() { Guest::call_run(&g, &mut store, 1); }",
                "call_run(&mut store)",
            ),
            (
                "fn f() { <Guest as Tr>::call_run(&g, &mut store); }",
                "call_run(&mut store)",
            ),
            (
                "fn f() { assert_eq!(x.call_run(&mut store)?, 3); }",
                "call_run(&mut store)",
            ),
            (
                "macro_rules! m { ($x:expr) => { $x.call_run(&mut $store) } }",
                "call_run(&mut $store)",
            ),
            (
                "tokio::join!(x.call_a(&mut s), async { y.call_b(&mut s).await });",
                "call_a(&mut s), call_b(&mut s) awaited",
            ),
            (
                "fn f() { x.call_async(&mut store, ()).await; x.call_hook(|c| 1); x.call_hook_async(c); x.call_unchecked(s); x.call_concurrent(a, b); }",
                "",
            ),
            (
                "fn f() { x.call(&mut store, ()); x.call_(&mut store); x.recall_run(&mut s); call_run(&mut s); }",
                "",
            ),
            ("fn f() { x.call_run(); let g = x.call_run; }", ""),
            (
                "/// x.call_run(&mut store)\nfn f() { \"x.call_run(&mut store)\"; }",
                "",
            ),
            (
                "impl A { fn call_run(&mut self) { self.g.call_run(&mut self.store) } }",
                "call_run(&mut self.store) with a namesake",
            ),
            (
                "fn f() { x.r#call_run(&mut store) }",
                "call_run(&mut store)",
            ),
        ],
        calls,
    );
}

#[test]
fn only_files_of_the_package_count() {
    let workspace = Workspace::new(&[
        ("src/main.rs", "mod a;"),
        ("src/a.rs", "fn f() { x.call_a(&mut s); }"),
        ("src/unused.rs", "fn f() { x.call_b(&mut s); }"),
    ]);
    let calls = workspace.program.export_calls(APP);
    let names: Vec<_> = calls
        .iter()
        .map(|found| (found.path.as_str(), found.call.name.as_str()))
        .collect();
    assert_eq!(names, [("src/a.rs", "call_a")]);
}
