//! What the compiler said, as data: parsed from `cargo check --message-format=json`.

use std::collections::BTreeSet;
use std::io::Cursor;

use cargo_metadata::diagnostic::{
    Applicability, Diagnostic as RustcDiagnostic, DiagnosticLevel, DiagnosticSpan,
};
use cargo_metadata::{CompilerMessage, Message, Target};
use serde::Serialize;

use crate::migrate::guided::UNUSED;
use crate::span::Span;

/// One error of the compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The package that was compiled.
    pub package: String,
    /// The target of it, for example `lib host` or `test api`.
    pub target: String,
    /// The error's code, for example `E0277`; some have none.
    pub code: Option<String>,
    /// The message, as rustc prints it.
    pub message: String,
    /// The file, as rustc names it: relative to the workspace for its own packages.
    pub path: Option<String>,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// The whole error as a person reads it.
    #[serde(skip)]
    pub rendered: String,
    /// Every place that it points to, in order.
    #[serde(skip)]
    pub labels: Vec<Label>,
    /// What the compiler would try.
    #[serde(skip)]
    pub suggestions: Vec<Suggestion>,
}

/// A place that an error points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file, as rustc names it.
    pub path: String,
    /// The bytes, in the file as it is on disk.
    pub span: Span,
    /// Whether the error is about this place.
    pub is_primary: bool,
    /// The name of the macro that wrote what stands there, as `bail!`; the place is then that of its
    /// call.
    pub of_macro: Option<String>,
    /// What is said about it.
    pub text: String,
}

/// A change that the compiler proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What it is for.
    pub message: String,
    /// The places and what to write there.
    pub parts: Vec<(Label, String)>,
    /// Whether the compiler is sure that it is meant (`MachineApplicable`).
    pub is_sure: bool,
}

/// What makes an error the same before and after an upgrade: not its place, which moves with every
/// edit, and not the numbers in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiagnosticKey {
    package: String,
    target: String,
    code: Option<String>,
    message: String,
    path: Option<String>,
}

impl Diagnostic {
    /// The key for comparing two runs.
    #[must_use]
    pub fn key(&self) -> DiagnosticKey {
        DiagnosticKey {
            package: self.package.clone(),
            target: self.target.clone(),
            code: self.code.clone(),
            message: without_numbers(&self.message),
            path: self.path.clone(),
        }
    }
}

/// The message with every run of digits (versions, hashes, lengths) as one `#`.
fn without_numbers(message: &str) -> String {
    let mut plain = String::with_capacity(message.len());
    let mut in_number = false;
    for character in message.chars() {
        let digit = character.is_ascii_digit() || (in_number && character == '.');
        if !digit {
            plain.push(character);
        } else if !in_number {
            plain.push('#');
        }
        in_number = digit;
    }
    plain
}

/// Everything that one run of cargo reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// The errors, in the order of cargo's output, each once.
    pub errors: Vec<Diagnostic>,
    /// How many warnings there were.
    pub warnings: usize,
    /// Those of them that are about imports and `mut`s without a use, as often as a target has them.
    pub unused: Vec<Diagnostic>,
    /// How many compilations finished.
    pub finished: usize,
    /// The packages that the compiler came to, whatever it said of them.
    pub compiled: BTreeSet<String>,
}

impl Messages {
    /// Notes the package of a target that is more than the build script in front of it.
    fn comes_to(&mut self, target: &Target, package_id: &str) {
        if !target.is_custom_build() {
            self.compiled.insert(package_name(package_id));
        }
    }
}

/// Reads cargo's JSON lines; lines that are none (printed by build scripts) are passed over.
#[must_use]
pub fn parse(stdout: &str) -> Messages {
    let mut messages = Messages::default();
    for message in Message::parse_stream(Cursor::new(stdout)).map_while(Result::ok) {
        match message {
            Message::CompilerArtifact(artifact) => {
                messages.finished += 1;
                messages.comes_to(&artifact.target, &artifact.package_id.repr);
            }
            Message::CompilerMessage(message) => {
                messages.comes_to(&message.target, &message.package_id.repr);
                match message.message.level {
                    DiagnosticLevel::Error | DiagnosticLevel::Ice => {
                        let error = diagnostic(message);
                        if !is_summary(&error) && !messages.errors.contains(&error) {
                            messages.errors.push(error);
                        }
                    }
                    DiagnosticLevel::Warning => {
                        messages.warnings += 1;
                        let code = message.message.code.as_ref();
                        if code.is_some_and(|code| UNUSED.contains(&code.code.as_str())) {
                            messages.unused.push(diagnostic(message));
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    messages
}

/// "aborting due to 3 previous errors" counts others and is none itself.
fn is_summary(error: &Diagnostic) -> bool {
    error.code.is_none() && error.message.starts_with("aborting due to")
}

fn diagnostic(told: CompilerMessage) -> Diagnostic {
    let target = match told.target.kind.first() {
        Some(kind) => format!("{kind} {}", told.target.name),
        None => told.target.name,
    };
    let package = package_name(&told.package_id.repr);
    let message = told.message;
    let primary = message.spans.iter().find(|span| span.is_primary);
    let primary = primary.or_else(|| message.spans.first());
    Diagnostic {
        package,
        target,
        code: message.code.map(|code| code.code),
        path: primary.map(|span| span.file_name.clone()),
        line: primary.map_or(0, |span| span.line_start),
        labels: message.spans.iter().map(label).collect(),
        suggestions: message.children.iter().filter_map(suggestion).collect(),
        rendered: message.rendered.unwrap_or_else(|| message.message.clone()),
        message: message.message,
    }
}

fn label(span: &DiagnosticSpan) -> Label {
    // The call that a person wrote is the outermost one.
    let (mut place, mut of_macro) = (span, None);
    while let Some(expansion) = &place.expansion {
        // `?` and `.await` are written by a person, whatever the compiler makes of them.
        let is_macro = !expansion.macro_decl_name.starts_with("desugaring of ");
        of_macro = is_macro
            .then(|| expansion.macro_decl_name.clone())
            .or(of_macro);
        place = &expansion.span;
    }
    let (start, end) = (place.byte_start as usize, place.byte_end as usize);
    Label {
        path: place.file_name.clone(),
        span: Span::new(start, end.max(start)),
        is_primary: span.is_primary,
        of_macro,
        text: span.label.clone().unwrap_or_default(),
    }
}

fn suggestion(child: &RustcDiagnostic) -> Option<Suggestion> {
    let proposed = child.spans.iter();
    let parts: Vec<_> = proposed
        .filter_map(|span| Some((label(span), span.suggested_replacement.clone()?)))
        .collect();
    let sure = |span: &DiagnosticSpan| {
        matches!(
            span.suggestion_applicability,
            Some(Applicability::MachineApplicable)
        )
    };
    (!parts.is_empty()).then(|| Suggestion {
        message: child.message.clone(),
        is_sure: child.spans.iter().all(sure),
        parts,
    })
}

/// The name in a package id, in its old (`host 0.1.0 (path+..)`) and its new spelling
/// (`path+file:///w/host#0.1.0`, `path+file:///w/x#host@0.1.0`).
fn package_name(id: &str) -> String {
    let Some((source, fragment)) = id.split_once('#') else {
        return id.split(' ').next().unwrap_or(id).to_owned();
    };
    match fragment.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => source.rsplit('/').next().unwrap_or(source).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(code: &str, message: &str, level: &str) -> String {
        format!(
            r#"{{"reason":"compiler-message","package_id":"path+file:///w/demo#0.1.0","manifest_path":"/w/demo/Cargo.toml","target":{{"kind":["bin"],"crate_types":["bin"],"name":"demo","src_path":"/w/demo/src/main.rs","edition":"2021","doc":true,"doctest":false,"test":true}},"message":{{"rendered":"r","$message_type":"diagnostic","children":[],"level":"{level}","message":"{message}","code":{code},"spans":[]}}}}"#
        )
    }

    #[test]
    fn errors_are_read_once_and_summaries_are_none() {
        let code = r#"{"code":"E0277","explanation":null}"#;
        let stdout = [
            "not json, from a build script".to_owned(),
            line(code, "`Rc<u8>` cannot be sent", "error"),
            line(code, "`Rc<u8>` cannot be sent", "error"),
            line("null", "aborting due to 2 previous errors", "error"),
            line("null", "unused", "warning"),
            r#"{"reason":"build-finished","success":false}"#.to_owned(),
        ]
        .join("\n");
        let messages = parse(&stdout);
        assert_eq!(messages.errors.len(), 1);
        assert_eq!(messages.warnings, 1);
        let error = &messages.errors[0];
        assert_eq!(
            (error.package.as_str(), error.target.as_str()),
            ("demo", "bin demo")
        );
        assert_eq!(error.code.as_deref(), Some("E0277"));
    }

    #[test]
    fn what_the_compiler_came_to_is_more_than_a_build_script() {
        let artifact = |kind: &str, package: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///w/{package}#0.1.0","manifest_path":"/w/{package}/Cargo.toml","target":{{"kind":["{kind}"],"crate_types":["lib"],"name":"{package}","src_path":"/w/x.rs","edition":"2021","doc":true,"doctest":false,"test":true}},"profile":{{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true,"test":false}},"features":[],"filenames":[],"executable":null,"fresh":false}}"#
            )
        };
        let stdout = [
            artifact("custom-build", "scripted"),
            artifact("lib", "base"),
            line("null", "an error", "error"),
        ];
        let messages = parse(&stdout.join("\n"));
        assert_eq!(Vec::from_iter(messages.compiled), ["base", "demo"]);
        assert_eq!(messages.finished, 2);
    }

    #[test]
    fn numbers_do_not_make_another_error() {
        assert_eq!(
            without_numbers("wasmtime 32.0.1 has 3 fields"),
            "wasmtime # has # fields"
        );
    }

    #[test]
    fn package_ids_of_all_cargos_have_a_name() {
        for id in [
            "host 0.1.0 (path+file:///w)",
            "path+file:///w/host#0.1.0",
            "path+file:///w/x#host@0.1.0",
        ] {
            assert_eq!(package_name(id), "host");
        }
    }
}
