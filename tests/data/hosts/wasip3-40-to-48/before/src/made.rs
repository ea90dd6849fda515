use crate::{Http, State};
use wasmtime_wasi::{ResourceTable, WasiCtx};

pub fn quiet() -> State {
    State {
        table: ResourceTable::new(),
        wasi: WasiCtx::builder().build(),
        http: Http {
            denied: Vec::new(),
            allow_plain: false,
        },
    }
}
