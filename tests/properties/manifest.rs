//! Manifests in any spelling, moved to another release.
//!
//! A generator writes each manifest twice, as it is and as it has to be afterwards, from the same
//! pieces: so every byte that is not a planned value is compared, and the planned values come from
//! a rule that knows nothing of the planner.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::invariants::manifest::hold_for;

/// The tables of dependencies as one may write them.
const TABLES: [&str; 9] = [
    "dependencies",
    "dev-dependencies",
    "dev_dependencies",
    "\"build-dependencies\"",
    "build_dependencies",
    "target.'cfg(unix)'.dependencies",
    "target.\"cfg(not(unix))\".dev-dependencies",
    "target . x86_64-unknown-linux-gnu . 'dependencies'",
    "workspace.dependencies",
];

/// Crates of the family, and how each is called in a manifest that gives it a name of its own.
const CRATES: [(&str, &str); 7] = [
    ("wasmtime", "wt"),
    ("wasmtime-wasi", "wasi"),
    ("wasmtime-wasi-http", "http"),
    ("wasmtime-environ", "'en.viron'"),
    ("cranelift-codegen", "\"code gen\""),
    ("pulley-interpreter", "pulley"),
    ("wiggle", "\"wiggl\\u00e9\""),
];

/// What else stands in dependency tables; none of it is to be touched.
const OTHERS: [&str; 6] = [
    "serde = \"1\"",
    "tokio = { version = '1.40', features = [\"full\", 'rt'] } # \"32\"",
    "wasmtime-like = \"32.0.0\"",
    "log.version = \"0.\\u0034\"",
    "local = { path = '..\\wasmtime', version = \"32\" }",
    "forked = { git = \"https://example.com/wasmtime\", rev = \"32\" }",
];

/// Whole sections without a requirement on the family; some look as if they had one.
const SECTIONS: [&str; 6] = [
    "[package.metadata.host]\nwasmtime = \"32.0.0\"\ndependencies = { wasmtime = \"32\" }",
    "[profile.release]\nlto = true # wasmtime = \"32\"\n\n\n",
    "[features]\ndefault = [ 'extra' , ]\nextra = [\"dep:serde\", # why\n  ]",
    "[[bin]]\nname = \"host\"\npath = 'src\\main.rs'\n[[bin]]\nname = '''other'''",
    "# [dependencies]\n# wasmtime = \"32\"",
    "[lints]\nworkspace\t=\ttrue\n[badges]\nx = { y = [1, 2,\n\t3], z = 1979-05-27T07:32:00Z }",
];

const PACKAGE: &str = "[package]\nname = \"host\"\nversion = \"32.0.0\"\nauthors = [ \"J\\u00e9 <j@example.org>\", 'O\"x' ]\ndescription = \"\"\"\n[dependencies]\nwasmtime = \"32.0.0\" \\\n  \"\"\"\n";

/// Requirements as people write them, those with an upper bound first. `V2` is a version with two
/// parts, `N1` the first part of the first version that no longer fits.
const STYLES: [&str; 15] = [
    ">=V1, <N1",
    ">=V3,<=V3",
    "V1",
    "V2",
    "V3",
    "=V3",
    "= V3",
    "^V2",
    "^V3",
    "~V2",
    "~ V3",
    "V2.*",
    "=V2",
    " V1 ",
    "*",
];

type Styles = &'static [&'static str];

/// A release as the crate numbers it.
fn number(package: &str, line: u64, patch: u64) -> [u64; 3] {
    if package.starts_with("cranelift") {
        [0, line + 87, patch]
    } else {
        [line, 0, patch]
    }
}

/// A requirement of a style on a release.
fn requirement(style: &str, package: &str, line: u64, patch: u64) -> String {
    let parts = |numbers: [u64; 3], count: usize| {
        // Below 1 it is the second number that a release is known by.
        let count = if numbers[0] == 0 { count.max(2) } else { count };
        let text: Vec<_> = numbers[..count].iter().map(u64::to_string).collect();
        text.join(".")
    };
    let (is, next) = (number(package, line, patch), number(package, line + 1, 0));
    style
        .replace("V1", &parts(is, 1))
        .replace("V2", &parts(is, 2))
        .replace("V3", &parts(is, 3))
        .replace("N1", &parts(next, 1))
}

/// A text before and after the move.
#[derive(Clone, Debug, Default)]
struct Twice {
    before: String,
    after: String,
}

impl Twice {
    fn fixed(&mut self, text: &str) {
        self.differing(text, text);
    }

    fn differing(&mut self, before: &str, after: &str) {
        self.before.push_str(before);
        self.after.push_str(after);
    }

    fn append(&mut self, other: &Self) {
        self.differing(&other.before, &other.after);
    }

    fn map(self, change: impl Fn(String) -> String) -> Self {
        Self {
            before: change(self.before),
            after: change(self.after),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Text,
    Inline,
    Dotted,
    OwnTable,
}

/// How one requirement is written.
#[derive(Clone, Debug)]
struct Entry {
    package: &'static str,
    own_name: Option<&'static str>,
    style: &'static str,
    quotes: &'static str,
    form: Form,
    /// In front of a line, around `=`, and at the end of the line.
    space: (&'static str, &'static str, &'static str),
    features: &'static str,
}

/// The move that is made: from a line to a release, and how a feature is called there.
#[derive(Clone, Copy, Debug)]
struct Move {
    from: (u64, u64),
    to: (u64, u64),
}

impl Entry {
    fn key(&self) -> String {
        self.own_name.unwrap_or(self.package).to_owned()
    }

    /// `version = ..` and what else says what is wanted, each a key and a value.
    fn values(&self, step: Move) -> Vec<(&'static str, Twice)> {
        let quoted = |text: String| format!("{0}{text}{0}", self.quotes);
        let text = |(line, patch)| requirement(self.style, self.package, line, patch);
        let mut values = Vec::new();
        let mut version = Twice::default();
        version.differing(&quoted(text(step.from)), &quoted(text(step.to)));
        if self.own_name.is_some() {
            let mut package = Twice::default();
            package.fixed(&format!("'{}'", self.package));
            values.push(("package", package));
        }
        values.push(("version", version));
        if self.package.starts_with("wasmtime-wasi") && !self.features.is_empty() {
            // Line 37 gave the feature another name.
            let mut features = Twice::default();
            let after = if step.to.0 >= 37 && self.package == "wasmtime-wasi" {
                "p1"
            } else {
                "preview1"
            };
            features.differing("[ 'preview1' ]", &format!("[ '{after}' ]"));
            if self.package == "wasmtime-wasi" {
                values.push(("features", features));
            }
        } else if self.package == "wasmtime" && !self.features.is_empty() {
            let mut features = Twice::default();
            features.fixed(self.features);
            values.push(("features", features));
        }
        values
    }

    /// The lines of the entry in its table, and the table of its own that follows later.
    fn write(&self, table: &str, step: Move) -> (Twice, Twice) {
        let (indent, equals, end) = self.space;
        let (mut lines, mut own) = (Twice::default(), Twice::default());
        let key = self.key();
        let values = self.values(step);
        match self.form {
            Form::Text if values.len() == 1 => {
                lines.fixed(&format!("{indent}{key}{equals}"));
                lines.append(&values[0].1);
                lines.fixed(&format!("{end}\n"));
            }
            Form::Text | Form::Inline => {
                lines.fixed(&format!("{indent}{key}{equals}{{"));
                for (index, (name, value)) in values.iter().enumerate() {
                    lines.fixed(if index == 0 { " " } else { " ,\t" });
                    lines.fixed(&format!("{name}{equals}"));
                    lines.append(value);
                }
                lines.fixed(&format!(" }}{end}\n"));
            }
            Form::Dotted => {
                for (name, value) in &values {
                    lines.fixed(&format!("{indent}{key} . \"{name}\"{equals}"));
                    lines.append(value);
                    lines.fixed(&format!("{end}\n"));
                }
            }
            Form::OwnTable => {
                own.fixed(&format!("{indent}[ {table}.{key} ]{end}\n"));
                for (name, value) in values.iter().rev() {
                    own.fixed(&format!("{indent}{name}{equals}"));
                    own.append(value);
                    own.fixed(&format!("{end}\n"));
                }
            }
        }
        (lines, own)
    }
}

fn entry(package: (&'static str, &'static str), styles: Styles) -> impl Strategy<Value = Entry> {
    let (name, own) = package;
    let form = select(&[Form::Text, Form::Inline, Form::Dotted, Form::OwnTable][..]);
    let space = (
        select(&["", "  ", "\t"][..]),
        select(&[" = ", "=", "\t=\t", "=  "][..]),
        select(&["", "  ", " # wasmtime = \"32\"", "#'", "\t# \u{e9} {"][..]),
    );
    (
        prop::option::weighted(0.3, Just(own)),
        select(styles),
        select(&["\"", "'", "\"\"\"", "'''"][..]),
        form,
        space,
        select(
            &[
                "",
                "[]",
                "[\"async\", 'cranelift',]",
                "[ # \"x\"\n  \"async\",\n\n  # why\n  ]",
            ][..],
        ),
    )
        .prop_map(
            move |(own_name, style, quotes, form, space, features)| Entry {
                package: name,
                own_name,
                style,
                quotes,
                form,
                space,
                // Another line in an inline table is for TOML 1.1 only, which cargo does not read.
                features: if matches!(form, Form::Text | Form::Inline) && features.contains('\n') {
                    "['async']"
                } else {
                    features
                },
            },
        )
}

/// One table: its name, the requirements in it and what else stands there.
type Table = (&'static str, Vec<Entry>, Vec<&'static str>);

fn table(name: &'static str, styles: Styles) -> impl Strategy<Value = Table> {
    let crates = subsequence(&CRATES[..], 0..5);
    let entries = crates.prop_flat_map(move |crates| {
        crates
            .into_iter()
            .map(|package| entry(package, styles))
            .collect::<Vec<_>>()
    });
    (Just(name), entries, subsequence(&OTHERS[..], 0..3))
}

/// A whole manifest, with the move.
fn manifest(styles: Styles) -> impl Strategy<Value = (Twice, Move)> {
    let tables = subsequence(&TABLES[..], 0..5)
        .prop_shuffle()
        .prop_flat_map(move |names| {
            names
                .into_iter()
                .map(|name| table(name, styles))
                .collect::<Vec<_>>()
        });
    let step =
        (30..35_u64, 0..4_u64, select(&[(36, 20), (48, 8)][..])).prop_map(|(line, patch, to)| {
            Move {
                from: (line, patch),
                to,
            }
        });
    let file = (any::<bool>(), any::<bool>(), any::<bool>());
    (
        tables,
        subsequence(&SECTIONS[..], 0..4).prop_shuffle(),
        step,
        file,
    )
        .prop_map(
            |(tables, sections, step, (is_windows, has_mark, ends_early))| {
                let mut sections = sections.into_iter();
                let mut text = Twice::default();
                text.fixed(PACKAGE);
                for (name, entries, others) in tables {
                    text.append(&written(name, &entries, &others, step));
                    text.fixed(&format!("{}\n", sections.next().unwrap_or_default()));
                }
                sections.for_each(|section| text.fixed(&format!("{section}\n")));
                let text = text.map(|text| {
                    let text = if ends_early {
                        text.trim_end().to_owned()
                    } else {
                        text
                    };
                    let text = if is_windows {
                        text.replace('\n', "\r\n")
                    } else {
                        text
                    };
                    if has_mark {
                        format!("\u{feff}{text}")
                    } else {
                        text
                    }
                });
                (text, step)
            },
        )
}

fn written(table: &str, entries: &[Entry], others: &[&str], step: Move) -> Twice {
    let (mut text, mut own_tables) = (Twice::default(), Twice::default());
    text.fixed(&format!("[ {table} ]\n"));
    let mut others = others.iter();
    for entry in entries {
        let (lines, own) = entry.write(table, step);
        text.append(&lines);
        own_tables.append(&own);
        others
            .next()
            .iter()
            .for_each(|other| text.fixed(&format!("{other}\n")));
    }
    others.for_each(|other| text.fixed(&format!("{other}\n")));
    text.append(&own_tables);
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every byte but the planned values is as it was; another reader sees nothing else differ; a
    /// second run has nothing to do (see [`hold_for`]).
    #[test]
    fn just_the_planned_values_of_a_manifest_differ((text, step) in manifest(&STYLES)) {
        let target = format!("{}.0.{}", step.to.0, step.to.1).parse().unwrap();
        let after = hold_for(&text.before, &target).expect("nothing here is refused");
        prop_assert_eq!(after, text.after);
    }

    /// Moved up and then down again, the numbers are those of the release that one comes back to;
    /// only an upper bound that admits it already stays where it is.
    #[test]
    fn a_manifest_moved_back_is_the_one_it_was((text, step) in manifest(&STYLES[2..])) {
        let target = format!("{}.0.{}", step.from.0, step.from.1).parse().unwrap();
        let back = hold_for(&text.after, &target).expect("nothing here is refused");
        prop_assert_eq!(back, text.before);
    }
}
