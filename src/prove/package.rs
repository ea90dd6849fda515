//! The scratch package of a release: one example a case.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::case::{Case, EXAMPLE_PREFIX};
use super::matrix::Matrix;
use super::places::{create_dir, write};
use crate::error::{Error, Result};
use crate::knowledge::Family;
use crate::version::FamilyVersion;
use crate::world::World;

/// Its name. No case knows it.
const NAME: &str = "wasmtime-upgrade-proof";

/// Writes the package into `dir` and takes out the examples of cases that are no more.
pub(super) fn write_package(
    world: &dyn World,
    dir: &Utf8Path,
    manifest: &str,
    cases: &[Case],
) -> Result<()> {
    let examples = dir.join("examples");
    create_dir(world, &examples)?;
    create_dir(world, &dir.join("src"))?;
    write(world, &dir.join("Cargo.toml"), manifest)?;
    // cargo wants a library or a program; the examples need none.
    write(world, &dir.join("src/lib.rs"), "")?;
    let mut wanted = BTreeSet::new();
    for case in cases {
        let name = format!("{}.rs", case.example());
        write(world, &examples.join(&name), &case.source)?;
        wanted.insert(name);
    }
    let present = world
        .list(&examples)
        .map_err(|error| Error::io("list", &examples, error))?;
    for name in present {
        // Only what has our kind of name: the folder may be one that the user gave us.
        if name.starts_with(EXAMPLE_PREFIX) && !wanted.contains(&name) {
            let path = examples.join(name);
            world
                .remove_file(&path)
                .map_err(|error| Error::io("remove", &path, error))?;
        }
    }
    Ok(())
}

/// The dependencies, with what takes the place of those that ended.
fn as_in(
    matrix: &Matrix,
    family: &Family,
    release: &FamilyVersion,
) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for (name, features) in &matrix.dependencies {
        let Some(replaced) = family.replacement_in(name, release.line()) else {
            found
                .entry(name.clone())
                .or_default()
                .extend(features.iter().cloned());
            continue;
        };
        let of_new = features
            .iter()
            .filter_map(|it| replaced.old.replaced_features.get(it));
        found
            .entry(replaced.new.name.clone())
            .or_default()
            .extend(of_new.cloned());
    }
    for features in found.values_mut() {
        let mut seen = BTreeSet::new();
        features.retain(|feature| seen.insert(feature.clone()));
    }
    found
}

/// Its manifest. Nothing is run, so debug information would be disk for nothing.
///
/// # Errors
/// When a dependency is no crate of the family or not one of that line.
pub(super) fn manifest(
    matrix: &Matrix,
    family: &Family,
    release: &FamilyVersion,
) -> Result<String, String> {
    let mut out = format!(
        "# Written by `prove`, and overwritten by its next run.\n\
         [package]\nname = \"{NAME}\"\nversion = \"0.0.0\"\nedition = \"{}\"\npublish = false\n\n\
         [dependencies]\n",
        matrix.edition
    );
    for (name, features) in &as_in(matrix, family, release) {
        // Of crates of others the newest is taken.
        let requirement = match family.get(name) {
            None if matrix.takes_others => "*".to_owned(),
            Some(known) if known.exists_in(release.line()) => {
                format!("={}", known.numbering.version_at(release))
            }
            None | Some(_) => {
                let wrong = format!("{}: Wasmtime {release} has no crate `{name}`", matrix.id);
                return Err(wrong);
            }
        };
        // Not every crate has a feature of that name.
        let (default, features): (Vec<&String>, Vec<&String>) =
            features.iter().partition(|feature| *feature == "default");
        let features: Vec<_> = features
            .iter()
            .map(|feature| format!("{feature:?}"))
            .collect();
        out.push_str(&format!(
            "{name} = {{ version = \"{requirement}\", default-features = {}, features = [{}] }}\n",
            !default.is_empty(),
            features.join(", ")
        ));
    }
    out.push_str("\n[profile.dev]\ndebug = 0\n\n[workspace]\n");
    Ok(out)
}
