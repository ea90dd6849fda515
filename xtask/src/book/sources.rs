//! The Markdown that mdbook reads: what is written by hand, copied, and what is generated.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use wasmtime_upgrade::knowledge::Knowledge;

use super::pages::Page;
use super::{entries, root, tables};

/// The page that the book opens with: the README, under the name that mdbook gives to it anyway.
const FIRST: &str = "index.md";

/// The sources of the book: path in it, text.
pub type Sources = BTreeMap<String, String>;

/// Writes the sources below `folder`, in place of those of an earlier run; gives the number of pages.
pub fn write(folder: &Path) -> Result<usize, String> {
    let sources = all()?;
    let into = folder.join("src");
    let failed = |path: &Path, error: &std::io::Error| format!("{}: {error}", path.display());
    if into.exists() {
        // Pages of entries that are gone must not stay.
        std::fs::remove_dir_all(&into).map_err(|error| failed(&into, &error))?;
    }
    for (path, text) in &sources {
        let path = into.join(path);
        let parent = path.parent().unwrap_or(&into);
        std::fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
        std::fs::write(&path, text).map_err(|error| failed(&path, &error))?;
    }
    for name in ["book.toml", "book.css"] {
        let (from, to) = (root().join("docs").join(name), folder.join(name));
        std::fs::copy(&from, &to).map_err(|error| failed(&from, &error))?;
    }
    let pages = sources.keys().filter(|path| path.ends_with(".md")).count();
    // The list at the side is none.
    Ok(pages - 1)
}

/// Everything that the book is made of.
pub fn all() -> Result<Sources, String> {
    let mut sources = written()?;
    let knowledge = Knowledge::embedded();
    let mut pages = entries::chapters(knowledge);
    pages.push(tables::options(knowledge)?);
    pages.push(tables::releases(knowledge));
    let summary = sources.remove("SUMMARY.md").unwrap_or_default();
    let names = sources.keys().cloned().collect();
    let summary = with_strays(&held("SUMMARY.md", &summary, &names), &sources);
    let mut list = format!("{}\n\n# The knowledge base\n\n", summary.trim_end());
    for page in &pages {
        listed(page, 0, &mut list);
    }
    sources.insert("SUMMARY.md".to_owned(), list);
    pages.into_iter().for_each(|page| add(page, &mut sources));
    let names: BTreeSet<String> = sources.keys().cloned().collect();
    for (path, text) in &mut sources {
        if path.ends_with(".md") {
            *text = held(path, text, &names);
        }
    }
    Ok(sources)
}

/// The pages that are written by hand, and the files that they link to.
fn written() -> Result<Sources, String> {
    let mut sources = Sources::new();
    let docs = root().join("docs");
    let failed = |path: &Path, error: &std::io::Error| format!("{}: {error}", path.display());
    let mut files: Vec<(String, PathBuf)> = vec![
        (FIRST.to_owned(), root().join("README.md")),
        ("CHANGELOG.md".to_owned(), root().join("CHANGELOG.md")),
    ];
    for entry in std::fs::read_dir(&docs)
        .map_err(|error| failed(&docs, &error))?
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") || name.ends_with(".json") {
            files.push((name, entry.path()));
        }
    }
    for (name, path) in files {
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
        sources.insert(name, text);
    }
    Ok(sources)
}

/// The list at the side, with the pages that nobody put there at its end: a page of `docs/` is a page
/// of the book.
fn with_strays(summary: &str, sources: &Sources) -> String {
    let mut text = summary.trim_end().to_owned();
    let strays: Vec<&String> = sources
        .keys()
        .filter(|path| path.ends_with(".md") && !summary.contains(&format!("({path})")))
        .collect();
    for path in strays {
        let heading = sources[path]
            .lines()
            .find_map(|line| line.strip_prefix("# "));
        text.push_str(&format!("\n- [{}]({path})", heading.unwrap_or(path)));
    }
    text
}

fn listed(page: &Page, depth: usize, list: &mut String) {
    let indent = "  ".repeat(depth);
    list.push_str(&format!("{indent}- [{}]({})\n", page.name, page.path));
    page.below
        .iter()
        .for_each(|page| listed(page, depth + 1, list));
}

fn add(page: Page, sources: &mut Sources) {
    sources.insert(page.path, page.text);
    page.below.into_iter().for_each(|page| add(page, sources));
}

/// Links of a page, as they are in the book: `../README.md` and `docs/ci.md` are beside each other there.
/// A link to what the book does not have, a source file say, becomes its text.
fn held(path: &str, text: &str, names: &BTreeSet<String>) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let Some(end) = rest[at..].find(')') else {
            break;
        };
        let target = &rest[at + 2..at + end];
        let open = rest[..at].rfind('[');
        let (file, heading) = target
            .split_once('#')
            .map_or((target, None), |(f, h)| (f, Some(h)));
        let external = target.contains("://") || file.is_empty();
        match (external, open, inside(path, file, names)) {
            (true, ..) | (_, None, _) => kept.push_str(&rest[..=at + end]),
            (_, Some(_), Some(inner)) => {
                kept.push_str(&rest[..at + 2]);
                kept.push_str(&inner);
                if let Some(heading) = heading {
                    kept.push_str(&format!("#{heading}"));
                }
                kept.push(')');
            }
            (_, Some(open), None) => {
                kept.push_str(&rest[..open]);
                kept.push_str(&rest[open + 1..at]);
            }
        }
        rest = &rest[at + end + 1..];
    }
    kept.push_str(rest);
    kept
}

/// The address of a page of the book, from a page, if it is one.
fn inside(path: &str, file: &str, names: &BTreeSet<String>) -> Option<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let as_it_is = match folder {
        "" => file.to_owned(),
        folder => format!("{folder}/{file}"),
    };
    if names.contains(&as_it_is) {
        return Some(file.to_owned());
    }
    let plain = match file.trim_start_matches("../").trim_start_matches("docs/") {
        "README.md" => FIRST,
        plain => plain,
    };
    names.contains(plain).then(|| plain.to_owned())
}
