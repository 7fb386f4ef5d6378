"""The pytest plugin of Flask-Dash-Pages. It is not in the package, because pytest
imports it wherever the package is installed, and the package imports Dash.
"""

from __future__ import annotations

import typing as t

import pytest

if t.TYPE_CHECKING:
    from flask import Flask

    from flask_dash_pages.testing import PagesClient


@pytest.fixture
def pages_client(app: Flask) -> PagesClient:
    """A ``flask_dash_pages.testing.PagesClient`` for the fixture ``app``."""
    from flask_dash_pages.testing import PagesClient

    return PagesClient(app)
