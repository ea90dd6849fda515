//! Which `#[cfg]`s hold in the build that is compared: all features, Linux on x86-64, no tests.

use std::collections::BTreeSet;

use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, Item, Meta, Token};

/// What `#[cfg]`s on the way to an item say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The features that have to be on.
    pub features: BTreeSet<String>,
}

impl Gate {
    /// This gate, and then another one.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.features.extend(other.features.iter().cloned());
        both
    }
}

/// The gate that attributes make; none when they take the item out of the build.
pub fn gate(attributes: &[Attribute]) -> Option<Gate> {
    let mut gate = Gate::default();
    for attribute in attributes {
        if !attribute.path().is_ident("cfg") {
            continue;
        }
        let Ok(condition) = attribute.parse_args::<Meta>() else {
            continue;
        };
        if !holds(&condition) {
            return None;
        }
        features_of(&condition, &mut gate.features);
    }
    Some(gate)
}

/// What `#[cfg_attr(condition, ..)]` adds where its condition holds.
pub fn added(attribute: &Attribute) -> Vec<Meta> {
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let mut parts = parts(&attribute.meta).into_iter();
    let condition = parts.next();
    match condition.is_some_and(|condition| holds(&condition)) {
        true => parts.collect(),
        false => Vec::new(),
    }
}

fn parts(meta: &Meta) -> Vec<Meta> {
    let Meta::List(list) = meta else {
        return Vec::new();
    };
    let several = syn::punctuated::Punctuated::<Meta, Token![,]>::parse_terminated;
    let parsed = several.parse2(list.tokens.clone());
    parsed.into_iter().flatten().collect()
}

fn value(meta: &Meta) -> Option<String> {
    let Meta::NameValue(pair) = meta else {
        return None;
    };
    let syn::Expr::Lit(literal) = &pair.value else {
        return None;
    };
    match &literal.lit {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// Whether a condition holds. What a build script sets is taken as set.
fn holds(meta: &Meta) -> bool {
    let name = meta.path().get_ident().map(ToString::to_string);
    match name.as_deref().unwrap_or_default() {
        "all" => parts(meta).iter().all(holds),
        "any" => parts(meta).iter().any(holds),
        "not" => !parts(meta).iter().all(holds),
        "test" | "doctest" | "docsrs" | "miri" | "windows" | "doc" | "loom" => false,
        "target_os" => value(meta).as_deref() == Some("linux"),
        "target_arch" => value(meta).as_deref() == Some("x86_64"),
        "target_family" => value(meta).as_deref() == Some("unix"),
        "target_pointer_width" => value(meta).as_deref() == Some("64"),
        "target_endian" => value(meta).as_deref() == Some("little"),
        "target_env" => value(meta).as_deref() == Some("gnu"),
        _ => true,
    }
}

/// The features that a condition surely needs.
fn features_of(meta: &Meta, found: &mut BTreeSet<String>) {
    if meta.path().is_ident("feature") {
        found.extend(value(meta));
    }
    if meta.path().is_ident("all") {
        parts(meta).iter().for_each(|part| features_of(part, found));
    }
}

/// A file's worth of items, as in an arm of `cfg_select!`.
struct Items(Vec<Item>);

impl Parse for Items {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(Self(items))
    }
}

fn braced(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let content;
    syn::braced!(content in input);
    Ok(content.parse::<Items>()?.0)
}

/// The items of the first arm of `cfg_select! { condition => { .. } _ => { .. } }` that holds.
pub fn selected(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let mut chosen = None;
    while !input.is_empty() {
        let takes = if input.peek(Token![_]) {
            input.parse::<Token![_]>()?;
            true
        } else {
            holds(&input.parse()?)
        };
        input.parse::<Token![=>]>()?;
        let items = braced(input)?;
        let _: Option<Token![,]> = input.parse()?;
        if takes && chosen.is_none() {
            chosen = Some(items);
        }
    }
    Ok(chosen.unwrap_or_default())
}

/// The items of the first arm of `cfg_if! { if #[cfg(..)] { .. } else { .. } }` that holds.
pub fn chosen(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let mut chosen = None;
    loop {
        let takes = if input.peek(Token![if]) {
            input.parse::<Token![if]>()?;
            gate(&input.call(Attribute::parse_outer)?).is_some()
        } else {
            true
        };
        let items = braced(input)?;
        if takes && chosen.is_none() {
            chosen = Some(items);
        }
        if !input.peek(Token![else]) {
            return Ok(chosen.unwrap_or_default());
        }
        input.parse::<Token![else]>()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gated(text: &str) -> Option<Vec<String>> {
        let item: Item = syn::parse_str(&format!("{text} struct S;")).unwrap();
        let Item::Struct(item) = item else {
            unreachable!("it is a struct")
        };
        gate(&item.attrs).map(|gate| gate.features.into_iter().collect())
    }

    #[test]
    fn all_features_are_on_and_no_test_runs() {
        assert_eq!(
            gated("#[cfg(feature = \"async\")]"),
            Some(vec!["async".into()])
        );
        assert_eq!(gated("#[cfg(not(feature = \"async\"))]"), None);
        assert_eq!(gated("#[cfg(any(test, docsrs))]"), None);
        assert_eq!(gated("#[cfg(has_virtual_memory)]"), Some(vec![]));
        assert_eq!(
            gated("#[cfg(all(unix, feature = \"a\", feature = \"b\"))]"),
            { Some(vec!["a".into(), "b".into()]) }
        );
        // Either of two is no feature that has to be on.
        assert_eq!(
            gated("#[cfg(any(feature = \"a\", feature = \"b\"))]"),
            Some(vec![])
        );
    }

    #[test]
    fn one_arm_of_a_selection_is_read() {
        let text = "windows => { struct A; } unix => { struct B; } _ => { struct C; }";
        let items = selected.parse_str(text).unwrap();
        assert!(matches!(&items[..], [Item::Struct(item)] if item.ident == "B"));
        let text = "if #[cfg(windows)] { struct A; } else { struct C; }";
        let items = chosen.parse_str(text).unwrap();
        assert!(matches!(&items[..], [Item::Struct(item)] if item.ident == "C"));
    }
}
