//! Runs guests.

pub mod error;

use error::HostError;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime::{Engine, Linker, Module, Store};

pub fn run(engine: &Engine, module: &Module) -> Result<(), HostError> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p1::add_to_linker_sync(&mut linker, |s| s)?;

    let wasi = WasiCtxBuilder::new()
        .inherit_stdio()
        .inherit_args()
        .build_p1();

    let mut store = Store::new(engine, wasi);
    linker.instantiate(&mut store, module)?;
    Ok(())
}
