//! The xtask itself.

use super::draft::Draft;
use super::foreign::{self, Found};
use super::{Ground, Piece, toml_edits};
use crate::error::Result;
use crate::workspace::takes_in;

const MAIN: &str = "//! `cargo xtask`: the commands of wasmtime-upgrade, for this workspace.\n\nfn main() -> std::process::ExitCode {\n    wasmtime_upgrade::cli::main()\n}\n";

pub(super) fn plan(ground: &Ground<'_>, found: &Found, draft: &mut Draft) -> Result<()> {
    match found {
        Found::Ours(folder) | Found::With(folder) => {
            draft.there(ground, Piece::Xtask, folder);
            Ok(())
        }
        Found::Other(existing) => foreign::by_hand(ground, existing, draft),
        Found::None => {
            create(ground, draft);
            Ok(())
        }
    }
}

fn create(ground: &Ground<'_>, draft: &mut Draft) {
    let folder = ground.root.join("xtask");
    let repository = ground.repository.as_deref();
    let source = &ground.request.source;
    let files = [
        ("Cargo.toml", manifest(&source.value(&folder, repository))),
        ("src/main.rs", MAIN.to_owned()),
        // A workspace's own `/target` is not this one.
        (".gitignore", "/target\n".to_owned()),
    ];
    for (name, text) in files {
        draft.create(ground, Piece::Xtask, folder.join(name), text);
    }
    draft.notes.extend(source.note(repository));
    exclude(ground, draft);
}

fn manifest(source: &str) -> String {
    format!(
        "# A workspace of its own, with its own lockfile: a broken edit in the workspace above can never\n\
         # keep `cargo xtask undo` from starting, and none of these crates enter that lockfile.\n\
         [workspace]\n\n\
         [package]\n\
         name = \"xtask\"\n\
         version = \"0.0.0\"\n\
         edition = \"2024\"\n\
         rust-version = \"{}\"\n\
         publish = false\n\n\
         [dependencies]\n\
         {} = {source}\n",
        env!("CARGO_PKG_RUST_VERSION"),
        env!("CARGO_PKG_NAME"),
    )
}

/// Where a wildcard among the members would take the xtask in, cargo would refuse both workspaces.
fn exclude(ground: &Ground<'_>, draft: &mut Draft) {
    let manifest = ground.root_manifest();
    if !takes_in(manifest, &ground.root.join("xtask")) {
        return;
    }
    match toml_edits::with_item(&manifest.text, "workspace", "exclude", "xtask") {
        Some(after) => draft.edit(
            ground,
            Piece::Xtask,
            manifest.path.clone(),
            manifest.text.clone(),
            after,
        ),
        None => draft.by_hand(
            Piece::Xtask,
            "a wildcard among `workspace.members` would take `xtask` in",
            "[workspace]\nexclude = [\"xtask\"]\n".to_owned(),
        ),
    }
}
