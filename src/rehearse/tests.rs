//! The whole way, with hosts that are played: what is asked of them, kept of them and made of their
//! answers.

use super::*;
use crate::rehearse::artifact::tests::artifact;
use crate::rehearse::protocol::{Failure, Written};
use crate::world::{Command, MemoryWorld, ProcessOutput};

const WASM: &[u8] = b"\0asm\x01\0\0\0";

fn world() -> MemoryWorld {
    MemoryWorld::new()
        .with_file("/p/a.wasm", WASM)
        .with_file("/p/b.wasm", WASM)
        .with_current_dir("/p")
}

fn request(world: &MemoryWorld, guests: &[&str]) -> Request<'static> {
    let root = Utf8PathBuf::from("/p");
    Request {
        from: FamilyVersion::new(36, 20),
        to: FamilyVersion::new(48, 8),
        features: Default::default(),
        policy: Policy::find(world, &root).unwrap(),
        here: root.clone(),
        root,
        workspace: None,
        guests: guests.iter().map(ToString::to_string).collect(),
        settings: GuestSettings::default(),
        engine: ProjectEngine::default(),
        limits: Limits::default(),
        stubs: None,
        jobs: 2,
        offline: true,
        today: "2026-11-22".parse().unwrap(),
    }
}

/// Plays cargo, which makes a host of any package, and the hosts, which answer with what `seen` says
/// of a release and a job.
fn playing(
    world: MemoryWorld,
    seen: impl Fn(&str, &Job) -> ProcessOutput + Send + Sync + 'static,
) -> MemoryWorld {
    world.with_programs(move |world, command| {
        if command.program == "cargo" {
            world.put("/cache/target/release/wasmtime-upgrade-host", "a program");
            return Ok(ProcessOutput {
                code: Some(0),
                ..ProcessOutput::default()
            });
        }
        let job: Job = serde_json::from_str(&command.input).unwrap();
        let key = Utf8Path::new(&command.program).parent().unwrap();
        let release = key.file_name().unwrap().split('-').next().unwrap();
        Ok(seen(release, &job))
    })
}

fn answered(seen: &Observation) -> ProcessOutput {
    ProcessOutput {
        code: Some(0),
        stdout: serde_json::to_string(seen).unwrap(),
        ..ProcessOutput::default()
    }
}

fn rehearsed(world: &MemoryWorld, guests: &[&str]) -> Result<Rehearsal> {
    let cache = Cache::at("/cache".into());
    let request = request(world, guests);
    rehearse(world, Knowledge::embedded(), &cache, &request, &mut |_| {})
}

fn hosts_started(world: &MemoryWorld) -> Vec<Command> {
    let commands = world.commands().into_iter();
    commands
        .filter(|command| command.program != "cargo")
        .collect()
}

#[test]
fn every_guest_runs_under_both_and_hosts_are_built_once() {
    let fine = Observation {
        exit_code: Some(0),
        ..Observation::default()
    };
    let world = playing(world(), move |_, _| answered(&fine));
    let first = rehearsed(&world, &["*.wasm"]).unwrap();
    assert_eq!(first.class, Class::Same);
    assert_eq!(first.exit_code(), ExitCode::Clean);
    assert!(first.hosts.iter().all(|host| host.built));
    let paths: Vec<&str> = first.guests.iter().map(|guest| &*guest.path).collect();
    assert_eq!(paths, ["a.wasm", "b.wasm"]);
    assert_eq!(hosts_started(&world).len(), 4);

    let second = rehearsed(&world, &["*.wasm"]).unwrap();
    assert!(second.hosts.iter().all(|host| !host.built));
    let cargo = world.commands().into_iter();
    let cargo = cargo.filter(|command| command.program == "cargo");
    assert_eq!(cargo.count(), 2);
}

#[test]
fn a_run_waits_for_another_one_that_builds_a_host() {
    let world = playing(world(), |_, _| answered(&Observation::default()));
    world.create_dir("/cache".into()).unwrap();
    let _other = world.lock("/cache/lock".into()).unwrap();
    let cache = Cache::at("/cache".into());
    let mut steps = Vec::new();
    let rehearsal = rehearse(
        &world,
        Knowledge::embedded(),
        &cache,
        &request(&world, &["a.wasm"]),
        &mut |progress| {
            if let Progress::Step(verb, what) = progress {
                steps.push(format!("{verb} {what}"));
            }
        },
    );
    assert_eq!(rehearsal.unwrap().class, Class::Same);
    let waiting = "Waiting for another run (process 1) that builds a host in /cache";
    assert!(steps.iter().any(|step| step == waiting), "{steps:?}");
}

#[test]
fn a_host_gets_no_environment_and_a_limit_of_time_and_of_output() {
    let world = playing(world(), |_, _| answered(&Observation::default()));
    rehearsed(&world, &["a.wasm"]).unwrap();
    for command in hosts_started(&world) {
        assert!(command.clean_env && command.env.is_empty(), "{command:?}");
        assert!(command.timeout.is_some() && command.most_output.is_some());
        assert!(command.dir.starts_with("/cache"), "{}", command.dir);
    }
}

#[test]
fn nothing_is_written_but_in_the_cache() {
    let world = playing(world(), |_, _| answered(&Observation::default()));
    let before = world.files();
    rehearsed(&world, &["*.wasm"]).unwrap();
    let written: Vec<Utf8PathBuf> = world
        .files()
        .into_iter()
        .filter(|(path, bytes)| before.get(path) != Some(bytes))
        .map(|(path, _)| path)
        .collect();
    assert!(!written.is_empty());
    assert!(
        written.iter().all(|path| path.starts_with("/cache")),
        "{written:?}"
    );
    let target = Utf8Path::new("/cache/target");
    assert!(!written.iter().any(|path| path.starts_with(target)));
}

#[test]
fn a_difference_is_seen_twice_before_it_is_believed() {
    let world = playing(world(), |release, _| {
        answered(&Observation {
            fuel: Some(if release == "36.0.20" { 10 } else { 20 }),
            ..Observation::default()
        })
    });
    let rehearsal = rehearsed(&world, &["a.wasm"]).unwrap();
    assert_eq!(rehearsal.class, Class::Changes);
    assert_eq!(rehearsal.exit_code(), ExitCode::Findings);
    assert_eq!(rehearsal.guests[0].differences[0].aspect, Aspect::Fuel);
    assert_eq!(hosts_started(&world).len(), 4);
}

/// A host that ran its guest twice: what it used then, and what it printed.
fn ran_twice(fuel: [u64; 2], printed: &str) -> ProcessOutput {
    let [first, second] = fuel.map(|fuel| Observation {
        fuel: Some(fuel),
        stdout: Written {
            text: printed.to_owned(),
            bytes: printed.len() as u64,
        },
        ..Observation::default()
    });
    answered(&Observation {
        again: Some(Box::new(second)),
        ..first
    })
}

#[test]
fn what_a_host_saw_twice_by_itself_is_not_run_again() {
    let world = playing(world(), |release, _| match release {
        "36.0.20" => ran_twice([10, 10], ""),
        _ => ran_twice([20, 20], ""),
    });
    let rehearsal = rehearsed(&world, &["a.wasm"]).unwrap();
    assert_eq!(rehearsal.guests[0].differences[0].aspect, Aspect::Fuel);
    assert_eq!(hosts_started(&world).len(), 2);
    // It is no part of what is reported.
    assert_eq!(rehearsal.guests[0].before.again, None);
}

#[test]
fn what_a_host_saw_to_differ_by_itself_is_no_difference() {
    let world = playing(world(), |release, _| match release {
        "36.0.20" => ran_twice([10, 11], ""),
        _ => ran_twice([20, 20], ""),
    });
    let rehearsal = rehearsed(&world, &["a.wasm"]).unwrap();
    assert_eq!(rehearsal.class, Class::Same);
    assert_eq!(rehearsal.guests[0].unsteady, [Aspect::Fuel]);
    assert_eq!(hosts_started(&world).len(), 2);
}

#[test]
fn what_a_guest_says_may_be_the_time_and_is_asked_for_later_once_more() {
    let world = playing(world(), |release, _| match release {
        "36.0.20" => ran_twice([10, 10], "11:59"),
        _ => ran_twice([10, 10], "12:00"),
    });
    rehearsed(&world, &["a.wasm"]).unwrap();
    assert_eq!(hosts_started(&world).len(), 4);
}

#[test]
fn what_differs_from_run_to_run_is_no_difference() {
    let run = AtomicUsize::new(0);
    let world = playing(world(), move |_, _| {
        answered(&Observation {
            fuel: Some(run.fetch_add(1, Ordering::Relaxed) as u64),
            exit_code: Some(0),
            ..Observation::default()
        })
    });
    let rehearsal = rehearsed(&world, &["a.wasm"]).unwrap();
    assert_eq!(rehearsal.class, Class::Same);
    assert_eq!(rehearsal.guests[0].unsteady, [Aspect::Fuel]);
}

#[test]
fn a_host_that_crashes_is_a_finding_and_the_other_guests_go_on() {
    let world = playing(world(), |release, job| {
        if release == "48.0.8" && job.guest.ends_with("a.wasm") {
            return ProcessOutput {
                signal: Some(11),
                stderr: "stage start\nstage compile\n".to_owned(),
                ..ProcessOutput::default()
            };
        }
        answered(&Observation {
            exit_code: Some(0),
            ..Observation::default()
        })
    });
    let rehearsal = rehearsed(&world, &["*.wasm"]).unwrap();
    let classes: Vec<Class> = rehearsal.guests.iter().map(|guest| guest.class).collect();
    assert_eq!(classes, [Class::Breaks, Class::Same]);
    assert_eq!(
        rehearsal.guests[0].differences[0].after,
        "fails to compile (HostCrash): the host was ended by signal 11 (SIGSEGV)"
    );
}

#[test]
fn the_policy_says_how_guests_run_and_what_may_differ() {
    let policy = "\
[rehearse]
guests = [\"*.wasm\"]
args = [\"all\"]
stub = \"default\"
max-wasm-stack = 1048576

[[rehearse.guest]]
path = \"a.wasm\"
args = [\"own\"]
env = [\"LEVEL=1\"]
stdin = \"text\"
invoke = [\"f()\"]
requests = [\"GET /a\"]

[[rehearse.expect]]
guest = \"a.wasm\"
aspect = \"fuel\"
reason = \"46 charges by size\"
until = 2026-12-31
";
    let world = world().with_file("/p/wasmtime-upgrade.toml", policy);
    let world = playing(world, |release, _| {
        answered(&Observation {
            fuel: Some(u64::from(release == "48.0.8")),
            ..Observation::default()
        })
    });
    let rehearsal = rehearsed(&world, &[]).unwrap();
    let classes: Vec<Class> = rehearsal.guests.iter().map(|guest| guest.class).collect();
    assert_eq!(classes, [Class::Same, Class::Changes]);
    let expected = rehearsal.guests[0].differences[0].expected.as_deref();
    assert_eq!(expected, Some("46 charges by size"));
    assert_eq!(rehearsal.remarks, [""; 0]);

    let job_of = |name: &str| -> Job {
        let jobs = hosts_started(&world).into_iter();
        let mut jobs = jobs.map(|command| serde_json::from_str::<Job>(&command.input).unwrap());
        jobs.find(|job| job.guest.ends_with(name)).unwrap()
    };
    let (a, b) = (job_of("a.wasm"), job_of("b.wasm"));
    assert_eq!(a.args, ["own"]);
    assert_eq!(a.env, [("LEVEL".to_owned(), "1".to_owned())]);
    assert_eq!(
        (a.stdin.as_str(), &a.invoke[..]),
        ("text", &["f()".to_owned()][..])
    );
    assert_eq!(
        (&a.requests[..], &b.requests[..]),
        (&["GET /a".to_owned()][..], &[][..])
    );
    assert_eq!(
        (&b.args[..], b.stubs),
        (&["all".to_owned()][..], Stubs::Default)
    );
    assert_eq!(b.engine.max_wasm_stack, Some(1_048_576));
}

#[test]
fn artifacts_alone_start_nothing() {
    let world = MemoryWorld::new().with_file("/p/old.cwasm", artifact("36.0.20", 1));
    let world = world.with_file("/p/new.cwasm", artifact("48", 1));
    let rehearsal = rehearsed(&world, &[]).unwrap();
    assert_eq!(world.commands(), []);
    assert_eq!(rehearsal.class, Class::Breaks);
    let of = |path: &str| {
        rehearsal
            .artifacts
            .iter()
            .find(|artifact| artifact.path == path)
    };
    let old = of("old.cwasm").unwrap();
    assert_eq!(old.differences[0].before, "36.0.20 accepts it");
    assert_eq!(
        old.differences[0].after,
        "48.0.8 refuses it: it was made by 36.0.20"
    );
    assert_eq!(of("new.cwasm").unwrap().class, Class::Same);
}

#[test]
fn a_file_that_is_no_wasm_stops_no_other_and_is_no_success() {
    let world = world().with_file("/p/c.wasm", "just text");
    let world = playing(world, |_, _| answered(&Observation::default()));
    let rehearsal = rehearsed(&world, &["*.wasm"]).unwrap();
    assert_eq!(rehearsal.guests.len(), 2);
    assert_eq!(rehearsal.not_rehearsed[0].path, "c.wasm");
    assert_eq!(rehearsal.exit_code(), ExitCode::CouldNotFinish);
}

#[test]
fn a_host_that_does_not_build_is_an_error_with_what_cargo_says() {
    let world = world().with_programs(|_, _| {
        Ok(ProcessOutput {
            code: Some(101),
            stderr: "error: rustc 1.80 is too old".to_owned(),
            ..ProcessOutput::default()
        })
    });
    let error = rehearsed(&world, &["a.wasm"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the host of Wasmtime 36.0.20 does not build"
    );
    let Error::Process { output, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(output, "error: rustc 1.80 is too old");
}

#[test]
fn no_guests_and_releases_that_are_too_old_are_errors() {
    let none = rehearsed(&MemoryWorld::new().with_dir("/p"), &[]).unwrap_err();
    assert!(
        none.to_string().starts_with("there are no guests in "),
        "{none}"
    );
    let world = world();
    let mut old = request(&world, &["a.wasm"]);
    old.from = FamilyVersion::new(23, 0);
    let cache = Cache::at("/cache".into());
    let refused = rehearse(&world, Knowledge::embedded(), &cache, &old, &mut |_| {});
    let refused = refused.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "guests can't be rehearsed under 23.0.0"
    );
}

#[test]
fn a_failure_on_both_sides_is_the_same() {
    let world = playing(world(), |_, _| {
        answered(&Observation {
            failure: Some(Failure {
                stage: protocol::Stage::Validate,
                trap: None,
                message: "cut off".to_owned(),
            }),
            ..Observation::default()
        })
    });
    let rehearsal = rehearsed(&world, &["a.wasm"]).unwrap();
    assert_eq!(rehearsal.class, Class::Same);
    let text = crate::report::rehearsal::human(&rehearsal, &crate::report::human::Style::default());
    assert!(
        text.contains("on both: fails to validate: cut off"),
        "{text}"
    );
}
