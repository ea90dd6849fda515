//! The command line: what it prints, and how it ends.

use std::process::{Command, Output};

use crate::support::guest_path;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasmtime-rehearse"))
        .args(args)
        .output()
        .expect("the command starts")
}

fn path(name: &str) -> String {
    guest_path(name).display().to_string()
}

#[test]
fn a_guest_is_shown_and_its_notes_follow() {
    let output = run(&[&path("metering.wat")]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("greeting: Hello, world!\n"), "{text}");
    assert!(text.ends_with("noted: opened indoors+outdoors\n"), "{text}");
    assert!(output.stderr.is_empty());
}

#[test]
fn an_unfit_guest_fails_with_its_causes() {
    let output = run(&[&path("greeter-only.wat")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("cannot run in the world `metering`\n"),
        "{text}"
    );
    assert!(text.contains("  caused by: "), "{text}");
    assert!(text.contains("stats@1.0.0"), "{text}");
}

#[test]
fn wrong_arguments_get_the_usage() {
    for args in [&[][..], &["one.wat", "two.wat"]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with("usage: wasmtime-rehearse "), "{text}");
    }
}
