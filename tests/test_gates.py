from __future__ import annotations

import logging
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from test_access import guard_of
from test_page import make_page

from flask_dash_pages.access import Requirement
from flask_dash_pages.gates import gate
from flask_dash_pages.gates import Gates
from flask_dash_pages.page import Guard
from flask_dash_pages.page import Page

OPEN = make_page(module="open")
CLOSED = make_page(module="closed", guard=(guard_of(False),))
LET_IN = make_page(module="let_in", guard=(guard_of(True),))


def sync(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    return function


def gates_of(owners: set[Page | None], around: tuple[Guard, ...] = ()) -> Gates:
    gates = Gates(sync, logging.getLogger("gates"))
    gates.put_before({"out": [frozenset(owners)]}, gate(OPEN, around))
    return gates


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ({OPEN}, True),
        ({CLOSED}, False),
        ({LET_IN}, True),
        ({CLOSED, OPEN}, True),
        ({CLOSED, LET_IN}, True),
        ({CLOSED, None}, True),
        ({None}, True),
        (set(), False),
    ],
)
def test_callback(owners: set[Page | None], expected: bool) -> None:
    gates = gates_of(owners)
    assert gates.may_call("out") is expected
    assert gates.may_call("other")
    assert (gates.hidden(gates.closed()) == {"out"}) is not expected


@pytest.mark.parametrize("answer", [True, False])
def test_callback_of_the_app(answer: bool) -> None:
    assert gates_of({None}, (guard_of(answer),)).may_call("out") is answer


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([LET_IN, CLOSED], False),
        ([LET_IN, LET_IN], True),
        ([LET_IN, OPEN], True),
        ([CLOSED, OPEN], False),
    ],
)
def test_callbacks_with_one_output(pages: list[Page], expected: bool) -> None:
    gates = Gates(sync, logging.getLogger("gates"))
    owners = [frozenset[Page | None]([page]) for page in pages]
    gates.put_before({"out": owners}, gate(OPEN, ()))
    assert gates.may_call("out") is expected
    assert (gates.hidden(gates.closed()) == {"out"}) is not expected


def test_visible() -> None:
    pages = [CLOSED, OPEN, LET_IN]
    assert gates_of(set()).visible(pages) == [OPEN, LET_IN]


def test_gates_are_equal_if_they_let_in_the_same() -> None:
    one, other = make_page(), make_page()
    ignoring = (Requirement(lambda: True),)
    looking = (Requirement(lambda page: True),)
    assert gate(one, ignoring) == gate(other, ignoring)
    assert gate(one, ()) == gate(other, ())
    assert gate(one, looking) != gate(other, looking)
    assert gate(one, (guard_of(None),)) != gate(other, (guard_of(None),))
    assert gate(one, ignoring) != gate(one, ())
    assert len({gate(one, ignoring), gate(other, ignoring)}) == 1


def test_guard_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    def guard(page: Page, variables: Mapping[str, t.Any]) -> bool:
        return bool(variables["id"])

    gates = gates_of({make_page(guard=(guard,))})

    for _ in range(2):
        assert not gates.may_call("out")

    (record,) = caplog.records
    assert "'pages.home' raised, which hides its callbacks" in record.getMessage()
    assert record.exc_info


def test_guard_without_a_hash() -> None:
    @dataclass
    class Role:
        name: str

        def __call__(self, page: Page, variables: Mapping[str, t.Any]) -> bool:
            return self.name == "admin"

    assert gates_of({make_page(guard=(Role("admin"),))}).may_call("out")
    assert not gates_of({make_page(guard=(Role("guest"),))}).may_call("out")
