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
    let text = Scaffold::blank(&args.id, &args.since, &from, &to).text();
    std::fs::write(&path, text).map_err(failed)?;
    Ok(path)
}

/// The newest release of a line that cargo can pick.
pub fn newest(knowledge: &Knowledge, line: Line) -> Option<FamilyVersion> {
    let mut releases = knowledge.releases.iter().rev();
    let found = releases.find(|release| release.version.line() == line && release.selectable());
    found.map(|release| release.version.clone())
}

/// A migration that is begun: whatever a person still has to say is between `<>`, and its blocks fail
/// until there are programs in them.
pub struct Scaffold {
    /// The id.
    pub id: String,
    /// One line.
    pub title: String,
    /// The first release with the change.
    pub since: String,
    /// `tokens`, `compiler`, `person`.
    pub means: &'static str,
    /// `safe`, `review`, `manual`; none for the default.
    pub grade: Option<&'static str>,
    /// Where the facts come from.
    pub links: Vec<String>,
    /// The rules, as TOML.
    pub rules: Vec<String>,
    /// The releases that `before` and `after` compile on.
    pub releases: [String; 2],
    /// The error that `before` has on the second.
    pub error: Option<String>,
    /// Crates beside Wasmtime.
    pub dependencies: Vec<String>,
    /// What a person should know.
    pub prose: String,
    /// What helps to write the two programs: lines of a comment.
    pub hints: [String; 2],
}

impl Scaffold {
    /// Nothing is known but the releases.
    fn blank(id: &str, since: &FamilyVersion, from: &FamilyVersion, to: &FamilyVersion) -> Self {
        let rule = "[[rule]]\nerror = \"E0599\"\nsays = ['no method named `<old>` found']\nfind = '$value.<old>($arguments..)'\nreplace = '$value.<new>($arguments..)'\n";
        Self {
            id: id.to_owned(),
            title: "<what changed, in one line>".to_owned(),
            since: since.to_string(),
            means: "compiler",
            grade: None,
            links: vec!["https://github.com/bytecodealliance/wasmtime/pull/<number>".to_owned()],
            rules: vec![rule.to_owned()],
            releases: [from.to_string(), to.to_string()],
            error: Some("E0599".to_owned()),
            dependencies: Vec::new(),
            prose: "<What a person should know who reads the diff: why the result means the same.>"
                .to_owned(),
            hints: [String::new(), String::new()],
        }
    }

    /// The file.
    pub fn text(&self) -> String {
        let [from, to] = &self.releases;
        let mut text = format!("+++\nid = {:?}\ntitle = {:?}\n", self.id, self.title);
        text.push_str(&format!(
            "since = {:?}\nmeans = {:?}\n",
            self.since, self.means
        ));
        if let Some(grade) = self.grade {
            text.push_str(&format!("grade = {grade:?}\n"));
        }
        match &self.links[..] {
            [] | [_] => text.push_str(&format!("links = {:?}\n", self.links)),
            links => {
                let lines: String = links
                    .iter()
                    .map(|link| format!("    {link:?},\n"))
                    .collect();
                text.push_str(&format!("links = [\n{lines}]\n"));
            }
        }
        for rule in &self.rules {
            text.push_str(&format!("\n{rule}"));
        }
        text.push_str(&format!("\n[proof]\nfrom = {from:?}\nto = {to:?}\n"));
        if let Some(error) = &self.error {
            text.push_str(&format!("error = {error:?}\n"));
        }
        if !self.dependencies.is_empty() {
            text.push_str("\n[proof.dependencies]\n");
            for name in &self.dependencies {
                text.push_str(&format!("{name} = []\n"));
            }
        }
        text.push_str(&format!("+++\n{}\n", self.prose));
        let blocks = [
            (
                "before",
                format!("a program that compiles on {from}, and not on {to}"),
                &self.hints[0],
            ),
            (
                "after",
                format!("the same as the program makes it for {to}, to the byte"),
                &self.hints[1],
            ),
            (
                "untouched",
                "what looks alike and is something else".to_owned(),
                &String::new(),
            ),
        ];
        for (name, fails, hint) in blocks {
            text.push_str(&format!(
                "\n```rust {name}\n{hint}compile_error!({fails:?});\n```\n"
            ));
        }
        text
    }
}
