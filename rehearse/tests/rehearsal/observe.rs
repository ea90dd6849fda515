//! What the observer sees of guests under the release that this package is built with.

use std::path::{Path, PathBuf};

use wasmtime_rehearse::observe::protocol::{
    EngineSettings, GuestKind, Job, Limits, Observation, SWITCHES, Stage, Stubs,
};
use wasmtime_rehearse::observe::{observe, values};
use wasmtime_upgrade::rehearse::artifact::Artifact;

/// The guests that rehearsals are proven with.
fn guest(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data/guests")
        .join(name)
}

/// It says which release is locked here: the requirement names it whole.
const MANIFEST: &str = include_str!("../../Cargo.toml");

fn job(name: &str, folder: &tempfile::TempDir) -> Job {
    let bytes = wat::parse_file(guest(name)).expect("the guest's text is right");
    let path = folder.path().join("guest.wasm");
    std::fs::write(&path, bytes).expect("the scratch folder can be written");
    Job {
        guest: path.display().to_string(),
        limits: Limits {
            fuel: 100_000_000,
            millis: 60_000,
            memory: 64 << 20,
            ..Limits::default()
        },
        ..Job::default()
    }
}

fn seen(name: &str, change: impl FnOnce(&mut Job)) -> Observation {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mut job = job(name, &folder);
    change(&mut job);
    observe(&job, &|_| {})
}

/// The stage and the trap that ended a guest.
fn end(seen: &Observation) -> Option<(Stage, &str)> {
    let failure = seen.failure.as_ref()?;
    Some((failure.stage, failure.trap.as_deref().unwrap_or_default()))
}

#[test]
fn a_command_of_wasi_writes_and_exits() {
    let seen = seen("hello.wat", |_| {});
    assert_eq!(seen.failure, None);
    assert_eq!(seen.kind, Some(GuestKind::Module));
    assert_eq!(seen.exit_code, Some(0));
    assert_eq!(seen.stdout.text, "hello\n");
    assert_eq!(seen.stdout.bytes, 6);
    assert!(seen.imports.iter().all(|import| import.satisfied));
    assert_eq!(seen.peak_memory, 65_536);
    assert!(seen.fuel.is_some_and(|fuel| fuel > 0));
    assert!(seen.code_bytes.is_some_and(|bytes| bytes > 0));
}

/// A short guest runs twice, so that nobody has to compile it again to know what it does every time.
#[test]
fn a_short_guest_is_run_twice_and_does_the_same() {
    for name in ["hello.wat", "component.wat", "own-imports.wat"] {
        let mut first = seen(name, |_| {});
        let mut again = *first.again.take().expect("it takes less than 50 ms");
        for seen in [&mut first, &mut again] {
            seen.instantiate_micros = None;
            seen.run_micros = None;
        }
        assert_eq!(again, first, "{name}");
    }
}

#[test]
fn stages_are_heard_of_in_their_order() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let heard = std::cell::RefCell::new(Vec::new());
    observe(&job("hello.wat", &folder), &|stage| {
        heard.borrow_mut().push(stage);
    });
    assert_eq!(
        heard.into_inner(),
        [
            Stage::Start,
            Stage::Validate,
            Stage::Compile,
            Stage::Link,
            Stage::Instantiate,
            Stage::Run
        ]
    );
}

#[test]
fn a_trap_has_its_name() {
    let seen = seen("traps.wat", |_| {});
    assert_eq!(end(&seen), Some((Stage::Run, "IntegerDivisionByZero")));
    let message = seen.failure.map(|failure| failure.message);
    assert_eq!(
        message.as_deref(),
        Some("wasm trap: integer divide by zero")
    );
}

#[test]
fn a_loop_ends_with_its_fuel_or_with_its_time() {
    let looped = seen("loops.wat", |_| {});
    assert_eq!(end(&looped), Some((Stage::Run, "OutOfFuel")));
    let looped = seen("loops.wat", |job| {
        job.limits.fuel = u64::MAX;
        job.limits.millis = 500;
    });
    assert_eq!(end(&looped), Some((Stage::Run, "Interrupt")));
}

#[test]
fn memory_ends_at_its_limit() {
    let seen = seen("allocates.wat", |_| {});
    assert_eq!(end(&seen), Some((Stage::Run, "UnreachableCodeReached")));
    assert!(seen.peak_memory <= 64 << 20, "{}", seen.peak_memory);
    assert!(seen.peak_memory > 32 << 20, "{}", seen.peak_memory);
}

#[test]
fn output_ends_at_its_limit_and_that_is_said() {
    let seen = seen("floods.wat", |job| {
        job.limits.output = 200_000;
        job.limits.fuel = 100_000;
    });
    assert_eq!(end(&seen), Some((Stage::Run, "OutOfFuel")));
    assert_eq!(seen.stdout.bytes, 200_000);
    assert_eq!(
        seen.remarks,
        ["standard output ended at its limit of 200000 bytes"]
    );
}

#[test]
fn imports_that_nobody_defines_are_stubbed_and_their_calls_recorded() {
    let call = |stubs| {
        seen("own-imports.wat", |job| {
            job.stubs = stubs;
            job.invoke = vec!["total(7)".to_owned()];
        })
    };
    let trapped = call(Stubs::Trap);
    let names: Vec<(&str, bool)> = trapped
        .imports
        .iter()
        .map(|import| (import.name.as_str(), import.satisfied))
        .collect();
    assert_eq!(
        names,
        [
            ("shop.price", false),
            ("shop.log", false),
            ("shop.limit", false)
        ]
    );
    assert_eq!(trapped.stub_calls, ["shop.price"]);
    let failure = trapped.calls[0].failure.as_ref();
    let failure = failure.map(|failure| failure.message.as_str());
    assert_eq!(failure, Some("the stub of `shop.price` was called"));

    let answered = call(Stubs::Default);
    assert_eq!(answered.calls[0].answer.as_deref(), Some("0"));
    assert_eq!(answered.stub_calls, ["shop.price"]);
}

#[test]
fn exports_of_components_are_called_in_wave() {
    let seen = seen("component.wat", |job| {
        job.invoke = [
            "add(1, 2)",
            r#"test:guest/texts@1.0.0.echo("a, \"b\"")"#,
            "fail()",
            "add(1)",
            "none()",
        ]
        .map(str::to_owned)
        .to_vec();
    });
    assert_eq!(seen.failure, None);
    assert_eq!(seen.kind, Some(GuestKind::Component));
    let exports: Vec<String> = seen
        .exports
        .iter()
        .map(|export| format!("{}: {}", export.name, export.ty))
        .collect();
    assert_eq!(
        exports,
        [
            "add: func(u32, u32) -> u32",
            "fail: func()",
            "test:guest/texts@1.0.0.echo: func(string) -> string",
        ]
    );
    assert_eq!(seen.calls[0].answer.as_deref(), Some("3"));
    assert_eq!(seen.calls[1].answer.as_deref(), Some(r#""a, \"b\"""#));
    let failures: Vec<&str> = seen.calls[2..]
        .iter()
        .filter_map(|call| Some(call.failure.as_ref()?.message.as_str()))
        .collect();
    assert_eq!(failures.len(), 3);
    assert!(failures[0].contains("unreachable"), "{failures:?}");
}

#[test]
fn an_interface_that_wasi_has_only_in_part_is_named() {
    let seen = seen("newer-wasi.wat", |job| {
        job.invoke = vec!["ask()".to_owned()]
    });
    assert_eq!(seen.imports.len(), 1);
    let import = &seen.imports[0];
    assert_eq!(import.name, "wasi:clocks/monotonic-clock@0.2.99");
    assert!(!import.satisfied);
    let reason = import.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("now-of-tomorrow"), "{reason}");
    assert_eq!(
        seen.stub_calls,
        ["wasi:clocks/monotonic-clock@0.2.99.now-of-tomorrow"]
    );
}

#[test]
fn proposals_that_a_guest_needs_are_named() {
    for (name, needs) in [
        ("gc.wat", &["gc", "function_references"][..]),
        ("wide-arithmetic.wat", &["wide_arithmetic"]),
        ("hello.wat", &[]),
    ] {
        assert_eq!(seen(name, |_| {}).needs, needs, "{name}");
    }
}

#[test]
fn bytes_that_are_cut_off_are_refused() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for name in ["hello.wat", "component.wat"] {
        let job = job(name, &folder);
        let bytes = std::fs::read(&job.guest).expect("the guest is there");
        for length in [0, 4, 8, 9, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&job.guest, &bytes[..length]).expect("it can be written");
            let seen = observe(&job, &|_| {});
            let refused = end(&seen).is_some_and(|(stage, _)| stage <= Stage::Compile);
            // Eight bytes are a whole, empty module.
            assert_eq!(refused, length != 8, "{name} {length}: {seen:?}");
        }
    }
}

#[test]
fn an_engine_that_can_not_be_made_is_a_failure_at_the_start() {
    let seen = seen("hello.wat", |job| {
        job.engine = EngineSettings {
            max_wasm_stack: Some(0),
            ..EngineSettings::default()
        };
    });
    assert_eq!(end(&seen), Some((Stage::Start, "")));
}

#[test]
fn values_are_written_as_wasmtime_writes_them() {
    use wasmtime::component::Val;
    let text = |text: &str| Val::String(text.to_owned());
    let field = |name: &str, value: Val| (name.to_owned(), value);
    let some = |value: Val| Some(Box::new(value));
    for value in [
        Val::Bool(true),
        Val::S8(-1),
        Val::U64(u64::MAX),
        Val::Float32(1.5),
        Val::Float64(f64::NAN),
        Val::Float64(f64::NEG_INFINITY),
        Val::Char('\''),
        text("a \"b\" \\ \n \u{7} é \u{200b}"),
        Val::List(vec![Val::U8(1), Val::U8(2)]),
        Val::Tuple(vec![Val::U8(1), text("x")]),
        Val::Record(vec![field("a", Val::U8(1)), field("b", Val::Option(None))]),
        Val::Record(vec![field("b", Val::Option(None))]),
        Val::Variant("none".to_owned(), some(Val::U8(1))),
        Val::Variant("other".to_owned(), None),
        Val::Enum("ok".to_owned()),
        Val::Option(some(text("x"))),
        Val::Result(Ok(None)),
        Val::Result(Err(some(Val::Char('x')))),
        Val::Flags(vec!["a".to_owned(), "b".to_owned()]),
    ] {
        let wave = value.to_wave().expect("WAVE has a word for it");
        assert_eq!(values::shown(&value), wave);
    }
}

#[test]
fn switches_of_the_engine_are_set_and_those_of_other_releases_named() {
    let with = |switches: &[(&str, bool)]| {
        seen("gc.wat", |job| {
            let switches = switches.iter();
            job.engine.switches = switches
                .map(|(name, on)| ((*name).to_owned(), *on))
                .collect();
        })
    };
    // 36 has the proposal, and not on by default.
    assert_eq!(
        end(&with(&[])).map(|(stage, _)| stage),
        Some(Stage::Validate)
    );
    let on = [("wasm_gc", true), ("wasm_function_references", true)];
    assert_eq!(end(&with(&on)), None);
    let seen = with(&[("wasm_component_model_map", true), ("wasm_gc", false)]);
    assert_eq!(
        seen.remarks,
        ["`Config::wasm_component_model_map` is set, and is none of this release"]
    );
    let all: Vec<(&str, bool)> = SWITCHES.iter().map(|name| (*name, false)).collect();
    let unknown = with(&all).remarks;
    let unknown: Vec<&str> = unknown
        .iter()
        .filter_map(|remark| remark.split(['`', ':']).nth(3))
        .collect();
    assert_eq!(
        unknown,
        [
            // Of later lines.
            "concurrency_support",
            "gc_support",
            "shared_memory",
            // Of a feature that this host has not.
            "wasm_component_model_async",
            "wasm_component_model_async_builtins",
            "wasm_component_model_async_stackful",
            "wasm_component_model_fixed_length_lists",
            "wasm_component_model_implements",
            "wasm_component_model_map",
            "wasm_component_model_memory64",
            "wasm_component_model_more_async_builtins",
            // Gone with 31.
            "wasm_component_model_more_flags",
            "wasm_component_model_multiple_returns",
            "wasm_component_model_threading",
        ]
    );
}

#[test]
fn real_artifacts_name_this_release() {
    let engine = wasmtime::Engine::default();
    let module = engine.precompile_module(b"(module)");
    let component = engine.precompile_component(b"(component)");
    for (bytes, is_component) in [(module, false), (component, true)] {
        let bytes = bytes.expect("it compiles");
        let artifact = Artifact::read(&bytes).expect("an artifact").expect("whole");
        assert_eq!(artifact.component, is_component);
        assert!(
            MANIFEST.contains(&format!("wasmtime = {{ version = \"{}", artifact.made_by)),
            "{artifact:?}"
        );
    }
}
