//! The part of a plan that is about Rust: options of `bindgen!`, and what moved.

use std::collections::BTreeMap;

use super::{ManualStep, Plan, PlannedFile, clashed, record};
use crate::analysis::{Analysis, InvocationFacts};
use crate::bindgen::rewrite;
use crate::edit::EditSet;
use crate::error::{Error, Result};
use crate::finding::Location;
use crate::knowledge::{Knowledge, Paths};
use crate::manifest::beside::Beside;
use crate::manifest::replaced;
use crate::migrate::rules::{self, Active};
use crate::migrate::views::{Elsewhere, NOTHING_ELSEWHERE};
use crate::migrate::{self, Crates, ErrorStrategy, Ground, own_names, perms};
use crate::span::{Position, Span};
use crate::tokens::Tokens;
use crate::version::Line;
use crate::workspace::{Project, Source, Workspace};

/// The first line whose errors are Wasmtime's own.
const ERRORS_SINCE: Line = Line(42);

/// Plans what changes in every source of the workspace.
///
/// # Errors
/// Edits that clash, or that leave something that is no Rust: defects of this library.
pub(super) fn plan(
    project: &Project,
    workspace: &Workspace,
    analysis: &Analysis,
    knowledge: &Knowledge,
    plan: &mut Plan,
) -> Result<()> {
    let mut invocations = BTreeMap::<usize, Vec<&InvocationFacts>>::new();
    for facts in analysis.invocations() {
        invocations.entry(facts.source).or_default().push(facts);
    }
    let (from, to) = (plan.from.line(), plan.choice.release.line());
    let rules = rules::active(knowledge, from, to, &plan.included);
    let crosses = from < ERRORS_SINCE && ERRORS_SINCE <= to;
    let adopts = crosses && plan.included.errors == ErrorStrategy::Adopt;
    let texts = workspace.sources.iter().map(|source| &*source.text);
    let mut planner = Planner {
        workspace,
        analysis,
        knowledge,
        from,
        to,
        rules: &rules,
        adopted_errors: adopts.then_some(&knowledge.adopted_errors),
        own_names: own_names::own_names(texts),
        views: views_of(workspace),
        beside: Beside::of(workspace, from, to),
        keeps_perms: false,
    };
    planner.keeps_perms = planner.leaves_perms();
    for (index, source) in workspace.sources.iter().enumerate() {
        let of_source = invocations.remove(&index).unwrap_or_default();
        if of_source.is_empty() && !planner.concerns(source) {
            continue;
        }
        let migrated = planner.source(index, &of_source)?;
        for edit in migrated.edits.iter() {
            plan.edits
                .push(record(project.shown(&source.path), &source.text, edit));
        }
        let shown = project.shown(&source.path);
        for (what, text, span) in migrated.remaining {
            let location = Location::new(shown.clone(), &text, span);
            plan.remaining.push(ManualStep { what, location });
        }
        let file = PlannedFile {
            path: source.path.clone(),
            before: source.text.clone(),
            after: migrated.edits.apply(&source.text),
        };
        if file.before != file.after {
            still_reads(&file)?;
            plan.files.push(file);
        }
    }
    Ok(())
}

/// What the packages implement for the types of their hosts, by the places of their manifests.
fn views_of(workspace: &Workspace) -> Vec<Elsewhere> {
    let mut views = vec![Elsewhere::default(); workspace.manifests.len()];
    for source in &workspace.sources {
        if let Some(views) = views.get_mut(source.manifest) {
            views.read(&source.text);
        }
    }
    views
}

struct Planner<'a> {
    workspace: &'a Workspace,
    analysis: &'a Analysis,
    knowledge: &'a Knowledge,
    from: Line,
    to: Line,
    rules: &'a [Active<'a>],
    adopted_errors: Option<&'a Paths>,
    own_names: Vec<&'static str>,
    /// What each package implements for the types of its hosts, by the place of its manifest.
    views: Vec<Elsewhere>,
    /// The packages that go on with `IoView`.
    beside: Beside,
    keeps_perms: bool,
}

/// What becomes of one source. What is left to a person has its place in the text that was looked at.
struct OfSource {
    edits: EditSet,
    remaining: Vec<(String, String, Span)>,
}

impl Planner<'_> {
    /// Whether a source can name anything of the family: most sources of a workspace don't.
    fn concerns(&self, source: &Source) -> bool {
        let mut uses = self
            .analysis
            .required()
            .filter(|used| used.manifest == source.manifest);
        uses.any(|used| source.text.contains(&used.extern_name)) || self.is_handed_on_to(source)
    }

    /// Whether a source may have something of the family through another package.
    fn is_handed_on_to(&self, source: &Source) -> bool {
        let mut crates = self.workspace.crates_of(source.manifest);
        let family = &self.knowledge.family;
        self.workspace
            .add_handed_on(source.manifest, family, &mut crates);
        crates.has_handed_on(&source.text)
    }

    fn crates(&self, source: &Source) -> Crates {
        let family = &self.knowledge.family;
        replaced::crates_in(
            self.workspace,
            source.manifest,
            family,
            self.to,
            &self.beside,
        )
    }

    fn ground<'a>(&'a self, source: &Source, crates: &'a Crates) -> Ground<'a> {
        Ground {
            from: self.from,
            to: self.to,
            paths: &self.knowledge.paths,
            crates,
            rules: self.rules,
            adopted_errors: self.adopted_errors,
            own_names: &self.own_names,
            views: self
                .views
                .get(source.manifest)
                .unwrap_or(&NOTHING_ELSEWHERE),
            keeps_perms: self.keeps_perms,
        }
    }

    /// Whether permissions of directories are left to a person in some source.
    fn leaves_perms(&self) -> bool {
        let sources = self.workspace.sources.iter();
        let mut naming = sources.filter(|source| source.text.contains("Perms"));
        naming.any(|source| {
            let crates = self.crates(source).afterwards();
            perms::leaves(&source.text, &self.ground(source, &crates))
        })
    }

    fn source(&self, index: usize, invocations: &[&InvocationFacts]) -> Result<OfSource> {
        let source = &self.workspace.sources[index];
        let mut of_source = OfSource {
            edits: EditSet::default(),
            remaining: Vec::new(),
        };
        for facts in invocations {
            let rewritten = rewrite::rewrite(
                &facts.invocation,
                &source.text,
                self.to,
                &self.knowledge.grammar,
                facts.wit.answer().shape(),
            );
            let inline = super::wit::inline(facts, &source.text, self.from, self.to);
            for edit in rewritten.edits.into_iter().chain(inline) {
                let added = of_source.edits.add(edit);
                added.map_err(|clash| clashed(&source.path, &clash))?;
            }
            let remaining = rewritten.remaining.into_iter();
            let placed = remaining.map(|left| (left.what, source.text.clone(), left.span));
            of_source.remaining.extend(placed);
        }
        let crates = self.crates(source);
        let ground = self.ground(source, &crates);
        let text = of_source.edits.apply(&source.text);
        let outcome = migrate::run(&text, &ground);
        let outcome = outcome.map_err(|clash| clashed(&source.path, &clash))?;
        let remaining = outcome.remaining.into_iter();
        of_source
            .remaining
            .extend(remaining.map(|(left, text)| (left.what, text, left.span)));
        of_source.edits = of_source.edits.then(&source.text, &outcome.edits);
        Ok(of_source)
    }
}

/// An edited source must still be made of Rust tokens; words of WIT can't break anything.
pub(super) fn still_reads(file: &PlannedFile) -> Result<()> {
    if file.path.extension() == Some("wit") {
        return Ok(());
    }
    Tokens::read(&file.after).map(|_| ()).map_err(|failure| {
        Error::usage(
            format!(
                "{}:{}: the edited source can't be read: {}",
                file.path,
                Position::of(&file.after, failure.offset),
                failure.message
            ),
            "this is a defect of wasmtime-upgrade; please report it with the file",
        )
    })
}
