//! Holds a policy against the findings of one project.

use camino::Utf8Path;
use jiff::civil::Date;

use super::{EXPIRING_DAYS, Policy, Subject, Waiver};
use crate::check::built_in::{
    LEVEL_UNKNOWN, WAIVER_EXPIRED, WAIVER_TOO_LONG, WAIVER_UNKNOWN, WAIVER_UNUSED,
};
use crate::check::{BUILT_IN, days_between};
use crate::finding::{Exposure, Finding, Level, Location, Waived};
use crate::knowledge::{Kind, Knowledge};
use crate::report::counted;
use crate::span::Span;
use crate::suggest::nearest;
use crate::version::FamilyVersion;
use crate::workspace::relative_to;

/// A policy, and what it did to the findings of one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The policy.
    pub policy: Policy,
    /// Its path as reports show it.
    pub shown: String,
    /// How many findings are waived.
    pub waived: usize,
    /// How many of the waivers in use end within [`EXPIRING_DAYS`].
    pub expiring: usize,
    /// For each waiver, whether there was anything for it to silence.
    pub used: Vec<bool>,
}

/// The project that a policy is held against, and what is known.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// What paths in the report are relative to.
    pub root: &'a Utf8Path,
    /// What is known, for ids and aliases.
    pub knowledge: &'a Knowledge,
    /// The day that counts as today.
    pub today: Date,
    /// Whether the policy is for this project alone: a waiver that is not used here is used
    /// nowhere, and is a finding.
    pub alone: bool,
}

/// Sets the levels of `findings`, waives what is to be waived and adds what there is to say about
/// the policy itself.
pub fn judge(policy: Policy, findings: &mut Vec<Finding>, ground: &Ground<'_>) -> Applied {
    let shown = relative_to(ground.root, &policy.path);
    let judge = Judge {
        policy: &policy,
        shown: &shown,
        ground,
    };
    for finding in findings.iter_mut() {
        judge.set_level(finding);
    }
    let mut own = judge.unknown_levels(findings);
    let mut used = Vec::new();
    let (mut waived, mut expiring) = (0, 0);
    for waiver in &policy.waivers {
        let known = ground.is_known(&waiver.id.value, findings);
        let mut about: Vec<&mut Finding> = findings
            .iter_mut()
            .filter(|finding| finding.level > Level::Note && ground.is_about(waiver, finding))
            .collect();
        used.push(!about.is_empty());
        let objection = judge.objection(waiver, known, about.len());
        if let Some(objection) = objection {
            own.push(objection);
            continue;
        }
        if about.is_empty() {
            continue;
        }
        waived += about.len();
        expiring += usize::from(judge.days_left(waiver) <= i64::from(EXPIRING_DAYS));
        for finding in &mut about {
            finding.level = Level::Note;
            finding.waived = Some(Waived {
                reason: waiver.reason.clone(),
                until: waiver.until.value.to_string(),
            });
        }
    }
    for finding in &mut own {
        judge.set_level(finding);
    }
    findings.append(&mut own);
    crate::check::sort(findings);
    Applied {
        shown,
        waived,
        expiring,
        used,
        policy,
    }
}

impl Ground<'_> {
    /// Whether the waiver names the finding, by its id or another id of the same matter.
    fn is_about(&self, waiver: &Waiver, finding: &Finding) -> bool {
        self.same(&waiver.id.value, &finding.id)
    }

    fn same(&self, id: &str, of_finding: &str) -> bool {
        let is_alias = || {
            let entry = self.knowledge.entry(of_finding);
            entry.is_some_and(|entry| entry.aliases.iter().any(|alias| alias == id))
        };
        id == of_finding || is_alias()
    }

    /// Every id that a policy can name.
    fn ids(&self) -> impl Iterator<Item = &str> {
        let entries = self.knowledge.entries.iter().flat_map(|entry| {
            let aliases = entry.aliases.iter().map(String::as_str);
            aliases.chain([entry.id.as_str()])
        });
        entries.chain(BUILT_IN.iter().map(|rule| rule.id))
    }

    fn is_known(&self, id: &str, findings: &[Finding]) -> bool {
        self.ids().any(|known| known == id) || findings.iter().any(|finding| finding.id == id)
    }

    fn suggestion(&self, id: &str) -> String {
        match nearest(id, self.ids()) {
            Some(other) => format!("did you mean `{other}`? If not, remove it"),
            None => "remove it, or use a newer knowledge base if the id is new".to_owned(),
        }
    }
}

/// Whether an id is that of a finding about the policy file.
fn is_own(id: &str) -> bool {
    BUILT_IN
        .iter()
        .any(|rule| rule.id == id && rule.kind == Kind::Policy)
}

struct Judge<'a> {
    policy: &'a Policy,
    shown: &'a str,
    ground: &'a Ground<'a>,
}

impl Judge<'_> {
    fn set_level(&self, finding: &mut Finding) {
        let is_id = |id: &str| self.ground.same(id, &finding.id);
        if let Some(level) = self.policy.level(is_id, finding.kind, finding.exposure) {
            finding.level = level;
        }
    }

    /// Days until the waiver's last one, 0 on it.
    fn days_left(&self, waiver: &Waiver) -> i64 {
        days_between(self.ground.today, waiver.until.value)
    }

    fn unknown_levels(&self, findings: &[Finding]) -> Vec<Finding> {
        let ids = self.policy.levels.iter().filter_map(|rule| {
            let Subject::Id(id) = &rule.subject.value else {
                return None;
            };
            (!self.ground.is_known(id, findings)).then_some((id, rule.subject.span))
        });
        ids.map(|(id, span)| {
            self.finding(
                LEVEL_UNKNOWN,
                Exposure::Possible,
                span,
                format!("a level is set for `{id}`, which is not known"),
                "it changes nothing".to_owned(),
                self.ground.suggestion(id),
            )
        })
        .collect()
    }

    /// What is wrong with a waiver that has `about` findings to silence; then it waives nothing.
    fn objection(&self, waiver: &Waiver, known: bool, about: usize) -> Option<Finding> {
        let left = self.days_left(waiver);
        if !known || is_own(&waiver.id.value) {
            Some(self.unknown(waiver))
        } else if left < 0 {
            Some(self.expired(waiver, about, -left))
        } else if left > i64::from(self.policy.max_waiver_days) {
            Some(self.too_long(waiver, left))
        } else if about == 0 && self.ground.alone {
            Some(self.unused(waiver))
        } else {
            None
        }
    }

    fn unknown(&self, waiver: &Waiver) -> Finding {
        let id = &waiver.id.value;
        let (why, help) = if is_own(id) {
            let why = format!("`{id}` is about this file itself and can't be waived");
            (
                why,
                "mend what it is about, and remove the waiver".to_owned(),
            )
        } else {
            let why = format!("nothing is known under the id `{id}`, so it waives nothing");
            (why, self.ground.suggestion(id))
        };
        let title = format!("a waiver for `{id}`, which is not known");
        let span = waiver.id.span;
        self.finding(WAIVER_UNKNOWN, Exposure::Possible, span, title, why, help)
    }

    fn expired(&self, waiver: &Waiver, about: usize, days: i64) -> Finding {
        let ago = counted(usize::try_from(days).unwrap_or_default(), "day");
        let left = match about {
            0 => "nothing of this id is found any more".to_owned(),
            1 => "the finding counts again".to_owned(),
            _ => format!("{about} findings count again"),
        };
        let help = match about {
            0 => "remove the waiver",
            _ => "mend the cause, or set a later day with a reason that still holds",
        };
        self.finding(
            WAIVER_EXPIRED,
            Exposure::Affected,
            waiver.until.span,
            format!("the waiver for `{}` has expired", waiver.id.value),
            format!("its last day was {}, {ago} ago; {left}", waiver.until.value),
            help.to_owned(),
        )
    }

    fn too_long(&self, waiver: &Waiver, left: i64) -> Finding {
        let most = self.policy.max_waiver_days;
        self.finding(
            WAIVER_TOO_LONG,
            Exposure::Affected,
            waiver.until.span,
            format!("the waiver for `{}` runs for too long", waiver.id.value),
            format!("it ends {left} days from today, and {most} are allowed; it waives nothing"),
            format!(
                "set `until` to {} or earlier, or raise `max-waiver-days`",
                self.latest()
            ),
        )
    }

    /// The latest day that a waiver may name.
    fn latest(&self) -> Date {
        let days = i64::from(self.policy.max_waiver_days);
        self.ground
            .today
            .saturating_add(jiff::Span::new().days(days))
    }

    fn unused(&self, waiver: &Waiver) -> Finding {
        self.finding(
            WAIVER_UNUSED,
            Exposure::Possible,
            waiver.id.span,
            format!("the waiver for `{}` is not used", waiver.id.value),
            "nothing above a note is found under this id, and a waiver that is left would hide it \
             when it comes back"
                .to_owned(),
            "remove the waiver".to_owned(),
        )
    }

    /// A finding about the policy file: its crate is this program.
    fn finding(
        &self,
        id: &str,
        exposure: Exposure,
        span: Span,
        title: String,
        why: String,
        help: String,
    ) -> Finding {
        let version = env!("CARGO_PKG_VERSION").parse();
        Finding {
            id: id.to_owned(),
            kind: Kind::Policy,
            level: exposure.level(),
            exposure,
            title,
            package: env!("CARGO_PKG_NAME").to_owned(),
            version: version.unwrap_or_else(|_| FamilyVersion::new(0, 0)),
            root: ".".to_owned(),
            location: Location::new(self.shown.to_owned(), &self.policy.text, span),
            evidence: Vec::new(),
            why,
            help,
            fixed_in: Vec::new(),
            links: Vec::new(),
            waived: None,
        }
    }
}
