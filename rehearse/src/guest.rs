use wasmtime::Store;
use wasmtime::component::ResourceAny;

use crate::bindings::Metering;
use crate::host::State;
use crate::{Error, Limits, Summary};

/// A running component, ready to be called.
///
/// A guest that trapped stays broken: every later call of it fails as well.
pub struct Guest {
    store: Store<State>,
    exports: Metering,
}

/// A meter that lives in a guest.
///
/// It means something only to the guest that opened it.
#[derive(Debug)]
pub struct Meter(ResourceAny);

impl Guest {
    pub(crate) fn new(store: Store<State>, exports: Metering) -> Self {
        Self { store, exports }
    }

    /// The guest's greeting for `name`.
    pub fn greet(&mut self, name: &str) -> Result<String, Error> {
        let answer = self.exports.call_greet(&mut self.store, name);
        answer.map_err(failed("greet"))
    }

    /// Summarizes a series; guests refuse an empty one.
    pub fn summarize(&mut self, samples: &[i32]) -> Result<Summary, Error> {
        let stats = self.exports.rehearse_metering_stats();
        let answer = stats.call_summarize(&mut self.store, samples);
        accepted("stats.summarize", answer)
    }

    /// The sum of the samples up to each of them.
    pub fn running_totals(&mut self, samples: &[i32]) -> Result<Vec<i64>, Error> {
        let stats = self.exports.rehearse_metering_stats();
        let answer = stats.call_running_totals(&mut self.store, samples);
        answer.map_err(failed("stats.running-totals"))
    }

    /// The mean, rounded towards zero; guests trap when `count` is 0.
    pub fn mean(&mut self, total: i64, count: u32) -> Result<i64, Error> {
        let stats = self.exports.rehearse_metering_stats();
        let answer = stats.call_mean(&mut self.store, total, count);
        answer.map_err(failed("stats.mean"))
    }

    /// Opens an empty meter.
    pub fn open_meter(&mut self, label: &str, limits: Limits) -> Result<Meter, Error> {
        let meters = self.exports.rehearse_metering_stats().meter();
        let answer = meters.call_constructor(&mut self.store, label, limits);
        answer.map(Meter).map_err(failed("stats.meter"))
    }

    /// The label a meter was opened with.
    pub fn label(&mut self, meter: &Meter) -> Result<String, Error> {
        let meters = self.exports.rehearse_metering_stats().meter();
        let answer = meters.call_label(&mut self.store, meter.0);
        answer.map_err(failed("stats.meter.label"))
    }

    /// Gives a meter a sample and returns how many it has; guests refuse one
    /// outside the meter's limits.
    pub fn add(&mut self, meter: &Meter, sample: i32) -> Result<u32, Error> {
        let meters = self.exports.rehearse_metering_stats().meter();
        let answer = meters.call_add(&mut self.store, meter.0, sample);
        accepted("stats.meter.add", answer)
    }

    /// What a meter has seen.
    pub fn summary(&mut self, meter: &Meter) -> Result<Summary, Error> {
        let meters = self.exports.rehearse_metering_stats().meter();
        let answer = meters.call_summary(&mut self.store, meter.0);
        answer.map_err(failed("stats.meter.summary"))
    }

    /// Joins two meters into one.
    pub fn merge(&mut self, first: Meter, second: Meter) -> Result<Meter, Error> {
        let meters = self.exports.rehearse_metering_stats().meter();
        let answer = meters.call_merge(&mut self.store, first.0, second.0);
        answer.map(Meter).map_err(failed("stats.meter.merge"))
    }

    /// How many meters are open in the guest.
    pub fn open_count(&mut self) -> Result<u32, Error> {
        let meters = self.exports.rehearse_metering_stats().meter();
        let answer = meters.call_open_count(&mut self.store);
        answer.map_err(failed("stats.meter.open-count"))
    }

    /// Closes a meter, which runs the guest's destructor.
    ///
    /// A [`Meter`] that merely goes out of scope stays open in its guest.
    pub fn close(&mut self, meter: Meter) -> Result<(), Error> {
        let answer = meter.0.resource_drop(&mut self.store);
        answer.map_err(failed("stats.meter destructor"))
    }
}

fn failed(export: &'static str) -> impl Fn(wasmtime::Error) -> Error {
    move |source| Error::Call { export, source }
}

fn accepted<T>(
    export: &'static str,
    answer: wasmtime::Result<Result<T, String>>,
) -> Result<T, Error> {
    answer
        .map_err(failed(export))?
        .map_err(|reason| Error::Refused { export, reason })
}
