//! Signatures as text: one to compare, in which only what callers can tell apart is left, and one to
//! show.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, FnArg, Generics, Ident, ItemImpl, ItemTrait, ItemType, Path, Signature,
    TraitItemType, Type, Variant,
};

use super::resolve::{Resolver, Target};
use super::tree::ModuleId;

/// What is written about an item.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// For comparing.
    pub key: String,
    /// What stands around: the parameters and bounds of the `impl`, for comparing.
    pub around: String,
    /// As it is written.
    pub shown: String,
}

impl Shape {
    /// Whether callers see the same.
    pub fn is_same(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The key with another name in the place of its own: renamed items are the same then.
    pub fn key_as(&self, name: &str, other: &str) -> String {
        let words = self.key.split(' ');
        let renamed = words.map(|word| if word == name { other } else { word });
        renamed.collect::<Vec<_>>().join(" ")
    }
}

/// Makes shapes of what is written in one module.
pub struct Look<'a> {
    /// What names mean.
    pub resolver: &'a Resolver<'a>,
    /// Where it is written.
    pub module: &'a ModuleId,
    /// What `Self` is, in an `impl`.
    pub me: Option<&'a Type>,
}

impl Look<'_> {
    /// `struct Name<..> where ..`.
    pub fn head(&self, kind: &str, name: &Ident, generics: &Generics) -> Shape {
        let kind = Ident::new(kind, name.span());
        let bounds = &generics.where_clause;
        let shown = quote!(#kind #name #generics #bounds);
        let generics = self.plain(generics.clone());
        let bounds = &generics.where_clause;
        shape(quote!(#kind #name #generics #bounds), &shown)
    }

    /// The head of a trait, with what it demands.
    pub fn trait_head(&self, item: &ItemTrait) -> Shape {
        let head = |name: &Ident, generics: &Generics, supers: &TokenStream| {
            let bounds = &generics.where_clause;
            quote!(trait #name #generics : #supers #bounds)
        };
        let written = item.supertraits.to_token_stream();
        let shown = head(&item.ident, &item.generics, &written);
        let mut plain = item.clone();
        plain.items.clear();
        plain.attrs.clear();
        Plain(self).visit_item_trait_mut(&mut plain);
        let supers = plain.supertraits.to_token_stream();
        shape(head(&plain.ident, &plain.generics, &supers), &shown)
    }

    /// A function; `around` are the parameters of the `impl` that it stands in.
    pub fn function(&self, signature: &Signature, around: Option<&Generics>) -> Shape {
        let mut plain = signature.clone();
        plain.constness = None;
        Plain(self).visit_signature_mut(&mut plain);
        for input in &mut plain.inputs {
            match input {
                FnArg::Typed(input) => {
                    input.attrs.clear();
                    input.pat = syn::parse_quote!(_);
                }
                FnArg::Receiver(receiver) => {
                    receiver.attrs.clear();
                    if matches!(receiver.kind, syn::ReceiverKind::Value) {
                        receiver.mutability = None;
                    }
                }
            }
        }
        if matches!(&plain.output, syn::ReturnType::Type(_, output) if is_unit(output)) {
            plain.output = syn::ReturnType::Default;
        }
        let mut shape = shape(plain.to_token_stream(), &signature.to_token_stream());
        if let Some(around) = around {
            let around = self.plain(around.clone());
            let bounds = &around.where_clause;
            shape.around = quote!(#around #bounds).to_string();
        }
        shape
    }

    /// `const NAME: Type`.
    pub fn typed(&self, kind: &str, name: &Ident, of: &Type) -> Shape {
        let kind = Ident::new(kind, name.span());
        let shown = quote!(#kind #name: #of);
        let of = self.plain_type(of);
        shape(quote!(#kind #name: #of), &shown)
    }

    /// A field.
    pub fn field(&self, name: &str, of: &Type) -> Shape {
        let mut shape = shape(self.plain_type(of).to_token_stream(), &of.to_token_stream());
        shape.shown = format!("{name}: {}", shape.shown);
        shape
    }

    /// A variant with its fields.
    pub fn variant(&self, variant: &Variant) -> Shape {
        let mut shown = variant.clone();
        shown.discriminant = None;
        clear_fields(&mut shown);
        let mut plain = shown.clone();
        Plain(self).visit_variant_mut(&mut plain);
        shape(plain.to_token_stream(), &shown.to_token_stream())
    }

    /// `type Name = Type`.
    pub fn alias(&self, item: &ItemType) -> Shape {
        let ItemType {
            ident,
            generics,
            ty,
            ..
        } = item;
        let shown = quote!(type #ident #generics = #ty);
        let generics = self.plain(generics.clone());
        let of = self.plain_type(ty);
        shape(quote!(type #ident #generics = #of), &shown)
    }

    /// `type Name: Bounds`, in a trait.
    pub fn associated_type(&self, item: &TraitItemType) -> Shape {
        let mut shown = item.clone();
        shown.attrs.clear();
        shown.default = None;
        let mut plain = shown.clone();
        Plain(self).visit_trait_item_type_mut(&mut plain);
        shape(plain.to_token_stream(), &shown.to_token_stream())
    }

    /// A path, for comparing.
    pub fn path(&self, path: &Path) -> String {
        let mut plain = path.clone();
        Plain(self).visit_path_mut(&mut plain);
        plain.to_token_stream().to_string()
    }

    fn plain(&self, mut generics: Generics) -> Generics {
        Plain(self).visit_generics_mut(&mut generics);
        generics
    }

    fn plain_type(&self, of: &Type) -> Type {
        let mut plain = of.clone();
        Plain(self).visit_type_mut(&mut plain);
        plain
    }

    /// The path as all modules would write it: names of the family and of the standard library by
    /// their last word, others with their crate.
    fn short(&self, path: &mut Path) {
        let words: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if words[0] == "Self" {
            return;
        }
        let found = self.resolver.resolve(self.module, &words);
        let Some(first) = found.first() else {
            return;
        };
        let Some(last) = path.segments.last().cloned() else {
            return;
        };
        let mut short: Path = last.into();
        match first {
            Target::Item(id) => {
                let name = syn::parse_str(&id.name).ok();
                short.segments[0].ident = name.unwrap_or(short.segments[0].ident.clone());
            }
            Target::Module(_) => return,
            Target::Outside(outside) => {
                let standard = ["std", "core", "alloc"].contains(&outside[0].as_str());
                let name = outside.last().and_then(|name| syn::parse_str(name).ok());
                short.segments[0].ident = name.unwrap_or(short.segments[0].ident.clone());
                if let (false, Ok(first)) = (standard, syn::parse_str::<Ident>(&outside[0])) {
                    short.segments.insert(0, first.into());
                }
            }
        }
        *path = short;
    }
}

/// Takes out of what is written what makes no difference.
struct Plain<'a>(&'a Look<'a>);

impl VisitMut for Plain<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        self.0.short(path);
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        given: &mut syn::AngleBracketedGenericArguments,
    ) {
        let kept = given.args.iter().filter(|argument| {
            !matches!(argument, syn::GenericArgument::Lifetime(lifetime) if lifetime.ident != "static")
        });
        given.args = kept.cloned().collect();
        visit_mut::visit_angle_bracketed_generic_arguments_mut(self, given);
    }

    fn visit_type_mut(&mut self, of: &mut Type) {
        let is_self = matches!(of, Type::Path(path) if path.path.is_ident("Self"));
        match self.0.me {
            Some(me)
                if is_self && !matches!(me, Type::Path(path) if path.path.is_ident("Self")) =>
            {
                *of = me.clone();
                visit_mut::visit_type_mut(self, of);
            }
            _ => visit_mut::visit_type_mut(self, of),
        }
    }

    // How lifetimes are called, and whether they are written at all, is hardly ever to be seen from
    // outside; that something lives as long as the program is.
    fn visit_generics_mut(&mut self, generics: &mut Generics) {
        let kept = generics.params.iter();
        let kept = kept.filter(|param| !matches!(param, syn::GenericParam::Lifetime(_)));
        generics.params = kept.cloned().collect();
        if let Some(bounds) = &mut generics.where_clause {
            let kept = bounds.predicates.iter();
            let kept = kept.filter(|bound| !matches!(bound, syn::WherePredicate::Lifetime(_)));
            bounds.predicates = kept.cloned().collect();
        }
        generics.where_clause = generics
            .where_clause
            .take()
            .filter(|b| !b.predicates.is_empty());
        visit_mut::visit_generics_mut(self, generics);
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        let lifetime = reference.lifetime.take();
        reference.lifetime = lifetime.filter(|lifetime| lifetime.ident == "static");
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_receiver_mut(&mut self, receiver: &mut syn::Receiver) {
        if let syn::ReceiverKind::Reference(_, lifetime, _) = &mut receiver.kind {
            *lifetime = None;
        }
        visit_mut::visit_receiver_mut(self, receiver);
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.clear();
    }
}

fn clear_fields(variant: &mut Variant) {
    variant.attrs.clear();
    for field in variant.fields.iter_mut() {
        field.attrs.clear();
    }
}

fn is_unit(of: &Type) -> bool {
    matches!(of, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The trait of an `impl Trait for Type`; an `impl !Trait` is none.
pub fn trait_of(written: &ItemImpl) -> Option<&Path> {
    written.trait_.as_ref().map(|(path, _)| path)
}

fn shape(key: TokenStream, shown: &TokenStream) -> Shape {
    // An empty `<>` is what is left of `<'_>`, and a comma at the end is one of layout.
    let key = key.to_string().replace(" < >", "");
    Shape {
        key: key.replace(", )", ")").replace(", >", ">"),
        around: String::new(),
        shown: tidy(&shown.to_string()),
    }
}

/// Tokens with the spaces that a person would set.
fn tidy(text: &str) -> String {
    let mut text = text.to_owned();
    let closer = [
        (" ,", ","),
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        ("& ", "&"),
        ("( ", "("),
        (" )", ")"),
        (" (", "("),
        (" : ", ": "),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ;", ";"),
        ("-> &", "-> &"),
        (" - >", " ->"),
        (",)", ")"),
        (",>", ">"),
        ("' ", "'"),
    ];
    for (wide, close) in closer {
        text = text.replace(wide, close);
    }
    // An arrow lost its space with the angle brackets.
    let text = text.replace("->", " -> ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
