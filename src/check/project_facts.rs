//! The leaves of a condition that speak of crates, features, API and the host.

use super::condition::{Answer, Judge, Subject, Truth};
use crate::analysis::graph::{self, FeatureState};
use crate::analysis::mentions::Sources;
use crate::finding::{Evidence, Location};
use crate::knowledge::condition::LockedRange;
use crate::workspace::LockedPackage;

/// What a host names that runs components.
const COMPONENTS: [&str; 14] = [
    "Component::new",
    "Component::from_file",
    "Component::from_binary",
    "Component::deserialize",
    "Component::deserialize_file",
    "Component::deserialize_raw",
    "Component::deserialize_open_file",
    "compile_component",
    "compile_component_serialized",
    "precompile_component",
    "component::Component",
    "component::Linker",
    "component::InstancePre",
    "component::bindgen",
];

impl Judge<'_> {
    /// "No" of the project itself is no proof when a package from elsewhere uses Wasmtime too.
    pub(super) fn unless_outsiders(&self, mut answer: Answer) -> Answer {
        if answer.truth != Truth::No {
            return answer;
        }
        if let Some(outsiders) = self.analysis.outsiders(self.workspace) {
            answer.truth = Truth::Unknown;
            answer.reasons.push(format!(
                "but {outsiders} in the lockfile use Wasmtime too, and their sources are not in this workspace"
            ));
        }
        answer
    }

    /// Every manifest of the workspace: what one package configures, another may call.
    pub(super) fn all_packages(&self) -> Vec<usize> {
        (0..self.workspace.manifests.len()).collect()
    }

    pub(super) fn has_crate(&self, name: &str) -> Answer {
        // A crate of the family is there for code that names it; one of anybody else's may be below
        // any other.
        let is_family = self.knowledge.family.get(name).is_some();
        match graph::has_crate(self.workspace, name) {
            None if !is_family => Answer::new(
                Truth::Unknown,
                format!("it depends on whether `{name}` is in the graph, and there is no lockfile"),
            ),
            Some(true) => Answer::new(Truth::Yes, format!("`{name}` is in the graph"))
                .with(self.place_of(name)),
            Some(false) => Answer::new(Truth::No, format!("`{name}` is not in the lockfile")),
            None => Answer::new(
                Truth::No,
                format!("no manifest requires `{name}` (there is no lockfile to look further)"),
            ),
        }
    }

    /// Where a crate is required, or else locked.
    fn place_of(&self, name: &str) -> Option<Evidence> {
        let label = format!("`{name}` comes in here");
        if let Some((index, entries)) = graph::requirements(self.workspace, name).next() {
            let manifest = &self.workspace.manifests[index];
            let key = entries.last().map(|entry| entry.key.span)?;
            let location = Location::new(self.project.shown(&manifest.path), &manifest.text, key);
            return Some(Evidence { label, location });
        }
        let lockfile = self.workspace.lockfile.as_ref()?;
        let span = lockfile.versions_of(name).next()?.version_span;
        let location = Location::new(self.project.shown(&lockfile.path), &lockfile.text, span);
        Some(Evidence { label, location })
    }

    /// The lockfile is the proof in both directions. The question is asked of the lockfile as it
    /// is, also where another release is weighed: what a move would lock is cargo's to decide.
    pub(super) fn locked(&self, range: &LockedRange) -> Answer {
        let name = &range.name;
        let Some(lockfile) = &self.workspace.lockfile else {
            return Answer::new(
                Truth::Unknown,
                format!("it depends on which `{name}` is locked, and there is no lockfile"),
            );
        };
        let family = &self.knowledge.family;
        let copies: Vec<&LockedPackage> =
            self.analysis.below_family(lockfile, family, name).collect();
        let concerned = copies
            .iter()
            .find(|copy| range.versions.iter().any(|req| req.matches(&copy.version)));
        let at = |locked: &LockedPackage, label: &str| Evidence {
            label: label.to_owned(),
            location: Location::new(
                self.project.shown(&lockfile.path),
                &lockfile.text,
                locked.version_span,
            ),
        };
        match (concerned, copies.first()) {
            (Some(copy), _) => {
                Answer::new(Truth::Yes, format!("`{name}` {} is locked", copy.version))
                    .with([at(copy, "this version has the defect")])
            }
            (None, Some(copy)) => Answer::new(
                Truth::No,
                format!("the locked `{name}` {} is free of it", copy.version),
            )
            .with([at(copy, "this version is free of it")]),
            (None, None) => Answer::new(
                Truth::No,
                format!("nothing of Wasmtime's family brings `{name}` into the lockfile"),
            ),
        }
    }

    pub(super) fn has_feature(&self, spelled: &str) -> Answer {
        let (name, feature) = spelled.split_once('/').unwrap_or(("wasmtime", spelled));
        let features = &self.knowledge.features;
        let on = format!("feature `{feature}` of `{name}` is on");
        let state = self
            .analysis
            .feature(self.workspace, features, self.line, name, feature);
        match state {
            FeatureState::Everywhere => Answer::new(Truth::Yes, on),
            FeatureState::Somewhere => Answer::new(Truth::Yes, on).somewhere(),
            FeatureState::Optional => Answer::new(
                Truth::Unknown,
                format!("{on} in some builds, as far as the manifests tell"),
            ),
            FeatureState::Off => self.unless_outsiders(Answer::new(
                Truth::No,
                format!("feature `{feature}` of `{name}` is off"),
            )),
        }
    }

    pub(super) fn mentions(&self, patterns: &[String], subject: Subject<'_>) -> Answer {
        let plain = |pattern: &str| {
            let name = pattern.trim_start_matches('.').trim_start_matches("fn ");
            format!("`{name}`")
        };
        let mut in_tests = None;
        for pattern in patterns {
            let Some(found) = self.sources().first(pattern) else {
                continue;
            };
            if found.for_tests && !subject.tests_count {
                in_tests.get_or_insert((pattern, found));
                continue;
            }
            return Answer::new(Truth::Yes, format!("{} is used", plain(pattern)))
                .with([self.place(found.source, found.span, "used here")]);
        }
        let answer = match in_tests {
            None => {
                let plain: Vec<String> = patterns.iter().map(|pattern| plain(pattern)).collect();
                Answer::new(
                    Truth::No,
                    format!("the sources do not use {}", plain.join(", ")),
                )
            }
            Some((pattern, found)) => {
                Answer::new(Truth::No, format!("only tests use {}", plain(pattern)))
                    .with([self.place(found.source, found.span, "used here, in a test")])
            }
        };
        let patterns = patterns.iter().map(String::as_str);
        self.unless_outsiders(self.unless_words_unread(answer, patterns))
    }

    pub(super) fn uses_components(&self, subject: Subject<'_>) -> Answer {
        let names = COMPONENTS.map(str::to_owned);
        let mut answer = self.mentions(&names, subject);
        if answer.truth != Truth::Yes {
            // A list of all the names helps nobody.
            answer.reasons[0] = "the sources load no component".to_owned();
        }
        answer
    }

    pub(super) fn sources(&self) -> Sources<'_> {
        Sources {
            workspace: self.workspace,
            analysis: self.analysis,
            package: None,
        }
    }

    /// As [`Judge::unless_unread`], for a question about what the sources of all packages name: what
    /// one configures, another may call.
    pub(super) fn unless_words_unread<'w>(
        &self,
        answer: Answer,
        patterns: impl IntoIterator<Item = &'w str>,
    ) -> Answer {
        let mut unread = Vec::new();
        for pattern in patterns {
            unread.extend(self.sources().unread(pattern).map(|source| {
                let source = &self.workspace.sources[source];
                self.project.shown(&source.path)
            }));
        }
        self.unless_unread(answer, &self.all_packages(), unread)
    }

    pub(super) fn host(what: &str, names: &[String]) -> Answer {
        Answer::new(
            Truth::Unknown,
            format!(
                "it depends on whether the host's {what} is {}",
                names.join(" or ")
            ),
        )
    }

    pub(super) fn opposite(mut answer: Answer) -> Answer {
        answer.truth = match answer.truth {
            Truth::Yes if answer.holds_everywhere => Truth::No,
            Truth::Yes => Truth::Unknown,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        };
        answer.holds_everywhere = true;
        answer
    }
}
