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

/// Puts the stubs beside the project and tells cargo to take crates from there alone.
pub fn vendor(folder: &Path, stubs: &[Stub<'_>]) {
    for stub in stubs {
        let place = format!("vendor/{}-{}", stub.name, stub.version);
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"{}\"\nedition = \"2021\"\n\n[features]\ncomponent-model = []\n\n[dependencies]\n{}",
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
    write(
        folder,
        ".cargo/config.toml",
        b"[source.crates-io]\nreplace-with = \"stubs\"\n[source.stubs]\ndirectory = \"vendor\"\n[build]\ntarget-dir = \"target\"\n",
    );
    write(folder, ".gitignore", b"target/\n");
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
