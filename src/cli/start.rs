//! How the program is started: by itself, by cargo, by an xtask.

use std::ffi::OsString;

use clap::Parser as _;

use super::Cli;
use crate::error::ExitCode;
use crate::report::human::Program;

/// The whole program: reads the command line, does it, says how it ended.
///
/// An xtask is three lines around this call.
#[must_use]
pub fn main() -> std::process::ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let name = args
        .first()
        .and_then(|name| std::path::Path::new(name).file_stem());
    let installed = name.is_some_and(|name| name.to_string_lossy().starts_with("wasmtime-upgrade"));
    let program = if installed {
        Program::Installed
    } else {
        Program::Xtask
    };
    main_from(args, program)
}

/// The same, started by cargo as `cargo wasmtime-upgrade ..`, which passes its own name first.
#[must_use]
pub fn cargo_main() -> std::process::ExitCode {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "wasmtime-upgrade") {
        args.remove(1);
    }
    main_from(args, Program::CargoSubcommand)
}

/// The same, for an xtask that is not built on clap and hands `cargo xtask wasmtime ..` on. It ends the
/// process.
pub fn nested_exit() -> ! {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "wasmtime") {
        args.remove(1);
    }
    std::process::exit(code_from(args, Program::NestedXtask) as i32)
}

fn main_from(args: Vec<OsString>, program: Program) -> std::process::ExitCode {
    code_from(args, program).into()
}

fn code_from(args: Vec<OsString>, program: Program) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => cli.run_as(program),
        Err(error) => {
            // A closed pipe is the reader's choice.
            let _ = error.print();
            match error.exit_code() {
                0 => ExitCode::Clean,
                _ => ExitCode::Usage,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Subcommand};

    use super::super::{Command, Task};
    use super::*;

    /// The enum of an xtask that has commands of its own, as `init` patches it.
    #[derive(Debug, clap::Parser)]
    struct Theirs {
        #[arg(long)]
        release: bool,
        #[command(subcommand)]
        command: TheirCommand,
    }

    #[derive(Debug, Subcommand)]
    enum TheirCommand {
        Check,
        Wasmtime(Cli),
    }

    impl TheirCommand {
        /// It has to compile in a `match` of any type.
        fn run(self) -> std::result::Result<(), String> {
            match self {
                Self::Check => Ok(()),
                Self::Wasmtime(cli) => cli.exit(),
            }
        }
    }

    #[test]
    fn an_xtask_of_others_takes_our_commands_as_one_of_its_own() {
        Theirs::command().debug_assert();
        let parse = |words: &[&str]| Theirs::try_parse_from(words).unwrap();
        let theirs = parse(&["xtask", "--release", "check"]);
        assert!(theirs.release);
        assert_eq!(theirs.command.run(), Ok(()));
        let ours = parse(&[
            "xtask",
            "wasmtime",
            "check",
            "--fail-on",
            "warning",
            "--quiet",
        ]);
        let TheirCommand::Wasmtime(cli) = ours.command else {
            panic!("{ours:?}");
        };
        assert!(cli.global.quiet);
        assert!(matches!(cli.command, Task::Command(Command::Check(_))));
    }
}
