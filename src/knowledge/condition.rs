//! When a project is exposed to an entry, as data that an analyser can test.

use semver::VersionReq;
use serde::Deserialize;

/// A condition on a project. Each leaf is answered by one analyser in [`crate::check`](mod@crate::check)
/// with yes, no or unknown, and with the places that it saw.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// Using an affected version is enough.
    Always,
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
    /// There is an invocation of `wasmtime::component::bindgen!` whose options mean this.
    Bindgen(BindgenPattern),
    /// The invocation's world imports at least one interface.
    ImportsInterface,
    /// Exports are called through generated bindings (`bindings.call_run(..)`).
    CallsExports,
    /// The data in the `Store` is not `Send`.
    StoreDataNotSend,
    /// A crate is in the project's graph: required by a manifest, or locked.
    Crate(String),
    /// The lockfile gives the family a version of a third-party crate that lies in a range: for
    /// defects whose repair is in that crate, so that moving the lockfile is enough.
    Locked(LockedRange),
    /// A cargo feature is on, written `crate/feature`.
    Feature(String),
    /// The sources name one of these: a type, function or method (`PoolingAllocationConfig`,
    /// `Linker::define_unknown_imports_as_traps`, `.epoch_deadline_async_yield_and_update`). A path
    /// matches by its last parts, a name behind a `.` only as a method call.
    Mentions(Vec<String>),
    /// A switch of `wasmtime::Config` has a value, set by a call or by its default.
    Config(ConfigSwitch),
    /// The host runs on one of these architectures, as in `target_arch`.
    Arch(Vec<String>),
    /// The host runs on one of these systems, as in `target_os` or `target_family`.
    Os(Vec<String>),
    /// Something about the guests, the users or the deployment that no source says. Always
    /// unknown; the text completes "it depends on whether ..".
    Unknowable(String),
}

impl Condition {
    /// Calls `see` with every leaf of it.
    pub fn each(&self, see: &mut dyn FnMut(&Self)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each(see)),
            Self::Not(part) => part.each(see),
            leaf => see(leaf),
        }
    }
}

/// Versions of one crate, in its own numbering.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockedRange {
    /// The crate. Only copies of it count that a crate of the family depends on, however indirectly.
    #[serde(rename = "crate")]
    pub name: String,
    /// The versions that hold the condition, as requirements of which one has to match.
    pub versions: Vec<VersionReq>,
}

/// `Config::<name>(value)`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConfigSwitch {
    /// The method, for example `wasm_threads`.
    pub name: String,
    /// The argument that it takes, as it is written: `true`, `OptLevel::None` (its last part
    /// counts), `Strategy::Winch`.
    pub value: String,
    /// Whether that is the default in the affected releases.
    #[serde(default)]
    pub default: bool,
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
