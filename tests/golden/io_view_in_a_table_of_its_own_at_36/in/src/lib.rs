use wasmtime_wasi::p2::{IoView, WasiView};

pub trait View: IoView + WasiView {}
