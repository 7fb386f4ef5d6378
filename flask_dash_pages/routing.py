"""Pages and redirects as URL rules. Werkzeug does the matching."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from keyword import iskeyword

from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.routing import Map
from werkzeug.routing import Rule

from .naming import VARIABLE
from .naming import variable_names
from .page import Page
from .page import PageError


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
        rule.encode()
    except UnicodeEncodeError as e:
        raise PageError(
            f"{rule!r} in {source} cannot be part of a URL: {e}. Leave out the"
            " surrogate, which may come from the name of a file."
        ) from e

    if rule.startswith("/") and not {"<", ">"} & {*rule}:
        # The rest of it is text.
        return

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
            f"{rule!r} in {source} is not a URL rule: {str(e).rstrip('.')}. Variables"
            " are written as '<name>' or '<converter:name>'."
        ) from e


def page_rules(page: Page, converters: Mapping[str, type[BaseConverter]]) -> list[str]:
    """The rules that show ``page``. Pages for errors need none."""
    if page.error_status is not None:
        return [] if page.supplied_path is None else [page.path]

    if page.path_template is None:
        return [page.path]

    if page.supplied_path is None or _matches(
        page.path_template, page.path, converters
    ):
        return [page.path_template]

    return [page.path, page.path_template]


def page_redirects(
    page: Page, converters: Mapping[str, type[BaseConverter]]
) -> list[str]:
    """The rules that lead to ``page``. Their variables have the converters of the
    page's template.

    :raises PageError: If a rule leads to none of the URLs of the page.
    """
    if page.error_status is not None and (page.redirect_from or page.path_template):
        raise PageError(
            f"The page {page.module!r} in {page.source}, which is shown for status"
            f" {page.error_status}, has a path_template or redirect_from. Remove it:"
            " the page is shown for any path that has this status."
        )

    made = [_redirect(page, rule, converters) for rule in page.redirect_from or ()]
    # Werkzeug itself adds the slash at the end.
    return [r for r in made if f"{r}/" not in {page.path, page.path_template}]


def _redirect(
    page: Page, rule: str, converters: Mapping[str, type[BaseConverter]]
) -> str:
    template = page.path_template or ""
    needed = {match[2]: match[1] for match in VARIABLE.finditer(template)}
    missing = needed.keys() - set(variable_names(rule))
    what = f"{rule!r} in redirect_from of {page.module!r} in {page.source}"

    if not missing:
        return _with_converters(rule, needed, what)

    if missing != needed.keys():
        raise PageError(
            f"{what} lacks the variables {', '.join(map(repr, sorted(missing)))} of"
            f" {template!r}. Add them, or leave out all variables to lead to"
            f" {page.path!r}."
        )

    if page.supplied_path is None and not _matches(template, page.path, converters):
        raise PageError(
            f"{what} has no variables and would lead to {page.path!r}, which"
            f" {template!r} does not take. Add the variables, or give the page a path."
        )

    return rule


def _with_converters(rule: str, needed: Mapping[str, str | None], what: str) -> str:
    def convert(match: re.Match[str]) -> str:
        given, name = match[1], match[2]
        converter = needed.get(name, given)

        if given is not None and given != converter:
            raise PageError(
                f"{what} has {match[0]!r}, which can take what the page's"
                f" path_template does not. Write '<{name}>' to use its converter."
            )

        return match[0] if converter is None else f"<{converter}:{name}>"

    return VARIABLE.sub(convert, rule)


def path_variables(
    page: Page, converters: Mapping[str, type[BaseConverter]]
) -> Mapping[str, t.Any] | None:
    """The variables with which the URL of ``page`` is that of its path. ``None`` if a
    page with variables was given no path.
    """
    if page.path_template is None:
        return {}

    if page.supplied_path is None:
        return None

    url_map = Map([Rule(page.path_template, endpoint="page")], converters=converters)

    try:
        return url_map.bind("localhost").match(page.path)[1]
    except HTTPException:
        return {}


def alternate_rule(
    page: Page, rule: str, converters: Mapping[str, type[BaseConverter]]
) -> str:
    """The rule of a path in ``alternates``. Its variables have the converters of the
    page's template.

    :raises PageError: If the page lacks one of its variables.
    """
    what = f"{rule!r} in alternates of {page.module!r} in {page.source}"
    needed = {m[2]: m[1] for m in VARIABLE.finditer(page.path_template or "")}
    missing = set(variable_names(rule)) - needed.keys()

    if missing:
        raise PageError(
            f"{what} has the variable {min(missing)!r}, which the path_template of the"
            " page lacks. Leave it out."
        )

    rule = _with_converters(rule, needed, what)
    check_rule(rule, source=page.source, converters=converters)
    return rule


def _matches(
    rule: str, path: str, converters: Mapping[str, type[BaseConverter]]
) -> bool:
    url_map = Map([Rule(rule, endpoint="page")], converters=converters)
    return url_map.bind("localhost").test(path)
