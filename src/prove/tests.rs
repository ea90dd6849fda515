//! What several of the tests here need, and the tests of whole proofs.

use super::*;
use crate::version::FamilyVersion;

mod cargo;
mod engine;
mod evidence;
mod matrix;
mod table;

/// A small proof: two axes, texts by line, a rule for each answer.
pub(super) const PROOF: &str = include_str!("fixtures/small.md");

/// The small proof.
pub(super) fn matrix() -> Matrix {
    Matrix::parse(PROOF).unwrap()
}

/// The proof that the first finding hangs on.
pub(super) fn real_matrix() -> Matrix {
    let mut all = matrices().unwrap();
    let place = all.iter().position(|matrix| matrix.id == "store-data-send");
    all.swap_remove(place.unwrap())
}

/// A release.
fn release(text: &str) -> FamilyVersion {
    text.parse().unwrap()
}

/// Evidence for the small proof that is all as expected, as if seen on 2026-01-31.
fn good_evidence(matrix: &Matrix) -> Evidence {
    let mut evidence = Evidence::empty(matrix);
    for release in &matrix.releases {
        for case in matrix.cases(release) {
            let (_, rule) = matrix.rule(release, &case).unwrap();
            let verdict = match &rule.expected {
                Expected::Ok => Verdict::Ok,
                Expected::Fails { code, .. } | Expected::FailsWith { code } => Verdict::Fails {
                    code: code.clone(),
                    message: "`Rc<u8>` is odd".to_owned(),
                    count: 2,
                },
            };
            let row = Row {
                hash: case.hash,
                rustc: "1.95.0".to_owned(),
                date: jiff::civil::date(2026, 1, 31),
                verdict,
            };
            evidence.rows.insert((release.clone(), case.name), row);
        }
    }
    evidence
}
