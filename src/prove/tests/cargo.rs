//! A cargo and a compiler that live in memory.

use std::io;

use crate::knowledge::{Family, Knowledge, Releases};
use crate::world::{Command, MemoryWorld, ProcessOutput, World as _};

/// Line 36 needs a newer Rust than the compiler of these tests.
const RELEASES: &str = r#"
date = 2026-01-31
line = [
    { number = 30, rust-version = "1.81.0", supported-until = 2025-01-01, wasm-tools = "0.1.0", releases = [] },
    { number = 33, rust-version = "1.84.0", supported-until = 2025-01-01, wasm-tools = "0.1.0", releases = [] },
    { number = 36, rust-version = "1.86.0", supported-until = 2025-01-01, wasm-tools = "0.1.0", releases = [] },
]
"#;

pub(super) fn knowledge() -> Knowledge {
    let family = Knowledge::parse([(
        "family.toml",
        crate::knowledge::file("family.toml").unwrap(),
    )]);
    Knowledge {
        releases: Releases::parse(RELEASES).unwrap(),
        family: family.map_or_else(|_| Family::default(), |knowledge| knowledge.family),
        ..Knowledge::default()
    }
}

/// What a compiler does with a source, as a line of cargo's output; the package's folder ends with
/// the release.
pub(super) type Compiler = fn(dir: &str, name: &str, source: &str) -> String;

fn target(name: &str) -> String {
    format!(
        r#""package_id":"p","manifest_path":"/p/Cargo.toml","target":{{"kind":["example"],"crate_types":["bin"],"name":"{name}","src_path":"/p/a.rs","edition":"2021"}}"#
    )
}

pub(super) fn artifact(name: &str) -> String {
    let profile =
        r#"{"opt_level":"0","debug_assertions":true,"overflow_checks":true,"test":false}"#;
    let target = target(name);
    format!(
        r#"{{"reason":"compiler-artifact",{target},"profile":{profile},"features":[],"filenames":[],"executable":null,"fresh":false}}"#
    )
}

pub(super) fn error(name: &str, message: &str) -> String {
    let target = target(name);
    format!(
        r#"{{"reason":"compiler-message",{target},"message":{{"message":"{message}","code":{{"code":"E0277","explanation":null}},"level":"error","spans":[],"children":[],"rendered":null}}}}"#
    )
}

/// The compiler that the small proof expects.
pub(super) fn expected_compiler(dir: &str, name: &str, source: &str) -> String {
    if dir.ends_with("30.0.0") && source.contains("old,") {
        error(name, "`Rc<u8>` is odd")
    } else {
        artifact(name)
    }
}

/// A world with Rust 1.85, whose cargo gives every example to `compiler`.
pub(super) fn world(compiler: Compiler) -> MemoryWorld {
    MemoryWorld::new()
        .with_dir("/w")
        .with_current_dir("/w")
        .with_programs(move |world, command| answer(world, command, compiler))
}

pub(super) fn answer(
    world: &MemoryWorld,
    command: &Command,
    compiler: Compiler,
) -> io::Result<ProcessOutput> {
    let mut output = ProcessOutput {
        code: Some(0),
        ..ProcessOutput::default()
    };
    if command.program == "rustc" {
        "rustc 1.85.1 (abc 2025-01-01)".clone_into(&mut output.stdout);
        return Ok(output);
    }
    output.stderr = "   Checking wasmtime\n".to_owned();
    for name in world.list(&command.dir.join("examples"))? {
        let source = world
            .text(command.dir.join("examples").join(&name))
            .unwrap_or_default();
        let name = name.trim_end_matches(".rs");
        output
            .stdout
            .push_str(&compiler(command.dir.as_str(), name, &source));
        output.stdout.push('\n');
    }
    Ok(output)
}
