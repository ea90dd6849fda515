//! Runs guests.

pub mod error;

use error::HostError;
use wasi_common::sync::WasiCtxBuilder;
use wasmtime::{Engine, Linker, Module, Store};

pub fn run(engine: &Engine, module: &Module) -> Result<(), HostError> {
    let mut linker = Linker::new(engine);
    wasi_common::sync::add_to_linker(&mut linker, |s| s)?;

    let wasi = WasiCtxBuilder::new()
        .inherit_stdio()
        .inherit_args()?
        .build();

    let mut store = Store::new(engine, wasi);
    linker.instantiate(&mut store, module)?;
    Ok(())
}
