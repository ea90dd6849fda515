//! The leaves of a condition that speak of crates, features, API, switches and the host.

use super::condition::{Answer, Judge, Truth};
use crate::analysis::graph::{self, FeatureState};
use crate::analysis::mentions::{self, Name};
use crate::finding::{Evidence, Location};
use crate::knowledge::condition::{ConfigSwitch, LockedRange};
use crate::workspace::LockedPackage;

impl Judge<'_> {
    /// "No" of the project itself is no proof when a published package uses Wasmtime too.
    fn unless_outsiders(&self, mut answer: Answer) -> Answer {
        let family = &self.knowledge.family;
        let outsiders = self.analysis.outsiders(self.workspace, family);
        if answer.truth == Truth::No && !outsiders.is_empty() {
            answer.truth = Truth::Unknown;
            answer.reasons.push(format!(
                "but {} in the lockfile use Wasmtime too, and their sources are not here",
                outsiders
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ));
        }
        answer
    }

    /// Every manifest of the workspace.
    pub(super) fn all_packages(&self) -> Vec<usize> {
        (0..self.workspace.manifests.len()).collect()
    }

    pub(super) fn has_crate(&self, name: &str) -> Answer {
        match graph::has_crate(self.workspace, name) {
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
        let copies = self.analysis.below_family(lockfile, family, name);
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
        match graph::feature(self.workspace, features, self.line, name, feature) {
            FeatureState::On => {
                Answer::new(Truth::Yes, format!("feature `{feature}` of `{name}` is on"))
            }
            FeatureState::Optional => Answer::new(
                Truth::Unknown,
                format!(
                    "feature `{feature}` of `{name}` is on in some builds, as far as the manifests tell"
                ),
            ),
            FeatureState::Off => self.unless_outsiders(Answer::new(
                Truth::No,
                format!("feature `{feature}` of `{name}` is off"),
            )),
        }
    }

    pub(super) fn mentions(&self, patterns: &[String]) -> Answer {
        let packages = self.all_packages();
        for pattern in patterns {
            if let Some(found) =
                mentions::first(self.workspace, &self.analysis.tokens, &packages, pattern)
            {
                let plain = pattern.trim_start_matches('.');
                return Answer::new(Truth::Yes, format!("`{plain}` is used")).with([self.place(
                    found.source,
                    found.span,
                    "used here",
                )]);
            }
        }
        let plain: Vec<String> = patterns
            .iter()
            .map(|pattern| format!("`{}`", pattern.trim_start_matches('.')))
            .collect();
        let answer = Answer::new(
            Truth::No,
            format!("the sources do not use {}", plain.join(", ")),
        );
        let names = patterns.iter().map(|pattern| Name::of_pattern(pattern));
        self.unless_outsiders(self.unless_names_unread(answer, names))
    }

    pub(super) fn config(&self, switch: &ConfigSwitch) -> Answer {
        let packages = self.all_packages();
        let wanted = switch.value.rsplit("::").next().unwrap_or(&switch.value);
        let calls = mentions::switch_calls(
            self.workspace,
            &self.analysis.tokens,
            &packages,
            &switch.name,
        );
        let shown = format!("`Config::{}({})`", switch.name, switch.value);
        let at = |call: &mentions::SwitchCall, label: &str| {
            self.place(call.place.source, call.place.span, label)
        };
        if let Some(set) = calls
            .iter()
            .find(|call| call.value.as_deref() == Some(wanted))
        {
            return Answer::new(Truth::Yes, format!("{shown} is set")).with([at(set, "set here")]);
        }
        if let Some(unclear) = calls.iter().find(|call| call.value.is_none()) {
            return Answer::new(
                Truth::Unknown,
                format!("whether {shown} holds is decided at run time"),
            )
            .with([at(unclear, "set to a value that the sources do not say")]);
        }
        if let Some(other) = calls.first() {
            return Answer::new(
                Truth::No,
                format!("`Config::{}` has another value", switch.name),
            )
            .with([at(other, "set here")]);
        }
        if switch.default {
            return Answer::new(Truth::Yes, format!("{shown} is the default"));
        }
        let answer = Answer::new(Truth::No, format!("{shown} is not set, and is no default"));
        let name = Name::of_call(&switch.name);
        self.unless_outsiders(self.unless_names_unread(answer, [name]))
    }

    /// As [`Judge::unless_unread`], for a question about names in the sources of all packages: what
    /// one configures, another may call.
    fn unless_names_unread<'n>(
        &self,
        answer: Answer,
        names: impl IntoIterator<Item = Name<'n>>,
    ) -> Answer {
        let packages = self.all_packages();
        let mut unread = Vec::new();
        for name in names {
            let sources =
                mentions::unread_with(self.workspace, &self.analysis.tokens, &packages, &name);
            unread.extend(sources.map(|source| {
                let source = &self.workspace.sources[source];
                self.project.shown(&source.path)
            }));
        }
        self.unless_unread(answer, &packages, unread)
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
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        };
        answer
    }
}
