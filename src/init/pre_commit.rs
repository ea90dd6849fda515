//! The hook of pre-commit.

use super::draft::Draft;
use super::yaml_edits::{self, Layout, Node};
use super::{Ground, Piece, text};
use crate::error::{Error, Result};
use crate::workspace::relative_to;

const FILE: &str = ".pre-commit-config.yaml";

/// What the hook looks at, as `.pre-commit-hooks.yaml` says it.
const FILES: &str = r"(^|/)(Cargo\.(toml|lock)|wasmtime-upgrade\.toml)$|\.(rs|wit)$";

pub(super) fn plan(ground: &Ground<'_>, draft: &mut Draft) -> Result<()> {
    let path = ground.top().join(FILE);
    let Some(before) = text::read(ground.world, &path)? else {
        if ground.request.wanted.names(Piece::PreCommit) {
            let lines = item(ground, Layout::default()).join("\n");
            draft.create(ground, Piece::PreCommit, path, format!("repos:\n{lines}\n"));
        } else {
            let reason = format!("there is no {FILE}; `--with pre-commit` makes one");
            draft.left_out(Piece::PreCommit, reason);
        }
        return Ok(());
    };
    let shown = relative_to(ground.root, &path);
    let document = yaml_edits::parse(&before).map_err(|error| {
        Error::usage(
            format!("{path}: no valid YAML: {error}"),
            "mend the file, or leave it out with `--without pre-commit`",
        )
    })?;
    if document.as_ref().is_some_and(is_there) {
        draft.there(ground, Piece::PreCommit, &path);
        return Ok(());
    }
    match yaml_edits::with_item(&before, "repos", "hooks", |layout| item(ground, layout)) {
        Some(after) => draft.edit(ground, Piece::PreCommit, path, before, after),
        None => {
            let lines = item(ground, Layout::default()).join("\n");
            let why = format!(
                "{shown} is written so that there is more than one way to add to its `repos`"
            );
            draft.by_hand(Piece::PreCommit, why, format!("repos:\n{lines}\n"));
        }
    }
    Ok(())
}

/// Whether a hook is ours, or starts us.
fn is_there(document: &Node) -> bool {
    let repositories = document.get("repos").map(Node::items).unwrap_or_default();
    let mut hooks = repositories
        .iter()
        .flat_map(|it| it.get("hooks").map(Node::items).unwrap_or_default());
    let text = |hook: &Node, key: &str| {
        let value = hook.get(key).and_then(Node::text);
        value.unwrap_or_default().to_owned()
    };
    hooks.any(|hook| {
        let entry = text(hook, "entry");
        let starts = [
            "wasmtime-upgrade check",
            "xtask check",
            "xtask wasmtime check",
        ];
        text(hook, "id") == "wasmtime-upgrade" || starts.iter().any(|start| entry.contains(start))
    })
}

/// The lines of the item in `repos`.
fn item(ground: &Ground<'_>, layout: Layout) -> Vec<String> {
    let Layout {
        dash,
        key,
        inner_dash,
        inner_key,
    } = layout;
    let dashed = |dash: usize, key: usize| {
        format!(
            "{}-{}",
            " ".repeat(dash),
            " ".repeat(key.saturating_sub(dash + 1))
        )
    };
    let keyed = |text: &str| format!("{}{text}", " ".repeat(inner_key));
    vec![
        format!("{}repo: local", dashed(dash, key)),
        format!("{}hooks:", " ".repeat(key)),
        format!("{}id: wasmtime-upgrade", dashed(inner_dash, inner_key)),
        keyed("name: Wasmtime is safe and sound"),
        keyed("language: system"),
        keyed(&format!("entry: {}", ground.program.check_from_top(ground))),
        keyed(&format!("files: {FILES}")),
        keyed("pass_filenames: false"),
        keyed("require_serial: true"),
    ]
}
