//! How bindings come to an instance: up to 22 a function of theirs took an `InstancePre`, from 23 on a type beside
//! them has one (PR #8786); up to 32 their indices were looked up in an instance, from 33 on in what it is
//! made of (PR #10610).

use std::ops::Range;

use super::{Repair, Site};
use crate::migrate::impls::{arguments, span_of};
use crate::migrate::scopes::Scopes;
use crate::migrate::segments::head;
use crate::span::Span;
use crate::tokens::{TokenKind, Tokens};

/// Both, by what the compiler does not find.
pub(super) fn instances(site: &Site<'_>) -> Option<Repair> {
    let message = &site.error.message;
    let of_struct = |name: &str| {
        site.is("E0599") && message.contains(&format!("named `{name}` found for struct"))
    };
    if of_struct("instantiate_pre") {
        return instantiate_pre(site);
    }
    of_struct("new_instance").then(|| new_instance(site))?
}

/// `AppIndices::new_instance(&mut store, &instance)` as `AppIndices::new(&instance.instance_pre(&store))`.
fn new_instance(site: &Site<'_>) -> Option<Repair> {
    let (label, text) = site.primary()?;
    let tokens = Tokens::read(text).ok()?;
    let name = tokens.starting_at(label.span.start)?;
    let is_of_indices = name > 2 && tokens.text(name - 3).ends_with("Indices");
    let given = arguments(&tokens, name + 1).filter(|_| is_of_indices)?;
    let [store, instance] = given.as_slice() else {
        return None;
    };
    let written = |range| Some(span_of(&tokens, range)?.text(text));
    let (store, instance) = (written(store)?, written(instance)?);
    let is_name = |text: &str| {
        let mut words = text.chars();
        words.all(|it| it.is_alphanumeric() || matches!(it, '_' | '.' | '*'))
    };
    // What is borrowed to be changed is only looked at.
    let lent = store.strip_prefix("&mut ").unwrap_or(store);
    let of_instance = instance.strip_prefix('&').unwrap_or(instance);
    if !is_name(lent) || !is_name(of_instance) || of_instance.starts_with('*') {
        return None;
    }
    let new = format!("new(&{of_instance}.instance_pre(&{lent}))");
    let span = span_of(&tokens, &(name..tokens.after(name + 1)))?;
    let reason = "indices are looked up in what an instance is made of";
    Some(site.edit(label, span, new, reason))
}

/// `App::instantiate_pre(store, &pre).await?` as `AppPre::new(pre.clone())?.instantiate_async(store).await?`.
fn instantiate_pre(site: &Site<'_>) -> Option<Repair> {
    let (label, text) = site.primary()?;
    let tokens = Tokens::read(text).ok()?;
    let name = tokens.starting_at(label.span.start)?;
    let first = head(&tokens, name);
    let open = name + 1;
    let given = arguments(&tokens, open).filter(|_| first < name)?;
    let [store, pre] = given.as_slice() else {
        return None;
    };
    let behind = tokens.after(open);
    let waits = tokens.is_punct(behind, '.') && tokens.is_ident(behind + 1, "await");
    let end = if waits { behind + 2 } else { behind };
    if !tokens.is_punct(end, '?') {
        return None;
    }
    let written = |range: &Range<usize>| Some(span_of(&tokens, range)?.text(text));
    let pre = match tokens.is_punct(pre.start, '&') {
        true => pre.start + 1..pre.end,
        false if pre.len() == 1 => pre.clone(),
        false => return None,
    };
    let pre = format!("{}.clone()", written(&pre)?);
    let of_bindings = bindings(&tokens, text, first, name)?;
    let store = written(store)?;
    let call = if waits {
        "instantiate_async"
    } else {
        "instantiate"
    };
    let new = format!("{of_bindings}Pre::new({pre})?.{call}({store})");
    let mut edits = vec![(span_of(&tokens, &(first..behind))?, new)];
    edits.extend(pattern(&tokens, text, first)?);
    let reason = format!(
        "`InstancePre` is wrapped by the bindings (line {})",
        site.line
    );
    Some(Repair::of_file(label, edits, &reason))
}

/// The bindings' path: the type beside them has to be named, too, where only they are brought in.
fn bindings(tokens: &Tokens<'_>, text: &str, first: usize, name: usize) -> Option<String> {
    let written = span_of(tokens, &(first..name - 2))?.text(text);
    let scopes = Scopes::of(tokens);
    let brought_in = scopes.bound(written, first);
    Some(brought_in.map_or_else(|| written.to_owned(), |path| path.join("::")))
}

/// The edits of `let (bindings, _) =` in front of the call: without a pattern there are none. Where something
/// takes the instance, nothing can be edited.
fn pattern(tokens: &Tokens<'_>, text: &str, first: usize) -> Option<Vec<(Span, String)>> {
    let close = first
        .checked_sub(2)
        .filter(|_| tokens.is_punct(first - 1, '='));
    let Some(close) = close.filter(|close| tokens.kind(*close) == Some(TokenKind::Close)) else {
        return Some(Vec::new());
    };
    let open = tokens.get(close)?.partner;
    let pair = arguments(tokens, open)?;
    let [of_bindings, instance] = pair.as_slice() else {
        return None;
    };
    let is_unused = instance.len() == 1 && tokens.text(instance.start).starts_with('_');
    let whole = span_of(tokens, &(open..close + 1))?;
    let name = span_of(tokens, of_bindings)?.text(text).to_owned();
    is_unused.then(|| vec![(whole, name)])
}
