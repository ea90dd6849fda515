//! Types after their names were looked up.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::known::Auto;
use crate::rust::program::{DefId, ModuleId, Program};
use crate::span::Span;

/// A type in places that are kept apart from what it is: `u8` is `u8` wherever it stands.
#[derive(Clone, Debug)]
pub(crate) struct Ty {
    pub(crate) kind: Rc<Kind>,
    pub(crate) site: Site,
    weight: Weight,
}

/// Where a type is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) module: ModuleId,
    pub(crate) span: Span,
}

/// How big a type is, so that a type that grows in itself is noticed.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    depth: usize,
    nodes: usize,
}

const MAX_DEPTH: usize = 160;
const MAX_NODES: usize = 4096;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A struct, enum, union or alias whose source is here.
    Local {
        def: DefId,
        args: Vec<Ty>,
    },
    /// A type of another crate.
    External {
        path: String,
        args: Vec<Ty>,
    },
    Reference {
        mutable: bool,
        inner: Ty,
    },
    Pointer,
    Sequence(Ty),
    Tuple(Vec<Ty>),
    /// Numbers, `str`, function pointers, `!`: always `Send` and `Sync`. With its name.
    Plain(String),
    /// `dyn` and `impl`, with what their bounds promise.
    Bounded {
        written: String,
        send: Promise,
        sync: Promise,
    },
    /// A type parameter of the code around.
    Param {
        name: String,
        send: Promise,
        sync: Promise,
    },
    /// Several definitions under one name, each for another `cfg`.
    Choice(Vec<Ty>),
    Unknown(String),
}

/// Whether bounds say that a type is `Send` or `Sync`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Promise {
    Kept,
    Missing,
    /// Why the bounds can't be read.
    Unknown(String),
}

impl PartialEq for Ty {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Eq for Ty {}

impl Hash for Ty {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
    }
}

impl Ty {
    pub(crate) fn new(kind: Kind, site: Site) -> Self {
        let weight = kind.weight();
        if weight.depth > MAX_DEPTH || weight.nodes > MAX_NODES {
            return Self {
                kind: Rc::new(Kind::Unknown("the type grows without end".to_owned())),
                site,
                weight: Weight::default(),
            };
        }
        Self {
            kind: Rc::new(kind),
            site,
            weight,
        }
    }

    pub(crate) fn unknown(why: impl Into<String>, site: Site) -> Self {
        Self::new(Kind::Unknown(why.into()), site)
    }
}

impl Kind {
    pub(crate) fn promise(&self, auto: Auto) -> Option<&Promise> {
        match (self, auto) {
            (Self::Bounded { send, .. } | Self::Param { send, .. }, Auto::Send) => Some(send),
            (Self::Bounded { sync, .. } | Self::Param { sync, .. }, Auto::Sync) => Some(sync),
            _ => None,
        }
    }

    fn weight(&self) -> Weight {
        let parts: &[Ty] = match self {
            Self::Local { args, .. } | Self::External { args, .. } => args,
            Self::Tuple(parts) | Self::Choice(parts) => parts,
            Self::Reference { inner, .. } | Self::Sequence(inner) => std::slice::from_ref(inner),
            _ => &[],
        };
        let depths = parts.iter().map(|part| part.weight.depth);
        let nodes = parts.iter().map(|part| part.weight.nodes);
        Weight {
            depth: depths.max().unwrap_or_default() + 1,
            nodes: nodes.sum::<usize>().saturating_add(1),
        }
    }
}

impl Ty {
    /// The type in short, for messages. None when it is not known what it is.
    pub(crate) fn written(&self, program: &Program) -> Option<String> {
        let list = |parts: &[Self]| {
            let parts = parts.iter().map(|part| part.written(program));
            let parts = parts.map(|part| part.unwrap_or_else(|| "_".to_owned()));
            parts.collect::<Vec<_>>().join(", ")
        };
        let generic = |name: &str, args: &[Self]| match args {
            [] => name.to_owned(),
            args => format!("{name}<{}>", list(args)),
        };
        Some(match &*self.kind {
            Kind::Local { def, args } => generic(&program.item(*def).name, args),
            Kind::External { path, args } => {
                generic(path.rsplit("::").next().unwrap_or(path), args)
            }
            Kind::Reference { mutable, inner } => {
                let keyword = if *mutable { "mut " } else { "" };
                format!("&{keyword}{}", inner.written(program)?)
            }
            Kind::Pointer => "a raw pointer".to_owned(),
            Kind::Sequence(inner) => format!("[{}]", inner.written(program)?),
            Kind::Tuple(parts) => format!("({})", list(parts)),
            Kind::Plain(name) | Kind::Param { name, .. } => name.clone(),
            Kind::Bounded { written, .. } => written.clone(),
            Kind::Choice(choices) => return choices.first()?.written(program),
            Kind::Unknown(_) => return None,
        })
    }
}
