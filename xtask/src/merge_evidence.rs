//! `cargo xtask merge-evidence`: joins what the parts of a partitioned `prove` brought home.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use wasmtime_upgrade::prove::Evidence;

/// Which folders are joined, and where.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask merge-evidence evidence-1 evidence-2 evidence-3 evidence-4")]
pub struct MergeEvidence {
    /// Folders that `prove --partition` wrote, one a part
    #[arg(value_name = "PART", required = true)]
    parts: Vec<PathBuf>,
    /// The folder that they are joined into, with what is there already
    #[arg(long, value_name = "DIR", default_value = "knowledge/evidence")]
    into: PathBuf,
}

/// Joins them; writes nothing when two parts contradict each other.
pub fn run(args: &MergeEvidence) -> ExitCode {
    match merge(&args.parts, &args.into) {
        Ok(files) => {
            eprintln!("      Joined {files} files, {}", args.into.display());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(3)
        }
    }
}

fn merge(parts: &[PathBuf], into: &Path) -> Result<usize, String> {
    let mut joined: BTreeMap<String, Evidence> = BTreeMap::new();
    for part in parts {
        let names = names(part)?;
        if names.is_empty() {
            return Err(format!("{}: no evidence in it", part.display()));
        }
        for name in names {
            let found = read(&part.join(&name))?;
            let there = match joined.remove(&name) {
                Some(there) => Some(there),
                None if into.join(&name).exists() => Some(read(&into.join(&name))?),
                None => None,
            };
            let whole = match there {
                Some(there) => there.merge(found),
                None => Ok(found),
            };
            let whole =
                whole.map_err(|error| format!("{}: {error}", part.join(&name).display()))?;
            joined.insert(name, whole);
        }
    }
    std::fs::create_dir_all(into).map_err(|error| format!("{}: {error}", into.display()))?;
    for (name, evidence) in &joined {
        let path = into.join(name);
        std::fs::write(&path, evidence.render())
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(joined.len())
}

/// The evidence files of a folder.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<Evidence, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
    Evidence::parse(&text).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "store-data-send.toml";

    #[test]
    fn parts_make_the_whole_again_to_the_byte() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge/evidence");
        let text = std::fs::read_to_string(root.join(NAME)).unwrap();
        let whole = Evidence::parse(&text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Vec::new();
        for part in 0..3 {
            let mut evidence = whole.clone();
            let mut place = 0;
            evidence.rows.retain(|_, _| {
                place += 1;
                place % 3 == part
            });
            assert!(evidence.rows.len() > 1);
            let path = folder.path().join(part.to_string());
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join(NAME), evidence.render()).unwrap();
            parts.push(path);
        }
        let into = folder.path().join("all");
        assert_eq!(merge(&parts, &into), Ok(1));
        assert_eq!(std::fs::read_to_string(into.join(NAME)).unwrap(), text);
        // Once more changes nothing, and a folder without evidence is a mistake.
        assert_eq!(merge(&parts[..1], &into), Ok(1));
        assert_eq!(std::fs::read_to_string(into.join(NAME)).unwrap(), text);
        let empty = folder.path().join("empty");
        std::fs::create_dir(&empty).unwrap();
        assert!(merge(&[empty], &into).unwrap_err().contains("no evidence"));
    }
}
