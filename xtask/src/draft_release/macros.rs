//! Macros whose items are read without expanding them.

use syn::parse::ParseStream;
use syn::{Attribute, Ident, Item, Token, Type, Visibility, parse_quote};

/// The structs of `bitflags! { pub struct Flags: u32 { const A = 1; } }`, each with an `impl` that has
/// its constants.
pub fn flags(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        input.parse::<Token![struct]>()?;
        let name: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        let _: Type = input.parse()?;
        let content;
        syn::braced!(content in input);
        let mut constants = Vec::new();
        while !content.is_empty() {
            let docs = content.call(Attribute::parse_outer)?;
            content.parse::<Token![const]>()?;
            if content.peek(Token![_]) {
                content.parse::<Token![_]>()?;
            } else {
                constants.push((docs, content.parse::<Ident>()?));
            }
            content.parse::<Token![=]>()?;
            let _: syn::Expr = content.parse()?;
            let _: Option<Token![;]> = content.parse()?;
        }
        items.push(parse_quote!(#(#attributes)* #visibility struct #name(());));
        let names = constants.iter().map(|(_, constant)| constant);
        items.push(parse_quote!(impl #name { #(pub const #names: Self = Self(());)* }));
        let _: Option<Token![;]> = input.parse()?;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser as _;

    use super::*;

    #[test]
    fn flags_are_structs_with_constants() {
        let text = "#[derive(Copy)] pub struct Perms: usize { #[doc = \"r\"] const READ = 1; const W = 2; }";
        let items = flags.parse_str(text).unwrap();
        let [Item::Struct(perms), Item::Impl(constants)] = &items[..] else {
            panic!("{} items", items.len())
        };
        assert_eq!(perms.ident, "Perms");
        assert_eq!(constants.items.len(), 2);
    }
}
