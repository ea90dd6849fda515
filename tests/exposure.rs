//! Exposure of projects that are put together the way real ones are: features through the project's
//! own, settings under conditions, code for tests, files that nothing compiles, packages from elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::{check_json, finding, lockfile, manifest, project};

/// What is said of `id` when these files are the project, and why.
fn judged(id: &str, files: &[(&str, &str)]) -> (String, String) {
    let folder = project(files);
    let report = check_json(folder.path(), &[]).json();
    let found = finding(&report, id).unwrap_or_else(|| panic!("no {id}: {report}"));
    let text = |key: &str| found[key].as_str().unwrap().to_owned();
    (text("exposure"), text("why"))
}

/// The exposure of a host on this release whose library is `source`.
fn of_source(id: &str, version: &str, source: &str) -> String {
    let required = manifest(&format!("\"{version}\""));
    let locked = lockfile(version);
    let files = [
        ("Cargo.toml", required.as_str()),
        ("Cargo.lock", &locked),
        ("src/lib.rs", source),
    ];
    judged(id, &files).0
}

/// A package in a folder below is one of its own: its sources are no part of the one that is asked about,
/// unless that takes them in.
#[test]
fn what_a_package_below_does_is_not_done_by_the_one_above() {
    const SLOW: &str = "stdin-reads-slow";
    let own = "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nwasmtime-wasi = \"36.0.20\"\n";
    let taken = "#[path = \"../tests/data/other/src/lib.rs\"]\nmod other;\n";
    for (library, other, exposure) in [
        ("", "tests/data/other/Cargo.toml", "not-affected"),
        (taken, "tests/data/other/Cargo.toml", "affected"),
        ("", "tests/data/other/README.md", "affected"),
    ] {
        let folder = project(&[
            ("Cargo.toml", own),
            ("src/lib.rs", library),
            (other, &own.replace("\"host\"", "\"other\"")),
            (
                "tests/data/other/src/lib.rs",
                "pub fn f(b: &mut wasmtime_wasi::WasiCtxBuilder) { b.inherit_stdin(); }",
            ),
        ]);
        let report = check_json(folder.path(), &["--manifest-path", "Cargo.toml"]).json();
        let found = finding(&report, SLOW).unwrap_or_else(|| panic!("no {SLOW}: {report}"));
        assert_eq!(found["exposure"], exposure, "{other}: {}", found["why"]);
    }
}

#[test]
fn a_feature_that_the_project_turns_on_by_one_of_its_own_is_not_off() {
    const WITHOUT_THREADS: &str = "GHSA-2674-w29h-wqvj";
    let bare = manifest("{ version = \"37.0.3\", default-features = false }");
    let own = format!("{bare}\n[features]\ndefault = [\"all\"]\nall = [\"wasmtime/default\"]\n");
    let locked = lockfile("37.0.3");
    for (manifest, exposure) in [
        (bare.as_str(), "affected"),
        (&own, "possible"),
        (&manifest("\"37.0.3\""), "not-affected"),
    ] {
        let files = [
            ("Cargo.toml", manifest),
            ("Cargo.lock", &locked),
            ("src/lib.rs", ""),
        ];
        assert_eq!(judged(WITHOUT_THREADS, &files).0, exposure, "{manifest}");
    }
}

#[test]
fn a_default_is_changed_only_by_a_call_that_no_configuration_escapes() {
    const UNWIND: &str = "macos-arm64-native-unwind";
    let host =
        |body: &str| format!("use wasmtime::Config;\npub fn config() -> Config {{ {body} }}");
    let off = "let mut c = Config::new(); c.native_unwind_info(false); c";
    let at_times =
        "let mut c = Config::new(); #[cfg(target_env = \"musl\")] c.native_unwind_info(false); c";
    let branch = "let mut c = Config::new(); if musl() { c.native_unwind_info(false); } c";
    let two = format!(
        "{}\npub fn other() -> Config {{ Config::new() }}",
        host(off)
    );
    for (what, source, exposure) in [
        ("always", host(off), "not-affected"),
        ("in some builds", host(at_times), "possible"),
        ("in some runs", host(branch), "possible"),
        ("for one of two", two, "possible"),
    ] {
        assert_eq!(of_source(UNWIND, "47.0.2", &source), exposure, "{what}");
    }
}

/// `not` of a setting needs one that holds whenever the program runs.
#[test]
fn a_setting_behind_a_flag_rules_nothing_out() {
    const OPTIMISED: &str = "sdiv-by-int-min-constant";
    let always = "use wasmtime::*; pub fn config() -> Config {
        let mut c = Config::new(); c.cranelift_opt_level(OptLevel::None); c }";
    let on_request = "use wasmtime::*; pub struct Mine(Config);
        impl Mine {
            pub fn new() -> Self { Self(Config::new()) }
            pub fn debuggable(&mut self) { self.0.cranelift_opt_level(OptLevel::None); }
        }";
    assert_eq!(of_source(OPTIMISED, "37.0.3", always), "not-affected");
    assert_eq!(of_source(OPTIMISED, "37.0.3", on_request), "possible");
}

#[test]
fn defaults_are_those_of_the_line() {
    const TAGS: &str = "GHSA-p79w-pv2r-29qp";
    let set = "pub fn f(c: &mut wasmtime::Config) { c.wasm_exceptions(true); }";
    let several = "pub fn f(c: &mut wasmtime::Config, f: wasmtime::WasmFeatures) { c.wasm_features(f, true); }";
    for (version, source, exposure) in [
        ("47.0.2", "", "affected"),
        ("39.0.2", "", "not-affected"),
        ("39.0.2", set, "affected"),
        ("39.0.2", several, "possible"),
    ] {
        assert_eq!(
            of_source(TAGS, version, source),
            exposure,
            "{version} {source}"
        );
    }
}

#[test]
fn tests_do_not_expose_a_host_but_feel_what_does_not_work() {
    let in_tests =
        "#[cfg(test)] mod tests { fn f(c: &mut Caller<()>) { c.get_module_export(&e); } }";
    let advisory = "GHSA-hj27-mpw9-ff4c";
    assert_eq!(of_source(advisory, "47.0.2", in_tests), "not-affected");
    let outside = in_tests.replace("#[cfg(test)]", "");
    assert_eq!(of_source(advisory, "47.0.2", &outside), "affected");

    let substituted = "#[test] fn f() { linker.substituted_component_type(&c); }";
    let regression = "substituted-component-type-panic";
    assert_eq!(of_source(regression, "45.0.0", substituted), "affected");
}

#[test]
fn a_module_that_only_tests_have_is_one_of_tests() {
    let required = manifest("\"47.0.2\"");
    let locked = lockfile("47.0.2");
    let files = |library: &'static str| {
        judged(
            "GHSA-hj27-mpw9-ff4c",
            &[
                ("Cargo.toml", &required),
                ("Cargo.lock", &locked),
                ("src/lib.rs", library),
                ("src/conformance.rs", "mod deep;"),
                (
                    "src/conformance/deep.rs",
                    "fn f() { c.get_module_export(&e); }",
                ),
                ("benches/speed.rs", "fn main() { c.get_module_export(&e); }"),
            ],
        )
    };
    let (exposure, why) = files("#[cfg(test)]\nmod conformance;");
    assert_eq!(exposure, "not-affected");
    assert_eq!(why, "only tests use `get_module_export`");
    assert_eq!(files("mod conformance;").0, "affected");
}

/// A template that is no Rust must not make a gate say "possible" of everything.
#[test]
fn a_file_that_no_target_leads_to_says_nothing() {
    let required = manifest("\"47.0.2\"");
    let locked = lockfile("47.0.2");
    let judged = |library: &'static str| {
        judged(
            "GHSA-hj27-mpw9-ff4c",
            &[
                ("Cargo.toml", &required),
                ("Cargo.lock", &locked),
                ("src/lib.rs", library),
                (
                    "templates/content/handler.rs",
                    "fn {{ name }}() { c.get_module_export(",
                ),
                ("templates/other.rs", "fn f() { c.get_module_export(&e); }"),
            ],
        )
    };
    assert_eq!(judged("").0, "not-affected");
    let included = "#[path = \"../templates/content/handler.rs\"] mod handler;";
    assert_eq!(judged(included).0, "possible");
    assert_eq!(judged("include!(\"../templates/other.rs\");").0, "affected");
}

/// A path dependency out of the workspace brings code that is not read here.
#[test]
fn a_package_from_another_workspace_may_do_anything() {
    let locked = "version = 4\n[[package]]\nname = \"host\"\nversion = \"0.1.0\"\ndependencies = [\"engine\", \"wasmtime\"]\n[[package]]\nname = \"engine\"\nversion = \"0.1.0\"\ndependencies = [\"wasmtime\"]\n[[package]]\nname = \"wasmtime\"\nversion = \"47.0.2\"\nsource = \"registry+https://example.com/index\"\n";
    let required = manifest("\"47.0.2\"");
    let with_engine = format!("{required}engine = {{ path = \"../engine\" }}\n");
    let (exposure, why) = judged(
        "GHSA-hj27-mpw9-ff4c",
        &[
            ("Cargo.toml", &with_engine),
            ("Cargo.lock", locked),
            ("src/lib.rs", ""),
        ],
    );
    assert_eq!(exposure, "possible");
    assert!(why.contains("`engine` in the lockfile"), "{why}");
}

#[test]
fn a_method_of_that_name_is_not_the_function_of_a_type_or_module() {
    let host = "pub fn f(t: Trigger, l: &mut Linker) { t.add_to_linker(l); t.deserialize(); }";
    let bindings = "wasmtime::component::bindgen!({ inline: \"package a:b; world w {}\" });";
    let component = "GHSA-6fr9-xmw9-5352";
    assert_eq!(of_source(component, "47.0.2", host), "not-affected");
    assert_eq!(of_source(component, "47.0.2", bindings), "affected");
    let listed = "use wasmtime::{Engine, component::{Component, Linker}};";
    assert_eq!(of_source(component, "47.0.2", listed), "affected");
}

#[test]
fn names_of_wit_types_are_read() {
    const PRELUDE: &str = "bindgen-prelude-name-collision";
    let world = |types: &str| {
        format!(
            "wasmtime::component::bindgen!({{ inline: \"package a:b; interface i {{ {types} }} world w {{ import i; }}\" }});"
        )
    };
    for (source, exposure) in [
        (world("record point { x: u32 }"), "not-affected"),
        (world("enum %option { a }"), "affected"),
        // A record of this name is harmless; whether another kind of type is was not seen.
        (world("record %string { x: u32 }"), "possible"),
        (world("record send { x: u32 }"), "not-affected"),
        (
            world("record send { x: u32 }").replace(" });", ", imports: { default: async } });"),
            "affected",
        ),
        (
            "wasmtime::component::bindgen!({ path: \"nowhere\" });".to_owned(),
            "possible",
        ),
        (String::new(), "not-affected"),
    ] {
        assert_eq!(of_source(PRELUDE, "47.0.2", &source), exposure, "{source}");
    }
}

/// An invocation whose interface `x` has these items, and with these options.
fn bindings(items: &str, options: &str) -> String {
    format!(
        "wasmtime::component::bindgen!({{ inline: \"package a:b; interface x {{ {items} }} world w {{ import x; import s: func(); }}\", {options} }});"
    )
}

#[test]
fn anyhow_in_42_0_0_forgets_what_the_options_and_the_world_tell() {
    const INCOMPLETE: &str = "bindgen-anyhow-true-incomplete";
    for (items, options, exposure) in [
        (
            "f: func();",
            "imports: { default: trappable }",
            "not-affected",
        ),
        (
            "f: func();",
            "anyhow: false, imports: { default: trappable }",
            "not-affected",
        ),
        ("f: func();", "anyhow: true", "not-affected"),
        // Functions that return something are not forgotten.
        (
            "f: func();",
            "anyhow: true, imports: { default: trappable }",
            "possible",
        ),
        ("resource r;", "anyhow: true", "affected"),
        (
            "variant e { bad } f: func() -> result<u32, e>;",
            "anyhow: true, imports: { default: trappable }, trappable_error_type: { \"a:b/x.e\" => E }",
            "affected",
        ),
    ] {
        let source = bindings(items, options);
        assert_eq!(
            of_source(INCOMPLETE, "42.0.0", &source),
            exposure,
            "{source}"
        );
    }
}

#[test]
fn imports_that_all_come_from_elsewhere_are_told_by_the_world() {
    const REMAPPED: &str = "bindgen-missing-send-with-remapped-imports";
    let with = "with: { \"a:b/x\": other::x }";
    for (options, exposure) in [
        ("imports: { default: async }".to_owned(), "not-affected"),
        // The world's own function is asynchronous too, and the bound is there.
        (
            format!("{with}, imports: {{ default: async }}"),
            "not-affected",
        ),
        (
            format!("{with}, imports: {{ \"s\": exact, default: async }}"),
            "affected",
        ),
        (
            format!(
                "{with}, imports: {{ \"s\": exact, default: async }}, require_store_data_send: true"
            ),
            "not-affected",
        ),
        (
            format!("{with}, imports: {{ default: trappable }}"),
            "not-affected",
        ),
    ] {
        let source = bindings("f: func();", &options);
        assert_eq!(
            of_source(REMAPPED, "36.0.20", &source),
            exposure,
            "{source}"
        );
    }
    let unread =
        "wasmtime::component::bindgen!({ path: \"nowhere\", imports: { default: async } });";
    assert_eq!(of_source(REMAPPED, "37.0.3", unread), "possible");
}

#[test]
fn streams_in_records_and_variants_are_found_however_deep() {
    const DERIVED: &str = "bindgen-clone-derive-on-futures-streams";
    for (items, exposure) in [
        (
            "record r { a: u32 } f: func(s: stream<u8>);",
            "not-affected",
        ),
        ("type t = stream<u8>;", "not-affected"),
        ("record r { a: stream<u8> }", "affected"),
        (
            "type t = tuple<u8, future>; variant v { a, b(option<t>) }",
            "affected",
        ),
    ] {
        let source = bindings(items, "debug: false");
        assert_eq!(of_source(DERIVED, "38.0.4", &source), exposure, "{source}");
    }
}

#[test]
fn spans_mix_up_where_asynchronous_functions_are_traced() {
    const MIXED: &str = "tracing-span-held-across-await";
    for (options, exposure) in [
        ("tracing: true, async: true", "affected"),
        ("tracing: true", "not-affected"),
        ("tracing: false, async: true", "not-affected"),
        ("async: true", "not-affected"),
    ] {
        let source = bindings("f: func();", options);
        assert_eq!(of_source(MIXED, "24.0.13", &source), exposure, "{source}");
    }
}
