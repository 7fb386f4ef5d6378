"""Fails, to show what visitors see then. In debug mode it is the debugger."""

from __future__ import annotations

import dash

dash.register_page(
    __name__,
    title="Failure · World in Figures",
    description="A page that fails.",
    # It would fail whenever the pointer rests on a link to it.
    prefetch=False,
    in_navigation=False,
)


def layout() -> None:
    raise RuntimeError("This page always fails.")
