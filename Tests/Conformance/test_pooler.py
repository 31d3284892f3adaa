"""The shop on a database behind PgBouncer, whose few servers its functions share by transaction: what one prepares or sets
there, the next would find."""

import concurrent.futures
import subprocess

from callers import World
from clusters import asked, empty_cluster, pooler
from shop import EMULATOR, Shop

SERVERS = 3


def test_functions_share_the_servers_of_a_pooler(own_state):
    with empty_cluster() as cluster, pooler(cluster, SERVERS) as pooled:
        subprocess.run(["createdb", "-h", cluster, "-U", "owner", "earshelf"], check=True, timeout=60)
        url = f"postgresql://owner@/earshelf?host={pooled}"
        with Shop(EMULATOR, own_state, arguments=["--edge", "none"], environment={"DATABASE_URL": url}) as shop:
            world = World(shop)
            buyers = [world.somebody() for _ in range(4)]
            book = world.published("A book that many buy", 1499)
            with concurrent.futures.ThreadPoolExecutor(len(buyers)) as many:
                list(many.map(lambda buyer: world.bought([book], buyer), buyers))
            # Each more than once over, so that there would be something to prepare.
            places = ["/audiobooks", f"/audiobooks/{book}", "/library", "/cart", "/orders"]
            wishes = [(buyer, "GET", place) for _ in range(10) for buyer in buyers for place in places]
            with concurrent.futures.ThreadPoolExecutor(16) as many:
                statuses = list(many.map(lambda wish: world.ask(*wish).status, wishes))
            assert statuses == [200] * len(wishes)
            served = asked(cluster, """SELECT count(*) FROM pg_stat_activity
                WHERE datname = 'earshelf' AND backend_type = 'client backend' AND pid <> pg_backend_pid()""")
            assert 1 <= int(served) <= SERVERS
            # So long that each server is asked.
            left = "SELECT statement FROM pg_sleep(0.5) LEFT JOIN pg_prepared_statements ON true"
            with concurrent.futures.ThreadPoolExecutor(SERVERS) as many:
                found = list(many.map(lambda _: asked(pooled, left).split(), range(SERVERS)))
            assert found == [[]] * SERVERS, "prepared for whoever comes next"
