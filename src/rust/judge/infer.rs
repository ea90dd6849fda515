//! The type of an expression, as far as it can be read off.

use super::known;
use super::lower::{Env, Lowering};
use super::resolve::{Meaning, Space};
use super::ty::{Kind, Site, Ty};
use crate::rust::program::{At, DefId};
use crate::rust::read::data_expr::{DataExpr, DataKind};
use crate::rust::read::facts::ItemKind;
use crate::rust::read::types::{PathExpr, TypeExpr};

/// Constructors of the standard library and of locks like its own whose only argument is what
/// they hold.
const HOLDERS: [&str; 14] = [
    "std::boxed::Box::new",
    "std::boxed::Box::pin",
    "std::cell::Cell::new",
    "std::cell::RefCell::new",
    "std::cell::UnsafeCell::new",
    "std::option::Option::Some",
    "std::pin::Pin::new",
    "std::rc::Rc::new",
    "std::sync::Arc::new",
    "std::sync::Mutex::new",
    "std::sync::RwLock::new",
    "parking_lot::Mutex::new",
    "parking_lot::RwLock::new",
    "tokio::sync::Mutex::new",
];

/// Builders, and what their last method gives.
const BUILDERS: [(&str, &str, &str); 4] = [
    ("wasmtime_wasi", "build", "wasmtime_wasi::WasiCtx"),
    ("wasmtime_wasi", "build_p1", "wasmtime_wasi::WasiP1Ctx"),
    ("wasi_common", "build", "wasi_common::WasiCtx"),
    ("wasmtime", "build", "wasmtime::StoreLimits"),
];

impl Lowering<'_> {
    /// The type of `expr`, which stands in `at`.
    pub(crate) fn infer(&self, expr: &DataExpr, at: At) -> Ty {
        let site = Site {
            module: at.module,
            span: expr.span,
        };
        let infer = |expr: &DataExpr| self.infer(expr, at);
        match &expr.kind {
            DataKind::Typed(ty) => self.lower(ty, &Env::open(at)),
            DataKind::Struct(path) => self.infer_struct(path, at, site),
            DataKind::Call(path, arguments) => {
                let arguments: Vec<Ty> = arguments.iter().map(infer).collect();
                self.infer_call(path, &arguments, at, site)
            }
            DataKind::Path(path) => self.infer_path(path, at, site),
            DataKind::Tuple(parts) => Ty::new(Kind::Tuple(parts.iter().map(infer).collect()), site),
            DataKind::Literal(ty) => Ty::new(Kind::Plain((*ty).to_owned()), site),
            DataKind::Reference { mutable, inner } => {
                let (mutable, inner) = (*mutable, infer(inner));
                Ty::new(Kind::Reference { mutable, inner }, site)
            }
            DataKind::Tried(inner) => self.success_of(infer(inner), site),
            DataKind::Field(owner, name) => self.infer_field(&infer(owner), name, site),
            DataKind::Method(receiver, name) => self.infer_method(infer(receiver), name, site),
            DataKind::Receiver => self.lower(&self_type(expr), &Env::open(at)),
            DataKind::Either(branches) => {
                let mut types = branches.iter().map(infer);
                let is_known = |ty: &Ty| !matches!(*ty.kind, Kind::Unknown(_));
                let why = "the type of its branches can't be read off";
                types
                    .find(is_known)
                    .unwrap_or_else(|| Ty::unknown(why, site))
            }
            DataKind::Opaque(why) => Ty::unknown(*why, site),
        }
    }

    fn infer_struct(&self, path: &PathExpr, at: At, site: Site) -> Ty {
        for meaning in self.meanings(path, at, Space::Type) {
            if let Meaning::Variant(def) = meaning {
                return self.lower_def(def, path, &Env::open(at), site);
            }
        }
        self.lower_here(&path.clone().into_type(), at, site)
    }

    /// The type is written at `site`, but not as a type.
    fn lower_here(&self, ty: &TypeExpr, at: At, site: Site) -> Ty {
        let mut ty = self.lower(ty, &Env::open(at));
        ty.site = site;
        ty
    }

    /// A unit struct, a variant without fields, a constant or a static.
    fn infer_path(&self, path: &PathExpr, at: At, site: Site) -> Ty {
        for meaning in self.meanings(path, at, Space::Value) {
            match meaning {
                Meaning::Def(def) => match &self.program.item(def).kind {
                    ItemKind::Value(Some(ty)) => return self.lower(ty, &self.env_of(def)),
                    ItemKind::Data { .. } => return self.infer_struct(path, at, site),
                    _ => {}
                },
                Meaning::Variant(_) => return self.infer_struct(path, at, site),
                _ => {}
            }
        }
        let why = format!("it is not known what `{}` holds", path.written());
        Ty::unknown(why, site)
    }

    fn env_of(&self, def: DefId) -> Env {
        Env::open(At {
            module: def.module,
            scope: self.program.item(def).scope,
        })
    }

    fn infer_call(&self, path: &PathExpr, arguments: &[Ty], at: At, site: Site) -> Ty {
        for meaning in self.meanings(path, at, Space::Value) {
            match meaning {
                Meaning::Def(def) => match &self.program.item(def).kind {
                    ItemKind::Function { output } => {
                        return self.output(def, output.as_ref(), &[], site);
                    }
                    ItemKind::Data { .. } => return self.infer_struct(path, at, site),
                    _ => {}
                },
                Meaning::Variant(_) => return self.infer_struct(path, at, site),
                Meaning::External(segments) => {
                    if let Some(ty) = self.held(&known::canonical(&segments), arguments, site) {
                        return ty;
                    }
                }
                _ => {}
            }
        }
        if path.segments.len() < 2 {
            let why = format!("it is not known what `{}` returns", path.written());
            return Ty::unknown(why, site);
        }
        let owner = self.lower_here(&path.parent().into_type(), at, site);
        self.associated(&owner, path.last_name(), site)
    }

    /// `Rc::new(a)`, `Some(a)`, `Ok(a)`.
    fn held(&self, path: &str, arguments: &[Ty], site: Site) -> Option<Ty> {
        let (owner, _) = path.rsplit_once("::")?;
        let external = |path: &str, args: Vec<Ty>| {
            let path = path.to_owned();
            Some(Ty::new(Kind::External { path, args }, site))
        };
        match arguments {
            [only] if HOLDERS.contains(&path) => external(owner, vec![only.clone()]),
            [only] if path == "std::result::Result::Ok" => external(owner, vec![only.clone()]),
            _ => None,
        }
    }

    /// What the function `name` of the type `owner` returns.
    fn associated(&self, owner: &Ty, name: &str, site: Site) -> Ty {
        match &*owner.kind {
            Kind::Local { def, args } => {
                if let Some(function) = self.function_of(*def, name) {
                    if let ItemKind::Function { output } = &self.program.item(function).kind {
                        return self.output(function, output.as_ref(), args, site);
                    }
                }
                if let Some(aliased) = self.expand(owner) {
                    return self.associated(&aliased, name, site);
                }
                let is_constructor = matches!(name, "new" | "default" | "from");
                if is_constructor {
                    return owner.clone();
                }
            }
            Kind::External { args, .. } if matches!(name, "new" | "default" | "from") => {
                // `Vec::new()` leaves open of what; `Vec::<u8>::new()` does not.
                let is_plain =
                    matches!(&*owner.kind, Kind::External { path, .. } if is_plain(path));
                if is_plain || !args.is_empty() {
                    return owner.clone();
                }
            }
            Kind::External { path, .. } if name == "builder" => {
                let path = format!("{path}Builder");
                let args = Vec::new();
                return Ty::new(Kind::External { path, args }, site);
            }
            Kind::Unknown(_) | Kind::Choice(_) => return owner.clone(),
            _ => {}
        }
        Ty::unknown(format!("it is not known what `{name}` returns"), site)
    }

    /// The type that a local alias stands for.
    pub(crate) fn expand(&self, ty: &Ty) -> Option<Ty> {
        let Kind::Local { def, args } = &*ty.kind else {
            return None;
        };
        let item = self.program.item(*def);
        let ItemKind::Alias(target) = &item.kind else {
            return None;
        };
        let at = At {
            module: def.module,
            scope: item.scope,
        };
        let env = Env::with(at, &self.program.scope(at).generics, args);
        Some(self.lower(target, &env))
    }

    /// A function in an impl of the type.
    fn function_of(&self, def: DefId, name: &str) -> Option<DefId> {
        let impls = self.impls().get(&def)?;
        impls.iter().find_map(|(module, index)| {
            let facts = self.program.facts(*module);
            let scope = facts.impls[*index].scope;
            let namesakes = facts.by_name.get(name)?;
            let (_, item) = namesakes.iter().find(|(owner, _)| *owner == scope)?;
            let (module, item) = (*module, *item);
            Some(DefId { module, item })
        })
    }

    /// What a function returns, when the type that it belongs to has the arguments `args`.
    fn output(&self, function: DefId, output: Option<&TypeExpr>, args: &[Ty], site: Site) -> Ty {
        let Some(output) = output else {
            return Ty::new(Kind::Tuple(Vec::new()), site);
        };
        let inner = At {
            module: function.module,
            scope: self.program.item(function).scope,
        };
        let mut env = Env::open(inner);
        if let Some((at, written)) = self.program.impl_around(function) {
            let of_impl = self.impl_arguments(at, written, args);
            let generics = &self.program.scope(at).generics;
            env = of_impl.unwrap_or(env).closed(generics, site).at(inner);
        }
        self.lower(
            output,
            &env.closed(&self.program.scope(inner).generics, site),
        )
    }

    /// What `?` and `unwrap` leave of a type.
    fn success_of(&self, ty: Ty, site: Site) -> Ty {
        match &*ty.kind {
            Kind::External { path, args } if is_fallible(path) => match args.first() {
                Some(first) => first.clone(),
                None => Ty::unknown("the type is left to be inferred", site),
            },
            // A builder's method that may fail gave the builder back.
            Kind::External { path, .. } if path.ends_with("Builder") => ty,
            Kind::Unknown(_) => ty,
            _ => match self.expand(&ty) {
                Some(target) => self.success_of(target, site),
                None => Ty::unknown("it is not known what `?` leaves of it", site),
            },
        }
    }

    fn infer_field(&self, owner: &Ty, name: &str, site: Site) -> Ty {
        match &*owner.kind {
            Kind::Reference { inner, .. } => self.infer_field(inner, name, site),
            Kind::Local { def, args } => {
                if let Some(target) = self.expand(owner) {
                    return self.infer_field(&target, name, site);
                }
                let item = self.program.item(*def);
                let at = At {
                    module: def.module,
                    scope: item.scope,
                };
                let field = match &item.kind {
                    ItemKind::Data { fields, .. } => fields.iter().find(|f| f.name == name),
                    _ => None,
                };
                match field {
                    Some(field) => {
                        let generics = &self.program.scope(at).generics;
                        self.lower(&field.ty, &Env::with(at, generics, args))
                    }
                    None => Ty::unknown(format!("the field `{name}` is not found"), site),
                }
            }
            _ => Ty::unknown(format!("the type of the field `{name}` is not known"), site),
        }
    }

    fn infer_method(&self, receiver: Ty, name: &str, site: Site) -> Ty {
        match name {
            "unwrap" | "expect" | "unwrap_or_default" => return self.success_of(receiver, site),
            "clone" | "to_owned" => {
                return match &*receiver.kind {
                    Kind::Reference { inner, .. } => inner.clone(),
                    _ => receiver,
                };
            }
            _ => {}
        }
        let mut owner = &receiver;
        while let Kind::Reference { inner, .. } = &*owner.kind {
            owner = inner;
        }
        if let Kind::External { path, .. } = &*owner.kind {
            if path.ends_with("Builder") {
                return built(owner, path, name, site);
            }
        }
        if matches!(*owner.kind, Kind::Local { .. }) && !matches!(name, "new" | "default" | "from")
        {
            return self.associated(owner, name, site);
        }
        Ty::unknown(format!("it is not known what `{name}` returns"), site)
    }
}

/// A method of a builder gives the builder back, except for the last one.
fn built(builder: &Ty, path: &str, method: &str, site: Site) -> Ty {
    let crate_name = path.split("::").next().unwrap_or_default();
    let ends = |(of, last, _): &&(&str, &str, &str)| *of == crate_name && *last == method;
    match BUILDERS.iter().find(ends) {
        Some((_, _, product)) => {
            let path = (*product).to_owned();
            let args = Vec::new();
            Ty::new(Kind::External { path, args }, site)
        }
        None if method.starts_with("build") => {
            Ty::unknown(format!("it is not known what `{method}` returns"), site)
        }
        None => builder.clone(),
    }
}

/// Whether a type of another crate is `Send` or not whatever its arguments are.
fn is_plain(path: &str) -> bool {
    known::lookup(path).is_some_and(|rule| !matches!(rule.send, known::Need::Each(_)))
}

fn is_fallible(path: &str) -> bool {
    path.ends_with("::Result") || path == "std::option::Option"
}

/// `Self`, standing where `expr` stands.
fn self_type(expr: &DataExpr) -> TypeExpr {
    let segments = vec![crate::rust::read::types::PathSegment {
        name: "Self".to_owned(),
        arguments: Vec::new(),
    }];
    PathExpr {
        span: expr.span,
        global: false,
        segments,
    }
    .into_type()
}
