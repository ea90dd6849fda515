use anyhow::Result;
use async_trait::async_trait;
use wasmtime::component::{bindgen, Component, Linker, Resource, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{
    HostOutputStream, StdoutStream, StreamResult, Subscribe, WasiCtx, WasiCtxBuilder, WasiView,
};

bindgen!({
    inline: "package my:host; interface log { resource logger { constructor(name: string); write: func(line: string) -> result<u32, string>; } level: func() -> u32; } interface run { go: func(n: u32) -> string; } world guest { import log; export run; }",
    world: "guest",
    async: true,
    trappable_imports: true,
    with: { "my:host/log/logger": Logger },
});

pub struct Logger {
    name: String,
}

pub struct Host {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Host {
    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.ctx
    }
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

#[async_trait]
impl my::host::log::Host for Host {
    async fn level(&mut self) -> Result<u32> {
        Ok(3)
    }
}

#[async_trait]
impl my::host::log::HostLogger for Host {
    async fn new(&mut self, name: String) -> Result<Resource<Logger>> {
        Ok(self.table.push(Logger { name })?)
    }
    async fn write(&mut self, logger: Resource<Logger>, line: String) -> Result<Result<u32, String>> {
        let logger = self.table.get(&logger)?;
        println!("{}: {line}", logger.name);
        Ok(Ok(line.len() as u32))
    }
    fn drop(&mut self, logger: Resource<Logger>) -> Result<()> {
        self.table.delete(logger)?;
        Ok(())
    }
}

#[derive(Clone)]
pub struct Captured;

impl StdoutStream for Captured {
    fn stream(&self) -> Box<dyn HostOutputStream> {
        Box::new(self.clone())
    }
    fn isatty(&self) -> bool {
        false
    }
}

#[async_trait]
impl Subscribe for Captured {
    async fn ready(&mut self) {}
}

impl HostOutputStream for Captured {
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
    wasmtime_wasi::add_to_linker_async(&mut linker)?;
    my::host::log::add_to_linker(&mut linker, |host: &mut Host| host)?;
    let ctx = WasiCtxBuilder::new().stdout(Captured).build();
    let mut store = Store::new(engine, Host { ctx, table: ResourceTable::new() });
    let guest = Guest::instantiate_async(&mut store, &component, &linker).await?;
    guest.my_host_run().call_go(&mut store, 3).await
}

pub fn context(host: &mut Host) -> &mut WasiCtx {
    host.ctx()
}
