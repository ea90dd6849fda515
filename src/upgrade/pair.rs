//! The pair of releases that a rehearsal is about.

use camino::Utf8PathBuf;

use super::UpgradeRequest;
use super::reading::Reading;
use crate::analysis::graph::{self, FeatureState};
use crate::error::{Error, Result};
use crate::knowledge::Knowledge;
use crate::target;
use crate::version::FamilyVersion;
use crate::workspace::Project;
use crate::world::World;

/// Two releases, and the project that goes from one to the other.
#[derive(Debug)]
pub struct Pair {
    /// The release in use, or the one that was named instead.
    pub from: FamilyVersion,
    /// The target.
    pub to: FamilyVersion,
    /// The project, as it was read; none when both releases were named and there is none.
    pub project: Option<Project>,
    /// What paths are relative to.
    pub root: Utf8PathBuf,
    /// Which of the features that were asked about are on, on either side: defaults are of a line.
    pub features: [Vec<&'static str>; 2],
}

/// Reads the workspace of a request and chooses the target as `upgrade` would. `features` are
/// features of `wasmtime` to ask about.
///
/// # Errors
/// A project that can't be read, no target, or one that is the release in use.
pub fn pair(
    world: &dyn World,
    knowledge: &Knowledge,
    request: &UpgradeRequest,
    features: &[&'static str],
) -> Result<Pair> {
    let reading = Reading::of(world, knowledge, request)?;
    let target = reading.target(request);
    let choice = reading.weigh(world, knowledge, request, |situation| {
        target::choose(&target, situation)
    })?;
    let Some(choice) = choice else {
        return Err(Error::usage(
            format!(
                "the target `{target}` is the release in use, {}",
                reading.from
            ),
            "name another one with --to, or the other side with --from",
        ));
    };
    let (from, to) = (reading.from, choice.release);
    Ok(Pair::of(reading.project, from, to, knowledge, features))
}

impl Pair {
    /// Two releases without a project, each with the features that it has by default.
    #[must_use]
    pub fn alone(
        root: Utf8PathBuf,
        from: FamilyVersion,
        to: FamilyVersion,
        knowledge: &Knowledge,
        features: &[&'static str],
    ) -> Self {
        let by_default = |release: &FamilyVersion| {
            let known = &knowledge.features;
            let on = known.closure("wasmtime", release.line(), Vec::new(), true);
            let features = features.iter().copied();
            features.filter(|feature| on.contains(*feature)).collect()
        };
        Self {
            features: [by_default(&from), by_default(&to)],
            from,
            to,
            project: None,
            root,
        }
    }

    /// The pair of a project that was read. `features` are features of `wasmtime` to ask about.
    #[must_use]
    pub fn of(
        project: Project,
        from: FamilyVersion,
        to: FamilyVersion,
        knowledge: &Knowledge,
        features: &[&'static str],
    ) -> Self {
        let on = |release: &FamilyVersion| {
            let line = release.line();
            let is_on = |feature: &&'static str| {
                let workspace = &project.workspaces[0];
                let known = &knowledge.features;
                let state = graph::feature(workspace, known, line, "wasmtime", feature);
                state != FeatureState::Off
            };
            features.iter().copied().filter(is_on).collect()
        };
        Self {
            features: [on(&from), on(&to)],
            from,
            to,
            root: project.root.clone(),
            project: Some(project),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_project_each_release_has_its_own_defaults() {
        let asked = ["component-model-async", "memory-protection-keys"];
        let pair = Pair::alone(
            "/".into(),
            FamilyVersion::new(36, 20),
            FamilyVersion::new(48, 8),
            Knowledge::embedded(),
            &asked,
        );
        // 40 has it on by default, and nothing the keys.
        assert_eq!(pair.features, [vec![], vec!["component-model-async"]]);
    }
}
