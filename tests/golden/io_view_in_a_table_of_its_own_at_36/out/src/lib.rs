use wasmtime_wasi_io::IoView;
use wasmtime_wasi::WasiView;

pub trait View: IoView + WasiView {}
