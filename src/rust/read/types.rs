//! Types as they are written: an owned tree with places.

use std::collections::BTreeSet;

use crate::span::Span;

/// A type as it is written somewhere.
#[derive(Clone, Debug)]
pub(crate) struct TypeExpr {
    pub(crate) span: Span,
    pub(crate) kind: TypeKind,
}

#[derive(Clone, Debug)]
pub(crate) enum TypeKind {
    /// `Rc<u8>`, `crate::State`, `T::Item`.
    Path(PathExpr),
    /// `<T as Trait>::Item`.
    Projection,
    Reference {
        mutable: bool,
        inner: Box<TypeExpr>,
    },
    /// `*const T`, `*mut T`.
    Pointer,
    Tuple(Vec<TypeExpr>),
    /// `[T]`, `[T; N]`.
    Sequence(Box<TypeExpr>),
    /// `fn(A) -> B`, with what it takes and gives.
    Function(Vec<TypeExpr>),
    /// `dyn A + B`.
    Object(Vec<Bound>),
    /// `impl A + B`.
    Opaque(Vec<Bound>),
    /// `!`.
    Never,
    /// `_`.
    Inferred,
    /// `name!(..)`.
    Macro,
}

#[derive(Clone, Debug)]
pub(crate) struct PathExpr {
    pub(crate) span: Span,
    /// Written with `::` in front.
    pub(crate) global: bool,
    pub(crate) segments: Vec<PathSegment>,
}

#[derive(Clone, Debug)]
pub(crate) struct PathSegment {
    pub(crate) name: String,
    pub(crate) arguments: Vec<GenericArgument>,
}

/// An argument between `<` and `>`. Lifetimes are left out.
#[derive(Clone, Debug)]
pub(crate) enum GenericArgument {
    Type(TypeExpr),
    Constant,
    /// `Item = T`.
    Associated(String, TypeExpr),
}

/// One trait behind a `:` or a `dyn`. Lifetimes are left out.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) path: PathExpr,
    /// `?Sized`, which asks for nothing.
    pub(crate) relaxed: bool,
}

impl PathExpr {
    /// The name behind the last `::`.
    pub(crate) fn last_name(&self) -> &str {
        self.segments.last().map_or("", |last| last.name.as_str())
    }

    /// The names without their arguments.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.segments.iter().map(|s| s.name.as_str()).collect()
    }

    /// The arguments of the last segment that has any.
    pub(crate) fn arguments(&self) -> &[GenericArgument] {
        self.segments
            .iter()
            .rev()
            .find(|segment| !segment.arguments.is_empty())
            .map_or(&[], |segment| segment.arguments.as_slice())
    }

    /// The path without its last segment.
    pub(crate) fn parent(&self) -> Self {
        let mut parent = self.clone();
        parent.segments.pop();
        parent
    }

    /// The path as a type.
    pub(crate) fn into_type(self) -> TypeExpr {
        TypeExpr {
            span: self.span,
            kind: TypeKind::Path(self),
        }
    }
}

impl TypeExpr {
    /// Whether one of `names` is anywhere in the type.
    pub(crate) fn speaks_of(&self, names: &BTreeSet<String>) -> bool {
        match &self.kind {
            TypeKind::Path(path) => path.speaks_of(names),
            TypeKind::Reference { inner, .. } | TypeKind::Sequence(inner) => inner.speaks_of(names),
            TypeKind::Tuple(parts) | TypeKind::Function(parts) => {
                parts.iter().any(|part| part.speaks_of(names))
            }
            TypeKind::Object(bounds) | TypeKind::Opaque(bounds) => {
                bounds.iter().any(|bound| bound.path.speaks_of(names))
            }
            _ => false,
        }
    }

    /// The type in short, for messages.
    pub(crate) fn written(&self) -> String {
        match &self.kind {
            TypeKind::Path(path) => path.written(),
            TypeKind::Projection => "an associated type".to_owned(),
            TypeKind::Reference { mutable, inner } => {
                let keyword = if *mutable { "mut " } else { "" };
                format!("&{keyword}{}", inner.written())
            }
            TypeKind::Pointer => "a raw pointer".to_owned(),
            TypeKind::Tuple(elements) => format!("({})", join(elements.iter().map(Self::written))),
            TypeKind::Sequence(inner) => format!("[{}]", inner.written()),
            TypeKind::Function(_) => "a function pointer".to_owned(),
            TypeKind::Object(bounds) => format!("dyn {}", written_bounds(bounds)),
            TypeKind::Opaque(bounds) => format!("impl {}", written_bounds(bounds)),
            TypeKind::Never => "!".to_owned(),
            TypeKind::Inferred => "_".to_owned(),
            TypeKind::Macro => "a macro call".to_owned(),
        }
    }
}

impl PathExpr {
    fn speaks_of(&self, names: &BTreeSet<String>) -> bool {
        names.contains(self.last_name())
            || self.arguments().iter().any(|argument| match argument {
                GenericArgument::Type(ty) | GenericArgument::Associated(_, ty) => {
                    ty.speaks_of(names)
                }
                GenericArgument::Constant => false,
            })
    }

    /// The path as a person writes it, lifetimes left out.
    pub(crate) fn written(&self) -> String {
        let segments = self.segments.iter().map(|segment| {
            if segment.arguments.is_empty() {
                return segment.name.clone();
            }
            let arguments = segment.arguments.iter().map(|argument| match argument {
                GenericArgument::Type(ty) => ty.written(),
                GenericArgument::Constant => "..".to_owned(),
                GenericArgument::Associated(name, ty) => format!("{name} = {}", ty.written()),
            });
            format!("{}<{}>", segment.name, join(arguments))
        });
        segments.collect::<Vec<_>>().join("::")
    }
}

pub(crate) fn written_bounds(bounds: &[Bound]) -> String {
    let names = bounds.iter().map(|bound| bound.path.written());
    names.collect::<Vec<_>>().join(" + ")
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
