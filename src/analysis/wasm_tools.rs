//! Crates of wasm-tools, and where Wasmtime's API has types of theirs.
//!
//! Wasmtime takes and gives types of three of them only, and each in one narrow place; with the
//! others a project exchanges bytes, which know no generation. `wat` and `wast` are no matter
//! here: cargo takes the newest, and text is all that passes.

use super::Analysis;
use super::graph::FeatureState;
use super::mentions::{Mention, Sources};
use crate::knowledge::Features;
use crate::version::Line;
use crate::workspace::Workspace;

/// A crate that is numbered `0.N.P`, N being the generation.
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Where types of it pass; none where only bytes do.
    pub door: Option<Door>,
}

/// Where Wasmtime's API has types of it.
pub struct Door {
    /// The feature of `wasmtime` that opens it; none when it is always open.
    pub feature: Option<&'static str>,
    /// What a package that goes through it names, in the form of [`Sources::first`].
    pub mention: &'static str,
    /// For people.
    pub what: &'static str,
    /// Where Wasmtime itself has the crate.
    pub reexport: &'static str,
}

/// Source: the public API of `wasmtime` 32.0.0, 36.0.20, 41.0.0 and 48.0.8.
pub const TOOLS: [Tool; 8] = [
    Tool {
        name: "wasmparser",
        door: Some(Door {
            feature: None,
            mention: ".wasm_features",
            what: "`Config::wasm_features` takes its `WasmFeatures`",
            reexport: "`wasmtime::wasmparser` (feature `reexport-wasmparser`)",
        }),
    },
    Tool {
        name: "wasm-wave",
        door: Some(Door {
            feature: Some("wave"),
            mention: "wasm_wave",
            what: "its traits are implemented for `Val` and `Type`",
            reexport: "`wasmtime::component::wasm_wave`",
        }),
    },
    Tool {
        name: "wit-parser",
        door: Some(Door {
            feature: Some("wit-parser"),
            mention: "ItemName",
            what: "exports can be looked up by its `ItemName`",
            reexport: "`wasmtime::component::wit_parser`",
        }),
    },
    Tool {
        name: "wasm-encoder",
        door: None,
    },
    Tool {
        name: "wasmprinter",
        door: None,
    },
    Tool {
        name: "wit-component",
        door: None,
    },
    Tool {
        name: "wasm-compose",
        door: None,
    },
    Tool {
        name: "wasm-metadata",
        door: None,
    },
];

/// Whether types of a crate pass between a package and Wasmtime.
pub enum Passing<'a> {
    /// The feature that opens the door is off.
    Closed(&'static str),
    /// The package names what stands in the door.
    Named(Mention),
    /// It does not.
    NotNamed,
    /// It does not, as far as it could be read.
    Unread {
        /// Files that are no text at all.
        files: &'a [String],
        /// Places in [`Workspace::sources`] of those that may name it and are no Rust.
        sources: Vec<usize>,
    },
}

/// Whether the package `manifest` goes through `door`, with a Wasmtime of `line`.
#[must_use]
pub fn passing<'a>(
    workspace: &Workspace,
    analysis: &'a Analysis,
    features: &Features,
    line: Line,
    manifest: usize,
    door: &Door,
) -> Passing<'a> {
    let shut = |feature: &&str| {
        analysis.feature(workspace, features, line, "wasmtime", feature) == FeatureState::Off
    };
    if let Some(feature) = door.feature.filter(shut) {
        return Passing::Closed(feature);
    }
    let sources = Sources {
        workspace,
        analysis,
        package: Some(manifest),
    };
    match sources.first(door.mention) {
        Some(named) => Passing::Named(named),
        None => {
            let files = analysis
                .unread
                .get(&manifest)
                .map_or(&[][..], Vec::as_slice);
            let sources: Vec<usize> = sources.unread(door.mention).collect();
            match files.is_empty() && sources.is_empty() {
                true => Passing::NotNamed,
                false => Passing::Unread { files, sources },
            }
        }
    }
}
