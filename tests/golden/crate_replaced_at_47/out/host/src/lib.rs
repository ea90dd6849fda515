//! Serves guests.

use wasi::WasiCtxBuilder;
use wasi::p1::WasiP1Ctx;

/// What a guest gets.
pub struct Host {
    wasi: WasiP1Ctx,
}

impl Host {
    pub fn new(folder: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let mut builder = WasiCtxBuilder::new();
        builder.env("HOME", "/").preopened_dir(folder, "/", wasi::DirPerms::all(), wasi::FilePerms::all())?;
        Ok(Self { wasi: builder.build_p1() })
    }

    pub fn linked(linker: &mut wasmtime::Linker<Self>) -> wasmtime::Result<()> {
        wasi::p1::add_to_linker_async(linker, |host: &mut Self| &mut host.wasi)
    }
}
