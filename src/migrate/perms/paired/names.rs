//! The names of permissions of directories, each with that of the permissions of files beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::tokens::{TokenKind, Tokens};

/// Names that are known.
#[derive(Default)]
pub(super) struct Names<'t> {
    /// Those of files by those of directories.
    both: BTreeMap<&'t str, &'t str>,
    /// The functions that say what they are, with those of directories.
    known_in: BTreeSet<(usize, &'t str)>,
}

impl<'t> Names<'t> {
    /// Adds two names that a function, by the place of its word, says what they are of; none where one of them
    /// is known beside another one.
    pub(super) fn learn(&mut self, both: [&'t str; 2], function: usize) -> Option<()> {
        let [dirs, files] = both;
        let mut known = self.both.iter();
        let is_other = known.any(|(of_dirs, of_files)| {
            (*of_dirs == dirs) != (*of_files == files) || *of_dirs == files || *of_files == dirs
        });
        if is_other || dirs == files {
            return None;
        }
        self.both.insert(dirs, files);
        self.known_in.insert((function, dirs));
        Some(())
    }

    /// Whether a function says what two names are.
    pub(super) fn are_known_in(&self, both: [&str; 2], function: usize) -> bool {
        self.known_in.contains(&(function, both[0]))
    }

    /// Whether two names are known together.
    pub(super) fn are(&self, both: [&str; 2]) -> bool {
        self.both.get(both[0]) == Some(&both[1])
    }

    /// How much is known.
    pub(super) fn len(&self) -> usize {
        self.known_in.len()
    }

    /// The names of directories' permissions.
    pub(super) fn dirs(&self) -> Vec<&'t str> {
        self.both.keys().copied().collect()
    }

    /// The names of directories' permissions with those of files.
    pub(super) fn pairs(&self) -> impl Iterator<Item = [&'t str; 2]> + '_ {
        self.both.iter().map(|(dirs, files)| [*dirs, *files])
    }

    /// All names of both.
    pub(super) fn all(&self) -> impl Iterator<Item = &'t str> + '_ {
        self.pairs().flatten()
    }

    /// Whether the text has none of the names that take the place of two.
    pub(super) fn is_new_in(&self, tokens: &Tokens<'_>) -> bool {
        let mut ones = self
            .both
            .iter()
            .map(|(dirs, files)| Self::one([dirs, files]));
        ones.all(|name| tokens.places_of(&name).next().is_none())
    }

    /// The name that takes the place of two that are known.
    pub(super) fn of_both(&self, both: [&str; 2]) -> String {
        Self::one(both)
    }

    /// The same of any two: `source_fs_perms` of `source_dir_perms` and `source_file_perms`.
    pub(super) fn one([dirs, files]: [&str; 2]) -> String {
        let renamed = |name: &str, what: &str| {
            let words = name.split('_');
            let words = words.map(|word| if word == what { "fs" } else { word });
            words.collect::<Vec<_>>().join("_")
        };
        let one = renamed(dirs, "dir");
        let is_same = one != dirs && one != "fs" && one == renamed(files, "file");
        match is_same {
            true => one,
            false => "fs_perms".to_owned(),
        }
    }
}

/// Two names that are used in the same way.
pub(super) struct Together<'t> {
    pub(super) names: [&'t str; 2],
    /// Where the first one is.
    pub(super) place: usize,
    /// Whether they are fields of something.
    pub(super) is_field: bool,
}

/// `dirs, files`, `*dirs, *files`, `self.dirs, self.files`: what is around the names is the same.
pub(super) fn together<'t>(
    tokens: &Tokens<'t>,
    dirs: &Range<usize>,
    files: &Range<usize>,
) -> Option<Together<'t>> {
    if dirs.len() != files.len() || dirs.is_empty() {
        return None;
    }
    let is_name = |at: usize| tokens.kind(at) == Some(TokenKind::Ident);
    let copied = |range: &Range<usize>| {
        let end = range.end.saturating_sub(4);
        let is_copied = range.len() > 4
            && tokens.is_punct(end, '.')
            && tokens.is_ident(end + 1, "clone")
            && tokens.text(end + 2) == "(";
        if is_copied { end } else { range.end }
    };
    let place = copied(dirs) - 1;
    let other = files.start + (place - dirs.start);
    let names = [tokens.text(place), tokens.text(other)];
    let is_alike = dirs
        .clone()
        .zip(files.clone())
        .all(|(one, two)| one == place || tokens.text(one) == tokens.text(two));
    let in_front = (dirs.start..place).all(|at| {
        is_name(at) || matches!(tokens.kind(at), Some(TokenKind::Punct('.' | '*' | '&')))
    });
    // Types and constants are no variables.
    let is_variable = |name: &str| name.starts_with(|first: char| first.is_lowercase());
    let is_it = is_name(place)
        && is_name(other)
        && names.iter().all(|name| is_variable(name))
        && (is_alike && in_front && names[0] != names[1]);
    is_it.then(|| Together {
        names,
        place,
        is_field: place > dirs.start && tokens.is_punct(place - 1, '.'),
    })
}

/// Whether names say themselves what they are.
pub(super) fn named_alike([dirs, files]: [&str; 2]) -> bool {
    let is_of = |name: &str, what: &str| name.contains(what) && name.contains("perm");
    is_of(dirs, "dir") && is_of(files, "file")
}
