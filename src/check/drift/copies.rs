//! More than one Wasmtime in one lockfile.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Ground, Reported};
use crate::analysis::copies::{Chain, LockGraph};
use crate::check::built_in::TWO_WASMTIMES;
use crate::finding::{Evidence, Exposure, Location};
use crate::version::Line;
use crate::workspace::{LockedPackage, Purpose};

mod words;

use words::{named, tree};

/// What is known of the copies of one workspace.
struct Copies<'a> {
    ground: &'a Ground<'a>,
    graph: &'a LockGraph<'a>,
    /// Who holds each copy, without what is done on purpose or said already.
    holders: BTreeMap<usize, BTreeSet<usize>>,
    /// Packages of the workspace that require two copies under two names, by copy.
    on_purpose: BTreeMap<usize, BTreeSet<usize>>,
}

/// A package that comes to two copies in one program.
struct Meeting {
    /// The way to the copy at hand, from the package to who holds it.
    to_copy: Chain,
    /// The way to the other one.
    to_other: Chain,
    other: usize,
}

/// A finding for each copy but the one that the workspace's own packages use (the newest of
/// those, or of all where the workspace uses none itself).
pub(super) fn drafts(ground: &Ground<'_>, reported: &Reported) -> Vec<Draft> {
    let lockfile = ground.workspace.lockfile.as_ref();
    if lockfile.is_none_or(|lockfile| lockfile.versions_of("wasmtime").nth(1).is_none()) {
        return Vec::new();
    }
    let Some(graph) = LockGraph::new(ground.workspace) else {
        return Vec::new();
    };
    let places = graph.copies("wasmtime");
    let holders = places.iter().map(|copy| {
        let holders = graph.holders(*copy, &ground.knowledge.family);
        (*copy, holders)
    });
    let mut copies = Copies {
        ground,
        graph: &graph,
        holders: holders.collect(),
        on_purpose: BTreeMap::new(),
    };
    let own = places
        .iter()
        .rev()
        .find(|copy| copies.is_held_by_member(**copy));
    let Some(main) = own.or(places.last()).copied() else {
        return Vec::new();
    };
    let said = copies.set_apart(reported);
    let others = places.iter().filter(|copy| **copy != main);
    others
        .filter_map(|copy| copies.draft(*copy, main, said.contains(copy)))
        .collect()
}

impl Copies<'_> {
    fn is_held_by_member(&self, copy: usize) -> bool {
        let mut holders = self.holders[&copy].iter();
        holders.any(|holder| self.graph.manifest(*holder).is_some())
    }

    /// Takes out the packages that hold a copy on purpose, or that a finding on siblings speaks
    /// of. Returns the copies of the latter.
    fn set_apart(&mut self, reported: &Reported) -> BTreeSet<usize> {
        let copies: Vec<usize> = self.holders.keys().copied().collect();
        let mut said = BTreeSet::new();
        for member in self.graph.members() {
            let named: Vec<usize> = copies
                .iter()
                .copied()
                .filter(|copy| self.graph.needs(member, *copy))
                .collect();
            if named.len() > 1 {
                for copy in named {
                    self.on_purpose.entry(copy).or_default().insert(member);
                    self.holders.entry(copy).or_default().remove(&member);
                }
            }
            let Some(manifest) = self.graph.manifest(member) else {
                continue;
            };
            for copy in &copies {
                let line = Line(self.graph.package(*copy).version.major);
                if reported.contains(&(manifest, line)) {
                    said.insert(*copy);
                    self.holders.entry(*copy).or_default().remove(&member);
                }
            }
        }
        said
    }

    fn draft(&self, copy: usize, main: usize, said: bool) -> Option<Draft> {
        let holders = &self.holders[&copy];
        if holders.is_empty() && said {
            return None;
        }
        match self.meeting(copy, main) {
            Some(meeting) => self.together(copy, &meeting),
            None => self.apart(copy, main),
        }
    }

    /// The package nearest to both copies that comes to both in one program.
    fn meeting(&self, copy: usize, main: usize) -> Option<Meeting> {
        let holders = &self.holders[&copy];
        let near = self.graph.comes_to(holders);
        let passed_on = self.passed_on(holders, copy);
        let way = |member| self.way(member, holders, &passed_on, copy);
        let ways: Vec<(usize, Chain)> = self
            .graph
            .members()
            .filter(|member| near.contains(member))
            .filter_map(|member| Some((member, way(member)?)))
            .collect();
        // Two copies that are not the main one are compared once, at the older one.
        let newer = self.holders.keys().copied().filter(|other| {
            let version = |place| &self.graph.package(place).version;
            *other != main && *other != copy && version(*other) > version(copy)
        });
        [main].into_iter().chain(newer).find_map(|other| {
            let holders = self.with_purpose(other);
            let passed_on = self.passed_on(&holders, other);
            let meetings = ways.iter().filter_map(|(member, to_copy)| {
                let to_other = self.way(*member, &holders, &passed_on, other)?;
                in_one_program(to_copy, &to_other).then(|| Meeting {
                    to_copy: to_copy.clone(),
                    to_other,
                    other,
                })
            });
            meetings.min_by_key(|meeting| {
                let length = meeting.to_copy.places.len() + meeting.to_other.places.len();
                (meeting.to_copy.purpose, length)
            })
        })
    }

    /// The way from a package to who holds a copy: to itself, or to one that passes it on.
    fn way(
        &self,
        from: usize,
        holders: &BTreeSet<usize>,
        passed_on: &BTreeSet<usize>,
        copy: usize,
    ) -> Option<Chain> {
        let own = holders
            .contains(&from)
            .then(|| self.graph.chain(from, &BTreeSet::from([copy])))
            .flatten()
            .map(|chain| Chain {
                places: vec![from],
                purpose: chain.purpose,
            });
        let mut others = passed_on.clone();
        others.remove(&from);
        let through = self.graph.chain(from, &others);
        let ways = own.into_iter().chain(through);
        ways.min_by_key(|chain| (chain.purpose, chain.places.len()))
    }

    /// The holders that give a copy to who uses them: what a package of the workspace needs for its
    /// own tests or build script stays there.
    fn passed_on(&self, holders: &BTreeSet<usize>, copy: usize) -> BTreeSet<usize> {
        let target = BTreeSet::from([copy]);
        let passes_on = |holder: &usize| {
            self.graph.manifest(*holder).is_none()
                || self
                    .graph
                    .chain(*holder, &target)
                    .is_some_and(|chain| chain.purpose == Purpose::Normal)
        };
        holders.iter().copied().filter(passes_on).collect()
    }

    /// Who holds a copy, those included that do so on purpose: their own is one of the two.
    fn with_purpose(&self, copy: usize) -> BTreeSet<usize> {
        let mut holders = self.holders[&copy].clone();
        holders.extend(self.on_purpose.get(&copy).into_iter().flatten());
        holders
    }

    /// One program has both.
    fn together(&self, copy: usize, meeting: &Meeting) -> Option<Draft> {
        let package = self.graph.package(copy);
        let other = self.graph.package(meeting.other);
        let first = *meeting.to_copy.places.first()?;
        let to_copy = self.down_to(&meeting.to_copy, copy);
        let to_other = self.down_to(&meeting.to_other, meeting.other);
        let manifest = self.graph.manifest(first)?;
        let step = |places: &[usize]| {
            let next = self.graph.package(*places.get(1)?);
            self.ground.place_of_locked(manifest, next)
        };
        let locked = self.ground.in_lockfile(package)?;
        let mut evidence = Vec::new();
        evidence.extend(step(&to_other).map(|location| Evidence {
            label: format!("this leads to {}", named(other)),
            location,
        }));
        evidence.push(Evidence {
            label: "the other Wasmtime is locked here".to_owned(),
            location: locked.clone(),
        });
        let only = match (meeting.to_copy.purpose, meeting.to_other.purpose) {
            (Purpose::Normal, Purpose::Normal) => "",
            (Purpose::Build, _) => ", in the build script",
            _ => ", in tests, examples and benches",
        };
        let holder = *meeting.to_copy.places.last()?;
        let (exposure, doubt) = match self.requires_both(&to_copy, &to_other) && only.is_empty() {
            true => (Exposure::Affected, ""),
            false => (
                Exposure::Possible,
                ", and whether values pass between them can't be told",
            ),
        };
        let why = format!(
            "{}, beside {}{only}: types of the one are not those of the other{doubt}{}{}",
            self.path(&to_copy),
            self.path(&to_other),
            self.more_holders(copy, holder),
            self.not_judged(package),
        );
        let help = self.help(copy, holder, other);
        let location = step(&to_copy).unwrap_or(locked);
        Some(Draft {
            evidence,
            why,
            help,
            ..self.blank(copy, other, exposure, location)
        })
    }

    /// Whether the package where both chains start requires a Wasmtime itself, and a crate that
    /// works on the types of the other one.
    fn requires_both(&self, one: &[usize], other: &[usize]) -> bool {
        let works_on_it = |place: usize| {
            let member = self
                .ground
                .knowledge
                .family
                .get(&self.graph.package(place).name);
            member.is_some_and(|member| member.types_of.as_deref() == Some("wasmtime"))
        };
        match (one, other) {
            ([_, _], [_, sibling, _]) | ([_, sibling, _], [_, _]) => works_on_it(*sibling),
            _ => false,
        }
    }

    /// No program has both, or a package requires both and names them apart.
    fn apart(&self, copy: usize, main: usize) -> Option<Draft> {
        let package = self.graph.package(copy);
        let other = self.graph.package(main);
        let purposeful = self.on_purpose.get(&copy).and_then(|set| set.first());
        let holder = purposeful.or(self.holders[&copy].first())?;
        let manifest = self.graph.manifest(*holder);
        let stated = manifest.and_then(|manifest| {
            let way = self.graph.chain(*holder, &BTreeSet::from([copy]))?;
            let next = self.graph.package(*way.places.get(1)?);
            self.ground.place_of_locked(manifest, next)
        });
        let who = self.graph.package(*holder);
        let why = match purposeful {
            Some(_) => format!(
                "`{}` itself requires both {} and {}",
                who.name,
                named(package),
                named(other)
            ),
            None => format!(
                "`{}` holds it, and no program of the workspace has {} too",
                who.name,
                named(other)
            ),
        };
        let location = stated.or_else(|| self.ground.in_lockfile(package))?;
        let help = format!(
            "nothing, if both are wanted; {} shows who uses it",
            tree(package)
        );
        let why = format!("{why}{}", self.not_judged(package));
        Some(Draft {
            why,
            help,
            ..self.blank(copy, other, Exposure::NotAffected, location)
        })
    }

    /// What a finding on a copy always says.
    fn blank(
        &self,
        copy: usize,
        other: &LockedPackage,
        exposure: Exposure,
        location: Location,
    ) -> Draft {
        let package = self.graph.package(copy);
        Draft {
            id: TWO_WASMTIMES,
            exposure,
            title: format!(
                "a second Wasmtime in one graph: {} beside {}",
                package.version, other.version
            ),
            package: package.name.clone(),
            version: package.version.clone(),
            location,
            evidence: Vec::new(),
            why: String::new(),
            help: String::new(),
        }
    }

    /// A chain to who holds a copy, with what follows down to the copy.
    fn down_to(&self, chain: &Chain, copy: usize) -> Vec<usize> {
        let mut places = chain.places.clone();
        let rest = places
            .last()
            .and_then(|holder| self.graph.chain(*holder, &BTreeSet::from([copy])));
        places.extend(rest.iter().flat_map(|rest| &rest.places).skip(1));
        places
    }
}

/// Whether both meet in one program of the package where the chains start. Its tests have what its
/// programs have; its build script has neither.
fn in_one_program(one: &Chain, other: &Chain) -> bool {
    (one.purpose == Purpose::Build) == (other.purpose == Purpose::Build)
}
