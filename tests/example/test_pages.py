"""What visitors of the example app see."""

from __future__ import annotations

import re
import typing as t

import pytest
from flask import Flask

from flask_dash_pages.testing import PagesClient

from .conftest import log_in
from .conftest import MakeClient

BOTH = pytest.mark.parametrize("navigation", [False, True], ids=["load", "navigation"])


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("/", "Welcome"),
        ("/login", "Log in"),
        ("/explore/", "World in Figures"),
        ("/explore/country/Japan", "Japan"),
        ("/explore/country/Cote%20d%27Ivoire", "Cote d'Ivoire"),
        ("/explore/continent/Africa", "Africa"),
        ("/explore/ranking", "Ranking 2007"),
        ("/explore/ranking/1952?measure=pop", "Ranking 1952"),
        ("/explore/failure", "Failure"),
    ],
)
def test_page(pages_client: PagesClient, url: str, title: str) -> None:
    visit = pages_client.visit(url)
    assert visit.status == 200
    assert visit.title.removesuffix(" · World in Figures") == title


@BOTH
def test_country(pages_client: PagesClient, navigation: bool) -> None:
    visit = pages_client.visit("/explore/country/Japan", navigation=navigation)
    assert visit.title == "Japan · World in Figures"
    assert visit.description == (
        "Life expectancy in Japan rose from 63.0 years in 1952 to 82.6 years in 2007."
    )
    assert visit.image.endswith("app.png")
    link = visit.find(type="Link", text="Hong Kong, China")
    assert pages_client.visit(link["href"]).variables == {"country": "Hong Kong, China"}


@BOTH
@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/explore/list?from=mail", "/explore/countries?from=mail"),
        ("/explore/nation/Peru?from=mail", "/explore/country/Peru?from=mail"),
        ("/explore/ranking/1990", "/explore/ranking/1992?measure=lifeExp"),
    ],
)
def test_redirect(
    pages_client: PagesClient, navigation: bool, url: str, location: str
) -> None:
    visit = pages_client.visit(url, navigation=navigation)
    assert visit.status == 200
    assert visit.redirects == [location]


@pytest.mark.parametrize(
    ("url", "control", "value"),
    [
        ("/explore/compare", "compare-countries", ["Japan", "Kenya"]),
        ("/explore/compare?country=Chile&country=Mu", "compare-countries", ["Chile"]),
        ("/explore/?year=1958", "home-year", 1957),
        ("/explore/?year=x&year=y", "home-year", 2007),
        ("/explore/countries?q=japan", "countries-search", "japan"),
        ("/explore/country/Japan?measure=pop", "country-measure", "pop"),
        ("/explore/country/Japan?measure=a&measure=b", "country-measure", "lifeExp"),
    ],
)
def test_query_sets_control(
    pages_client: PagesClient, url: str, control: str, value: t.Any
) -> None:
    assert pages_client.visit(url).find(id=control)["value"] == value


@pytest.mark.parametrize(
    ("query", "shown", "notice"),
    [
        ("country=Peru", 1, ""),
        ("country=", 0, "Choose a country."),
        ("country=Mu", 0, "Choose a country."),
        (
            "country=Peru&country=Chile&country=Cuba&country=Haiti&country=Japan"
            "&country=China&country=India",
            6,
            "Only the first 6 are shown.",
        ),
    ],
)
def test_compare(
    pages_client: PagesClient, query: str, shown: int, notice: str
) -> None:
    visit = pages_client.visit(f"/explore/compare?{query}")
    assert visit.find(className="notice").text == notice
    assert len(visit.find(id="compare-countries")["value"]) == shown
    assert len(visit.find_all(type="Tr")) == (shown and shown + 1)


def test_ranking_has_values(pages_client: PagesClient) -> None:
    graph = pages_client.visit("/explore/ranking").find(id="ranking-graph")
    bars = {bar["name"]: bar for bar in graph["figure"]["data"]}
    assert bars["Asia"]["text"][0] == "82.6 years"


@pytest.mark.parametrize(
    "url",
    ["", "ranking", "compare", "country/Japan", "continent/Asia"],
)
def test_graph_has_a_label(pages_client: PagesClient, url: str) -> None:
    assert pages_client.visit(f"/explore/{url}").find(type="Figure")["aria-label"]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/nowhere", "Not Found"),
        ("/explore/nowhere", "There is no such page"),
        ("/explore/country/Atlantis", "There is no such page"),
        ("/explore/continent/Mu", "There is no such page"),
        ("/explore/ranking/last", "There is no such page"),
        ("/explore/country/Japn", "Did you mean one of these?"),
        ("/admin/nowhere", "Nothing of the admin section is here"),
    ],
)
def test_not_found(pages_client: PagesClient, url: str, text: str) -> None:
    log_in(pages_client)
    visit = pages_client.visit(url)
    assert visit.status == 404
    # One of them is a template.
    assert text in visit.response.text
    assert "Skip to the content" in visit.response.text


def test_failure(make_client: MakeClient) -> None:
    visit = make_client(TESTING=False).visit("/explore/failure?now=yes")
    assert visit.status == 500
    assert "Something went wrong" in visit.text
    assert "RuntimeError" not in visit.response.text


def test_error_beside_the_sections(make_client: MakeClient) -> None:
    client = make_client(TESTING=False)
    response = client.client.get("/logout")
    assert "Method Not Allowed</h1>" in response.text
    assert response.allow == {"POST", "OPTIONS"}
    client.app.view_functions["site.landing"] = lambda: 1 / 0
    response = client.client.get("/")
    assert response.status_code == 500
    assert "Internal Server Error</h1>" in response.text


def test_navigation(pages_client: PagesClient) -> None:
    names = ["World", "Countries", "Ranking", "Compare", "Twins"]
    navigation = pages_client.visit("/explore/compare").find(className="pages-nav")
    assert [link.text for link in navigation.find_all(type="Link")] == names
    landing = pages_client.visit("/").response.text
    assert re.findall(r'class="pages-nav-link[^>]*>(.+?)<', landing) == names


@pytest.mark.parametrize("url", ["/", "/explore/"])
def test_everything_is_from_this_host(pages_client: PagesClient, url: str) -> None:
    response = pages_client.visit(url).response
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"http|\*|unsafe-eval", policy)
    assert 'src="http' not in response.text


def test_sitemap(pages_client: PagesClient) -> None:
    sitemap = pages_client.client.get("/sitemap.xml").text
    paths = re.findall("<loc>http://localhost([^<]+)</loc>", sitemap)
    assert "/explore/country/Cote%20d&#39;Ivoire" in paths
    assert "/explore/continent/Asia" in paths
    assert not any("admin" in path or "failure" in path for path in paths)
    assert "Sitemap: http://localhost/sitemap.xml" in (
        pages_client.client.get("/robots.txt").text
    )


def test_markdown(pages_client: PagesClient) -> None:
    headers = {"Accept": "text/markdown"}
    visit = pages_client.visit("/explore/country/Japan", headers=headers)
    assert "# Japan\n\nLife expectancy in Japan rose" in visit.response.text


def test_check_finds_nothing(app: Flask) -> None:
    # How long it takes is up to the machine.
    arguments = ["pages", "check", "--strict", "--slow", "60"]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.output == "0 errors, 0 warnings.\n"
