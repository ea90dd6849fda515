//! Adding to TOML by byte ranges, and making sure that nothing else changed.
//!
//! Each function answers with the whole new text, or not at all where the layout leaves more than one
//! way: the caller then hands a patch to a person.

use camino::Utf8Path;
use toml_edit::{Document, Item, Table};

use super::text::{behind_line, line_end};
use crate::edit::{Edit, EditSet};
use crate::error::{Error, Result};
use crate::span::{ByteOffset, Position, Span};

/// Makes sure that the text is TOML.
///
/// # Errors
/// The place where it is not.
pub(super) fn verify(path: &Utf8Path, text: &str) -> Result<()> {
    let Err(error) = Document::parse(text) else {
        return Ok(());
    };
    let offset = ByteOffset(error.span().map_or(0, |span| span.start));
    Err(Error::Malformed {
        path: path.to_owned(),
        position: Position::of(text, offset),
        message: format!("no valid TOML: {}", error.message().trim()),
        help: "mend the file, then run again".to_owned(),
    })
}

/// The text with `key = value` in `[table]`, at the end of that table or in a new one at the end.
pub(super) fn with_entry(text: &str, table: &str, key: &str, value: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let newline = line_end(text);
    let (at, line) = match document.as_table().get(table) {
        None => {
            let gap = match text.trim_start_matches('\u{feff}') {
                "" => "",
                _ if text.ends_with("\n\n") || text.ends_with("\r\n\r\n") => "",
                _ => newline,
            };
            (
                text.len(),
                format!("{gap}[{table}]{newline}{key} = {value}"),
            )
        }
        Some(Item::Table(entries)) if entries.is_dotted() => {
            let end = last_entry(entries)?;
            (behind_line(text, end), format!("{table}.{key} = {value}"))
        }
        Some(Item::Table(entries)) if !entries.is_implicit() => match last_entry(entries) {
            Some(end) => {
                let indent = indent_of_line(text, end);
                (behind_line(text, end), format!("{indent}{key} = {value}"))
            }
            None => {
                let header = entries.span()?.start;
                (behind_line(text, header), format!("{key} = {value}"))
            }
        },
        Some(_) => return None,
    };
    let begins_line = at == 0 || text[..at].ends_with('\n') || &text[..at] == "\u{feff}";
    let before = if begins_line { "" } else { newline };
    let after = inserted(text, &[(at, format!("{before}{line}{newline}"))])?;
    adds_only(text, &after, table, |entries| entries.remove(key).is_some()).then_some(after)
}

/// The text with one more string in the list `key` of `[table]`, in the layout of the list.
pub(super) fn with_item(text: &str, table: &str, key: &str, item: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let entries = document.as_table().get(table)?.as_table()?;
    let quoted = toml_edit::Value::from(item).to_string();
    let Some(list) = entries.get(key) else {
        return with_entry(text, table, key, &format!("[{quoted}]"));
    };
    let list = list.as_array()?;
    let brackets = list.span()?;
    let Some(last) = list.iter().last().and_then(toml_edit::Value::span) else {
        let after = inserted(text, &[(brackets.start + 1, quoted)])?;
        return adds_only(text, &after, table, takes_back(key, item)).then_some(after);
    };
    let line = text[..last.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let indent = &text[line..last.start];
    let next = behind_line(text, last.end);
    let after = match indent.trim().is_empty() && line > 0 && next < brackets.end {
        // On a line of its own, behind the comment of the one before.
        true => {
            let rest = &text[last.end..brackets.end];
            let comma = if rest.trim_start().starts_with(',') {
                ""
            } else {
                ","
            };
            let new = format!("{indent}{quoted},{}", line_end(text));
            inserted(text, &[(last.end, comma.to_owned()), (next, new)])?
        }
        false => inserted(text, &[(last.end, format!(", {quoted}"))])?,
    };
    adds_only(text, &after, table, takes_back(key, item)).then_some(after)
}

/// Takes the last item off a list again, if it is this one.
fn takes_back<'t>(key: &'t str, item: &'t str) -> impl Fn(&mut toml::Table) -> bool + 't {
    move |entries| {
        let list = entries.get_mut(key).and_then(toml::Value::as_array_mut);
        list.and_then(Vec::pop)
            .is_some_and(|last| last.as_str() == Some(item))
    }
}

/// Where the last value ends that stands in this table itself, not in one below it.
fn last_entry(table: &Table) -> Option<usize> {
    let ends = table.iter().filter_map(|(_, item)| match item {
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(below) if below.is_dotted() => last_entry(below),
        _ => None,
    });
    ends.max()
}

/// The white space that the line of `at` begins with.
fn indent_of_line(text: &str, at: usize) -> &str {
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text[line..].trim_start_matches('\u{feff}');
    &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
}

fn inserted(text: &str, new: &[(usize, String)]) -> Option<String> {
    let mut edits = EditSet::default();
    for (at, new) in new.iter().filter(|(_, new)| !new.is_empty()) {
        let edit = Edit {
            span: Span::new(*at, *at),
            text: new.clone(),
            reason: "init".to_owned(),
        };
        edits.add(edit).ok()?;
    }
    Some(edits.apply(text))
}

/// Whether the two texts say the same once `take_back` has undone what was added to `[table]`.
fn adds_only(
    before: &str,
    after: &str,
    table: &str,
    take_back: impl Fn(&mut toml::Table) -> bool,
) -> bool {
    let read = |text: &str| text.trim_start_matches('\u{feff}').parse::<toml::Table>();
    let (Ok(before), Ok(mut after)) = (read(before), read(after)) else {
        return false;
    };
    let Some(entries) = after.get_mut(table).and_then(toml::Value::as_table_mut) else {
        return false;
    };
    if !take_back(entries) {
        return false;
    }
    if entries.is_empty() && !before.contains_key(table) {
        after.remove(table);
    }
    before == after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_to_the_end_of_its_table() {
        for (before, after) in [
            ("", "[alias]\nx = 1\n"),
            ("[build]\nj = 1", "[build]\nj = 1\n\n[alias]\nx = 1\n"),
            ("[build]\nj = 1\n", "[build]\nj = 1\n\n[alias]\nx = 1\n"),
            (
                "[build]\r\nj = 1\r\n",
                "[build]\r\nj = 1\r\n\r\n[alias]\r\nx = 1\r\n",
            ),
            (
                "\u{feff}# c\n[alias] # mine\n  b = [\n 1, # one\n] # list\n\n# of net\n[net]\nz = 1\n",
                "\u{feff}# c\n[alias] # mine\n  b = [\n 1, # one\n] # list\nx = 1\n\n# of net\n[net]\nz = 1\n",
            ),
            (
                "[alias]\n\n[net]\nz = 1\n",
                "[alias]\nx = 1\n\n[net]\nz = 1\n",
            ),
            ("[alias]", "[alias]\nx = 1\n"),
            ("alias.b = 2\nz = 1\n", "alias.b = 2\nalias.x = 1\nz = 1\n"),
            ("[alias]\n\tb = 2\n", "[alias]\n\tb = 2\n\tx = 1\n"),
        ] {
            assert_eq!(
                with_entry(before, "alias", "x", "1").as_deref(),
                Some(after),
                "{before}"
            );
        }
    }

    #[test]
    fn where_it_is_not_certain_there_is_no_answer() {
        for text in [
            "alias = { b = 1 }\n",
            "[alias.b]\nc = 1\n",
            "alias = 1\n",
            "[[alias]]\n",
        ] {
            assert_eq!(with_entry(text, "alias", "x", "1"), None, "{text}");
        }
        // A key that is there.
        assert_eq!(with_entry("[alias]\nx = 2\n", "alias", "x", "1"), None);
    }

    #[test]
    fn an_item_comes_behind_the_others_in_their_layout() {
        for (before, after) in [
            ("exclude = [\"a\"]", "exclude = [\"a\", \"x\"]"),
            ("exclude = []", "exclude = [\"x\"]"),
            (
                "exclude = [\n  \"a\", # why\n]",
                "exclude = [\n  \"a\", # why\n  \"x\",\n]",
            ),
            (
                "exclude = [\n\t'a' # why\n\t# end\n]",
                "exclude = [\n\t'a', # why\n\t\"x\",\n\t# end\n]",
            ),
            (
                "exclude = [\n  \"a\", \"b\" ]",
                "exclude = [\n  \"a\", \"b\", \"x\" ]",
            ),
            (
                "members = [\"*\"] # all",
                "members = [\"*\"] # all\nexclude = [\"x\"]",
            ),
        ] {
            let file = |list: &str| format!("[workspace]\n{list}\n");
            for end in ["\n", "\r\n"] {
                let file = |list: &str| file(list).replace('\n', end);
                let edited = with_item(&file(before), "workspace", "exclude", "x");
                assert_eq!(edited, Some(file(after)), "{before}");
            }
        }
    }
}
