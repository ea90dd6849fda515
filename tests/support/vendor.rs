//! A folder that takes the registry's place for cargo, with tiny crates named like Wasmtime's: so
//! the real cargo resolves, locks and compiles in a moment, and without a network.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::write;

/// What a stub crate of this name and version offers.
pub struct Stub<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub dependencies: &'a str,
    pub source: &'a str,
}

/// Puts the stubs into the project's folder and tells cargo to take crates from there alone.
pub fn vendor(folder: &Path, stubs: &[Stub<'_>]) {
    for stub in stubs {
        publish(folder, stub, "component-model = []");
    }
    write(
        folder,
        ".cargo/config.toml",
        format!("{TAKE_STUBS}[build]\ntarget-dir = \"target\"\n").as_bytes(),
    );
    write(folder, ".gitignore", b"target/\n");
}

/// What tells cargo, in a `.cargo/config.toml` beside `vendor`, to take crates from there alone.
pub const TAKE_STUBS: &str =
    "[source.crates-io]\nreplace-with = \"stubs\"\n[source.stubs]\ndirectory = \"vendor\"\n";

/// Puts one stub into `vendor` in this folder; `features` are the lines of its `[features]`.
pub fn publish(folder: &Path, stub: &Stub<'_>, features: &str) {
    let place = format!("vendor/{}-{}", stub.name, stub.version);
    let manifest = format!(
        "[package]\nname = \"{}\"\nversion = \"{}\"\nedition = \"2021\"\n\n[features]\n{features}\n\n[dependencies]\n{}",
        stub.name, stub.version, stub.dependencies
    );
    write(folder, &format!("{place}/Cargo.toml"), manifest.as_bytes());
    write(
        folder,
        &format!("{place}/src/lib.rs"),
        stub.source.as_bytes(),
    );
    write(
        folder,
        &format!("{place}/.cargo-checksum.json"),
        b"{\"files\":{},\"package\":null}",
    );
}

/// Runs a program to success; returns what it printed.
pub fn succeed(folder: &Path, program: &str, args: &[&str]) -> String {
    let output = Command::new(program)
        .args(args)
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} {args:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Makes the folder a git repository with everything committed.
pub fn commit(folder: &Path) {
    succeed(folder, "git", &["init", "-q"]);
    succeed(folder, "git", &["add", "-A"]);
    let name = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let args = [&name[..], &["commit", "-qm", "x"]].concat();
    succeed(folder, "git", &args);
}

/// Every file but cargo's and git's own.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = succeed(folder, "git", &["ls-files", "-co", "--exclude=target"]);
    names
        .lines()
        .filter(|name| !name.starts_with("vendor/"))
        .map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap()))
        .collect()
}
