//! Programs that are no part of the toolchain. A test that needs one does not run where it is not
//! there, and says so; `.ci/run` installs what it can.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// What the variable names, when it names anything.
pub fn named_by(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

/// The program of that name on the path.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Says that a test did not run. Straight to standard error: the test runner keeps what passing
/// tests print to itself.
pub fn skipped(test: &str, why: &str) {
    let line = format!("SKIPPED {test}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Waits for a program, and ends it after `limit`.
pub fn wait(command: &mut Command, limit: Duration) {
    let mut child: Child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}: {status}");
            return;
        }
        if start.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{command:?}: no end after {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
