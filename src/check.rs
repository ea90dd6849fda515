//! Holding a project against the knowledge base.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::Date;

use crate::analysis::{Analysis, Basis, Use};
use crate::config::SupportPolicy;
use crate::finding::{Evidence, Exposure, Finding, Location};
use crate::knowledge::{Entry, Kind, Knowledge};
use crate::parallel;
use crate::version::FamilyVersion;
use crate::workspace::{Project, Workspace};

mod bindings;
pub mod built_in;
mod condition;
mod drift;
mod project_facts;
mod support;
mod switches;

pub use built_in::{BUILT_IN, BuiltIn, NOT_LTS, SUPPORT_ENDED, SUPPORT_ENDING};

pub(crate) use support::days_between;

use condition::{Answer, Judge, Truth};

/// What a project is held against besides the knowledge base.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The day that counts as today.
    pub today: Date,
    /// What is asked of a line's support.
    pub support: SupportPolicy,
}

impl Terms {
    /// What holds on that day where no policy says otherwise.
    #[must_use]
    pub fn on(today: Date) -> Self {
        Self {
            today,
            support: SupportPolicy::default(),
        }
    }
}

/// Everything that is known against one workspace, loudest first.
#[must_use]
pub fn check(
    project: &Project,
    workspace: &Workspace,
    analysis: &Analysis,
    knowledge: &Knowledge,
    terms: &Terms,
) -> Vec<Finding> {
    let groups = by_release(analysis);
    let places = groups.iter().map(|((package, release), uses)| {
        let judge = Judge {
            project,
            workspace,
            analysis,
            knowledge,
            line: release.line(),
        };
        let place = Context::new(project, workspace, release, uses);
        (package, judge, place.packages(), place)
    });
    let places = Vec::from_iter(places);
    // One crate has nearly all entries, so the entries are what threads share.
    let affecting = places.iter().flat_map(|place| {
        let (package, _, _, Context { release, .. }) = place;
        let affecting = knowledge.affecting(release);
        let affecting = affecting.filter(|entry| entry.package == **package && !entry.moves_only);
        affecting.map(move |entry| (place, entry))
    });
    let affecting = Vec::from_iter(affecting);
    let mut findings = parallel::map_few(&affecting, |((_, judge, packages, place), entry)| {
        let answer = judge.answer(entry, packages);
        place.finding(entry, &place.of_this_copy(answer, analysis))
    });
    for (package, _, _, place) in &places {
        if *package == "wasmtime" {
            findings.extend(support::findings(place, knowledge, terms));
        }
    }
    findings.extend(drift::findings(&drift::Ground {
        project,
        workspace,
        analysis,
        knowledge,
    }));
    sort(&mut findings);
    findings
}

/// What behaves differently on `to` and did not on `from`, as far as it can concern the project: a
/// finding each, as it will be on `to`. No compiler speaks of these.
#[must_use]
pub fn changes(
    project: &Project,
    workspace: &Workspace,
    analysis: &Analysis,
    knowledge: &Knowledge,
    from: &FamilyVersion,
    to: &FamilyVersion,
) -> Vec<Finding> {
    let judge = Judge {
        project,
        workspace,
        analysis,
        knowledge,
        line: to.line(),
    };
    let mut by_package = BTreeMap::<&str, Vec<&Use>>::new();
    for used in analysis.required() {
        by_package.entry(&used.package).or_default().push(used);
    }
    let mut found = Vec::new();
    for (package, uses) in &by_package {
        let place = Context::new(project, workspace, to, uses);
        let packages = place.packages();
        let changed = knowledge.affecting(to).filter(|entry| {
            entry.kind == Kind::BehaviourChange && entry.package == *package && !entry.affects(from)
        });
        let answered = changed.map(|entry| (entry, judge.answer(entry, &packages)));
        let concerning = answered.filter(|(_, answer)| answer.exposure() > Exposure::NotAffected);
        found.extend(concerning.map(|(entry, answer)| place.finding(entry, &answer)));
    }
    sort(&mut found);
    found
}

/// The order of every report: loudest first, then by place and id.
pub fn sort(findings: &mut [Finding]) {
    crate::order::sort_by(findings, |a, b| {
        (b.level, &a.location, &a.id).cmp(&(a.level, &b.location, &b.id))
    });
}

/// Whether the project would be exposed to `entry` on a release that the entry affects: for
/// choosing a target.
#[must_use]
pub fn exposure(
    project: &Project,
    workspace: &Workspace,
    analysis: &Analysis,
    knowledge: &Knowledge,
    entry: &Entry,
    release: &FamilyVersion,
) -> Exposure {
    let judge = Judge {
        project,
        workspace,
        analysis,
        knowledge,
        line: release.line(),
    };
    let mut packages: Vec<usize> = analysis
        .uses
        .iter()
        .filter(|used| used.package == entry.package)
        .map(|used| used.manifest)
        .collect();
    packages.dedup();
    if packages.is_empty() {
        return Exposure::NotAffected; // the crate is not in the project
    }
    judge.answer(entry, &packages).exposure()
}

/// The uses of each crate at each release. Two requirements that lead to the same release are one
/// matter.
fn by_release(analysis: &Analysis) -> BTreeMap<(String, FamilyVersion), Vec<&Use>> {
    let mut groups = BTreeMap::<_, Vec<&Use>>::new();
    for used in &analysis.uses {
        let key = (used.package.clone(), used.release.clone());
        groups.entry(key).or_default().push(used);
    }
    groups
}

/// One crate at one release in one workspace.
struct Context<'a> {
    project: &'a Project,
    workspace: &'a Workspace,
    release: &'a FamilyVersion,
    uses: &'a [&'a Use],
    /// Where the version is stated first, and the other places: the same for all that is found.
    stated: OnceLock<(Location, Vec<Evidence>)>,
}

impl<'a> Context<'a> {
    fn new(
        project: &'a Project,
        workspace: &'a Workspace,
        release: &'a FamilyVersion,
        uses: &'a [&'a Use],
    ) -> Self {
        Self {
            project,
            workspace,
            release,
            uses,
            stated: OnceLock::new(),
        }
    }
}

impl Context<'_> {
    /// What the sources show is about the copies that the workspace requires. Of another copy, which
    /// only a published crate brings, they show nothing either way.
    fn of_this_copy(&self, mut answer: Answer, analysis: &Analysis) -> Answer {
        let brought = self.uses.iter().all(|used| used.only_locked);
        let name = self.uses.first().map(|used| &used.package);
        let has_own = analysis.required().any(|used| Some(&used.package) == name);
        if brought && has_own {
            answer.truth = Truth::Unknown;
            answer.reasons = vec![
                "another crate brings this copy, and what it does with it is not in these sources"
                    .to_owned(),
            ];
            answer.evidence.clear();
        }
        answer
    }

    /// The manifests that use it.
    fn packages(&self) -> Vec<usize> {
        let mut packages: Vec<usize> = self.uses.iter().map(|used| used.manifest).collect();
        packages.sort_unstable();
        packages.dedup();
        packages
    }

    fn location_of(&self, used: &Use) -> Location {
        if let Some(lockfile) = self
            .workspace
            .lockfile
            .as_ref()
            .filter(|_| used.only_locked)
        {
            return Location::new(
                self.project.shown(&lockfile.path),
                &lockfile.text,
                used.span,
            );
        }
        let manifest = &self.workspace.manifests[used.stated_in];
        Location::new(
            self.project.shown(&manifest.path),
            &manifest.text,
            used.span,
        )
    }

    /// Where the version is stated first, and the other places.
    fn locations(&self) -> (Location, Vec<Evidence>) {
        self.stated
            .get_or_init(|| self.look_for_locations())
            .clone()
    }

    fn look_for_locations(&self) -> (Location, Vec<Evidence>) {
        let mut places: Vec<Location> = self
            .uses
            .iter()
            .map(|used| self.location_of(used))
            .collect();
        places.sort();
        places.dedup();
        let others = places.split_off(1.min(places.len()));
        let first = places.pop().unwrap_or_else(|| {
            let root = self.workspace.root();
            Location::new(
                self.project.shown(&root.path),
                &root.text,
                crate::span::Span::default(),
            )
        });
        let also = others.into_iter().map(|location| Evidence {
            label: "also required here".to_owned(),
            location,
        });
        (first, also.collect())
    }

    /// How the release is known, when it is not from the lockfile.
    fn basis(&self) -> Option<String> {
        let used = self.uses.iter().find(|used| used.basis != Basis::Locked)?;
        let Basis::Admitted { oldest, because } = &used.basis else {
            return None;
        };
        let range = if *oldest == used.release {
            format!("only {oldest}")
        } else {
            format!("{oldest} to {}", used.release)
        };
        Some(format!(
            "not locked ({because}); `{}` admits {range}, judged by the newest",
            used.requirement
        ))
    }

    /// Judging by what a requirement admits: when it also admits releases that are free of the
    /// entry, a later resolution may take one of them, but the newest is what cargo takes.
    fn finding(&self, entry: &Entry, answer: &Answer) -> Finding {
        let exposure = answer.exposure();
        let (location, mut evidence) = self.locations();
        evidence.extend(answer.evidence.iter().cloned());
        let mut why = answer.reasons.join("; ");
        if let Some(basis) = self.basis() {
            why = format!("{why}; {basis}");
        }
        Finding {
            id: entry.id.clone(),
            kind: entry.kind,
            level: exposure.level(),
            exposure,
            title: entry.title.clone(),
            package: entry.package.clone(),
            version: self.release.clone(),
            root: self.project.shown(self.workspace.folder()),
            location,
            evidence,
            why,
            help: entry.remedy.clone(),
            fixed_in: entry.fixed_in.clone(),
            links: entry.links.clone(),
            waived: None,
        }
    }
}
