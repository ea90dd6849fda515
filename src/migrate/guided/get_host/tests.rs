//! Getters of every kind, and what becomes of the calls that they are given to.

#![allow(clippy::unwrap_used)]

use crate::migrate::guided::tests::{error, terms};

/// The text after the repair of its first call.
fn repaired(text: &str) -> Option<String> {
    let message = "cannot find function `add_to_linker_get_host` in module `x`";
    let marked = text.replacen("add_to_linker_get_host", "«add_to_linker_get_host»", 1);
    let (error, texts) = error("E0425", message, &marked);
    let repairs = crate::migrate::guided::repair(&[&error], &texts, &terms(36));
    let edits = repairs.edits.get("src/lib.rs")?;
    Some(edits.apply(text))
}

#[test]
fn a_wrapper_that_an_annotation_gives_has_its_type_declared() {
    let before = "\
struct Wrap<T>(T);

fn annotate<T, F>(getter: F) -> F
where
    F: Fn(&mut T) -> Wrap<&mut T>,
{
    getter
}

pub fn link<T: View>(linker: &mut Linker<T>) -> Result<()> {
    let getter = annotate::<T, _>(|it| Wrap(it));
    x::add_to_linker_get_host(linker, getter).context(\"x\")?;
    y::add_to_linker_get_host(linker, &options, getter)?;
    Ok(())
}
";
    let after = "\
struct Wrap<T>(T);

pub fn link<T: View>(linker: &mut Linker<T>) -> Result<()> {
    x::add_to_linker::<_, HasWrap<_>>(linker, |it| Wrap(it)).context(\"x\")?;
    y::add_to_linker::<_, HasWrap<_>>(linker, &options, |it| Wrap(it))?;
    Ok(())
}

struct HasWrap<T>(std::marker::PhantomData<T>);

impl<T: 'static> wasmtime::component::HasData for HasWrap<T> {
    type Data<'a> = Wrap<&'a mut T>;
}
";
    assert_eq!(repaired(before).as_deref(), Some(after));
}

#[test]
fn bounds_that_the_wrapper_needs_are_declared_and_what_is_next_to_each_other_goes_at_once() {
    let before = "\
pub fn link<T: 'static>(linker: &mut Linker<T>) -> Result<()>
where
    T: View,
{
    fn annotate<T: Sized, F>(getter: F) -> F
    where
        T: View + views::Other<u8>,
        F: Fn(&mut T) -> Wrap<&mut T>,
    {
        getter
    }
    let getter = annotate::<T, _>(|it| Wrap(it));
    x::add_to_linker_get_host(linker, getter)
}
";
    let after = "\
pub fn link<T: 'static>(linker: &mut Linker<T>) -> Result<()>
where
    T: View,
{
    x::add_to_linker::<_, HasWrap<_>>(linker, |it| Wrap(it))
}

struct HasWrap<T>(std::marker::PhantomData<T>);

impl<T: Sized + View + views::Other<u8> + 'static> wasmtime::component::HasData for HasWrap<T> {
    type Data<'a> = Wrap<&'a mut T>;
}
";
    assert_eq!(repaired(before).as_deref(), Some(after));
}

#[test]
fn what_a_function_gives_is_declared_once() {
    let before = "\
fn wrap(state: &mut State) -> views::View<'_, u8> { state.view() }
fn link(l: &mut Linker<State>) { x::add_to_linker_get_host(l, wrap); y::add_to_linker_get_host(l, wrap); }
";
    let after = "\
fn wrap(state: &mut State) -> views::View<'_, u8> { state.view() }
fn link(l: &mut Linker<State>) { x::add_to_linker::<_, HasView>(l, wrap); y::add_to_linker::<_, HasView>(l, wrap); }

struct HasView;

impl wasmtime::component::HasData for HasView {
    type Data<'a> = views::View<'a, u8>;
}
";
    assert_eq!(repaired(before).as_deref(), Some(after));
}

#[test]
fn parameters_casts_and_references_say_it_too() {
    let declared = "\n\nstruct HasView;\n\nimpl wasmtime::component::HasData for HasView {\n    type Data<'a> = View<'a>;\n}";
    for (before, after) in [
        (
            "fn f<T>(l: L<T>, get: fn(&mut T) -> View<'_>) { x::add_to_linker_get_host(l, get); }",
            "fn f<T>(l: L<T>, get: fn(&mut T) -> View<'_>) { x::add_to_linker::<_, HasView>(l, get); }",
        ),
        (
            "fn f() { let get = g as fn(&mut S) -> View<'_>; x::add_to_linker_get_host(l, get); }",
            "fn f() { let get = g as fn(&mut S) -> View<'_>; x::add_to_linker::<_, HasView>(l, get); }",
        ),
    ] {
        assert_eq!(repaired(before), Some(format!("{after}{declared}")));
    }
    let of_trait = "fn annotate<F>(f: F) -> F where F: Fn(&mut S) -> &mut dyn Host { f } fn f() { let get = annotate::<_>(|s| s); x::add_to_linker_get_host(l, get)?; }";
    assert_eq!(
        repaired(of_trait).as_deref().map(str::trim),
        Some("fn f() { x::add_to_linker::<_, wasmtime::component::HasSelf<_>>(l, |s| s)?; }")
    );
    assert_eq!(
        repaired("fn f() { x::add_to_linker_get_host(l, |s| &mut s.host); }").as_deref(),
        Some(
            "fn f() { x::add_to_linker::<_, wasmtime::component::HasSelf<_>>(l, |s| &mut s.host); }"
        )
    );
}

#[test]
fn what_nobody_says_is_left() {
    for text in [
        "fn f() { x::add_to_linker_get_host(l, |s| View(s)); }",
        "fn f() { x::add_to_linker_get_host(l, elsewhere); }",
        "fn f() { link(x::add_to_linker_get_host); }",
        "fn w(s: &mut S) -> WasiImpl<&mut S> { WasiImpl(s) } fn f() { x::add_to_linker_get_host(l, w); }",
    ] {
        assert_eq!(repaired(text), None, "{text}");
    }
}
