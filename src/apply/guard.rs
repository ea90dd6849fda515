//! What has to be true before a file may be changed: it can be got back, and it may be written.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::place::{self, Place};
use crate::error::{Error, Result};
use crate::world::{Command, World};

/// How long git may take for some hundred paths.
const GIT_LIMIT: Duration = Duration::from_secs(120);

/// Longest list of paths for one git process, in bytes. Windows takes 32 KiB a command line.
const GIT_ARGUMENTS: usize = 16 * 1024;

/// What marks the root of a tree under version control that is not git's. What changed in it can't
/// be asked, as in `cargo fix`.
const OTHER_VCS: [(&str, &str); 6] = [
    (".jj", "Jujutsu"),
    (".hg", "Mercurial"),
    (".svn", "Subversion"),
    (".pijul", "Pijul"),
    (".fslckout", "Fossil"),
    ("_FOSSIL_", "Fossil"),
];

/// Which of the guards are off. They are those of `cargo fix`, except that they look only at the
/// files that will be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuardOptions {
    /// Change files that have uncommitted changes, staged ones included (`--allow-dirty`).
    pub allow_dirty: bool,
    /// Change files whose uncommitted changes are all staged (`--allow-staged`).
    pub allow_staged: bool,
    /// Change files that are under no version control (`--allow-no-vcs`).
    pub allow_no_vcs: bool,
}

/// Checks that these files may be changed. Returns what the user should know about them.
///
/// # Errors
/// [`Error::Usage`] that names the files and the way out, or [`Error::Process`] when git fails.
pub(super) fn check(
    world: &dyn World,
    root: &Utf8Path,
    places: &[Place],
    options: GuardOptions,
) -> Result<Vec<String>> {
    let mut notes = check_files(world, root, places)?;
    check_version_control(world, root, places, options, &mut notes)?;
    Ok(notes)
}

/// Permissions and hard links.
fn check_files(world: &dyn World, root: &Utf8Path, places: &[Place]) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let mut read_only = Vec::new();
    for place in places {
        let path = &place.absolute;
        let read_error = |source| Error::io("read", path, source);
        if world.kind(path).map_err(read_error)?.is_none() {
            continue;
        }
        if !world.writable(path).map_err(read_error)? {
            read_only.push(place.relative.as_str());
        }
        let names = world.status(path).map_err(read_error)?.names;
        if names > 1 {
            notes.push(format!(
                "{} is one of {names} hard links to a file; the other names keep the old content",
                place::shown(root, path)
            ));
        }
    }
    if read_only.is_empty() {
        return Ok(notes);
    }
    Err(Error::usage(
        format!("read-only, so nothing is changed:{}", bullets(&read_only)),
        "make them writable (`chmod u+w`), or leave them out, and run again",
    ))
}

/// Which repository each file belongs to: a workspace can reach into submodules.
fn check_version_control(
    world: &dyn World,
    root: &Utf8Path,
    places: &[Place],
    options: GuardOptions,
    notes: &mut Vec<String>,
) -> Result<()> {
    let mut by_repository: BTreeMap<Utf8PathBuf, Vec<&Place>> = BTreeMap::new();
    let mut without = Vec::new();
    let mut reason = "no version control was found";
    for place in places {
        match repository(world, &place.absolute) {
            Some(Repository::Git(top)) => by_repository.entry(top).or_default().push(place),
            Some(Repository::Other(name)) => {
                let note = format!("under {name}: uncommitted changes were not looked for");
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            None => without.push(place),
        }
    }
    let mut dirty = Vec::new();
    let mut staged = Vec::new();
    for (top, places) in &by_repository {
        if options.allow_dirty {
            // Whatever git would say is allowed, so it need not even be installed.
            break;
        }
        match git_status(world, top, places)? {
            Some(statuses) => {
                for status in statuses {
                    let path = place::from_relative(top, &status.path);
                    let name = place::shown(root, &path).to_string();
                    match status.judge() {
                        Judgement::Generated => notes.push(format!(
                            "{name} is neither committed nor ignored; cargo makes it, so it is \
                             changed all the same"
                        )),
                        Judgement::Staged => staged.push(name),
                        Judgement::Dirty => dirty.push(name),
                    }
                }
            }
            None => {
                reason = "git is not installed, so nobody can say what is committed";
                without.extend(places);
            }
        }
    }
    if !without.is_empty() && !options.allow_no_vcs {
        return Err(no_vcs(reason, &without));
    }
    judge(dirty, staged, options)
}

fn no_vcs(reason: &str, without: &[&Place]) -> Error {
    let names: Vec<&str> = without
        .iter()
        .map(|place| place.relative.as_str())
        .collect();
    Error::usage(
        format!(
            "{reason} for these files, and they would be changed:{}",
            bullets(&names)
        ),
        "put them under version control, or pass `--allow-no-vcs`: the journal can undo the \
         upgrade, and nothing else",
    )
}

fn judge(dirty: Vec<String>, staged: Vec<String>, options: GuardOptions) -> Result<()> {
    let staged = if options.allow_staged {
        Vec::new()
    } else {
        staged
    };
    if options.allow_dirty || (dirty.is_empty() && staged.is_empty()) {
        return Ok(());
    }
    let help = if dirty.is_empty() {
        "commit them, or pass `--allow-staged`"
    } else {
        "commit or stash them, or pass `--allow-dirty`"
    };
    let names: Vec<String> = dirty
        .into_iter()
        .map(|name| format!("{name} (dirty)"))
        .chain(staged.into_iter().map(|name| format!("{name} (staged)")))
        .collect();
    Err(Error::usage(
        format!(
            "uncommitted changes in files that would be changed:{}",
            bullets(&names)
        ),
        help,
    ))
}

/// One line for each.
fn bullets(names: &[impl AsRef<str>]) -> String {
    names
        .iter()
        .map(|name| format!("\n  * {}", name.as_ref()))
        .collect()
}

/// What a file is under.
enum Repository {
    /// Git, and its topmost folder.
    Git(Utf8PathBuf),
    /// Something else, by name.
    Other(&'static str),
}

/// The innermost repository around `path`.
fn repository(world: &dyn World, path: &Utf8Path) -> Option<Repository> {
    let exists = |path: Utf8PathBuf| matches!(world.kind(&path), Ok(Some(_)));
    path.ancestors().skip(1).find_map(|folder| {
        // A folder in the main tree, a file in a submodule or a linked one.
        if exists(folder.join(".git")) {
            return Some(Repository::Git(folder.to_owned()));
        }
        OTHER_VCS
            .iter()
            .find(|(mark, _)| exists(folder.join(mark)))
            .map(|(_, name)| Repository::Other(name))
    })
}

/// What `git status` says about one file that is not as it was committed.
#[derive(Debug, PartialEq, Eq)]
struct Status {
    /// Against the last commit.
    index: char,
    /// Against the index.
    tree: char,
    /// From the top of the repository.
    path: String,
}

enum Judgement {
    /// An untracked lockfile, which cargo can always make again.
    Generated,
    Staged,
    Dirty,
}

impl Status {
    fn judge(&self) -> Judgement {
        let name = self.path.rsplit('/').next();
        match (self.index, self.tree) {
            ('?', '?') if name == Some("Cargo.lock") => Judgement::Generated,
            ('M' | 'T' | 'A' | 'D' | 'R' | 'C', ' ') => Judgement::Staged,
            _ => Judgement::Dirty,
        }
    }
}

/// Asks git about these files and no others; none when git is not installed.
fn git_status(world: &dyn World, top: &Utf8Path, places: &[&Place]) -> Result<Option<Vec<Status>>> {
    let mut statuses = Vec::new();
    let mut rest = places;
    while !rest.is_empty() {
        let mut length = 0;
        let fitting = rest.iter().take_while(|place| {
            length += place.absolute.as_str().len() + 3;
            length < GIT_ARGUMENTS
        });
        let (now, later) = rest.split_at(fitting.count().max(1));
        rest = later;
        match run_git(world, top, now)? {
            Some(output) => statuses.extend(parse(&output)),
            None => return Ok(None),
        }
    }
    Ok(Some(statuses))
}

fn run_git(world: &dyn World, top: &Utf8Path, places: &[&Place]) -> Result<Option<String>> {
    let fixed = [
        // We only look: somebody else may be using the repository.
        "--no-optional-locks",
        // A `*` in a name is a star.
        "--literal-pathspecs",
        "status",
        "--porcelain=v1",
        "-z",
        "--untracked-files=all",
        "--",
    ];
    let paths = places
        .iter()
        .map(|place| place::shown(top, &place.absolute).as_str());
    let mut command = Command::new("git", fixed.into_iter().chain(paths), top);
    command.timeout = Some(GIT_LIMIT);
    let failed = |how: String, output: String| Error::Process {
        message: format!("git can't say whether the files are committed: {how}"),
        output,
        help: format!(
            "run `git status` in {top} and mend what it says, or pass `--allow-dirty` to go on \
             without asking git"
        ),
    };
    let output = match world.run(&command, &mut |_| {}) {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string(), String::new())),
    };
    if world.interrupted() {
        return Err(Error::Interrupted);
    }
    if output.success() {
        return Ok(Some(output.stdout));
    }
    let how = match output.code {
        _ if output.timed_out => format!("it took longer than {} s", GIT_LIMIT.as_secs()),
        Some(code) => format!("it ended with {code}"),
        None => "it was killed".to_owned(),
    };
    Err(failed(how, output.stderr))
}

/// Reads `git status --porcelain=v1 -z`: `XY path`, each ended by a NUL; behind a renamed or copied
/// one comes its old path.
fn parse(output: &str) -> Vec<Status> {
    let mut statuses = Vec::new();
    let mut fields = output.split('\0');
    while let Some(field) = fields.next() {
        let mut characters = field.chars();
        let (Some(index), Some(tree), Some(' ')) =
            (characters.next(), characters.next(), characters.next())
        else {
            continue;
        };
        if matches!(index, 'R' | 'C') || matches!(tree, 'R' | 'C') {
            fields.next();
        }
        statuses.push(Status {
            index,
            tree,
            path: characters.as_str().to_owned(),
        });
    }
    statuses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_git_status_is_read_field_by_field() {
        let statuses = parse(" M a b.rs\0R  new.rs\0old.rs\0?? Cargo.lock\0MM c.rs\0");
        let shown: Vec<String> = statuses
            .iter()
            .map(|status| format!("{}{} {}", status.index, status.tree, status.path))
            .collect();
        assert_eq!(
            shown,
            [" M a b.rs", "R  new.rs", "?? Cargo.lock", "MM c.rs"]
        );
    }

    #[test]
    fn staged_means_that_the_working_tree_has_nothing_more() {
        for (line, expected) in [
            ("M  a.rs", "staged"),
            ("A  a.rs", "staged"),
            ("MM a.rs", "dirty"),
            (" M a.rs", "dirty"),
            ("?? a.rs", "dirty"),
            ("UU a.rs", "dirty"),
            ("?? sub/Cargo.lock", "generated"),
            (" M Cargo.lock", "dirty"),
        ] {
            let judged = match parse(line)[0].judge() {
                Judgement::Generated => "generated",
                Judgement::Staged => "staged",
                Judgement::Dirty => "dirty",
            };
            assert_eq!(judged, expected, "{line}");
        }
    }
}
