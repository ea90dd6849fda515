//! The engine: which releases, in which order, and what becomes of the answers.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::evidence::{Evidence, Row};
use super::matrix::Matrix;
use super::messages::verdicts;
use super::outcome::{Judgement, Outcome, ReleaseOutcome, Source};
use super::package::{manifest, write_package};
use super::partition::Partition;
use super::places::{Places, create_dir, write};
use super::progress::Event;
use super::toolchain::Toolchain;
use super::verdict::Verdict;
use crate::error::{Error, Result};
use crate::knowledge::Knowledge;
use crate::version::FamilyVersion;
use crate::world::{Lock, World};

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these releases; empty for all that the proofs list.
    pub releases: Vec<FamilyVersion>,
    /// Only a part of the work.
    pub partition: Option<Partition>,
    /// Nothing may be downloaded.
    pub offline: bool,
    /// Ask the compiler again where the evidence is fresh.
    pub force: bool,
    /// Where scratch packages lie and everything is compiled: several gigabytes. Without it
    /// `target/wasmtime-upgrade-prove` below the current folder. cargo's configuration files
    /// around it apply, as they do to any package.
    pub work_dir: Option<Utf8PathBuf>,
    /// The target directory, when it is not `target` in the work directory.
    pub target_dir: Option<Utf8PathBuf>,
    /// Where the evidence is read and written (`<proof>.toml`), when it is not `evidence` in the
    /// work directory. In this repository it is `knowledge/evidence`.
    pub evidence_dir: Option<Utf8PathBuf>,
}

/// Compiles the cases of proofs and holds the answers against the expectations.
///
/// Evidence is written after every release, so that an interrupted run goes on where it was; then
/// the outcome lists the releases that it did not reach.
///
/// # Errors
/// When the request makes no sense, the work directory can't be written or is in use, there is no
/// Rust, or the evidence that is there can't be read. What the compiler says is never an error.
pub fn run(
    world: &dyn World,
    knowledge: &Knowledge,
    matrices: &[Matrix],
    options: &Options,
    progress: &mut dyn FnMut(&Event<'_>),
) -> Result<Outcome> {
    let pairs = select(matrices, options)?;
    let places = Places::new(world, options)?;
    places.prepare(world)?;
    let lock = places.work.join("lock");
    let locked = world
        .lock(&lock)
        .map_err(|error| Error::io("lock", &lock, error))?;
    let Lock::Taken(_guard) = locked else {
        return Err(Error::usage(
            format!("another run is working in {}", places.work),
            "wait for it, or give this one a work directory of its own",
        ));
    };
    let engine = Engine {
        toolchain: Toolchain::find(world, &places.work)?,
        world,
        knowledge,
        options,
        places,
    };
    engine.run(&pairs, progress)
}

/// The releases of proofs to look at, in order.
fn select<'a>(
    matrices: &'a [Matrix],
    options: &Options,
) -> Result<Vec<(&'a Matrix, &'a FamilyVersion)>> {
    let listed = |release| {
        matrices
            .iter()
            .any(|matrix| matrix.releases.contains(release))
    };
    if let Some(unknown) = options.releases.iter().find(|release| !listed(release)) {
        return Err(Error::usage(
            format!("no proof speaks of release {unknown}"),
            "add it to `releases` of a file in knowledge/proofs",
        ));
    }
    let mut matrices: Vec<_> = matrices.iter().collect();
    crate::order::sort_by(&mut matrices, |a, b| a.id.cmp(&b.id));
    let all: Vec<_> = matrices
        .into_iter()
        .flat_map(|matrix| matrix.releases.iter().map(move |release| (matrix, release)))
        .filter(|(_, release)| options.releases.is_empty() || options.releases.contains(release))
        .collect();
    let Some(partition) = options.partition else {
        return Ok(all);
    };
    let total = all.len();
    let numbered = all.into_iter().enumerate();
    let part: Vec<_> = numbered
        .filter(|(position, _)| partition.holds(*position))
        .map(|(_, pair)| pair)
        .collect();
    if part.is_empty() {
        // A job of a CI matrix that does nothing must not look like one that proved something.
        return Err(Error::usage(
            format!("there is nothing in part {partition} of {total} releases"),
            "use fewer parts",
        ));
    }
    Ok(part)
}

/// What is to be done about one release of one proof.
enum Task {
    Run(String),
    Keep,
    Skip(String),
}

struct Engine<'a> {
    world: &'a dyn World,
    knowledge: &'a Knowledge,
    options: &'a Options,
    places: Places,
    toolchain: Toolchain,
}

impl Engine<'_> {
    fn run(
        &self,
        pairs: &[(&Matrix, &FamilyVersion)],
        progress: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Outcome> {
        let mut evidence = self.read_evidence(pairs)?;
        let mut tasks = Vec::new();
        for (matrix, release) in pairs {
            tasks.push(self.task(matrix, release, evidence.get(&matrix.id))?);
        }
        let count = |wanted: fn(&Task) -> bool| tasks.iter().filter(|task| wanted(task)).count();
        let total = count(|task| matches!(task, Task::Run(_)));
        progress(&Event::Planned {
            to_run: total,
            kept: count(|task| matches!(task, Task::Keep)),
            skipped: count(|task| matches!(task, Task::Skip(_))),
        });
        let mut outcome = Outcome {
            rustc: self.toolchain.rustc.clone(),
            proofs: Vec::new(),
        };
        let mut position = 0;
        for ((matrix, release), task) in pairs.iter().zip(&tasks) {
            let known = evidence
                .entry(matrix.id.clone())
                .or_insert_with(|| Evidence::empty(matrix));
            let of_release = match task {
                Task::Skip(reason) => ReleaseOutcome::unasked(
                    release,
                    Source::Skipped {
                        reason: reason.clone(),
                    },
                ),
                Task::Keep => ReleaseOutcome::kept(matrix, release, known),
                Task::Run(_) if self.world.interrupted() => {
                    ReleaseOutcome::unasked(release, Source::Interrupted)
                }
                Task::Run(manifest) => {
                    position += 1;
                    let at = (position, total);
                    self.prove(matrix, release, manifest, known, at, progress)?
                }
            };
            outcome.push(matrix, of_release);
        }
        Ok(outcome)
    }

    fn task(
        &self,
        matrix: &Matrix,
        release: &FamilyVersion,
        evidence: Option<&Evidence>,
    ) -> Result<Task> {
        let fresh = evidence.is_some_and(|evidence| evidence.is_fresh(matrix, release));
        if fresh && !self.options.force {
            return Ok(Task::Keep);
        }
        let line = self.knowledge.releases.line(release.line());
        if let Some(line) = line.filter(|line| line.rust_version > self.toolchain.version) {
            return Ok(Task::Skip(format!(
                "needs Rust {}, installed is {}",
                line.rust_version, self.toolchain.rustc
            )));
        }
        let manifest = manifest(matrix, &self.knowledge.family, release)
            .map_err(|message| Error::usage(message, "correct `[dependencies]` of the proof"))?;
        Ok(Task::Run(manifest))
    }

    /// Compiles one release, keeps what was said, judges it.
    fn prove(
        &self,
        matrix: &Matrix,
        release: &FamilyVersion,
        manifest: &str,
        evidence: &mut Evidence,
        (position, total): (usize, usize),
        progress: &mut dyn FnMut(&Event<'_>),
    ) -> Result<ReleaseOutcome> {
        progress(&Event::Started {
            position,
            total,
            proof: &matrix.id,
            release,
        });
        let cases = matrix.cases(release);
        let dir = self.places.package(&matrix.id, release);
        write_package(self.world, &dir, manifest, &cases)?;
        let output = self.toolchain.check_examples(
            self.world,
            &self.places,
            &dir,
            self.options.offline,
            &mut |line| progress(&Event::Cargo { line }),
        )?;
        if self.world.interrupted() {
            // What it had said by then may be the half of it.
            return Ok(ReleaseOutcome::unasked(release, Source::Interrupted));
        }
        let said = verdicts(&cases, &output);
        let hashes = cases
            .into_iter()
            .map(|case| (case.name, case.hash))
            .collect();
        self.keep(matrix, release, hashes, &said, evidence)?;
        let outcome =
            ReleaseOutcome::judge(matrix, release, Source::Ran, |case| said.get(case).cloned());
        progress(&Event::Finished {
            position,
            total,
            proof: &matrix.id,
            release,
            fits: outcome.count(Judgement::Fits),
            mismatches: outcome.count(Judgement::Mismatch),
            not_run: outcome.count(Judgement::NotRun),
        });
        Ok(outcome)
    }

    /// Writes the answers down. What was not run leaves the evidence as it was.
    fn keep(
        &self,
        matrix: &Matrix,
        release: &FamilyVersion,
        mut hashes: BTreeMap<String, String>,
        said: &BTreeMap<String, Verdict>,
        evidence: &mut Evidence,
    ) -> Result<()> {
        let mut changed = false;
        for (case, verdict) in said {
            let not_run = matches!(verdict, Verdict::NotRun { .. });
            let Some(hash) = hashes.remove(case).filter(|_| !not_run) else {
                continue;
            };
            let row = Row {
                hash,
                rustc: self.toolchain.rustc.clone(),
                date: self.world.today(),
                verdict: verdict.clone(),
            };
            evidence.rows.insert((release.clone(), case.clone()), row);
            changed = true;
        }
        if !changed {
            return Ok(());
        }
        evidence.prune(matrix);
        let path = self.places.evidence(&matrix.id);
        if let Some(folder) = path.parent() {
            create_dir(self.world, folder)?;
        }
        write(self.world, &path, &evidence.render())
    }

    /// The evidence that is there, by proof.
    fn read_evidence(
        &self,
        pairs: &[(&Matrix, &FamilyVersion)],
    ) -> Result<BTreeMap<String, Evidence>> {
        let mut all = BTreeMap::new();
        for (matrix, _) in pairs {
            let path = self.places.evidence(&matrix.id);
            let present = self
                .world
                .kind(&path)
                .map_err(|error| Error::io("read", &path, error))?;
            if all.contains_key(&matrix.id) || present.is_none() {
                continue;
            }
            let bytes = self
                .world
                .read(&path)
                .map_err(|error| Error::io("read", &path, error))?;
            let evidence = Evidence::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| {
                Error::usage(
                    format!("{path}: {error}"),
                    "restore the file, or remove it to make all its evidence anew",
                )
            })?;
            all.insert(matrix.id.clone(), evidence);
        }
        Ok(all)
    }
}
