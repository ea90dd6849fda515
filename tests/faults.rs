//! What the world does to an upgrade, for real: a cargo that is gone or hangs, a full disk, a folder
//! that may not be written, a file that changes under us. Each time the message says what happened
//! and what to do, and the tree is as it was.
//!
//! A script stands in for cargo, so that these tests decide when it does what.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use support::outside;
use support::vendor::{commit, succeed};
use support::{Ran, TODAY, host_on, program, run};
use tempfile::TempDir;

/// A committed host on 32.0.0, and a place for programs outside of it.
struct Scene {
    host: TempDir,
    outside: TempDir,
}

/// What a working cargo does here: everything compiles, and the lockfile follows the pins.
const CHECK: &str = "check) exit 0 ;;";
const UPDATE: &str = "update) sed s/32.0.0/36.0.20/ Cargo.lock > \"$OUTSIDE/lock\"; cat \"$OUTSIDE/lock\" > Cargo.lock ;;";

impl Scene {
    fn new() -> Self {
        let host = host_on("32.0.0");
        commit(host.path());
        let outside = tempfile::tempdir().unwrap();
        Self { host, outside }
    }

    /// A cargo that answers its commands like this; `$OUTSIDE` is a folder that it may write to.
    fn cargo(&self, cases: &[&str]) -> PathBuf {
        let path = self.outside.path().join("cargo");
        let script = format!(
            "#!/bin/sh\nOUTSIDE='{}'\ncase \"$1\" in\n{}\nesac\n",
            self.outside.path().display(),
            cases.join("\n")
        );
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn command(&self, cargo: &Path, args: &[&str]) -> Command {
        let mut command = program(self.host.path());
        command
            .args(["upgrade", "--to", "36.0.20", "--as-of", TODAY])
            .args(args)
            .env("CARGO", cargo);
        command
    }

    fn upgrade(&self, cargo: &Path, args: &[&str]) -> Ran {
        run(&mut self.command(cargo, args))
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.host.path().join(path)).unwrap()
    }

    /// Git sees no difference, and nothing of ours is left to be undone.
    #[track_caller]
    fn assert_untouched(&self) {
        let status = [
            "status",
            "--porcelain",
            "--untracked-files=all",
            "--ignored",
        ];
        assert_eq!(succeed(self.host.path(), "git", &status), "");
    }
}

#[track_caller]
fn assert_ended(ran: &Ran, code: i32, parts: &[&str]) {
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
    for part in parts {
        let shown = &ran.stderr;
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
}

/// The scene itself: with a cargo that works, the upgrade does too.
#[test]
fn with_a_cargo_that_works_the_host_is_upgraded() {
    let scene = Scene::new();
    let ran = scene.upgrade(&scene.cargo(&[CHECK, UPDATE]), &[]);
    assert_ended(&ran, 0, &[]);
    assert!(scene.text("Cargo.toml").contains("\"36.0.20\""));
    assert!(scene.text("Cargo.lock").contains("\"36.0.20\""));
}

/// A `cargo update` that does something else first.
fn updating(first: &str) -> String {
    format!("update) {first}; {}", &UPDATE["update) ".len()..])
}

#[test]
fn a_cargo_that_is_not_there_is_named_with_the_way_out() {
    let scene = Scene::new();
    let help = "install cargo, or set CARGO to its path";
    let ran = scene.upgrade(Path::new("/nonexistent/cargo"), &[]);
    assert_ended(&ran, 3, &["can't start `/nonexistent/cargo`", help]);
    scene.assert_untouched();
    let ran = scene.upgrade(Path::new("/nonexistent/cargo"), &["--no-verify"]);
    assert_ended(&ran, 3, &["can't start `/nonexistent/cargo`", help]);
    scene.assert_untouched();
}

#[test]
fn a_cargo_that_may_not_be_run_is_named_too() {
    let scene = Scene::new();
    let cargo = scene.cargo(&[CHECK]);
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = scene.upgrade(&cargo, &[]);
    assert_ended(&ran, 3, &["can't start `", "ermission denied"]);
    scene.assert_untouched();
}

/// As when a toolchain is taken out while we are at work.
#[test]
fn a_cargo_that_goes_away_half_way_leaves_everything_as_it_was() {
    let scene = Scene::new();
    let cargo = scene.cargo(&[&updating("rm \"$OUTSIDE/cargo\"")]);
    assert_ended(&scene.upgrade(&cargo, &[]), 3, &["can't start `"]);
    assert!(!cargo.exists());
    scene.assert_untouched();
}

#[test]
fn a_cargo_that_fails_is_quoted() {
    let scene = Scene::new();
    let cargo = scene.cargo(&[CHECK, "update) echo 'error: no space' >&2; exit 101 ;;"]);
    let ran = scene.upgrade(&cargo, &[]);
    let parts = [
        "`cargo update --workspace` failed in",
        "error: no space",
        "as they were",
    ];
    assert_ended(&ran, 3, &parts);
    scene.assert_untouched();
}

/// Runs with a limit of some seconds on a cargo that hangs; all that the cargo started must be gone.
fn hangs(cases: &[&str], named: &str) {
    let scene = Scene::new();
    let cargo = scene.cargo(cases);
    let begun = Instant::now();
    let ran = scene.upgrade(&cargo, &["--timeout", "4"]);
    assert!(begun.elapsed() < Duration::from_secs(60));
    let named = format!("error: `{named}");
    let help = "give it more with --timeout SECONDS";
    assert_ended(&ran, 3, &[&named, "` did not end in time", help]);
    scene.assert_untouched();
    let child = std::fs::read_to_string(scene.outside.path().join("child")).unwrap();
    let alive = || {
        let alive = Command::new("kill").args(["-0", child.trim()]).output();
        alive.unwrap().status.success()
    };
    // Whoever takes in orphans may need a moment.
    while alive() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!alive(), "what cargo started is still there");
}

#[test]
fn a_check_that_hangs_is_ended_with_all_it_started() {
    let hang = "check) sleep 600 & echo $! > \"$OUTSIDE/child\"; wait ;;";
    hangs(&[UPDATE, hang], "cargo check --workspace --all-targets");
}

#[test]
fn an_update_that_hangs_over_a_lockfile_written_by_half_is_taken_back() {
    let hang = "update) echo half > Cargo.lock; sleep 600 & echo $! > \"$OUTSIDE/child\"; wait ;;";
    hangs(&[CHECK, hang], "cargo update --workspace");
}

/// What was moved goes back, and what somebody wrote meanwhile is kept beside.
#[test]
fn a_manifest_that_changes_while_it_is_moved_is_put_back_and_the_other_text_kept() {
    let scene = Scene::new();
    let cargo = scene.cargo(&[CHECK, &updating("echo '# mine' >> Cargo.toml")]);
    let ran = scene.upgrade(&cargo, &[]);
    let parts = [
        "Cargo.toml",
        "changed on disk after it was read, so nothing was written",
        "was edited meanwhile, and that text is kept in ",
    ];
    assert_ended(&ran, 3, &parts);
    for name in ["Cargo.toml", "Cargo.lock"] {
        let text = scene.text(name);
        assert!(
            text.contains("32.0.0") && !text.contains("# mine"),
            "{text}"
        );
    }
    let kept = ran.stderr.split("kept in ").nth(1).unwrap().trim();
    let kept = std::fs::read_to_string(scene.host.path().join(kept)).unwrap();
    assert!(kept.ends_with("# mine\n"), "{kept}");
}

/// The manifest and the lockfile have moved by then: they go back, and the new text stays.
#[test]
fn a_source_that_changes_before_its_turn_is_left_alone() {
    let scene = Scene::new();
    let old = "trappable_imports: true,";
    let source = support::HOST.replace(
        "    require_store",
        &format!("    {old}\n    require_store"),
    );
    support::write(scene.host.path(), "src/lib.rs", source.as_bytes());
    commit(scene.host.path());
    let edit = updating("echo '// mine' >> src/lib.rs");
    let ran = scene.upgrade(&scene.cargo(&[CHECK, &edit]), &[]);
    let parts = [
        "src/lib.rs",
        "changed on disk after it was read, so nothing was written",
    ];
    assert_ended(&ran, 3, &parts);
    assert!(scene.text("src/lib.rs").ends_with("// mine\n"));
    let status = succeed(scene.host.path(), "git", &["status", "--porcelain"]);
    assert_eq!(status, " M src/lib.rs\n");
}

/// The superuser may write everywhere, unless he gives up just that.
fn without_superpowers(command: &Command) -> Option<Command> {
    let id = succeed(Path::new("/"), "id", &["-u"]);
    let mut weak = if id.trim() == "0" {
        let mut setpriv = Command::new("setpriv");
        setpriv.arg("--bounding-set=-dac_override,-dac_read_search");
        let works = setpriv.arg("true").output();
        if !works.is_ok_and(|output| output.status.success()) {
            outside::skipped(
                "faults",
                "the superuser may write everywhere, and can't give that up here",
            );
            return None;
        }
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--bounding-set=-dac_override,-dac_read_search", "--"]);
        setpriv.arg(command.get_program());
        setpriv
    } else {
        Command::new(command.get_program())
    };
    weak.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        weak.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => weak.env(name, value),
            None => weak.env_remove(name),
        };
    }
    Some(weak)
}

#[test]
fn a_folder_that_may_not_be_written_is_named_and_nothing_happens() {
    for folder in ["", "src"] {
        let scene = Scene::new();
        let source =
            support::HOST.replace("    require_store", "    tracing: true,\n    require_store");
        support::write(scene.host.path(), "src/lib.rs", source.as_bytes());
        commit(scene.host.path());
        let cargo = scene.cargo(&[CHECK, UPDATE]);
        let Some(mut command) = without_superpowers(&scene.command(&cargo, &[])) else {
            return;
        };
        let path = scene.host.path().join(folder);
        let set_mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set_mode(0o555);
        let ran = run(&mut command);
        set_mode(0o755);
        let parts = ["ermission denied", "check the permissions of"];
        assert_ended(&ran, 3, &parts);
        scene.assert_untouched();
    }
}

/// What the small disk below is told to do: to be filled up to `$3` blocks, to be upgraded, to be
/// looked at, to be given room and undone.
const ON_A_SMALL_DISK: &str = r#"
set -eu
mount -t tmpfs -o size=1m none "$1"
cp -a "$2/." "$1"
cd "$1"
before=$(cat Cargo.toml Cargo.lock src/lib.rs | cksum)
dd if=/dev/zero of=target/filler bs=4096 2>/dev/null || true
dd if=/dev/null of=target/filler bs=4096 seek=$(( $(stat -c %s target/filler) / 4096 - $3 )) 2>/dev/null
code=0
"$4" --no-registry-cache upgrade --to 36.0.20 --as-of "$5" || code=$?
now=$(cat Cargo.toml Cargo.lock src/lib.rs | cksum)
rm target/filler
case "$(cat Cargo.toml Cargo.lock)" in *32.0.0*) as_after=no ;; *) as_after=yes ;; esac
if [ "$now" = "$before" ]; then state=before; else state=$as_after; fi
if [ "$state" = no ] || [ -e .wasmtime-upgrade/journal ]; then "$4" undo >&2; fi
undone=$(cat Cargo.toml Cargo.lock src/lib.rs | cksum)
if [ "$undone" = "$before" ]; then undone=before; fi
echo "ended $code $state $undone"
"#;

/// A real file system without a free block: at first for anything, then, block by block, for more.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_and_the_tree_is_as_before_or_as_after_or_can_be_undone() {
    let scene = Scene::new();
    support::write(scene.host.path(), "target/here", b"");
    support::write(scene.host.path(), ".gitignore", b"target/\n");
    commit(scene.host.path());
    let cargo = scene.cargo(&[CHECK, UPDATE]);
    let mount = tempfile::tempdir().unwrap();
    let (mut full, mut undone) = (0, 0);
    for blocks in 0..64 {
        let output = Command::new("unshare")
            .args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                ON_A_SMALL_DISK,
                "sh",
            ])
            .args([mount.path(), scene.host.path()])
            .arg(blocks.to_string())
            .args([env!("CARGO_BIN_EXE_wasmtime-upgrade"), TODAY])
            .env("CARGO", &cargo)
            .env("NO_COLOR", "1")
            .output();
        let Ok(output) = output else {
            return eprintln!("not run: no `unshare` here");
        };
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        if blocks == 0 && !shown.contains("No space left") && !stdout.contains("ended") {
            return eprintln!("not run: a disk can't be made here: {shown}");
        }
        let last = stdout.lines().last().unwrap_or_default();
        let case = format!("{blocks} blocks: {stdout}\n{shown}");
        match last.split(' ').collect::<Vec<_>>()[..] {
            ["ended", "0", "yes", "before"] => {
                assert!(full > 0, "the disk was never full");
                return eprintln!("the disk was full {full} times, {undone} times until the undo");
            }
            ["ended", "3", state, "before"] => {
                full += 1;
                undone += usize::from(state != "before");
                assert!(shown.contains("No space left on device"), "{case}");
                let help = [
                    "free some disk space",
                    "wasmtime-upgrade undo",
                    "as they were",
                ];
                assert!(help.iter().any(|help| shown.contains(help)), "{case}");
            }
            _ => panic!("{case}"),
        }
    }
    panic!("the disk never had room enough");
}

/// The program imports this, names it in a type, and is told to write that type otherwise.
const IMPORT: &str = "use std::rc::Rc as Shared;\n";

/// What a compiler says of the part of `text` that `part` is, and what it would write in its place.
fn told(level: &str, code: &str, message: &str, text: &str, part: &str) -> String {
    let start = text.find(part).expect(part);
    let span = |replacement: Option<&str>| {
        json!({
            "file_name": "src/lib.rs", "byte_start": start, "byte_end": start + part.len(),
            "line_start": 1, "line_end": 1, "column_start": 1, "column_end": 2,
            "is_primary": true, "text": [], "label": null, "expansion": null,
            "suggested_replacement": replacement,
            "suggestion_applicability": replacement.map(|_| "MachineApplicable"),
        })
    };
    let replacement = if level == "error" {
        "std::rc::Rc<u8>"
    } else {
        ""
    };
    let child = json!({
        "message": "write it otherwise", "code": null, "level": "help", "children": [],
        "rendered": null, "spans": [span(Some(replacement))],
    });
    let message = json!({
        "$message_type": "diagnostic", "message": message, "level": level, "rendered": message,
        "code": { "code": code, "explanation": null }, "children": [child], "spans": [span(None)],
    });
    let target = json!({
        "kind": ["lib"], "crate_types": ["lib"], "name": "host", "src_path": "/w/src/lib.rs",
        "edition": "2021", "doc": true, "doctest": true, "test": true,
    });
    let line = json!({
        "reason": "compiler-message", "package_id": "path+file:///w#host@0.1.0",
        "manifest_path": "/w/Cargo.toml", "target": target, "message": message,
    });
    format!("{line}\n")
}

/// An upgrade whose first check ends with an error, whose second one with a warning of an import that the
/// repair left without a use, and whose third one, without the import, as `third` says.
fn tidied(third: i32) -> (Ran, String) {
    let scene = Scene::new();
    let text = format!("{IMPORT}pub fn f(x: Shared<u8>) -> u8 {{ *x }}\n");
    let before = format!("{text}{}", support::HOST);
    support::write(scene.host.path(), "src/lib.rs", before.as_bytes());
    commit(scene.host.path());
    let repaired = before.replace("Shared<u8>", "std::rc::Rc<u8>");
    let unused = "unused import: `std::rc::Rc as Shared`";
    let checks = [
        (
            told("error", "E0412", "cannot find it", &before, "Shared<u8>"),
            101,
        ),
        (
            told("warning", "unused_imports", unused, &repaired, IMPORT),
            0,
        ),
        (
            told("error", "E0412", "cannot find it", &repaired, "std::rc"),
            third,
        ),
    ];
    for (number, (messages, code)) in checks.into_iter().enumerate() {
        let messages = if code == 0 {
            messages.replace("\"error\"", "\"warning\"")
        } else {
            messages
        };
        let number = number + 1;
        support::write(
            scene.outside.path(),
            &format!("{number}.json"),
            messages.as_bytes(),
        );
        support::write(
            scene.outside.path(),
            &format!("{number}.code"),
            code.to_string().as_bytes(),
        );
    }
    let next = "check) echo >> \"$OUTSIDE/n\"; n=$(($(wc -l < \"$OUTSIDE/n\"))); cat \"$OUTSIDE/$n.json\"; exit $(cat \"$OUTSIDE/$n.code\") ;;";
    let ran = scene.upgrade(&scene.cargo(&[next, UPDATE]), &[]);
    (ran, scene.text("src/lib.rs"))
}

#[test]
fn an_import_without_a_use_goes_and_comes_back_when_it_is_missed() {
    let (ran, text) = tidied(0);
    assert_ended(&ran, 0, &["Removed 1 import that nothing uses any more"]);
    assert!(text.starts_with("pub fn f(x: std::rc::Rc<u8>)"), "{text}");
    let (ran, text) = tidied(101);
    assert_ended(&ran, 0, &["Removed 1 import", "it compiles"]);
    let kept = format!("{IMPORT}pub fn f(x: std::rc::Rc<u8>)");
    assert!(text.starts_with(&kept), "{text}");
}
