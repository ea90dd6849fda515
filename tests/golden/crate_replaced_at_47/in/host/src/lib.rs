//! Serves guests.

use wasi::sync::{ambient_authority, Dir};
use wasi::tokio::WasiCtxBuilder;
use wasi::WasiCtx;

/// What a guest gets.
pub struct Host {
    wasi: WasiCtx,
}

impl Host {
    pub fn new(folder: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = Dir::open_ambient_dir(folder, ambient_authority())?;
        let mut builder = WasiCtxBuilder::new();
        builder.env("HOME", "/")?.preopened_dir(folder, "/")?;
        Ok(Self { wasi: builder.build() })
    }

    pub fn linked(linker: &mut wasmtime::Linker<Self>) -> wasmtime::Result<()> {
        wasi::tokio::add_to_linker(linker, |host: &mut Self| &mut host.wasi)
    }
}
