//! Functions that are handed on.
use wasmtime::component::{HasSelf, Linker};
pub mod bindings {
    wasmtime::component::bindgen!({ inline: "package a:b; world w { import i: interface { f: func(); } }" });
}
pub struct S;
impl bindings::i::Host for S {
    fn f(&mut self) {}
}
fn new_linker(f: impl Fn(&mut Linker<S>, fn(&mut S) -> &mut S) -> anyhow::Result<()>) {}
fn ptr(f: fn(&mut Linker<S>, fn(&mut S) -> &mut S) -> anyhow::Result<()>) {}
struct Host;
impl Host {
    fn install(&self, f: impl Fn(&mut Linker<S>, fn(&mut S) -> &mut S) -> anyhow::Result<()>) {}
}
pub fn x(host: Host) {
    new_linker(bindings::W::add_to_linker::<_, HasSelf<_>>);
    ptr(bindings::W::add_to_linker::<_, HasSelf<_>>);
    host.install(bindings::W::add_to_linker::<_, HasSelf<_>>);
}
