//! Features of other crates that a project had by way of Wasmtime's.

use super::{Feature, Repair, Site};
use crate::version::Line;

/// The macros of `serde` are a feature of it, which newer releases of Wasmtime's crates do not ask for any
/// more: a package that uses them has to ask itself.
pub(super) fn derives_of_serde(site: &Site<'_>) -> Option<Repair> {
    let messages = [
        "cannot find derive macro `Serialize` in this scope",
        "cannot find derive macro `Deserialize` in this scope",
        "cannot find attribute `serde` in this scope",
    ];
    let label = site.error.labels.iter().find(|label| label.is_primary)?;
    let crates = site.terms.crates.get(&label.path)?;
    let is_it =
        messages.contains(&site.error.message.as_str()) && crates.name_of("serde").is_some();
    is_it.then(|| Repair {
        feature: Some(Feature {
            of_crate: "serde",
            name: "derive",
            reason: "no other crate asks for its macros any more",
        }),
        ..Repair::default()
    })
}

/// How outgoing requests are sent was there for everybody up to 35, and is a feature of `wasmtime-wasi-http`
/// since: a package that turned off its default features, which were none, asks for it.
pub(super) fn send_request(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let is_missing = site.is("E0046")
        && message.ends_with("missing: `send_request`")
        && (site.speaks_of("WasiHttpView for") || site.speaks_of("WasiHttpHooks for"));
    // `hooks: Default::default()`
    let has_no_default = site.is("E0277") && message.contains("WasiHttpHooks: Default` is not");
    let is_it = site.terms.from < Line(36) && (is_missing || has_no_default);
    is_it.then(|| Repair {
        feature: Some(Feature {
            of_crate: "wasmtime-wasi-http",
            name: "default-send-request",
            reason: "requests were sent without it up to line 35",
        }),
        ..Repair::default()
    })
}

/// What was there without a feature, or with another one, and is behind one since: the crate, the feature, the
/// first line that has it (PRs #11380, #12748, #12834). `p1` is what the features of `wasi-common` became, and
/// `component-model-async-bytes` brought the other feature up to 45.
const BEHIND_A_FEATURE: [(&str, &str, Line); 6] = [
    ("wasmtime", "component-model-async", Line(46)),
    ("wasmtime-wasi", "p1", Line(47)),
    ("wasmtime-wasi", "p2", Line(37)),
    ("wasmtime-wasi-http", "p2", Line(43)),
    ("wasmtime-wasi-tls", "p2", Line(44)),
    ("wasmtime-wasi-tls", "rustls", Line(44)),
];

/// An item that the compiler found behind a feature: a package that turned off the default features of the
/// crate before the item was behind one asks for it.
pub(super) fn behind_a_feature(site: &Site<'_>) -> Option<Repair> {
    let rendered = &site.error.rendered;
    let (_, found) = rendered.split_once("found an item that was configured out")?;
    let (_, place) = found.split_once("--> ")?;
    let file = place.lines().next().unwrap_or_default().replace('\\', "/");
    let is_of = |name: &str| {
        let version = file.split_once(&format!("/{name}-")).map(|(_, rest)| rest);
        version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut features = BEHIND_A_FEATURE.iter();
    let (of_crate, name, _) = features.find(|(of_crate, name, since)| {
        is_of(of_crate)
            && site.terms.from < *since
            && site.speaks_of(&format!("the item is gated behind the `{name}` feature"))
    })?;
    Some(Repair {
        feature: Some(Feature {
            of_crate,
            name,
            reason: "what it is for was there without a feature",
        }),
        ..Repair::default()
    })
}
