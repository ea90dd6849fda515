use wasmtime_wasi::p2::IoView;
use wasmtime_wasi::WasiView;

pub trait View: IoView + WasiView {}
