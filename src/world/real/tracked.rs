//! What git keeps in a repository, by its index: a file that is there is no less a source for a pattern in
//! `.gitignore` that fits its name, too.
//!
//! The format is that of git's `gitformat-index`, versions 2 to 4, with SHA-1 names of objects. Of an index in
//! another form nothing is known, and the patterns alone decide.

use std::fs;
use std::path::{Path, PathBuf};

/// The least bytes of an entry in front of its name: times, modes, sizes, the name of the object, flags.
const FIXED: usize = 62;
/// Where the mode stands, and the length of the name among the flags.
const MODE: usize = 24;
/// Where an entry has its flags.
const FLAGS: usize = 60;
/// Two more bytes of flags follow.
const EXTENDED: u16 = 0x4000;
/// The bits of the flags that are the length of the name.
const LENGTH: u16 = 0x0fff;

/// The regular files that git keeps below `root` and whose names are wanted, as paths relative to `root`.
pub(super) fn below(root: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let Ok(root) = root.canonicalize() else {
        return Vec::new();
    };
    let mut around = root.ancestors();
    let Some((work_tree, folder)) = around.find_map(|it| Some((it, git_folder(it)?))) else {
        return Vec::new();
    };
    let index = fs::read(folder.join("index")).unwrap_or_default();
    let Ok(prefix) = root.strip_prefix(work_tree) else {
        return Vec::new();
    };
    let names = read(&index).unwrap_or_default().into_iter();
    let paths = names.filter_map(|name| {
        let path = PathBuf::from(String::from_utf8(name).ok()?);
        Some(path.strip_prefix(prefix).ok()?.to_owned())
    });
    paths.filter(|path| is_wanted(path)).collect()
}

/// The folder of a repository whose work tree begins here: `.git`, or where the file `.git` leads.
fn git_folder(work_tree: &Path) -> Option<PathBuf> {
    let place = work_tree.join(".git");
    if place.is_dir() {
        return Some(place);
    }
    let text = fs::read_to_string(&place).ok()?;
    Some(work_tree.join(text.strip_prefix("gitdir:")?.trim()))
}

/// The names of the regular files in an index; none where its form is not known.
fn read(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let version =
        number(4).filter(|version| bytes.starts_with(b"DIRC") && (2..=4).contains(version))?;
    let mut found = Vec::new();
    let mut name: Vec<u8> = Vec::new();
    let mut at = 12;
    for _ in 0..number(8)? {
        let flags = bytes.get(at + FLAGS..at + FIXED)?;
        let flags = u16::from_be_bytes(flags.try_into().ok()?);
        let more = usize::from(flags & EXTENDED != 0) * 2;
        let mut start = at + FIXED + more;
        match version {
            4 => {
                let (dropped, behind) = offset(bytes, start)?;
                name.truncate(name.len().checked_sub(dropped)?);
                start = behind;
            }
            _ => name.clear(),
        }
        let end = start + bytes.get(start..)?.iter().position(|byte| *byte == 0)?;
        name.extend(&bytes[start..end]);
        // Names of objects of another length would put everything out of its place.
        let length = usize::from(flags & LENGTH);
        if length != name.len().min(usize::from(LENGTH)) {
            return None;
        }
        if number(at + MODE)? >> 12 == 0o10 {
            found.push(name.clone());
        }
        at = match version {
            4 => end + 1,
            // One to eight bytes of nothing fill the entry up.
            _ => at + (end - at + 8) / 8 * 8,
        };
    }
    Some(found)
}

/// A number of git's in as many bytes as it takes, and what is behind it.
fn offset(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::process::Command;

    use super::*;

    fn git(folder: &Path, args: &[&str]) {
        let ran = Command::new("git").args(args).current_dir(folder).output();
        assert!(ran.unwrap().status.success(), "{args:?}");
    }

    #[test]
    fn every_version_of_the_index_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        git(root, &["init", "-q"]);
        let long = format!("p/{}/lib.rs", "d/".repeat(60));
        let names = [
            "Cargo.toml",
            "p/a.rs",
            "p/ä.rs",
            "p/src/bindings.rs",
            "p/src/main.rs",
            &long,
        ];
        for name in names {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), name).unwrap();
        }
        fs::write(root.join(".gitignore"), "bindings.rs\n").unwrap();
        git(root, &["add", "-f", "."]);
        let is_rust = |path: &Path| path.extension().is_some_and(|it| it == "rs");
        for version in ["2", "4"] {
            git(root, &["update-index", "--index-version", version]);
            let mut found = below(&root.join("p"), is_rust);
            found.sort();
            let mut wanted: Vec<PathBuf> = names[1..].iter().map(|it| it[2..].into()).collect();
            wanted.sort();
            assert_eq!(found, wanted, "version {version}");
        }
        // With more flags, which are version 3.
        git(root, &["update-index", "--index-version", "2"]);
        fs::write(root.join("p/new.rs"), "").unwrap();
        git(root, &["add", "-N", "p/new.rs"]);
        assert!(below(root, is_rust).contains(&PathBuf::from("p/new.rs")));
    }

    #[test]
    fn what_is_no_index_has_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        git(root, &["init", "-q"]);
        fs::write(root.join("a.rs"), "").unwrap();
        git(root, &["add", "."]);
        let index = fs::read(root.join(".git/index")).unwrap();
        for length in 0..index.len() {
            // Cut off anywhere, it is read as far as all entries go, or not at all.
            let found = read(&index[..length]).unwrap_or_default();
            assert!(found.is_empty() || found == [b"a.rs".to_vec()], "{length}");
        }
        assert_eq!(read(b"DIRC\0\0\0\x09\0\0\0\0"), None);
        assert_eq!(
            below(&root.join("nowhere"), |_| true),
            Vec::<PathBuf>::new()
        );
    }
}
