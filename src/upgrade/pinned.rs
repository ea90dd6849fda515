//! The toolchain that a project pins in `rust-toolchain.toml`: it is raised with a release that is
//! named, and an installed one stands in for it where it is not there. Nothing is ever downloaded.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::toolchain::versions;
use crate::edit::{Edit, EditSet};
use crate::plan::{Plan, PlannedFile, record};
use crate::span::Span;
use crate::verify::rustc_of;
use crate::version::RustVersion;
use crate::workspace::Project;
use crate::world::{Command, World};

/// The variable that rustup asks before it looks for a file.
pub(super) const VARIABLE: &str = "RUSTUP_TOOLCHAIN";

/// A file that pins the toolchain to a version. Channels such as `stable` pin none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pinned {
    /// The file, absolute.
    pub(super) path: Utf8PathBuf,
    /// The version that it names.
    pub(super) version: RustVersion,
    text: String,
    /// The version in the text, in bytes.
    span: Span,
}

impl Pinned {
    /// The file that counts in `folder`: the nearest one, unless the environment names another
    /// toolchain. Below `cargo xtask` rustup itself has put there what it read in the file.
    pub(super) fn of(world: &dyn World, folder: &Utf8Path) -> Option<Self> {
        let names = ["rust-toolchain", "rust-toolchain.toml"];
        let candidates = folder
            .ancestors()
            .flat_map(|folder| names.map(|name| folder.join(name)));
        let (path, text) = candidates
            .filter_map(|path| Some((world.read(&path).ok()?, path)))
            .map(|(bytes, path)| (path, String::from_utf8_lossy(&bytes).into_owned()))
            .next()?;
        let channel = channel(&text)?;
        let of_file = |name: &str| {
            let host = name.strip_prefix(channel.as_str());
            host.is_some_and(|host| host.is_empty() || host.starts_with('-'))
        };
        if world.env(VARIABLE).is_some_and(|name| !of_file(&name)) {
            return None;
        }
        let version: RustVersion = channel.parse().ok()?;
        let is_pinned = |span: &Span| channel.starts_with(span.text(&text));
        let mut places = versions(&path, &text).into_iter();
        let (span, _) = places.find(|(span, found)| *found == version && is_pinned(span))?;
        Some(Self {
            path,
            version,
            text,
            span,
        })
    }

    /// Adds the edit to a plan that needs a newer toolchain than the file names.
    pub(super) fn raise(&self, project: &Project, plan: &mut Plan) {
        let needed = &plan.choice.rust_version;
        if self.version >= *needed {
            return;
        }
        let has_patch = self.span.text(&self.text).matches('.').count() == 2;
        let text = match has_patch {
            true => needed.0.to_string(),
            false => needed.to_string(),
        };
        let edit = Edit {
            span: self.span,
            text,
            reason: format!("{} needs Rust {needed}", plan.choice.release),
        };
        let shown = project.shown(&self.path);
        plan.remaining.retain(|step| step.location.path != shown);
        plan.edits.push(record(shown, &self.text, &edit));
        let mut edits = EditSet::default();
        if edits.add(edit).is_ok() {
            plan.files.push(PlannedFile {
                path: self.path.clone(),
                before: self.text.clone(),
                after: edits.apply(&self.text),
            });
        }
    }
}

/// What a toolchain file names: a line of its own, or the key of a table.
fn channel(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}');
    match toml::from_str::<toml::Table>(text) {
        Ok(table) => Some(table.get("toolchain")?.get("channel")?.as_str()?.to_owned()),
        Err(_) => Some(text.trim().to_owned()),
    }
}

/// An installed toolchain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installed {
    /// Its name, as rustup takes it.
    pub(super) name: String,
    /// Its compiler.
    pub(super) version: RustVersion,
}

/// The default toolchain of the machine, whatever a file in `folder` pins; none without rustup.
pub(super) fn default_toolchain(world: &dyn World, folder: &Utf8Path) -> Option<Installed> {
    let mut command = Command::new("rustup", ["default"], folder);
    command.timeout = Some(Duration::from_secs(20));
    let output = world.run(&command, &mut |_| {}).ok()?;
    let name = output.stdout.split_whitespace().next()?.to_owned();
    let version = rustc_of(world, folder, Some(&name))?;
    Some(Installed { name, version })
}

/// The toolchain to compile a plan with in the place of the one that is pinned: where that one is not
/// installed, and the default one is new enough for both releases.
pub(super) fn stands_in(world: &dyn World, folder: &Utf8Path, plan: &Plan) -> Option<Installed> {
    let pinned = Pinned::of(world, folder)?;
    let needed = &plan.choice.rust_version;
    let (is_installed, wanted) = if pinned.version < *needed {
        let raised = plan.files.iter().find(|file| file.path == pinned.path)?;
        let channel = channel(&raised.after)?;
        (rustc_of(world, folder, Some(&channel)).is_some(), channel)
    } else {
        let found = rustc_of(world, folder, None);
        (found.is_some(), pinned.version.to_string())
    };
    if is_installed {
        return None;
    }
    let default = default_toolchain(world, folder)?;
    let is_enough = default.version >= *needed && default.name != wanted;
    is_enough.then_some(default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{MemoryWorld, ProcessOutput};

    fn at(path: &str, text: &str) -> MemoryWorld {
        MemoryWorld::new().with_file(path, text)
    }

    fn pinned(world: &MemoryWorld) -> Option<String> {
        let found = Pinned::of(world, Utf8Path::new("/w/host"))?;
        assert_eq!(
            found.span.text(&found.text).parse(),
            Ok(found.version.clone())
        );
        Some(format!("{} in {}", found.version, found.path))
    }

    #[test]
    fn the_nearest_file_pins_a_version_or_none() {
        for (path, text, expected) in [
            (
                "/w/rust-toolchain.toml",
                "# 1.80\n[toolchain]\nchannel = \"1.91.1\"\n",
                Some("1.91.1 in /w/rust-toolchain.toml"),
            ),
            (
                "/w/host/rust-toolchain",
                "1.85\n",
                Some("1.85 in /w/host/rust-toolchain"),
            ),
            (
                "/w/rust-toolchain",
                "[toolchain]\nchannel = '1.85-x86_64-unknown-linux-gnu'\n",
                Some("1.85 in /w/rust-toolchain"),
            ),
            (
                "/w/rust-toolchain.toml",
                "[toolchain]\nchannel = \"stable\"\n",
                None,
            ),
            (
                "/w/rust-toolchain.toml",
                "[toolchain]\npath = \"/rust\"\n",
                None,
            ),
            ("/elsewhere/rust-toolchain", "1.85\n", None),
        ] {
            assert_eq!(
                pinned(&at(path, text)).as_deref(),
                expected,
                "{path}: {text}"
            );
        }
        for (named, counts) in [
            ("stable", false),
            ("1.8", false),
            ("1.85.1-x86_64-unknown-linux-gnu", false),
            ("1.85", true),
            ("1.85-x86_64-unknown-linux-gnu", true),
        ] {
            let world = at("/w/rust-toolchain", "1.85\n").with_env(VARIABLE, named);
            assert_eq!(pinned(&world).is_some(), counts, "{named}");
        }
    }

    #[test]
    fn the_default_toolchain_is_asked_for_by_name_and_nothing_is_downloaded() {
        let world = at("/w/rust-toolchain", "1.85\n").with_programs(|_, command| {
            let named = command.env.iter().find(|(name, _)| name == VARIABLE);
            let stdout = match (command.program.as_str(), named) {
                ("rustup", _) => "stable-x86_64-unknown-linux-gnu (default)\n",
                ("rustc", Some((_, name))) if name.starts_with("stable") => "rustc 1.95.0 (a b)\n",
                _ => "",
            };
            if command.program == "rustc" {
                let refused = ("RUSTUP_AUTO_INSTALL".to_owned(), "0".to_owned());
                assert!(command.env.contains(&refused));
            }
            Ok(ProcessOutput {
                code: Some(0),
                stdout: stdout.to_owned(),
                ..ProcessOutput::default()
            })
        });
        let found = default_toolchain(&world, Utf8Path::new("/w"));
        let version = "1.95.0".parse().unwrap();
        let name = "stable-x86_64-unknown-linux-gnu".to_owned();
        assert_eq!(found, Some(Installed { name, version }));
    }
}
