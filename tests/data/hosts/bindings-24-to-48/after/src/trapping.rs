//! Synchronous, functions may trap, errors have a type of the host's own.
use wasmtime::component::{Resource, ResourceTable};

mod bindings {
    wasmtime::component::bindgen!({
        world: "acme:shop/plain",
        imports: { default: trappable },
        trappable_error_type: {
            "acme:shop/types.order-error" => crate::trapping::Failure,
        },
        with: {
            "acme:shop/store.bucket": crate::trapping::Bucket,
        },
    });
}

use bindings::acme::shop::{log, store, types};

#[derive(Debug)]
pub enum Failure {
    Order(types::OrderError),
    Trap(anyhow::Error),
}

impl From<wasmtime::component::ResourceTableError> for Failure {
    fn from(error: wasmtime::component::ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

pub struct Bucket(Vec<types::Item>);

pub struct Ctx {
    pub table: ResourceTable,
    pub level: u8,
}

impl types::Host for Ctx {
    fn convert_order_error(&mut self, failure: Failure) -> wasmtime::Result<types::OrderError> {
        match failure {
            Failure::Order(error) => Ok(error),
            Failure::Trap(error) => Err(wasmtime::Error::from_anyhow(error)),
        }
    }
}

impl log::Host for Ctx {
    fn log(&mut self, _: types::Level, message: String) -> wasmtime::Result<()> {
        wasmtime::ensure!(!message.is_empty(), "an empty line");
        println!("{message}");
        Ok(())
    }

    fn enabled(&mut self, level: types::Level) -> wasmtime::Result<bool> {
        Ok(level as u8 >= self.level)
    }
}

impl store::Host for Ctx {
    fn count(&mut self) -> wasmtime::Result<u32> {
        Ok(0)
    }
}

impl store::HostBucket for Ctx {
    fn new(&mut self, _: String) -> wasmtime::Result<Resource<Bucket>> {
        Ok(self.table.push(Bucket(Vec::new()))?)
    }

    fn open(&mut self, name: String) -> Result<Resource<Bucket>, Failure> {
        if name.contains('/') {
            return Err(Failure::Order(types::OrderError::Denied(name)));
        }
        Ok(self.table.push(Bucket(Vec::new()))?)
    }

    fn get(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> Result<Option<types::Item>, Failure> {
        let bucket = self.table.get(&bucket)?;
        Ok(bucket.0.iter().find(|item| item.name == key).cloned())
    }

    fn put(&mut self, bucket: Resource<Bucket>, item: types::Item) -> Result<(), Failure> {
        let bucket = self.table.get_mut(&bucket)?;
        bucket.0.push(item);
        Ok(())
    }

    fn keys(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<Vec<String>> {
        let bucket = self.table.get(&bucket)?;
        Ok(bucket.0.iter().map(|item| item.name.clone()).collect())
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl bindings::PlainImports for Ctx {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Err(wasmtime::format_err!("there is no clock"))
    }
}

pub fn link(linker: &mut wasmtime::component::Linker<Ctx>) -> anyhow::Result<()> {
    bindings::Plain::add_to_linker::<_, wasmtime::component::HasSelf<_>>(linker, |ctx| ctx).map_err(anyhow::Error::from)
}
