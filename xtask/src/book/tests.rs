//! The book as a reader has it: links lead somewhere, commands are ones that there are.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Parser as _;
use wasmtime_upgrade::cli::Cli;
use wasmtime_upgrade::knowledge::{Kind, Knowledge};

use super::sources::{Sources, all};
use super::{build, mdbook, root, sources};
use crate::Xtask;

/// The part of a link that leads to a heading, as mdbook and GitHub make it.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = letters.replace(|c: char| !c.is_alphanumeric() && !" -_".contains(c), "");
    kept.replace(' ', "-")
}

/// The lines of a page, each with the language of the block that it stands in.
fn lines(text: &str) -> Vec<(Option<&str>, &str)> {
    let mut fence: Option<(&str, &str)> = None;
    let mut found = Vec::new();
    for line in text.lines() {
        let bare = line.trim_start();
        let ticks = &bare[..bare.len() - bare.trim_start_matches('`').len()];
        match fence {
            Some((open, _)) if ticks.len() >= open.len() => fence = None,
            None if ticks.len() >= 3 => fence = Some((ticks, &bare[ticks.len()..])),
            fence => found.push((fence.map(|(_, language)| language), line)),
        }
    }
    found
}

/// The lines of a page that are no code.
fn prose(text: &str) -> String {
    let lines = lines(text).into_iter();
    let prose = lines.filter(|(language, _)| language.is_none());
    prose.map(|(_, line)| format!("{line}\n")).collect()
}

/// The links of a page that stay in the book: the page, the heading.
fn links(path: &str, sources: &Sources) -> Vec<(String, String)> {
    let text = prose(&sources[path]);
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let inner = targets.filter(|target| !target.contains("://"));
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    inner
        .map(|target| {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = match (file, folder) {
                ("", _) => path.to_owned(),
                (file, "") => file.to_owned(),
                (file, folder) => format!("{folder}/{file}"),
            };
            (file, heading.to_owned())
        })
        .collect()
}

#[test]
fn every_link_leads_to_a_page_and_a_heading_of_it() {
    let sources = all().unwrap();
    let mut seen = 0;
    for path in sources.keys().filter(|path| path.ends_with(".md")) {
        for (file, heading) in links(path, &sources) {
            let target = sources.get(&file);
            let target =
                target.unwrap_or_else(|| panic!("{path} links {file}, which is not there"));
            let text = prose(target);
            let mut headings = text.lines().filter(|line| line.starts_with('#'));
            let there = heading.is_empty() || headings.any(|line| anchor(line) == heading);
            assert!(there, "{path} links {file}#{heading}");
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn every_page_is_in_the_list_at_the_side_once() {
    let sources = all().unwrap();
    let listed: Vec<String> = links("SUMMARY.md", &sources)
        .into_iter()
        .map(|(file, _)| file)
        .collect();
    let pages: BTreeSet<&String> = sources
        .keys()
        .filter(|path| path.ends_with(".md") && *path != "SUMMARY.md")
        .collect();
    assert_eq!(listed.iter().collect::<BTreeSet<_>>(), pages);
    assert_eq!(listed.len(), pages.len(), "a page is listed twice");
}

#[test]
fn every_entry_has_a_page_that_names_it() {
    let sources = all().unwrap();
    let knowledge = Knowledge::embedded();
    for entry in &knowledge.entries {
        let page = sources
            .iter()
            .find(|(path, _)| path.ends_with(&format!("/{}.md", entry.id)));
        let (path, text) = page.unwrap_or_else(|| panic!("no page of {}", entry.id));
        assert!(text.contains(&entry.remedy.replace('|', "\\|")), "{path}");
        assert!(
            text.contains("## Who is exposed\n\n") && !text.contains("exposed\n\n\n"),
            "{path}"
        );
        assert_eq!(
            path.contains("/advisories/"),
            entry.kind == Kind::Advisory,
            "{path}"
        );
    }
    for migration in knowledge.migrations.iter() {
        let text = &sources[&format!("knowledge/migrations/{}.md", migration.id)];
        assert!(text.contains(&migration.before) && text.contains(&migration.after));
    }
}

#[test]
fn what_looks_like_a_tag_is_code() {
    // `Vec<T>` in a sentence would be an element that no browser knows.
    for (path, text) in all().unwrap() {
        let text = prose(&text);
        let outside = text.split('`').step_by(2);
        for part in outside {
            let tag = part
                .split('<')
                .skip(1)
                .find(|rest| rest.starts_with(|c: char| c.is_alphabetic()));
            let tag = tag.filter(|rest| !rest.starts_with("http"));
            assert_eq!(tag, None, "{path}");
        }
    }
}

/// The command lines of a page that are ours: in a `console` block behind `$`, in an `sh` block as they are,
/// up to a comment or what a shell does with the output.
fn commands(text: &str) -> Vec<String> {
    let ours = [
        "wasmtime-upgrade ",
        "cargo xtask ",
        "cargo wasmtime-upgrade ",
    ];
    let mut found = Vec::new();
    for (language, line) in lines(text) {
        let line = match language {
            Some("console") => line.strip_prefix("$ ").unwrap_or(line),
            Some("sh") => line,
            _ => continue,
        };
        if ours.iter().any(|start| line.starts_with(start)) {
            let ends = [" #", " >", " |", " &&", " ||"];
            let end = ends.iter().filter_map(|end| line.find(end)).min();
            found.push(line[..end.unwrap_or(line.len())].to_owned());
        }
    }
    found
}

#[test]
fn commands_have_only_flags_that_there_are() {
    let mut seen = 0;
    let written = all().unwrap();
    for (path, text) in written
        .iter()
        .filter(|(path, _)| !path.starts_with("knowledge/"))
    {
        for command in commands(text) {
            let words = command.replace("<id>", "id").replace(['"', '\''], "");
            let words: Vec<&str> = words.split_whitespace().collect();
            let refused = match words[..] {
                ["cargo", "xtask", ..] => Xtask::try_parse_from(&words[1..]).err(),
                ["cargo", "wasmtime-upgrade", ..] => Cli::try_parse_from(&words[1..]).err(),
                _ => Cli::try_parse_from(&words).err(),
            };
            // `--version` and `--help` end in an answer that clap hands on as an error.
            if let Some(error) = refused.filter(clap::Error::use_stderr) {
                panic!("{path}: {command}\n{error}");
            }
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

/// Every address of a page of the built book, with the headings that it has.
fn ids(html: &str) -> BTreeSet<&str> {
    html.split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn mdbook_makes_pages_whose_links_lead_somewhere() {
    let version = std::process::Command::new(mdbook())
        .arg("--version")
        .output();
    if version.is_err() {
        // Past the capture of the test's output: nobody should take this for a book that was built.
        use std::io::Write as _;
        let said = "SKIPPED mdbook_makes_pages_whose_links_lead_somewhere: no mdbook; `cargo install --locked mdbook`, or set WASMTIME_UPGRADE_MDBOOK\n";
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sources::write(folder.path()).unwrap();
    build(&mdbook(), folder.path(), false).unwrap();
    let html = folder.path().join("html");
    let mut seen = 0;
    for page in pages_below(&html) {
        let text = std::fs::read_to_string(&page).unwrap();
        let main = text
            .split("<main>")
            .nth(1)
            .and_then(|rest| rest.split("</main>").next());
        for link in main.unwrap_or_default().split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap();
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            assert!(target.is_file(), "{} links {link}", page.display());
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                assert!(
                    ids(&text).contains(heading),
                    "{} links {link}",
                    page.display()
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen}");
}

fn pages_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        // The page for printing has all pages in it, each seen from its own folder.
        let is_page = path.extension().is_some_and(|ending| ending == "html")
            && !path.ends_with("print.html");
        match path.is_dir() {
            true => pages.extend(pages_below(&path)),
            false if is_page => pages.push(path),
            false => {}
        }
    }
    pages
}

#[test]
fn links_out_of_the_book_are_plain_words() {
    let sources = all().unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("](xtask/src/main.rs)"));
    assert!(!sources["index.md"].contains("](xtask/src/main.rs)"));
    assert!(
        sources["index.md"].contains("(ci.md)")
            && sources["ci.md"].contains("(index.md#as-an-xtask)")
    );
}
