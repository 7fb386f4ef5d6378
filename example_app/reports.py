"""What the views say, as frames of pandas."""

from __future__ import annotations

import typing as t
from datetime import timedelta

import pandas as pd
from sqlalchemy import inspect
from sqlalchemy import select

from .models import db
from .models import folder
from .models import utc_now
from .models import View

#: More are not needed to see what is going on.
MOST = 20_000

COLUMNS = (
    *("id", "at", "page", "rule", "status"),
    *("duration", "referrer", "is_internal"),
)


def none() -> pd.DataFrame:
    """No views."""
    return pd.DataFrame(columns=list(COLUMNS))


def recent(hours: int = 24) -> pd.DataFrame:
    """The latest views, the last one first.

    :raises SQLAlchemyError: If the database cannot be read.
    """
    rows: t.Sequence[t.Any] = []

    # The first view makes the database, and nobody may have come yet.
    if folder().exists() and inspect(db.engine).has_table("view"):
        columns = [getattr(View, name) for name in COLUMNS]
        oldest = utc_now() - timedelta(hours=hours)
        query = select(*columns).where(View.at >= oldest)
        rows = db.session.execute(query.order_by(View.at.desc()).limit(MOST)).all()

    return pd.DataFrame(rows, columns=list(COLUMNS))


def by_page(views: pd.DataFrame) -> pd.DataFrame:
    """The views of each page that was shown, the most first."""
    shown = views[views["status"] == 200]
    return (
        shown.groupby("page")
        .size()
        .sort_values(ascending=False)
        .reset_index(name="views")
    )


def by_hour(views: pd.DataFrame) -> pd.DataFrame:
    """The views of the last 24 hours, also of those without any."""
    last = pd.Timestamp(utc_now()).floor("h")
    hours = pd.date_range(last - pd.Timedelta(hours=23), last, freq="h")
    counted = pd.to_datetime(views["at"]).dt.floor("h").value_counts()
    return (
        counted.reindex(hours, fill_value=0)
        .rename_axis("hour")
        .reset_index(name="views")
    )


def durations(views: pd.DataFrame) -> pd.DataFrame:
    """The median and the 95th percentile of each page, in milliseconds."""
    taken = views.dropna(subset=["duration"]).astype({"duration": float})
    groups = (taken["duration"] * 1000).groupby(taken["page"])
    found = pd.DataFrame({"median": groups.quantile(0.5), "p95": groups.quantile(0.95)})
    return found.sort_values("p95", ascending=False).reset_index()


def statuses(views: pd.DataFrame) -> pd.DataFrame:
    """How often each status was answered."""
    return views.groupby("status").size().reset_index(name="views")


def referrers(views: pd.DataFrame) -> pd.DataFrame:
    """Where those came from who were not on this site already."""
    came = views[~views["is_internal"].astype(bool)]
    hosts = came["referrer"].replace("", "No link, or not told")
    return hosts.value_counts().rename_axis("host").reset_index(name="views")
