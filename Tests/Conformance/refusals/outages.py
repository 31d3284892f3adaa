"""What the shop relies on fails, or everybody leaves it: in a shop of its own."""

import callers
import processes
from conftest import state_folder
from shop import EMULATOR, Shop

from refusals import provokes
from refusals.people import FORGET, with_roles


@provokes("outside-unavailable", "webhook-unconfigured", "last-admin", "identity-unavailable", "internal",
          "database-unavailable")
def _(world):
    """One part after another fails; the answers by their types."""
    cut_off = {
        "STRIPE_SECRET_KEY": "sk_test_nobody_answers", "STRIPE_API_BASE": "http://127.0.0.1:1",
        "STRIPE_WEBHOOK_SECRETS": ","}
    with state_folder() as state, Shop(EMULATOR, state, environment=cut_off) as shop:
        world = callers.World(shop)
        world.must(200, "owner", "POST", "/cart/items", {"audiobookId": world.sold})
        answers = [world.ask("owner", "POST", "/checkout", world.agreed), world.ask(None, "POST", "/webhooks/stripe", {})]
        for other in world.must(200, "admin", "GET", "/users?role=admin").json["items"]:
            if other["id"] != world.id_of("admin"):
                assert with_roles(world, other["id"], []).status == 200
        answers.append(world.ask("admin", "DELETE", FORGET))
        # A function that nobody has asked yet knows no keys by heart.
        world.sql("DELETE FROM identity.signing_keys")
        answers.append(world.ask("editor", "GET", f"/ai/summary/{world.sold}"))
        world.sql("ALTER TABLE catalogue.audiobooks RENAME TO mislaid")
        answers.append(world.ask(None, "GET", "/audiobooks"))
        processes.kill(processes.named(state, "postgres"))
        answers.append(world.ask(None, "GET", "/health"))
    return {answer.json.get("type"): answer for answer in answers}
