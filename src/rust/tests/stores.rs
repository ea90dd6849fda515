//! Which types stores hold.

use super::{Workspace, check};

fn stores(source: &str) -> String {
    let source = format!(
        "use std::rc::Rc; use wasmtime::{{AsContextMut, Caller, Linker, Store, StoreContext, StoreContextMut}};\n{source}"
    );
    Workspace::new(&[("src/main.rs", &source)])
        .stores()
        .join(", ")
}

#[test]
fn types_that_name_the_data() {
    check(
        &[
            ("struct A { s: Store<u8> }", "u8: Send"),
            ("enum A { B(Option<Box<Store<u8>>>) }", "u8: Send"),
            ("static S: Mutex<Option<Store<u8>>> = x();", "u8: Send"),
            ("fn f(s: &mut Store<u8>) {}", "u8: Send"),
            ("fn f() -> Result<(Store<u8>, u8), E> {}", "u8: Send"),
            ("fn f() { let s: Store<u8> = g(); }", "u8: Send"),
            ("fn f() { let s = g::<Store<u8>>(); }", "u8: Send"),
            (
                "fn f() { let s = |c: Caller<'_, u8>, x: u32| 1; }",
                "u8: Send",
            ),
            ("fn f(s: impl AsContextMut<Data = u8>) {}", "u8: Send"),
            ("fn f<S: AsContextMut<Data = u8>>(s: S) {}", "u8: Send"),
            (
                "fn f<S>(s: S) where S: AsContextMut<Data = u8> {}",
                "u8: Send",
            ),
            (
                "fn f(s: Box<dyn Fn(StoreContextMut<'_, u8>) -> u8>) {}",
                "u8: Send",
            ),
            ("fn f(s: fn(store: StoreContext<u8>)) {}", "u8: Send"),
            ("fn f(l: &Linker<u8>) {}", "u8: Send"),
            ("fn f(l: &wasmtime::component::Linker<u8>) {}", "u8: Send"),
            (
                "use wasmtime::component::*; fn f(l: InstancePre<u8>) {}",
                "u8: Send",
            ),
            ("type A = Store<u8>;", "u8: Send"),
            ("impl Tr for Store<u8> {}", "u8: Send"),
            ("struct A; impl A { fn f(s: Store<Self>) {} }", "A: Send"),
            (
                "struct A<T> { s: Store<T> } impl A<Rc<u8>> { fn f() {} }",
                "Rc<u8>: not Send",
            ),
            // Each of them is judged.
            (
                "fn f(a: Store<u8>, b: Store<Rc<u8>>, c: Store<foreign::X>) {}",
                "u8: Send, Rc<u8>: not Send, X: undecidable",
            ),
            ("fn f(a: Store<u8>, b: Store<u8>) {}", "u8: Send"),
            ("fn f(a: Store<_>) {}", ""),
            ("fn f() { if a < b && Store > c {} }", ""),
        ],
        stores,
    );
}

#[test]
fn values_that_are_made_into_the_data() {
    check(
        &[
            (
                "struct A { x: Rc<u8> } fn f() { let s = Store::new(&engine, A { x: Rc::new(1) }); }",
                "A: not Send",
            ),
            (
                "struct A<T> { x: T } fn f() { Store::new(&engine, A::<Rc<u8>> { x }); }",
                "A<Rc<u8>>: not Send",
            ),
            (
                "struct A(Rc<u8>); fn f() { wasmtime::Store::new(e, A(x)); }",
                "A: not Send",
            ),
            ("struct A; fn f() { Store::new(e, A); }", "A: Send"),
            (
                "enum A { B, C(u8), D { x: Rc<u8> } } fn f() { Store::new(e, A::C(1)); }",
                "A: not Send",
            ),
            (
                "enum A { B, D { x: Rc<u8> } } use A::*; fn f() { Store::new(e, B); Store::new(e, D { x }); }",
                "A: not Send",
            ),
            ("fn f() { Store::new(e, ()); }", "(): Send"),
            (
                "fn f() { Store::new(e, 1); Store::new(e, \"x\"); Store::new(e, true); }",
                "{integer}: Send, &str: Send, bool: Send",
            ),
            (
                "fn f() { Store::new(e, Rc::new(1)); }",
                "Rc<{integer}>: not Send",
            ),
            (
                "fn f() { Store::new(e, (1, Rc::new(1))); }",
                "({integer}, Rc<{integer}>): not Send",
            ),
            (
                "fn f() { Store::new(e, Some(std::sync::Arc::new(std::cell::RefCell::new(1)))); }",
                "Option<Arc<RefCell<{integer}>>>: not Send",
            ),
            ("fn f() { Store::new(e, String::new()); }", "String: Send"),
            (
                "fn f() { Store::new(e, Vec::<Rc<u8>>::new()); }",
                "Vec<Rc<u8>>: not Send",
            ),
            (
                "fn f() { Store::new(e, Vec::new()); }",
                "Vec::new(..): undecidable",
            ),
            ("fn f() { Store::<Rc<u8>>::new(e, x); }", "Rc<u8>: not Send"),
            (
                "fn f() { Store::<_>::new(e, Rc::new(1)); }",
                "Rc<{integer}>: not Send",
            ),
            (
                "fn f() { let s: Store<u8> = Store::new(e, x()); }",
                "u8: Send",
            ),
            (
                "fn f() { let s: Store<_> = Store::new(e, Rc::new(1)); }",
                "Rc<{integer}>: not Send",
            ),
            (
                "type Mine<T> = Store<T>; fn f() { Mine::new(e, Rc::new(1)); }",
                "Rc<{integer}>: not Send",
            ),
            ("const X: u8 = 1; fn f() { Store::new(e, X); }", "u8: Send"),
            (
                "fn f() { Store::new(e, wasmtime_wasi::p2::WasiCtxBuilder::new().inherit_stdio().args(&[a])?.build()); }",
                "WasiCtx: Send",
            ),
            (
                "fn f() { Store::new(e, wasmtime_wasi::WasiCtx::builder().build()); }",
                "WasiCtx: Send",
            ),
            (
                "fn f() { assert!(g(Store::new(&engine, Rc::new(1)))); }",
                "Rc<{integer}>: not Send",
            ),
            ("fn f() { Store::new(e, vec![1]); }", "?: undecidable"),
            ("fn f() { Store::new(e, |x| x); }", "?: undecidable"),
            ("fn f() { Store::new(e, a + b); }", "?: undecidable"),
        ],
        stores,
    );
}

#[test]
fn functions_that_make_the_data() {
    const A: &str = "struct A(Rc<u8>); ";
    let with_a = |source: &str| stores(&format!("{A}{source}"));
    check(
        &[
            (
                "impl A { fn new() -> Self { x } } fn f() { Store::new(e, A::new()); }",
                "A: not Send",
            ),
            (
                "impl A { fn make() -> Result<A, E> { x } } fn f() { Store::new(e, A::make()?); }",
                "A: not Send",
            ),
            (
                "impl A { fn make() -> anyhow::Result<Self> { x } } fn f() { Store::new(e, A::make().unwrap()); }",
                "A: not Send",
            ),
            (
                "impl A { async fn make() -> Option<Self> { x } } fn f() { Store::new(e, A::make().await.expect(\"a\")); }",
                "A: not Send",
            ),
            ("fn f() { Store::new(e, A::default()); }", "A: not Send"),
            (
                "fn f() { Store::new(e, A::other()); }",
                "A::other(..): undecidable",
            ),
            (
                "fn make() -> A { x } fn f() { Store::new(e, make()); }",
                "A: not Send",
            ),
            (
                "mod m { pub fn make() -> super::A { x } } fn f() { Store::new(e, m::make()); }",
                "A: not Send",
            ),
            (
                "struct B; impl B { fn build(self) -> A { x } fn with(self, n: u8) -> Self { self } } impl A { fn builder() -> B { x } } fn f() { Store::new(e, A::builder().with(1).build()); }",
                "A: not Send",
            ),
            (
                "impl A { fn run(self) { Store::new(e, self); } }",
                "A: not Send",
            ),
            (
                "struct B { a: A } impl B { fn run(self) { Store::new(e, self.a); } }",
                "A: not Send",
            ),
            (
                "struct B<T> { a: Option<T> } fn f(b: &B<u8>) { Store::new(e, b.a.clone().unwrap()); }",
                "u8: Send",
            ),
            (
                "impl A { fn make() -> Self { x } fn run() { Store::new(e, Self::make()); } }",
                "A: not Send",
            ),
            (
                "fn make<T>() -> T { x } fn f() { Store::new(e, make()); }",
                "make(..): undecidable",
            ),
            (
                "type R<T> = Result<T, u8>; fn make() -> R<A> { x } fn f() { Store::new(e, make()?); }",
                "A: not Send",
            ),
        ],
        with_a,
    );
}

#[test]
fn variables_that_are_the_data() {
    const A: &str = "struct A(Rc<u8>); struct B; ";
    let with_a = |source: &str| stores(&format!("{A}{source}"));
    check(
        &[
            ("fn f() { let a = A(x); Store::new(e, a); }", "A: not Send"),
            (
                "fn f() { let mut a: A = x(); g(); Store::new(e, a); }",
                "A: not Send",
            ),
            ("fn f(a: A) { Store::new(e, a); }", "A: not Send"),
            ("fn f(mut r#a: A) { Store::new(e, a); }", "A: not Send"),
            (
                "fn f() { let a = A(x); { let a = B; Store::new(e, a); } }",
                "B: Send",
            ),
            (
                "fn f() { let a = A(x); { let a = B; } Store::new(e, a); }",
                "A: not Send",
            ),
            (
                "fn f() { let a = B; let a = A(a); Store::new(e, a); }",
                "A: not Send",
            ),
            ("fn f(a: A) { let a = Store::new(e, a); }", "A: not Send"),
            (
                "fn f() { let a = B; let g = |a: A| Store::new(e, a); }",
                "A: not Send",
            ),
            (
                "fn f() { let a = B; let g = move |a: A, x: u8| { Store::new(e, a) }; }",
                "A: not Send",
            ),
            (
                "fn f() { let a = if c { A(x) } else { return }; Store::new(e, a); }",
                "A: not Send",
            ),
            (
                "fn f() { let a = match c { 1 => A(x), _ => { g(); A(y) } }; Store::new(e, a); }",
                "A: not Send",
            ),
            (
                "fn f() { let a = { let b = A(x); b }; Store::new(e, a); }",
                "A: not Send",
            ),
            (
                "fn f() { let a; a = A(x); Store::new(e, a); }",
                "a: undecidable",
            ),
            (
                "fn f() { let a = B; if let Some(a) = x { Store::new(e, a); } }",
                "a: undecidable",
            ),
            (
                "fn f() { let a = B; let (a, b) = x; Store::new(e, a); }",
                "a: undecidable",
            ),
            (
                "fn f() { let a = B; for a in x { Store::new(e, a); } }",
                "a: undecidable",
            ),
            (
                "fn f() { let a = B; match x { Some(a) => Store::new(e, a) } }",
                "a: undecidable",
            ),
            (
                "fn f() { let a = B; x.map(|a| Store::new(e, a)); }",
                "a: undecidable",
            ),
            ("fn f(B(a): X) { Store::new(e, a); }", "a: undecidable"),
            ("fn f() { Store::new(e, a); }", "a: undecidable"),
        ],
        |source| with_a(source).replace('?', "a"),
    );
}

#[test]
fn code_that_is_generic_over_the_data() {
    check(
        &[
            ("fn f<T: Send>(s: Store<T>) {}", "T: Send"),
            ("fn f<T>(s: Store<T>) where T: 'static + Send {}", "T: Send"),
            (
                "impl<T> A<T> { fn f(s: Store<T>) where T: Send {} }",
                "T: Send",
            ),
            ("trait Tr: Send {} fn f<T: Tr>(s: Store<T>) {}", "T: Send"),
            (
                "fn f<T: wasmtime_wasi::WasiView>(s: Store<T>) {}",
                "T: Send",
            ),
            ("fn f<T>(s: Store<T>) {}", "T: undecidable"),
            ("fn f<T: foreign::Tr>(s: Store<T>) {}", "T: undecidable"),
            ("fn f<T>(x: T) { Store::new(e, x); }", "T: undecidable"),
            ("fn f<T>(s: Store<Option<T>>) {}", "Option<T>: undecidable"),
            ("fn f<T>(s: Store<(T, Rc<u8>)>) {}", "(T, Rc<u8>): not Send"),
            (
                "trait A { fn f(s: Store<Self>) where Self: Sized; }",
                "Self: undecidable",
            ),
            (
                "trait A: Send { fn f(s: Store<Self>) where Self: Sized; }",
                "Self: Send",
            ),
            // It is known elsewhere what the data is.
            ("fn f<T>(s: Store<T>) {} fn g(s: Store<u8>) {}", "u8: Send"),
            // An export called with a type parameter that is not bound does not compile.
            (
                "fn f<T>(s: &mut Store<T>, g: Guest) { g.call_run(s); } fn g(s: Store<u8>) {}",
                "T: not Send, u8: Send",
            ),
            (
                "fn f<T: Send>(s: &mut Store<T>, g: Guest) { g.call_run(s); } fn g(s: Store<u8>) {}",
                "u8: Send",
            ),
            (
                "struct A<T> { s: Store<T> } impl<T> A<T> { fn f(&mut self) { self.g.call_run(&mut self.s); } } fn g(s: Store<u8>) {}",
                "T: not Send, u8: Send",
            ),
            (
                "struct A<T> { s: Store<T> } impl<T: Send> A<T> { fn f(&mut self) { self.g.call_run(&mut self.s); } } fn g(s: Store<u8>) {}",
                "u8: Send",
            ),
            (
                "fn f<S: AsContextMut>(s: S, g: Guest) { g.call_run(s); }",
                "S::Data: not Send",
            ),
            (
                "fn f<S: AsContextMut>(s: S, g: Guest) where S::Data: Send { g.call_run(s); }",
                "",
            ),
            (
                "fn f<S>(s: S, g: Guest) where S: AsContextMut, <S as AsContext>::Data: Send { g.call_run(s); }",
                "",
            ),
            ("fn f<S: AsContextMut>(s: S) {}", ""),
            (
                "fn f(s: &mut impl AsContextMut, g: Guest) { g.call_run(s); }",
                "impl AsContextMut::Data: not Send",
            ),
            (
                "fn f(s: impl AsContextMut<Data: Send>, g: Guest) { g.call_run(s); }",
                "impl Send: Send",
            ),
            // Which `call_run` it is can't be told.
            (
                "struct A<T> { s: Store<T> } impl<T> A<T> { fn call_run(&mut self) { self.g.call_run(&mut self.s); } } fn g(s: Store<u8>) {}",
                "T: undecidable, u8: Send",
            ),
        ],
        stores,
    );
}

#[test]
fn stores_in_macros() {
    check(
        &[
            ("fn f() { m!(Store<u8>); }", "u8: Send"),
            (
                "macro_rules! m { ($t:ty) => { fn f(s: Store<$t>) {} } }",
                "?: undecidable",
            ),
            (
                "macro_rules! m { ($x:expr) => { Store::new(&engine, $x) } }",
                "?: undecidable",
            ),
            (
                "tokio::select! { a = b => { Store::new(&engine, Rc::new(1)); } }",
                "Rc<{integer}>: not Send",
            ),
        ],
        stores,
    );
}

#[test]
fn where_the_types_are_named() {
    let source = "#[cfg(test)] mod tests { use wasmtime::Store; fn f(s: Store<u8>) {} #[cfg(x)] fn g(s: Store<u8>) {} }";
    let workspace = Workspace::new(&[("src/main.rs", source)]);
    let data = workspace.program.store_data(super::APP);
    assert_eq!(data.types.len(), 1);
    let ty = &data.types[0];
    assert_eq!(ty.cfg.as_deref(), Some("cfg(test)"));
    let places: Vec<_> = ty.places.iter().map(|place| place.span.start.0).collect();
    let expected: Vec<_> = source.match_indices("u8").map(|(at, _)| at).collect();
    assert_eq!(places, expected);
}
