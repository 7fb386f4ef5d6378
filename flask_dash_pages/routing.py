"""Pages and redirects as URL rules. Werkzeug does the matching."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword

from werkzeug.routing import BaseConverter
from werkzeug.routing import Map
from werkzeug.routing import PathConverter
from werkzeug.routing import Rule

from .naming import variable_names
from .page import Page
from .page import PageError

#: The name of the converter for unknown paths.
CONVERTER = "dash_pages_unknown"


class UnknownPathConverter(PathConverter):
    """Any rest of a path. It weighs so much that every other rule wins."""

    regex = ".*?"
    part_isolating = False
    weight = 10_000


#: The rule for all paths that no other rule takes.
UNKNOWN_PATH = f"/<{CONVERTER}:unknown>"


def takes_any_path(rule: Rule) -> bool:
    """Whether ``rule`` is :data:`UNKNOWN_PATH` below any prefix."""
    return rule.rule.endswith(UNKNOWN_PATH)


def check_rule(
    rule: str, *, source: str, converters: Mapping[str, type[BaseConverter]]
) -> None:
    """Refuse a rule that Werkzeug cannot match, or whose variables cannot be
    given to a function.

    :raises PageError: With ``source`` in the message.
    """
    names = variable_names(rule)

    for name in names:
        if not name.isidentifier() or iskeyword(name):
            raise PageError(
                f"{rule!r} in {source} has the variable {name!r}, which cannot be"
                " the name of a function's argument. Rename it."
            )

        if names.count(name) > 1:
            raise PageError(
                f"{rule!r} in {source} has the variable {name!r} twice. Rename one of"
                " them."
            )

    try:
        Map([Rule(rule, endpoint="page")], converters=converters)
    except LookupError:
        raise PageError(
            f"{rule!r} in {source} uses a converter that the app does not have. It"
            f" has {', '.join(sorted(converters))}. Add others to"
            " app.url_map.converters before init_app."
        ) from None
    except (ValueError, TypeError) as e:
        raise PageError(
            f"{rule!r} in {source} is not a URL rule: {e} Variables are written as"
            " '<name>' or '<converter:name>'."
        ) from e


def page_rules(page: Page, converters: Mapping[str, type[BaseConverter]]) -> list[str]:
    """The rules that show ``page``. None for the page for unknown paths."""
    if page.is_not_found:
        return []

    if page.path_template is None:
        return [page.path]

    if page.supplied_path is None or _matches(
        page.path_template, page.path, converters
    ):
        return [page.path_template]

    return [page.path, page.path_template]


def check_redirects(page: Page) -> None:
    """Refuse a redirect that does not say which of the page's URLs it leads to.

    :raises PageError: If it has some of the variables of the page's template, but
        not all.
    """
    needed = set(variable_names(page.path_template or ""))

    for rule in page.redirect_from or ():
        missing = needed - set(variable_names(rule))

        if missing and missing != needed:
            names = ", ".join(map(repr, sorted(missing)))
            raise PageError(
                f"{rule!r} in redirect_from of {page.module!r} in {page.source} lacks"
                f" the variables {names} of {page.path_template!r}. Add them, or leave"
                f" out all variables to lead to {page.path!r}."
            )


def _matches(
    rule: str, path: str, converters: Mapping[str, type[BaseConverter]]
) -> bool:
    url_map = Map([Rule(rule, endpoint="page")], converters=converters)
    return url_map.bind("localhost").test(path)
