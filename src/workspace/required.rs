//! Which manifest requires which crate.

use std::collections::HashMap;

use super::{Dependency, DependencySource, DependencyTable, Manifest};

/// Where things stand in the manifests of a workspace: the same few crates are asked for again and again,
/// of a hundred manifests.
#[derive(Clone, Debug, Default)]
pub(super) struct Required {
    /// The places of the entries of `[workspace.dependencies]` among the root's, by key.
    inherited: HashMap<String, usize>,
    /// The manifests and the places in them of what they require themselves, by crate.
    packages: HashMap<String, Vec<(usize, usize)>>,
}

impl Required {
    pub(super) fn of(manifests: &[Manifest]) -> Self {
        let mut required = Self::default();
        let root = manifests.first();
        let entries = root
            .iter()
            .flat_map(|root| root.dependencies.iter().enumerate());
        for (place, entry) in entries {
            if entry.table == DependencyTable::Workspace {
                let known = required.inherited.entry(entry.key.value.clone());
                known.or_insert(place);
            }
        }
        for (index, manifest) in manifests.iter().enumerate() {
            for (place, dependency) in manifest.dependencies.iter().enumerate() {
                if !matches!(dependency.table, DependencyTable::Package { .. }) {
                    continue;
                }
                let inherited = required.inherited(manifests, dependency);
                let of_root = inherited.map(|entry| entry.package.as_str());
                let other = of_root.filter(|package| *package != dependency.package);
                for package in other.into_iter().chain([dependency.package.as_str()]) {
                    match required.packages.get_mut(package) {
                        Some(places) => places.push((index, place)),
                        None => {
                            let places = vec![(index, place)];
                            required.packages.insert(package.to_owned(), places);
                        }
                    }
                }
            }
        }
        required
    }

    /// The root's entry that a dependency inherits; none when it is stated where it stands.
    pub(super) fn inherited<'m>(
        &self,
        manifests: &'m [Manifest],
        dependency: &Dependency,
    ) -> Option<&'m Dependency> {
        if dependency.source != DependencySource::Inherited {
            return None;
        }
        let place = self.inherited.get(&dependency.key.value)?;
        manifests.first()?.dependencies.get(*place)
    }

    /// The manifests that require a crate, in order, each with the place of the dependency in it.
    pub(super) fn places_of(&self, package: &str) -> &[(usize, usize)] {
        let places = self.packages.get(package);
        places.map(Vec::as_slice).unwrap_or_default()
    }
}
