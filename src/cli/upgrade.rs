//! `upgrade` and `undo`.

use std::time::Duration;

use camino::Utf8Path;

use super::output::Session;
use super::{IncludeArgs, MoveArgs, RehearseArgs, UndoArgs, UpgradeArgs, rehearse};
use crate::apply::{self, GuardOptions};
use crate::error::{Error, ExitCode, Result};
use crate::knowledge::Knowledge;
use crate::knowledge::migration::Grade;
use crate::migrate::rules::Included;
use crate::rehearse::Rehearsal;
use crate::rehearse::package::MIRRORED;
use crate::report::json::UpgradeDocument;
use crate::report::rehearsal as told;
use crate::report::{Format, human, markdown};
use crate::suggest::nearest;
use crate::upgrade::{self, Outcome, Pair, UpgradeReport, UpgradeRequest};
use crate::verify::CargoOptions;
use crate::workspace::{Project, Scope, relative_to};

pub(super) fn run(session: &Session<'_>, args: &UpgradeArgs) -> Result<ExitCode> {
    let request = UpgradeRequest {
        target: args.to.clone(),
        from: args.from.clone(),
        from_rev: args.from_rev.clone(),
        step: args.step,
        dry_run: args.dry_run,
        included: included(session.knowledge, &args.included)?,
        ..request(session, &args.moving)?
    };
    let knowledge = session.current_knowledge();
    let report = upgrade::upgrade(session.world, knowledge, &request, &mut |progress| {
        session.progress(progress);
    })?;
    let rehearsed = rehearsed(session, knowledge, args, &report);
    let rehearsal = match &rehearsed {
        Some(Ok(rehearsal)) => Some(rehearsal),
        _ => None,
    };
    let code = tell(session, knowledge, &report, rehearsal)?;
    match rehearsed {
        Some(Err(error)) => Err(error.with_help("the upgrade itself is done")),
        Some(Ok(rehearsal)) if code == ExitCode::Clean => Ok(rehearsal.exit_code()),
        _ => Ok(code),
    }
}

/// The guests that `--rehearse` names under both releases, once the move is proven.
fn rehearsed(
    session: &Session<'_>,
    knowledge: &Knowledge,
    args: &UpgradeArgs,
    report: &UpgradeReport,
) -> Option<Result<Rehearsal>> {
    let reached = report.steps.iter().rev();
    let reached = reached
        .filter(|step| step.outcome == Outcome::Upgraded)
        .map(|step| &step.release)
        .next();
    let planned = report.plan.as_ref().map(|plan| &plan.choice.release);
    let to = reached.or(planned)?.clone();
    if args.rehearse.is_empty() || report.outcome != Outcome::Upgraded {
        return None;
    }
    let (project, from) = (report.project.clone(), report.from.clone());
    let pair = Pair::of(project, from, to, knowledge, MIRRORED);
    let args = RehearseArgs {
        guests: args.rehearse.clone(),
        as_of: args.moving.as_of,
        ..RehearseArgs::default()
    };
    Some(rehearse::of_pair(session, &args, &pair))
}

/// The part of a request that all commands that move a workspace share.
pub(super) fn request(session: &Session<'_>, args: &MoveArgs) -> Result<UpgradeRequest> {
    Ok(UpgradeRequest {
        manifest_path: session.manifest_path()?,
        keep: args.keep,
        no_verify: args.no_verify,
        locked: session.global.locked,
        no_registry_cache: session.global.sources.no_registry_cache,
        guards: GuardOptions {
            allow_dirty: args.allow_dirty,
            allow_staged: args.allow_staged,
            // Who accepts any state accepts also that nobody recorded it.
            allow_no_vcs: args.allow_no_vcs || args.allow_dirty,
        },
        cargo: CargoOptions {
            offline: session.global.offline,
            timeout: args.timeout.map(Duration::from_secs),
            // The project's own policy says.
            feature_sets: Vec::new(),
            toolchain: None,
        },
        as_of: args.as_of,
        ..UpgradeRequest::default()
    })
}

/// What `--include` names.
///
/// # Errors
/// A word that is neither `review` nor a migration that can be applied.
pub(super) fn included(knowledge: &Knowledge, args: &IncludeArgs) -> Result<Included> {
    let mut included = Included {
        errors: args.errors,
        ..Included::default()
    };
    for word in &args.include {
        if word == Grade::Review.word() {
            included.review = true;
            continue;
        }
        let Some(migration) = knowledge.migration(word) else {
            let ids = knowledge.migrations.iter().map(|it| it.id.as_str());
            let near = nearest(word, ids.chain([Grade::Review.word()]));
            let help = near.map_or_else(
                || "`list migrations` shows all of them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Error::usage(
                format!("--include {word}: there is no migration of that name"),
                help,
            ));
        };
        if migration.grade == Grade::Manual {
            return Err(Error::usage(
                format!("--include {word}: that is for a person to do"),
                format!("`explain {word}` says what"),
            ));
        }
        included.ids.insert(word.clone());
    }
    Ok(included)
}

/// Prints how a move ended.
pub(super) fn tell(
    session: &Session<'_>,
    knowledge: &Knowledge,
    report: &UpgradeReport,
    rehearsal: Option<&Rehearsal>,
) -> Result<ExitCode> {
    if session.json() {
        let document = UpgradeDocument::new(report, report.looked_at, knowledge, rehearsal);
        session.document(&document, false)?;
    } else if session.global.format == Format::Markdown {
        session.result(&markdown::upgrade(report, knowledge, &session.style));
    } else {
        session.result(&knowledge.provenance.remarks(report.today));
        session.result(&human::upgrade(report, &session.style));
        if let Some(rehearsal) = rehearsal {
            let text = told::human(rehearsal, &session.style);
            session.result(&format!("\n{text}"));
        }
    }
    Ok(exit_code(report))
}

fn exit_code(report: &UpgradeReport) -> ExitCode {
    match report.outcome {
        Outcome::NothingToDo | Outcome::Planned => ExitCode::Clean,
        Outcome::Upgraded if report.remaining.is_empty() => ExitCode::Clean,
        Outcome::Upgraded | Outcome::Kept => ExitCode::ManualStepsRemain,
        Outcome::Restored => ExitCode::Restored,
    }
}

pub(super) fn undo(session: &Session<'_>, args: &UndoArgs) -> Result<ExitCode> {
    let manifest = session.manifest_path()?;
    // A killed run may have left a manifest that can't be read: the folder is enough then.
    let scope = Scope::WorkspaceOf(manifest.clone());
    let root = match Project::read(session.world, &scope, &session.knowledge.family) {
        Ok(project) => project.root,
        Err(_) => manifest.parent().map(ToOwned::to_owned).unwrap_or_default(),
    };
    let report = apply::undo(session.world, &root, args.force)?;
    let here = &session.style.here;
    let shown = |path: &Utf8Path| relative_to(here, &root.join(path));
    let mut text = String::new();
    for path in &report.restoration.restored {
        text.push_str(&format!("restored {}\n", shown(path)));
    }
    for path in &report.restoration.removed {
        text.push_str(&format!(
            "removed {}, which was not there before\n",
            shown(path)
        ));
    }
    for (path, kept) in &report.restoration.rescued {
        text.push_str(&format!(
            "{} was edited since; that text is kept in {}\n",
            shown(path),
            shown(kept)
        ));
    }
    for (folder, names) in &report.restoration.kept {
        text.push_str(&format!(
            "{} stays, because it holds {}\n",
            shown(folder),
            names.join(", ")
        ));
    }
    let what = if report.unfinished {
        "an unfinished "
    } else {
        ""
    };
    text.push_str(&format!(
        "undone: {what}{} of {}\n",
        report.description, report.date
    ));
    if session.json() {
        let document = serde_json::json!({
            "version": crate::report::JSON_VERSION,
            "tool": crate::report::tool(),
            "undone": report.description,
            "date": report.date,
            "unfinished": report.unfinished,
            "restored": report.restoration.restored,
            "removed": report.restoration.removed,
            "rescued": report.restoration.rescued,
            "kept": report.restoration.kept,
        });
        session.document(&document, false)?;
    } else {
        session.result(&text);
    }
    Ok(ExitCode::Clean)
}
