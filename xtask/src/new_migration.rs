//! `cargo xtask new-migration`: the file of a migration, with blocks that no test passes yet.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::version::{FamilyVersion, Line};

/// What the new file is about.
#[derive(Args)]
pub struct NewMigration {
    /// Its id, in kebab case: the name of the file
    id: String,
    /// The first release with the change, as 44.0.0
    #[arg(long, value_name = "VERSION")]
    since: FamilyVersion,
    /// The folder to write below
    #[arg(long, value_name = "DIR", default_value = "knowledge/migrations")]
    into: PathBuf,
}

/// Writes the file; never over one that is there.
pub fn run(args: &NewMigration) -> ExitCode {
    match write(args) {
        Ok(path) => {
            println!("{}", path.display());
            eprintln!("fill in what is between <>, then: cargo test --test migrations");
            eprintln!(
                "and with the compiler: MIGRATIONS={} cargo test --test migrations -- --ignored",
                args.id
            );
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn write(args: &NewMigration) -> Result<PathBuf, String> {
    let is_kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if args.id.is_empty() || !args.id.chars().all(is_kebab) {
        return Err(format!("`{}` is no id in kebab case", args.id));
    }
    let knowledge = Knowledge::embedded();
    if knowledge.migration(&args.id).is_some() {
        return Err(format!("there is a migration `{}` already", args.id));
    }
    let line = args.since.line();
    let before = line.0.checked_sub(1).map(Line);
    let from = before.and_then(|line| newest(knowledge, line));
    let (Some(from), Some(to)) = (from, newest(knowledge, line)) else {
        return Err(format!(
            "line {line} or the one before it has no release here"
        ));
    };
    let path = args
        .into
        .join(line.to_string())
        .join(format!("{}.md", args.id));
    if path.exists() {
        return Err(format!("{} is there already", path.display()));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(&path, scaffold(&args.id, &args.since, &from, &to)).map_err(failed)?;
    Ok(path)
}

/// The newest release of a line that cargo can pick.
fn newest(knowledge: &Knowledge, line: Line) -> Option<FamilyVersion> {
    let mut releases = knowledge.releases.iter().rev();
    let found = releases.find(|release| release.version.line() == line && release.selectable());
    found.map(|release| release.version.clone())
}

fn scaffold(id: &str, since: &FamilyVersion, from: &FamilyVersion, to: &FamilyVersion) -> String {
    format!(
        r#"+++
id = "{id}"
title = "<what changed, in one line>"
since = "{since}"
means = "compiler"
links = ["https://github.com/bytecodealliance/wasmtime/pull/<number>"]

[[rule]]
error = "E0599"
says = ['no method named `<old>` found']
find = '$value.<old>($arguments..)'
replace = '$value.<new>($arguments..)'

[proof]
from = "{from}"
to = "{to}"
error = "E0599"
+++
<What a person should know who reads the diff: why the result means the same.>

```rust before
compile_error!("a program that compiles on {from}, and not on {to}");
```

```rust after
compile_error!("the same as the program makes it for {to}, to the byte");
```

```rust untouched
compile_error!("what looks alike and is something else");
```
"#
    )
}
