"""What the browser sends to call a callback, and what its answer means."""

from __future__ import annotations

import difflib
import typing as t
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from dash import no_update
from dash.dependencies import DashDependency

from .nodes import ANY
from .nodes import as_nodes
from .nodes import id_fits
from .nodes import id_text
from .nodes import Node
from .nodes import parse_id

#: A callback as the browser knows it.
Spec = Mapping[str, t.Any]

_ALL, _MATCH, _ALLSMALLER = ANY


class Reference(t.NamedTuple):
    """A prop of a component, or of all that an id with patterns stands for."""

    id: t.Any
    prop: str

    def __str__(self) -> str:
        return f"{id_text(self.id)}.{self.prop}"

    @property
    def is_many(self) -> bool:
        """Whether there is a list of values for it."""
        return isinstance(self.id, dict) and any(
            value in (_ALL, _ALLSMALLER) for value in self.id.values()
        )

    @property
    def is_concrete(self) -> bool:
        """Whether it is the prop of one component."""
        return not isinstance(self.id, dict) or not any(
            value in ANY for value in self.id.values()
        )


def reference(value: str | DashDependency) -> Reference:
    """What ``value`` refers to: ``"id.prop"``, or an ``Output`` and the like.

    :raises ValueError: If it is something else.
    """
    text = str(value) if isinstance(value, DashDependency) else value

    if not isinstance(text, str) or "." not in text:
        raise ValueError(
            f"{value!r} is not a prop of a component. Give it as 'id.prop', or as"
            " dash.Output(id, 'prop')."
        )

    component_id, _, prop = text.rpartition(".")
    return Reference(parse_id(component_id), prop.partition("@")[0])


def references(
    values: str | DashDependency | Iterable[str | DashDependency] | None,
) -> list[Reference]:
    """What one or several values refer to."""
    if values is None:
        return []

    if isinstance(values, str) or not isinstance(values, Iterable):
        return [reference(values)]

    return [reference(value) for value in values]


def outputs_of(output: str) -> list[Reference]:
    """What is in the output of a callback, as Dash writes it."""
    if "." not in output:
        # There is none, and it is only told from others.
        return []

    parts = output[2:-2].split("...") if output.startswith("..") else [output]
    return [reference(part.replace("\\.", ".")) for part in parts]


def choose(
    specs: Iterable[Spec],
    wanted: Sequence[Reference],
    triggered: Sequence[Reference],
    hidden: Iterable[str],
) -> Spec:
    """The callback that has the outputs ``wanted`` and the inputs ``triggered``.

    :param specs: Those that the visitor may call.
    :param hidden: The outputs of those that they may not call.
    :raises LookupError: If there is none, or several.
    """
    specs = list(specs)
    found = [
        spec
        for spec in specs
        if _are_among(wanted, outputs_of(spec["output"]))
        and bool(wanted) == ("." in spec["output"])
        and _are_among(triggered, _dependencies(spec["inputs"]))
    ]

    if len(found) == 1:
        return found[0]

    what = _described(wanted, triggered)

    if found:
        inputs = ", ".join(
            repr(str(each)) for spec in found for each in _dependencies(spec["inputs"])
        )
        raise LookupError(
            f"There are {len(found)} callbacks {what}. Say by triggered=... which input"
            f" has changed: {inputs}."
        )

    if any(wanted and _are_among(wanted, outputs_of(output)) for output in hidden):
        raise LookupError(
            f"The callback {what} is not there for this visitor, whom a guard does not"
            " let in to its page."
        )

    known = {
        str(output): None for spec in specs for output in outputs_of(spec["output"])
    }
    close = difflib.get_close_matches(", ".join(map(str, wanted)), known, n=1)
    raise LookupError(
        f"There is no callback {what}."
        + (f" Did you mean {close[0]!r}?" if close and close[0] not in what else "")
    )


def _dependencies(given: Iterable[Mapping[str, str]]) -> list[Reference]:
    return [Reference(parse_id(each["id"]), each["property"]) for each in given]


def _are_among(wanted: Iterable[Reference], known: Sequence[Reference]) -> bool:
    return all(_position(each, known) is not None for each in wanted)


def _position(wanted: Reference, known: Sequence[Reference]) -> int | None:
    for position, each in enumerate(known):
        if each.prop == wanted.prop and id_fits(wanted.id, each.id):
            return position

    return None


def _described(wanted: Sequence[Reference], triggered: Sequence[Reference]) -> str:
    parts = ["without an output"]

    if wanted:
        word = "output" if len(wanted) == 1 else "outputs"
        parts = [f"with the {word} {', '.join(repr(str(each)) for each in wanted)}"]

    if triggered:
        parts.append(f"the input {', '.join(repr(str(each)) for each in triggered)}")

    return " and ".join(parts)


@dataclass(frozen=True)
class Call:
    """A call of a callback."""

    body: Mapping[str, t.Any]
    #: The props that the caller asks for, and those that each stands for.
    outputs: Sequence[tuple[Reference, Sequence[Reference]]]

    def result(self, answer: Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        """The values of the outputs that were asked for.

        :param answer: ``None`` if nothing was updated.
        """
        updates = dict(_updates(answer or {}))

        if not self.outputs:
            return updates

        result: dict[str, t.Any] = {}

        for wanted, outputs in self.outputs:
            values = [updates.get(str(output), no_update) for output in outputs]
            result[str(wanted)] = values if wanted.is_many else values[0]

        return result


def _updates(answer: Mapping[str, t.Any]) -> Iterator[tuple[str, t.Any]]:
    # What set_props() has set, and what the callback has returned.
    for updated in (answer.get("sideUpdate"), answer.get("response")):
        for component_id, props in (updated or {}).items():
            for prop, value in props.items():
                yield f"{component_id}.{prop}", as_nodes(value)


def make_call(
    spec: Spec,
    wanted: Sequence[Reference],
    values: Sequence[t.Any],
    state: Mapping[t.Any, t.Any],
    triggered: Sequence[Reference] | None,
    document: Node,
) -> Call:
    """The call of a callback from a page.

    :param values: Those of the inputs, in their order.
    :param state: Those of states, by what they belong to.
    :param triggered: The inputs that have changed. ``None`` for those whose values are
        not what they are in the document.
    :param document: What all other values are taken from.
    :raises LookupError: If a value is needed that the document does not have.
    :raises ValueError: If there are too many values, or some belong to nothing.
    """
    inputs, outputs = _dependencies(spec["inputs"]), outputs_of(spec["output"])

    if len(values) > len(inputs):
        raise ValueError(
            f"The callback got {len(values)} values, but it has {len(inputs)} inputs:"
            f" {', '.join(repr(str(each)) for each in inputs)}. Give states by"
            " state={...}."
        )

    ids = [node.id for node in document if node.id is not None]

    # It can be called before all of them are there, but not from another page.
    if not any(id_fits(id, each.id) for each in [*outputs, *inputs] for id in ids):
        names = ", ".join(repr(str(each)) for each in [*outputs, *inputs])
        raise LookupError(
            f"The callback has {names}, but the page has none of these components."
            " Visit the page that has them."
        )

    places = _Places(
        {id_text(node.id): node for node in document if node.id is not None},
        _matched([*wanted, *(triggered or ())], [*outputs, *inputs]),
    )
    given = dict(zip(range(len(inputs)), values, strict=False))
    entries = places.entries(spec["inputs"], given)
    body: dict[str, t.Any] = {
        "output": spec["output"],
        "outputs": [places.outputs(output) for output in outputs],
        "inputs": entries,
        "changedPropIds": [
            *map(str, places.changed(entries) if triggered is None else triggered)
        ],
    }
    states = places.entries(spec["state"], _given_state(spec, state))

    if states:
        body["state"] = states

    if not spec["output"].startswith(".."):
        body["outputs"] = next(iter(body["outputs"]), [])

    return Call(
        body,
        [
            (each, [each] if each.is_concrete else places.resolve(each))
            for each in wanted
        ],
    )


def _given_state(spec: Spec, given: Mapping[t.Any, t.Any]) -> dict[int, t.Any]:
    states = _dependencies(spec["state"])
    found = {}

    for name, value in given.items():
        wanted = reference(name)
        position = _position(wanted, states)

        if position is None:
            known = ", ".join(repr(str(each)) for each in states) or "none"
            raise ValueError(
                f"The callback has no state {str(wanted)!r}. It has {known}."
            )

        found[position] = value

    return found


def _matched(
    given: Iterable[Reference], known: Sequence[Reference]
) -> dict[str, t.Any]:
    """The values that MATCH stands for, by their keys."""
    found: dict[str, t.Any] = {}

    for each in given:
        position = _position(each, known)

        if position is not None and isinstance(known[position].id, dict):
            for key, pattern in known[position].id.items():
                if pattern == _MATCH and each.id[key] not in ANY:
                    found.setdefault(key, each.id[key])

    return found


@dataclass(frozen=True)
class _Places:
    """Where a page has what a callback refers to."""

    nodes: Mapping[str, Node]
    #: What MATCH stands for.
    matched: Mapping[str, t.Any]

    def resolve(self, pattern: Reference) -> list[Reference]:
        """All that ``pattern`` stands for."""
        if not isinstance(pattern.id, dict):
            return [pattern]

        component_id = dict(pattern.id)

        for key, value in pattern.id.items():
            if value in (_MATCH, _ALLSMALLER) and key not in self.matched:
                raise ValueError(
                    f"Which component does MATCH stand for in {str(pattern)!r}? Give"
                    " the output, or what has triggered the callback, with the whole"
                    f" id, such as {{..., {key!r}: 1}}."
                )

            if value == _MATCH:
                component_id[key] = self.matched[key]

        found = Reference(component_id, pattern.prop)

        if not found.is_many:
            return [found]

        return [
            Reference(node.id, pattern.prop)
            for node in self.nodes.values()
            if id_fits(node.id, component_id) and self._is_smaller(node.id, found.id)
        ]

    def _is_smaller(self, component_id: t.Any, pattern: t.Any) -> bool:
        return all(
            _rank(component_id[key]) < _rank(self.matched[key])
            for key, value in pattern.items()
            if value == _ALLSMALLER
        )

    def outputs(self, pattern: Reference) -> t.Any:
        found = [
            {"id": each.id, "property": each.prop} for each in self.resolve(pattern)
        ]
        return found if pattern.is_many else found[0]

    def entries(
        self, dependencies: Sequence[Mapping[str, t.Any]], given: Mapping[int, t.Any]
    ) -> list[t.Any]:
        """The values of inputs or states, each with what it belongs to."""
        entries: list[t.Any] = []

        for position, pattern in enumerate(_dependencies(dependencies)):
            found = self.resolve(pattern)

            if position not in given:
                is_optional = bool(dependencies[position].get("allow_optional"))
                values = [self._value(each, is_optional) for each in found]
            elif not pattern.is_many:
                values = [given[position]]
            else:
                values = _checked_list(pattern, found, given[position])

            made = [
                {"id": each.id, "property": each.prop, "value": value}
                for each, value in zip(found, values, strict=True)
            ]
            entries.append(made if pattern.is_many else made[0])

        return entries

    def _value(self, each: Reference, is_optional: bool) -> t.Any:
        node = self.nodes.get(id_text(each.id))

        if node is not None:
            return node.props.get(each.prop)

        if is_optional:
            return None

        close = difflib.get_close_matches(id_text(each.id), self.nodes, n=1)
        raise LookupError(
            f"The callback takes {str(each)!r}, but the page has no component with that"
            " id. Give the value: those of inputs after the output, those of states by"
            " state={...}." + (f" The page has {close[0]!r}." if close else "")
        )

    def changed(self, entries: Iterable[t.Any]) -> Iterator[Reference]:
        """The inputs whose values are not those of the document."""
        for entry in entries:
            for each in entry if isinstance(entry, list) else [entry]:
                node = self.nodes.get(id_text(each["id"]))
                now = None if node is None else node.props.get(each["property"])

                if now != each["value"]:
                    yield Reference(each["id"], each["property"])


def _checked_list(
    pattern: Reference, found: Sequence[Reference], value: t.Any
) -> list[t.Any]:
    if not isinstance(value, (list, tuple)) or len(value) != len(found):
        raise ValueError(
            f"The input {str(pattern)!r} got {value!r}. It takes a list, a value"
            f" for each of the {len(found)} components of the page that it stands for."
        )

    return list(value)


def _rank(value: t.Any) -> tuple[int, t.Any]:
    """By what Dash's renderer compares the values in ids: numbers, then booleans, then
    strings.
    """
    if isinstance(value, bool):
        return 1, value

    try:
        return 0, float(value)
    except ValueError:
        return 2, value
