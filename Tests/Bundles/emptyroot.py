"""A root that holds nothing but the platform's own libraries, as provided.al2023 has them."""

import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUNDLES = ROOT / ".build" / "bundles"
LIBRARIES = ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"]
CHROOT = shutil.which("chroot", path="/usr/sbin:/sbin:/usr/bin:/bin")


def library(name):
    listing = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    return pathlib.Path(re.search(rf"{re.escape(name)} .*=> (\S+)", listing)[1])


def made(folder):
    """In this folder: the platform's libraries, an empty /tmp, and nothing else."""
    for name in ("lib", "lib64", "tmp", "var/task", "dev"):
        (folder / name).mkdir(parents=True)
    for name in LIBRARIES:
        shutil.copy(library(name), folder / "lib" / name)
    interpreter = subprocess.run(
        ["readelf", "-l", BUNDLES / "cart" / "bootstrap"], check=True, capture_output=True, text=True).stdout
    loader = re.search(r"interpreter: (\S+)\]", interpreter)[1]
    (folder / loader.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(loader, folder / loader.lstrip("/"))
    return folder
