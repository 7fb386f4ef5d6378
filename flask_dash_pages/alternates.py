"""The full URLs of pages, and of the same pages in other languages."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from urllib.parse import unquote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from flask import current_app
from flask import request
from flask import url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter
from werkzeug.routing import BuildError
from werkzeug.routing import Map
from werkzeug.routing import MapAdapter
from werkzeug.routing import Rule

from .naming import variable_names
from .page import Page
from .page import PageError
from .registry import Registry
from .routing import alternate_rule

#: A page, how to build a path, or a URL as it is.
Target = Page | MapAdapter | str


def page_url(page: Page, variables: Mapping[str, t.Any]) -> str:
    """The full URL of a page.

    :raises TypeError: If ``variables`` are not those of its path.
    :raises BuildError: If some are missing.
    """
    names = variable_names(page.path_template or "")

    if not isinstance(variables, Mapping) or not variables.keys() <= set(names):
        raise TypeError(
            f"{variables!r} are not the variables of {page.path_template!r}. Give a"
            f" dict that has {', '.join(map(repr, names)) or 'nothing'}."
        )

    return url_for(page.endpoint, _external=True, **variables)


def checked_url(page: Page, variables: Mapping[str, t.Any]) -> str:
    """The full URL of a page, which leads to it.

    :raises ValueError: If it leads elsewhere. Not all values can be in a path.
    """
    url = page_url(page, variables)

    if _endpoint_at(url) == page.endpoint:
        return url

    raise ValueError(
        f"{url!r}, made of {dict(variables)!r}, does not lead to the page."
    )


def _endpoint_at(url: str) -> str | None:
    """The endpoint of the app that ``url`` leads to. ``None`` if it is none."""
    parts = urlsplit(url)
    adapter = current_app.create_url_adapter(request)

    if adapter is None or parts.netloc != request.host:
        return None

    path = unquote(parts.path).removeprefix(request.script_root)

    try:
        endpoint, _ = adapter.match(path, "GET")
    except HTTPException:
        return None

    return str(endpoint)


class Alternates:
    """The pages of one DashPages in other languages.

    :param prefix: What the paths of pages begin with.
    :param get_registries: Returns those of the app, that of these pages first.
    """

    def __init__(
        self,
        converters: Mapping[str, type[BaseConverter]],
        prefix: str,
        get_registries: Callable[[], Iterable[Registry]],
    ) -> None:
        self._converters = converters
        self._prefix = prefix
        self._get_registries = get_registries
        self._targets: dict[Page, dict[str, Target]] = {}
        self._by_endpoint: dict[str, Page] = {}

    def add(self, page: Page) -> None:
        """Add the alternates of a page. Other pages are looked up later.

        :raises PageError: If one cannot be used.
        """
        if page.alternates:
            self._targets[page] = {
                language: self._target(page, value)
                for language, value in page.alternates.items()
            }

    def _target(self, page: Page, value: str) -> Target:
        if value.startswith("/"):
            rule = self._prefix + alternate_rule(page, value, self._converters)
            url_map = Map([Rule(rule, endpoint="page")], converters=self._converters)
            return url_map.bind("localhost")

        if "://" in value:
            _check_url(page, value)

        return value

    def resolve(self) -> list[tuple[Page, str]]:
        """Look up the pages that are given by their modules or endpoints.

        :return: The pages with an alternate that cannot be used, which is left out, and
            why.
        """
        problems = []
        registries = list(self._get_registries())
        self._by_endpoint = {
            page.endpoint: page for each in registries for page in each.values()
        }
        known = [*registries, self._by_endpoint]

        # One that was refused is not among them.
        for page in self._targets.keys() & set(self._by_endpoint.values()):
            targets = self._targets[page]

            for language, target in list(targets.items()):
                if not isinstance(target, str) or "://" in target:
                    continue

                try:
                    targets[language] = _find_page(page, target, known)
                except PageError as e:
                    problems.append((page, str(e)))
                    del targets[language]

        return problems

    def urls(self, page: Page, variables: Mapping[str, t.Any]) -> list[tuple[str, str]]:
        """The languages and the full URLs for what a page shows. Those that search
        engines are not told of, and those whose variables it lacks, are left out.
        """
        made = (
            (language, self._url(page, target, variables))
            for language, target in self._targets.get(page, {}).items()
        )
        return [(language, url) for language, url in made if url is not None]

    def _url(
        self, page: Page, target: Target, variables: Mapping[str, t.Any]
    ) -> str | None:
        try:
            if isinstance(target, Page):
                names = variable_names(target.path_template or "")
                given = {name: variables[name] for name in names if name in variables}
                return page_url(target, given) if target.is_indexed else None

            if isinstance(target, MapAdapter):
                path = target.build("page", variables, append_unknown=False)
                url = urljoin(page_url(page, variables), request.script_root + path)
            else:
                url = target
        except BuildError:
            return None

        found = self._by_endpoint.get(_endpoint_at(url) or "")
        return url if found is None or found.is_indexed else None


def _check_url(page: Page, url: str) -> None:
    what = f"{url!r} in alternates of {page.module!r} in {page.source}"

    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")

    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise PageError(
            f"{what} is not a full URL. It must begin with 'https://' or 'http://'"
            " and a host."
        )

    if {"<", ">"} & {*url}:
        raise PageError(
            f"{what} has variables, which only paths can have. Give a path or the"
            " module of a page."
        )


def _find_page(page: Page, name: str, known: Iterable[Mapping[str, Page]]) -> Page:
    what = (
        f"The page {page.module!r} in {page.source} has {name!r} in alternates, which"
    )

    for pages in known:
        if name in pages:
            found = pages[name]
            break
    else:
        raise PageError(
            f"{what} is no page of the app. Give a path that begins with '/', a full"
            " URL, or the module or the endpoint of a page."
        )

    names = set(variable_names(found.path_template or ""))
    missing = names - set(variable_names(page.path_template or ""))

    if missing and found.supplied_path is None:
        raise PageError(
            f"{what} has the variable {min(missing)!r} that the page lacks."
            " Give a path."
        )

    return found
