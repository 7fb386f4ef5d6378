"""Call a layout, title or description with what it accepts."""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from inspect import Parameter

#: Makes coroutine functions callable, and returns others as they are.
EnsureSync = Callable[[Callable[..., t.Any]], Callable[..., t.Any]]

_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
_REST = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


class MissingValues(TypeError):
    """The URL lacks values that a function cannot be called without."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"Missing values: {', '.join(map(repr, names))}.")
        self.names = names


class Signature(t.NamedTuple):
    """What a function accepts by name."""

    names: frozenset[str]
    required: tuple[str, ...]
    #: Whether it accepts any other name, by ``**kwargs``.
    rest: bool
    #: Names that are taken even then, such as ``self``.
    taken: frozenset[str]

    def accepts(self, name: str) -> bool:
        return name in self.names or (self.rest and name not in self.taken)


def signature(function: Callable[..., t.Any]) -> Signature:
    """What ``function`` accepts."""
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind in _NAMED]
    single = [p for p in parameters if p.kind not in _REST]
    taken = {p.name for p in parameters if p.kind is Parameter.POSITIONAL_ONLY}
    inner = getattr(function, "__func__", None)

    if inner is None and not inspect.isroutine(function):
        inner = type(function).__call__

    if inner is not None:
        # The first parameter is the object itself.
        taken.update(list(inspect.signature(inner).parameters)[:1])

    return Signature(
        frozenset(p.name for p in named),
        tuple(p.name for p in single if p.default is Parameter.empty),
        any(p.kind is Parameter.VAR_KEYWORD for p in parameters),
        frozenset(taken),
    )


def call(
    function: Callable[..., t.Any],
    values: Mapping[str, t.Any],
    ensure_sync: EnsureSync,
) -> t.Any:
    """Call ``function`` with those of ``values`` that it accepts.

    :raises MissingValues: If it requires others.
    """
    accepted = signature(function)
    missing = [name for name in accepted.required if name not in values]

    if missing:
        raise MissingValues(missing)

    return ensure_sync(function)(
        **{name: value for name, value in values.items() if accepted.accepts(name)}
    )
