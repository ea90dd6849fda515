//! What is said when this program itself is at fault: where to report it, and in what state the tree
//! is. Whatever was begun is put back while the stack unwinds.

use std::any::Any;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::sync::Once;

use camino::Utf8Path;

use super::GlobalArgs;
use crate::apply::{Pending, pending};
use crate::error::ExitCode;
use crate::report::human::Program;
use crate::report::tool;
use crate::world::{RealWorld, World};

/// Runs `act`; a panic in it becomes a message and the exit code of a tool that could not finish.
pub(super) fn caught(
    global: &GlobalArgs,
    program: Program,
    act: impl FnOnce() -> ExitCode,
) -> ExitCode {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| set_hook(Box::new(tell)));
    // Nothing of what `act` borrows is looked at afterwards but the arguments, which it only reads.
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(code) => code,
        Err(_) => {
            let world = RealWorld::new();
            let state = state(&world, global.manifest_path.as_deref(), program);
            print(&state);
            ExitCode::CouldNotFinish
        }
    }
}

/// A message that can't be printed must not be a panic again.
fn print(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The first part: what happened.
fn tell(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string);
    let message = message(info.payload());
    print(&report(
        &message,
        place.as_deref(),
        env!("CARGO_PKG_REPOSITORY"),
    ));
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// What to report, and where: `repository` is its address, when the program knows it.
fn report(message: &str, place: Option<&str>, repository: &str) -> String {
    let whom = match repository {
        "" => "to those whom you have this program from".to_owned(),
        address => format!("at {address}/issues"),
    };
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    format!(
        "\nerror: this is a defect of wasmtime-upgrade, not of your project: {message}\n  \
         at {}, in {}, with: {}\n  \
         please report it {whom}, with these lines and, if you can, the file that it was about",
        place.unwrap_or("an unknown place"),
        tool(),
        arguments.join(" "),
    )
}

/// The second part: what became of the project.
fn state(world: &dyn World, manifest: Option<&Utf8Path>, program: Program) -> String {
    let here = world.current_dir().unwrap_or_default();
    let folder = match manifest.and_then(Utf8Path::parent) {
        Some(folder) => here.join(folder),
        None => here,
    };
    let undo = format!("{} undo", program.command());
    let found = folder
        .ancestors()
        .map(|root| (root.to_owned(), pending(world, root)))
        .find(|(_, pending)| *pending != Pending::Nothing);
    match found {
        Some((root, Pending::Unfinished(what))) => format!(
            "  the tree is half done ({what} in {root}): run `{undo}`, which puts every file back"
        ),
        Some((root, Pending::Undoable(what))) => format!(
            "  the tree is whole: what this run had begun is put back. What was done before ({what} in \
             {root}) stays, and `{undo}` takes it back"
        ),
        Some((_, Pending::Nothing)) | None => {
            "  the tree is whole: nothing was changed, or all of it is put back".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;
    use crate::apply::{FileChange, GuardOptions, Transaction};
    use crate::world::MemoryWorld;

    #[test]
    fn a_panic_is_an_end_as_every_other() {
        let global = GlobalArgs::default();
        let code = caught(&global, Program::Installed, || panic!("on purpose"));
        assert_eq!(code, ExitCode::CouldNotFinish);
        let code = caught(&global, Program::Installed, || ExitCode::Findings);
        assert_eq!(code, ExitCode::Findings);
    }

    #[test]
    fn it_is_said_what_to_report_and_where() {
        let text = report("index out of bounds", Some("src/x.rs:1:2"), "https://x/y");
        for part in [
            "index out of bounds",
            "src/x.rs:1:2",
            "https://x/y/issues",
            &tool(),
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(report("x", None, "").contains("whom you have this program from"));
    }

    #[test]
    fn it_is_said_in_what_state_the_tree_is() {
        let world = MemoryWorld::new().with_file("/w/a", "1");
        let said = |world: &MemoryWorld| state(world, Some("/w/Cargo.toml".into()), Program::Xtask);
        assert!(said(&world).contains("the tree is whole: nothing"));
        let guards = GuardOptions {
            allow_no_vcs: true,
            ..GuardOptions::default()
        };
        let begin = || Transaction::begin(&world, "/w".into(), "a move", &[], &guards).unwrap();
        let change = |before: &str, after: &str| FileChange {
            path: Utf8PathBuf::from("/w/a"),
            before: Some(before.into()),
            after: after.into(),
        };
        let mut transaction = begin();
        transaction.write(&[change("1", "2")]).unwrap();
        assert!(said(&world).contains("half done (a move in /w): run `cargo xtask undo`"));
        transaction.commit().unwrap();
        assert!(said(&world).contains("the tree is whole: what this run had begun is put back"));
    }
}
