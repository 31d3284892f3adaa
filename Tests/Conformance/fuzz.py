"""schemathesis against a running shop, by its own /openapi.json, as each kind of caller.

    ./build.sh fuzz --examples 200            all callers, a shop of its own
    ./build.sh fuzz --caller editor --operation createAudiobook --seed 1

Whatever it finds, it prints with a curl command that shows it again.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Journey")]

import callers  # noqa: E402
import shop as journey  # noqa: E402

# Of `/api/v1/library/{id}`: which of what the shop holds may stand there.
PLACES = {
    "audiobooks": "audiobook", "library": "audiobook", "cart": "audiobook", "transcription": "audiobook",
    "ai": "audiobook", "orders": "order", "uploads": "upload", "users": "user",
}


def configuration(caller):
    """What schemathesis is told: what may be answered to bad input, and who the caller is."""
    lines = [
        # What the shop asks of others is stood in for, and answered within seconds.
        "[checks]", "max_response_time = 30",
        "[checks.negative_data_rejection]", 'expected-statuses = ["4xx"]',
        "[checks.positive_data_acceptance]", 'expected-statuses = ["2xx", "3xx", "4xx"]',
        "[checks.missing_required_header]", 'expected-statuses = ["4xx"]',
    ]
    if caller.token:
        lines += ["[auth.openapi.bearer]", f'bearer = "{caller.token}"']
    if caller.cookie:
        lines += ["[headers]", f'cookie = "{caller.cookie}"']
    return "\n".join(lines) + "\n"


def known(world, description):
    """By path, what may stand at its first variable."""
    found = {}
    for path in description["paths"]:
        parts = path.removeprefix("/api/v1/").split("/")
        kind = PLACES.get(parts[0])
        if kind in world.ids and len(parts) > 1 and parts[1].startswith("{"):
            found[path] = {parts[1][1:-1]: world.ids[kind]}
    return found


def fuzz(world, caller, *, examples, phases, seed=None, operation=None):
    """Runs it once; answers the exit code and what was printed."""
    shop = world.shop
    description = journey.call("GET", shop.addresses["shop"] + "/openapi.json").json
    with tempfile.TemporaryDirectory(prefix="earshelf-fuzz-") as folder:
        settings = pathlib.Path(folder) / "schemathesis.toml"
        settings.write_text(configuration(caller))
        command = [
            str(pathlib.Path(sys.executable).with_name("schemathesis")), "--config-file", str(settings), "run",
            shop.addresses["shop"] + "/openapi.json", "--checks", "all", "--max-examples", str(examples),
            "--phases", ",".join(phases), "--generation-database", "none", "--no-color", "--continue-on-failure",
            "--request-timeout", "60", "--suppress-health-check", "all", "--warnings", "off"]
        if seed is not None:
            command += ["--seed", str(seed)]
        if operation:
            command += ["--include-operation-id", operation]
        hooks = {
            "SCHEMATHESIS_HOOKS": "fuzz_checks", "PYTHONPATH": str(HERE),
            "FUZZ_KNOWN": json.dumps(known(world, description))}
        with world.unlimited():
            done = subprocess.run(
                command, cwd=folder, env=os.environ | hooks, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def main():
    options = argparse.ArgumentParser(prog="fuzz")
    options.add_argument("--examples", type=int, default=200, help="for each operation")
    options.add_argument("--caller", action="append", choices=callers.KINDS, help="all of them, unless named")
    options.add_argument("--operation", help="the operationId of the only one to ask for")
    options.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    options.add_argument("--seed", type=int)
    chosen = options.parse_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="earshelf-") as state:
        with journey.Shop(journey.EMULATOR, state, arguments=["--edge", "none", "--console", "none", "--log-level", "warning"]) as running:
            world = callers.World(running)
            for kind in chosen.caller or callers.KINDS:
                print(f"=== {kind} ===", flush=True)
                code, output = fuzz(
                    world, world.caller(kind), examples=chosen.examples, phases=chosen.phases.split(","),
                    seed=chosen.seed, operation=chosen.operation)
                print(output, flush=True)
                failed += [kind] * (code != 0)
            print(running.log()[-2000:] if failed else "", flush=True)
    if failed:
        sys.exit(f"found fault as: {', '.join(failed)}")
    print(f"{len(chosen.caller or callers.KINDS)} passed, 0 failed")


if __name__ == "__main__":
    main()
