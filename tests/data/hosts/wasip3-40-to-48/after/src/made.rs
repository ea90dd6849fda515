use crate::{Http, State};
use wasmtime_wasi::{ResourceTable, WasiCtx};

pub fn quiet() -> State {
    State {
        http_ctx: wasmtime_wasi_http::WasiHttpCtx::new(),
        table: ResourceTable::new(),
        wasi: WasiCtx::builder().build(),
        http: Http {
            denied: Vec::new(),
            allow_plain: false,
        },
    }
}
