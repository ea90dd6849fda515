//! Names that a project declares itself and that Wasmtime has, too: what is called so may be the one or the
//! other.

use super::ended;

/// The type that Wasmtime gives a function of the host.
pub(super) const CALLER: &str = "Caller";

/// The traits of the family that hosts implement and that a package often hands on to its own modules, by the
/// names of their crates.
const TRAITS: [(&str, &str); 6] = [
    ("IoView", "wasmtime_wasi"),
    ("StdinStream", "wasmtime_wasi"),
    ("StdoutStream", "wasmtime_wasi"),
    ("WasiHttpHooks", "wasmtime_wasi_http"),
    ("WasiHttpView", "wasmtime_wasi_http"),
    ("WasiView", "wasmtime_wasi"),
];

/// Methods that hosts wrap by their names, and whose calls are edited by the text alone.
const METHODS: [&str; 2] = ["get_export", "wasm_backtrace"];

/// The crate of the family, as Rust writes it, that has a trait of this name.
pub(super) fn crate_of_trait(name: &str) -> Option<&'static str> {
    let known = TRAITS.iter().find(|(known, _)| *known == name);
    known.map(|(_, of_crate)| *of_crate)
}

/// Those that some text declares, of the methods whose calls are taken out or renamed, of the types that tell a
/// function of the host, and of the traits that a host implements.
pub fn own_names<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'static str> {
    let mut own = Vec::new();
    for text in texts {
        let methods = ended::NAMES.into_iter().chain(METHODS);
        own.extend(methods.filter(|name| declares(text, "fn", name)));
        let is_own = |word: &&str| declares(text, word, CALLER);
        let is_declared = ["struct", "enum", "trait", "type"].iter().any(is_own);
        own.extend(Some(CALLER).filter(|_| is_declared || text.contains("wasmi::Caller")));
        let traits = TRAITS.iter().map(|(name, _)| *name);
        own.extend(traits.filter(|name| declares(text, "trait", name)));
    }
    own.sort_unstable();
    own.dedup();
    own
}

/// Whether a text has a function or type of that name, as far as its bytes tell.
fn declares(text: &str, word: &str, name: &str) -> bool {
    let mut places = memchr::memmem::find_iter(text.as_bytes(), name);
    let starts = |place: usize| text[..place].trim_end().ends_with(word);
    let ends = |place: usize| {
        let behind = text[place + name.len()..].chars().next();
        !behind.is_some_and(|c| c.is_alphanumeric() || c == '_')
    };
    places.any(|place| starts(place) && ends(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_is_the_projects_own() {
        let texts = [
            "impl H { pub fn  post_return (&self) {} }",
            "fn async_supported() {} struct CallerInfo; f(Caller)",
        ];
        assert_eq!(own_names(texts.into_iter()), ["post_return"]);
        let own = own_names(["pub struct Caller<'a, T>(&'a T);"].into_iter());
        assert_eq!(own, [CALLER]);
        let own = own_names(["pub trait IoView: Send {}"].into_iter());
        assert_eq!(own, ["IoView"]);
    }
}
