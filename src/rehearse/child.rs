//! A host as a child process: the only place where guests run.

use std::time::Duration;

use camino::Utf8Path;

use super::protocol::{Failure, Job, Observation, Stage};
use crate::error::{Error, Result};
use crate::world::{Command, ProcessOutput, World};

/// The host process ended in a way that no guest should be able to bring about.
pub const CRASH: &str = "HostCrash";
/// The host process did not end in time.
pub const TIMEOUT: &str = "HostTimeout";
/// The host process answered with more than it may.
pub const FLOOD: &str = "HostFlood";

/// How long a host may take on top of its guest's time: the epoch ends guests, this what no epoch
/// ends, such as a call of the host that waits.
const GRACE: Duration = Duration::from_secs(5);

/// How long an answer may be beyond the guest's own output, in bytes: imports, exports, JSON's
/// escapes.
const MOST_ANSWER: usize = 8 << 20;

/// Runs a guest under one host. However the host ends, there is an observation.
///
/// # Errors
/// When the host can't be started, or somebody asked us to stop.
pub fn observe(
    world: &dyn World,
    program: &Utf8Path,
    folder: &Utf8Path,
    job: &Job,
) -> Result<Observation> {
    let input = serde_json::to_string(job)
        .map_err(|error| Error::usage(format!("this job is none: {error}"), "please report it"))?;
    let output = usize::try_from(job.limits.output).unwrap_or(usize::MAX);
    let command = Command {
        clean_env: true,
        input,
        timeout: Some(Duration::from_millis(job.limits.millis) + GRACE),
        most_output: Some(MOST_ANSWER.saturating_add(output.saturating_mul(2 * 6))),
        ..Command::new(program.as_str(), Vec::<String>::new(), folder)
    };
    let output = world
        .run(&command, &mut |_| {})
        .map_err(|error| Error::Process {
            message: format!("can't start the host {program}: {error}"),
            output: String::new(),
            help: "remove the folder of that host, so that it is built again".to_owned(),
        })?;
    if world.interrupted() {
        return Err(Error::Interrupted);
    }
    Ok(understood(&output, job))
}

/// What a host said, or what is known of one that said nothing.
fn understood(output: &ProcessOutput, job: &Job) -> Observation {
    let answer = || serde_json::from_str(&output.stdout);
    let failure = match (output.timed_out, output.flooded, output.success()) {
        (true, _, _) => {
            let seconds = job.limits.millis / 1000;
            (TIMEOUT, format!("not done after {seconds} s"))
        }
        (_, true, _) => (FLOOD, "the answer has no end".to_owned()),
        (_, _, true) => match answer() {
            Ok(seen) => return seen,
            Err(error) => (CRASH, format!("the host's answer is no answer: {error}")),
        },
        (_, _, false) => (CRASH, how_it_ended(output)),
    };
    let (name, message) = failure;
    Observation {
        failure: Some(Failure {
            stage: last_stage(&output.stderr),
            trap: Some(name.to_owned()),
            message,
        }),
        ..Observation::default()
    }
}

fn how_it_ended(output: &ProcessOutput) -> String {
    let how = match (output.signal, output.code) {
        (Some(signal), _) => format!("the host was ended by signal {signal}{}", known(signal)),
        (None, Some(code)) => format!("the host exited with {code}"),
        (None, None) => "the host ended".to_owned(),
    };
    // A panic says why on standard error.
    let words = output
        .stderr
        .lines()
        .filter(|line| !line.starts_with("stage "));
    let words: Vec<&str> = words
        .filter(|line| !line.trim().is_empty())
        .take(2)
        .collect();
    if words.is_empty() {
        how
    } else {
        format!("{how}: {}", words.join(" "))
    }
}

fn known(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT)",
        7 => " (SIGBUS)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        _ => "",
    }
}

/// The last stage that a host said it had come to.
fn last_stage(stderr: &str) -> Stage {
    let words = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("stage "));
    let mut stages = words.filter_map(|word| serde_json::from_value(word.into()).ok());
    stages.next_back().unwrap_or(Stage::Start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn failure_of(output: ProcessOutput) -> Failure {
        let world = MemoryWorld::new().with_output(output);
        let seen = observe(&world, "/host".into(), "/".into(), &Job::default()).unwrap();
        seen.failure.unwrap()
    }

    #[test]
    fn what_a_host_answers_is_what_was_seen() {
        let seen = Observation {
            exit_code: Some(3),
            ..Observation::default()
        };
        let world = MemoryWorld::new().with_output(ProcessOutput {
            code: Some(0),
            stdout: serde_json::to_string(&seen).unwrap(),
            ..ProcessOutput::default()
        });
        let answered = observe(&world, "/host".into(), "/".into(), &Job::default());
        assert_eq!(answered.unwrap(), seen);
    }

    #[test]
    fn a_host_that_crashes_says_how_far_it_came() {
        let failure = failure_of(ProcessOutput {
            signal: Some(11),
            stderr: "stage start\nstage compile\n".to_owned(),
            ..ProcessOutput::default()
        });
        assert_eq!(failure.stage, Stage::Compile);
        assert_eq!(failure.trap.as_deref(), Some(CRASH));
        assert_eq!(failure.message, "the host was ended by signal 11 (SIGSEGV)");
    }

    #[test]
    fn a_panic_is_quoted() {
        let failure = failure_of(ProcessOutput {
            code: Some(101),
            stderr: "stage run\nthread 'main' panicked at x.rs:1:1:\nindex out of bounds\n"
                .to_owned(),
            ..ProcessOutput::default()
        });
        assert_eq!(
            failure.message,
            "the host exited with 101: thread 'main' panicked at x.rs:1:1: index out of bounds"
        );
    }

    #[test]
    fn a_host_that_is_late_or_has_no_end_is_a_failure_of_its_own() {
        let late = failure_of(ProcessOutput {
            timed_out: true,
            ..ProcessOutput::default()
        });
        assert_eq!(late.trap.as_deref(), Some(TIMEOUT));
        let flood = failure_of(ProcessOutput {
            flooded: true,
            ..ProcessOutput::default()
        });
        assert_eq!(flood.trap.as_deref(), Some(FLOOD));
        let nonsense = failure_of(ProcessOutput {
            code: Some(0),
            stdout: "hello".to_owned(),
            ..ProcessOutput::default()
        });
        assert_eq!(nonsense.trap.as_deref(), Some(CRASH));
    }
}
