//! What compilers said about the cases of a proof, kept in a file that is committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Deserialize;

use super::matrix::Matrix;
use super::verdict::Verdict;
use crate::version::FamilyVersion;

/// Evidence for one proof. Its file is written by [`Evidence::render`] alone: sorted, one line a
/// case, the same bytes for the same content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The id of the proof.
    pub proof: String,
    /// The proof's axes, as the names of the cases have them.
    pub axes: Vec<String>,
    /// What was said about which case in which release.
    pub rows: BTreeMap<RowKey, Row>,
}

/// What a row is about: a release and the name of a case.
pub type RowKey = (FamilyVersion, String);

/// What was said about one case in one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// [`super::Case::hash`] of the program that was compiled.
    pub hash: String,
    /// The compiler's version.
    pub rustc: String,
    /// The day.
    pub date: Date,
    /// What the compiler said; never [`Verdict::NotRun`].
    pub verdict: Verdict,
}

impl Evidence {
    /// Evidence for `matrix` without a single row.
    #[must_use]
    pub fn empty(matrix: &Matrix) -> Self {
        Self {
            proof: matrix.id.clone(),
            axes: matrix.axis_names().map(str::to_owned).collect(),
            rows: BTreeMap::new(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it, without its path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut rows = BTreeMap::new();
        for run in file.run {
            let date = run.date.to_string();
            let date: Date = date
                .parse()
                .map_err(|error| format!("`{date}` is no date: {error}"))?;
            for case in run.cases {
                let key = (run.release.clone(), case.case.clone());
                let row = Row {
                    verdict: case.verdict()?,
                    hash: case.hash,
                    rustc: run.rustc.clone(),
                    date,
                };
                if rows.insert(key, row).is_some() {
                    return Err(format!("{} {} stands there twice", run.release, case.case));
                }
            }
        }
        Ok(Self {
            proof: file.proof,
            axes: file.axes,
            rows,
        })
    }

    /// The file. Rows of one run (a release, a compiler, a day) stand together.
    #[must_use]
    pub fn render(&self) -> String {
        let mut runs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((release, case), row) in &self.rows {
            let run = (release, row.date, row.rustc.as_str());
            runs.entry(run).or_default().push((case, row));
        }
        let axes: Vec<_> = self.axes.iter().map(|axis| quoted(axis)).collect();
        let mut out = format!(
            "# What the compiler said about the cases of `proofs/{}.md`, one table a run.\n\
             # Written by `prove`: change the proof and run it again, never this file.\n\
             # `hash` names the program that was compiled, without the release.\n\n\
             proof = {}\n\
             axes = [{}]\n",
            self.proof,
            quoted(&self.proof),
            axes.join(", ")
        );
        for ((release, date, rustc), rows) in runs {
            // Writing to a string can't fail.
            let _ = write!(
                out,
                "\n[[run]]\nrelease = \"{release}\"\nrustc = {}\ndate = {date}\ncases = [\n",
                quoted(rustc)
            );
            for (case, row) in rows {
                let _ = writeln!(out, "    {},", rendered(case, row));
            }
            out.push_str("]\n");
        }
        out
    }

    /// Joins the evidence of two runs of the same proof, of two partitions for example. A row that
    /// both have is taken from the later day, and from the newer compiler on the same day.
    ///
    /// # Errors
    /// When they are of different proofs, or say different things about the same row, compiler and
    /// day.
    pub fn merge(mut self, other: Self) -> Result<Self, String> {
        if (&self.proof, &self.axes) != (&other.proof, &other.axes) {
            return Err(format!(
                "evidence of {} ({}) and of {} ({}) does not go together",
                self.proof,
                self.axes.join(", "),
                other.proof,
                other.axes.join(", ")
            ));
        }
        for (key, row) in other.rows {
            match self.rows.get(&key) {
                Some(ours) if *ours == row => {}
                Some(ours) => {
                    let (ours_at, theirs_at) = (ours.moment(), row.moment());
                    if ours_at == theirs_at {
                        return Err(format!(
                            "two runs of {} on {} disagree about {} {}: {}; {}",
                            self.proof, row.date, key.0, key.1, ours.verdict, row.verdict
                        ));
                    }
                    if theirs_at > ours_at {
                        self.rows.insert(key, row);
                    }
                }
                None => {
                    self.rows.insert(key, row);
                }
            }
        }
        Ok(self)
    }

    /// Whether every case of `release` has a row of the program as it is now.
    #[must_use]
    pub fn is_fresh(&self, matrix: &Matrix, release: &FamilyVersion) -> bool {
        matrix.cases(release).into_iter().all(|case| {
            let row = self.rows.get(&(release.clone(), case.name));
            row.is_some_and(|row| row.hash == case.hash)
        })
    }

    /// Takes out what is no evidence for `matrix` any more: rows of releases and cases that it no
    /// longer has, and of programs that have changed.
    pub fn prune(&mut self, matrix: &Matrix) {
        let mut current = BTreeMap::new();
        for release in &matrix.releases {
            for case in matrix.cases(release) {
                current.insert((release.clone(), case.name), case.hash);
            }
        }
        self.axes = matrix.axis_names().map(str::to_owned).collect();
        self.rows
            .retain(|key, row| current.get(key) == Some(&row.hash));
    }
}

impl Row {
    /// When and with what it was seen, in an order where the later is the better.
    fn moment(&self) -> (Date, Option<crate::version::RustVersion>, &str) {
        (self.date, self.rustc.parse().ok(), &self.rustc)
    }
}

/// One case as a line of TOML.
fn rendered(case: &str, row: &Row) -> String {
    let head = format!("case = {}, hash = {}", quoted(case), quoted(&row.hash));
    match &row.verdict {
        Verdict::Fails {
            code,
            message,
            count,
        } => format!(
            "{{ {head}, result = {}, count = {count}, message = {} }}",
            quoted(code),
            quoted(message)
        ),
        other => format!("{{ {head}, result = {} }}", quoted(other.word())),
    }
}

/// The text as a TOML string.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    proof: String,
    axes: Vec<String>,
    #[serde(default)]
    run: Vec<RunEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunEntry {
    release: FamilyVersion,
    rustc: String,
    date: toml::value::Datetime,
    cases: Vec<CaseEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseEntry {
    case: String,
    hash: String,
    result: String,
    count: Option<usize>,
    message: Option<String>,
}

impl CaseEntry {
    fn verdict(&self) -> Result<Verdict, String> {
        match (self.result.as_str(), self.count, &self.message) {
            ("ok", None, None) => Ok(Verdict::Ok),
            ("ok" | "not run" | "", ..) | (_, None | Some(0), _) | (_, _, None) => Err(format!(
                "{}: `ok` stands alone, an error code with its count and its message",
                self.case
            )),
            (code, Some(count), Some(message)) => Ok(Verdict::Fails {
                code: code.to_owned(),
                message: message.clone(),
                count,
            }),
        }
    }
}
