"""Plots as SVG elements, drawn for this page: they take their colours from its style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

WIDTH, HEIGHT = 340, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 24, 10, 36


@dataclass(frozen=True)
class Point:
    """A point of a scatter plot; `group` is the CSS class of its dot."""

    x: float
    y: float
    name: str
    group: str = "now"


@dataclass(frozen=True)
class Bar:
    """An F1 with its interval, and that of the previous run."""

    value: float
    low: float | None = None
    high: float | None = None
    before: float | None = None


def scatter(points: Sequence[Point], across: str, upwards: str) -> Markup:
    """Points over two axes, of which the upward one goes from 0 to 1."""
    top = _round_up(max((point.x for point in points), default=1.0))
    svg = _svg(WIDTH, HEIGHT, f"{upwards} against {across}, {len(points)} points")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _grid(svg, share, top)
    _text(svg, (_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 4, across, "label", "middle")
    for point in sorted(points, key=lambda each: each.group == "now"):
        x, y = _place(point.x, point.y, top)
        at = _numbers({"cx": x, "cy": y, "r": 4})
        dot = SubElement(svg, "circle", {**at, "class": f"dot {point.group}"})
        SubElement(dot, "title").text = f"{point.name}: {point.y:.3f} at {point.x:,.4g} {across}"
    return _markup(svg)


def whiskers(bar: Bar) -> Markup:
    """An F1 between 0 and 1 with its interval as a line, and the previous one as a ring."""
    said = f"F1 {bar.value:.3f}"
    if bar.low is not None and bar.high is not None:
        said += f", between {bar.low:.2f} and {bar.high:.2f}"
    svg = _svg(140, 16, said)
    SubElement(svg, "line", {**_line(4, 8, 136, 8), "class": "axis"})
    for share in (0.0, 0.5, 1.0):
        x = 4 + 132 * share
        SubElement(svg, "line", {**_line(x, 5, x, 11), "class": "axis"})
    if bar.low is not None and bar.high is not None:
        ends = _line(4 + 132 * bar.low, 8, 4 + 132 * bar.high, 8)
        SubElement(svg, "line", {**ends, "class": "whisker"})
    if bar.before is not None:
        at = _numbers({"cx": 4 + 132 * bar.before, "cy": 8, "r": 4.5})
        SubElement(svg, "circle", {**at, "class": "dot before"})
    at = _numbers({"cx": 4 + 132 * bar.value, "cy": 8, "r": 3.5})
    SubElement(svg, "circle", {**at, "class": "dot now"})
    return _markup(svg)


def _svg(width: int, height: int, said: str) -> Element:
    box = {"viewBox": f"0 0 {width} {height}", "width": str(width), "height": str(height)}
    return Element("svg", {**box, "role": "img", "aria-label": said})


def _grid(svg: Element, share: float, top: float) -> None:
    x, y = _place(share * top, share, top)
    SubElement(svg, "line", {**_line(_LEFT, y, WIDTH - _RIGHT, y), "class": "grid"})
    _text(svg, _LEFT - 5, y + 4, f"{share:g}", "tick", "end")
    _text(svg, x, HEIGHT - _BOTTOM + 15, f"{share * top:,.4g}", "tick", "middle")


def _place(x: float, y: float, top: float) -> tuple[float, float]:
    across = _LEFT + (WIDTH - _LEFT - _RIGHT) * (x / top if top else 0)
    return across, HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * y


def _text(svg: Element, x: float, y: float, text: str, kind: str, anchor: str) -> None:
    at = {**_numbers({"x": x, "y": y}), "class": kind, "text-anchor": anchor}
    SubElement(svg, "text", at).text = text


def _line(x1: float, y1: float, x2: float, y2: float) -> dict[str, str]:
    return _numbers({"x1": x1, "y1": y1, "x2": x2, "y2": y2})


def _numbers(values: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:.1f}" for name, value in values.items()}


def _round_up(most: float) -> float:
    """A round number that is not below: 1, 2 or 4 times a power of ten."""
    if most <= 0:
        return 1.0
    power: float = 10 ** floor(log10(most))
    return power * next(step for step in (1, 2, 4, 8, 10) if step >= ceil(most / power * 10) / 10)


def _markup(svg: Element) -> Markup:
    return Markup(tostring(svg, encoding="unicode"))
