//! The compiler that answers, and how cargo is asked.

use camino::Utf8Path;

use super::places::Places;
use crate::error::{Error, Result};
use crate::version::RustVersion;
use crate::world::{Command, ProcessOutput, World};

/// The installed Rust.
#[derive(Clone, Debug)]
pub(super) struct Toolchain {
    cargo: String,
    /// As evidence has it: `1.95.0`.
    pub(super) rustc: String,
    /// The same as a number.
    pub(super) version: RustVersion,
}

impl Toolchain {
    /// Asks the compiler that works in `dir` for its version.
    pub(super) fn find(world: &dyn World, dir: &Utf8Path) -> Result<Self> {
        let program = |name: &str| {
            let set = world.env(&name.to_uppercase());
            set.filter(|set| !set.is_empty())
                .unwrap_or_else(|| name.to_owned())
        };
        let command = Command::new(program("rustc"), ["--version"], dir);
        let output = start(world, &command, &mut |_| {})?;
        let rustc = output.stdout.split_whitespace().nth(1).unwrap_or_default();
        match rustc.parse() {
            Ok(version) if output.success() => Ok(Self {
                cargo: program("cargo"),
                rustc: rustc.to_owned(),
                version,
            }),
            _ => Err(Error::Process {
                message: format!("`{}` does not say its version", command.line()),
                output: output.stderr,
                help: "install Rust, or set RUSTC to its compiler".to_owned(),
            }),
        }
    }

    /// Checks the examples of the package in `dir`. That some do not compile is what we want to
    /// know, not an error.
    pub(super) fn check_examples(
        &self,
        world: &dyn World,
        places: &Places,
        dir: &Utf8Path,
        offline: bool,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<ProcessOutput> {
        let args = [
            "check",
            "--examples",
            "--keep-going",
            "--message-format=json",
        ];
        let args = args.into_iter().chain(offline.then_some("--offline"));
        let mut command = Command::new(&self.cargo, args, dir);
        let mut set = |name: &str, value: &str| {
            command.env.push((name.to_owned(), value.to_owned()));
        };
        set("CARGO_TARGET_DIR", places.target.as_str());
        set("CARGO_TERM_COLOR", "never");
        // Empty, and stronger than RUSTFLAGS: `-D warnings` from around us would be an error in a
        // case that has none.
        set("CARGO_ENCODED_RUSTFLAGS", "");
        // A dependency must not fail because its newest release wants a newer compiler.
        set("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
        start(world, &command, on_line)
    }
}

fn start(
    world: &dyn World,
    command: &Command,
    on_line: &mut dyn FnMut(&str),
) -> Result<ProcessOutput> {
    world.run(command, on_line).map_err(|error| Error::Process {
        message: format!("can't start `{}`: {error}", command.line()),
        output: String::new(),
        help: "check that Rust is installed and on the PATH".to_owned(),
    })
}
