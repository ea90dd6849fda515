//! The page of `report` in a browser: nothing sticks out of a narrow window, and it has a night.
//!
//! Needs Chromium: `WASMTIME_UPGRADE_CHROMIUM`, or `chromium` on the path.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::outside::{named_by, on_path, skipped, wait};
use support::{HOST, TODAY, lockfile, manifest, program, project, run, write};
use tempfile::TempDir;

const VARIABLE: &str = "WASMTIME_UPGRADE_CHROMIUM";
const PROBE: &str = include_str!("data/page-probe.html");

/// A page that has everything: two workspaces, one with a long name, places far to the right.
fn page() -> TempDir {
    let long = "a_workspace_whose_name_goes_on_and_on_without_any_place_to_break_it";
    let indented = HOST.replace(
        "    host.call_run(store)",
        &format!("{}host.call_run(store)", " ".repeat(90)),
    );
    assert_ne!(indented, HOST);
    let deep = format!("{long}/Cargo.toml");
    let folder = project(&[
        ("a/Cargo.toml", &manifest("\"32.0.0\"")),
        ("a/Cargo.lock", &lockfile("32.0.0")),
        ("a/src/lib.rs", &indented),
        (
            &deep,
            &manifest("\"24\"").replace("\"host\"", &format!("\"{long}\"")),
        ),
        (&format!("{long}/src/lib.rs"), HOST),
    ]);
    let args = ["report", "--html", "page.html", "--as-of", TODAY];
    let ran = run(program(folder.path()).args(args));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    write(folder.path(), "probe.html", PROBE.as_bytes());
    folder
}

/// What the probe measured, a value for each width.
fn measured(chromium: &Path, folder: &Path, night: bool) -> Vec<Value> {
    let profile = tempfile::tempdir().unwrap();
    let dump = folder.join("dump.html");
    let mut command = Command::new(chromium);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-file-access-from-files",
            "--hide-scrollbars",
            "--window-size=1400,1000",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(match night {
            true => "--blink-settings=preferredColorScheme=0",
            false => "--blink-settings=preferredColorScheme=1",
        })
        .arg("--dump-dom")
        .arg(format!("file://{}", folder.join("probe.html").display()))
        .stdin(Stdio::null())
        .stdout(File::create(&dump).unwrap())
        .stderr(Stdio::null());
    wait(&mut command, Duration::from_secs(120));
    let dump = std::fs::read_to_string(dump).unwrap();
    let (_, rest) = dump
        .split_once("<output>")
        .unwrap_or_else(|| panic!("the probe did not finish: {dump}"));
    let (json, _) = rest.split_once("</output>").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn the_page_fits_every_window_and_has_a_night() {
    let Some(chromium) = named_by(VARIABLE).or_else(|| on_path("chromium")) else {
        let why = "no Chromium; set WASMTIME_UPGRADE_CHROMIUM or put `chromium` on the path";
        return skipped("the_page_fits_every_window_and_has_a_night", why);
    };
    let folder = page();
    let day = measured(&chromium, folder.path(), false);
    let widths: Vec<u64> = day.iter().filter_map(|m| m["width"].as_u64()).collect();
    assert_eq!(widths, [320, 400, 768, 1280]);
    for at in &day {
        assert_eq!(at["client"], at["width"], "{at:#}");
        assert_eq!(at["scroll"], at["width"], "the page moves sideways: {at:#}");
        for what in ["outside", "spilling", "cut"] {
            assert_eq!(at[what], serde_json::json!([]), "{what}: {at:#}");
        }
        // That it found nothing must not come from looking at nothing.
        let count = |what: &str| at[what].as_u64().unwrap();
        assert!(count("labels") > 8 && count("marks") > 20, "{at:#}");
    }
    for narrow in &day[..2] {
        assert_eq!(
            narrow["hidden"], 0,
            "a marked place can't be seen: {narrow:#}"
        );
        assert_eq!(narrow["cards"], 1, "{narrow:#}");
    }
    assert_eq!(day[3]["cards"], 4, "side by side where there is room");

    let night = measured(&chromium, folder.path(), true);
    let ground = |measured: &[Value]| measured[0]["page"].as_str().unwrap().to_owned();
    let (day, night) = (ground(&day), ground(&night));
    let light = |colour: &str| -> u32 {
        let numbers = colour.trim_matches(|c: char| !c.is_ascii_digit());
        numbers
            .split(", ")
            .map(|part| part.parse::<u32>().unwrap())
            .sum()
    };
    assert!(light(&day) > 600 && light(&night) < 150, "{day}, {night}");
}
