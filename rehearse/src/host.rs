use std::fs;
use std::path::Path;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, Store};

use crate::bindings::{Metering, MeteringImports};
use crate::{Error, Guest, Journal};

/// What the store of a guest holds.
pub(crate) struct State {
    journal: Journal,
}

impl MeteringImports for State {
    fn note(&mut self, line: String) {
        self.journal.note(line);
    }
}

/// Loads guests; all of them write into one journal.
pub struct Host {
    engine: Engine,
    journal: Journal,
}

impl Host {
    /// A host without guests and with an empty journal.
    pub fn new() -> Result<Self, Error> {
        let engine = Engine::new(&Config::new()).map_err(|source| Error::Engine { source })?;
        Ok(Self {
            engine,
            journal: Journal::default(),
        })
    }

    /// The journal of all guests.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Starts the component in a file, be it binary or text.
    pub fn load(&self, path: &Path) -> Result<Guest, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        self.start(&path.display().to_string(), &bytes)
    }

    /// Starts a component held in memory, be it binary or text; `origin` names
    /// it in errors.
    pub fn start(&self, origin: &str, bytes: &[u8]) -> Result<Guest, Error> {
        let component = Component::new(&self.engine, bytes).map_err(|source| Error::Compile {
            origin: origin.to_owned(),
            source,
        })?;
        self.instantiate(&component)
            .map_err(|source| Error::Instantiate {
                origin: origin.to_owned(),
                source,
            })
    }

    fn instantiate(&self, component: &Component) -> wasmtime::Result<Guest> {
        let mut linker = Linker::new(&self.engine);
        Metering::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        let state = State {
            journal: self.journal.clone(),
        };
        let mut store = Store::new(&self.engine, state);
        let exports = Metering::instantiate(&mut store, component, &linker)?;
        Ok(Guest::new(store, exports))
    }
}
