"""Look at the pages of an app as they would be served, with no visitor."""

from __future__ import annotations

import json
import traceback
import typing as t
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from functools import cached_property
from itertools import chain
from itertools import islice
from pathlib import Path
from time import perf_counter
from urllib.parse import unquote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from flask import Flask
from flask import request
from flask import url_for
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.sansio.response import Response
from werkzeug.security import safe_join

from . import checks
from .binding import resolve_shell
from .binding import routing_values
from .bound import BoundPages
from .bound import take_unknown_path
from .calls import Spec
from .checks import Finding
from .checks import Rendered
from .encoding import to_json
from .encoding import to_script
from .naming import variable_names
from .nodes import Node
from .nodes import root
from .page import Page
from .visit import Visit

if t.TYPE_CHECKING:
    from flask.ctx import RequestContext

#: How many paths of the sitemap are looked at for a page without samples.
_MOST_LISTED = 3


class View(t.NamedTuple):
    """A URL of a page, and what its layout gets from the browser."""

    page: Page
    path: str
    inputs: dict[str, t.Any]


class Inspection:
    """Looks at one DashPages on one app. First :meth:`find_views`, then :meth:`render`
    for each of them, then :meth:`finish`.

    :param slow: How many seconds a layout may take.
    """

    def __init__(self, app: Flask, bound: BoundPages, *, slow: float) -> None:
        self.app = app
        self.bound = bound
        self.slow = slow
        self._findings: list[Finding] = []
        self._rendered: list[Rendered] = []
        self._shell: Node = root(None)
        self._shell_ids: list[str] = []
        #: The pages whose ids are not all known. The shell is none.
        self._not_seen: set[Page] = set()
        self._is_up = False

    def find_views(self) -> list[View]:
        """The views that can be rendered. None if the app cannot serve."""
        try:
            with self._request("/"), self.bound.enter():
                self._is_up = True
                self._findings += self._check_paths()
                self._add(
                    *(checks.warning("no-page", text) for text in self.bound.strays()),
                    *(
                        checks.warning("no-effect", text)
                        for text in self.bound.leftovers()
                    ),
                    *(
                        checks.error("alternates", text, page)
                        for page, text in self.bound.problems
                    ),
                )
        except Exception as e:
            self._add(
                checks.error("no-start", f"The pages cannot be served: {_told(e)}")
            )
            return []

        self._render_shell()
        return [
            view for page in self.bound.registry.values() for view in self._of(page)
        ]

    def render(self, view: View) -> None:
        """Render a view and look at it."""
        page = view.page

        try:
            with self._request(view.path):
                if page.error_status is None and request.endpoint != page.endpoint:
                    self._not_seen.add(page)
                    self._add(self._shadowed(page, view.path))
                    return

                self._look_at(view)
        except HTTPException as e:
            self._not_seen.add(page)
            self._add(_aborted(view, e))
        except Exception as e:
            self._not_seen.add(page)
            self._add(_raised(view, e))

    def finish(self) -> list[Finding]:
        """All that was found, errors and warnings by page."""
        if self._is_up:
            ids = chain(
                self._shell_ids, *(checks.ids_of(r.tree) for r in self._rendered)
            )
            ownership = self.bound.ownership
            owners = ownership.find()
            self._add(
                *checks.check_callbacks(self._specs, owners, ids, self._not_seen),
                *checks.check_owners(owners, has_guards=self.bound.has_guards()),
                *(
                    checks.check_shared(output, owning, ownership.guards_of(owning))
                    for output, owning in ownership.shared(owners)
                ),
                *checks.check_seconds(self._rendered, self.slow),
                *self._check_images(),
            )

        order = {name: number for number, name in enumerate(self.bound.registry)}
        # The samples of a page have much in common.
        return sorted(
            dict.fromkeys(self._findings),
            key=lambda found: order.get(found.page or "", -1),
        )

    def _add(self, *findings: Finding) -> None:
        self._findings.extend(findings)

    def _request(self, path: str) -> RequestContext:
        """A request for ``path``, without what is around the app."""
        rules = self.bound.rules

        if rules.host is not None:
            root = self.app.config["APPLICATION_ROOT"].lstrip("/")
            return self.app.test_request_context(
                path, base_url=f"http://{rules.host}/{root}"
            )

        return self.app.test_request_context(path, subdomain=rules.subdomain or None)

    def _of(self, page: Page) -> Iterator[View]:
        """The views of ``page`` that can be rendered."""
        needed = self.bound.browser_inputs(page)
        before = len(self._findings)
        found = [
            view._replace(inputs={**self._values(needed, view.path), **view.inputs})
            for view in (*self._own_path(page), *self._samples(page, needed))
        ]
        complete = [view for view in found if view.inputs.keys() >= {*needed}]
        self._add(*checks.check_keywords(page), *checks.check_variables(page, needed))

        if not complete:
            self._not_seen.add(page)

            if len(self._findings) == before:
                missing = {*needed} - self._values(needed, "/").keys()
                self._add(checks.check_not_rendered(page, sorted(missing)))

        yield from complete

    def _values(self, needed: list[str], path: str) -> dict[str, t.Any]:
        """What the browser would send from the shell at ``path``."""
        if not needed:
            return {}

        with self._request(path):
            return routing_values(self._specs, needed, self._shell, request.url)

    @cached_property
    def _specs(self) -> list[Spec]:
        """The callbacks as the browser is told of them."""
        dependencies = self.bound.release.dependencies
        assert dependencies is not None
        return t.cast("list[Spec]", json.loads(dependencies.data))

    def _own_path(self, page: Page) -> Iterator[View]:
        _, redirects = self.bound.paths(page)

        if page.path_template is None:
            # Samples say what the query has to have.
            is_view = not page.get("samples")
        else:
            # A path beside a template has a rule or is an example for it. What is
            # redirected without variables leads there, too.
            is_redirected = not all(map(variable_names, redirects))
            is_view = page.supplied_path is not None or is_redirected

        if is_view:
            yield View(page, self.bound.rules.url_prefix + page.path, {})

    def _samples(self, page: Page, needed: list[str]) -> Iterator[View]:
        sample: t.Any = None

        with self._request("/"):
            try:
                for sample in checks.samples_of(page) or self._listed(page):
                    inputs = {name: sample[name] for name in needed if name in sample}
                    others = {k: v for k, v in sample.items() if k not in inputs}
                    path = url_for(page.endpoint, **others)
                    yield View(page, path.removeprefix(request.script_root), inputs)
            except Exception as e:
                self._not_seen.add(page)
                which = "The samples" if sample is None else f"The sample {sample!r}"
                message = f"{which} cannot be used. {_told(e)}"
                self._add(checks.error("samples", message, page))

    def _listed(self, page: Page) -> list[t.Mapping[str, t.Any]]:
        """The first variables for the sitemap."""
        if not callable(page.sitemap):
            return []

        found = islice(self.app.ensure_sync(page.sitemap)(), _MOST_LISTED)
        return [dict(variables) for variables in found]

    def _look_at(self, view: View) -> None:
        page = view.page
        self._preprocess()
        started = perf_counter()
        result = self.bound.preview(page, view.inputs or None)
        seconds = perf_counter() - started

        if isinstance(result, Visit):
            if result.json_ld is not None:
                to_script(result.json_ld)

            self.bound.lastmod(page, result.variables)
            tree = json.loads(to_json(result.content))
            self._rendered.append(
                Rendered(
                    page, view.path, result.title, result.description, tree, seconds
                )
            )
            self._add(*checks.check_texts(self._rendered[-1]))
            self._add(*checks.check_ids(tree, self._shell_ids, page))
            self._add(*checks.check_links(tree, self._find_problem, page))
        elif result.location is not None:
            self._check_redirect(page, result)

    def _preprocess(self) -> None:
        # What they answer is for visitors.
        with suppress(HTTPException):
            self.app.preprocess_request()

    def _check_redirect(self, page: Page, response: Response) -> None:
        location = str(response.location)
        problem = self._find_problem(location)
        self._not_seen.add(page)

        if problem is not None:
            message = f"The layout redirects to {location!r}, which {problem}"
            self._add(checks.error("dead-redirect", message, page))

    def _render_shell(self) -> None:
        try:
            with self._request(f"{self.bound.rules.url_prefix}/"), self.bound.enter():
                # There need not be a page.
                take_unknown_path(self.app)
                self._preprocess()
                tree = json.loads(to_json(resolve_shell(self.bound.dash)))
                self._shell = root(tree)
                self._shell_ids = checks.ids_of(tree)
                self._add(*checks.check_ids(tree), *checks.check_place(self._shell_ids))
                self._add(*checks.check_links(tree, self._find_problem))
        except Exception as e:
            # Any callback may be about the shell.
            self._not_seen.update(self.bound.registry.values())
            self._add(
                checks.error("shell-failed", f"The shell cannot be made: {_told(e)}")
            )

    def _check_paths(self) -> Iterator[Finding]:
        """Rules of pages whose paths lead elsewhere."""
        for page in self.bound.registry.values():
            for rule in chain(*self.bound.paths(page)):
                path = checks.probe(rule)

                if path is not None:
                    with self._request(path):
                        if request.endpoint and not self.bound.is_page(
                            request.endpoint
                        ):
                            yield self._shadowed(page, rule)

    def _shadowed(self, page: Page, path: str) -> Finding:
        return checks.error(
            "shadowed",
            f"The path {path!r} leads to the endpoint {request.endpoint!r} instead of"
            " the page. Change one of them.",
            page,
        )

    def _check_images(self) -> Iterator[Finding]:
        if self.bound.dash.config.assets_external_path:
            return

        folder = self.bound.blueprint.static_folder or ""

        for page in self.bound.registry.values():
            if (
                page.image
                and not page.image_url
                and not Path(folder, page.image).is_file()
            ):
                yield checks.error(
                    "no-file",
                    f"The image {page.image!r} is not in the assets folder '{folder}'."
                    " Put it there, or change register_page(..., image=...).",
                    page,
                )

    def _find_problem(self, url: str) -> str | None:
        """What is wrong with ``url`` in the layout of the current request. ``None`` if
        it leads somewhere, or away from the app.
        """
        try:
            parts = urlsplit(urljoin(request.url, url))
        except ValueError:
            return "is not a URL."

        root = request.script_root

        if (
            parts.scheme not in {"http", "https"}
            or parts.netloc != request.host
            or not f"{parts.path}/".startswith(f"{root}/")
        ):
            return None

        path = unquote(parts.path.removeprefix(root)) or "/"
        adapter = self.app.create_url_adapter(request)
        assert adapter is not None

        try:
            endpoint, values = adapter.match(path, "GET")
        except RequestRedirect:
            return None
        except MethodNotAllowed:
            return "leads to a view that does not answer to GET."
        except NotFound:
            return self._no_rule(path)

        return self._no_file(endpoint, values)

    def _no_rule(self, path: str) -> str | None:
        adapter = self.app.create_url_adapter(request)
        assert adapter is not None

        # A slash at the end of the path of a page is redirected.
        with suppress(HTTPException):
            if path.endswith("/") and self.bound.is_page(
                adapter.match(path.rstrip("/"))[0]
            ):
                return None

        rules = (
            rule.rule for rule in self.app.url_map.iter_rules() if not rule.arguments
        )
        close = get_close_matches(path, rules, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"leads nowhere in this app.{hint}"

    def _no_file(self, endpoint: str, values: t.Mapping[str, t.Any]) -> str | None:
        """What is wrong with the URL of a file of the app or of a blueprint."""
        name, _, view = endpoint.rpartition(".")

        if view != "static" or "filename" not in values:
            return None

        folder = (self.app.blueprints[name] if name else self.app).static_folder
        file = safe_join(folder or "", values["filename"])

        if file is not None and Path(file).is_file():
            return None

        return f"is a file that is not in '{folder}'."


def _aborted(view: View, error: HTTPException) -> Finding:
    page = view.page
    # Without a guard asked, a layout may well refuse whoever is nobody.
    is_expected = bool(page.guard) or error.code in {401, 403}
    make = checks.warning if is_expected else checks.error
    return make(
        "aborted",
        f"The layout aborted at {view.path!r}: {_told(error)}",
        page,
    )


def _raised(view: View, error: Exception) -> Finding:
    page = view.page
    # What a guard makes sure of is not there.
    make = checks.warning if page.guard else checks.error
    found = make("raised", f"The page failed at {view.path!r}: {_told(error)}", page)
    file = page.source.rpartition(":")[0]
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == file
    ]
    return found._replace(source=f"{file}:{lines[-1]}") if lines else found


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
