//! What cargo said about a release, case by case.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};

use super::case::{Case, example_name};
use super::shape::shape;
use super::verdict::Verdict;
use crate::world::ProcessOutput;

/// One verdict for each case, by the name of the case, from one `cargo check --examples
/// --keep-going --message-format=json`.
///
/// A case is `ok` when cargo says that its example was compiled, and fails when the compiler found an
/// error in it. When neither is said it was not run, and the reason is what kept cargo from it.
#[must_use]
pub fn verdicts(cases: &[Case], output: &ProcessOutput) -> BTreeMap<String, Verdict> {
    let heard = Heard::from(output);
    cases
        .iter()
        .map(|case| {
            let example = example_name(&case.name);
            let verdict = match heard.errors.get(&example) {
                Some(errors) => errors.verdict(),
                None if heard.compiled.contains(&example) => Verdict::Ok,
                None => Verdict::NotRun {
                    reason: heard.reason(output),
                },
            };
            (case.name.clone(), verdict)
        })
        .collect()
}

/// The errors of one example.
#[derive(Default)]
struct Errors {
    codes: BTreeSet<String>,
    message: String,
    count: usize,
}

impl Errors {
    fn add(&mut self, diagnostic: &Diagnostic) {
        if self.count == 0 {
            self.message = shape(&diagnostic.message);
        }
        self.count += 1;
        let code = diagnostic.code.as_ref();
        let code = code.map_or_else(|| "error".to_owned(), |code| code.code.clone());
        self.codes.insert(code);
    }

    fn verdict(&self) -> Verdict {
        let codes: Vec<_> = self.codes.iter().map(String::as_str).collect();
        Verdict::Fails {
            code: codes.join("+"),
            message: self.message.clone(),
            count: self.count,
        }
    }
}

/// What was said, by example.
#[derive(Default)]
struct Heard {
    compiled: BTreeSet<String>,
    errors: BTreeMap<String, Errors>,
    /// The first error in anything that is not an example.
    elsewhere: Option<String>,
}

impl Heard {
    fn from(output: &ProcessOutput) -> Self {
        let mut heard = Self::default();
        // Lines that are no messages come as text, and the end of the input can't fail in memory.
        for message in Message::parse_stream(output.stdout.as_bytes()).map_while(Result::ok) {
            match message {
                Message::CompilerArtifact(artifact) if artifact.target.is_example() => {
                    heard.compiled.insert(artifact.target.name);
                }
                Message::CompilerMessage(said) if is_error(&said.message) => {
                    let target = said.target;
                    if target.is_example() {
                        heard
                            .errors
                            .entry(target.name)
                            .or_default()
                            .add(&said.message);
                    } else {
                        heard.elsewhere.get_or_insert_with(|| {
                            format!("{} does not compile: {}", target.name, said.message.message)
                        });
                    }
                }
                _ => {}
            }
        }
        heard
    }

    /// Why an example was neither compiled nor refused.
    fn reason(&self, output: &ProcessOutput) -> String {
        if output.timed_out {
            return "cargo was stopped at its time limit".to_owned();
        }
        if let Some(elsewhere) = &self.elsewhere {
            return elsewhere.clone();
        }
        // That an example does not compile is why *it* failed, not why another was not run.
        let first = output
            .stderr
            .lines()
            .find(|line| line.starts_with("error") && !line.contains("(example "));
        match (first, output.code) {
            (Some(line), _) => line.to_owned(),
            (None, Some(code)) => format!("cargo ended with {code} and did not mention it"),
            (None, None) => "cargo was ended by a signal".to_owned(),
        }
    }
}

/// Whether it is an error of its own. The sums at the end are errors too, to the compiler.
fn is_error(diagnostic: &Diagnostic) -> bool {
    matches!(
        diagnostic.level,
        DiagnosticLevel::Error | DiagnosticLevel::Ice
    ) && !diagnostic.message.starts_with("aborting due to")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::tests::real_matrix;
    use crate::version::FamilyVersion;

    /// Recorded from cargo 1.95 for release 29.0.1: three of the examples, and the crates before
    /// them. Texts that only people read are cut, paths are made up.
    const EXAMPLES: &str = include_str!("fixtures/examples.jsonl");
    /// A dependency that does not compile, so that no example is reached.
    const DEPENDENCY: &str = include_str!("fixtures/dependency.jsonl");
    /// Release 21.0.2: the macro refuses an option that it does not know.
    const MACRO: &str = include_str!("fixtures/macro.jsonl");

    fn heard(stdout: &str, stderr: &str) -> BTreeMap<String, Verdict> {
        let output = ProcessOutput {
            code: Some(101),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
            ..ProcessOutput::default()
        };
        verdicts(&real_matrix().cases(&FamilyVersion::new(29, 1)), &output)
    }

    fn reason(verdicts: &BTreeMap<String, Verdict>, case: &str) -> String {
        match &verdicts[case] {
            Verdict::NotRun { reason } => reason.clone(),
            other => panic!("{case}: {other}"),
        }
    }

    #[test]
    fn examples_are_told_apart() {
        let stderr = "error: could not compile `wasmtime-upgrade-proof` (example \"case__a\")\n";
        let heard = heard(EXAMPLES, stderr);
        assert_eq!(heard.len(), 18);
        assert_eq!(heard["unset/unset/send"], Verdict::Ok);
        assert_eq!(
            heard["unset/true/send"].to_string(),
            "1 error E0277: `U` cannot be sent between threads safely"
        );
        assert_eq!(
            heard["true/unset/non-send"].to_string(),
            "12 errors E0277: `Rc<RefCell<Vec<std::string::String>>>` cannot be sent between threads safely"
        );
        // The other fifteen are missing from the recording, which must not make them good.
        assert_eq!(
            reason(&heard, "false/false/send"),
            "cargo ended with 101 and did not mention it"
        );
        let not_run = heard.values().filter(|verdict| verdict.word() == "not run");
        assert_eq!(not_run.count(), 15);
    }

    #[test]
    fn a_dependency_that_fails_leaves_every_case_not_run() {
        let stderr = "    Checking dep v1.2.3\nerror: could not compile `dep` (lib) due to 1 previous error\n";
        let heard = heard(DEPENDENCY, stderr);
        assert!(heard.values().all(|verdict| verdict.word() == "not run"));
        assert_eq!(
            reason(&heard, "unset/unset/send"),
            "dep does not compile: mismatched types"
        );
    }

    #[test]
    fn without_a_message_the_reason_is_what_cargo_says() {
        let none = r#"{"reason":"build-finished","success":false}"#;
        let resolver =
            "error: failed to select a version for the requirement `wasmtime = \"=999.0.0\"`\n";
        assert_eq!(
            reason(&heard(none, resolver), "unset/unset/send"),
            resolver.trim_end()
        );
        let cases = real_matrix().cases(&FamilyVersion::new(29, 1));
        let mut output = ProcessOutput::default();
        let killed = verdicts(&cases, &output);
        assert_eq!(
            reason(&killed, "unset/unset/send"),
            "cargo was ended by a signal"
        );
        output.timed_out = true;
        let late = verdicts(&cases, &output);
        assert_eq!(
            reason(&late, "unset/unset/send"),
            "cargo was stopped at its time limit"
        );
    }

    #[test]
    fn even_a_cargo_that_says_all_is_well_has_to_name_the_example() {
        let output = ProcessOutput {
            code: Some(0),
            stdout: r#"{"reason":"build-finished","success":true}"#.to_owned(),
            ..ProcessOutput::default()
        };
        let cases = real_matrix().cases(&FamilyVersion::new(29, 1));
        assert!(
            verdicts(&cases, &output)
                .values()
                .all(|verdict| *verdict != Verdict::Ok)
        );
    }

    #[test]
    fn an_error_without_a_code_is_an_error() {
        let Verdict::Fails { code, message, .. } = &heard(MACRO, "")["unset/true/send"] else {
            panic!("the macro refused it");
        };
        assert_eq!(code, "error");
        assert!(
            message.starts_with("expected one of: `path`, `inline`, "),
            "{message}"
        );
    }

    #[test]
    fn the_sum_of_errors_is_no_error_and_several_codes_are_all_named() {
        let more = MACRO
            .replace(
                r#""code":null"#,
                r#""code":{"code":"E0308","explanation":null}"#,
            )
            .replace("expected one of", "mismatched types");
        let sum = MACRO.replace("expected one of", "aborting due to 2 previous errors");
        let heard = heard(&format!("{sum}not json\n{MACRO}{more}"), "");
        let Verdict::Fails { code, count, .. } = &heard["unset/true/send"] else {
            panic!("it has errors");
        };
        assert_eq!((code.as_str(), *count), ("E0308+error", 2));
    }
}
