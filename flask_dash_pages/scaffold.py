"""New page files."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import PurePosixPath

from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.routing import Map
from werkzeug.routing import Rule

from .naming import page_name
from .naming import page_path
from .naming import VARIABLE
from .naming import variable_names
from .page import ERROR_PAGES

#: What variables are tried with, until a converter takes one. Several segments come
#: first: what takes them may share a single one with another rule.
_VALUES = (
    *("example/1", "1", "example", "1.5", "2026-01-31"),
    "00000000-0000-0000-0000-000000000000",
)

_HEAD = """\
import dash
from dash import html

dash.register_page(
    __name__,
"""
_PLAIN = """\
)

layout = html.H1({title})
"""
_WITH_VARIABLES = """\
)


def layout({names}):
    return html.H1(f{title})
"""


class NewPage(t.NamedTuple):
    """A page file that is not there yet."""

    #: Relative to the folder of the pages.
    file: PurePosixPath
    #: The keywords of ``register_page``.
    arguments: Mapping[str, t.Any]
    text: str


def new_page(
    path: str,
    is_taken: Callable[[PurePosixPath], bool],
    converters: Mapping[str, type[BaseConverter]],
) -> NewPage:
    """A page for ``path``, which may have variables.

    :param is_taken: Whether a file or a folder is there.
    """
    words = [word for part in path.split("/") if (word := _word(part))]
    words = words or [*variable_names(path), "home"][:1]
    file = _free_file(words, variable_names(path), is_taken)
    module = ".".join(file.with_suffix("").parts)
    title = page_name(words[-1])
    arguments: dict[str, t.Any] = {}
    names = variable_names(path)

    if names:
        arguments["path_template"] = path
    elif page_path(module) != path:
        arguments["path"] = path

    if file.stem != words[-1]:
        arguments["name"] = title

    arguments["title"] = title
    sample = sample_of(path, converters) if names else None

    if sample is not None:
        arguments["samples"] = [sample]

    given = "".join(f"    {key}={_literal(arguments[key])},\n" for key in arguments)
    shown = " ".join([title, *(f"{{{name}}}" for name in names)])
    end = _WITH_VARIABLES if names else _PLAIN
    text = _HEAD + given + end.format(names=", ".join(names), title=_literal(shown))
    return NewPage(file, arguments, text)


def sample_of(
    path: str, converters: Mapping[str, type[BaseConverter]]
) -> dict[str, t.Any] | None:
    """Values for the variables of ``path``. ``None`` if nobody knows some that its
    converters take.
    """
    sample = {}

    for match in VARIABLE.finditer(path):
        url_map = Map([Rule(f"/{match[0]}", endpoint="page")], converters=converters)
        adapter = url_map.bind("localhost")

        for value in _VALUES:
            try:
                taken = adapter.match(f"/{value}")[1][match[2]]
            except HTTPException:
                continue

            sample[match[2]] = taken if isinstance(taken, (int, float)) else value
            break
        else:
            return None

    return sample


def _free_file(
    words: list[str], names: list[str], is_taken: Callable[[PurePosixPath], bool]
) -> PurePosixPath:
    """The file whose path by default has these words, or one of a similar name if that
    would be no page, or would hide others.
    """
    file = PurePosixPath(*words).with_suffix(".py")
    around = [folder.with_suffix(".py") for folder in file.parents if folder.name]

    # A module and a package cannot have the same name.
    if any(map(is_taken, around)):
        file = PurePosixPath("_".join(words)).with_suffix(".py")

    if file.stem in ERROR_PAGES or is_taken(file.with_suffix("")):
        file = file.with_stem(f"{file.stem}_page")

    if names and is_taken(file):
        file = file.with_stem("_".join([file.stem, *names]))

    return file


def _word(part: str) -> str:
    """A part of a path as the name of a file or folder. Those that begin with ``_`` are
    no pages.
    """
    return re.sub(r"\W+", "_", VARIABLE.sub("", part)).strip("_").lower()


def _literal(value: t.Any) -> str:
    """``value`` as Python code, with double quotes."""
    return json.dumps(value, ensure_ascii=False)
