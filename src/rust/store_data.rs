//! Whether what a package's stores hold is `Send`.
//!
//! A `Send` is as good as its premises, which text alone can't prove: attribute macros leave a
//! type's fields as they are written, `include!` and other macros make no store of their own, and
//! types of other crates are what `judge::known_crates` says. Types with names in lower case are
//! not looked at when they stand in front of `<`.

use std::collections::{HashMap, HashSet};

use camino::Utf8Path;
use serde::Serialize;

use super::exports::ExportCall;
use super::program::{Gap, PackageKey, Program};
use super::source::Place;
use crate::rust::judge::send::{Answer, Judge, Reason};
use crate::rust::judge::ty::{Kind, Promise, Site, Ty};

mod finder;
mod generic_calls;

use finder::{Called, Found, find};

/// Everything that a package's sources say about the data of its stores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StoreData {
    /// The types found, in the order of the sources.
    pub types: Vec<StoreType>,
    /// Parts of the package that could not be read: they may hold stores of their own.
    pub gaps: Vec<Gap>,
}

/// One type that a store holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreType {
    /// The type, in short.
    pub written: String,
    /// Where it is named as a store's data, or made for a store. Never empty.
    pub places: Vec<Place>,
    /// The `cfg` around the first of the places.
    pub cfg: Option<String>,
    /// Whether it is `Send`.
    pub verdict: Verdict,
}

/// Whether a type is `Send`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Every part of it is.
    Send,
    /// A part of it is not.
    NotSend(Culprit),
    /// A part of it could not be followed.
    Undecidable(Culprit),
}

/// The part of a type that settles the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Culprit {
    /// A sentence without a full stop, such as "`Rc` is never `Send`".
    pub because: String,
    /// Where the part is written.
    pub place: Place,
    /// From the store's type to the part.
    pub via: Vec<Step>,
}

/// One step into a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What is stepped through, such as "field `calls` of `Shop`".
    pub what: String,
    /// Where it is written.
    pub place: Place,
}

/// All stores of a package in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary<'a> {
    /// This type is not `Send`.
    NotSend(&'a StoreType, &'a Culprit),
    /// None is known not to be `Send`, and this one can't be followed.
    Undecidable(&'a StoreType, &'a Culprit),
    /// All that were found are `Send`, but not all of the package could be read.
    Unread(&'a Gap),
    /// All are `Send`.
    Send,
    /// No store was found at all.
    NoStore,
}

impl StoreData {
    /// The worst of all verdicts.
    #[must_use]
    pub fn summary(&self) -> Summary<'_> {
        let not_send = self.types.iter().find_map(|ty| match &ty.verdict {
            Verdict::NotSend(culprit) => Some(Summary::NotSend(ty, culprit)),
            _ => None,
        });
        let undecidable = || {
            self.types.iter().find_map(|ty| match &ty.verdict {
                Verdict::Undecidable(culprit) => Some(Summary::Undecidable(ty, culprit)),
                _ => None,
            })
        };
        let unread = || self.gaps.first().map(Summary::Unread);
        let send = if self.types.is_empty() {
            Summary::NoStore
        } else {
            Summary::Send
        };
        not_send
            .or_else(undecidable)
            .or_else(unread)
            .unwrap_or(send)
    }
}

/// A call of an export in a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageCall<'a> {
    /// The file that it is in.
    pub path: &'a Utf8Path,
    /// The call.
    pub call: &'a ExportCall,
    /// A function of that name is written in the program's own sources, so the call may be of
    /// that one.
    pub has_namesake: bool,
}

impl Program {
    /// The data of a package's stores. Empty when there is no such package.
    #[must_use]
    pub fn store_data(&self, key: PackageKey) -> StoreData {
        let Some(package) = self.package_index(key) else {
            return StoreData::default();
        };
        let judge = Judge::new(self);
        let mut collection = Collection::new(self);
        for found in find(&judge, package) {
            collection.add(&judge, found);
        }
        StoreData {
            types: collection.finish(),
            gaps: self.gaps_of(package).cloned().collect(),
        }
    }

    /// The calls of exports in the files that belong to a package's targets.
    #[must_use]
    pub fn export_calls(&self, key: PackageKey) -> Vec<PackageCall<'_>> {
        let Some(package) = self.package_index(key) else {
            return Vec::new();
        };
        let files = self.files_of(package).into_iter();
        let calls = files.flat_map(|file| {
            let calls = file.export_calls().iter();
            calls.map(|call| PackageCall {
                path: file.path(),
                call,
                has_namesake: self.has_method(&call.name),
            })
        });
        calls.collect()
    }
}

/// Store types on their way into the report.
struct Collection<'p> {
    program: &'p Program,
    answers: HashMap<Ty, Answer>,
    types: List,
    /// Those that are type parameters, or are made of one.
    generic: List,
}

/// Different types, in the order in which they were found.
#[derive(Default)]
struct List {
    types: Vec<StoreType>,
    places: Vec<HashSet<Place>>,
}

impl<'p> Collection<'p> {
    fn new(program: &'p Program) -> Self {
        Self {
            program,
            answers: HashMap::new(),
            types: List::default(),
            generic: List::default(),
        }
    }

    fn add(&mut self, judge: &Judge<'_>, found: Found) {
        let answer = match self.answers.get(&found.ty) {
            Some(known) => known.clone(),
            None => judge.is_send(&found.ty),
        };
        self.answers.insert(found.ty.clone(), answer.clone());
        let (verdict, is_generic) = match answer {
            Answer::Yes => (Verdict::Send, matches!(&*found.ty.kind, Kind::Param { .. })),
            Answer::No(reason) => (Verdict::NotSend(self.culprit(reason)), false),
            // An export called with it needs the bound that is not there.
            Answer::Unknown(reason) if found.called == Called::Yes => {
                (Verdict::NotSend(self.culprit(reason)), false)
            }
            Answer::Unknown(reason) => {
                let is_generic = reason.is_param && found.called == Called::No;
                (Verdict::Undecidable(self.culprit(reason)), is_generic)
            }
        };
        let ty = StoreType {
            written: found.ty.written(self.program).unwrap_or(found.written),
            places: Vec::new(),
            cfg: self.program.cfg(found.at),
            verdict,
        };
        let list = if is_generic {
            &mut self.generic
        } else {
            &mut self.types
        };
        list.add(
            ty,
            self.program.place(found.ty.site.module, found.ty.site.span),
        );
    }

    fn culprit(&self, reason: Reason) -> Culprit {
        let via = reason.via.into_iter().map(|(what, site)| Step {
            what,
            place: self.place(site),
        });
        Culprit {
            because: reason.because,
            place: self.place(reason.site),
            via: via.collect(),
        }
    }

    fn place(&self, site: Site) -> Place {
        self.program.place(site.module, site.span)
    }

    /// Code that is generic over the data says nothing when it is known what the data is.
    fn finish(self) -> Vec<StoreType> {
        if self.types.types.is_empty() {
            self.generic.types
        } else {
            self.types.types
        }
    }
}

impl List {
    /// A type that is there already gets one more place.
    fn add(&mut self, mut ty: StoreType, place: Place) {
        let is_same =
            |known: &StoreType| known.written == ty.written && known.verdict == ty.verdict;
        match self.types.iter().position(is_same) {
            Some(index) => {
                if self.places[index].insert(place.clone()) {
                    self.types[index].places.push(place);
                }
            }
            None => {
                self.places.push(HashSet::from([place.clone()]));
                ty.places.push(place);
                self.types.push(ty);
            }
        }
    }
}

/// Whether a type is nothing but a parameter of the code around, and has no `Send` bound.
fn is_unbounded_param(ty: &Ty) -> bool {
    matches!(&*ty.kind, Kind::Param { send, .. } if *send == Promise::Missing)
}
