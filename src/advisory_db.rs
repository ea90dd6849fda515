//! A RustSec advisory database, from a folder: what it says about crates of the family, so that a
//! database that is newer than this program adds to it.
//!
//! Each advisory is a Markdown file `crates/<crate>/RUSTSEC-<year>-<number>.md` that begins with a
//! block of TOML. That block is all that is read: nobody here has looked at the condition under
//! which a project is exposed, so whether it is stays open.

use camino::{Utf8Path, Utf8PathBuf};
use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::knowledge::{Entry, Family};
use crate::span::{ByteOffset, Position};
use crate::world::World;

mod advisory;
mod cvss;
mod ranges;

use advisory::Failure;

/// What a database says about the family.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its folder.
    pub path: Utf8PathBuf,
    /// The day of its newest advisory, about whatever crate.
    pub date: Date,
    /// Its advisories about crates of the family, those that were withdrawn left out.
    pub entries: Vec<Entry>,
}

impl Database {
    /// Reads a database.
    ///
    /// # Errors
    /// A folder that holds no such database, a file that can't be read, and with its line an
    /// advisory about a crate of the family that can't be understood.
    pub fn read(world: &dyn World, path: &Utf8Path, family: &Family) -> Result<Self> {
        let crates = path.join("crates");
        let none = |why: String| {
            Error::usage(
                format!("{path} is no advisory database: {why}"),
                "give the folder of a checkout of RustSec's advisory-db, which has a folder `crates`",
            )
        };
        let names = world
            .list(&crates)
            .map_err(|error| none(format!("can't list {crates}: {error}")))?;
        let mut newest: Option<(String, Utf8PathBuf)> = None;
        let mut entries = Vec::new();
        let mut date = Date::MIN;
        for name in names {
            let folder = crates.join(&name);
            let files = world.list(&folder).unwrap_or_default();
            for file in files.iter().filter(|file| is_advisory(file)) {
                let place = folder.join(file);
                if let Some(member) = family.get(&name) {
                    let read = advisory::read(&text(world, &place)?, member)
                        .map_err(|failure| malformed(world, &place, failure))?;
                    date = date.max(read.date);
                    entries.extend(read.entry);
                }
                // Ids are given out in the order of time.
                if newest.as_ref().is_none_or(|(newest, _)| newest < file) {
                    newest = Some((file.clone(), place));
                }
            }
        }
        let (_, newest) = newest.ok_or_else(|| none(format!("no advisory is below {crates}")))?;
        // Of a crate that is none of ours; whatever it says, it does not stop us.
        let of_newest = text(world, &newest).ok();
        let of_newest = of_newest.as_deref().and_then(advisory::date);
        Ok(Self {
            path: path.to_owned(),
            date: date.max(of_newest.unwrap_or(Date::MIN)),
            entries,
        })
    }
}

fn is_advisory(file: &str) -> bool {
    file.starts_with("RUSTSEC-") && file.ends_with(".md") && !file.starts_with("RUSTSEC-0000")
}

fn text(world: &dyn World, path: &Utf8Path) -> Result<String> {
    let bytes = world
        .read(path)
        .map_err(|error| Error::io("read", path, error))?;
    // Positions stay right: only line ends change.
    Ok(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
}

fn malformed(world: &dyn World, path: &Utf8Path, failure: Failure) -> Error {
    let text = text(world, path).unwrap_or_default();
    Error::Malformed {
        path: path.to_owned(),
        position: Position::of(&text, ByteOffset(failure.offset)),
        message: failure.message,
        help: "restore the file, or update the checkout of the database".to_owned(),
    }
}

#[cfg(test)]
mod tests;
