//! Variants that are gone.

use super::super::repair;
use super::{error, repaired, terms};

const MESSAGE: &str =
    "no variant or associated item named `AlwaysTrapAdapter` found for enum `wasmtime::Trap`";

/// The repair of a text in which the variant is marked.
fn without(before: &str) -> Option<String> {
    let (error, texts) = error("E0599", MESSAGE, before);
    let repairs = repair(&[&error], &texts, &terms(42));
    let edits = repairs.edits.get("src/lib.rs")?;
    Some(edits.apply(&texts["src/lib.rs"]))
}

#[test]
fn an_arm_goes_with_its_line_and_comments_stay() {
    let before =
        "match t {\n    A => 1,\n    // why\n    Trap::«AlwaysTrapAdapter» => 2,\n    _ => 3,\n}\n";
    let after = "match t {\n    A => 1,\n    // why\n    _ => 3,\n}\n";
    assert_eq!(without(before).as_deref(), Some(after));
}

#[test]
fn arms_of_any_shape_go() {
    for (before, after) in [
        (
            "match t { Trap::«AlwaysTrapAdapter» => { a(); } _ => 3 }",
            "match t {  _ => 3 }",
        ),
        (
            "match t { A => 1, Trap::«AlwaysTrapAdapter» if x || y => f(|a| a), _ => 3 }",
            "match t { A => 1,  _ => 3 }",
        ),
        (
            "match t { Some(Trap::«AlwaysTrapAdapter») => 1, _ => 3 }",
            "match t {  _ => 3 }",
        ),
        (
            "match t { _ => 3, (a, Trap::«AlwaysTrapAdapter») => 1 }",
            "match t { _ => 3,  }",
        ),
    ] {
        assert_eq!(without(before).as_deref(), Some(after), "{before}");
    }
}

#[test]
fn of_alternatives_the_others_stay() {
    for (before, after) in [
        (
            "match t { Trap::«AlwaysTrapAdapter» | Trap::A => 1, _ => 3 }",
            "match t { Trap::A => 1, _ => 3 }",
        ),
        (
            "match t { Trap::A | Trap::«AlwaysTrapAdapter» => 1, _ => 3 }",
            "match t { Trap::A => 1, _ => 3 }",
        ),
        (
            "match t { | Trap::A\n | Trap::«AlwaysTrapAdapter» | B if x | y => 1, _ => 3 }",
            "match t { | Trap::A\n | B if x | y => 1, _ => 3 }",
        ),
        (
            "match t { Err((a, Trap::«AlwaysTrapAdapter» | Trap::B)) => 1, _ => 3 }",
            "match t { Err((a, Trap::B)) => 1, _ => 3 }",
        ),
        (
            "match t { None | Some(Trap::«AlwaysTrapAdapter») => 1, _ => 3 }",
            "match t { None => 1, _ => 3 }",
        ),
    ] {
        assert_eq!(without(before).as_deref(), Some(after), "{before}");
    }
}

#[test]
fn elsewhere_a_person_has_to_say_what_is_meant() {
    for before in [
        "fn f(t: Trap) -> bool { t == Trap::«AlwaysTrapAdapter» }",
        "fn f(t: Trap) -> Trap { match t { a => Trap::«AlwaysTrapAdapter» } }",
        "fn f() { if let Trap::«AlwaysTrapAdapter» = t {} }",
        // It holds always, now that nothing is it.
        "match t { a if a != Trap::«AlwaysTrapAdapter» => 1, _ => 3 }",
        "match t { a if f(b | Trap::«AlwaysTrapAdapter») => 1, _ => 3 }",
        "fn f(t: u8) { g(t | Trap::«AlwaysTrapAdapter» as u8) }",
        "fn f(t: T) { t.any(|a| a == Trap::«AlwaysTrapAdapter») }",
        "match t { a => g(b | Trap::«AlwaysTrapAdapter» as u8), _ => 3 }",
    ] {
        assert_eq!(without(before), None, "{before}");
    }
    // It was there before 42.
    let arm = "match t { Trap::«AlwaysTrapAdapter» => 1, _ => 3 }";
    let (error, texts) = error("E0599", MESSAGE, arm);
    assert_eq!(repaired(&error, &texts).0, None);
}
