//! Conditions of entries, answered with the places that speak for the answer.

use std::collections::BTreeSet;

use crate::analysis::shipped::Standing;
use crate::analysis::{Analysis, CallFacts, Followed, InvocationFacts};
use crate::finding::{Evidence, Exposure, Location};
use crate::knowledge::{Condition, Entry, Kind, Knowledge};
use crate::rust::source::Place;
use crate::rust::store_data::{Culprit, StoreType, Verdict};
use crate::span::Span;
use crate::version::Line;
use crate::workspace::{Project, Workspace};

/// Yes, no, or not decidable from the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    Unknown,
    No,
}

/// An answer with its reasons.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) truth: Truth,
    /// Whether a yes is one for every build and every run: only that is a no to the opposite.
    pub(super) holds_everywhere: bool,
    pub(super) reasons: Vec<String>,
    pub(super) evidence: Vec<Evidence>,
}

impl Answer {
    pub(super) fn new(truth: Truth, reason: impl Into<String>) -> Self {
        Self {
            truth,
            holds_everywhere: true,
            reasons: vec![reason.into()],
            evidence: Vec::new(),
        }
    }

    /// A yes for some builds or runs.
    pub(super) fn somewhere(mut self) -> Self {
        self.holds_everywhere = false;
        self
    }

    pub(super) fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// What the answer means for the project.
    pub(super) fn exposure(&self) -> Exposure {
        match self.truth {
            Truth::Yes => Exposure::Affected,
            Truth::Unknown => Exposure::Possible,
            Truth::No => Exposure::NotAffected,
        }
    }
}

/// Answers conditions for one workspace.
pub(super) struct Judge<'a> {
    pub(super) project: &'a Project,
    pub(super) workspace: &'a Workspace,
    pub(super) analysis: &'a Analysis,
    pub(super) knowledge: &'a Knowledge,
    /// The line whose defaults count.
    pub(super) line: Line,
}

/// What a leaf is asked about: packages, and the invocation at hand when the condition speaks of
/// one.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    packages: &'a [usize],
    pub(super) invocation: Option<&'a InvocationFacts>,
    /// Whether what only tests do counts. What endangers a host does not endanger its tests, which
    /// run guests of the project's own; what does not compile or work bothers tests as well.
    pub(super) tests_count: bool,
}

impl Judge<'_> {
    /// Answers the condition of an entry for the packages that use an affected release: yes when it
    /// holds for any of their `bindgen!` invocations (or at all, when it does not speak of
    /// invocations).
    pub(super) fn answer(&self, entry: &Entry, packages: &[usize]) -> Answer {
        let condition = &entry.condition;
        let about = |invocation| Subject {
            packages,
            invocation,
            tests_count: entry.kind != Kind::Advisory,
        };
        if !speaks_of_invocations(condition) {
            return self.evaluate(condition, about(None));
        }
        let invocations: Vec<&InvocationFacts> = packages
            .iter()
            .filter_map(|package| self.analysis.invocations.get(package))
            .flatten()
            .collect();
        let answers = invocations
            .into_iter()
            .map(|invocation| self.evaluate(condition, about(Some(invocation))));
        let worst = answers.min_by_key(|answer| match answer.truth {
            Truth::Yes => 0,
            Truth::Unknown => 1,
            Truth::No => 2,
        });
        let worst = worst.unwrap_or_else(|| {
            Answer::new(Truth::No, "no `bindgen!` of Wasmtime's is invoked here")
        });
        self.unless_unread(worst, packages, [])
    }

    /// "No" needs proof: a source that could not be read may hold anything. `more` are the paths of
    /// sources that could not be read for this very question.
    pub(super) fn unless_unread(
        &self,
        mut answer: Answer,
        packages: &[usize],
        more: impl IntoIterator<Item = String>,
    ) -> Answer {
        if answer.truth != Truth::No {
            return answer;
        }
        let unread = packages
            .iter()
            .filter_map(|package| self.analysis.unread.get(package))
            .flatten()
            .cloned();
        let unread: BTreeSet<String> = unread.chain(more).collect();
        if !unread.is_empty() {
            let unread: Vec<String> = unread.into_iter().collect();
            answer.truth = Truth::Unknown;
            answer
                .reasons
                .push(format!("but {} could not be read", unread.join(", ")));
        }
        answer
    }

    fn evaluate(&self, condition: &Condition, subject: Subject<'_>) -> Answer {
        match condition {
            Condition::Always => Answer::new(Truth::Yes, "every project on this release is"),
            Condition::All(parts) => all(parts.iter().map(|part| self.evaluate(part, subject))),
            Condition::Any(parts) => any(parts.iter().map(|part| self.evaluate(part, subject))),
            Condition::Bindgen(pattern) => self.bindgen(pattern, subject),
            Condition::ImportsInterface => self.imports_interface(subject),
            Condition::ImportsResource => self.imports_resource(subject),
            Condition::AsyncImportsRemapped => self.async_imports_remapped(subject),
            Condition::WitHoldsStreams => self.wit_holds_streams(subject),
            Condition::WitTypeNamed(names) => self.wit_type_named(names, subject),
            Condition::UsesComponents => self.uses_components(subject),
            Condition::CallsExports => self.calls_exports(subject),
            Condition::StoreDataNotSend => self.store_data_not_send(subject),
            Condition::Not(part) => Self::opposite(self.evaluate(part, subject)),
            Condition::Crate(name) => self.has_crate(name),
            Condition::Locked(range) => self.locked(range),
            Condition::Feature(name) => self.has_feature(name),
            Condition::Mentions(patterns) => self.mentions(patterns, subject),
            Condition::Config(switch) => self.config(switch, subject),
            Condition::Arch(names) => Self::host("architecture", names),
            Condition::Os(names) => Self::host("system", names),
            Condition::Unknowable(what) => {
                Answer::new(Truth::Unknown, format!("it depends on whether {what}"))
            }
        }
    }

    pub(super) fn place(&self, source: usize, span: Span, label: impl Into<String>) -> Evidence {
        let source = &self.workspace.sources[source];
        Evidence {
            label: label.into(),
            location: Location::new(self.project.shown(&source.path), &source.text, span),
        }
    }

    fn followed(&self) -> &Followed {
        self.analysis.followed(self.workspace)
    }

    /// Calls in the invocation's own package, or else anywhere in the workspace: bindings may be
    /// public.
    fn calls_exports(&self, subject: Subject<'_>) -> Answer {
        let own = subject
            .invocation
            .map(|facts| self.workspace.sources[facts.source].manifest);
        let synchronous = |calls: &[CallFacts]| -> Vec<CallFacts> {
            calls
                .iter()
                .filter(|facts| !facts.call.awaited)
                .cloned()
                .collect()
        };
        let followed = self.followed();
        let mut calls: Vec<CallFacts> = own
            .and_then(|own| followed.calls.get(&own))
            .map(|calls| synchronous(calls))
            .unwrap_or_default();
        if calls.is_empty() {
            calls = followed
                .calls
                .values()
                .flat_map(|calls| synchronous(calls))
                .collect();
        }
        let certain = calls.iter().find(|facts| !facts.has_namesake);
        match certain.or(calls.first()) {
            Some(first) => {
                let more = match calls.len() - 1 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let name = &first.call.name;
                let answer = match certain {
                    Some(_) => {
                        Answer::new(Truth::Yes, format!("exports are called (`{name}`{more})"))
                    }
                    None => Answer::new(
                        Truth::Unknown,
                        format!(
                            "`{name}`{more} may be calls of exports, or of methods of that name in this project"
                        ),
                    ),
                };
                answer.with([self.place(first.source, first.call.span, "an export is called here")])
            }
            None => self.unless_unread(
                Answer::new(Truth::No, "no export is called in this workspace"),
                &self.all_packages(),
                followed
                    .unread
                    .iter()
                    .map(|(source, _)| *source)
                    .filter(|source| {
                        self.analysis.standing(self.workspace, *source) != Standing::Nowhere
                    })
                    .map(|source| self.project.shown(&self.workspace.sources[source].path)),
            ),
        }
    }

    /// The data of the stores in the packages at hand. Where a package has several, those count
    /// that stand in a file in which exports are called.
    fn store_data_not_send(&self, subject: Subject<'_>) -> Answer {
        let data: Vec<_> = subject
            .packages
            .iter()
            .filter_map(|package| self.followed().store_data.get(package))
            .collect();
        let all: Vec<&StoreType> = data.iter().flat_map(|data| &data.types).collect();
        let near: Vec<&StoreType> = all
            .iter()
            .filter(|ty| ty.places.iter().any(|place| self.calls_exports_in(place)))
            .copied()
            .collect();
        let types = if near.is_empty() { &all } else { &near };
        let gap = data.iter().flat_map(|data| &data.gaps).next();
        let not_send = types.iter().find_map(|ty| match &ty.verdict {
            Verdict::NotSend(culprit) => Some((*ty, culprit)),
            _ => None,
        });
        if let Some((ty, culprit)) = not_send {
            let other = types
                .iter()
                .find(|other| !matches!(other.verdict, Verdict::NotSend(_)));
            let reason = format!(
                "the store's data `{}` is not `Send`: {}",
                ty.written, culprit.because
            );
            return match other {
                None => Answer::new(Truth::Yes, reason),
                Some(other) => Answer::new(
                    Truth::Unknown,
                    format!("{reason}; but there are stores of `{}` too, and which one the exports are called with can't be told", other.written),
                ),
            }
            .with(self.culprit(ty, culprit));
        }
        let undecidable = types.iter().chain(&all).find_map(|ty| match &ty.verdict {
            Verdict::Undecidable(culprit) => Some((*ty, culprit)),
            _ => None,
        });
        if let Some((ty, culprit)) = undecidable {
            return Answer::new(
                Truth::Unknown,
                format!(
                    "whether the store's data `{}` is `Send` can't be told: {}",
                    ty.written, culprit.because
                ),
            )
            .with(self.culprit(ty, culprit));
        }
        match (
            all.iter()
                .find(|ty| matches!(ty.verdict, Verdict::NotSend(_))),
            gap,
            types.first(),
        ) {
            (Some(other), _, _) => Answer::new(
                Truth::Unknown,
                format!(
                    "stores where exports are called hold `Send` data, but `{}` elsewhere is not",
                    other.written
                ),
            ),
            (None, Some(gap), _) => Answer::new(
                Truth::Unknown,
                format!("not all of the package could be read: {}", gap.because),
            )
            .with(self.at(&gap.place, "following it ends here")),
            (None, None, None) => Answer::new(
                Truth::Unknown,
                "no store was found in the package, so its data can't be told",
            ),
            (None, None, Some(ty)) => Answer::new(
                Truth::No,
                format!("the store's data `{}` is `Send`", ty.written),
            )
            .with(
                ty.places
                    .first()
                    .and_then(|place| self.at(place, "this data is `Send`")),
            ),
        }
    }

    fn calls_exports_in(&self, place: &Place) -> bool {
        let mut calls = self.followed().calls.values().flatten();
        calls.any(|facts| {
            !facts.call.awaited && self.workspace.sources[facts.source].path == place.path
        })
    }

    /// The way from the store to the part that settles it.
    fn culprit(&self, ty: &StoreType, culprit: &Culprit) -> Vec<Evidence> {
        let mut places = Vec::new();
        let start = ty
            .places
            .first()
            .and_then(|place| self.at(place, format!("a store of `{}`", ty.written)));
        places.extend(start);
        for step in &culprit.via {
            places.extend(self.at(&step.place, step.what.clone()));
        }
        places.extend(self.at(&culprit.place, culprit.because.clone()));
        places.dedup_by(|a, b| a.location == b.location);
        places
    }

    fn at(&self, place: &Place, label: impl Into<String>) -> Option<Evidence> {
        let source = self
            .workspace
            .sources
            .iter()
            .position(|s| s.path == place.path)?;
        Some(self.place(source, place.span, label))
    }
}

fn speaks_of_invocations(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(speaks_of_invocations),
        Condition::Not(part) => speaks_of_invocations(part),
        Condition::Bindgen(_)
        | Condition::ImportsInterface
        | Condition::ImportsResource
        | Condition::AsyncImportsRemapped
        | Condition::WitHoldsStreams
        | Condition::WitTypeNamed(_) => true,
        Condition::Always
        | Condition::UsesComponents
        | Condition::CallsExports
        | Condition::StoreDataNotSend
        | Condition::Crate(_)
        | Condition::Locked(_)
        | Condition::Feature(_)
        | Condition::Mentions(_)
        | Condition::Config(_)
        | Condition::Arch(_)
        | Condition::Os(_)
        | Condition::Unknowable(_) => false,
    }
}

/// One "no" decides; its reasons are enough then, and nothing behind it is asked.
fn all(parts: impl Iterator<Item = Answer>) -> Answer {
    match until(parts, |answer| answer.truth == Truth::No) {
        Ok(no) => no,
        Err(answers) => join(answers, Truth::Yes),
    }
}

/// One "yes" decides, one that holds everywhere before others.
fn any(parts: impl Iterator<Item = Answer>) -> Answer {
    match until(parts, |answer| {
        answer.truth == Truth::Yes && answer.holds_everywhere
    }) {
        Ok(yes) => yes,
        Err(answers) => {
            let mut yes = answers.iter().filter(|answer| answer.truth == Truth::Yes);
            match yes.next() {
                Some(yes) => yes.clone(),
                None => join(answers, Truth::No),
            }
        }
    }
}

/// The first answer that decides, or else all of them.
fn until(
    parts: impl Iterator<Item = Answer>,
    decides: impl Fn(&Answer) -> bool,
) -> Result<Answer, Vec<Answer>> {
    let mut answers = Vec::new();
    for answer in parts {
        if decides(&answer) {
            return Ok(answer);
        }
        answers.push(answer);
    }
    Err(answers)
}

/// All answers as one: `certain` unless one of them is unknown.
fn join(answers: Vec<Answer>, certain: Truth) -> Answer {
    let unknown = answers.iter().any(|answer| answer.truth == Truth::Unknown);
    let mut joined = Answer {
        truth: if unknown { Truth::Unknown } else { certain },
        holds_everywhere: answers.iter().all(|answer| answer.holds_everywhere),
        reasons: Vec::new(),
        evidence: Vec::new(),
    };
    for answer in answers {
        joined.reasons.extend(answer.reasons);
        joined.evidence.extend(answer.evidence);
    }
    joined
}
