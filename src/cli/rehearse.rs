//! `rehearse`.

use std::thread::available_parallelism;
use std::time::Duration;

use camino::Utf8PathBuf;

use super::RehearseArgs;
use super::output::Session;
use crate::analysis::Analysis;
use crate::config::Policy;
use crate::config::rehearsal::GuestSettings;
use crate::error::{Error, ExitCode, Result};
use crate::rehearse::cache::Cache;
use crate::rehearse::settings::ProjectEngine;
use crate::rehearse::{self, Rehearsal, Request, package};
use crate::report::Format;
use crate::report::rehearsal::{self as told, RehearsalDocument};
use crate::target;
use crate::upgrade::{self, Pair, UpgradeRequest};

pub(super) fn run(session: &Session<'_>, args: &RehearseArgs) -> Result<ExitCode> {
    let pair = pair(session, args)?;
    let rehearsal = of_pair(session, args, &pair)?;
    let text = match session.global.format {
        Format::Json => {
            session.document(&RehearsalDocument::new(&rehearsal), false)?;
            return Ok(rehearsal.exit_code());
        }
        Format::Markdown => told::markdown(&rehearsal),
        _ => told::human(&rehearsal, &session.style),
    };
    session.result(&text);
    Ok(rehearsal.exit_code())
}

/// The pair of a project; or, where there is no project, the two releases that are named.
fn pair(session: &Session<'_>, args: &RehearseArgs) -> Result<Pair> {
    let knowledge = session.current_knowledge();
    let manifest_path = match session.manifest_path() {
        Ok(path) => path,
        Err(error) => {
            let no_project = session.global.manifest_path.is_none();
            return match (&args.from, &args.to) {
                (Some(from), Some(target::Request::Exact(to))) if no_project => {
                    let root = session.absolute(".".into())?;
                    let (from, to) = (from.clone(), to.clone());
                    Ok(Pair::alone(root, from, to, knowledge, package::MIRRORED))
                }
                _ => Err(error.with_help("or name both releases: --from 36.0.20 --to 48.0.8")),
            };
        }
    };
    let request = UpgradeRequest {
        manifest_path,
        target: args.to.clone(),
        from: args.from.clone(),
        no_registry_cache: session.global.sources.no_registry_cache,
        as_of: args.as_of,
        ..UpgradeRequest::default()
    };
    upgrade::pair(session.world, knowledge, &request, package::MIRRORED)
}

/// Rehearses the guests of a pair.
pub(super) fn of_pair(
    session: &Session<'_>,
    args: &RehearseArgs,
    pair: &Pair,
) -> Result<Rehearsal> {
    let world = session.world;
    let policy = match &args.config {
        Some(path) => Some(Policy::read(world, &session.absolute(path)?)?),
        None => Policy::find(world, &pair.root)?,
    };
    let processors = available_parallelism().map_or(1, std::num::NonZero::get);
    let request = Request {
        from: pair.from.clone(),
        to: pair.to.clone(),
        features: pair.features.clone(),
        root: pair.root.clone(),
        workspace: pair.project.as_ref().map(|project| &project.workspaces[0]),
        guests: args.guests.clone(),
        here: session.absolute(".".into())?,
        settings: settings(session, args)?,
        engine: engine(session, pair)?,
        limits: rehearse::limits(
            args.fuel,
            args.timeout.map(Duration::from_secs),
            args.memory,
        ),
        stubs: args.stub,
        policy,
        jobs: args.jobs.unwrap_or(processors),
        offline: session.global.offline,
        today: args.as_of.unwrap_or_else(|| world.today()),
    };
    let target = args.target_dir.as_deref();
    let target: Option<Utf8PathBuf> = target.map(|path| session.absolute(path)).transpose()?;
    let cache = Cache::of_user(world)?.compiling_in(target);
    let knowledge = session.current_knowledge();
    let rehearsal = rehearse::rehearse(world, knowledge, &cache, &request, &mut |progress| {
        session.progress(progress);
    })?;
    for remark in &rehearsal.remarks {
        session.warn(remark);
    }
    Ok(rehearsal)
}

/// How the project sets its engine up.
fn engine(session: &Session<'_>, pair: &Pair) -> Result<ProjectEngine> {
    let Some(project) = &pair.project else {
        return Ok(ProjectEngine::default());
    };
    let workspace = &project.workspaces[0];
    let knowledge = session.current_knowledge();
    let analysis = Analysis::of(session.world, project, workspace, knowledge)?;
    Ok(ProjectEngine::read(workspace, &analysis, &project.root))
}

fn settings(session: &Session<'_>, args: &RehearseArgs) -> Result<GuestSettings> {
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let stdin = args.stdin.as_ref().map(|path| {
        let path = session.absolute(path)?;
        let bytes = session
            .world
            .read(&path)
            .map_err(|error| Error::io("read", &path, error))?;
        String::from_utf8(bytes).map_err(|_| {
            Error::usage(
                format!("{path} is not UTF-8"),
                "guests get text as standard input",
            )
        })
    });
    Ok(GuestSettings {
        args: some(&args.args),
        env: (!args.env.is_empty()).then(|| args.env.clone()),
        stdin: stdin.transpose()?,
        invoke: some(&args.invoke),
        requests: some(&args.requests),
    })
}
