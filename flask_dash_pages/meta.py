"""The tags in the head of the page that belong to the visit."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import escape
from markupsafe import Markup

from .encoding import to_script
from .visit import Visit


def tags(visit: Visit, *, url: str, image: str | None, canonical: str | None) -> Markup:
    """The description and the tags for sites on which the page is shared.

    :param url: The URL that was asked for.
    :param image: The full URL of the image, if there is one.
    :param canonical: The URL under which the page is to be known, if it should be
        told.
    """
    title, description = escape(visit.title), escape(visit.description)
    url, image = escape(url), escape(image or "")
    lines = [
        f'<meta name="description" content="{description}">',
        '<meta property="twitter:card" content="summary_large_image">',
        f'<meta property="twitter:url" content="{url}">',
        f'<meta property="twitter:title" content="{title}">',
        f'<meta property="twitter:description" content="{description}">',
        f'<meta property="twitter:image" content="{image}">',
        f'<meta property="og:title" content="{title}">',
        '<meta property="og:type" content="website">',
        f'<meta property="og:description" content="{description}">',
        f'<meta property="og:image" content="{image}">',
    ]

    if canonical is not None:
        lines.append(f'<meta property="og:url" content="{escape(canonical)}">')
        lines.append(f'<link rel="canonical" href="{escape(canonical)}">')

    # All values are escaped above.
    return Markup("\n      ".join(lines))  # nosec B704


def crawler_tags(visit: Visit, alternates: Iterable[tuple[str, str]]) -> Markup:
    """What the page tells search engines of itself.

    :param alternates: The languages and URLs of the page in other languages.
    """
    lines = []

    if visit.page.noindex:
        lines.append(Markup('<meta name="robots" content="noindex">'))

    for language, url in alternates:
        link = Markup('<link rel="alternate" hreflang="{}" href="{}">')
        lines.append(link.format(language, url))

    if visit.json_ld is not None:
        # It cannot end the element.
        data = Markup(to_script(visit.json_ld))  # nosec B704
        script = Markup('<script type="application/ld+json">{}</script>')
        lines.append(script.format(data))

    return Markup("\n      ").join(lines)
