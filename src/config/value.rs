//! Values of the policy file, each refused with its place when it is not what its key wants.

use camino::Utf8Path;
use jiff::civil::Date;
use toml_edit::{Item, TableLike};

use crate::error::{Error, Result};
use crate::finding::Level;
use crate::span::{ByteOffset, Position, Span};
use crate::suggest::nearest;
use crate::workspace::Placed;

/// The file that is being read.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a Utf8Path,
    pub(super) text: &'a str,
}

impl File<'_> {
    pub(super) fn malformed(
        self,
        at: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Error {
        Error::Malformed {
            path: self.path.to_owned(),
            position: Position::of(self.text, ByteOffset(at.start.0)),
            message: message.into(),
            help: help.into(),
        }
    }

    /// The entries of a table, none of them under a key that is not in `known`.
    pub(super) fn refuse_unknown_keys(
        self,
        table: &dyn TableLike,
        name: &str,
        known: &[&str],
    ) -> Result<()> {
        for (key, item) in table.iter() {
            if known.contains(&key) {
                continue;
            }
            let place = if name.is_empty() {
                "in a policy".to_owned()
            } else {
                format!("in `{name}`")
            };
            let help = match nearest(key, known.iter().copied()) {
                Some(other) => format!("did you mean `{other}`?"),
                None => format!("known keys: {}", known.join(", ")),
            };
            let at = key_span(table, key, item);
            return Err(self.malformed(at, format!("unknown key `{key}` {place}"), help));
        }
        Ok(())
    }

    pub(super) fn level(self, item: &Item) -> Result<Level> {
        let words = Level::ALL.map(Level::word);
        let found = item.as_str();
        let level = Level::ALL
            .into_iter()
            .find(|level| Some(level.word()) == found);
        level.ok_or_else(|| {
            let help = match found.and_then(|found| nearest(found, words)) {
                Some(word) => format!("did you mean \"{word}\"?"),
                None => "one of \"note\", \"warning\", \"error\"".to_owned(),
            };
            self.malformed(span_of(item), "this is no level", help)
        })
    }

    /// A number of days.
    pub(super) fn days(self, item: &Item, least: u16, most: u16) -> Result<u16> {
        let days = item.as_integer().and_then(|days| u16::try_from(days).ok());
        days.filter(|days| (least..=most).contains(days))
            .ok_or_else(|| {
                self.malformed(
                    span_of(item),
                    "this is no number of days",
                    format!("a whole number from {least} to {most}, without quotes"),
                )
            })
    }

    pub(super) fn boolean(self, item: &Item) -> Result<bool> {
        item.as_bool().ok_or_else(|| {
            self.malformed(
                span_of(item),
                "this is neither true nor false",
                "write true or false, without quotes",
            )
        })
    }

    /// A text that says something.
    pub(super) fn text(self, item: &Item) -> Result<Placed<String>> {
        let span = span_of(item);
        match item.as_str() {
            Some(text) if !text.trim().is_empty() => Ok(Placed {
                value: text.to_owned(),
                span,
            }),
            Some(_) => Err(self.malformed(span, "this is empty", "write what it is for")),
            None => Err(self.malformed(span, "this is no text", "put it between quotes")),
        }
    }

    /// A day: a TOML date without a time, and one that the calendar has.
    pub(super) fn date(self, item: &Item) -> Result<Placed<Date>> {
        let span = span_of(item);
        let help = "a date such as 2026-12-31, without quotes and without a time";
        let refused = |message: &str| Err(self.malformed(span, message, help));
        let Some(datetime) = item.as_datetime() else {
            return refused("this is no date");
        };
        let (Some(date), None, None) = (datetime.date, datetime.time, datetime.offset) else {
            return refused("this is no date alone");
        };
        let parts = (
            i16::try_from(date.year),
            i8::try_from(date.month),
            i8::try_from(date.day),
        );
        match parts {
            (Ok(year), Ok(month), Ok(day)) => match Date::new(year, month, day) {
                Ok(value) => Ok(Placed { value, span }),
                Err(_) => refused("the calendar has no such day"),
            },
            _ => refused("the calendar has no such day"),
        }
    }
}

/// Where a value stands; the start of the file when that is not known.
pub(super) fn span_of(item: &Item) -> Span {
    item.span().unwrap_or_default().into()
}

/// Where a key stands.
pub(super) fn key_span(table: &dyn TableLike, key: &str, item: &Item) -> Span {
    table
        .key(key)
        .and_then(toml_edit::Key::span)
        .map_or_else(|| span_of(item), Into::into)
}
