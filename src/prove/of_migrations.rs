//! The blocks of migrations as proofs: `before` compiles on the old release and fails on the new one,
//! `after` compiles there. Migrations of the same releases and crates share a package.

use std::collections::BTreeMap;

use semver::{Comparator, Op, VersionReq};

use super::expect::{Rule, Selector};
use super::front::{Axis, AxisValue, Fill};
use super::matrix::Matrix;
use super::template::Template;
use super::verdict::Expected;
use crate::knowledge::Migration;
use crate::version::FamilyVersion;

/// The only axis.
const AXIS: &str = "block";

/// The edition of all blocks.
const EDITION: &str = "2024";

/// The proofs of migrations, by id.
#[must_use]
pub fn of_migrations(migrations: &[Migration]) -> Vec<Matrix> {
    let mut groups = BTreeMap::<String, Vec<&Migration>>::new();
    for migration in migrations {
        groups.entry(id(migration)).or_default().push(migration);
    }
    let matrices = groups.into_iter().map(|(id, of)| matrix(id, &of));
    matrices.collect()
}

/// What the proof of a migration is called: its releases, and the crates and features that it needs.
#[must_use]
pub fn id(migration: &Migration) -> String {
    let proof = &migration.proof;
    let mut id = format!("migrations-{}-{}", proof.from, proof.to);
    let mut add = |part: &str| {
        id.push('-');
        id.push_str(part);
    };
    for (name, features) in &proof.dependencies {
        if name != "wasmtime" {
            add(name);
        }
        features.iter().for_each(|feature| add(feature));
    }
    id
}

fn matrix(id: String, of: &[&Migration]) -> Matrix {
    let mut releases: Vec<FamilyVersion> = of
        .iter()
        .flat_map(|it| [it.proof.from.clone(), it.proof.to.clone()])
        .collect();
    releases.sort();
    releases.dedup();
    let mut values = Vec::new();
    let mut rules = Vec::new();
    for migration in of {
        let proof = &migration.proof;
        let before = value(migration, "before", &migration.before);
        let after = value(migration, "after", &migration.after);
        let fails = match &proof.error {
            Some(code) => Expected::FailsWith { code: code.clone() },
            None => Expected::Ok,
        };
        rules.push(rule(&proof.from, &before, Expected::Ok));
        rules.push(rule(&proof.to, &before, fails));
        rules.push(rule(&proof.to, &after, Expected::Ok));
        values.extend([before, after]);
    }
    let ids: Vec<&str> = of.iter().map(|it| it.id.as_str()).collect();
    Matrix {
        id,
        title: ids.join(", "),
        releases,
        edition: EDITION.to_owned(),
        dependencies: of.first().map(|it| it.packages()).unwrap_or_default(),
        takes_others: true,
        options_of: None,
        axes: vec![Axis {
            name: AXIS.to_owned(),
            values,
        }],
        fill: Vec::new(),
        rules,
        table: None,
        template: Template::new("{{block}}\n\nfn main() {}\n"),
        prose: String::new(),
    }
}

fn value(migration: &Migration, block: &str, text: &str) -> AxisValue {
    let texts = BTreeMap::from([(AXIS.to_owned(), vec![text.trim_end().to_owned()])]);
    AxisValue {
        name: format!("{}-{block}", migration.id),
        fill: vec![Fill {
            since: None,
            until: None,
            texts,
        }],
        spoil: None,
    }
}

fn rule(release: &FamilyVersion, value: &AxisValue, expected: Expected) -> Rule {
    let exactly = Comparator {
        op: Op::Exact,
        major: release.0.major,
        minor: Some(release.0.minor),
        patch: Some(release.0.patch),
        pre: release.0.pre.clone(),
    };
    let says = expected.to_string();
    Rule {
        releases: VersionReq {
            comparators: vec![exactly],
        },
        when: Selector(BTreeMap::from([(
            AXIS.to_owned(),
            vec![value.name.clone()],
        )])),
        expected,
        says,
    }
}
