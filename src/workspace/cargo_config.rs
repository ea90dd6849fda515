//! Crates that cargo's own configuration replaces: `[patch]` and `paths` in `.cargo/config.toml`,
//! which hold for every workspace below.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use toml::Spanned;

use super::manifest::{DependencyTable, Manifest};
use super::paths::lexical;
use crate::registry::cargo_home;
use crate::span::Span;
use crate::world::World;

/// The names that the file may have; cargo takes the first that is there.
const NAMES: [&str; 2] = ["config", "config.toml"];

/// One crate that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The crate.
    pub package: String,
    /// The file that says so.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
    /// Where it says so.
    pub span: Span,
    /// What says so: `[patch.crates-io]` or `paths`.
    pub by: String,
    /// What takes its place, for people.
    pub origin: Option<String>,
}

/// Every crate that cargo's configuration for `folder` replaces, by the files in the folders from
/// there up and in cargo's home. A file that can't be read says nothing here: cargo stops at it.
#[must_use]
pub fn replaced(world: &dyn World, folder: &Utf8Path) -> Vec<Replaced> {
    let mut folders: Vec<Utf8PathBuf> = folder.ancestors().map(|f| f.join(".cargo")).collect();
    folders.extend(cargo_home(world).filter(|home| !folders.contains(home)));
    let files = folders.iter().filter_map(|folder| {
        let mut paths = NAMES.iter().map(|name| folder.join(name));
        paths.find_map(|path| Some((text(world, &path)?, path)))
    });
    files
        .flat_map(|(text, path)| in_file(world, &path, &text))
        .collect()
}

fn text(world: &dyn World, path: &Utf8Path) -> Option<String> {
    String::from_utf8(world.read(path).ok()?).ok()
}

#[derive(Deserialize)]
struct Paths {
    #[serde(default)]
    paths: Vec<Spanned<String>>,
}

fn in_file(world: &dyn World, path: &Utf8Path, text: &str) -> Vec<Replaced> {
    let found = |package: &str, span: Span, by: String, origin: Option<String>| Replaced {
        package: package.to_owned(),
        path: path.to_owned(),
        text: text.to_owned(),
        span,
        by,
        origin,
    };
    // The tables of `[patch]` are those of a manifest.
    let Ok(config) = Manifest::parse(path.to_owned(), text.to_owned()) else {
        return Vec::new();
    };
    let mut all: Vec<Replaced> = config
        .dependencies
        .iter()
        .filter_map(|entry| {
            let DependencyTable::Override { name } = &entry.table else {
                return None;
            };
            let span = entry.key.span;
            Some(found(
                &entry.package,
                span,
                format!("[{name}]"),
                entry.origin(),
            ))
        })
        .collect();
    let paths = toml::from_str::<Paths>(text).map(|file| file.paths);
    // They are relative to the folder that `.cargo` stands in.
    let base = config.folder().parent().unwrap_or(config.folder());
    for folder in paths.unwrap_or_default() {
        let manifest = lexical(&base.join(folder.get_ref())).join("Cargo.toml");
        let package = self::text(world, &manifest)
            .and_then(|text| Manifest::parse(manifest, text).ok())
            .and_then(|manifest| manifest.package);
        let origin = format!("the folder {}", folder.get_ref());
        let span = folder.span().into();
        all.extend(package.map(|name| found(&name, span, "`paths`".to_owned(), Some(origin))));
    }
    all
}
