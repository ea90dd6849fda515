//! What Wasmtime's errors say, in a form that two releases can be compared by.

use wasmtime::Trap;

use super::protocol::{Failure, Stage};

/// What went wrong at a stage. Backtraces are left out: their form differs between releases.
pub(super) fn failure(stage: Stage, error: &wasmtime::Error) -> Failure {
    let trap = error.downcast_ref::<Trap>();
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let text = text.trim().to_owned();
        if !text.starts_with("error while executing at wasm backtrace") && !parts.contains(&text) {
            parts.push(text);
        }
    }
    Failure {
        stage,
        trap: trap.map(|trap| format!("{trap:?}")),
        message: parts.join(": "),
    }
}
