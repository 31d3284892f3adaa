"""How much a runtime adds to a function that does nothing: `./build.sh bench loop`.

The same program plays the platform for Earshelf's loop, for awslambdaric and for the least that can be written in C. Each
answers every event with itself. The rounds of the three take turns, so that what else the machine does meets all."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "common")]

import plots  # noqa: E402
from measuring import ROOT, compiled, forget, libraries, percentile, publish, spread, table, target  # noqa: E402

HERE = pathlib.Path(__file__).parent
ECHO = ROOT / ".build/benching/.build/release/bench-echo"
BUNDLE = ROOT / ".build/bundles/catalogue/bootstrap"
EVENT = HERE / "event.json"


def run(platform, events, command, **variables):
    ran = subprocess.run(
        [platform, str(events), EVENT, *command], capture_output=True, text=True, timeout=120,
        env=os.environ | {"_HANDLER": "echo.handler", "LAMBDA_TASK_ROOT": str(HERE), "PYTHONPATH": str(HERE)} | variables,
        cwd=HERE)
    if ran.returncode != 0:
        raise SystemExit(f"{command[0]}: {ran.stderr or ran.stdout}")
    return json.loads(ran.stdout)


def files_of_python():
    """What an interpreter reads to come up: itself, its library, and awslambdaric."""
    import awslambdaric
    packages = pathlib.Path(awslambdaric.__file__).parent.parent
    folders = [pathlib.Path(os.__file__).parent, packages / "awslambdaric", packages / "simplejson"]
    read = [path for folder in folders for ending in ("*.pyc", "*.so") for path in folder.rglob(ending)]
    return [*libraries(pathlib.Path(sys.executable).resolve()), *read, *packages.glob("*.so")]


def starts(platform, command, count, files=(), **variables):
    found = []
    for _ in range(count):
        forget(files)
        found.append(run(platform, 1, command, **variables)["startNanoseconds"] / 1e6)
    return found


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--events", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        platform, bare = compiled(HERE / "platform.c", folder), compiled(HERE / "socket_loop.c", folder)
        python = [sys.executable, "-m", "awslambdaric", "echo.handler"]
        runtimes = {
            "Earshelf": ([ECHO], libraries(ECHO)), "awslambdaric": (python, files_of_python()),
            "C, one socket": ([bare], libraries(bare))}
        found = {name: [] for name in runtimes}
        for _ in range(options.rounds):
            for name, (command, _) in runtimes.items():
                found[name].append(run(platform, options.events, command))
        rows, middle, drawn = [], {}, {}
        for name, (command, files) in runtimes.items():
            rounds = found[name]
            p50 = [percentile(each["eventNanoseconds"], 0.5) / 1000 for each in rounds]
            p99 = [percentile(each["eventNanoseconds"], 0.99) / 1000 for each in rounds]
            rate = [options.events / each["allNanoseconds"] * 1e9 for each in rounds]
            warm, dropped = starts(platform, command, 15), starts(platform, command, 5, files)
            middle[name], drawn[name] = percentile(p50, 0.5), {"p50": p50, "p99": p99}
            rows.append([
                name, spread(p50), spread(p99), spread(rate, "{:,.0f}"), spread(warm, "{:.1f}"), spread(dropped, "{:.1f}"),
                f"{max(each['residentKilobytes'] for each in rounds) / 1024:.1f}",
                f"{max(each['privateKilobytes'] for each in rounds) / 1024:.1f}"])
        lines = [
            f"{options.rounds} rounds of {options.events:,} events of {EVENT.stat().st_size:,} bytes, one at a time; each number is"
            " the median of the rounds, with the least and the most. An event is timed from its first byte to the last of its"
            " answer, a start from the spawn to the first poll. Dropped: the kernel was told to forget the program's files; what"
            " others have mapped as well (glibc) it keeps.", "",
            *table(["runtime", "p50 µs", "p99 µs", "events per second", "start, warm, ms", "start, dropped, ms", "resident MB",
                    "of its own MB"], rows),
            *plots.bars("loop", "One event through the runtime loop", "µs", {
                share: {name: times[share] for name, times in drawn.items()} for share in ("p50", "p99")}, is_logarithmic=True)]
        factor = middle["Earshelf"] / middle["C, one socket"]
        targets = [target("p50 within 1.15 times that of the C loop", factor <= 1.15, f"{factor:.2f} times")]
        if BUNDLE.exists():
            # Nobody is called before the first poll: the addresses need not be anybody's.
            settings = {
                "DATABASE_URL": "postgresql:///nobody?host=/nowhere", "DATABASE_ROLE": "earshelf_catalogue",
                "OIDC_ISSUER": "http://127.0.0.1:1", "OIDC_AUTHORIZED_PARTIES": "http://127.0.0.1:1", "MEDIA_BUCKET": "media",
                "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
            warm = starts(platform, [BUNDLE], 31, **settings)
            lines += [
                "A function with the database, `catalogue`, as it is in its bundle, from the spawn to the first poll:"
                f" {spread(warm, '{:.2f}')} ms.", ""]
            middle_start = percentile(warm, 0.5)
            targets.append(target(
                "a function with the database polls within 2.5 ms", middle_start <= 2.5, f"{middle_start:.2f} ms"))
        publish("loop", "The runtime loop", lines, targets)


if __name__ == "__main__":
    main()
