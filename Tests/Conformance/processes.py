"""Which processes belong to a shop: looked up in /proc, by what each of them has in hand."""

import os
import pathlib
import signal
import time


def all_of(state):
    """Everything that works in the state folder, has it in its command line or environment, or a file of it open.

    By its name: functions, `emulator` (and its guardian), `postgres`, the shells that see PostgreSQL end.
    """
    wanted = os.fsencode(str(state)) + b"/"
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if holds(entry, wanted):
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except (FileNotFoundError, ProcessLookupError):
                pass
    return found


def holds(process, wanted):
    if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
        return False
    texts = [(process / name).read_bytes() for name in ("cmdline", "environ")]
    links = [process / "cwd", *(process / "fd").iterdir()]
    return any(wanted in text + b"/" for text in texts + [target(link) for link in links])


def target(link):
    try:
        return os.fsencode(os.readlink(link)) + b"/"
    except FileNotFoundError:
        return b""


def named(state, name):
    return [number for number, found in all_of(state).items() if found == name]


def kill(numbers):
    for number in numbers:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            pass


def none_of(state, patience_seconds=20):
    """What has been killed may take a moment to go; nothing may stay."""
    end = time.monotonic() + patience_seconds
    while left := all_of(state):
        assert time.monotonic() < end, f"left behind: {left}"
        time.sleep(0.05)


def end_all_of(state):
    """After a test that failed."""
    kill(all_of(state))
