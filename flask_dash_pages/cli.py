"""The commands of ``flask pages``."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import shutil
import sys
import typing as t
from collections.abc import Iterable
from contextlib import AbstractContextManager
from contextlib import nullcontext
from contextlib import redirect_stdout
from itertools import groupby
from pathlib import Path
from pathlib import PurePosixPath
from textwrap import shorten
from urllib.parse import urlsplit

import click
from flask import current_app
from flask import Flask
from flask.cli import AppGroup
from flask.cli import ScriptInfo
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import ClientRedirectError

from . import compat
from .access import Requirement
from .bound import BoundPages
from .checks import Finding
from .inspection import Inspection
from .inspection import View
from .naming import variable_names
from .nodes import id_text
from .nodes import Node
from .nodes import root
from .page import Page
from .page import PageError
from .routing import check_rule
from .scaffold import new_page
from .testing import PagesClient
from .testing import Visit

_COLORS = {"error": "red", "warning": "yellow"}

#: From how many components of a kind in a row on only some are shown, and how many.
_MANY, _FEW = 8, 3

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write JSON and nothing else."
)


class PagesGroup(AppGroup):
    """Tells why pages cannot be registered, without a traceback."""

    def invoke(self, ctx: click.Context) -> t.Any:
        try:
            return super().invoke(ctx)
        except PageError as e:
            raise click.ClickException(str(e)) from e


pages = PagesGroup("pages", help="Look at the Dash pages of the app.")


def _sections() -> dict[str, BoundPages]:
    """Each DashPages of the app, by its name."""
    found: dict[str, BoundPages] = current_app.extensions.get("dash_pages", {})

    if not found:
        raise click.ClickException(
            f"The app {current_app.name!r} has no DashPages. Give it one:"
            " DashPages(app), or init_app(app) in the factory."
        )

    return found


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


@pages.command("list")
@json_option
def list_pages(as_json: bool) -> None:
    """List the pages, in their order."""
    sections = _sections()
    rows: list[dict[str, t.Any]] = [
        {"section": name, **_row(bound, page)}
        for name, bound in sections.items()
        for page in bound.registry.values()
    ]

    if as_json:
        _echo_json(rows)
        return

    _echo_table([_cells(row, with_section=len(sections) > 1) for row in rows])
    click.echo(f"{_count(len(rows), 'page')}.")


def _row(bound: BoundPages, page: Page) -> dict[str, t.Any]:
    rules, redirects = bound.paths(page)
    return {
        "paths": rules,
        "status": page.error_status,
        "endpoint": page.endpoint,
        "name": str(page.name),
        "title": f"{_name(page.title)}()" if callable(page.title) else page.title,
        "file": _relative(page.source),
        "guards": [_name(guard) for guard in page.guard],
        "redirects": redirects,
    }


def _name(function: t.Any) -> str:
    """The name of a function, or of what it was made of."""
    if isinstance(function, functools.partial):
        return _name(function.func)

    if isinstance(function, Requirement):
        return _name(function.predicate)

    return str(getattr(function, "__name__", type(function).__name__))


def _cells(row: t.Mapping[str, t.Any], *, with_section: bool) -> dict[str, str]:
    cells = {
        key: ", ".join(value) if isinstance(value, list) else str(value)
        for key, value in row.items()
        if key not in {"section", "status"}
    }

    if row["status"] is not None:
        cells["paths"] = f"{cells['paths']} (status {row['status']})".lstrip()

    return {**cells, "section": row["section"]} if with_section else cells


def _echo_table(rows: list[dict[str, str]]) -> None:
    """Write a table, or its rows one below the other if the terminal is too narrow."""
    if not rows:
        return

    lines = [
        [key.capitalize() for key in rows[0]],
        *(list(row.values()) for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    total = sum(widths) + 2 * (len(widths) - 1)

    if total > _width():
        for row in rows:
            _echo_fields(row)
            click.echo()

        return

    lines.insert(1, ["-" * width for width in widths])

    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _echo_fields(row: t.Mapping[str, str | None]) -> None:
    """Write the first value, and the others that are not empty below it."""
    (_, heading), *fields = row.items()
    formatter = click.HelpFormatter(width=_width())
    formatter.indent()
    formatter.write_dl([(key.capitalize(), value) for key, value in fields if value])
    click.secho(heading, bold=True)
    click.echo(formatter.getvalue(), nl=False)


@pages.command(with_appcontext=False)
@json_option
@click.option("--strict", is_flag=True, help="Exit with status 1 on warnings, too.")
@click.option(
    "--slow",
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Report layouts that take longer.",
)
@click.pass_context
def check(ctx: click.Context, as_json: bool, strict: bool, slow: float) -> None:
    """Render the pages and report what is wrong with them.

    Guards are not asked, and no signals are sent. Pages with variables are rendered
    with the values in register_page(samples=[...]).
    """
    try:
        # What layouts print is none of the report.
        with redirect_stdout(sys.stderr):
            if not current_app:
                app = ctx.ensure_object(ScriptInfo).load_app()
                ctx.with_resource(app.app_context())

            found = _inspect(slow)
    except PageError as e:
        found = [("", Finding("error", "not-registered", None, str(e), None))]

    if as_json:
        _echo_json([{"section": name, **_finding(f)._asdict()} for name, f in found])
    else:
        for name, finding in found:
            _echo_finding(name, _finding(finding))

    levels = [finding.level for _, finding in found]
    errors, warnings = levels.count("error"), levels.count("warning")

    if not as_json:
        click.echo(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}.")

    if errors or (strict and warnings):
        ctx.exit(1)


def _inspect(slow: float) -> list[tuple[str, Finding]]:
    """What is wrong with the pages, and the DashPages that they are of."""
    inspections = {
        name: Inspection(_app(), bound, slow=slow)
        for name, bound in _sections().items()
    }
    views = [
        (each, view) for each in inspections.values() for view in each.find_views()
    ]

    with _progress(views) as bar:
        for inspection, view in bar:
            inspection.render(view)

    return [(name, f) for name, each in inspections.items() for f in each.finish()]


def _progress(
    views: list[tuple[Inspection, View]],
) -> AbstractContextManager[Iterable[tuple[Inspection, View]]]:
    if not sys.stderr.isatty():
        return nullcontext(views)

    return click.progressbar(
        views,
        label="Rendering",
        item_show_func=lambda item: item[1].path if item else None,
        file=sys.stderr,
    )


def _finding(finding: Finding) -> Finding:
    source = finding.source
    return finding._replace(source=None if source is None else _relative(source))


def _echo_finding(section: str, finding: Finding) -> None:
    where = finding.source or section or "The app"
    level = click.style(finding.level, fg=_COLORS[finding.level], bold=True)
    click.echo(f"{where}: {level}: {finding.message} [{finding.code}]")


@pages.command()
@click.argument("path")
@click.option("--section", metavar="NAME", help="The DashPages that gets the page.")
def new(path: str, section: str | None) -> None:
    """Write a page file for PATH, such as /reports/costs or /report/<id>.

    PATH is what register_page takes, without the prefix of the DashPages.
    """
    bound = _pick(section)
    folder = bound.folder

    if folder is None:
        raise click.ClickException(
            f"The DashPages {bound.blueprint_name!r} has no folder for page files. Name"
            " one: DashPages(pages_folder=...)."
        )

    path = f"/{path.lstrip('/')}"
    _refuse_odd(path)
    _refuse_taken(bound, path)
    converters = current_app.url_map.converters
    check_rule(path, source="PATH", converters=converters)
    page = new_page(path, lambda file: os.path.exists(folder / file), converters)
    file = Path(folder, page.file)
    _check_new(bound, page.file, page.arguments, file)
    _write(file, page.text)
    click.echo(f"Wrote {_relative(str(file))}")
    click.echo(f"The page is at {bound.rules.url_prefix}{path}")

    if "path_template" in page.arguments and "samples" not in page.arguments:
        click.echo("Give it samples, so that 'flask pages check' can render it.")


def _pick(section: str | None) -> BoundPages:
    sections = _sections()

    if section is None and len(sections) == 1:
        return next(iter(sections.values()))

    if section not in sections:
        problem = (
            "The app has several DashPages."
            if section is None
            else f"There is no DashPages {section!r}."
        )
        names = ", ".join(sections)
        raise click.UsageError(f"{problem} Pick one by --section NAME: {names}.")

    return sections[section]


def _refuse_odd(path: str) -> None:
    taken = {"dash", "html"} & {*variable_names(path)}

    if taken:
        raise click.ClickException(
            f"The variable {min(taken)!r} has the name of what the page file imports."
            " Give it another one."
        )

    if not path.isprintable():
        raise click.ClickException(f"The path {path!r} cannot be typed by visitors.")


def _refuse_taken(bound: BoundPages, path: str) -> None:
    endpoint = bound.rules.endpoint_of(path)

    if endpoint is None:
        return

    page = bound.registry.at(endpoint)
    where = f" in {_relative(page.source)}" if page is not None else ""
    raise click.ClickException(
        f"The path {bound.rules.url_prefix + path!r} is taken by the endpoint"
        f" {endpoint!r}{where}. Pick another one."
    )


def _check_new(
    bound: BoundPages, name: PurePosixPath, arguments: t.Mapping[str, t.Any], file: Path
) -> None:
    module = ".".join([bound.modules.package, *name.with_suffix("").parts])
    given = compat.bind_arguments(module, **arguments)
    declaration = compat.declaration_of(given)
    bound.read(dataclasses.replace(declaration, file=_relative(str(file)), line=4))


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)

        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as e:
        raise click.ClickException(
            f"There is '{_relative(str(e.filename or file))}' already, and it is not"
            " overwritten. Pick another path, or remove it."
        ) from e
    except OSError as e:
        raise click.FileError(str(file), hint=e.strerror) from e


@pages.command()
@click.argument("url")
@json_option
@click.pass_context
def visit(ctx: click.Context, url: str, as_json: bool) -> None:
    """Show what a visitor gets at URL, such as "/report/7?tab=costs".

    It is a visit like any other: guards are asked, and signals are sent.
    """
    _sections()

    with redirect_stdout(sys.stderr):
        answer = _visited(_app(), url)

    if as_json:
        _echo_json(answer)
    else:
        _echo_visit(answer)

    if answer["status"] >= 400:
        ctx.exit(1)


def _visited(app: Flask, url: str) -> dict[str, t.Any]:
    client = PagesClient(app)

    with client.signals() as sent:
        try:
            visit = client.visit(_below_root(app, url))
        except ClientRedirectError as e:
            raise click.ClickException(str(e)) from e

    heard = {signal.name: signal.fields for signal in sent}
    seconds = heard.get("page_resolved", {}).get("duration")
    return {
        "url": url,
        "denied": _told(heard.get("page_denied", {}).get("page")),
        "failed": _told(heard.get("page_failed", {}).get("page")),
        "redirects": visit.redirects,
        "path": visit.path,
        "status": visit.status,
        "page": _told(visit.page),
        "endpoint": visit.endpoint,
        "variables": visit.variables,
        "title": visit.title or None,
        "description": visit.description or None,
        "milliseconds": None if seconds is None else round(seconds * 1000, 1),
        "layout": _layout(visit),
    }


def _told(page: Page | None) -> dict[str, str] | None:
    if page is None:
        return None

    return {"module": page.module, "source": _relative(page.source)}


def _layout(visit: Visit) -> t.Any:
    try:
        return visit.layout.props["children"]
    except LookupError:
        # It is no page.
        return None


def _below_root(app: Flask, url: str) -> str:
    """``url`` as the app gets it where it is mounted."""
    root = app.config["APPLICATION_ROOT"].rstrip("/")

    try:
        parts = urlsplit(url)
        # Reading the port checks it.
        parts.port  # noqa: B018
    except ValueError as e:
        raise click.UsageError(f"{url!r} is not a URL. {e}.") from e

    if parts.scheme not in {"", "http", "https"} or not url.isprintable():
        raise click.UsageError(f"{url!r} is not the URL of a page. Give a path.")

    path = f"/{parts.path.lstrip('/')}"

    if root and f"{path}/".startswith(f"{root}/"):
        path = path.removeprefix(root) or "/"

    return parts._replace(path=path, fragment="").geturl()


def _echo_visit(answer: t.Mapping[str, t.Any]) -> None:
    status, time = answer["status"], answer["milliseconds"]
    phrase = HTTP_STATUS_CODES.get(status, "")
    pages = {
        key: "{module} ({source})".format(**answer[key]) if answer[key] else None
        for key in ("denied", "failed", "page")
    }
    fields = {
        "denied": pages["denied"],
        "failed": pages["failed"],
        "redirects": ", ".join(answer["redirects"]),
        "status": f"{status} {phrase}".rstrip(),
        "page": pages["page"],
        "endpoint": answer["endpoint"],
        "variables": ", ".join(f"{k}={v!r}" for k, v in answer["variables"].items()),
        "title": answer["title"],
        "description": answer["description"],
        "time": None if time is None else f"{time} ms",
    }
    _echo_fields({"url": answer["url"], **fields})
    layout = answer["layout"]

    if layout is not None:
        click.echo()

    if isinstance(layout, (str, int, float)):
        click.echo(layout)

    _echo_trees(root(layout).inner)


def _echo_trees(nodes: Iterable[Node], depth: int = 0) -> None:
    """Write components, and of many of a kind the first ones."""
    for name, group in groupby(nodes, lambda node: node.type):
        found = list(group)
        is_long = len(found) > _MANY

        for node in found[: _FEW if is_long else None]:
            _echo_tree(node, depth)

        if is_long:
            click.echo(f"{'  ' * depth}… and {len(found) - _FEW} more of {name}")


def _echo_tree(node: Node, depth: int) -> None:
    name = click.style(node.type, bold=True)
    own = "" if node.id is None else click.style(f" #{id_text(node.id)}", fg="cyan")
    href = node.props.get("href")
    target = f" → {href}" if isinstance(href, str) else ""
    texts = [child if isinstance(child, str) else "…" for child in node.children]
    text = shorten(" ".join(texts), width=40, placeholder="…")
    shown = f' "{text}"' if text.strip("… ") else ""
    click.echo(f"{'  ' * depth}{name}{own}{shown}{target}")
    _echo_trees(node.inner, depth + 1)


def _echo_json(value: t.Any) -> None:
    click.echo(json.dumps(value, indent=2, default=str))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _width() -> int:
    """How wide text may be. What is not read in a terminal is not wrapped."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 1_000_000


def _relative(source: str) -> str:
    """``file`` or ``file:line`` as it is seen from the current folder."""
    path = Path(source)
    return (
        str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else source
    )
