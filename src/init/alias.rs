//! `cargo xtask`.

use camino::Utf8PathBuf;
use toml_edit::Document;

use super::draft::Draft;
use super::foreign::Found;
use super::{Ground, Piece, text, toml_edits};
use crate::error::Result;
use crate::workspace::relative_to;

/// The names that cargo's configuration may have; cargo takes the first that is there.
const NAMES: [&str; 2] = ["config", "config.toml"];

/// What the alias stands for.
const VALUE: &str = "\"run --quiet --manifest-path xtask/Cargo.toml --\"";

/// Cargo's configuration of the workspace, and its text where there is one.
///
/// # Errors
/// A file that can't be read or is no TOML.
pub(super) fn configuration(ground: &Ground<'_>) -> Result<(Utf8PathBuf, Option<String>)> {
    let folder = ground.root.join(".cargo");
    for name in NAMES {
        let path = folder.join(name);
        if let Some(text) = text::read(ground.world, &path)? {
            toml_edits::verify(&path, &text)?;
            return Ok((path, Some(text)));
        }
    }
    Ok((folder.join("config.toml"), None))
}

/// What `alias.xtask` stands for, as one line.
pub(super) fn of_xtask(text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let alias = document.as_table().get("alias")?.as_table_like()?;
    let value = alias.get("xtask")?;
    let words = value.as_array().map(|words| {
        let words: Vec<&str> = words.iter().filter_map(toml_edit::Value::as_str).collect();
        words.join(" ")
    });
    words.or_else(|| value.as_str().map(str::to_owned))
}

pub(super) fn plan(ground: &Ground<'_>, found: &Found, draft: &mut Draft) -> Result<()> {
    let (path, text) = configuration(ground)?;
    let present = text.as_deref().and_then(of_xtask);
    if present.is_some() {
        draft.there(ground, Piece::Alias, &path);
        return Ok(());
    }
    if matches!(found, Found::None) && !ground.request.wanted.wants(Piece::Xtask) {
        draft.left_out(Piece::Alias, "there is no xtask that it could start");
        return Ok(());
    }
    note_target(text.as_deref(), draft);
    let value = match found.manifest(ground) {
        Some(manifest) => format!("\"run --quiet --manifest-path {manifest} --\""),
        None => VALUE.to_owned(),
    };
    let Some(before) = text else {
        let text = format!("[alias]\nxtask = {value}\n");
        draft.create(ground, Piece::Alias, path, text);
        return Ok(());
    };
    match toml_edits::with_entry(&before, "alias", "xtask", &value) {
        Some(after) => draft.edit(ground, Piece::Alias, path, before, after),
        None => draft.by_hand(
            Piece::Alias,
            format!(
                "`alias` in {} is written so that there is more than one way to add to it",
                relative_to(ground.root, &path)
            ),
            format!("[alias]\nxtask = {value}\n"),
        ),
    }
    Ok(())
}

/// A target that is set for the whole project would be that of the xtask too.
fn note_target(text: Option<&str>, draft: &mut Draft) {
    let document = text.and_then(|text| Document::parse(text).ok());
    let build = document.as_ref().and_then(|it| it.as_table().get("build"));
    let target = build.and_then(|build| build.as_table_like()?.get("target")?.as_str());
    if let Some(target) = target {
        draft.notes.push(format!(
            "`build.target` is {target} in cargo's configuration, and so the xtask would be compiled \
             for it: add `--target` with the name of your own machine (`rustc -vV` says it) in front \
             of the `--` of the alias, or move `build.target` into the packages that need it"
        ));
    }
}
