//! Patterns and what is written in their place.

#![allow(clippy::unwrap_used)]

use super::{Pattern, Source, Template};
use crate::migrate::Crates;
use crate::migrate::scopes::Scopes;
use crate::migrate::tests::{crates, edited, ground};
use crate::tokens::Tokens;

fn rewritten_in(crates: &Crates, find: &str, replace: &str, text: &str) -> String {
    let pattern = Pattern::read(find).unwrap();
    let template = Template::read(replace, &pattern).unwrap();
    let tokens = Tokens::read(text).unwrap();
    let scopes = Scopes::of(&tokens);
    let ground = ground(crates, 40, 48);
    let source = Source {
        tokens: &tokens,
        text,
        scopes: &scopes,
        ground: &ground,
    };
    let matches = pattern.matches(&source);
    let edits = matches
        .iter()
        .flat_map(|found| template.edits(&pattern, found, &source, ""));
    edited(text, edits.collect())
}

fn rewritten(find: &str, replace: &str, text: &str) -> String {
    rewritten_in(&crates(), find, replace, text)
}

#[test]
fn only_what_differs_is_written() {
    let rename = |text: &str| rewritten("$c.old($a..)", "$c.new($a..)", text);
    for (before, after) in [
        ("c.old(1)", "c.new(1)"),
        (
            "c . /*1*/ old /*2*/ ( 1, /*3*/ 2 )",
            "c . /*1*/ new /*2*/ ( 1, /*3*/ 2 )",
        ),
        ("a.old(b.old())", "a.new(b.new())"),
        ("a.old(1).old(2)", "a.new(1).new(2)"),
        ("old(1); a.older(1); a.old;", "old(1); a.older(1); a.old;"),
        ("m!(a.old(x))", "m!(a.new(x))"),
    ] {
        assert_eq!(rename(before), after);
    }
    let more = |text: &str| rewritten("$b.net()", "$b.net().tcp(true)", text);
    assert_eq!(
        more("b\n    .net()\n    .go()"),
        "b\n    .net().tcp(true)\n    .go()"
    );
    let inner = |text: &str| rewritten("f($a, $b)", "f($a, Some($b))", text);
    assert_eq!(inner("f(1, /*x*/ 2)"), "f(1, /*x*/ Some(2))");
    let word = |text: &str| rewritten("$a.eq(&$b)", "$a.eq(&mut $b)", text);
    assert_eq!(word("a.eq(&b)"), "a.eq(&mut b)");
    assert_eq!(word("a.eq(& b)"), "a.eq(&mut b)");
    let inside = |text: &str| rewritten("fn f() -> Option<u8>", "fn f() -> u8", text);
    assert_eq!(inside("fn f() -> Option<u8> {}"), "fn f() -> u8 {}");
    let cast = |text: &str| rewritten("Some($a)", "$a as T", text);
    assert_eq!(cast("f(Some(b))"), "f(b as T)");
    assert_eq!(cast("f(Some( b ))"), "f(b as T)");
    let argument = |text: &str| rewritten("$a.gc()", "$a.gc(None)", text);
    assert_eq!(
        argument("store.gc( /* now */ )?"),
        "store.gc(None /* now */ )?"
    );
    let without = |text: &str| rewritten("$c.pcc($on)", "$c", text);
    assert_eq!(
        without("f(c.a(1) // x\n .pcc(true)\n .b())"),
        "f(c.a(1)\n .b())"
    );
    let first = |text: &str| rewritten("$e.detect($b)", "Engine::detect($b)", text);
    assert_eq!(
        first("self.x().engine?.detect(&bytes)"),
        "Engine::detect(&bytes)"
    );
}

#[test]
fn a_hole_holds_a_whole_expression() {
    let swap = |text: &str| rewritten("f($a, $b)", "f($b, $a)", text);
    for (before, after) in [
        ("f(1, 2)", "f(2, 1)"),
        ("f(g(1, 2), [3, 4])", "f([3, 4], g(1, 2))"),
        ("f(a + b, |x| x)", "f(|x| x, a + b)"),
        ("f(1)", "f(1)"),
        ("f(1, 2, 3)", "f(1, 2, 3)"),
    ] {
        assert_eq!(swap(before), after);
    }
    assert_eq!(
        rewritten("same($a, $a)", "one($a)", "same(x, y); same(x, x)"),
        "same(x, y); one(x)"
    );
    assert_eq!(
        rewritten("g($a..)", "h($a..)", "g(); g(1, 2)"),
        "h(); h(1, 2)"
    );
}

#[test]
fn a_hole_in_front_of_the_end_of_arguments_holds_a_whole_type() {
    let two = |text: &str| rewritten("Task<$a, $b, $c>", "Task<$a, $b>", text);
    for (before, after) in [
        ("impl Task<A, B, C> for D {}", "impl Task<A, B> for D {}"),
        (
            "impl Task<A, B<A>, Result<C<D>, E<F>>> for D {}",
            "impl Task<A, B<A>> for D {}",
        ),
        ("f(Task<A, B, fn() -> C>)", "f(Task<A, B>)"),
        (
            "impl Task<A, B> for Vec<C> {}",
            "impl Task<A, B> for Vec<C> {}",
        ),
    ] {
        assert_eq!(two(before), after);
    }
}

#[test]
fn the_chain_in_front_of_a_point_is_one_hole() {
    for (chain, is_one) in [
        ("a", true),
        ("self.a.b", true),
        ("a::b::<T>(1)?", true),
        ("a[0].b(1)(2).await", true),
        ("m.get(a)?[0]", true),
        ("vec![1, 2]", true),
        ("(a + b)", true),
        ("\"text\"", true),
        ("Vec::<u8>::new()", true),
        ("1..a", false),
        ("&a", false),
        ("!a", false),
        ("x + a", false),
        ("return a", false),
    ] {
        let text = format!("{chain}.old()");
        let expected = match is_one {
            true => format!("f({chain})"),
            false => format!("{}f(a)", &chain[..chain.len() - 1]),
        };
        assert_eq!(rewritten("$x.old()", "f($x)", &text), expected);
    }
}

#[test]
fn what_is_written_around_a_hole_does_not_take_it_apart() {
    let number = |text: &str| rewritten("size($n)", "size($n as u64)", text);
    for (before, after) in [
        ("size(n)", "size(n as u64)"),
        ("size(a.b(1)?)", "size(a.b(1)? as u64)"),
        ("size(1 + n)", "size((1 + n) as u64)"),
        ("size(n as u16)", "size((n as u16) as u64)"),
        ("size(-1)", "size((-1) as u64)"),
        (
            "size(if a { 1 } else { 2 })",
            "size((if a { 1 } else { 2 }) as u64)",
        ),
    ] {
        assert_eq!(number(before), after);
    }
}

#[test]
fn a_path_is_known_by_what_it_means() {
    let renamed = |text: &str| rewritten("wasmtime::Mpk::Auto", "wasmtime::Enabled::Auto", text);
    for (before, after) in [
        ("wasmtime::Mpk::Auto", "wasmtime::Enabled::Auto"),
        (
            "use wasmtime::Mpk; f(Mpk::Auto)",
            "use wasmtime::Mpk; f(wasmtime::Enabled::Auto)",
        ),
        (
            "use wasmtime as w; f(w::Mpk::Auto)",
            "use wasmtime as w; f(w::Enabled::Auto)",
        ),
        (
            "use wasmtime::Mpk as M; f(M::Auto)",
            "use wasmtime::Mpk as M; f(wasmtime::Enabled::Auto)",
        ),
        (
            "use wasmtime::*; f(Mpk::Auto)",
            "use wasmtime::*; f(wasmtime::Enabled::Auto)",
        ),
        (
            "use other::Mpk; f(Mpk::Auto)",
            "use other::Mpk; f(Mpk::Auto)",
        ),
        (
            "use wasmtime::*; enum Mpk { Auto } f(Mpk::Auto)",
            "use wasmtime::*; enum Mpk { Auto } f(Mpk::Auto)",
        ),
        ("Mpk::Auto; x.wasmtime::Mpk", "Mpk::Auto; x.wasmtime::Mpk"),
    ] {
        assert_eq!(renamed(before), after);
    }
    let method = |text: &str| {
        rewritten(
            "wasmtime::Store::new($a..)",
            "wasmtime::Store::make($a..)",
            text,
        )
    };
    assert_eq!(
        method("use wasmtime::Store; Store::new(1)"),
        "use wasmtime::Store; Store::make(1)"
    );
}

#[test]
fn crates_are_written_as_the_package_knows_them() {
    let crates: Crates = [("wt".to_owned(), "wasmtime".to_owned())]
        .into_iter()
        .collect();
    let text = "use wt::Engine; Engine::old()";
    let after = rewritten_in(
        &crates,
        "wasmtime::Engine::old()",
        "wasmtime::Config::new()",
        text,
    );
    assert_eq!(after, "use wt::Engine; wt::Config::new()");
}

#[test]
fn a_statement_goes_with_its_line() {
    let gone = |text: &str| rewritten("$c.old($a);", "", text);
    assert_eq!(
        gone("{\n    c.old(1);\n    c.new();\n}"),
        "{\n    c.new();\n}"
    );
    // A comment in front may be about more than one line, and stays.
    assert_eq!(
        gone("{\n    // Why.\n    c.old(1);\n    c.new();\n}"),
        "{\n    // Why.\n    c.new();\n}"
    );
    assert_eq!(
        gone("{\n    // Why.\n    c.old(1);\n}"),
        "{\n    // Why.\n}"
    );
    assert_eq!(
        gone("{\n    /* why */ c.old(1);\n    c.new();\n}"),
        "{\n    /* why */ \n    c.new();\n}"
    );
    assert_eq!(
        gone("{\n    let x = c.old(1);\n}"),
        "{\n    let x = c.old(1);\n}"
    );
}

#[test]
fn what_deals_with_a_failure_is_one_hole() {
    let taken = |text: &str| rewritten("$c.f($a)$failure!", "$c.f($a)", text);
    for (before, after) in [
        ("c.f(1)?.g()", "c.f(1).g()"),
        ("c.f(1).unwrap().g()", "c.f(1).g()"),
        (
            "c\n    .f(1)\n    .map_err(|e| (e, 1))?\n    .g()",
            "c\n    .f(1)\n    .g()",
        ),
        ("c.f(1).context(\"x\").expect(\"y\");", "c.f(1);"),
        ("c.f(1)?.f(2)?.f(3).unwrap()", "c.f(1).f(2).f(3)"),
        ("c.f(1).map_err(f)", "c.f(1).map_err(f)"),
        ("c.f(1).ok();", "c.f(1).ok();"),
        ("c.f(1)", "c.f(1)"),
    ] {
        assert_eq!(taken(before), after);
    }
}

/// How often the hole of `$b.build()` holds a builder.
fn held(text: &str) -> usize {
    let pattern = Pattern::read("$b.build()").unwrap();
    let tokens = Tokens::read(text).unwrap();
    let scopes = Scopes::of(&tokens);
    let crates = crates();
    let ground = ground(&crates, 46, 47);
    let source = Source {
        tokens: &tokens,
        text,
        scopes: &scopes,
        ground: &ground,
    };
    let builder = ["wasi_common", "sync", "WasiCtxBuilder"].map(str::to_owned);
    let matches = pattern.matches(&source);
    let held = matches
        .iter()
        .filter(|it| it.is_held("b", &[builder.to_vec()], &source));
    held.count()
}

#[test]
fn a_value_is_of_the_type_that_made_it_or_that_its_name_was_declared_with() {
    for (body, count) in [
        ("fn f() { B::new().x()?.build() }", 1),
        ("fn f() { let mut b = B::new(); b.x(); b.build() }", 1),
        (
            "fn f() { let mut b = B::new(); let c = &mut b; g(|| { c.x()?.build() }) }",
            1,
        ),
        ("fn f(b: &mut B) { b.build() }", 1),
        ("fn f(a: u8, mut b: B) { b.build() }", 1),
        ("fn f() { g(|b: &mut B| b.build()) }", 1),
        ("fn f<'a>(b: &'a mut B) { b.build() }", 1),
        (
            "struct S { pub b: B } impl S { fn f(&mut self) { self.b.x().build() } }",
            1,
        ),
        (
            "fn f(b: wasi_common::sync::WasiCtxBuilder) { b.build() }",
            1,
        ),
        // The nearest declaration counts, and only where it is seen.
        (
            "fn f() { let b = B::new(); let b = Other::new(); b.build() }",
            0,
        ),
        ("fn f(b: B) {} fn g() { b.build() }", 0),
        ("fn f() { { let b = B::new(); } b.build() }", 0),
        ("fn f() { let b = B::new().build(); b.build() }", 1),
        ("fn f() { let b = made(); b.build() }", 0),
        ("fn f(b: &mut Other) { b.build() }", 0),
        ("fn f(b: wasmtime_wasi::WasiCtxBuilder) { b.build() }", 0),
    ] {
        let text = format!("use wasi_common::sync::WasiCtxBuilder as B; {body}");
        assert_eq!(held(&text), count, "{body}");
    }
}
