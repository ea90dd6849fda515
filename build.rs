//! Embeds every file below `knowledge/` into the library.
//!
//! All texts go in deflated, which makes a quarter of them. What every start reads is not taken from there:
//! of those files goes in, too, what their TOML says as JSON, which a start reads in a fifth of the time.
//!
//! Lists written at build time, so that a new entry is a new file and nothing else.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders that a start does not read.
const TEXT_ALONE: [&str; 3] = ["evidence", "migrations", "proofs"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let knowledge = root.join("knowledge");
    println!("cargo::rerun-if-changed={}", knowledge.display());
    let mut files = Vec::new();
    collect(&knowledge, &mut files)?;
    files.sort();
    let mut sizes = String::from("&[\n");
    let mut as_json = sizes.clone();
    let mut texts = String::new();
    for file in &files {
        let name = file.strip_prefix(&knowledge).unwrap_or(file);
        let name = name.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(file)?;
        sizes.push_str(&format!("    ({name:?}, {}),\n", text.len()));
        texts.push_str(&text);
        let folder = name.split_once('/').map_or("", |(folder, _)| folder);
        if !TEXT_ALONE.contains(&folder) {
            let json = as_json_of(&name, &text)?;
            as_json.push_str(&format!("    ({name:?}, {json:?}),\n"));
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for (name, mut list) in [("sizes.in", sizes), ("json.in", as_json)] {
        list.push(']');
        fs::write(out.join(name), list)?;
    }
    // Of ten levels the sixth is within a hundredth of the last and takes a tenth of its time.
    let deflated = miniz_oxide::deflate::compress_to_vec(texts.as_bytes(), 6);
    fs::write(out.join("texts.deflate"), deflated)
}

/// What the TOML of a file says, as JSON.
fn as_json_of(name: &str, text: &str) -> io::Result<String> {
    let toml = if name.contains('/') {
        front_matter(text)
    } else {
        text
    };
    let wrong = |error: &dyn std::fmt::Display| io::Error::other(format!("{name}: {error}"));
    let value: toml::Value = toml::from_str(toml).map_err(|error| wrong(&error))?;
    serde_json::to_string(&value).map_err(|error| wrong(&error))
}

/// What stands between the lines of `+++`.
fn front_matter(text: &str) -> &str {
    let behind = text.strip_prefix("+++\n").unwrap_or_default();
    behind.split("\n+++\n").next().unwrap_or_default()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|ending| ending == "md" || ending == "toml" || ending == "rs")
        {
            files.push(path);
        }
    }
    Ok(())
}
