//! Crates that a package of the workspace hands on: `pub use wasmtime;` at its root.

use super::Workspace;
use crate::knowledge::Family;
use crate::migrate::Crates;

/// What does not come with Wasmtime and matters where its errors do.
const BESIDE: &str = "anyhow";

/// The names by which a package hands crates on, and the packages that they stand for.
pub(super) type HandedOn = Vec<(String, String)>;

impl Workspace {
    /// Adds to what a package knows what it gets through itself (`crate::wasmtime`) and through other
    /// packages of the workspace (`core::wasmtime`).
    pub(crate) fn add_handed_on(&self, manifest: usize, family: &Family, crates: &mut Crates) {
        let all = self.handed_on.get_or_init(|| self.all_handed_on(family));
        for (other, handed_on) in all.iter().enumerate().filter(|(_, it)| !it.is_empty()) {
            let package = self.manifests[other].package.as_deref();
            let known = package.and_then(|package| crates.name_of(package));
            let own = package.map(|package| package.replace('-', "_"));
            let by = match other == manifest {
                true => own.into_iter().chain(["crate".to_owned()]).collect(),
                false => Vec::from_iter(known.map(str::to_owned)),
            };
            for by in by {
                for (name, package) in handed_on {
                    crates.hands_on(&by, name, package);
                }
            }
        }
    }

    /// What each package hands on.
    fn all_handed_on(&self, family: &Family) -> Vec<HandedOn> {
        let mut all = vec![HandedOn::new(); self.manifests.len()];
        for source in &self.sources {
            if !matches!(source.path.file_name(), Some("lib.rs" | "main.rs")) {
                continue;
            }
            let declared: Vec<_> = source.text.lines().filter_map(declared).collect();
            if declared.is_empty() {
                continue;
            }
            let crates = self.crates_of(source.manifest);
            let named = declared.into_iter().filter_map(|(of_crate, name)| {
                let package = crates.package(of_crate)?;
                let matters = family.get(package).is_some() || package == BESIDE;
                matters.then(|| (name.to_owned(), package.to_owned()))
            });
            all[source.manifest].extend(named);
        }
        all
    }
}

/// The crate that a line hands on, and the name by which it does: `pub use wasmtime as engine;`.
fn declared(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().strip_suffix(';')?;
    let rest = line
        .strip_prefix("pub use ")
        .or_else(|| line.strip_prefix("pub extern crate "))?;
    let rest = rest.trim().trim_start_matches("::");
    let (of_crate, name) = rest.split_once(" as ").unwrap_or((rest, rest));
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    (is_name(of_crate) && is_name(name.trim())).then_some((of_crate, name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_handed_on_by_one_line() {
        for (line, expected) in [
            ("pub use wasmtime;", Some(("wasmtime", "wasmtime"))),
            (
                "    pub use ::wasmtime as engine;",
                Some(("wasmtime", "engine")),
            ),
            ("pub extern crate anyhow;", Some(("anyhow", "anyhow"))),
            ("pub use wasmtime::Engine;", None),
            ("use wasmtime;", None),
            ("pub(crate) use wasmtime;", None),
            ("pub use {wasmtime, anyhow};", None),
        ] {
            assert_eq!(declared(line), expected, "{line}");
        }
    }
}
