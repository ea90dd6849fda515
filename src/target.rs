//! Which release to go to, and why not the others.

use jiff::civil::Date;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::finding::Exposure;
use crate::knowledge::{Entry, Knowledge, LineFacts, Release};
use crate::version::{FamilyVersion, Line, RustVersion};

/// What the user asked for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Request {
    /// The least change that clears what the project is exposed to.
    #[default]
    Fixed,
    /// The newest long-term release that the toolchain builds.
    Lts,
    /// The newest release that the toolchain builds.
    Latest,
    /// The newest release of a line.
    Line(Line),
    /// Just this one.
    Exact(FamilyVersion),
}

impl std::str::FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "fixed" => return Ok(Self::Fixed),
            "lts" => return Ok(Self::Lts),
            "latest" => return Ok(Self::Latest),
            _ => {}
        }
        let number = text.strip_prefix(['v', '=']).unwrap_or(text);
        if let Ok(line) = number.strip_suffix(".0").unwrap_or(number).parse::<u64>() {
            return Ok(Self::Line(Line(line)));
        }
        number.parse().map(Self::Exact).map_err(|_| {
            format!("`{text}` is neither `fixed`, `lts` or `latest` nor a release such as `36` or `36.0.20`")
        })
    }
}

/// A limit on the Rust version, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RustLimit {
    /// The newest Rust that may be asked for.
    pub version: RustVersion,
    /// For example "`rust-version` in crates/host/Cargo.toml".
    pub origin: String,
}

/// A release that was not chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// The release; the newest of its line.
    pub release: FamilyVersion,
    /// Why not.
    pub reason: String,
}

/// The release to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The release.
    pub release: FamilyVersion,
    /// Why this one.
    pub reason: String,
    /// The Rust that it needs.
    pub rust_version: RustVersion,
    /// Whether fixes are still made for its line.
    pub supported: bool,
    /// Entries that the project is or may be exposed to on it.
    pub still_open: Vec<String>,
    /// A release with less change that clears the same entries, although its line gets no fixes
    /// any more: the way out when the chosen one does not compile.
    pub smaller_step: Option<FamilyVersion>,
    /// The releases between the present one and it, and newer ones, with the reason against each.
    pub passed_over: Vec<PassedOver>,
}

/// What the choice is made from.
pub struct Situation<'a> {
    /// The facts.
    pub knowledge: &'a Knowledge,
    /// The oldest release in use.
    pub current: FamilyVersion,
    /// Whether this project is exposed to an entry, on a release that the entry affects.
    pub exposure: &'a dyn Fn(&Entry) -> Exposure,
    /// Limits on the toolchain.
    pub limits: Vec<RustLimit>,
    /// The day for which support is judged.
    pub today: Date,
}

impl<'a> Situation<'a> {
    /// The entries that the project is, or may be, exposed to on `release`.
    fn open_on(&self, release: &FamilyVersion) -> Vec<&'a Entry> {
        self.knowledge
            .entries
            .iter()
            .filter(|entry| entry.affects(release))
            .filter(|entry| (self.exposure)(entry) > Exposure::NotAffected)
            .collect()
    }

    fn too_new(&self, line: &LineFacts) -> Option<&RustLimit> {
        self.limits
            .iter()
            .filter(|limit| limit.version < line.rust_version)
            .min_by_key(|limit| &limit.version)
    }

    /// Why a release can't be chosen; `None` when it can.
    fn objection(&self, release: &Release, need_support: bool) -> Option<String> {
        let line = self.knowledge.releases.line(release.version.line())?;
        if let Some(reason) = &release.unusable {
            return Some(reason.clone());
        }
        if release.yanked {
            return Some("taken back from the registry".to_owned());
        }
        if release.version.is_prerelease() {
            return Some("a release candidate".to_owned());
        }
        if let Some(limit) = self.too_new(line) {
            return Some(format!(
                "needs Rust {}; {} is {}",
                line.rust_version, limit.origin, limit.version
            ));
        }
        let open = self.open_on(&release.version);
        if !open.is_empty() {
            return Some(format!("exposed to {}", ids(&open)));
        }
        (need_support && !line.supported_on(self.today)).then(|| {
            format!(
                "no fixes are made for line {} since {}",
                line.line, line.supported_until
            )
        })
    }

    fn choice(&self, release: &Release, reason: String, request: &Request) -> Result<Choice> {
        let line = self.line_of(&release.version)?;
        Ok(Choice {
            release: release.version.clone(),
            reason,
            rust_version: line.rust_version.clone(),
            supported: line.supported_on(self.today),
            still_open: self
                .open_on(&release.version)
                .iter()
                .map(|entry| entry.id.clone())
                .collect(),
            smaller_step: self.smaller_step(&release.version, request),
            passed_over: self.passed_over(&release.version, request),
        })
    }

    fn smaller_step(&self, chosen: &FamilyVersion, request: &Request) -> Option<FamilyVersion> {
        if *request != Request::Fixed || self.open_on(&self.current).is_empty() {
            return None;
        }
        let lines = self.knowledge.releases.lines();
        lines
            .filter(|line| (self.current.line()..chosen.line()).contains(&line.line))
            .filter_map(|line| self.newest_of(line.line))
            .filter(|release| release.version > self.current)
            .find(|release| self.objection(release, false).is_none())
            .map(|release| release.version.clone())
    }

    fn line_of(&self, release: &FamilyVersion) -> Result<&LineFacts> {
        self.knowledge.releases.line(release.line()).ok_or_else(|| {
            Error::usage(
                format!("line {} of Wasmtime is unknown here", release.line()),
                "see `wasmtime-upgrade list releases` for the known ones",
            )
        })
    }

    /// The newest release of every other line from the present one on, with what speaks against it.
    fn passed_over(&self, chosen: &FamilyVersion, request: &Request) -> Vec<PassedOver> {
        let newest_of_line = |line: &LineFacts| self.newest_of(line.line);
        self.knowledge
            .releases
            .lines()
            .filter(|line| line.line >= self.current.line() && line.line != chosen.line())
            .filter_map(newest_of_line)
            .map(|release| PassedOver {
                release: release.version.clone(),
                reason: self
                    .objection(release, *request == Request::Fixed)
                    .unwrap_or_else(|| match request {
                        Request::Lts => "no long-term release".to_owned(),
                        Request::Latest => "older".to_owned(),
                        Request::Fixed => "more change than needed".to_owned(),
                        Request::Line(_) | Request::Exact(_) => "not asked for".to_owned(),
                    }),
            })
            .collect()
    }

    /// The newest release of a line that cargo could pick, or else the newest.
    fn newest_of(&self, line: Line) -> Option<&Release> {
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

fn ids(entries: &[&Entry]) -> String {
    entries
        .iter()
        .map(|entry| entry.id.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Chooses the release. `None` means that there is nothing to do: the project is on it already, or
/// (for [`Request::Fixed`]) is exposed to nothing.
///
/// # Errors
/// An unknown release, one that the toolchain can't build, one that is worse than what is there and
/// was not named exactly, or no release at all that would do.
pub fn choose(request: &Request, situation: &Situation<'_>) -> Result<Option<Choice>> {
    let choice = match request {
        Request::Fixed => return fixed(situation),
        Request::Lts => newest(situation, request, |line| line.lts)?,
        Request::Latest => newest(situation, request, |_| true)?,
        Request::Line(line) => of_line(situation, *line, request)?,
        Request::Exact(version) => exact(situation, version, request)?,
    };
    Ok((choice.release != situation.current).then_some(choice))
}

fn fixed(situation: &Situation<'_>) -> Result<Option<Choice>> {
    let open = situation.open_on(&situation.current);
    let supported = situation
        .knowledge
        .releases
        .line(situation.current.line())
        .is_none_or(|line| line.supported_on(situation.today));
    if open.is_empty() && supported {
        return Ok(None);
    }
    let mut clears: Vec<String> = open.iter().map(|entry| entry.id.clone()).collect();
    if !supported {
        clears.push(format!(
            "the end of support of line {}",
            situation.current.line()
        ));
    }
    for need_support in [true, false] {
        if !need_support && open.is_empty() {
            break;
        }
        let lines = situation.knowledge.releases.lines().map(|line| line.line);
        let candidates = lines
            .filter(|line| *line >= situation.current.line())
            .filter_map(|line| situation.newest_of(line))
            .filter(|release| release.version > situation.current);
        let mut possible = candidates.filter(|r| situation.objection(r, need_support).is_none());
        if let Some(release) = possible.next() {
            let reason = if need_support {
                format!(
                    "the nearest supported release that clears {}",
                    clears.join(" and ")
                )
            } else {
                format!(
                    "the nearest release that clears {}; no supported one is within the limits of the toolchain",
                    ids(&open)
                )
            };
            return situation.choice(release, reason, &Request::Fixed).map(Some);
        }
    }
    let against = situation.passed_over(&situation.current, &Request::Fixed);
    let against: Vec<String> = against
        .iter()
        .map(|p| format!("{}: {}", p.release, p.reason))
        .collect();
    Err(Error::usage(
        format!(
            "no release clears {} within the limits of this project ({})",
            clears.join(" and "),
            against.join("; ")
        ),
        "raise `rust-version` or the toolchain, or name a release with --to VERSION",
    ))
}

fn newest(
    situation: &Situation<'_>,
    request: &Request,
    fits: impl Fn(&LineFacts) -> bool,
) -> Result<Choice> {
    let lines = situation
        .knowledge
        .releases
        .lines()
        .rev()
        .filter(|line| fits(line));
    let release = lines
        .filter_map(|line| situation.newest_of(line.line))
        .find(|release| situation.objection(release, false).is_none());
    let word = if *request == Request::Lts {
        "long-term "
    } else {
        ""
    };
    let Some(release) = release else {
        let limits: Vec<String> = situation
            .limits
            .iter()
            .map(|l| format!("{} is {}", l.origin, l.version))
            .collect();
        return Err(Error::usage(
            format!("no {word}release fits: {}", limits.join(", ")),
            "raise `rust-version` or the toolchain, or name a release with --to VERSION",
        ));
    };
    let reason = format!("the newest {word}release that the project's toolchain builds");
    situation.choice(release, reason, request)
}

fn of_line(situation: &Situation<'_>, line: Line, request: &Request) -> Result<Choice> {
    let Some(release) = situation.newest_of(line) else {
        return Err(unknown(situation, &line.to_string()));
    };
    if let Some(objection) = situation.objection(release, false) {
        return Err(Error::usage(
            format!("{} is no good target: {objection}", release.version),
            format!(
                "name it exactly to take it all the same: --to {}",
                release.version
            ),
        ));
    }
    situation.choice(
        release,
        format!("the newest release of line {line}, as asked"),
        request,
    )
}

fn exact(situation: &Situation<'_>, version: &FamilyVersion, request: &Request) -> Result<Choice> {
    let Some(release) = situation.knowledge.releases.get(version) else {
        return Err(unknown(situation, &version.to_string()));
    };
    if let Some(reason) = &release.unusable {
        return Err(Error::usage(
            format!("{version} can't be used: {reason}"),
            "name another release",
        ));
    }
    let line = situation.line_of(version)?;
    if let Some(limit) = situation.too_new(line) {
        return Err(Error::usage(
            format!(
                "{version} needs Rust {}; {} is {}",
                line.rust_version, limit.origin, limit.version
            ),
            "raise it first, or add --no-verify to move without compiling",
        ));
    }
    situation.choice(release, "as asked".to_owned(), request)
}

fn unknown(situation: &Situation<'_>, what: &str) -> Error {
    let newest = situation.knowledge.releases.iter().next_back();
    let newest = newest
        .map(|release| release.version.to_string())
        .unwrap_or_default();
    Error::usage(
        format!(
            "Wasmtime {what} is unknown to the knowledge base of {}, which ends at {newest}",
            situation.knowledge.releases.date
        ),
        "see `wasmtime-upgrade list releases`, or update wasmtime-upgrade for newer ones",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case<'a> {
        current: &'a str,
        exposed: &'a [&'a str],
        rust: &'a [&'a str],
    }

    const SEND: &str = "bindgen-send-bound-on-exports";

    fn run(request: &str, case: &Case<'_>) -> Result<Option<Choice>> {
        let exposure = |entry: &Entry| {
            if case.exposed.contains(&entry.id.as_str()) {
                Exposure::Affected
            } else {
                Exposure::NotAffected
            }
        };
        let limits = case.rust.iter().map(|version| RustLimit {
            version: version.parse().unwrap(),
            origin: "rustc".to_owned(),
        });
        let situation = Situation {
            knowledge: Knowledge::embedded(),
            current: case.current.parse().unwrap(),
            exposure: &exposure,
            limits: limits.collect(),
            today: jiff::civil::date(2026, 11, 22),
        };
        choose(&request.parse().unwrap(), &situation)
    }

    fn target(request: &str, case: &Case<'_>) -> Option<String> {
        run(request, case)
            .unwrap()
            .map(|choice| choice.release.to_string())
    }

    #[test]
    fn fixed_is_the_nearest_supported_release_that_clears_the_exposure() {
        let case = Case {
            current: "32.0.0",
            exposed: &[SEND],
            rust: &["1.95"],
        };
        let choice = run("fixed", &case).unwrap().unwrap();
        assert_eq!(choice.release.to_string(), "36.0.20");
        assert_eq!(choice.smaller_step.unwrap().to_string(), "33.0.2");
        let reasons: Vec<String> = choice
            .passed_over
            .iter()
            .map(|passed| format!("{}: {}", passed.release, passed.reason))
            .take(3)
            .collect();
        assert_eq!(
            reasons,
            [
                "32.0.1: exposed to bindgen-send-bound-on-exports",
                "33.0.2: no fixes are made for line 33 since 2025-07-20",
                "34.0.2: no fixes are made for line 34 since 2025-08-20",
            ]
        );
    }

    #[test]
    fn a_supported_release_without_exposure_stays() {
        for current in ["36.0.20", "48.0.8", "36.0.3"] {
            let case = Case {
                current,
                exposed: &[SEND],
                rust: &["1.95"],
            };
            assert_eq!(target("fixed", &case), None);
        }
    }

    #[test]
    fn an_old_toolchain_gets_the_nearest_release_without_support_and_is_told() {
        let case = Case {
            current: "32.0.0",
            exposed: &[SEND],
            rust: &["1.84"],
        };
        let choice = run("fixed", &case).unwrap().unwrap();
        assert_eq!(choice.release.to_string(), "33.0.2");
        assert!(!choice.supported);
        let case = Case {
            current: "32.0.0",
            exposed: &[SEND],
            rust: &["1.82"],
        };
        assert!(run("fixed", &case).is_err());
    }

    #[test]
    fn lts_and_latest_respect_the_toolchain() {
        for (request, rust, expected) in [
            ("lts", "1.95", "48.0.8"),
            ("lts", "1.90", "36.0.20"),
            ("latest", "1.95", "48.0.8"),
            ("latest", "1.97", "50.0.1"),
            ("latest", "1.94", "47.0.4"),
        ] {
            let case = Case {
                current: "32.0.0",
                exposed: &[SEND],
                rust: &[rust],
            };
            assert_eq!(
                target(request, &case).as_deref(),
                Some(expected),
                "{request} {rust}"
            );
        }
    }

    #[test]
    fn a_line_means_its_newest_release_and_a_bad_one_must_be_named_exactly() {
        let case = Case {
            current: "29.0.1",
            exposed: &[SEND],
            rust: &["1.95"],
        };
        assert_eq!(target("36", &case).as_deref(), Some("36.0.20"));
        assert!(run("32", &case).is_err());
        assert_eq!(target("32.0.1", &case).as_deref(), Some("32.0.1"));
        assert!(
            run("50.0.1", &case)
                .unwrap_err()
                .to_string()
                .contains("needs Rust 1.97")
        );
        assert!(
            run("23.0.0", &case)
                .unwrap_err()
                .to_string()
                .contains("never published")
        );
        assert!(run("99", &case).is_err());
        assert!("newest".parse::<Request>().is_err());
    }
}
