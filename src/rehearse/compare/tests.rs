use super::*;
use crate::rehearse::protocol::{Export, Import, Written};

fn failed(stage: Stage, trap: Option<&str>, message: &str) -> Failure {
    Failure {
        stage,
        trap: trap.map(str::to_owned),
        message: message.to_owned(),
    }
}

/// A command that went well.
fn fine() -> Observation {
    Observation {
        exit_code: Some(0),
        fuel: Some(100),
        peak_memory: 65_536,
        ..Observation::default()
    }
}

fn with(change: impl FnOnce(&mut Observation)) -> Observation {
    let mut seen = fine();
    change(&mut seen);
    seen
}

fn ended(failure: Failure) -> Observation {
    with(|seen| {
        seen.exit_code = None;
        seen.failure = Some(failure);
    })
}

/// `class aspect: before | after`, a line each.
fn told(before: &Observation, after: &Observation) -> Vec<String> {
    let differences = compare(before, after);
    let lines = differences.iter().map(|difference| {
        format!(
            "{} {}: {} | {}",
            difference.class.word(),
            difference.aspect.word(),
            difference.before,
            difference.after
        )
    });
    lines.collect()
}

#[test]
fn what_is_alike_has_no_differences() {
    assert_eq!(told(&fine(), &fine()), [""; 0]);
    // Times are not for here.
    let slow = with(|seen| seen.compile_micros = Some(9_000_000));
    assert_eq!(told(&fine(), &slow), [""; 0]);
}

#[test]
fn what_worked_and_fails_breaks_and_the_other_way_round_it_changes() {
    let refused = ended(failed(Stage::Compile, None, "too many targets"));
    assert_eq!(
        told(&fine(), &refused),
        ["breaks outcome: exits with 0 | fails to compile: too many targets"]
    );
    assert_eq!(
        told(&refused, &fine()),
        ["changes outcome: fails to compile: too many targets | exits with 0"]
    );
}

#[test]
fn a_refusal_names_the_proposals_that_it_is_about() {
    let refused = ended(failed(Stage::Validate, None, "exceptions are off"));
    let accepted = with(|seen| seen.needs = vec!["exceptions".to_owned()]);
    assert_eq!(
        told(&refused, &accepted),
        [
            "changes outcome: fails to validate: exceptions are off (the guest needs exceptions) | \
             exits with 0"
        ]
    );
}

#[test]
fn words_of_a_refusal_may_differ_and_traps_are_known_by_their_name() {
    let refused = |message| ended(failed(Stage::Validate, None, message));
    assert_eq!(told(&refused("bad byte"), &refused("a bad byte")), [""; 0]);
    let trapped = |trap, message| ended(failed(Stage::Run, Some(trap), message));
    let out = trapped("OutOfFuel", "all fuel consumed");
    assert_eq!(
        told(&out, &trapped("OutOfFuel", "no fuel is left")),
        [""; 0]
    );
    assert_eq!(
        told(&out, &trapped("Interrupt", "interrupt")),
        [
            "changes outcome: fails to run (OutOfFuel): all fuel consumed | fails to run \
             (Interrupt): interrupt"
        ]
    );
    // What a host function says to a guest that ran is part of its behaviour.
    let said = |message| ended(failed(Stage::Run, None, message));
    assert_eq!(told(&said("no"), &said("never")).len(), 1);
}

#[test]
fn a_guest_that_ends_earlier_breaks() {
    let late = ended(failed(Stage::Run, None, "x"));
    let early = ended(failed(Stage::Instantiate, None, "y"));
    assert_eq!(compare(&late, &early)[0].class, Class::Breaks);
    assert_eq!(compare(&early, &late)[0].class, Class::Changes);
}

#[test]
fn an_exit_code_that_was_0_breaks() {
    let code = |code| with(|seen| seen.exit_code = Some(code));
    assert_eq!(
        told(&code(0), &code(1)),
        ["breaks exit-code: exits with 0 | exits with 1"]
    );
    assert_eq!(
        told(&code(3), &code(1)),
        ["changes exit-code: exits with 3 | exits with 1"]
    );
}

#[test]
fn imports_that_come_or_go_are_told_one_by_one() {
    let import = |satisfied| {
        with(|seen| {
            seen.imports = vec![Import {
                name: "wasi:x/y@0.2.9".to_owned(),
                satisfied,
                reason: (!satisfied).then(|| "no `f`".to_owned()),
            }];
        })
    };
    assert_eq!(
        told(&import(true), &import(false)),
        ["breaks imports: `wasi:x/y@0.2.9` is there | `wasi:x/y@0.2.9` is missing: no `f`"]
    );
    assert_eq!(
        compare(&import(false), &import(true))[0].class,
        Class::Changes
    );
    assert_eq!(told(&import(false), &import(false)), [""; 0]);
}

#[test]
fn exports_are_compared_by_their_types() {
    let export = |ty: &str| {
        with(|seen| {
            seen.exports = vec![Export {
                name: "f".to_owned(),
                ty: ty.to_owned(),
            }];
        })
    };
    assert_eq!(
        told(&export("func()"), &export("func(u8)")),
        ["changes exports: `f`: func() | `f`: func(u8)"]
    );
    assert_eq!(
        told(&export("func()"), &fine()),
        ["changes exports: `f`: func() | `f` is not there"]
    );
}

#[test]
fn answers_are_compared_call_by_call() {
    let call = |answer: Option<&str>| {
        with(|seen| {
            seen.calls = vec![Call {
                call: "div(1)".to_owned(),
                answer: answer.map(str::to_owned),
                failure: answer
                    .is_none()
                    .then(|| failed(Stage::Run, Some("StackOverflow"), "stack")),
            }];
        })
    };
    assert_eq!(
        told(&call(Some("-1")), &call(Some("1"))),
        ["changes answers: `div(1)` answers -1 | `div(1)` answers 1"]
    );
    assert_eq!(
        told(&call(Some("1")), &call(None)),
        ["breaks answers: `div(1)` answers 1 | `div(1)` fails to run (StackOverflow): stack"]
    );
    assert_eq!(told(&call(None), &call(None)), [""; 0]);
}

#[test]
fn of_output_the_first_line_that_differs_is_shown() {
    let wrote = |text: &str| {
        with(|seen| {
            seen.stdout = Written {
                text: text.to_owned(),
                bytes: text.len() as u64,
            };
        })
    };
    assert_eq!(
        told(&wrote("a\nb\n"), &wrote("a\nc\n")),
        ["changes stdout: line 2: b | line 2: c"]
    );
    assert_eq!(
        told(&wrote("a\n"), &wrote("a\nb\n")),
        ["changes stdout: ends before line 2 | line 2: b"]
    );
    let long = "x".repeat(500);
    assert_eq!(
        compare(&wrote(&long), &wrote(""))[0].before.len(),
        "line 1: ".len() + 122
    );
}

#[test]
fn a_last_line_without_its_end_differs_too() {
    let wrote = |text: &str| {
        with(|seen| {
            seen.stderr = Written {
                text: text.to_owned(),
                bytes: text.len() as u64,
            };
        })
    };
    assert_eq!(
        told(&wrote("a"), &wrote("a\n")),
        ["changes stderr: 1 bytes | 2 bytes"]
    );
}

#[test]
fn counts_are_compared_where_both_ended_alike() {
    let more = with(|seen| {
        seen.fuel = Some(200);
        seen.peak_memory = 131_072;
        seen.tables = 1;
        seen.stub_calls = vec!["a.b".to_owned()];
    });
    assert_eq!(
        told(&fine(), &more),
        [
            "changes fuel: 100 | 200",
            "changes memory: 65536 bytes | 131072 bytes",
            "changes tables: 0 with 0 elements | 1 with 0 elements",
            "changes stub-calls: none | a.b",
        ]
    );
    let mut trapped = more;
    trapped.failure = Some(failed(Stage::Run, Some("StackOverflow"), "stack"));
    assert_eq!(told(&fine(), &trapped).len(), 1);
}

#[test]
fn the_worst_comes_first() {
    let worse = with(|seen| {
        seen.fuel = Some(1);
        seen.exit_code = Some(2);
    });
    let classes: Vec<Class> = compare(&fine(), &worse)
        .into_iter()
        .map(|difference| difference.class)
        .collect();
    assert_eq!(classes, [Class::Breaks, Class::Changes]);
}
