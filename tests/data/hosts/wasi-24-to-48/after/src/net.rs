use wasmtime_wasi::p2::bindings::sockets::network::ErrorCode;
use wasmtime_wasi::{p2::FsError, p2::FsResult, sockets::SocketAddrUse, p2::SocketError, p2::SocketResult};
pub fn e() -> SocketResult<()> {
    Err(ErrorCode::AccessDenied.into())
}
pub fn f() -> FsResult<()> {
    Err(wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode::Access.into())
}
pub fn c() -> wasmtime_wasi::WasiCtx {
    let mut b = wasmtime_wasi::WasiCtxBuilder::new();
    b.socket_addr_check(
        move |addr: std::net::SocketAddr,
              reason: SocketAddrUse|
              -> std::pin::Pin<Box<dyn std::future::Future<Output = bool> + Send + Sync>> {
            Box::pin(async move {
                match reason {
                    SocketAddrUse::TcpConnect => addr.port() == 80,
                    _ => false,
                }
            })
        },
    );
    b.build()
}
