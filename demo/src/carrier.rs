//! One carrier's plugin, loaded and ready to be asked for prices.

use std::cell::RefCell;
use std::rc::Rc;

use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Engine, Result, Store};

mod bindings {
    wasmtime::component::bindgen!({
        world: "carrier",
        path: "wit",
        // The shop runs on one thread, and its state is not `Send`.
        require_store_data_send: false,
    });
}

/// Every call made to any plugin, in order; the whole shop shares one.
pub type CallLog = Rc<RefCell<Vec<String>>>;

/// What the shop keeps in a plugin's store.
struct Shop {
    calls: CallLog,
}

/// The plugin of one carrier.
pub struct Carrier {
    store: Store<Shop>,
    plugin: bindings::Carrier,
}

/// Parcels for one address, held by the plugin that created it.
pub struct Consignment(ResourceAny);

impl Carrier {
    /// Compiles and instantiates a plugin given as component text or bytes.
    pub fn load(engine: &Engine, component: &[u8], calls: CallLog) -> Result<Self> {
        let component = Component::new(engine, component)?;
        let mut store = Store::new(engine, Shop { calls });
        let linker = Linker::new(engine);
        let plugin = bindings::Carrier::instantiate(&mut store, &component, &linker)?;
        Ok(Self { store, plugin })
    }

    /// The carrier's name.
    pub fn name(&mut self) -> Result<String> {
        let name = self.plugin.call_name(&mut self.store)?;
        self.record(format!("name -> {name}"));
        Ok(name)
    }

    /// The price of one parcel, in cents.
    pub fn quote(&mut self, grams: u32, zone: u32) -> Result<u32> {
        let tariff = self.plugin.shop_shipping_tariff();
        let cents = tariff.call_quote(&mut self.store, grams, zone)?;
        self.record(format!("quote({grams} g, zone {zone}) -> {cents}"));
        Ok(cents)
    }

    /// Starts a consignment to an address in `zone`.
    pub fn consign(&mut self, zone: u32) -> Result<Consignment> {
        let consignments = self.plugin.shop_shipping_tariff().consignment();
        let consignment = consignments.call_constructor(&mut self.store, zone)?;
        self.record(format!("consignment(zone {zone})"));
        Ok(Consignment(consignment))
    }

    /// Adds a parcel and returns the weight so far, in grams.
    pub fn add(&mut self, consignment: &Consignment, grams: u32) -> Result<u32> {
        let consignments = self.plugin.shop_shipping_tariff().consignment();
        let total = consignments.call_add(&mut self.store, consignment.0, grams)?;
        self.record(format!("consignment.add({grams} g) -> {total} g"));
        Ok(total)
    }

    /// Closes a consignment and returns its price, in cents.
    pub fn close(&mut self, consignment: Consignment) -> Result<u32> {
        let consignments = self.plugin.shop_shipping_tariff().consignment();
        let cents = consignments.call_price(&mut self.store, consignment.0)?;
        consignment.0.resource_drop(&mut self.store)?;
        self.record(format!("consignment.price -> {cents}"));
        Ok(cents)
    }

    fn record(&self, call: String) {
        self.store.data().calls.borrow_mut().push(call);
    }
}
