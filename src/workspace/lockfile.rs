//! `Cargo.lock`: the packages that cargo chose, and who asked for them.

use std::collections::VecDeque;

use camino::Utf8PathBuf;
use semver::{Version, VersionReq};
use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, Result};
use crate::span::{ByteOffset, Position, Span};

mod plain;

use plain::PlainPackage;

/// The newest format of `Cargo.lock` that this library reads (cargo 1.78 and later write 4).
pub const NEWEST_FORMAT: u32 = 4;

/// One locked package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    /// Its name.
    pub name: String,
    /// Its version, in its own numbering.
    pub version: Version,
    /// Where it comes from; none for packages of the workspace and path dependencies.
    pub source: Option<String>,
    /// Where the version stands in the lockfile, quotes included.
    pub version_span: Span,
    /// What it depends on, as the lockfile writes it, a line for each. They are made sense of when
    /// somebody asks, and of most packages nobody does.
    dependencies: String,
}

impl LockedPackage {
    /// Whether it comes from the default registry.
    #[must_use]
    pub fn from_registry(&self) -> bool {
        self.source
            .as_deref()
            .is_some_and(|source| source.starts_with("registry+") || source.starts_with("sparse+"))
    }

    /// The names of the crates that it depends on.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        self.needed().map(|needed| needed.name)
    }

    fn needed(&self) -> impl Iterator<Item = DependencyRef<'_>> {
        self.dependencies.lines().map(DependencyRef::read)
    }
}

/// `name`, `name version` or `name version (source)`.
#[derive(Clone, Copy, Debug)]
struct DependencyRef<'l> {
    name: &'l str,
    version: Option<&'l str>,
    source: Option<&'l str>,
}

impl<'l> DependencyRef<'l> {
    fn read(text: &'l str) -> Self {
        let mut parts = text.split(' ');
        Self {
            name: parts.next().unwrap_or_default(),
            version: parts.next(),
            source: parts.next().map(|source| source.trim_matches(['(', ')'])),
        }
    }

    /// Whether it can be this package; what is no version rules nothing out.
    fn admits(&self, package: &LockedPackage) -> bool {
        let version = self.version.and_then(|version| version.parse().ok());
        version.is_none_or(|version: Version| version == package.version)
            && (self.source).is_none_or(|source| package.source.as_deref() == Some(source))
    }
}

/// A lockfile.
#[derive(Clone, Debug)]
pub struct Lockfile {
    /// Its absolute path.
    pub path: Utf8PathBuf,
    /// Its text, untouched.
    pub text: String,
    /// The packages, in the order of the file.
    pub packages: Vec<LockedPackage>,
    /// The places of the packages, by name.
    by_name: Vec<usize>,
}

#[derive(Deserialize)]
struct LockfileEntries {
    version: Option<Spanned<u32>>,
    #[serde(default)]
    package: Vec<PackageEntry>,
    /// Format 1 had the root package in a table of its own.
    root: Option<PackageEntry>,
}

#[derive(Deserialize)]
struct PackageEntry {
    name: String,
    version: Spanned<String>,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl LockfileEntries {
    /// Reads any lockfile, however it is laid out. `malformed` makes an error of a place, a message
    /// and a help.
    fn read(text: &str, malformed: impl Fn(usize, String, &str) -> Error) -> Result<Self> {
        let entries: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            malformed(
                start,
                format!("no valid lockfile: {}", error.message().trim()),
                "restore it from version control or let `cargo generate-lockfile` write it anew",
            )
        })?;
        match &entries.version {
            Some(format) if *format.get_ref() > NEWEST_FORMAT => Err(malformed(
                format.span().start,
                format!(
                    "lockfile format {} is newer than {NEWEST_FORMAT}, the newest that is known here",
                    format.get_ref()
                ),
                "update wasmtime-upgrade, or write the lockfile with an older cargo",
            )),
            _ => Ok(entries),
        }
    }

    fn packages(&self) -> Vec<PlainPackage<'_>> {
        let entries = self.package.iter().chain(&self.root);
        let packages = entries.map(|entry| PlainPackage {
            name: &entry.name,
            version: entry.version.get_ref(),
            version_span: entry.version.span(),
            source: entry.source.as_deref(),
            dependencies: (entry.dependencies.iter())
                .flat_map(|dependency| [dependency, "\n"])
                .collect(),
        });
        packages.collect()
    }
}

impl Lockfile {
    /// Reads a lockfile of format 1 to [`NEWEST_FORMAT`].
    ///
    /// # Errors
    /// [`Error::Malformed`] with the place.
    pub fn parse(path: Utf8PathBuf, text: String) -> Result<Self> {
        let malformed = |start: usize, message: String, help: &str| Error::Malformed {
            path: path.clone(),
            position: Position::of(&text, ByteOffset(start)),
            message,
            help: help.to_owned(),
        };
        let entries;
        let packages = match plain::read(&text) {
            Some(packages) => packages,
            None => {
                entries = LockfileEntries::read(&text, malformed)?;
                entries.packages()
            }
        };
        let locked = packages.into_iter().map(|package| {
            let span: Span = package.version_span.into();
            let version = Version::parse(package.version).map_err(|error| {
                malformed(
                    span.start.0,
                    format!("`{}` is no version: {error}", package.version),
                    "let `cargo generate-lockfile` write it anew",
                )
            })?;
            Ok(LockedPackage {
                name: package.name.to_owned(),
                version,
                source: package.source.map(str::to_owned),
                version_span: span,
                dependencies: package.dependencies,
            })
        });
        let packages: Vec<LockedPackage> = locked.collect::<Result<_>>()?;
        let mut by_name = Vec::from_iter(0..packages.len());
        // Cargo writes them in this order.
        if !packages.is_sorted_by_key(|package| &package.name) {
            by_name.sort_by_key(|place| &packages[*place].name);
        }
        Ok(Self {
            path,
            text,
            packages,
            by_name,
        })
    }

    /// Every locked version of a crate.
    pub fn versions_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a LockedPackage> {
        let places = self.places_of(name).iter();
        places.map(|place| &self.packages[*place])
    }

    /// The places of every locked version of a crate.
    fn places_of(&self, name: &str) -> &[usize] {
        let name_at = |place: &usize| self.packages[*place].name.as_str();
        let start = self.by_name.partition_point(|place| name_at(place) < name);
        let from = &self.by_name[start..];
        let same = from.iter().take_while(|place| name_at(place) == name);
        &from[..same.count()]
    }

    /// What `package` (of the workspace) gets for its dependency on the crate `name`; where the
    /// lockfile does not know the package, the only locked version that the requirement admits.
    #[must_use]
    pub fn chosen_for(
        &self,
        package: Option<&str>,
        name: &str,
        requirement: &VersionReq,
    ) -> Option<&LockedPackage> {
        let member = package.and_then(|package| {
            self.versions_of(package)
                .find(|locked| locked.source.is_none())
        });
        let mut chosen: Vec<&LockedPackage> = match member {
            Some(member) => self
                .dependencies_of(member)
                .filter(|d| d.name == name)
                .collect(),
            None => self.versions_of(name).collect(),
        };
        chosen.retain(|locked| requirement.matches(&locked.version));
        match chosen.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The packages that `package` depends on.
    pub fn dependencies_of<'a>(
        &'a self,
        package: &'a LockedPackage,
    ) -> impl Iterator<Item = &'a LockedPackage> {
        let places = self.places_needed_by(package);
        places.map(|place| &self.packages[place])
    }

    fn places_needed_by<'a>(
        &'a self,
        package: &'a LockedPackage,
    ) -> impl Iterator<Item = usize> + 'a {
        package.needed().filter_map(|needed| {
            let mut places = self.places_of(needed.name).iter().copied();
            places.find(|place| needed.admits(&self.packages[*place]))
        })
    }

    /// The places in the file of those that `is_root` holds for and of everything that they depend on, in
    /// order.
    pub fn closure(&self, is_root: impl Fn(&LockedPackage) -> bool) -> Vec<usize> {
        let mut reached = Vec::from_iter(self.packages.iter().map(is_root));
        let mut waiting = Vec::from_iter((0..reached.len()).filter(|place| reached[*place]));
        while let Some(place) = waiting.pop() {
            for needed in self.places_needed_by(&self.packages[place]) {
                if !std::mem::replace(&mut reached[needed], true) {
                    waiting.push(needed);
                }
            }
        }
        (0..reached.len()).filter(|place| reached[*place]).collect()
    }

    /// For each package, whether it is one that `is_target` holds for or depends on one.
    pub fn reaching(&self, is_target: impl Fn(&LockedPackage) -> bool) -> Vec<bool> {
        let mut needed_by = vec![Vec::new(); self.packages.len()];
        for (place, package) in self.packages.iter().enumerate() {
            for needed in self.places_needed_by(package) {
                needed_by[needed].push(place);
            }
        }
        let mut reaches = Vec::from_iter(self.packages.iter().map(is_target));
        let mut waiting = Vec::from_iter((0..reaches.len()).filter(|place| reaches[*place]));
        while let Some(place) = waiting.pop() {
            for by in &needed_by[place] {
                if !std::mem::replace(&mut reaches[*by], true) {
                    waiting.push(*by);
                }
            }
        }
        reaches
    }

    /// The shortest chain from a package of the workspace to `target`, both included.
    #[must_use]
    pub fn path_to(&self, target: &LockedPackage) -> Vec<&LockedPackage> {
        let mut came_from: Vec<Option<usize>> = vec![None; self.packages.len()];
        let mut seen = vec![false; self.packages.len()];
        let mut queue = VecDeque::new();
        for (index, package) in self.packages.iter().enumerate() {
            if package.source.is_none() {
                seen[index] = true;
                queue.push_back(index);
            }
        }
        while let Some(index) = queue.pop_front() {
            if std::ptr::eq(&raw const self.packages[index], target) {
                let mut path = vec![&self.packages[index]];
                let mut place = index;
                while let Some(previous) = came_from[place] {
                    path.push(&self.packages[previous]);
                    place = previous;
                }
                path.reverse();
                return path;
            }
            for next in self.places_needed_by(&self.packages[index]) {
                if !std::mem::replace(&mut seen[next], true) {
                    came_from[next] = Some(index);
                    queue.push_back(next);
                }
            }
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_WASMTIMES: &str = r#"
version = 4
[[package]]
name = "host"
version = "0.1.0"
dependencies = ["plugin", "wasmtime 36.0.20"]
[[package]]
name = "plugin"
version = "1.0.0"
source = "registry+https://example.com/index"
dependencies = ["wasmtime 32.0.0"]
[[package]]
name = "wasmtime"
version = "32.0.0"
source = "registry+https://example.com/index"
[[package]]
name = "wasmtime"
version = "36.0.20"
source = "registry+https://example.com/index"
"#;

    fn read(text: &str) -> Result<Lockfile> {
        Lockfile::parse("Cargo.lock".into(), text.to_owned())
    }

    #[test]
    fn the_version_of_a_member_is_the_one_it_depends_on() {
        let lockfile = read(TWO_WASMTIMES).unwrap();
        let chosen = lockfile
            .chosen_for(
                Some("host"),
                "wasmtime",
                &VersionReq::parse(">=30").unwrap(),
            )
            .unwrap();
        assert_eq!(chosen.version.to_string(), "36.0.20");
        assert_eq!(chosen.version_span.text(TWO_WASMTIMES), "\"36.0.20\"");
    }

    #[test]
    fn a_requirement_that_the_lockfile_does_not_meet_has_no_choice() {
        let lockfile = read(TWO_WASMTIMES).unwrap();
        let requirement = VersionReq::parse("48").unwrap();
        assert!(
            lockfile
                .chosen_for(Some("host"), "wasmtime", &requirement)
                .is_none()
        );
    }

    #[test]
    fn the_path_says_who_holds_the_old_one() {
        let lockfile = read(TWO_WASMTIMES).unwrap();
        let old = lockfile.versions_of("wasmtime").next().unwrap();
        let names: Vec<_> = lockfile
            .path_to(old)
            .iter()
            .map(|p| p.name.as_str())
            .collect();
        assert_eq!(names, ["host", "plugin", "wasmtime"]);
    }

    #[test]
    fn the_closure_is_what_the_roots_need_and_nothing_else() {
        let lockfile = read(TWO_WASMTIMES).unwrap();
        let names = |roots: &str| -> Vec<String> {
            let closure = lockfile.closure(|package| package.name == roots);
            let closure = closure.iter().map(|place| &lockfile.packages[*place]);
            let shown = closure.map(|p| format!("{} {}", p.name, p.version));
            shown.collect()
        };
        assert_eq!(names("plugin"), ["plugin 1.0.0", "wasmtime 32.0.0"]);
        assert_eq!(names("host").len(), 4);
    }

    #[test]
    fn a_file_reads_the_same_however_it_is_laid_out() {
        let canonical = format!(
            "version = 4\n{}",
            TWO_WASMTIMES
                .replace("version = 4\n[[", "[[")
                .replace("[[", "\n[[")
                .replace(
                    "dependencies = [\"plugin\", ",
                    "dependencies = [\n \"plugin\",\n "
                )
                .replace("dependencies = [\"", "dependencies = [\n \"")
                .replace("\"]\n", "\",\n]\n")
        );
        assert!(plain::read(&canonical).is_some(), "{canonical}");
        assert!(plain::read(TWO_WASMTIMES).is_none());
        let (one, other) = (read(&canonical).unwrap(), read(TWO_WASMTIMES).unwrap());
        let without_places = |lockfile: Lockfile| {
            let packages = lockfile.packages.into_iter().map(|package| LockedPackage {
                version_span: Span::default(),
                ..package
            });
            packages.collect::<Vec<_>>()
        };
        assert_eq!(without_places(one), without_places(other));
    }

    #[test]
    fn a_lockfile_from_the_future_is_refused_with_its_place() {
        let error = read("# x\nversion = 5\n").unwrap_err();
        assert!(error.to_string().starts_with("Cargo.lock:2:11:"), "{error}");
        assert!(error.help().contains("update wasmtime-upgrade"));
    }

    #[test]
    fn merge_conflicts_are_refused_with_their_place() {
        let error = read("version = 4\n<<<<<<< HEAD\n").unwrap_err();
        assert!(error.to_string().starts_with("Cargo.lock:2:"), "{error}");
    }
}
