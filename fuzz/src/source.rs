//! The readers of Rust sources: tokens, `bindgen!`, and what programs say about their stores.

use std::collections::{BTreeMap, BTreeSet};

use wasmtime_upgrade::bindgen;
use wasmtime_upgrade::rust::program::{Dependency, Package, PackageKey, Program};
use wasmtime_upgrade::rust::source::{FileFacts, Place};
use wasmtime_upgrade::rust::store_data::{Culprit, Verdict};
use wasmtime_upgrade::tokens::{TokenKind, Tokens};

use super::assert_inside;

/// A line of the input that starts with this begins another file, whose name in `src/` follows.
const NEXT_FILE: &str = "\n//@ ";

/// Whatever the files hold: they are read or refused, and every place is one in its file.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let files = files(text);
    for text in files.values() {
        tokens_hold(text);
    }
    let read = files
        .iter()
        .map(|(path, text)| FileFacts::read(path.as_str(), text));
    let key = PackageKey(0);
    let package = Package {
        key,
        crate_name: "host".to_owned(),
        library: Some("/w/src/lib.rs".into()),
        others: Vec::new(),
        dependencies: BTreeMap::from([(
            "wasmtime".to_owned(),
            Dependency::External("wasmtime".to_owned()),
        )]),
    };
    let program = Program::new(vec![package], read);
    let inside = |place: &Place| assert_inside(&files[place.path.as_str()], place.span);
    let data = program.store_data(key);
    data.gaps.iter().for_each(|gap| inside(&gap.place));
    for ty in &data.types {
        assert!(!ty.places.is_empty());
        ty.places.iter().for_each(inside);
        match &ty.verdict {
            Verdict::Send => {}
            Verdict::NotSend(Culprit { place, via, .. })
            | Verdict::Undecidable(Culprit { place, via, .. }) => {
                inside(place);
                via.iter().for_each(|step| inside(&step.place));
            }
        }
    }
    let _ = data.summary();
    for found in program.export_calls(key) {
        let text = &files[found.path.as_str()];
        assert_inside(text, found.call.span);
        assert_inside(text, found.call.store);
        let written = found.call.span.text(text);
        assert_eq!(written.trim_start_matches("r#"), found.call.name);
    }
}

/// The files that the input holds, the root of the library first.
fn files(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut parts = text.split(NEXT_FILE);
    let root = parts.next().unwrap_or_default();
    files.insert("/w/src/lib.rs".to_owned(), root.to_owned());
    for part in parts.take(3) {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        files
            .entry(format!("/w/src/{name}"))
            .or_insert_with(|| text.to_owned());
    }
    files
}

fn tokens_hold(text: &str) {
    let tokens = match Tokens::read(text) {
        Ok(tokens) => tokens,
        Err(failure) => {
            assert!(failure.offset.0 <= text.len() && !failure.message.is_empty());
            return;
        }
    };
    let mut behind = 0;
    for index in 0..tokens.len() {
        let token = tokens.get(index).expect("a token at each place");
        assert_inside(text, token.span);
        assert!(
            behind <= token.span.start.0 && !token.span.is_empty(),
            "{token:?}"
        );
        behind = token.span.end.0;
        let partner = tokens.get(token.partner).expect("a partner");
        assert_eq!(partner.partner, index);
        let expected = match token.kind {
            TokenKind::Open => TokenKind::Close,
            TokenKind::Close => TokenKind::Open,
            own => own,
        };
        assert_eq!(partner.kind, expected);
        assert!(tokens.after(index) > index && tokens.after(index) <= tokens.len());
    }
    for invocation in bindgen::find(&tokens, &BTreeSet::from(["wasmtime".to_owned()])) {
        assert_inside(text, invocation.span);
        let options = invocation.options.iter();
        options.for_each(|option| assert_inside(text, option.span()));
    }
}
