//! Where hosts are built, and kept for the next time.

use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::package::HostPackage;
use crate::error::{Error, Result};
use crate::upgrade::Progress;
use crate::world::{Command, FileKind, Lock, World};

/// How large the kept hosts may be together, in bytes. One is some twenty megabytes.
pub const LIMIT: u64 = 1 << 30;

/// The variable that names another folder than the usual one.
pub const VARIABLE: &str = "WASMTIME_UPGRADE_CACHE";

/// How often is looked whether another run is done.
const POLL: Duration = Duration::from_millis(200);

/// The name of a host's program in its folder.
const PROGRAM: &str = if cfg!(windows) { "host.exe" } else { "host" };

/// Says when the host beside it was last used: the number of uses of the cache before.
const USED: &str = "used";

/// The folder that hosts are kept in.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: Utf8PathBuf,
    /// Where cargo compiles, when it is not the cache's own folder, which is removed after each build.
    target: Option<Utf8PathBuf>,
}

/// A host that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its program.
    pub program: Utf8PathBuf,
    /// Whether it had to be built.
    pub built: bool,
}

impl Cache {
    /// The cache of this user.
    ///
    /// # Errors
    /// When no variable says where a user's caches are.
    pub fn of_user(world: &dyn World) -> Result<Self> {
        let set = |name: &str| world.env(name).filter(|value| !value.is_empty());
        let folder = set(VARIABLE)
            .map(Utf8PathBuf::from)
            .or_else(|| Some(Utf8PathBuf::from(set("XDG_CACHE_HOME")?).join("wasmtime-upgrade")))
            .or_else(|| Some(Utf8PathBuf::from(set("LOCALAPPDATA")?).join("wasmtime-upgrade")))
            .or_else(|| Some(Utf8PathBuf::from(set("HOME")?).join(".cache/wasmtime-upgrade")));
        folder.map(Self::at).ok_or_else(|| {
            Error::usage(
                "there is no place to keep hosts in: neither XDG_CACHE_HOME nor HOME is set",
                format!("set {VARIABLE} to a folder"),
            )
        })
    }

    /// The cache in a folder.
    #[must_use]
    pub fn at(folder: Utf8PathBuf) -> Self {
        Self {
            folder,
            target: None,
        }
    }

    /// Compiles in `target`, and leaves it there.
    #[must_use]
    pub fn compiling_in(self, target: Option<Utf8PathBuf>) -> Self {
        Self { target, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    fn hosts(&self) -> Utf8PathBuf {
        self.folder.join("hosts")
    }

    fn program(&self, package: &HostPackage) -> Utf8PathBuf {
        self.hosts().join(package.key()).join(PROGRAM)
    }

    /// Whether a host has been built.
    #[must_use]
    pub fn has(&self, world: &dyn World, package: &HostPackage) -> bool {
        matches!(world.kind(&self.program(package)), Ok(Some(FileKind::File)))
    }

    /// The hosts of packages, built where they are not there yet, by us or by another run that we wait for.
    ///
    /// # Errors
    /// When the cache can't be written, or when a host does not build.
    pub fn hosts_of(
        &self,
        world: &dyn World,
        packages: &[&HostPackage],
        offline: bool,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<Host>> {
        let missing = || -> Vec<&HostPackage> {
            let missing = packages.iter().filter(|package| !self.has(world, package));
            missing.copied().collect()
        };
        let mut built = missing();
        if !built.is_empty() {
            create_dir(world, &self.folder)?;
            let _lock = self.lock(world, progress)?;
            // Whoever had the lock before may have built the same.
            built = missing();
            for package in &built {
                self.build(world, package, offline, &mut |line| {
                    progress(Progress::Cargo(line));
                })?;
            }
            // What was compiled on the way is many times larger than what came of it.
            remove_dir(world, &self.folder.join("target"))?;
        }
        self.mark_used(world, packages)?;
        self.shrink(world, packages, LIMIT)?;
        let hosts = packages.iter().map(|package| Host {
            program: self.program(package),
            built: built.contains(package),
        });
        Ok(hosts.collect())
    }

    /// The lock of the cache, as soon as no other run has it, as cargo waits for a build directory.
    fn lock(&self, world: &dyn World, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Lock> {
        let path = self.folder.join("lock");
        let mut is_told = false;
        loop {
            let lock = world
                .lock(&path)
                .map_err(|error| Error::io("lock", &path, error))?;
            let Lock::Held { holder } = &lock else {
                return Ok(lock);
            };
            if world.interrupted() {
                return Err(Error::Interrupted);
            }
            if !is_told {
                let holder = holder.map(|id| format!(" (process {id})"));
                let what = format!(
                    "for another run{} that builds a host in {}",
                    holder.unwrap_or_default(),
                    self.folder
                );
                progress(Progress::Step("Waiting", &what));
                is_told = true;
            }
            world.pause(POLL);
        }
    }

    /// Compiles one host and puts it into its place.
    fn build(
        &self,
        world: &dyn World,
        package: &HostPackage,
        offline: bool,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let source = self.folder.join("source").join(package.key());
        for (path, text) in package.files() {
            let path = source.join(path);
            if let Some(folder) = path.parent() {
                create_dir(world, folder)?;
            }
            write(world, &path, text.as_bytes())?;
        }
        let target = self
            .target
            .clone()
            .unwrap_or_else(|| self.folder.join("target"));
        let output = compile(world, &source, &target, offline, on_line)?;
        if world.interrupted() {
            return Err(Error::Interrupted);
        }
        if !output.success() {
            return Err(Error::Process {
                message: format!("the host of Wasmtime {} does not build", package.release),
                output: last_lines(&output.stderr, 30),
                help: "read what cargo says; `rustup update` helps where a newer Rust is asked for"
                    .to_owned(),
            });
        }
        let built = target.join("release").join(if cfg!(windows) {
            "wasmtime-upgrade-host.exe"
        } else {
            "wasmtime-upgrade-host"
        });
        let bytes = world
            .read(&built)
            .map_err(|error| Error::io("read", &built, error))?;
        let program = self.program(package);
        if let Some(folder) = program.parent() {
            create_dir(world, folder)?;
        }
        // Made runnable before it has its name: nobody finds half a host.
        let unfinished = program.with_file_name("unfinished");
        write(world, &unfinished, &bytes)?;
        world
            .set_mode(&unfinished, 0o755)
            .and_then(|()| world.rename(&unfinished, &program))
            .map_err(|error| Error::io("write", &program, error))?;
        remove_dir(world, &source)
    }

    /// Notes that hosts were used after all others.
    fn mark_used(&self, world: &dyn World, packages: &[&HostPackage]) -> Result<()> {
        let newest = self.ages(world).into_iter().map(|(age, _)| age).max();
        let next = newest.unwrap_or(0) + 1;
        for package in packages {
            let path = self.hosts().join(package.key()).join(USED);
            write(world, &path, next.to_string().as_bytes())?;
        }
        Ok(())
    }

    /// The folders of hosts, each with when it was last used.
    fn ages(&self, world: &dyn World) -> Vec<(u64, Utf8PathBuf)> {
        let names = world.list(&self.hosts()).unwrap_or_default();
        let folders = names.iter().map(|name| self.hosts().join(name));
        let aged = folders.map(|folder| {
            let used = world.read(&folder.join(USED)).unwrap_or_default();
            let used = String::from_utf8_lossy(&used).trim().parse().unwrap_or(0);
            (used, folder)
        });
        aged.collect()
    }

    /// Removes the hosts that were not used for longest until the rest is within `limit`; never one
    /// that is in use.
    fn shrink(&self, world: &dyn World, in_use: &[&HostPackage], limit: u64) -> Result<()> {
        let mut hosts = self.ages(world);
        hosts.sort();
        let size = |folder: &Utf8Path| world.size(&folder.join(PROGRAM)).unwrap_or(0);
        let mut total: u64 = hosts.iter().map(|(_, folder)| size(folder)).sum();
        for (_, folder) in &hosts {
            if total <= limit {
                break;
            }
            let kept = in_use
                .iter()
                .any(|package| folder.file_name() == Some(&package.key()));
            if !kept {
                total -= size(folder);
                remove_dir(world, folder)?;
            }
        }
        Ok(())
    }
}

/// Runs cargo on a host's package.
fn compile(
    world: &dyn World,
    source: &Utf8Path,
    target: &Utf8Path,
    offline: bool,
    on_line: &mut dyn FnMut(&str),
) -> Result<crate::world::ProcessOutput> {
    /// Nobody waits for longer, and a build that hangs must end.
    const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);
    let cargo = world.env("CARGO").filter(|cargo| !cargo.is_empty());
    let args = ["build", "--release"].into_iter();
    let args = args.chain(offline.then_some("--offline"));
    let mut command = Command::new(cargo.unwrap_or_else(|| "cargo".to_owned()), args, source);
    command.timeout = Some(LONGEST);
    for (name, value) in [
        ("CARGO_TARGET_DIR", target.as_str()),
        ("CARGO_TERM_COLOR", "never"),
        // Flags of the project are for its own crates.
        ("CARGO_ENCODED_RUSTFLAGS", ""),
        ("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback"),
    ] {
        command.env.push((name.to_owned(), value.to_owned()));
    }
    world
        .run(&command, on_line)
        .map_err(|error| Error::Process {
            message: format!("can't start `{}`: {error}", command.line()),
            output: String::new(),
            help: "check that Rust is installed and on the PATH".to_owned(),
        })
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn write(world: &dyn World, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    world
        .write(path, bytes)
        .map_err(|error| Error::io("write", path, error))
}

fn create_dir(world: &dyn World, path: &Utf8Path) -> Result<()> {
    world
        .create_dir(path)
        .map_err(|error| Error::io("create", path, error))
}

fn remove_dir(world: &dyn World, path: &Utf8Path) -> Result<()> {
    match world.remove_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("remove", path, error))
        }
        _ => Ok(()),
    }
}
