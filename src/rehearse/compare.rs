//! What differs between two observations of one guest, and how much that matters.

use std::collections::BTreeMap;

use serde::Serialize;

use super::protocol::{Call, Failure, Observation, Stage};

/// How much a difference matters, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Nothing differs.
    Same,
    /// It takes less time than before, beyond noise.
    Faster,
    /// It takes more time than before, beyond noise.
    Slower,
    /// Something else comes out.
    Changes,
    /// It worked before and does not any more.
    Breaks,
}

impl Class {
    /// The word for it in documents and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Changes => "changes",
            Self::Breaks => "breaks",
        }
    }
}

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// How far the guest comes, and what ends it.
    Outcome,
    /// The imports that WASI satisfies.
    Imports,
    /// The exports and their types.
    Exports,
    /// The answers of calls that were asked for.
    Answers,
    /// The exit code of a command.
    ExitCode,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Fuel.
    Fuel,
    /// The most that its memories held.
    Memory,
    /// Its tables.
    Tables,
    /// The resources of WASI that it still held in the end.
    Handles,
    /// The calls of stubbed imports.
    StubCalls,
    /// The time to compile it.
    CompileTime,
    /// The time that it runs.
    RunTime,
    /// The size of its machine code.
    CodeSize,
    /// Whether a precompiled artifact is accepted.
    Artifact,
}

impl Aspect {
    /// Every aspect.
    pub const ALL: [Self; 16] = [
        Self::Outcome,
        Self::Imports,
        Self::Exports,
        Self::Answers,
        Self::ExitCode,
        Self::Stdout,
        Self::Stderr,
        Self::Fuel,
        Self::Memory,
        Self::Tables,
        Self::Handles,
        Self::StubCalls,
        Self::CompileTime,
        Self::RunTime,
        Self::CodeSize,
        Self::Artifact,
    ];

    /// The word for it in documents, reports and the policy.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Imports => "imports",
            Self::Exports => "exports",
            Self::Answers => "answers",
            Self::ExitCode => "exit-code",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Tables => "tables",
            Self::Handles => "handles",
            Self::StubCalls => "stub-calls",
            Self::CompileTime => "compile-time",
            Self::RunTime => "run-time",
            Self::CodeSize => "code-size",
            Self::Artifact => "artifact",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// How much it matters.
    pub class: Class,
    /// What it is about.
    pub aspect: Aspect,
    /// Under the release in use.
    pub before: String,
    /// Under the target.
    pub after: String,
    /// Why it is put up with, when the policy expects it.
    pub expected: Option<String>,
}

impl Difference {
    /// A difference that nobody expects.
    pub fn new(
        class: Class,
        aspect: Aspect,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        Self {
            class,
            aspect,
            before: before.into(),
            after: after.into(),
            expected: None,
        }
    }
}

/// The differences between two observations, except those of time (see [`super::timing`]).
#[must_use]
pub fn compare(before: &Observation, after: &Observation) -> Vec<Difference> {
    let mut found = Vec::new();
    outcome(before, after, &mut found);
    imports(before, after, &mut found);
    exports(before, after, &mut found);
    answers(before, after, &mut found);
    written(before, after, &mut found);
    // A guest that ends elsewhere has used something else: one difference, not five.
    let alike = end(before) == end(after);
    if alike && reached(before, Stage::Instantiate) {
        counts(before, after, &mut found);
    }
    crate::order::sort_by(&mut found, |a, b| {
        b.class.cmp(&a.class).then(a.aspect.cmp(&b.aspect))
    });
    found
}

/// Where a guest ended, and by which trap.
fn end(seen: &Observation) -> Option<(Stage, Option<&str>)> {
    let failure = seen.failure.as_ref()?;
    Some((failure.stage, failure.trap.as_deref()))
}

/// Whether a guest came to a stage.
fn reached(seen: &Observation, stage: Stage) -> bool {
    seen.failure
        .as_ref()
        .is_none_or(|failure| failure.stage >= stage)
}

/// A failure as a report shows it.
#[must_use]
pub fn shown(failure: &Failure) -> String {
    let trap = failure.trap.as_ref();
    let trap = trap.map(|trap| format!(" ({trap})")).unwrap_or_default();
    format!(
        "fails to {}{trap}: {}",
        failure.stage.word(),
        failure.message
    )
}

/// The end of a guest as a report shows it.
#[must_use]
pub fn shown_end(seen: &Observation) -> String {
    match (&seen.failure, seen.exit_code) {
        (Some(failure), _) => shown(failure),
        (None, Some(code)) => format!("exits with {code}"),
        (None, None) => "starts".to_owned(),
    }
}

fn outcome(before: &Observation, after: &Observation, found: &mut Vec<Difference>) {
    let class = match (&before.failure, &after.failure) {
        (None, None) => {
            if before.exit_code != after.exit_code {
                let class = match (before.exit_code, after.exit_code) {
                    (Some(0), _) => Class::Breaks,
                    _ => Class::Changes,
                };
                let (before, after) = (shown_end(before), shown_end(after));
                found.push(Difference::new(class, Aspect::ExitCode, before, after));
            }
            return;
        }
        (None, Some(_)) => Class::Breaks,
        (Some(_), None) => Class::Changes,
        (Some(a), Some(b)) if b.stage < a.stage => Class::Breaks,
        (Some(a), Some(b)) if same_failure(a, b) => return,
        (Some(_), Some(_)) => Class::Changes,
    };
    let (mut before_text, mut after_text) = (shown_end(before), shown_end(after));
    let needs = if after.needs.is_empty() {
        &before.needs
    } else {
        &after.needs
    };
    add_needs(&mut before_text, before, needs);
    add_needs(&mut after_text, after, needs);
    found.push(Difference::new(
        class,
        Aspect::Outcome,
        before_text,
        after_text,
    ));
}

/// Whether two failures are one. What a release says about bytes that it refuses is its own matter;
/// what it says of a guest that ran is not.
fn same_failure(a: &Failure, b: &Failure) -> bool {
    if a.stage != b.stage || a.trap != b.trap {
        return false;
    }
    a.trap.is_some() || a.stage < Stage::Instantiate || a.message == b.message
}

/// A refusal is understood by what the guest asks for. The release that refuses may not know it.
fn add_needs(text: &mut String, seen: &Observation, needs: &[String]) {
    let refused = seen
        .failure
        .as_ref()
        .is_some_and(|failure| failure.stage <= Stage::Compile);
    if refused && !needs.is_empty() {
        text.push_str(&format!(" (the guest needs {})", needs.join(", ")));
    }
}

fn imports(before: &Observation, after: &Observation, found: &mut Vec<Difference>) {
    let satisfied = |seen: &Observation| -> BTreeMap<String, (bool, String)> {
        let all = seen.imports.iter().map(|import| {
            let reason = import.reason.clone().unwrap_or_default();
            (import.name.clone(), (import.satisfied, reason))
        });
        all.collect()
    };
    let then = satisfied(after);
    for (name, (was, old_reason)) in satisfied(before) {
        let Some((is, new_reason)) = then.get(&name) else {
            continue;
        };
        let text = |satisfied: bool, reason: &str| match satisfied {
            true => format!("`{name}` is there"),
            false => format!("`{name}` is missing: {reason}"),
        };
        let class = match (was, is) {
            (true, false) => Class::Breaks,
            (false, true) => Class::Changes,
            _ => continue,
        };
        let (before, after) = (text(was, &old_reason), text(*is, new_reason));
        found.push(Difference::new(class, Aspect::Imports, before, after));
    }
}

fn exports(before: &Observation, after: &Observation, found: &mut Vec<Difference>) {
    if !reached(before, Stage::Link) || !reached(after, Stage::Link) {
        return;
    }
    let types = |seen: &Observation| -> BTreeMap<String, String> {
        let all = seen.exports.iter();
        all.map(|export| (export.name.clone(), export.ty.clone()))
            .collect()
    };
    let (was, is) = (types(before), types(after));
    let names: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for name in names {
        let text = |ty: Option<&String>| match ty {
            Some(ty) => format!("`{name}`: {ty}"),
            None => format!("`{name}` is not there"),
        };
        if was.get(name) != is.get(name) {
            let (before, after) = (text(was.get(name)), text(is.get(name)));
            found.push(Difference::new(
                Class::Changes,
                Aspect::Exports,
                before,
                after,
            ));
        }
    }
}

fn answers(before: &Observation, after: &Observation, found: &mut Vec<Difference>) {
    for (was, is) in before.calls.iter().zip(&after.calls) {
        let class = match (&was.failure, &is.failure) {
            (None, Some(_)) => Class::Breaks,
            (Some(_), None) => Class::Changes,
            (Some(a), Some(b)) if same_failure(a, b) => continue,
            (None, None) if was.answer == is.answer => continue,
            _ => Class::Changes,
        };
        let text = |call: &Call| match (&call.failure, &call.answer) {
            (Some(failure), _) => format!("`{}` {}", call.call, shown(failure)),
            (None, answer) => format!(
                "`{}` answers {}",
                call.call,
                answer.as_deref().unwrap_or_default()
            ),
        };
        found.push(Difference::new(class, Aspect::Answers, text(was), text(is)));
    }
}

fn written(before: &Observation, after: &Observation, found: &mut Vec<Difference>) {
    if !reached(before, Stage::Run) || !reached(after, Stage::Run) {
        return;
    }
    for (aspect, was, is) in [
        (Aspect::Stdout, &before.stdout, &after.stdout),
        (Aspect::Stderr, &before.stderr, &after.stderr),
    ] {
        if was == is {
            continue;
        }
        let (before, after) = if was.text.lines().eq(is.text.lines()) {
            (
                format!("{} bytes", was.bytes),
                format!("{} bytes", is.bytes),
            )
        } else {
            first_difference(&was.text, &is.text)
        };
        found.push(Difference::new(Class::Changes, aspect, before, after));
    }
}

/// The first line that differs, on both sides.
fn first_difference(before: &str, after: &str) -> (String, String) {
    /// In characters: enough to know the line by.
    const LONGEST: usize = 120;
    let (mut a, mut b) = (before.lines(), after.lines());
    let mut number = 1;
    loop {
        let (was, is) = (a.next(), b.next());
        if was == is && was.is_some() {
            number += 1;
            continue;
        }
        let text = |line: Option<&str>| match line {
            None => format!("ends before line {number}"),
            Some(line) if line.chars().count() > LONGEST => {
                let short: String = line.chars().take(LONGEST).collect();
                format!("line {number}: {short}..")
            }
            Some(line) => format!("line {number}: {line}"),
        };
        return (text(was), text(is));
    }
}

fn counts(before: &Observation, after: &Observation, found: &mut Vec<Difference>) {
    let mut changed = |aspect, was: String, is: String| {
        if was != is {
            found.push(Difference::new(Class::Changes, aspect, was, is));
        }
    };
    if let (Some(was), Some(is)) = (before.fuel, after.fuel) {
        changed(Aspect::Fuel, was.to_string(), is.to_string());
    }
    let bytes = |seen: &Observation| format!("{} bytes", seen.peak_memory);
    changed(Aspect::Memory, bytes(before), bytes(after));
    let tables =
        |seen: &Observation| format!("{} with {} elements", seen.tables, seen.table_elements);
    changed(Aspect::Tables, tables(before), tables(after));
    let handles = |seen: &Observation| seen.handles.to_string();
    changed(Aspect::Handles, handles(before), handles(after));
    let calls = |seen: &Observation| match &seen.stub_calls[..] {
        [] => "none".to_owned(),
        calls => calls.join(", "),
    };
    changed(Aspect::StubCalls, calls(before), calls(after));
}

#[cfg(test)]
mod tests;
