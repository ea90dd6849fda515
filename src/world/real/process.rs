//! Running another program to its end, or to ours.

use std::io::{self, Read, Write as _};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::world::{Command, ProcessOutput};

/// How long a time limit or an interruption can go unnoticed.
const POLL: Duration = Duration::from_millis(20);

/// How long we listen on after the program has ended. Something that it left running (a compiler
/// cache, a file watcher) may hold its output open forever.
const GRACE: Duration = Duration::from_secs(2);

/// Which of the two outputs a piece came from.
#[derive(Clone, Copy)]
enum Stream {
    Stdout,
    Stderr,
}

/// Runs `command`; it is killed when its time is up or `interrupted` says yes.
///
/// # Errors
/// When it can't be started.
pub(super) fn run(
    command: &Command,
    on_line: &mut dyn FnMut(&str),
    interrupted: &dyn Fn() -> bool,
) -> io::Result<ProcessOutput> {
    let mut child = spawn(command)?;
    let pieces = listen(&mut child);
    let deadline = command.timeout.map(|limit| Instant::now() + limit);
    let mut collected = Collected::default();
    let mut listening = true;
    let mut killed = false;
    let mut ended: Option<(ExitStatus, Instant)> = None;

    loop {
        match pieces.recv_timeout(POLL) {
            Ok((stream, piece)) => collected.take(stream, &piece, on_line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                // Both outputs are closed, so nothing is left but to wait for the exit code.
                listening = false;
                if ended.is_none() {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
        if ended.is_none() {
            ended = child.try_wait()?.map(|status| (status, Instant::now()));
        }
        if let Some((status, since)) = ended {
            if !listening || since.elapsed() > GRACE {
                collected.finish(on_line);
                return Ok(collected.output(status));
            }
        } else if !killed {
            let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
            let flooded = command
                .most_output
                .is_some_and(|most| collected.longest() > most);
            if late || flooded || interrupted() {
                collected.timed_out = late;
                collected.flooded = flooded;
                killed = true;
                kill(&mut child);
            }
        }
    }
}

/// Starts the program with its outputs as pipes, and with what it is to read.
fn spawn(command: &Command) -> io::Result<Child> {
    let mut process = std::process::Command::new(&command.program);
    if command.clean_env {
        process.env_clear();
    }
    let input = if command.input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    process
        .args(&command.args)
        .current_dir(&command.dir)
        .envs(command.env.iter().map(|(name, value)| (name, value)))
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        // A group of its own, so that what it starts (cargo its compilers) can be ended with it,
        // and so that Ctrl-C reaches us alone and we decide in which order things end.
        use std::os::unix::process::CommandExt as _;
        process.process_group(0);
    }
    let mut child = process.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        let text = command.input.clone();
        // A program that does not read must not keep us from listening to it, and one that has ended
        // needs no more.
        thread::spawn(move || stdin.write_all(text.as_bytes()));
    }
    Ok(child)
}

/// Reads both outputs at once: a program that fills one pipe must not wait for us to have finished
/// with the other.
fn listen(child: &mut Child) -> Receiver<(Stream, Vec<u8>)> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        pump(stdout, Stream::Stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        pump(stderr, Stream::Stderr, sender);
    }
    receiver
}

/// Hands on what comes, until the end or until nobody listens any more.
fn pump(mut from: impl Read + Send + 'static, stream: Stream, sender: Sender<(Stream, Vec<u8>)>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    if sender.send((stream, buffer[..length].to_vec())).is_err() {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    });
}

/// Ends the program and, where the system has process groups, all that it started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    // It fails only when the program has just ended by itself.
    let _ = child.kill();
}

/// What has been heard so far.
#[derive(Default)]
struct Collected {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// How much of `stderr` has been handed on as lines, in bytes.
    lines_end: usize,
    timed_out: bool,
    flooded: bool,
}

impl Collected {
    /// The length of the longer output so far, in bytes.
    fn longest(&self) -> usize {
        self.stdout.len().max(self.stderr.len())
    }

    fn take(&mut self, stream: Stream, piece: &[u8], on_line: &mut dyn FnMut(&str)) {
        match stream {
            Stream::Stdout => self.stdout.extend_from_slice(piece),
            Stream::Stderr => {
                self.stderr.extend_from_slice(piece);
                while let Some(length) = self.stderr[self.lines_end..]
                    .iter()
                    .position(|byte| *byte == b'\n')
                {
                    let end = self.lines_end + length;
                    emit(&self.stderr[self.lines_end..end], on_line);
                    self.lines_end = end + 1;
                }
            }
        }
    }

    /// Hands on a last line that has no newline.
    fn finish(&mut self, on_line: &mut dyn FnMut(&str)) {
        if self.lines_end < self.stderr.len() {
            emit(&self.stderr[self.lines_end..], on_line);
            self.lines_end = self.stderr.len();
        }
    }

    fn output(self, status: ExitStatus) -> ProcessOutput {
        ProcessOutput {
            code: status.code(),
            signal: signal(status),
            stdout: String::from_utf8_lossy(&self.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&self.stderr).into_owned(),
            timed_out: self.timed_out,
            flooded: self.flooded,
        }
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal()
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

fn emit(line: &[u8], on_line: &mut dyn FnMut(&str)) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    on_line(&String::from_utf8_lossy(line));
}
