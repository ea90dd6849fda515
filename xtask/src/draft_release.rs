//! `cargo xtask draft-release`: what a release changed, read from its sources, as entries for the
//! knowledge base that a person finishes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::version::{FamilyVersion, Line};

use crate::new_migration;

mod api;
mod cfg;
mod change;
mod compare;
mod draft;
mod known;
mod macros;
mod notes;
mod options;
mod print;
mod public;
mod resolve;
mod rules;
mod shape;
mod source;
mod tables;
#[cfg(test)]
mod tests;
mod tree;

use draft::{Draft, Drafting};
use known::Known;

/// The crate that carries the notes of a release.
const NOTES: &str = "wasmtime-cli";

/// Which releases are compared, and where the drafts go.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask draft-release 48.0.0 --dry-run          what it would draft, and what is known already
  cargo xtask draft-release 48.0.8 --from 47.0.4 --into drafts
  cargo xtask draft-release 51.0.0 --into drafts      a new release: from the newest of the line before")]
pub struct DraftRelease {
    /// The release, as 48.0.0
    #[arg(value_name = "VERSION")]
    version: FamilyVersion,
    /// The release to compare with [default: the newest of the line before that is known here]
    #[arg(long, value_name = "VERSION")]
    from: Option<FamilyVersion>,
    /// The folder for the drafts, laid out as `knowledge/` is
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    into: Option<PathBuf>,
    /// Print what would be drafted, and write nothing
    #[arg(short = 'n', long, conflicts_with = "into")]
    dry_run: bool,
    /// Also what the knowledge base has already
    #[arg(long)]
    all: bool,
    /// Run cargo without network: only what it has already
    #[arg(long)]
    offline: bool,
}

/// Everything that a run found.
pub struct Found {
    /// The release before, and the release.
    releases: [FamilyVersion; 2],
    /// Entries that are begun.
    drafts: Vec<Draft>,
    /// Rows for tables.
    rows: Vec<tables::Row>,
    /// Notes without a draft: of parts that embedders do not name, of what is faster or new.
    aside: Vec<String>,
    /// How many public items the old release shows, how many are new.
    items: (usize, usize),
    /// What could not be looked into.
    unread: Vec<String>,
    /// The entries of the line, and those that no draft is about.
    recall: (usize, Vec<String>),
}

/// Reads, compares, drafts.
pub fn run(args: &DraftRelease) -> ExitCode {
    let found = find(args).and_then(|found| match &args.into {
        Some(folder) => write(&found, folder, args.all).map(|()| found),
        None => Ok(found),
    });
    match found {
        Ok(found) => {
            print::report(&found, args.all, args.dry_run);
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(3)
        }
    }
}

fn find(args: &DraftRelease) -> Result<Found, String> {
    let knowledge = Knowledge::embedded();
    let line = args.version.line();
    let before = line.0.checked_sub(1).map(Line);
    let newest = before.and_then(|line| new_migration::newest(knowledge, line));
    let from = args.from.clone().or(newest);
    let from = from.ok_or_else(|| {
        format!("no release of the line before {line} is known here: name one with --from")
    })?;
    if from >= args.version {
        return Err(format!("{from} is not older than {}", args.version));
    }
    let crates = source::compared(knowledge);
    let wanted: Vec<String> = crates.iter().cloned().chain([NOTES.to_owned()]).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let scratch = root.unwrap_or(Path::new(".")).join("target/draft-release");
    let mut sources = Vec::new();
    for release in [&from, &args.version] {
        eprintln!("    Fetching {release}");
        sources.push(source::fetch(&wanted, release, &scratch, args.offline)?);
    }
    eprintln!("   Comparing {from} with {}", args.version);
    compared(
        knowledge,
        &crates,
        [from, args.version.clone()],
        [&sources[0], &sources[1]],
    )
}

/// Compares the sources of two releases with each other, and with what is known.
fn compared(
    knowledge: &Knowledge,
    crates: &[String],
    releases: [FamilyVersion; 2],
    sources: [&source::Sources; 2],
) -> Result<Found, String> {
    let ours = |name: &str| knowledge.family.get(name).is_some();
    // A crate that ended is one row of a table, not as many drafts as it had items.
    let stays = |name: &&String| sources.iter().all(|one| one.crates.contains_key(*name));
    let present: Vec<String> = crates.iter().filter(stays).cloned().collect();
    let apis =
        sources.map(|sources| api::read(&tree::Forest::read(sources, &present, ours), &present));
    let comparison = compare::compare(&apis[0], &apis[1]);
    let [from, to] = &releases;
    let mut known = Known::of(knowledge, to.line())?;
    let text = sources[1]
        .crates
        .get(NOTES)
        .map(|found| found.folder().join("RELEASES.md"));
    let text = text
        .and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_default();
    let notes = notes::between(&text, from, to);
    let mut left = notes.clone();
    let drafting = Drafting {
        from,
        to,
        since: FamilyVersion::new(to.line().0, 0),
        notes: &notes,
    };
    let mut drafts = drafting.of_changes(&comparison.changes, &mut known, &mut left);
    let gone = |note: &notes::Note| {
        let crates = sources[1]
            .missing
            .iter()
            .filter(|name| !sources[0].missing.contains(name));
        crates
            .into_iter()
            .any(|name| note.text.contains(name.as_str()))
    };
    let (wanted, aside): (Vec<_>, Vec<_>) = left.into_iter().partition(|note| {
        let changes = note.under != notes::Under::Added && !note.is_aside() && !note.is_gain();
        let in_tables = note.text.contains("requires Rust") || gone(note);
        note.advisory().is_some() || ((changes || note.turns_on()) && !in_tables)
    });
    drafts.extend(wanted.iter().map(|note| drafting.of_note(note, &mut known)));
    let pair = tables::Pair {
        old: (from, sources[0]),
        new: (to, sources[1]),
    };
    let mut rows = pair.crates(knowledge);
    if let (Some(old), Some(new)) = (macro_of(sources[0]), macro_of(sources[1])) {
        rows.extend(pair.options(knowledge, &options::read(old)?, &options::read(new)?));
    }
    rows.extend(pair.features(knowledge));
    rows.extend(pair.release(knowledge, notes::date(&text, to).as_deref()));
    let (all, missed) = known.recall();
    let [_, new] = apis;
    Ok(Found {
        aside: aside.into_iter().map(|note| note.text).collect(),
        items: (comparison.looked_at, comparison.added.len()),
        unread: new.unread,
        recall: (all, missed.into_iter().cloned().collect()),
        drafts,
        rows,
        releases,
    })
}

/// The folder of the crate that has `bindgen!`.
fn macro_of(sources: &source::Sources) -> Option<&Path> {
    let names = [
        "wasmtime-internal-component-macro",
        "wasmtime-component-macro",
    ];
    let found = names.iter().find_map(|name| sources.crates.get(*name))?;
    Some(found.folder())
}

/// Writes the drafts that are not known, and the rows for tables; never over what is there.
fn write(found: &Found, folder: &Path, all: bool) -> Result<(), String> {
    let failed = |path: &Path, error: &std::io::Error| format!("{}: {error}", path.display());
    let wanted = found
        .drafts
        .iter()
        .filter(|draft| all || draft.known.is_empty());
    let mut files: Vec<(PathBuf, String)> = wanted
        .map(|draft| (folder.join(&draft.path), draft.text.clone()))
        .collect();
    let rows = print::rows(&found.rows, all);
    if !rows.is_empty() {
        files.push((folder.join("tables.md"), rows));
    }
    let there = files.iter().find(|(path, _)| path.exists());
    if let Some((path, _)) = there {
        return Err(format!(
            "{} is there already: name another folder",
            path.display()
        ));
    }
    for (path, text) in files {
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
        std::fs::write(&path, text).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}
