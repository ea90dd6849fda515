//! The proof: `cargo check` before and after, compared.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use semver::Version;
use serde::Serialize;

use crate::config::FeatureSet;
use crate::diagnostics::{self, Diagnostic};
use crate::error::{Error, Result};
use crate::version::RustVersion;
use crate::world::{Command, ProcessOutput, World};

/// How cargo is to be run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CargoOptions {
    /// `--offline`.
    pub offline: bool,
    /// Stop a run of cargo after this long.
    pub timeout: Option<Duration>,
    /// With which features a workspace is compiled, one after the other; none for the default ones.
    pub feature_sets: Vec<FeatureSet>,
    /// The toolchain that stands in for the one that the project pins.
    pub toolchain: Option<String>,
}

/// What is compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These packages; none for every package of the workspace.
    pub packages: Option<Vec<String>>,
    /// Libraries and programs alone, without tests, examples and benches.
    pub without_tests: bool,
    /// Once that compiles, also what cargo takes where nobody says more: the default members, with no
    /// features but their own. Packages that are compiled together may lean on each other's.
    pub and_by_default: bool,
}

/// What one `cargo check` found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CheckRun {
    /// The command, as a user would type it.
    pub command: String,
    /// Whether everything compiled.
    pub success: bool,
    /// The errors.
    pub errors: Vec<Diagnostic>,
    /// How many warnings there were.
    pub warnings: usize,
    /// Those about imports and `mut`s without a use.
    #[serde(skip)]
    pub unused: Vec<Diagnostic>,
    /// The packages that the compiler came to: what leans on one with errors is not among them.
    #[serde(skip)]
    pub compiled: BTreeSet<String>,
    /// How long it took.
    pub seconds: f64,
    /// Why cargo failed when no compiler error says so (a resolver error, a build script).
    pub failure: Option<String>,
}

impl CheckRun {
    /// This and another one of something else, as one. An error that both have counts once.
    fn and(mut self, other: Self) -> Self {
        let known: BTreeSet<_> = self.errors.iter().map(Diagnostic::key).collect();
        let new = other.errors.into_iter();
        self.errors
            .extend(new.filter(|error| !known.contains(&error.key())));
        Self {
            command: format!("{}; {}", self.command, other.command),
            success: self.success && other.success,
            errors: self.errors,
            warnings: self.warnings.max(other.warnings),
            unused: [self.unused, other.unused].concat(),
            compiled: self.compiled.into_iter().chain(other.compiled).collect(),
            seconds: ((self.seconds + other.seconds) * 10.0).round() / 10.0,
            failure: self.failure.or(other.failure),
        }
    }

    /// The errors that `before` did not have, and a failure of cargo itself that it did not have.
    #[must_use]
    pub fn new_errors<'a>(&'a self, before: Option<&CheckRun>) -> Vec<&'a Diagnostic> {
        let known: BTreeSet<_> = before
            .map(|run| run.errors.iter().map(Diagnostic::key).collect())
            .unwrap_or_default();
        self.errors
            .iter()
            .filter(|error| !known.contains(&error.key()))
            .collect()
    }

    /// Whether this run is worse than `before`: a new error, or a failure without an error.
    #[must_use]
    pub fn worse_than(&self, before: Option<&CheckRun>) -> bool {
        if self.success {
            return false;
        }
        let failed_alike = before.is_some_and(|run| run.failure.is_some());
        !self.new_errors(before).is_empty() || (self.failure.is_some() && !failed_alike)
    }
}

/// A workspace that cargo is run for.
pub struct Cargo<'w> {
    world: &'w dyn World,
    folder: Utf8PathBuf,
    options: CargoOptions,
    program: String,
}

impl<'w> Cargo<'w> {
    /// Cargo for the workspace in `folder`.
    #[must_use]
    pub fn new(world: &'w dyn World, folder: &Utf8Path, options: CargoOptions) -> Self {
        // `CARGO` is the program of the toolchain that runs us, whatever else is asked for.
        let own = world.env("CARGO").filter(|_| options.toolchain.is_none());
        Self {
            world,
            folder: folder.to_owned(),
            options,
            program: own.unwrap_or_else(|| "cargo".to_owned()),
        }
    }

    /// `cargo check` of the workspace, or of a part of it, with every set of features that was asked
    /// for. The answers are put together.
    ///
    /// # Errors
    /// When cargo can't be started, hangs or is interrupted. Errors of the compiler are the result.
    pub fn check(
        &self,
        of: &Selection,
        locked: bool,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<CheckRun> {
        let default = [FeatureSet::default()];
        let sets = match self.options.feature_sets.as_slice() {
            [] => &default,
            sets => sets,
        };
        let mut whole: Option<CheckRun> = None;
        for set in sets {
            let mut run = self.check_with(of, set, false, locked, on_line)?;
            if run.success && of.and_by_default {
                run = run.and(self.check_with(of, set, true, locked, on_line)?);
            }
            whole = Some(match whole {
                None => run,
                Some(before) => before.and(run),
            });
        }
        Ok(whole.unwrap_or_default())
    }

    fn check_with(
        &self,
        of: &Selection,
        features: &FeatureSet,
        by_default: bool,
        locked: bool,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<CheckRun> {
        let mut args = vec!["check"];
        match &of.packages {
            None if by_default => {}
            None => args.push("--workspace"),
            Some(names) => args.extend(names.iter().flat_map(|name| ["-p", name.as_str()])),
        }
        if !of.without_tests {
            args.push("--all-targets");
        }
        args.extend(features.arguments().iter().map(String::as_str));
        args.push("--keep-going");
        if locked {
            args.push("--locked");
        }
        let shown = self.shown(&args);
        args.push("--message-format=json");
        let start = Instant::now();
        let output = self.run(&args, on_line)?;
        let messages = diagnostics::parse(&output.stdout);
        let success = output.success() && messages.errors.is_empty();
        let failure = (!success && messages.errors.is_empty()).then(|| what_failed(&output.stderr));
        Ok(CheckRun {
            command: shown,
            success,
            errors: messages.errors,
            warnings: messages.warnings,
            unused: messages.unused,
            compiled: messages.compiled,
            seconds: (start.elapsed().as_secs_f64() * 10.0).round() / 10.0,
            failure,
        })
    }

    /// Brings the lockfile in line with the manifests and leaves every package alone that need not
    /// move. Cargo keeps what is locked even where something that comes asks for a newer release of it,
    /// as a crate does that a feature turns on: those packages are moved too.
    ///
    /// # Errors
    /// What cargo says when the manifests can't be resolved.
    pub fn update_lockfile(&self, on_line: &mut dyn FnMut(&str)) -> Result<()> {
        let mut args = vec!["update".to_owned(), "--workspace".to_owned()];
        let mut moved = BTreeSet::new();
        loop {
            let words: Vec<&str> = args.iter().map(String::as_str).collect();
            let output = self.run(&words, on_line)?;
            if output.success() {
                return Ok(());
            }
            // One by one cargo names them, and all have to move at once.
            let in_the_way = locked_in_the_way(&output.stderr);
            let Some(spec) = in_the_way.filter(|spec| moved.insert(spec.clone())) else {
                return Err(Error::Process {
                    message: format!("`{}` failed in {}", self.shown(&words), self.folder),
                    output: last_lines(&output.stderr),
                    help: "read what cargo says above; all files are as they were".to_owned(),
                });
            };
            args.truncate(if moved.len() == 1 { 1 } else { args.len() });
            args.extend(["-p".to_owned(), spec]);
        }
    }

    /// Moves one package of the lockfile, named `name@version`, to a version, or to the newest one that its
    /// users take and the Rust of the project builds. Whether cargo could do it is the result.
    ///
    /// # Errors
    /// When cargo can't be started, hangs or is interrupted.
    pub fn update_package(
        &self,
        spec: &str,
        to: Option<&Version>,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<bool> {
        let to = to.map(ToString::to_string);
        let mut args = vec!["update", "-p", spec];
        args.extend(to.iter().flat_map(|to| ["--precise", to]));
        Ok(self.run(&args, on_line)?.success())
    }

    fn shown(&self, args: &[&str]) -> String {
        let offline = if self.options.offline {
            " --offline"
        } else {
            ""
        };
        format!("cargo {}{offline}", args.join(" "))
    }

    fn run(&self, args: &[&str], on_line: &mut dyn FnMut(&str)) -> Result<ProcessOutput> {
        let mut command = Command::new(&self.program, args.iter().copied(), &self.folder);
        if self.options.offline {
            command.args.push("--offline".to_owned());
        }
        let named = self.options.toolchain.iter();
        let variable = "RUSTUP_TOOLCHAIN".to_owned();
        command
            .env
            .extend(named.map(|name| (variable.clone(), name.clone())));
        command.timeout = self.options.timeout;
        let output = self
            .world
            .run(&command, on_line)
            .map_err(|error| Error::Process {
                message: format!("can't start `{}`: {error}", self.program),
                output: String::new(),
                help: "install cargo, or set CARGO to its path".to_owned(),
            })?;
        if self.world.interrupted() {
            return Err(Error::Interrupted);
        }
        if output.timed_out {
            return Err(Error::Process {
                message: format!("`{}` did not end in time", self.shown(args)),
                output: last_lines(&output.stderr),
                help: "give it more with --timeout SECONDS".to_owned(),
            });
        }
        Ok(output)
    }
}

/// Cargo's own errors. With `--keep-going` it goes on after one, so that they stand anywhere.
fn what_failed(text: &str) -> String {
    let mut errors: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("error"))
        .collect();
    errors.dedup();
    match errors.len() {
        0 => last_lines(text),
        // The first one tells the most, with what is below it.
        1 => {
            let start = text.find(errors[0]).unwrap_or_default();
            let lines: Vec<&str> = text[start..].lines().take(20).collect();
            lines.join("\n")
        }
        _ => errors.join("\n"),
    }
}

/// The package that cargo has chosen already where it found no release that all take: `name@version`.
fn locked_in_the_way(stderr: &str) -> Option<String> {
    let (_, selected) = stderr.split_once("previously selected package `")?;
    let (name, version) = selected.split_once('`')?.0.split_once(" v")?;
    let version = version.split(' ').next()?;
    Some(format!("{name}@{version}"))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// The compiler of a toolchain, or without one the one that would build the workspace in `folder`; none
/// when it is not installed.
#[must_use]
pub fn rustc_of(
    world: &dyn World,
    folder: &Utf8Path,
    toolchain: Option<&str>,
) -> Option<RustVersion> {
    let program = world.env("RUSTC").unwrap_or_else(|| "rustc".to_owned());
    let mut command = Command::new(program, ["--version"], folder);
    // Asking for a version must never make rustup download a toolchain.
    command
        .env
        .push(("RUSTUP_AUTO_INSTALL".to_owned(), "0".to_owned()));
    let named = toolchain.map(|name| ("RUSTUP_TOOLCHAIN".to_owned(), name.to_owned()));
    command.env.extend(named);
    command.timeout = Some(Duration::from_secs(20));
    let output = world.run(&command, &mut |_| {}).ok()?;
    output.stdout.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(errors: &[&str], failure: Option<&str>) -> CheckRun {
        CheckRun {
            command: String::new(),
            success: errors.is_empty() && failure.is_none(),
            errors: errors
                .iter()
                .map(|message| Diagnostic {
                    package: "host".to_owned(),
                    target: "lib host".to_owned(),
                    message: (*message).to_owned(),
                    line: 1,
                    ..Diagnostic::default()
                })
                .collect(),
            warnings: 0,
            unused: Vec::new(),
            compiled: BTreeSet::new(),
            seconds: 0.0,
            failure: failure.map(str::to_owned),
        }
    }

    #[test]
    fn errors_of_cargo_are_found_wherever_they_stand() {
        for (text, expected) in [
            (
                "Checking a\nerror: build of b\n  why\nChecking c",
                "error: build of b\n  why\nChecking c",
            ),
            (
                "error: b\n  why\nChecking c\nerror: d\nChecking e",
                "error: b\nerror: d",
            ),
            ("Checking a\n\nkilled", "Checking a\nkilled"),
        ] {
            assert_eq!(what_failed(text), expected);
        }
    }

    #[test]
    fn worse_is_an_error_that_was_not_there() {
        let before = run(&["a", "b in wasmtime 32.0.0"], None);
        for (after, worse) in [
            (run(&[], None), false),
            (run(&["a"], None), false),
            (run(&["b in wasmtime 36.0.20"], None), false),
            (run(&["a", "c"], None), true),
            (run(&[], Some("resolver")), true),
        ] {
            assert_eq!(after.worse_than(Some(&before)), worse, "{after:?}");
        }
        assert!(run(&["a"], None).worse_than(None));
        assert!(!run(&[], Some("x")).worse_than(Some(&run(&[], Some("y")))));
    }
}
