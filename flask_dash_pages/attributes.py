"""Props as HTML attributes and as CSS, in the way of React."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from math import inf
from math import isfinite

from markupsafe import escape

Props = Mapping[str, t.Any]

#: The props of ``dash.html`` that are attributes, and how React writes them.
ATTRIBUTES: Mapping[str, str] = {
    name: name.lower()
    for name in (
        "accept accessKey action alt autoComplete cite colSpan cols contentEditable"
        " controls coords crossOrigin dateTime default dir disabled download draggable"
        " encType form formAction formEncType formMethod formNoValidate formTarget"
        " headers height hidden high href hrefLang inputMode kind label lang loop low"
        " max maxLength media method min minLength multiple muted name noValidate open"
        " optimum placeholder playsInline poster preload readOnly referrerPolicy rel"
        " required reversed role rowSpan rows scope selected shape size sizes span"
        " spellCheck src srcLang srcSet start tabIndex target title type useMap value"
        " width wrap"
    ).split()
} | {"acceptCharset": "accept-charset", "className": "class", "htmlFor": "for"}

#: Attributes that are there or not.
_BOOLEAN = frozenset(
    "controls default disabled formNoValidate hidden loop multiple muted noValidate"
    " open playsInline readOnly required reversed selected".split()
)
#: Attributes that have the word "true" or "false".
_WORDS = frozenset(["contentEditable", "draggable", "spellCheck"])
#: Attributes that React only writes for numbers, and the lowest ones.
_NUMBERS = {"cols": 1, "rowSpan": -inf, "rows": 1, "size": 1, "span": 1, "start": -inf}
_URLS = frozenset(["action", "cite", "formAction", "href", "poster", "src"])
#: What browsers skip in front of a URL and in it.
_IGNORED = re.compile(r"[\x00-\x20]+")
#: The schemes that are kept. A URL may have none.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.ASCII | re.IGNORECASE)
_SCHEMES = frozenset(["ftp", "http", "https", "mailto", "sms", "tel"])
#: What an image or a film can have in its URL.
_IN_URL = re.compile(r"data:(?:image|video)/", re.IGNORECASE)
_WILDCARD = re.compile(r"(?:aria|data)-[a-z0-9_.-]+", re.ASCII | re.IGNORECASE)

#: Properties to whose numbers React does not add "px".
_UNITLESS = frozenset(
    "animationIterationCount aspectRatio borderImageOutset borderImageSlice"
    " borderImageWidth boxFlex boxFlexGroup boxOrdinalGroup columnCount columns"
    " fillOpacity flex flexGrow flexNegative flexOrder flexPositive flexShrink"
    " floodOpacity fontWeight gridArea gridColumn gridColumnEnd gridColumnSpan"
    " gridColumnStart gridRow gridRowEnd gridRowSpan gridRowStart lineClamp lineHeight"
    " opacity order orphans stopOpacity strokeDasharray strokeDashoffset"
    " strokeMiterlimit strokeOpacity strokeWidth tabSize widows zIndex zoom".split()
)
_PROPERTY = re.compile(r"-{0,2}[a-z][a-z0-9_-]*", re.ASCII | re.IGNORECASE)
_PREFIX = re.compile(r"(?:Webkit|Moz|ms|O)(?=[A-Z])")
_CAPITAL = re.compile(r"([A-Z])")
#: Parts of a value in which every character stands for itself.
_QUOTED = re.compile(r"""(?i)"[^"\\\n]*"|'[^'\\\n]*'|url\([^()"'\\\s]*\)""")

_BRACKET = re.compile(r"[()\[\]]")
_CLOSES = {"(": ")", "[": "]"}
_CSS_SYNTAX = frozenset("!\"'<>;\\{}")
_EXPONENT = re.compile(r"e([+-])0*")


def _is_long(value: str | float) -> bool:
    """Whether ``value`` is one that most likely does not come again."""
    return isinstance(value, str) and len(value) > 64


def attribute(prop: str, value: str | float) -> str:
    """An attribute, or an empty string if it is left out."""
    make = _make_attribute if _is_long(value) else _cached_attribute
    return make(prop, value)


def _make_attribute(prop: str, value: str | float) -> str:
    if _WILDCARD.fullmatch(prop):
        return f' {prop.lower()}="{escape(_text(value))}"'

    if prop not in ATTRIBUTES:
        return ""

    text = _text(value)

    if prop in _BOOLEAN or (prop == "download" and value is True):
        is_there, text = bool(value), ""
    elif isinstance(value, bool):
        is_there = prop in _WORDS
    elif prop in _URLS:
        is_there = is_safe(text, is_loaded=prop in {"poster", "src"})
    elif prop in _NUMBERS:
        is_there = _is_number(text) and float(text) >= _NUMBERS[prop]
    else:
        is_there = True

    return f' {ATTRIBUTES[prop]}="{escape(text)}"' if is_there else ""


_cached_attribute = lru_cache(maxsize=1024, typed=True)(_make_attribute)


def _text(value: str | float) -> str:
    """How JavaScript writes ``value``."""
    if isinstance(value, bool):
        return "true" if value else "false"

    return value if isinstance(value, str) else number(value)


def number(value: float) -> str:
    if not isinstance(value, float) and abs(value) < 2**53:
        return str(value)

    # JavaScript has no other numbers than these.
    text = repr(float(str(value)))

    if 1e-6 <= abs(float(text)) < 1e21:
        text = f"{Decimal(text):f}"

    text = text.removesuffix(".0").replace("inf", "Infinity")
    return "0" if text == "-0" else _EXPONENT.sub(r"e\1", text)


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def css(style: Props) -> str:
    """The declarations of a style, or an empty string if there are none."""
    declarations = [
        _declaration(name, value)
        for name, value in style.items()
        if isinstance(value, (str, int, float)) and not isinstance(value, bool)
    ]
    return ";".join(filter(None, declarations))


def _declaration(name: str, value: str | float) -> str:
    """A declaration of a style, or an empty string if it is left out."""
    make = _make_declaration if _is_long(value) else _cached_declaration
    return make(name, value)


def _make_declaration(name: str, value: str | float) -> str:
    text = _text(value)

    if not _PROPERTY.fullmatch(name) or not _is_one_value(text):
        return ""

    if name.startswith("--"):
        return f"{name}:{text.strip()}"

    if value and not isinstance(value, str) and _unprefixed(name) not in _UNITLESS:
        text += "px"

    name = _CAPITAL.sub(r"-\1", name).lower()
    name = f"-{name}" if name.startswith("ms-") else name
    return f"{name}:{text.strip()}"


_cached_declaration = lru_cache(maxsize=1024, typed=True)(_make_declaration)


def _unprefixed(name: str) -> str:
    bare = _PREFIX.sub("", name)
    return bare[:1].lower() + bare[1:]


def _is_one_value(text: str) -> bool:
    """Whether a value ends where it seems to, so that the next declaration is
    read as one.
    """
    if text.isalnum():
        return True

    rest = _QUOTED.sub("", text)

    if not text.strip() or "/*" in rest or _CSS_SYNTAX & {*rest}:
        return False

    opened = []

    for character in _BRACKET.findall(rest):
        if character in _CLOSES:
            opened.append(_CLOSES[character])
        elif not opened or opened.pop() != character:
            return False

    return not opened


def is_safe(url: str, *, is_loaded: bool = True) -> bool:
    """Whether nothing can run that ``url`` leads to.

    :param is_loaded: Whether it may be loaded as an image or a film.
    """
    url = _IGNORED.sub("", url)
    scheme = _SCHEME.match(url)

    if scheme is None or scheme[1].lower() in _SCHEMES:
        return True

    return is_loaded and _IN_URL.match(url) is not None
