//! A small host for component guests, of the kind most projects that embed
//! Wasmtime start from: one thread, no async, and state behind `Rc`.
//!
//! It calls every kind of export a component has: a function of the world, the
//! functions of an interface, and the constructor, methods and static functions
//! of a resource. An upgrade of Wasmtime can be tried on it before it is tried
//! on a larger project.
//!
//! ```no_run
//! use std::path::Path;
//! use wasmtime_rehearse::Host;
//!
//! # fn main() -> Result<(), wasmtime_rehearse::Error> {
//! let host = Host::new()?;
//! let mut guest = host.load(Path::new("guest.wasm"))?;
//! println!("{}", guest.greet("world")?);
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]
#![forbid(unsafe_code)]

mod error;
mod guest;
mod host;
mod journal;
/// Runs any guest and writes down what happens: the source of the hosts that
/// `wasmtime-upgrade rehearse` builds for other releases.
#[path = "../../src/rehearse/host/observe.rs"]
pub mod observe;
mod tour;

mod bindings {
    wasmtime::component::bindgen!({
        world: "metering",
        path: "wit",
        additional_derives: [PartialEq],
        // The journal is an `Rc`: the host stays on one thread.
        require_store_data_send: false,
    });
}

pub use bindings::exports::rehearse::metering::stats::{Limits, Summary};
pub use error::Error;
pub use guest::{Guest, Meter};
pub use host::Host;
pub use journal::Journal;
pub use tour::tour;
