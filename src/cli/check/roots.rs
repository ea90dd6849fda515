//! Which roots are judged.

use camino::Utf8Path;

use super::here;
use crate::cli::CheckArgs;
use crate::cli::output::Session;
use crate::error::{Error, Result};
use crate::span::{ByteOffset, Position};
use crate::workspace::Scope;

/// The roots of one call.
pub(super) struct Roots {
    /// In the order in which they were named; never empty.
    pub(super) scopes: Vec<Scope>,
    /// Whether the output is that of many roots: a list of one is still a list.
    pub(super) many: bool,
}

impl Roots {
    /// What the arguments name.
    pub(super) fn named_by(session: &Session<'_>, args: &CheckArgs) -> Result<Self> {
        if session.global.manifest_path.is_some() {
            if !args.roots.is_empty() || args.roots_from.is_some() {
                return Err(Error::usage(
                    "--manifest-path means one workspace, and roots were named too",
                    "give either",
                ));
            }
            return Ok(Self::one(Scope::WorkspaceOf(session.manifest_path()?)));
        }
        let mut scopes = Vec::new();
        for root in &args.roots {
            scopes.push(Scope::Tree(session.absolute(root)?));
        }
        if let Some(list) = &args.roots_from {
            listed(session, list, &mut scopes)?;
        }
        if scopes.is_empty() {
            return here(session).map(Self::one);
        }
        Ok(Self {
            many: scopes.len() > 1 || args.roots_from.is_some(),
            scopes,
        })
    }

    fn one(scope: Scope) -> Self {
        Self {
            scopes: vec![scope],
            many: false,
        }
    }
}

/// Adds the roots of a list: one a line, seen from the current folder as if it stood on the command
/// line; empty lines and lines that start with `#` say nothing.
fn listed(session: &Session<'_>, list: &Utf8Path, scopes: &mut Vec<Scope>) -> Result<()> {
    let path = session.absolute(list)?;
    let bytes = session
        .world
        .read(&path)
        .map_err(|error| Error::io("read", &path, error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Error::Malformed {
            path: path.clone(),
            position: Position::of(&String::from_utf8_lossy(good), ByteOffset(usize::MAX)),
            message: "not UTF-8".to_owned(),
            help: "a list of roots is a text with one path a line".to_owned(),
        }
    })?;
    let before = scopes.len();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            scopes.push(Scope::Tree(session.absolute(Utf8Path::new(line))?));
        }
    }
    if scopes.len() == before {
        // A gate must not pass because a list came out empty.
        return Err(Error::usage(
            format!("{path} names no root"),
            "write one folder a line",
        ));
    }
    Ok(())
}
