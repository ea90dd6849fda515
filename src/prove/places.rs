//! Where a proof is compiled and where its evidence lies.

use camino::{Utf8Path, Utf8PathBuf};

use super::run::Options;
use crate::error::{Error, Result};
use crate::version::FamilyVersion;
use crate::world::World;

/// Where everything is compiled when nobody says otherwise, below the current folder: several
/// gigabytes that belong on the disk of the project and that `cargo clean` removes, not in the
/// system's temporary folder.
const DEFAULT_WORK_DIR: &str = "target/wasmtime-upgrade-prove";

/// What backup programs and [`World::walk`] know a folder of compiled things by.
const CACHE_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # Scratch packages and compiled crates of `prove`; it can be removed at any time.\n";

/// Absolute paths.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Scratch packages, one a proof and release.
    pub(super) work: Utf8PathBuf,
    /// The one target directory.
    pub(super) target: Utf8PathBuf,
    evidence: Utf8PathBuf,
}

impl Places {
    pub(super) fn new(world: &dyn World, options: &Options) -> Result<Self> {
        let here = world
            .current_dir()
            .map_err(|error| Error::io("find", ".", error))?;
        // cargo runs in the scratch package: what the user wrote counts from here.
        let at = |path: &Option<Utf8PathBuf>| path.as_ref().map(|path| here.join(path));
        let work = at(&options.work_dir).unwrap_or_else(|| here.join(DEFAULT_WORK_DIR));
        Ok(Self {
            target: at(&options.target_dir).unwrap_or_else(|| work.join("target")),
            evidence: at(&options.evidence_dir).unwrap_or_else(|| work.join("evidence")),
            work,
        })
    }

    /// Makes the work directory.
    pub(super) fn prepare(&self, world: &dyn World) -> Result<()> {
        create_dir(world, &self.work)?;
        let tag = self.work.join("CACHEDIR.TAG");
        match world.kind(&tag) {
            Ok(Some(_)) => Ok(()),
            _ => write(world, &tag, CACHE_TAG),
        }
    }

    /// The scratch package of a release.
    pub(super) fn package(&self, proof: &str, release: &FamilyVersion) -> Utf8PathBuf {
        self.work.join(proof).join(release.to_string())
    }

    /// The evidence of a proof.
    pub(super) fn evidence(&self, proof: &str) -> Utf8PathBuf {
        self.evidence.join(format!("{proof}.toml"))
    }
}

pub(super) fn create_dir(world: &dyn World, path: &Utf8Path) -> Result<()> {
    world
        .create_dir(path)
        .map_err(|error| Error::io("create", path, error))
}

pub(super) fn write(world: &dyn World, path: &Utf8Path, text: &str) -> Result<()> {
    world
        .write(path, text.as_bytes())
        .map_err(|error| Error::io("write", path, error))
}
