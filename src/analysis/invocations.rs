//! Finding the `bindgen!` invocations of a workspace.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem::Finder;

use super::{Analysis, shipped};
use crate::bindgen::{self, Invocation, Meaning};
use crate::parallel;
use crate::wit::{Wit, Wits};
use crate::workspace::{Project, Workspace};
use crate::world::World;

/// One `bindgen!` invocation.
#[derive(Clone, Debug)]
pub struct InvocationFacts {
    /// Place of the file in [`Workspace::sources`].
    pub source: usize,
    /// What stands there.
    pub invocation: Invocation,
    /// What its options mean.
    pub meaning: Meaning,
    /// The world that it is about.
    pub wit: Wit,
}

impl Analysis {
    /// Finds the invocations in the sources of all packages.
    pub(super) fn find_invocations(
        &mut self,
        world: &dyn World,
        project: &Project,
        workspace: &Workspace,
    ) {
        for (manifest, passed_over) in &workspace.unread {
            self.passed_over.push(passed_over.clone());
            let path = project.root.join(&passed_over.path);
            let may_matter = shipped::may_be_compiled(workspace, *manifest, &path);
            self.unread_source(*manifest, passed_over.path.clone(), may_matter);
        }
        let crates = self.crates_by_manifest();
        let bindgen = Finder::new("bindgen");
        let sources = workspace.sources.iter().enumerate();
        let naming = sources.filter_map(|(index, source)| {
            let crates = crates.get(&source.manifest)?;
            bindgen.find(source.text.as_bytes())?;
            Some((index, source, crates))
        });
        let naming = Vec::from_iter(naming);
        let found = parallel::map_few(&naming, |(index, _, crates)| {
            let tokens = self.tokens.read(workspace, *index).ok()?;
            Some(bindgen::find(&tokens, crates))
        });
        let mut wits = Wits::new(world, &project.root);
        for ((index, source, _), found) in naming.into_iter().zip(found) {
            let Some(found) = found else {
                let may_matter = shipped::may_be_compiled(workspace, source.manifest, &source.path);
                self.unread_source(source.manifest, project.shown(&source.path), may_matter);
                continue;
            };
            let folder = workspace.manifests[source.manifest].folder();
            let facts = found.into_iter().map(|invocation| InvocationFacts {
                source: index,
                meaning: Meaning::of(&invocation),
                wit: wits.read(folder, &invocation),
                invocation,
            });
            let of_package = self.invocations.entry(source.manifest).or_default();
            of_package.extend(facts);
        }
    }

    /// The names by which packages know `wasmtime`, by manifest.
    fn crates_by_manifest(&self) -> BTreeMap<usize, BTreeSet<String>> {
        let mut crates = BTreeMap::<usize, BTreeSet<String>>::new();
        for used in self.required().filter(|used| used.package == "wasmtime") {
            let names = crates.entry(used.manifest).or_default();
            names.insert(used.extern_name.clone());
        }
        crates
    }

    /// Notes a source that could not be read; it matters when a target may have it.
    fn unread_source(&mut self, manifest: usize, path: String, may_matter: bool) {
        if may_matter {
            self.unread.entry(manifest).or_default().push(path);
        }
    }
}
