from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from flask_dash_pages.imports import import_graph
from flask_dash_pages.imports import imported_names
from flask_dash_pages.imports import is_installed


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a.b as c, d", {"a.b", "d"}),
        ("from a import b, c", {"a", "a.b", "a.c"}),
        ("from . import b", {"p.q", "p.q.b"}),
        ("from .a import b", {"p.q.a", "p.q.a.b"}),
        ("from ..a import b", {"p.a", "p.a.b"}),
        ("from ....a import b", set()),
        ("def f():\n    import a", {"a"}),
        ("if x:\n    from a import *", {"a", "a.*"}),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", {"b"}),
        ("if t.TYPE_CHECKING:\n    import a", set()),
        ("", set()),
    ],
)
def test_imported_names(source: str, names: set[str]) -> None:
    assert imported_names(source, "p.q") == names


def test_import_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def module(name: str, source: str | None) -> ModuleType:
        made = ModuleType(name)
        made.__file__ = None

        if source is not None:
            path = tmp_path / f"{name}.py"
            path.write_text(source)
            made.__file__ = str(path)

        monkeypatch.setitem(sys.modules, name, made)
        return made

    a = module("ra", "import rb, not_loaded")
    module("rb", "import ra, rc, rf")
    c = module("rc", "import rd")
    module("rd", "")
    module("re_", None)
    module("rf", "this is not Python")
    found = import_graph(
        [a], follow=lambda m: m is not c, extra=lambda m: {"re_"} if m is c else set()
    )
    assert found == {
        "ra": ["rb"],
        "rb": ["ra", "rc", "rf"],
        "rc": ["re_"],
        "re_": [],
        "rf": [],
    }
    assert next(iter(found)) == "ra"


def test_import_graph_without_source(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("gone")
    module.__file__ = "/nowhere/gone.py"
    monkeypatch.setitem(sys.modules, "gone", module)
    assert import_graph([module], lambda m: True, lambda m: ()) == {"gone": []}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/venv/lib/python3.11/site-packages/dash/dash.py", True),
        ("/usr/lib/python3/dist-packages/dash.py", True),
        (json.__file__, True),
        ("/home/me/project/app.py", False),
    ],
)
def test_is_installed(file: str, expected: bool) -> None:
    assert is_installed(Path(file)) is expected
