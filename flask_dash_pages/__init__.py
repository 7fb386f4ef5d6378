"""Dash pages as pages of a Flask app."""

from __future__ import annotations

from dash import page_container

from . import compat
from . import signals
from .compat import register_page
from .extension import DashPages
from .page import Page
from .page import PageError
from .registry import Registry

__version__ = "0.1.0.dev0"

__all__ = [
    "DashPages",
    "Page",
    "PageError",
    "Registry",
    "page_container",
    "page_registry",
    "register_page",
    "signals",
]

#: The pages of the app being served, in order. Use it in functions that are called
#: while the app serves, or within ``with app.app_context():``.
page_registry = compat.CurrentRegistry()
