//! A web shop's price calculator: carriers are WebAssembly components, and the
//! shop asks them on its one thread.

mod carrier;

use carrier::{CallLog, Carrier};
use wasmtime::{Engine, Result};

const SNAIL_POST: &[u8] = include_bytes!("../guests/snail-post.wat");

fn main() -> Result<()> {
    let calls = CallLog::default();
    let mut carrier = Carrier::load(&Engine::default(), SNAIL_POST, calls.clone())?;

    println!("carrier: {}", carrier.name()?);
    println!(
        "one parcel, 1200 g, zone 2: {}",
        euros(carrier.quote(1200, 2)?)
    );

    let parcels = [1200, 700, 100];
    let consignment = carrier.consign(2)?;
    let mut grams = 0;
    for parcel in parcels {
        grams = carrier.add(&consignment, parcel)?;
    }
    let price = carrier.close(consignment)?;
    println!(
        "{} parcels, {grams} g, zone 2: {}",
        parcels.len(),
        euros(price)
    );

    println!("calls the shop recorded:");
    for call in calls.borrow().iter() {
        println!("  {call}");
    }
    Ok(())
}

fn euros(cents: u32) -> String {
    format!("{}.{:02} EUR", cents / 100, cents % 100)
}
