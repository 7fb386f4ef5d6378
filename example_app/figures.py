"""The figures. All of them share one template."""

from __future__ import annotations

import pandas as pd
import plotly.express as px
import plotly.graph_objects as go

from . import data

INK = "#1d2b36"
QUIET = "#5b6975"
LINE = "#e3e8ec"
ACCENT = "#1f6f8b"

COLORS = {
    "Africa": "#b4552d",
    "Americas": "#3b7d4f",
    "Asia": "#8b4a8f",
    "Europe": "#1f6f8b",
    "Oceania": "#a67c00",
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
    title={"font": {"size": 13, "color": QUIET}, "standoff": 10},
)

TEMPLATE = go.layout.Template(
    layout=go.Layout(
        colorway=[*COLORS.values(), "#4d5a9e"],
        font={"family": "system-ui, sans-serif", "size": 13, "color": INK},
        hoverlabel={"bgcolor": "white", "bordercolor": LINE, "font": {"color": INK}},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
        },
        margin={"l": 10, "r": 10, "t": 90, "b": 10},
        paper_bgcolor="white",
        plot_bgcolor="white",
        title={
            "font": {"size": 16, "weight": 600},
            "x": 0,
            "xanchor": "left",
            "xref": "container",
            "y": 0.97,
            "yanchor": "top",
        },
        xaxis=_AXIS,
        yaxis=_AXIS.to_plotly_json(),
    )
)


def world(year: int) -> go.Figure:
    """Wealth and health of all countries in one year."""
    figure = px.scatter(
        data.world().query("year == @year"),
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
        title=f"Wealth and health in {year}",
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
    where = countries[0] if alone else "compared"
    figure = px.line(
        frame,
        x="year",
        y=measure,
        color="country",
        markers=True,
        labels={**AXES, "year": "Year", "country": "Country"},
        category_orders={"country": countries},
        template=TEMPLATE,
        title=f"{data.MEASURES[measure]}, {where}",
    )
    figure.update_layout(hovermode="x unified", legend_title=None, showlegend=not alone)
    figure.update_xaxes(**YEARS)
    figure.update_traces(hovertemplate="%{y:,.4s}", line={"width": 2.5})

    if alone:
        figure.update_traces(line_color=COLORS[frame["continent"].iloc[0]])
        figure.update_layout(margin={"t": 60})

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
        title=f"Life expectancy in {name}",
    )
    figure.update_traces(
        fillcolor="rgba(0, 0, 0, 0.04)",
        jitter=0.5,
        line={"width": 1.5},
        marker={"size": 5, "opacity": 0.55},
        pointpos=0,
    )
    figure.update_xaxes(**YEARS)
    figure.update_layout(margin={"t": 60})
    return figure


def views(pages: pd.DataFrame) -> go.Figure:
    """The views of each page.

    :param pages: With the columns ``page``, ``html`` and ``json``.
    """
    names = {"html": "Page loads", "json": "Navigation in the app"}
    figure = px.bar(
        pages.rename(columns=names).iloc[::-1],
        y="page",
        x=list(names.values()),
        orientation="h",
        labels={"page": "Page", "value": "Views", "variable": "Kind"},
        color_discrete_sequence=[ACCENT, "#9cc5d3"],
        template=TEMPLATE,
        title="Views of each page",
    )
    figure.update_layout(bargap=0.4, legend_title=None)
    # There are no halves of views.
    most = int(pages[["html", "json"]].sum(axis=1).max())
    figure.update_xaxes(dtick=max(1, round(most / 6)))
    figure.update_yaxes(title=None, ticksuffix=" ")
    figure.update_traces(hovertemplate="%{y}: %{x}")
    return figure
