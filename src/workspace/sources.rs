//! The Rust files of packages: whose each one is, and its text.

use std::collections::{HashMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::members::ByFolder;
use super::paths::relative_to;
use super::{LARGEST_SOURCE, NotLookedAt, Project, Source};
use crate::knowledge::family::Family;
use crate::parallel;
use crate::world::World;

/// Where the package of a folder is: the places of its workspace and of its manifest there.
pub(super) type Homes = HashMap<Utf8PathBuf, (usize, usize)>;

/// A file and where it belongs.
struct Placed {
    path: Utf8PathBuf,
    workspace: usize,
    manifest: usize,
    /// The folder of a package in between that nobody asks about.
    other_package: Option<Utf8PathBuf>,
}

/// Reads the sources of all workspaces that use the family. `others` are the manifests that are of none of
/// them.
pub(super) fn read(
    world: &dyn World,
    family: &Family,
    project: &mut Project,
    homes: &Homes,
    others: &ByFolder,
    paths: Vec<Utf8PathBuf>,
) {
    let of_interest: Vec<bool> = project
        .workspaces
        .iter()
        .map(|workspace| workspace.mentions(family))
        .collect();
    let placed: Vec<Placed> = paths
        .into_iter()
        .filter_map(|path| placed(path, homes, others))
        .filter(|placed| of_interest[placed.workspace])
        .collect();
    let texts = parallel::map(&placed, |placed| text_of(world, &placed.path));
    let brought_in = brought_in(&placed, &texts);
    for (placed, text) in placed.into_iter().zip(texts) {
        let is_own = |folder| brought_in.contains(folder);
        if !placed.other_package.as_ref().is_none_or(is_own) {
            continue;
        }
        let workspace = &mut project.workspaces[placed.workspace];
        match text {
            Ok(text) => workspace.sources.push(Source {
                path: placed.path,
                manifest: placed.manifest,
                text,
            }),
            Err(reason) => workspace.unread.push((
                placed.manifest,
                NotLookedAt {
                    path: relative_to(&project.root, &placed.path),
                    reason,
                },
            )),
        }
    }
}

fn placed(path: Utf8PathBuf, homes: &Homes, others: &ByFolder) -> Option<Placed> {
    let mut other_package = None;
    for folder in path.ancestors().skip(1) {
        if let Some(&(workspace, manifest)) = homes.get(folder) {
            return Some(Placed {
                path,
                workspace,
                manifest,
                other_package,
            });
        }
        if other_package.is_none() && others.has(folder) {
            other_package = Some(folder.to_owned());
        }
    }
    None
}

/// What stands in front of the name of a file that is taken in.
const INCLUDES: [&str; 3] = ["#[path", "#[cfg_attr", "include!"];

/// How far behind such words the name may stand, in bytes.
const FURTHEST: usize = 400;

/// Whether a source may take in the file at `path`, by `#[path = ".."]` or `include!`; told from the text
/// alone: the two paths end alike, as far as the one that is written goes down.
pub(crate) fn includes_file(text: &str, path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let end_of_literal = format!("{name}\"");
    let is_written = |behind: &str| {
        let mut ends = behind.match_indices(&end_of_literal);
        ends.any(|(at, _)| {
            let start = behind[..at].rfind('"').map_or(at, |quote| quote + 1);
            let written = &behind[start..at + name.len()];
            // Where a way up leads to is not known from the text.
            let down = written.rsplit("../").next().unwrap_or(written);
            path.ends_with(down.trim_start_matches(['.', '/']))
        })
    };
    INCLUDES.iter().any(|words| {
        text.match_indices(words).any(|(start, _)| {
            let behind = &text[start..];
            let end = behind.find(';').unwrap_or(behind.len()).min(FURTHEST);
            let end = (0..=end).rev().find(|at| behind.is_char_boundary(*at));
            is_written(&behind[..end.unwrap_or_default()])
        })
    })
}

/// The folders of packages that nobody asks about, and from which a source that is asked about takes files
/// all the same: the name of one stands in a source with `#[path = \"..\"]` or `include!`.
fn brought_in(placed: &[Placed], texts: &[Result<String, String>]) -> HashSet<Utf8PathBuf> {
    let others = || {
        placed
            .iter()
            .filter(|placed| placed.other_package.is_some())
    };
    if others().next().is_none() {
        return HashSet::new();
    }
    let own = placed.iter().zip(texts);
    let own = own.filter(|(placed, _)| placed.other_package.is_none());
    let including: Vec<&str> = own
        .filter_map(|(_, text)| text.as_deref().ok())
        .filter(|text| INCLUDES.iter().any(|words| text.contains(words)))
        .collect();
    let is_named = |path: &Utf8Path| including.iter().any(|text| includes_file(text, path));
    others()
        .filter(|placed| is_named(&placed.path))
        .filter_map(|placed| placed.other_package.clone())
        .collect()
}

/// The text of a source, or why it can't be had. That is no error: one bad file must not blind the
/// gate for all others.
fn text_of(world: &dyn World, path: &Utf8Path) -> std::result::Result<String, String> {
    let cannot = |error| format!("can't be read: {error}");
    let bytes = world
        .read_up_to(path, LARGEST_SOURCE)
        .map_err(cannot)?
        .map_err(|size| {
            format!(
                "{} MiB, over the limit of {} MiB for a source",
                size / 1024 / 1024,
                LARGEST_SOURCE / 1024 / 1024
            )
        })?;
    String::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::includes_file;

    #[test]
    fn a_file_is_taken_in_by_its_path() {
        for (text, takes) in [
            ("#[path = \"../a/x.rs\"]\nmod x;", true),
            ("#[path=\"x.rs\"] mod x;", true),
            ("#[path = \"../b/../a/x.rs\"]\nmod x;", true),
            ("#[path = \"./a/x.rs\"]\nmod x;", true),
            ("#[cfg_attr(unix, path = \"x.rs\")]\nmod x;", true),
            ("include!(\"x.rs\");", true),
            ("include!(concat!(env!(\"DIR\"), \"/a/x.rs\"));", true),
            ("#[path = \"../b/x.rs\"]\nmod x;", false),
            (
                "#[path = \"y.rs\"]\nmod y;\nconst A: &str = \"x.rs\";",
                false,
            ),
            ("#[path = \"yx.rs\"]\nmod y;", false),
            ("#[path = \"x.rs.txt\"]\nmod y;", false),
            ("let files = [\"x.rs\"];", false),
        ] {
            assert_eq!(includes_file(text, "/w/a/x.rs".into()), takes, "{text}");
        }
    }
}
