"""The programs of the pages hold what their comments say of their types."""

import re
import subprocess

from conftest import ROOT

STOREFRONT = ROOT / "Storefront"


def test_types_are_right():
    checked = subprocess.run(["tsc", "-p", str(STOREFRONT)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_templates_hold_neither_scripts_nor_styles_of_their_own():
    for template in STOREFRONT.glob("templates/*.html"):
        text = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\{\{\{|\{\{&", text), template.name
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), template.name


def test_nothing_reads_html_but_the_one_place():
    for source in STOREFRONT.glob("**/*.js"):
        text = source.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), source.name
        assert "parseFromString" not in text or source.name == "trusted.js", source.name
        assert len(text.splitlines()) <= 300, f"{source.name} is too long"


def test_styles_name_no_side_of_the_page():
    sided = re.compile(r"(?:margin|padding|border)-(?:left|right)|text-align:\s*(?:left|right)|(?<![-\w])(?:left|right):")
    for source in STOREFRONT.glob("assets/css/*.css"):
        assert not sided.search(source.read_text()), source.name
