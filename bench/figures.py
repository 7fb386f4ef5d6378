"""Figures, and how they are shown."""

from __future__ import annotations

import csv
import json
import os
import platform
import shutil
import subprocess
import typing as t
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import KW_ONLY
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median

HEADINGS = ["figure", "stock", "here", "ratio", "target"]


@dataclass(frozen=True)
class Figure:
    """A figure of both sides, or of one."""

    name: str
    #: Such as ``"ms"``.
    unit: str
    #: The samples of what the figure is compared with, which is stock Dash Pages if the
    #: name does not say otherwise.
    stock: Sequence[float]
    here: Sequence[float]
    _: KW_ONLY
    #: The ratio that must be reached. ``None`` for figures that are for orientation.
    target: float | None = None
    higher_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """The median here by the median of stock."""
        if not self.stock or not median(self.stock):
            return None

        return median(self.here) / median(self.stock)

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached, or ``None`` if there is none."""
        if self.target is None or self.ratio is None:
            return None

        if self.higher_is_better:
            return self.ratio >= self.target

        return self.ratio <= self.target

    def cells(self) -> list[str]:
        """The texts below the headings."""
        sign = "≥" if self.higher_is_better else "≤"
        return [
            self.name,
            self._cell(self.stock),
            self._cell(self.here),
            "" if self.ratio is None else f"{self.ratio:.3f}",
            "" if self.target is None else f"{sign} {self.target:.2f}",
        ]

    def _cell(self, samples: Sequence[float]) -> str:
        if not samples:
            return ""

        value = median(samples)
        digits = 0 if value >= 100 or value == int(value) else 3 if value < 1 else 1
        return f"{value:,.{digits}f} {self.unit}".rstrip()

    def as_json(self) -> dict[str, t.Any]:
        """All that is known about the figure."""
        return {
            **asdict(self),
            "stock_median": median(self.stock) if self.stock else None,
            "here_median": median(self.here),
            "ratio": self.ratio,
            "is_reached": self.is_reached,
        }


def cells(figures: Sequence[Figure]) -> list[list[str]]:
    """The headings, and the texts of each figure."""
    return [HEADINGS, *(figure.cells() for figure in figures)]


def table(figures: Sequence[Figure]) -> str:
    """The figures as an aligned text."""
    marks = {None: "", True: "yes", False: "no"}
    rows = [[*HEADINGS, "reached"]]
    rows += [[*figure.cells(), marks[figure.is_reached]] for figure in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 0 < i < 5 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def circumstances(**own: str) -> dict[str, str]:
    """When and with what the figures are taken.

    :param own: What only some figures are taken with.
    """
    names = ["Dash", "Flask", "Werkzeug", "gunicorn", "Flask-Compress"]
    return {
        "date": date.today().isoformat(),
        "platform": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count()),
        "Python": platform.python_version(),
        **{name: version(name) for name in names},
        **own,
    }


def write_json(path: Path, figures: Sequence[Figure], taken: Mapping[str, str]) -> None:
    """Write the figures with their samples.

    :param taken: What :func:`circumstances` returned.
    """
    data = {**taken, "figures": [figure.as_json() for figure in figures]}
    path.write_text(json.dumps(data, indent=2) + "\n", "utf-8")


def chromium_version() -> str:
    path = shutil.which("chromium")

    if path is None:
        return ""

    output = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    return output.removeprefix("Chromium").split()[0]


def write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write a table for the docs."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
