use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Everything that CI runs
    Check,
    Wasmtime(wasmtime_upgrade::cli::Cli),
}

fn main() {
    match Args::parse().command {
        Command::Check => println!("checked"),
    }
}
