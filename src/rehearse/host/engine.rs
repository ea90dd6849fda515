//! The engine that guests run in.

use wasmtime::{Config, Engine};

use super::protocol::Job;
use super::switches;

/// An engine with the release's own defaults, what the project sets, and what limits guests.
pub(super) fn engine(job: &Job) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.consume_fuel(true);
    config.epoch_interruption(true);
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    // One that is larger than the other is refused from 42 on, also where nothing is asynchronous: as it is
    // in the project's own host.
    if let Some(bytes) = job.engine.max_wasm_stack {
        config.max_wasm_stack(size(bytes));
    }
    if let Some(bytes) = job.engine.async_stack_size {
        config.async_stack_size(size(bytes));
    }
    if job.engine.pooling == Some(true) {
        config.allocation_strategy(wasmtime::InstanceAllocationStrategy::pooling());
    }
    let switches = switches::all();
    for (name, on) in &job.engine.switches {
        if let Some((_, set)) = switches.iter().find(|(known, _)| known == name) {
            set(&mut config, *on);
        }
    }
    Engine::new(&config)
}

/// What a job sets and this release has no switch for.
pub(super) fn unknown(job: &Job) -> Vec<String> {
    let switches = switches::all();
    let set = job.engine.switches.keys();
    let unknown = set.filter(|name| !switches.iter().any(|(known, _)| known == name));
    unknown
        .map(|name| format!("`Config::{name}` is set, and is none of this release"))
        .collect()
}
