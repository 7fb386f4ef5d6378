"""The commands of ``flask pages``."""

from __future__ import annotations

from collections.abc import Iterable

import click
from flask import current_app
from flask.cli import AppGroup

from .bound import BoundPages

pages = AppGroup("pages", help="Look at the Dash pages of the app.")


@pages.command()
def check() -> None:
    """Report callbacks that guarded pages share.

    They can be called by whoever may see one of the pages, and by everybody if an open
    page or the app owns them, too.
    """
    found: Iterable[BoundPages] = current_app.extensions["dash_pages"].values()
    shared = [
        (bound, output, owners)
        for bound in found
        for output, owners in bound.shared_callbacks()
    ]

    for bound, output, owners in shared:
        pages = sorted(repr(page.module) for page in owners if page)
        names = ", ".join(pages + ["the app"] * (None in owners))
        is_open = any(not guards for guards in bound.guards_of(owners))
        who = "Everybody" if is_open else "Whoever may see one of them"
        click.echo(f"The callback {output!r} belongs to {names}. {who} may call it.")

    click.echo(f"{len(shared)} shared callbacks.")
