//! A proof as it is used: releases by mixes of values, each mix a program.

use std::collections::BTreeMap;

use super::blocks::blocks;
use super::case::Case;
use super::expect::{Rule, Summary};
use super::front::{Axis, AxisValue, Fill, FrontMatter};
use super::rewritten;
use super::template::{Fillings, Template};
use super::validate;
use crate::knowledge::entry::split_front_matter;
use crate::version::{FamilyVersion, Line};

/// A proof: what is varied, over which releases, and what has to come out.
///
/// Its file is Markdown with TOML front matter between lines of `+++`, prose, and one block
/// ` ```rust template `. The front matter:
///
/// - `id` (the file's name without `.md`), `title`, `releases`, and `edition` when it is not 2021;
/// - `[dependencies]`: a crate of the family and its features. Its version follows from the release;
///   default features are off unless `default` is among the features;
/// - `takes-others` when crates of others are among them;
/// - `options-of`: the line that the options of `bindgen!` in the template are written for. In all
///   other releases a case is what the rewriter makes of them: the proof is of the rewriter, and its
///   evidence goes stale with what the rewriter makes;
/// - `[[axis]]`: a `name` and `values`. A value's `fill` says which placeholder of the template gets
///   which text, where `since` is the first line that is written so and `until` the first that no
///   longer is; a text may be a list, one line each. A value's `spoil` is a part of the finished
///   program and a mistake that takes its place, which shows what a proof would notice;
/// - `[[fill]]`: the same for all cases;
/// - `[[expect]]`: the first rule whose `releases` and `when` fit a case says what the compiler has
///   to answer (`result` is `ok` or an error code; `message` a part of the first message, two dots
///   for anything), and how a table puts it (`says`);
/// - `[table]`: the columns of the table of the documentation.
///
/// [`super::Block`] says how migrations will use the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Equal to the file's name without `.md`, and to the name of its evidence.
    pub id: String,
    /// One line.
    pub title: String,
    /// The releases, oldest first.
    pub releases: Vec<FamilyVersion>,
    /// The edition that cases are compiled with.
    pub edition: String,
    /// Crates of the family that a case needs, with their features.
    pub dependencies: BTreeMap<String, Vec<String>>,
    /// Whether crates of others may be among them: the blocks of migrations use some, and so do
    /// bindings that are traced.
    pub takes_others: bool,
    /// The line that the options of `bindgen!` are written for in the template; releases of other
    /// lines get what the rewriter makes of them. Without it the template is what is compiled.
    pub options_of: Option<Line>,
    /// What is varied.
    pub axes: Vec<Axis>,
    /// What all cases have.
    pub fill: Vec<Fill>,
    /// What has to come out; the first rule that covers a case counts.
    pub rules: Vec<Rule>,
    /// The table of the documentation.
    pub table: Option<Summary>,
    /// The program.
    pub template: Template,
    /// The prose with its blocks, Markdown.
    pub prose: String,
}

impl Matrix {
    /// Reads one file and checks that it makes sense: that names exist, that every case has a rule,
    /// that every rule has a case.
    ///
    /// # Errors
    /// What is wrong with it, without its path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (front, prose) = split_front_matter(text)?;
        let front: FrontMatter = toml::from_str(front).map_err(|error| error.to_string())?;
        let mut matrix = Self {
            id: front.id,
            title: front.title,
            releases: front.releases,
            edition: front.edition,
            dependencies: front.dependencies,
            takes_others: front.takes_others,
            options_of: front.options_of,
            axes: front.axes,
            fill: front.fill,
            rules: Vec::new(),
            table: front.table,
            template: Template::new(template_block(prose)?),
            prose: prose.trim().to_owned(),
        };
        for rule in front.expect {
            matrix.rules.push(rule.into_rule()?);
        }
        matrix.releases.sort();
        validate::validate(&matrix)?;
        Ok(matrix)
    }

    /// The names of the axes.
    pub fn axis_names(&self) -> impl Iterator<Item = &str> {
        self.axes.iter().map(|axis| axis.name.as_str())
    }

    /// Every mix of values as a program for `release`, the last axis varying fastest.
    #[must_use]
    pub fn cases(&self, release: &FamilyVersion) -> Vec<Case> {
        self.mixes()
            .into_iter()
            .map(|mix| self.case(release, &mix))
            .collect()
    }

    /// The rule that covers a case, and its place among the rules.
    #[must_use]
    pub fn rule(&self, release: &FamilyVersion, case: &Case) -> Option<(usize, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .find(|(_, rule)| rule.covers(release, case))
    }

    /// Every mix: a value of each axis.
    fn mixes(&self) -> Vec<Vec<&AxisValue>> {
        let mut mixes = vec![Vec::new()];
        for axis in &self.axes {
            mixes = mixes
                .into_iter()
                .flat_map(|mix| {
                    axis.values.iter().map(move |value| {
                        let mut longer = mix.clone();
                        longer.push(value);
                        longer
                    })
                })
                .collect();
        }
        mixes
    }

    fn case(&self, release: &FamilyVersion, mix: &[&AxisValue]) -> Case {
        let mut fillings = Fillings::new();
        let fills = mix.iter().flat_map(|value| &value.fill);
        for fill in self.fill.iter().chain(fills) {
            if fill.holds_for(release.line()) {
                for (name, texts) in &fill.texts {
                    let texts = texts.iter().map(String::as_str);
                    fillings.entry(name.as_str()).or_default().extend(texts);
                }
            }
        }
        let values = self
            .axes
            .iter()
            .zip(mix)
            .map(|(axis, value)| (axis.name.clone(), value.name.clone()))
            .collect();
        let line = release.line();
        let mut source = self.template.render(&fillings);
        if self.options_of.is_some_and(|written| written != line) {
            source = rewritten::for_line(&source, line);
        }
        for [part, mistake] in mix.iter().filter_map(|value| value.spoil.as_ref()) {
            source = match source.split_once(part) {
                Some((before, behind)) => [before, mistake, behind].concat(),
                None => format!("compile_error!(\"there is nothing to spoil\");\n{source}"),
            };
        }
        Case::new(values, source, &self.edition, &self.dependencies)
    }
}

/// The text of the one block ` ```rust template `.
fn template_block(prose: &str) -> Result<&str, String> {
    let mut template = None;
    for block in blocks(prose) {
        match (block.language, block.role) {
            ("rust", "template") if template.is_none() => template = Some(block.text),
            ("rust", "template") => return Err("there are two templates".to_owned()),
            (_, "") => {}
            // Passed over in silence it would be a claim that nobody proves.
            (language, role) => return Err(format!("a proof has no block `{language} {role}`")),
        }
    }
    template.ok_or_else(|| "there is no block ```rust template".to_owned())
}
