//! The copies of Wasmtime in a lockfile: who holds each, and which packages of the workspace come
//! to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::knowledge::Family;
use crate::workspace::{LockedPackage, Lockfile, Purpose, Workspace};

/// Place of a package in [`Lockfile::packages`].
type Place = usize;

/// The lockfile as a graph. Built only where there is more than one Wasmtime.
pub struct LockGraph<'w> {
    lockfile: &'w Lockfile,
    needs: Vec<Vec<Place>>,
    needed_by: Vec<Vec<Place>>,
    /// Packages of the workspace, with the place of their manifest.
    members: BTreeMap<Place, usize>,
    /// What a package of the workspace needs for something else than its library and programs.
    purposes: BTreeMap<(Place, Place), Purpose>,
}

/// A chain of packages, each needing the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The packages.
    pub places: Vec<Place>,
    /// What the first one needs the second for.
    pub purpose: Purpose,
}

impl<'w> LockGraph<'w> {
    /// The graph of a workspace's lockfile; none without one.
    #[must_use]
    pub fn new(workspace: &'w Workspace) -> Option<Self> {
        let lockfile = workspace.lockfile.as_ref()?;
        let packages = &lockfile.packages;
        let places: BTreeMap<*const LockedPackage, Place> = packages
            .iter()
            .enumerate()
            .map(|(place, package)| (std::ptr::from_ref(package), place))
            .collect();
        let needs: Vec<Vec<Place>> = packages
            .iter()
            .map(|package| {
                let needs = lockfile.dependencies_of(package);
                needs
                    .filter_map(|needed| places.get(&std::ptr::from_ref(needed)).copied())
                    .collect()
            })
            .collect();
        let mut needed_by = vec![Vec::new(); packages.len()];
        for (place, needed) in needs.iter().enumerate() {
            for needed in needed {
                needed_by[*needed].push(place);
            }
        }
        let mut graph = Self {
            lockfile,
            needs,
            needed_by,
            members: BTreeMap::new(),
            purposes: BTreeMap::new(),
        };
        graph.add_members(workspace);
        Some(graph)
    }

    fn add_members(&mut self, workspace: &Workspace) {
        for (index, manifest) in workspace.manifests.iter().enumerate() {
            let Some(place) = self.packages().iter().position(|package| {
                package.source.is_none() && manifest.package.as_ref() == Some(&package.name)
            }) else {
                continue;
            };
            self.members.insert(place, index);
            for needed in &self.needs[place] {
                let locked = &self.lockfile.packages[*needed];
                let purpose = purpose(workspace, index, locked);
                if purpose != Purpose::Normal {
                    self.purposes.insert((place, *needed), purpose);
                }
            }
        }
    }

    fn packages(&self) -> &'w [LockedPackage] {
        &self.lockfile.packages
    }

    /// The package at a place.
    #[must_use]
    pub fn package(&self, place: Place) -> &'w LockedPackage {
        &self.lockfile.packages[place]
    }

    /// The manifest of a package of the workspace.
    #[must_use]
    pub fn manifest(&self, place: Place) -> Option<usize> {
        self.members.get(&place).copied()
    }

    /// The packages of the workspace.
    pub fn members(&self) -> impl Iterator<Item = Place> {
        self.members.keys().copied()
    }

    /// Every copy of a crate, the oldest first.
    #[must_use]
    pub fn copies(&self, name: &str) -> Vec<Place> {
        let mut copies: Vec<Place> = (0..self.packages().len())
            .filter(|place| self.packages()[*place].name == name)
            .collect();
        copies.sort_by_key(|place| &self.packages()[*place].version);
        copies
    }

    /// Who holds a copy of a family's crate: the packages of the workspace, and published ones
    /// outside of the family, that need it themselves or through others of the family.
    #[must_use]
    pub fn holders(&self, copy: Place, family: &Family) -> BTreeSet<Place> {
        let passes_on = |place: Place| {
            !self.members.contains_key(&place) && family.get(&self.package(place).name).is_some()
        };
        let mut holders = BTreeSet::new();
        let mut seen = BTreeSet::from([copy]);
        let mut todo = vec![copy];
        while let Some(place) = todo.pop() {
            for user in &self.needed_by[place] {
                if !seen.insert(*user) {
                    continue;
                }
                if passes_on(*user) {
                    todo.push(*user);
                } else {
                    holders.insert(*user);
                }
            }
        }
        holders
    }

    /// The shortest chain from one package to any of `to`, itself included. One that the package's
    /// own programs use comes before one of its tests, and that before one of its build script,
    /// which is a program of its own and is only followed when the package is where it starts.
    #[must_use]
    pub fn chain(&self, from: Place, to: &BTreeSet<Place>) -> Option<Chain> {
        let purposes = [Purpose::Normal, Purpose::Dev, Purpose::Build];
        purposes.into_iter().find_map(|purpose| {
            let places = self.search(from, to, purpose)?;
            Some(Chain { places, purpose })
        })
    }

    /// Breadth first, with the first step for `purpose` and all others for programs.
    fn search(&self, from: Place, to: &BTreeSet<Place>, purpose: Purpose) -> Option<Vec<Place>> {
        if to.contains(&from) {
            return (purpose == Purpose::Normal).then(|| vec![from]);
        }
        let mut came_from: Vec<Option<Place>> = vec![None; self.needs.len()];
        let mut queue = VecDeque::from([from]);
        while let Some(place) = queue.pop_front() {
            for next in &self.needs[place] {
                let wanted = match place == from {
                    true => purpose,
                    false => Purpose::Normal,
                };
                let is_for = self.purpose(place, *next);
                if is_for != wanted || *next == from || came_from[*next].is_some() {
                    continue;
                }
                came_from[*next] = Some(place);
                if to.contains(next) {
                    return Some(way_back(&came_from, *next));
                }
                queue.push_back(*next);
            }
        }
        None
    }

    fn purpose(&self, from: Place, to: Place) -> Purpose {
        let purpose = self.purposes.get(&(from, to)).copied();
        purpose.unwrap_or(Purpose::Normal)
    }

    /// Whether a package needs another one itself.
    #[must_use]
    pub fn needs(&self, from: Place, to: Place) -> bool {
        self.needs[from].contains(&to)
    }

    /// Every package that comes to any of `to`, whatever for; themselves included.
    #[must_use]
    pub fn comes_to(&self, to: &BTreeSet<Place>) -> BTreeSet<Place> {
        let mut seen = to.clone();
        let mut todo: Vec<Place> = to.iter().copied().collect();
        while let Some(place) = todo.pop() {
            let users = self.needed_by[place].iter().copied();
            todo.extend(users.filter(|user| seen.insert(*user)));
        }
        seen
    }
}

/// The chain that ends at `last`, from its start.
fn way_back(came_from: &[Option<Place>], last: Place) -> Vec<Place> {
    let mut places = vec![last];
    let mut place = last;
    while let Some(previous) = came_from[place] {
        places.push(previous);
        place = previous;
    }
    places.reverse();
    places
}

/// What a package of the workspace needs a locked one for: its programs, when in doubt.
fn purpose(workspace: &Workspace, manifest: usize, locked: &LockedPackage) -> Purpose {
    let asked = super::graph::requirements_of(workspace, manifest, &locked.name);
    let fitting = asked.filter(|entries| {
        let requirement = entries.iter().find_map(|entry| {
            entry.requirement.as_ref()?;
            entry.version_req().ok()
        });
        requirement.is_none_or(|requirement| requirement.matches(&locked.version))
    });
    fitting
        .filter_map(|entries| Some(entries.last()?.table.purpose()))
        .min()
        .unwrap_or(Purpose::Normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::workspace::{Manifest, Workspace};

    /// `app` needs `plugin`, and `tool` for its build script; both hold a Wasmtime.
    const LOCKED: &str = r#"
version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["plugin", "tool", "lib"]
[[package]]
name = "lib"
version = "0.1.0"
dependencies = ["wasmtime 36.0.20"]
[[package]]
name = "plugin"
version = "1.0.0"
source = "registry+https://example.com/index"
dependencies = ["wasmtime-wasi"]
[[package]]
name = "tool"
version = "2.0.0"
source = "registry+https://example.com/index"
dependencies = ["wasmtime 36.0.20"]
[[package]]
name = "wasmtime"
version = "36.0.20"
source = "registry+https://example.com/index"
[[package]]
name = "wasmtime"
version = "32.0.0"
source = "registry+https://example.com/index"
[[package]]
name = "wasmtime-wasi"
version = "32.0.0"
source = "registry+https://example.com/index"
dependencies = ["wasmtime 32.0.0"]
"#;

    fn workspace() -> Workspace {
        let manifest = |name: &str, tables: &str| {
            let text = format!("[package]\nname = \"{name}\"\n{tables}");
            Manifest::parse(format!("/{name}/Cargo.toml").into(), text).unwrap()
        };
        let manifests = vec![
            manifest(
                "app",
                "[dependencies]\nplugin = \"1\"\nlib = { path = \"../lib\" }\n[build-dependencies]\ntool = \"2\"",
            ),
            manifest("lib", "[dev-dependencies]\nwasmtime = \"36\""),
        ];
        let lockfile = Lockfile::parse("/Cargo.lock".into(), LOCKED.to_owned()).unwrap();
        Workspace::new(manifests, Some(lockfile))
    }

    fn names(graph: &LockGraph<'_>, places: impl IntoIterator<Item = Place>) -> Vec<String> {
        let names = places.into_iter().map(|place| graph.package(place));
        names.map(|package| package.name.clone()).collect()
    }

    #[test]
    fn holders_are_those_outside_of_the_family_nearest_to_the_copy() {
        let workspace = workspace();
        let graph = LockGraph::new(&workspace).unwrap();
        let family = &Knowledge::embedded().family;
        let copies = graph.copies("wasmtime");
        let versions = copies.iter().map(|c| graph.package(*c).version.to_string());
        assert_eq!(versions.collect::<Vec<_>>(), ["32.0.0", "36.0.20"]);
        let of = |copy| names(&graph, graph.holders(copy, family));
        assert_eq!(of(copies[0]), ["plugin"]);
        assert_eq!(of(copies[1]), ["lib", "tool"]);
    }

    #[test]
    fn a_chain_says_which_program_it_is_of() {
        let workspace = workspace();
        let graph = LockGraph::new(&workspace).unwrap();
        let copies = graph.copies("wasmtime");
        let members: Vec<Place> = graph.members().collect();
        let chain = |from: Place, to: Place| {
            let chain = graph.chain(from, &BTreeSet::from([to]))?;
            Some((names(&graph, chain.places), chain.purpose))
        };
        let expected = ["app", "plugin", "wasmtime-wasi", "wasmtime"].map(str::to_owned);
        assert_eq!(
            chain(members[0], copies[0]),
            Some((expected.to_vec(), Purpose::Normal))
        );
        // Through `lib` there is none: what `lib` needs for its tests stays there.
        let expected = ["app", "tool", "wasmtime"].map(str::to_owned);
        assert_eq!(
            chain(members[0], copies[1]),
            Some((expected.to_vec(), Purpose::Build))
        );
        let expected = ["lib", "wasmtime"].map(str::to_owned);
        assert_eq!(
            chain(members[1], copies[1]),
            Some((expected.to_vec(), Purpose::Dev))
        );
        assert_eq!(chain(members[1], copies[0]), None);
    }
}
