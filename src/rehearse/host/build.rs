//! Sets `since_N` for every line N up to the one that the manifest asks for, and the features that it
//! may have or not, so that one source serves them all.

use std::fs;

/// The first line that is known here, and one that is not reached soon.
const LINES: std::ops::RangeInclusive<u32> = 22..=99;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=Cargo.toml");
    let manifest = fs::read_to_string("Cargo.toml")?;
    // Some manifests go on below this line with the features.
    let entry = manifest
        .split_once("\nwasmtime = ")
        .map(|(_, rest)| rest.split('}').next().unwrap_or(rest));
    println!("cargo::rustc-check-cfg=cfg(wasi_3)");
    let wasi = manifest
        .lines()
        .find(|line| line.starts_with("wasmtime-wasi = "));
    if wasi.is_some_and(|line| line.contains("\"p3\"")) {
        println!("cargo::rustc-cfg=wasi_3");
    }
    println!("cargo::rustc-check-cfg=cfg(wasi_http)");
    if manifest.contains("\nwasmtime-wasi-http = ") {
        println!("cargo::rustc-cfg=wasi_http");
    }
    let line = entry
        .and_then(line_of)
        .ok_or_else(|| std::io::Error::other("Cargo.toml has no `wasmtime = {version = ..}`"))?;
    println!("cargo::rustc-check-cfg=cfg(component_model_async)");
    println!("cargo::rustc-check-cfg=cfg(concurrency)");
    if entry.is_some_and(|entry| entry.contains("\"component-model-async\"")) {
        println!("cargo::rustc-cfg=component_model_async");
        // The first line whose hosts can define functions that are `async` in WIT by their types.
        if line >= 42 {
            println!("cargo::rustc-cfg=concurrency");
        }
    }
    for number in LINES {
        println!("cargo::rustc-check-cfg=cfg(since_{number})");
        if number <= line {
            println!("cargo::rustc-cfg=since_{number}");
        }
    }
    Ok(())
}

/// The first number in a requirement.
fn line_of(entry: &str) -> Option<u32> {
    let from = entry.find(|c: char| c.is_ascii_digit())?;
    let digits = entry[from..].split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}
