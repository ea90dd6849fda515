//! How a project sets its engine up, as far as its sources say: guests are run in one that is set up
//! alike.

use camino::Utf8Path;
use serde::Serialize;

use super::protocol::{EngineSettings, SWITCHES};
use crate::analysis::Analysis;
use crate::analysis::mentions::{Sources, SwitchCall};
use crate::span::Position;
use crate::tokens::{TokenKind, Tokens};
use crate::workspace::{Workspace, relative_to};

/// A setting that guests are run with, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The method of `Config`, without its type: `wasm_gc`.
    pub name: String,
    /// What it is given.
    pub value: String,
    /// A place in a source, `src/engine.rs:12`, or the name of the policy file.
    pub from: String,
}

/// What the sources of a workspace say of its engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectEngine {
    /// What they say clearly.
    pub engine: EngineSettings,
    /// The same, with the places.
    pub settings: Vec<Setting>,
    /// What they don't.
    pub unclear: Vec<Unclear>,
}

/// Something about the project's engine that is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclear {
    /// The method of `Config`.
    name: &'static str,
    /// What is unclear, where, and what to do.
    text: String,
}

/// How the engines of a rehearsal are set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// What the hosts are told.
    pub engine: EngineSettings,
    /// The same, with who says so.
    pub settings: Vec<Setting>,
    /// What nobody says.
    pub remarks: Vec<String>,
}

impl EngineSettings {
    /// These settings, and those of `other` where these say nothing.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.pooling = self.pooling.or(other.pooling);
        self.max_wasm_stack = self.max_wasm_stack.or(other.max_wasm_stack);
        self.async_stack_size = self.async_stack_size.or(other.async_stack_size);
        for (name, on) in &other.switches {
            self.switches.entry(name.clone()).or_insert(*on);
        }
        self
    }

    /// Whether a method of `Config` is spoken of.
    fn says(&self, name: &str) -> bool {
        match name {
            POOLING => self.pooling.is_some(),
            STACK => self.max_wasm_stack.is_some(),
            ASYNC_STACK => self.async_stack_size.is_some(),
            _ => self.switches.contains_key(name),
        }
    }

    /// The settings that are said here, as said by `from`.
    fn listed(&self, from: &str) -> Vec<Setting> {
        let setting = |name: &str, value: String| Setting {
            name: name.to_owned(),
            value,
            from: from.to_owned(),
        };
        let pooling = self.pooling.map(|on| setting(POOLING, strategy(on)));
        let stacks = [
            (STACK, self.max_wasm_stack),
            (ASYNC_STACK, self.async_stack_size),
        ];
        let stacks = stacks
            .into_iter()
            .filter_map(|(name, bytes)| Some(setting(name, bytes?.to_string())));
        let switches = self.switches.iter();
        let switches = switches.map(|(name, on)| setting(name, on.to_string()));
        pooling.into_iter().chain(stacks).chain(switches).collect()
    }
}

/// The method that chooses the allocator of instances.
const POOLING: &str = "allocation_strategy";
/// The method that gives guests a stack.
const STACK: &str = "max_wasm_stack";
/// The method that gives asynchronous calls a stack.
const ASYNC_STACK: &str = "async_stack_size";

fn strategy(pooling: bool) -> String {
    if pooling { "pooling" } else { "on demand" }.to_owned()
}

impl ProjectEngine {
    /// Reads the calls of `Config`'s methods outside of tests. A setting counts when all its calls
    /// say the same, in every build and run: a project with engines of several kinds has to say in
    /// its policy which one its guests run in.
    #[must_use]
    pub fn read(workspace: &Workspace, analysis: &Analysis, root: &Utf8Path) -> Self {
        let sources = Sources {
            workspace,
            analysis,
            package: None,
        };
        let reader = Reader { sources, root };
        let mut found = Self::default();
        reader.pooling(&mut found);
        reader.stacks(&mut found);
        for name in SWITCHES {
            reader.switch(name, &mut found);
        }
        reader.not_imitated(&mut found);
        found
    }

    /// What becomes of it with a policy, which goes before it; `file` is the policy's.
    #[must_use]
    pub fn under(&self, policy: &EngineSettings, file: &str) -> Setup {
        let own = self.settings.iter();
        let own = own.filter(|setting| !policy.says(&setting.name)).cloned();
        let mut settings = policy.listed(file);
        settings.extend(own);
        let unclear = self.unclear.iter();
        let unclear = unclear.filter(|unclear| match unclear.name {
            "wasm_features" => policy.switches.is_empty(),
            name => !policy.says(name),
        });
        Setup {
            engine: policy.clone().or(&self.engine),
            settings,
            remarks: unclear.map(|unclear| unclear.text.clone()).collect(),
        }
    }
}

struct Reader<'a> {
    sources: Sources<'a>,
    root: &'a Utf8Path,
}

impl<'a> Reader<'a> {
    fn calls(&self, name: &'static str) -> Vec<SwitchCall> {
        let calls = self.sources.switch_calls(name).into_iter();
        calls.filter(|call| !call.place.for_tests).collect()
    }

    fn argument(&self, call: &SwitchCall) -> &'a str {
        let text = &self.sources.workspace.sources[call.place.source].text;
        call.arguments.text(text)
    }

    fn place(&self, call: &SwitchCall) -> String {
        let source = &self.sources.workspace.sources[call.place.source];
        let line = Position::of(&source.text, call.place.span.start).line;
        format!("{}:{line}", relative_to(self.root, &source.path))
    }

    /// What all calls say, or a sentence on why that is unclear; `key` says it in the policy.
    fn agreed<T: PartialEq>(
        &self,
        name: &'static str,
        key: &str,
        found: &mut ProjectEngine,
        read: impl Fn(&SwitchCall) -> Option<T>,
    ) -> Option<(T, String)> {
        let calls = self.calls(name);
        let first = calls.first()?;
        let unclear = |call: &SwitchCall, why: &str| Unclear {
            name,
            text: format!(
                "`Config::{name}` {why} ({}): guests run with the default of each release, unless \
                 the policy says `{key}` under `[rehearse]`",
                self.place(call)
            ),
        };
        let mut said = None;
        for call in &calls {
            let problem = match read(call) {
                None => "is given what the sources don't say",
                Some(_) if call.is_conditional => "is called in some builds or runs only",
                Some(value) if said.as_ref().is_some_and(|said| *said != value) => {
                    "is given different values"
                }
                Some(value) => {
                    said = Some(value);
                    continue;
                }
            };
            found.unclear.push(unclear(call, problem));
            return None;
        }
        said.map(|value| (value, self.place(first)))
    }

    fn switch(&self, name: &'static str, found: &mut ProjectEngine) {
        let flag = |call: &SwitchCall| match call.value.as_deref() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let key = format!("config.{name}");
        if let Some((on, from)) = self.agreed(name, &key, found, flag) {
            found.engine.switches.insert(name.to_owned(), on);
            found.add(name, on.to_string(), from);
        }
    }

    fn stacks(&self, found: &mut ProjectEngine) {
        let read = |call: &SwitchCall| number(self.argument(call));
        if let Some((bytes, from)) = self.agreed(STACK, "max-wasm-stack", found, read) {
            found.engine.max_wasm_stack = Some(bytes);
            found.add(STACK, bytes.to_string(), from);
        }
        if let Some((bytes, from)) = self.agreed(ASYNC_STACK, "async-stack-size", found, read) {
            found.engine.async_stack_size = Some(bytes);
            found.add(ASYNC_STACK, bytes.to_string(), from);
        }
    }

    fn pooling(&self, found: &mut ProjectEngine) {
        let read = |call: &SwitchCall| is_pooling(self.argument(call));
        if let Some((pooling, from)) = self.agreed(POOLING, "pooling", found, read) {
            found.engine.pooling = Some(pooling);
            found.add(POOLING, strategy(pooling), from);
        }
    }

    /// What the hosts don't do as the project does.
    fn not_imitated(&self, found: &mut ProjectEngine) {
        if let Some(call) = self.calls("wasm_features").first() {
            let place = self.place(call);
            found.unclear.push(Unclear {
                name: "wasm_features",
                text: format!(
                    "`Config::wasm_features` ({place}) is not read: say what it sets under \
                     `[rehearse.config]` in the policy"
                ),
            });
        }
        let winch = |call: &&SwitchCall| call.value.as_deref() == Some("Winch");
        if let Some(call) = self.calls("strategy").iter().find(winch) {
            let place = self.place(call);
            found.unclear.push(Unclear {
                name: "strategy",
                text: format!(
                    "the project compiles with Winch ({place}), and guests are compiled with \
                     Cranelift here"
                ),
            });
        }
    }
}

impl ProjectEngine {
    fn add(&mut self, name: &str, value: String, from: String) {
        self.settings.push(Setting {
            name: name.to_owned(),
            value,
            from,
        });
    }
}

/// Whether an allocation strategy is the pooling one, when the expression names it.
fn is_pooling(expression: &str) -> Option<bool> {
    let tokens = Tokens::read(expression).ok()?;
    let names = |name| tokens.places_of(name).next().is_some();
    let pooling = ["Pooling", "pooling", "PoolingAllocationConfig"]
        .into_iter()
        .any(names);
    match (pooling, names("OnDemand")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// The value of a number, or of a product or shift of numbers: `8 * 1024 * 1024`, `1 << 20`.
fn number(expression: &str) -> Option<u64> {
    let tokens = Tokens::read(expression).ok()?;
    let mut value = literal(&tokens, 0)?;
    let mut index = 1;
    while index < tokens.len() {
        if tokens.is_punct(index, ',') && index + 1 == tokens.len() {
            break;
        }
        if tokens.is_punct(index, '*') {
            value = value.checked_mul(literal(&tokens, index + 1)?)?;
            index += 2;
        } else if tokens.is_punct(index, '<') && tokens.is_punct(index + 1, '<') {
            let by = u32::try_from(literal(&tokens, index + 2)?).ok()?;
            value = value.checked_mul(1_u64.checked_shl(by)?)?;
            index += 3;
            // A product binds closer than a shift.
            if index < tokens.len() && !tokens.is_punct(index, ',') {
                return None;
            }
        } else {
            return None;
        }
    }
    Some(value)
}

/// The value of a whole number, with or without `usize` and underscores.
fn literal(tokens: &Tokens<'_>, index: usize) -> Option<u64> {
    if tokens.kind(index) != Some(TokenKind::Literal) {
        return None;
    }
    let text = tokens.text(index).replace('_', "");
    let text = text.strip_suffix("usize").unwrap_or(&text);
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::workspace::{Project, Scope};
    use crate::world::MemoryWorld;

    /// What is read in a project with these sources.
    fn read(sources: &[(&str, &str)]) -> ProjectEngine {
        let mut world = MemoryWorld::new().with_file(
            "/p/Cargo.toml",
            "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [dependencies]\nwasmtime = \"36\"\n",
        );
        for (path, text) in sources {
            world = world.with_file(format!("/p/{path}"), *text);
        }
        let knowledge = Knowledge::embedded();
        let scope = Scope::WorkspaceOf("/p/Cargo.toml".into());
        let project = Project::read(&world, &scope, &knowledge.family).unwrap();
        let workspace = &project.workspaces[0];
        let analysis = Analysis::of(&world, &project, workspace, knowledge).unwrap();
        ProjectEngine::read(workspace, &analysis, &project.root)
    }

    fn of_main(body: &str) -> ProjectEngine {
        let main =
            format!("use wasmtime::*;\nfn engine(yes: bool) {{\n{body}\n}}\nfn main() {{}}\n");
        read(&[("src/main.rs", &main)])
    }

    fn listed(found: &ProjectEngine) -> Vec<String> {
        let settings = found.settings.iter();
        settings
            .map(|it| format!("{} {} {}", it.name, it.value, it.from))
            .collect()
    }

    #[test]
    fn what_the_sources_say_is_told_with_its_place() {
        let found = of_main(
            "let mut config = Config::new();\nconfig.wasm_gc(false).wasm_threads(true);\n\
             config.max_wasm_stack(2 * 1024 * 1024);\n\
             config.async_stack_size(3 << 20);\n\
             config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));",
        );
        assert_eq!(
            listed(&found),
            [
                "allocation_strategy pooling src/main.rs:7",
                "max_wasm_stack 2097152 src/main.rs:5",
                "async_stack_size 3145728 src/main.rs:6",
                "wasm_gc false src/main.rs:4",
                "wasm_threads true src/main.rs:4",
            ]
        );
        assert_eq!(found.engine.pooling, Some(true));
        assert_eq!(found.engine.max_wasm_stack, Some(2 << 20));
        assert_eq!(found.engine.async_stack_size, Some(3 << 20));
        assert!(!found.engine.switches["wasm_gc"]);
        assert_eq!(found.unclear, []);
    }

    #[test]
    fn what_the_sources_do_not_say_is_left_to_the_policy() {
        for (body, why) in [
            (
                "config.wasm_gc(yes);",
                "is given what the sources don't say",
            ),
            (
                "if yes { config.wasm_gc(true); }",
                "is called in some builds or runs only",
            ),
            (
                "a.wasm_gc(true); b.wasm_gc(false);",
                "is given different values",
            ),
            (
                "config.max_wasm_stack(SIZE);",
                "is given what the sources don't say",
            ),
            (
                "config.allocation_strategy(chosen);",
                "is given what the sources don't say",
            ),
        ] {
            let found = of_main(body);
            assert_eq!(found.settings, [], "{body}");
            assert!(found.unclear[0].text.contains(why), "{:?}", found.unclear);
            assert!(found.unclear[0].text.contains("(src/main.rs:3)"), "{body}");
        }
    }

    #[test]
    fn tests_set_up_engines_of_their_own() {
        let main = "fn main() {}\n#[cfg(test)]\nmod tests { fn f() { config.wasm_gc(false); } }\n";
        assert_eq!(read(&[("src/main.rs", main)]), ProjectEngine::default());
    }

    #[test]
    fn a_policy_goes_before_the_sources() {
        let found =
            of_main("config.wasm_gc(yes); config.wasm_threads(true); config.wasm_simd(true);");
        assert_eq!(found.unclear.len(), 1);
        let policy = EngineSettings {
            switches: [
                ("wasm_gc".to_owned(), true),
                ("wasm_threads".to_owned(), false),
            ]
            .into(),
            ..EngineSettings::default()
        };
        let setup = found.under(&policy, "wasmtime-upgrade.toml");
        assert_eq!(setup.remarks, [""; 0]);
        assert!(!setup.engine.switches["wasm_threads"]);
        let from = |name: &str| {
            let setting = setup.settings.iter().find(|setting| setting.name == name);
            setting.unwrap().from.clone()
        };
        assert_eq!(setup.settings.len(), 3);
        assert_eq!(from("wasm_gc"), "wasmtime-upgrade.toml");
        assert_eq!(from("wasm_threads"), "wasmtime-upgrade.toml");
        assert_eq!(from("wasm_simd"), "src/main.rs:3");
    }

    #[test]
    fn numbers_are_computed_and_nothing_else_is() {
        for (text, value) in [
            ("1_048_576", Some(1 << 20)),
            ("8 * 1024 * 1024,", Some(8 << 20)),
            ("1 << 20", Some(1 << 20)),
            ("0x10_0000usize", Some(1 << 20)),
            ("4 * 1 << 20", Some(4 << 20)),
            ("1 << 20 * 2", None),
            ("SIZE", None),
            ("1024 + 1", None),
            ("1 << 64", None),
            ("u64::MAX as usize", None),
            ("", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
    }
}
