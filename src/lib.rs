//! Finds known regressions in the Wasmtime that a project is pinned to, moves the project to a fixed
//! release, and proves it with the compiler.
//!
//! The way of the data, on one page:
//!
//! 1. [`workspace`] reads manifests, lockfiles and sources through [`world`], without cargo.
//! 2. [`analysis`] says what the project really uses: releases, `bindgen!` invocations
//!    ([`bindgen`], [`wit`]), the data in its stores and the exports it calls ([`rust`]).
//! 3. [`check`](mod@check) holds that against the [`knowledge`] base: [`finding`]s, whose levels
//!    and waivers are the policy file's ([`config`]).
//! 4. [`target`] chooses a release and says why not the others.
//! 5. [`plan`] turns the choice into byte edits ([`edit`]) on manifests ([`manifest`],
//!    [`requirement`]), on the options of `bindgen!` ([`bindgen::rewrite`]) and on Rust ([`migrate`]).
//! 6. [`upgrade`](mod@upgrade) carries the plan out: [`verify`] compiles before and after, and
//!    [`apply`] writes, restores and undoes.
//! 7. [`report`] tells it to people and to programs; [`cli`] is the command line.
//!
//! [`init`] sets a workspace up for all of that; [`followups`] are what a move leaves outside of cargo.
//! [`prove`](mod@prove) confirms the knowledge base itself, on real releases.
//! [`rehearse`] runs a project's guests under two releases and says what differs.
//!
//! Everything that chooses or edits is pure: it takes values and returns values. Only `world`
//! touches the outside, and only `apply` (and `prove`, for its scratch packages) asks it to write.

pub mod advisory_db;
pub mod analysis;
pub mod apply;
pub mod bindgen;
pub mod check;
pub mod cli;
pub mod config;
pub mod diagnostics;
mod diff;
pub mod edit;
pub mod error;
pub mod finding;
pub mod followups;
pub mod init;
pub mod knowledge;
pub mod manifest;
pub mod migrate;
mod order;
mod parallel;
pub mod plan;
pub mod prove;
pub mod registry;
pub mod rehearse;
pub mod report;
pub mod requirement;
pub mod rust;
pub mod situation;
pub mod span;
mod suggest;
pub mod target;
pub mod tokens;
pub mod upgrade;
pub mod verify;
pub mod version;
pub mod wit;
pub mod workspace;
pub mod world;
