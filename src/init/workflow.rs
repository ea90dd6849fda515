//! The gate on GitHub.

use camino::Utf8Path;

use super::draft::Draft;
use super::program::Program;
use super::{Ground, Piece, text};
use crate::error::Result;

const FOLDER: &str = ".github/workflows";
const TEMPLATE: &str = include_str!("templates/workflow.yml");

/// What shows that the project is built elsewhere.
const OTHER_CI: [(&str, &str); 9] = [
    (".gitlab-ci.yml", "GitLab"),
    (".circleci", "CircleCI"),
    ("azure-pipelines.yml", "Azure Pipelines"),
    ("bitbucket-pipelines.yml", "Bitbucket"),
    ("Jenkinsfile", "Jenkins"),
    (".woodpecker.yml", "Woodpecker"),
    (".woodpecker", "Woodpecker"),
    (".forgejo", "Forgejo"),
    (".buildkite", "Buildkite"),
];

pub(super) fn plan(ground: &Ground<'_>, draft: &mut Draft) -> Result<()> {
    let top = ground.top();
    if let Some(name) = mentioning(
        ground,
        &[
            "wasmtime-upgrade check",
            "xtask check",
            "xtask wasmtime check",
            "/wasmtime-upgrade@",
        ],
    )? {
        draft.there(ground, Piece::Workflow, &top.join(FOLDER).join(name));
        return Ok(());
    }
    if !ground.request.wanted.names(Piece::Workflow) {
        if ground.repository.is_none() {
            draft.left_out(Piece::Workflow, "this is no git repository");
            return Ok(());
        }
        let other = OTHER_CI
            .iter()
            .find(|(mark, _)| ground.exists(&top.join(mark)));
        if let Some((_, name)) = other.filter(|_| !ground.exists(&top.join(".github"))) {
            let reason = format!(
                "the project is built by {name}: run `{} check` there",
                ground.program.typed()
            );
            draft.left_out(Piece::Workflow, reason);
            return Ok(());
        }
    }
    let path = top.join(FOLDER).join("wasmtime.yml");
    draft.create(ground, Piece::Workflow, path, text(ground));
    Ok(())
}

/// The name of a workflow that says one of these.
///
/// # Errors
/// A workflow that can't be read.
pub(super) fn mentioning(ground: &Ground<'_>, words: &[&str]) -> Result<Option<String>> {
    let folder = ground.top().join(FOLDER);
    for name in ground.world.list(&folder).unwrap_or_default() {
        let is_workflow = Utf8Path::new(&name)
            .extension()
            .is_some_and(|ending| ending == "yml" || ending == "yaml");
        if !is_workflow {
            continue;
        }
        let text = text::read(ground.world, &folder.join(&name))?.unwrap_or_default();
        if words.iter().any(|word| text.contains(word)) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn text(ground: &Ground<'_>) -> String {
    TEMPLATE
        .replace("<branch>", &default_branch(ground))
        .replace("<program>", ground.program.typed())
        .replace("      <setup>\n", &setup(ground))
        .replace("    <defaults>\n", &defaults(ground))
}

/// The steps that bring the program, or keep it between runs.
pub(super) fn setup(ground: &Ground<'_>) -> String {
    // An xtask is compiled where the project is not, so that the cache holds nothing else.
    let (path, key, run) = match ground.program {
        Program::Xtask | Program::InXtask => (
            "${{ runner.temp }}/xtask",
            "hashFiles('**/xtask/Cargo.lock')",
            "echo \"CARGO_TARGET_DIR=$RUNNER_TEMP/xtask\" >> \"$GITHUB_ENV\"".to_owned(),
        ),
        Program::Installed => (
            "~/.cargo/bin/wasmtime-upgrade",
            "'installed'",
            format!(
                "command -v wasmtime-upgrade || cargo install --locked {}",
                ground.request.source.install_arguments()
            ),
        ),
    };
    format!(
        "      - uses: actions/cache@v4\n        with:\n          path: {path}\n          \
         key: wasmtime-upgrade-${{{{ runner.os }}}}-${{{{ runner.arch }}}}-${{{{ {key} }}}}\n      - run: {run}\n"
    )
}

/// Where the commands run.
pub(super) fn defaults(ground: &Ground<'_>) -> String {
    let mut text = String::new();
    let below = ground.below_repository();
    if !below.is_empty() {
        text.push_str(&format!(
            "    defaults:\n      run:\n        working-directory: {below}\n"
        ));
    }
    text
}

/// The branch that pull requests go to, as far as git's files tell.
fn default_branch(ground: &Ground<'_>) -> String {
    let read = |path: &str, before: &str| {
        let bytes = ground.world.read(&ground.top().join(path)).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let name = text.trim().strip_prefix(before)?.to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        (!name.is_empty() && name.chars().all(plain)).then_some(name)
    };
    let usual = |name: &String| ["main", "master", "trunk", "develop"].contains(&name.as_str());
    read(".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/")
        .or_else(|| read(".git/HEAD", "ref: refs/heads/").filter(usual))
        .unwrap_or_else(|| "main".to_owned())
}
