//! Permissions that have a name before a directory is opened with them: `let (dirs, files) = ..;`, or one
//! declaration each. They become one where every value maps exactly and the names are used for nothing
//! but calls of `preopened_dir`.

use std::ops::Range;

use super::merged::{Merged, merged};
use super::{Set, exactly, set};
use crate::edit::Edit;
use crate::migrate::Ground;
use crate::migrate::impls::{arguments, span_of};
use crate::migrate::scopes::Scopes;
use crate::migrate::whole::whole_item;
use crate::tokens::{TokenKind, Tokens};

/// The name of what takes the place of both.
const NAME: &str = "fs_perms";

/// One rewriting: its edits, and the tokens that it is about.
pub(super) struct Named {
    pub(super) done: Vec<Range<usize>>,
    pub(super) edits: Vec<Edit>,
}

/// A `let` of a block.
pub(super) struct Let {
    /// The word `let`.
    pub(super) start: usize,
    /// What is behind it, up to the `=`.
    pattern: Range<usize>,
    pub(super) value: Range<usize>,
    /// The `;`.
    pub(super) end: usize,
}

/// Two declarations that become one.
pub(super) struct Declared<'t> {
    /// The name of the directories' permissions and that of the files'.
    pub(super) names: [&'t str; 2],
    /// What makes one of the two, called by the name that is given.
    pub(super) edits: Vec<Edit>,
}

/// A text in which permissions with a name are looked for.
pub(super) struct Search<'a, 't> {
    pub(super) tokens: &'a Tokens<'t>,
    pub(super) text: &'t str,
    pub(super) scopes: &'a Scopes<'t>,
    pub(super) ground: &'a Ground<'a>,
}

/// Every declaration with a value.
pub(super) fn lets(tokens: &Tokens<'_>) -> Vec<Let> {
    let words = tokens.places_of("let");
    words.filter_map(|word| read(tokens, word)).collect()
}

fn read(tokens: &Tokens<'_>, word: usize) -> Option<Let> {
    let starts = word == 0 || matches!(tokens.text(word - 1), "{" | ";" | "}");
    let mut index = word + 1;
    while !tokens.is_punct(index, '=') {
        tokens
            .kind(index)
            .filter(|kind| !matches!(kind, TokenKind::Close | TokenKind::Punct(';')))?;
        index = tokens.after(index);
    }
    let value = index + 1;
    index = value;
    while !tokens.is_punct(index, ';') {
        tokens
            .kind(index)
            .filter(|kind| *kind != TokenKind::Close)?;
        index = tokens.after(index);
    }
    starts.then_some(Let {
        start: word,
        pattern: word + 1..value - 1,
        value: value..index,
        end: index,
    })
}

impl<'t> Search<'_, 't> {
    /// Every place of the text where named permissions can become one.
    pub(super) fn named(&self) -> Vec<Named> {
        if self.tokens.places_of(NAME).next().is_some() {
            return Vec::new();
        }
        let declared = lets(self.tokens);
        let mut found: Vec<Named> = declared.iter().filter_map(|it| self.pair(it)).collect();
        for (place, first) in declared.iter().enumerate() {
            let mut others = declared[place + 1..].iter();
            found.extend(others.find_map(|second| self.two(first, second)));
        }
        found
    }

    fn set_of(&self, range: &Range<usize>, name: &str) -> Option<Set<'t>> {
        set(self.tokens, range, name, self.scopes, self.ground)
    }

    pub(super) fn edit(&self, range: &Range<usize>, text: String) -> Option<Edit> {
        let reason = format!("`FsPerms` is in place of both in line {}", self.ground.to);
        let span = span_of(self.tokens, range)?;
        Some(Edit { span, text, reason })
    }

    /// `let (dirs, files) = match writable { true => (DirPerms::all(), FilePerms::all()), .. };`
    fn pair(&self, of: &Let) -> Option<Named> {
        let tokens = self.tokens;
        let open = of.pattern.start;
        let is_pair = tokens.text(open) == "(" && tokens.after(open) == of.pattern.end;
        let names = arguments(tokens, open).filter(|names| is_pair && names.len() == 2)?;
        let [dirs, files] = [self.name(&names[0])?, self.name(&names[1])?];
        let mut edits = vec![self.edit(&of.pattern, NAME.to_owned())?];
        let mut index = of.value.start;
        let mut pairs = 0;
        while index < of.value.end {
            if let Some((range, edit)) = self.pair_at(index) {
                index = range.end;
                edits.push(edit);
                pairs += 1;
                continue;
            }
            let names_perms = matches!(tokens.text(index), "DirPerms" | "FilePerms");
            if names_perms {
                return None;
            }
            index += 1;
        }
        let calls = self.calls(of.end, dirs, files, &[])?;
        edits.extend(calls);
        (pairs > 0).then(|| Named {
            done: vec![of.value.clone()],
            edits,
        })
    }

    /// `(DirPerms::all(), FilePerms::all())` at a token.
    fn pair_at(&self, open: usize) -> Option<(Range<usize>, Edit)> {
        if self.tokens.text(open) != "(" {
            return None;
        }
        let pair = arguments(self.tokens, open).filter(|pair| pair.len() == 2)?;
        let dirs = self.set_of(&pair[0], "DirPerms")?;
        let files = self.set_of(&pair[1], "FilePerms")?;
        let range = open..self.tokens.after(open);
        let edit = self.edit(&range, exactly(&dirs, &files)?)?;
        Some((range, edit))
    }

    /// `let dirs = DirPerms::all(); let files = FilePerms::all();`, in either order, or values that are chosen
    /// in the same way.
    fn two(&self, first: &Let, second: &Let) -> Option<Named> {
        let Declared { names, mut edits } = self.declared(first, second, |_| NAME.to_owned())?;
        let [dirs, files] = names;
        let declarations = [first.pattern.start, second.pattern.start];
        edits.extend(self.calls(first.end, dirs, files, &declarations)?);
        Some(Named {
            done: vec![first.value.clone(), second.value.clone()],
            edits,
        })
    }

    /// The same, whatever the names are used for; what the one is called is made of both.
    pub(super) fn declared(
        &self,
        first: &Let,
        second: &Let,
        called: impl Fn([&str; 2]) -> String,
    ) -> Option<Declared<'t>> {
        let own = [self.name(&first.pattern)?, self.name(&second.pattern)?];
        let sets = |dirs: &Let, files: &Let| {
            let (dirs, files) = (&dirs.value, &files.value);
            merged(self.tokens, dirs, files, self.scopes, self.ground)
        };
        let in_dirs = |it: Merged| (it.dirs, it.text);
        let in_files = |it: Merged| (it.files, it.text);
        let (values, names): (Vec<_>, _) = match sets(first, second) {
            Some(both) => (both.into_iter().map(in_dirs).collect(), own),
            None => {
                let both = sets(second, first)?;
                (both.into_iter().map(in_files).collect(), [own[1], own[0]])
            }
        };
        // What is chosen by is asked once: nothing may come between that changes the answer.
        let is_chosen = |it: &Let| it.value.clone().any(|index| self.tokens.text(index) == "{");
        if is_chosen(first) && second.start != first.end + 1 {
            return None;
        }
        let block = self.block_of(first.start)?;
        if self.block_of(second.start)? != block {
            return None;
        }
        let mut edits = vec![self.edit(&first.pattern, called(names))?];
        for (range, text) in values {
            edits.push(self.edit(&range, text)?);
        }
        edits.push(Edit {
            span: whole_item(self.tokens, self.text, second.start, second.end),
            text: String::new(),
            reason: format!("`FsPerms` is in place of both in line {}", self.ground.to),
        });
        Some(Declared { names, edits })
    }

    fn name(&self, range: &Range<usize>) -> Option<&'t str> {
        let is_name = range.len() == 1 && self.tokens.kind(range.start) == Some(TokenKind::Ident);
        is_name.then(|| self.tokens.text(range.start))
    }

    /// The `{` and the `}` around a token.
    fn block_of(&self, place: usize) -> Option<Range<usize>> {
        let mut around = self.tokens.around(place);
        let open = around.find(|open| self.tokens.text(*open) == "{")?;
        Some(open..self.tokens.get(open)?.partner)
    }

    /// The edits of all calls that are given both names; none where a name is used otherwise.
    fn calls(
        &self,
        after: usize,
        dirs: &str,
        files: &str,
        declarations: &[usize],
    ) -> Option<Vec<Edit>> {
        let tokens = self.tokens;
        let block = self.block_of(after)?;
        let mut edits = Vec::new();
        let mut given = Vec::from(declarations);
        for name in tokens.places_of("preopened_dir") {
            let is_call = name > 0 && tokens.is_punct(name - 1, '.');
            let open = name + 1;
            let is_behind = name > after && block.contains(&name);
            if !is_call || tokens.text(open) != "(" || !is_behind {
                continue;
            }
            let arguments = arguments(tokens, open)?;
            let [_, _, of_dirs, of_files] = arguments.as_slice() else {
                continue;
            };
            if self.name(of_dirs) == Some(dirs) && self.name(of_files) == Some(files) {
                given.extend([of_dirs.start, of_files.start]);
                edits.push(self.edit(&(of_dirs.start..of_files.end), NAME.to_owned())?);
            }
        }
        let is_free = |place: usize| !given.contains(&place) && place > after;
        let is_used = |name: &str| {
            let mut places = tokens.places_of(name);
            places.any(|place| block.contains(&place) && is_free(place))
        };
        let is_whole = !edits.is_empty() && !is_used(dirs) && !is_used(files);
        is_whole.then_some(edits)
    }
}
