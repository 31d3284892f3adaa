"""What all journeys have: a shop, and steps that say what proves them."""

import time


class Steps:
    def __init__(self, shop):
        self.shop = shop
        self.begun = time.monotonic()

    def step(self, what, proof):
        print(f"  {time.monotonic() - self.begun:6.1f} s  {what:<34} {proof}", flush=True)

    def expect(self, answer, status):
        assert answer.status == status, f"expected {status}, got {answer}\n{self.shop.log()[-3000:]}"
        return answer.json if answer.body else None
