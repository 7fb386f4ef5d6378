"""The figures. All of them share one template."""

from __future__ import annotations

import pandas as pd
import plotly.express as px
import plotly.graph_objects as go

from . import data

#: The stylesheet gives texts and lines the colors of the page, light or dark. These
#: can be read on both.
QUIET = "#7b8893"
LINE = "rgba(128, 145, 158, 0.3)"
ACCENT = "#2f87a6"

COLORS = {
    "Africa": "#cf6a3f",
    "Americas": "#4c9a63",
    "Asia": "#a765ab",
    "Europe": "#2f87a6",
    "Oceania": "#bd9112",
}

STATUSES = {
    "200": "#4c9a63",
    "301": "#2f87a6",
    "302": "#2f87a6",
    "308": "#2f87a6",
    "403": "#bd9112",
    "404": "#cf6a3f",
    "500": "#c0392b",
}

AXES = {
    "lifeExp": "Life expectancy (years)",
    "gdpPercap": "GDP per person (US dollars)",
    "pop": "Population",
}

#: Ticks at years that have data.
YEARS = {"dtick": 10, "range": [1949, 2010], "tick0": data.FIRST_YEAR}

_AXIS = go.layout.XAxis(
    automargin=True,
    gridcolor=LINE,
    linecolor=LINE,
    zeroline=False,
    title={"font": {"size": 13}, "standoff": 10},
)

TEMPLATE = go.layout.Template(
    layout=go.Layout(
        colorway=[*COLORS.values(), "#7d88c9"],
        font={"family": "system-ui, sans-serif", "size": 13, "color": QUIET},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
        },
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        xaxis=_AXIS,
        yaxis=_AXIS.to_plotly_json(),
    )
)


def world(year: int) -> go.Figure:
    """Wealth and health of all countries in one year."""
    figure = px.scatter(
        data.in_year(year),
        x="gdpPercap",
        y="lifeExp",
        size="pop",
        color="continent",
        hover_name="country",
        custom_data=["country"],
        log_x=True,
        size_max=42,
        range_x=[200, 140_000],
        range_y=[20, 92],
        labels={**AXES, "continent": "Continent"},
        category_orders={"continent": data.CONTINENTS},
        color_discrete_map=COLORS,
        template=TEMPLATE,
    )
    figure.update_layout(legend_title=None)
    figure.update_xaxes(tickvals=[300, 1000, 3000, 10_000, 30_000, 100_000])
    figure.update_traces(
        hovertemplate=(
            "<b>%{hovertext}</b><br>Life expectancy %{y:.1f} years"
            "<br>GDP per person $%{x:,.0f}<br>Population %{marker.size:,}"
            "<extra></extra>"
        )
    )
    return figure


def history(measure: str, *countries: str) -> go.Figure:
    """A measure of some countries over the years."""
    frame = data.history(*countries)
    alone = len(countries) == 1
    figure = px.line(
        frame,
        x="year",
        y=measure,
        color="country",
        markers=True,
        labels={**AXES, "year": "Year", "country": "Country"},
        category_orders={"country": countries},
        template=TEMPLATE,
    )
    figure.update_layout(hovermode="x unified", legend_title=None, showlegend=not alone)
    figure.update_xaxes(**YEARS)
    figure.update_traces(hovertemplate="%{y:,.4s}", line={"width": 2.5})

    if alone:
        figure.update_traces(line_color=COLORS[frame["continent"].iloc[0]])

    return figure


def continent(name: str) -> go.Figure:
    """The spread of life expectancy in a continent over the years."""
    figure = px.box(
        data.world().query("continent == @name"),
        x="year",
        y="lifeExp",
        points="all",
        hover_name="country",
        labels={**AXES, "year": "Year"},
        color_discrete_sequence=[COLORS[name]],
        template=TEMPLATE,
    )
    figure.update_traces(
        fillcolor="rgba(128, 145, 158, 0.12)",
        jitter=0.5,
        line={"width": 1.5},
        marker={"size": 5, "opacity": 0.55},
        pointpos=0,
    )
    figure.update_xaxes(**YEARS)
    return figure


def ranking(countries: pd.DataFrame, measure: str) -> go.Figure:
    """The first countries by a measure."""
    figure = px.bar(
        countries,
        x=measure,
        y="country",
        color="continent",
        text=[data.format_measure(measure, value) for value in countries[measure]],
        orientation="h",
        labels={**AXES, "country": "Country", "continent": "Continent"},
        category_orders={
            "country": countries["country"].tolist(),
            "continent": data.CONTINENTS,
        },
        color_discrete_map=COLORS,
        template=TEMPLATE,
    )
    # The value of the longest bar is in the margin.
    figure.update_layout(bargap=0.3, legend_title=None, margin={"r": 80})
    figure.update_xaxes(nticks=5, range=[0, countries[measure].max()])
    figure.update_yaxes(dtick=1, ticksuffix=" ", title=None)
    figure.update_traces(
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
        textposition="outside",
    )
    return figure


# The figures of the admin section. Their layouts are the same for all numbers, for only
# the data is updated.

#: An axis of counted things, of which there are no halves.
COUNT = {
    "autorangeoptions": {"include": [0, 5]},
    "nticks": 6,
    "rangemode": "tozero",
    "title": None,
}


def bars(frame: pd.DataFrame, column: str) -> go.Figure:
    """The views of whatever is in ``column``."""
    figure = px.bar(
        frame.head(12).iloc[::-1],
        x="views",
        y=column,
        orientation="h",
        color_discrete_sequence=[ACCENT],
        template=TEMPLATE,
    )
    figure.update_xaxes(**COUNT)
    figure.update_yaxes(dtick=1, ticksuffix=" ", title=None)
    # A single bar is as thick as each of six.
    thickness = 0.1 * min(len(frame), 6)
    figure.update_traces(hovertemplate="%{y}: %{x}<extra></extra>", width=thickness)
    return figure


def hours(frame: pd.DataFrame) -> go.Figure:
    """The views of each hour."""
    figure = px.bar(
        frame,
        x="hour",
        y="views",
        color_discrete_sequence=[ACCENT],
        template=TEMPLATE,
    )
    figure.update_yaxes(**COUNT)
    figure.update_layout(bargap=0.2)
    figure.update_xaxes(tickformat="%H:%M", title=None)
    figure.update_traces(hovertemplate="%{x|%H:%M}: %{y}<extra></extra>")
    return figure


def durations(frame: pd.DataFrame) -> go.Figure:
    """The median and the 95th percentile of each page."""
    names = {"median": "Median", "p95": "95th percentile"}
    figure = px.bar(
        frame.rename(columns=names).head(12).iloc[::-1],
        x=list(names.values()),
        y="page",
        orientation="h",
        barmode="group",
        color_discrete_sequence=[ACCENT, "#b4552d"],
        template=TEMPLATE,
    )
    figure.update_layout(bargap=0.3, legend_title=None)
    figure.update_xaxes(rangemode="tozero", ticksuffix=" ms", title=None)
    figure.update_yaxes(dtick=1, ticksuffix=" ", title=None)
    figure.update_traces(hovertemplate="%{y}: %{x:.1f}")
    return figure


def statuses(frame: pd.DataFrame) -> go.Figure:
    """How often each status was answered."""
    figure = px.bar(
        # A status is a name, and no number.
        frame.astype({"status": str}),
        x="status",
        y="views",
        color="status",
        color_discrete_map=STATUSES,
        template=TEMPLATE,
    )
    figure.update_yaxes(**COUNT)
    figure.update_layout(bargap=0.5, showlegend=False)
    figure.update_xaxes(title=None, type="category")
    figure.update_traces(hovertemplate="%{x}: %{y}<extra></extra>")
    return figure
