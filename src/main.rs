//! Started by a user; see the library for all that happens.

fn main() -> std::process::ExitCode {
    wasmtime_upgrade::cli::main()
}
