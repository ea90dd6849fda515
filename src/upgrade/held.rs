//! Proof from the lockfile that one single Wasmtime is left, or who holds another one.

use crate::knowledge::Family;
use crate::registry::holder::{self, Holder};
use crate::version::FamilyVersion;
use crate::workspace::{LockedPackage, Lockfile};
use crate::world::World;

/// Another Wasmtime than the target, and how it comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The other Wasmtime.
    other: LockedPackage,
    /// The chain from a package of the workspace to it.
    path: Vec<String>,
    /// The published crate, outside of the family, that asks for it; none when a package of the
    /// workspace does itself.
    pub(super) holder: Option<LockedPackage>,
}

/// Who keeps another Wasmtime in the graph than `target`.
pub(super) fn held_back(
    lockfile: &Lockfile,
    family: &Family,
    target: &FamilyVersion,
) -> Option<Held> {
    let other = lockfile
        .versions_of("wasmtime")
        .find(|locked| locked.version != target.0)?;
    let path = lockfile.path_to(other);
    let outside = |package: &&&LockedPackage| family.get(&package.name).is_none();
    let holder = path.iter().rev().find(outside);
    let holder = holder.filter(|package| package.source.is_some());
    Some(Held {
        other: other.clone(),
        path: chain(&path),
        holder: holder.map(|package| (*package).clone()),
    })
}

/// How `wasmtime` comes into a workspace that does not require it itself: the chain, and the
/// published crate in it that a move has to begin with.
pub(super) fn brought_by_others(lockfile: &Lockfile, family: &Family) -> Option<(String, String)> {
    let path = lockfile.path_to(lockfile.versions_of("wasmtime").next()?);
    let outside =
        |package: &&&LockedPackage| package.source.is_some() && family.get(&package.name).is_none();
    let holder = path.iter().rev().find(outside)?.name.clone();
    Some((chain(&path).join(" -> "), holder))
}

fn chain(path: &[&LockedPackage]) -> Vec<String> {
    let names = path.iter();
    names
        .map(|package| format!("{} {}", package.name, package.version))
        .collect()
}

impl Held {
    /// The whole story for a person, with the way out; `index` is where cargo's cached index may be
    /// read.
    pub(super) fn told(
        &self,
        index: Option<&dyn World>,
        family: &Family,
        target: &FamilyVersion,
    ) -> String {
        let out = match &self.holder {
            None => "move or drop what asks for it, then run again".to_owned(),
            Some(holder) => match index.map_or(Holder::Unknown, |world| {
                holder::look_up(world, family, &holder.name, target)
            }) {
                Holder::Takes(version) => format!(
                    "{} {version} takes {target}: require that one, then run again",
                    holder.name
                ),
                Holder::Refuses { newest, asks_for } => format!(
                    "the newest {} that cargo's index knows, {newest}, asks for {asks_for}: wait for one that takes {target}, choose a release that it takes, or drop it",
                    holder.name
                ),
                Holder::Unknown => format!("move or drop {}, then run again", holder.name),
            },
        };
        format!(
            "wasmtime {} is still needed: {}; {out}",
            self.other.version,
            self.path.join(" -> ")
        )
    }
}
