use anyhow::Result;
use async_trait::async_trait;
use wasmtime::component::{bindgen, Component, Linker, Resource, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{
    p2::OutputStream, cli::StdoutStream, p2::StreamResult, p2::Pollable, WasiCtx, WasiCtxBuilder, WasiView,
};

bindgen!({
    inline: "package my:host; interface log { resource logger { constructor(name: string); write: func(line: string) -> result<u32, string>; } level: func() -> u32; } interface run { go: func(n: u32) -> string; } world guest { import log; export run; }",
    world: "guest",
    imports: { default: async | trappable },
    exports: { default: async },
    with: { "my:host/log.logger": Logger },
});

pub struct Logger {
    name: String,
}

pub struct Host {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Host {
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
        wasmtime_wasi::WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

impl my::host::log::Host for Host {
    async fn level(&mut self) -> wasmtime::Result<u32> {
        Ok(3)
    }
}

impl my::host::log::HostLogger for Host {
    async fn new(&mut self, name: String) -> wasmtime::Result<Resource<Logger>> {
        Ok(self.table.push(Logger { name })?)
    }
    async fn write(&mut self, logger: Resource<Logger>, line: String) -> wasmtime::Result<Result<u32, String>> {
        let logger = self.table.get(&logger)?;
        println!("{}: {line}", logger.name);
        Ok(Ok(line.len() as u32))
    }
    async fn drop(&mut self, logger: Resource<Logger>) -> wasmtime::Result<()> {
        self.table.delete(logger)?;
        Ok(())
    }
}

#[derive(Clone)]
pub struct Captured;

impl wasmtime_wasi::cli::IsTerminal for Captured {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Captured {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        unimplemented!("only guests of WASIp3 ask for this")
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for Captured {
    async fn ready(&mut self) {}
}

impl OutputStream for Captured {
    fn write(&mut self, _bytes: bytes::Bytes) -> StreamResult<()> {
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(1024)
    }
}

pub async fn run(engine: &Engine, path: &str) -> Result<String> {
    let component = Component::from_file(engine, path)?;
    let mut linker: Linker<Host> = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    my::host::log::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut linker, |host: &mut Host| host)?;
    let ctx = WasiCtxBuilder::new().stdout(Captured).build();
    let mut store = Store::new(engine, Host { ctx, table: ResourceTable::new() });
    let guest = Guest::instantiate_async(&mut store, &component, &linker).await?;
    guest.my_host_run().call_go(&mut store, 3).await.map_err(anyhow::Error::from)
}

pub fn context(host: &mut Host) -> &mut WasiCtx {
    host.ctx().ctx
}
