//! The guards of `cargo fix`, for the files that will be changed and no others.

use super::*;

/// A project in which git says `status`, with NUL written as `;`.
fn project_with_status(status: &str) -> MemoryWorld {
    let status = status.replace(';', "\0");
    project().with_programs(move |_, _| Ok(ended(0, &status)))
}

fn begin_with(world: &MemoryWorld, options: GuardOptions) -> Result<Vec<String>> {
    let guarded = ["/w/Cargo.toml", "/w/Cargo.lock"].map(Utf8PathBuf::from);
    Transaction::begin(world, root(), "x", &guarded, &options)
        .map(|transaction| transaction.notes().to_vec())
}

const DIRTY: GuardOptions = GuardOptions {
    allow_dirty: true,
    ..STRICT
};
const STAGED: GuardOptions = GuardOptions {
    allow_staged: true,
    ..STRICT
};
const NO_VCS: GuardOptions = GuardOptions {
    allow_no_vcs: true,
    ..STRICT
};

#[test]
fn git_is_asked_about_the_files_to_be_changed_and_no_others() {
    let world = project();
    begin_with(&world, STRICT).unwrap();
    let lines: Vec<String> = world.commands().iter().map(Command::line).collect();
    assert_eq!(
        lines,
        [
            "git --no-optional-locks --literal-pathspecs status --porcelain=v1 -z \
             --untracked-files=all -- Cargo.lock Cargo.toml"
        ]
    );
}

#[test]
fn files_met_later_are_guarded_when_they_are_met() {
    let world = project();
    let mut transaction = begin(&world).unwrap();
    transaction
        .write(&[change(&world, "/w/Cargo.toml", "new")])
        .unwrap();
    transaction
        .write(&[change(&world, "/w/build.rs", "new")])
        .unwrap();
    let asked: Vec<String> = world
        .commands()
        .iter()
        .map(|command| command.args.last().unwrap().clone())
        .collect();
    assert_eq!(asked, ["Cargo.toml", "build.rs"]);
}

#[test]
fn uncommitted_changes_are_named_with_the_way_out() {
    let error = begin_with(&project_with_status(" M Cargo.toml;"), STRICT).unwrap_err();
    assert_eq!(
        message(&error),
        "uncommitted changes in files that would be changed:\n  * Cargo.toml (dirty)\n\
         help: commit or stash them, or pass `--allow-dirty`"
    );
    let error = begin_with(&project_with_status("M  Cargo.toml;"), STRICT).unwrap_err();
    assert_eq!(
        message(&error),
        "uncommitted changes in files that would be changed:\n  * Cargo.toml (staged)\n\
         help: commit them, or pass `--allow-staged`"
    );
}

#[test]
fn each_flag_allows_what_it_says() {
    for (status, options, allowed) in [
        (" M Cargo.toml;", DIRTY, true),
        (" M Cargo.toml;", STAGED, false),
        (" M Cargo.toml;", NO_VCS, false),
        ("M  Cargo.toml;", DIRTY, true),
        ("M  Cargo.toml;", STAGED, true),
        ("MM Cargo.toml;", STAGED, false),
        ("M  Cargo.toml; M Cargo.lock;", STAGED, false),
        ("?? Cargo.toml;", STAGED, false),
    ] {
        let result = begin_with(&project_with_status(status), options);
        assert_eq!(result.is_ok(), allowed, "{status} {options:?}");
    }
}

#[test]
fn a_refusal_leaves_no_trace() {
    let world = project_with_status(" M Cargo.toml;");
    begin_with(&world, STRICT).unwrap_err();
    assert_untouched(&world, "after a refusal");
}

#[test]
fn a_lockfile_that_nobody_committed_is_allowed_and_mentioned() {
    let notes = begin_with(&project_with_status("?? Cargo.lock;"), STRICT).unwrap();
    assert_eq!(
        notes,
        [
            "Cargo.lock is neither committed nor ignored; cargo makes it, so it is changed all the same"
        ]
    );
}

#[test]
fn without_version_control_it_needs_a_flag_of_its_own() {
    let world = MemoryWorld::new().with_file("/w/Cargo.toml", "");
    for options in [STRICT, DIRTY, STAGED] {
        let error = begin_with(&world, options).unwrap_err();
        assert_eq!(
            message(&error),
            "no version control was found for these files, and they would be changed:\n  \
             * Cargo.lock\n  * Cargo.toml\n\
             help: put them under version control, or pass `--allow-no-vcs`: the journal can undo \
             the upgrade, and nothing else"
        );
    }
    begin_with(&world, NO_VCS).unwrap();
    assert_eq!(world.commands(), []);
}

#[test]
fn without_git_installed_nobody_can_say_what_is_committed() {
    let world = || {
        MemoryWorld::new()
            .with_file("/w/.git/HEAD", "")
            .with_dir("/w")
    };
    let error = begin_with(&world(), STRICT).unwrap_err();
    assert!(error.to_string().starts_with("git is not installed"));
    begin_with(&world(), NO_VCS).unwrap();
    begin_with(&world(), DIRTY).unwrap();
}

#[test]
fn a_git_that_fails_is_quoted() {
    let output = ProcessOutput {
        code: Some(128),
        stderr: "fatal: detected dubious ownership in repository at '/w'\n".to_owned(),
        ..ProcessOutput::default()
    };
    let world = project().with_output(output);
    match begin_with(&world, STRICT).unwrap_err() {
        Error::Process {
            message,
            output,
            help,
        } => {
            assert_eq!(
                message,
                "git can't say whether the files are committed: it ended with 128"
            );
            assert!(output.contains("dubious ownership"));
            assert!(help.contains("`--allow-dirty`"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_submodule_is_asked_for_itself() {
    let world = project()
        .with_file("/w/sub/.git", "gitdir: ../.git/modules/sub\n")
        .with_file("/w/sub/Cargo.toml", "");
    let guarded = ["/w/Cargo.toml", "/w/sub/Cargo.toml"].map(Utf8PathBuf::from);
    Transaction::begin(&world, root(), "x", &guarded, &STRICT).unwrap();
    let asked: Vec<(String, String)> = world
        .commands()
        .iter()
        .map(|command| {
            (
                command.dir.to_string(),
                command.args.last().unwrap().clone(),
            )
        })
        .collect();
    assert_eq!(
        asked,
        [("/w", "Cargo.toml"), ("/w/sub", "Cargo.toml")]
            .map(|(dir, path)| (dir.to_owned(), path.to_owned()))
    );
}

#[test]
fn another_version_control_counts_but_is_not_asked() {
    let world = MemoryWorld::new()
        .with_file("/w/.hg/store", "")
        .with_file("/w/Cargo.toml", "");
    let notes = begin_with(&world, STRICT).unwrap();
    assert_eq!(
        notes,
        ["under Mercurial: uncommitted changes were not looked for"]
    );
}

#[test]
fn a_long_list_of_files_is_asked_in_pieces() {
    let paths: Vec<Utf8PathBuf> = (0..1000)
        .map(|number| format!("/w/src/a_rather_long_name_{number}.rs").into())
        .collect();
    let world = project();
    Transaction::begin(&world, root(), "x", &paths, &STRICT).unwrap();
    let commands = world.commands();
    assert!(commands.len() > 1);
    let asked: usize = commands
        .iter()
        .map(|command| command.args.iter().skip_while(|arg| *arg != "--").count() - 1)
        .sum();
    assert_eq!(asked, 1000);
    assert!(commands.iter().all(|command| command.line().len() < 20_000));
}

#[test]
fn a_read_only_file_is_refused() {
    let world = project().with_mode("/w/Cargo.toml", 0o444);
    let error = begin_with(&world, DIRTY).unwrap_err();
    assert_eq!(
        message(&error),
        "read-only, so nothing is changed:\n  * Cargo.toml\n\
         help: make them writable (`chmod u+w`), or leave them out, and run again"
    );
    assert!(world.commands().is_empty());
}
