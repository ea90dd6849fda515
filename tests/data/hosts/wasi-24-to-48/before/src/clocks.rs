use std::time::Duration;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};
pub struct C;
impl HostWallClock for C {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}
impl HostMonotonicClock for C {
    fn resolution(&self) -> u64 {
        1
    }
    fn now(&self) -> u64 {
        0
    }
}
pub fn b() {
    let mut b = wasmtime_wasi::WasiCtxBuilder::new();
    b.wall_clock(C).monotonic_clock(C).insecure_random_seed(7);
    b.secure_random(wasmtime_wasi::thread_rng());
    b.build();
}
