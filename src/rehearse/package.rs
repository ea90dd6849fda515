//! The crate that a host is built from.
//!
//! One host has one release. A pair of releases of the same line can't be in one program: cargo never
//! resolves two versions that it takes for compatible, and a move within a line is the most common one.
//! With a host for each release, every pair is alike, a host serves all pairs that it is in, and a
//! release that does not build here spoils no other.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::knowledge::Knowledge;
use crate::knowledge::features::FeatureFate;
use crate::version::{FamilyVersion, Line};

/// The oldest line that the embedder's source is written for.
pub const OLDEST: Line = Line(24);

/// Its sources, by their path in the crate. `rehearse/` of this repository compiles the same files.
const SOURCES: &[(&str, &str)] = &[
    ("build.rs", include_str!("host/build.rs")),
    ("src/main.rs", include_str!("host/main.rs")),
    ("src/protocol.rs", include_str!("protocol.rs")),
    ("src/host/calls.rs", include_str!("host/calls.rs")),
    ("src/host/component.rs", include_str!("host/component.rs")),
    ("src/host/engine.rs", include_str!("host/engine.rs")),
    ("src/host/errors.rs", include_str!("host/errors.rs")),
    ("src/host/http.rs", include_str!("host/http.rs")),
    ("src/host/limiter.rs", include_str!("host/limiter.rs")),
    ("src/host/module.rs", include_str!("host/module.rs")),
    ("src/host/observe.rs", include_str!("host/observe.rs")),
    ("src/host/proposals.rs", include_str!("host/proposals.rs")),
    ("src/host/stubs.rs", include_str!("host/stubs.rs")),
    ("src/host/switches.rs", include_str!("host/switches.rs")),
    ("src/host/types.rs", include_str!("host/types.rs")),
    ("src/host/values.rs", include_str!("host/values.rs")),
    ("src/host/wasi.rs", include_str!("host/wasi.rs")),
];

/// What the embedder needs of Wasmtime, and from which line on there is such a feature.
const NEEDED: &[(&str, u64)] = &[
    ("async", 0),
    ("component-model", 0),
    ("cranelift", 0),
    ("demangle", 0),
    ("gc", 0),
    ("gc-copying", 45),
    ("gc-drc", 27),
    ("gc-null", 27),
    ("pooling-allocator", 0),
    ("runtime", 0),
    ("std", 0),
    ("threads", 0),
    ("wave", 28),
];

/// The first line that has WASI 0.3; those before it have drafts.
const WASI_3_SINCE: Line = Line(46);

/// Features that a project may have and that change what its guests see. All others bring tools, or
/// another interface to the host.
pub const MIRRORED: &[&str] = &[
    "component-model-async",
    "memory-protection-keys",
    "parallel-compilation",
    "stack-switching",
];

/// Optimised, because debug builds of Cranelift compile guests ten times slower; without what only a
/// debugger reads.
const PROFILE: &str = "
[profile.release]
opt-level = 2
debug = false
strip = true
";

/// The crate of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPackage {
    /// Its release.
    pub release: FamilyVersion,
    /// Its manifest.
    pub manifest: String,
}

/// Whether a host has `wasi:http`. It takes a while longer to build, so only guests that name it get it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Http {
    /// Imports of it are stubs.
    #[default]
    Stubbed,
    /// It is linked, and requests are handled.
    Linked,
}

impl Http {
    /// Lines of a manifest.
    fn dependencies(self, release: &FamilyVersion) -> String {
        if self == Self::Stubbed {
            return String::new();
        }
        // From 36 on nothing that could send a request is there without the default features. Before, it is
        // there, and the host denies what would call it, as it does in every line.
        let features = if release.line() >= Line(43) {
            "\"p2\""
        } else {
            ""
        };
        format!(
            "wasmtime-wasi-http = {{ version = \"={release}\", default-features = false, features = [{features}] }}\n\
             bytes = \"1\"\nhttp-body-util = \"0.1\"\nhyper = \"1\"\n\
             tokio = {{ version = \"1\", features = [\"rt\", \"sync\"] }}\n"
        )
    }
}

impl HostPackage {
    /// The package for a release, the mirrored features that a project has, and what its guests need.
    #[must_use]
    pub fn new(
        knowledge: &Knowledge,
        release: &FamilyVersion,
        mirrored: &[&str],
        http: Http,
    ) -> Self {
        let line = release.line();
        let needed = NEEDED
            .iter()
            .filter(|(_, since)| line.0 >= *since)
            .map(|(feature, _)| *feature);
        let known = mirrored.iter().filter_map(|feature| {
            match knowledge.features.fate("wasmtime", feature, line) {
                FeatureFate::Stays => Some(*feature),
                FeatureFate::Renamed(other) => Some(other),
                FeatureFate::Gone { .. } => None,
            }
        });
        let features: BTreeSet<&str> = needed.chain(known).collect();
        let wasi = if line >= WASI_3_SINCE && features.contains("component-model-async") {
            &["p1", "p2", "p3"][..]
        } else if line >= Line(37) {
            &["p1", "p2"][..]
        } else {
            &["preview1"][..]
        };
        let list = |features: &mut dyn Iterator<Item = &&str>| {
            let quoted: Vec<String> = features.map(|feature| format!("{feature:?}")).collect();
            quoted.join(", ")
        };
        let manifest = format!(
            "# Written by `wasmtime-upgrade rehearse`, and overwritten by its next build.\n\
             [package]\nname = \"wasmtime-upgrade-host\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             publish = false\n\n[dependencies]\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\
             wasmtime = {{ version = \"={release}\", default-features = false, features = [{}] }}\n\
             wasmtime-wasi = {{ version = \"={release}\", default-features = false, features = [{}] }}\n\
             {}\n\
             [target.'cfg(unix)'.dependencies]\n\
             rustix = {{ version = \"1\", default-features = false, features = [\"process\", \"std\"] }}\n\
             {PROFILE}\n[workspace]\n",
            list(&mut features.iter()),
            list(&mut wasi.iter()),
            http.dependencies(release),
        );
        Self {
            release: release.clone(),
            manifest,
        }
    }

    /// All files of the package, by their path in it.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let manifest = std::iter::once(("Cargo.toml", self.manifest.as_str()));
        manifest.chain(SOURCES.iter().copied())
    }

    /// A name that another package never has: the release, and a hash of all files.
    #[must_use]
    pub fn key(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in self.files() {
            for part in [path, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        let digest = hash.finalize();
        let hex: String = digest
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{}-{hex}", self.release)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(line: u64, patch: u64, mirrored: &[&str]) -> HostPackage {
        let release = FamilyVersion::new(line, patch);
        HostPackage::new(Knowledge::embedded(), &release, mirrored, Http::Stubbed)
    }

    fn features(package: &HostPackage) -> Vec<String> {
        let manifest: toml::Table = package.manifest.parse().unwrap();
        let features = manifest["dependencies"]["wasmtime"]["features"].clone();
        features.try_into().unwrap()
    }

    #[test]
    fn a_package_asks_for_what_its_line_has() {
        let old = features(&package(24, 13, &["component-model-async"]));
        assert!(!old.contains(&"wave".to_owned()), "{old:?}");
        assert!(!old.contains(&"gc-drc".to_owned()), "{old:?}");
        let new = features(&package(48, 8, &["component-model-async"]));
        for feature in ["wave", "gc-copying", "component-model-async"] {
            assert!(new.contains(&feature.to_owned()), "{feature}: {new:?}");
        }
    }

    #[test]
    fn wasi_has_the_name_that_its_line_gives_it() {
        assert!(package(36, 20, &[]).manifest.contains("[\"preview1\"]"));
        assert!(package(37, 0, &[]).manifest.contains("[\"p1\", \"p2\"]"));
        let asynchronous = &["component-model-async"];
        assert!(
            package(45, 0, asynchronous)
                .manifest
                .contains("[\"p1\", \"p2\"]")
        );
        assert!(
            package(46, 0, asynchronous)
                .manifest
                .contains("[\"p1\", \"p2\", \"p3\"]")
        );
        assert!(package(46, 0, &[]).manifest.contains("[\"p1\", \"p2\"]"));
    }

    #[test]
    fn only_a_host_of_guests_that_name_it_has_http() {
        let with = |line, patch, http| {
            let release = FamilyVersion::new(line, patch);
            let package = HostPackage::new(Knowledge::embedded(), &release, &[], http);
            let manifest: toml::Table = package.manifest.parse().unwrap();
            manifest["dependencies"].get("wasmtime-wasi-http").cloned()
        };
        assert_eq!(with(36, 20, Http::Stubbed), None);
        for (line, patch, features) in [(36, 20, &[][..]), (48, 8, &["p2"])] {
            let http = with(line, patch, Http::Linked).unwrap();
            assert_eq!(
                http["version"].as_str(),
                Some(&*format!("={line}.0.{patch}"))
            );
            assert_eq!(http["default-features"].as_bool(), Some(false));
            let wanted: Vec<toml::Value> = features.iter().map(|it| (*it).into()).collect();
            assert_eq!(http["features"].as_array(), Some(&wanted));
        }
    }

    #[test]
    fn a_key_names_the_release_and_differs_with_the_features() {
        let plain = package(36, 20, &[]);
        let more = package(36, 20, &["parallel-compilation"]);
        assert!(plain.key().starts_with("36.0.20-"));
        assert_eq!(plain.key(), package(36, 20, &[]).key());
        assert_ne!(plain.key(), more.key());
    }

    #[test]
    fn every_source_of_the_host_is_in_the_package() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rehearse/host");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let packed = SOURCES.iter().any(|(path, _)| path.ends_with(&name));
            assert!(packed, "{name} is not in the package");
        }
    }
}
