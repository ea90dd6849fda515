//! Which files are meant: guests by path and pattern, artifacts in the tree and those that sources
//! name.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobMatcher};

use super::artifact::Artifact;
use crate::error::{Error, Result};
use crate::tokens::{TokenKind, Tokens};
use crate::workspace::{NotLookedAt, Workspace, lexical, relative_to};
use crate::world::{FileKind, WalkEntry, World};

/// Where cargo leaves guests, for when none are named.
pub const USUAL: [&str; 2] = [
    "target/wasm32-*/release/*.wasm",
    "target/wasm32-*/debug/*.wasm",
];

/// A guest larger than this is not run, in bytes.
const LARGEST: u64 = 256 << 20;

/// What stands in a pattern and not in a plain path.
const WILD: [char; 4] = ['*', '?', '[', '{'];

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Files that begin as WebAssembly, absolute and sorted.
    pub guests: Vec<Utf8PathBuf>,
    /// Whether a guest names an interface of `wasi:http`.
    pub names_http: bool,
    /// Precompiled artifacts, likewise.
    pub artifacts: Vec<(Utf8PathBuf, Result<Artifact, String>)>,
    /// What is neither, or can't be read.
    pub refused: Vec<NotLookedAt>,
}

impl Found {
    /// Puts a file where its first bytes say that it belongs. `wanted` are those that a user named:
    /// of others only artifacts are of interest.
    fn take(&mut self, world: &dyn World, root: &Utf8Path, path: Utf8PathBuf, wanted: bool) {
        if self.guests.contains(&path) || self.artifacts.iter().any(|(known, _)| *known == path) {
            return;
        }
        let bytes = match world.size(&path) {
            Ok(size) if size > LARGEST => Err(format!("{size} bytes is too large for a guest")),
            Ok(_) => world.read(&path).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let reason = match bytes {
            Ok(bytes) => match Artifact::read(&bytes) {
                Some(artifact) => return self.artifacts.push((path, artifact)),
                None if bytes.starts_with(b"\0asm") => {
                    if wanted {
                        self.names_http |= names_http(&bytes);
                        self.guests.push(path);
                    }
                    return;
                }
                None => not_wasm(&bytes),
            },
            Err(reason) => reason,
        };
        if wanted {
            let path = relative_to(root, &path);
            self.refused.push(NotLookedAt { path, reason });
        }
    }

    fn sort(&mut self) {
        self.guests.sort();
        crate::order::sort_by(&mut self.artifacts, |(a, _), (b, _)| a.cmp(b));
        self.refused.sort();
        self.refused.dedup();
    }
}

/// Whether a guest may import or export something of `wasi:http`. Names of imports and exports stand in
/// the file as they are; that the text stands there for another reason costs a host no more than time.
fn names_http(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"wasi:http/").is_some()
}

/// What a file is that is no WebAssembly, as well as its beginning tells.
fn not_wasm(bytes: &[u8]) -> String {
    const SHOWN: usize = 20;
    if bytes.is_empty() {
        return "no WebAssembly: the file is empty".to_owned();
    }
    let start = &bytes[..bytes.len().min(SHOWN)];
    match std::str::from_utf8(start) {
        Ok(text) if text.trim_start().starts_with('(') => {
            "no WebAssembly but its text form; build it first".to_owned()
        }
        Ok(text) => format!("no WebAssembly: it begins with {:?}", text.trim_end()),
        Err(_) => "no WebAssembly: it does not begin with \\0asm".to_owned(),
    }
}

/// The guests that patterns name, seen from `here`, and every artifact below `root` or named in the
/// sources of the workspace.
///
/// # Errors
/// A pattern that is none, and a path or pattern that nothing is found by.
pub fn find(
    world: &dyn World,
    root: &Utf8Path,
    here: &Utf8Path,
    patterns: &[String],
    workspace: Option<&Workspace>,
) -> Result<Found> {
    let mut found = Found::default();
    for pattern in patterns {
        let paths = expand(world, here, pattern)?;
        if paths.is_empty() {
            return Err(Error::usage(
                format!("{pattern}: no such file"),
                "build the guests first, or name others",
            ));
        }
        for path in paths {
            found.take(world, root, path, true);
        }
    }
    for path in artifacts_in(world, root, workspace) {
        found.take(world, root, path, false);
    }
    found.sort();
    Ok(found)
}

/// The guests where cargo leaves them; none is fine.
///
/// # Errors
/// Never in practice: the patterns are our own.
pub fn usual(world: &dyn World, root: &Utf8Path) -> Result<Vec<String>> {
    for pattern in USUAL {
        let paths = expand(world, root, pattern)?;
        if !paths.is_empty() {
            return Ok(paths.into_iter().map(Utf8PathBuf::into_string).collect());
        }
    }
    Ok(Vec::new())
}

/// The files that a path or a pattern means; a folder means the `.wasm` files in it.
fn expand(world: &dyn World, here: &Utf8Path, pattern: &str) -> Result<Vec<Utf8PathBuf>> {
    let whole = lexical(&here.join(pattern));
    if matches!(world.kind(&whole), Ok(Some(FileKind::Directory))) {
        return expand(world, &whole, "*.wasm");
    }
    if !pattern.contains(WILD) {
        let exists = matches!(world.kind(&whole), Ok(Some(_)));
        return Ok(exists.then_some(whole).into_iter().collect());
    }
    let glob = |text: &str| -> Result<GlobMatcher> {
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        glob.map(|glob| glob.compile_matcher()).map_err(|error| {
            Error::usage(
                format!("`{pattern}` is no pattern of paths: {}", error.kind()),
                "write for example 'plugins/*.wasm'",
            )
        })
    };
    let matcher = glob(whole.as_str())?;
    let plain = whole.components().map(|part| part.as_str());
    let start: Utf8PathBuf = plain.take_while(|part| !part.contains(WILD)).collect();
    let deepest = if pattern.contains("**") {
        usize::MAX
    } else {
        whole.components().count()
    };
    let mut files = Vec::new();
    descend(world, &start, deepest, &mut |path| {
        if matcher.is_match(path) {
            files.push(path.to_owned());
        }
    });
    files.sort();
    Ok(files)
}

/// Every file below a folder, links not followed.
fn descend(
    world: &dyn World,
    folder: &Utf8Path,
    deepest: usize,
    on_file: &mut dyn FnMut(&Utf8Path),
) {
    for name in world.list(folder).unwrap_or_default() {
        let path = folder.join(name);
        match world.kind(&path) {
            Ok(Some(FileKind::Directory)) if path.components().count() < deepest => {
                descend(world, &path, deepest, on_file);
            }
            Ok(Some(FileKind::File)) => on_file(&path),
            _ => {}
        }
    }
}

/// The macro and the functions that take a precompiled artifact, or may.
const LOADERS: [&str; 3] = ["include_bytes", "deserialize_file", "deserialize_open_file"];

/// Files that may be artifacts.
fn artifacts_in(
    world: &dyn World,
    root: &Utf8Path,
    workspace: Option<&Workspace>,
) -> BTreeSet<Utf8PathBuf> {
    let walked = world.walk(root, &[], &["cwasm"]).into_iter();
    let mut paths: BTreeSet<Utf8PathBuf> = walked
        .filter_map(|entry| match entry {
            WalkEntry::File(path) => Some(path),
            WalkEntry::PassedOver { .. } => None,
        })
        .collect();
    for source in workspace.iter().flat_map(|workspace| &workspace.sources) {
        // Reading tokens is not free, and few sources have any of the words.
        if !LOADERS.iter().any(|word| source.text.contains(word)) {
            continue;
        }
        let beside = source.path.parent().unwrap_or(root);
        for name in named_in(&source.text) {
            // A macro looks beside its source, a program where it is started: most often the root.
            let places = [beside.join(&name), root.join(&name)];
            let there = |path: &Utf8PathBuf| matches!(world.kind(path), Ok(Some(FileKind::File)));
            paths.extend(places.into_iter().map(|path| lexical(&path)).find(there));
        }
    }
    paths
}

/// The plain texts that are given to a loader.
fn named_in(text: &str) -> Vec<String> {
    let Ok(tokens) = Tokens::read(text) else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        if !LOADERS.contains(&tokens.text(at)) {
            continue;
        }
        // `include_bytes!("x")`, `Module::deserialize_file(&engine, "x")`.
        let open = (at + 1..tokens.len().min(at + 3)).find(|next| {
            tokens
                .get(*next)
                .is_some_and(|token| token.kind == TokenKind::Open)
        });
        let Some(open) = open else { continue };
        let close = tokens.get(open).map_or(open, |token| token.partner);
        let literal = (open..close).map(|inner| tokens.text(inner));
        let literal = literal
            .filter_map(|text| text.strip_prefix('"')?.strip_suffix('"'))
            .next();
        names.extend(literal.map(ToOwned::to_owned));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearse::artifact::tests::artifact;
    use crate::world::MemoryWorld;

    const WASM: &[u8] = b"\0asm\x01\0\0\0";

    fn world() -> MemoryWorld {
        let world = MemoryWorld::new();
        for path in [
            "/p/target/CACHEDIR.TAG",
            "/p/target/wasm32-wasip2/release/a.wasm",
            "/p/target/wasm32-wasip2/release/deps/b.wasm",
            "/p/plugins/x.wasm",
            "/p/plugins/deep/y.wasm",
        ] {
            world.put(path, WASM);
        }
        world
    }

    fn guests(patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        let found = find(&world(), "/p".into(), "/p".into(), &patterns, None).unwrap();
        found.guests.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn patterns_are_expanded_also_in_target_folders() {
        let release = "/p/target/wasm32-wasip2/release/a.wasm";
        assert_eq!(guests(&["target/*/release/*.wasm"]), [release]);
        assert_eq!(guests(&["plugins/x.wasm"]), ["/p/plugins/x.wasm"]);
        assert_eq!(guests(&["plugins"]), ["/p/plugins/x.wasm"]);
        assert_eq!(
            guests(&["plugins/**/*.wasm", "plugins/x.wasm"]),
            ["/p/plugins/deep/y.wasm", "/p/plugins/x.wasm"]
        );
        let usual = usual(&world(), "/p".into()).unwrap();
        assert_eq!(usual, [release]);
    }

    #[test]
    fn a_pattern_that_finds_nothing_is_an_error() {
        let patterns = ["none/*.wasm".to_owned()];
        let error = find(&world(), "/p".into(), "/p".into(), &patterns, None).unwrap_err();
        assert_eq!(error.to_string(), "none/*.wasm: no such file");
    }

    #[test]
    fn what_is_no_wasm_is_refused_with_what_it_is_instead() {
        let world = MemoryWorld::new();
        world.put("/p/text.wasm", "hello there\n");
        world.put("/p/wat.wasm", "(module)");
        world.put("/p/empty.wasm", "");
        let found = find(
            &world,
            "/p".into(),
            "/p".into(),
            &["*.wasm".to_owned()],
            None,
        )
        .unwrap();
        let refused: Vec<String> = found
            .refused
            .iter()
            .map(|refused| format!("{}: {}", refused.path, refused.reason))
            .collect();
        assert_eq!(
            refused,
            [
                "empty.wasm: no WebAssembly: the file is empty",
                "text.wasm: no WebAssembly: it begins with \"hello there\"",
                "wat.wasm: no WebAssembly but its text form; build it first",
            ]
        );
    }

    #[test]
    fn artifacts_are_found_by_their_bytes() {
        let world = MemoryWorld::new();
        world.put("/p/cache/a.cwasm", artifact("36.0.20", 1));
        world.put("/p/guest.wasm", artifact("48", 2));
        world.put("/p/notes.cwasm", "not one");
        let patterns = ["guest.wasm".to_owned()];
        let found = find(&world, "/p".into(), "/p".into(), &patterns, None).unwrap();
        let artifacts: Vec<String> = found
            .artifacts
            .iter()
            .map(|(path, artifact)| format!("{path} {}", artifact.as_ref().unwrap().made_by))
            .collect();
        assert_eq!(artifacts, ["/p/cache/a.cwasm 36.0.20", "/p/guest.wasm 48"]);
        assert_eq!(found.refused, vec![]);
    }

    #[test]
    fn sources_name_artifacts() {
        let text = r#"
            static A: &[u8] = include_bytes!("../a.cwasm");
            fn f() { let m = unsafe { Module::deserialize_file(&engine, "b.cwasm") }; }
            const C: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/c"));
        "#;
        assert_eq!(named_in(text), ["../a.cwasm", "b.cwasm", "OUT_DIR"]);
    }
}
