//! What came out of a run, held against what had to.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::evidence::Evidence;
use super::matrix::Matrix;
use super::verdict::{Expected, Verdict};
use crate::error::ExitCode;
use crate::version::FamilyVersion;

/// What came out of all proofs that were looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The compiler of this run, `1.95.0`.
    pub rustc: String,
    /// By id.
    pub proofs: Vec<ProofOutcome>,
}

/// What came out of one proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProofOutcome {
    /// Its id.
    pub proof: String,
    /// Its title.
    pub title: String,
    /// Its axes.
    pub axes: Vec<String>,
    /// The releases that were looked at, oldest first.
    pub releases: Vec<ReleaseOutcome>,
}

/// What came out of one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseOutcome {
    /// The release.
    pub release: FamilyVersion,
    /// Where the answers come from.
    pub source: Source,
    /// Case by case; empty when no answer was looked for.
    pub cases: Vec<CaseOutcome>,
}

/// Where the answers about a release come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// The compiler was asked in this run.
    Ran,
    /// From the evidence, which is of the same programs.
    Kept {
        /// The compilers that made it.
        rustc: Vec<String>,
        /// The day of its oldest row.
        #[serde(serialize_with = "as_text")]
        date: Date,
    },
    /// Nobody can ask: this computer's Rust is too old for the release.
    Skipped {
        /// Which Rust it needs.
        reason: String,
    },
    /// The run was interrupted before.
    Interrupted,
}

/// The calendar's type has no serialisation of its own in this build.
fn as_text<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// What came out of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseOutcome {
    /// Its name.
    pub case: String,
    /// What the compiler said.
    pub verdict: Verdict,
    /// What it had to say.
    pub expected: Expected,
    /// The rule that says so, from 0.
    pub rule: usize,
    /// How the two go together.
    pub judgement: Judgement,
}

/// How an answer and its expectation go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// As expected.
    Fits,
    /// Not as expected.
    Mismatch,
    /// There is no answer.
    NotRun,
}

/// One case, with the proof and the release that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CaseReport<'a> {
    /// The proof.
    pub proof: &'a str,
    /// The release.
    pub release: &'a FamilyVersion,
    /// The case and its answer.
    pub case: &'a CaseOutcome,
}

impl fmt::Display for CaseReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CaseOutcome {
            case,
            expected,
            verdict,
            judgement,
            ..
        } = self.case;
        write!(f, "{} {} {case}: ", self.proof, self.release)?;
        match judgement {
            Judgement::Mismatch => write!(f, "expected {expected}; the compiler said {verdict}"),
            Judgement::Fits | Judgement::NotRun => verdict.fmt(f),
        }
    }
}

impl CaseOutcome {
    fn new(case: String, verdict: Verdict, rule: usize, expected: Expected) -> Self {
        let judgement = match &verdict {
            Verdict::NotRun { .. } => Judgement::NotRun,
            verdict if expected.fits(verdict) => Judgement::Fits,
            _ => Judgement::Mismatch,
        };
        Self {
            case,
            verdict,
            expected,
            rule,
            judgement,
        }
    }
}

impl ReleaseOutcome {
    /// Judges the answers about every case of a release; a case without one was not run.
    #[must_use]
    pub(super) fn judge(
        matrix: &Matrix,
        release: &FamilyVersion,
        source: Source,
        mut answer: impl FnMut(&str) -> Option<Verdict>,
    ) -> Self {
        let judged = matrix.cases(release).into_iter().filter_map(|case| {
            let verdict = answer(&case.name).unwrap_or_else(|| Verdict::NotRun {
                reason: "there is no answer".to_owned(),
            });
            // A release that the proof does not list may have cases that no rule covers.
            let (index, rule) = matrix.rule(release, &case)?;
            Some(CaseOutcome::new(
                case.name,
                verdict,
                index,
                rule.expected.clone(),
            ))
        });
        Self {
            cases: judged.collect(),
            source,
            release: release.clone(),
        }
    }

    /// A release that nobody was asked about.
    pub(super) fn unasked(release: &FamilyVersion, source: Source) -> Self {
        Self {
            release: release.clone(),
            source,
            cases: Vec::new(),
        }
    }

    /// The release as its evidence has it.
    pub(super) fn kept(matrix: &Matrix, release: &FamilyVersion, evidence: &Evidence) -> Self {
        let from = (release.clone(), String::new());
        let rows = || {
            let rows = evidence.rows.range(from.clone()..);
            rows.take_while(|((of, _), _)| of == release)
                .map(|(_, row)| row)
        };
        let mut rustc: Vec<_> = rows().map(|row| row.rustc.clone()).collect();
        rustc.sort();
        rustc.dedup();
        let date = rows().map(|row| row.date).min().unwrap_or_default();
        Self::judge(matrix, release, Source::Kept { rustc, date }, |case| {
            let row = evidence.rows.get(&(release.clone(), case.to_owned()));
            row.map(|row| row.verdict.clone())
        })
    }

    /// How many cases came out like this.
    #[must_use]
    pub fn count(&self, judgement: Judgement) -> usize {
        let judged = self.cases.iter().filter(|case| case.judgement == judgement);
        judged.count()
    }
}

impl ProofOutcome {
    /// A proof before any of its releases was looked at.
    #[must_use]
    pub(super) fn new(matrix: &Matrix) -> Self {
        Self {
            proof: matrix.id.clone(),
            title: matrix.title.clone(),
            axes: matrix.axis_names().map(str::to_owned).collect(),
            releases: Vec::new(),
        }
    }

    /// What evidence says, without running anything: for the tables of the documentation.
    #[must_use]
    pub fn of_evidence(matrix: &Matrix, evidence: &Evidence) -> Self {
        let releases = matrix.releases.iter();
        Self {
            releases: releases
                .map(|release| ReleaseOutcome::kept(matrix, release, evidence))
                .collect(),
            ..Self::new(matrix)
        }
    }
}

impl Outcome {
    /// Adds what came out of one release; those of one proof come one behind the other.
    pub(super) fn push(&mut self, matrix: &Matrix, release: ReleaseOutcome) {
        match self.proofs.last_mut() {
            Some(last) if last.proof == matrix.id => last.releases.push(release),
            _ => {
                let mut proof = ProofOutcome::new(matrix);
                proof.releases.push(release);
                self.proofs.push(proof);
            }
        }
    }

    /// Every release of every proof.
    fn releases(&self) -> impl Iterator<Item = (&str, &ReleaseOutcome)> {
        self.proofs.iter().flat_map(|proof| {
            let releases = proof.releases.iter();
            releases.map(|release| (proof.proof.as_str(), release))
        })
    }

    fn judged(&self, judgement: Judgement) -> impl Iterator<Item = CaseReport<'_>> {
        self.releases().flat_map(move |(proof, outcome)| {
            let cases = outcome.cases.iter();
            cases
                .filter(move |case| case.judgement == judgement)
                .map(move |case| CaseReport {
                    proof,
                    release: &outcome.release,
                    case,
                })
        })
    }

    /// Cases whose answer is not the expected one.
    pub fn mismatches(&self) -> impl Iterator<Item = CaseReport<'_>> {
        self.judged(Judgement::Mismatch)
    }

    /// Cases without an answer.
    pub fn not_run(&self) -> impl Iterator<Item = CaseReport<'_>> {
        self.judged(Judgement::NotRun)
    }

    /// Releases that this computer's Rust is too old for: the proof, the release, the reason.
    pub fn skipped(&self) -> impl Iterator<Item = (&str, &FamilyVersion, &str)> {
        self.releases()
            .filter_map(|(proof, outcome)| match &outcome.source {
                Source::Skipped { reason } => Some((proof, &outcome.release, reason.as_str())),
                _ => None,
            })
    }

    /// How the process ends: a mismatch is a finding; an answer that could not be had, or none at
    /// all, is no success either.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        let interrupted = self
            .releases()
            .any(|(_, outcome)| outcome.source == Source::Interrupted);
        if self.mismatches().next().is_some() {
            ExitCode::Findings
        } else if interrupted
            || self.not_run().next().is_some()
            || self.judged(Judgement::Fits).next().is_none()
        {
            ExitCode::CouldNotFinish
        } else {
            ExitCode::Clean
        }
    }

    /// One line: what was looked at and how it came out.
    #[must_use]
    pub fn summary(&self) -> String {
        let of = |wanted: fn(&Source) -> bool| {
            let releases = self.releases();
            releases
                .filter(|(_, outcome)| wanted(&outcome.source))
                .count()
        };
        let cases = |judgement| self.judged(judgement).count();
        let (ran, kept) = (
            of(|source| *source == Source::Ran),
            of(|source| matches!(source, Source::Kept { .. })),
        );
        let mut line = format!(
            "{}, rustc {}: {} run, {kept} from fresh evidence; {} as expected",
            counted(self.proofs.len(), "proof"),
            self.rustc,
            counted(ran, "release"),
            counted(cases(Judgement::Fits), "case"),
        );
        let skipped = of(|source| matches!(source, Source::Skipped { .. }));
        let missed = of(|source| *source == Source::Interrupted);
        for (count, noun, what) in [
            (cases(Judgement::Mismatch), "case", "NOT as expected"),
            (cases(Judgement::NotRun), "case", "not run"),
            (skipped, "release", "skipped"),
            (missed, "release", "not reached"),
        ] {
            if count > 0 {
                line.push_str(&format!(", {} {what}", counted(count, noun)));
            }
        }
        line
    }
}

/// `1 case`, `2 cases`.
fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
