"""The pages of one app, in order."""

from __future__ import annotations

import inspect
import numbers
import re
import typing as t
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

from .access import as_guards
from .encoding import is_late_text
from .encoding import to_script
from .layouts import signature
from .naming import default_path
from .naming import page_endpoint
from .naming import page_image
from .naming import page_name
from .naming import page_path
from .naming import rule_key
from .naming import VARIABLE
from .page import Declaration
from .page import Guard
from .page import KEYS
from .page import Page
from .page import PageError
from .sitemap import lastmod_text

#: The arguments that pages have as they were given.
_OPTIONS = (
    *("prerender", "prefetch", "max_age"),
    *("noindex", "json_ld", "alternates", "sitemap", "lastmod"),
)

#: The ``hreflang`` of a language.
_LANGUAGE = re.compile(r"x-default|[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.I | re.ASCII)


class Registry(Mapping[str, Page]):
    """Maps module names to pages. Iterates in the order of the pages."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}
        self._by_endpoint: dict[str, Page] = {}
        #: The first page for each status code.
        self._error_pages: dict[int | None, Page] = {}
        #: Other names of modules.
        self.aliases: dict[str, str] = {}
        #: What each rule belongs to, to refuse a second use of it.
        self._rules: dict[str, Page] = {}
        self._sorted = True

    def add(
        self, page: Page, rules: t.Iterable[str], redirects: t.Iterable[str]
    ) -> None:
        """Add a page, with the rules that show it and those that redirect to it.

        :raises PageError: If the module or one of the rules is taken. Nothing
            is added then.
        """
        other = self._pages.get(page.module)

        if other is not None:
            raise PageError(
                f"{page.module!r} is registered twice, in {other.source} and"
                f" {page.source}. Remove one of the calls, or give the second page"
                " another module name as the first argument of register_page."
            )

        own = {}

        for rule in rules:
            own[rule_key(rule)] = page
            self._refuse_taken(page, rule, f"{rule!r} is the path of")

        for rule in redirects:
            if rule_key(rule) in own:
                raise PageError(
                    f"{page.module!r} in {page.source} has {rule!r} in redirect_from"
                    " twice, or as its own path, which would redirect forever."
                    " Remove it from redirect_from."
                )

            own[rule_key(rule)] = page
            self._refuse_taken(page, rule, f"{rule!r} is redirected to")

        self._pages[page.module] = page
        self._by_endpoint[page.endpoint] = page
        self._rules.update(own)
        self._sorted = False

    def _refuse_taken(self, page: Page, rule: str, what: str) -> None:
        other = self._rules.get(rule_key(rule))

        if other is not None:
            raise PageError(
                f"{what} {page.module!r} in {page.source}, but it is taken by"
                f" {other.module!r} in {other.source}. Change the path, path_template"
                " or redirect_from of one of them."
            )

    def at(self, endpoint: str | None) -> Page | None:
        """The page that is shown at an endpoint. ``None`` if it is none of a page."""
        return self._by_endpoint.get(endpoint or "")

    def error_page(self, status: int) -> Page | None:
        """The page for a status code: 403, 404 or 500. ``None`` for the default one."""
        self._sort()
        return self._error_pages.get(status)

    def _sort(self) -> None:
        if self._sorted:
            return

        ordered = any(page.supplied_order is not None for page in self._pages.values())

        for page in self._pages.values():
            first = page.path == "/" and not ordered
            page.order = 0 if first else page.supplied_order

        # Replaced, not changed: another thread may be iterating.
        self._pages = {
            page.module: page for page in sorted(self._pages.values(), key=_order)
        }
        self._error_pages = {
            page.error_status: page for page in reversed(self._pages.values())
        }
        self._sorted = True

    def __getitem__(self, module: str) -> Page:
        self._sort()
        return self._pages[self.aliases.get(module, module)]

    def __iter__(self) -> Iterator[str]:
        self._sort()
        # Another thread may be adding a page.
        return iter(tuple(self._pages))

    def __len__(self) -> int:
        return len(self._pages)

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self))

    def copy(self) -> dict[str, Page]:
        """The pages as a dict, in the order of now."""
        return dict(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {list(self)}>"


def _order(page: Page) -> tuple[bool, t.Any, str, str]:
    # Numbers, then strings, then pages without an order; by module among equals.
    number = page.order if isinstance(page.order, numbers.Real) else float("inf")
    return page.order is None, number, str(page.order), page.module


@dataclass(frozen=True)
class Defaults:
    """What pages of an app get if they do not say it themselves."""

    #: Names to cut off the front of module names.
    packages: tuple[str, ...]
    #: ``None`` to take the name of the page.
    title: str | None
    description: str
    #: The names of the files in the assets folder.
    assets: tuple[str, ...]
    #: Adds the prefix of the app being served to a path.
    relative: Callable[[str], str]


def make_page(
    declaration: Declaration,
    defaults: Defaults,
    endpoint: Callable[[str], str],
) -> Page:
    """The page that ``declaration`` asks for.

    :param endpoint: Makes an endpoint of a word.
    :raises PageError: If an argument cannot be used.
    """
    _check_arguments(declaration)
    module, given = declaration.module, dict(declaration.arguments)
    path, template = given.pop("path"), given.pop("path_template")
    name, title, order = given.pop("name"), given.pop("title"), given.pop("order")
    description, redirect_from = given.pop("description"), given.pop("redirect_from")
    image, image_url = given.pop("image"), given.pop("image_url")
    layout, guard = given.pop("layout"), given.pop("guard")
    options = {key: given.pop(key) for key in _OPTIONS}
    taken = sorted(given.keys() & set(KEYS))

    if taken:
        raise PageError(
            f"register_page in {declaration.source} was given the keyword {taken[0]!r},"
            " which every page has already. Use another name for it."
        )

    if template is not None:
        template = f"/{template.lstrip('/')}"
        made = default_path(template)
    else:
        made = page_path(module, defaults.packages)

    page = Page(
        module=module,
        path=made if path is None else path or "/",
        supplied_path=path,
        path_template=template,
        name=page_name(module) if name is None else name,
        supplied_name=name,
        title="",
        supplied_title=title,
        description=description or defaults.description,
        order=order,
        supplied_order=order,
        layout=layout,
        supplied_layout=layout,
        image=page_image(module, defaults.assets) if image is None else image,
        supplied_image=image,
        image_url=image_url,
        redirect_from=t.cast("list[str] | None", redirect_from),
        **options,
        guard=_own_guards(declaration),
        supplied_guard=guard,
        endpoint=endpoint(page_endpoint(module, defaults.packages)),
        source=declaration.source,
        relative=defaults.relative,
        extra=given,
    )
    page.title = title if title is not None else defaults.title or page.name

    for key, value in declaration.items.items():
        page[key] = value

    page.items_to_keep = declaration.items
    _check_path(page)
    _check_for_crawlers(page)

    if page.guard and not page.has_guards:
        raise PageError(
            f"register_page in {page.source} was given a guard for a page that is shown"
            " to whoever is denied another one. Remove it."
        )

    return page


def _own_guards(declaration: Declaration) -> tuple[Guard, ...]:
    try:
        return as_guards(declaration.arguments["guard"])
    except TypeError as e:
        raise PageError(
            f"register_page in {declaration.source} was given a guard that cannot be"
            f" used. {e}"
        ) from e


def _check_arguments(declaration: Declaration) -> None:
    module, given = declaration.module, declaration.arguments
    redirect_from = given["redirect_from"]

    if not isinstance(module, str) or module == "__main__":
        raise PageError(
            f"register_page in {declaration.source} was given {module!r} as the module."
            " Give the page a name of its own, such as register_page('home', ...)."
        )

    if redirect_from is not None and (
        not isinstance(redirect_from, (list, tuple))
        or not all(isinstance(rule, str) for rule in redirect_from)
    ):
        raise PageError(
            f"redirect_from in {declaration.source} is {redirect_from!r}. It must be a"
            " list of paths, such as ['/old']."
        )

    for key in ("prerender", "prefetch", "noindex"):
        if not isinstance(given[key], bool):
            raise PageError(
                f"The {key} in {declaration.source} is {given[key]!r}. It must be True"
                " or False."
            )

    max_age = given["max_age"]

    if max_age is not None and (
        not isinstance(max_age, int) or isinstance(max_age, bool) or max_age < 0
    ):
        raise PageError(
            f"The max_age in {declaration.source} is {max_age!r}. It must be a number"
            " of seconds, or None."
        )

    for key in ("path", "path_template", "name", "image", "image_url"):
        value = given[key]
        is_text = isinstance(value, str) or (key == "name" and is_late_text(value))

        if value is not None and not is_text:
            raise PageError(
                f"The {key} in {declaration.source} is {value!r}. It must be a string."
            )


def _check_for_crawlers(page: Page) -> None:
    _check_json_ld(page)
    _check_alternates(page)
    _check_sitemap(page)

    if page.lastmod is not None and not callable(page.lastmod):
        try:
            lastmod_text(page.lastmod)
        except ValueError as e:
            raise PageError(f"The lastmod in {page.source} cannot be used. {e}") from e


def _check_json_ld(page: Page) -> None:
    value = page.json_ld

    if value is None or callable(value):
        return

    if not isinstance(value, (dict, list)):
        raise PageError(
            f"The json_ld in {page.source} is {value!r}. It must be a dict, a list, or"
            " a function that returns one."
        )

    try:
        to_script(value)
    except (TypeError, ValueError, RecursionError) as e:
        raise PageError(
            f"The json_ld in {page.source} cannot be written as JSON: {e}"
        ) from e


def _check_alternates(page: Page) -> None:
    value = page.alternates

    if value is None:
        return

    if not isinstance(value, Mapping) or not all(
        isinstance(target, str) for target in value.values()
    ):
        raise PageError(
            f"The alternates in {page.source} are {value!r}. They must be a dict from"
            " languages to paths, URLs or modules, such as {'de': '/de/report'}."
        )

    for language, target in value.items():
        is_url = "://" in target
        is_odd = target.startswith("//") or {"?", "#"} & {*target}

        if not target or (is_odd and not is_url):
            raise PageError(
                f"{target!r} in alternates in {page.source} is no path, URL, module or"
                " endpoint. A path begins with one '/', and has no '?' and no '#'."
            )

        if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
            raise PageError(
                f"The alternates in {page.source} have the language {language!r}, which"
                " is no hreflang. Write one such as 'de', 'de-AT' or 'x-default'."
            )


def _check_sitemap(page: Page) -> None:
    value = page.sitemap

    if isinstance(value, bool):
        return

    if (
        not callable(value)
        or inspect.isasyncgenfunction(value)
        or signature(value).required
    ):
        raise PageError(
            f"The sitemap in {page.source} is {value!r}. It must be True, False, or a"
            " function without arguments that yields the variables of paths as dicts."
        )

    if page.path_template is None:
        raise PageError(
            f"register_page in {page.source} was given a function for the sitemap, but"
            " the path has no variables that it could yield. Leave it out."
        )


def _check_path(page: Page) -> None:
    if VARIABLE.search(page.path):
        raise PageError(
            f"The path {page.path!r} in {page.source} has variables. Give it as"
            " path_template instead."
        )

    segments = page.path.split("/")[1:]

    if (
        not page.path.startswith("/")
        or set(page.path) & {"?", "#", "%"}
        or {"", ".", ".."} & {*segments[:-1]}
        or segments[-1] in {".", ".."}
    ):
        raise PageError(
            f"The path {page.path!r} in {page.source} is not the path of a URL. It must"
            " begin with '/', have no empty parts, no '.' and no '..', and be written"
            " without '?', '#' and '%'."
        )
