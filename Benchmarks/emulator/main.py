"""The emulator beside AWS's own Runtime Interface Emulator, with the same function: `./build.sh bench emulator`.

Both are asked by `POST /2015-03-31/functions/NAME/invocations`. AWS's binary comes in the wheel of aws-sam-cli. It runs one
environment and serves one event at a time: what it does with more is told as it is. The rounds take turns."""

import argparse
import pathlib
import platform
import statistics
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "common")]

import plots  # noqa: E402
from measuring import EMULATOR, ROOT, free_port, memory_megabytes, need, publish, running, spread, table, target, wrk  # noqa: E402

from shop import Shop  # noqa: E402

HERE = pathlib.Path(__file__).parent
EVENT = (HERE.parent / "loop/event.json").read_text()
PRODUCTS = ROOT / ".build/benching/.build/release"
AT_ONCE = {"Earshelf": (1, 8, 64), "AWS RIE": (1, 8)}


def interface_emulator():
    import samcli
    kind = "arm64" if platform.machine() == "aarch64" else "x86_64"
    return pathlib.Path(samcli.__file__).parent / f"local/rapid/aws-lambda-rie-{kind}"


def peer(program):
    """AWS's emulator with the function, and where it is asked."""
    address, runtime = (f"127.0.0.1:{free_port()}" for _ in range(2))
    command = [program, "--runtime-interface-emulator-address", address, "--runtime-api-address", runtime,
               PRODUCTS / "bench-echo", "echo"]
    # It answers other addresses with 404 as soon as it is up.
    return running(command, until=f"http://{address}/"), f"http://{address}/2015-03-31/functions/function/invocations"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    need("wrk", "wrk")
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder:
        rounds = {(name, clients): [] for name, numbers in AT_ONCE.items() for clients in numbers}
        with Shop(
            EMULATOR, folder, template=HERE / "template.yaml", products=PRODUCTS,
            arguments=("--edge", "none", "--console", "none", "--log-level", "warning", "--settings", f"{folder}/none.env")
        ) as shop:
            ours = f"{shop.addresses['lambda']}/2015-03-31/functions/Echo/invocations"
            for round_number in range(options.rounds):
                # One after the other, so that both meet the same moment of the machine.
                for name, clients in sorted(rounds, key=lambda both: both[1]):
                    if name == "Earshelf":
                        load = wrk(ours, clients=clients, seconds=options.seconds, method="POST", body=EVENT)
                        load.memory = memory_megabytes(shop.process.pid)
                    else:
                        starting, theirs = peer(interface_emulator())
                        with starting as process:
                            load = wrk(theirs, clients=clients, seconds=options.seconds, method="POST", body=EVENT)
                            load.memory = memory_megabytes(process.pid)
                            load.survived = process.poll() is None
                    rounds[name, clients].append(load)
        publish("emulator", "The emulator", *report(rounds, options))


def report(rounds, options):
    rows, middle, drawn = [], {}, {}
    for (name, clients), loads in rounds.items():
        answered = [load.answered_per_second for load in loads]
        middle[name, clients] = statistics.median(answered)
        drawn.setdefault(f"{clients} at once", {})[name] = answered
        died = sum(not getattr(load, "survived", True) for load in loads)
        rows.append([
            name, clients, spread(answered, "{:,.0f}"), spread([load.p50 for load in loads], "{:.2f}"),
            spread([load.p99 for load in loads], "{:.2f}"), f"{max(load.memory for load in loads):.0f}",
            f"{sum(load.failures for load in loads):,}" + (f", ended {died} times" if died else "")])
    lines = [
        f"{options.rounds} rounds of {options.seconds} seconds, an event of {len(EVENT):,} bytes that is answered with itself by the same"
        " program; the median of the rounds, with the least and the most. Memory is that of the emulator with its environments"
        " (and of Earshelf's with its PostgreSQL, which is idle). Failures are answers that are no 2xx, and connections that"
        " broke; they do not count as answered.", "",
        *table(["emulator", "at once", "answered per second", "p50 ms", "p99 ms", "memory MB", "failures"], rows),
        *plots.bars("emulator", "Invocations through the emulator", "answered per second", drawn)]

    def compared(clients, factor):
        found = middle["Earshelf", clients] / max(1e-9, middle["AWS RIE", clients])
        said = f"{found:.2f} times" if middle["AWS RIE", clients] > 0 else "it answers nothing"
        return target(f"{factor} times RIE with {clients} at once", found >= factor, said)
    return lines, [compared(1, 1.2), compared(8, 2)]


if __name__ == "__main__":
    main()
