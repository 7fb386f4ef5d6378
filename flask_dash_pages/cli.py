"""The commands of ``flask pages``."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

import click
from flask import current_app
from flask.cli import AppGroup

from .bound import BoundPages

pages = AppGroup("pages", help="Look at the Dash pages of the app.")


@pages.command()
def check() -> None:
    """Report callbacks of guarded pages that everybody may call.

    Those are the callbacks that a guarded page shares with an open page or with the
    app.
    """
    found: Iterable[BoundPages] = current_app.extensions["dash_pages"].values()
    shared = [each for bound in found for each in bound.shared_callbacks()]

    for output, owners in shared:
        guarded = sorted(page.module for page in owners if page and page.guard)
        others = sorted(page.module for page in owners if page and not page.guard)
        click.echo(
            f"The callback {output!r} of {_join(guarded)} can be called by everybody,"
            f" because it is also one of {_join(others) or 'the app'}."
        )

    click.echo(f"{len(shared)} shared callbacks.")


def _join(names: t.Iterable[str]) -> str:
    return ", ".join(map(repr, names))
