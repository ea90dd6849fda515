//! One Rust file, read without a compiler: from its text to owned facts.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::exports::ExportCall;
use crate::rust::read::facts::Facts;
use crate::rust::read::items::Reader;
use crate::rust::read::tokens::{Failure, Parsed, lex, outline, row};
use crate::span::{ByteOffset, Position, Span};
use crate::tokens::Tokens;

/// Longer texts are not read: a file of that size is generated data, and its tokens would take
/// hundreds of megabytes.
pub const MAX_SOURCE_BYTES: usize = 4 << 20;

/// A range of bytes in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file, as it was given to [`FileFacts::read`].
    pub path: Utf8PathBuf,
    /// The bytes.
    pub span: Span,
}

/// Why a file could not be read as Rust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParseFailure {
    /// The file, as it was given to [`FileFacts::read`].
    pub path: Utf8PathBuf,
    /// Where reading stopped.
    pub position: Position,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for ParseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            position,
            message,
        } = self;
        write!(f, "{path}:{position} can't be read as Rust: {message}")
    }
}

impl std::error::Error for ParseFailure {}

/// What one source file says about types, stores and calls of exports.
#[derive(Debug)]
pub struct FileFacts {
    path: Utf8PathBuf,
    facts: Facts,
}

impl FileFacts {
    /// Reads a file's text. All spans are byte offsets into `text` as it is here, a byte-order
    /// mark and a `#!` line included.
    ///
    /// Items and types are parsed, and the bodies of functions are searched as tokens. So syntax
    /// that is newer than this program does no harm in a body, nor does a mistake there that
    /// leaves the delimiters balanced.
    ///
    /// # Errors
    /// When the text is longer than [`MAX_SOURCE_BYTES`] or is not Rust.
    pub fn read(path: impl Into<Utf8PathBuf>, text: &str) -> Result<Self, ParseFailure> {
        let facts = within_limit(text).and_then(|()| read_whole(text));
        Self::from_facts(path.into(), text, facts)
    }

    /// Reads which modules a file has, and nothing else. Its tokens are read where they are not known
    /// yet.
    ///
    /// # Errors
    /// As [`FileFacts::read`], as far as it comes upon them.
    pub(crate) fn read_modules(
        path: impl Into<Utf8PathBuf>,
        text: &str,
        tokens: Option<Tokens<'_>>,
    ) -> Result<Self, ParseFailure> {
        let facts = within_limit(text).and_then(|()| read_modules(text, tokens));
        Self::from_facts(path.into(), text, facts)
    }

    /// Whether the items of a text, whose tokens these are, can be read, as far as its modules need it.
    pub(crate) fn has_items(text: &str, tokens: &Tokens<'_>) -> bool {
        text.len() <= MAX_SOURCE_BYTES && Reader::read(text, &outline(text, tokens)).is_ok()
    }

    /// Stands for a file whose items are no matter.
    pub(crate) fn unread(path: impl Into<Utf8PathBuf>) -> Self {
        Self {
            path: path.into(),
            facts: Facts::default(),
        }
    }

    fn from_facts(
        path: Utf8PathBuf,
        text: &str,
        facts: Parsed<Facts>,
    ) -> Result<Self, ParseFailure> {
        match facts {
            Ok(facts) => Ok(Self { path, facts }),
            Err(failure) => Err(ParseFailure {
                path,
                position: Position::of(text, ByteOffset(failure.at)),
                message: failure.message,
            }),
        }
    }

    /// The file, as it was given.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Calls of exports, in the order of the text.
    #[must_use]
    pub fn export_calls(&self) -> &[ExportCall] {
        &self.facts.calls
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }
}

fn within_limit(text: &str) -> Parsed<()> {
    if text.len() > MAX_SOURCE_BYTES {
        return Err(Failure {
            at: 0,
            message: format!(
                "{} bytes are too many to read; the limit is {MAX_SOURCE_BYTES}",
                text.len()
            ),
        });
    }
    Ok(())
}

fn read_whole(text: &str) -> Parsed<Facts> {
    let tokens = row(text, &lex(text)?);
    let mut reader = Reader::read(text, &tokens)?;
    reader.find_mentions();
    reader.facts.fill_homes();
    Ok(reader.facts)
}

fn read_modules(text: &str, tokens: Option<Tokens<'_>>) -> Parsed<Facts> {
    let tokens = tokens.map_or_else(|| lex(text), Ok)?;
    let outline = outline(text, &tokens);
    let mut reader = Reader::read(text, &outline)?;
    reader.facts.fill_homes();
    Ok(reader.facts)
}
