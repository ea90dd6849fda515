//! Results that become others.
use wasmtime::component::{Func, Val};
pub fn call(f: &Func, s: &mut wasmtime::Store<u8>) -> std::result::Result<(), String> {
    f.call(&mut *s, &[], &mut []).map_err(anyhow::Error::from).map_err(conv)?;
    let e: anyhow::Error = f.call(&mut *s, &[], &mut []).unwrap_err().into();
    f.call(&mut *s, &[], &mut []).map_err(anyhow::Error::from)
        .map_err(|e: anyhow::Error| e.to_string())?;
    f.call(&mut *s, &[], &mut [])
        .or_else(|e| -> anyhow::Result<()> { Err(e.into()) })
        .map_err(|e| e.to_string())
}
fn conv(e: anyhow::Error) -> String {
    e.to_string()
}
pub enum E {
    A(anyhow::Error),
}
pub fn made0(f: &Func, s: &mut wasmtime::Store<u8>) -> Result<(), E> {
    match f.call(s, &[], &mut []) {
        Ok(()) => Ok(()),
        Err(e) => Err(E::A(e.into())),
    }
}
pub struct Err2 {
    source: anyhow::Error,
}
pub fn made2(f: &Func, s: &mut wasmtime::Store<u8>) -> Result<(), Err2> {
    f.call(s, &[], &mut []).map_err(|source| Err2 { source: anyhow::Error::from(source) })
}
pub fn made3(
    f: &Func,
    s: &mut wasmtime::Store<u8>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    f.call(s, &[], &mut []).map_err(|e| e.into())
}
pub fn made4(f: &Func, s: &mut wasmtime::Store<u8>) -> Result<(), Box<dyn std::error::Error>> {
    f.call(s, &[], &mut [])?;
    Ok(())
}
pub fn made5(x: Result<u8, Box<dyn std::error::Error + Send + Sync>>) -> wasmtime::Result<u8> {
    x.map_err(|e| wasmtime::Error::msg(e.to_string()))
}
pub fn made7(m: String) -> wasmtime::Error {
    wasmtime::Error::msg(m)
}
pub fn made8(m: std::io::Error) -> wasmtime::Error {
    wasmtime::Error::new(m)
}
pub fn made9() -> wasmtime::Result<u8> {
    return Err(wasmtime::Error::msg("x"));
}
pub fn made10() -> wasmtime::Result<u8> {
    None.ok_or_else(|| wasmtime::format_err!("x"))
}
pub fn made11() -> wasmtime::Result<u8> {
    let r = Some(1u8).ok_or(wasmtime::format_err!("x"))?;
    Ok(r)
}
pub fn made12(e: wasmtime::Error) -> bool {
    match e.downcast::<wasmtime::Trap>() {
        Ok(t) => true,
        Err(e) => {
            let _x: anyhow::Error = e.into();
            false
        }
    }
}
pub async fn made13() -> wasmtime::Result<u8> {
    tokio::task::spawn_blocking(move || -> anyhow::Result<u8> { Ok(1) }).await?.map_err(wasmtime::Error::from_anyhow)
}
pub fn vecs(x: Vec<anyhow::Result<u8>>) -> wasmtime::Result<Vec<u8>> {
    x.into_iter().map(|it| it.map_err(wasmtime::Error::from_anyhow)).collect()
}
pub fn vecs2(x: Vec<wasmtime::Result<u8>>) -> anyhow::Result<Vec<u8>> {
    x.into_iter().map(|it| it.map_err(anyhow::Error::from)).collect()
}
pub fn ifs(b: bool, x: anyhow::Result<u8>) -> wasmtime::Result<u8> {
    if b { x.map_err(wasmtime::Error::from_anyhow) } else { Ok(1) }
}
pub fn cl() -> wasmtime::Result<u8> {
    let f = || -> anyhow::Result<u8> { Ok(2) };
    f().map_err(wasmtime::Error::from_anyhow)
}
pub struct S {
    r: anyhow::Result<u8>,
}
pub fn st(r: wasmtime::Result<u8>) -> S {
    S { r: r.map_err(anyhow::Error::from) }
}
pub fn st2(x: wasmtime::Result<u8>) -> S {
    S { r: x.map_err(anyhow::Error::from) }
}
use wasmtime::{Engine, Module, ResourceLimiterAsync};
pub struct L;
#[async_trait::async_trait]
impl ResourceLimiterAsync for L {
    async fn memory_growing(
        &mut self,
        a: usize,
        b: usize,
        c: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
    async fn table_growing(
        &mut self,
        a: usize,
        b: usize,
        c: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
pub fn all(e: &Engine, p: &[&str]) -> anyhow::Result<Vec<Module>> {
    p.iter().map(|p| Module::from_file(e, p)).map(|it| it.map_err(anyhow::Error::from)).collect()
}
pub fn all2(e: &Engine, p: &[&str]) -> anyhow::Result<()> {
    let v = p
        .iter()
        .map(|p| Module::from_file(e, p))
        .map(|it| it.map_err(anyhow::Error::from))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(())
}
pub fn opt(e: &Engine, p: Option<&str>) -> anyhow::Result<Option<Module>> {
    p.map(|p| Module::from_file(e, p)).transpose().map_err(anyhow::Error::from)
}
pub fn arms(e: &Engine, p: Option<&str>) -> anyhow::Result<Module> {
    match p {
        Some(p) => Module::from_file(e, p).map_err(anyhow::Error::from),
        None => Err(anyhow::anyhow!("none")),
    }
}
pub fn arms2(e: &Engine, p: Option<&str>) -> anyhow::Result<Module> {
    let m = match p {
        Some(p) => Module::from_file(e, p),
        None => Err(wasmtime::format_err!("none")),
    };
    m.map_err(anyhow::Error::from)
}
pub fn arms3(e: &Engine, p: Option<&str>) -> anyhow::Result<Module> {
    let m = if let Some(p) = p {
        Err(anyhow::anyhow!("none"))
    } else {
        Module::from_file(e, "x").map_err(anyhow::Error::from)
    }?;
    Ok(m)
}
pub fn early(e: &Engine, p: &str) -> anyhow::Result<Module> {
    let r = Module::from_file(e, p);
    if r.is_err() {
        return r.map_err(anyhow::Error::from);
    }
    r.map_err(anyhow::Error::from)
}
pub fn closure(e: &Engine) -> anyhow::Result<Module> {
    let f = |p: &str| -> anyhow::Result<Module> { Module::from_file(e, p).map_err(anyhow::Error::from) };
    f("x")
}
pub async fn spawned() -> anyhow::Result<u8> {
    let h = tokio::spawn(async move {
        let r: wasmtime::Result<u8> = Ok(1);
        r
    });
    h.await.unwrap().map_err(anyhow::Error::from)
}
pub fn unwrap_or(e: &Engine) -> Module {
    Module::from_file(e, "x").map_err(anyhow::Error::from).unwrap_or_else(|e: anyhow::Error| panic!("{e}"))
}
pub struct Own(anyhow::Result<Module>);
pub fn own(e: &Engine) -> Own {
    Own(Module::from_file(e, "x").map_err(anyhow::Error::from))
}
pub fn bx(e: &Engine) -> Result<Module, Box<dyn std::error::Error>> {
    Ok(Module::from_file(e, "x").map_err(|e| Box::<dyn std::error::Error>::from(e))?)
}
pub fn disp(e: &Engine) -> Result<Module, String> {
    Module::from_file(e, "x").map_err(|e| format!("{e:#} {:?}", e.root_cause()))
}
pub fn down(e: &Engine) -> bool {
    match Module::from_file(e, "x") {
        Err(e) => e.downcast_ref::<wasmtime::Trap>().is_some() || e.is::<std::io::Error>(),
        Ok(_) => false,
    }
}
pub fn chain(e: &wasmtime::Error) -> usize {
    e.chain().count()
        + e.chain()
            .skip(1)
            .map(|c| c.to_string().len())
            .sum::<usize>()
}
pub fn dynerr(e: &Engine) -> Result<Module, Box<dyn std::error::Error + Send + Sync + 'static>> {
    let m = Module::from_file(e, "x")?;
    Ok(m)
}
pub fn ctx(e: wasmtime::Error) -> anyhow::Error {
    e.context("x").into()
}
