//! Asynchronous, with the interfaces of WASI from `wasmtime-wasi`.
use std::sync::Arc;

use anyhow::{bail, Context as _};
use async_trait::async_trait;
use wasmtime::component::{Component, Linker, Resource, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{
    DirPerms, FilePerms, HostInputStream, InputStream, Pollable, WasiCtx, WasiCtxBuilder, WasiView,
};

wasmtime::component::bindgen!({
    world: "streaming",
    async: true,
    tracing: true,
    trappable_imports: ["log", "body", "wait"],
    with: {
        "wasi:io": wasmtime_wasi::bindings::io,
        "wasi:clocks/monotonic-clock": wasmtime_wasi::bindings::clocks::monotonic_clock,
        "acme:shop/store/bucket": Bucket,
    },
});

use acme::shop::{bodies, log, store, types};

pub struct Bucket;

pub struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    lines: Arc<tokio::sync::Mutex<Vec<String>>>,
}

impl WasiView for Host {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.wasi
    }
}

#[async_trait]
impl types::Host for Host {}

#[async_trait]
impl log::Host for Host {
    async fn log(&mut self, level: types::Level, message: String) -> anyhow::Result<()> {
        if message.is_empty() {
            bail!("an empty line");
        }
        self.lines.lock().await.push(format!("{level:?} {message}"));
        Ok(())
    }

    async fn enabled(&mut self, _: types::Level) -> bool {
        true
    }
}

#[async_trait]
impl store::Host for Host {
    async fn count(&mut self) -> u32 {
        self.lines.lock().await.len() as u32
    }
}

#[async_trait]
impl store::HostBucket for Host {
    async fn new(&mut self, _: String) -> Resource<Bucket> {
        self.table.push(Bucket).expect("room")
    }

    async fn open(&mut self, _: String) -> Result<Resource<Bucket>, types::OrderError> {
        Err(types::OrderError::SoldOut)
    }

    async fn get(
        &mut self,
        _: Resource<Bucket>,
        _: String,
    ) -> Result<Option<types::Item>, types::OrderError> {
        Ok(None)
    }

    async fn put(&mut self, _: Resource<Bucket>, _: types::Item) -> Result<(), types::OrderError> {
        Ok(())
    }

    async fn keys(&mut self, _: Resource<Bucket>) -> Vec<String> {
        Vec::new()
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> anyhow::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

#[async_trait]
impl bodies::Host for Host {
    async fn body(&mut self) -> wasmtime::Result<Resource<InputStream>> {
        let stream: Box<dyn HostInputStream> =
            Box::new(wasmtime_wasi::pipe::MemoryInputPipe::new(&b"tea"[..]));
        Ok(self.table().push(InputStream::Host(stream))?)
    }

    async fn wait(&mut self) -> wasmtime::Result<Resource<Pollable>> {
        bail!("nothing to wait for")
    }
}

pub async fn run(bytes: &[u8], folder: &str) -> anyhow::Result<String> {
    let mut config = Config::new();
    config.async_support(true).wasm_component_model(true);
    let engine = Engine::new(&config)?;
    let component = Component::from_binary(&engine, bytes)?;
    let mut linker: Linker<Host> = Linker::new(&engine);
    wasmtime_wasi::add_to_linker_async(&mut linker)?;
    linker.allow_shadowing(true);
    link(&mut linker)?;
    let mut builder = WasiCtxBuilder::new();
    builder
        .inherit_stdio()
        .env("LEVEL", "1")
        .preopened_dir(folder, "/", DirPerms::all(), FilePerms::all())?;
    let host = Host {
        table: ResourceTable::new(),
        wasi: builder.build(),
        lines: Arc::default(),
    };
    let mut store = Store::new(&engine, host);
    store.set_epoch_deadline(1);
    let streaming = Streaming::instantiate_async(&mut store, &component, &linker)
        .await
        .context("starting the plugin")?;
    let answer = streaming.call_run(&mut store, "x").await?;
    let price = streaming
        .acme_shop_plugin()
        .call_price(&mut store, &[])
        .await?
        .map_err(|message| anyhow::anyhow!(message))?;
    let session = streaming.acme_shop_plugin().session();
    let me = session.call_constructor(&mut store, "me").await?;
    me.resource_drop_async(&mut store).await?;
    answer
        .map(|answer| format!("{answer} {price}"))
        .map_err(anyhow::Error::msg)
}

/// Each interface by itself.
pub fn link(linker: &mut Linker<Host>) -> anyhow::Result<()> {
    log::add_to_linker(linker, |host: &mut Host| host)?;
    store::add_to_linker(linker, |host: &mut Host| host)?;
    bodies::add_to_linker_get_host(linker, own)
}

fn own(host: &mut Host) -> &mut Host {
    host
}
