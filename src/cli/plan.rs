//! `plan` and `apply`.

use camino::Utf8Path;

use super::output::Session;
use super::upgrade::{included, request, tell};
use super::{ApplyArgs, MoveArgs, PlanArgs};
use crate::error::{Error, ExitCode, Result};
use crate::plan::PlanFile;
use crate::report::human;
use crate::report::json::ComparisonDocument;
use crate::upgrade::{self, UpgradeRequest, compare};

/// A plan larger than this was not written by `plan`. In bytes.
const LARGEST_PLAN: u64 = 64 * 1024 * 1024;

pub(super) fn run(session: &Session<'_>, args: &PlanArgs) -> Result<ExitCode> {
    let moving = MoveArgs {
        as_of: args.as_of,
        ..MoveArgs::default()
    };
    let request = UpgradeRequest {
        target: args.to.clone(),
        from: args.from.clone(),
        dry_run: true,
        included: included(session.knowledge, &args.included)?,
        ..request(session, &moving)?
    };
    match &args.output {
        Some(output) => write(session, &request, output),
        None => compare(session, &request),
    }
}

fn compare(session: &Session<'_>, request: &UpgradeRequest) -> Result<ExitCode> {
    let knowledge = session.current_knowledge();
    let comparison = compare::compare(session.world, knowledge, request, &mut |progress| {
        session.progress(progress);
    })?;
    let today = request.today(session.world);
    if session.json() {
        let document = ComparisonDocument::new(&comparison, knowledge, today);
        session.document(&document, false)?;
    } else {
        session.result(&knowledge.provenance.remarks(today));
        session.result(&human::comparison(&comparison, &session.style));
    }
    Ok(ExitCode::Clean)
}

fn write(session: &Session<'_>, request: &UpgradeRequest, output: &Utf8Path) -> Result<ExitCode> {
    let knowledge = session.current_knowledge();
    let report = upgrade::upgrade(session.world, knowledge, request, &mut |progress| {
        session.progress(progress);
    })?;
    let Some(plan) = &report.plan else {
        return Err(Error::usage(
            format!(
                "wasmtime {}: nothing to do, so there is no plan to write",
                report.from
            ),
            "name another target with --to",
        ));
    };
    let file = PlanFile::of(plan, &report.project);
    let text = session.json_text(&file, false)?;
    if output == "-" {
        session.result(&text);
        return Ok(ExitCode::Clean);
    }
    let path = session.absolute(output)?;
    session
        .world
        .write(&path, text.as_bytes())
        .map_err(|error| Error::io("write", output, error))?;
    session.step(
        "Planned",
        &format!(
            "{} -> {}; `{} apply {output}` carries it out",
            plan.from,
            plan.choice.release,
            session.style.program.command()
        ),
    );
    Ok(ExitCode::Clean)
}

pub(super) fn apply(session: &Session<'_>, args: &ApplyArgs) -> Result<ExitCode> {
    let text = read(session, &args.plan)?;
    let saved = PlanFile::parse(&args.plan, &text)?;
    let knowledge = session.current_knowledge();
    let request = request(session, &args.moving)?;
    let report = upgrade::apply_saved(
        session.world,
        knowledge,
        &request,
        &saved,
        &mut |progress| {
            session.progress(progress);
        },
    )?;
    tell(session, knowledge, &report, None)
}

fn read(session: &Session<'_>, plan: &Utf8Path) -> Result<String> {
    let unreadable = |error| Error::io("read", plan, error);
    if plan == "-" {
        return std::io::read_to_string(std::io::stdin()).map_err(unreadable);
    }
    let path = session.absolute(plan)?;
    let size = session.world.size(&path).map_err(unreadable)?;
    if size > LARGEST_PLAN {
        return Err(Error::usage(
            format!("{plan} has {size} bytes, too many for a plan"),
            "name the file that `plan --output` has written",
        ));
    }
    let bytes = session.world.read(&path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| {
        Error::usage(
            format!("{plan}: no plan: it is not UTF-8"),
            "name the file that `plan --output` has written",
        )
    })
}
