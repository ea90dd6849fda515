//! Started by cargo as `cargo wasmtime-upgrade`.

fn main() -> std::process::ExitCode {
    wasmtime_upgrade::cli::cargo_main()
}
