//! What the project and the machine can compile with.

use camino::Utf8Path;

use super::UpgradeRequest;
use crate::target::{self, RustLimit};
use crate::verify::installed_rustc;
use crate::version::RustVersion;
use crate::workspace::{Project, Workspace};
use crate::world::World;

/// Every limit on the Rust version, with where it comes from. What a manifest promises limits only what
/// is chosen for the project: a release that is named exactly is one for which the promise is raised, and
/// the report lists it. An exact release that is not to be compiled has no limit at all.
pub(super) fn rust_limits(
    world: &dyn World,
    request: &UpgradeRequest,
    project: &Project,
    workspace: &Workspace,
) -> Vec<RustLimit> {
    let exactly = matches!(request.target, Some(target::Request::Exact(_)));
    if request.no_verify && exactly {
        return Vec::new();
    }
    let mut limits = Vec::new();
    if let Some((version, manifest)) = workspace.rust_version().filter(|_| !exactly) {
        limits.push(RustLimit {
            version: version.clone(),
            origin: format!("`rust-version` in {}", project.shown(&manifest.path)),
        });
    }
    // Where the environment names a toolchain, rustup takes no notice of the file.
    if world.env("RUSTUP_TOOLCHAIN").is_none() {
        limits.extend(toolchain_file(world, project, workspace.folder()));
    }
    if let Some(version) = installed_rustc(world, workspace.folder()) {
        limits.push(RustLimit {
            version,
            origin: "the installed rustc".to_owned(),
        });
    }
    limits
}

/// The release that a `rust-toolchain.toml` names; channels such as `stable` say nothing that the
/// installed rustc does not say better.
fn toolchain_file(world: &dyn World, project: &Project, folder: &Utf8Path) -> Option<RustLimit> {
    let candidates = folder.ancestors().flat_map(|folder| {
        [
            folder.join("rust-toolchain.toml"),
            folder.join("rust-toolchain"),
        ]
    });
    for path in candidates {
        let Ok(bytes) = world.read(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let channel = toml::from_str::<toml::Table>(&text)
            .ok()
            .and_then(|table| {
                table
                    .get("toolchain")?
                    .get("channel")?
                    .as_str()
                    .map(str::to_owned)
            })
            .unwrap_or(text);
        let version: RustVersion = channel.trim().parse().ok()?;
        return Some(RustLimit {
            version,
            origin: project.shown(&path),
        });
    }
    None
}
