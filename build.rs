//! Embeds every file below `knowledge/` into the library as `(path, text)`, and beside it what its TOML
//! says as JSON, which a start reads in a fifth of the time.
//!
//! Lists written at build time, so that a new entry is a new file and nothing else.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let knowledge = root.join("knowledge");
    println!("cargo::rerun-if-changed={}", knowledge.display());
    let mut files = Vec::new();
    collect(&knowledge, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    let mut as_json = list.clone();
    for file in &files {
        let name = file.strip_prefix(&knowledge).unwrap_or(file);
        let name = name.to_string_lossy().replace('\\', "/");
        list.push_str(&format!(
            "    ({name:?}, include_str!({:?})),\n",
            file.display().to_string()
        ));
        let json = read_by_every_start(&name, &fs::read_to_string(file)?)?;
        as_json.push_str(&format!("    {json:?},\n"));
    }
    list.push(']');
    as_json.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("knowledge.in"), list)?;
    fs::write(out.join("knowledge.json.in"), as_json)
}

/// The TOML of a file as JSON when every start reads it, else nothing.
fn read_by_every_start(name: &str, text: &str) -> io::Result<String> {
    let toml = match name.split_once('/') {
        None => text,
        Some(("advisories" | "regressions", _)) => front_matter(text),
        Some(_) => return Ok(String::new()),
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
