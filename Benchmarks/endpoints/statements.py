"""What a function says to the database, as a script for pgbench: so the ceiling is that of the very same statements."""

import re
import subprocess


class Recording:
    """All that is said to a shop's database while the block lasts. Connections that were there are closed, so that the next
    ones are made under the setting."""

    def __init__(self, shop):
        self.shop = shop

    def __enter__(self):
        self.said = self.shop.state / "postgres/server.log"
        self.shop.sql("ALTER ROLE earshelf SET log_statement = 'all'")
        self.reconnect()
        self.start = self.said.stat().st_size
        return self

    def __exit__(self, *_):
        with open(self.said, errors="replace") as log:
            log.seek(self.start)
            self.text = log.read()
        self.shop.sql("ALTER ROLE earshelf RESET log_statement")
        self.reconnect()

    def reconnect(self):
        self.shop.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'earshelf' AND pid <> pg_backend_pid()")

    def script(self, replacing=()):
        """The statements of the one that said most, with their values."""
        spoken = {}
        for entry in re.split(r"(?m)^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ UTC \[\d+\])", self.text):
            head = re.match(r"\S+ \S+ UTC \[(\d+)\][^:]*?(LOG|DETAIL):\s+", entry)
            if head is None:
                continue
            process, kind, rest = head[1], head[2], entry[head.end():].replace("\n\t", "\n").rstrip("\n")
            statement = re.match(r"(?:execute [^:]*|statement): ", rest)
            if kind == "LOG" and statement:
                spoken.setdefault(process, []).append(rest[statement.end():])
            elif kind == "DETAIL" and rest.lower().startswith("parameters: ") and process in spoken:
                spoken[process][-1] = filled(spoken[process][-1], values(rest[len("parameters: "):]))
        lines = max(spoken.values(), key=len)
        for old, new in replacing:
            lines = [line.replace(old, new) for line in lines]
        # What begins a transaction is said in one breath.
        lines = [" ".join(line.split("\n")).rstrip("; ") for line in lines]
        return "".join((line.replace("; ", " \\; ") if line.startswith("BEGIN") else line) + ";\n" for line in lines)


def values(text):
    """`$1 = 'a', $2 = NULL` as they may stand in a statement."""
    return {int(number): value for number, value in re.findall(r"\$(\d+) = ('(?:[^']|'')*'|NULL)", text)}


def filled(statement, known):
    return re.sub(r"\$(\d+)", lambda match: known[int(match[1])], statement)


def pgbench(shop, file, clients, seconds):
    """How often the script is gone through in a second: as it is, or with each statement prepared, whichever is oftener.
    What is prepared is said one at a time."""
    apart = f"{file}.apart"
    with open(file) as script, open(apart, "w") as each:
        each.write(script.read().replace(" \\; ", ";\n"))
    return max(rate(shop, *mode, clients, seconds) for mode in (("simple", file), ("prepared", apart)))


def rate(shop, mode, file, clients, seconds):
    ran = subprocess.run(
        ["pgbench", "-n", "-M", mode, "--max-tries", "10", "-f", file, "-c", str(clients), "-j", "2", "-T", str(seconds),
         "-h", str(shop.database_socket), "-U", "earshelf", "earshelf"], capture_output=True, text=True, timeout=seconds + 60)
    if ran.returncode != 0:
        raise SystemExit(f"pgbench -M {mode} {file}: {ran.stderr[-2000:]}")
    return float(re.search(r"tps = ([\d.]+) \(without", ran.stdout)[1])
