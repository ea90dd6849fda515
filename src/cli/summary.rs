//! The summary of a job on GitHub: a Markdown file that every step may add to.

use camino::Utf8Path;

use super::output::Session;
use crate::error::{Error, Result};

/// The variable that names the file.
const VARIABLE: &str = "GITHUB_STEP_SUMMARY";

/// Adds to the summary of the job that we run in, if we do.
///
/// # Errors
/// When the file can't be read or written.
pub(super) fn add(session: &Session<'_>, markdown: &str) -> Result<()> {
    let world = session.world;
    let Some(path) = world.env(VARIABLE).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = Utf8Path::new(&path);
    let mut content = match world.kind(path) {
        Ok(None) => Vec::new(),
        _ => world
            .read(path)
            .map_err(|error| Error::io("read", path, error))?,
    };
    if !content.is_empty() && !content.ends_with(b"\n") {
        content.push(b'\n');
    }
    content.extend_from_slice(markdown.as_bytes());
    world
        .write(path, &content)
        .map_err(|error| Error::io("write", path, error))
}
