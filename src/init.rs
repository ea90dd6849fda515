//! Setting up a workspace: an xtask, the alias, a hook, a workflow, a policy, files for version bots.
//!
//! [`plan`] reads and decides, [`carry_out`] writes in one transaction. What exists is only added to,
//! by byte ranges, and read again afterwards; where that can't be done for certain, the patch is for a
//! person. A piece that is there already is left alone, so a second run changes nothing.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::apply::{Committed, FileChange, GuardOptions, Transaction};
use crate::error::Result;
use crate::knowledge::Knowledge;
use crate::workspace::{Manifest, Project, Scope, relative_to};
use crate::world::World;

mod alias;
pub mod bots;
mod draft;
mod foreign;
mod policy;
mod pre_commit;
mod program;
mod source;
mod text;
mod toml_edits;
mod workflow;
mod xtask;
mod yaml_edits;

#[cfg(test)]
mod tests;

pub use draft::{ByHand, Change};
pub use source::Source;

use draft::Draft;
use program::Program;

/// A piece of the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// `xtask/`, a workspace of its own with its own lockfile.
    Xtask,
    /// `cargo xtask`, in `.cargo/config.toml`.
    Alias,
    /// `wasmtime-upgrade.toml`.
    Policy,
    /// The hook in `.pre-commit-config.yaml`.
    PreCommit,
    /// The gate on GitHub: pull requests, once a week, code scanning.
    Workflow,
    /// `renovate.json`: the family as one group.
    Renovate,
    /// `.github/dependabot.yml`: the family as one group.
    Dependabot,
    /// A workflow on GitHub that finishes the branches of version bots.
    BotBranch,
}

impl Piece {
    /// Every piece, in the order in which they are planned.
    pub const ALL: [Self; 8] = [
        Self::Xtask,
        Self::Alias,
        Self::Policy,
        Self::PreCommit,
        Self::Workflow,
        Self::Renovate,
        Self::Dependabot,
        Self::BotBranch,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Xtask => "xtask",
            Self::Alias => "alias",
            Self::Policy => "policy",
            Self::PreCommit => "pre-commit",
            Self::Workflow => "workflow",
            Self::Renovate => "renovate",
            Self::Dependabot => "dependabot",
            Self::BotBranch => "bot-branch",
        }
    }

    /// Whether it is set up when nobody asks for pieces; some of these only where the repository
    /// has what they belong to.
    fn is_default(self) -> bool {
        !matches!(self, Self::Renovate | Self::Dependabot | Self::BotBranch)
    }
}

/// Which pieces are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// These and no others.
    pub only: BTreeSet<Piece>,
    /// Also these.
    pub with: BTreeSet<Piece>,
    /// Not these.
    pub without: BTreeSet<Piece>,
}

impl Wanted {
    fn wants(&self, piece: Piece) -> bool {
        let chosen = match self.only.is_empty() {
            true => piece.is_default(),
            false => self.only.contains(&piece),
        };
        (chosen || self.with.contains(&piece)) && !self.without.contains(&piece)
    }

    /// Whether somebody asked for it by name.
    fn names(&self, piece: Piece) -> bool {
        self.only.contains(&piece) || self.with.contains(&piece)
    }
}

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct InitRequest {
    /// The manifest of the workspace, absolute.
    pub manifest_path: Utf8PathBuf,
    /// Which pieces.
    pub wanted: Wanted,
    /// Where the xtask takes this library from.
    pub source: Source,
}

/// What becomes of a piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// It is there already.
    There {
        /// Where.
        path: String,
    },
    /// Files are created or added to.
    Planned,
    /// A person has to do it.
    ByHand,
    /// It is not set up.
    LeftOut {
        /// Why.
        reason: String,
    },
}

/// One piece and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The piece.
    pub piece: Piece,
    /// What becomes of it.
    #[serde(flatten)]
    pub state: State,
}

/// Everything that `init` would do, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InitPlan {
    /// The folder of the workspace.
    pub root: Utf8PathBuf,
    /// The pieces that were asked for.
    pub steps: Vec<Step>,
    /// Files that are created or added to.
    pub changes: Vec<Change>,
    /// What a person has to do.
    pub by_hand: Vec<ByHand>,
    /// Things worth knowing.
    pub notes: Vec<String>,
    /// How the program is started once this is done.
    pub command: String,
}

/// What the pieces are planned from.
struct Ground<'a> {
    world: &'a dyn World,
    knowledge: &'a Knowledge,
    /// The folder of the workspace.
    root: &'a Utf8Path,
    /// The folder of the repository, where that is under git.
    repository: Option<Utf8PathBuf>,
    manifests: &'a [Manifest],
    request: &'a InitRequest,
    program: Program,
}

impl Ground<'_> {
    fn root_manifest(&self) -> &Manifest {
        &self.manifests[0]
    }

    /// The folder of the workspace seen from the repository's: empty when they are the same, or when
    /// there is no repository.
    fn below_repository(&self) -> &str {
        let repository = self.repository.as_deref().unwrap_or(self.root);
        let below = self.root.strip_prefix(repository).map(Utf8Path::as_str);
        below.unwrap_or_default()
    }

    /// Where files belong that are the repository's and not the workspace's.
    fn top(&self) -> &Utf8Path {
        self.repository.as_deref().unwrap_or(self.root)
    }

    /// A path as a patch for the repository has it.
    fn shown(&self, path: &Utf8Path) -> String {
        relative_to(self.top(), path)
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        matches!(self.world.kind(path), Ok(Some(_)))
    }
}

/// Decides what to do in the workspace of a manifest. Nothing is changed.
///
/// # Errors
/// A workspace that can't be read, a source that is none, a file to be added to that can't be
/// understood.
pub fn plan(world: &dyn World, knowledge: &Knowledge, request: &InitRequest) -> Result<InitPlan> {
    let scope = Scope::WorkspaceOf(request.manifest_path.clone());
    let project = Project::read(world, &scope, &knowledge.family)?;
    let workspace = &project.workspaces[0];
    let root = workspace.folder().to_owned();
    request.source.verify(world)?;
    let is_top = |folder: &&Utf8Path| matches!(world.kind(&folder.join(".git")), Ok(Some(_)));
    let mut ground = Ground {
        world,
        knowledge,
        root: &root,
        repository: root.ancestors().find(is_top).map(ToOwned::to_owned),
        manifests: &workspace.manifests,
        request,
        program: Program::Installed,
    };
    let found = foreign::find(&ground)?;
    ground.program = Program::of(&ground, &found);
    let mut draft = Draft::default();
    for piece in Piece::ALL {
        if !request.wanted.wants(piece) {
            continue;
        }
        match piece {
            Piece::Xtask => xtask::plan(&ground, &found, &mut draft)?,
            Piece::Alias => alias::plan(&ground, &found, &mut draft)?,
            Piece::Policy => policy::plan(&ground, &mut draft),
            Piece::PreCommit => pre_commit::plan(&ground, &mut draft)?,
            Piece::Workflow => workflow::plan(&ground, &mut draft)?,
            Piece::Renovate | Piece::Dependabot | Piece::BotBranch => {
                bots::plan(&ground, piece, &mut draft)?;
            }
        }
    }
    if !workspace.mentions(&knowledge.family) {
        draft.notes.push(
            "nothing of the Wasmtime family is required in this workspace, so the gate has nothing \
             to judge yet"
                .to_owned(),
        );
    }
    let command = ground.program.typed().to_owned();
    Ok(draft.finish(root.clone(), command))
}

/// Writes what was planned, all of it or nothing; [`crate::apply::undo`] takes it back.
///
/// # Errors
/// Those of [`Transaction`]; the tree is then as it was.
pub fn carry_out(world: &dyn World, plan: &InitPlan, guards: &GuardOptions) -> Result<Committed> {
    let changes: Vec<FileChange> = plan
        .changes
        .iter()
        .map(|change| FileChange {
            path: change.path.clone(),
            before: change.before.clone().map(String::into_bytes),
            after: change.after.clone().into_bytes(),
        })
        .collect();
    if changes.is_empty() {
        return Ok(Committed::default());
    }
    let paths: Vec<Utf8PathBuf> = changes.iter().map(|change| change.path.clone()).collect();
    let mut transaction = Transaction::begin(world, &plan.root, "init", &paths, guards)?;
    match transaction.write(&changes) {
        Ok(()) => transaction.commit(),
        Err(error) => Err(transaction.abort(error)),
    }
}
