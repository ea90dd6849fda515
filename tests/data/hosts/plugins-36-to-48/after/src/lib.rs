//! A synchronous host of a plugin world, at 36.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{bail, ensure, Context as _};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, HasSelf, Instance, Linker, Resource, ResourceAny, Val};
use wasmtime::{Config, Engine, PoolingAllocationConfig, InstanceAllocationStrategy, Store, StoreContextMut, Trap, UpdateDeadline};
use wasmtime_wasi::{FsPerms, ResourceTable, sockets::SocketAddrUse, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};

wasmtime::component::bindgen!({
    inline: "package acme:plugin@1.0.0; interface types { record item { id: u32, name: string } variant error { denied, other(string) } } interface store { use types.{item, error}; resource cursor { next: func() -> option<item>; } open: func(name: string) -> result<cursor, error>; } world plugin { import store; export init: func(args: list<string>) -> result<u32, string>; }",
    imports: { default: trappable },
    trappable_error_type: { "acme:plugin/types.error" => StoreError },
    with: { "acme:plugin/store.cursor": Cursor },
});

use acme::plugin::types::{Error as WitError, Item};

#[derive(Debug)]
pub enum StoreError {
    Denied,
    Other(String),
}

pub struct Cursor {
    items: Vec<u32>,
}

pub struct Host {
    ctx: WasiCtx,
    table: ResourceTable,
    names: HashMap<u32, String>,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

impl acme::plugin::types::Host for Host {
    fn convert_error(&mut self, error: StoreError) -> wasmtime::Result<WitError> {
        Ok(match error {
            StoreError::Denied => WitError::Denied,
            StoreError::Other(text) => WitError::Other(text),
        })
    }
}

impl acme::plugin::store::Host for Host {
    fn open(&mut self, name: String) -> Result<Resource<Cursor>, StoreError> {
        if name.is_empty() {
            return Err(StoreError::Denied);
        }
        self.table.push(Cursor { items: vec![1, 2] }).map_err(|e| StoreError::Other(e.to_string()))
    }
}

impl acme::plugin::store::HostCursor for Host {
    fn next(&mut self, cursor: Resource<Cursor>) -> wasmtime::Result<Option<Item>> {
        let cursor = self.table.get_mut(&cursor)?;
        let Some(id) = cursor.items.pop() else { return Ok(None) };
        let name = self.names.get(&id).cloned().context("no name").map_err(wasmtime::Error::from_anyhow)?;
        Ok(Some(Item { id, name }))
    }
    fn drop(&mut self, cursor: Resource<Cursor>) -> wasmtime::Result<()> {
        self.table.delete(cursor)?;
        Ok(())
    }
}

pub fn engine() -> anyhow::Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(8).memory_protection_keys(wasmtime::Enabled::No);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.epoch_interruption(true);
    Ok(Engine::new(&config)?)
}

pub fn host(dir: &Path, input: &str, out: MemoryOutputPipe) -> anyhow::Result<Host> {
    let mut builder = WasiCtxBuilder::new();
    builder
        .stdin(MemoryInputPipe::new(input.to_owned()))
        .stdout(out)
        .socket_addr_check(|addr, reason| {
            let allowed = addr.ip().is_loopback() && matches!(reason, SocketAddrUse::TcpConnect);
            Box::pin(async move { allowed })
        });
    builder.preopened_dir(dir, "/", FsPerms::ReadOnly)?;
    Ok(Host { ctx: builder.build(), table: ResourceTable::new(), names: HashMap::new() })
}

pub fn run(engine: &Engine, bytes: &[u8], host: Host) -> anyhow::Result<u32> {
    let component = Component::new(engine, bytes).map_err(anyhow::Error::from).context("not a component")?;
    let mut linker = Linker::<Host>::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    Plugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host)?;
    let mut store = Store::new(engine, host);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|cx: StoreContextMut<'_, Host>| {
        if cx.data().names.len() > 3 {
            wasmtime::bail!("too long");
        }
        Ok(UpdateDeadline::Continue(1))
    });
    let plugin = Plugin::instantiate(&mut store, &component, &linker)?;
    match plugin.call_init(&mut store, &["a".to_owned()]) {
        Ok(Ok(code)) => Ok(code),
        Ok(Err(text)) => bail!("the plugin says {text}"),
        Err(error) => match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => bail!("out of time"),
            _ => Err(error).map_err(anyhow::Error::from).context("trap"),
        },
    }
}

pub fn dynamic(instance: &Instance, store: &mut Store<Host>, name: &str) -> anyhow::Result<Vec<Val>> {
    let func = instance.get_func(&mut *store, name).with_context(|| format!("no {name}"))?;
    let count = func.ty(&*store).results().len();
    ensure!(func.ty(&*store).params().next().is_none(), "it takes something");
    let mut results = vec![Val::Bool(false); count];
    func.call(&mut *store, &[], &mut results)?;
    Ok(results)
}

pub fn exports(component: &Component, engine: &Engine) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (name, item) in component.component_type().exports(engine) {
        if let ComponentItem::ComponentFunc(func) = item.ty {
            found.push((name.to_owned(), arity(&func)));
        }
    }
    found
}

fn arity(func: &ComponentFunc) -> usize {
    func.params().len()
}

pub fn host_func(linker: &mut Linker<Host>) -> anyhow::Result<()> {
    linker.root().func_new("now", |_cx, _ty, _params, results| {
        results[0] = Val::U64(7);
        Ok(())
    })?;
    Ok(())
}

pub fn done(resource: ResourceAny, store: &mut Store<Host>) -> anyhow::Result<()> {
    resource.resource_drop(store).map_err(anyhow::Error::from)
}
