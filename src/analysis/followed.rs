//! What takes reading all sources whole: following types and calls through the packages.
//!
//! Few entries ask for it, and it costs far more than all the rest, so it is done when a condition
//! asks for the first time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::Utf8Path;

use super::program;
use crate::rust::exports::ExportCall;
use crate::rust::program::PackageKey;
use crate::rust::source::FileFacts;
use crate::rust::store_data::StoreData;
use crate::workspace::Workspace;

/// A call of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// Place of the file in [`Workspace::sources`].
    pub source: usize,
    /// The call.
    pub call: ExportCall,
    /// Whether the project has a method of that name itself, so that the call may be of that one.
    pub has_namesake: bool,
}

/// What the packages of a workspace say about stores and exports.
#[derive(Debug, Default)]
pub struct Followed {
    /// Calls of exports, by manifest.
    pub calls: BTreeMap<usize, Vec<CallFacts>>,
    /// What is known of the store's data, by manifest; only for packages that use `wasmtime`.
    pub store_data: BTreeMap<usize, StoreData>,
    /// Sources that are no Rust, by their place, with the reason.
    pub unread: Vec<(usize, String)>,
}

impl Followed {
    /// Reads every source; `users` are the manifests of the packages that use `wasmtime`.
    #[must_use]
    pub fn through(workspace: &Workspace, users: &BTreeSet<usize>) -> Self {
        let mut followed = Self::default();
        let mut files = Vec::with_capacity(workspace.sources.len());
        for (place, source) in workspace.sources.iter().enumerate() {
            let read = FileFacts::read(source.path.clone(), &source.text);
            if let Err(failure) = &read {
                let reason = format!("{}: {}", failure.position, failure.message);
                followed.unread.push((place, reason));
            }
            files.push(read);
        }
        let program = program::program(workspace, files);
        let sources = workspace.sources.iter().enumerate();
        let places: HashMap<&Utf8Path, usize> = sources
            .map(|(place, source)| (&*source.path, place))
            .collect();
        for index in 0..workspace.manifests.len() {
            let calls = program
                .export_calls(PackageKey(index))
                .into_iter()
                .filter_map(|found| {
                    Some(CallFacts {
                        source: *places.get(found.path)?,
                        call: found.call.clone(),
                        has_namesake: found.has_namesake,
                    })
                });
            followed.calls.entry(index).or_default().extend(calls);
        }
        for user in users {
            let data = program.store_data(PackageKey(*user));
            followed.store_data.insert(*user, data);
        }
        followed
    }
}
