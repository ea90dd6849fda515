//! Where an xtask takes this library from.

use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};

use super::text;
use crate::error::{Error, Result};
use crate::workspace::{Manifest, relative_to};
use crate::world::World;

/// Where an xtask takes this library from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A requirement on the registry's releases.
    Version(String),
    /// A git repository, at a revision or at its default branch.
    Git {
        /// Its address.
        url: String,
        /// A commit or a tag.
        rev: Option<String>,
    },
    /// A folder, absolute.
    Path(Utf8PathBuf),
}

impl Default for Source {
    /// The releases that go with this one.
    fn default() -> Self {
        Self::Version(env!("CARGO_PKG_VERSION").to_owned())
    }
}

impl FromStr for Source {
    type Err = String;

    /// `version:1.2`, `git:URL`, `git:URL@REV` or `path:DIR`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong =
            || "not `version:REQUIREMENT`, `git:URL`, `git:URL@REV` or `path:FOLDER`".to_owned();
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        if rest.is_empty() || rest.chars().any(char::is_control) {
            return Err(wrong());
        }
        match kind {
            "version" => match semver::VersionReq::parse(rest) {
                Ok(_) => Ok(Self::Version(rest.to_owned())),
                Err(error) => Err(format!("`{rest}` is no requirement: {error}")),
            },
            "git" => Ok(git(rest)),
            "path" => Ok(Self::Path(rest.into())),
            _ => Err(wrong()),
        }
    }
}

/// `git@host:owner/name` has an `@` of its own: a revision holds neither `:` nor ends an address.
fn git(text: &str) -> Source {
    let (url, rev) = match text.rsplit_once('@') {
        Some((url, rev)) if !rev.contains(':') && url.contains(['/', ':']) && !rev.is_empty() => {
            (url, Some(rev.to_owned()))
        }
        _ => (text, None),
    };
    Source::Git {
        url: url.to_owned(),
        rev,
    }
}

impl Source {
    /// Makes sure that a folder holds this library: otherwise cargo would say so much later.
    ///
    /// # Errors
    /// A folder without it.
    pub(super) fn verify(&self, world: &dyn World) -> Result<()> {
        let Self::Path(folder) = self else {
            return Ok(());
        };
        let path = folder.join("Cargo.toml");
        let package = match text::read(world, &path)? {
            Some(text) => Manifest::parse(path, text)?.package,
            None => None,
        };
        if package.as_deref() == Some(env!("CARGO_PKG_NAME")) {
            return Ok(());
        }
        Err(Error::usage(
            format!(
                "--source path:{folder}: there is no {} in it",
                env!("CARGO_PKG_NAME")
            ),
            "name the folder of its checkout",
        ))
    }

    /// The value of the dependency in the manifest of an xtask in `folder`.
    pub(super) fn value(&self, folder: &Utf8Path, repository: Option<&Utf8Path>) -> String {
        let quoted = |text: &str| toml_edit::Value::from(text).to_string();
        match self {
            Self::Version(requirement) => quoted(requirement),
            Self::Git { url, rev: None } => format!("{{ git = {} }}", quoted(url)),
            Self::Git {
                url,
                rev: Some(rev),
            } => format!("{{ git = {}, rev = {} }}", quoted(url), quoted(rev)),
            Self::Path(path) => {
                let inside = repository.is_some_and(|top| path.starts_with(top));
                let path = match inside {
                    true => relative_to(folder, path),
                    false => path.as_str().replace('\\', "/"),
                };
                format!("{{ path = {} }}", quoted(&path))
            }
        }
    }

    /// What a person should know about it.
    pub(super) fn note(&self, repository: Option<&Utf8Path>) -> Option<String> {
        match self {
            Self::Path(path) if !repository.is_some_and(|top| path.starts_with(top)) => {
                Some(format!(
                    "the xtask takes {} from {path}, which is on this machine alone: for CI and for \
                     others name a repository or a release (`--source git:URL@REV`, `--source \
                     version:{}`)",
                    env!("CARGO_PKG_NAME"),
                    env!("CARGO_PKG_VERSION")
                ))
            }
            Self::Git { rev: None, url } => Some(format!(
                "the xtask follows the default branch of {url}: `xtask/Cargo.lock` says which commit \
                 it is at"
            )),
            _ => None,
        }
    }

    /// The arguments with which `cargo install` gets the program.
    pub(super) fn install_arguments(&self) -> String {
        let name = env!("CARGO_PKG_NAME");
        match self {
            Self::Version(requirement) => format!("{name} --version '{requirement}'"),
            Self::Git { url, rev: None } => format!("--git {url} {name}"),
            Self::Git {
                url,
                rev: Some(rev),
            } => format!("--git {url} --rev {rev} {name}"),
            Self::Path(path) => format!("--path {path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_written() {
        for (text, value) in [
            ("version:0.1", "\"0.1\""),
            ("git:https://x/y", "{ git = \"https://x/y\" }"),
            (
                "git:https://x/y@v1",
                "{ git = \"https://x/y\", rev = \"v1\" }",
            ),
            ("git:git@x:y/z.git", "{ git = \"git@x:y/z.git\" }"),
            (
                "git:git@x:y/z.git@abc",
                "{ git = \"git@x:y/z.git\", rev = \"abc\" }",
            ),
            ("path:/w/tools/up", "{ path = \"../tools/up\" }"),
            ("path:/else/up", "{ path = \"/else/up\" }"),
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!(
                source.value("/w/xtask".into(), Some("/w".into())),
                value,
                "{text}"
            );
        }
        for text in ["0.1", "version:?", "git:", "svn:x"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }
}
