//! Errors and results that are given to something.
use wasmtime_wasi::p2::SocketError;
pub fn a(e: std::io::Error) -> SocketError {
    SocketError::trap(wasmtime::format_err!("{e}"))
}
pub fn b(x: anyhow::Result<u8>) -> Result<u8, SocketError> {
    Ok(x.map_err(wasmtime::Error::from_anyhow).map_err(SocketError::trap)?)
}
pub fn c(x: anyhow::Result<u8>) -> Result<u8, SocketError> {
    x.map_err(|e| SocketError::trap(wasmtime::Error::from_anyhow(e)))
}
pub fn d(x: anyhow::Error) -> wasmtime::Error {
    wasmtime::Error::from_anyhow(x)
}
pub fn e(x: anyhow::Error) -> wasmtime::Error {
    wasmtime::Error::from_anyhow(x)
}
pub fn joined() -> anyhow::Result<u8> {
    std::thread::spawn(|| -> wasmtime::Result<u8> { Ok(1) })
        .join()
        .unwrap()
        .map_err(anyhow::Error::from)
}
pub fn t2(x: std::result::Result<wasmtime::Result<u8>, std::io::Error>) -> anyhow::Result<u8> {
    x?.map_err(anyhow::Error::from)
}
trait Code {
    fn code(self) -> i32;
}
impl Code for anyhow::Error {
    fn code(self) -> i32 {
        1
    }
}
trait ResultExt {
    fn code_of(self) -> i32;
}
impl<T> ResultExt for anyhow::Result<T> {
    fn code_of(self) -> i32 {
        1
    }
}
fn w() -> wasmtime::Result<u8> {
    Ok(1)
}
pub fn own() -> i32 {
    match w() {
        Ok(_) => 0,
        Err(e) => anyhow::Error::from(e).code(),
    }
}
pub fn own2() -> i32 {
    w().map_err(anyhow::Error::from).code_of()
}
fn is_bad(e: &anyhow::Error) -> bool {
    true
}
pub fn borrowed() -> bool {
    match w().map_err(anyhow::Error::from) {
        Ok(_) => true,
        Err(e) => is_bad(&e),
    }
}
pub fn borrowed2() -> bool {
    if let Err(e) = w().map_err(anyhow::Error::from) { is_bad(&e) } else { false }
}
pub fn borrowed3() -> wasmtime::Result<u8> {
    w().map_err(anyhow::Error::from).map_err(|e| {
        is_bad(&e);
        e
    }).map_err(wasmtime::Error::from_anyhow)
}
pub trait IntoRet {
    type Ret: wasmtime::WasmRet;
    fn into_ret(self) -> Self::Ret;
}
impl IntoRet for anyhow::Result<u32> {
    type Ret = Result<u32, wasmtime::Error>;
    fn into_ret(self) -> Self::Ret {
        self.map_err(wasmtime::Error::from_anyhow)
    }
}
impl IntoRet for u64 {
    type Ret = wasmtime::Result<u64>;
    fn into_ret(self) -> Self::Ret {
        Ok(self)
    }
}
