//! `prove`.

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};

use super::ProveArgs;
use super::output::Session;
use crate::error::{Error, ExitCode, Result};
use crate::knowledge::Knowledge;
use crate::prove::{self, Event, Matrix, Options, Outcome, Progress};
use crate::upgrade;

/// Where this repository keeps the evidence, seen from its root.
const EVIDENCE: &str = "knowledge/evidence";

/// Width of the tables when nobody says how wide the screen is, in characters.
const WIDTH: usize = 120;

pub(super) fn run(session: &Session<'_>, args: &ProveArgs) -> Result<ExitCode> {
    let matrices = chosen(session.knowledge, args)?;
    let options = Options {
        releases: args.release.clone(),
        partition: args.partition,
        offline: session.global.offline,
        force: args.force,
        work_dir: absolute(session, args.work_dir.as_deref())?,
        target_dir: absolute(session, args.target_dir.as_deref())?,
        evidence_dir: match &args.evidence {
            Some(folder) => absolute(session, Some(folder))?,
            None => own_evidence(session)?,
        },
    };
    let start = Instant::now();
    let mut progress = Progress::new(move || start.elapsed());
    let outcome = prove::run(
        session.world,
        session.knowledge,
        &matrices,
        &options,
        &mut |event| {
            if let Event::Cargo { line } = event {
                session.progress(upgrade::Progress::Cargo(line));
            }
            if let Some(line) = progress.line(event) {
                session.step("Proving", &line);
            }
        },
    )?;
    if session.json() {
        session.document(&outcome, false)?;
    } else {
        session.result(&text(session, &matrices, &outcome));
    }
    Ok(outcome.exit_code())
}

/// What is asked for: a migration stands for the proof that its blocks are in.
fn chosen(knowledge: &Knowledge, args: &ProveArgs) -> Result<Vec<Matrix>> {
    let all = prove::all(knowledge).map_err(|error| {
        Error::usage(
            error,
            "this is a defect of wasmtime-upgrade; please report it",
        )
    })?;
    let wanted_ids: Vec<String> = args
        .proofs
        .iter()
        .map(|id| match knowledge.migration(id) {
            Some(migration) => prove::id_of(migration),
            None => id.clone(),
        })
        .collect();
    let ids: Vec<String> = all.iter().map(|matrix| matrix.id.clone()).collect();
    if let Some(unknown) = wanted_ids.iter().find(|id| !ids.contains(id)) {
        return Err(Error::usage(
            format!("there is no proof `{unknown}`"),
            format!("name a migration, or one of {}", ids.join(", ")),
        ));
    }
    let wanted = |matrix: &Matrix| wanted_ids.is_empty() || wanted_ids.contains(&matrix.id);
    Ok(all.into_iter().filter(wanted).collect())
}

fn absolute(session: &Session<'_>, path: Option<&Utf8Path>) -> Result<Option<Utf8PathBuf>> {
    path.map(|path| session.absolute(path)).transpose()
}

/// The evidence of this repository, when the user stands in it.
fn own_evidence(session: &Session<'_>) -> Result<Option<Utf8PathBuf>> {
    let folder = session.absolute(Utf8Path::new(EVIDENCE))?;
    Ok(matches!(session.world.kind(&folder), Ok(Some(_))).then_some(folder))
}

fn text(session: &Session<'_>, matrices: &[Matrix], outcome: &Outcome) -> String {
    let width = session
        .world
        .env("COLUMNS")
        .and_then(|columns| columns.parse().ok());
    let mut text = String::new();
    for proof in &outcome.proofs {
        if let Some(matrix) = matrices.iter().find(|matrix| matrix.id == proof.proof) {
            text.push_str(&format!("{}: {}\n\n", proof.proof, proof.title));
            text.push_str(&prove::text(matrix, proof, width.unwrap_or(WIDTH)));
            text.push('\n');
        }
    }
    for case in outcome.mismatches().chain(outcome.not_run()) {
        text.push_str(&format!("{case}\n"));
    }
    for (proof, release, reason) in outcome.skipped() {
        text.push_str(&format!("{proof} {release}: skipped: {reason}\n"));
    }
    text.push_str(&outcome.summary());
    text.push('\n');
    text
}
