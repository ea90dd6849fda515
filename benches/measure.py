"""Runs programs in turn, asks the system what each run cost, and holds the medians against targets.

Called by compare.sh. Needs nothing but Python's own library and a Unix.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# What is to be reached: times the floor's CPU time, part of the faster peer's wall time, peak memory
# in MiB, and how much a root may cost among many, compared with a root alone.
MOST_FLOORS = 3.0
PART_OF_PEER = 0.1
MOST_MEMORY = 40.0
MOST_PER_ROOT = 1.05

ROOTS = 100
READ_BY_ALL = ("Cargo.toml", "Cargo.lock")
COPIED_ENDINGS = (".rs", ".wit")
LEFT_OUT = (".git", "target", "node_modules")


@dataclass
class Cost:
    """What one run cost: seconds, seconds of all processors, MiB of the largest process."""

    wall: float
    cpu: float
    memory: float


@dataclass
class Subject:
    """Something to measure: commands that run one after the other, and the codes they may end with."""

    name: str
    commands: list
    folder: Path
    codes: tuple = (0,)
    # One of these it says when it has done its work: a code of 1 may also mean that it could not.
    says: tuple = ()


class Unusable(Exception):
    """A program that can't be measured, and why."""


def run(command, folder, codes):
    """Runs one command to its end. Its output goes nowhere, except for what it says when it fails."""
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in codes:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise Unusable(f"{command[0]} ended with {child.returncode}: {' '.join(said[:3])}")
    # Linux counts in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def made_sure(subject):
    """Runs what can't be told by its code once, and looks whether it did what is to be measured."""
    for command in subject.commands:
        ran = subprocess.run(command, cwd=subject.folder, stdin=subprocess.DEVNULL, capture_output=True)
        said = (ran.stdout + ran.stderr).decode(errors="replace")
        if ran.returncode not in subject.codes or not any(it in said for it in subject.says):
            last = " ".join(said.split())[-300:]
            raise Unusable(f"{command[0]} ended with {ran.returncode} and did not look: {last}")


def once(subject):
    """One run of all commands of a subject: times add up, the largest process counts."""
    costs = [run(command, subject.folder, subject.codes) for command in subject.commands]
    return Cost(
        sum(cost.wall for cost in costs),
        sum(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
    )


def measure(subjects, runs):
    """The medians of each subject. They take turns, so that a slow moment meets all alike."""
    costs = {subject.name: [] for subject in subjects}
    for turn in range(runs + 1):
        for subject in subjects:
            cost = once(subject)
            # The first turn fills the caches.
            if turn > 0:
                costs[subject.name].append(cost)
    middle = statistics.median
    return {
        name: Cost(
            middle(cost.wall for cost in of),
            middle(cost.cpu for cost in of),
            middle(cost.memory for cost in of),
        )
        for name, of in costs.items()
    }


def files_of(workspace):
    """Every file of the workspace that a check may read, relative to it."""
    found = []
    for folder, folders, files in os.walk(workspace):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted(files):
            path = Path(folder, name)
            wanted = name in READ_BY_ALL or name == ".gitignore" or name.endswith(COPIED_ENDINGS)
            if wanted and path.is_file() and not path.is_symlink():
                found.append(path.relative_to(workspace))
    return found


def floor(workspace, files):
    """The least work: looking for the macro in every source, reading manifests and lockfiles."""
    read = [str(path) for path in files if path.name in READ_BY_ALL]
    grep = ["grep", "-rl", "bindgen!", "--include=*.rs", "."]
    return Subject("floor: grep and cat", [grep, ["cat", *read]], workspace, (0, 1))


def audit(workspace, database):
    lockfile, database = str(workspace / "Cargo.lock"), str(database)
    options = ["--no-fetch", "--stale", "--db", database, "--file", lockfile]
    command = ["cargo-audit", "audit", *options]
    return Subject("cargo audit", [command], workspace, (0, 1), ("for vulnerabilities",))


def deny(workspace, database, scratch):
    """cargo-deny looks for a database in a folder that it names after the address; ours is linked there."""
    home = scratch / "databases"
    home.mkdir()
    (home / "advisory-db-3157b0e258782691").symlink_to(database, target_is_directory=True)
    config = scratch / "deny.toml"
    address = "https://github.com/RustSec/advisory-db"
    config.write_text(
        f'[advisories]\ndb-path = "{home}"\ndb-urls = ["{address}"]\nmaximum-db-staleness = "P9999D"\n'
    )
    options = ["--offline", "--config", str(config)]
    options += ["--manifest-path", str(workspace / "Cargo.toml")]
    check = ["check", "advisories"]
    says = ("advisories ok", "advisories FAILED")
    return Subject("cargo deny", [["cargo-deny", *options, *check]], workspace, (0, 1), says)


def peers(workspace, database, scratch):
    """The peers that can be measured here; says of the others why not."""
    usable = []
    for subject in (audit(workspace, database), deny(workspace, database, scratch)):
        program = subject.commands[0][0]
        try:
            if shutil.which(program) is None:
                raise Unusable(f"{program} is not on the path")
            made_sure(subject)
            usable.append(subject)
        except Unusable as reason:
            print(f"not measured: {subject.name}: {reason}", file=sys.stderr)
    if not usable:
        raise Unusable("there is no peer to compare with: cargo install --locked cargo-audit cargo-deny")
    return usable


def copies(workspace, files, scratch):
    """Lists with one copy of the workspace, and with many."""
    roots = []
    for number in range(ROOTS):
        root = scratch / "roots" / f"{number:03}"
        for path in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(workspace / path, root / path)
        roots.append(f"{root}\n")
    one, many = scratch / "one.txt", scratch / "many.txt"
    one.write_text(roots[0])
    many.write_text("".join(roots))
    return one, many


def table(medians, base, fastest):
    """The table, in Markdown."""
    head = f"| {'':<24} | wall, s | CPU, s | peak, MiB | CPU, floors | wall, of the faster peer |"
    lines = [head, "|---|---:|---:|---:|---:|---:|"]
    for name, cost in medians.items():
        floors, part = cost.cpu / base.cpu, cost.wall / fastest.wall
        lines.append(
            f"| {name:<24} | {cost.wall:7.3f} | {cost.cpu:6.3f} | {cost.memory:9.1f} |"
            f" {floors:11.1f} | {part:24.3f} |"
        )
    return "\n".join(lines)


def verdicts(ours, base, fastest, alone, among_many):
    """What was to be reached, what was, and whether that is enough."""
    per_root = among_many.cpu / ROOTS
    return [
        ("CPU time, in floors", ours.cpu / base.cpu, MOST_FLOORS),
        ("wall time, of the faster peer's", ours.wall / fastest.wall, PART_OF_PEER),
        ("peak memory, in MiB", ours.memory, MOST_MEMORY),
        (f"CPU time of a root among {ROOTS}, of one alone", per_root / alone.cpu, MOST_PER_ROOT),
    ]


def report(found):
    """Prints each verdict; returns the exit code."""
    for what, value, most in found:
        word = "reached" if value <= most else "MISSED"
        print(f"{word}: {what}: {value:.3f}, at most {most:g}")
    return 0 if all(value <= most for _, value, most in found) else 1


def compare(program, workspace, database, runs):
    with tempfile.TemporaryDirectory(prefix="compare-") as scratch:
        scratch = Path(scratch)
        files = files_of(workspace)
        counts = [sum(path.name == name for path in files) for name in READ_BY_ALL]
        sources = sum(path.suffix == ".rs" for path in files)
        print(f"{counts[0]} manifests, {counts[1]} lockfiles, {sources} Rust files; medians of {runs} runs")
        base = floor(workspace, files)
        others = peers(workspace, database, scratch)
        one, many = copies(workspace, files, scratch)
        ours = Subject("check", [[program, "check", str(workspace)]], workspace, (0, 1))
        check = [program, "check", "--format", "json"]
        alone = Subject("check, 1 root", [[*check, "--roots-from", str(one)]], scratch, (0, 1))
        roots = Subject(f"check, {ROOTS} roots", [[*check, "--roots-from", str(many)]], scratch, (0, 1))
        medians = measure([base, ours, *others], runs)
        medians |= measure([alone, roots], max(3, runs // 3))
        fastest = min((medians[other.name] for other in others), key=lambda cost: cost.wall)
        print(table(medians, medians[base.name], fastest))
        figures = [medians[name] for name in (ours.name, base.name)]
        return report(verdicts(*figures, fastest, medians[alone.name], medians[roots.name]))


def self_test():
    """Measures a program whose cost is known well enough, and judges figures that are known."""
    work = "x = 0\nfor i in range(3_000_000): x += i\nb = bytearray(64 * 2**20)"
    python = sys.executable
    here = Path(__file__).parent
    busy = Subject("busy", [[python, "-c", work]], here)
    idle = Subject("idle", [[python, "-c", "import time; time.sleep(0.2)"]], here)
    found = measure([busy, idle], 1)
    assert found["busy"].cpu > found["idle"].cpu > 0, found
    assert found["busy"].memory > found["idle"].memory + 60, found
    assert found["idle"].wall >= 0.2, found
    try:
        once(Subject("failing", [[python, "-c", "exit('no ' 'good')"]], here))
    except Unusable as reason:
        assert "ended with 1: no good" in str(reason), reason
    else:
        raise AssertionError("a command that failed was measured")
    self_test_of_peers(python, here)
    with contextlib.redirect_stdout(None):
        self_test_of_verdicts()
    assert Path(here.name, "Cargo.toml") in files_of(here.parent)
    print("the measuring works")
    return 0


def self_test_of_peers(python, folder):
    """One that finds something ends with 1, and so does one that fails before it looks."""
    for said, is_fine in (("advisories FAILED", True), ("can't read the lockfile", False)):
        peer = Subject("peer", [[python, "-c", f"exit({said!r})"]], folder, (0, 1), ("advisories FAILED",))
        try:
            made_sure(peer)
        except Unusable as reason:
            assert not is_fine and said in str(reason), reason
        else:
            assert is_fine, said


def self_test_of_verdicts():
    base, peer, good = Cost(0.1, 0.1, 9), Cost(3, 3, 50), Cost(0.3, 0.3, 40)
    assert report(verdicts(good, base, peer, good, Cost(9, 30, 99))) == 0
    for bad in (Cost(0.3, 0.31, 40), Cost(0.31, 0.3, 40), Cost(0.3, 0.3, 41)):
        assert report(verdicts(bad, base, peer, bad, Cost(9, 30, 99))) == 1, bad
    assert report(verdicts(good, base, peer, good, Cost(9, 32, 99))) == 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--program")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("workspace", nargs="?", type=Path)
    parser.add_argument("database", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.self_test:
        return self_test()
    if asked.runs < 1:
        parser.error("--runs must be 1 or more")
    try:
        return compare(asked.program, asked.workspace.resolve(), asked.database.resolve(), asked.runs)
    except (Unusable, OSError) as reason:
        print(f"compare.sh: {reason}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
