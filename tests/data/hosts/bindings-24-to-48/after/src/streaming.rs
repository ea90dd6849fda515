//! Asynchronous, with the interfaces of WASI from `wasmtime-wasi`.
use std::sync::Arc;

use anyhow::Context as _;
use wasmtime::component::{Component, Linker, Resource, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{
    FsPerms, p2::InputStream, p2::DynInputStream, p2::DynPollable, WasiCtx, WasiCtxBuilder, WasiView,
};

wasmtime::component::bindgen!({
    world: "streaming",
    imports: {
        "acme:shop/bodies.body": async | tracing | trappable,
        "acme:shop/bodies.wait": async | tracing | trappable,
        "acme:shop/log.log": async | tracing | trappable,
        default: async | tracing,
    },
    exports: { default: async | tracing },
    with: {
        "wasi:io": wasmtime_wasi::p2::bindings::io,
        "wasi:clocks/monotonic-clock": wasmtime_wasi::p2::bindings::clocks::monotonic_clock,
        "acme:shop/store.bucket": Bucket,
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
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> {
        wasmtime_wasi::WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl types::Host for Host {}

impl log::Host for Host {
    async fn log(&mut self, level: types::Level, message: String) -> wasmtime::Result<()> {
        if message.is_empty() {
            wasmtime::bail!("an empty line");
        }
        self.lines.lock().await.push(format!("{level:?} {message}"));
        Ok(())
    }

    async fn enabled(&mut self, _: types::Level) -> bool {
        true
    }
}

impl store::Host for Host {
    async fn count(&mut self) -> u32 {
        self.lines.lock().await.len() as u32
    }
}

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

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl bodies::Host for Host {
    async fn body(&mut self) -> wasmtime::Result<Resource<DynInputStream>> {
        let stream: Box<dyn InputStream> =
            Box::new(wasmtime_wasi::p2::pipe::MemoryInputPipe::new(&b"tea"[..]));
        Ok(self.ctx().table.push(stream as wasmtime_wasi::p2::DynInputStream)?)
    }

    async fn wait(&mut self) -> wasmtime::Result<Resource<DynPollable>> {
        wasmtime::bail!("nothing to wait for")
    }
}

pub async fn run(bytes: &[u8], folder: &str) -> anyhow::Result<String> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    let engine = Engine::new(&config)?;
    let component = Component::from_binary(&engine, bytes)?;
    let mut linker: Linker<Host> = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    linker.allow_shadowing(true);
    link(&mut linker)?;
    let mut builder = WasiCtxBuilder::new();
    builder
        .inherit_stdio()
        .env("LEVEL", "1")
        .preopened_dir(folder, "/", FsPerms::ReadWrite)?;
    let host = Host {
        table: ResourceTable::new(),
        wasi: builder.build(),
        lines: Arc::default(),
    };
    let mut store = Store::new(&engine, host);
    store.set_epoch_deadline(1);
    let streaming = Streaming::instantiate_async(&mut store, &component, &linker)
        .await
        .map_err(anyhow::Error::from)
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
    log::add_to_linker::<_, wasmtime::component::HasSelf<_>>(linker, |host: &mut Host| host)?;
    store::add_to_linker::<_, wasmtime::component::HasSelf<_>>(linker, |host: &mut Host| host)?;
    bodies::add_to_linker::<_, wasmtime::component::HasSelf<_>>(linker, own).map_err(anyhow::Error::from)
}

fn own(host: &mut Host) -> &mut Host {
    host
}
