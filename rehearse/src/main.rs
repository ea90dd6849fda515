//! Runs a component file that implements the world in `wit/metering.wit`.

#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use wasmtime_rehearse::{Host, tour};

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let (Some(path), None) = (args.next(), args.next()) else {
        eprintln!("usage: wasmtime-rehearse <component.wasm|component.wat>");
        return ExitCode::from(2);
    };
    match run(Path::new(&path)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn run(path: &Path) -> Result<(), Box<dyn Error>> {
    let host = Host::new()?;
    let mut guest = host.load(path)?;
    let found = tour(&mut guest)?;
    // Not `println!`, which panics when the reader of a pipe is gone.
    let mut out = io::stdout().lock();
    for line in found {
        writeln!(out, "{line}")?;
    }
    for line in host.journal().lines() {
        writeln!(out, "noted: {line}")?;
    }
    Ok(())
}

fn report(error: &dyn Error) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
}
