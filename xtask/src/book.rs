//! `cargo xtask book`: the documentation as a book. The pages of `docs/`, the README and the change log
//! are taken as they are; what the knowledge base holds becomes a page an entry. None of that is
//! committed: it is made anew each time.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

mod condition;
mod entries;
mod pages;
mod sources;
mod tables;
#[cfg(test)]
mod tests;

/// Where the book is made.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask book                    target/book/html/index.html
  cargo xtask book --open             and look at it
  cargo xtask book --sources          the Markdown alone, without mdbook")]
pub struct Book {
    /// The folder for the sources of the book and for its pages
    #[arg(long, value_name = "DIR", default_value = "target/book")]
    into: PathBuf,
    /// Write the sources, and do not start mdbook
    #[arg(long)]
    sources: bool,
    /// Open the book in a browser
    #[arg(long, conflicts_with = "sources")]
    open: bool,
}

/// The variable that names an mdbook that is not on the path.
const MDBOOK: &str = "WASMTIME_UPGRADE_MDBOOK";

/// Writes the sources and has mdbook make pages of them.
pub fn run(args: &Book) -> ExitCode {
    match make(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(3)
        }
    }
}

fn make(args: &Book) -> Result<(), String> {
    let pages = sources::write(&args.into)?;
    eprintln!(
        "     Written {} pages, {}",
        pages,
        args.into.join("src").display()
    );
    if args.sources {
        return Ok(());
    }
    build(&mdbook(), &args.into, args.open)?;
    println!("{}", args.into.join("html/index.html").display());
    Ok(())
}

fn mdbook() -> OsString {
    std::env::var_os(MDBOOK).unwrap_or_else(|| "mdbook".into())
}

/// Runs mdbook on a folder that [`sources::write`] wrote.
fn build(mdbook: &OsString, folder: &Path, open: bool) -> Result<(), String> {
    let mut command = Command::new(mdbook);
    command.arg("build").arg(folder);
    if open {
        command.arg("--open");
    }
    let output = command.output().map_err(|error| {
        format!(
            "can't start mdbook ({error}): `cargo install --locked mdbook`, or name one by {MDBOOK}"
        )
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    // mdbook goes on after many a problem that leaves a page without a part of it. One that was built
    // without the search says so, and makes the same pages.
    let warns = |line: &str| line.contains("WARN") && !line.contains("search");
    let complains = said
        .lines()
        .any(|line| line.contains("ERROR") || warns(line));
    if !output.status.success() || complains {
        return Err(format!("mdbook ended with {}:\n{said}", output.status));
    }
    Ok(())
}

/// The folder of the repository.
fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}
