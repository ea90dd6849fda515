//! Which proposals beyond WebAssembly 2.0 a guest uses.

use wasmtime::{Config, Engine, Module};

use super::switches::{self, Switch};

/// Proposals that this release knows and that WebAssembly 2.0 does not have. Those that switch
/// others off when they go come last.
fn beyond_2() -> Vec<Switch> {
    const NAMES: &[&str] = &[
        "wasm_tail_call",
        "wasm_multi_memory",
        "wasm_memory64",
        "wasm_relaxed_simd",
        "wasm_custom_page_sizes",
        "wasm_threads",
        "wasm_extended_const",
        "wasm_wide_arithmetic",
        "wasm_exceptions",
        "wasm_gc",
        "wasm_function_references",
    ];
    let all = switches::all().into_iter();
    all.filter(|(name, _)| NAMES.contains(name)).collect()
}

/// The proposals that a core module does not validate without; empty for one that is plain
/// WebAssembly 2.0, and for one that no set of proposals makes valid.
pub(super) fn needed(bytes: &[u8]) -> Vec<String> {
    let all = beyond_2();
    if valid(bytes, &all, |_| false) || !valid(bytes, &all, |_| true) {
        return Vec::new();
    }
    let names = all.iter().map(|(name, _)| *name);
    names
        .filter(|name| !valid(bytes, &all, |other| !goes_with(name, other)))
        .map(|name| name.trim_start_matches("wasm_").to_owned())
        .collect()
}

/// Whether `other` goes when a proposal does: itself, and what builds on it.
fn goes_with(name: &str, other: &str) -> bool {
    name == other || (name == "wasm_function_references" && other == "wasm_gc")
}

fn valid(bytes: &[u8], switches: &[Switch], on: impl Fn(&str) -> bool) -> bool {
    let mut config = Config::new();
    for (name, switch) in switches {
        switch(&mut config, on(name));
    }
    Engine::new(&config).is_ok_and(|engine| Module::validate(&engine, bytes).is_ok())
}
