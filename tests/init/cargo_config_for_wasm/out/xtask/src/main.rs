//! `cargo xtask`: the commands of wasmtime-upgrade, for this workspace.

fn main() -> std::process::ExitCode {
    wasmtime_upgrade::cli::main()
}
