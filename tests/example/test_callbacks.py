"""The callbacks of the example app."""

from __future__ import annotations

import re
import sys

from example_app import twins
from flask_dash_pages.testing import PagesClient


def test_year(pages_client: PagesClient) -> None:
    shown = pages_client.visit("/explore/?year=1952")
    visit = pages_client.visit("/explore/")
    assert visit.call(["home-graph.figure", "home-link.href"], 1952) == {
        "home-graph.figure": shown.find(id="home-graph")["figure"],
        "home-link.href": shown.path,
    }


def test_measure(pages_client: PagesClient) -> None:
    visit = pages_client.visit("/explore/country/Japan")
    figure = visit.call("country-graph.figure", "pop")
    assert figure["layout"]["yaxis"]["title"]["text"] == "Population"
    assert figure["data"][0]["name"] == "Japan"


def test_search(pages_client: PagesClient) -> None:
    visit = pages_client.visit("/explore/countries")
    (asia,) = visit.call("countries-found.children", " CHIN ")
    assert asia.text.split("\n") == ["Asia", "China", "Hong Kong, China"]
    (nothing,) = visit.call("countries-found.children", "Atlantis")
    assert nothing.text == "No country has this in its name."


def test_choice_leads_to_its_url(pages_client: PagesClient) -> None:
    visit = pages_client.visit("/explore/compare?measure=pop")
    location = visit.call("compare-location.href", ["Peru", "Chile"])
    assert location == "/explore/compare?country=Peru&country=Chile&measure=pop"
    location = visit.call("compare-location.href", [])
    assert location == "/explore/compare?country=&measure=pop"
    # One more than are shown, to tell of it.
    location = visit.call("compare-location.href", list("abcdefghi"))
    assert location.count("country=") == 7
    visit = pages_client.visit("/explore/ranking?measure=pop")
    location = visit.call("ranking-location.href", 1952)
    assert location == "/explore/ranking/1952?measure=pop"


def test_twins(pages_client: PagesClient) -> None:
    page = pages_client.visit("/explore/twins").page
    progress: list[tuple[str, str]] = []
    # A worker calls it, and shows how far it is.
    found = sys.modules[page.module].find_twins(progress.append, 1, "lifeExp")
    assert progress[-1] == ("142", "142 of 142 countries")
    nearest = re.findall(r"country/(\w+)", str(found))
    assert nearest[:2] == ["Belgium", "Germany"]
    assert len(nearest) == 24
    assert twins.distance([1, 2, 3], [1, 1, 2, 3]) == 0
