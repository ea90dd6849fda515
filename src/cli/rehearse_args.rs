//! Arguments of `rehearse`.

use camino::Utf8PathBuf;
use clap::Args;
use jiff::civil::Date;

use super::day;
use super::upgrade_args::release;
use crate::config::rehearsal::is_request;
use crate::rehearse::protocol::Stubs;
use crate::target;
use crate::version::FamilyVersion;

/// Arguments of `rehearse`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  wasmtime-upgrade rehearse --to 48 target/wasm32-wasip2/release/*.wasm
  wasmtime-upgrade rehearse --to 48 guest.wasm --arg --verbose --env LEVEL=1
  wasmtime-upgrade rehearse --to lts plugin.wasm --invoke 'price(3, 100)' --stub default
  wasmtime-upgrade rehearse --to 48 server.wasm --request 'POST /orders' --stdin order.json
  wasmtime-upgrade rehearse --from 36.0.20 --to 48.0.8 guest.wasm --format markdown

Exit codes:
  0  nothing breaks or changes beyond what the policy expects
  1  differences
  2  wrong arguments, or nothing to rehearse
  3  the tool could not finish: a host does not build, a file is no WebAssembly")]
pub struct RehearseArgs {
    /// Guests: files, folders, patterns
    /// [default: `guests` of the policy, else target/wasm32-*/release/*.wasm]
    #[arg(value_name = "GUEST")]
    pub guests: Vec<String>,
    /// The other release, as `upgrade` takes it: `fixed`, `patch`, `lts`, `latest`, 48, 48.0.8
    /// [default: fixed]
    #[arg(long, value_name = "TARGET")]
    pub to: Option<target::Request>,
    /// The release to compare with [default: the one in use]
    #[arg(long, value_name = "VERSION", value_parser = release)]
    pub from: Option<FamilyVersion>,
    /// Call this export of each guest, as WAVE writes it: 'add(1, 2)', 'ns:pkg/iface@1.0.0.f("x")'
    #[arg(long, value_name = "CALL")]
    pub invoke: Vec<String>,
    /// Have each guest that handles HTTP requests handle this one: 'GET /', 'POST /orders?new=1'; the
    /// body is standard input [default: 'GET /']
    #[arg(long = "request", value_name = "REQUEST", value_parser = request)]
    pub requests: Vec<String>,
    /// An argument for the guests
    #[arg(long = "arg", value_name = "ARG", allow_hyphen_values = true)]
    pub args: Vec<String>,
    /// A variable for the guests; they have no others
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,
    /// A file that the guests read as standard input
    #[arg(long, value_name = "FILE")]
    pub stdin: Option<Utf8PathBuf>,
    /// What a call of an import does that nobody defines [default: trap]
    #[arg(long, value_name = "HOW", value_parser = stubs)]
    pub stub: Option<Stubs>,
    /// Units of fuel for a guest [default: 10000000000]
    #[arg(long, value_name = "UNITS")]
    pub fuel: Option<u64>,
    /// Seconds for a guest [default: 20]
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Bytes of memory for a guest [default: 1073741824]
    #[arg(long, value_name = "BYTES")]
    pub memory: Option<u64>,
    /// How many hosts run at once [default: the number of processors]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<usize>,
    /// The policy [default: wasmtime-upgrade.toml or .config/wasmtime-upgrade.toml]
    #[arg(long, value_name = "PATH")]
    pub config: Option<Utf8PathBuf>,
    /// Where hosts are compiled; kept afterwards [default: in the cache, and removed]
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<Utf8PathBuf>,
    /// Judge expected differences as if it were this day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
}

/// `NAME=VALUE`.
fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no variable with a value, NAME=VALUE")),
    }
}

/// `METHOD /path`.
fn request(text: &str) -> Result<String, String> {
    if is_request(text) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no request, for example 'GET /path'"))
}

/// `trap` or `default`.
fn stubs(text: &str) -> Result<Stubs, String> {
    match text {
        "trap" => Ok(Stubs::Trap),
        "default" => Ok(Stubs::Default),
        _ => Err("either `trap` or `default`".to_owned()),
    }
}
