"""Both languages say everything, and nothing is said that has no words."""

import json
import re

import pytest

from conftest import ROOT

STOREFRONT = ROOT / "Storefront"
PLURALS = {"en": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}
PLURAL = re.compile(r"\{\w+, plural,((?:\s*[\w=]+\s*\{[^{}]*\})+)\s*\}")
# Keys that are put together: the messages that begin so are all needed.
MADE = re.compile(r"""\bt\(\s*`([\w.-]+)\$\{""")
WRITTEN = re.compile(r"""["'`]((?:common|shop|cart|orders|gifts|account|player|library|office)\.[\w.-]*[\w-])["'`]""")


def messages(language):
    pairs = json.loads((STOREFRONT / f"messages/{language}.json").read_text(), object_pairs_hook=list)
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "a key stands there twice"
    assert names == sorted(names), "the keys are not in their order"
    return dict(pairs)


def test_both_languages_have_the_same_messages():
    assert set(messages("en")) == set(messages("ar"))


def test_templates_can_look_into_keys_by_their_dots():
    keys = set(messages("en"))
    assert [key for key in keys if any(other.startswith(key + ".") for other in keys)] == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_messages_want_the_same_values_and_have_their_plurals(language):
    english = messages("en")
    for key, message in messages(language).items():
        assert message.strip(), key
        assert values(message) == values(english[key]), key
        for forms in PLURAL.findall(message):
            named = set(re.findall(r"([\w=]+)\s*\{", forms))
            assert {name for name in named if not name.startswith("=")} == PLURALS[language], key


def values(message):
    counted = set(re.findall(r"\{(\w+), plural,", message))
    return counted | set(re.findall(r"\{(\w+)\}", PLURAL.sub("", message)))


def test_every_key_that_is_written_somewhere_has_a_message():
    keys = set(messages("en"))
    for source in STOREFRONT.glob("assets/**/*.js"):
        text = source.read_text()
        for key in WRITTEN.findall(text):
            assert key in keys or any(one.startswith(key + ".") for one in keys), f"{source.name}: {key}"
        for beginning in MADE.findall(text):
            assert any(key.startswith(beginning) for key in keys), f"{source.name}: {beginning}"
    for source in STOREFRONT.glob("templates/*.html"):
        for key in re.findall(r"\{\{text\.([\w.-]+)\}\}", source.read_text()):
            assert key in keys, f"{source.name}: {key}"
