//! Things that go wrong must come back as errors that say where and why.

use std::path::Path;

use crate::support::{WIDE, chain, guest_path, start, start_with};
use wasmtime_rehearse::{Error, Host};

fn load_error(name: &str) -> Error {
    let host = Host::new().unwrap();
    match host.load(&guest_path(name)) {
        Ok(_) => panic!("{name} must not load"),
        Err(error) => error,
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = load_error("absent.wat");
    assert!(matches!(error, Error::Read { .. }), "{error:?}");
    let text = chain(&error);
    assert!(text.contains("cannot read"), "{text}");
    assert!(text.contains("absent.wat"), "{text}");
}

#[test]
fn text_that_does_not_parse_is_pointed_at() {
    let error = load_error("misspelled.wat");
    assert!(matches!(error, Error::Compile { .. }), "{error:?}");
    let text = chain(&error);
    assert!(
        text.contains("misspelled.wat is not a valid component"),
        "{text}"
    );
    assert!(text.contains("(i32.cosnt 0)"), "no excerpt in: {text}");
}

#[test]
fn a_core_module_is_no_component() {
    let error = load_error("core-module.wat");
    assert!(matches!(error, Error::Compile { .. }), "{error:?}");
    assert!(chain(&error).contains("component"), "{}", chain(&error));
}

#[test]
fn bytes_that_are_no_wasm_at_all_are_refused() {
    let host = Host::new().unwrap();
    for bytes in [&b""[..], b"\0asm", b"\xff\xfe\x00\x01", b"just some words"] {
        let Err(error) = host.start("noise.bin", bytes) else {
            panic!("{bytes:?} must not load");
        };
        assert!(matches!(error, Error::Compile { .. }), "{error:?}");
        assert!(chain(&error).starts_with("noise.bin is not a valid component: "));
    }
}

#[test]
fn a_truncated_binary_is_refused() {
    let text = std::fs::read(guest_path("metering.wat")).unwrap();
    let binary = wat::parse_bytes(&text).unwrap();
    let host = Host::new().unwrap();
    let Err(error) = host.start("half.wasm", &binary[..binary.len() / 2]) else {
        panic!("half a component must not load");
    };
    assert!(matches!(error, Error::Compile { .. }), "{error:?}");
}

#[test]
fn a_component_without_the_interface_does_not_fit() {
    let error = load_error("greeter-only.wat");
    assert!(matches!(error, Error::Instantiate { .. }), "{error:?}");
    let text = chain(&error);
    assert!(text.contains("cannot run in the world"), "{text}");
    assert!(text.contains("rehearse:metering/stats@1.0.0"), "{text}");
}

#[test]
fn a_function_of_another_type_does_not_fit() {
    let result = start_with(
        "(func (export \"greet\") (param \"name\" string) (result string)",
        "(func (export \"greet\") (param \"name\" string) (result (list u8))",
    );
    let Err(error) = result else {
        panic!("a greeting is no list of bytes");
    };
    assert!(matches!(error, Error::Instantiate { .. }), "{error:?}");
    assert!(chain(&error).contains("greet"), "{}", chain(&error));
}

#[test]
fn an_import_the_host_does_not_have_is_named() {
    let result = start_with(
        "(import \"note\" (func $note",
        "(import \"forget\" (func $note",
    );
    let Err(error) = result else {
        panic!("the host offers nothing called `forget`");
    };
    assert!(matches!(error, Error::Instantiate { .. }), "{error:?}");
    assert!(chain(&error).contains("forget"), "{}", chain(&error));
}

#[test]
fn a_trap_while_the_guest_starts_is_an_error() {
    let result = start_with(
        "(func $alloc (param",
        "(start $fail) (func $fail unreachable) (func $alloc (param",
    );
    let Err(error) = result else {
        panic!("the guest traps before it can be called");
    };
    assert!(matches!(error, Error::Instantiate { .. }), "{error:?}");
    assert!(chain(&error).contains("unreachable"), "{}", chain(&error));
}

#[test]
fn a_refusal_of_the_guest_is_no_trap() {
    let (_, mut guest) = start();
    let error = guest.summarize(&[]).unwrap_err();
    assert_eq!(chain(&error), "`stats.summarize` refused: no samples");
    assert_eq!(guest.summarize(&[1]).unwrap().sum, 1);
}

#[test]
fn a_trap_names_the_export_and_its_cause() {
    let (_, mut guest) = start();
    let error = guest.mean(1, 0).unwrap_err();
    assert!(matches!(error, Error::Call { .. }), "{error:?}");
    let text = chain(&error);
    assert!(
        text.starts_with("the call of `stats.mean` failed: "),
        "{text}"
    );
    assert!(text.contains("integer divide by zero"), "{text}");
}

#[test]
fn a_guest_that_trapped_fails_from_then_on_and_others_do_not() {
    let (host, mut broken) = start();
    let mut sound = host.load(&guest_path("metering.wat")).unwrap();
    broken.mean(1, 0).unwrap_err();
    let error = broken.greet("Ada").unwrap_err();
    assert!(matches!(
        error,
        Error::Call {
            export: "greet",
            ..
        }
    ));
    assert_eq!(sound.greet("Ada").unwrap(), "Hello, Ada!");
}

#[test]
fn a_string_that_is_not_utf8_is_an_error() {
    let mut guest = start_with("\"Hello, \"", "\"Hello\\ff \"").unwrap();
    let error = guest.greet("Ada").unwrap_err();
    assert!(matches!(
        error,
        Error::Call {
            export: "greet",
            ..
        }
    ));
    assert!(chain(&error).contains("utf-8"), "{}", chain(&error));
}

#[test]
fn a_list_outside_the_memory_is_an_error() {
    let mut guest = start_with(
        "(call $pair (local.get $totals) (local.get $len))",
        "(call $pair (i32.const 0x7ffffff8) (local.get $len))",
    )
    .unwrap();
    let error = guest.running_totals(&[1]).unwrap_err();
    let text = chain(&error);
    assert!(
        text.starts_with("the call of `stats.running-totals` failed: "),
        "{text}"
    );
    assert!(text.contains("out of bounds"), "{text}");
}

#[test]
fn a_result_with_an_unknown_case_is_an_error() {
    let mut guest = start_with(
        "(i32.store8 (local.get $at) (i32.const 0))\n      (call $write-summary",
        "(i32.store8 (local.get $at) (i32.const 7))\n      (call $write-summary",
    )
    .unwrap();
    let error = guest.summarize(&[1]).unwrap_err();
    assert!(matches!(error, Error::Call { .. }), "{error:?}");
}

#[test]
fn a_memory_that_cannot_grow_is_a_trap() {
    let mut guest = start_with(
        "(memory (export \"memory\") 1)",
        "(memory (export \"memory\") 1 2)",
    )
    .unwrap();
    let error = guest.running_totals(&[0; 50_000]).unwrap_err();
    assert!(chain(&error).contains("unreachable"), "{}", chain(&error));
}

#[test]
fn a_meter_of_another_guest_is_refused() {
    let (host, mut first) = start();
    let mut second = host.load(&guest_path("metering.wat")).unwrap();
    let foreign = first.open_meter("first", WIDE).unwrap();
    second.open_meter("second", WIDE).unwrap();
    let error = second.label(&foreign).unwrap_err();
    assert!(matches!(error, Error::Call { .. }), "{error:?}");
    assert_eq!(first.label(&foreign).unwrap(), "first");
}

#[test]
fn a_path_with_a_folder_is_an_error() {
    let Err(error) = Host::new()
        .unwrap()
        .load(Path::new(env!("CARGO_MANIFEST_DIR")))
    else {
        panic!("a folder is no component");
    };
    assert!(matches!(error, Error::Read { .. }), "{error:?}");
}
