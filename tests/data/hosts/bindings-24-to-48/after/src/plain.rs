//! Synchronous, nothing traps, the data is not `Send`.
use anyhow::{Context, Result};
use wasmtime::component::{bindgen, Component, Linker, Resource, ResourceTable};
use wasmtime::{Config, Engine, Store};

use crate::shared::Shelves;

bindgen!({
    world: "plain",
    path: "wit",
    require_store_data_send: false,
    with: {
        "acme:shop/store.bucket": Bucket,
    },
    additional_derives: [PartialEq],
});

use acme::shop::types::{Item, Level, OrderError};

pub struct Bucket {
    name: String,
}

pub struct State {
    table: ResourceTable,
    shelves: Shelves,
    lines: Vec<String>,
}

impl acme::shop::types::Host for State {}

impl acme::shop::log::Host for State {
    fn log(&mut self, level: Level, message: String) {
        self.lines.push(format!("{level:?} {message}"));
    }

    fn enabled(&mut self, level: Level) -> bool {
        level != Level::Debug
    }
}

impl acme::shop::store::Host for State {
    fn count(&mut self) -> u32 {
        self.shelves.items.len() as u32
    }
}

impl acme::shop::store::HostBucket for State {
    fn new(&mut self, name: String) -> Resource<Bucket> {
        self.table.push(Bucket { name }).unwrap()
    }

    fn open(&mut self, name: String) -> std::result::Result<Resource<Bucket>, OrderError> {
        if name.is_empty() {
            return Err(OrderError::Denied(name));
        }
        self.table
            .push(Bucket { name })
            .map_err(|error| OrderError::Denied(error.to_string()))
    }

    fn get(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> std::result::Result<Option<Item>, OrderError> {
        let bucket = self.table.get(&bucket).map_err(|_| OrderError::SoldOut)?;
        Ok(self.shelves.items.get(&key).map(|price| Item {
            name: bucket.name.clone(),
            price: *price,
            tags: vec![],
        }))
    }

    fn put(&mut self, _: Resource<Bucket>, item: Item) -> std::result::Result<(), OrderError> {
        self.shelves.items.insert(item.name, item.price);
        Ok(())
    }

    fn keys(&mut self, _: Resource<Bucket>) -> Vec<String> {
        self.shelves.items.keys().cloned().collect()
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl PlainImports for State {
    fn now(&mut self) -> u64 {
        7
    }
}

pub fn run(bytes: &[u8], arg: &str) -> Result<u32> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    let engine = Engine::new(&config)?;
    let component = Component::from_binary(&engine, bytes).map_err(anyhow::Error::from).context("compiling the plugin")?;
    let mut linker = Linker::new(&engine);
    Plain::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut linker, |state: &mut State| state)?;
    let state = State {
        table: ResourceTable::new(),
        shelves: Shelves::default(),
        lines: Vec::new(),
    };
    let mut store = Store::new(&engine, state);
    let plain = Plain::instantiate(&mut store, &component, &linker)?;
    let answer = plain
        .call_run(&mut store, arg)?
        .map_err(|message| anyhow::anyhow!("the plugin says {message}"))?;
    println!("{answer}");
    let plugin = plain.acme_shop_plugin();
    let session = plugin.session().call_constructor(&mut store, "me")?;
    let item = Item {
        name: "tea".to_owned(),
        price: 3,
        tags: vec!["hot".to_owned()],
    };
    let order = plugin
        .session()
        .call_order(&mut store, session, &item)?
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    session.resource_drop(&mut store)?;
    Ok(order)
}

/// Only one interface is linked.
pub fn only_log(linker: &mut Linker<State>) -> Result<()> {
    acme::shop::log::add_to_linker::<_, wasmtime::component::HasSelf<_>>(linker, |state: &mut State| state)?;
    acme::shop::store::add_to_linker::<_, wasmtime::component::HasSelf<_>>(linker, |state| state)?;
    Ok(())
}

pub fn prepared(engine: &Engine, linker: &Linker<State>, bytes: &[u8]) -> Result<PlainPre<State>> {
    let component = Component::new(engine, bytes)?;
    PlainPre::new(linker.instantiate_pre(&component)?).map_err(anyhow::Error::from)
}
