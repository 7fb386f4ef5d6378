"""Makes the pictures of the example app: ``python docs/screenshots.py``.

Needs the extra ``example``, Playwright and Chromium.
"""

from __future__ import annotations

import random
import shutil
import sys
import threading
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[1]

#: The width and the height of the window.
SIZES = {"desktop": (1280, 900), "phone": (360, 860)}

PAGES = {
    "landing": "/",
    "world": "/explore/",
    "country": "/explore/country/Japan",
    "login": "/login",
    "analytics": "/admin/",
    "twins": "/explore/twins",
    "ranking": "/explore/ranking/1952?measure=gdpPercap",
    "countries": "/explore/countries",
    "compare": "/explore/compare?country=China&country=India&measure=gdpPercap",
    "continent": "/explore/continent/Africa",
    "speed": "/admin/speed",
    "answers": "/admin/answers",
    "forbidden": "/admin/latest",
}

#: The pictures that are in the docs.
KEPT = {
    ("landing", "desktop", "light"),
    ("world", "desktop", "light"),
    ("world", "phone", "light"),
    ("country", "phone", "dark"),
    ("analytics", "desktop", "dark"),
}

PASSWORD = "for pictures only"


@contextmanager
def served(folder: str) -> Iterator[str]:
    """The URL of an app that keeps its files in ``folder``."""
    from example_app import create_app

    app = create_app(
        {
            "DEMO_PASSWORD": PASSWORD,
            "JOBS_FOLDER": f"{folder}/jobs",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/views.sqlite3",
        }
    )
    make_views(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def make_views(app: Flask) -> None:
    """Write the views of a day, so that there are numbers."""
    from example_app.models import utc_now
    from example_app.models import View
    from example_app.writer import write

    chance = random.Random(7)
    pages = [
        "World",
        "Country",
        "Ranking",
        "Compare",
        "Countries",
        "Continent",
        "Twins",
    ]
    hosts = ["", "", "duckduckgo.com", "en.wikipedia.org", "github.com"]
    now = utc_now()
    views = []

    for _ in range(900):
        status = chance.choices([200, 301, 302, 404], [90, 4, 3, 3])[0]
        views.append(
            View(
                at=now - timedelta(hours=chance.triangular(0, 24, 3)),
                page=chance.choices(pages, range(8, 1, -1))[0],
                rule="",
                status=status,
                duration=chance.lognormvariate(-3.6, 0.5) if status == 200 else None,
                referrer=chance.choice(hosts),
                is_internal=chance.random() < 0.7,
            )
        )

    with app.app_context():
        write(views, days=1)


def log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/login")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")


def take(browser: Browser, url: str, folder: Path, *, all_of_them: bool) -> None:
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=t.cast(t.Any, scheme),
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.on("console", lambda message: print(message.text))
            page.on("pageerror", lambda error: print(error))

            for name, path in PAGES.items():
                if not all_of_them and (name, size, scheme) not in KEPT:
                    continue

                if path.startswith("/admin"):
                    log_in(page, url)

                page.goto(url + path)
                page.wait_for_load_state("networkidle")
                page.screenshot(
                    path=folder / f"example-{name}-{size}-{scheme}.png",
                    full_page=all_of_them,
                )

            context.close()


def main(folder: Path, *, all_of_them: bool) -> None:
    sys.path.insert(0, str(ROOT))

    with TemporaryDirectory() as files, served(files) as url, sync_playwright() as p:
        browser = p.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        take(browser, url, folder, all_of_them=all_of_them)
        browser.close()


if __name__ == "__main__":
    # All pages, from top to bottom, in a folder to look at them.
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), all_of_them=True)
    else:
        main(ROOT / "docs" / "_static", all_of_them=False)
