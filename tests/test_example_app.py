"""The example app, tested the way users would test their own."""

from __future__ import annotations

import sqlite3
import typing as t
from pathlib import Path

import pytest
from dash import ALL
from flask import Flask

pytest.importorskip("pandas", reason="the example app needs the extra 'example'")

from example_app import create_app
from example_app.analytics import ViewCounter
from flask_dash_pages.testing import PagesClient


@pytest.fixture
def example(tmp_path: Path) -> Flask:
    return create_app(
        {"TESTING": True, "ANALYTICS_DATABASE": str(tmp_path / "views.sqlite3")}
    )


@pytest.fixture
def client(example: Flask) -> PagesClient:
    return PagesClient(example)


@pytest.fixture
def counter(example: Flask) -> ViewCounter:
    return t.cast(ViewCounter, example.extensions["view_counter"])


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("/", "World in Figures"),
        ("/countries", "Countries · World in Figures"),
        ("/country/Japan", "Japan · World in Figures"),
        ("/country/Cote%20d%27Ivoire", "Cote d'Ivoire · World in Figures"),
        ("/continent/Africa", "Africa · World in Figures"),
        ("/compare", "Compare countries · World in Figures"),
        ("/about", "About the data · World in Figures"),
        ("/statistics", "Page views · World in Figures"),
    ],
)
def test_page_shown(client: PagesClient, url: str, title: str) -> None:
    visit = client.visit(url)
    assert (visit.status, visit.title) == (200, title)


def test_health_beside_pages(client: PagesClient) -> None:
    assert client.client.get("/health").json == {"status": "ok"}


def test_country_described(client: PagesClient) -> None:
    assert client.visit("/country/Japan").meta["description"] == (
        "Life expectancy in Japan rose from 63.0 years in 1952 to 82.6 years in 2007."
    )


def test_country_by_navigation(client: PagesClient) -> None:
    """What the browser gets when a visitor goes on to another page."""
    visit = client.visit("/country/Japan", navigation=True)
    assert visit.title == "Japan · World in Figures"
    assert visit.path == "/country/Japan"
    assert visit.find(className="nearby").find_all(type="Link")


@pytest.mark.parametrize("navigation", [False, True], ids=["load", "navigation"])
@pytest.mark.parametrize("url", ["/nowhere", "/country/Atlantis", "/continent/Mu"])
def test_unknown_path_not_found(
    client: PagesClient, url: str, navigation: bool
) -> None:
    visit = client.visit(url, navigation=navigation)
    assert visit.status == 404
    assert visit.find(type="H1").text == "There is no such page"


def test_not_found_inside_shell(client: PagesClient) -> None:
    visit = client.visit("/nowhere")
    assert visit.title == "Page not found · World in Figures"
    assert visit.find(text="Skip to the content")


def test_misspelt_country_suggested(client: PagesClient) -> None:
    layout = client.visit("/country/Japn").layout
    assert layout.find(type="Link", text="Japan")["href"] == "/country/Japan"


def test_plain_redirect(client: PagesClient) -> None:
    visit = client.visit("/list?from=mail", follow_redirects=False)
    assert visit.status == 301
    assert visit.redirects == ["/countries?from=mail"]


def test_redirect_with_variable_followed(client: PagesClient) -> None:
    visit = client.visit("/nation/Congo,%20Rep.?from=mail")
    assert visit.variables == {"country": "Congo, Rep."}
    assert visit.path == "/country/Congo,%20Rep.?from=mail"


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("", ["Japan", "Kenya"]),
        ("?country=Chile", ["Chile"]),
        ("?country=Chile&country=Peru&country=Chile", ["Chile", "Peru"]),
        ("?country=Chile&country=Atlantis", ["Chile"]),
        ("?country=Chile&colour=red", ["Chile"]),
    ],
    ids=["none", "one", "repeated", "unknown country", "unknown key"],
)
def test_compare_from_query(client: PagesClient, query: str, chosen: list[str]) -> None:
    visit = client.visit(f"/compare{query}")
    assert visit.find(id="compare-countries")["value"] == chosen


def test_callback_called(client: PagesClient) -> None:
    figure = client.visit("/country/Japan").call("country-graph.figure", "pop")
    assert figure["layout"]["title"]["text"] == "Population, Japan"


def test_choice_of_countries_in_the_address(client: PagesClient) -> None:
    visit = client.visit("/compare")
    href = visit.call("compare-location.href", ["Chile", "Peru"])
    assert href == "/compare?country=Chile&country=Peru"


def test_marked_pages_in_shell(client: PagesClient) -> None:
    items = client.visit("/").find_all(id={"type": "nav", "path": ALL})
    names = [item.text for item in items]
    assert names == ["World", "Countries", "Compare", "Views", "About"]


def test_views_counted(client: PagesClient, counter: ViewCounter) -> None:
    client.visit("/country/Japan")
    client.visit("/country/Japan", navigation=True)
    client.visit("/country/Kenya")
    client.visit("/nowhere")
    client.visit("/list", follow_redirects=False)
    client.visit("/health")
    assert [tuple(row) for row in counter.pages()] == [("Country", 2, 1)]
    assert {tuple(row)[:4] for row in counter.paths()} == {
        ("/country/Japan", "Country", 200, 2),
        ("/country/Kenya", "Country", 200, 1),
        ("/nowhere", None, 404, 1),
    }
    assert tuple(counter.totals())[:3] == (3, 1, 1)


def test_views_shown(client: PagesClient) -> None:
    assert "Nothing was counted yet" in client.visit("/statistics").text
    client.visit("/country/Japan")
    visit = client.visit("/statistics")
    assert "Nothing was counted yet" not in visit.text
    assert visit.find(type="Code", text="/country/Japan")


def test_views_of_other_app_not_counted(
    client: PagesClient, counter: ViewCounter, tmp_path: Path
) -> None:
    other = create_app({"ANALYTICS_DATABASE": str(tmp_path / "other.sqlite3")})
    PagesClient(other).visit("/about")
    client.visit("/")
    assert counter.totals()["views"] == 1


def test_long_path_cut(client: PagesClient, counter: ViewCounter) -> None:
    client.visit("/" + "x" * 5000)
    assert len(counter.paths()[0]["path"]) == 200


def test_page_served_with_broken_database(
    client: PagesClient, counter: ViewCounter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.database.write_bytes(b"This is no database. " * 50)
    assert client.visit("/country/Japan").status == 200
    assert "page-resolved" in caplog.text
    assert "file is not a database" in caplog.text


def test_statistics_with_broken_database(
    client: PagesClient, counter: ViewCounter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.database.write_bytes(b"This is no database. " * 50)
    visit = client.visit("/statistics")
    assert visit.status == 200
    assert "cannot be read right now" in visit.text
    assert "could not be read" in caplog.text


def test_database_folder_created(tmp_path: Path) -> None:
    database = tmp_path / "instance" / "views.sqlite3"
    PagesClient(create_app({"ANALYTICS_DATABASE": str(database)})).visit("/about")
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT path FROM view").fetchall() == [("/about",)]
    connection.close()
