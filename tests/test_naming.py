from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_dash_pages import naming


@pytest.mark.parametrize(
    ("module", "packages", "path"),
    [
        ("pages.weekly_analytics", ("pages",), "/weekly-analytics"),
        ("pages.reports.summary_2020", ("pages",), "/reports/summary-2020"),
        ("pages.subpages.report", ("pages",), "/subpages/report"),
        ("pages.pages.pages", ("pages",), "/pages/pages"),
        ("pages.pages_of_books", ("pages",), "/pages-of-books"),
        ("mysite.pages.Home", ("mysite.pages", "pages"), "/home"),
        ("pages.historical_outlook", ("mysite.pages", "pages"), "/historical-outlook"),
        ("home", ("pages",), "/home"),
        ("pages.home", (), "/pages/home"),
        ("pages.my-page", ("pages",), "/my-page"),
        ("pagesx.home", ("pages",), "/pagesx/home"),
    ],
)
def test_page_path(module: str, packages: tuple[str, ...], path: str) -> None:
    assert naming.page_path(module, packages) == path


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/asset/<asset_id>", "/asset/none"),
        ("/a/<int:x>/b/hello-<y>", "/a/none/b/hello-none"),
        ("/asset", "/asset"),
    ],
)
def test_default_path(template: str, path: str) -> None:
    assert naming.default_path(template) == path


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("pages.weekly_analytics", "Weekly analytics"),
        ("home", "Home"),
        ("pages.reports.summary_2020", "Summary 2020"),
        ("pages.my-page", "My-page"),
    ],
)
def test_page_name(module: str, name: str) -> None:
    assert naming.page_name(module) == name


@pytest.mark.parametrize(
    ("module", "endpoint"),
    [
        ("pages.home", "home"),
        ("pages.reports.summary_2020", "reports_summary_2020"),
        ("pages.my-page", "my_page"),
    ],
)
def test_page_endpoint(module: str, endpoint: str) -> None:
    assert naming.page_endpoint(module, ("pages",)) == endpoint


@pytest.mark.parametrize(
    ("rule", "slug"),
    [
        ("/_dash-layout", "dash_layout"),
        ("/_suites/<string:package>/<path:file>", "suites"),
        ("/_favicon.ico", "favicon_ico"),
        ("/", "index"),
    ],
)
def test_slug(rule: str, slug: str) -> None:
    assert naming.slug(rule) == slug


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/a/<x>", "/a/<y>", True),
        ("/a/<int:x>", "/a/<x>", False),
        ("/a/<any(b,c):x>", "/a/<any(d,e):x>", False),
        ("/a", "/a/", True),
        ("/", "/a", False),
    ],
)
def test_rule_key(one: str, other: str, same: bool) -> None:
    assert (naming.rule_key(one) == naming.rule_key(other)) is same


def test_variable_names() -> None:
    assert naming.variable_names("/<a>/<int:b>/<any(x, y):c>") == ["a", "b", "c"]
    assert naming.variable_names("/") == []


@pytest.mark.parametrize(
    ("files", "image"),
    [
        (["weekly_analytics.png", "app.png"], "weekly_analytics.png"),
        (["weekly-analytics.JPG", "app.png"], "weekly-analytics.JPG"),
        (["logo.svg", "app.webp"], "app.webp"),
        (["logo.svg", "weekly_analytics.css"], "logo.svg"),
        (["other.png"], None),
        ([], None),
        *[([f"app.{ext}"], f"app.{ext}") for ext in naming.IMAGE_EXTENSIONS],
    ],
)
def test_page_image(files: list[str], image: str | None) -> None:
    assert naming.page_image("pages.weekly_analytics", files) == image


@pytest.mark.parametrize(
    ("root", "package", "folder", "parts"),
    [
        ("/srv/app", "", "/srv/app/pages", ("pages",)),
        ("/srv/app", "", "/srv/app/a/b", ("a", "b")),
        ("/srv/mysite", "mysite", "/srv/mysite/pages", ("mysite", "pages")),
        ("/srv/a/b", "a.b", "/srv/a/b/pages", ("a", "b", "pages")),
        ("/srv/app", "", "/data/pages", ("data", "pages")),
    ],
)
def test_module_package(
    root: str, package: str, folder: str, parts: tuple[str, ...]
) -> None:
    made = naming.module_package(PurePath(root), package, PurePath(folder))
    assert made == parts


@given(st.text())
def test_names_of_any_module(module: str) -> None:
    assert naming.page_path(module).startswith("/")
    assert "." not in naming.page_endpoint(module)
    assert isinstance(naming.page_name(module), str)
