"""``python -m bench``"""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from . import browser
from . import load
from . import server
from .figures import cells
from .figures import chromium_version
from .figures import circumstances
from .figures import table
from .figures import write_csv
from .figures import write_json

PARTS = {"server": server, "browser": browser, "load": load}


@click.command("bench")
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option(
    "--runs",
    default=9,
    show_default=True,
    type=click.IntRange(min=1),
    help="The runs of which each figure is the median.",
)
@click.option(
    "--output",
    default=str(Path(__file__).parent),
    type=click.Path(exists=True, file_okay=False),
    help="The folder for results.json, results.csv and versions.csv.",
)
def main(parts: tuple[str, ...], runs: int, output: str) -> None:
    """Compare Flask-Dash-Pages with stock Dash Pages.

    PARTS are the figures to take. All of them are taken by default.
    """
    figures = []

    def say(text: str) -> None:
        click.echo(text, err=True)

    with tempfile.TemporaryDirectory() as root:
        for part in parts or PARTS:
            say(f"{part}:")
            figures += PARTS[part].measure(Path(root), runs=runs, say=say)

    taken = circumstances(runs=str(runs), Chromium=chromium_version())
    write_json(Path(output, "results.json"), figures, taken)
    write_csv(Path(output, "results.csv"), cells(figures))
    write_csv(Path(output, "versions.csv"), taken.items())
    click.echo(table(figures))


if __name__ == "__main__":
    main()
