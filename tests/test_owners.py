from __future__ import annotations

import pytest
from test_page import make_page

from flask_dash_pages.owners import owners_of_modules

A, B = make_page(module="pages.a"), make_page(module="pages.b")
PAGES = {"pages.a": [A], "pages.b": [B]}


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ({}, {}),
        ({"pages.a": ["tools"]}, {"tools": {A}}),
        ({"pages.a": ["tools"], "pages.b": ["tools"]}, {"tools": {A, B}}),
        ({"pages.a": ["x"], "x": ["tools"]}, {"tools": {A}, "x": {A}}),
        ({"pages.a": ["tools"], "app": ["tools"]}, {"tools": {A, None}}),
        ({"app": ["x"], "x": ["tools"]}, {"tools": {None}}),
        # What a page imports from another one is that page's.
        ({"pages.a": ["pages.b"], "pages.b": ["tools"]}, {"tools": {B}}),
        ({"app": ["pages.a"], "pages.a": ["tools"]}, {"tools": {A}}),
        # Modules may import each other.
        ({"pages.a": ["x"], "x": ["tools"], "tools": ["x"]}, {"tools": {A}, "x": {A}}),
        ({"pages.a": ["x"], "x": ["app"], "app": ["tools"]}, {"tools": {A, None}}),
    ],
)
def test_owners_of_modules(
    imports: dict[str, list[str]], expected: dict[str, set[object]]
) -> None:
    owners = owners_of_modules(PAGES, ["app"], imports)
    assert {name: owners[name] for name in expected} == expected
    assert owners["pages.a"] == {A}
    assert owners["pages.b"] == {B}


def test_owners_of_a_module_of_the_app_with_pages() -> None:
    owners = owners_of_modules({"app": [A, B]}, ["app"], {"app": ["tools"]})
    assert owners == {"app": {A, B}, "tools": {A, B, None}}
