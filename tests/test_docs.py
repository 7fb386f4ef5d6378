"""The code in the docs runs.

The blocks of one page are one project, read from top to bottom. A Python block has a
caption that says which file it is, or a comment in the README, where there are no
captions. A session shows what the project answers at that place. Commands are run, if
they need no network and end by themselves.
"""

from __future__ import annotations

import doctest
import gc
import re
import shlex
import subprocess
import sys
import typing as t
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from textwrap import dedent
from weakref import WeakKeyDictionary

import pytest
from conftest import JSON
from diskcache import Cache
from flask import Flask
from flask.cli import ScriptInfo

import flask_dash_pages
from flask_dash_pages import compat
from flask_dash_pages import guards
from flask_dash_pages import signals
from flask_dash_pages import testing
from flask_dash_pages.access import Requirement
from flask_dash_pages.extension import DEFAULT_CONFIG
from flask_dash_pages.page import KEYS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCES = [ROOT / "README.rst", *sorted(DOCS.glob("*.rst"))]

BLOCK = re.compile(
    r"^(?P<indent> *)\.\. code-block:: (?P<language>\w+)\n"
    r"(?P<options>(?:(?P=indent)    :.*\n)*)\n"
    r"(?P<text>(?:(?:(?P=indent)    .*)?\n)+)",
    re.M,
)
CAPTION = re.compile(r":caption: ``(.+)``|\A# (\S+\.py)$", re.M)
APP = re.compile(r"\$ flask --app (\w+) ")

#: Commands that need the network, or do not end.
NOT_RUN = {
    "README.rst": {
        "pip install Flask-Dash-Pages",
        "flask --app app run",
        'python3 -m venv venv && venv/bin/pip install -e ".[example]"'
        " && venv/bin/flask --app example_app run",
        "tests/run",
    },
    "quickstart.rst": {
        "pip install Flask-Dash-Pages",
        "flask --app app run --debug",
        "flask --app app shell",
        "pip install pytest",
    },
    "benchmarks.rst": {"tox run -e bench"},
    "deployment.rst": {
        "pip install gunicorn",
        'gunicorn --workers 2 --threads 4 --bind 127.0.0.1:8000 "app:create_app()"',
        "gunicorn --workers 2 --threads 4 --bind 127.0.0.1:8000 wsgi:app",
        "pip install waitress",
        "waitress-serve --listen 127.0.0.1:8000 --call app:create_app",
        "waitress-serve --listen 127.0.0.1:8000 wsgi:app",
        'pip install "dash[diskcache]"',
        'pip install "dash[celery]"',
        "celery -A make_celery worker",
    },
    "reliability.rst": {
        "tox run -e soak",
        "python -m bench.soak memory --requests 1000000",
    },
    "search_engines.rst": {'pip install "Flask-Dash-Pages[markdown]"'},
    "speed.rst": {'pip install "Flask-Dash-Pages[compress,markdown]"'},
    "example.rst": {
        'pip install -e ".[example]"',
        "flask --app example_app run",
        'export FLASK_SECRET_KEY="..." FLASK_DEMO_PASSWORD="..."',
        'gunicorn --workers 2 --threads 4 "example_app:create_app()"',
    },
    "layouts.rst": {'pip install "Flask-Dash-Pages[async]"'},
    "tutorial.rst": {
        "mkdir tutorial",
        "cd tutorial",
        "python3 -m venv .venv",
        ". .venv/bin/activate",
        'pip install "Flask-Dash-Pages[login]" pytest',
        "flask --app world run --debug",
        "flask --app world shell",
        "pip install gunicorn",
        'gunicorn --workers 2 --threads 4 --bind 127.0.0.1:8000 "world:create_app()"',
    },
    "migrating.rst": {"pip install Flask-Dash-Pages", "flask --app app run --debug"},
}

#: Or the visitor has to log in, or the browser has to send routing callback inputs.
ANSWERED = {200, 204, 401}

#: Or a guard does not let the visitor in.
DENIED = {302, 403}


class Block(t.NamedTuple):
    language: str
    #: The file that it is, or an empty string.
    file: str
    text: str
    line: int


def blocks_of(source: Path) -> Iterator[Block]:
    rst = source.read_text("utf-8")

    for match in BLOCK.finditer(rst):
        text = dedent(match["text"]).strip() + "\n"
        caption = CAPTION.search(match["options"] or text)
        file = caption[1] or caption[2] if caption else ""
        line = rst.count("\n", 0, match.start("text")) + 1
        yield Block(match["language"], file, text, line)


def commands_of(block: Block) -> list[str]:
    return re.findall(r"^\$ (.*)", block.text, re.M)


class Project:
    """The files of a page of the docs, in an empty folder.

    :param app: The module or package that has the app.
    """

    def __init__(self, folder: Path, app: str) -> None:
        self.folder = folder
        self.app = app
        self.names: dict[str, t.Any] = {}

    def write(self, block: Block) -> None:
        path = self.folder / block.file

        if path.exists():
            self.check()

        if block.language == "python":
            # Not all of them are imported.
            compile(block.text, block.file, "exec")

        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")

    def load(self) -> Flask:
        """Import the app as it is now."""
        for name, module in list(sys.modules.items()):
            if str(self.folder) in str(getattr(module, "__file__", "")):
                del sys.modules[name]

        return ScriptInfo(self.app).load_app()

    def check(self) -> None:
        """Open each page that has no variables, in each representation."""
        app = self.load()
        client = app.test_client()

        for bound in app.extensions["dash_pages"].values():
            prefix = bound.dash.config.requests_pathname_prefix
            pages = [page for page in bound.registry.values() if not page.error_status]
            assert pages

            for page in pages:
                if not page.path_template or page.supplied_path:
                    for headers in ({}, JSON):
                        response = client.get(page.relative_path, headers=headers)
                        expected = ANSWERED | DENIED if page.guard else ANSWERED
                        assert response.status_code in expected, page

            response = client.get(f"{prefix}_dash-dependencies")
            assert response.status_code in ANSWERED

    def show(self, block: Block, source: Path) -> None:
        """Compare the answers of a session."""
        if not self.names:
            self.names["app"] = self.load()

        test = doctest.DocTestParser().get_doctest(
            block.text, self.names, source.name, str(source), block.line - 1
        )
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        failed, _ = runner.run(test, out=report.append, clear_globs=False)
        assert not failed, "".join(report)
        self.names.update(test.globs)

    def run(self, command: str) -> None:
        subprocess.run(
            [sys.executable, "-m", *shlex.split(command)], check=True, cwd=self.folder
        )


@pytest.fixture
def _caches_closed() -> Iterator[None]:
    """Close the caches of apps, which live as long as the process elsewhere."""
    yield

    for each in gc.get_objects():
        if type(each) is Cache:
            each.close()


@pytest.mark.usefixtures("_caches_closed")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_blocks(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    # Files are written anew within the second that tells old bytecode.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    # The script that runs the tests counts as the module that made their apps.
    monkeypatch.setattr(compat, "_made_by", WeakKeyDictionary())
    name = APP.search(source.read_text("utf-8"))
    project = Project(tmp_path, name[1] if name else "app")
    not_run = NOT_RUN.get(source.name, set())
    skipped = set()
    blocks = list(blocks_of(source))
    directives = source.read_text("utf-8").count(".. code-block::")
    assert len(blocks) == directives

    for block in blocks:
        if block.language == "pycon":
            project.show(block, source)
        elif block.language == "console":
            for command in commands_of(block):
                if command in not_run:
                    skipped.add(command)
                else:
                    project.run(command)
        elif block.language == "nginx":
            # test_deployment.py runs nginx with it.
            assert source.name == "deployment.rst"
        else:
            assert block.language in {"jinja", "python"}
            assert block.file, f"{source.name}:{block.line} does not say its file."
            project.write(block)
            project.names.clear()

    if any(block.language == "python" for block in blocks):
        project.check()

    assert skipped == not_run


def docs_text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("key", DEFAULT_CONFIG)
def test_config_is_documented(key: str) -> None:
    assert f".. data:: {key}\n" in docs_text("config.rst")
    assert (
        f"Default: ``{DEFAULT_CONFIG[key]!r}``"
        in (
            docs_text("config.rst")
            .partition(f".. data:: {key}\n")[2]
            .partition("..")[0]
        )
    )


@pytest.mark.parametrize("name", flask_dash_pages.__all__)
def test_public_name_is_documented(name: str) -> None:
    assert re.search(rf"^\.\. (auto)?\w+:: {name}(\(|$)", docs_text("api.rst"), re.M)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, value in vars(guards).items()
        if getattr(value, "__module__", "") in {guards.__name__, Requirement.__module__}
        and not name.startswith("_")
        and name != "Requirement"
    ],
)
def test_guard_is_documented(name: str) -> None:
    assert re.search(
        rf"^\.\. (autofunction|data):: {name}$", docs_text("api.rst"), re.M
    )


@pytest.mark.parametrize("name", testing.__all__)
def test_testing_tool_is_documented(name: str) -> None:
    text = docs_text("testing.rst")
    assert re.search(rf"^\.\. auto(class|function):: {name}(\(|$)", text, re.M)


@pytest.mark.parametrize("key", KEYS)
def test_key_of_pages_is_documented(key: str) -> None:
    text = docs_text("api.rst")
    assert f".. attribute:: {key}\n" in text or f"``{key}``" in text


@pytest.mark.parametrize(
    "name", [name for name in vars(signals) if name.startswith("page_")]
)
def test_signal_is_documented(name: str) -> None:
    assert f".. data:: {name}\n" in docs_text("signals.rst")


def test_promises_name_their_tests() -> None:
    text = docs_text("security.rst") + docs_text("reliability.rst")
    names = re.findall(r"``(test_\w+\.py)::(\w+)``", text)
    assert names

    for file, name in names:
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8"), name


def test_readme_names_what_exists() -> None:
    text = (ROOT / "README.rst").read_text("utf-8")

    for name in ("tests/run", "example_app", *re.findall(r" <([\w/]+\.rst)>", text)):
        assert name in text
        assert (ROOT / name).exists(), name

    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert set(re.findall(r"\.\[(\w+)\]", text)) <= set(setup["options.extras_require"])


def test_readme_is_plain_rst() -> None:
    # Package indexes render it without Sphinx.
    core = pytest.importorskip("docutils.core")
    text = (ROOT / "README.rst").read_text("utf-8")
    core.publish_doctree(text, settings_overrides={"halt_level": 2})


def test_design_names_the_rooms() -> None:
    from test_house import FLOOR

    text = (ROOT / "docs" / "design.rst").read_text("utf-8")
    rooms = re.findall(r"^(\d+) +``(\w+)`` ", text, re.M)
    floors = {room: floor for room, floor in FLOOR.items() if room != "__init__"}
    assert {room: int(floor) for floor, room in rooms} == floors
