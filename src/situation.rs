//! What a target is chosen from: facts, exposure, limits, and what each release would mean.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::finding::Exposure;
use crate::knowledge::{Entry, Kind, Knowledge, LineFacts, Release};
use crate::target::{Choice, PassedOver, Request, RustLimit, some};
use crate::version::{FamilyVersion, Line};

/// What the choice is made from.
pub struct Situation<'a> {
    /// The facts.
    pub knowledge: &'a Knowledge,
    /// The oldest release in use.
    pub current: FamilyVersion,
    /// Whether this project is exposed to an entry, on a release that the entry affects.
    pub exposure: &'a dyn Fn(&Entry, &FamilyVersion) -> Exposure,
    /// Limits on the toolchain.
    pub limits: Vec<RustLimit>,
    /// The day for which support is judged.
    pub today: Date,
}

/// How sure an exposure must be to decide about a target. What can't be ruled out is reported, but
/// a project would never come to rest if it moved for that.
pub(crate) const DECISIVE: Exposure = Exposure::Affected;

/// Ids of entries, sorted.
pub(crate) type Ids<'a> = BTreeSet<&'a str>;

impl<'a> Situation<'a> {
    /// What the project is exposed to on `release`, at least so surely. Changes made on purpose
    /// are nothing that another release repairs.
    pub(crate) fn open_on(&self, release: &FamilyVersion, at_least: Exposure) -> Ids<'a> {
        let defects = self
            .knowledge
            .entries
            .iter()
            .filter(|e| e.kind != Kind::BehaviourChange);
        defects
            .filter(|entry| entry.affects(release))
            .filter(|entry| (self.exposure)(entry, release) >= at_least)
            .map(|entry| entry.id.as_str())
            .collect()
    }

    pub(crate) fn too_new(&self, line: &LineFacts) -> Option<&RustLimit> {
        self.limits
            .iter()
            .filter(|limit| limit.version < line.rust_version)
            .min_by_key(|limit| &limit.version)
    }

    pub(crate) fn supported(&self, release: &FamilyVersion) -> bool {
        let line = self.knowledge.releases.line(release.line());
        line.is_none_or(|line| line.supported_on(self.today))
    }

    /// Why a release can't be had or built; `None` when it can.
    pub(crate) fn objection(&self, release: &Release) -> Option<String> {
        let line = self.knowledge.releases.line(release.version.line())?;
        if let Some(reason) = &release.unusable {
            return Some(reason.clone());
        }
        if release.unserved {
            return Some("not served by the registry yet".to_owned());
        }
        if release.yanked {
            return Some("taken back from the registry".to_owned());
        }
        if release.version.is_prerelease() {
            return Some("a release candidate".to_owned());
        }
        self.too_new(line).map(|limit| {
            format!(
                "needs Rust {}; {} is {}",
                line.rust_version, limit.origin, limit.version
            )
        })
    }

    /// What speaks against a release that could be had, seen from the chosen one.
    pub(crate) fn drawback(
        &self,
        release: &FamilyVersion,
        chosen: &FamilyVersion,
    ) -> Option<String> {
        let open = self.open_on(release, DECISIVE);
        let extra: Ids<'_> = open
            .difference(&self.open_on(chosen, DECISIVE))
            .copied()
            .collect();
        if !extra.is_empty() {
            return Some(format!("exposed to {}", some(&extra)));
        }
        let line = self.knowledge.releases.line(release.line())?;
        (!line.supported_on(self.today)).then(|| {
            format!(
                "no fixes are made for line {} since {}",
                line.line, line.supported_until
            )
        })
    }

    /// The releases that `fixed` can mean: the newest of each line from the present one on.
    pub(crate) fn candidates(&self, need_support: bool) -> Vec<&'a Release> {
        let lines = self.knowledge.releases.lines().map(|line| line.line);
        lines
            .filter(|line| *line >= self.current.line())
            .filter_map(|line| self.newest_of(line))
            .filter(|release| release.version > self.current)
            .filter(|release| !need_support || self.supported(&release.version))
            .filter(|release| self.objection(release).is_none())
            .collect()
    }

    /// The nearest candidate on which nothing is open but what is open on all of them; when there
    /// is none, the one on which the least is.
    pub(crate) fn best(&self, candidates: &[&'a Release]) -> Option<&'a Release> {
        let open: Vec<Ids<'_>> = candidates
            .iter()
            .map(|release| self.open_on(&release.version, DECISIVE))
            .collect();
        let everywhere = open.iter().skip(1).fold(open.first()?.clone(), |all, ids| {
            all.intersection(ids).copied().collect()
        });
        let best = open
            .iter()
            .position(|ids| *ids == everywhere)
            .or_else(|| (0..open.len()).min_by_key(|index| open[*index].len()))?;
        candidates.get(best).copied()
    }

    pub(crate) fn choice(
        &self,
        release: &Release,
        reason: String,
        request: &Request,
    ) -> Result<Choice> {
        let line = self.line_of(&release.version)?;
        Ok(Choice {
            release: release.version.clone(),
            reason,
            rust_version: line.rust_version.clone(),
            supported: line.supported_on(self.today),
            not_ruled_out: self
                .open_on(&release.version, Exposure::Possible)
                .difference(&self.open_on(&release.version, Exposure::Affected))
                .map(|id| (*id).to_owned())
                .collect(),
            still_open: self
                .open_on(&release.version, Exposure::Affected)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            smaller_step: self.smaller_step(&release.version, request),
            passed_over: self.passed_over(&release.version, request),
        })
    }

    pub(crate) fn smaller_step(
        &self,
        chosen: &FamilyVersion,
        request: &Request,
    ) -> Option<FamilyVersion> {
        let now = self.open_on(&self.current, DECISIVE);
        if *request != Request::Fixed {
            return None;
        }
        self.candidates(false)
            .into_iter()
            .filter(|release| release.version < *chosen)
            .find(|release| {
                let then = self.open_on(&release.version, DECISIVE);
                then.is_subset(&now) && then.len() < now.len()
            })
            .map(|release| release.version.clone())
    }

    pub(crate) fn line_of(&self, release: &FamilyVersion) -> Result<&LineFacts> {
        self.knowledge.releases.line(release.line()).ok_or_else(|| {
            Error::usage(
                format!("line {} of Wasmtime is unknown here", release.line()),
                "see `wasmtime-upgrade list releases` for the known ones",
            )
        })
    }

    /// The newest release of every other line from the present one on, with what speaks against it.
    pub(crate) fn passed_over(&self, chosen: &FamilyVersion, request: &Request) -> Vec<PassedOver> {
        let newest_of_line = |line: &LineFacts| self.newest_of(line.line);
        self.knowledge
            .releases
            .lines()
            .filter(|line| line.line >= self.current.line() && line.line != chosen.line())
            .filter_map(newest_of_line)
            .map(|release| PassedOver {
                release: release.version.clone(),
                reason: self
                    .objection(release)
                    .or_else(|| self.drawback(&release.version, chosen))
                    .unwrap_or_else(|| match request {
                        Request::Lts => "no long-term release".to_owned(),
                        Request::Latest => "older".to_owned(),
                        Request::Fixed => "more change than needed".to_owned(),
                        Request::Patch | Request::Line(_) | Request::Exact(_) => {
                            "not asked for".to_owned()
                        }
                    }),
            })
            .collect()
    }

    /// The newest release of every line between the present one and `target` that can be had and
    /// built, in the order of the way, and `target` at its end.
    pub(crate) fn way_to(&self, target: &FamilyVersion) -> Vec<FamilyVersion> {
        let (from, to) = (self.current.line(), target.line());
        let between = |line: &Line| (from.min(to) < *line) && (*line < from.max(to));
        let lines = self.knowledge.releases.lines().map(|line| line.line);
        let mut way: Vec<FamilyVersion> = lines
            .filter(between)
            .filter_map(|line| self.newest_of(line))
            .filter(|release| self.objection(release).is_none())
            .map(|release| release.version.clone())
            .collect();
        if to < from {
            way.reverse();
        }
        way.push(target.clone());
        way
    }

    /// The newest release of a line that cargo could pick, or else the newest.
    pub(crate) fn newest_of(&self, line: Line) -> Option<&'a Release> {
        let of_line = || {
            self.knowledge
                .releases
                .iter()
                .rev()
                .filter(move |release| release.version.line() == line)
        };
        of_line()
            .find(|release| release.selectable())
            .or_else(|| of_line().next())
    }
}
