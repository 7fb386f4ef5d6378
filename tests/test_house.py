from __future__ import annotations

import ast
import re
from itertools import chain
from pathlib import Path

import pytest

import flask_dash_pages

#: Rooms import only from the floors below.
FLOORS = [
    [
        *("signals", "naming", "page", "imports", "layouts"),
        *("encoding", "attributes", "resources", "sitemap", "llms"),
    ],
    ["access", "declarations", "libraries", "navigation", "nodes", "owners"],
    [
        *("registry", "callbacks", "routing", "prerender", "gates"),
        *("calls", "scaffold"),
    ],
    ["compat", "discovery", "visit", "markdown", "checks"],
    ["meta", "protocol"],
    ["binding", "guards", "modules", "rules"],
    ["representations", "caching", "alternates", "ownership"],
    ["views"],
    ["bound"],
    ["inspection", "testing", "crawlers"],
    ["cli"],
    ["extension"],
    ["__init__"],
]

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
PACKAGE = Path(flask_dash_pages.__file__).parent

#: Where names of Dash that begin with "_" may be touched.
PRIVATE = {"callbacks", "binding", "compat"}

#: What other rooms touch, of Dash's components and of Flask.
TOUCHED = {
    "bound": {"_got_first_request"},
    "encoding": {"_namespace", "_prop_names", "_type", "_valid_wildcard_attributes"},
    "extension": {"_got_first_request"},
    "views": {"_find_error_handler"},
}

#: What is documented in spite of its name.
PUBLIC = {"_asdict", "_get_current_object", "_getframe", "_replace"}


def imported(room: str) -> list[tuple[int, str, str]]:
    """The level, module and name of each import in a room."""
    tree = ast.parse((PACKAGE / f"{room}.py").read_text("utf-8"))
    return [
        (node.level, node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def test_every_room_has_a_floor() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} == set(FLOOR)


@pytest.mark.parametrize("room", FLOOR)
def test_room_imports_from_floors_below(room: str) -> None:
    rooms = {module or name for level, module, name in imported(room) if level}
    assert {other for other in rooms if FLOOR[other] >= FLOOR[room]} == set()


@pytest.mark.parametrize("room", FLOOR)
def test_room_keeps_off_private_names_of_dash(room: str) -> None:
    names = {
        f"{module}.{name}"
        for level, module, name in imported(room)
        if not level and module.partition(".")[0] == "dash"
    }
    private = {name for name in names if "._" in name}
    assert room in PRIVATE or not private


def attributes(room: str) -> list[ast.Attribute]:
    tree = ast.parse((PACKAGE / f"{room}.py").read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def own_names() -> set[str]:
    """What classes of the package define, and what its methods set."""
    nodes = [
        node
        for path in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    ]
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    names |= {ast.unparse(n.target) for n in nodes if isinstance(n, ast.AnnAssign)}
    return names | {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
    }


def test_rooms_keep_off_private_attributes() -> None:
    allowed = own_names() | PUBLIC
    found = {
        room: {node.attr for node in attributes(room) if re.match("_(?!_)", node.attr)}
        for room in set(FLOOR) - PRIVATE
    }
    touched = {room: names - allowed for room, names in found.items()}
    assert {room: names for room, names in touched.items() if names} == TOUCHED


@pytest.mark.parametrize("room", sorted({*chain(*FLOORS[:4])} - {"compat"}))
def test_room_takes_values(room: str) -> None:
    names = {name for _, module, name in imported(room) if module == "flask"}
    assert not names & {"current_app", "g", "has_request_context", "request", "session"}


def test_nothing_is_patched_on_import() -> None:
    import subprocess
    import sys

    code = """
import dash, dash._callback as c, dash._get_paths as p
before = [*map(id, vars(dash).values()), *map(id, vars(c).values())]
before += map(id, vars(p).values())
import flask_dash_pages
after = [*map(id, vars(dash).values()), *map(id, vars(c).values())]
after += map(id, vars(p).values())
assert before == after
"""
    subprocess.run([sys.executable, "-c", code], check=True)
