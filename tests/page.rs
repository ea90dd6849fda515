//! The page of `report`, from outside: what it shows, that it is well-formed, and that nothing of a
//! project becomes markup.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::Path;

use roxmltree::{Document, ParsingOptions};
use support::{HOST, host_on, lockfile, manifest, program, project, run};

const SEND: &str = "bindgen-send-bound-on-exports";
const DAY: &str = "2026-11-22";

fn page(folder: &Path, args: &[&str]) -> String {
    let ran = run(program(folder)
        .args([
            "report",
            "--html",
            "-",
            "--as-of",
            DAY,
            "--no-registry-cache",
        ])
        .args(args));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{error}\n{page}"))
}

/// Nothing is loaded and nothing runs; links lead to the web and stand in `a` alone.
fn assert_self_contained(document: &Document<'_>) {
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        let forbidden = [
            "script", "link", "img", "iframe", "object", "embed", "base", "form",
        ];
        assert!(!forbidden.contains(&name), "{name}");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(
                !key.starts_with("on") && key != "src",
                "{name} {key}={value}"
            );
            if key == "href" {
                let fine = match name {
                    "a" => value.starts_with("https://"),
                    _ => value.starts_with('#'),
                };
                assert!(fine, "{name} href={value}");
            }
        }
        if name == "style" {
            let css = node.text().unwrap();
            assert!(!css.contains("url(") && !css.contains("@import"));
        }
    }
}

#[test]
fn the_page_shows_the_history_the_findings_and_where_to_go() {
    let folder = host_on("32.0.0");
    let page = page(folder.path(), &[]);
    let document = parsed(&page);
    assert_self_contained(&document);
    let texts: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect();
    for text in ["2026", DAY, "host 32.0.0", "newest patch 32.0.1"] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
    for label in ["nearest fix 36.", "long-term 48.", "latest "] {
        assert!(
            texts.iter().any(|text| text.starts_with(label)),
            "{label}: {texts:?}"
        );
    }
    let class = |class: &str| {
        let of_class = |node: &roxmltree::Node<'_, '_>| {
            node.attribute("class")
                .is_some_and(|all| all.split(' ').any(|one| one == class))
        };
        document.descendants().filter(of_class).count()
    };
    assert!(
        class("bar") > 19 && class("tick") > 60,
        "lines and releases"
    );
    assert!(class("card") >= 3 && class("finding") >= 2);
    for part in [
        SEND,
        "src/lib.rs:15:",
        "<mark>call_run</mark>",
        "fixes until <time>2027-08-20</time>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_page_says_for_each_target_what_it_clears() {
    let folder = host_on("32.0.0");
    let page = page(folder.path(), &[]);
    let document = parsed(&page);
    let card = |release: &str| {
        let cards = document
            .descendants()
            .filter(|n| n.attribute("class") == Some("card"));
        let of = |node: &roxmltree::Node<'_, '_>| {
            let heading = node.descendants().find(|n| n.has_tag_name("h3")).unwrap();
            heading.text().unwrap().starts_with(release)
        };
        let node = cards.into_iter().find(of).unwrap();
        node.descendants()
            .filter_map(|n| n.text())
            .collect::<String>()
    };
    let split = |text: &str| {
        let (clears, open) = text.split_once("Leaves open").unwrap();
        (clears.contains(SEND), open.contains(SEND))
    };
    assert_eq!(split(&card("32.0.1")), (false, true));
    assert_eq!(split(&card("36.")), (true, false));
    assert_eq!(split(&card("48.")), (true, false));
}

#[test]
fn hostile_names_are_only_text() {
    let evil = "<script>alert(1)</script>\\\"' onload=x";
    let text = manifest("\"32.0.0\"").replace("\"host\"", &format!("\"{evil}\""));
    let source = HOST.replace(
        "call_run(store)",
        "call_run(store /* </pre><script>x</script> & \u{202e} */)",
    );
    let folder = project(&[
        ("<b>&'x/Cargo.toml", &text),
        ("<b>&'x/Cargo.lock", &lockfile("32.0.0")),
        ("<b>&'x/src/lib.rs", &source),
    ]);
    for args in [&[][..], &["<b>&'x"]] {
        let page = page(folder.path(), args);
        let document = parsed(&page);
        assert_self_contained(&document);
        assert!(!page.contains('\u{202e}'));
        let title = document
            .descendants()
            .find(|n| n.has_tag_name("h1"))
            .unwrap();
        assert!(
            title.text().unwrap().contains("<script>alert(1)</script>"),
            "{page}"
        );
    }
}

#[test]
fn the_page_is_well_formed_for_every_kind_of_project() {
    let none = project(&[("Cargo.toml", "[package]\nname = \"none\"\n")]);
    let newest = host_on("50.0.1");
    let two = project(&[
        (
            "a/Cargo.toml",
            &manifest("\"36.0.1\"").replace("host", "alpha"),
        ),
        (
            "b/Cargo.toml",
            &manifest("\"22\"").replace("host", "a-name-that-is-far-too-long"),
        ),
        ("b/src/lib.rs", HOST),
    ]);
    for folder in [&none, &newest, &two] {
        let page = page(folder.path(), &[]);
        assert_self_contained(&parsed(&page));
    }
}

#[test]
fn the_page_goes_into_a_file_and_needs_no_folder() {
    let folder = host_on("32.0.0");
    let ran = run(program(folder.path()).args(["report", "--html", "out/page.html"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("Wrote out/page.html"), "{}", ran.stderr);
    let page = std::fs::read_to_string(folder.path().join("out/page.html")).unwrap();
    assert_self_contained(&parsed(&page));
    let ran = run(program(folder.path()).args(["report", "--html", "Cargo.toml/x.html"]));
    assert_eq!(ran.code, 3, "{}", ran.stderr);
}

/// Colours as WCAG weighs them.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            match value <= 0.03928 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_can_be_read_by_day_and_by_night() {
    let css = include_str!("../src/report/html/style.css");
    let (day, night) = css.split_once("prefers-color-scheme").unwrap();
    for scheme in [day, night] {
        let colour = |name: &str| {
            let at = scheme.find(&format!("--{name}:")).unwrap();
            let from = at + scheme[at..].find('#').unwrap();
            &scheme[from..from + 7]
        };
        for ground in ["page", "card"] {
            for text in [
                "ink", "soft", "error", "warning", "note", "good", "link", "here",
            ] {
                let ratio = contrast(colour(text), colour(ground));
                assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
            }
        }
        assert!(contrast(colour("ink"), colour("mark")) >= 4.5);
        for mark in ["tick", "error", "warning"] {
            assert!(contrast(colour(mark), colour("card")) >= 3.0, "{mark}");
        }
    }
}
