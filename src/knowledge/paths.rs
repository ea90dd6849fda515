//! Where items of the family are, by line: modules, types and functions that moved.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::form::Form;
use crate::version::Line;

/// A path of an item, and the lines that have it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path, from the crate's name as Rust writes it.
    pub path: Vec<String>,
    /// The first line that has it there; none when it is older than the table.
    pub since: Option<Line>,
    /// The last line that has it there; none when the newest still does.
    pub until: Option<Line>,
    /// Whether another thing is there, which does the work of what ended: paths lead to it, and never
    /// away from it.
    pub other: bool,
}

impl Place {
    /// Whether the line has the item there.
    #[must_use]
    pub fn is_in(&self, line: Line) -> bool {
        self.since.is_none_or(|since| since <= line) && self.until.is_none_or(|until| line <= until)
    }

    /// The path as it is written.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.join("::")
    }
}

/// An item, by all the places that it ever had. Where two are of one line, the first is the one to
/// write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its places.
    pub places: Vec<Place>,
    /// Whether it is a macro, whose name may be that of another item as well.
    pub is_macro: bool,
}

impl Item {
    /// Where a line has it.
    #[must_use]
    pub fn place_in(&self, line: Line) -> Option<&Place> {
        self.places.iter().find(|place| place.is_in(line))
    }
}

/// A path that a line does not have, or has for another item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absent<'p> {
    /// The part of the path that is known: the item itself, or a module above it.
    pub known: &'p Place,
    /// Where the line has that part; none when it is not there at all.
    pub instead: Option<&'p Place>,
    /// Whether that part is a macro.
    pub is_macro: bool,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    first_line: Option<Line>,
    items: Vec<Item>,
    by_name: BTreeMap<String, Vec<(usize, usize)>>,
}

impl Paths {
    /// Reads `paths.toml`.
    ///
    /// # Errors
    /// What is wrong in the file.
    pub fn parse<'t>(text: impl Into<Form<'t>>) -> Result<Self, String> {
        let file: PathsFile = text.into().read()?;
        let mut paths = Self {
            first_line: Some(file.first_line),
            ..Self::default()
        };
        for set in file.item {
            for name in &set.names {
                let places = set.places.iter().map(|place| place.of(name)).collect();
                paths.add(Item {
                    places,
                    is_macro: set.macros,
                });
            }
        }
        Ok(paths)
    }

    fn add(&mut self, item: Item) {
        let known = item.places.iter().enumerate();
        for (index, place) in known.filter(|(_, place)| !place.other) {
            let places = self.by_name.entry(place.name()).or_default();
            places.push((self.items.len(), index));
        }
        self.items.push(item);
    }

    /// What the path is that code made for the line `from` means by `segments`, when `line` does not
    /// have it there: the longest part that is known decides, the item before the module that it is
    /// in. None when the path stays, as far as is known. Without `from` the path may be of any line,
    /// and it stays when it names anything in `line`.
    #[must_use]
    pub fn absent(
        &self,
        segments: &[String],
        from: Option<Line>,
        line: Line,
    ) -> Option<Absent<'_>> {
        if self.first_line.is_none_or(|first| line < first) {
            return None; // the table does not say
        }
        let (item, known) = (2..=segments.len()).rev().find_map(|length| {
            let named = self.by_name.get(&segments[..length].join("::"))?;
            let in_line = |wanted: Line| {
                let mut places = named.iter().copied();
                places.find(|(item, place)| self.items[*item].places[*place].is_in(wanted))
            };
            let meant = from.map_or_else(|| in_line(line), in_line);
            meant
                .or_else(|| in_line(line))
                .or_else(|| named.first().copied())
        })?;
        let item = &self.items[item];
        let known = &item.places[known];
        let stays = |place: &&Place| place.path == known.path && place.is_in(line);
        if item.places.iter().any(|place| stays(&place)) {
            return None;
        }
        Some(Absent {
            known,
            instead: item.place_in(line),
            is_macro: item.is_macro,
        })
    }

    /// Whether anything is known of a path or of what is below it.
    #[must_use]
    pub fn knows(&self, path: &[String]) -> bool {
        self.by_name.contains_key(&path.join("::"))
    }

    /// Every item.
    pub fn iter(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PathsFile {
    first_line: Line,
    item: Vec<ItemSet>,
}

/// Items that went the same way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemSet {
    names: Vec<String>,
    #[serde(default)]
    macros: bool,
    places: Vec<PlaceFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceFile {
    r#in: String,
    r#as: Option<String>,
    since: Option<Line>,
    until: Option<Line>,
    #[serde(default)]
    other: bool,
}

impl PlaceFile {
    fn of(&self, name: &str) -> Place {
        let name = self.r#as.as_deref().unwrap_or(name);
        let path = self.r#in.split("::").chain([name]).map(str::to_owned);
        Place {
            path: path.collect(),
            since: self.since,
            until: self.until,
            other: self.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    fn absent(path: &str, from: Option<u64>, line: u64) -> Option<(String, Option<String>)> {
        let segments: Vec<String> = path.split("::").map(str::to_owned).collect();
        let paths = &Knowledge::embedded().paths;
        let absent = paths.absent(&segments, from.map(Line), Line(line))?;
        Some((absent.known.name(), absent.instead.map(Place::name)))
    }

    fn instead(path: &str, from: Option<u64>, line: u64) -> Option<String> {
        absent(path, from, line)?.1
    }

    #[test]
    fn what_does_the_work_of_something_that_ended_is_no_other_name_of_it() {
        for (old, new) in [
            ("wasi_common::WasiCtx", "wasmtime_wasi::p1::WasiP1Ctx"),
            (
                "wasi_common::tokio::WasiCtxBuilder",
                "wasmtime_wasi::WasiCtxBuilder",
            ),
            (
                "wasi_common::pipe::WritePipe",
                "wasmtime_wasi::p2::pipe::MemoryOutputPipe",
            ),
        ] {
            assert_eq!(absent(old, Some(30), 46), None);
            assert_eq!(instead(old, Some(30), 47).as_deref(), Some(new));
            assert_eq!(absent(new, Some(48), 47), None);
            assert_ne!(instead(new, Some(48), 36).as_deref(), Some(old));
        }
        let gone = ("wasi_common::WasiFile".to_owned(), None);
        assert_eq!(absent("wasi_common::WasiFile", Some(46), 47), Some(gone));
    }

    #[test]
    fn what_is_below_a_module_moves_with_it() {
        let old = "wasmtime_wasi::bindings::io::streams";
        let new = "wasmtime_wasi::p2::bindings::io::streams";
        assert_eq!(absent(old, None, 32), None);
        let moved = (
            "wasmtime_wasi::bindings".to_owned(),
            "wasmtime_wasi::p2::bindings".to_owned(),
        );
        let back = (moved.1.clone(), Some(moved.0.clone()));
        assert_eq!(absent(old, None, 36), Some((moved.0, Some(moved.1))));
        assert_eq!(absent(new, None, 32), Some(back));
        assert_eq!(absent(new, None, 36), None);
    }

    #[test]
    fn an_item_can_go_and_come_back() {
        let (root, p2) = ("wasmtime_wasi::WasiCtx", "wasmtime_wasi::p2::WasiCtx");
        for (path, from, line, expected) in [
            (root, 29, 34, Some(p2)),
            (root, 29, 48, None),
            (p2, 34, 48, Some(root)),
            (p2, 34, 30, Some(root)),
            (p2, 33, 35, None),
        ] {
            assert_eq!(
                instead(path, Some(from), line).as_deref(),
                expected,
                "{path} {from} {line}"
            );
        }
    }

    #[test]
    fn a_name_means_what_it_meant_in_the_line_that_the_code_is_made_for() {
        let name = "wasmtime_wasi::InputStream";
        let (alias, of_trait) = (
            "wasmtime_wasi::DynInputStream",
            "wasmtime_wasi::p2::InputStream",
        );
        assert_eq!(instead(name, Some(29), 31).as_deref(), Some(alias));
        assert_eq!(instead(name, Some(30), 31), None);
        assert_eq!(instead(name, Some(30), 36).as_deref(), Some(of_trait));
        assert_eq!(absent(name, None, 31), None, "it names something there");
    }

    #[test]
    fn what_the_table_does_not_say_is_not_absent() {
        assert_eq!(
            absent("wasmtime_wasi::p2::bindings", None, 23),
            None,
            "too old"
        );
        assert_eq!(absent("wasmtime_wasi::anything::new", None, 36), None);
        assert_eq!(absent("my_bindings::p2", None, 36), None);
        assert_eq!(
            absent("wasmtime_wasi::p2", None, 99),
            None,
            "newer lines keep it"
        );
        assert_eq!(
            absent("wasmtime_wasi::IoImpl", Some(31), 36),
            Some(("wasmtime_wasi::IoImpl".to_owned(), None))
        );
    }
}
