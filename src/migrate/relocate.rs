//! Paths that another line has elsewhere: in `use` declarations and wherever else a path stands.
//!
//! A project that jumps over many lines gets the path of the line that it goes to, whatever the lines
//! between had.

use std::collections::{BTreeMap, BTreeSet};

use super::scopes::{By, Resolved, Scopes};
use super::segments::{path_at, respelled};
use super::use_edits::{self, Change};
use super::{Ground, LeftOver, Migrated};
use crate::knowledge::Absent;
use crate::tokens::Tokens;

/// Rewrites the paths of one text.
#[must_use]
pub(super) fn relocate(tokens: &Tokens<'_>, text: &str, ground: &Ground<'_>) -> Migrated {
    let scopes = Scopes::of(tokens);
    let mut mover = Mover {
        tokens,
        text,
        ground,
        scopes: &scopes,
        renamed: BTreeMap::new(),
        more: BTreeMap::new(),
        gone: Vec::new(),
        result: Migrated::default(),
    };
    let mut changes = mover.changes_of_uses();
    mover.paths();
    mover.drop_unused(&mut changes);
    mover.edit_uses(&changes);
    mover.result
}

struct Mover<'a, 't> {
    tokens: &'a Tokens<'t>,
    text: &'t str,
    ground: &'a Ground<'a>,
    scopes: &'a Scopes<'t>,
    /// New names by declaration and old name.
    renamed: BTreeMap<(usize, String), String>,
    /// What a `*` brought in that is elsewhere now, by declaration.
    more: BTreeMap<usize, BTreeSet<(Vec<String>, String)>>,
    /// What declarations bring in that is nowhere.
    gone: Vec<Gone>,
    result: Migrated,
}

/// Something that a declaration brings in and the line has not.
struct Gone {
    /// The declaration, and the leaf of it.
    leaf: (usize, usize),
    /// The name that it is known by; none for a `*`.
    name: Option<String>,
    resolved: Resolved,
}

impl<'t> Mover<'_, 't> {
    fn absent(&self, path: &[String]) -> Option<Absent<'_>> {
        // While crates go, what is of others waits.
        let crates = self.ground.crates;
        if crates.is_changing() && !path.first().is_some_and(|name| crates.goes(name)) {
            return None;
        }
        self.ground
            .paths
            .absent(path, Some(self.ground.from), self.ground.to)
    }

    fn is_macro(&self, resolved: &Resolved) -> bool {
        self.absent(&resolved.path)
            .is_some_and(|absent| absent.is_macro)
    }

    fn reason(&self, absent: &Absent<'_>) -> String {
        let known = absent.known.name();
        match absent.instead {
            Some(instead) => format!(
                "`{known}` is `{}` in line {}",
                instead.name(),
                self.ground.to
            ),
            None => format!("line {} has no `{known}`", self.ground.to),
        }
    }

    /// The path that takes the place of one, as the package spells it; and why.
    fn moved(&self, resolved: &Resolved) -> Option<(Vec<String>, String)> {
        let absent = self.absent(&resolved.path)?;
        let instead = absent.instead?;
        let rest = &resolved.path[absent.known.path.len()..];
        let front: Vec<String> = match instead.path.first() == resolved.path.first() {
            true => resolved.front().collect(),
            // Another crate has to be required first, or be handed on, too.
            false => {
                let package = instead.path.first()?.replace('_', "-");
                let crates = self.ground.crates;
                let through =
                    || crates.path_through(resolved.extern_name.split("::").next()?, &package);
                let known = crates.name_of(&package).map(str::to_owned);
                let known = known.or_else(through)?;
                known.split("::").map(str::to_owned).collect()
            }
        };
        let behind = instead.path[1..].iter().chain(rest).cloned();
        let path = front.into_iter().chain(behind).collect();
        Some((path, self.reason(&absent)))
    }

    /// What becomes of every leaf of every declaration.
    fn changes_of_uses(&mut self) -> Vec<Vec<Change>> {
        let mut all = Vec::new();
        for (place, item) in self.scopes.uses.iter().enumerate() {
            let mut changes = Vec::new();
            for leaf in item.tree.leaves(self.tokens, &[]) {
                let old: Vec<String> = leaf.path.iter().map(|name| (*name).to_owned()).collect();
                let resolved = self.scopes.resolve_in(item, &leaf.path, self.ground);
                let moved = resolved.as_ref().and_then(|resolved| self.moved(resolved));
                let is_macro = resolved.as_ref().is_some_and(|it| self.is_macro(it));
                if let (Some(resolved), None) = (resolved, &moved) {
                    let is_gone = self.absent(&resolved.path).is_some();
                    let name = leaf.name.map(str::to_owned);
                    self.gone.extend(is_gone.then_some(Gone {
                        leaf: (place, changes.len()),
                        name,
                        resolved,
                    }));
                }
                let Some((new, reason)) = moved else {
                    changes.push(Change {
                        new: Some(old.clone()),
                        old,
                        keep_name: None,
                        reason: String::new(),
                    });
                    continue;
                };
                let keep_name = match leaf.name.filter(|_| is_macro) {
                    // A module may have the same name: calls of the macro stay as they are.
                    Some(name) => new
                        .last()
                        .filter(|new| *new != name)
                        .map(|_| name.to_owned()),
                    None => self.name_to_keep(place, leaf.name, &old, &new),
                };
                changes.push(Change {
                    old,
                    new: Some(new),
                    keep_name,
                    reason,
                });
            }
            all.push(changes);
        }
        all
    }

    /// Where the last name changes, the uses of it change with it, when nothing else has the new name
    /// here and nobody outside can have learned the old one.
    fn name_to_keep(
        &mut self,
        place: usize,
        known_as: Option<&str>,
        old: &[String],
        new: &[String],
    ) -> Option<String> {
        let (known_as, new_name) = (known_as?, new.last()?);
        if new_name == known_as || old.last().map(String::as_str) != Some(known_as) {
            return None;
        }
        let item = &self.scopes.uses[place];
        if self.is_public(place)
            || self.is_taken(new_name, item.keyword)
            || self.is_handed_on(known_as)
            || self.is_taken_from_here(known_as)
        {
            return Some(known_as.to_owned());
        }
        self.renamed
            .insert((place, known_as.to_owned()), new_name.clone());
        None
    }

    /// Whether a module of the text brings the name in from around it, `use super::preview1;`, and nothing else gets
    /// the name.
    fn is_taken_from_here(&self, name: &str) -> bool {
        let mut uses = self.scopes.uses.iter();
        let comes = uses.any(|item| {
            let leaves = item.tree.leaves(self.tokens, &[]).into_iter();
            let mut others = leaves.filter(|leaf| leaf.name != Some(name));
            others.any(|leaf| {
                let resolved = self.scopes.resolve_in(item, &leaf.path, self.ground);
                let moved = resolved.and_then(|resolved| self.moved(&resolved));
                moved.is_some_and(|(path, _)| path.last().is_some_and(|last| last == name))
            })
        });
        if comes {
            return false;
        }
        let from_around = |path: &[&str]| {
            matches!(path.first(), Some(&("super" | "crate" | "self")))
                && path.last() == Some(&name)
        };
        let mut uses = self.scopes.uses.iter();
        uses.any(|item| {
            let leaves = item.tree.leaves(self.tokens, &[]);
            leaves.iter().any(|leaf| from_around(&leaf.path))
        })
    }

    /// Whether a function of that name is called, and is a value elsewhere.
    fn is_handed_on(&self, name: &str) -> bool {
        let is_free = |place: &usize| {
            let mut uses = self.scopes.uses.iter();
            let is_method = *place > 0 && self.tokens.is_punct(*place - 1, '.');
            !is_method && !uses.any(|item| (item.start..item.end).contains(place))
        };
        let places: Vec<usize> = self.tokens.places_of(name).filter(is_free).collect();
        places.iter().any(|place| self.is_call(*place))
            && places
                .iter()
                .any(|place| !self.is_call(*place) && !self.tokens.is_path_separator(place + 1))
    }

    /// Whether a function that nothing of this text has the name of is called where a token stands.
    fn is_call(&self, place: usize) -> bool {
        let tokens = self.tokens;
        let is_own = |place: usize| {
            let before = place.checked_sub(1).map(|before| tokens.text(before));
            matches!(before, Some("fn" | "let" | "mut" | "|"))
        };
        let name = tokens.text(place);
        let is_method = place > 0 && tokens.is_punct(place - 1, '.');
        tokens.text(place + 1) == "(" && !is_method && !tokens.places_of(name).any(is_own)
    }

    /// Whether something has the name where a token stands, and goes on having it.
    fn is_taken(&self, name: &str, index: usize) -> bool {
        let Some(bound) = self.scopes.bound(name, index) else {
            return self.scopes.is_defined(name);
        };
        let resolved = self.scopes.resolve(bound, index, self.ground);
        let moved = resolved.and_then(|resolved| self.moved(&resolved));
        let (after, before) = (
            moved.and_then(|(path, _)| path.last().cloned()),
            bound.last(),
        );
        !after.is_some_and(|after| before.is_some_and(|before| *before == name && after != *before))
    }

    /// What is brought in from a crate that goes, has nothing in its place and is not used any more is
    /// not brought in. Of the rest a person is told.
    fn drop_unused(&mut self, changes: &mut [Vec<Change>]) {
        for gone in std::mem::take(&mut self.gone) {
            let (place, leaf) = gone.leaf;
            // What is public may be used by anybody.
            let is_used =
                self.is_public(place) || gone.name.is_some_and(|name| self.is_used(&name));
            if self.ground.crates.is_changing() && !is_used {
                if let Some(absent) = self.absent(&gone.resolved.path) {
                    changes[place][leaf].reason = self.reason(&absent);
                    changes[place][leaf].new = None;
                }
                continue;
            }
            let range = &self.scopes.uses[place].tree.range;
            self.note_gone(&gone.resolved, range.start, range.end - 1);
        }
    }

    fn is_public(&self, place: usize) -> bool {
        let item = &self.scopes.uses[place];
        (item.start..item.keyword).any(|index| self.tokens.is_ident(index, "pub"))
    }

    /// Whether a name stands anywhere outside of declarations, and goes on standing there.
    fn is_used(&self, name: &str) -> bool {
        let mut places = self.tokens.places_of(name).filter(|place| {
            let mut uses = self.scopes.uses.iter();
            !uses.any(|item| (item.start..=item.end).contains(place))
        });
        places.any(|place| {
            let span = self.tokens.get(place).map(|token| token.span);
            let is_written_anew = |edit: &crate::edit::Edit| {
                span.is_some_and(|at| edit.span.start <= at.start && at.end <= edit.span.end)
            };
            !self.result.edits.iter().any(is_written_anew)
        })
    }

    /// Remembers that the line has nothing in the place of what is named from one token to another.
    fn note_gone(&mut self, resolved: &Resolved, first: usize, last: usize) {
        let Some(absent) = self.absent(&resolved.path) else {
            return;
        };
        let what = match absent.instead {
            Some(instead) => format!(
                "{}: require `{}` and name that",
                self.reason(&absent),
                instead.path[0].replace('_', "-")
            ),
            None if self.ground.crates.is_changing() => {
                format!(
                    "{}, nor anything in its place: do without it",
                    self.reason(&absent)
                )
            }
            None => format!("{}: name what takes its place", self.reason(&absent)),
        };
        if let (Some(first), Some(last)) = (self.tokens.get(first), self.tokens.get(last)) {
            let left = LeftOver {
                span: first.span.to(last.span),
                what,
            };
            if !self.result.remaining.contains(&left) {
                self.result.remaining.push(left);
            }
        }
    }

    /// Every path outside of declarations.
    fn paths(&mut self) {
        let mut declarations = self.scopes.uses.iter().peekable();
        let mut index = 0;
        while index < self.tokens.len() {
            while declarations.next_if(|item| item.end < index).is_some() {}
            if let Some(item) = declarations.peek().filter(|item| item.keyword <= index) {
                index = item.end + 1;
                continue;
            }
            let Some(path) = path_at(self.tokens, index) else {
                index += 1;
                continue;
            };
            let resolved = self.scopes.meaning(self.tokens, &path, self.ground);
            if let Some(resolved) = resolved {
                self.edit_path(&resolved, &path.places);
            }
            index = path.end;
        }
    }

    fn edit_path(&mut self, resolved: &Resolved, places: &[usize]) {
        // How many names of the path the first one that is written stands for.
        let head = match resolved.by {
            By::Crate => 1,
            By::Use(_, covers) => covers,
            By::Glob(_) => resolved.path.len() + 1 - places.len(),
        };
        let renamed = self.renamed_head(resolved, places);
        let known = self
            .absent(&resolved.path)
            .map(|absent| absent.known.path.len());
        let Some(known) = known.filter(|known| *known > head) else {
            if let (By::Glob(item), Some(_)) = (resolved.by, known) {
                self.bring_in(item, resolved, head, places);
            }
            self.result.edits.extend(renamed);
            return;
        };
        let covered = known - head + 1 + resolved.further_front();
        let covered = &places[..covered.min(places.len())];
        let part = Resolved {
            path: resolved.path[..known].to_vec(),
            ..resolved.clone()
        };
        let Some((new, reason)) = self.moved(&part) else {
            self.note_gone(&part, covered[0], covered[covered.len() - 1]);
            self.result.edits.extend(renamed);
            return;
        };
        let new = self.short(resolved, head, covered[0], new);
        self.result
            .edits
            .extend(respelled(self.tokens, covered, &new, &reason));
    }

    /// The first name stays where the new path goes on from what it stands for.
    fn short(
        &self,
        resolved: &Resolved,
        head: usize,
        first: usize,
        new: Vec<String>,
    ) -> Vec<String> {
        let base = Resolved {
            path: resolved.path[..head].to_vec(),
            ..resolved.clone()
        };
        let stays = || {
            let own = base.front();
            own.chain(base.path[1..].iter().cloned()).collect()
        };
        let base = self.moved(&base).map_or_else(stays, |(path, _)| path);
        let By::Use(item, _) = resolved.by else {
            return new;
        };
        let written = self.tokens.text(first);
        let name = self.renamed.get(&(item, written.to_owned()));
        let name = name.map_or(written, String::as_str);
        match new.strip_prefix(base.as_slice()) {
            Some(rest) => std::iter::once(name.to_owned())
                .chain(rest.iter().cloned())
                .collect(),
            None => new,
        }
    }

    /// The edit of a first name that has another one now.
    fn renamed_head(&self, resolved: &Resolved, places: &[usize]) -> Option<crate::edit::Edit> {
        let By::Use(item, _) = resolved.by else {
            return None;
        };
        let written = self.tokens.text(places[0]);
        let name = self.renamed.get(&(item, written.to_owned()))?;
        // A module is named in front of `::` only; a value of that name would be another thing.
        let is_type = written.starts_with(char::is_uppercase);
        let is_module = self.tokens.is_path_separator(places[0] + 1);
        if !is_type && !is_module && !self.is_call(places[0]) {
            return None;
        }
        let reason = format!("`{written}` is `{name}` in line {}", self.ground.to);
        respelled(
            self.tokens,
            &places[..1],
            std::slice::from_ref(name),
            &reason,
        )
    }

    /// What a `*` brought in and does not any more gets a declaration.
    fn bring_in(&mut self, item: usize, resolved: &Resolved, head: usize, places: &[usize]) {
        let name = self.tokens.text(places[0]);
        let is_used = name.starts_with(char::is_uppercase)
            || self.tokens.is_path_separator(places[0] + 1)
            || self.tokens.text(places[0] + 1) == "(";
        let base = Resolved {
            path: resolved.path[..head].to_vec(),
            ..resolved.clone()
        };
        // What is below a module that moved as a whole moves with the declaration of the `*`.
        let known = self
            .absent(&base.path)
            .map(|absent| absent.known.path.len());
        if !is_used || known != Some(head) {
            return;
        }
        match self.moved(&base) {
            Some((path, reason)) if path.last().map(String::as_str) == Some(name) => {
                self.more.entry(item).or_default().insert((path, reason));
            }
            Some((path, reason)) if self.is_free(&path, places[0]) => {
                let Some((last, module)) = path.split_last() else {
                    return;
                };
                let edit = respelled(
                    self.tokens,
                    &places[..1],
                    std::slice::from_ref(last),
                    &reason,
                );
                self.result.edits.extend(edit);
                // The `*` brings in what is in its own module.
                let own = base.front().chain(base.path[1..head - 1].iter().cloned());
                if !module.iter().cloned().eq(own) {
                    self.more.entry(item).or_default().insert((path, reason));
                }
            }
            _ => self.note_gone(&base, places[0], places[0]),
        }
    }

    /// Whether nothing else has the last name of a path where a token stands.
    fn is_free(&self, path: &[String], index: usize) -> bool {
        path.last().is_some_and(|name| {
            self.scopes.bound(name, index).is_none() && !self.scopes.is_defined(name)
        })
    }

    fn edit_uses(&mut self, changes: &[Vec<Change>]) {
        for (place, (item, changes)) in self.scopes.uses.iter().zip(changes).enumerate() {
            let more: Vec<_> = self.more.remove(&place).into_iter().flatten().collect();
            let edits = use_edits::edit_item(self.tokens, self.text, item, changes, &more);
            self.result.edits.extend(edits);
        }
    }
}

#[cfg(test)]
mod tests;
