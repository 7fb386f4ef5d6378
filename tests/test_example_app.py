"""The example app, tested the way users would test their own."""

from __future__ import annotations

import html
import json
import sqlite3
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

pytest.importorskip("pandas", reason="the example app needs the extra 'example'")

from example_app import create_app
from example_app import shell
from example_app.analytics import ViewCounter

PAGE_JSON = {"Accept": "application/vnd.dash-pages+json"}


@pytest.fixture
def example(tmp_path: Path) -> Flask:
    return create_app(
        {"TESTING": True, "ANALYTICS_DATABASE": str(tmp_path / "views.sqlite3")}
    )


@pytest.fixture
def client(example: Flask) -> Iterator[FlaskClient]:
    with example.test_client() as client:
        yield client


@pytest.fixture
def counter(example: Flask) -> ViewCounter:
    return t.cast(ViewCounter, example.extensions["view_counter"])


def title_of(text: str) -> str:
    return html.unescape(text.partition("<title>")[2].partition("</title>")[0])


def layout_text(client: FlaskClient, url: str) -> str:
    """The layout of a page, to look for words in."""
    response = client.get(url, headers=PAGE_JSON)
    return json.dumps(response.get_json(force=True)["layout"], ensure_ascii=False)


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
def test_page_shown(client: FlaskClient, url: str, title: str) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert title_of(response.text) == title


def test_health_beside_pages(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok"}


def test_country_described(client: FlaskClient) -> None:
    text = client.get("/country/Japan").text
    assert (
        '<meta name="description" content="Life expectancy in Japan rose from'
        ' 63.0 years in 1952 to 82.6 years in 2007.">' in text
    )


def test_country_as_json(client: FlaskClient) -> None:
    """What the browser gets when a visitor goes on to another page."""
    response = client.get("/country/Japan", headers=PAGE_JSON)
    page = response.get_json(force=True)
    assert response.mimetype == PAGE_JSON["Accept"]
    assert page["title"] == "Japan · World in Figures"
    assert page["path"] == "/country/Japan"
    assert "Hong Kong, China" in json.dumps(page["layout"])


@pytest.mark.parametrize("headers", [{}, PAGE_JSON], ids=["html", "json"])
@pytest.mark.parametrize("url", ["/nowhere", "/country/Atlantis", "/continent/Mu"])
def test_unknown_path_not_found(
    client: FlaskClient, url: str, headers: dict[str, str]
) -> None:
    response = client.get(url, headers=headers)
    assert response.status_code == 404
    assert "There is no such page" in response.text


def test_not_found_inside_shell(client: FlaskClient) -> None:
    text = client.get("/nowhere").text
    assert title_of(text) == "Page not found · World in Figures"
    assert "Skip to the content" in text


def test_misspelt_country_suggested(client: FlaskClient) -> None:
    assert "Japan" in layout_text(client, "/country/Japn")


def test_plain_redirect_followed(client: FlaskClient) -> None:
    response = client.get("/list?from=mail")
    assert response.status_code == 301
    assert response.location == "/countries?from=mail"


def test_redirect_with_variable_followed(client: FlaskClient) -> None:
    response = client.get("/nation/Congo,%20Rep.?from=mail", follow_redirects=True)
    assert response.status_code == 200
    assert response.request.path == "/country/Congo, Rep."
    assert response.request.query_string == b"from=mail"


def chosen_countries(client: FlaskClient, query: str) -> t.Any:
    response = client.get(f"/compare{query}", headers=PAGE_JSON)
    article = response.get_json(force=True)["layout"]
    return next(
        child["props"]["value"]
        for child in article["props"]["children"]
        if child["props"].get("id") == "compare-countries"
    )


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
def test_compare_from_query(client: FlaskClient, query: str, chosen: list[str]) -> None:
    assert chosen_countries(client, query) == chosen


def test_callback_called(client: FlaskClient) -> None:
    response = client.post(
        "/_dash-update-component",
        json={
            "output": "country-graph.figure",
            "outputs": {"id": "country-graph", "property": "figure"},
            "inputs": [{"id": "country-measure", "property": "value", "value": "pop"}],
            "state": [{"id": "country-name", "property": "data", "value": "Japan"}],
            "changedPropIds": ["country-measure.value"],
        },
    )
    figure = response.get_json()["response"]["country-graph"]["figure"]
    assert figure["layout"]["title"]["text"] == "Population, Japan"


def test_navigation_with_marked_pages(example: Flask) -> None:
    """What uses ``dash.page_registry`` or ``url_for`` needs an active app."""
    with example.test_request_context():
        items = shell.navigation().children

    names = [item.children.children for item in items]
    assert names == ["World", "Countries", "Compare", "Views", "About"]


def test_views_counted(client: FlaskClient, counter: ViewCounter) -> None:
    client.get("/country/Japan")
    client.get("/country/Japan", headers=PAGE_JSON)
    client.get("/country/Kenya")
    client.get("/nowhere")
    client.get("/list")
    client.get("/health")
    assert [tuple(row) for row in counter.pages()] == [("Country", 2, 1)]
    assert {tuple(row)[:4] for row in counter.paths()} == {
        ("/country/Japan", "Country", 200, 2),
        ("/country/Kenya", "Country", 200, 1),
        ("/nowhere", None, 404, 1),
    }
    assert tuple(counter.totals())[:3] == (3, 1, 1)


def test_views_shown(client: FlaskClient) -> None:
    assert "Nothing was counted yet" in layout_text(client, "/statistics")
    client.get("/country/Japan")
    text = layout_text(client, "/statistics")
    assert "Nothing was counted yet" not in text
    assert "/country/Japan" in text


def test_views_of_other_app_not_counted(
    client: FlaskClient, counter: ViewCounter, tmp_path: Path
) -> None:
    other = create_app({"ANALYTICS_DATABASE": str(tmp_path / "other.sqlite3")})
    other.test_client().get("/about")
    client.get("/")
    assert counter.totals()["views"] == 1


def test_long_path_cut(client: FlaskClient, counter: ViewCounter) -> None:
    client.get("/" + "x" * 5000)
    assert len(counter.paths()[0]["path"]) == 200


def test_page_served_with_broken_database(
    client: FlaskClient, counter: ViewCounter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.database.write_bytes(b"This is no database. " * 50)
    response = client.get("/country/Japan")
    assert response.status_code == 200
    assert "page-resolved" in caplog.text
    assert "file is not a database" in caplog.text


def test_statistics_with_broken_database(
    client: FlaskClient, counter: ViewCounter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.database.write_bytes(b"This is no database. " * 50)
    response = client.get("/statistics")
    assert response.status_code == 200
    assert "cannot be read right now" in response.text
    assert "could not be read" in caplog.text


def test_database_folder_created(tmp_path: Path) -> None:
    database = tmp_path / "instance" / "views.sqlite3"
    app = create_app({"ANALYTICS_DATABASE": str(database)})
    app.test_client().get("/about")
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT path FROM view").fetchall() == [("/about",)]
    connection.close()
