//! `IoView`: `wasmtime-wasi` had it from 30 to 35, and `wasmtime-wasi-io` has it still (PR #11370).
//!
//! A host that only implements it has no need of it any more: the table is in its `WasiCtxView`. Code
//! that asks others for it, as libraries do, goes on with the trait where it is.

use super::segments::head;
use crate::tokens::Tokens;
use crate::version::Line;

/// The name of the trait.
const NAME: &str = "IoView";

/// Whether a move takes the trait out of `wasmtime-wasi`.
#[must_use]
pub fn is_crossed(from: Line, to: Line) -> bool {
    (Line(30)..Line(36)).contains(&from) && to >= Line(36)
}

/// Whether a text names the trait.
#[must_use]
pub fn is_named(text: &str) -> bool {
    text.contains(NAME)
        && Tokens::read(text).is_ok_and(|tokens| tokens.places_of(NAME).next().is_some())
}

/// Whether a text has a trait of that name itself.
#[must_use]
pub fn is_defined(text: &str) -> bool {
    let defines = |tokens: &Tokens<'_>| {
        let mut places = tokens.places_of(NAME);
        places.any(|place| place > 0 && tokens.is_ident(place - 1, "trait"))
    };
    text.contains(NAME) && Tokens::read(text).is_ok_and(|tokens| defines(&tokens))
}

/// Whether a text asks a type for it: `T: IoView`, `trait View: IoView + Send`, `dyn IoView`, or a call of
/// `wasmtime_wasi_io::add_to_linker_async`, which does.
#[must_use]
pub fn is_asked_for(text: &str) -> bool {
    if !text.contains(NAME) {
        return false;
    }
    let Ok(tokens) = Tokens::read(text) else {
        return false;
    };
    let mut places = tokens.places_of(NAME);
    let is_linked = |place: usize| {
        tokens.is_path_separator(place + 1) && tokens.text(place + 3).starts_with("add_to_linker")
    };
    places.any(|place| is_bound(&tokens, place))
        || tokens.places_of("wasmtime_wasi_io").any(is_linked)
}

fn is_bound(tokens: &Tokens<'_>, place: usize) -> bool {
    let Some(before) = head(tokens, place).checked_sub(1) else {
        return false;
    };
    let of_colon =
        tokens.is_punct(before, ':') && !tokens.is_path_separator(before.saturating_sub(1));
    let of_argument = tokens.is_ident(before, "impl") && !tokens.is_ident(place + 1, "for");
    of_colon || of_argument || tokens.is_punct(before, '+') || tokens.is_ident(before, "dyn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_ask_for_it_and_implementations_do_not() {
        for text in [
            "pub trait View: IoView + Send {}",
            "fn f<T: Send + wasmtime_wasi::IoView>() {}",
            "fn f<T>() where T: wasmtime_wasi::p2::IoView {}",
            "fn f(view: &mut dyn IoView, other: impl IoView) {}",
            "impl IoView for S {} fn f() { wasmtime_wasi_io::add_to_linker_async(&mut l)?; }",
        ] {
            assert!(is_asked_for(text), "{text}");
        }
        for text in [
            "use wasmtime_wasi::{IoView, WasiView};",
            "use wasmtime_wasi::IoView;",
            "impl IoView for S { fn table(&mut self) -> &mut T { self.0.table() } }",
            "impl<T: View> wasmtime_wasi::IoView for W<T> {}",
            "fn f(s: &mut S) { IoView::table(s); wasmtime_wasi::p2::IoView::table(s) }",
            "// T: IoView",
        ] {
            assert!(!is_asked_for(text), "{text}");
        }
    }
}
