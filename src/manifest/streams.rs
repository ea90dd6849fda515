//! Requiring `tokio`, for packages with streams of their own: from 36 on those have a function that gives one of
//! its traits (`migrate::streams`). `wasmtime-wasi` has it in the graph anyway.

use std::collections::BTreeSet;

use super::beside::{Asked, WASI, entry_behind, is_beside, of_workspace, place};
use super::{ManifestEdit, ManifestPlan, Move};
use crate::migrate::streams;
use crate::version::Line;
use crate::workspace::{Dependency, Workspace};

const TOKIO: &str = "tokio";

/// The packages that don't require it and have a place for it, by the places of their manifests.
#[must_use]
pub(super) fn lacking(workspace: &Workspace, from: Line, to: Line) -> BTreeSet<usize> {
    if !streams::is_crossed(from, to) {
        return BTreeSet::new();
    }
    let lacks = |index: usize| {
        workspace.manifests.get(index).is_some_and(|manifest| {
            let lacks = !is_beside(workspace, manifest, TOKIO);
            // Something of the project's own may have the name, or there is one beside it that is optional.
            let place = place(workspace, manifest);
            let is_taken = |it: &Dependency| {
                let is_other = workspace.crate_of(it) != TOKIO;
                it.key.value == TOKIO && (is_other || place.is_some_and(|at| at.table == it.table))
            };
            let is_free = !manifest.dependencies.iter().any(is_taken);
            lacks && is_free && place.is_some()
        })
    };
    let sources = workspace.sources.iter();
    let having = sources.filter(|it| lacks(it.manifest) && streams::is_implemented(&it.text));
    having.map(|source| source.manifest).collect()
}

/// Adds the entries behind those on `wasmtime-wasi`, from the workspace where that has one.
pub(super) fn plan(ground: &Move<'_>, plan: &mut ManifestPlan) {
    let workspace = ground.workspace;
    for index in lacking(workspace, ground.from.line(), ground.target.line()) {
        let manifest = &workspace.manifests[index];
        let Some(beside) = place(workspace, manifest) else {
            continue;
        };
        let asked = match of_workspace(workspace, TOKIO) {
            Some(_) => Asked::OfWorkspace,
            None => Asked::Requirement("1"),
        };
        let reason = format!("streams of `{WASI}` give a trait of `{TOKIO}`'s");
        plan.renamed_keys.insert(TOKIO.to_owned());
        plan.always(ManifestEdit {
            manifest: index,
            edit: entry_behind(manifest, beside, TOKIO, asked, &reason),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analysis;
    use crate::edit::EditSet;
    use crate::knowledge::Knowledge;
    use crate::registry::holder::Raised;
    use crate::workspace::{Manifest, Source};

    const STREAM: &str = "impl wasmtime_wasi::StdoutStream for Out { fn stream(&self) -> Box<dyn Out> { x() } fn isatty(&self) -> bool { false } }";

    /// The manifests of packages that have this source each, moved to 36.
    fn moved(manifests: &[&str], source: &str) -> Vec<String> {
        let parse = |(index, text): (usize, &&str)| {
            let folder = if index == 0 { "/w" } else { "/w/m" };
            Manifest::parse(format!("{folder}/Cargo.toml").into(), (*text).to_owned()).unwrap()
        };
        let parsed = manifests.iter().enumerate().map(parse).collect();
        let mut workspace = Workspace::new(parsed, None);
        for manifest in 0..manifests.len() {
            workspace.sources.push(Source {
                path: format!("/w/{manifest}.rs").into(),
                manifest,
                text: source.to_owned(),
            });
        }
        let mut plan = ManifestPlan::default();
        super::plan(
            &Move {
                workspace: &workspace,
                analysis: &Analysis::default(),
                knowledge: Knowledge::embedded(),
                from: &"32.0.0".parse().unwrap(),
                target: &"36.0.20".parse().unwrap(),
                raised: &Raised::new(),
            },
            &mut plan,
        );
        let mut edits = vec![EditSet::default(); manifests.len()];
        for step in plan.edits {
            edits[step.manifest].add(step.edit).unwrap();
        }
        let texts = edits.iter().zip(manifests);
        texts.map(|(edits, text)| edits.apply(text)).collect()
    }

    #[test]
    fn a_package_with_a_stream_requires_tokio() {
        let text =
            "[package]\nname = \"p\"\n[dependencies]\nwasmtime-wasi = \"32\" # x\nserde = \"1\"\n";
        let after = text.replace("# x\n", "# x\ntokio = \"1\"\n");
        assert_eq!(moved(&[text], STREAM), [after.as_str()]);
        // Of its tests alone it is not there for the library.
        let of_tests = "[dev-dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\n";
        let before = format!("{text}{of_tests}");
        let after = format!("{after}{of_tests}");
        assert_eq!(moved(&[&before], STREAM), [after.as_str()]);
        // Tables of their own.
        let text = "[package]\nname = \"p\"\n\n[dependencies.wasmtime-wasi] # x\nversion = \"32\"\ndefault-features = false\n\n[dev-dependencies.a]\nversion = \"1\"\n";
        let table = "false\n\n[dependencies.tokio]\nversion = \"1\"\n";
        let after = text.replace("false\n", table);
        assert_eq!(moved(&[text], STREAM), [after.as_str()]);
        // The workspace has it.
        let root = "[workspace]\nmembers = [\"m\"]\n[workspace.dependencies]\nwasmtime-wasi = \"32\"\ntokio = { version = \"1.40\" }\n";
        let member = "[package]\nname = \"p\"\n[dependencies]\nwasmtime-wasi.workspace = true\n";
        let after = format!("{member}tokio.workspace = true\n");
        assert_eq!(moved(&[root, member], STREAM), [root, after.as_str()]);
    }

    #[test]
    fn who_has_tokio_or_no_stream_gets_nothing() {
        let text = "[package]\nname = \"p\"\n[dependencies]\nwasmtime-wasi = \"32\"\n";
        let own = format!("trait StdoutStream {{}} {STREAM}");
        let newer = STREAM.replace("stream(", "p2_stream(");
        for source in ["fn isatty() {} // StdoutStream", &own, &newer] {
            assert_eq!(moved(&[text], source), [text], "{source}");
        }
        for more in [
            "tokio = { version = \"1\", features = [\"rt\"] }\n",
            "async = { package = \"tokio\", version = \"1\" }\n",
            "tokio = { package = \"ours\", path = \"ours\" }\n",
            "[dev-dependencies]\nx = \"1\"\n[target.'cfg(unix)'.dependencies]\ntokio = \"1\"\n",
        ] {
            let text = format!("{text}{more}");
            assert_eq!(moved(&[&text], STREAM), [text.as_str()]);
        }
    }
}
