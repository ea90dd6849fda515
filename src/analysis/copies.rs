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
