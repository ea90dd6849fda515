//! Permissions of directories that stand beside those of files everywhere in a text: in parameters and
//! arguments, fields, tuples and patterns. Each two become one, where that accounts for every mention of the
//! two types and for every use of the names that they have; else nothing is done.

mod names;
mod questions;

use std::collections::BTreeMap;
use std::ops::Range;

use self::names::{Names, Together, named_alike, together};
use super::merged::merged;
use super::named::{Search, lets};
use super::{is_perms, path_to};
use crate::edit::Edit;
use crate::migrate::impls::{arguments, span_of};
use crate::tokens::{TokenKind, Tokens};

/// What becomes of a text: its edits, and the tokens that they are about.
pub(super) struct Paired {
    pub(super) done: Vec<Range<usize>>,
    pub(super) edits: Vec<Edit>,
}

/// Two elements of one list that become one.
struct Pair<'t> {
    /// Tokens of both, with the comma between.
    range: Range<usize>,
    /// What takes their place, and that of the parentheses around them where nothing else is in a tuple.
    edit: Edit,
    /// The names of both, where they have some.
    names: Option<[&'t str; 2]>,
    /// Whether those are names of variables.
    is_local: bool,
}

/// Two elements read.
struct Both<'t> {
    text: String,
    names: Option<[&'t str; 2]>,
    is_local: bool,
}

impl<'t> Search<'_, 't> {
    /// Everything in the text, or nothing.
    pub(super) fn paired(&self) -> Option<Paired> {
        let types: Vec<usize> = self.mentions("DirPerms").collect();
        let mut names = Names::default();
        let mut pairs: BTreeMap<usize, Pair<'t>> = BTreeMap::new();
        for place in &types {
            // Values of declarations of their own are looked at below.
            let Some(pair) = self.pair_around(*place, &names) else {
                continue;
            };
            if let Some(both) = pair.names {
                names.learn(both, function_around(self.tokens, *place))?;
            }
            pairs.insert(pair.range.start, pair);
        }
        // Those of another crate say nothing of what this one wants.
        let others = ["DirPerms", "FilePerms"];
        let has_others = others
            .iter()
            .any(|it| self.tokens.places_of(it).next().is_some());
        if types.is_empty() && has_others {
            return None;
        }
        self.learn_from_uses(&mut names, !types.is_empty())?;
        let mut declared = self.declarations(&names);
        declared.extend(self.questions(&names));
        for dirs in names.dirs() {
            for place in self.tokens.places_of(dirs) {
                if declared.iter().any(|it| it.0.contains(&place)) {
                    continue;
                }
                let pair = self.pair_around(place, &names)?;
                pairs.insert(pair.range.start, pair);
            }
        }
        let mut done: Vec<Range<usize>> = pairs.values().map(|it| it.range.clone()).collect();
        done.extend(declared.iter().map(|it| it.0.clone()));
        let is_sure = self.is_told_apart(&pairs) && self.is_evident(&pairs, &names);
        if done.is_empty() || !self.is_whole(&done, &names) || !is_sure {
            return None;
        }
        let mut edits: Vec<Edit> = pairs.into_values().map(|it| it.edit).collect();
        edits.extend(declared.into_iter().flat_map(|it| it.1));
        Some(Paired { done, edits })
    }

    /// Where a type is named, but for what brings it in.
    fn mentions<'s>(&'s self, name: &'s str) -> impl Iterator<Item = usize> + 's {
        let tokens = self.tokens;
        tokens.places_of(name).filter(move |place| {
            let mut uses = self.scopes.uses.iter();
            let resolved = self
                .scopes
                .resolve(&path_to(tokens, *place), *place, self.ground);
            !uses.any(|item| (item.start..item.end).contains(place))
                && resolved.is_some_and(|resolved| is_perms(&resolved))
        })
    }

    /// Learns names from where they are handed to what opens a directory, to a function of the text whose
    /// parameters are known, and to fields that are known.
    fn learn_from_uses(&self, names: &mut Names<'t>, has_types: bool) -> Option<()> {
        for call in self.openings() {
            let both = call.get(2).zip(call.get(3));
            let both = both.and_then(|(dirs, files)| together(self.tokens, dirs, files));
            // Where no type is named, the names alone have to say what they are.
            if let Some(both) = both.filter(|both| has_types || named_alike(both.names)) {
                names.learn(both.names, function_around(self.tokens, both.place))?;
            }
        }
        let mut known = 0;
        while known != names.len() {
            known = names.len();
            for dirs in names.dirs() {
                for place in self.tokens.places_of(dirs) {
                    for both in self.handed_on(place) {
                        let function = function_around(self.tokens, both.place);
                        names.learn(both.names, function)?;
                    }
                }
            }
        }
        Some(())
    }

    /// The names of values that go where a name is that is known: `dir_perms: dirs, file_perms: files`, and
    /// what calls of a function with such parameters hand over.
    fn handed_on(&self, place: usize) -> Vec<Together<'t>> {
        let tokens = self.tokens;
        let mut found = Vec::new();
        let Some(open) = tokens.around(place).next() else {
            return found;
        };
        let Some(elements) = arguments(tokens, open) else {
            return found;
        };
        let Some(at) = elements.iter().position(|it| it.contains(&place)) else {
            return found;
        };
        let Some(next) = elements.get(at + 1) else {
            return found;
        };
        let values = |it: &Range<usize>| {
            let name =
                tokens.is_punct(it.start + 1, ':') && !tokens.is_path_separator(it.start + 1);
            name.then(|| it.start + 2..it.end)
        };
        if let Some((dirs, files)) = values(&elements[at]).zip(values(next)) {
            found.extend(together(tokens, &dirs, &files));
        }
        let function = open
            .checked_sub(2)
            .filter(|word| tokens.is_ident(*word, "fn"));
        if let Some(name) = function.map(|word| tokens.text(word + 1)) {
            let own = &elements[0];
            let is_method = own.clone().any(|it| tokens.is_ident(it, "self"));
            for call in tokens.places_of(name).filter(|call| *call + 1 != open) {
                let handed = arguments(tokens, call + 1).unwrap_or_default();
                let is_given = call > 0 && tokens.is_punct(call - 1, '.');
                let first = at - usize::from(is_method && is_given && at > 0);
                let both = handed.get(first).zip(handed.get(first + 1));
                let both = both.and_then(|(dirs, files)| together(tokens, dirs, files));
                found.extend(both);
            }
        }
        found
    }

    /// The arguments of every call that opens a directory with permissions of both.
    fn openings(&self) -> impl Iterator<Item = Vec<Range<usize>>> + '_ {
        let calls = self.tokens.places_of("preopened_dir").filter(|name| {
            *name > 0 && self.tokens.is_punct(name - 1, '.') && self.tokens.text(name + 1) == "("
        });
        let given = calls.filter_map(|name| arguments(self.tokens, name + 1));
        given.filter(|given| given.len() == 4)
    }

    /// `let dirs = ..; let files = ..;` with names that are known: its tokens, and its edits.
    fn declarations(&self, names: &Names<'t>) -> Vec<(Range<usize>, Vec<Edit>)> {
        let all = lets(self.tokens);
        let mut found = Vec::new();
        for (place, first) in all.iter().enumerate() {
            let mut others = all[place + 1..].iter();
            let both = others.find_map(|second| {
                let declared = self.declared(first, second, |both| names.of_both(both))?;
                names.are(declared.names).then_some((second, declared))
            });
            if let Some((second, declared)) = both {
                found.push((first.start..first.end, declared.edits));
                found.push((second.start..second.end, Vec::new()));
            }
        }
        found
    }

    /// The innermost list in which what is at a place stands beside its like.
    fn pair_around(&self, place: usize, names: &Names<'t>) -> Option<Pair<'t>> {
        let tokens = self.tokens;
        let mut around = tokens.around(place);
        around.find_map(|open| {
            let elements = arguments(tokens, open)?;
            let at = elements.iter().position(|it| it.contains(&place))?;
            let (dirs, files) = (&elements[at], elements.get(at + 1)?);
            let both = self.both(dirs, files, names)?;
            let only = elements.len() == 2 && is_tuple(tokens, open);
            let range = dirs.start..files.end;
            let span = match only {
                true => span_of(tokens, &(open..tokens.after(open)))?,
                false => span_of(tokens, &range)?,
            };
            let is_macro = open > 0 && tokens.is_punct(open - 1, '!');
            let of_list = open > 1 && tokens.is_ident(open - 2, "vec");
            let is_struct = open > 1 && tokens.is_ident(open - 2, "struct");
            let is_of_macro = is_macro && !of_list;
            let is_declared = is_struct && tokens.text(open) == "(";
            let is_left = is_of_macro || is_declared || self.has_remark(dirs, files);
            (!is_left).then(|| Pair {
                range,
                edit: Edit {
                    span,
                    text: both.text,
                    reason: format!("`FsPerms` is in place of both in line {}", self.ground.to),
                },
                names: both.names,
                is_local: both.is_local,
            })
        })
    }

    /// What takes the place of two elements.
    fn both(
        &self,
        dirs: &Range<usize>,
        files: &Range<usize>,
        names: &Names<'t>,
    ) -> Option<Both<'t>> {
        let (tokens, scopes, ground) = (self.tokens, self.scopes, self.ground);
        let plain = |text| Both {
            text,
            names: None,
            is_local: false,
        };
        if let Some(of) = merged(tokens, dirs, files, scopes, ground) {
            let changes = of.into_iter().map(|it| (it.dirs, it.text));
            return Some(plain(self.changed(dirs, changes)?));
        }
        if let Some(text) = self.type_of(dirs, files) {
            return Some(plain(text));
        }
        if let Some(of) = together(tokens, dirs, files).filter(|it| names.are(it.names)) {
            let name = (of.place..of.place + 1, names.of_both(of.names));
            return Some(Both {
                text: self.changed(dirs, [name].into_iter())?,
                names: Some(of.names),
                is_local: !of.is_field,
            });
        }
        self.with_label(dirs, files, names)
    }

    /// `dir_perms: DirPerms, file_perms: FilePerms` of parameters and fields, and fields that are given values.
    fn with_label(
        &self,
        dirs: &Range<usize>,
        files: &Range<usize>,
        names: &Names<'t>,
    ) -> Option<Both<'t>> {
        let tokens = self.tokens;
        let [of_dirs, of_files] = [label(tokens, dirs)?, label(tokens, files)?];
        let is_alike = tokens.text(of_dirs) != tokens.text(of_files)
            && (dirs.start..of_dirs)
                .map(|it| tokens.text(it))
                .eq((files.start..of_files).map(|it| tokens.text(it)))
            && !tokens.is_punct(files.start, '#');
        let (values_dirs, values_files) = (of_dirs + 2..dirs.end, of_files + 2..files.end);
        let own = [tokens.text(of_dirs), tokens.text(of_files)];
        let declares = self.type_of(&values_dirs, &values_files).is_some();
        let is_known = declares || names.are(own) || self.is_literal(dirs);
        let values = self
            .both(&values_dirs, &values_files, names)
            .filter(|_| is_alike && is_known)?;
        let name = names.of_both(own);
        let changes = match values.text == name {
            true => vec![(of_dirs..dirs.end, name)],
            false => vec![(of_dirs..of_dirs + 1, name), (values_dirs, values.text)],
        };
        let is_parameter = tokens
            .around(dirs.start)
            .next()
            .is_some_and(|open| tokens.text(open) == "(");
        Some(Both {
            text: self.changed(dirs, changes.into_iter())?,
            names: Some(own),
            is_local: is_parameter,
        })
    }

    /// Whether elements are those of a value of a struct, whose fields are declared elsewhere.
    fn is_literal(&self, element: &Range<usize>) -> bool {
        let mut around = self.tokens.around(element.start);
        around
            .next()
            .is_some_and(|open| self.tokens.text(open) == "{")
    }

    /// `FsPerms` as the path to the one is written.
    fn type_of(&self, dirs: &Range<usize>, files: &Range<usize>) -> Option<String> {
        let tokens = self.tokens;
        let is_type = |range: &Range<usize>, name: &str| {
            let last = range.end.checked_sub(1)?;
            let path = path_to(tokens, last);
            let is_all = range.len() == path.len() * 3 - 2 && tokens.is_ident(last, name);
            let resolved = self.scopes.resolve(&path, last, self.ground);
            let is_it = is_all && resolved.is_some_and(|resolved| is_perms(&resolved));
            is_it.then_some(path)
        };
        let path = is_type(dirs, "DirPerms")?;
        is_type(files, "FilePerms")?;
        let front = path[..path.len() - 1].iter();
        let front: String = front.map(|name| format!("{name}::")).collect();
        Some(format!("{front}FsPerms"))
    }

    /// The text of some tokens with some of them changed.
    fn changed(
        &self,
        range: &Range<usize>,
        changes: impl Iterator<Item = (Range<usize>, String)>,
    ) -> Option<String> {
        let whole = span_of(self.tokens, range)?;
        let mut at = whole.start.0;
        let mut text = String::new();
        for (range, new) in changes {
            let span = span_of(self.tokens, &range)?;
            text.push_str(self.text.get(at..span.start.0)?);
            text.push_str(&new);
            at = span.end.0;
        }
        text.push_str(self.text.get(at..whole.end.0)?);
        Some(text)
    }

    /// Whether between two elements is a remark that is not about the second one alone, as its
    /// documentation is.
    fn has_remark(&self, dirs: &Range<usize>, files: &Range<usize>) -> bool {
        let gap = span_of(self.tokens, &(dirs.end - 1..files.start + 1));
        let gap = gap.map_or("", |span| span.text(self.text));
        gap.contains("/*")
            || gap
                .lines()
                .any(|line| line.contains("//") && !line.trim_start().starts_with("///"))
    }

    /// Whether nothing is left of the types, of the names, and of calls that want both.
    fn is_whole(&self, done: &[Range<usize>], names: &Names<'t>) -> bool {
        let is_done = |place: usize| done.iter().any(|range| range.contains(&place));
        let tokens = self.tokens;
        let strings = tokens.iter().filter(|it| it.kind == TokenKind::Literal);
        let mut written = strings.map(|it| it.span.text(self.text));
        let is_written = |name: &str, text: &str| {
            text.contains(&format!("{{{name}}}")) || text.contains(&format!("{{{name}:"))
        };
        names.is_new_in(tokens)
            && ["DirPerms", "FilePerms"]
                .iter()
                .all(|name| self.mentions(name).all(is_done))
            && names.all().all(|name| tokens.places_of(name).all(is_done))
            && self.openings().all(|given| is_done(given[2].start))
            && !written.any(|text| names.all().any(|name| is_written(name, text)))
    }

    /// Whether variables are permissions in every function that has them: others may have the same names there
    /// for something else, unless they say themselves what they are.
    fn is_evident(&self, pairs: &BTreeMap<usize, Pair<'t>>, names: &Names<'t>) -> bool {
        let local = pairs.values().filter(|it| it.is_local);
        local
            .filter_map(|it| Some((it, it.names?)))
            .all(|(it, both)| {
                let function = function_around(self.tokens, it.range.start);
                named_alike(both) || names.are_known_in(both, function)
            })
    }

    /// Whether no two pairs of variables of one function get the same name.
    fn is_told_apart(&self, pairs: &BTreeMap<usize, Pair<'t>>) -> bool {
        let mut seen: BTreeMap<(usize, String), [&str; 2]> = BTreeMap::new();
        let local = pairs.values().filter(|it| it.is_local);
        local
            .filter_map(|it| Some((it, it.names?)))
            .all(|(it, both)| {
                let function = function_around(self.tokens, it.range.start);
                let key = (function, Names::one(both));
                *seen.entry(key).or_insert(both) == both
            })
    }
}

/// The name of `name: ..`, behind a visibility.
fn label(tokens: &Tokens<'_>, element: &Range<usize>) -> Option<usize> {
    let mut index = element.start;
    while tokens.is_punct(index, '#') {
        index = tokens.after(index + 1);
    }
    if tokens.is_ident(index, "pub") {
        index += 1;
        if tokens.text(index) == "(" {
            index = tokens.after(index);
        }
    }
    index += usize::from(tokens.is_ident(index, "mut"));
    let is_label = index + 2 < element.end
        && tokens.kind(index) == Some(TokenKind::Ident)
        && tokens.is_punct(index + 1, ':')
        && !tokens.is_path_separator(index + 1);
    is_label.then_some(index)
}

/// Whether parentheses are those of a tuple, and not of a call, of parameters or of a pattern with a name.
fn is_tuple(tokens: &Tokens<'_>, open: usize) -> bool {
    if tokens.text(open) != "(" {
        return false;
    }
    let Some(before) = open.checked_sub(1) else {
        return true;
    };
    match tokens.kind(before) {
        Some(TokenKind::Ident) => matches!(
            tokens.text(before),
            "return" | "in" | "match" | "if" | "let" | "ref" | "mut" | "break" | "for" | "else"
        ),
        Some(TokenKind::Close | TokenKind::Literal) => false,
        Some(TokenKind::Punct('>')) => before > 0 && matches!(tokens.text(before - 1), "-" | "="),
        Some(TokenKind::Punct('!' | '?')) => false,
        _ => true,
    }
}

/// The word `fn` of the innermost function with a name that a place is in; 0 outside of all.
fn function_around(tokens: &Tokens<'_>, place: usize) -> usize {
    let is_around = |word: &usize| {
        let mut index = *word;
        while index < tokens.len() && !matches!(tokens.text(index), "{" | ";") {
            index = tokens.after(index);
        }
        *word < place && place < tokens.after(index)
    };
    let named = |word: &usize| tokens.kind(*word + 1) == Some(TokenKind::Ident);
    let words = tokens.places_of("fn").filter(named).filter(is_around);
    words.last().unwrap_or_default()
}

#[cfg(test)]
mod tests;
