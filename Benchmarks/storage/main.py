"""The storage with a file of 1 GB, and its reads beside nginx with the same file: `./build.sh bench storage`.

Links are signed by boto3, as a browser would be given them; curl sends and fetches, and wrk asks for ranges. nginx is told to
send files as it does best, and checks no signature."""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "common")]

import boto3  # noqa: E402
import botocore.config  # noqa: E402
import plots  # noqa: E402
from measuring import (  # noqa: E402
    EMULATOR, ROOT, free_port, memory_megabytes, need, publish, running, spread, table, target, wrk)

from shop import Shop  # noqa: E402

HERE = pathlib.Path(__file__).parent
NGINX = ROOT / ".build/nginx/usr/sbin/nginx"
BUCKET, RANGE_BYTES, CLIENTS = "earshelf-media", 65_536, 16

CONFIGURATION = """
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes {cores};
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; keepalive_requests 100000000;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def nginx(folder, port):
    file = pathlib.Path(folder) / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, cores=os.cpu_count()))
    return running([NGINX, "-e", "stderr", "-p", folder, "-c", file], until=f"http://127.0.0.1:{port}/")


class Highest:
    """The most memory that a process had while the block lasted."""

    def __init__(self, process):
        self.process, self.megabytes, self.done = process, 0, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def watch(self):
        while True:
            self.megabytes = max(self.megabytes, memory_megabytes(self.process))
            if self.done.wait(0.05):
                return

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def curl(*arguments):
    """How many seconds it took."""
    start = time.monotonic()
    ran = subprocess.run(
        ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *arguments], capture_output=True, text=True, timeout=300)
    if ran.stdout not in ("200", "206"):
        raise SystemExit(f"curl: {ran.stdout} {ran.stderr}")
    return time.monotonic() - start


def ranges(url, size, seconds):
    """So many ranges as players ask for, anywhere in the file."""
    script = f"""
        local starts = {size} - {RANGE_BYTES}
        request = function()
            local first = math.random(0, starts)
            wrk.headers["range"] = "bytes=" .. first .. "-" .. first + {RANGE_BYTES - 1}
            return wrk.format()
        end
        """
    return wrk(url, clients=CLIENTS, seconds=seconds, script=script)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--megabytes", type=int, default=1024)
    options = arguments.parse_args()
    need("wrk", "wrk")
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-", dir="/var/tmp") as folder:
        files = pathlib.Path(folder) / "files"
        files.mkdir()
        for name, megabytes in (("large", options.megabytes), ("small", 8)):
            with open(files / name, "wb") as file:
                for _ in range(megabytes):
                    file.write(os.urandom(1 << 20))
        os.chmod(folder, 0o755)
        port = free_port()
        with Shop(
            EMULATOR, f"{folder}/state", template=HERE / "template.yaml", products=ROOT,
            arguments=("--edge", "none", "--console", "none", "--log-level", "warning", "--settings", f"{folder}/none.env")
        ) as shop, nginx(folder, port):
            client = boto3.client(
                "s3", endpoint_url=shop.addresses["s3"], **shop.credentials,
                config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))

            def signed(method, name):
                return client.generate_presigned_url(method, {"Bucket": BUCKET, "Key": name}, ExpiresIn=3600)
            measured = measure(shop, signed, files, f"http://127.0.0.1:{port}", options)
        publish("storage", "The storage", *report(measured, options))


def measure(shop, signed, files, plain, options):
    process, size = shop.process.pid, (files / "large").stat().st_size
    found = {"put": [], "get": [], "nginx get": [], "ranges": [], "nginx ranges": [], "memory": {}}
    for name in ("small", "large"):
        for _ in range(options.rounds):
            with Highest(process) as sending:
                put = curl("-T", files / name, signed("put_object", name))
            with Highest(process) as fetching:
                get = curl(signed("get_object", name))
            if name == "large":
                found["put"].append(size / put / 1e6)
                found["get"].append(size / get / 1e6)
                found["nginx get"].append(size / curl(f"{plain}/large") / 1e6)
            kept = found["memory"].get(name, (0, 0))
            found["memory"][name] = (max(kept[0], sending.megabytes), max(kept[1], fetching.megabytes))
    for _ in range(options.rounds):
        found["ranges"].append(ranges(signed("get_object", "large"), size, options.seconds))
        found["nginx ranges"].append(ranges(f"{plain}/large", size, options.seconds))
    return found


def report(found, options):
    def rate(loads):
        return [load.per_second for load in loads]
    failures = sum(load.failures for load in found["ranges"] + found["nginx ranges"])
    put, get = (max(found["memory"]["large"][place] - found["memory"]["small"][place], 0) for place in (0, 1))
    lines = [
        f"A file of {options.megabytes:,} MiB; {options.rounds} rounds; the median, with the least and the most. Ranges are"
        f" {RANGE_BYTES:,} bytes anywhere in it, asked for by {CLIENTS} clients for {options.seconds} seconds. Answers that were no"
        f" 2xx: {failures}.", "",
        *table(["", "Earshelf", "nginx"], [
            ["PUT, MB per second", spread(found["put"], "{:,.0f}"), "–"],
            ["GET of the whole, MB per second", spread(found["get"], "{:,.0f}"), spread(found["nginx get"], "{:,.0f}")],
            ["ranges per second", spread(rate(found["ranges"]), "{:,.0f}"), spread(rate(found["nginx ranges"]), "{:,.0f}")],
            ["p99 of a range, ms", spread([load.p99 for load in found["ranges"]], "{:.1f}"),
             spread([load.p99 for load in found["nginx ranges"]], "{:.1f}")]]),
        *plots.bars("storage", f"Reading {RANGE_BYTES:,} bytes anywhere in a file", "per second", {
            f"{CLIENTS} clients": {"Earshelf": rate(found["ranges"]), "nginx": rate(found["nginx ranges"])}}),
        "Most memory of the emulator, with all its parts, in MB:", "",
        *table(["file", "while it is sent", "while it is fetched"], [
            [name, *(f"{megabytes:.0f}" for megabytes in found["memory"][key])]
            for name, key in (("8 MiB", "small"), (f"{options.megabytes:,} MiB", "large"))])]
    share = statistics.median(rate(found["ranges"])) / statistics.median(rate(found["nginx ranges"]))
    whole = statistics.median(found["get"]) / statistics.median(found["nginx get"])
    return lines, [
        target("ranges: half of nginx, share", share >= 0.5, f"{share:.2f}"),
        target("the whole: half of nginx, share", whole >= 0.5, f"{whole:.2f}"),
        target("memory is flat: within 32 MB of that for a small file", max(put, get) <= 32, f"{put:.0f} and {get:.0f} MB more")]


if __name__ == "__main__":
    main()
