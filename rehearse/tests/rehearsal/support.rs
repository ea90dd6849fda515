//! What the test files share: the guest, its variations, and error texts.

use std::path::{Path, PathBuf};

use wasmtime_rehearse::{Error, Guest, Host, Limits};

pub const WIDE: Limits = Limits {
    low: i32::MIN,
    high: i32::MAX,
};

/// The path of a file in `tests/guests`.
pub fn guest_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/guests")
        .join(name)
}

/// A host with the guest that does everything right.
pub fn start() -> (Host, Guest) {
    let host = Host::new().expect("an engine with default settings");
    let guest = host
        .load(&guest_path("metering.wat"))
        .expect("the guest fits the world");
    (host, guest)
}

/// The same guest with one thing in its text replaced.
pub fn start_with(from: &str, to: &str) -> Result<Guest, Error> {
    let text = std::fs::read_to_string(guest_path("metering.wat")).expect("the guest's text");
    assert_eq!(text.matches(from).count(), 1, "{from} must occur once");
    Host::new()?.start("changed.wat", text.replace(from, to).as_bytes())
}

/// An error and its causes, joined by `: `.
pub fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
