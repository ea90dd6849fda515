use anyhow::{anyhow, Context, Result};
use wasmtime::{Caller, Config, Engine, Extern, Func, Instance, Linker, Module, Store, TypedFunc, Val};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

pub struct State {
    wasi: WasiP1Ctx,
    pub calls: u64,
}

pub fn engine(dir: &str) -> Result<Engine> {
    let mut config = Config::new();
    config.consume_fuel(true);
    config.epoch_interruption(true);
    config.memory_reservation(1 << 30);
    config.memory_guard_size(1 << 16);
    config.cache(Some(wasmtime::Cache::from_file(None)?));
    let _ = dir;
    Engine::new(&config).map_err(anyhow::Error::from)
}

pub fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker: Linker<State> = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |state| &mut state.wasi)?;
    linker.func_wrap("host", "log", |mut caller: Caller<'_, State>, ptr: i32, len: i32| -> wasmtime::Result<()> {
        let memory = match caller.get_export("memory") {
            Some(Extern::Memory(memory)) => memory,
            _ => wasmtime::bail!("there is no memory"),
        };
        let mut buffer = vec![0; len as usize];
        memory.read(&caller, ptr as usize, &mut buffer)?;
        caller.data_mut().calls += 1;
        println!("{}", String::from_utf8(buffer)?);
        Ok(())
    })?;
    linker.func_wrap_async("host", "sleep", |_caller: Caller<'_, State>, (ms,): (i64,)| {
        Box::new(async move {
            if ms < 0 {
                return Err(wasmtime::format_err!("negative"));
            }
            tokio::task::yield_now().await;
            Ok(())
        })
    })?;
    Ok(linker)
}

pub fn state(dir: &str) -> Result<State> {
    let wasi = WasiCtxBuilder::new()
        .inherit_stdio()
        .inherit_network()
        .preopened_dir(dir, "/data", FsPerms::ReadWrite)?
        .preopened_dir(dir, "/ro", FsPerms::ReadOnly)?
        .build_p1();
    Ok(State { wasi, calls: 0 })
}

pub async fn run(engine: &Engine, path: &str) -> Result<u64> {
    let module = Module::from_file(engine, path).map_err(anyhow::Error::from).with_context(|| format!("load {path}"))?;
    let linker = linker(engine)?;
    let mut store = Store::new(engine, state(".")?);
    store.set_fuel(1_000_000)?;
    store.set_epoch_deadline(10);
    let instance = linker.instantiate_async(&mut store, &module).await?;
    let start: TypedFunc<(), ()> = instance.get_typed_func(&mut store, "_start").map_err(anyhow::Error::from).context("no start")?;
    match start.call_async(&mut store, ()).await {
        Ok(()) => {}
        Err(error) => {
            if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
                if exit.0 != 0 {
                    return Err(error.into());
                }
            } else {
                return Err(error.context("the guest failed").into());
            }
        }
    }
    store.gc(None);
    store.get_fuel().map_err(anyhow::Error::from)
}

pub fn table_len(instance: &Instance, store: &mut Store<State>) -> Option<u32> {
    let table = instance.get_table(&mut *store, "t")?;
    let size: u32 = u32::try_from(table.size(&mut *store)).expect("a table of 32-bit indices");
    Some(size)
}

pub fn kind(value: &Val) -> &'static str {
    match value {
        Val::I32(_) => "i32",
        Val::I64(_) => "i64",
        Val::F32(_) => "f32",
        Val::F64(_) => "f64",
        Val::V128(_) => "v128",
        Val::FuncRef(_) => "funcref",
        Val::ExternRef(_) => "externref",
        Val::AnyRef(_) => "anyref",
        Val::ExnRef(_) => unimplemented!("new in Wasmtime 48"),
        Val::ContRef(_) => unimplemented!("new in Wasmtime 48"),
    }
}

pub fn lookup(linker: &Linker<State>, store: &mut Store<State>) -> Result<Func> {
    linker
        .get(store, "host", "log")
        .ok().and_then(|found| found.into_func())
        .ok_or_else(|| anyhow!("no log"))
}

pub fn is_precompiled(engine: &Engine, bytes: &[u8]) -> bool {
    wasmtime::Engine::detect_precompiled(bytes).is_some()
}
