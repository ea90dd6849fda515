//! Rules that come from the program itself and not from a file of the knowledge base.

use crate::knowledge::Kind;

/// Fixes are no longer made for the line in use.
pub const SUPPORT_ENDED: &str = "support-ended";
/// Fixes will soon no longer be made for the line in use.
pub const SUPPORT_ENDING: &str = "support-ending";
/// The policy asks for long-term releases, and the line in use is none.
pub const NOT_LTS: &str = "not-lts";
/// The lockfile has more than one Wasmtime.
pub const TWO_WASMTIMES: &str = "two-wasmtimes";
/// One package requires crates of the family on different lines.
pub const SIBLINGS_APART: &str = "siblings-apart";
/// A `bindgen!` names a crate or a path of another line.
pub const BINDGEN_APART: &str = "bindgen-apart";
/// A crate of wasm-tools is of another generation than Wasmtime's own.
pub const WASM_TOOLS_APART: &str = "wasm-tools-apart";
/// A waiver is past its last day.
pub const WAIVER_EXPIRED: &str = "waiver-expired";
/// A waiver has nothing to silence.
pub const WAIVER_UNUSED: &str = "waiver-unused";
/// A waiver is about an id that nobody knows.
pub const WAIVER_UNKNOWN: &str = "waiver-unknown";
/// A waiver runs for longer than the policy allows.
pub const WAIVER_TOO_LONG: &str = "waiver-too-long";
/// A level is set for an id that nobody knows.
pub const LEVEL_UNKNOWN: &str = "level-unknown";

/// A rule of the program's own, as `explain` and `list` show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// The id of its findings.
    pub id: &'static str,
    /// What they are about.
    pub kind: Kind,
    /// One line.
    pub title: &'static str,
    /// What there is to know.
    pub prose: &'static str,
}

/// All of them. `list` prints them, a policy can name them.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        id: SUPPORT_ENDED,
        kind: Kind::Support,
        title: "the line gets no fixes any more",
        prose: "Fixes are made for a line for two months, for every twelfth line (LTS) for two years.",
    },
    BuiltIn {
        id: SUPPORT_ENDING,
        kind: Kind::Support,
        title: "the line gets no fixes any more soon",
        prose: "Fixes are made for a line for two months, for every twelfth line (LTS) for two years.\n\
                `warn-days` under `[support]` in the policy file says how many days ahead to warn\n\
                (30 without one, 0 turns it off).",
    },
    BuiltIn {
        id: NOT_LTS,
        kind: Kind::Support,
        title: "the line is no long-term release, and the policy asks for one",
        prose: "Fixes are made for a line for two months, for every twelfth line (LTS) for two years.\n\
                `lts-only = true` under `[support]` in the policy file asks for the latter.",
    },
    BuiltIn {
        id: TWO_WASMTIMES,
        kind: Kind::Drift,
        title: "the lockfile has more than one Wasmtime",
        prose: "Cargo takes one Wasmtime a line. Where two are in one program, a value of the one does\n\
                not fit the other, both are compiled, and both have to be kept free of advisories.\n\
                Usually another crate holds the old one; the finding has the path that leads there.\n\
                `possible` when one program comes to both. `not-affected` when no program does, or\n\
                when a manifest requires both under two names: then it is done on purpose. Only a\n\
                lockfile can tell.",
    },
    BuiltIn {
        id: SIBLINGS_APART,
        kind: Kind::Drift,
        title: "a package requires crates of the family on different lines",
        prose: "`wasmtime = \"36\"` with `wasmtime-wasi = \"35\"` resolves: cargo takes two Wasmtimes,\n\
                and only the compiler complains, in words that do not name the cause. Crates whose API\n\
                has types of `wasmtime` must be of its line, crates of Cranelift of the same one as\n\
                `cranelift-codegen`. `possible` where they meet in tests only, or where the\n\
                requirements admit a line in common. A second set that is complete, under other\n\
                names, is no finding.",
    },
    BuiltIn {
        id: BINDGEN_APART,
        kind: Kind::Drift,
        title: "a `bindgen!` names a crate, a path or an option of another line",
        prose: "What `bindgen!` generates names `wasmtime`, or what `wasmtime_crate` says, and the items\n\
                in `with` and `trappable_error_type`. All of them should be of the macro's own line:\n\
                bindings of an interface do not compile in those of another line; the macro of another\n\
                line, and a type that stands for a resource, may, so these are `possible`. The paths\n\
                must be where the line has them: `wasmtime_wasi::bindings` up to 32,\n\
                `wasmtime_wasi::p2::bindings` from 33 on. The options must be ones that the line
\
                accepts: `async: true` up to 35, `imports: { default: async }` from 36 on.",
    },
    BuiltIn {
        id: WASM_TOOLS_APART,
        kind: Kind::Drift,
        title: "a crate of wasm-tools is of another generation than Wasmtime's own",
        prose: "Every line of Wasmtime is built with one generation of wasm-tools (`wasmparser`,\n\
                `wit-parser`, `wasm-wave`, ..). A project may use another one for itself: bytes and text\n\
                know no generation. Only where types pass through Wasmtime's API must they be the same:\n\
                `Config::wasm_features`, wave values, lookups by `wit_parser::ItemName`. That is\n\
                `possible` when the sources name it, and a note otherwise. `wat` and `wast` never matter.",
    },
    BuiltIn {
        id: WAIVER_EXPIRED,
        kind: Kind::Policy,
        title: "a waiver is past its last day",
        prose: "A waiver holds through the day in `until`. After it, what it silenced counts again.\n\
                Mend the cause, or set a later day with a reason that still holds.",
    },
    BuiltIn {
        id: WAIVER_UNUSED,
        kind: Kind::Policy,
        title: "a waiver has nothing to silence",
        prose: "Nothing above a note is found under the waiver's id. Left where it is, it would hide\n\
                the problem when it comes back. Remove it.",
    },
    BuiltIn {
        id: WAIVER_UNKNOWN,
        kind: Kind::Policy,
        title: "a waiver is about an id that is not known",
        prose: "Neither an entry of the knowledge base, nor one of its aliases, nor a rule of the\n\
                program has the waiver's id. What the policy file itself gives reason to say\n\
                (`waiver-..`, `level-unknown`) can't be waived.",
    },
    BuiltIn {
        id: WAIVER_TOO_LONG,
        kind: Kind::Policy,
        title: "a waiver runs for longer than the policy allows",
        prose: "A waiver may end at most 180 days from today, or as many as `max-waiver-days` in the\n\
                policy file says. One that runs for longer silences nothing.",
    },
    BuiltIn {
        id: LEVEL_UNKNOWN,
        kind: Kind::Policy,
        title: "a level is set for an id that is not known",
        prose: "A key under `[levels]` in the policy file is neither a known id, nor a kind\n\
                (`advisory`, `regression`, ..), nor an exposure (`affected`, `possible`,\n\
                `not-affected`), so it changes nothing.",
    },
];

/// The rule of that id.
#[must_use]
pub fn built_in(id: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|rule| rule.id == id)
}
