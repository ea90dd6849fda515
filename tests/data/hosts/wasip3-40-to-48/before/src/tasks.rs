use std::pin::Pin;
use std::task::{Context, Poll};

use anyhow::Result;
use wasmtime::component::{
    Accessor, AccessorTask, Destination, FutureReader, HasData, HasSelf, Instance, JoinHandle, Linker,
    Source, StreamConsumer, StreamProducer, StreamReader, StreamResult, VecBuffer,
};
use wasmtime::{AsContextMut, Store, StoreContextMut};

use crate::State;

struct Tick(u32);

impl AccessorTask<State, HasSelf<State>, Result<()>> for Tick {
    async fn run(self, accessor: &Accessor<State>) -> Result<()> {
        accessor.with(|mut access| access.get().http.allow_plain = self.0 > 1);
        Ok(())
    }
}

struct Generic<T>(std::marker::PhantomData<fn() -> T>);

impl<T, U> AccessorTask<T, U, Result<()>> for Generic<T>
where
    T: 'static,
    U: HasData,
{
    async fn run(self, _accessor: &Accessor<T, U>) -> Result<()> {
        Ok(())
    }
}

struct Numbers(Vec<u8>);

impl<D> StreamProducer<D> for Numbers {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, u8, VecBuffer<u8>>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        if finish {
            return Poll::Ready(Ok(StreamResult::Cancelled));
        }
        destination.set_buffer(std::mem::take(&mut self.0).into());
        Poll::Ready(Ok(StreamResult::Dropped))
    }
}

struct Sink(Vec<u8>);

impl<D> StreamConsumer<D> for Sink {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut store: StoreContextMut<D>,
        mut source: Source<Self::Item>,
        _finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let mut buffer = Vec::with_capacity(64);
        source.read(store.as_context_mut(), &mut buffer)?;
        self.0.append(&mut buffer);
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

fn stream(mut store: impl AsContextMut<Data = State>) -> StreamReader<u8> {
    StreamReader::new(&mut store, Numbers(vec![1, 2]))
}

fn future(mut store: impl AsContextMut<Data = State>) -> FutureReader<u32> {
    FutureReader::new(&mut store, async { wasmtime::Result::<u32>::Ok(1) })
}

pub async fn call(store: &mut Store<State>, instance: &Instance) -> Result<u32> {
    let run = instance.get_typed_func::<(StreamReader<u8>,), (u32,)>(&mut *store, "run")?;
    let handle: JoinHandle = store.spawn(Tick(1));
    let reader = stream(&mut *store);
    let mut other = stream(&mut *store);
    other.close(&mut *store);
    let sunk = stream(&mut *store);
    sunk.pipe(&mut *store, Sink(Vec::new()));
    let _unused = future(&mut *store);
    let result = store
        .run_concurrent(async move |accessor| -> Result<u32> {
            accessor.spawn(Tick(2));
            let (result, exit) = run.call_concurrent(accessor, (reader,)).await?;
            exit.block(accessor).await;
            Ok(result.0)
        })
        .await??;
    handle.abort();
    Ok(result)
}

pub fn later(linker: &mut Linker<State>) -> Result<()> {
    linker.root().func_wrap_concurrent("later", |accessor, (n,): (u32,)| {
        Box::pin(async move {
            accessor.with(|mut access| access.get().http.allow_plain = n > 0);
            Ok((n,))
        })
    })?;
    linker.root().func_wrap_concurrent("spawns", |accessor: &Accessor<State>, (): ()| {
        Box::pin(async move {
            accessor.with(|mut access| access.spawn(Generic(std::marker::PhantomData)));
            Ok(())
        })
    })?;
    Ok(())
}
