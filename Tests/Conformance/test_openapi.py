"""docs/openapi says what template.yaml deploys and what the sources refuse with."""

import pathlib
import re

import openapi
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = pathlib.Path(__file__).resolve().parents[2]

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


class TemplateLoader(yaml.SafeLoader):
    """Reads a template without doing what its tags (`!Ref`, `!Sub`) say."""


TemplateLoader.add_multi_constructor("!", lambda loader, tag, node: f"{tag} {node.value}")


@pytest.fixture(scope="module")
def document():
    return openapi.document()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


def deployed_routes():
    template = yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)
    for resource in template["Resources"].values():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            # Without a path it is the route of what no other takes.
            if event["Type"] == "HttpApi" and "Path" in event["Properties"]:
                yield event["Properties"]["Method"], event["Properties"]["Path"]


def refusals():
    """Every type of problem in the sources: those written where they are made, and the reasons of a rejected upload."""
    for folder in ("Core", "Functions"):
        for file in (ROOT / folder).rglob("*.swift"):
            yield from re.findall(r'\bProblem\(\s*\d{3},\s*"([a-z-]+)"', file.read_text())
    upload = (ROOT / "Core/Bookshop/Upload.swift").read_text()
    cases = re.search(r"enum Rejection: String.*?\n    }", upload, re.DOTALL).group()
    for name, value in re.findall(r'case (\w+)(?: = "([a-z-]+)")?', cases):
        yield value or name


def test_the_document_is_valid(document):
    problems = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
    assert problems == []


def test_its_operations_are_the_deployed_routes(document):
    described = sorted((method, path) for method, path, _ in operations(document))
    assert described == sorted(deployed_routes())


def test_every_refusal_is_listed_and_no_other(document):
    listed = document["components"]["schemas"]["ProblemType"]["enum"]
    assert listed == sorted(set(listed)), "the list is in alphabetical order, each name once"
    assert set(listed) == set(refusals())


def test_its_currencies_are_those_that_can_be_charged(document):
    source = (ROOT / "Core/Bookshop/Currency.swift").read_text()
    assert document["components"]["schemas"]["Currency"]["enum"] == sorted(set(re.findall(r'"([A-Z]{3})"', source)))


def test_its_countries_are_those_that_are_known(document):
    source = (ROOT / "Core/Bookshop/Country.swift").read_text().partition("codes = Set(")[2]
    assert document["components"]["schemas"]["Country"]["enum"] == sorted(set(re.findall(r"\b[A-Z]{2}\b", source)))


def test_every_listed_refusal_is_told_of_by_some_operation(document):
    text = yaml.safe_dump({"paths": document["paths"], "responses": document["components"]["responses"]}, width=1000)
    untold = [name for name in document["components"]["schemas"]["ProblemType"]["enum"] if f"`{name}`" not in text]
    assert untold == []


def test_operations_have_names_of_their_own_and_can_fail(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert all("default" in operation["responses"] for _, _, operation in operations(document))


def test_a_session_comes_by_header_or_by_cookie(document):
    for method, path, operation in operations(document):
        schemes = {name for requirement in operation.get("security", []) for name in requirement}
        assert ("bearer" in schemes) == ("session" in schemes), f"{method} {path}: {{ bearer: [] }}, {{ session: [] }}"
