//! The xtask that a workspace has already, and the patch that brings our commands into it.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::draft::Draft;
use super::text::{self, diff, line_end};
use super::{Ground, Piece, alias, toml_edits};
use crate::error::Result;
use crate::tokens::{TokenKind, Tokens};
use crate::workspace::{Manifest, lexical, relative_to};
use crate::world::WalkEntry;

/// The library, as a manifest and as Rust call it.
const PACKAGE: &str = env!("CARGO_PKG_NAME");
const LIBRARY: &str = "wasmtime_upgrade";

/// What is there.
pub(super) enum Found {
    /// No xtask.
    None,
    /// One whose commands are ours, or have ours among them.
    Ours(Utf8PathBuf),
    /// One that has ours below `wasmtime`.
    With(Utf8PathBuf),
    /// One that knows nothing of us.
    Other(Existing),
}

impl Found {
    /// Its manifest, seen from the workspace's folder.
    pub(super) fn manifest(&self, ground: &Ground<'_>) -> Option<String> {
        let folder = match self {
            Self::None => return None,
            Self::Ours(folder) | Self::With(folder) => folder,
            Self::Other(existing) => existing.folder.as_ref()?,
        };
        Some(relative_to(ground.root, &folder.join("Cargo.toml")))
    }
}

/// An xtask of somebody else's.
pub(super) struct Existing {
    /// Where it is, when that is known: an alias can start anything.
    folder: Option<Utf8PathBuf>,
    /// Its sources, by path.
    sources: Vec<(Utf8PathBuf, String)>,
}

/// Looks for an xtask: in `xtask/`, among the members, behind the alias.
///
/// # Errors
/// A file that can't be read or understood.
pub(super) fn find(ground: &Ground<'_>) -> Result<Found> {
    let (_, configuration) = alias::configuration(ground)?;
    let alias = configuration.as_deref().and_then(alias::of_xtask);
    let folder = folder(ground, alias.as_deref());
    let Some((folder, manifest)) = manifest(ground, folder)? else {
        return Ok(match alias {
            None => Found::None,
            Some(_) => Found::Other(Existing {
                folder: None,
                sources: Vec::new(),
            }),
        });
    };
    let mut sources = Vec::new();
    for entry in ground.world.walk(&folder.join("src"), &[], &["rs"]) {
        if let WalkEntry::File(path) = entry {
            let text = text::read(ground.world, &path)?.unwrap_or_default();
            sources.push((path, text));
        }
    }
    let mut dependencies = manifest.dependencies.iter();
    if !dependencies.any(|dependency| dependency.package == PACKAGE) {
        return Ok(Found::Other(Existing {
            folder: Some(folder),
            sources,
        }));
    }
    let nested = ["cli::Cli", "nested_exit"];
    let is_nested = |(_, text): &(_, String)| nested.iter().any(|name| text.contains(name));
    match sources.iter().any(is_nested) {
        true => Ok(Found::With(folder)),
        false => Ok(Found::Ours(folder)),
    }
}

/// The manifest in a folder that may hold none.
fn manifest(
    ground: &Ground<'_>,
    folder: Option<Utf8PathBuf>,
) -> Result<Option<(Utf8PathBuf, Manifest)>> {
    let Some(folder) = folder else {
        return Ok(None);
    };
    let path = folder.join("Cargo.toml");
    match text::read(ground.world, &path)? {
        Some(text) => Ok(Some((folder, Manifest::parse(path, text)?))),
        None => Ok(None),
    }
}

fn folder(ground: &Ground<'_>, alias: Option<&str>) -> Option<Utf8PathBuf> {
    let plain = ground.root.join("xtask");
    if ground.exists(&plain.join("Cargo.toml")) {
        return Some(plain);
    }
    let of_package = |name: &str| {
        let mut manifests = ground.manifests.iter();
        let found = manifests.find(|manifest| manifest.package.as_deref() == Some(name));
        found.map(|manifest| manifest.folder().to_owned())
    };
    let words: Vec<&str> = alias.unwrap_or_default().split_whitespace().collect();
    let behind = |names: &[&str]| {
        words.iter().enumerate().find_map(|(at, word)| {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let value = Some(value).filter(|value| !value.is_empty());
            names
                .contains(&name)
                .then(|| value.or_else(|| words.get(at + 1).copied()))?
        })
    };
    let named = behind(&["--manifest-path"]).and_then(|path| {
        let path = lexical(&ground.root.join(path));
        path.parent().map(ToOwned::to_owned)
    });
    named
        .or_else(|| behind(&["-p", "--package"]).and_then(of_package))
        .or_else(|| of_package("xtask"))
}

/// Says how our commands come into an xtask that is there.
pub(super) fn by_hand(ground: &Ground<'_>, existing: &Existing, draft: &mut Draft) -> Result<()> {
    let why =
        "there is an xtask already; with this it has our commands as `cargo xtask wasmtime ..`";
    let Some(folder) = &existing.folder else {
        let patch = format!(
            "in the manifest of what the alias starts:\n\n{}\n\nand in its sources:\n\n{}",
            dependency(ground, ground.root),
            dispatch()
        );
        draft.by_hand(Piece::Xtask, why, patch);
        return Ok(());
    };
    let mut patch = manifest_patch(ground, folder)?;
    match existing
        .sources
        .iter()
        .find_map(|(path, text)| with_variant(path, text))
    {
        Some(found) => {
            let shown = ground.shown(found.path);
            patch.push_str(&diff(&shown, Some(found.before), &found.after));
            let _ = write!(
                patch,
                "\nand where `{name}` is matched:\n\n    {name}::Wasmtime(cli) => cli.exit(),\n",
                name = found.name
            );
        }
        None => {
            patch.push_str("\nand in its sources:\n\n");
            patch.push_str(&dispatch());
        }
    }
    draft.by_hand(Piece::Xtask, why, patch);
    Ok(())
}

fn dependency(ground: &Ground<'_>, folder: &Utf8Path) -> String {
    let value = ground
        .request
        .source
        .value(folder, ground.repository.as_deref());
    format!("{PACKAGE} = {value}")
}

fn manifest_patch(ground: &Ground<'_>, folder: &Utf8Path) -> Result<String> {
    let path = folder.join("Cargo.toml");
    let before = text::read(ground.world, &path)?.unwrap_or_default();
    let line = dependency(ground, folder);
    let value = line.split_once(" = ").map_or("", |(_, value)| value);
    let shown = ground.shown(&path);
    Ok(
        match toml_edits::with_entry(&before, "dependencies", PACKAGE, value) {
            Some(after) => diff(&shown, Some(&before), &after),
            None => format!("in the `[dependencies]` of {shown}:\n\n{line}\n\n"),
        },
    )
}

/// For a `main` that is not built on clap's derive.
fn dispatch() -> String {
    format!(
        "    // first in `main`:\n    \
         if std::env::args().nth(1).as_deref() == Some(\"wasmtime\") {{\n        \
         {LIBRARY}::cli::nested_exit();\n    }}\n"
    )
}

/// An enum of commands with one more.
struct WithVariant<'t> {
    path: &'t Utf8Path,
    before: &'t str,
    after: String,
    /// The name of the enum.
    name: &'t str,
}

/// Finds the enum that derives clap's `Subcommand`.
fn with_variant<'t>(path: &'t Utf8Path, text: &'t str) -> Option<WithVariant<'t>> {
    let tokens = Tokens::read(text).ok()?;
    let derive = tokens.places_of("Subcommand").find(|at| {
        let mut before = (0..*at).rev();
        before
            .find(|at| tokens.kind(*at) == Some(TokenKind::Ident) && tokens.text(*at) == "derive")
            .is_some_and(|derive| tokens.after(derive + 1) > *at)
    })?;
    let keyword = (derive..tokens.len()).find(|at| {
        tokens.is_ident(*at, "enum") || tokens.is_ident(*at, "struct") || tokens.is_ident(*at, "fn")
    })?;
    if !tokens.is_ident(keyword, "enum") {
        return None;
    }
    let open = (keyword..tokens.len()).find(|at| tokens.text(*at) == "{")?;
    let at = tokens.get(open)?.span.end.0;
    let newline = line_end(text);
    let indent = "    ";
    let variant = format!(
        "{newline}{indent}/// Checks and moves the pinned Wasmtime{newline}{indent}Wasmtime({LIBRARY}::cli::Cli),"
    );
    Some(WithVariant {
        path,
        before: text,
        after: format!("{}{variant}{}", &text[..at], &text[at..]),
        name: tokens.text(keyword + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_enum_of_commands_is_found_behind_its_derive() {
        let text = "#[derive(Parser)]\nstruct A { x: B }\n#[derive(Debug, clap::Subcommand)]\nenum B {\n    Test,\n}\n";
        let found = with_variant("a.rs".into(), text).unwrap();
        assert_eq!(found.name, "B");
        assert!(found.after.contains(
            "enum B {\n    /// Checks and moves the pinned Wasmtime\n    Wasmtime(wasmtime_upgrade::cli::Cli),\n    Test,"
        ), "{}", found.after);
        for text in [
            "use clap::Subcommand;\nenum B {}\n",
            "fn main() {}",
            "#[derive(Subcommand)]\nstruct B {}\nenum C {}",
        ] {
            assert!(with_variant("a.rs".into(), text).is_none(), "{text}");
        }
    }
}
