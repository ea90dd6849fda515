//! Proofs: claims about releases that a compiler confirms, and the evidence that it did.
//!
//! A proof is a file in `knowledge/proofs/`: releases, axes, a template and the expected answers
//! ([`Matrix`]). [`run`] renders every mix of the axes, gives a release's mixes to one `cargo
//! check`, compares what the compiler says with the expectations ([`Outcome`]) and keeps it as
//! [`Evidence`] in `knowledge/evidence/`. [`audit`] holds evidence against its proof without
//! running anything: that is what the test suite does on every change. A second proof is a new
//! file, not new code. The blocks of migrations are proven the same way ([`of_migrations`]).

use std::collections::BTreeMap;

use crate::knowledge::{self, Knowledge};

mod audit;
mod blocks;
mod case;
mod evidence;
mod expect;
mod front;
mod matrix;
mod messages;
mod of_migrations;
mod outcome;
mod package;
mod partition;
mod places;
mod progress;
mod rewritten;
mod run;
mod shape;
mod table;
mod template;
mod toolchain;
mod validate;
mod verdict;

pub use audit::{Problem, ProblemKind, audit};
pub use blocks::{Block, blocks};
pub use case::Case;
pub use evidence::{Evidence, Row, RowKey};
pub use expect::{Column, Rule, Selector, Summary};
pub use front::{Axis, AxisValue, Fill};
pub use matrix::Matrix;
pub use messages::verdicts;
pub use of_migrations::{id as id_of, of_migrations};
pub use outcome::{
    CaseOutcome, CaseReport, Judgement, Outcome, ProofOutcome, ReleaseOutcome, Source,
};
pub use partition::Partition;
pub use progress::{Event, Progress};
pub use run::{Options, run};
pub use shape::shape;
pub use table::{markdown, text};
pub use template::Template;
pub use verdict::{Expected, Verdict};

/// The proofs that this build was made with, by id.
///
/// # Errors
/// The path of a file that can't be understood and what is wrong with it.
pub fn matrices() -> Result<Vec<Matrix>, String> {
    embedded("proofs/", ".md", Matrix::parse)
}

/// Everything that can be proven: the proofs of files, and the blocks of migrations.
///
/// # Errors
/// The path of a file that can't be understood and what is wrong with it.
pub fn all(knowledge: &Knowledge) -> Result<Vec<Matrix>, String> {
    let mut all = matrices()?;
    all.extend(of_migrations(&knowledge.migrations));
    Ok(all)
}

/// The proof of an entry with what the compiler said, as it is kept; none where nothing is proven.
#[must_use]
pub fn kept(id: &str) -> Option<(Matrix, ProofOutcome)> {
    let mut matrices = matrices().ok()?.into_iter();
    let matrix = matrices.find(|matrix| matrix.id == id)?;
    let evidence = evidence().ok()?.remove(id)?;
    let outcome = ProofOutcome::of_evidence(&matrix, &evidence);
    Some((matrix, outcome))
}

/// The evidence that this build was made with, by the id of its proof.
///
/// # Errors
/// The path of a file that can't be understood and what is wrong with it.
pub fn evidence() -> Result<BTreeMap<String, Evidence>, String> {
    let files = embedded("evidence/", ".toml", Evidence::parse)?;
    Ok(files
        .into_iter()
        .map(|file| (file.proof.clone(), file))
        .collect())
}

/// Reads the embedded files of one folder.
fn embedded<T>(
    folder: &str,
    ending: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    knowledge::folder(folder)
        .filter(|(path, _)| path.ends_with(ending))
        .map(|(path, text)| parse(text).map_err(|error| format!("{path}: {error}")))
        .collect()
}

#[cfg(test)]
mod tests;
