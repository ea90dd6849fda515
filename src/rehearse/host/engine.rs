//! The engine that guests run in.

use wasmtime::{Config, Engine};

use super::protocol::Job;

/// An engine with the release's own defaults, and what limits guests.
pub(super) fn engine(job: &Job) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.consume_fuel(true);
    config.epoch_interruption(true);
    if let Some(bytes) = job.engine.max_wasm_stack {
        config.max_wasm_stack(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    if job.engine.pooling {
        config.allocation_strategy(wasmtime::InstanceAllocationStrategy::pooling());
    }
    Engine::new(&config)
}
