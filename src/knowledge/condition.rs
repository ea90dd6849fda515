//! When a project is exposed to an entry, as data that an analyser can test.

use serde::Deserialize;

/// A condition on a project. Each leaf is answered by one analyser in [`crate::check`] with yes,
/// no or unknown, and with the places that it saw.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// Using an affected version is enough.
    Always,
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// There is an invocation of `wasmtime::component::bindgen!` whose options mean this.
    Bindgen(BindgenPattern),
    /// The invocation's world imports at least one interface.
    ImportsInterface,
    /// Exports are called through generated bindings (`bindings.call_run(..)`).
    CallsExports,
    /// The data in the `Store` is not `Send`.
    StoreDataNotSend,
}

/// Options of one `bindgen!` invocation. What is left out may be anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BindgenPattern {
    /// Whether exported functions are called asynchronously.
    pub async_exports: Option<bool>,
    /// Whether any imported function is implemented asynchronously.
    pub async_imports: Option<bool>,
    /// The value of `require_store_data_send`, `false` when it is not given.
    pub require_store_data_send: Option<bool>,
}
