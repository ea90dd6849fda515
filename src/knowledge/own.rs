//! A user's own entries and migrations: Markdown files in the format of the built-in ones, read from a
//! folder.

use camino::{Utf8Path, Utf8PathBuf};

use super::entry::{Entry, Kind};
use super::migration::Migration;
use crate::error::{Error, Result};
use crate::span::{ByteOffset, Position};
use crate::world::{FileKind, World};

/// The folders that hold entries, here as in the built-in knowledge.
const FOLDERS: [&str; 2] = ["advisories", "regressions"];

/// The folder that holds migrations, likewise.
const MIGRATIONS: &str = "migrations";

/// How deep folders may be nested, so that a loop of mounts has an end.
const DEEPEST: usize = 16;

/// One file of a user's.
#[derive(Clone, Debug)]
pub struct OwnEntry {
    /// The file, as the user would name it.
    pub path: Utf8PathBuf,
    /// What it says.
    pub entry: Entry,
}

/// One migration of a user's.
#[derive(Clone, Debug)]
pub struct OwnMigration {
    /// The file, as the user would name it.
    pub path: Utf8PathBuf,
    /// What it says.
    pub migration: Migration,
}

/// Everything of a user's.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Entries.
    pub entries: Vec<OwnEntry>,
    /// Migrations.
    pub migrations: Vec<OwnMigration>,
}

/// Reads every `*.md` in a folder `advisories`, `regressions` or `migrations`, anywhere below `folder`.
///
/// # Errors
/// A folder that is none or has no entry, a file that can't be read, and with its line an entry
/// that is not valid.
pub fn read(world: &dyn World, folder: &Utf8Path) -> Result<Own> {
    let is_folder = world
        .canonical(folder)
        .and_then(|place| world.kind(&place))
        .is_ok_and(|kind| kind == Some(FileKind::Directory));
    if !is_folder {
        return Err(Error::usage(
            format!("{folder} is not a folder of entries"),
            "give the folder that holds `advisories/`, `regressions/` or `migrations/`",
        ));
    }
    let mut files = Vec::new();
    collect(world, folder, DEEPEST, &mut files)?;
    let mut own = Own::default();
    for path in files {
        let text = text_of(world, &path)?;
        match is_in(&path, &[MIGRATIONS]) {
            true => own.migrations.push(migration(path, &text)?),
            false => own.entries.push(entry(path, &text)?),
        }
    }
    if own.entries.is_empty() && own.migrations.is_empty() {
        return Err(Error::usage(
            format!("{folder} holds no entry"),
            "put each into a file `advisories/<id>.md`, `regressions/<id>.md` or `migrations/<id>.md` below it",
        ));
    }
    Ok(own)
}

/// The entries below a folder. What git ignores counts too: the user named the folder.
fn collect(
    world: &dyn World,
    folder: &Utf8Path,
    depth: usize,
    files: &mut Vec<Utf8PathBuf>,
) -> Result<()> {
    let names = world
        .list(folder)
        .map_err(|error| Error::io("list", folder, error))?;
    for name in names {
        let path = folder.join(&name);
        match world.kind(&path) {
            // A link to a folder is not followed; one to a file is, by reading it.
            Ok(Some(FileKind::Directory)) if depth > 0 => {
                collect(world, &path, depth - 1, files)?;
            }
            Ok(Some(FileKind::File | FileKind::Symlink)) if is_entry(&path) => files.push(path),
            _ => {}
        }
    }
    Ok(())
}

fn is_entry(path: &Utf8Path) -> bool {
    path.extension() == Some("md") && (is_in(path, &FOLDERS) || is_in(path, &[MIGRATIONS]))
}

fn is_in(path: &Utf8Path, folders: &[&str]) -> bool {
    let above = path.ancestors().skip(1).filter_map(Utf8Path::file_name);
    above.into_iter().any(|name| folders.contains(&name))
}

fn malformed(path: &Utf8Path, text: &str, offset: usize, message: String) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        position: Position::of(text, ByteOffset(offset)),
        message,
        help: "write it like those that docs/knowledge.md describes".to_owned(),
    }
}

fn text_of(world: &dyn World, path: &Utf8Path) -> Result<String> {
    let bytes = world
        .read(path)
        .map_err(|error| Error::io("read", path, error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        malformed(path, &text, valid, "not UTF-8".to_owned())
    })?;
    // Lines keep their numbers; only what stands at their ends goes.
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

fn entry(path: Utf8PathBuf, text: &str) -> Result<OwnEntry> {
    let entry =
        Entry::read(text).map_err(|error| malformed(&path, text, error.offset, error.message))?;
    if let Some((key, message)) = objection(&path, &entry) {
        return Err(malformed(&path, text, line_of(text, key), message));
    }
    Ok(OwnEntry { path, entry })
}

fn migration(path: Utf8PathBuf, text: &str) -> Result<OwnMigration> {
    let migration = Migration::read(text)
        .map_err(|error| malformed(&path, text, error.offset, error.message))?;
    let Migration { id, .. } = &migration;
    let objection = if path.file_stem() != Some(id) {
        Some(("id", not_the_name(id)))
    } else if migration.rules.is_empty() {
        let message = "only what is built in can do without a `[[rule]]`";
        Some(("means", message.to_owned()))
    } else {
        None
    };
    match objection {
        Some((key, message)) => Err(malformed(&path, text, line_of(text, key), message)),
        None => Ok(OwnMigration { path, migration }),
    }
}

fn not_the_name(id: &str) -> String {
    format!("the id `{id}` is not the name of the file, without `.md`")
}

/// Where the line of a key begins, in bytes.
fn line_of(text: &str, key: &str) -> usize {
    let newline = text.find(&format!("\n{key}"));
    newline.map_or(0, |newline| newline + 1)
}

/// What is wrong with an entry that can be read, and the key that it stands under.
fn objection(path: &Utf8Path, entry: &Entry) -> Option<(&'static str, String)> {
    let Entry { id, .. } = entry;
    if path.file_stem() != Some(id) {
        return Some(("id", not_the_name(id)));
    }
    if matches!(entry.kind, Kind::Support | Kind::Policy) {
        return Some((
            "kind",
            format!("`{}` is not a kind of entries", entry.kind.word()),
        ));
    }
    if entry.affected.is_empty() {
        return Some(("affected", "no release is affected".to_owned()));
    }
    if let Some(fixed) = entry.fixed_in.iter().find(|fixed| entry.affects(fixed)) {
        return Some(("fixed-in", format!("{fixed} is fixed and affected")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::world::MemoryWorld;

    fn text(id: &str) -> String {
        format!(
            "+++\nid = \"{id}\"\nkind = \"regression\"\ntitle = \"It is slow\"\npackage = \"wasmtime\"\naffected = [\">=40.0.0, <40.0.3\"]\nfixed-in = [\"40.0.3\"]\ncondition = \"always\"\nremedy = \"move\"\nlinks = []\nconfidence = \"inferred\"\n+++\nWe saw it.\n"
        )
    }

    fn world(files: &[(&str, &str)]) -> MemoryWorld {
        files
            .iter()
            .fold(MemoryWorld::new(), |world, (path, text)| {
                world.with_file(format!("/k/{path}"), text)
            })
    }

    fn fails(files: &[(&str, &str)], part: &str) {
        let message = read(&world(files), Utf8Path::new("/k"))
            .map(|own| own.entries.len())
            .unwrap_err()
            .to_string();
        assert!(message.contains(part), "{message}");
    }

    #[test]
    fn entries_are_read_wherever_they_are_below_the_folder() {
        let world = world(&[
            ("regressions/slow.md", &text("slow")),
            (
                "team/advisories/2026/odd.md",
                &text("odd").replace('\n', "\r\n"),
            ),
            ("README.md", "not an entry"),
            ("regressions/notes.txt", "neither"),
        ]);
        let entries = read(&world, Utf8Path::new("/k")).unwrap();
        let ids: Vec<&str> = entries
            .entries
            .iter()
            .map(|own| own.entry.id.as_str())
            .collect();
        assert_eq!(ids, ["slow", "odd"]);
        let knowledge = Knowledge::embedded().clone();
        let rules = knowledge.rules();
        let knowledge = knowledge.with_own(Utf8Path::new("/k"), entries).unwrap();
        assert_eq!(knowledge.rules(), rules + 2);
        assert!(knowledge.entry("odd").is_some());
        assert_eq!(knowledge.provenance.own_entries.unwrap().entries, 2);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let slow = text("slow");
        let at = |from: &str, to: &str, part: &str| {
            fails(&[("regressions/slow.md", &slow.replace(from, to))], part);
        };
        at("+++\nid", "id", "slow.md:1:1: the file does not start");
        at(
            "\"regression\"",
            "\"rumour\"",
            "slow.md:3:8: unknown variant",
        );
        at("title =", "titel =", "slow.md:4:1: unknown field `titel`");
        at(">=40.0.0", "40-ish", "slow.md:6:");
        at(
            "\"always\"",
            "\"never\"",
            "slow.md:8:13: unknown variant `never`",
        );
        at(
            "<40.0.3",
            "<41.0.0",
            "slow.md:7:1: 40.0.3 is fixed and affected",
        );
        at("[\">=40.0.0, <40.0.3\"]", "[]", "slow.md:6:1: no release");
        at(
            "\"slow\"",
            "\"fast\"",
            "slow.md:2:1: the id `fast` is not the name",
        );
        at(
            "\"regression\"",
            "\"support\"",
            "slow.md:3:1: `support` is not a kind",
        );
    }

    #[test]
    fn a_folder_without_entries_or_none_at_all_is_refused() {
        fails(&[("README.md", "")], "/k holds no entry");
        for world in [
            MemoryWorld::new(),
            MemoryWorld::new().with_file("/k", "a file"),
        ] {
            let error = read(&world, Utf8Path::new("/k")).map(|_| ()).unwrap_err();
            assert_eq!(error.to_string(), "/k is not a folder of entries");
        }
    }

    #[test]
    fn the_same_matter_twice_names_both() {
        let with = |files: &[(&str, &str)]| {
            let folder = Utf8Path::new("/k");
            let own = read(&world(files), folder).unwrap();
            let known = Knowledge::embedded().clone().with_own(folder, own);
            known.map(|_| ()).unwrap_err().to_string()
        };
        let alias = text("other").replace("kind =", "aliases = [\"SLOW\"]\nkind =");
        let twice = with(&[
            ("a/regressions/slow.md", &text("slow")),
            ("b/regressions/other.md", &alias),
        ]);
        assert_eq!(
            twice,
            "/k/b/regressions/other.md is about the same matter as /k/a/regressions/slow.md"
        );
        let id = "bindgen-send-bound-on-exports";
        let built_in = with(&[(&format!("regressions/{id}.md"), &text(id))]);
        assert!(
            built_in.ends_with(&format!("the built-in entry `{id}`")),
            "{built_in}"
        );
    }
}
