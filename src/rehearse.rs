//! Runs a project's guests under two releases of Wasmtime and says what compilers can't see.
//!
//! 1. [`discover`] finds the guests, and precompiled artifacts ([`artifact`]).
//! 2. [`package`] is the crate of a host, and [`cache`] builds and keeps it: one host has one
//!    release, so that any two make a pair.
//! 3. [`child`] runs a host as a process for each guest: guests run nowhere else.
//! 4. [`compare`](mod@compare) holds what the two hosts saw ([`protocol`]) against each other,
//!    [`timing`] how long it took, and [`expect`] what the policy puts up with.
//!
//! The source of the hosts is in `src/rehearse/host/`; this library embeds it as text, and `rehearse/`
//! of this repository compiles it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;
use serde::Serialize;

use crate::config::Policy;
use crate::config::rehearsal::GuestSettings;
use crate::error::{Error, ExitCode, Result};
use crate::knowledge::Knowledge;
use crate::report::counted;
use crate::upgrade::Progress;
use crate::version::FamilyVersion;
use crate::workspace::{NotLookedAt, Workspace, relative_to};
use crate::world::World;

pub mod artifact;
pub mod cache;
pub mod child;
pub mod compare;
pub mod discover;
pub mod expect;
pub mod package;
mod pair_of_runs;
pub mod protocol;
pub mod settings;
pub mod timing;
mod wasi;

use cache::Cache;
use compare::{Aspect, Class, Difference};
use discover::Found;
use package::{HostPackage, Http};
use pair_of_runs::Stage;
use protocol::{EngineSettings, Job, Limits, Observation, Stubs};
use settings::{ProjectEngine, Setting, Setup};

/// What is to be rehearsed.
#[derive(Debug)]
pub struct Request<'a> {
    /// The release in use.
    pub from: FamilyVersion,
    /// The target.
    pub to: FamilyVersion,
    /// Features of `wasmtime` that either host has as the project has them.
    pub features: [Vec<&'static str>; 2],
    /// What paths are relative to, and where artifacts are looked for.
    pub root: Utf8PathBuf,
    /// The workspace, for artifacts that its sources name.
    pub workspace: Option<&'a Workspace>,
    /// Guests as a user names them, seen from `here`; empty for those of the policy, and without
    /// such for those where cargo leaves them.
    pub guests: Vec<String>,
    /// Where the user stands.
    pub here: Utf8PathBuf,
    /// How guests are run, before the policy.
    pub settings: GuestSettings,
    /// How the project sets its engine up; the policy goes before it.
    pub engine: ProjectEngine,
    /// What guests may use.
    pub limits: Limits,
    /// What becomes of unknown imports; none for what the policy says.
    pub stubs: Option<Stubs>,
    /// The policy of the project.
    pub policy: Option<Policy>,
    /// How many hosts run at once; a guest has two of them where there can be.
    pub jobs: usize,
    /// Run cargo without network.
    pub offline: bool,
    /// The day that expected differences are judged for.
    pub today: Date,
}

/// One guest under both releases.
#[derive(Clone, Debug, Serialize)]
pub struct GuestReport {
    /// The guest, relative to the root.
    pub path: String,
    /// The worst of its differences that nobody expects.
    pub class: Class,
    /// What differs, the worst first.
    pub differences: Vec<Difference>,
    /// What differs from run to run under one release, and therefore says nothing.
    pub unsteady: Vec<Aspect>,
    /// What was seen under the release in use.
    pub before: Observation,
    /// What was seen under the target.
    pub after: Observation,
}

/// One precompiled artifact.
#[derive(Clone, Debug, Serialize)]
pub struct ArtifactReport {
    /// The file, relative to the root.
    pub path: String,
    /// What it says of itself; none when it can't be read.
    #[serde(flatten)]
    pub artifact: Option<artifact::Artifact>,
    /// How it differs for the project.
    pub class: Class,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A host that was used.
#[derive(Clone, Debug, Serialize)]
pub struct HostReport {
    /// Its release.
    pub release: FamilyVersion,
    /// Whether it was built for this run, else kept from an earlier one.
    pub built: bool,
}

/// All that a rehearsal found.
#[derive(Debug, Serialize)]
pub struct Rehearsal {
    /// The release in use.
    pub from: FamilyVersion,
    /// The target.
    pub to: FamilyVersion,
    /// The worst difference that nobody expects.
    pub class: Class,
    /// The hosts.
    pub hosts: Vec<HostReport>,
    /// How their engines are set up, where that is not the default of each release.
    pub settings: Vec<Setting>,
    /// The guests, by path.
    pub guests: Vec<GuestReport>,
    /// The precompiled artifacts, by path.
    pub artifacts: Vec<ArtifactReport>,
    /// What was named and could not be rehearsed.
    pub not_rehearsed: Vec<NotLookedAt>,
    /// What there is to say about the policy and the project's engine.
    pub remarks: Vec<String>,
}

impl Rehearsal {
    /// What the program exits with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if !self.not_rehearsed.is_empty() {
            return ExitCode::CouldNotFinish;
        }
        match self.class {
            Class::Breaks | Class::Changes => ExitCode::Findings,
            Class::Slower | Class::Faster | Class::Same => ExitCode::Clean,
        }
    }
}

/// Builds the hosts where they are not there yet, and runs every guest under both.
///
/// # Errors
/// No guests, releases that the hosts' source is not written for, a host that does not build, or an
/// interruption. What becomes of a guest is never an error.
pub fn rehearse(
    world: &dyn World,
    knowledge: &Knowledge,
    cache: &Cache,
    request: &Request<'_>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Rehearsal> {
    let found = find(world, request)?;
    let http = if found.names_http {
        Http::Linked
    } else {
        Http::Stubbed
    };
    let [before, after] = &request.features;
    let packages = [(&request.from, before), (&request.to, after)]
        .map(|(release, features)| HostPackage::new(knowledge, release, features, http));
    for package in &packages {
        refuse_too_old(&package.release)?;
    }
    let setup = setup(request);
    let (hosts, guests) = if found.guests.is_empty() {
        // Artifacts are judged by what they say of themselves.
        (Vec::new(), Vec::new())
    } else {
        let stage = Stage {
            world,
            releases: &knowledge.releases,
            folder: cache.folder(),
            request,
            engine: &setup.engine,
        };
        run_all(&stage, cache, &packages, &found.guests, progress)?
    };
    let mut rehearsal = Rehearsal {
        from: request.from.clone(),
        to: request.to.clone(),
        class: Class::Same,
        hosts,
        settings: setup.settings,
        guests,
        artifacts: artifacts(request, found.artifacts),
        not_rehearsed: found.refused,
        remarks: setup.remarks,
    };
    judge(request, &mut rehearsal);
    Ok(rehearsal)
}

/// How engines are set up: as the policy says, else as the project's sources do.
fn setup(request: &Request<'_>) -> Setup {
    match &request.policy {
        Some(policy) => {
            let file = relative_to(&request.root, &policy.path);
            request.engine.under(&policy.rehearsal.engine, &file)
        }
        None => request.engine.under(&EngineSettings::default(), ""),
    }
}

/// Runs all guests under hosts of the two packages, built where they are not there yet.
fn run_all(
    stage: &Stage<'_>,
    cache: &Cache,
    packages: &[HostPackage; 2],
    guests: &[Utf8PathBuf],
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<(Vec<HostReport>, Vec<GuestReport>)> {
    let request = stage.request;
    let programs = hosts(stage.world, cache, request, packages, progress)?;
    let what = format!(
        "{}, {} -> {}",
        counted(guests.len(), "guest"),
        request.from,
        request.to
    );
    progress(Progress::Step("Rehearsing", &what));
    let pair = [&programs[0].program, &programs[1].program];
    let reports = all(guests, request.jobs / 2, |path| stage.guest(pair, path))?;
    let hosts = packages
        .iter()
        .zip(&programs)
        .map(|(package, host)| HostReport {
            release: package.release.clone(),
            built: host.built,
        });
    Ok((hosts.collect(), reports))
}

/// The files that are meant.
fn find(world: &dyn World, request: &Request<'_>) -> Result<Found> {
    let (root, here) = (&request.root, &request.here);
    let of_policy = request.policy.as_ref();
    let of_policy = of_policy.map_or(&[][..], |policy| &policy.rehearsal.guests);
    let (patterns, seen_from) = match (&request.guests[..], of_policy) {
        ([], []) => (discover::usual(world, root)?, root),
        ([], patterns) => (patterns.to_vec(), root),
        (named, _) => (named.to_vec(), here),
    };
    let found = discover::find(world, root, seen_from, &patterns, request.workspace)?;
    if found.guests.is_empty() && found.artifacts.is_empty() && found.refused.is_empty() {
        return Err(Error::usage(
            format!("there are no guests in {}", discover::USUAL.join(" or ")),
            "build them, name their files, or list them as `guests` under `[rehearse]` in the policy",
        ));
    }
    Ok(found)
}

fn refuse_too_old(release: &FamilyVersion) -> Result<()> {
    if release.line() >= package::OLDEST {
        return Ok(());
    }
    Err(Error::usage(
        format!("guests can't be rehearsed under {release}"),
        format!("name a release from {} on", package::OLDEST),
    ))
}

/// The hosts, announced when they have to be built.
fn hosts(
    world: &dyn World,
    cache: &Cache,
    request: &Request<'_>,
    packages: &[HostPackage; 2],
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<cache::Host>> {
    let missing = packages.iter().filter(|package| !cache.has(world, package));
    let missing: Vec<String> = missing.map(|package| package.release.to_string()).collect();
    if !missing.is_empty() {
        let what = format!(
            "{} of Wasmtime {}: some minutes, once; kept in {}",
            if missing.len() == 1 {
                "a host"
            } else {
                "hosts"
            },
            missing.join(" and "),
            cache.folder()
        );
        progress(Progress::Step("Building", &what));
    }
    let packages: Vec<&HostPackage> = packages.iter().collect();
    cache.hosts_of(world, &packages, request.offline, progress)
}

/// Does `work` for every guest, some at once, and keeps their order. The first error ends it.
fn all<R: Send>(
    guests: &[Utf8PathBuf],
    jobs: usize,
    work: impl Fn(&Utf8Path) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(guests.len()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, guests.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(guest) = guests.get(at) else { return };
                    let result = work(guest);
                    let failed = result.is_err();
                    done.lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((at, result));
                    if failed {
                        next.store(guests.len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    crate::order::sort_by_key(&mut done, |(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What each release makes of the artifacts, by the version that they name.
fn artifacts(
    request: &Request<'_>,
    found: Vec<(Utf8PathBuf, Result<artifact::Artifact, String>)>,
) -> Vec<ArtifactReport> {
    let report = |(path, read): (Utf8PathBuf, Result<artifact::Artifact, String>)| {
        let path = relative_to(&request.root, &path);
        let (artifact, differences) = match read {
            Ok(artifact) => {
                let differences = artifact_differences(request, &artifact);
                (Some(artifact), differences)
            }
            Err(reason) => {
                let text = format!("refused: {reason}");
                let difference = Difference::new(Class::Breaks, Aspect::Artifact, "", text);
                (None, vec![difference])
            }
        };
        ArtifactReport {
            path,
            artifact,
            class: Class::Same,
            differences,
        }
    };
    found.into_iter().map(report).collect()
}

fn artifact_differences(request: &Request<'_>, artifact: &artifact::Artifact) -> Vec<Difference> {
    let text = |release: &FamilyVersion| match artifact.accepted_by(release) {
        true => format!("{release} accepts it"),
        false => format!("{release} refuses it: it was made by {}", artifact.made_by),
    };
    if artifact.accepted_by(&request.to) {
        return Vec::new();
    }
    let (before, after) = (text(&request.from), text(&request.to));
    vec![Difference::new(
        Class::Breaks,
        Aspect::Artifact,
        before,
        after,
    )]
}

/// Marks what is expected, and says how bad the rest is.
fn judge(request: &Request<'_>, rehearsal: &mut Rehearsal) {
    if let Some(policy) = &request.policy {
        let expected = &policy.rehearsal.expected;
        let mut used = vec![false; expected.len()];
        let guests = rehearsal.guests.iter_mut();
        let guests = guests.map(|guest| (&guest.path, &mut guest.differences));
        let artifacts = rehearsal.artifacts.iter_mut();
        let artifacts = artifacts.map(|artifact| (&artifact.path, &mut artifact.differences));
        for (path, differences) in guests.chain(artifacts) {
            expect::mark(expected, request.today, path, differences, &mut used);
        }
        let remarks = expect::remarks(policy, request.today, &used);
        rehearsal.remarks.extend(remarks);
    }
    for guest in &mut rehearsal.guests {
        guest.class = expect::worst(&guest.differences);
    }
    for artifact in &mut rehearsal.artifacts {
        artifact.class = expect::worst(&artifact.differences);
    }
    let guests = rehearsal.guests.iter().map(|guest| guest.class);
    let artifacts = rehearsal.artifacts.iter().map(|artifact| artifact.class);
    rehearsal.class = guests.chain(artifacts).max().unwrap_or(Class::Same);
}

/// The limits that a user gives, each where it is given.
#[must_use]
pub fn limits(fuel: Option<u64>, time: Option<Duration>, memory: Option<u64>) -> Limits {
    let usual = Limits::default();
    let millis = time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    Limits {
        fuel: fuel.unwrap_or(usual.fuel),
        millis: millis.unwrap_or(usual.millis),
        memory: memory.unwrap_or(usual.memory),
        ..usual
    }
}

#[cfg(test)]
mod tests;
