"""Which processes belong to a shop: looked up in /proc, by what each of them has in hand."""

import concurrent.futures
import os
import pathlib
import signal
import threading
import time


def all_of(state):
    """Everything that works in the state folder, has it in its command line, or a file of it open: by its number,
    its name. That is the emulator and its guardian, functions, PostgreSQL, and the shell that sees to its end."""
    wanted = os.fsencode(str(state)) + b"/"
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if holds(entry, wanted):
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                # Gone meanwhile, or none of ours.
                pass
    return found


def holds(process, wanted):
    if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
        return False
    if wanted in (process / "cmdline").read_bytes().replace(b"\0", b"/"):
        return True
    return any(wanted in target(link) for link in [process / "cwd", *(process / "fd").iterdir()])


def target(link):
    try:
        return os.fsencode(os.readlink(link)) + b"/"
    except FileNotFoundError:
        return b""


def named(state, name):
    return [number for number, found in all_of(state).items() if found == name]


def environments(state, function):
    """The processes of one function: each works in the folder of its code."""
    folder = os.fsencode(f"{state}/lambda/tasks/{function}/")
    return [number for number in named(state, "bootstrap") if target(f"/proc/{number}/cwd") == folder]


def kill(numbers):
    for number in numbers:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            pass


def until_it_dies(shop, act, is_enough):
    """Acts from four sides while the emulator is killed, as soon as what was accepted is enough; answers all of it.
    `act` makes what acts once for one side, and answers what of it was accepted."""
    accepted, enough = set(), threading.Event()

    def side():
        once = act()
        while True:
            try:
                accepted.update(once())
            except Exception:
                return
            if is_enough(set(accepted)):
                enough.set()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sides = [pool.submit(side) for _ in range(4)]
        assert enough.wait(60)
        os.kill(shop.process.pid, signal.SIGKILL)
        shop.process.wait()
        for each in sides:
            each.result()
    return accepted


def none_of(state, patience_seconds=20):
    """What has been killed may take a moment to go; nothing may stay."""
    end = time.monotonic() + patience_seconds
    while left := all_of(state):
        assert time.monotonic() < end, f"left behind: {left}"
        time.sleep(0.05)


def end_all_of(state):
    """After a test that failed."""
    kill(all_of(state))
