//! Embeds every file below `knowledge/` into the library as `(path, text)`.
//!
//! A list written at build time, so that a new entry is a new file and nothing else.

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
    for file in &files {
        let name = file.strip_prefix(&knowledge).unwrap_or(file);
        let name = name.to_string_lossy().replace('\\', "/");
        list.push_str(&format!(
            "    ({name:?}, include_str!({:?})),\n",
            file.display().to_string()
        ));
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("knowledge.in"), list)
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
