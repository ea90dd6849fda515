//! `bindgen!` invocations that mix generations: the macro of one line and the crate of another,
//! items of a sibling of another line, and paths that a line does not have.

use std::collections::BTreeMap;

use super::{Draft, Ground, Reported};
use crate::analysis::{InvocationFacts, Use};
use crate::bindgen::{NamedPath, OptionEntry};
use crate::check::built_in::BINDGEN_APART;
use crate::finding::{Evidence, Exposure};
use crate::knowledge::Absent;

/// So many places are shown at most.
const SHOWN: usize = 5;

pub(super) fn drafts(ground: &Ground<'_>, reported: &Reported) -> Vec<Draft> {
    let invocations = ground.analysis.invocations.iter();
    let mut drafts = Vec::new();
    for (manifest, facts) in invocations {
        let uses = ground.uses_of(*manifest);
        for facts in facts.iter().filter(|facts| !facts.invocation.templated) {
            let site = Site {
                ground,
                facts,
                uses: &uses,
                reported,
            };
            drafts.extend(site.drafts());
        }
    }
    drafts
}

/// One invocation, and what its package requires of the family.
struct Site<'a> {
    ground: &'a Ground<'a>,
    facts: &'a InvocationFacts,
    uses: &'a [&'a Use],
    reported: &'a Reported,
}

impl<'a> Site<'a> {
    fn drafts(&self) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        let of_macro = self.of_macro();
        let Some(generated) = self.generated(of_macro) else {
            return drafts;
        };
        drafts.extend(
            of_macro
                .filter(|of_macro| of_macro.release.line() != generated.release.line())
                .map(|of_macro| self.macro_apart(of_macro, generated)),
        );
        drafts.extend(of_macro.and_then(|of_macro| self.refused(of_macro)));
        let (mut siblings, mut moved) = (BTreeMap::new(), BTreeMap::new());
        let paths = self.facts.invocation.paths.iter();
        for path in paths.filter(|path| path.option != "wasmtime_crate") {
            let Some(owner) = path.segments.first().and_then(|name| self.named(name)) else {
                continue;
            };
            let line = owner.release.line();
            if line != generated.release.line() {
                let said = self.reported.contains(&(owner.manifest, line));
                if !said && self.has_wasmtimes_types(owner) {
                    let entry = siblings.entry(owner.extern_name.clone());
                    entry.or_insert((owner, Vec::new())).1.push(path);
                }
            } else if let Some(absent) = self.missing(owner, path) {
                let entry = moved.entry(absent.known.name());
                entry.or_insert((owner, absent, Vec::new())).2.push(path);
            }
        }
        let siblings = siblings.into_values();
        drafts.extend(siblings.map(|(owner, paths)| self.sibling_apart(owner, generated, &paths)));
        let moved = moved.into_values();
        drafts.extend(moved.map(|(owner, absent, paths)| self.moved(owner, absent, &paths)));
        drafts
    }

    /// What the package knows under this name; nothing when it has two lines under one name.
    fn named(&self, name: &str) -> Option<&'a Use> {
        let mut found = self.uses.iter().filter(|used| used.extern_name == name);
        let first = found.next()?;
        let only = found.all(|used| used.release.line() == first.release.line());
        only.then_some(*first)
    }

    fn of_macro(&self) -> Option<&'a Use> {
        let named = self.facts.invocation.of_crate.as_ref();
        named.and_then(|name| self.named(name))
    }

    /// The crate that the generated code names: `wasmtime_crate`, or else `wasmtime`. Where the
    /// package has that name for nothing, something in the module stands for it.
    fn generated(&self, of_macro: Option<&'a Use>) -> Option<&'a Use> {
        if self.facts.invocation.option("wasmtime_crate").is_some() {
            let paths = &self.facts.invocation.paths;
            let path = paths.iter().find(|path| path.option == "wasmtime_crate")?;
            return match path.segments.as_slice() {
                [name] => self.named(name),
                _ => None,
            };
        }
        self.named("wasmtime").or(of_macro)
    }

    fn has_wasmtimes_types(&self, owner: &Use) -> bool {
        let member = self.ground.knowledge.family.get(&owner.package);
        owner.package == "wasmtime"
            || member.is_some_and(|member| member.types_of.as_deref() == Some("wasmtime"))
    }

    /// Options that the macro's line does not accept.
    fn refused(&self, of_macro: &Use) -> Option<Draft> {
        let line = of_macro.release.line();
        let grammar = &self.ground.knowledge.grammar;
        let options = self.facts.invocation.options.iter();
        let refused: Vec<_> = options
            .filter(|option| !grammar.takes(option, line))
            .collect();
        let first = refused.first()?;
        let place =
            |option: &OptionEntry| self.ground.in_source(self.facts.source, option.name_span);
        let mut evidence: Vec<Evidence> = refused
            .iter()
            .skip(1)
            .take(SHOWN - 1)
            .map(|option| Evidence {
                label: format!("nor `{}`", option.name),
                location: place(option),
            })
            .collect();
        evidence.push(self.required(of_macro));
        let is_list = grammar.is_list_too_early(first, line);
        let (when, help) = match grammar.option(&first.name) {
            None => (
                "no release that is known accepts it".to_owned(),
                "take it out, or see how the macro's documentation spells it".to_owned(),
            ),
            Some(facts) if is_list => {
                let since = facts
                    .list_since
                    .map_or_else(String::new, |since| since.to_string());
                let help =
                    format!("move to {since} or later, or put what it names into one folder");
                (format!("lines from {since} on take one"), help)
            }
            Some(facts) => match (facts.since, facts.until) {
                (_, Some(until)) if until < line => (
                    format!("lines up to {until} accept it"),
                    // The manifest is on the line already; only the sources have still to move.
                    format!(
                        "`upgrade --from {until} --to {}` writes what takes its place",
                        of_macro.release
                    ),
                ),
                (since, _) => {
                    let since = since.map_or_else(String::new, |since| since.to_string());
                    let help = format!("move to {since} or later, or take it out");
                    (format!("lines from {since} on accept it"), help)
                }
            },
        };
        let certain = super::lines_of(of_macro).start() == super::lines_of(of_macro).end();
        Some(Draft {
            id: BINDGEN_APART,
            exposure: match certain {
                true => Exposure::Affected,
                false => Exposure::Possible,
            },
            title: match is_list {
                true => format!(
                    "the `bindgen!` of line {line} takes no list as `{}`",
                    first.name
                ),
                false => format!(
                    "the `bindgen!` of line {line} has no option `{}`",
                    first.name
                ),
            },
            package: of_macro.package.clone(),
            version: of_macro.release.0.clone(),
            location: place(first),
            evidence,
            why: format!("{when}, and the package is on {}", of_macro.release),
            help,
        })
    }

    fn missing(&self, owner: &Use, path: &NamedPath) -> Option<Absent<'a>> {
        let mut segments = path.segments.clone();
        *segments.first_mut()? = owner.package.replace('-', "_");
        let paths = &self.ground.knowledge.paths;
        paths.absent(&segments, None, owner.release.line())
    }

    fn places(&self, paths: &[&NamedPath], label: &str) -> Vec<Evidence> {
        let shown = paths.iter().skip(1).take(SHOWN - 1);
        shown
            .map(|path| Evidence {
                label: label.to_owned(),
                location: self.ground.in_source(self.facts.source, path.span),
            })
            .collect()
    }

    fn required(&self, used: &Use) -> Evidence {
        Evidence {
            label: format!(
                "`{}` is {} {} here",
                used.extern_name, used.package, used.release
            ),
            location: self.ground.place_of(used),
        }
    }

    fn macro_apart(&self, of_macro: &Use, generated: &Use) -> Draft {
        let (one, two) = (of_macro.release.line(), generated.release.line());
        Draft {
            id: BINDGEN_APART,
            exposure: Exposure::Possible, // seen to compile for 36 and 41, but nobody promises it
            title: format!("bindings for line {two} are made by the `bindgen!` of line {one}"),
            package: of_macro.package.clone(),
            version: of_macro.release.0.clone(),
            location: self
                .ground
                .in_source(self.facts.source, self.facts.invocation.path_span),
            evidence: vec![self.required(of_macro), self.required(generated)],
            why: format!(
                "the macro is `{}`'s, and what it generates names `{}`: nothing says that the code of one line fits the other",
                of_macro.extern_name, generated.extern_name
            ),
            help: format!(
                "add `wasmtime_crate: {}` to the options, or call the macro of `{}`",
                of_macro.extern_name, generated.extern_name
            ),
        }
    }

    fn sibling_apart(&self, owner: &Use, generated: &Use, paths: &[&NamedPath]) -> Draft {
        let written = paths
            .first()
            .map_or_else(String::new, |path| path.segments.join("::"));
        let exposure = paths.iter().map(|path| replaces_interface(path)).max();
        let mut evidence = self.places(paths, "and here");
        evidence.extend([self.required(owner), self.required(generated)]);
        let line = generated.release.line();
        Draft {
            id: BINDGEN_APART,
            exposure: exposure.unwrap_or(Exposure::Possible),
            title: format!(
                "bindings of line {line} use `{}` of line {}",
                owner.package,
                owner.release.line()
            ),
            package: owner.package.clone(),
            version: owner.release.0.clone(),
            location: self.place(paths),
            evidence,
            why: format!(
                "`{written}` is of line {}, the bindings are made for `{}` of line {line}: their types do not fit",
                owner.release.line(),
                generated.extern_name
            ),
            help: format!(
                "name an item of the `{}` that is on line {line}",
                owner.package
            ),
        }
    }

    fn moved(&self, owner: &Use, absent: Absent<'_>, paths: &[&NamedPath]) -> Draft {
        let line = owner.release.line();
        let known = absent.known;
        let depth = known.path.len();
        let rest = paths.first().map(|path| path.segments.iter().skip(depth));
        let rest: String = rest
            .into_iter()
            .flatten()
            .map(|segment| format!("::{segment}"))
            .collect();
        let help = match absent.instead {
            Some(instead) => format!("write `{}{rest}`", instead.name()),
            None => format!(
                "name what `{}` {} has instead",
                owner.package, owner.release
            ),
        };
        let when = match (known.since, known.until) {
            (_, Some(until)) if until < line => format!("up to line {until}"),
            (Some(since), _) => format!("from line {since} on"),
            _ => "in other lines".to_owned(),
        };
        let certain = super::lines_of(owner).start() == super::lines_of(owner).end();
        let mut evidence = self.places(paths, "and here");
        evidence.push(self.required(owner));
        Draft {
            id: BINDGEN_APART,
            exposure: match certain {
                true => Exposure::Affected,
                false => Exposure::Possible,
            },
            title: format!("`{}` does not exist in line {line}", known.name()),
            package: owner.package.clone(),
            version: owner.release.0.clone(),
            location: self.place(paths),
            evidence,
            why: format!(
                "`{}` has it {when} only, and the package is on {}",
                owner.package, owner.release
            ),
            help,
        }
    }

    fn place(&self, paths: &[&NamedPath]) -> crate::finding::Location {
        let span = paths
            .first()
            .map_or(self.facts.invocation.path_span, |path| path.span);
        self.ground.in_source(self.facts.source, span)
    }
}

/// Whether an item of another line fits. Bindings of a whole interface don't compile there (seen
/// with 36 in bindings of 41: mismatched types). Any type can stand for a resource or an error; it
/// is only not the one that the crate's own functions of this line give and take.
fn replaces_interface(path: &NamedPath) -> Exposure {
    let of_interface = path.option == "with" && path.segments.iter().any(|name| name == "bindings");
    match of_interface {
        true => Exposure::Affected,
        false => Exposure::Possible,
    }
}
