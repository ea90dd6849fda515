//! Which proposals beyond WebAssembly 2.0 a guest uses.

use wasmtime::{Config, Engine, Module};

/// A switch of `Config`.
type Switch = (&'static str, fn(&mut Config, bool));

/// Proposals that this release knows and that WebAssembly 2.0 does not have. Those that switch
/// others off when they go come last.
fn switches() -> Vec<Switch> {
    let mut all: Vec<Switch> = vec![
        ("tail_call", |config, on| {
            config.wasm_tail_call(on);
        }),
        ("multi_memory", |config, on| {
            config.wasm_multi_memory(on);
        }),
        ("memory64", |config, on| {
            config.wasm_memory64(on);
        }),
        ("relaxed_simd", |config, on| {
            config.wasm_relaxed_simd(on);
        }),
        ("custom_page_sizes", |config, on| {
            config.wasm_custom_page_sizes(on);
        }),
        ("threads", |config, on| {
            config.wasm_threads(on);
        }),
    ];
    #[cfg(since_25)]
    all.push(("extended_const", |config, on| {
        config.wasm_extended_const(on);
    }));
    #[cfg(since_27)]
    all.push(("wide_arithmetic", |config, on| {
        config.wasm_wide_arithmetic(on);
    }));
    #[cfg(since_33)]
    all.push(("exceptions", |config, on| {
        config.wasm_exceptions(on);
    }));
    all.push(("gc", |config, on| {
        config.wasm_gc(on);
    }));
    all.push(("function_references", |config, on| {
        config.wasm_function_references(on);
    }));
    all
}

/// The proposals that a core module does not validate without; empty for one that is plain
/// WebAssembly 2.0, and for one that no set of proposals makes valid.
pub(super) fn needed(bytes: &[u8]) -> Vec<String> {
    let all = switches();
    if valid(bytes, &all, |_| false) || !valid(bytes, &all, |_| true) {
        return Vec::new();
    }
    let names = all.iter().map(|(name, _)| *name);
    names
        .filter(|name| !valid(bytes, &all, |other| !implied(name).contains(&other)))
        .map(str::to_owned)
        .collect()
}

/// What goes with a proposal: itself, and those that build on it.
fn implied(name: &str) -> &'static [&'static str] {
    match name {
        "tail_call" => &["tail_call"],
        "multi_memory" => &["multi_memory"],
        "memory64" => &["memory64"],
        "relaxed_simd" => &["relaxed_simd"],
        "custom_page_sizes" => &["custom_page_sizes"],
        "threads" => &["threads"],
        "extended_const" => &["extended_const"],
        "wide_arithmetic" => &["wide_arithmetic"],
        "exceptions" => &["exceptions"],
        "gc" => &["gc"],
        _ => &["function_references", "gc"],
    }
}

fn valid(bytes: &[u8], switches: &[Switch], on: impl Fn(&str) -> bool) -> bool {
    let mut config = Config::new();
    for (name, switch) in switches {
        switch(&mut config, on(name));
    }
    Engine::new(&config).is_ok_and(|engine| Module::validate(&engine, bytes).is_ok())
}
