//! `cargo xtask test`: everything that CI runs, in the order in which it fails fastest.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// A step: what it is, and the arguments of cargo.
const STEPS: [(&str, &str); 10] = [
    ("format", "fmt --all --check"),
    (
        "format of the xtask",
        "fmt --manifest-path xtask/Cargo.toml --check",
    ),
    (
        "format of the fuzz targets",
        "fmt --manifest-path fuzz/Cargo.toml --check",
    ),
    (
        "format of the benches",
        "fmt --manifest-path benches/Cargo.toml --check",
    ),
    (
        "lints",
        "clippy --locked --workspace --all-targets -- -D warnings",
    ),
    (
        "lints of the xtask",
        "clippy --locked --manifest-path xtask/Cargo.toml --all-targets -- -D warnings",
    ),
    (
        "tests of the xtask",
        "test --locked --quiet --manifest-path xtask/Cargo.toml",
    ),
    // Measuring belongs to a quiet machine; that what measures still compiles belongs here.
    (
        "lints of the benches",
        "clippy --locked --manifest-path benches/Cargo.toml --all-targets -- -D warnings",
    ),
    (
        "check of ourselves",
        "run --locked --quiet -- check --manifest-path Cargo.toml",
    ),
    // Last, so that the runner's closing lines close the output.
    ("tests", "test --locked --workspace --no-fail-fast"),
];

/// Runs every step; stops at the first that fails.
pub fn run() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for (name, args) in STEPS {
        let start = Instant::now();
        eprintln!("== {name}: cargo {args}");
        let status = Command::new(&cargo)
            .args(args.split(' '))
            .current_dir(root)
            .status();
        match status {
            Ok(status) if status.success() => {
                eprintln!("== {name}: fine, {:.1} s", start.elapsed().as_secs_f64());
            }
            Ok(status) => {
                eprintln!("== {name}: failed, {status}");
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("== {name}: can't start cargo: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
