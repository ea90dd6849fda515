use wasmtime::{Engine, Module, Store, Trap};
#[derive(thiserror::Error, Debug)]
pub enum E {
    #[error("w")]
    W(#[from] anyhow::Error),
    #[error("t")]
    T(#[from] Trap),
    #[error("o {0}")]
    O(String),
}
pub fn a(e: &Engine) -> Result<Module, E> {
    Ok(Module::new(e, "x").map_err(anyhow::Error::from)?)
}
pub fn b(e: &Engine) -> Result<Module, E> {
    Module::new(e, "x").map_err(anyhow::Error::from).map_err(E::W)
}
pub fn c(e: &Engine) -> Result<Module, E> {
    Module::new(e, "x").map_err(anyhow::Error::from).map_err(E::from)
}
pub fn d(e: &Engine) -> Result<Module, E> {
    Module::new(e, "x").map_err(|e| E::O(format!("{e:?}")))
}
pub fn f(e: &Engine) -> Result<Module, E> {
    match Module::new(e, "x") {
        Ok(m) => Ok(m),
        Err(e) => Err(anyhow::Error::from(e).into()),
    }
}
pub fn g(e: &Engine) -> Result<Module, E> {
    let m = Module::new(e, "x").map_err(|e| match e.downcast::<Trap>() {
        Ok(t) => E::T(t),
        Err(e) => E::W(e.into()),
    })?;
    Ok(m)
}
#[derive(thiserror::Error, Debug)]
pub enum F {
    #[error("a")]
    Ctx {
        #[source]
        source: anyhow::Error,
        n: u8,
    },
    #[error(transparent)]
    Other(#[from] wasmtime::Error),
}
pub fn h(e: &Engine) -> Result<Module, F> {
    Module::new(e, "x").map_err(|source| F::Ctx { source: anyhow::Error::from(source), n: 1 })
}
pub fn i(e: &Engine) -> Result<Module, F> {
    Module::new(e, "x").map_err(|err| F::Ctx { source: err.into(), n: 1 })
}
pub fn j(e: &Engine) -> Result<Module, F> {
    Ok(Module::new(e, "x")?)
}
pub fn k(e: &Engine) -> anyhow::Result<Module> {
    Module::new(e, "x").map_err(|e| e.context("compiling")).map_err(anyhow::Error::from)
}
pub fn l(e: &Engine) -> anyhow::Result<Module> {
    use anyhow::Context;
    Module::new(e, "x").map_err(anyhow::Error::from).context("a").with_context(|| "b")
}
pub fn m(e: &Engine) -> anyhow::Result<Module> {
    Module::new(e, "x").or_else(|e| Err(anyhow::anyhow!("failed: {e}")))
}
pub fn n(e: &Engine) -> std::io::Result<Module> {
    Module::new(e, "x").map_err(std::io::Error::other)
}
pub fn o(e: &Engine) -> std::io::Result<Module> {
    Module::new(e, "x").map_err(|e| std::io::Error::new(std::io::ErrorKind::Other, e))
}
pub struct My(pub anyhow::Error);
impl From<anyhow::Error> for My {
    fn from(e: anyhow::Error) -> Self {
        My(e)
    }
}
pub fn p(e: &Engine) -> Result<Module, My> {
    Ok(Module::new(e, "x").map_err(anyhow::Error::from)?)
}
pub fn q(e: anyhow::Error) -> Option<i32> {
    e.downcast_ref::<wasmtime_wasi::I32Exit>().map(|e| e.0)
}
pub fn r(s: &mut Store<()>, f: wasmtime::TypedFunc<(), ()>) -> Option<i32> {
    f.call(s, ()).err().map(anyhow::Error::from).and_then(q)
}
pub fn t(
    s: &mut Store<()>,
    f: wasmtime::TypedFunc<(), ()>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    f.call(s, ()).map_err(|e| e.into())
}
pub fn u(s: &mut Store<()>, f: wasmtime::TypedFunc<(), ()>) -> Result<(), String> {
    if let Err(e) = f.call(s, ()).map_err(anyhow::Error::from) {
        report(&e);
        return Err(e.to_string());
    }
    Ok(())
}
fn report(e: &anyhow::Error) {
    eprintln!("{e:#}")
}
pub type Res<T> = std::result::Result<T, anyhow::Error>;
pub fn v(e: &Engine) -> Res<Module> {
    Module::new(e, "x").map_err(anyhow::Error::from)
}
pub fn w(es: Vec<wasmtime::Result<u8>>) -> Res<Vec<u8>> {
    let mut v = vec![];
    for e in es {
        v.push(e?);
    }
    Ok(v)
}
pub trait Loader {
    fn load(&self, e: &Engine) -> anyhow::Result<Module>;
}
pub struct L1;
impl Loader for L1 {
    fn load(&self, e: &Engine) -> anyhow::Result<Module> {
        Module::new(e, "x").map_err(anyhow::Error::from)
    }
}
pub fn x(l: &dyn Loader, e: &Engine) -> wasmtime::Result<Module> {
    l.load(e).map_err(wasmtime::Error::from_anyhow)
}
pub fn y(f: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    f()
}
pub fn z(s: &mut Store<()>, f: wasmtime::TypedFunc<(), ()>) -> anyhow::Result<()> {
    y(|| f.call(s, ()).map_err(anyhow::Error::from))
}
pub fn z2(s: &mut Store<()>, f: wasmtime::TypedFunc<(), ()>) -> anyhow::Result<()> {
    y(move || {
        f.call(&mut *s, ())?;
        Ok(())
    })
}
pub fn z3(r: Result<wasmtime::Result<()>, tokio::task::JoinError>) -> anyhow::Result<()> {
    r??;
    Ok(())
}
pub fn z4(r: Option<wasmtime::Result<u8>>) -> anyhow::Result<Option<u8>> {
    r.transpose().map_err(anyhow::Error::from)
}
pub fn z5(e: &Engine) -> anyhow::Result<(Module, Module)> {
    Ok((
        Module::new(e, "x")?,
        Module::new(e, "y").map_err(|e| anyhow::anyhow!(e))?,
    ))
}
pub fn z6(e: &Engine) -> anyhow::Result<Module> {
    Module::new(e, "x").map_err(|e| anyhow::anyhow!(e).context("z"))
}
pub fn z7(e: &Engine) -> anyhow::Result<Module> {
    return Module::new(e, "x").map_err(anyhow::Error::from);
}
pub fn z8(e: &Engine, c: bool) -> anyhow::Result<Module> {
    if c {
        return Module::new(e, "x").map_err(anyhow::Error::from);
    }
    anyhow::ensure!(c, "no");
    let m = if c {
        Module::new(e, "a")
    } else {
        Module::new(e, "b")
    };
    m.map_err(anyhow::Error::from)
}
