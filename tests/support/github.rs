//! A runner of GitHub's, as far as our composite action needs one: it gives each step its
//! environment, runs the script as GitHub documents it, and reads the files that steps write to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::yaml;

pub const ACTION: &str = include_str!("../../action.yml");

/// The action as it stands in this repository.
pub fn action() -> Value {
    yaml::parse(ACTION).unwrap()
}

/// The steps of the action.
pub fn steps() -> Vec<Value> {
    action()["runs"]["steps"].as_array().unwrap().clone()
}

/// One job on one machine.
pub struct Runner {
    pub workspace: PathBuf,
    /// Where the action's own files are.
    pub action: PathBuf,
    pub temp: TempDir,
    /// Variables of the job.
    pub env: Vec<(&'static str, String)>,
}

/// How the action ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub summary: String,
    pub outputs: BTreeMap<String, String>,
    pub path: String,
}

impl Runner {
    pub fn new(workspace: &Path) -> Self {
        Self {
            workspace: workspace.to_owned(),
            action: env!("CARGO_MANIFEST_DIR").into(),
            temp: tempfile::tempdir().unwrap(),
            env: Vec::new(),
        }
    }

    /// Runs the steps up to the first that fails.
    pub fn run(&self, inputs: &[(&str, &str)]) -> Ended {
        let action = action();
        let mut context = Context::new(&action, inputs);
        let mut ended = Ended {
            code: 0,
            stdout: String::new(),
            stderr: String::new(),
            summary: String::new(),
            outputs: BTreeMap::new(),
            path: String::new(),
        };
        for step in steps() {
            self.step(&step, &mut context, &mut ended);
            if ended.code != 0 {
                break;
            }
        }
        // Outputs of the action are read whether its steps failed or not.
        for (name, output) in action["outputs"].as_object().unwrap() {
            let value = context.evaluated(output["value"].as_str().unwrap());
            ended.outputs.insert(name.clone(), value);
        }
        ended
    }

    fn step(&self, step: &Value, context: &mut Context, ended: &mut Ended) {
        assert_eq!(step["shell"], "bash", "{step}");
        let files = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = files.path().join(name);
            fs::write(&path, "").unwrap();
            path
        };
        let (script, output) = (file("script.sh"), file("output"));
        let (summary, path) = (file("summary"), file("path"));
        fs::write(&script, step["run"].as_str().unwrap()).unwrap();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(&script)
            .current_dir(&self.workspace)
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", &self.workspace)
            .env("GITHUB_ACTION_PATH", &self.action)
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_PATH", &path)
            .env("RUNNER_TEMP", self.temp.path())
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        for (name, value) in step["env"].as_object().unwrap() {
            command.env(name, context.evaluated(value.as_str().unwrap()));
        }
        let ran = super::run(&mut command);
        ended.code = ran.code;
        ended.stdout.push_str(&ran.stdout);
        ended.stderr.push_str(&ran.stderr);
        ended
            .summary
            .push_str(&fs::read_to_string(summary).unwrap());
        ended.path.push_str(&fs::read_to_string(path).unwrap());
        context.add_outputs(&step["id"], &fs::read_to_string(output).unwrap());
    }
}

/// What the expressions of the action can name: `inputs.NAME` and `steps.ID.outputs.NAME`.
struct Context(BTreeMap<String, String>);

impl Context {
    fn new(action: &Value, inputs: &[(&str, &str)]) -> Self {
        let mut values = BTreeMap::new();
        for (name, input) in action["inputs"].as_object().unwrap() {
            let default = input["default"].as_str().unwrap().to_owned();
            values.insert(format!("inputs.{name}"), default);
        }
        for (name, value) in inputs {
            let known = values.insert(format!("inputs.{name}"), (*value).to_owned());
            assert!(known.is_some(), "no input {name}");
        }
        Self(values)
    }

    /// Lines `name=value`. What stands twice counts the last time.
    fn add_outputs(&mut self, step: &Value, text: &str) {
        let step = step.as_str().unwrap();
        for line in text.lines() {
            let (name, value) = line.split_once('=').unwrap();
            let name = format!("steps.{step}.outputs.{name}");
            self.0.insert(name, value.to_owned());
        }
    }

    /// The value of one whole expression. A step that did not get to an output has an empty one.
    fn evaluated(&self, expression: &str) -> String {
        let name = expression
            .strip_prefix("${{ ")
            .and_then(|rest| rest.strip_suffix(" }}"))
            .unwrap_or_else(|| panic!("{expression}"));
        match self.0.get(name) {
            Some(value) => value.clone(),
            None if name.starts_with("steps.") => String::new(),
            None => panic!("nothing is called {name}"),
        }
    }
}
