//! What the project and the machine can compile with.

use super::UpgradeRequest;
use super::pinned::{self, Pinned};
use crate::target::RustLimit;
use crate::verify::rustc_of;
use crate::workspace::{Project, Workspace};
use crate::world::World;

/// Every limit on the Rust version, with where it comes from. What a manifest promises, and what
/// `rust-toolchain.toml` pins, limits only what is chosen for the project: for a release that is named
/// exactly the pin is raised, and the report lists the promise. An exact release that is not to be
/// compiled has no limit at all.
pub(super) fn rust_limits(
    world: &dyn World,
    request: &UpgradeRequest,
    project: &Project,
    workspace: &Workspace,
) -> Vec<RustLimit> {
    let exactly = request.names_release();
    if request.no_verify && exactly {
        return Vec::new();
    }
    let folder = workspace.folder();
    let mut limits = Vec::new();
    if let Some((version, manifest)) = workspace.rust_version().filter(|_| !exactly) {
        limits.push(RustLimit {
            version: version.clone(),
            origin: format!("`rust-version` in {}", project.shown(&manifest.path)),
        });
    }
    let pinned = Pinned::of(world, folder);
    if let Some(pinned) = pinned.as_ref().filter(|_| !exactly) {
        limits.push(RustLimit {
            version: pinned.version.clone(),
            origin: project.shown(&pinned.path),
        });
    }
    let found = rustc_of(world, folder, None).map(|version| (version, "the installed rustc"));
    // What is pinned is raised, or not there: the default toolchain compiles.
    let stands_in = pinned.is_some() && (exactly || found.is_none());
    let default = stands_in.then(|| pinned::default_toolchain(world, folder));
    let default = default
        .flatten()
        .map(|it| (it.version, "the default toolchain"));
    if let Some((version, origin)) = found.max(default) {
        limits.push(RustLimit {
            version,
            origin: origin.to_owned(),
        });
    }
    limits
}
