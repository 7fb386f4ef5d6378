"""A page as the registry holds it."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from datetime import date

#: Decides who may see a page. Takes the page and the variables of the path, and returns
#: ``None`` or ``True`` to let the visitor in, ``False`` for status 403, or a response.
Guard = Callable[["Page", Mapping[str, t.Any]], t.Any]

#: What is known of a page in the words of https://schema.org.
JsonLd = Mapping[str, t.Any] | list[t.Any]

#: The names of the modules whose pages are shown for errors, and the status codes.
ERROR_PAGES = {"forbidden_403": 403, "not_found_404": 404, "error_500": 500}


class PageError(ValueError):
    """A page that cannot be registered. The message names the file."""


@dataclass(frozen=True)
class Declaration:
    """One call of ``register_page``: its arguments and where it stands."""

    module: str
    arguments: Mapping[str, t.Any]
    file: str
    line: int
    #: The names of the modules whose code made it.
    modules: frozenset[str] = frozenset()
    #: What page files have set in the page after that.
    items: dict[str, t.Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """``file:line``, for messages."""
        return f"{self.file}:{self.line}"


@dataclass(eq=False, kw_only=True)
class Page(Mapping[str, t.Any]):
    """What is known about one page. Every value can be read as an attribute
    and as an item: ``page.path`` and ``page["path"]`` are the same. Further
    keywords that were given to :func:`register_page` can be read both ways,
    too.
    """

    module: str
    #: The path without any prefix.
    path: str
    supplied_path: str | None
    path_template: str | None
    name: str
    supplied_name: str | None
    title: str | Callable[..., str]
    supplied_title: str | Callable[..., str] | None
    description: str | Callable[..., str]
    order: t.Any
    supplied_order: t.Any
    layout: t.Any
    supplied_layout: t.Any
    #: The name of a file in the assets folder.
    image: str | None
    supplied_image: str | None
    image_url: str | None
    redirect_from: list[str] | None
    #: Whether the first view shows the content as HTML before the app is up.
    prerender: bool = True
    #: Whether links to the page may fetch it before they are clicked.
    prefetch: bool = True
    #: For how many seconds browsers may keep the page. ``None`` for not at all.
    max_age: int | None = None
    #: Whether search engines are asked not to list it.
    noindex: bool = False
    #: What it is about, for search engines.
    json_ld: JsonLd | Callable[..., JsonLd | None] | None = None
    #: Where it is in other languages.
    alternates: Mapping[str, str] | None = None
    #: Whether it is in the sitemap, or a function that yields the variables of paths.
    sitemap: bool | Callable[[], Iterable[Mapping[str, t.Any]]] = True
    #: When it was changed.
    lastmod: date | str | Callable[..., date | str | None] | None = None
    #: What decides who may see the page. Empty if everybody may.
    guard: tuple[Guard, ...] = ()
    supplied_guard: t.Any = None
    #: The name to use with :func:`flask.url_for`.
    endpoint: str
    #: Where the page was registered, as ``file:line``.
    source: str = field(metadata={"key": False})
    #: Adds the prefix of the app being served to a path.
    relative: Callable[[str], str] = field(repr=False, metadata={"key": False})
    extra: Mapping[str, t.Any] = field(repr=False, metadata={"key": False})
    #: Where items are kept for other apps, while page files are imported.
    items_to_keep: dict[str, t.Any] | None = field(
        default=None, repr=False, metadata={"key": False}
    )

    @property
    def relative_path(self) -> str:
        """The path to use in links: with the URL prefix, and with
        ``SCRIPT_NAME`` while a request is handled.
        """
        return self.relative(self.path)

    @property
    def error_status(self) -> int | None:
        """The status code for which this page is shown. ``None`` for other pages."""
        return ERROR_PAGES.get(self.module.rpartition(".")[2])

    @property
    def has_guards(self) -> bool:
        """Whether guards can be put before it. Pages for status 403 and 500 are shown
        to whoever is denied another one.
        """
        return self.error_status not in {403, 500}

    @property
    def is_indexed(self) -> bool:
        """Whether search engines and agents are told of it."""
        return not self.guard and not self.noindex and self.error_status is None

    def __getitem__(self, key: str) -> t.Any:
        if key in KEYS:
            return getattr(self, key)

        return self.extra[key]

    def __setitem__(self, key: str, value: t.Any) -> None:
        """Set what a page file may set after it has registered the page.

        :raises TypeError: If the rules of the page depend on it.
        """
        if key in _SETTABLE:
            setattr(self, key, value)

            if f"supplied_{key}" in KEYS:
                setattr(self, f"supplied_{key}", value)
        elif key in KEYS:
            raise TypeError(
                f"The {key!r} of the page {self.module!r} cannot be set. Give it as a"
                f" keyword: register_page(__name__, {key}=...)."
            )
        else:
            self.extra = {**self.extra, key: value}

        if self.items_to_keep is not None:
            self.items_to_keep[key] = value

    def copy(self) -> dict[str, t.Any]:
        """The page as a dict."""
        return dict(self)

    def __iter__(self) -> Iterator[str]:
        yield from KEYS
        yield from self.extra

    def __len__(self) -> int:
        return len(KEYS) + len(self.extra)

    def __getattr__(self, name: str) -> t.Any:
        # Only called for names that are not fields. Copying asks for names
        # before there are any fields.
        try:
            return self.__dict__["extra"][name]
        except KeyError:
            raise AttributeError(
                f"The page {self.__dict__.get('module')!r} has no {name!r}."
                f" Give it as a keyword: register_page(__name__, {name}=...)."
            ) from None

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


_SETTABLE = {"name", "title", "description", "image", "image_url", "layout"}

#: The keys that every page has.
KEYS = (
    *(f.name for f in fields(Page) if f.metadata.get("key", True)),
    "relative_path",
)
