"""What is wrong with pages, from what they show and what belongs to them."""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from difflib import get_close_matches

from .calls import outputs_of
from .layouts import signature
from .naming import VARIABLE
from .naming import variable_names
from .nodes import id_fits
from .nodes import id_text
from .nodes import parse_id
from .nodes import root
from .owners import Owners
from .page import KEYS
from .page import Page
from .prerender import CONTENT

#: Says what is wrong with a URL, seen from the page that has it. ``None`` if it leads
#: somewhere.
FindProblem = Callable[[str], str | None]


class Finding(t.NamedTuple):
    """Something that is wrong."""

    #: ``"error"`` or ``"warning"``.
    level: str
    #: What kind of thing is wrong.
    code: str
    #: The module of the page. ``None`` if it is not about one page.
    page: str | None
    message: str
    #: ``file:line``, if that is known.
    source: str | None


class Rendered(t.NamedTuple):
    """What a page shows at one of its URLs."""

    page: Page
    url: str
    title: str
    description: str
    #: What the JSON of the layout is read as.
    tree: t.Any
    #: How long its functions took.
    seconds: float


def error(code: str, message: str, page: Page | None = None) -> Finding:
    return _finding("error", code, message, page)


def warning(code: str, message: str, page: Page | None = None) -> Finding:
    return _finding("warning", code, message, page)


def _finding(level: str, code: str, message: str, page: Page | None) -> Finding:
    if page is None:
        return Finding(level, code, None, message, None)

    return Finding(level, code, page.module, message, page.source)


def samples_of(page: Page) -> list[dict[str, t.Any]]:
    """The values with which ``page`` can be rendered, as ``register_page(samples=...)``
    gives them.

    :raises TypeError: If they are something else.
    """
    samples = page.get("samples") or ()

    try:
        found = [dict(each) for each in (samples() if callable(samples) else samples)]
    except (TypeError, ValueError) as e:
        raise TypeError(
            f"They are {samples!r}. Give a list of dicts, such as [{{'id': 1}}], or a"
            " function that yields dicts."
        ) from e

    return found


def check_not_rendered(page: Page, inputs: Iterable[str]) -> Finding:
    """What is missing to render ``page``.

    :param inputs: What its layout needs of the browser.
    """
    names = [*variable_names(page.path_template or ""), *inputs]
    sample = ", ".join(f"{name!r}: ..." for name in names)
    return warning(
        "not-rendered",
        f"The page was not rendered, because it needs {_quoted(names)}. Give it values"
        f" to try: register_page(..., samples=[{{{sample}}}]).",
        page,
    )


def check_keywords(page: Page) -> Iterator[Finding]:
    """Keywords of ``register_page`` that look like others."""
    known = [key for key in KEYS if not key.startswith("supplied_")]
    known += ["samples", "navigation"]

    for key in page.extra:
        close = get_close_matches(key, known, n=1, cutoff=0.75)

        if close and close[0] != key:
            yield warning(
                "unknown-keyword",
                f"register_page got {key!r}, which has no effect but to be kept with"
                f" the page. Did you mean {close[0]!r}?",
                page,
            )


def check_variables(page: Page, inputs: Iterable[str]) -> Iterator[Finding]:
    """Arguments of the layout that look like variables of the path.

    :param inputs: What the layout needs of the browser.
    """
    names = variable_names(page.path_template or "")
    required = signature(page.layout).required if callable(page.layout) else ()

    for name in required:
        close = get_close_matches(name, names, n=1)

        if close and name not in {*names, *inputs}:
            yield error(
                "unknown-variable",
                f"The layout requires {name!r}, which is no variable of the path"
                f" {page.path_template!r}. Did you mean {close[0]!r}?",
                page,
            )


def check_place(ids: Iterable[str]) -> Iterator[Finding]:
    """Whether there is a place for pages.

    :param ids: The ids of the shell.
    """
    if CONTENT not in ids:
        yield warning(
            "no-container",
            "The layout around the pages has no page_container, so no page is shown,"
            " unless a callback adds it. Put it into DashPages.layout.",
        )


def check_texts(rendered: Rendered) -> Iterator[Finding]:
    """Titles and descriptions. Pages for errors have no use for a description."""
    page = rendered.page

    if not rendered.title.strip():
        yield warning("no-title", "The title is empty.", page)
    elif page.supplied_title is None and rendered.title == page.name:
        yield warning(
            "no-title",
            f"The page has no title, so that it is its name, {page.name!r}. Give it"
            " one: register_page(..., title=...).",
            page,
        )

    if not rendered.description.strip() and page.error_status is None:
        yield warning(
            "no-description",
            "The page has no description. Give it one: register_page(...,"
            " description=...).",
            page,
        )


def check_ids(
    tree: t.Any, around: Iterable[str] = (), page: Page | None = None
) -> Iterator[Finding]:
    """Ids that stand in ``tree`` twice, or in what is around it.

    :param around: The ids of the shell.
    """
    counts = Counter(ids_of(tree))
    shell = set(around)

    for name, count in counts.items():
        if count > 1 or name in shell:
            where = f"there {count} times" if count > 1 else "in the shell, too"
            message = f"The id {name!r} is {where}. Give each component one of its own."
            yield error("duplicate-id", message, page)


def ids_of(tree: t.Any) -> list[str]:
    """The ids in ``tree``, as text."""
    return [id_text(node.id) for node in root(tree) if node.id is not None]


def check_links(
    tree: t.Any, find_problem: FindProblem, page: Page | None = None
) -> Iterator[Finding]:
    """Links and files that are not there."""
    for node in root(tree):
        for prop, code in (("href", "dead-link"), ("src", "no-file")):
            url = node.props.get(prop)
            problem = find_problem(url) if isinstance(url, str) else None

            if problem is not None:
                message = f"{node.type} has the {prop} {url!r}, which {problem}"
                yield error(code, message, page)


def check_seconds(rendered: Iterable[Rendered], slow: float) -> Iterator[Finding]:
    """The slowest view of each page, if it took longer than ``slow`` seconds."""
    slowest: dict[Page, Rendered] = {}

    for each in rendered:
        if each.seconds > slow:
            other = slowest.setdefault(each.page, each)
            slowest[each.page] = max(each, other, key=lambda view: view.seconds)

    for page, each in slowest.items():
        yield warning(
            "slow",
            f"The layout took {each.seconds:.1f} s at {each.url!r}. Load what takes"
            " long in a callback, or keep it in a cache.",
            page,
        )


def check_callbacks(
    specs: Iterable[Mapping[str, t.Any]],
    owners: Mapping[str, Iterable[Owners]],
    ids: Iterable[str],
    unknown: Iterable[Page],
) -> Iterator[Finding]:
    """Callbacks whose components are nowhere.

    :param specs: What the browser is told of each callback.
    :param owners: The pages that own each callback, by its output.
    :param ids: Those that stand in the pages and in the shell.
    :param unknown: The pages whose ids are not all known.
    """
    known, not_seen = set(ids), set(unknown)
    # Only these can be meant by patterns.
    dicts = [parse_id(name) for name in known if name.startswith("{")]

    for spec in specs:
        if spec["output"] not in owners or spec.get("optional"):
            continue

        owning = frozenset[Page | None]().union(*owners[spec["output"]])

        # What belongs to no page may be about any of them.
        if not_seen & owning or (not_seen and not owning - {None}):
            continue

        pages = [page for page in owning if page is not None]

        for name in callback_ids(spec):
            pattern = parse_id(name)

            if name not in known and not any(id_fits(each, pattern) for each in dicts):
                yield warning(
                    "no-component",
                    f"A callback has the id {name!r}, which is in no page and not in"
                    " the shell. Check how it is written. It does no harm if a"
                    " callback makes the component, or the layout has it for some"
                    " visitors only.",
                    pages[0] if len(pages) == 1 else None,
                )


def callback_ids(spec: Mapping[str, t.Any]) -> list[str]:
    """The ids of the outputs, the inputs and the states of a callback, each once."""
    names = [id_text(output.id) for output in outputs_of(spec["output"])]
    names += [each["id"] for each in (*spec["inputs"], *spec["state"])]
    return list(dict.fromkeys(names))


def check_owners(
    owners: Mapping[str, Iterable[Owners]], *, has_guards: bool
) -> Iterator[Finding]:
    """Callbacks that neither a page nor the app owns.

    :param has_guards: Whether there are pages that not everybody may see. If so, nobody
        may call such a callback.
    """
    make, who = (error, "Nobody") if has_guards else (warning, "Everybody")

    for output, found in owners.items():
        if not all(found):
            yield make(
                "no-owner",
                f"The callback {output!r} belongs neither to a page nor to the app."
                f" {who} may call it. Import the module that defines it in a page file"
                " or in the module of the app.",
            )


def check_shared(
    output: str, owners: Owners, guards: Iterable[tuple[t.Any, ...]]
) -> Finding:
    """A callback that guarded pages share.

    :param guards: Those of each owner. Empty for those that everybody may see.
    """
    pages = sorted(repr(page.module) for page in owners if page)
    names = ", ".join(pages + ["the app"] * (None in owners))
    is_open = any(not each for each in guards)
    who = "Everybody" if is_open else "Whoever may see one of them"
    return warning(
        "shared-callback",
        f"The callback {output!r} belongs to {names}. {who} may call it.",
    )


def probe(rule: str) -> str | None:
    """A path that ``rule`` takes and that hardly any other one is meant for. ``None``
    if it has converters that are not Werkzeug's.
    """
    converters = {match[1] or "default" for match in VARIABLE.finditer(rule)}

    if not converters <= _PROBES.keys():
        return None

    return VARIABLE.sub(lambda match: _PROBES[match[1] or "default"], rule)


_PROBES = {
    **dict.fromkeys(("default", "string"), "dash-pages-check"),
    # A single segment may well be meant for another rule.
    "path": "dash-pages/check/7919919",
    "int": "7919919",
    "float": "7919.919",
    "uuid": "79199190-7919-4919-8919-791991979199",
}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))
