use super::*;
use crate::migrate::tests::moved;

const OF_24: &str = "\
use wasmtime_wasi::bindings::{cli, random};
use wasmtime_wasi::{WasiImpl, WasiView};

fn link<T: WasiView>(linker: &mut Linker<T>) -> Result<()> {
    let closure = annotate::<T, _>(|t| WasiImpl(t));
    cli::stdin::add_to_linker_get_host(linker, closure)?;
    random::random::add_to_linker_get_host(linker, closure)?;
    wasmtime_wasi::bindings::sync::io::streams::add_to_linker_get_host(linker, closure)?;
    Ok(())
}

fn annotate<T, F>(it: F) -> F where F: Fn(&mut T) -> WasiImpl<&mut T> { it }
";

#[test]
fn each_interface_has_the_view_of_its_group() {
    let after = "\
use wasmtime_wasi::bindings::{cli, random};
use wasmtime_wasi::WasiView;

fn link<T: WasiView>(linker: &mut Linker<T>) -> Result<()> {
    cli::stdin::add_to_linker::<_, wasmtime_wasi::cli::WasiCli>(linker, wasmtime_wasi::cli::WasiCliView::cli)?;
    random::random::add_to_linker::<_, wasmtime_wasi::random::WasiRandom>(linker, wasmtime_wasi::random::WasiRandomView::random)?;
    wasmtime_wasi::bindings::sync::io::streams::add_to_linker::<_, wasmtime::component::HasSelf<wasmtime::component::ResourceTable>>(linker, |it| wasmtime_wasi::WasiView::ctx(it).table)?;
    Ok(())
}
";
    assert_eq!(moved(interfaces, OF_24, 24, 48), after);
}

#[test]
fn the_one_view_of_36_needs_a_type_that_says_so() {
    let after = "\
use wasmtime_wasi::bindings::{cli, random};
use wasmtime_wasi::WasiView;

fn link<T: WasiView>(linker: &mut Linker<T>) -> Result<()> {
    cli::stdin::add_to_linker::<_, HasWasiCtxView>(linker, wasmtime_wasi::WasiView::ctx)?;
    random::random::add_to_linker::<_, wasmtime::component::HasSelf<wasmtime_wasi::random::WasiRandomCtx>>(linker, wasmtime_wasi::random::WasiRandomView::random)?;
    wasmtime_wasi::bindings::sync::io::streams::add_to_linker::<_, wasmtime::component::HasSelf<wasmtime::component::ResourceTable>>(linker, |it| wasmtime_wasi::WasiView::ctx(it).table)?;
    Ok(())
}

struct HasWasiCtxView;

impl wasmtime::component::HasData for HasWasiCtxView {
    type Data<'a> = wasmtime_wasi::WasiCtxView<'a>;
}
";
    assert_eq!(moved(interfaces, OF_24, 24, 36), after);
}

#[test]
fn the_type_of_the_host_goes_with_its_last_use() {
    let before = "\
use wasmtime_wasi::p2::bindings::clocks;
use wasmtime_wasi::p2::{IoImpl, WasiImpl};

struct HasWasi<T>(T);

impl<T: 'static> HasData for HasWasi<T> {
    type Data<'a> = WasiImpl<&'a mut T>;
}

fn link<T>(l: &mut Linker<T>) {
    let f: fn(&mut T) -> WasiImpl<&mut T> = |t| WasiImpl(IoImpl(t));
    clocks::wall_clock::add_to_linker::<T, HasWasi<T>>(l, f);
}
";
    let after = "\
use wasmtime_wasi::p2::bindings::clocks;

fn link<T>(l: &mut Linker<T>) {
    clocks::wall_clock::add_to_linker::<T, wasmtime_wasi::clocks::WasiClocks>(l, wasmtime_wasi::clocks::WasiClocksView::clocks);
}
";
    assert_eq!(moved(interfaces, before, 35, 40), after);
}

#[test]
fn a_part_of_the_host_is_named_where_it_was() {
    let before = "\
use wasmtime_wasi::p2::bindings::filesystem;
fn link(l: &mut Linker<S>) {
    filesystem::types::add_to_linker::<S, HasWasi>(l, |s| s.wasi.ctx());
    filesystem::preopens::add_to_linker::<S, HasWasi>(l, |s| { WasiView::ctx(&mut s.wasi) });
    filesystem::preopens::add_to_linker::<S, HasWasi>(l, |s| s.wasi().ctx());
    filesystem::preopens::add_to_linker::<S, HasWasi>(l, S::ctx);
}
struct HasWasi;
";
    let after = "\
use wasmtime_wasi::p2::bindings::filesystem;
fn link(l: &mut Linker<S>) {
    filesystem::types::add_to_linker::<S, wasmtime_wasi::filesystem::WasiFilesystem>(l, |s| wasmtime_wasi::filesystem::WasiFilesystemView::filesystem(&mut s.wasi));
    filesystem::preopens::add_to_linker::<S, wasmtime_wasi::filesystem::WasiFilesystem>(l, |s| wasmtime_wasi::filesystem::WasiFilesystemView::filesystem(&mut s.wasi));
    filesystem::preopens::add_to_linker::<S, wasmtime_wasi::filesystem::WasiFilesystem>(l, |s| wasmtime_wasi::filesystem::WasiFilesystemView::filesystem(s.wasi()));
    filesystem::preopens::add_to_linker::<S, wasmtime_wasi::filesystem::WasiFilesystem>(l, wasmtime_wasi::filesystem::WasiFilesystemView::filesystem);
}
";
    assert_eq!(moved(interfaces, before, 36, 37), after);
}

#[test]
fn wasi_http_has_a_view_from_43_on() {
    let before = "\
use wasmtime_wasi_http::bindings::http;
use wasmtime_wasi_http::WasiHttpImpl;
fn link<T>(l: &mut Linker<T>) {
    http::outgoing_handler::add_to_linker::<_, HasHttp<T>>(l, |x| WasiHttpImpl(x));
    http::types::add_to_linker::<_, HasHttp<T>>(l, &options.into(), |x| WasiHttpImpl(IoImpl(x)));
}
struct HasHttp<T>(T);
impl<T: 'static> wasmtime::component::HasData for HasHttp<T> { type Data<'a> = WasiHttpImpl<&'a mut T>; }
";
    let after = "\
use wasmtime_wasi_http::bindings::http;
fn link<T>(l: &mut Linker<T>) {
    http::outgoing_handler::add_to_linker::<_, wasmtime_wasi_http::p2::WasiHttp>(l, wasmtime_wasi_http::p2::WasiHttpView::http);
    http::types::add_to_linker::<_, wasmtime_wasi_http::p2::WasiHttp>(l, &options.into(), wasmtime_wasi_http::p2::WasiHttpView::http);
}
";
    assert_eq!(moved(interfaces, before, 36, 48), after);
    assert_eq!(moved(interfaces, before, 36, 42), before);
}

#[test]
fn wrappers_of_ones_own_stay() {
    let before = "use crate::own::WasiImpl;\nfn f() { wasmtime_wasi::p2::bindings::cli::stdin::add_to_linker::<T, H>(l, T::ctx); }";
    let after = "use crate::own::WasiImpl;\nfn f() { wasmtime_wasi::p2::bindings::cli::stdin::add_to_linker::<T, wasmtime_wasi::cli::WasiCli>(l, wasmtime_wasi::cli::WasiCliView::cli); }";
    assert_eq!(moved(interfaces, before, 36, 48), after);
}

#[test]
fn others_are_left() {
    for text in [
        // Bindings of the project's own.
        "use crate::bindings::cli; fn f() { cli::stdin::add_to_linker::<T, H>(l, T::ctx); }",
        // The whole of WASI.
        "fn f() { wasmtime_wasi::p2::add_to_linker_sync(l); wasmtime_wasi::p2::add_to_linker(l, |t| t.ctx()); }",
        // Nothing tells what is given.
        "fn f() { wasmtime_wasi::p2::bindings::cli::stdin::add_to_linker::<T, H>(l, get); }",
        "fn f() { wasmtime_wasi::p2::bindings::cli::stdin::add_to_linker::<T, H>(l, |t| made(t)); }",
        "fn f() { wasmtime_wasi::p2::bindings::cli::stdin::add_to_linker::<T, H>(l, |t| WasiImpl(Made { t })); }",
    ] {
        assert_eq!(moved(interfaces, text, 36, 48), text);
        assert_eq!(moved(interfaces, text, 24, 48), text);
    }
    assert_eq!(moved(interfaces, OF_24, 24, 35), OF_24);
}
