"""What one may hear, and where one is in it."""

from callers import anything

from refusals import provokes


@provokes("not-entitled")
def _(world):
    return world.ask("other", "POST", f"/library/{world.sold}/stream")


@provokes("export-not-allowed")
def _(world):
    book = world.published("Not to be kept", 0)
    world.ordered([book], "other")
    return world.ask("other", "PUT", f"/library/{book}/exports/m4b")


@provokes("not-exportable")
def _(world):
    book = world.published("Longer than a disk", 0)
    world.ordered([book], "other")
    world.sql(f"UPDATE catalogue.audiobooks SET exports = '{{m4b}}' WHERE id = '{book}'")
    # A file of such a size is nothing for a test: only its row, which nobody else may change, says so.
    world.sql(f"""SET session_replication_role = replica; UPDATE catalogue.assets SET bytes = 5000000000 WHERE id = (
        SELECT asset_id FROM catalogue.tracks
        WHERE edition_id = (SELECT current_edition_id FROM catalogue.audiobooks WHERE id = '{book}'))""")
    return world.ask("other", "PUT", f"/library/{book}/exports/m4b")


@provokes("suspended")
def _(world):
    return streamed(world, "state = 'suspended', state_reason = 'dispute'")


@provokes("revoked")
def _(world):
    return streamed(world, "state = 'revoked', state_reason = 'refund', revoked_at = now()")


def streamed(world, state):
    book = world.published(f"Lost by {state[9:16]}", 0)
    world.ordered([book], "other")
    world.sql(f"UPDATE listening.entitlements SET {state} WHERE audiobook_id = '{book}'")
    return world.ask("other", "POST", f"/library/{book}/stream")


DEVICE = {"id": "phone-1", "name": "a phone"}


def moved(world, book, move, to, base=None):
    wish = {"move": move, "positionMilliseconds": to, "device": DEVICE} | ({} if base is None else {"baseVersion": base})
    return world.ask("owner", "PUT", f"/library/{book}/position", wish)


@provokes("position-behind", "position-moved")
def _(world):
    """A device tells of more than a minute ago; and one that does not know that its listener went back meanwhile."""
    book = world.published("Two minutes long", 0, seconds=120)
    world.ordered([book])
    assert moved(world, book, "sync", 110_000, base=0).status == 200
    behind = moved(world, book, "sync", 10_000, base=1)
    assert moved(world, book, "seek", 5_000).status == 200
    seen = [behind, moved(world, book, "sync", 111_000, base=1)]
    return {answer.json["type"]: answer for answer in seen}


@provokes("nothing-to-undo")
def _(world):
    listener = world.somebody()
    world.ordered([world.free], listener)
    return world.ask(listener, "POST", f"/library/{world.free}/position/undo", {"device": DEVICE}, version='"0"')


@provokes("bookmark-deleted")
def _(world):
    assert world.order
    path, wish = f"/library/{world.free}/bookmarks/{anything()}", {"positionMilliseconds": 1}
    made = world.must(201, "owner", "PUT", path, wish)
    world.must(204, "owner", "DELETE", path, version=made.headers["etag"])
    return world.ask("owner", "PUT", path, wish)


@provokes("too-many-bookmarks")
def _(world):
    reader = world.somebody()
    world.ordered([world.free], reader)
    path, wish = f"/library/{world.free}/bookmarks", {"positionMilliseconds": 1}
    first = world.must(201, reader, "POST", path, wish).json["id"]
    world.sql(f"""INSERT INTO listening.bookmarks (id, user_id, audiobook_id, edition_id, position_ms)
        SELECT gen_random_uuid(), user_id, audiobook_id, edition_id, number
        FROM listening.bookmarks, generate_series(2, 1000) AS number WHERE id = '{first}'""")
    return world.ask(reader, "POST", path, wish)
