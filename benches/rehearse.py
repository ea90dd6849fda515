"""What a rehearsal costs, held against two minimal hosts that do nothing but run the guest.

    python3 benches/rehearse.py --program target/release/wasmtime-upgrade \
        --from 36.0.20 --to 48.0.8 --work-dir rehearse-bench guest.wasm

The minimal hosts are compiled as those of `rehearse` are: same features, same profile. They have no
limits: no fuel, no epoch, nothing stubbed. `--metered` also measures minimal hosts with fuel and
epochs on, which tells what metering the guest costs and what the rest does. Runs take turns, so that
whatever else the machine does meets all of them. Needs nothing but Python's own library and cargo.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

# A rehearsal may cost so many times the sum of two minimal hosts.
MOST = 1.3

MAIN = """
use wasmtime::{Config, Engine, Linker, Module, Store};
use wasmtime_wasi::WasiCtxBuilder;
P1
struct State { wasi: p1::WasiP1Ctx }
impl wasmtime_wasi::WasiView for State {
    fn ctx(&mut self) -> wasmtime_wasi::WasiCtxView<'_> { self.wasi.ctx() }
}
use wasmtime_wasi::WasiView as _;
fn main() -> wasmtime::Result<()> {
    let path = std::env::args().nth(1).unwrap();
    let metered = std::env::args().nth(2).is_some();
    let bytes = std::fs::read(path)?;
    let mut config = Config::new();
    config.consume_fuel(metered);
    config.epoch_interruption(metered);
    let engine = Engine::new(&config)?;
    let wasi = WasiCtxBuilder::new().inherit_stdio().build_p1();
    let mut store = Store::new(&engine, State { wasi });
    if metered {
        store.set_fuel(u64::MAX)?;
        store.set_epoch_deadline(1);
    }
    let ended = if bytes.get(6) == Some(&1) {
        let component = wasmtime::component::Component::from_binary(&engine, &bytes)?;
        let mut linker = wasmtime::component::Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        let command = wasmtime_wasi::p2::bindings::sync::Command::instantiate(&mut store, &component, &linker)?;
        command.wasi_cli_run().call_run(&mut store).map(|_| ())
    } else {
        let module = Module::from_binary(&engine, &bytes)?;
        let mut linker = Linker::new(&engine);
        p1::add_to_linker_sync(&mut linker, |state: &mut State| &mut state.wasi)?;
        let instance = linker.instantiate(&mut store, &module)?;
        match instance.get_typed_func::<(), ()>(&mut store, "_start") {
            Ok(start) => start.call(&mut store, ()),
            Err(_) => Ok(()),
        }
    };
    match ended {
        Err(error) if error.downcast_ref::<wasmtime_wasi::I32Exit>().is_some() => Ok(()),
        other => other,
    }
}
"""


def minimal_host(release: str, manifest: str, work: Path) -> Path:
    """Compiles the minimal host of a release and gives its program."""
    line = int(release.split(".")[0])
    if line < 36:
        sys.exit("the minimal host is written for 36 and later")
    folder = work / f"minimal-{release}"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    p1 = "p1" if line >= 37 else "preview1"
    main = MAIN.replace("P1", f"use wasmtime_wasi::{p1} as p1;", 1)
    (folder / "src/main.rs").write_text(main)
    name = f"minimal-{line}"
    (folder / "Cargo.toml").write_text(manifest.replace("wasmtime-upgrade-host", name))
    target = work / "target"
    subprocess.run(
        ["cargo", "build", "--release", "--quiet"],
        cwd=folder,
        env={**os.environ, "CARGO_TARGET_DIR": str(target)},
        check=True,
    )
    return target / "release" / name


def manifest_of(source: str, release: str) -> str:
    """The manifest that the hosts of `rehearse` have, for this release."""
    line = int(release.split(".")[0])
    needed = re.search(r"const NEEDED.*?= &\[(.*?)\];", source, re.S).group(1)
    features = [n for n, since in re.findall(r'\("([^"]+)", (\d+)\)', needed) if line >= int(since)]
    profile = re.search(r'const PROFILE: &str = "(.*?)";', source, re.S).group(1)
    wasi = '"p1", "p2"' if line >= 37 else '"preview1"'
    quoted = ", ".join(f'"{feature}"' for feature in features)
    return (
        '[package]\nname = "wasmtime-upgrade-host"\nversion = "0.0.0"\nedition = "2024"\n'
        "[dependencies]\n"
        f'wasmtime = {{ version = "={release}", default-features = false, features = [{quoted}] }}\n'
        f'wasmtime-wasi = {{ version = "={release}", default-features = false, features = [{wasi}] }}\n'
        f"{profile}\n[workspace]\n"
    )


def seconds(command: list, **options) -> float:
    """How long a command takes, in seconds."""
    start = time.perf_counter()
    ran = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options
    )
    took = time.perf_counter() - start
    if ran.returncode not in (0, 1):
        sys.exit(f"{command} ended with {ran.returncode}: {ran.stderr.decode()}")
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("guest", type=Path, nargs="+")
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--from", dest="old", required=True)
    parser.add_argument("--to", dest="new", required=True)
    parser.add_argument("--work-dir", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--metered", action="store_true")
    asked = parser.parse_args()
    source = Path(__file__).parent.parent / "src/rehearse/package.rs"
    work = asked.work_dir.resolve()
    work.mkdir(parents=True, exist_ok=True)
    hosts = [
        minimal_host(release, manifest_of(source.read_text(), release), work)
        for release in (asked.old, asked.new)
    ]
    program = asked.program.resolve()
    print("| guest | two minimal hosts, s | the same, metered | `rehearse`, s | times |")
    print("|---|---:|---:|---:|---:|")
    missed = False
    for guest in asked.guest:
        guest = guest.resolve()
        rehearse = [program, "rehearse", "--from", asked.old, "--to", asked.new, "--quiet", guest]
        # The first run of each warms the disk's cache, and builds what is not there yet.
        plain, metered, ours = [], [], []
        for run in range(asked.runs + 1):
            costs = (
                sum(seconds([host, guest]) for host in hosts),
                sum(seconds([host, guest, "metered"]) for host in hosts) if asked.metered else 0.0,
                seconds(rehearse, cwd=work),
            )
            if run > 0:
                for series, cost in zip((plain, metered, ours), costs):
                    series.append(cost)
        least, middle, cost = (statistics.median(s) for s in (plain, metered, ours))
        shown = f"{middle:.3f}" if asked.metered else "-"
        print(f"| {guest.name} | {least:.3f} | {shown} | {cost:.3f} | {cost / least:.2f} |")
        missed |= cost > MOST * least
    print(f"\nat most {MOST} times: {'missed' if missed else 'reached'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
