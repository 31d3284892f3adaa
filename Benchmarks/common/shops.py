"""Shops to be measured: the platform as a release, the functions as they are bundled, and as many books as are wanted."""

import base64
import contextlib
import json
import pathlib
import subprocess
import tempfile

from measuring import EMULATOR, ROOT
from shop import Shop

BUNDLES = ROOT / ".build/bundles"
SHELVES = ROOT / "Tests/TestSupport/shelves.sql"
OWNER = ROOT / "Benchmarks/endpoints/owner.sql"


def products(folder):
    """The programs of the bundles, by the names of their functions."""
    folder = pathlib.Path(folder) / "products"
    folder.mkdir()
    for bundle in BUNDLES.iterdir():
        if bundle.is_dir():
            (folder / bundle.name).symlink_to(bundle / "bootstrap")
    (folder / "openapi.json").symlink_to(BUNDLES / "health/openapi.json")
    return folder


@contextlib.contextmanager
def measured_shop(books=0, log_level="warning"):
    """A shop with so many books, that tells nothing of its requests and counts nobody's."""
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-", dir="/var/tmp") as folder:
        with Shop(
            EMULATOR, f"{folder}/state", products=products(folder),
            arguments=("--edge", "none", "--console", "none", "--log-level", log_level, "--settings", f"{folder}/none.env")
        ) as shop:
            if books:
                run_script(shop, SHELVES, count=books)
                # As it is some minutes after, when autovacuum has seen to it.
                subprocess.run([*shop.psql, "-c", "VACUUM ANALYZE"], check=True, timeout=600)
            # The relay fetches the signing keys within its first minute.
            shop.token = shop.sign_in("ada")
            shop.eventually("the signing keys", lambda: shop.api("GET", "/library", token=shop.token).status == 200)
            yield shop


def run_script(shop, file, **variables):
    settings = [argument for name, value in variables.items() for argument in ("-v", f"{name}={value}")]
    done = subprocess.run(
        [*shop.psql, *settings, "-f", str(file)], capture_output=True, text=True, timeout=3600)
    if done.returncode != 0:
        raise SystemExit(f"{file.name}: {done.stderr[-2000:]}")


def give(shop, owned):
    """So many books to `ada`, beside those that she has."""
    payload = shop.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    run_script(shop, OWNER, owned=owned, subject=claims["sub"])


def environments(shop, name):
    """The processes of one function."""
    found = []
    for process in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            variables = (process / "environ").read_bytes().split(b"\0") if process.name.isdigit() else ()
            if f"AWS_LAMBDA_FUNCTION_NAME={name}".encode() in variables and str(shop.state).encode() in b"".join(variables):
                found.append(int(process.name))
    return found
