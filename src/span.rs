//! Places in a text: byte offsets, byte ranges, and the line and column that a person reads.

use serde::Serialize;

/// A distance from the start of a file, in bytes. Never in characters: every edit is a byte range
/// on the original text, a byte-order mark included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ByteOffset(pub usize);

/// A half-open byte range `[start, end)` of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte of the range.
    pub start: ByteOffset,
    /// First byte behind the range.
    pub end: ByteOffset,
}

impl Span {
    /// The range `[start, end)`, both in bytes.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span ends before it starts: {start}..{end}");
        Self {
            start: ByteOffset(start),
            end: ByteOffset(end),
        }
    }

    /// The same range as the standard library writes it, for slicing.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start.0..self.end.0
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.0 - self.start.0
    }

    /// Whether the range holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The text that the range covers; empty when the range does not lie in `text`.
    #[must_use]
    pub fn text(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// The smallest range that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A place as editors show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line number, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// Where `offset` lies in `text`. An offset behind the end, or inside a character, counts as
    /// the last place before it.
    #[must_use]
    pub fn of(text: &str, offset: ByteOffset) -> Self {
        let mut end = offset.0.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |newline| newline + 1);
        // A byte-order mark takes no column on the screen.
        let visible = before[line_start..].trim_start_matches('\u{feff}');
        Self {
            line: memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1,
            column: visible.chars().count() + 1,
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_newlines() {
        let text = "\u{feff}ä = 1\r\nb = \"ü\"\r\n";
        assert_eq!(Position::of(text, ByteOffset(3)).to_string(), "1:1");
        let b = text.find("\"ü").unwrap();
        assert_eq!(Position::of(text, ByteOffset(b)).to_string(), "2:5");
        assert_eq!(Position::of(text, ByteOffset(999)).line, 3);
    }

    #[test]
    fn an_offset_inside_a_character_is_rounded_down() {
        assert_eq!(Position::of("é", ByteOffset(1)).to_string(), "1:1");
    }
}
