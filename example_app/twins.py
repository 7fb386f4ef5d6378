"""Which countries had the most similar histories, whenever they had them."""

from __future__ import annotations

import math
import typing as t
from collections.abc import Iterator
from collections.abc import Sequence

from . import data


class Pair(t.NamedTuple):
    """Two countries, and how far their histories are from each other."""

    distance: float
    first: str
    second: str


def compare_all(measure: str) -> Iterator[list[Pair]]:
    """Compare each country with those after it. Each turn has the pairs of one country.

    :param measure: A column of the data.
    """
    histories = scaled_histories(measure)
    names = list(histories)

    for place, first in enumerate(names):
        yield [
            Pair(distance(histories[first], histories[second]), first, second)
            for second in names[place + 1 :]
        ]


def scaled_histories(measure: str) -> dict[str, list[float]]:
    """The values of each country over the years, with a variance of 1."""
    frame = data.world().pivot(index="country", columns="year", values=measure)

    if measure != "lifeExp":
        # Twice as much is as far, wherever it begins.
        frame = frame.map(math.log)

    scaled = frame / frame.to_numpy().std()
    return {str(name): row.tolist() for name, row in scaled.iterrows()}


def distance(first: Sequence[float], second: Sequence[float]) -> float:
    """How far two histories are from each other, if years may be stretched and
    squeezed: dynamic time warping.
    """
    above = [0.0] + [math.inf] * len(second)

    for value in first:
        row = [math.inf]

        for left, other in enumerate(second):
            nearest = min(above[left], above[left + 1], row[left])
            row.append(abs(value - other) + nearest)

        above = row

    return above[-1]
