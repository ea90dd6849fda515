//! From "these versions are free of it" to "these releases are affected".

use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};

use crate::knowledge::FamilyCrate;
use crate::version::{CrateVersion, FamilyVersion};

/// Versions from one up to another, which is not among them; without an end when there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Version,
    pub(super) to: Option<Version>,
}

impl Range {
    /// Reads a requirement such as `>= 24.0.7, < 25.0.0`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let requirement: VersionReq = text
            .parse()
            .map_err(|error| format!("`{text}` is no requirement on versions: {error}"))?;
        let mut range = Self {
            from: Version::new(0, 0, 0),
            to: None,
        };
        for comparator in &requirement.comparators {
            let (from, to) = bounds(comparator)
                .ok_or_else(|| format!("`{text}` is a requirement that is not understood here"))?;
            range.from = range.from.max(from.unwrap_or(Version::new(0, 0, 0)));
            range.to = match (range.to.take(), to) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        Ok(range)
    }
}

/// The first version that a comparator admits and the first behind those.
fn bounds(comparator: &Comparator) -> Option<(Option<Version>, Option<Version>)> {
    let minor = comparator.minor;
    let this = Version {
        major: comparator.major,
        minor: minor.unwrap_or(0),
        patch: comparator.patch.unwrap_or(0),
        pre: comparator.pre.clone(),
        build: BuildMetadata::EMPTY,
    };
    let next_major = Version::new(this.major + 1, 0, 0);
    let next_minor = Version::new(this.major, this.minor + 1, 0);
    // Behind all versions that begin like the comparator.
    let behind = match (minor, comparator.patch) {
        (None, _) => next_major.clone(),
        (Some(_), None) => next_minor.clone(),
        (Some(_), Some(_)) => next(&this),
    };
    Some(match comparator.op {
        Op::Exact | Op::Wildcard => (Some(this), Some(behind)),
        Op::Greater => (Some(behind), None),
        Op::GreaterEq => (Some(this), None),
        Op::Less => (None, Some(this)),
        Op::LessEq => (None, Some(behind)),
        Op::Tilde => {
            let to = if minor.is_some() {
                next_minor
            } else {
                next_major
            };
            (Some(this), Some(to))
        }
        Op::Caret => {
            let to = match (this.major, minor, comparator.patch) {
                (0, None, _) | (1.., _, _) => next_major,
                (0, Some(0), Some(_)) => next(&this),
                (0, Some(_), _) => next_minor,
            };
            (Some(this), Some(to))
        }
        _ => return None,
    })
}

/// The version right behind another one.
fn next(version: &Version) -> Version {
    let mut next = version.clone();
    if next.pre.is_empty() {
        next.patch += 1;
        // Candidates of the next patch come first.
        next.pre = Prerelease::new("0").unwrap_or_default();
    } else {
        next.pre = Prerelease::new(&format!("{}.0", version.pre)).unwrap_or_default();
    }
    next
}

/// The releases of Wasmtime whose version of `member` is in none of the ranges.
pub(super) fn affected(free: &[Range], member: &FamilyCrate) -> Vec<VersionReq> {
    let mut free = free.to_vec();
    crate::order::sort_by(&mut free, |a, b| a.from.cmp(&b.from));
    let mut affected = Vec::new();
    let mut from = Some(Version::new(0, 0, 0));
    for range in free {
        let Some(start) = from.clone() else { break };
        if start < range.from {
            affected.extend(requirement(&start, Some(&range.from), member));
        }
        from = range.to.map(|to| start.max(to));
    }
    if let Some(start) = from {
        affected.extend(requirement(&start, None, member));
    }
    affected
}

/// A range of a crate's versions as one of Wasmtime's.
fn requirement(from: &Version, to: Option<&Version>, member: &FamilyCrate) -> Option<VersionReq> {
    let from = release(from, member);
    // Older than the crate's numbers follow from Wasmtime's: older than all that is asked about.
    let to = match to {
        Some(to) => Some(release(to, member)?),
        None => None,
    };
    let bound = |op, version: FamilyVersion| Comparator {
        op,
        major: version.0.major,
        minor: Some(version.0.minor),
        patch: Some(version.0.patch),
        pre: version.0.pre,
    };
    let comparators = from
        .map(|from| bound(Op::GreaterEq, from))
        .into_iter()
        .chain(to.map(|to| bound(Op::Less, to)))
        .collect();
    Some(VersionReq { comparators })
}

/// The release of Wasmtime that a version of `member` belongs to.
pub(super) fn release(version: &Version, member: &FamilyCrate) -> Option<FamilyVersion> {
    member.numbering.release_of(&CrateVersion(version.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Numbering;

    fn member(numbering: Numbering) -> FamilyCrate {
        FamilyCrate {
            name: "x".to_owned(),
            numbering,
            since: None,
            until: None,
            renamed_to: None,
            instead: None,
            replaced_by: None,
            replaced_features: std::collections::BTreeMap::new(),
            types_of: None,
        }
    }

    fn of(numbering: Numbering, free: &[&str]) -> Vec<String> {
        let free: Vec<Range> = free
            .iter()
            .map(|text| Range::parse(text).unwrap())
            .collect();
        affected(&free, &member(numbering))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_no_range_covers_is_affected() {
        assert_eq!(
            of(
                Numbering::Wasmtime,
                &[">= 43.0.1", ">= 24.0.7, < 25.0.0", ">= 36.0.7, < 37.0.0"]
            ),
            [">=0.0.0, <24.0.7", ">=25.0.0, <36.0.7", ">=37.0.0, <43.0.1"]
        );
        assert_eq!(
            of(Numbering::Wasmtime, &["< 39.0.0", "^48.0.4", ">=49.0.2"]),
            [">=39.0.0, <48.0.4", ">=49.0.0, <49.0.2"]
        );
        assert_eq!(of(Numbering::Wasmtime, &[]), [">=0.0.0"]);
        assert_eq!(of(Numbering::Wasmtime, &[">=0"]), Vec::<String>::new());
        // One inside of the other.
        assert_eq!(
            of(Numbering::Wasmtime, &[">=10.0.0", "=12.0.3"]),
            [">=0.0.0, <10.0.0"]
        );
    }

    #[test]
    fn numbers_of_cranelift_become_wasmtimes() {
        assert_eq!(
            of(Numbering::Cranelift, &["<0.110.0", ">=0.119.1"]),
            [">=23.0.0, <32.0.1"]
        );
        assert_eq!(
            of(Numbering::Cranelift, &[">=0.73.1"]),
            Vec::<String>::new()
        );
        assert_eq!(
            of(Numbering::Cranelift, &["<0.60.0, >=0.40.0"]),
            Vec::<String>::from(["*".to_owned()])
        );
    }

    #[test]
    fn a_range_admits_what_its_requirement_admits() {
        let versions: Vec<Version> = (0..4)
            .flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| Version::new(a, b, c))))
            .collect();
        for text in [
            "1",
            "^1",
            "^0.2",
            "^0",
            "^0.0",
            "^0.0.2",
            "^1.2.3",
            "~1",
            "~1.2",
            "~1.2.3",
            "=1",
            "=1.2",
            "=1.2.3",
            ">1",
            ">1.2",
            ">1.2.3",
            ">=1.2",
            "<1.2",
            "<=1.2",
            "<=1.2.3",
            "<=1",
            "*",
            "1.*",
            "1.2.*",
            ">=1.0.1, <2.1.0",
        ] {
            let range = Range::parse(text).unwrap();
            let requirement: VersionReq = text.parse().unwrap();
            for version in &versions {
                let inside =
                    *version >= range.from && range.to.as_ref().is_none_or(|to| version < to);
                assert_eq!(inside, requirement.matches(version), "{text} {version}");
            }
        }
        assert!(Range::parse("newest").is_err());
    }
}
