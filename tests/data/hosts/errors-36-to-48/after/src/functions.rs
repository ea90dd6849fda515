//! Functions that Wasmtime calls.
use anyhow::{Context, Result, anyhow, bail};
use std::future::Future;
use wasmtime::component::LinkerInstance;
use wasmtime::{Caller, Func, FuncType, Linker, Store, StoreContextMut};
fn helper(x: i32) -> anyhow::Result<i32> {
    Ok(x)
}
fn ask(_: Caller<'_, u8>, x: i32) -> wasmtime::Result<i32> {
    if x < 0 {
        wasmtime::bail!("negative")
    }
    helper(x).map_err(wasmtime::Error::from_anyhow)
}
pub fn link(linker: &mut Linker<u8>, store: &mut Store<u8>) -> anyhow::Result<()> {
    linker.func_wrap("m", "ask", ask)?;
    let named = |_: Caller<'_, u8>, x: i32| -> wasmtime::Result<i32> { helper(x).map_err(wasmtime::Error::from_anyhow) };
    linker.func_wrap("m", "named", named)?;
    let _ = Func::wrap(&mut *store, named);
    linker.func_wrap("m", "tail", |_: Caller<'_, u8>, x: i32| helper(x).map_err(wasmtime::Error::from_anyhow))?;
    linker.func_wrap("m", "block", |_: Caller<'_, u8>, x: i32| -> wasmtime::Result<_> {
        helper(x).map_err(wasmtime::Error::from_anyhow)?;
        helper(x).map_err(wasmtime::Error::from_anyhow)
    })?;
    linker.func_wrap("m", "inblock", {
        let y = 3;
        move |_: Caller<'_, u8>, x: i32| helper(x + y).and_then(|x| Ok(x)).map_err(wasmtime::Error::from_anyhow)
    })?;
    linker.func_wrap_async("m", "async", |_: Caller<'_, u8>, (x,): (i32,)| {
        Box::new(async move {
            helper(x).context("no").map_err(wasmtime::Error::from_anyhow)?;
            helper(x).map_err(wasmtime::Error::from_anyhow)
        })
    })?;
    linker.func_wrap("m", "ok", |_: Caller<'_, u8>, x: i32| -> wasmtime::Result<_> {
        helper(x).map_err(wasmtime::Error::from_anyhow)?;
        Ok::<_, wasmtime::Error>(x)
    })?;
    linker.func_wrap("m", "aok", |_: Caller<'_, u8>, x: i32| -> wasmtime::Result<_> {
        helper(x).map_err(wasmtime::Error::from_anyhow)?;
        wasmtime::error::Ok(x)
    })?;
    linker.func_wrap("m", "ok2", |_: Caller<'_, u8>, x: i32| {
        helper(x).map_err(wasmtime::Error::from_anyhow)?;
        Ok(x)
    })?;
    let late = move |_: Caller<'_, u8>, x: i32| {
        if x > 3 {
            wasmtime::bail!("x")
        }
        Ok(())
    };
    linker.func_wrap("m", "late", late)?;
    Ok(())
}
macro_rules! add {
    ($l:expr, $n:ident, $t:ty) => {
        fn $n(_: wasmtime::Caller<'_, u8>, x: $t) -> wasmtime::Result<$t> {
            Err(std::io::Error::other("x").into())
        }
        $l.func_wrap("m", stringify!($n), $n)?;
    };
}
pub fn written_by_a_macro(l: &mut wasmtime::Linker<u8>) -> anyhow::Result<()> {
    add!(l, a, u32);
    add!(l, b, u64);
    Ok(())
}
pub fn futures(l: &mut Linker<u8>, store: &mut Store<u8>, ty: FuncType) -> anyhow::Result<()> {
    l.func_new_async("m", "stub", ty.clone(), |_, _, _| {
        Box::new(async move { Err(wasmtime::format_err!("stub")) })
    })?;
    Func::new_async(&mut *store, ty.clone(), |_, _, _| {
        Box::new(async move { Ok(()) })
            as Box<dyn Future<Output = std::result::Result<(), wasmtime::Error>> + Send>
    });
    Func::new_async(&mut *store, ty, |_, _, _| {
        Box::new(async move { wasmtime::error::Ok(()) })
    });
    Ok(())
}
async fn answer(x: u32) -> anyhow::Result<u32> {
    Ok(x)
}
pub fn declared(l: &mut wasmtime::component::LinkerInstance<u8>) -> wasmtime::Result<()> {
    l.func_wrap_async(
        "x",
        move |mut ctx: StoreContextMut<'_, u8>,
              (size,): (u32,)|
              -> Box<dyn Future<Output = wasmtime::Result<(u32,)>> + Send> {
            Box::new(async move { Ok((answer(size).await.map_err(wasmtime::Error::from_anyhow)?,)) })
        },
    )
}
pub fn a2(l: &mut wasmtime::component::LinkerInstance<u8>) -> wasmtime::Result<()> {
    l.func_wrap_async(
        "x",
        move |mut ctx: StoreContextMut<'_, u8>,
              (size,): (u32,)|
              -> Box<dyn Future<Output = wasmtime::Result<(u32,)>> + Send> {
            Box::new(async move { Ok((size,)) })
        },
    )
}
pub fn a3(l: &mut wasmtime::component::LinkerInstance<u8>) -> wasmtime::Result<()> {
    l.func_wrap(
        "x",
        move |mut ctx: StoreContextMut<'_, u8>, (size,): (u32,)| -> wasmtime::Result<(u32,)> { Ok((size,)) },
    )?;
    l.func_wrap(
        "y",
        move |mut ctx: StoreContextMut<'_, u8>, (size,): (u32,)| {
            let x: Result<(u32,)> = Ok((size,));
            x.map_err(wasmtime::Error::from_anyhow)
        },
    )?;
    l.func_wrap_async(
        "z",
        move |mut ctx: StoreContextMut<'_, u8>, (size,): (u32,)| {
            Box::new(async move { Ok((answer(size).await.map_err(wasmtime::Error::from_anyhow)?,)) })
        },
    )?;
    l.func_wrap_async(
        "z",
        move |mut ctx: StoreContextMut<'_, u8>, (size,): (u32,)| {
            Box::new(async move {
                let x: Result<(u32,)> = Ok((size,));
                x.map_err(wasmtime::Error::from_anyhow)
            })
        },
    )?;
    Ok(())
}
pub fn core(l: &mut wasmtime::Linker<u8>) -> wasmtime::Result<()> {
    l.func_wrap_async(
        "a",
        "x",
        move |mut ctx: Caller<'_, u8>,
              (size,): (u32,)|
              -> Box<dyn Future<Output = wasmtime::Result<u32>> + Send + '_> {
            Box::new(async move { answer(size).await.map_err(wasmtime::Error::from_anyhow) })
        },
    )?;
    Ok(())
}
pub fn by_name(l: &mut wasmtime::component::LinkerInstance<u8>) -> wasmtime::Result<()> {
    l.func_wrap("x", named)
}
fn named(mut ctx: StoreContextMut<'_, u8>, (size,): (u32,)) -> wasmtime::Result<(u32,)> {
    Ok((size,))
}
