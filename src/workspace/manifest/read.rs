//! From the text of a manifest to what it says.
//!
//! Every check reads all manifests, so they are read by the parser that borrows from the text and
//! keeps values and their places alone: `toml_edit`, which also keeps every blank, takes several
//! times as long. That one words the mistakes.

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::{
    Dependency, DependencySource, DependencyTable, EntryForm, Manifest, Placed, Targets,
    WorkspaceTable,
};
use crate::span::{ByteOffset, Span};

/// Why a text is no TOML.
pub(super) struct Mistake {
    pub(super) offset: ByteOffset,
    pub(super) message: String,
}

type Key<'t> = Spanned<DeString<'t>>;
type Value<'t> = Spanned<DeValue<'t>>;

/// Everything that a manifest says, without its path and text.
pub(super) fn manifest(text: &str) -> Result<Manifest, Mistake> {
    let root = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        mistake(text, start, error.message())
    })?;
    let root = root.get_ref();
    if let Some(number) = root.values().find_map(oversized) {
        return Err(mistake(text, number, "the number is too large"));
    }
    let package = table(root, "package").or_else(|| table(root, "project"));
    let of_package = |name: &str| package.and_then(|table| string(table, name));
    Ok(Manifest {
        package: of_package("name"),
        rust_version: of_package("rust-version").and_then(|text| text.parse().ok()),
        inherits_rust_version: package
            .and_then(|package| table(package, "rust-version"))
            .is_some_and(|inherited| flag(inherited, "workspace") == Some(true)),
        workspace_pointer: of_package("workspace"),
        workspace: table(root, "workspace").map(workspace_table),
        dependencies: Reader { text }.dependencies(root),
        targets: targets(root),
        feature_names: table(root, "features")
            .map(in_order)
            .into_iter()
            .flatten()
            .filter(|(_, list)| list.get_ref().as_array().is_some())
            .map(|(name, _)| name.get_ref().to_string())
            .collect(),
        feature_lists: feature_lists(root),
        ..Manifest::default()
    })
}

/// A mistake in the words of `toml_edit`, which says more of what it expected; where that one finds
/// none, in those that are given.
fn mistake(text: &str, start: usize, message: &str) -> Mistake {
    let (start, message) = match toml_edit::Document::parse(text) {
        Err(error) => (
            error.span().map_or(0, |span| span.start),
            error.message().trim().to_owned(),
        ),
        Ok(_) => (start, message.trim().to_owned()),
    };
    Mistake {
        offset: ByteOffset(start),
        message,
    }
}

/// Where a number stands that no program could hold: the parser leaves numbers as they are written.
fn oversized(value: &Value<'_>) -> Option<usize> {
    let fits = match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).is_ok(),
        DeValue::Float(number) => {
            let text = number.as_str();
            let is_word = text.trim_start_matches(['+', '-']).starts_with(['i', 'n']);
            is_word || text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        DeValue::Array(array) => return array.iter().find_map(oversized),
        DeValue::Table(table) => return table.values().find_map(oversized),
        DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => true,
    };
    (!fits).then(|| value.span().start)
}

fn table<'a, 't>(table: &'a DeTable<'t>, name: &str) -> Option<&'a DeTable<'t>> {
    table.get(name)?.get_ref().as_table()
}

fn array<'a, 't>(table: &'a DeTable<'t>, name: &str) -> Option<&'a DeArray<'t>> {
    table.get(name)?.get_ref().as_array()
}

fn string(table: &DeTable<'_>, name: &str) -> Option<String> {
    table.get(name)?.get_ref().as_str().map(str::to_owned)
}

fn flag(table: &DeTable<'_>, name: &str) -> Option<bool> {
    table.get(name)?.get_ref().as_bool()
}

/// The entries of a table in the order of the text; the parser sorts them by name.
fn in_order<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a Key<'t>, &'a Value<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    crate::order::sort_by_key(&mut entries, |(key, _)| key.span().start);
    entries
}

fn placed_string(value: &Value<'_>) -> Option<Placed<String>> {
    Some(Placed {
        value: value.get_ref().as_str()?.to_owned(),
        span: value.span().into(),
    })
}

fn placed_strings(array: &DeArray<'_>) -> Vec<Placed<String>> {
    array.iter().filter_map(placed_string).collect()
}

fn targets(root: &DeTable<'_>) -> Targets {
    let library = table(root, "lib");
    let build = table(root, "package").and_then(|package| string(package, "build"));
    let mut other_paths: Vec<String> = build.into_iter().collect();
    for name in ["bin", "example", "test", "bench"] {
        let tables = array(root, name).into_iter().flat_map(|list| list.iter());
        let tables = tables.filter_map(|target| target.get_ref().as_table());
        other_paths.extend(tables.filter_map(|target| string(target, "path")));
    }
    Targets {
        library_name: library.and_then(|library| string(library, "name")),
        library_path: library.and_then(|library| string(library, "path")),
        other_paths,
    }
}

fn feature_lists(root: &DeTable<'_>) -> Vec<Vec<Placed<String>>> {
    let features = table(root, "features").map(in_order);
    let lists = features.into_iter().flatten();
    lists
        .filter_map(|(_, list)| list.get_ref().as_array())
        .map(placed_strings)
        .collect()
}

fn workspace_table(workspace: &DeTable<'_>) -> WorkspaceTable {
    let strings = |name: &str| array(workspace, name).map(placed_strings);
    let excluded = strings("exclude").into_iter().flatten();
    WorkspaceTable {
        members: strings("members").unwrap_or_default(),
        exclude: excluded.map(|path| path.value).collect(),
        rust_version: table(workspace, "package")
            .and_then(|package| string(package, "rust-version"))
            .and_then(|text| text.parse().ok()),
    }
}

/// Reads the tables of dependencies of one text.
struct Reader<'t> {
    text: &'t str,
}

/// A table, and whether it stands in braces. All that stands in one in braces does so too, be it written
/// with dots.
#[derive(Clone, Copy)]
struct Braced<'a, 't> {
    table: &'a DeTable<'t>,
    is_inline: bool,
}

impl Reader<'_> {
    /// The table that a value of `of` is.
    fn inside<'a, 't>(&self, of: Braced<'_, '_>, value: &'a Value<'t>) -> Option<Braced<'a, 't>> {
        // Any other table begins with its header, or with a key.
        let is_inline = of.is_inline || self.text[value.span()].starts_with('{');
        let table = value.get_ref().as_table()?;
        Some(Braced { table, is_inline })
    }

    fn named<'a, 't>(&self, of: Braced<'a, 't>, name: &str) -> Option<Braced<'a, 't>> {
        self.inside(of, of.table.get(name)?)
    }

    /// Every dependency table that cargo reads, the spellings with `_` included.
    fn dependencies(&self, root: &DeTable<'_>) -> Vec<Dependency> {
        let mut found = Vec::new();
        let root = Braced {
            table: root,
            is_inline: false,
        };
        self.of_package(root, "", &mut found);
        for (target, table) in self.tables_in(root, "target") {
            let quoted = if target.contains(['(', '.', ' ', '"']) {
                format!("'{target}'")
            } else {
                target.to_owned()
            };
            self.of_package(table, &format!("target.{quoted}."), &mut found);
        }
        let workspace = self.named(root, "workspace");
        if let Some(entries) = workspace.and_then(|table| self.named(table, "dependencies")) {
            self.entries(entries, &DependencyTable::Workspace, &mut found);
        }
        for (registry, entries) in self.tables_in(root, "patch") {
            let name = format!("patch.{registry}");
            self.entries(entries, &DependencyTable::Override { name }, &mut found);
        }
        if let Some(entries) = self.named(root, "replace") {
            let name = "replace".to_owned();
            self.entries(entries, &DependencyTable::Override { name }, &mut found);
        }
        found
    }

    /// The tables in the table `name`, with their own names.
    fn tables_in<'a, 't>(&self, of: Braced<'a, 't>, name: &str) -> Vec<(&'a str, Braced<'a, 't>)> {
        let Some(tables) = self.named(of, name) else {
            return Vec::new();
        };
        let entries = in_order(tables.table).into_iter();
        entries
            .filter_map(|(key, value)| Some((&**key.get_ref(), self.inside(tables, value)?)))
            .collect()
    }

    fn of_package(&self, of: Braced<'_, '_>, prefix: &str, found: &mut Vec<Dependency>) {
        for name in [
            "dependencies",
            "dev-dependencies",
            "dev_dependencies",
            "build-dependencies",
            "build_dependencies",
        ] {
            if let Some(entries) = self.named(of, name) {
                let name = format!("{prefix}{name}");
                self.entries(entries, &DependencyTable::Package { name }, found);
            }
        }
    }

    fn entries(&self, entries: Braced<'_, '_>, of: &DependencyTable, found: &mut Vec<Dependency>) {
        let all = in_order(entries.table).into_iter();
        found.extend(all.filter_map(|(key, value)| self.dependency(entries, key, value, of)));
    }

    /// One entry of a dependency table: a string, an inline table or a table of its own.
    fn dependency(
        &self,
        of: Braced<'_, '_>,
        key: &Key<'_>,
        value: &Value<'_>,
        table: &DependencyTable,
    ) -> Option<Dependency> {
        let name = key.get_ref();
        let package = match table {
            DependencyTable::Override { .. } => spec_name(name),
            _ => name,
        };
        let mut dependency = Dependency {
            package: package.to_owned(),
            form: EntryForm::Text,
            parts: vec![Span::from(key.span()).to(value.span().into())],
            package_value: None,
            version_key: None,
            table: table.clone(),
            requirement: placed_string(value),
            source: DependencySource::Registry,
            reference: None,
            features: Vec::new(),
            default_features: None,
            optional: false,
            key: Placed {
                value: name.to_string(),
                span: key.span().into(),
            },
        };
        if dependency.requirement.is_none() {
            let entry = self.inside(of, value)?;
            dependency.form = match entry.is_inline {
                true => EntryForm::InlineTable,
                false => EntryForm::Lines,
            };
            if !entry.is_inline {
                let parts = in_order(entry.table).into_iter();
                let parts =
                    parts.map(|(key, value)| Span::from(key.span()).to(value.span().into()));
                dependency.parts = parts.collect();
            }
            fill(&mut dependency, entry.table);
        }
        Some(dependency)
    }
}

/// What an entry says that is a table.
fn fill(dependency: &mut Dependency, entry: &DeTable<'_>) {
    let version = entry.get_key_value("version");
    dependency.version_key = version.map(|(key, _)| Span::from(key.span()));
    dependency.requirement = version.and_then(|(_, value)| placed_string(value));
    dependency.package_value = entry.get("package").and_then(placed_string);
    if let Some(package) = &dependency.package_value {
        dependency.package.clone_from(&package.value);
    }
    dependency.source = source(entry);
    dependency.reference = ["rev", "tag", "branch"]
        .iter()
        .find_map(|name| Some(format!("{name} = \"{}\"", string(entry, name)?)));
    let features = array(entry, "features");
    dependency.features = features.map(placed_strings).unwrap_or_default();
    dependency.default_features =
        flag(entry, "default-features").or_else(|| flag(entry, "default_features"));
    dependency.optional = flag(entry, "optional").unwrap_or(false);
}

fn source(entry: &DeTable<'_>) -> DependencySource {
    if flag(entry, "workspace").unwrap_or(false) {
        DependencySource::Inherited
    } else if let Some(git) = string(entry, "git") {
        DependencySource::Git(git)
    } else if let Some(path) = string(entry, "path") {
        DependencySource::Path(path)
    } else if let Some(registry) =
        string(entry, "registry").or_else(|| string(entry, "registry-index"))
    {
        DependencySource::OtherRegistry(registry)
    } else {
        DependencySource::Registry
    }
}

/// The crate that a key of `[replace]` is about. They are package id specs: `"wasmtime:32.0.0"`,
/// perhaps behind an address.
fn spec_name(key: &str) -> &str {
    let name = key.rsplit(['#', '/']).next().unwrap_or_default();
    name.split([':', '@']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that are no manifests, each for another reason.
    const MALFORMED: [&str; 22] = [
        "[package",
        "[package]\nname = ",
        "[package]\nname = \"a",
        "[package]\nname = 'a\n'",
        "a = 1\na = 2",
        "[a]\nb = 1\n[a]\nc = 2",
        "[a]\nb = 1\n[a.b]\nc = 2",
        "[a]\nb.c = 1\n[a.b]\nd = 2",
        "a = { b = 1, b = 2 }",
        "a = { b = 1\nc = 2 }",
        "a = [1, 2",
        "a = [1 2]",
        "[[a]]\n[a]",
        "a = 1 b = 2",
        "a = 99999999999999999999",
        "a = [{ b = -0x8000000000000000 }]",
        "[a.b]\nc = 1e999",
        "a = -1e999",
        "a = 1979-13-01",
        "a = \"\\q\"",
        "<<<<<<< HEAD",
        "a = tru",
    ];

    #[test]
    fn mistakes_are_worded_and_placed_as_by_the_editor_of_toml() {
        for text in MALFORMED {
            let expected = toml_edit::Document::parse(text).unwrap_err();
            let Err(found) = manifest(text) else {
                panic!("{text} is read")
            };
            assert_eq!(found.message, expected.message().trim(), "{text}");
            assert_eq!(found.offset.0, expected.span().unwrap().start, "{text}");
        }
    }

    #[test]
    fn what_the_editor_of_toml_reads_is_read() {
        for text in [
            "",
            "\u{feff}# mark\r\n[package]\r\nname = \"a\"\r\n",
            "a = [inf, -inf, nan, 1_000, 0xff, 1e3, 9223372036854775807]\nb = 1979-05-27T07:32:00Z",
            "[dependencies.b]\nversion = \"1\"\n[dependencies]\na = \"1\"",
            "a.b.c = 1\na.b.d = 2",
        ] {
            assert!(toml_edit::Document::parse(text).is_ok(), "{text}");
            assert!(manifest(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn entries_come_in_the_order_of_the_text() {
        let text = "[dependencies.b]\nversion = \"1\"\n[dependencies]\nz.path = \"z\"\na = \"1\"\n[target.y.dependencies]\nq = \"1\"\n[target.x.dependencies]\np = \"1\"\n";
        let Ok(manifest) = manifest(text) else {
            panic!("it is TOML")
        };
        let keys = manifest.dependencies.iter().map(|it| it.key.value.as_str());
        assert_eq!(keys.collect::<Vec<_>>(), ["b", "z", "a", "q", "p"]);
    }
}
