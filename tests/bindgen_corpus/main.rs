//! Every `bindgen!` in many repositories, read, counted and held against what releases take.
//!
//! `BINDGEN_CORPUS` names a folder with git directories (bare ones too, up to three folders deep):
//! `BINDGEN_CORPUS=../mirrors cargo test --test bindgen_corpus -- --nocapture`. Of each the newest
//! commit is read; of one that holds the macro itself also the tags of the first release of every line
//! and of the last one that has a tag in the lines of long support. Nothing is checked out.
//!
//! Two counts are made that know nothing of each other: what [`find`] reads, and every place where the
//! text has `bindgen!`. Each of the latter must be one of the former or be none for a reason that is
//! counted.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod git;
mod places;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use wasmtime_upgrade::bindgen::{Invocation, examples, find, rewrite};
use wasmtime_upgrade::edit::EditSet;
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::tokens::Tokens;
use wasmtime_upgrade::version::Line;

use git::{commits, git, git_directories, read_blobs};
use places::why_not;

const VARIABLE: &str = "BINDGEN_CORPUS";

/// The lines that the corpus is held against.
const LINES: std::ops::RangeInclusive<u64> = 22..=50;

/// The macro's own parser, in a repository that holds it.
const PARSER: &str = "crates/component-macro/src/bindgen.rs";

#[test]
fn every_invocation_of_the_corpus_is_read() {
    let Some(folder) = std::env::var_os(VARIABLE) else {
        support::outside::skipped(
            "every_invocation_of_the_corpus_is_read",
            &format!("{VARIABLE} names no folder with git directories"),
        );
        return;
    };
    let mut corpus = Corpus::default();
    let directories = git_directories(Path::new(&folder));
    assert!(
        !directories.is_empty(),
        "no git directory below {}",
        folder.display()
    );
    for directory in &directories {
        corpus.repository(directory);
    }
    eprintln!("{}", corpus.figures());
    assert!(corpus.figure("read") > 0, "nothing was read");
    assert!(corpus.wrong.is_empty(), "{}", corpus.wrong.join("\n"));
}

/// A file of the corpus; the same one in several tags is read once.
struct File {
    path: String,
    text: String,
    /// The lines that it is a part of Wasmtime in.
    of_lines: BTreeSet<u64>,
    /// How many of the commits have it.
    commits: usize,
}

#[derive(Default)]
struct Corpus {
    /// What was counted, by its name.
    figures: BTreeMap<String, usize>,
    /// What must not be.
    wrong: Vec<String>,
}

impl Corpus {
    fn count(&mut self, what: impl Into<String>) {
        *self.figures.entry(what.into()).or_default() += 1;
    }

    fn figure(&self, what: &str) -> usize {
        self.figures.get(what).copied().unwrap_or_default()
    }

    fn figures(&self) -> String {
        let mut text = String::new();
        for (what, count) in &self.figures {
            let _ = writeln!(text, "{count:7}  {what}");
        }
        text
    }

    fn repository(&mut self, directory: &Path) {
        self.count("repositories");
        let mut files = BTreeMap::<String, File>::new();
        for (commit, line) in commits(directory) {
            self.count("commits");
            if let Some(line) = line {
                self.parser(directory, &commit, line);
            }
            self.files_of(directory, &commit, line, &mut files);
        }
        let shown = directory.display().to_string();
        let oids: Vec<&String> = files.keys().collect();
        let texts = read_blobs(directory, &oids);
        for (oid, text) in texts {
            files.get_mut(&oid).unwrap().text = text;
        }
        for file in files.values() {
            self.count("files with the word, each text once");
            self.file(&shown, file);
        }
    }

    /// The options that the macro's own parser has words for are those that our table has.
    fn parser(&mut self, directory: &Path, commit: &str, line: u64) {
        self.count("parsers of releases held against the table of options");
        let text = git(directory, &["show", &format!("{commit}:{PARSER}")]);
        let text = String::from_utf8(text).unwrap();
        for option in Knowledge::embedded().grammar.options() {
            // The parser looks at these words alone where an option may begin.
            let is_keyword = match option.name.as_str() {
                "async" => text.contains("Opt::Async("),
                name => text.contains(&format!("l.peek(kw::{name})")),
            };
            // Flags of rules are words too.
            let is_flag = matches!(option.name.as_str(), "tracing" | "verbose_tracing");
            let is_option = is_keyword && !(is_flag && text.contains("kw::imports"));
            let known = Knowledge::embedded()
                .grammar
                .accepts(&option.name, Line(line));
            if is_option != known {
                self.wrong.push(format!(
                    "{commit}: {}: {is_option}, not {known}",
                    option.name
                ));
            }
        }
    }

    /// The files of a commit that have the word. That is what `git` says, not what we look for.
    fn files_of(
        &mut self,
        directory: &Path,
        commit: &str,
        line: Option<u64>,
        files: &mut BTreeMap<String, File>,
    ) {
        let listed = git(
            directory,
            &["grep", "-I", "-l", "-z", "-F", "-e", "bindgen", commit],
        );
        let listed = String::from_utf8(listed).unwrap();
        let with_word: BTreeSet<&str> = listed
            .split_terminator('\0')
            .filter_map(|entry| entry.split_once(':').map(|(_, path)| path))
            .collect();
        let tree = String::from_utf8(git(directory, &["ls-tree", "-r", "-z", commit])).unwrap();
        for entry in tree.split_terminator('\0') {
            let (meta, path) = entry.split_once('\t').unwrap();
            if !with_word.contains(path) || !meta.contains(" blob ") {
                continue;
            }
            self.count("files with the word, of all commits");
            let oid = meta.rsplit(' ').next().unwrap();
            let file = files.entry(oid.to_owned()).or_insert_with(|| File {
                path: path.to_owned(),
                text: String::new(),
                of_lines: BTreeSet::new(),
                commits: 0,
            });
            file.of_lines.extend(line);
            file.commits += 1;
        }
    }

    fn file(&mut self, repository: &str, file: &File) {
        let place = format!("{repository} {}", file.path);
        let tokens = match file.path.ends_with(".rs") {
            true => Tokens::read(&file.text).map(Some),
            false => Ok(None),
        };
        let tokens = tokens.unwrap_or_else(|failure| {
            self.wrong.push(format!("{place}: {failure:?}"));
            None
        });
        let code = tokens
            .as_ref()
            .map(|tokens| self.invocations("code", tokens));
        let (part, examples) = match (&tokens, file.path.rsplit_once('.')) {
            (Some(tokens), _) => ("doc comments", examples::in_rust(&file.text, tokens)),
            (None, Some((_, "md" | "markdown" | "mdx"))) => {
                ("Markdown", examples::in_markdown(&file.text))
            }
            _ => ("", Vec::new()),
        };
        let mut shown = Vec::new();
        for example in examples {
            shown.extend(self.example(&place, part, &example));
        }
        let code = code.unwrap_or_default();
        code.iter()
            .for_each(|it| self.invocation(&place, file, it, true));
        shown
            .iter()
            .for_each(|it| self.invocation(&place, file, it, false));
        let found: Vec<&Invocation> = code.iter().chain(&shown).collect();
        let of_all = self.figures.entry("read, of all commits".to_owned());
        *of_all.or_default() += found.len() * file.commits;
        self.account(&place, file, &found, tokens.as_ref());
    }

    fn invocations(&mut self, part: &str, tokens: &Tokens<'_>) -> Vec<Invocation> {
        let crates = BTreeSet::from(["wasmtime".to_owned()]);
        let found = find(tokens, &crates);
        for _ in &found {
            self.count("read");
            self.count(format!("read in {part}"));
        }
        found
    }

    fn example(&mut self, place: &str, part: &str, example: &str) -> Vec<Invocation> {
        if !example.contains("bindgen") {
            return Vec::new();
        }
        // Examples of the macro's own documentation stub it so that nothing is generated.
        let stub = "macro_rules! bindgen";
        let example = example.replace(stub, &stub.replace("rules", "calls"));
        match Tokens::read(&example) {
            Ok(tokens) => self.invocations(part, &tokens),
            Err(failure) => {
                self.wrong.push(format!("{place}: an example: {failure:?}"));
                Vec::new()
            }
        }
    }

    /// One invocation: all of it is understood, its own line takes it, and it moves to any other line.
    ///
    /// Documentation may show what no release takes: options that exclude each other beside each other,
    /// or one that has gone. That is counted.
    fn invocation(&mut self, place: &str, file: &File, invocation: &Invocation, is_code: bool) {
        let grammar = &Knowledge::embedded().grammar;
        let shown = || format!("{place}: {}", invocation.span.text(&file.text));
        if invocation.templated {
            self.count("of those: in the body of a macro, decided elsewhere");
        } else if let Some(reason) = invocation.unread.as_ref().or(invocation.wit.as_ref().err()) {
            if is_code || !reason.contains("does not go with") {
                self.wrong.push(format!("{}: {reason}", shown()));
            } else {
                self.count(
                    "of those: options side by side that exclude each other, in documentation",
                );
            }
        }
        for option in &invocation.options {
            self.count(format!("option {}", option.name));
            if grammar.option(&option.name).is_none() {
                self.wrong
                    .push(format!("{}: unknown option {}", shown(), option.name));
            }
            for line in &file.of_lines {
                if grammar.accepts(&option.name, Line(*line)) {
                    continue;
                }
                let what = format!("an option that line {line} refuses: {}", option.name);
                if is_code {
                    self.wrong.push(format!("{}: {what}", shown()));
                } else {
                    self.count(format!("documentation shows {what}"));
                }
            }
        }
        for line in LINES {
            let made = rewrite::rewrite(invocation, &file.text, Line(line), grammar, None);
            let same = made.edits.is_empty() && made.remaining.is_empty();
            if file.of_lines.contains(&line) {
                self.count("rewritten for the line that they are of");
                if !same && is_code {
                    self.wrong.push(format!("{line} {}: {made:?}", shown()));
                } else if !same {
                    self.count("of those: in documentation, with something that the line refuses");
                }
            }
            self.count(match (made.remaining.is_empty(), same) {
                (_, true) => "moved to a line: nothing to do",
                (true, false) => "moved to a line: rewritten",
                (false, false) => "moved to a line: something left to a person (no WIT here)",
            });
            let mut edits = EditSet::default();
            for edit in made.edits {
                if let Err(clash) = edits.add(edit) {
                    self.wrong.push(format!("{line} {}: {clash}", shown()));
                }
            }
        }
    }

    /// Every place of the text that has the macro's name with its `!`, and what it is.
    fn account(
        &mut self,
        place: &str,
        file: &File,
        found: &[&Invocation],
        tokens: Option<&Tokens<'_>>,
    ) {
        let text = &file.text;
        let ends: BTreeSet<usize> = found.iter().map(|it| it.path_span.end.0).collect();
        let mut seen = 0;
        for (offset, _) in text.match_indices("bindgen!") {
            self.count("places with `bindgen!`");
            let end = offset + "bindgen".len();
            if ends.contains(&end) {
                seen += 1;
                self.count("places: read");
                continue;
            }
            match why_not(text, offset, tokens, &file.path) {
                Some(reason) => self.count(format!("places: {reason}")),
                None => {
                    let line = text[..offset].lines().count();
                    let shown = text[offset..].lines().next().unwrap_or_default();
                    self.wrong
                        .push(format!("{place}:{line}: `{shown}` was passed over"));
                }
            }
        }
        for _ in seen..found.len() {
            self.count("read under another name");
        }
    }
}
