"""What every page builds on: words, addresses, and how the API is asked."""

import pytest


@pytest.fixture
def ask(page_as):
    """Evaluates a function with a module of the shop's."""
    def ask(module, function, language="en", prepare=None):
        page = page_as(language=language)
        if prepare:
            prepare(page)
        page.goto("/")
        return page.evaluate(f"async () => ({function})(await import('/assets/lib/{module}.js'))")
    return ask


@pytest.mark.parametrize("language, count, wanted", [
    ("en", 0, "no books"), ("en", 1, "1 book"), ("en", 1200, "1,200 books"),
    ("ar", 0, "لا كتب"), ("ar", 1, "كتاب واحد"), ("ar", 2, "كتابان"), ("ar", 3, "3 كتب"), ("ar", 11, "11 كتابًا"), ("ar", 100, "100 كتاب"),
])
def test_plurals(ask, language, count, wanted):
    said = ask("messages", f"async (m) => {{ await m.loadMessages(); return m.t('shop.count', {{ count: {count} }}); }}", language)
    assert said == wanted


def test_values_are_put_in_once(ask):
    said = ask("messages", "(m) => m.format('{title} by {name} {missing}', { title: '{name}', name: 'Eve' })")
    assert said == "{name} by Eve {missing}"


@pytest.mark.parametrize("amount, wanted", [
    ({"minorUnits": 1499, "currency": "EUR"}, "€14.99"), ({"minorUnits": 1499, "currency": "JPY"}, "¥1,499"),
    ({"minorUnits": 1499, "currency": "KWD"}, "KWD 1.499"), ({"minorUnits": 0, "currency": "USD"}, "$0.00"),
])
def test_money(ask, amount, wanted):
    assert ask("messages", f"(m) => m.money({amount})").replace("\u00a0", " ") == wanted


@pytest.mark.parametrize("milliseconds, wanted", [(0, "0:00"), (59_999, "0:59"), (60_000, "1:00"), (3_600_000, "1:00:00"), (-5, "0:00")])
def test_clock(ask, milliseconds, wanted):
    assert ask("messages", f"(m) => m.clock({milliseconds})") == wanted


@pytest.mark.parametrize("pattern, path, wanted", [
    ("/", "/", {}), ("/orders/:id", "/orders/7", {"id": "7"}), ("/orders/:id", "/orders", None), ("/orders", "/orders/7", None),
    ("/office/*", "/office", {"rest": ""}), ("/office/*", "/office/books/7", {"rest": "books/7"}),
    ("/books/:slug", "/books/%D9%83", {"slug": "ك"}),
])
def test_routes(ask, pattern, path, wanted):
    assert ask("navigation", f"(m) => m.parametersOf('{pattern}', '{path}')") == wanted


def test_an_intent_keeps_its_key_until_it_has_succeeded(ask):
    keys, statuses = [], [500, 201, 201]

    def prepare(page):
        def answer(route):
            keys.append(route.request.headers["idempotency-key"])
            route.fulfill(status=statuses[len(keys) - 1], json={})
        page.route("**/api/v1/anything", answer)

    ask("api", """async ({ api }) => {
        await api.post('anything', { wish: 1 }, { key: true }).catch(() => null);
        await api.post('anything', { wish: 1 }, { key: true });
        await api.post('anything', { wish: 1 }, { key: true });
    }""", prepare=prepare)
    assert keys[0] == keys[1] != keys[2]


def test_a_session_that_is_over_is_renewed_once_for_all(ask):
    renewed, asked = [], []

    def prepare(page):
        page.add_init_script("document.cookie = 'earshelf-signed-in=1; path=/'")

        def answer(route):
            asked.append(route.request.url)
            route.fulfill(status=200 if renewed else 401, json={"type": "invalid-token", "title": "Over", "detail": "Over."})

        def renew(route):
            renewed.append(route.request.url)
            route.fulfill(status=204)

        page.route("**/api/v1/one", answer)
        page.route("**/api/v1/two", answer)
        page.route("**/api/v1/me", lambda route: route.fulfill(status=200, json={"roles": []}))
        page.route("**/api/v1/cart**", lambda route: route.fulfill(status=200, json={"items": [], "merged": []}))
        page.route("**/api/v1/me/preferences", lambda route: route.fulfill(status=200, json={"theme": "system"}))
        page.route("**/api/v1/library**", lambda route: route.fulfill(status=200, json={"items": []}))
        page.route("**/auth/refresh", renew)

    statuses = ask("api", "async ({ api }) => (await Promise.all([api.get('one'), api.get('two')])).map((one) => one.status)",
                   prepare=prepare)
    assert statuses == [200, 200]
    assert len(renewed) == 1
    assert len(asked) == 4


def test_a_session_that_has_ended_is_renewed_before_anything_is_asked(ask):
    """Without it, a customer's cart would be answered as a guest's."""
    asked = []

    def prepare(page):
        def told(name, **answer):
            def tell(route):
                asked.append(name)
                route.fulfill(**answer)
            return tell

        page.add_init_script("if (!document.cookie.includes('=4')) document.cookie = 'earshelf-signed-in=1700000000; path=/'")
        page.route("**/api/v1/**", lambda route: route.fulfill(status=200, json={"items": [], "roles": []}))
        page.route("**/api/v1/one", told("one", status=200, json={}))
        page.route("**/auth/refresh", told(
            "refresh", status=204, headers={"set-cookie": "earshelf-signed-in=4000000000; Path=/"}))

    statuses = ask("api", "async ({ api }) => (await Promise.all([api.get('one'), api.get('one')])).map((one) => one.status)",
                   prepare=prepare)
    assert statuses == [200, 200]
    assert asked == ["refresh", "one", "one"]


def test_what_is_asked_too_often_is_asked_again_when_told(ask):
    asked = []

    def prepare(page):
        def answer(route):
            asked.append(route.request.url)
            route.fulfill(status=429 if len(asked) == 1 else 200, headers={"retry-after": "1"}, json={})
        page.route("**/api/v1/anything", answer)

    assert ask("api", "async ({ api }) => (await api.get('anything')).status", prepare=prepare) == 200
    assert len(asked) == 2


def test_a_refusal_of_the_platform_is_a_problem_too(ask):
    def prepare(page):
        page.route("**/api/v1/anything", lambda route: route.fulfill(status=503, body="no JSON"))

    assert ask("api", "async ({ api }) => { try { await api.get('anything'); } catch (e) { return [e.type, e.status]; } }",
               prepare=prepare) == ["internal", 503]


def test_programs_come_from_the_shop_alone(ask):
    told = ask("trusted", "({ programAddress }) => { try { programAddress('https://example.org/a.js'); return 'taken'; } catch { return 'refused'; } }")
    assert told == "refused"
