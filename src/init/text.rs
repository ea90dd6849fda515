//! Texts of files: reading, line ends, patches.

use camino::Utf8Path;

use crate::diff;
use crate::error::{Error, Result};
use crate::span::{ByteOffset, Position};
use crate::world::World;

/// The text of a file; none when there is none.
///
/// # Errors
/// A file that can't be read, or is not UTF-8.
pub(super) fn read(world: &dyn World, path: &Utf8Path) -> Result<Option<String>> {
    let bytes = match world.read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        // `.config` or `.github` may be a file.
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(None),
        Err(error) => return Err(Error::io("read", path, error)),
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            Err(Error::Malformed {
                path: path.to_owned(),
                position: Position::of(&String::from_utf8_lossy(good), ByteOffset(usize::MAX)),
                message: "not UTF-8".to_owned(),
                help: "save the file as UTF-8, or leave out what it is for with --without"
                    .to_owned(),
            })
        }
    }
}

/// How lines end in this text: as its first one does.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The byte behind the line that `at` lies in, its line end included.
pub(super) fn behind_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

/// A unified diff; without a text before, one of a new file.
pub(super) fn diff(shown: &str, before: Option<&str>, after: &str) -> String {
    let (old, new) = (format!("a/{shown}"), format!("b/{shown}"));
    let old = before.map_or("/dev/null", |_| old.as_str());
    diff::unified((old, before.unwrap_or_default()), (&new, after))
}
