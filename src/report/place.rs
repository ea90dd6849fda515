//! Places for reports that have no annotated snippet of their own: where a place ends, and the text
//! that stands there.

use camino::{Utf8Path, Utf8PathBuf};

use super::CheckReport;
use crate::finding::Location;
use crate::span::{ByteOffset, Position};

/// A longer text than this says nothing that its start does not say. In characters.
const LONGEST: usize = 400;

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The first line, whole, without its line end.
    pub(super) line: String,
    /// What is meant on that line, as a range of bytes of `line`.
    pub(super) marked: std::ops::Range<usize>,
    /// What is meant.
    pub(super) text: String,
    /// The position behind it.
    pub(super) end: Position,
    /// From the start of the file, without a byte-order mark, in characters.
    pub(super) char_offset: usize,
    /// In characters.
    pub(super) char_length: usize,
}

impl Excerpt {
    /// What stands there; none where the file was not read or is another one by now.
    pub(super) fn of(report: &CheckReport, location: &Location) -> Option<Self> {
        Self::cut(report.text_of(&location.path)?, location)
    }

    fn cut(file: &str, location: &Location) -> Option<Self> {
        let before = file.get(..location.start)?;
        let text = file.get(location.start..location.end)?;
        let from = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = file.get(from..)?.lines().next().unwrap_or_default();
        let (line, shift) = match line.strip_prefix('\u{feff}') {
            Some(line) => (line, from + '\u{feff}'.len_utf8()),
            None => (line, from),
        };
        let start = location.start.saturating_sub(shift).min(line.len());
        let end = location.end.saturating_sub(shift).min(line.len());
        // Of a line that is cut, what is meant may lie behind the cut, where only ASCII stands.
        let line = shortened(line);
        Some(Self {
            marked: start.min(line.len())..end.max(start).min(line.len()),
            line,
            text: shortened(text),
            end: Position::of(file, ByteOffset(location.end)),
            char_offset: before.trim_start_matches('\u{feff}').chars().count(),
            char_length: text.chars().count(),
        })
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{} ..", &text[..cut]),
        None => text.to_owned(),
    }
}

/// The nearest folder above both.
pub(super) fn common_folder(one: &Utf8Path, other: &Utf8Path) -> Utf8PathBuf {
    one.ancestors()
        .find(|folder| other.starts_with(folder))
        .unwrap_or_else(|| Utf8Path::new(""))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn cut(file: &str, what: &str) -> Excerpt {
        let start = file.find(what).unwrap();
        let span = Span::new(start, start + what.len());
        Excerpt::cut(file, &Location::new("f".to_owned(), file, span)).unwrap()
    }

    #[test]
    fn characters_and_bytes_are_kept_apart_and_a_mark_is_no_text() {
        let excerpt = cut("\u{feff}# ä\r\nx = \"ö1\"\r\n", "\"ö1\"");
        assert_eq!(excerpt.line, "x = \"ö1\"");
        assert_eq!(&excerpt.line[excerpt.marked.clone()], "\"ö1\"");
        assert_eq!((excerpt.char_offset, excerpt.char_length), (9, 4));
        assert_eq!(excerpt.end.to_string(), "2:9");
        assert_eq!(cut("\u{feff}a = 1", "a").char_offset, 0);
    }

    #[test]
    fn a_place_over_several_lines_is_marked_on_its_first() {
        let excerpt = cut("a {\n  b\n}\n", "{\n  b\n}");
        assert_eq!((excerpt.line.as_str(), excerpt.marked), ("a {", 2..3));
        assert_eq!(excerpt.text, "{\n  b\n}");
        assert_eq!(excerpt.end.to_string(), "3:2");
    }

    #[test]
    fn a_long_line_is_cut() {
        let file = format!("{}x", "ä".repeat(500));
        let excerpt = cut(&file, "x");
        assert_eq!(excerpt.line.chars().count(), LONGEST + 3);
        assert_eq!(excerpt.end.column, 502);
        assert_eq!(&excerpt.line[excerpt.marked], "");
    }

    #[test]
    fn a_common_folder_is_whole_names_only() {
        let common = common_folder("/w/ab/c".into(), "/w/abc/d".into());
        assert_eq!(common, "/w");
    }
}
