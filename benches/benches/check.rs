//! What `check` costs: as a whole, by its stages, and by root when there are many.

use std::hint::black_box;

use camino::{Utf8Path, Utf8PathBuf};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use wasmtime_upgrade::analysis::Analysis;
use wasmtime_upgrade::check::{self, Terms};
use wasmtime_upgrade::finding::Finding;
use wasmtime_upgrade::knowledge::{self, Knowledge};
use wasmtime_upgrade::workspace::{Lockfile, Manifest, Project, Scope};
use wasmtime_upgrade::world::{RealWorld, World};
use wasmtime_upgrade_benches::{LARGE, Size, generate, lockfile, manifest};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// A folder with a generated workspace.
fn workspace(size: Size) -> Fallible<(tempfile::TempDir, Utf8PathBuf)> {
    let folder = tempfile::tempdir()?;
    generate(folder.path(), size)?;
    let path = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    let path = path.to_owned();
    Ok((folder, path))
}

/// All of `check` between its command line and its report.
fn findings(world: &RealWorld, root: &Utf8Path) -> Fallible<Vec<Finding>> {
    let knowledge = Knowledge::embedded();
    let scope = Scope::Tree(root.to_owned());
    let project = Project::read(world, &scope, &knowledge.family)?;
    let terms = Terms::on(date(2026, 11, 22));
    let mut findings = Vec::new();
    for workspace in &project.workspaces {
        let analysis = Analysis::of(world, &project, workspace, knowledge)?;
        findings.extend(check::check(
            &project, workspace, &analysis, knowledge, &terms,
        ));
    }
    Ok(findings)
}

/// A result of something that was seen to work before the measuring began.
fn sure<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("the generated workspace can't be judged: {error}"))
}

fn whole(criterion: &mut Criterion) {
    let world = RealWorld::default();
    let mut group = criterion.benchmark_group("check");
    for packages in [1, 10, 120, 1000] {
        let size = Size { packages, ..LARGE };
        let (_folder, root) = sure(workspace(size));
        group.throughput(Throughput::Elements(packages as u64));
        group.bench_with_input(
            BenchmarkId::new("packages", packages),
            &root,
            |bencher, root| {
                bencher.iter(|| sure(findings(&world, root)));
            },
        );
    }
    group.finish();
}

fn stages(criterion: &mut Criterion) {
    let world = RealWorld::default();
    let (_folder, root) = sure(workspace(LARGE));
    let knowledge = Knowledge::embedded();
    let mut group = criterion.benchmark_group("stage");
    group.bench_function("knowledge", |bencher| {
        bencher.iter(|| sure(Knowledge::parse(black_box(knowledge::files()))));
    });
    group.bench_function("walk", |bencher| {
        bencher.iter(|| world.walk(black_box(&root), &["Cargo.toml"], &["rs"]));
    });
    let text = manifest(10);
    group.bench_function("manifest", |bencher| {
        bencher.iter(|| {
            sure(Manifest::parse(
                "Cargo.toml".into(),
                black_box(&text).clone(),
            ))
        });
    });
    let text = lockfile(LARGE);
    group.bench_function("lockfile", |bencher| {
        bencher.iter(|| {
            sure(Lockfile::parse(
                "Cargo.lock".into(),
                black_box(&text).clone(),
            ))
        });
    });
    let scope = Scope::Tree(root.clone());
    group.bench_function("reading", |bencher| {
        bencher.iter(|| sure(Project::read(&world, black_box(&scope), &knowledge.family)));
    });
    let project = sure(Project::read(&world, &scope, &knowledge.family));
    let workspace = &project.workspaces[0];
    group.bench_function("sources", |bencher| {
        bencher.iter(|| {
            sure(Analysis::of(
                &world,
                &project,
                black_box(workspace),
                knowledge,
            ))
        });
    });
    let analysis = sure(Analysis::of(&world, &project, workspace, knowledge));
    group.bench_function("following types", |bencher| {
        bencher.iter(|| {
            let users = (0..workspace.manifests.len()).collect();
            wasmtime_upgrade::analysis::Followed::through(black_box(workspace), &users)
        });
    });
    let terms = Terms::on(date(2026, 11, 22));
    group.bench_function("judging", |bencher| {
        bencher.iter(|| check::check(&project, workspace, black_box(&analysis), knowledge, &terms));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = whole, stages
}
criterion_main!(benches);
