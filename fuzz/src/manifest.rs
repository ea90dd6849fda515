//! The editor of manifests, with another reader of TOML as its judge.

use wasmtime_upgrade::analysis::Analysis;
use wasmtime_upgrade::edit::Edit;
use wasmtime_upgrade::knowledge::Knowledge;
use wasmtime_upgrade::manifest::{self, ManifestEdit, ManifestPlan};
use wasmtime_upgrade::migrate::rules::Included;
use wasmtime_upgrade::plan::{self, Goal, PlannedFile};
use wasmtime_upgrade::registry::holder::Raised;
use wasmtime_upgrade::target::Choice;
use wasmtime_upgrade::version::FamilyVersion;
use wasmtime_upgrade::workspace::{Manifest, Project, Scope, Workspace};
use wasmtime_upgrade::world::MemoryWorld;

use super::{applied, assert_in_order, assert_inside};

mod judge;

use judge::Reading;

const PATH: &str = "/w/Cargo.toml";

/// The releases to move to; the first byte of the input chooses. Up and down, across the lines in
/// which crates and features got other names, and to a release candidate.
const TARGETS: [&str; 8] = [
    "36.0.20",
    "48.0.8",
    "24.0.5",
    "34.0.2",
    "35.0.0",
    "25.0.3",
    "50.0.1",
    "51.0.0-rc.1",
];

/// Whatever stands in a manifest: it is refused in order, or just what was planned differs, a second
/// run has nothing to do, and both ways to the plan lead to the same bytes.
pub fn hold(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let target = TARGETS[usize::from(*choice) % TARGETS.len()];
    let _ = hold_for(text, &target.parse().expect("a version"));
}

/// The same for one target; the text afterwards, or none for what is refused.
pub fn hold_for(text: &str, target: &FamilyVersion) -> Option<String> {
    let plan = planned(text, target)?;
    let after = applied(text, edits(plan.edits));
    let pinned = applied(text, edits(plan.pins));
    let was = Reading::of(text);
    was.assert_moved(&Reading::of(&after), target, false);
    was.assert_moved(&Reading::of(&pinned), target, true);
    for moved in [&after, &pinned] {
        let again = planned(moved, target).expect("a moved manifest can be moved again");
        assert_eq!(again.edits, [], "a second run has nothing to do: {moved}");
    }
    if let Some((final_text, pinned_text)) = planned_as_a_project(text, target) {
        assert_eq!(final_text, after);
        assert_eq!(pinned_text, pinned);
    }
    Some(after)
}

fn edits(steps: Vec<ManifestEdit>) -> impl Iterator<Item = Edit> {
    steps.into_iter().map(|step| step.edit)
}

/// The plan for a package on its own; none for what is refused.
fn planned(text: &str, target: &FamilyVersion) -> Option<ManifestPlan> {
    let manifest = match Manifest::parse(PATH.into(), text.to_owned()) {
        Ok(manifest) => manifest,
        Err(error) => {
            assert_in_order(text, &error);
            return None;
        }
    };
    for dependency in &manifest.dependencies {
        assert_inside(text, dependency.key.span);
        for value in dependency.requirement.iter().chain(&dependency.features) {
            assert_inside(text, value.span);
        }
    }
    let workspace = Workspace::new(vec![manifest], None);
    let plan = manifest::plan(&manifest::Move {
        workspace: &workspace,
        analysis: &Analysis::default(),
        knowledge: Knowledge::embedded(),
        from: target,
        target,
        raised: &Raised::new(),
    });
    plan.inspect_err(|error| assert_in_order(text, error)).ok()
}

/// The final and the pinned text by way of files, as an upgrade does it; none for what is refused
/// on this longer way.
fn planned_as_a_project(text: &str, target: &FamilyVersion) -> Option<(String, String)> {
    let knowledge = Knowledge::embedded();
    let world = MemoryWorld::new().with_file(PATH, text);
    let scope = Scope::WorkspaceOf(PATH.into());
    let project = Project::read(&world, &scope, &knowledge.family).ok()?;
    let workspace = &project.workspaces[0];
    let analysis = Analysis::of(&world, &project, workspace, knowledge).ok()?;
    let choice = Choice {
        release: target.clone(),
        reason: String::new(),
        rust_version: "1.86".parse().expect("a version of Rust"),
        supported: true,
        still_open: Vec::new(),
        not_ruled_out: Vec::new(),
        smaller_step: None,
        passed_over: Vec::new(),
    };
    let goal = Goal {
        choice,
        included: Included::default(),
        raised: Raised::new(),
    };
    let plan = plan::make(&project, workspace, &analysis, knowledge, target, goal);
    let plan = plan.unwrap_or_else(|error| panic!("refused only as a project: {error}"));
    let text_of = |files: &[PlannedFile]| {
        let file = files.iter().find(|file| file.path == PATH);
        file.map_or_else(|| text.to_owned(), |file| file.after.clone())
    };
    Some((text_of(&plan.files), text_of(&plan.pinned)))
}
