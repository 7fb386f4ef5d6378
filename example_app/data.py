"""The Gapminder data that plotly comes with, loaded once.

The frames are shared by all requests. Do not change them.
"""

from __future__ import annotations

import typing as t
from functools import lru_cache

import pandas as pd
import plotly.data

FIRST_YEAR = 1952
LAST_YEAR = 2007
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1, 5))

CONTINENTS = ("Africa", "Americas", "Asia", "Europe", "Oceania")

#: The columns with a measure, and how they are called.
MEASURES = {
    "lifeExp": "Life expectancy",
    "gdpPercap": "GDP per person",
    "pop": "Population",
}


@lru_cache(maxsize=1)
def world() -> pd.DataFrame:
    """A row for each country and year."""
    return plotly.data.gapminder()


@lru_cache(maxsize=1)
def latest() -> pd.DataFrame:
    """The last year, by country, with the rank in life expectancy. The highest one
    comes first.
    """
    frame = world().query("year == @LAST_YEAR")
    frame = frame.sort_values("lifeExp", ascending=False).set_index("country")
    return frame.assign(rank=range(1, len(frame) + 1))


def in_year(year: int) -> pd.DataFrame:
    """A row for each country."""
    return world().query("year == @year")


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """The names of all countries, in alphabetical order."""
    return tuple(sorted(latest().index))


def history(*names: str) -> pd.DataFrame:
    """All years of some countries."""
    frame = world()
    return frame[frame["country"].isin(names)]


def neighbours(country: str) -> tuple[str | None, str | None]:
    """The countries whose life expectancy is next above and next below."""
    names = list(latest().index)
    place = names.index(country)
    above = names[place - 1] if place > 0 else None
    below = names[place + 1] if place + 1 < len(names) else None
    return above, below


def known_measure(name: t.Any) -> str:
    """``name``, if there is such a measure, or the first one. It comes from a URL."""
    return next((measure for measure in MEASURES if measure == name), "lifeExp")


def nearest_year(text: t.Any) -> int:
    """The year with data that is nearest to what a URL says, or the last one."""
    try:
        wanted = int(text)
    except (TypeError, ValueError):
        return LAST_YEAR

    return min(YEARS, key=lambda year: abs(year - wanted))


def format_measure(measure: str, value: float) -> str:
    """A value with its unit, to read in a sentence."""
    if measure == "lifeExp":
        return f"{value:.1f} years"

    if measure == "gdpPercap":
        return f"${value:,.0f}"

    if value >= 1e9:
        return f"{value / 1e9:.2f} billion"

    return f"{value / 1e6:.1f} million"
