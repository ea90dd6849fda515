//! Editing `use` declarations: paths in a tree that are elsewhere.

mod outgoing;

use outgoing::{Outgoing, grouped};

use super::segments::respelled;
use super::use_tree::{UseItem, UseKind, UseTree};
use super::whole::whole_item;
use crate::edit::Edit;
use crate::span::{ByteOffset, Span};
use crate::tokens::Tokens;

/// What becomes of one leaf of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Its path as the tree spells it.
    pub(super) old: Vec<String>,
    /// Its path afterwards; the old one when it stays, none when it goes.
    pub(super) new: Option<Vec<String>>,
    /// The name to keep for it, where the last name of its path changes.
    pub(super) keep_name: Option<String>,
    /// Why.
    pub(super) reason: String,
}

impl Change {
    fn moves(&self) -> bool {
        self.new.as_ref() != Some(&self.old)
    }
}

/// Whether a part of a tree goes on where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Stays,
    Leaves,
}

struct Editor<'a, 't> {
    tokens: &'a Tokens<'t>,
    text: &'t str,
    edits: Vec<Edit>,
    outgoing: Vec<Outgoing>,
}

/// What becomes of something that a declaration brings in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Goes,
    /// It has another name in the same module.
    Becomes(&'static str),
}

/// Does with every path of a declaration what `fate` says.
fn change_leaves(
    tokens: &Tokens<'_>,
    text: &str,
    item: &UseItem,
    reason: &str,
    fate: &dyn Fn(&[&str]) -> Fate,
) -> Vec<Edit> {
    let leaves = item.tree.leaves(tokens, &[]);
    let changes = leaves.into_iter().map(|leaf| {
        let old: Vec<String> = leaf.path.iter().map(|name| (*name).to_owned()).collect();
        let fate = leaf.name.map_or(Fate::Stays, |_| fate(&leaf.path));
        let new = match (fate, old.split_last()) {
            (Fate::Goes, _) => None,
            (Fate::Becomes(name), Some((_, module))) => {
                Some(module.iter().cloned().chain([name.to_owned()]).collect())
            }
            _ => Some(old.clone()),
        };
        Change {
            old,
            new,
            keep_name: None,
            reason: reason.to_owned(),
        }
    });
    edit_item(tokens, text, item, &Vec::from_iter(changes), &[])
}

/// The same for several declarations. Of two that go, one behind the other, both would take what is between
/// them along.
pub(super) fn change_all(
    tokens: &Tokens<'_>,
    text: &str,
    items: &[UseItem],
    reason: &str,
    fate: impl Fn(&UseItem, &[&str]) -> Fate,
) -> Vec<Edit> {
    let edits = items.iter().flat_map(|item| {
        change_leaves(tokens, text, item, reason, &|path: &[&str]| {
            fate(item, path)
        })
    });
    let mut edits = Vec::from_iter(edits);
    crate::order::sort_by_key(&mut edits, |edit| edit.span.start);
    let mut taken = 0;
    for edit in &mut edits {
        let ByteOffset(end) = edit.span.end;
        if edit.text.is_empty() && (edit.span.start.0 + 1..=end).contains(&taken) {
            // The one before took the end of its line along, or all in front of the next, and so does
            // this one.
            let behind = text.get(end..).unwrap_or_default();
            let newline = behind.strip_prefix("\r\n").or(behind.strip_prefix('\n'));
            let rest = match text.get(..taken).is_some_and(|it| it.ends_with('\n')) {
                true => newline.unwrap_or(behind),
                false => behind.trim_start(),
            };
            edit.span = Span::new(taken, text.len() - rest.len());
        }
        taken = edit.span.end.0;
    }
    edits
}

/// The edits of one declaration, `changes` in the order of its leaves. `more` are further paths that
/// are to be brought in beside it.
pub(super) fn edit_item(
    tokens: &Tokens<'_>,
    text: &str,
    item: &UseItem,
    changes: &[Change],
    more: &[(Vec<String>, String)],
) -> Vec<Edit> {
    let mut editor = Editor {
        tokens,
        text,
        edits: Vec::new(),
        outgoing: Vec::new(),
    };
    let standing = editor.place(&item.tree, &[], changes);
    let more = more.iter().map(|(path, reason)| Outgoing {
        path: path.clone(),
        name: None,
        is_glob: false,
        reason: reason.clone(),
    });
    editor.outgoing.extend(more);
    let reason = changes
        .iter()
        .find(|change| change.moves())
        .map(|change| change.reason.as_str());
    editor.bring_out(item, standing, reason.unwrap_or_default());
    editor.edits
}

impl Editor<'_, '_> {
    /// Edits what can stay below the path `above`.
    fn place(&mut self, tree: &UseTree, above: &[String], changes: &[Change]) -> Standing {
        if !changes.iter().any(Change::moves) {
            return Standing::Stays;
        }
        match &tree.kind {
            UseKind::Group { open, close, items } => {
                if self.move_prefix(tree, above, changes) {
                    return Standing::Stays;
                }
                let mut own = above.to_vec();
                own.extend(tree.names(self.tokens).into_iter().map(str::to_owned));
                self.place_items(*open, *close, items, &own, changes)
            }
            UseKind::Leaf { alias } => self.place_leaf(tree, above, &changes[0], *alias),
            UseKind::Glob => self.place_leaf(tree, above, &changes[0], None),
        }
    }

    /// Where all leaves of a group go to the same place, only the names in front of it change.
    fn move_prefix(&mut self, tree: &UseTree, above: &[String], changes: &[Change]) -> bool {
        let depth = above.len() + tree.prefix.len();
        let first = &changes[0];
        let rest = first.old.len().saturating_sub(depth);
        let Some(goes_to) = &first.new else {
            return false;
        };
        let Some(length) = goes_to.len().checked_sub(rest) else {
            return false;
        };
        let prefix = &goes_to[..length];
        let together = changes.iter().all(|change| {
            let (rest, new) = (
                change.old.get(depth..),
                change.new.as_deref().unwrap_or_default(),
            );
            new.get(..length) == Some(prefix) && new.get(length..) == rest
        });
        if !together || length <= above.len() || !prefix.starts_with(above) {
            return false;
        }
        let new = &prefix[above.len()..];
        self.edits
            .extend(respelled(self.tokens, &tree.prefix, new, &first.reason));
        self.keep_names_of_self(tree, changes);
        true
    }

    /// `preview1::{self}` brings in the module by its name: a name that is to be kept stands behind
    /// the `self`.
    fn keep_names_of_self(&mut self, tree: &UseTree, changes: &[Change]) {
        let UseKind::Group { items, .. } = &tree.kind else {
            return;
        };
        let mut place = 0;
        for item in items {
            let count = item.leaves(self.tokens, &[]).len();
            if let (1, UseKind::Leaf { alias: None }) = (count, &item.kind) {
                self.keep_name(item, &changes[place]);
            }
            place += count;
        }
    }

    fn keep_name(&mut self, leaf: &UseTree, change: &Change) {
        let end = leaf.prefix.last().and_then(|index| self.tokens.get(*index));
        if let (Some(name), Some(end)) = (&change.keep_name, end) {
            let at = end.span.end.0;
            self.edits.push(Edit {
                span: Span::new(at, at),
                text: format!(" as {name}"),
                reason: change.reason.clone(),
            });
        }
    }

    fn place_leaf(
        &mut self,
        tree: &UseTree,
        above: &[String],
        change: &Change,
        alias: Option<usize>,
    ) -> Standing {
        let Some(goes_to) = &change.new else {
            return Standing::Leaves;
        };
        let is_self = tree.names(self.tokens).last() == Some(&"self");
        let below = goes_to
            .strip_prefix(above)
            .filter(|rest| !rest.is_empty() && !is_self);
        let Some(new) = below else {
            let name = alias.map(|alias| self.tokens.text(alias).to_owned());
            self.outgoing.push(Outgoing {
                path: goes_to.clone(),
                name: name.or_else(|| change.keep_name.clone()),
                is_glob: tree.kind == UseKind::Glob,
                reason: change.reason.clone(),
            });
            return Standing::Leaves;
        };
        let edit = respelled(self.tokens, &tree.prefix, new, &change.reason);
        let kept = change.keep_name.as_ref().filter(|_| alias.is_none());
        match (edit, kept) {
            // One edit for both: two at the same place would clash.
            (Some(edit), Some(name)) => {
                let end = self.end_of(tree.range.end - 1);
                let start = edit.span.start;
                let rest = self.text.get(edit.span.end.0..end.0).unwrap_or_default();
                self.edits.push(Edit {
                    span: Span::new(start.0, end.0),
                    text: format!("{}{rest} as {name}", edit.text),
                    reason: edit.reason,
                });
            }
            (edit, _) => self.edits.extend(edit),
        }
        Standing::Stays
    }

    fn place_items(
        &mut self,
        open: usize,
        close: usize,
        items: &[UseTree],
        own: &[String],
        changes: &[Change],
    ) -> Standing {
        let mut standings = Vec::new();
        let mut place = 0;
        for item in items {
            let count = item.leaves(self.tokens, &[]).len();
            standings.push(self.place(item, own, &changes[place..place + count]));
            place += count;
        }
        let stays = |index: &usize| standings[*index] == Standing::Stays;
        let kept: Vec<usize> = (0..items.len()).filter(stays).collect();
        let reason = changes
            .iter()
            .find(|change| change.moves())
            .map(|change| &change.reason);
        let reason = reason.cloned().unwrap_or_default();
        match kept.as_slice() {
            [] => return Standing::Leaves,
            _ if kept.len() == items.len() => {}
            [only] if self.without_braces(open, close, &items[*only], &reason) => {}
            _ => self.take_out(items, &standings, &reason),
        }
        Standing::Stays
    }

    /// `{a}` is written `a`, unless a comment stands in the braces.
    fn without_braces(&mut self, open: usize, close: usize, only: &UseTree, reason: &str) -> bool {
        if only.names(self.tokens).first() == Some(&"self") {
            return false;
        }
        let in_front = Span::new(self.start_of(open).0, self.start_of(only.range.start).0);
        let behind = Span::new(self.end_of(only.range.end - 1).0, self.end_of(close).0);
        let has_comment = |span: &Span| {
            let text = span.text(self.text);
            text.contains("//") || text.contains("/*")
        };
        if has_comment(&in_front) || has_comment(&behind) {
            return false;
        }
        for span in [in_front, behind] {
            self.edits.push(Edit {
                span,
                text: String::new(),
                reason: reason.to_owned(),
            });
        }
        true
    }

    /// Removes every run of items that leave, up to the next one that stays, or from the last one
    /// that did.
    fn take_out(&mut self, items: &[UseTree], standings: &[Standing], reason: &str) {
        let mut index = 0;
        while index < items.len() {
            if standings[index] == Standing::Stays {
                index += 1;
                continue;
            }
            let run = (index..items.len()).take_while(|i| standings[*i] == Standing::Leaves);
            let end = index + run.count();
            let span = match items.get(end) {
                Some(next) => Span::new(
                    self.start_of(items[index].range.start).0,
                    self.start_of(next.range.start).0,
                ),
                // Up to here something stays in front: a group that loses all leaves whole. A comma
                // behind the last item stays as that of the one before.
                None => Span::new(
                    self.end_of(items[index.saturating_sub(1)].range.end - 1).0,
                    self.end_of(items[end - 1].range.end - 1).0,
                ),
            };
            self.edits.push(Edit {
                span,
                text: String::new(),
                reason: reason.to_owned(),
            });
            index = end;
        }
    }

    /// Writes what left as declarations of its own, behind this one or in its place.
    fn bring_out(&mut self, item: &UseItem, standing: Standing, reason: &str) {
        if self.outgoing.is_empty() {
            if standing == Standing::Leaves {
                self.edits = vec![Edit {
                    span: whole_item(self.tokens, self.text, item.start, item.end),
                    text: String::new(),
                    reason: reason.to_owned(),
                }];
            }
            return;
        }
        let reason = self.outgoing[0].reason.clone();
        let root = if item.is_global { "::" } else { "" };
        let mut paths = grouped(&self.outgoing)
            .into_iter()
            .map(|path| format!("{root}{path}"));
        let first = match standing {
            Standing::Stays => None,
            Standing::Leaves => paths.next(),
        };
        if let Some(first) = first {
            // What was edited inside goes with the whole.
            self.edits.clear();
            let from = self.start_of(item.keyword + 1).0;
            self.edits.push(Edit {
                span: Span::new(from, self.start_of(item.end).0),
                text: first,
                reason: reason.clone(),
            });
        }
        let start = self.start_of(item.start);
        let line_start = self.text[..start.0]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let indent = &self.text[line_start..start.0];
        let indent = if indent.trim().is_empty() { indent } else { "" };
        let newline = if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let head = Span::new(start.0, self.end_of(item.keyword).0).text(self.text);
        let more: String = paths
            .map(|path| format!("{newline}{indent}{head} {path};"))
            .collect();
        if !more.is_empty() {
            let at = self.end_of(item.end).0;
            self.edits.push(Edit {
                span: Span::new(at, at),
                text: more,
                reason,
            });
        }
    }

    fn start_of(&self, index: usize) -> ByteOffset {
        self.tokens
            .get(index)
            .map_or(ByteOffset(self.text.len()), |token| token.span.start)
    }

    fn end_of(&self, index: usize) -> ByteOffset {
        self.tokens
            .get(index)
            .map_or(ByteOffset(self.text.len()), |token| token.span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::tests::edited;
    use crate::migrate::use_tree;

    /// A text without the declarations of what `w` has.
    fn without_w(text: &str) -> String {
        let tokens = Tokens::read(text).unwrap();
        let items = use_tree::find(&tokens);
        let fate = |_: &UseItem, path: &[&str]| match path {
            ["w", ..] => Fate::Goes,
            _ => Fate::Stays,
        };
        edited(text, change_all(&tokens, text, &items, "", fate))
    }

    #[test]
    fn declarations_that_stand_together_can_all_go() {
        assert_eq!(
            without_w("use w::A;\nuse w::B;\nuse w::{C, D};\nuse x::E;\n"),
            "use x::E;\n"
        );
        assert_eq!(
            without_w("use w::A;\nuse w::B;\n\nfn f() {}\n"),
            "\nfn f() {}\n"
        );
        assert_eq!(
            without_w("use x::E;\nuse w::A;\nuse w::{B, C};\n\nfn f() {}\n"),
            "use x::E;\n\nfn f() {}\n"
        );
        assert_eq!(
            without_w("mod m {\n    use w::A;\n    use w::B;\n    use x::E;\n}\n"),
            "mod m {\n    use x::E;\n}\n"
        );
    }
}
