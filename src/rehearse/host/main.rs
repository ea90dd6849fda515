//! A host of one Wasmtime release: reads a job, runs the guest, says what it saw.
//!
//! Written by `wasmtime-upgrade rehearse`, and overwritten by its next build.

#![forbid(unsafe_code)]

use std::io::{Read, Write};
use std::process::ExitCode;

#[path = "host/observe.rs"]
mod observe;

fn main() -> ExitCode {
    let mut text = String::new();
    let job = std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| error.to_string())
        .and_then(|_| serde_json::from_str(&text).map_err(|error| error.to_string()));
    let job = match job {
        Ok(job) => job,
        Err(error) => return refuse(&error),
    };
    observe::confine(&job);
    let observation = observe::observe(&job, &|stage| {
        // Whoever started us learns from it how far we came, should we end here.
        let _ = writeln!(std::io::stderr(), "stage {}", stage.word());
    });
    match serde_json::to_string(&observation) {
        Ok(text) => {
            let written = std::io::stdout().write_all(text.as_bytes());
            if written.is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => refuse(&error.to_string()),
    }
}

fn refuse(error: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "no job: {error}");
    ExitCode::from(2)
}
