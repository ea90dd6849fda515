//! Calls every kind of export of a real component and checks the answers.

use crate::support::{WIDE, guest_path, start};
use wasmtime_rehearse::{Error, Limits, Summary, tour};

#[test]
fn a_function_of_the_world_takes_and_returns_strings() {
    let (_, mut guest) = start();
    assert_eq!(guest.greet("Ada").unwrap(), "Hello, Ada!");
    assert_eq!(guest.greet("").unwrap(), "Hello, !");
    assert_eq!(guest.greet("Zoë 🦀").unwrap(), "Hello, Zoë 🦀!");
}

#[test]
fn an_interface_function_returns_a_record() {
    let (_, mut guest) = start();
    let expected = Summary {
        count: 3,
        sum: i64::from(i32::MAX) * 2 - 5,
        largest: Some(i32::MAX),
    };
    let summary = guest.summarize(&[i32::MAX, -5, i32::MAX]).unwrap();
    assert_eq!(summary, expected);
    assert_eq!(guest.summarize(&[-9, -4]).unwrap().largest, Some(-4));
}

#[test]
fn an_interface_function_returns_a_list() {
    let (_, mut guest) = start();
    assert_eq!(guest.running_totals(&[5, -7, 9]).unwrap(), [5, -2, 7]);
    assert!(guest.running_totals(&[]).unwrap().is_empty());
}

#[test]
fn lists_larger_than_the_first_memory_page_arrive_whole() {
    let (_, mut guest) = start();
    let samples: Vec<i32> = (1..=100_000).collect();
    let totals = guest.running_totals(&samples).unwrap();
    assert_eq!(totals.len(), samples.len());
    assert_eq!(totals.last(), Some(&5_000_050_000));
    assert!(
        totals
            .windows(2)
            .zip(2..)
            .all(|(pair, n)| pair[1] - pair[0] == n)
    );
}

#[test]
fn scalars_keep_their_sign_and_width() {
    let (_, mut guest) = start();
    assert_eq!(guest.mean(-7, 2).unwrap(), -3);
    assert_eq!(guest.mean(i64::MIN, 1).unwrap(), i64::MIN);
    assert_eq!(guest.mean(1 << 40, u32::MAX).unwrap(), 256);
}

#[test]
fn a_resource_keeps_its_state_between_calls() {
    let (_, mut guest) = start();
    let attic = guest.open_meter("attic", WIDE).unwrap();
    let cellar = guest.open_meter("cellar", WIDE).unwrap();
    assert_eq!(guest.add(&attic, 31).unwrap(), 1);
    assert_eq!(guest.add(&cellar, -2).unwrap(), 1);
    assert_eq!(guest.add(&attic, 29).unwrap(), 2);

    assert_eq!(guest.label(&attic).unwrap(), "attic");
    assert_eq!(guest.label(&cellar).unwrap(), "cellar");
    let summary = |count, sum, largest| Summary {
        count,
        sum,
        largest,
    };
    assert_eq!(guest.summary(&attic).unwrap(), summary(2, 60, Some(31)));
    assert_eq!(guest.summary(&cellar).unwrap(), summary(1, -2, Some(-2)));
}

#[test]
fn a_new_resource_is_empty() {
    let (_, mut guest) = start();
    let meter = guest.open_meter("unused", WIDE).unwrap();
    let expected = Summary {
        count: 0,
        sum: 0,
        largest: None,
    };
    assert_eq!(guest.summary(&meter).unwrap(), expected);
}

#[test]
fn a_refused_sample_leaves_the_resource_as_it_was() {
    let (_, mut guest) = start();
    let limits = Limits { low: -1, high: 3 };
    let meter = guest.open_meter("narrow", limits).unwrap();
    assert_eq!(guest.add(&meter, 3).unwrap(), 1);
    assert_eq!(guest.add(&meter, -1).unwrap(), 2);
    for outside in [4, -2] {
        let refusal = guest.add(&meter, outside).unwrap_err();
        let Error::Refused { export, reason } = refusal else {
            panic!("not a refusal: {refusal:?}");
        };
        assert_eq!(export, "stats.meter.add");
        assert_eq!(reason, "outside the limits");
    }
    assert_eq!(guest.summary(&meter).unwrap().count, 2);
}

#[test]
fn a_static_function_consumes_two_resources_and_returns_a_third() {
    let (_, mut guest) = start();
    let low = guest.open_meter("a", Limits { low: -9, high: 0 }).unwrap();
    let high = guest.open_meter("b", Limits { low: 1, high: 9 }).unwrap();
    guest.add(&low, -4).unwrap();
    guest.add(&high, 6).unwrap();
    assert_eq!(guest.open_count().unwrap(), 2);

    let both = guest.merge(low, high).unwrap();
    assert_eq!(guest.open_count().unwrap(), 1);
    assert_eq!(guest.label(&both).unwrap(), "a+b");
    for accepted in [-9, 9] {
        guest.add(&both, accepted).unwrap();
    }
    guest.add(&both, 10).unwrap_err();
    let expected = Summary {
        count: 4,
        sum: 2,
        largest: Some(9),
    };
    assert_eq!(guest.summary(&both).unwrap(), expected);
}

#[test]
fn merging_with_an_empty_resource_keeps_the_other_ones_largest() {
    let (_, mut guest) = start();
    let used = guest.open_meter("used", WIDE).unwrap();
    guest.add(&used, -8).unwrap();
    let empty = guest.open_meter("empty", WIDE).unwrap();
    let merged = guest.merge(used, empty).unwrap();
    assert_eq!(guest.summary(&merged).unwrap().largest, Some(-8));
}

#[test]
fn closing_a_resource_runs_its_destructor() {
    let (_, mut guest) = start();
    let meter = guest.open_meter("brief", WIDE).unwrap();
    assert_eq!(guest.open_count().unwrap(), 1);
    guest.close(meter).unwrap();
    assert_eq!(guest.open_count().unwrap(), 0);
}

#[test]
fn guests_of_one_host_share_its_journal_and_nothing_else() {
    let (host, mut first) = start();
    let mut second = host.load(&guest_path("metering.wat")).unwrap();
    first.open_meter("one", WIDE).unwrap();
    second.open_meter("two", WIDE).unwrap();
    assert_eq!(host.journal().lines(), ["opened one", "opened two"]);
    assert_eq!(first.open_count().unwrap(), 1);

    drop((first, second));
    assert_eq!(host.journal().lines().len(), 2);
}

#[test]
fn a_binary_component_works_like_its_text() {
    let text = std::fs::read(guest_path("metering.wat")).unwrap();
    let binary = wat::parse_bytes(&text).unwrap();
    assert!(binary.starts_with(b"\0asm"));
    let (host, _) = start();
    let mut guest = host.start("metering.wasm", &binary).unwrap();
    assert_eq!(guest.greet("Bo").unwrap(), "Hello, Bo!");
}

#[test]
fn the_tour_reports_what_each_export_answered() {
    let (host, mut guest) = start();
    let expected = [
        "greeting: Hello, world!",
        "samples: [12, -3, 40, 7]",
        "summary: 4 samples, sum 56, largest 40",
        "running totals: [12, 9, 49, 56]",
        "mean: 14",
        "indoors refused -3: outside the limits",
        "indoors refused 40: outside the limits",
        "indoors refused 7: outside the limits",
        "indoors+outdoors: 5 samples, sum 68, largest 40",
        "open meters: 1",
        "open meters after closing: 0",
    ];
    assert_eq!(tour(&mut guest).unwrap(), expected);
    let noted = [
        "opened indoors",
        "opened outdoors",
        "opened indoors+outdoors",
    ];
    assert_eq!(host.journal().lines(), noted);
}
