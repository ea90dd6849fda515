//! The same on a real disk, with a real git, and with processes that are really killed.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::apply::undo;
use crate::world::RealWorld;

/// A folder on disk that goes with the test.
struct Disk {
    _folder: TempDir,
    root: Utf8PathBuf,
}

impl Disk {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = Utf8Path::from_path(folder.path())
            .unwrap()
            .canonicalize_utf8()
            .unwrap();
        Self {
            _folder: folder,
            root,
        }
    }

    /// A git repository with some committed files.
    fn repository() -> Self {
        let disk = Self::new();
        disk.put("Cargo.toml", "wasmtime = \"32\"\r\n");
        disk.put("Cargo.lock", "old lock\n");
        disk.put("src/main.rs", "old main\n");
        disk.git(&["init", "--quiet"]);
        disk.git(&["add", "--all"]);
        disk.git(&["commit", "--quiet", "--message=begin"]);
        disk
    }

    fn path(&self, path: &str) -> Utf8PathBuf {
        self.root.join(path)
    }

    fn put(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Runs git, which these tests can't do without.
    fn git(&self, args: &[&str]) -> String {
        let fixed = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let command = Command::new("git", fixed.iter().chain(args).copied(), &self.root);
        let output = RealWorld::new()
            .run(&command, &mut |_| {})
            .expect("these tests need git");
        assert!(output.success(), "{}: {}", command.line(), output.stderr);
        output.stdout
    }

    /// Git's opinion, in which nothing of ours may show.
    #[track_caller]
    fn assert_clean(&self) {
        assert_eq!(
            self.git(&["status", "--porcelain", "--untracked-files=all"]),
            ""
        );
        assert_eq!(self.names(), [".git", "Cargo.lock", "Cargo.toml", "src"]);
    }

    fn names(&self) -> Vec<String> {
        RealWorld::new().list(&self.root).unwrap()
    }

    fn begin(&self, options: GuardOptions) -> Result<Transaction<'static>> {
        static WORLD: RealWorld = RealWorld::new();
        Transaction::begin(&WORLD, &self.root, "32 -> 36", &[], &options)
    }

    fn change(&self, path: &str, after: &str) -> FileChange {
        change(&RealWorld::new(), self.path(path).as_str(), after)
    }
}

const NO_VCS: GuardOptions = GuardOptions {
    allow_no_vcs: true,
    ..STRICT
};

#[test]
fn an_upgrade_and_its_undo_leave_git_with_nothing_to_say() {
    let disk = Disk::repository();
    let mut transaction = disk.begin(STRICT).unwrap();
    transaction
        .write(&[
            disk.change("Cargo.toml", "new"),
            disk.change("a/b.rs", "new"),
        ])
        .unwrap();
    transaction.protect(&[disk.path("Cargo.lock")]).unwrap();
    disk.put("Cargo.lock", "new lock\n");
    let committed = transaction.commit().unwrap();
    assert_eq!(committed.changed, ["Cargo.lock", "Cargo.toml", "a/b.rs"]);
    assert_eq!(committed.notes, [""; 0]);
    assert_eq!(
        disk.git(&["status", "--porcelain", "--untracked-files=all"]),
        " M Cargo.lock\n M Cargo.toml\n?? a/b.rs\n"
    );

    undo(&RealWorld::new(), &disk.root, false).unwrap();
    disk.assert_clean();
}

#[test]
fn a_failed_upgrade_leaves_no_trace() {
    let disk = Disk::repository();
    let mut transaction = disk.begin(STRICT).unwrap();
    let changes = ["Cargo.toml", "src/main.rs", "new.rs"].map(|path| disk.change(path, "new"));
    transaction.write(&changes).unwrap();
    transaction.restore().unwrap();
    disk.assert_clean();
}

#[test]
fn a_real_git_names_the_dirty_files_among_those_to_be_changed() {
    let disk = Disk::repository();
    disk.put("src/main.rs", "my work");
    let mut transaction = disk.begin(STRICT).unwrap();
    // Dirty, but not ours to touch.
    transaction
        .write(&[disk.change("Cargo.toml", "new")])
        .unwrap();
    let error = transaction
        .write(&[disk.change("src/main.rs", "new")])
        .unwrap_err();
    assert!(
        error.to_string().ends_with("\n  * src/main.rs (dirty)"),
        "{error}"
    );
    drop(transaction);
    disk.git(&["add", "src/main.rs"]);
    let mut transaction = disk.begin(STRICT).unwrap();
    let error = transaction
        .write(&[disk.change("src/main.rs", "new")])
        .unwrap_err();
    assert!(
        error.to_string().ends_with("\n  * src/main.rs (staged)"),
        "{error}"
    );
    drop(transaction);
    assert_eq!(disk.text("src/main.rs"), "my work");
}

#[test]
fn an_ignored_lockfile_is_allowed_and_comes_back() {
    let disk = Disk::repository();
    disk.put(".gitignore", "Cargo.lock\n");
    disk.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    disk.git(&["add", "--all"]);
    disk.git(&["commit", "--quiet", "--message=ignore"]);
    let mut transaction = disk.begin(STRICT).unwrap();
    transaction.protect(&[disk.path("Cargo.lock")]).unwrap();
    disk.put("Cargo.lock", "new lock\n");
    transaction.restore().unwrap();
    assert_eq!(disk.text("Cargo.lock"), "old lock\n");
}

#[test]
fn a_folder_without_git_needs_the_flag() {
    let disk = Disk::new();
    disk.put("Cargo.toml", "old");
    let mut transaction = disk.begin(STRICT).unwrap();
    let error = transaction
        .write(&[disk.change("Cargo.toml", "new")])
        .unwrap_err();
    assert!(error.help().contains("--allow-no-vcs"), "{error}");
    drop(transaction);
    let mut transaction = disk.begin(NO_VCS).unwrap();
    transaction
        .write(&[disk.change("Cargo.toml", "new")])
        .unwrap();
    transaction.commit().unwrap();
    assert_eq!(disk.text("Cargo.toml"), "new");
}

#[test]
fn the_lock_holds_between_two_runs_and_names_the_first() {
    let disk = Disk::new();
    let first = disk.begin(NO_VCS).unwrap();
    let error = disk.begin(NO_VCS).map(drop).unwrap_err();
    let first_id = format!("process {} is upgrading", std::process::id());
    assert!(error.to_string().starts_with(&first_id), "{error}");
    drop(first);
    disk.begin(NO_VCS).unwrap();
    assert_eq!(disk.names(), [""; 0]);
}

#[test]
fn many_runs_at_once_never_have_the_lock_together() {
    let disk = Disk::new();
    let inside = std::sync::atomic::AtomicUsize::new(0);
    let ran = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    if let Ok(transaction) = disk.begin(NO_VCS) {
                        use std::sync::atomic::Ordering::SeqCst;
                        assert_eq!(inside.fetch_add(1, SeqCst), 0);
                        ran.fetch_add(1, SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, SeqCst);
                        drop(transaction);
                    }
                }
            });
        }
    });
    assert!(ran.into_inner() > 4);
    disk.begin(NO_VCS).unwrap();
    assert_eq!(disk.names(), [""; 0]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::*;

    fn mode(disk: &Disk, path: &str) -> u32 {
        fs::metadata(disk.path(path)).unwrap().permissions().mode() & 0o7777
    }

    fn chmod(disk: &Disk, path: &str, mode: u32) {
        fs::set_permissions(disk.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn permissions_stay_through_upgrade_and_undo() {
        let disk = Disk::new();
        disk.put("run.rs", "old");
        disk.put("secret.rs", "old");
        chmod(&disk, "run.rs", 0o755);
        chmod(&disk, "secret.rs", 0o600);
        let mut transaction = disk.begin(NO_VCS).unwrap();
        let changes = ["run.rs", "secret.rs"].map(|path| disk.change(path, "new"));
        transaction.write(&changes).unwrap();
        transaction.commit().unwrap();
        assert_eq!(
            (mode(&disk, "run.rs"), mode(&disk, "secret.rs")),
            (0o755, 0o600)
        );
        undo(&RealWorld::new(), &disk.root, false).unwrap();
        assert_eq!(
            (mode(&disk, "run.rs"), mode(&disk, "secret.rs")),
            (0o755, 0o600)
        );
        assert_eq!(disk.text("run.rs"), "old");
    }

    #[test]
    fn a_link_stays_a_link_and_its_target_is_changed() {
        let disk = Disk::new();
        disk.put("shared/lib.rs", "old");
        symlink("shared/lib.rs", disk.path("lib.rs")).unwrap();
        let mut transaction = disk.begin(NO_VCS).unwrap();
        transaction.write(&[disk.change("lib.rs", "new")]).unwrap();
        transaction.commit().unwrap();
        assert_eq!(disk.text("shared/lib.rs"), "new");
        assert_eq!(
            fs::read_link(disk.path("lib.rs")).unwrap().to_str(),
            Some("shared/lib.rs")
        );
        undo(&RealWorld::new(), &disk.root, false).unwrap();
        assert_eq!(disk.text("shared/lib.rs"), "old");
        assert!(disk.path("lib.rs").is_symlink());
        assert!(!disk.path("shared/lib.rs").is_symlink());
    }

    #[test]
    fn a_read_only_file_is_refused_even_for_the_superuser() {
        let disk = Disk::new();
        disk.put("Cargo.toml", "old");
        chmod(&disk, "Cargo.toml", 0o444);
        let mut transaction = disk.begin(NO_VCS).unwrap();
        let error = transaction
            .write(&[disk.change("Cargo.toml", "new")])
            .unwrap_err();
        assert!(error.to_string().starts_with("read-only"), "{error}");
        drop(transaction);
        assert_eq!(disk.text("Cargo.toml"), "old");
        assert_eq!(mode(&disk, "Cargo.toml"), 0o444);
    }

    #[test]
    fn a_hard_link_is_noticed() {
        let disk = Disk::new();
        disk.put("a.rs", "old");
        fs::hard_link(disk.path("a.rs"), disk.path("b.rs")).unwrap();
        let mut transaction = disk.begin(NO_VCS).unwrap();
        transaction.write(&[disk.change("a.rs", "new")]).unwrap();
        let committed = transaction.commit().unwrap();
        assert_eq!(
            committed.notes,
            ["a.rs is one of 2 hard links to a file; the other names keep the old content"]
        );
        assert_eq!(disk.text("b.rs"), "old");
        assert_eq!(fs::metadata(disk.path("a.rs")).unwrap().nlink(), 1);
    }

    /// Not a test by itself: what the test below starts, and kills.
    #[test]
    #[ignore = "the victim of the next test"]
    fn victim() {
        let root = std::env::var("APPLY_TEST_ROOT").expect("started by the next test");
        let disk = Disk {
            _folder: TempDir::new().unwrap(),
            root: root.into(),
        };
        // Not forever, should nobody be left to kill it.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            let round = Instant::now();
            let mut transaction = disk.begin(DIRTY).unwrap();
            let files = ["Cargo.toml", "src/main.rs", "a/b.rs", "a/c.rs"];
            transaction
                .write(&files.map(|path| disk.change(path, "new")))
                .unwrap();
            transaction.protect(&[disk.path("Cargo.lock")]).unwrap();
            disk.put("Cargo.lock", "new lock\n");
            transaction.commit().unwrap();
            undo(&RealWorld::new(), &disk.root, false).unwrap();
            let took = format!("{}\n", round.elapsed().as_micros());
            fs::write(std::env::var("APPLY_TEST_ROUND").unwrap(), took).unwrap();
        }
    }

    const DIRTY: GuardOptions = GuardOptions {
        allow_dirty: true,
        ..STRICT
    };

    /// What a killed victim left.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Left {
        AsBefore,
        AsAfter,
        HalfDone,
    }

    impl Left {
        fn on(disk: &Disk) -> Self {
            let paths = [
                "Cargo.toml",
                "Cargo.lock",
                "src/main.rs",
                "a/b.rs",
                "a/c.rs",
            ];
            let texts = paths.map(|path| fs::read_to_string(disk.path(path)).unwrap_or_default());
            let before = ["wasmtime = \"32\"\r\n", "old lock\n", "old main\n", "", ""];
            match texts.each_ref().map(String::as_str) {
                texts if texts == before => Self::AsBefore,
                ["new", "new lock\n", "new", "new", "new"] => Self::AsAfter,
                _ => Self::HalfDone,
            }
        }
    }

    /// `APPLY_TEST_KILLS` asks for more of them, and `--nocapture` shows what they met.
    #[test]
    fn killed_for_real_at_any_moment_undo_brings_the_tree_back() {
        let kills = std::env::var("APPLY_TEST_KILLS").map_or(25, |kills| kills.parse().unwrap());
        let disk = Disk::repository();
        let signals = TempDir::new().unwrap();
        let mut met = BTreeMap::<(Left, bool), usize>::new();
        for kill in 0..kills {
            let round = signals.path().join(kill.to_string());
            let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--ignored", "apply::tests::disk::unix::victim"])
                .env("APPLY_TEST_ROOT", &disk.root)
                .env("APPLY_TEST_ROUND", &round)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Once it has finished a round: some moment in the next one, however long it takes on
            // a busy machine. Steps that share no divisor with the range reach all of it.
            let micros = loop {
                assert_eq!(victim.try_wait().unwrap(), None, "the victim can't work");
                let took = fs::read_to_string(&round).unwrap_or_default();
                if let Some(micros) = took.strip_suffix('\n') {
                    break micros.parse::<u64>().unwrap();
                }
                std::thread::sleep(Duration::from_micros(200));
            };
            std::thread::sleep(Duration::from_micros(micros * (kill * 79 % 100) / 100));
            victim.kill().unwrap();
            victim.wait().unwrap();
            let left = Left::on(&disk);
            let is_undone = match undo(&RealWorld::new(), &disk.root, false) {
                Ok(report) => {
                    assert_eq!(report.restoration.rescued, []);
                    true
                }
                Err(error) => {
                    assert!(error.to_string().contains("nothing to undo"), "{error}");
                    // Then there was nothing to be undone.
                    assert_eq!(left, Left::AsBefore);
                    false
                }
            };
            *met.entry((left, is_undone)).or_default() += 1;
            disk.assert_clean();
            // Not even a change of time that would make git look again: the bytes.
            assert_eq!(disk.text("Cargo.toml"), "wasmtime = \"32\"\r\n");
            assert_eq!(disk.text("Cargo.lock"), "old lock\n");
        }
        for ((left, is_undone), count) in &met {
            eprintln!("{count} of {kills}: {left:?}, undone: {is_undone}");
        }
        let undone = met.keys().any(|(_, is_undone)| *is_undone);
        assert!(undone, "none of {kills} kills came while it was at work");
    }
}
