#![allow(clippy::unwrap_used, clippy::expect_used)]

use tempfile::TempDir;

use super::*;
use crate::world::WalkEntry;

const WORLD: RealWorld = RealWorld::new();

/// A folder that goes with the test, and its real path.
fn folder() -> (TempDir, Utf8PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    let path = path.canonicalize_utf8().unwrap();
    (folder, path)
}

fn put(path: impl AsRef<Path>, content: &str) {
    fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// What a walk for manifests and sources finds, relative to `root`; what it passes over, marked
/// with `!`.
fn walked(root: &Utf8Path) -> Vec<String> {
    let strip = |path: &str| path.replace(root.as_str(), "");
    WORLD
        .walk(root, &["Cargo.toml"], &["rs"])
        .into_iter()
        .map(|entry| match entry {
            WalkEntry::File(path) => strip(path.as_str()),
            WalkEntry::PassedOver { path, reason } => format!("!{} {reason}", strip(&path)),
        })
        .collect()
}

#[test]
fn a_walk_finds_names_and_endings_in_the_order_of_their_paths() {
    let (_keep, root) = folder();
    for path in [
        "b/lib.rs",
        "a/Cargo.toml",
        "a.rs",
        "Cargo.toml",
        "a/x.toml",
        "rs",
    ] {
        put(root.join(path), "");
    }
    assert_eq!(
        walked(&root),
        ["/Cargo.toml", "/a/Cargo.toml", "/a.rs", "/b/lib.rs"]
    );
}

#[test]
fn a_walk_leaves_out_what_is_generated_or_hidden() {
    let (_keep, root) = folder();
    put(root.join("src/lib.rs"), "");
    put(root.join("out/generated.rs"), "");
    put(root.join("src/skip.rs"), "");
    put(root.join(".hidden/a.rs"), "");
    put(root.join("cache/CACHEDIR.TAG"), "");
    put(root.join("cache/debug/build.rs"), "");
    put(root.join("cache/a.rs"), "");
    // It was named, so it is looked at.
    put(root.join("CACHEDIR.TAG"), "");
    put(root.join("searched/a.rs"), "");
    // Rules of git hold without a repository; those of search tools don't.
    put(root.join(".gitignore"), "/out/\n");
    put(root.join("src/.gitignore"), "skip.rs\n");
    put(root.join(".ignore"), "searched\n");
    assert_eq!(walked(&root), ["/searched/a.rs", "/src/lib.rs"]);
}

#[test]
fn rules_around_the_root_count_up_to_the_repository_and_no_further() {
    let (_keep, top) = folder();
    put(top.join(".gitignore"), "*\n");
    put(top.join("project/a.rs"), "");
    assert_eq!(walked(&top.join("project")), ["/a.rs"]);

    fs::create_dir(top.join("project/.git")).unwrap();
    put(top.join("project/.gitignore"), "gen.rs\n");
    put(top.join("project/sub/gen.rs"), "");
    put(top.join("project/sub/b.rs"), "");
    assert_eq!(walked(&top.join("project/sub")), ["/b.rs"]);
}

#[test]
fn what_git_keeps_is_found_though_a_pattern_ignores_it() {
    let (_keep, root) = folder();
    for path in [
        "p/src/bindings.rs",
        "p/src/other/bindings.rs",
        "p/src/lib.rs",
        "p/.x/bindings.rs",
    ] {
        put(root.join(path), "");
    }
    put(root.join(".gitignore"), "bindings.rs\n");
    let git = |args: &[&str]| {
        let git = std::process::Command::new("git")
            .args(args)
            .current_dir(&root)
            .output();
        assert!(git.unwrap().status.success());
    };
    git(&["init", "-q"]);
    git(&["add", "-f", "p/src/bindings.rs", "p/.x/bindings.rs"]);
    assert_eq!(walked(&root), ["/p/src/bindings.rs", "/p/src/lib.rs"]);
    assert_eq!(walked(&root.join("p")), ["/src/bindings.rs", "/src/lib.rs"]);
}

#[test]
fn a_root_that_is_not_there_is_passed_over() {
    let (_keep, root) = folder();
    let found = WORLD.walk(&root.join("nowhere"), &["Cargo.toml"], &[]);
    assert_eq!(found.len(), 1);
    match &found[0] {
        WalkEntry::PassedOver { path, .. } => assert!(path.ends_with("nowhere")),
        WalkEntry::File(path) => panic!("found {path}"),
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_walk_follows_no_link_and_says_so() {
        let (_keep, root) = folder();
        put(root.join("real/a.rs"), "");
        for (target, link) in [
            ("real", "folder"),
            ("real/a.rs", "b.rs"),
            ("real/a.rs", "not-asked-for"),
            ("nowhere", "broken.rs"),
            ("nowhere", "broken-and-not-asked-for"),
            ("..", "real/up"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        assert_eq!(
            walked(&root),
            [
                "/real/a.rs",
                "!/b.rs a link to a file; links are not followed",
                "!/broken.rs a link that leads nowhere",
                "!/folder a link to a folder; links are not followed",
                "!/real/up a link to a folder; links are not followed",
            ]
        );
    }

    #[test]
    fn a_walk_survives_links_that_lead_in_a_circle() {
        let (_keep, root) = folder();
        symlink("two", root.join("one")).unwrap();
        symlink("one", root.join("two")).unwrap();
        put(root.join("a.rs"), "");
        let found = walked(&root);
        assert_eq!(found[0], "/a.rs");
        assert!(
            found[1].starts_with("!/one a link that can't be followed"),
            "{found:?}"
        );
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn names_that_are_not_utf8_are_passed_over_once() {
        let (_keep, root) = folder();
        let odd = |name: &[u8]| root.as_std_path().join(OsStr::from_bytes(name));
        put(odd(b"f\xff.rs"), "");
        put(odd(b"f\xff.txt"), "");
        put(odd(b"d\xff").join("a.rs"), "");
        put(odd(b"d\xff").join("b.rs"), "");
        assert_eq!(
            walked(&root),
            [
                "!/d\u{fffd} the name is not UTF-8",
                "!/f\u{fffd}.rs the name is not UTF-8"
            ]
        );
    }

    #[test]
    fn a_pipe_with_a_wanted_name_is_passed_over() {
        let (_keep, root) = folder();
        let made = WORLD.run(&Command::new("mkfifo", ["a.rs"], &root), &mut |_| {});
        assert!(made.unwrap().success());
        assert_eq!(walked(&root), ["!/a.rs not a regular file"]);
    }

    fn shell(script: &str) -> Command {
        Command::new("sh", ["-c", script], "/")
    }

    fn quiet(command: &Command) -> ProcessOutput {
        WORLD.run(command, &mut |_| {}).unwrap()
    }

    #[test]
    fn a_program_is_heard_on_both_outputs() {
        let mut lines = Vec::new();
        let mut command = shell("echo out; echo one >&2; printf 'two\\r\\nthree' >&2; pwd; exit 3");
        command.env.push(("X".to_owned(), "y".to_owned()));
        let output = WORLD
            .run(&command, &mut |line| lines.push(line.to_owned()))
            .unwrap();
        assert_eq!(output.code, Some(3));
        assert_eq!(output.stdout, "out\n/\n");
        assert_eq!(output.stderr, "one\ntwo\r\nthree");
        assert_eq!(lines, ["one", "two", "three"]);
        assert!(!output.timed_out && !output.success());
    }

    #[test]
    fn full_pipes_do_not_block() {
        // More than a pipe holds, on one and then on the other.
        let script = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; \
                      head -c 300000 /dev/zero";
        let output = quiet(&shell(script));
        assert_eq!(
            (output.stdout.len(), output.stderr.len()),
            (600_000, 300_000)
        );
    }

    #[test]
    fn a_program_gets_nothing_to_read() {
        assert_eq!(quiet(&shell("cat; echo done")).stdout, "done\n");
    }

    #[test]
    fn a_program_reads_what_it_is_given_and_need_not() {
        let mut command = shell("cat");
        command.input = "given\n".repeat(100_000);
        assert_eq!(quiet(&command).stdout, command.input);
        command.args[1] = "echo done".to_owned();
        assert_eq!(quiet(&command).stdout, "done\n");
    }

    #[test]
    fn a_clean_environment_holds_nothing_but_what_is_given() {
        let mut command = Command::new("/usr/bin/env", Vec::<String>::new(), "/");
        command.clean_env = true;
        command.env.push(("X".to_owned(), "y".to_owned()));
        assert_eq!(quiet(&command).stdout, "X=y\n");
    }

    #[test]
    fn a_limit_of_output_ends_a_program() {
        let mut command = shell("cat /dev/zero");
        command.most_output = Some(1_000_000);
        let output = quiet(&command);
        assert!(output.flooded && !output.timed_out);
        assert_eq!((output.code, output.signal), (None, Some(9)));
    }

    #[test]
    fn a_time_limit_ends_a_program_and_what_it_started() {
        let (_keep, root) = folder();
        let begun = Instant::now();
        let mut command = shell("(sleep 1; touch late) & sleep 60; echo never");
        command.dir.clone_from(&root);
        command.timeout = Some(Duration::from_millis(200));
        let output = quiet(&command);
        assert!(output.timed_out);
        assert_eq!(output.code, None);
        assert_eq!(output.stdout, "");
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(1300));
        assert!(!root.join("late").exists());
    }

    #[test]
    fn an_interruption_ends_a_program() {
        let begun = Instant::now();
        let output = process::run(&shell("sleep 60"), &mut |_| {}, &|| true).unwrap();
        assert_eq!(output.code, None);
        assert!(!output.timed_out);
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    /// Not a test by itself: what the test below starts, and interrupts.
    #[test]
    #[ignore = "started by the next test"]
    fn waiter() {
        install_interrupt_handler().unwrap();
        install_interrupt_handler().unwrap();
        fs::write(std::env::var("WORLD_TEST_READY").unwrap(), "").unwrap();
        let mut command = shell("sleep 60");
        command.timeout = Some(Duration::from_secs(20));
        let output = quiet(&command);
        assert!(WORLD.interrupted() && !output.timed_out);
    }

    #[test]
    fn signals_are_noticed_and_end_what_is_being_run() {
        for signal in ["-INT", "-TERM"] {
            let (_keep, root) = folder();
            let mut waiter = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--ignored", "world::real::tests::unix::waiter"])
                .env("WORLD_TEST_READY", root.join("ready"))
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            while !root.join("ready").exists() {
                assert_eq!(waiter.try_wait().unwrap(), None);
                std::thread::sleep(Duration::from_millis(5));
            }
            let id = waiter.id();
            let kill = shell(&format!("kill {signal} {id}"));
            assert!(quiet(&kill).success());
            assert!(waiter.wait().unwrap().success(), "{signal}");
        }
    }

    #[test]
    fn a_program_that_leaves_something_running_is_not_waited_for() {
        let begun = Instant::now();
        let output = quiet(&shell("sleep 60 & echo $!"));
        assert_eq!(output.code, Some(0));
        assert!(begun.elapsed() < Duration::from_secs(20));
        quiet(&shell(&format!("kill {}", output.stdout.trim())));
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        let error = WORLD
            .run(&Command::new("no-such-program", [""; 0], "/"), &mut |_| {})
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    fn mode(path: impl AsRef<Path>) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_file_gets_the_permissions_that_any_program_would_give_it() {
        let (_keep, root) = folder();
        put(root.join("theirs"), "");
        WORLD.write(&root.join("ours"), b"x").unwrap();
        assert_eq!(mode(root.join("ours")), mode(root.join("theirs")));
    }

    #[test]
    fn replacing_keeps_permissions_and_links_and_leaves_nothing_beside() {
        let (_keep, root) = folder();
        put(root.join("dir/target"), "old");
        symlink("dir/target", root.join("link")).unwrap();
        symlink("link", root.join("link-to-link")).unwrap();
        for bits in [0o755, 0o600, 0o640] {
            WORLD.set_mode(&root.join("link"), bits).unwrap();
            WORLD.write(&root.join("link-to-link"), b"new").unwrap();
            assert_eq!(mode(root.join("dir/target")), bits);
        }
        assert_eq!(fs::read(root.join("dir/target")).unwrap(), b"new");
        assert_eq!(WORLD.list(&root.join("dir")).unwrap(), ["target"]);
        assert_eq!(
            WORLD.kind(&root.join("link")).unwrap(),
            Some(FileKind::Symlink)
        );
    }

    #[test]
    fn writable_means_the_permission_bits() {
        let (_keep, root) = folder();
        put(root.join("file"), "");
        for (bits, expected) in [(0o644, true), (0o444, false), (0o460, true), (0o555, false)] {
            WORLD.set_mode(&root.join("file"), bits).unwrap();
            assert_eq!(WORLD.writable(&root.join("file")).unwrap(), expected);
        }
    }

    #[test]
    fn a_broken_link_is_not_written_through() {
        let (_keep, root) = folder();
        symlink("nowhere", root.join("link")).unwrap();
        let error = WORLD.write(&root.join("link"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}

#[test]
fn a_write_that_fails_leaves_the_old_content_and_nothing_beside() {
    let (_keep, root) = folder();
    fs::create_dir(root.join("in-the-way")).unwrap();
    WORLD.write(&root.join("in-the-way"), b"x").unwrap_err();
    assert_eq!(WORLD.list(&root).unwrap(), ["in-the-way"]);
    let error = WORLD.write(&root.join("no/folder"), b"x").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_lock_is_held_once_and_freed_by_its_guard() {
    let (_keep, root) = folder();
    let path = root.join("lock");
    let first = WORLD.lock(&path).unwrap();
    assert!(matches!(first, Lock::Taken(_)));
    match WORLD.lock(&path).unwrap() {
        Lock::Held { holder } if cfg!(unix) => assert_eq!(holder, Some(std::process::id())),
        Lock::Held { .. } => {}
        Lock::Taken(_) => panic!("taken twice"),
    }
    drop(first);
    assert!(matches!(WORLD.lock(&path).unwrap(), Lock::Taken(_)));
}

#[test]
fn nothing_is_not_an_error_where_it_is_an_answer() {
    let (_keep, root) = folder();
    put(root.join("file"), "");
    for path in ["nothing", "file/below"] {
        let path = root.join(path);
        assert_eq!(WORLD.kind(&path).unwrap(), None);
        WORLD.remove_file(&path).unwrap();
    }
    WORLD.remove_dir(&root.join("nothing")).unwrap();
    WORLD.remove_empty_dir(&root.join("nothing")).unwrap();
    WORLD.remove_empty_dir(&root).unwrap_err();
    assert_eq!(
        WORLD.read(&root.join("nothing")).unwrap_err().kind(),
        io::ErrorKind::NotFound
    );
}
