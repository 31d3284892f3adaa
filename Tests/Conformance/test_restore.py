"""A shop is copied while people buy in it, and goes on from the copy: with the commands of docs/operations.md."""

import shutil
import subprocess
import threading
import urllib.request

from callers import World
from clusters import asked, empty_cluster
from conftest import state_folder
from shop import EMULATOR, POSTGRESQL, Shop, free_ports

BUYERS = 3
# Each must find nothing. The constraints of the schema are checked by restoring it.
WRONG = {
    "paid and not owned": """
        SELECT o.id FROM sales.orders o JOIN sales.order_lines l ON l.order_id = o.id
            LEFT JOIN listening.entitlements e ON (e.order_id, e.line_number) = (l.order_id, l.line_number)
        WHERE o.state = 'confirmed' AND NOT l.is_gift AND e.id IS NULL""",
    "owned and not paid": """
        SELECT e.id FROM listening.entitlements e JOIN sales.orders o ON o.id = e.order_id WHERE o.state <> 'confirmed'""",
    "a gap in the numbers": """
        SELECT 1 FROM sales.orders HAVING count(number) <> COALESCE(max(number), 0)""",
    "charged otherwise than ordered": """
        SELECT o.id FROM sales.orders o JOIN sales.order_payment_status p ON p.order_id = o.id
        WHERE o.state = 'confirmed' AND p.charged <> o.total""",
}


def buying(world, book, stop, bought, failed):
    while not stop.is_set():
        try:
            buyer = world.somebody()
            bought.append((buyer, world.bought([book], buyer)))
        except Exception as error:  # noqa: BLE001 (told by the test)
            failed.append(error)
            return


def test_shop_goes_on_from_a_copy_that_was_made_while_people_bought(own_state):
    dump, roles, port = own_state / "earshelf.dump", own_state / "roles.sql", free_ports()
    with Shop(EMULATOR, own_state / "first", port=port, arguments=["--edge", "none"]) as shop:
        world, stop, bought, failed = World(shop), threading.Event(), [], []
        book = world.published("A book that many buy", 1499)
        buyers = [
            threading.Thread(target=buying, args=(world, book, stop, bought, failed)) for _ in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
        try:
            shop.eventually("some orders", lambda: len(bought) >= 2 * BUYERS or failed)
            before = list(bought)
            at = ["-h", str(shop.database_socket), "-U", "earshelf"]
            subprocess.run([POSTGRESQL / "pg_dump", *at, "--format=custom", "--file", dump, "earshelf"], check=True, timeout=120)
            subprocess.run(
                [POSTGRESQL / "pg_dumpall", *at, "--roles-only", "--no-role-passwords", "--file", roles], check=True, timeout=120)
            after = len(bought)
            shop.eventually("orders that are not in the copy", lambda: len(bought) > after + BUYERS or failed)
        finally:
            stop.set()
            for buyer in buyers:
                buyer.join()
        assert failed == [] and before
    # Neither the database nor what waited in queues: the files, and what those outside the shop know.
    forgotten = shutil.ignore_patterns("postgres", "queue", "bus", "lambda", "lock", "ready.json", "*.log")
    shutil.copytree(own_state / "first", own_state / "second", ignore=forgotten)
    go_on(own_state, dump, roles, port, world, book, before)


def go_on(state, dump, roles, port, world, book, before):
    with empty_cluster() as cluster:
        at = ["-h", str(cluster), "-U", "owner"]
        subprocess.run(
            [POSTGRESQL / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *at, "-d", "postgres", "-f", roles], check=True, timeout=120)
        subprocess.run(
            [POSTGRESQL / "pg_restore", *at, "--create", "--exit-on-error", "-d", "postgres", dump], check=True, timeout=120)
        for what, query in WRONG.items():
            found = asked(cluster, query)
            assert found == "", f"{what}: {found}"
        url = f"postgresql://earshelf@/earshelf?host={cluster}"
        arguments = ["--edge", "none"]
        with Shop(EMULATOR, state / "second", port=port, arguments=arguments, environment={"DATABASE_URL": url}) as shop:
            world.shop = shop
            for buyer, order in before:
                world.tokens[buyer] = shop.sign_in(buyer)
                assert world.must(200, buyer, "GET", f"/orders/{order}").json["state"] == "confirmed"
            track = world.must(200, before[0][0], "POST", f"/library/{book}/stream").json["tracks"][0]
            request = urllib.request.Request(track["url"], headers={"range": "bytes=0-99"})
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as part:
                assert part.status == 206 and len(part.read()) == 100
            newcomer = world.somebody()
            assert world.bought([book], newcomer), "and one buys in it"
