//! One `Cargo.toml`: its package, its workspace table, every dependency with byte spans.

use camino::Utf8PathBuf;
use semver::VersionReq;

use crate::error::{Error, Result};
use crate::span::{ByteOffset, Position, Span};
use crate::version::RustVersion;

mod read;

/// A value with the bytes that it stands in, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands in the file.
    pub span: Span,
}

/// Which table of the manifest a dependency stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencyTable {
    /// `[dependencies]`, `[dev-dependencies]`, `[build-dependencies]`, also below `[target.*]`.
    Package {
        /// The table as it is written, for example `target.'cfg(unix)'.dependencies`.
        name: String,
    },
    /// `[workspace.dependencies]`.
    Workspace,
    /// `[patch.*]` or `[replace]`: they say where a crate comes from, not which one is needed.
    Override {
        /// The table as it is written, for example `patch.crates-io`.
        name: String,
    },
}

/// Which program a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// The package's library and programs.
    Normal,
    /// Its tests, examples and benches.
    Dev,
    /// Its build script, which is a program of its own.
    Build,
}

impl DependencyTable {
    /// What the table's dependencies are for. Those that say nothing of it are for everything.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        let name = match self {
            Self::Package { name } => name.as_str(),
            Self::Workspace | Self::Override { .. } => "",
        };
        match name.rsplit('.').next() {
            Some("dev-dependencies" | "dev_dependencies") => Purpose::Dev,
            Some("build-dependencies" | "build_dependencies") => Purpose::Build,
            _ => Purpose::Normal,
        }
    }
}

impl std::fmt::Display for DependencyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Package { name } | Self::Override { name } => f.write_str(name),
            Self::Workspace => f.write_str("workspace.dependencies"),
        }
    }
}

/// Where a dependency comes from, as its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencySource {
    /// The default registry.
    Registry,
    /// Another registry, by its name or index.
    OtherRegistry(String),
    /// A git repository, by its address.
    Git(String),
    /// A folder, relative to the manifest's.
    Path(String),
    /// `workspace = true`: the workspace's root manifest says.
    Inherited,
}

/// How an entry of a dependency table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryForm {
    /// `name = "1"`.
    Text,
    /// `name = { version = "1" }`.
    InlineTable,
    /// `[dependencies.name]`, or keys with dots (`name.version = "1"`): the parts stand on lines of
    /// their own.
    Lines,
}

/// One dependency as a manifest declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name in this manifest, by which Rust code knows the crate (with `_` for `-`).
    pub key: Placed<String>,
    /// The crate's name on its registry; differs from `key` for `package = "..."`.
    pub package: String,
    /// How the entry is written.
    pub form: EntryForm,
    /// The whole of the entry, from its key to the end of its value; for one on lines of its own, each
    /// key in it with its value.
    pub parts: Vec<Span>,
    /// The value of `package`, when it is given.
    pub package_value: Option<Placed<String>>,
    /// Where the key `version` stands, when the entry is no plain string.
    pub version_key: Option<Span>,
    /// Where it is declared.
    pub table: DependencyTable,
    /// The version requirement, when there is one.
    pub requirement: Option<Placed<String>>,
    /// Where the crate comes from.
    pub source: DependencySource,
    /// Which state of a git repository, as it is written: `tag = "v32.0.0"`.
    pub reference: Option<String>,
    /// The features asked for.
    pub features: Vec<Placed<String>>,
    /// `default-features`, when given.
    pub default_features: Option<bool>,
    /// `optional = true`.
    pub optional: bool,
}

impl Dependency {
    /// The name that Rust code uses for the crate.
    #[must_use]
    pub fn extern_name(&self) -> String {
        self.key.value.replace('-', "_")
    }

    /// Where it comes from when that is no registry, for people: git with its state, a folder.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        match (&self.source, &self.reference) {
            (DependencySource::Git(address), Some(state)) => {
                Some(format!("git ({address}, {state})"))
            }
            (DependencySource::Git(address), None) => Some(format!("git ({address})")),
            (DependencySource::Path(path), _) => Some(format!("the folder {path}")),
            _ => None,
        }
    }

    /// The requirement as semver reads it; `*` where none is given.
    ///
    /// # Errors
    /// What semver says of the text.
    pub fn version_req(&self) -> Result<VersionReq, semver::Error> {
        self.requirement
            .as_ref()
            .map_or(Ok(VersionReq::STAR), |text| VersionReq::parse(&text.value))
    }
}

/// The `[workspace]` table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkspaceTable {
    /// `members`: paths and globs.
    pub members: Vec<Placed<String>>,
    /// `exclude`: path prefixes.
    pub exclude: Vec<String>,
    /// `[workspace.package] rust-version`.
    pub rust_version: Option<RustVersion>,
}

/// Where the root files of a package's targets are, as far as the manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// `lib.name`.
    pub library_name: Option<String>,
    /// `lib.path`, relative to the manifest.
    pub library_path: Option<String>,
    /// The paths of programs, examples, tests, benches and the build script, likewise.
    pub other_paths: Vec<String>,
}

/// One `Cargo.toml`.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Its absolute path.
    pub path: Utf8PathBuf,
    /// Its text, untouched.
    pub text: String,
    /// `package.name`; none in a virtual workspace.
    pub package: Option<String>,
    /// `package.rust-version`; an inherited one is filled in from the root.
    pub rust_version: Option<RustVersion>,
    /// Whether `rust-version.workspace = true`.
    pub inherits_rust_version: bool,
    /// `package.workspace`: where the root is, when the package says so itself.
    pub workspace_pointer: Option<String>,
    /// The `[workspace]` table, when this is a root.
    pub workspace: Option<WorkspaceTable>,
    /// Every dependency of every table.
    pub dependencies: Vec<Dependency>,
    /// Root files of targets.
    pub targets: Targets,
    /// The names of the package's own `[features]`, in the order in which they are written.
    pub feature_names: Vec<String>,
    /// The lists of `[features]`, in that order: what each of the package's own features turns on.
    pub feature_lists: Vec<Vec<Placed<String>>>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the place when it is no TOML or not shaped like a manifest.
    pub fn parse(path: Utf8PathBuf, text: String) -> Result<Self> {
        let manifest = read::manifest(&text).map_err(|mistake| Error::Malformed {
            path: path.clone(),
            position: Position::of(&text, mistake.offset),
            message: format!("no valid TOML: {}", mistake.message),
            help: "mend the file; `cargo metadata` shows the same problem".to_owned(),
        })?;
        Ok(Self {
            path,
            text,
            ..manifest
        })
    }

    /// All values of `[features]`.
    pub fn feature_values(&self) -> impl Iterator<Item = &str> {
        let values = self.feature_lists.iter().flatten();
        values.map(|value| value.value.as_str())
    }

    /// The folder that the manifest stands in.
    #[must_use]
    pub fn folder(&self) -> &camino::Utf8Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Line and column of a byte of this file.
    #[must_use]
    pub fn position(&self, offset: ByteOffset) -> Position {
        Position::of(&self.text, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Manifest {
        Manifest::parse("Cargo.toml".into(), text.to_owned()).unwrap()
    }

    /// (table, name in the manifest, crate, requirement text as it stands in the file)
    fn rows(text: &str) -> Vec<(String, String, String, String)> {
        read(text)
            .dependencies
            .into_iter()
            .map(|d| {
                let requirement = d.requirement.map(|r| r.span.text(text).to_owned());
                (
                    d.table.to_string(),
                    d.key.span.text(text).to_owned(),
                    d.package,
                    requirement.unwrap_or_default(),
                )
            })
            .collect()
    }

    fn row(
        table: &str,
        key: &str,
        package: &str,
        requirement: &str,
    ) -> (String, String, String, String) {
        (table.into(), key.into(), package.into(), requirement.into())
    }

    #[test]
    fn every_dependency_table_is_read_with_spans() {
        let text = r#"
[package]
name = "host"
[dependencies]
wasmtime = "32.0.0" # pinned
wasi = { package = "wasmtime-wasi", version = '32' }
wiggle.version = "=32.0.0"
[dev-dependencies.wasmtime-wasi-http]
version = "32"
[target.'cfg(unix)'.build-dependencies]
"cranelift-codegen" = "0.119"
[workspace.dependencies]
wasmtime-environ = "=32.0.0"
[patch.crates-io]
wasmtime = { git = "https://example.com/fork" }
[replace]
"wasmtime:32.0.0" = { path = "../fork" }
"#;
        let mut expected = vec![
            row("dependencies", "wasmtime", "wasmtime", "\"32.0.0\""),
            row("dependencies", "wasi", "wasmtime-wasi", "'32'"),
            row("dependencies", "wiggle", "wiggle", "\"=32.0.0\""),
            row(
                "dev-dependencies",
                "wasmtime-wasi-http",
                "wasmtime-wasi-http",
                "\"32\"",
            ),
            row(
                "target.'cfg(unix)'.build-dependencies",
                "\"cranelift-codegen\"",
                "cranelift-codegen",
                "\"0.119\"",
            ),
            row(
                "workspace.dependencies",
                "wasmtime-environ",
                "wasmtime-environ",
                "\"=32.0.0\"",
            ),
            row("patch.crates-io", "wasmtime", "wasmtime", ""),
            row("replace", "\"wasmtime:32.0.0\"", "wasmtime", ""),
        ];
        let mut found = rows(text);
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        // The same file with Windows line ends and a byte-order mark has the same places, moved.
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(rows(&windows).len(), expected.len());
        let mut found = rows(&windows);
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn inheritance_features_and_flags() {
        let manifest = read(
            "[dependencies]\nwasmtime = { workspace = true, features = [\"cranelift\", \"async\"], optional = true, default-features = false }\n",
        );
        let wasmtime = &manifest.dependencies[0];
        assert_eq!(wasmtime.source, DependencySource::Inherited);
        assert_eq!(wasmtime.features[1].value, "async");
        assert!(wasmtime.optional);
        assert_eq!(wasmtime.default_features, Some(false));
    }

    #[test]
    fn only_replacements_are_named_by_package_id_specs() {
        let text = "[dependencies]\n\"x/wasmtime:1\" = \"1\"\n[replace]\n\"https://x/y#wasmtime@1.0.0\" = { path = \"y\" }\n";
        let manifest = read(text);
        let packages = manifest.dependencies.iter().map(|d| d.package.as_str());
        assert_eq!(packages.collect::<Vec<_>>(), ["x/wasmtime:1", "wasmtime"]);
    }

    #[test]
    fn broken_toml_names_the_place() {
        let error = Manifest::parse("a/Cargo.toml".into(), "[package]\nname = \n".into());
        let message = error.unwrap_err().to_string();
        assert!(message.starts_with("a/Cargo.toml:2:"), "{message}");
    }
}
