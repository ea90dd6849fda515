use crate::{Error, Guest, Limits, Summary};

const SAMPLES: [i32; 4] = [12, -3, 40, 7];

/// Calls every export of a guest at least once, and returns a line for each
/// thing it found out.
pub fn tour(guest: &mut Guest) -> Result<Vec<String>, Error> {
    let mut lines = vec![format!("greeting: {}", guest.greet("world")?)];

    lines.push(format!("samples: {SAMPLES:?}"));
    let summary = guest.summarize(&SAMPLES)?;
    lines.push(format!("summary: {}", describe(&summary)));
    let totals = guest.running_totals(&SAMPLES)?;
    lines.push(format!("running totals: {totals:?}"));
    let mean = guest.mean(summary.sum, summary.count)?;
    lines.push(format!("mean: {mean}"));

    let indoors = guest.open_meter("indoors", Limits { low: 10, high: 30 })?;
    let outdoors = guest.open_meter("outdoors", Limits { low: -20, high: 45 })?;
    for sample in SAMPLES {
        guest.add(&outdoors, sample)?;
        // The samples are meant for outdoors; the inner limits refuse some.
        match guest.add(&indoors, sample) {
            Ok(_) => {}
            Err(Error::Refused { reason, .. }) => {
                lines.push(format!("indoors refused {sample}: {reason}"));
            }
            Err(error) => return Err(error),
        }
    }
    let merged = guest.merge(indoors, outdoors)?;
    let label = guest.label(&merged)?;
    let summary = guest.summary(&merged)?;
    lines.push(format!("{label}: {}", describe(&summary)));
    lines.push(format!("open meters: {}", guest.open_count()?));
    guest.close(merged)?;
    lines.push(format!(
        "open meters after closing: {}",
        guest.open_count()?
    ));
    Ok(lines)
}

fn describe(summary: &Summary) -> String {
    let Summary {
        count,
        sum,
        largest,
    } = summary;
    match largest {
        Some(largest) => format!("{count} samples, sum {sum}, largest {largest}"),
        None => format!("{count} samples"),
    }
}
