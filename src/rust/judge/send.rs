//! Whether a type is `Send`: a walk through everything it is made of.
//!
//! Being `Send` is a conjunction: a type is when all its parts are, so one part that is not
//! settles it, and the walk from part to part needs neither recursion nor an order.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};

use super::known::{self, Auto, Need};
use super::lower::{Env, Lowering};
use super::ty::{Kind, Promise, Site, Ty};
use crate::rust::program::{At, DefId, Program};
use crate::rust::read::facts::{Field, ItemKind};

/// How many parts are looked at before giving up.
const MAX_PARTS: usize = 10_000;

/// How often definitions under different `cfg`s may be tried one inside another.
const MAX_CHOICES: usize = 8;

/// What the walk came to.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Yes,
    No(Reason),
    Unknown(Reason),
}

/// Why, where, and how the walk came there.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) because: String,
    pub(crate) site: Site,
    pub(crate) via: Vec<(String, Site)>,
    /// The culprit is a type parameter of the code around.
    pub(crate) is_param: bool,
}

/// Answers for one program.
pub(crate) struct Judge<'p> {
    pub(crate) lowering: Lowering<'p>,
    choices: RefCell<Vec<(Auto, Ty)>>,
}

/// A part that is still to be looked at, and where it came from.
struct Part {
    auto: Auto,
    ty: Ty,
    from: Option<usize>,
    step: Option<(String, Site)>,
    /// The `cfg` under which it is a part at all.
    only_if: Option<String>,
}

/// What one part comes to.
pub(crate) enum Outcome {
    Yes,
    No(String),
    Unknown(String),
    Param(String),
    Parts(Vec<Next>),
    Answer(Answer),
}

/// A part that one part leads to.
pub(crate) struct Next {
    auto: Auto,
    ty: Ty,
    step: (String, Site),
    only_if: Option<String>,
}

impl<'p> Judge<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        Self {
            lowering: Lowering::new(program),
            choices: RefCell::default(),
        }
    }

    pub(crate) fn is_send(&self, ty: &Ty) -> Answer {
        self.walk(Auto::Send, ty)
    }

    fn walk(&self, auto: Auto, ty: &Ty) -> Answer {
        let mut parts = vec![Part {
            auto,
            ty: ty.clone(),
            from: None,
            step: None,
            only_if: None,
        }];
        let mut seen = HashSet::from([(auto, ty.clone())]);
        let mut certain = VecDeque::from([0]);
        let mut conditional = VecDeque::new();
        let mut unknown = None;
        // What is a part for certain comes first: it settles the answer, the rest does not.
        while let Some(index) = certain.pop_front().or_else(|| conditional.pop_front()) {
            let part = &parts[index];
            let only_if = part.only_if.clone();
            match self.look_at(part.auto, &part.ty) {
                Outcome::Yes | Outcome::Answer(Answer::Yes) => {}
                Outcome::Parts(next) => {
                    for next in next {
                        if seen.insert((next.auto, next.ty.clone())) {
                            let only_if = only_if.clone().or(next.only_if);
                            let queue = match only_if {
                                Some(_) => &mut conditional,
                                None => &mut certain,
                            };
                            queue.push_back(parts.len());
                            parts.push(Part {
                                auto: next.auto,
                                ty: next.ty,
                                from: Some(index),
                                step: Some(next.step),
                                only_if,
                            });
                        }
                    }
                }
                outcome => {
                    let answer = settle(outcome, only_if, &parts, index);
                    match answer {
                        Answer::Yes => {}
                        Answer::No(_) => return answer,
                        Answer::Unknown(_) => unknown = unknown.or(Some(answer)),
                    }
                }
            }
            if parts.len() > MAX_PARTS {
                let because = format!("it has more than {MAX_PARTS} parts");
                return Answer::Unknown(reason(because, &parts, index));
            }
        }
        unknown.unwrap_or(Answer::Yes)
    }

    fn look_at(&self, auto: Auto, ty: &Ty) -> Outcome {
        if let Some(promise) = ty.kind.promise(auto) {
            return keep(promise, &ty.kind, auto);
        }
        match &*ty.kind {
            Kind::Local { def, args } => self.look_at_local(auto, *def, args),
            Kind::External { path, args } => look_at_external(auto, path, args),
            Kind::Reference { mutable, inner } => {
                // `&T` is shared, so `T` must be `Sync`; `&mut T` is as good as `T`.
                let auto = if *mutable { auto } else { Auto::Sync };
                let written = if *mutable {
                    "behind `&mut`"
                } else {
                    "behind `&`"
                };
                Outcome::Parts(vec![next(auto, inner, written.to_owned())])
            }
            Kind::Pointer => Outcome::No(format!("a raw pointer is not `{}`", auto.name())),
            Kind::Sequence(inner) => {
                Outcome::Parts(vec![next(auto, inner, "the elements".to_owned())])
            }
            Kind::Tuple(parts) => {
                let step = |(index, part)| next(auto, part, format!("element {index}"));
                Outcome::Parts(parts.iter().enumerate().map(step).collect())
            }
            Kind::Choice(choices) => self.look_at_choice(auto, ty, choices),
            Kind::Unknown(why) => Outcome::Unknown(why.clone()),
            Kind::Plain(_) | Kind::Bounded { .. } | Kind::Param { .. } => Outcome::Yes,
        }
    }

    fn look_at_local(&self, auto: Auto, def: DefId, args: &[Ty]) -> Outcome {
        let program = self.lowering.program;
        let item = program.item(def);
        let at = At {
            module: def.module,
            scope: item.scope,
        };
        let env = Env::with(at, &program.scope(at).generics, args);
        match &item.kind {
            ItemKind::Alias(ty) => {
                let step = format!("`{}` stands for `{}`", item.name, ty.written());
                Outcome::Parts(vec![next(auto, &self.lowering.lower(ty, &env), step)])
            }
            ItemKind::Data { fields, .. } => {
                let (explicit, only_if) = self.explicit(auto, def, args);
                if let Some(outcome) = explicit {
                    return outcome;
                }
                let part = |field: &Field| {
                    let ty = self.lowering.lower(&field.ty, &env);
                    let mut part = next(auto, &ty, field.described(&item.name));
                    part.step.1 = Site {
                        module: def.module,
                        span: field.ty.span,
                    };
                    part.only_if = field.cfg.clone().or_else(|| only_if.clone());
                    part
                };
                Outcome::Parts(fields.iter().map(part).collect())
            }
            _ => Outcome::Unknown(format!("`{}` is no type", item.name)),
        }
    }

    /// Several definitions, of which a `cfg` picks one: the answer must be the same for all.
    fn look_at_choice(&self, auto: Auto, ty: &Ty, choices: &[Ty]) -> Outcome {
        let entry = (auto, ty.clone());
        if self.choices.borrow().contains(&entry) {
            // A type that holds itself is as good as the rest of it.
            return Outcome::Yes;
        }
        if self.choices.borrow().len() >= MAX_CHOICES {
            return Outcome::Unknown("too many definitions depend on `cfg`".to_owned());
        }
        self.choices.borrow_mut().push(entry);
        let answers: Vec<Answer> = choices.iter().map(|ty| self.walk(auto, ty)).collect();
        self.choices.borrow_mut().pop();
        Outcome::Answer(agree(answers))
    }
}

fn agree(answers: Vec<Answer>) -> Answer {
    let is_yes = |answer: &Answer| matches!(answer, Answer::Yes);
    let is_no = |answer: &Answer| matches!(answer, Answer::No(_));
    if answers.iter().all(is_yes) {
        return Answer::Yes;
    }
    let all_no = answers.iter().all(is_no);
    let reasons = answers.into_iter().filter_map(|answer| match answer {
        Answer::Yes => None,
        Answer::No(reason) | Answer::Unknown(reason) => Some(reason),
    });
    match reasons.into_iter().next() {
        Some(reason) if all_no => Answer::No(reason),
        Some(mut reason) => {
            reason.because += ", in one of several definitions that `cfg` picks from";
            Answer::Unknown(reason)
        }
        None => Answer::Yes,
    }
}

pub(crate) fn next(auto: Auto, ty: &Ty, step: String) -> Next {
    Next {
        auto,
        ty: ty.clone(),
        step: (step, ty.site),
        only_if: None,
    }
}

fn keep(promise: &Promise, kind: &Kind, auto: Auto) -> Outcome {
    let name = auto.name();
    match (promise, kind) {
        (Promise::Kept, _) => Outcome::Yes,
        (Promise::Missing, Kind::Param { name: param, .. }) => Outcome::Param(format!(
            "the type parameter `{param}` has no `{name}` bound"
        )),
        (Promise::Missing, Kind::Bounded { written, .. }) => {
            Outcome::No(format!("`{written}` has no `{name}` bound"))
        }
        (Promise::Unknown(why), Kind::Param { .. }) => Outcome::Param(why.clone()),
        (Promise::Unknown(why), _) => Outcome::Unknown(why.clone()),
        (Promise::Missing, _) => Outcome::Unknown("its bounds are not known".to_owned()),
    }
}

fn look_at_external(auto: Auto, path: &str, args: &[Ty]) -> Outcome {
    let short = path.rsplit("::").next().unwrap_or(path);
    match known::lookup(path).map(|rule| rule.of(auto)) {
        Some(Need::Yes) => Outcome::Yes,
        Some(Need::No) => Outcome::No(format!("`{short}` is never `{}`", auto.name())),
        Some(Need::Each(autos)) => {
            let parts = args.iter().flat_map(|arg| {
                let step = format!("in `{short}`");
                autos.iter().map(move |auto| next(*auto, arg, step.clone()))
            });
            Outcome::Parts(parts.collect())
        }
        None => {
            let auto = auto.name();
            Outcome::Unknown(format!("`{path}` is not known here to be `{auto}` or not"))
        }
    }
}

fn settle(outcome: Outcome, only_if: Option<String>, parts: &[Part], index: usize) -> Answer {
    let (because, is_no, is_param) = match outcome {
        Outcome::No(because) => (because, true, false),
        Outcome::Param(because) => (because, false, true),
        Outcome::Unknown(because) => (because, false, false),
        Outcome::Answer(Answer::No(inner)) => {
            return settle_inner(inner, true, only_if, parts, index);
        }
        Outcome::Answer(Answer::Unknown(inner)) => {
            return settle_inner(inner, false, only_if, parts, index);
        }
        Outcome::Yes | Outcome::Parts(_) | Outcome::Answer(Answer::Yes) => return Answer::Yes,
    };
    let mut found = reason(because, parts, index);
    found.is_param = is_param;
    conditional(found, is_no, only_if)
}

/// Puts the way to a choice in front of the way that was found inside of it.
fn settle_inner(
    inner: Reason,
    is_no: bool,
    only_if: Option<String>,
    parts: &[Part],
    index: usize,
) -> Answer {
    let mut found = reason(inner.because, parts, index);
    found.site = inner.site;
    found.is_param = inner.is_param;
    found.via.extend(inner.via);
    conditional(found, is_no, only_if)
}

fn conditional(mut found: Reason, is_no: bool, only_if: Option<String>) -> Answer {
    match only_if {
        None if is_no => Answer::No(found),
        None => Answer::Unknown(found),
        Some(cfg) => {
            found.because += &format!(", which depends on `{cfg}`");
            Answer::Unknown(found)
        }
    }
}

fn reason(because: String, parts: &[Part], index: usize) -> Reason {
    let mut via = Vec::new();
    let mut current = Some(index);
    while let Some(part) = current.and_then(|index| parts.get(index)) {
        via.extend(part.step.clone());
        current = part.from;
    }
    via.reverse();
    Reason {
        because,
        site: parts[index].ty.site,
        via,
        is_param: false,
    }
}

impl Field {
    fn described(&self, owner: &str) -> String {
        match &self.variant {
            Some(variant) => format!("field `{}` of `{owner}::{variant}`", self.name),
            None => format!("field `{}` of `{owner}`", self.name),
        }
    }
}
