//! What a finding on a copy of Wasmtime says: the path, the other holders, the way out.

use super::Copies;
use crate::analysis::Use;
use crate::knowledge::Kind;
use crate::report::counted;
use crate::version::{FamilyVersion, Line};
use crate::workspace::LockedPackage;

impl Copies<'_> {
    /// `host -> plugin 1.0.0 -> wasmtime 32.0.0`.
    pub(super) fn path(&self, places: &[usize]) -> String {
        let names: Vec<String> = places
            .iter()
            .map(|place| {
                let package = self.graph.package(*place);
                match self.graph.manifest(*place) {
                    Some(_) => package.name.clone(),
                    None => named(package),
                }
            })
            .collect();
        format!("`{}`", names.join(" -> "))
    }

    pub(super) fn more_holders(&self, copy: usize, shown: usize) -> String {
        let others: Vec<String> = self.holders[&copy]
            .iter()
            .filter(|holder| **holder != shown)
            .map(|holder| format!("`{}`", self.graph.package(*holder).name))
            .collect();
        match others.as_slice() {
            [] => String::new(),
            few if few.len() <= 3 => format!("; {} too", and_hold(few)),
            [first, rest @ ..] => format!("; {first} and {} more hold it too", rest.len()),
        }
    }

    /// Advisories are held against what the workspace uses itself. What is only brought along is
    /// not, and the report says so.
    pub(super) fn not_judged(&self, package: &LockedPackage) -> String {
        let release = FamilyVersion(package.version.clone());
        let judged = |used: &Use| used.package == package.name && used.release == release;
        if self.ground.analysis.uses.iter().any(judged) {
            return String::new();
        }
        let known = self
            .ground
            .knowledge
            .affecting(&release)
            .filter(|entry| entry.kind == Kind::Advisory && entry.package == package.name)
            .count();
        match known {
            0 => String::new(),
            known => format!(
                "; {} {} {release}, and this project is not judged by {}",
                counted(known, "advisory"),
                if known == 1 { "names" } else { "name" },
                if known == 1 { "it" } else { "them" },
            ),
        }
    }

    pub(super) fn help(&self, copy: usize, holder: usize, other: &LockedPackage) -> String {
        let package = self.graph.package(copy);
        let who = self.graph.package(holder);
        let (here, there) = (package.version.major, other.version.major);
        let tree = tree(package);
        if self.graph.manifest(holder).is_some() {
            if !(package.from_registry() && other.from_registry()) {
                return format!(
                    "require all of the family from one source and of one line; {tree} shows who uses the other"
                );
            }
            let newer = Line(here.max(there));
            return format!(
                "bring the packages of the workspace to one line: {}; {tree} shows who uses the other",
                self.ground.upgrade_to(newer)
            );
        }
        if here == there {
            return format!(
                "let both come from one source, with a `[patch]` for all of the family; {tree} shows who uses it"
            );
        }
        if here > there {
            return format!(
                "move the workspace to line {here}: {}, or take a `{}` that is on line {there}; {tree} shows who uses it",
                self.ground.upgrade_to(Line(here)),
                who.name
            );
        }
        if who.from_registry() {
            return format!(
                "see whether a newer `{}` that fits is on line {there}: `cargo update -p {}@{}`; else require a version of it that is, or replace it; {tree} shows who uses it",
                who.name, who.name, who.version
            );
        }
        format!(
            "move `{}` to line {there} where it comes from, or replace it; {tree} shows who uses it",
            who.name
        )
    }
}

pub(super) fn named(package: &LockedPackage) -> String {
    format!("{} {}", package.name, package.version)
}

pub(super) fn tree(package: &LockedPackage) -> String {
    format!("`cargo tree -i {}@{}`", package.name, package.version)
}

fn and_hold(names: &[String]) -> String {
    match names {
        [one] => format!("{one} holds it"),
        many => format!("{} hold it", many.join(", ")),
    }
}
