"""A walk through the example app in the browser."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import free_port
from conftest import running
from conftest import Visitor
from test_first_view import SHIFTS

from .conftest import PASSWORD
from .conftest import ROOT

#: What is below the graph of the hours.
TICKS = """
[...document.querySelectorAll("#overview-hours .xtick")]
    .map((tick) => tick.textContent)
    .join()
"""


@pytest.fixture
def url(environ: None, tmp_path: Path) -> Iterator[str]:
    """The app in two workers, which are forked when it has been made."""
    port = free_port()
    command = (
        f"python -m gunicorn --chdir {ROOT} --preload --workers 2 --threads 8"
        f" --bind 127.0.0.1:{port} example_app:create_app()"
    )

    with running(command, tmp_path, port=port):
        yield f"http://127.0.0.1:{port}"


def click_largest(browser: Visitor, selector: str) -> None:
    browser.page.wait_for_selector(selector)
    boxes = [point.bounding_box() for point in browser.page.locator(selector).all()]
    box = max((box for box in boxes if box), key=lambda box: box["width"])
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    # A graph knows what is clicked by what the pointer was over, once it listens.
    for _ in range(500):
        browser.page.mouse.move(x - 1, y)
        browser.page.mouse.move(x, y)
        browser.page.evaluate("new Promise(requestAnimationFrame)")

        if browser.page.locator(".hovertext").count():
            break

    browser.page.mouse.click(x, y)


def zoom(browser: Visitor, selector: str) -> None:
    """Select a third of a graph."""
    box = browser.page.locator(f"{selector} .nsewdrag").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    browser.page.mouse.move(x, y)
    browser.page.mouse.down()
    browser.page.mouse.move(x + box["width"] / 3, y, steps=5)
    browser.page.mouse.up()


@pytest.mark.browser
def test_walk(url: str, look_at: Callable[[str], Visitor]) -> None:
    browser = look_at(url)
    browser.open("/")
    browser.page.click("text=Explore the world")
    browser.is_up()
    click_largest(browser, "#home-graph .point")
    browser.page.wait_for_url(f"{url}/explore/country/*")
    browser.page.click("text=Compare them")
    browser.sees("Choose up to 6")

    browser.page.click("nav >> text=Twins")
    browser.page.click("text=Find twins")
    browser.sees("Belgium", "#twins-found")
    # It is ready for the next time.
    browser.page.wait_for_selector("#twins-at:empty", state="attached")

    browser.page.click("text=Admin")
    browser.page.fill("[name=password]", PASSWORD)
    browser.page.click("main button")
    browser.sees("Overview", "h1")
    browser.sees("Country", "#overview-pages")

    # Another visitor's view shows up by itself. What was zoomed stays.
    whole = browser.page.evaluate(TICKS)
    zoom(browser, "#overview-hours")
    browser.page.wait_for_function(f"whole => ({TICKS}) !== whole", arg=whole)
    other = look_at(url)
    other.open("/explore/about")
    browser.sees("About", "#overview-pages")
    assert browser.page.evaluate(TICKS) != whole

    # Nothing moves when the app takes over from the HTML.
    other.page.add_init_script(SHIFTS)
    other.open("/explore/")
    other.page.wait_for_selector("#home-graph .point")
    assert other.page.evaluate("shifts") < 0.01

    browser.page.bring_to_front()
    browser.page.click("text=Log out")
    browser.page.wait_for_url(f"{url}/")
    browser.is_quiet()
    other.is_quiet()
