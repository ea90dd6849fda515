use super::*;
use crate::rehearse::compare::Aspect;
use crate::rehearse::protocol::{Failure, Import, Stage};
use crate::version::FamilyVersion;
use crate::workspace::NotLookedAt;

fn guest(path: &str, class: Class, differences: Vec<Difference>) -> GuestReport {
    GuestReport {
        path: path.to_owned(),
        class,
        differences,
        unsteady: Vec::new(),
        before: Observation::default(),
        after: Observation::default(),
    }
}

fn rehearsal(guests: Vec<GuestReport>) -> Rehearsal {
    Rehearsal {
        from: FamilyVersion::new(36, 20),
        to: FamilyVersion::new(48, 8),
        class: guests.iter().map(|guest| guest.class).max().unwrap(),
        hosts: Vec::new(),
        settings: Vec::new(),
        guests,
        artifacts: Vec::new(),
        not_rehearsed: Vec::new(),
        remarks: Vec::new(),
    }
}

fn human_of(rehearsal: &Rehearsal) -> String {
    anstream::adapter::strip_str(&human(rehearsal, &Style::default())).to_string()
}

#[test]
fn the_worst_comes_first_and_what_is_the_same_is_only_counted() {
    let fuel = Difference::new(Class::Changes, Aspect::Fuel, "10", "20");
    let trap = Difference::new(
        Class::Breaks,
        Aspect::Outcome,
        "exits with 0",
        "fails to run (OutOfFuel): all fuel consumed",
    );
    let rehearsal = rehearsal(vec![
        guest("a.wasm", Class::Same, vec![]),
        guest("b.wasm", Class::Changes, vec![fuel.clone()]),
        guest("c.wasm", Class::Breaks, vec![trap, fuel]),
    ]);
    assert_eq!(
        human_of(&rehearsal),
        "\
breaks: c.wasm
  breaks: outcome
    36.0.20  exits with 0
    48.0.8   fails to run (OutOfFuel): all fuel consumed
  changes: fuel
    36.0.20  10
    48.0.8   20

changes: b.wasm
  changes: fuel
    36.0.20  10
    48.0.8   20

rehearsed 3 guests, 36.0.20 -> 48.0.8: 1 breaks, 1 changes, 1 same
"
    );
}

#[test]
fn what_is_expected_unsteady_stubbed_or_refused_is_said() {
    let mut fuel = Difference::new(Class::Changes, Aspect::Fuel, "10", "20");
    fuel.expected = Some("46 charges by size".to_owned());
    let mut guest = guest("a.wasm", Class::Same, vec![fuel]);
    guest.unsteady = vec![Aspect::Stdout];
    let missing = |name: &str, reason: &str| Import {
        name: name.to_owned(),
        satisfied: false,
        reason: Some(reason.to_owned()),
    };
    guest.after.imports = vec![
        missing("shop.price", "a func of the host's own"),
        missing("wasi:x/y@0.2.9", "no `f`"),
    ];
    let mut rehearsal = rehearsal(vec![guest]);
    rehearsal.not_rehearsed = vec![NotLookedAt {
        path: "b.wasm".to_owned(),
        reason: "no WebAssembly: the file is empty".to_owned(),
    }];
    assert_eq!(
        human_of(&rehearsal),
        "\
same: a.wasm
  changes: fuel
    36.0.20  10
    48.0.8   20
    expected: 46 charges by size
  stubbed: `shop.price`, `wasi:x/y@0.2.9` (no `f`)
  not compared, differs from run to run: stdout

not rehearsed: b.wasm: no WebAssembly: the file is empty

rehearsed 1 guest, 36.0.20 -> 48.0.8: 1 same; 1 difference expected; 1 file not rehearsed
"
    );
}

#[test]
fn a_guest_that_fails_everywhere_is_not_passed_over() {
    let failure = Failure {
        stage: Stage::Validate,
        trap: None,
        message: "unexpected end".to_owned(),
    };
    let mut guest = guest("a.wasm", Class::Same, vec![]);
    guest.before.failure = Some(failure.clone());
    guest.after.failure = Some(failure);
    let text = human_of(&rehearsal(vec![guest]));
    assert!(
        text.contains("  on both: fails to validate: unexpected end\n"),
        "{text}"
    );
}

#[test]
fn a_guest_can_neither_command_a_terminal_nor_break_out_of_a_table() {
    let evil = "line 1: \u{1b}[2J | <b> \u{7}";
    let difference = Difference::new(Class::Changes, Aspect::Stdout, evil, "line 1: x");
    let rehearsal = rehearsal(vec![guest("a.wasm", Class::Changes, vec![difference])]);
    let text = human(&rehearsal, &Style::default());
    assert!(text.contains("\\u{1b}[2J | <b> \\u{7}"), "{text}");
    let table = markdown(&rehearsal);
    assert_eq!(
        table,
        "\
### Rehearsal: Wasmtime 36.0.20 to 48.0.8

rehearsed 1 guest, 36.0.20 -> 48.0.8: 1 changes

| guest | | what | 36.0.20 | 48.0.8 |
|---|---|---|---|---|
| `a.wasm` | changes | stdout | line 1: \\[2J \\| \\<b>  | line 1: x |
"
    );
}
