"""What the benchmarks have in common: what they ran on, medians with their spread, load by wrk, and where results go."""

import contextlib
import datetime
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "Benchmarks/results"
EMULATOR = pathlib.Path(os.environ.get("EARSHELF_EMULATOR", ROOT / ".build/release/emulator"))
sys.path[:0] = [str(ROOT / "Tests/Journey")]


def machine():
    """Lines of Markdown: what was measured on."""
    processor = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    memory = int(next(line.split()[1] for line in open("/proc/meminfo") if line.startswith("MemTotal"))) / 2**20
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    load = ", ".join(open("/proc/loadavg").read().split()[:3])
    return [
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}; load at the end {load};"
        f" {datetime.date.today()}, commit {commit}.", ""]


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(values, form="{:,.1f}"):
    """The median of the rounds, and between what they lay."""
    middle, low, high = (form.format(value) for value in (statistics.median(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|",
            *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows), ""]


def target(what, met, found):
    """A line of the table of targets."""
    return [what, found, "met" if met else "**missed**"]


def publish(name, title, lines, targets=()):
    """Writes the table of one benchmark, and prints it."""
    text = [f"# {title}", "", f"Made by `./build.sh bench {name}`.", "", *machine(), *lines]
    if targets:
        text += table(["target", "found", ""], targets)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text("\n".join(text).rstrip() + "\n")
    print("\n".join(text))


def memory_megabytes(*processes):
    """What these processes and all below them hold: their own pages, and their share of those that several have (PSS)."""
    total, waiting = 0, list(processes)
    while waiting:
        process = waiting.pop()
        with contextlib.suppress(OSError):
            rollup = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(re.search(r"(?m)^Pss: +(\d+)", rollup)[1])
            for thread in pathlib.Path(f"/proc/{process}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]
    return total / 1024


class Load:
    """What wrk says."""

    UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}

    def __init__(self, text):
        def milliseconds(pattern):
            number, unit = re.search(pattern + r"\s+([\d.]+)(us|ms|s|m)\b", text).groups()
            return float(number) * self.UNITS[unit]
        self.per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
        self.p50, self.p99 = milliseconds("50%"), milliseconds("99%")
        wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        refused, broke = int(wrong[1] if wrong else 0), sum(int(count) for count in (broken.groups() if broken else ()))
        self.failures = refused + broke
        # Connections that broke have no answer to be counted.
        seconds = float(re.search(r"requests in ([\d.]+)s", text)[1])
        self.answered_per_second = self.per_second - refused / seconds


def wrk(url, *, clients=1, seconds=5, method="GET", headers=None, body="", script=""):
    """So many clients that ask one after another for so many seconds. `script` is Lua for requests that differ."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(f"wrk.method = {quoted(method)}\nwrk.body = {quoted(body)}\n")
        for name, value in (headers or {}).items():
            file.write(f"wrk.headers[{quoted(name)}] = {quoted(value)}\n")
        file.write(script)
        file.flush()
        ran = subprocess.run(
            ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", file.name, url],
            capture_output=True, text=True, timeout=seconds + 60)
    if ran.returncode != 0:
        raise SystemExit(f"wrk {url}: {ran.stdout}{ran.stderr}")
    return Load(ran.stdout)


def quoted(text):
    """As a string of Lua."""
    return '"' + "".join(
        character if character.isprintable() and character.isascii() and character not in '"\\' else f"\\{byte:03d}"
        for character in text for byte in (character.encode() if not character.isascii() else [ord(character)])) + '"'


@contextlib.contextmanager
def running(command, *, until=None, patience_seconds=30, **options):
    """A program that is up once `until` is answered, and ended with all that it started."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **options)
        try:
            if until:
                wait_for(until, process, patience_seconds)
            yield process
        except BaseException:
            # What goes wrong beside a program, it may know of.
            log.seek(0)
            print(log.read()[-2000:], file=sys.stderr)
            raise
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(url, process, patience_seconds):
    end = time.monotonic() + patience_seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{process.args[0]} is not up at {url}.") from None
            time.sleep(0.05)


def compiled(source, folder):
    """A small program in C."""
    program = pathlib.Path(folder) / pathlib.Path(source).stem
    subprocess.run(["cc", "-O2", "-o", program, source], check=True)
    return program


def forget(paths):
    """Has the kernel drop what it keeps of these files, where nobody else uses them."""
    for path in paths:
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def libraries(program):
    """The file, and the shared libraries that it loads."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return [pathlib.Path(program).resolve(), *(pathlib.Path(path).resolve() for path in re.findall(r"(/\S+) \(0x", told))]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def need(program, package):
    if shutil.which(program) is None:
        raise SystemExit(f"{program} is not there: run it by ./build.sh bench, which installs Debian's {package}.")
