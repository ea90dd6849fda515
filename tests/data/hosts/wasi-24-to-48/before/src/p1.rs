use wasmtime::{Engine, Linker, Module, Store};
use wasmtime_wasi::preview1::{self, WasiP1Ctx};
use wasmtime_wasi::{I32Exit, WasiCtxBuilder};
pub struct S {
    wasi: WasiP1Ctx,
}
pub fn run(e: &Engine, m: &Module) -> anyhow::Result<i32> {
    let mut l: Linker<S> = Linker::new(e);
    preview1::add_to_linker_sync(&mut l, |s: &mut S| &mut s.wasi)?;
    let wasi = WasiCtxBuilder::new().inherit_stdio().build_p1();
    let mut store = Store::new(e, S { wasi });
    let i = l.instantiate(&mut store, m)?;
    let f = i.get_typed_func::<(), ()>(&mut store, "_start")?;
    match f.call(&mut store, ()) {
        Ok(()) => Ok(0),
        Err(e) => match e.downcast::<I32Exit>() {
            Ok(I32Exit(c)) => Ok(c),
            Err(e) => Err(e),
        },
    }
}
pub async fn run_async(e: &Engine, m: &Module) -> anyhow::Result<()> {
    let mut l: Linker<WasiP1Ctx> = Linker::new(e);
    wasmtime_wasi::preview1::add_to_linker_async(&mut l, |s| s)?;
    let mut store = Store::new(e, WasiCtxBuilder::new().build_p1());
    store.set_fuel(100)?;
    store.fuel_async_yield_interval(Some(10))?;
    let i = l.instantiate_async(&mut store, m).await?;
    let f = i
        .get_func(&mut store, "f")
        .ok_or_else(|| anyhow::anyhow!("no f"))?;
    f.call_async(&mut store, &[], &mut []).await?;
    if let Some(t) = f
        .call_async(&mut store, &[], &mut [])
        .await
        .unwrap_err()
        .downcast_ref::<wasmtime::Trap>()
    {
        if *t == wasmtime::Trap::OutOfFuel {
            return Ok(());
        }
    }
    Ok(())
}
