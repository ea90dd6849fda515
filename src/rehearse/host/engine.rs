//! The engine that guests run in.

use wasmtime::{Config, Engine};

use super::protocol::Job;
use super::switches;

/// What functions of the host are sure to have of the stack, in bytes: the default of all releases.
const HOST_STACK: usize = 1536 << 10;

/// An engine with the release's own defaults, what the project sets, and what limits guests.
pub(super) fn engine(job: &Job) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.consume_fuel(true);
    config.epoch_interruption(true);
    if let Some(bytes) = job.engine.max_wasm_stack {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        config.max_wasm_stack(bytes);
        // From 42 on it may not be larger than the other one, also where nothing is asynchronous.
        config.async_stack_size(bytes.saturating_add(HOST_STACK));
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
