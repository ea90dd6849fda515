//! Interfaces that share a view.

use super::host::Host;
use crate::migrate::Ground;
use crate::migrate::scopes::Resolved;
use crate::version::Line;

/// The type that is declared for line 36, whose own is private.
pub(super) const OWN_MARKER: &str = "HasWasiCtxView";
/// The line whose interfaces are all implemented for `WasiCtxView`.
const ONE_VIEW: Line = Line(36);
/// The first line with a view for `wasi:http`.
const HTTP_VIEW: Line = Line(43);

/// How the interfaces of a group are linked in the line that is moved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The type that implements `HasData`.
    data: String,
    /// The function that a host is given to.
    function: String,
    /// What is taken of its result.
    field: &'static str,
}

impl Group {
    /// The group of the interface that a function of the bindings links. `None` where it stays as it is.
    pub(super) fn of(function: &Resolved, ground: &Ground<'_>) -> Option<Self> {
        let names: Vec<&str> = function.path.iter().map(String::as_str).collect();
        let (_, path) = names.split_last()?;
        let (krate, path) = path.split_first()?;
        let path = path.strip_prefix(&["p2"]).unwrap_or(path);
        let path = path.strip_prefix(&["bindings"])?;
        let path = path.strip_prefix(&["sync"]).unwrap_or(path);
        let wasi = match *krate {
            "wasmtime_wasi" => Some(function.extern_name.as_str()),
            _ => ground.crates.name_of("wasmtime-wasi"),
        };
        let wasi = wasi.unwrap_or("wasmtime_wasi");
        match (*krate, path) {
            ("wasmtime_wasi", ["io", _]) | ("wasmtime_wasi_io", ["wasi", "io", _]) => {
                is_crossed(ground, ONE_VIEW).then(|| Self::io(ground, wasi))
            }
            ("wasmtime_wasi", ["random", _]) => {
                is_crossed(ground, ONE_VIEW).then(|| Self::random(ground, wasi))
            }
            ("wasmtime_wasi", [package, _]) => Self::wasi(package, ground, wasi),
            ("wasmtime_wasi_http", ["http", "types" | "outgoing_handler"]) => {
                let http = &function.extern_name;
                is_crossed(ground, HTTP_VIEW).then(|| Self {
                    data: format!("{http}::p2::WasiHttp"),
                    function: format!("{http}::p2::WasiHttpView::http"),
                    field: "",
                })
            }
            _ => None,
        }
    }

    fn wasi(package: &str, ground: &Ground<'_>, wasi: &str) -> Option<Self> {
        if ground.to == ONE_VIEW {
            return is_crossed(ground, ONE_VIEW).then(|| Self {
                data: OWN_MARKER.to_owned(),
                function: format!("{wasi}::WasiView::ctx"),
                field: "",
            });
        }
        let name = match package {
            "cli" => "Cli",
            "clocks" => "Clocks",
            "filesystem" => "Filesystem",
            "sockets" => "Sockets",
            _ => return None,
        };
        is_crossed(ground, Line(ONE_VIEW.0 + 1)).then(|| Self {
            data: format!("{wasi}::{package}::Wasi{name}"),
            function: format!("{wasi}::{package}::Wasi{name}View::{package}"),
            field: "",
        })
    }

    /// Hosts of `wasi:io` are made of the table alone.
    fn io(ground: &Ground<'_>, wasi: &str) -> Self {
        let wasmtime = ground.crates.name_of("wasmtime").unwrap_or("wasmtime");
        Self {
            data: format!("{wasmtime}::component::HasSelf<{wasmtime}::component::ResourceTable>"),
            function: format!("{wasi}::WasiView::ctx"),
            field: ".table",
        }
    }

    fn random(ground: &Ground<'_>, wasi: &str) -> Self {
        let wasmtime = ground.crates.name_of("wasmtime").unwrap_or("wasmtime");
        Self {
            data: match ground.to > ONE_VIEW {
                true => format!("{wasi}::random::WasiRandom"),
                false => {
                    format!("{wasmtime}::component::HasSelf<{wasi}::random::WasiRandomCtx>")
                }
            },
            function: format!("{wasi}::random::WasiRandomView::random"),
            field: "",
        }
    }

    pub(super) fn data(&self) -> &str {
        &self.data
    }

    /// What has to be declared for it, for the line that has no type of its own.
    pub(super) fn declaration(&self, ground: &Ground<'_>) -> Option<String> {
        let wasmtime = ground.crates.name_of("wasmtime").unwrap_or("wasmtime");
        let wasi = self.function.strip_suffix("::WasiView::ctx");
        let wasi = wasi.filter(|_| self.data == OWN_MARKER)?;
        Some(format!(
            "\n\nstruct {OWN_MARKER};\n\nimpl {wasmtime}::component::HasData for {OWN_MARKER} {{\n    type Data<'a> = {wasi}::WasiCtxView<'a>;\n}}"
        ))
    }

    /// What gives the view of a host.
    pub(super) fn getter(&self, host: &Host) -> String {
        let (function, field) = (&self.function, self.field);
        match &host.part {
            None if field.is_empty() => function.clone(),
            None => format!("|it| {function}(it){field}"),
            Some((parameter, part)) => format!("|{parameter}| {function}({part}){field}"),
        }
    }
}

fn is_crossed(ground: &Ground<'_>, since: Line) -> bool {
    ground.from < since && ground.to >= since
}
