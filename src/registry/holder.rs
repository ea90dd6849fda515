//! Which release of a third-party crate would let a newer Wasmtime in, as far as cargo's cached
//! index knows.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use serde::Deserialize;

use super::{cache_file, cargo_home};
use crate::knowledge::Family;
use crate::version::FamilyVersion;
use crate::world::World;

/// What the cached index says of a crate that uses the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The index has no entry of it that could be read.
    Unknown,
    /// The newest release that takes the target.
    Takes(Version),
    /// No release does: the newest one, and what it asks for.
    Refuses {
        /// The newest release.
        newest: Version,
        /// Its requirement on the family, such as ``wasmtime `^35` ``.
        asks_for: String,
    },
}

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    deps: Vec<Dependency>,
    #[serde(default)]
    yanked: bool,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    kind: Option<String>,
    /// The crate's own name, where the dependency renames it.
    package: Option<String>,
}

impl Dependency {
    /// Whether who uses the crate gets it too.
    fn counts(&self) -> bool {
        self.kind.as_deref() != Some("dev")
    }

    fn package(&self) -> &str {
        self.package.as_ref().unwrap_or(&self.name)
    }
}

/// Crates of others that have to be raised with the family, and the least release that will do.
pub type Raised = BTreeMap<String, Version>;

/// The newest release of a crate that a requirement admits: what cargo takes where nothing is locked.
#[must_use]
pub fn newest(world: &dyn World, name: &str, admitted: &VersionReq) -> Option<Version> {
    let releases = releases(world, name).into_iter();
    let mut admitted = releases.filter(|(version, _)| admitted.matches(version));
    admitted.next().map(|(version, _)| version)
}

/// The least release behind `now` that takes the target, when `now` does not.
#[must_use]
pub fn raised(
    world: &dyn World,
    family: &Family,
    name: &str,
    now: &Version,
    target: &FamilyVersion,
) -> Option<Version> {
    let releases = releases(world, name);
    let (_, record) = releases.iter().find(|(version, _)| version == now)?;
    refusal(record, family, target)?;
    let newer = releases.iter().rev().filter(|(version, _)| version > now);
    let mut taking = newer.filter(|(_, record)| {
        let mut names = record.deps.iter().filter(|dep| dep.counts());
        names.any(|dep| family.get(dep.package()).is_some())
            && refusal(record, family, target).is_none()
    });
    taking.next().map(|(version, _)| version.clone())
}

/// Every release of a crate that counts, the newest first.
fn releases(world: &dyn World, name: &str) -> Vec<(Version, Record)> {
    let Some(index) = cargo_home(world).map(|home| home.join("registry/index")) else {
        return Vec::new();
    };
    let mut releases: Vec<(Version, Record)> = Vec::new();
    for registry in world.list(&index).unwrap_or_default() {
        let path = index.join(registry).join(".cache").join(entry(name));
        let bytes = world.read(&path).unwrap_or_default();
        let read = cache_file::read(&bytes);
        releases.extend(read.records.into_iter().filter_map(|(version, json)| {
            let record: Record = serde_json::from_str(json).ok()?;
            Some((version.parse().ok()?, record))
        }));
    }
    releases
        .retain(|(version, record): &(Version, Record)| version.pre.is_empty() && !record.yanked);
    crate::order::sort_by(&mut releases, |(a, _), (b, _)| b.cmp(a));
    releases
}

/// Looks the crate `name` up. Reads, and never writes; no network.
#[must_use]
pub fn look_up(world: &dyn World, family: &Family, name: &str, target: &FamilyVersion) -> Holder {
    let releases = releases(world, name);
    let refusal = |record: &Record| refusal(record, family, target);
    if let Some((version, _)) = releases
        .iter()
        .find(|(_, record)| refusal(record).is_none())
    {
        return Holder::Takes(version.clone());
    }
    let newest = releases.into_iter().next();
    newest.map_or(Holder::Unknown, |(newest, record)| Holder::Refuses {
        newest,
        asks_for: refusal(&record).unwrap_or_default(),
    })
}

/// The first requirement on the family that keeps the target out.
fn refusal(record: &Record, family: &Family, target: &FamilyVersion) -> Option<String> {
    record
        .deps
        .iter()
        .filter(|dep| dep.counts())
        .find_map(|dep| {
            let name = dep.package();
            let member = family.get(name)?;
            let admits = VersionReq::parse(&dep.req)
                .is_ok_and(|req| req.matches(&member.numbering.version_at(target).0));
            (!admits).then(|| format!("{name} `{}`", dep.req))
        })
}

/// Where the index keeps a crate's entry.
fn entry(name: &str) -> String {
    let name = name.to_lowercase();
    match name.len() {
        1 | 2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", name.get(..1).unwrap_or_default()),
        _ => {
            let part = |range| name.get(range).unwrap_or_default();
            format!("{}/{}/{name}", part(0..2), part(2..4))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::world::MemoryWorld;

    fn world(releases: &[(&str, &str, bool)]) -> MemoryWorld {
        let mut bytes = vec![3, 2, 0, 0, 0];
        bytes.extend(b"etag\0");
        for (version, req, yanked) in releases {
            let record = format!(
                "{version}\0{{\"deps\":[{{\"name\":\"engine\",\"package\":\"wasmtime\",\"req\":\"{req}\",\"kind\":\"normal\"}},{{\"name\":\"wasmtime\",\"req\":\"^1\",\"kind\":\"dev\"}}],\"yanked\":{yanked}}}\0"
            );
            bytes.extend(record.bytes());
        }
        MemoryWorld::new().with_env("HOME", "/home/me").with_file(
            "/home/me/.cargo/registry/index/r/.cache/pl/ug/plugins",
            bytes,
        )
    }

    fn plugins(releases: &[(&str, &str, bool)]) -> Holder {
        let world = world(releases);
        let family = &Knowledge::embedded().family;
        look_up(&world, family, "plugins", &"36.0.20".parse().unwrap())
    }

    #[test]
    fn the_newest_release_that_takes_the_target_is_named() {
        let found = plugins(&[
            ("1.0.0", "^32", false),
            ("1.1.0", "^36", false),
            ("1.2.0", "^36", true),
            ("2.0.0", "^40", false),
        ]);
        assert_eq!(found, Holder::Takes(Version::new(1, 1, 0)));
    }

    #[test]
    fn one_that_keeps_the_target_out_is_raised_by_the_least_that_will_do() {
        let world = world(&[
            ("1.0.0", "^32", false),
            ("2.0.0", "^36", true),
            ("2.0.1", "^36", false),
            ("2.1.0", "^36", false),
        ]);
        let family = &Knowledge::embedded().family;
        let raised = |now: (u64, u64, u64), target: &str| {
            let now = Version::new(now.0, now.1, now.2);
            raised(&world, family, "plugins", &now, &target.parse().unwrap())
        };
        assert_eq!(raised((1, 0, 0), "36.0.20"), Some(Version::new(2, 0, 1)));
        assert_eq!(raised((2, 0, 1), "36.0.20"), None);
        assert_eq!(raised((1, 0, 0), "40.0.1"), None);
        assert_eq!(raised((0, 9, 0), "36.0.20"), None);
    }

    #[test]
    fn where_nothing_is_locked_cargo_takes_the_newest_that_is_admitted() {
        let world = world(&[
            ("1.0.0", "^32", false),
            ("1.1.0", "^32", false),
            ("1.2.0", "^32", true),
            ("2.0.0", "^36", false),
        ]);
        let newest = |req: &str| newest(&world, "plugins", &VersionReq::parse(req).unwrap());
        assert_eq!(newest("1"), Some(Version::new(1, 1, 0)));
        assert_eq!(newest(">=1"), Some(Version::new(2, 0, 0)));
        assert_eq!(newest("3"), None);
    }

    #[test]
    fn where_none_does_the_newest_one_says_what_it_asks_for() {
        let found = plugins(&[("1.0.0", "^32", false), ("1.1.0", "^35", false)]);
        let expected = Holder::Refuses {
            newest: Version::new(1, 1, 0),
            asks_for: "wasmtime `^35`".to_owned(),
        };
        assert_eq!(found, expected);
        assert_eq!(plugins(&[]), Holder::Unknown);
    }

    #[test]
    fn entries_lie_where_cargo_puts_them() {
        for (name, place) in [
            ("a", "1/a"),
            ("ab", "2/ab"),
            ("abc", "3/a/abc"),
            ("Wiggle", "wi/gg/wiggle"),
        ] {
            assert_eq!(entry(name), place);
        }
    }
}
