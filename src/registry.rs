//! What cargo already knows of the registry: the cached index entry of `wasmtime`, read and never
//! written, so that a release that is newer than this build is known to exist. No network.
//!
//! Cargo keeps one file a crate below `registry/index/<registry>/.cache/`, in a format of its own
//! that may change; what is not understood is passed over with a reason, and never an error.

use camino::Utf8PathBuf;

use crate::knowledge::Releases;
use crate::world::World;

mod cache_file;
pub mod holder;
mod record;

pub use record::Published;

/// Where the index entry of `wasmtime` is, below the folder of a registry.
const ENTRY: &str = ".cache/wa/sm/wasmtime";

/// What the cached index says that a release table does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryCache {
    /// The files that were understood.
    pub files: Vec<Utf8PathBuf>,
    /// Releases that the table does not have, or that have been taken back, given back or served
    /// since it was written.
    pub news: Vec<Published>,
    /// What was passed over and why, one sentence each.
    pub notes: Vec<String>,
}

impl RegistryCache {
    /// Reads the cache of the default registry, wherever cargo keeps it. Whatever can't be read or
    /// understood is passed over.
    #[must_use]
    pub fn read(world: &dyn World, known: &Releases) -> Self {
        let mut cache = Self::default();
        let Some(index) = cargo_home(world).map(|home| home.join("registry/index")) else {
            return cache;
        };
        let mut found: Vec<Found> = world
            .list(&index)
            .unwrap_or_default()
            .iter()
            .filter_map(|registry| {
                let path = index.join(registry).join(ENTRY);
                let bytes = world.read(&path).ok()?;
                Some(Found::read(path, &bytes, known))
            })
            // Another registry may have a crate of that name too; its releases are not Wasmtime's.
            .filter(|found| found.familiar > 0 || found.records == 0)
            .collect();
        // Two caches of the same registry (its two protocols): the fuller one is the newer one, so
        // it has the last word.
        crate::order::sort_by_key(&mut found, |found| found.familiar + found.news.len());
        for file in found {
            if file.familiar > 0 {
                cache.files.push(file.path);
            }
            for published in file.news {
                cache.news.retain(|old| old.version != published.version);
                cache.news.push(published);
            }
            cache.notes.extend(file.notes);
        }
        crate::order::sort_by(&mut cache.news, |a, b| a.version.cmp(&b.version));
        cache
    }
}

/// `CARGO_HOME`, or `.cargo` in the user's home.
pub(crate) fn cargo_home(world: &dyn World) -> Option<Utf8PathBuf> {
    let set = |name| world.env(name).filter(|value| !value.is_empty());
    if let Some(home) = set("CARGO_HOME") {
        let here = world.current_dir().unwrap_or_default();
        return Some(here.join(home));
    }
    let home = set("HOME").or_else(|| set("USERPROFILE"))?;
    Some(Utf8PathBuf::from(home).join(".cargo"))
}

/// One file, held against the table.
#[derive(Debug, Default)]
struct Found {
    path: Utf8PathBuf,
    /// How many versions could be read.
    records: usize,
    /// How many releases of the table are among them.
    familiar: usize,
    news: Vec<Published>,
    notes: Vec<String>,
}

impl Found {
    fn read(path: Utf8PathBuf, bytes: &[u8], known: &Releases) -> Self {
        let mut found = Self::default();
        let file = cache_file::read(bytes);
        found.records = file.records.len();
        for (version, json) in file.records {
            match record::judge(version, json, known) {
                record::News::TooOld => {}
                record::News::Nothing => found.familiar += 1,
                record::News::Changed(published) => {
                    found.familiar += 1;
                    found.news.push(published);
                }
                record::News::New(published) => found.news.push(published),
                record::News::Strange(reason) => {
                    found
                        .notes
                        .push(format!("{path}: {version} is passed over: {reason}"));
                }
            }
        }
        if let Some(reason) = file.stopped {
            found.notes.push(format!("{path}: {reason}"));
        }
        found.path = path;
        found
    }
}

#[cfg(test)]
mod tests;
