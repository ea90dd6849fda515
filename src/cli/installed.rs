//! What only an installed program needs: its version, what completes its arguments, its manual.

use std::sync::OnceLock;

use camino::Utf8PathBuf;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::output::Session;
use super::{Cli, GlobalArgs};
use crate::error::{Error, ExitCode, Result};
use crate::knowledge::Knowledge;
use crate::report::human::Program;
use crate::world::RealWorld;

const NAME: &str = "wasmtime-upgrade";

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade completions bash > ~/.local/share/bash-completion/completions/wasmtime-upgrade
  wasmtime-upgrade completions fish > ~/.config/fish/completions/wasmtime-upgrade.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade man | man -l -
  wasmtime-upgrade man --dir ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write a page for the program and one for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<Utf8PathBuf>,
}

/// The version, with the day of the knowledge that is built in: two builds of one release know the
/// same, and what a program of last year does not know is no news.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        format!(
            "{} ({})",
            env!("CARGO_PKG_VERSION"),
            Knowledge::embedded().provenance.words()
        )
    })
}

/// Prints the completions of a shell.
pub(super) fn completions(args: &CompletionsArgs) -> ExitCode {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut text);
    let session = GlobalArgs::default();
    let world = RealWorld::new();
    let session = Session::new(&world, &session, Program::Installed);
    session.result(&String::from_utf8_lossy(&text));
    ExitCode::Clean
}

/// Prints the manual page, or writes all of them.
pub(super) fn man(global: &GlobalArgs, program: Program, args: &ManArgs) -> ExitCode {
    let world = RealWorld::new();
    let session = Session::new(&world, global, program);
    let result = match &args.dir {
        None => page(Cli::command()).map(|page| session.result(&page)),
        Some(folder) => write_pages(&session, folder),
    };
    match result {
        Ok(()) => ExitCode::Clean,
        Err(error) => session.fail(&error),
    }
}

fn write_pages(session: &Session<'_>, folder: &Utf8PathBuf) -> Result<()> {
    let world = session.world;
    world
        .create_dir(folder)
        .map_err(|error| Error::io("create", folder, error))?;
    for (name, text) in pages()? {
        let path = folder.join(format!("{name}.1"));
        world
            .write(&path, text.as_bytes())
            .map_err(|error| Error::io("write", &path, error))?;
        session.step("Wrote", path.as_str());
    }
    Ok(())
}

/// Every page by its name.
fn pages() -> Result<Vec<(String, String)>> {
    let mut whole = Cli::command();
    whole.build();
    let mut pages = vec![(NAME.to_owned(), page(Cli::command())?)];
    for command in whole.get_subcommands() {
        if command.get_name() != "help" {
            let name = format!("{NAME}-{}", command.get_name());
            pages.push((name, page(command.clone())?));
        }
    }
    Ok(pages)
}

fn page(command: clap::Command) -> Result<String> {
    let mut text = Vec::new();
    Man::new(command)
        .render(&mut text)
        .map_err(|error| Error::io("write", "the manual page", error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn the_version_says_of_which_day_the_knowledge_is() {
        let date = Knowledge::embedded().releases.date;
        let expected = format!("{} (knowledge of {date})", env!("CARGO_PKG_VERSION"));
        assert_eq!(version(), expected);
        let said = Cli::command().render_version();
        assert_eq!(said, format!("{NAME} {expected}\n"));
    }

    #[test]
    fn every_command_has_a_page_and_every_shell_its_completions() {
        let pages = pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for command in Cli::command().get_subcommands() {
            let name = format!("{NAME}-{}", command.get_name());
            assert!(names.contains(&name.as_str()), "{name}");
        }
        for (name, text) in &pages {
            assert!(text.contains(&format!(".TH {name} 1")), "{text}");
            assert!(text.contains(".SH SYNOPSIS"), "{name}");
        }
        for shell in Shell::value_variants() {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), NAME, &mut text);
            let text = String::from_utf8(text).unwrap();
            for word in ["init", "upgrade", "undo", "from-rev"] {
                assert!(text.contains(word), "{shell}: {word}");
            }
        }
    }
}
