//! The sources of one release, as cargo keeps them: which crates, where, and under which names they
//! know each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{MetadataCommand, Package, TargetKind};
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::version::FamilyVersion;

/// One crate of a release.
#[derive(Clone, Debug)]
pub struct CrateSource {
    /// Its name, as in a manifest.
    pub package: String,
    /// The file that its module tree begins with.
    pub root: PathBuf,
    /// The oldest Rust that builds it, as its manifest says.
    pub rust_version: Option<String>,
    /// Its features, with what each turns on.
    pub features: BTreeMap<String, Vec<String>>,
    /// The crates it names: the name in its code, the package.
    pub dependencies: BTreeMap<String, String>,
}

impl CrateSource {
    /// The folder of its manifest.
    pub fn folder(&self) -> &Path {
        let source = self.root.parent().unwrap_or(Path::new("."));
        source.parent().unwrap_or(source)
    }
}

/// All crates of one release that could be had.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// By package.
    pub crates: BTreeMap<String, CrateSource>,
    /// The versions of all crates that they need, theirs too.
    pub versions: BTreeMap<String, String>,
    /// Crates that were asked for and that the registry does not have in this release.
    pub missing: Vec<String>,
}

/// The crates whose public items embedders write: Wasmtime itself, and what works on its types.
pub fn compared(knowledge: &Knowledge) -> Vec<String> {
    let crates = knowledge.family.iter();
    let ours = crates.filter(|member| {
        member.name == "wasmtime" || member.types_of.as_deref() == Some("wasmtime")
    });
    ours.map(|member| member.name.clone()).collect()
}

/// Has cargo fetch the crates of a release, where it does not have them yet, and says where they are.
///
/// # Errors
/// What cargo says when there is no such release, or no network for what it does not have.
pub fn fetch(
    crates: &[String],
    release: &FamilyVersion,
    scratch: &Path,
    offline: bool,
) -> Result<Sources, String> {
    let folder = scratch.join(release.to_string());
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut sources = Sources::default();
    let mut wanted = crates.to_vec();
    loop {
        match resolve(&wanted, release, &folder, offline) {
            Ok(()) => break,
            Err(message) => {
                let gone = not_published(&message);
                let Some(at) = wanted.iter().position(|name| Some(name.as_str()) == gone) else {
                    return Err(message);
                };
                if wanted[at] == "wasmtime" {
                    return Err(format!("the registry has no Wasmtime {release}"));
                }
                sources.missing.push(wanted.remove(at));
            }
        }
    }
    let mut command = MetadataCommand::new();
    command.manifest_path(folder.join("Cargo.toml"));
    if offline {
        command.other_options(vec!["--offline".to_owned()]);
    }
    let metadata = command.exec().map_err(|error| error.to_string())?;
    let resolved = metadata.resolve.as_ref().map(|graph| &graph.nodes[..]);
    for package in &metadata.packages {
        let name = package.name.as_str().to_owned();
        sources.versions.insert(name, package.version.to_string());
        if package.source.is_none() {
            continue;
        }
        let Some(mut found) = crate_source(package) else {
            continue;
        };
        let nodes = resolved.unwrap_or_default();
        if let Some(node) = nodes.iter().find(|node| node.id == package.id) {
            for dependency in &node.deps {
                let named = metadata.packages.iter().find(|p| p.id == dependency.pkg);
                let named = named.map(|package| package.name.as_str().to_owned());
                found
                    .dependencies
                    .extend(named.map(|package| (dependency.name.to_string(), package)));
            }
        }
        sources.crates.insert(found.package.clone(), found);
    }
    Ok(sources)
}

fn crate_source(package: &Package) -> Option<CrateSource> {
    let library = [TargetKind::Lib, TargetKind::ProcMacro];
    let target = package
        .targets
        .iter()
        .find(|target| target.kind.iter().any(|kind| library.contains(kind)))?;
    Some(CrateSource {
        package: package.name.as_str().to_owned(),
        root: target.src_path.clone().into_std_path_buf(),
        rust_version: package.rust_version.as_ref().map(ToString::to_string),
        features: package.features.clone().into_iter().collect(),
        dependencies: BTreeMap::new(),
    })
}

/// A manifest that needs the crates, and nothing else; and a lockfile for it.
fn resolve(
    crates: &[String],
    release: &FamilyVersion,
    folder: &Path,
    offline: bool,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let manifest = folder.join("Cargo.toml");
    std::fs::create_dir_all(folder.join("src")).map_err(failed)?;
    std::fs::write(folder.join("src/lib.rs"), "").map_err(failed)?;
    let mut text = "[workspace]\n\n[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n".to_owned();
    for name in crates {
        // The command line is there for its notes; its many dependencies are not wanted.
        let plain = if name == "wasmtime-cli" {
            ", default-features = false"
        } else {
            ""
        };
        text.push_str(&format!("{name} = {{ version = \"={release}\"{plain} }}\n"));
    }
    std::fs::write(&manifest, text).map_err(failed)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["fetch", "--quiet", "--color=never", "--manifest-path"]);
    cargo.arg(&manifest).current_dir(folder);
    if offline {
        cargo.arg("--offline");
    }
    let output = cargo
        .output()
        .map_err(|error| format!("can't start cargo: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

/// The crate that cargo did not find in the version that was asked for.
fn not_published(message: &str) -> Option<&str> {
    let marks = [
        "failed to select a version for the requirement `",
        "no matching package named `",
    ];
    marks.iter().find_map(|mark| {
        let (_, rest) = message.split_once(mark)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')?;
        Some(&rest[..end])
    })
}

/// The sources of a folder that holds one folder a crate, as the tests have them: every crate may
/// name every other one.
#[cfg(test)]
pub fn of_folder(folder: &Path) -> Sources {
    let mut sources = Sources::default();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let package = entry.file_name().to_string_lossy().into_owned();
        sources.crates.insert(
            package.clone(),
            CrateSource {
                root: entry.path().join("src/lib.rs"),
                package,
                rust_version: None,
                features: BTreeMap::new(),
                dependencies: BTreeMap::new(),
            },
        );
    }
    let all: Vec<String> = sources.crates.keys().cloned().collect();
    for found in sources.crates.values_mut() {
        let names = all
            .iter()
            .map(|name| (name.replace('-', "_"), name.clone()));
        found.dependencies = names.collect();
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::not_published;

    #[test]
    fn a_crate_that_ended_is_read_from_the_message_of_cargo() {
        let message = "error: failed to select a version for the requirement `wasi-common = \"=47.0.4\"`\n\
             candidate versions found which didn't match: 46.0.3, 46.0.2";
        assert_eq!(not_published(message), Some("wasi-common"));
        assert_eq!(not_published("error: no network"), None);
    }
}
