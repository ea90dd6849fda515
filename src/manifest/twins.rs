//! A package that asks for two releases of one crate, under two names: one release for both is no
//! move, and cargo refuses it.

use super::{Move, malformed};
use crate::error::Result;
use crate::workspace::{DependencyTable, Manifest};

/// Refuses a manifest that knows one crate by two names.
///
/// # Errors
/// The second of the names, with its place.
pub(super) fn refuse(ground: &Move<'_>, manifest: &Manifest) -> Result<()> {
    let family = &ground.knowledge.family;
    let line = ground.target.line();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for dependency in &manifest.dependencies {
        if !matches!(dependency.table, DependencyTable::Package { .. }) {
            continue;
        }
        let Some(member) = family.successor_in(ground.workspace.crate_of(dependency), line) else {
            continue;
        };
        let key = dependency.key.value.as_str();
        let other = seen
            .iter()
            .find(|(name, other)| *name == member.name && *other != key);
        if let Some((name, other)) = other {
            return Err(malformed(
                manifest,
                dependency.key.span,
                format!(
                    "`{other}` and `{key}` are both `{name}`: cargo takes two releases of it, and {} would be one for both",
                    ground.target
                ),
                "move the one that is meant by hand",
            ));
        }
        seen.push((&member.name, key));
    }
    Ok(())
}
