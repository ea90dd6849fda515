//! Which release to go to, and why not the others.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::finding::Exposure;
use crate::knowledge::LineFacts;
use crate::version::{FamilyVersion, Line, RustVersion};

pub use crate::situation::Situation;

use crate::situation::{DECISIVE, Ids};

/// What the user asked for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Request {
    /// The least change that clears what the project is exposed to.
    #[default]
    Fixed,
    /// The newest release of the line that is in use.
    Patch,
    /// The newest long-term release that the toolchain builds.
    Lts,
    /// The newest release that the toolchain builds.
    Latest,
    /// The newest release of a line.
    Line(Line),
    /// Just this one.
    Exact(FamilyVersion),
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Patch => f.write_str("patch"),
            Self::Fixed => f.write_str("fixed"),
            Self::Lts => f.write_str("lts"),
            Self::Latest => f.write_str("latest"),
            Self::Line(line) => line.fmt(f),
            Self::Exact(version) => version.fmt(f),
        }
    }
}

impl std::str::FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "fixed" => return Ok(Self::Fixed),
            "patch" => return Ok(Self::Patch),
            "lts" => return Ok(Self::Lts),
            "latest" => return Ok(Self::Latest),
            _ => {}
        }
        let number = text.strip_prefix(['v', '=']).unwrap_or(text);
        if let Ok(line) = number.strip_suffix(".0").unwrap_or(number).parse::<u64>() {
            return Ok(Self::Line(Line(line)));
        }
        number.parse().map(Self::Exact).map_err(|_| {
            format!("`{text}` is none of `patch`, `fixed`, `lts` and `latest`, nor a release such as `36` or `36.0.20`")
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// The release; the newest of its line.
    pub release: FamilyVersion,
    /// Why not.
    pub reason: String,
}

/// The release to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The release.
    pub release: FamilyVersion,
    /// Why this one.
    pub reason: String,
    /// The Rust that it needs.
    pub rust_version: RustVersion,
    /// Whether fixes are still made for its line.
    pub supported: bool,
    /// Entries that the project is exposed to on it.
    pub still_open: Vec<String>,
    /// Entries that it may be exposed to on it.
    pub not_ruled_out: Vec<String>,
    /// A release with less change on which the project is exposed to less than now, although its
    /// line gets no fixes any more: the way out when the chosen one does not compile.
    pub smaller_step: Option<FamilyVersion>,
    /// The releases between the present one and it, and newer ones, with the reason against each.
    pub passed_over: Vec<PassedOver>,
}

/// A few ids by name, the rest by number.
pub(crate) fn some(ids: &Ids<'_>) -> String {
    const SHOWN: usize = 3;
    let mut text = ids
        .iter()
        .take(SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if ids.len() > SHOWN {
        text.push_str(&format!(" and {} more", ids.len() - SHOWN));
    }
    text
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
        Request::Patch => of_line(situation, situation.current.line(), request)?,
        Request::Lts => newest(situation, request, |line| line.lts)?,
        Request::Latest => newest(situation, request, |_| true)?,
        Request::Line(line) => of_line(situation, *line, request)?,
        Request::Exact(version) => exact(situation, version, request)?,
    };
    Ok((choice.release != situation.current).then_some(choice))
}

fn fixed(situation: &Situation<'_>) -> Result<Option<Choice>> {
    let open = situation.open_on(&situation.current, DECISIVE);
    let supported = situation.supported(&situation.current);
    if open.is_empty() && supported {
        return Ok(None);
    }
    for need_support in [true, false] {
        let candidates = situation.candidates(need_support);
        let Some(release) = situation.best(&candidates) else {
            continue;
        };
        let left = situation.open_on(&release.version, DECISIVE);
        let cleared: Ids<'_> = open.difference(&left).copied().collect();
        let gains_support = need_support && !supported;
        if left.len() >= open.len() && !gains_support {
            continue; // no better than where the project is
        }
        let reason = reason(situation, &cleared, need_support);
        return situation.choice(release, reason, &Request::Fixed).map(Some);
    }
    if supported {
        return Ok(None); // the best that can be had; the findings say what stays open
    }
    Err(nothing_clears(situation, &open))
}

fn reason(situation: &Situation<'_>, cleared: &Ids<'_>, need_support: bool) -> String {
    let mut clears = Vec::new();
    if !cleared.is_empty() {
        clears.push(some(cleared));
    }
    if need_support && !situation.supported(&situation.current) {
        clears.push(format!(
            "the end of support of line {}",
            situation.current.line()
        ));
    }
    let clears = clears.join(" and ");
    if need_support {
        format!("the nearest supported release that clears {clears}")
    } else {
        format!(
            "the nearest release that clears {clears}; no supported one is within the limits of the toolchain"
        )
    }
}

fn nothing_clears(situation: &Situation<'_>, open: &Ids<'_>) -> Error {
    let against = situation.passed_over(&situation.current, &Request::Fixed);
    let against: Vec<String> = against
        .iter()
        .map(|p| format!("{}: {}", p.release, p.reason))
        .collect();
    let what = if open.is_empty() {
        "the end of support".to_owned()
    } else {
        some(open)
    };
    Error::usage(
        format!(
            "no release clears {what} within the limits of this project ({})",
            against.join("; ")
        ),
        "raise `rust-version` or the toolchain, or name a release with --to VERSION",
    )
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
        .find(|release| situation.objection(release).is_none());
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
    refuse_too_new(situation, &release.version)?;
    let worse = || {
        let affected = |version| situation.open_on(version, Exposure::Affected);
        let (now, then) = (affected(&situation.current), affected(&release.version));
        let extra: Ids<'_> = then.difference(&now).copied().collect();
        (then.len() > now.len()).then(|| format!("exposed to {}", some(&extra)))
    };
    if let Some(objection) = situation.objection(release).or_else(worse) {
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
        format!("the newest release of line {line}"),
        request,
    )
}

fn exact(situation: &Situation<'_>, version: &FamilyVersion, request: &Request) -> Result<Choice> {
    let Some(release) = situation.knowledge.releases.get(version) else {
        return Err(unknown(situation, &version.to_string()));
    };
    let unserved = release
        .unserved
        .then_some("the registry does not serve it yet");
    if let Some(reason) = release.unusable.as_deref().or(unserved) {
        return Err(Error::usage(
            format!("{version} can't be used: {reason}"),
            "name another release",
        ));
    }
    refuse_too_new(situation, version)?;
    situation.choice(release, "as asked".to_owned(), request)
}

/// A release that the toolchain can't build needs its own way out.
fn refuse_too_new(situation: &Situation<'_>, version: &FamilyVersion) -> Result<()> {
    let line = situation.line_of(version)?;
    let Some(limit) = situation.too_new(line) else {
        return Ok(());
    };
    Err(Error::usage(
        format!(
            "{version} needs Rust {}; {} is {}",
            line.rust_version, limit.origin, limit.version
        ),
        format!("raise it first, or move without compiling: --to {version} --no-verify"),
    ))
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
    use crate::knowledge::{Entry, Knowledge};

    struct Case<'a> {
        current: &'a str,
        exposed: &'a [&'a str],
        rust: &'a [&'a str],
    }

    const SEND: &str = "bindgen-send-bound-on-exports";

    fn run(request: &str, case: &Case<'_>) -> Result<Option<Choice>> {
        let exposure = |entry: &Entry, _: &FamilyVersion| {
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
        let case = Case {
            current: "36.0.3",
            exposed: &[SEND],
            rust: &["1.95"],
        };
        assert_eq!(target("patch", &case).as_deref(), Some("36.0.20"));
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
