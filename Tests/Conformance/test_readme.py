"""The README's commands, run as they are written there, against a shop that has just been started.

A block marked `bash` is run. In one marked `console` each command follows a `$`, and after it stands what it prints: word
for word, but that `…` stands for anything, and that names made by chance and times are other ones each time. A command
that ends in a remark with "later" is given again until it prints that."""

import functools
import os
import pathlib
import re
import subprocess
import time

import pytest
from conftest import ready, state_folder
from shop import EMULATOR, Shop, free_ports
from test_seeds import BOOKS, SEED, slug

README = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
# What a shop is started with: its books as `build.sh run` has them, or none.
SEEDS = {"## The shop by its API": SEED, "## From a recording to a listener": ()}
# Of its books, those that the README names. The shop is shown before the others have come.
NAMED = [name for name in (slug(book["title"]) for book in BOOKS) if f'"{name}"' in README or f"/{name}\"" in README]


def blocks(section):
    text = README[README.index(section):].split("\n## ", 1)[0]
    return re.findall(r"^```(bash|console)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def steps(kind, text):
    """Commands, each with what it is to print; None where the README does not say."""
    if kind == "bash":
        yield text, None
        return
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        size = next(size for size in range(1, len(lines) + 1) if is_whole("".join(lines[:size])))
        yield "".join(lines[:size]), "".join(lines[size:])


def is_whole(command):
    """A quotation or a line that ends in a backslash goes on."""
    if command.rstrip("\n").endswith("\\"):
        return False
    return subprocess.run(["bash", "-n", "-c", command], capture_output=True).returncode == 0


# What is another one each time, and how it looks.
VARIABLE = [
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    r"\d{4}-\d\d-\d\d", r"cs_test_\w+", r"[A-Za-z0-9+/]{43}="]


@functools.cache
def pattern(expected):
    parts = re.split("(" + "|".join(["…", *VARIABLE]) + ")", expected)
    found = "".join(like(part) for part in parts)
    # What is left out of an object or a list may be whole lines.
    return re.compile(found, re.DOTALL)


def like(part):
    if part == "…":
        return ".*?"
    for known in VARIABLE:
        if re.fullmatch(known, part):
            return known
    return re.sub(r"(\\?\s)+", r"\\s+", re.escape(part))


class Terminal:
    """One shell for all of a section, as a reader has it."""

    def __init__(self, folder, moved):
        self.moved, self.mark = moved, "--- end of the command ---"
        self.shell = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ})

    def run(self, command):
        self.shell.stdin.write(f"{self.moved(command)}\necho '{self.mark}'\n")
        self.shell.stdin.flush()
        printed = ""
        while not printed.endswith(self.mark + "\n"):
            line = self.shell.stdout.readline()
            assert line, f"the shell ended: {printed}"
            printed += line
        return printed.removesuffix(self.mark + "\n")

    def end(self):
        self.shell.stdin.close()
        self.shell.wait(timeout=10)


@pytest.mark.parametrize("section", SEEDS)
def test_what_the_readme_shows_is_what_happens(section, tmp_path):
    found = blocks(section)
    assert found, f"the README has nothing to run under {section}"
    port = free_ports()
    # The README's addresses are those of a machine with nothing else on it.
    moved = functools.partial(re.sub, r"127\.0\.0\.1:80(8\d)", lambda match: f"127.0.0.1:{port + int(match[1]) - 80}")
    with state_folder() as state, Shop(EMULATOR, state, port=port, arguments=SEEDS[section]) as shop:
        ready(shop)
        if SEEDS[section]:
            shop.eventually("the books that are named", lambda: all(
                shop.api("GET", f"/audiobooks/{slug}").status == 200 for slug in NAMED), patience_seconds=600)
        terminal = Terminal(tmp_path, moved)
        for kind, text in found:
            for command, expected in steps(kind, text):
                follow(terminal, command, expected, moved)
        terminal.end()


def follow(terminal, command, expected, moved):
    end = time.monotonic() + (120 if re.search(r"#.*\blater\b", command) else 0)
    while True:
        printed = terminal.run(command)
        if expected is None or pattern(moved(expected).strip()).fullmatch(printed.strip()):
            return
        assert time.monotonic() < end, f"$ {command}\nprinted\n{printed}\nand not\n{expected}"
        time.sleep(0.5)
