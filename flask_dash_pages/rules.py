"""The rules of one DashPages among those of its app."""

from __future__ import annotations

import typing as t
from collections import ChainMap
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from flask import Flask
from flask import request
from werkzeug.routing import Rule

from . import naming
from .page import Page
from .page import PageError

#: What tells rules apart: rule, subdomain and host.
RuleKey = tuple[str, str, str]


@dataclass
class KnownRules:
    """The rules of an app, which are read again if it has got other views since."""

    #: By what their rules take.
    endpoints: dict[RuleKey, str] = field(default_factory=dict)
    views: int = -1


class Rules:
    """Where one DashPages is on an app.

    :param blueprint_name: The name under which its blueprint is registered.
    :param url_prefix: Without a slash at the end.
    :param known: All DashPages of an app have the same.
    """

    def __init__(
        self,
        app: Flask,
        blueprint_name: str,
        *,
        url_prefix: str,
        subdomain: str | None,
        host: str | None,
        known: KnownRules,
    ) -> None:
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        #: The rule of requests for paths below the prefix that no rule takes. It is not
        #: among the rules of the app, where it would hide what the others do not take.
        self.unknown_path = Rule(
            f"{url_prefix}/<path:unknown>", endpoint=f"{blueprint_name}.not_found"
        )
        self._app = app
        self._blueprint_name = blueprint_name
        self.host = host
        self._endpoints = {self.unknown_path.endpoint}
        #: The endpoints of the blueprint itself, by what their rules take.
        self._of_blueprint: dict[RuleKey, str] = {}
        #: The endpoints of pages, likewise.
        self._of_pages: dict[RuleKey, str] = {}
        self.known = known

    def reserve(self, words: Mapping[str, str]) -> None:
        """Keep rules for the blueprint.

        :param words: The last word of the endpoint of each.
        """
        for rule, word in words.items():
            endpoint = f"{self._blueprint_name}.{word}"
            self._of_blueprint[self._own_key(rule)] = endpoint
            self._endpoints.add(endpoint)

    def free_endpoint(self, word: str) -> str:
        """An endpoint of the blueprint that nobody has taken."""
        endpoint = first = f"{self._blueprint_name}.{word}"
        number = 1

        while endpoint in self._endpoints:
            number += 1
            endpoint = f"{first}_{number}"

        return endpoint

    def take_endpoint(self, endpoint: str) -> None:
        """Give ``endpoint`` to nobody else."""
        self._endpoints.add(endpoint)

    def add(
        self, rule: str, endpoint: str, view: Callable[..., t.Any], **options: t.Any
    ) -> None:
        """Add the rule of a page, or of a redirect to one."""
        key = self._own_key(rule)
        self._of_pages[key] = endpoint
        is_known = self.known.views == len(self._app.view_functions)
        # Pages can be added after the blueprint was registered. Flask counts an
        # endpoint as the blueprint's by its name.
        self._app.add_url_rule(
            self.url_prefix + rule,
            endpoint,
            view,
            subdomain=self.subdomain,
            host=self.host,
            **options,
        )

        if is_known:
            self.known.endpoints[key] = endpoint
            self.known.views = len(self._app.view_functions)

    def check(self, page: Page, rules: Iterable[str]) -> None:
        """
        :raises PageError: If another view has one of ``rules``.
        """
        if self.known.views != len(self._app.view_functions):
            self.known.endpoints = {key: rule.endpoint for key, rule in self._of_app()}
            self.known.views = len(self._app.view_functions)

        taken = ChainMap(self._of_blueprint, self.known.endpoints)

        for rule in rules:
            key = self._own_key(rule)
            endpoint = taken.get(key)

            # Two pages are told by the registry.
            if endpoint is not None and endpoint != self._of_pages.get(key):
                raise PageError(
                    f"The path {self.url_prefix + rule!r} of {page.module!r} in"
                    f" {page.source} is taken by the endpoint {endpoint!r}. Change one"
                    " of them, or the url_prefix of DashPages."
                )

    def endpoint_of(self, rule: str) -> str | None:
        """The endpoint of the app that takes the same paths as ``rule``, but for the
        slash at the end.
        """
        path, *where = self._own_key(rule)
        own = path.rstrip("/"), *where
        return next(
            (
                other.endpoint
                for (path, *where), other in self._of_app()
                if (path.rstrip("/"), *where) == own
            ),
            None,
        )

    def check_blueprint(self) -> None:
        """
        :raises PageError: If another view has a rule that is kept for the blueprint.
        """
        for key, rule in self._of_app():
            if key in self._of_blueprint:
                raise PageError(
                    f"The rule {rule.rule!r} of {self._of_blueprint[key]!r} is taken by"
                    f" the endpoint {rule.endpoint!r}. Two DashPages need different"
                    " prefixes: DashPages(url_prefix=...)."
                )

    def check_added_later(self) -> None:
        """
        :raises RuntimeError: If a view that was added after a page has its rule.
        """
        for key, rule in self._of_app():
            endpoint = self._of_pages.get(key, rule.endpoint)

            if endpoint != rule.endpoint:
                raise RuntimeError(
                    f"The rule {rule.rule!r} of the endpoint {rule.endpoint!r} takes"
                    f" the path of the page {endpoint!r}. Change one of them, or the"
                    " url_prefix of DashPages."
                )

    def takes_request(self) -> bool:
        """Whether the current request is one for a path below the prefix."""
        is_below = f"{request.path}/".startswith(f"{self.url_prefix}/")
        return is_below and self.takes_host()

    def takes_host(self) -> bool:
        """Whether the current request is one for the host and the subdomain."""
        if self.host is not None and request.host.lower() != self.host.lower():
            return False

        if not self._app.subdomain_matching:
            return True

        adapter = self._app.create_url_adapter(request)
        subdomain = self.subdomain or self._app.url_map.default_subdomain
        return adapter is not None and adapter.subdomain == subdomain

    def _of_app(self) -> Iterator[tuple[RuleKey, Rule]]:
        """The rules by which the app answers to GET."""
        for rule in self._app.url_map.iter_rules():
            answers = rule.methods is None or "GET" in rule.methods

            if answers and not rule.build_only and not rule.websocket:
                yield self._key(rule.rule, rule.subdomain, rule.host), rule

    def _own_key(self, rule: str) -> RuleKey:
        return self._key(self.url_prefix + rule, self.subdomain, self.host)

    def _key(self, rule: str, subdomain: str | None, host: str | None) -> RuleKey:
        # Unlike two pages, a page and another view may differ by the slash at the end.
        rule = naming.rule_key(rule) + "/" * rule.endswith("/")
        return rule, subdomain or self._app.url_map.default_subdomain, host or ""
