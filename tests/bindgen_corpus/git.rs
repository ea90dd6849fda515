//! What the corpus holds, asked of git. Nothing is checked out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::version::Line;

/// Every git directory below a folder, three folders deep at most.
pub(crate) fn git_directories(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = todo.pop() {
        if folder.join("HEAD").is_file() && folder.join("objects").is_dir() {
            found.push(folder);
        } else if folder.join(".git").exists() {
            found.push(folder.join(".git"));
        } else if depth < 3 {
            let entries = std::fs::read_dir(&folder).unwrap();
            let paths = entries.map(|entry| entry.unwrap().path());
            todo.extend(
                paths
                    .filter(|path| path.is_dir())
                    .map(|path| (path, depth + 1)),
            );
        }
    }
    found.sort();
    found
}

pub(crate) fn git(directory: &Path, args: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(args)
        .output()
        .unwrap();
    // `git grep` that finds nothing ends with 1 and says nothing.
    let nothing = output.status.code() == Some(1) && output.stderr.is_empty();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() || nothing,
        "{}: git {args:?}: {said}",
        directory.display()
    );
    output.stdout
}

/// The commits to read: the newest, and the releases of the macro itself with their lines.
pub(crate) fn commits(directory: &Path) -> Vec<(String, Option<u64>)> {
    let mut found = vec![("HEAD".to_owned(), None)];
    let listed = git(directory, &["ls-tree", "HEAD", super::PARSER]);
    if listed.is_empty() {
        return found;
    }
    let tags = String::from_utf8(git(directory, &["tag", "--list", "v*"])).unwrap();
    let tags: BTreeSet<&str> = tags.lines().collect();
    let releases = &Knowledge::embedded().releases;
    let mut of_line = BTreeMap::<u64, Vec<String>>::new();
    for release in releases
        .iter()
        .filter(|release| !release.version.is_prerelease())
    {
        let tag = format!("v{}", release.version);
        if tags.contains(tag.as_str()) {
            of_line
                .entry(release.version.line().0)
                .or_default()
                .push(tag);
        }
    }
    for (line, tags) in of_line {
        let lasting = releases.line(Line(line)).is_some_and(|line| line.lts);
        let last = tags.last().filter(|last| lasting && **last != tags[0]);
        for tag in tags.first().into_iter().chain(last) {
            found.push((tag.clone(), Some(line)));
        }
    }
    found
}

/// The texts of blobs, by what git calls them.
pub(crate) fn read_blobs(directory: &Path, oids: &[&String]) -> Vec<(String, String)> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut found = Vec::new();
    for oid in oids {
        writeln!(input, "{oid}").unwrap();
        let mut head = String::new();
        output.read_line(&mut head).unwrap();
        let size = head.trim_end().rsplit(' ').next().unwrap();
        let size: usize = size
            .parse()
            .unwrap_or_else(|_| panic!("{}: {head}", directory.display()));
        let mut bytes = vec![0; size + 1];
        output.read_exact(&mut bytes).unwrap();
        bytes.pop();
        let text = String::from_utf8(bytes).unwrap_or_else(|_| panic!("{oid} is not UTF-8"));
        found.push(((*oid).clone(), text));
    }
    drop(input);
    child.wait().unwrap();
    found
}
