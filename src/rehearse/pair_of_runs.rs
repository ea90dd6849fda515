//! One guest under both hosts, run again where that tells noise from difference.

use camino::{Utf8Path, Utf8PathBuf};

use super::compare::{self, Aspect, Difference};
use super::expect;
use super::protocol::{EngineSettings, Observation};
use super::{GuestReport, Job, Request, child, timing, wasi};
use crate::error::{Error, Result};
use crate::knowledge::releases::Releases;
use crate::workspace::relative_to;
use crate::world::World;

/// Where guests are run.
pub(super) struct Stage<'a> {
    pub(super) world: &'a dyn World,
    /// The folder that hosts are started in; they have no business there.
    pub(super) folder: &'a Utf8Path,
    /// What is known of releases.
    pub(super) releases: &'a Releases,
    pub(super) request: &'a Request<'a>,
    /// How the engines are set up.
    pub(super) engine: &'a EngineSettings,
}

/// What was seen of one guest on one side, at least once.
type Runs = Vec<Observation>;

/// The programs of the hosts: of the release in use, and of the target.
type Hosts<'a> = [&'a Utf8PathBuf; 2];

impl Stage<'_> {
    /// Runs a guest on both sides and compares.
    pub(super) fn guest(&self, hosts: Hosts<'_>, path: &Utf8Path) -> Result<GuestReport> {
        let shown = relative_to(&self.request.root, path);
        let job = self.job(path, &shown);
        let (mut before, mut after) = self.both(hosts, &job)?;
        let mut differences = compare::compare(&before[0], &after[0]);
        let suspect = timing::suspect(&before[0], &after[0]);
        // Where both hosts ran it twice, it is known by now what it costs every time.
        let ran_twice = before.len() > 1 && after.len() > 1;
        let is_known = |difference: &Difference| ran_twice && is_cost(difference.aspect);
        let more = match (suspect, differences.iter().all(is_known)) {
            (true, _) => timing::REPEATS,
            (false, false) => 1,
            (false, true) => 0,
        };
        for _ in 0..more {
            let (again_before, again_after) = self.both(hosts, &job)?;
            before.extend(again_before);
            after.extend(again_after);
        }
        let unsteady = unsteady(&before, &after);
        differences.retain(|difference| !unsteady.contains(&difference.aspect));
        // Times of guests that end elsewhere say nothing of each other.
        if before[0].failure.is_none() && after[0].failure.is_none() {
            if suspect {
                differences.extend(timing::times(&before, &after));
            }
            differences.extend(timing::size(&before[0], &after[0]));
        }
        sort(&mut differences);
        Ok(GuestReport {
            path: shown,
            class: expect::worst(&differences),
            differences,
            unsteady,
            before: before.swap_remove(0),
            after: after.swap_remove(0),
        })
    }

    /// What each side has seen when its host was started once, both at once where that is allowed: neither has
    /// the machine for itself then, and what the machine does besides meets both.
    fn both(&self, hosts: Hosts<'_>, job: &Job) -> Result<(Runs, Runs)> {
        if self.request.jobs < 2 {
            return Ok((self.observe(hosts, 0, job)?, self.observe(hosts, 1, job)?));
        }
        let (before, after) = std::thread::scope(|scope| {
            let before = scope.spawn(|| self.observe(hosts, 0, job));
            let after = self.observe(hosts, 1, job);
            (before.join(), after)
        });
        let before = before.unwrap_or_else(|_| {
            Err(Error::Process {
                message: "running a host failed for a reason inside of this program".to_owned(),
                output: String::new(),
                help: "report this, with what was printed above".to_owned(),
            })
        });
        Ok((before?, after?))
    }

    /// One start of one side's host.
    fn observe(&self, hosts: Hosts<'_>, side: usize, job: &Job) -> Result<Runs> {
        let mut first = child::observe(self.world, hosts[side], self.folder, job)?;
        let again = first.again.take().map(|again| *again);
        let mut runs: Runs = [first].into_iter().chain(again).collect();
        let release = [&self.request.from, &self.request.to][side];
        for seen in &mut runs {
            wasi::explain(self.releases, release, seen);
        }
        Ok(runs)
    }

    /// How a guest is run: as the command line says, else the policy, else without anything.
    fn job(&self, path: &Utf8Path, shown: &str) -> Job {
        let request = self.request;
        let of_policy = request.policy.as_ref().map(|policy| &policy.rehearsal);
        let settings = of_policy.map(|policy| policy.settings_of(shown));
        let settings = request.settings.clone().or(&settings.unwrap_or_default());
        let stubs = request.stubs.or_else(|| of_policy?.stubs);
        Job {
            guest: path.to_string(),
            args: settings.args.unwrap_or_default(),
            env: settings.env.unwrap_or_default(),
            stdin: settings.stdin.unwrap_or_default(),
            invoke: settings.invoke.unwrap_or_default(),
            requests: settings.requests.unwrap_or_default(),
            limits: request.limits,
            stubs: stubs.unwrap_or_default(),
            engine: self.engine.clone(),
        }
    }
}

/// What a guest uses. What it says may be told by a clock, and be another one only some time later.
fn is_cost(aspect: Aspect) -> bool {
    matches!(
        aspect,
        Aspect::Fuel | Aspect::Memory | Aspect::Tables | Aspect::Handles
    )
}

fn sort(differences: &mut [Difference]) {
    crate::order::sort_by(differences, |a, b| {
        b.class.cmp(&a.class).then(a.aspect.cmp(&b.aspect))
    });
}

/// What differs between runs of one side.
fn unsteady(before: &[Observation], after: &[Observation]) -> Vec<Aspect> {
    let of_side = |runs: &[Observation]| -> Vec<Aspect> {
        let pairs = runs.iter().zip(runs.iter().skip(1));
        let differences = pairs.flat_map(|(one, other)| compare::compare(one, other));
        differences.map(|difference| difference.aspect).collect()
    };
    let mut aspects = of_side(before);
    aspects.extend(of_side(after));
    aspects.sort();
    aspects.dedup();
    aspects
}
