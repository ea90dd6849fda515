//! Where results, progress and errors go.

use std::io::{IsTerminal as _, Write as _};

use anstream::ColorChoice;
use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style as Ansi};
use camino::{Utf8Path, Utf8PathBuf};

use super::GlobalArgs;
use super::knowledge_sources::Sources;
use crate::error::{Error, ExitCode, Result};
use crate::knowledge::Knowledge;
use crate::report::Format;
use crate::report::human::{Program, Style};
use crate::upgrade::Progress;
use crate::workspace::{Project, lexical};
use crate::world::World;

/// The root of the repository that `here` is in, or `here` where there is none.
fn repository(world: &dyn World, here: &Utf8Path) -> Utf8PathBuf {
    let is_root = |folder: &&Utf8Path| matches!(world.kind(&folder.join(".git")), Ok(Some(_)));
    here.ancestors().find(is_root).unwrap_or(here).to_owned()
}

/// One run of the program.
pub(super) struct Session<'a> {
    pub(super) world: &'a dyn World,
    pub(super) global: &'a GlobalArgs,
    /// What is built in, and what the command line names.
    pub(super) knowledge: &'a Knowledge,
    sources: Option<&'a Sources>,
    pub(super) style: Style,
}

impl<'a> Session<'a> {
    pub(super) fn new(world: &'a dyn World, global: &'a GlobalArgs, program: Program) -> Self {
        let asked = global.color.map(|choice| match choice {
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
            clap::ColorChoice::Auto => ColorChoice::Auto,
        });
        let of_cargo = || match world.env("CARGO_TERM_COLOR").as_deref() {
            Some("always") => Some(ColorChoice::Always),
            Some("never") => Some(ColorChoice::Never),
            _ => None,
        };
        if let Some(choice) = asked.or_else(of_cargo) {
            choice.write_global();
        }
        let here = world.current_dir().unwrap_or_default();
        Self {
            world,
            global,
            knowledge: Knowledge::embedded(),
            sources: None,
            style: Style {
                verbose: global.verbose,
                program,
                base: repository(world, &here),
                here,
            },
        }
    }

    /// With the knowledge that the command line asks for.
    pub(super) fn with(self, sources: &'a Sources) -> Self {
        Self {
            knowledge: sources.given(),
            sources: Some(sources),
            ..self
        }
    }

    /// Also with the releases that cargo's cached index knows.
    pub(super) fn current_knowledge(&self) -> &'a Knowledge {
        match self.sources {
            Some(sources) => sources.current(self.world),
            None => self.knowledge,
        }
    }

    /// The same, where that can matter to the project.
    pub(super) fn knowledge_for(&self, project: &Project) -> &'a Knowledge {
        match self.sources {
            Some(sources) => sources.for_project(self.world, project),
            None => self.knowledge,
        }
    }

    pub(super) fn json(&self) -> bool {
        self.global.format == Format::Json
    }

    /// Prints a result. A reader that closed the pipe has seen enough: that is no error.
    pub(super) fn result(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        // At once: piece by piece, as the stream takes colours out, is a call of the system for each line.
        let _ = match out.current_choice() {
            ColorChoice::Never => out.write_all(strip_str(text).to_string().as_bytes()),
            _ => out.write_all(text.as_bytes()),
        };
        let _ = out.flush();
    }

    /// Prints a JSON document; on one line when more than one follow each other.
    ///
    /// # Errors
    /// Never in practice: every document can be written as JSON.
    pub(super) fn document<T: serde::Serialize>(&self, document: &T, one_line: bool) -> Result<()> {
        self.result(&self.json_text(document, one_line)?);
        Ok(())
    }

    /// What [`Session::document`] prints.
    ///
    /// # Errors
    /// As there.
    pub(super) fn json_text<T: serde::Serialize>(
        &self,
        document: &T,
        one_line: bool,
    ) -> Result<String> {
        let text = if one_line {
            serde_json::to_string(document)
        } else {
            serde_json::to_string_pretty(document)
        };
        let text = text.map_err(|error| {
            Error::usage(
                format!("the report can't be written as JSON: {error}"),
                "report this",
            )
        })?;
        Ok(format!("{text}\n"))
    }

    /// A step, as cargo tells its own.
    pub(super) fn step(&self, verb: &str, what: &str) {
        if self.global.quiet {
            return;
        }
        let style = Ansi::new().bold().fg_color(Some(AnsiColor::Green.into()));
        let mut err = anstream::stderr().lock();
        self.clear_line(&mut err);
        let _ = writeln!(err, "{style}{verb:>12}{style:#} {what}");
    }

    /// Steps, and what cargo prints: all of it with `-v`, else only the newest line, on a terminal.
    pub(super) fn progress(&self, progress: Progress<'_>) {
        match progress {
            Progress::Step(verb, what) => self.step(verb, what),
            Progress::Cargo(_) if self.global.quiet => {}
            Progress::Cargo(line) if self.global.verbose => {
                let _ = writeln!(anstream::stderr().lock(), "{line}");
            }
            Progress::Cargo(line) => {
                let mut err = std::io::stderr().lock();
                if err.is_terminal() {
                    self.clear_line(&mut err);
                    let short: String = line.trim().chars().take(70).collect();
                    let _ = write!(err, "             {short}");
                    let _ = err.flush();
                }
            }
        }
    }

    /// Takes a transient line away.
    fn clear_line(&self, err: &mut impl std::io::Write) {
        if std::io::stderr().is_terminal() && !self.global.verbose {
            let _ = write!(err, "\r\x1b[2K");
        }
    }

    /// Prints something that is no failure and should not be missed.
    pub(super) fn warn(&self, what: &str) {
        let yellow = Ansi::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
        let bold = Ansi::new().bold();
        let mut err = anstream::stderr().lock();
        self.clear_line(&mut err);
        let _ = writeln!(err, "{yellow}warning{yellow:#}{bold}:{bold:#} {what}");
    }

    /// Prints a failure of the tool: what, where, and what to do.
    pub(super) fn fail(&self, error: &Error) -> ExitCode {
        let red = Ansi::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let bold = Ansi::new().bold();
        let mut err = anstream::stderr().lock();
        self.clear_line(&mut err);
        let _ = writeln!(err, "{red}error{red:#}{bold}:{bold:#} {error}");
        if let Error::Process { output, .. } = error {
            for line in output.lines() {
                let _ = writeln!(err, "  {line}");
            }
        }
        let _ = writeln!(err, "  {bold}= help{bold:#}: {}", error.help());
        error.exit_code()
    }

    /// `path` seen from the current folder, as an absolute one.
    pub(super) fn absolute(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        let here = self
            .world
            .current_dir()
            .map_err(|error| Error::io("find", "the current folder", error))?;
        Ok(lexical(&here.join(path)))
    }

    /// The manifest that is meant: the one that was named, or the nearest upwards.
    pub(super) fn manifest_path(&self) -> Result<Utf8PathBuf> {
        if let Some(path) = &self.global.manifest_path {
            return self.absolute(path);
        }
        let here = self.absolute(Utf8Path::new("."))?;
        here.ancestors()
            .map(|folder| folder.join("Cargo.toml"))
            .find(|path| matches!(self.world.kind(path), Ok(Some(_))))
            .ok_or_else(|| {
                Error::usage(
                    format!("no Cargo.toml in {here} or any folder above"),
                    "go into a cargo project, or use --manifest-path",
                )
            })
    }
}
