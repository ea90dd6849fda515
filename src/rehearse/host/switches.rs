//! Switches of `Config`, as far as this release and the features of this host have them.

use wasmtime::Config;

/// A switch by its name in `Config`, and how it is set.
pub(super) type Switch = (&'static str, fn(&mut Config, bool));

macro_rules! switches {
    ($($(#[$when:meta])? $name:ident,)*) => {
        /// All that this release has, those that switch others off when they go behind them.
        // What is pushed depends on the release.
        #[allow(clippy::vec_init_then_push)]
        pub(super) fn all() -> Vec<Switch> {
            let mut all: Vec<Switch> = Vec::new();
            $(
                $(#[$when])?
                all.push((stringify!($name), |config, on| {
                    config.$name(on);
                }));
            )*
            all
        }
    };
}

switches! {
    cranelift_nan_canonicalization,
    relaxed_simd_deterministic,
    #[cfg(since_37)]
    gc_support,
    #[cfg(since_40)]
    shared_memory,
    #[cfg(since_42)]
    concurrency_support,
    wasm_tail_call,
    wasm_multi_memory,
    wasm_memory64,
    wasm_relaxed_simd,
    wasm_custom_page_sizes,
    wasm_threads,
    #[cfg(since_25)]
    wasm_extended_const,
    #[cfg(since_27)]
    wasm_wide_arithmetic,
    #[cfg(since_31)]
    wasm_stack_switching,
    #[cfg(since_33)]
    wasm_shared_everything_threads,
    #[cfg(since_33)]
    wasm_exceptions,
    wasm_gc,
    wasm_function_references,
    wasm_reference_types,
    wasm_bulk_memory,
    wasm_multi_value,
    wasm_simd,
    wasm_component_model,
    #[cfg(not(since_31))]
    wasm_component_model_more_flags,
    #[cfg(not(since_31))]
    wasm_component_model_multiple_returns,
    #[cfg(all(since_30, component_model_async))]
    wasm_component_model_async,
    #[cfg(all(since_32, not(since_45), component_model_async))]
    wasm_component_model_async_builtins,
    #[cfg(all(since_32, component_model_async))]
    wasm_component_model_async_stackful,
    #[cfg(all(since_45, component_model_async))]
    wasm_component_model_more_async_builtins,
    #[cfg(all(since_39, component_model_async))]
    wasm_component_model_threading,
    #[cfg(since_34)]
    wasm_component_model_error_context,
    #[cfg(since_35)]
    wasm_component_model_gc,
    #[cfg(since_42)]
    wasm_component_model_fixed_length_lists,
    #[cfg(since_44)]
    wasm_component_model_map,
    #[cfg(since_46)]
    wasm_component_model_implements,
    #[cfg(since_48)]
    wasm_component_model_memory64,
}
