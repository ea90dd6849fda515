//! Paths as text: no disk is asked.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// The path without `.` and with `..` taken back, by its text alone.
#[must_use]
pub fn lexical(path: &Utf8Path) -> Utf8PathBuf {
    let mut plain = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// What [`lexical`] makes of `relative` seen from `folder`, which is plain already: nothing of it has to
/// be looked at but its end.
pub(crate) fn lexical_below(folder: &Utf8Path, relative: &str) -> Utf8PathBuf {
    let mut plain = folder.to_owned();
    for component in Utf8Path::new(relative).components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The order of paths, by their parts. That of the standard library passes over what two paths have in
/// common at once, which is nearly all of them.
pub(crate) fn in_order(one: &Utf8Path, other: &Utf8Path) -> std::cmp::Ordering {
    one.as_std_path().cmp(other.as_std_path())
}

/// `path` seen from the folder `root`, with `/` between its parts; the path itself when the two
/// have nothing in common.
#[must_use]
pub fn relative_to(root: &Utf8Path, path: &Utf8Path) -> String {
    for (up, ancestor) in root.ancestors().enumerate() {
        if ancestor.as_str().is_empty() || (up > 0 && ancestor.parent().is_none()) {
            break;
        }
        if let Ok(rest) = path.strip_prefix(ancestor) {
            let mut parts = vec![".."; up];
            parts.extend(rest.components().map(|part| part.as_str()));
            return if parts.is_empty() {
                ".".to_owned()
            } else {
                parts.join("/")
            };
        }
    }
    path.as_str().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_taken_back_by_text() {
        for (path, plain) in [
            ("/a/./b/../c", "/a/c"),
            ("../x", "../x"),
            ("a/../../b", "../b"),
            ("./a", "a"),
        ] {
            assert_eq!(lexical(path.into()), plain, "{path}");
        }
    }

    #[test]
    fn what_is_named_from_a_folder_is_as_plain() {
        for folder in ["/w/a", "/", "", "a"] {
            for relative in [
                ".",
                "b",
                "../b",
                "../../../b",
                "b/../c",
                "/b/../c",
                "..",
                "",
            ] {
                let folder = Utf8Path::new(folder);
                let whole = lexical(&folder.join(relative));
                assert_eq!(
                    lexical_below(folder, relative),
                    whole,
                    "{folder} {relative}"
                );
            }
        }
    }

    #[test]
    fn paths_are_shown_from_the_root() {
        for (path, shown) in [
            ("/w/demo/Cargo.toml", "demo/Cargo.toml"),
            ("/w", "."),
            ("/Cargo.lock", "/Cargo.lock"),
            ("/w2/src", "/w2/src"),
        ] {
            assert_eq!(relative_to("/w".into(), path.into()), shown, "{path}");
        }
        assert_eq!(
            relative_to("/a/w/x".into(), "/a/w/Cargo.lock".into()),
            "../Cargo.lock"
        );
    }
}
