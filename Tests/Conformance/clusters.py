"""A PostgreSQL that is not the emulator's own, and a pooler before it."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from shop import POSTGRESQL, ROOT

PGBOUNCER = ROOT / ".build/pgbouncer/usr/sbin/pgbouncer"


def as_database():
    """Neither PostgreSQL nor PgBouncer wants to be root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []


@contextlib.contextmanager
def empty_cluster():
    """A PostgreSQL that has never heard of the shop; its superuser has a name that the shop's has not."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="earshelf-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")

    def run(*command):
        subprocess.run([*as_database(), *command], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)

    run(POSTGRESQL / "initdb", "-D", folder / "data", "-A", "trust", "-U", "owner", "-E", "UTF8", "--locale=C.UTF-8")
    run(POSTGRESQL / "pg_ctl", "-D", folder / "data", "-w", "-s", "-l", folder / "log", "start", "-o",
        f"-k {folder} -c listen_addresses= -c fsync=off")
    try:
        yield folder
    finally:
        run(POSTGRESQL / "pg_ctl", "-D", folder / "data", "-s", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def asked(folder, query):
    """What the shop's database, behind the socket in this folder, answers its superuser."""
    done = subprocess.run(
        [POSTGRESQL / "psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "owner", "earshelf", "-c", query],
        check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


@contextlib.contextmanager
def pooler(cluster, servers):
    """PgBouncer before it, whose clients share so many servers by transaction: where it listens, its socket's folder."""
    settings = cluster / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={cluster} user=owner\n[pgbouncer]\nlisten_addr =\nlisten_port = 5432\nunix_socket_dir = {cluster}/pooled\n"
        f"auth_type = any\nadmin_users = owner\npool_mode = transaction\ndefault_pool_size = {servers}\nmax_client_conn = 500\n"
        f"logfile = {cluster}/pgbouncer.log\n")
    pooled = cluster / "pooled"
    pooled.mkdir()
    if os.getuid() == 0:
        shutil.chown(pooled, "postgres")
    running = subprocess.Popen([*as_database(), PGBOUNCER, "-q", settings], cwd="/", stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 30
        while not (pooled / ".s.PGSQL.5432").exists():
            assert running.poll() is None and time.monotonic() < end, running.stderr.read()
            time.sleep(0.02)
        yield pooled
    finally:
        running.terminate()
        running.wait(timeout=30)
