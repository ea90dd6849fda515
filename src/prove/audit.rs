//! Holds evidence against its proof, without running anything.

use std::collections::BTreeSet;
use std::fmt;

use super::evidence::Evidence;
use super::matrix::Matrix;
use super::verdict::{Expected, Verdict};
use crate::version::FamilyVersion;

/// Something that is wrong with the evidence for a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The proof.
    pub proof: String,
    /// The release.
    pub release: FamilyVersion,
    /// The case.
    pub case: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with the evidence for one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// There is none.
    Missing,
    /// It is of another program: the case has changed since.
    Stale,
    /// It says something else than the proof claims.
    Contradicts {
        /// What the proof claims.
        expected: Expected,
        /// What the compiler said.
        found: Verdict,
    },
    /// The proof has no such case.
    Gone,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            proof,
            release,
            case,
            kind,
        } = self;
        write!(f, "{proof} {release} {case}: ")?;
        match kind {
            ProblemKind::Missing => f.write_str("there is no evidence; run `prove`"),
            ProblemKind::Stale => {
                f.write_str("the case has changed since its evidence was made; run `prove`")
            }
            ProblemKind::Contradicts { expected, found } => {
                write!(f, "expected {expected}; the compiler said {found}")
            }
            ProblemKind::Gone => f.write_str("evidence for a case that the proof does not have"),
        }
    }
}

/// Everything that is wrong with the evidence for a proof; `None` is evidence without a row.
#[must_use]
pub fn audit(matrix: &Matrix, evidence: Option<&Evidence>) -> Vec<Problem> {
    let problem = |release: &FamilyVersion, case: &str, kind| Problem {
        proof: matrix.id.clone(),
        release: release.clone(),
        case: case.to_owned(),
        kind,
    };
    let mut problems = Vec::new();
    let mut known = BTreeSet::new();
    for release in &matrix.releases {
        for case in matrix.cases(release) {
            let key = (release.clone(), case.name.clone());
            let row = evidence.and_then(|evidence| evidence.rows.get(&key));
            let rule = matrix.rule(release, &case);
            let kind = match (row, rule) {
                (None, _) => Some(ProblemKind::Missing),
                (Some(row), _) if row.hash != case.hash => Some(ProblemKind::Stale),
                (Some(row), Some((_, rule))) if !rule.expected.fits(&row.verdict) => {
                    Some(ProblemKind::Contradicts {
                        expected: rule.expected.clone(),
                        found: row.verdict.clone(),
                    })
                }
                (Some(_), _) => None,
            };
            problems.extend(kind.map(|kind| problem(release, &case.name, kind)));
            known.insert(key);
        }
    }
    let rows = evidence.iter().flat_map(|evidence| evidence.rows.keys());
    let gone = rows.filter(|key| !known.contains(*key));
    problems.extend(gone.map(|(release, case)| problem(release, case, ProblemKind::Gone)));
    problems
}
