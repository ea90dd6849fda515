//! What a host is told and what it answers: one JSON document each way.
//!
//! This file is part of the library and of every host that it builds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a host is to do with one guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The guest, absolute.
    pub guest: String,
    /// What its WASI says are the arguments, after the program's name.
    pub args: Vec<String>,
    /// All of its environment.
    pub env: Vec<(String, String)>,
    /// What it reads from standard input.
    pub stdin: String,
    /// Exports to call after it has started, as WAVE writes a call: `add(1, 2)`.
    pub invoke: Vec<String>,
    /// Requests for a guest that handles them, `METHOD /path`; the body is `stdin`. None for `GET /`.
    pub requests: Vec<String>,
    /// What it may use.
    pub limits: Limits,
    /// What becomes of imports that nobody defines.
    pub stubs: Stubs,
    /// How the engine is set up.
    pub engine: EngineSettings,
}

/// What a guest may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Units of fuel.
    pub fuel: u64,
    /// Time until the epoch ends, in milliseconds; the process ends a little later.
    pub millis: u64,
    /// All its linear memories together, in bytes.
    pub memory: u64,
    /// All its tables together, in elements.
    pub table_elements: u64,
    /// Each of standard output and standard error, in bytes.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 10_000_000_000,
            millis: 20_000,
            memory: 1 << 30,
            table_elements: 1_000_000,
            output: 1 << 20,
        }
    }
}

/// What becomes of imports that nobody defines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stubs {
    /// The call is recorded and traps.
    #[default]
    Trap,
    /// The call is recorded and answers with zeros, empty texts and lists, `none` and `ok`.
    Default,
}

/// Settings of the engine that a project has and that change what guests see. What is not said has
/// the default of the release: that those differ is what a rehearsal shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineSettings {
    /// Whether instances come from the pooling allocator.
    pub pooling: Option<bool>,
    /// The stack of guests in bytes.
    pub max_wasm_stack: Option<u64>,
    /// The stack of asynchronous calls in bytes. From 42 on that of guests may not be larger.
    pub async_stack_size: Option<u64>,
    /// Switches of `Config` by their names in it, of those in [`SWITCHES`].
    pub switches: BTreeMap<String, bool>,
}

/// The switches of `Config` that change what guests see, of any release from 24 to 48.
pub const SWITCHES: &[&str] = &[
    "concurrency_support",
    "cranelift_nan_canonicalization",
    "gc_support",
    "relaxed_simd_deterministic",
    "shared_memory",
    "wasm_bulk_memory",
    "wasm_component_model",
    "wasm_component_model_async",
    "wasm_component_model_async_builtins",
    "wasm_component_model_async_stackful",
    "wasm_component_model_error_context",
    "wasm_component_model_fixed_length_lists",
    "wasm_component_model_gc",
    "wasm_component_model_implements",
    "wasm_component_model_map",
    "wasm_component_model_memory64",
    "wasm_component_model_more_async_builtins",
    "wasm_component_model_more_flags",
    "wasm_component_model_multiple_returns",
    "wasm_component_model_threading",
    "wasm_custom_page_sizes",
    "wasm_exceptions",
    "wasm_extended_const",
    "wasm_function_references",
    "wasm_gc",
    "wasm_memory64",
    "wasm_multi_memory",
    "wasm_multi_value",
    "wasm_reference_types",
    "wasm_relaxed_simd",
    "wasm_shared_everything_threads",
    "wasm_simd",
    "wasm_stack_switching",
    "wasm_tail_call",
    "wasm_threads",
    "wasm_wide_arithmetic",
];

/// Whether a guest is a core module or a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuestKind {
    /// A core module.
    Module,
    /// A component.
    Component,
}

/// How far a guest came, in the order of its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The engine was made, the file was read.
    Start,
    /// The bytes are checked.
    Validate,
    /// Machine code is made.
    Compile,
    /// Imports find their definitions.
    Link,
    /// Memories are filled, the start function runs.
    Instantiate,
    /// Exports are called.
    Run,
}

impl Stage {
    /// The word for it in documents and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Validate => "validate",
            Self::Compile => "compile",
            Self::Link => "link",
            Self::Instantiate => "instantiate",
            Self::Run => "run",
        }
    }
}

/// Why a guest ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stage that it did not leave.
    pub stage: Stage,
    /// The name of the trap as Wasmtime's source has it, which outlives changes of wording.
    pub trap: Option<String>,
    /// What Wasmtime said, without addresses.
    pub message: String,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// `module.name` of a core module, the name of an interface or function of a component.
    pub name: String,
    /// Whether WASI of this release defines it.
    pub satisfied: bool,
    /// Why not, in Wasmtime's words.
    pub reason: Option<String>,
}

/// One export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its name; of a function in an interface `interface.function`.
    pub name: String,
    /// Its type, as close to WAT or WIT as it comes.
    pub ty: String,
}

/// One call of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The call as it was asked for.
    pub call: String,
    /// What it answered, in WAVE.
    pub answer: Option<String>,
    /// Why there is no answer.
    pub failure: Option<Failure>,
}

/// What a guest wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// How long it was, in bytes.
    pub bytes: u64,
}

/// All that a host saw of one guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What the guest is; none when its engine could not even be made.
    pub kind: Option<GuestKind>,
    /// Proposals beyond WebAssembly 2.0 that the guest uses, as `Config` names them.
    pub needs: Vec<String>,
    /// Imports.
    pub imports: Vec<Import>,
    /// Exports.
    pub exports: Vec<Export>,
    /// Time to compile, in microseconds.
    pub compile_micros: Option<u64>,
    /// Machine code and its data, in bytes.
    pub code_bytes: Option<u64>,
    /// Time to instantiate, in microseconds.
    pub instantiate_micros: Option<u64>,
    /// Time in exports, in microseconds.
    pub run_micros: Option<u64>,
    /// What a command exited with.
    pub exit_code: Option<i32>,
    /// The calls that were asked for.
    pub calls: Vec<Call>,
    /// What ended the guest.
    pub failure: Option<Failure>,
    /// Standard output.
    pub stdout: Written,
    /// Standard error.
    pub stderr: Written,
    /// Fuel that was used.
    pub fuel: Option<u64>,
    /// The most that its linear memories held together, in bytes.
    pub peak_memory: u64,
    /// How many tables were made.
    pub tables: u64,
    /// The most that its tables held together, in elements.
    pub table_elements: u64,
    /// Resources of WASI that it still held in the end.
    pub handles: u64,
    /// Stubbed imports that were called, in the order of the calls.
    pub stub_calls: Vec<String>,
    /// What was not tried, and why.
    pub remarks: Vec<String>,
    /// The same guest run a second time, where that cost little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Box<Observation>>,
}
