"""The network: where its units bend, which of them are off or flat, and how gradients move the layers."""

from __future__ import annotations

import math

from markupsafe import Markup

from unstuck.core.pictures import Bends, Flow, Units
from unstuck.report.chart.frame import GLYPH, NARROW, SMALL, Frame, picture
from unstuck.report.chart.marks import Entry, bars, legend, legend_lines, outline
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.scale import Scale
from unstuck.report.chart.svg import Child, element, path
from unstuck.report.lines import safe
from unstuck.report.marks import UNICODE, cropped
from unstuck.report.numbers import number
from unstuck.report.picture.answers import BINNED, frame_of
from unstuck.report.picture.picture import Picture

LONGEST = 18  # signs of a layer's name


def bends_picture(found: Bends) -> Picture:
    """Return where units bend over the data, before and after training."""
    total = sum(found.after.counts) + found.after.beyond
    caption = (
        f"A unit of {_layer(found.layer)} bends where its input crosses −b/w. {found.after.beyond} of {total} bend outside of"
        " the data, where they are straight lines, after training"
        f" ({found.before.beyond} before). Behind: the rows."
    )

    def draw(width: float, paint: Paint) -> Markup:
        entries: list[Entry] = [
            ("block", paint.accent, "bends of units"), ("dashed", paint.ink, "before training"),
            ("block", paint.rule, "rows"),
        ]  # fmt: skip
        most = float(max([*found.after.counts, *found.before.counts, 1]))
        tall = 12.0 + 18.0 * legend_lines(entries, width - 70.0)
        edges = (found.data.edges[0], found.data.edges[-1])
        frame = frame_of(
            width, 260.0, edges, (0.0, 1.08 * most), paint, above=tall + 10, counts=True
        )
        rows = Frame(
            frame.x, Scale(0.0, 1.05 * max([*found.data.counts, 1]), frame.bottom, frame.top), paint
        )
        children: list[Child] = [
            *bars(found.data, rows, paint.rule, opacity=1.0),
            frame.axes("input", ticks=(5, 3)),
            *legend(entries, frame)[0],
            *bars(found.after, frame, paint.accent, opacity=0.85),
            outline(found.before, frame, paint.ink, dashed=True),
        ]
        return picture(width, 260.0, caption, children, paint)

    return Picture("bends", "Where units bend", caption, caption, draw, BINNED)


def units_picture(found: tuple[Units, ...]) -> Picture:
    """Return what the units of each layer do."""
    caption = (
        "Units that bend within the data shape the answer. One that is off gives zero for every row and no longer"
        " learns; a flat one hardly does; a straight one adds a line, and no more."
    )
    table = (
        ("layer", "when", "units", "bending", "straight", "flat", "off"),
        *((one.layer, one.when, str(one.count), *map(_percent, _parts(one))) for one in found),
    )

    def draw(width: float, paint: Paint) -> Markup:
        kinds = [
            (paint.accent, "1"), (paint.accent, "0.35"), (paint.soft, "0.45"), (paint.ink, "0.85"),
        ]  # fmt: skip
        label = 20.0 + GLYPH * SMALL * max(len(_label(one)) for one in found)
        words = ("bending", "straight", "flat", "off")
        x = Scale(0.0, 1.0, label, width - 12.0)
        frame = Frame(x, Scale(0.0, 1.0, 1.0, 0.0), paint)
        children = _keys(words, kinds, frame)
        y = 40.0
        for index, one in enumerate(found):
            y += 10.0 if index and one.layer != found[index - 1].layer else 0.0
            children.append(frame.text(label - 10, y + 13, _label(one), text_anchor="end"))
            children += _bar(one, y, kinds, frame)
            y += 22.0
        return picture(width, y + 6.0, caption, children, paint)

    return Picture("units", "What the units do", caption, caption, draw, table=table)


def _keys(words: tuple[str, ...], kinds: list[tuple[str, str]], frame: Frame) -> list[Child]:
    drawn: list[Child] = []
    x = 4.0
    for word, (colour, opacity) in zip(words, kinds, strict=True):
        drawn += [
            element("rect", x=x, y=8.0, width=14.0, height=10.0, fill=colour, fill_opacity=opacity),
            frame.text(x + 19, 17.0, word, fill=frame.paint.soft),
        ]
        x += 36.0 + GLYPH * SMALL * len(word)
    return drawn


def _bar(one: Units, y: float, kinds: list[tuple[str, str]], frame: Frame) -> list[Child]:
    drawn: list[Child] = []
    begin = 0.0
    for part, (colour, opacity) in zip(_parts(one), kinds, strict=True):
        if part > 0:
            x, end = frame.x(begin), frame.x(begin + part)
            drawn.append(
                element("rect", x=x, y=y, width=max(end - x - 1.0, 0.6), height=17.0, fill=colour,
                        fill_opacity=opacity)
            )  # fmt: skip
        begin += part
    return drawn


def _parts(one: Units) -> tuple[float, float, float, float]:
    return one.bending, one.rest, one.flat, one.off


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _label(one: Units) -> str:
    return f"{_layer(one.layer)}, {one.when}"


def _layer(name: str) -> str:
    """A layer of a `Sequential` is called by its number only."""
    return cropped(safe(f"layer {name}" if name.isdigit() else name), LONGEST, UNICODE)


def flows_picture(found: tuple[Flow, ...]) -> Picture:
    """Return gradients of the layers before and after training, and how far their weights moved."""
    caption = (
        "Left: size of the loss's gradient at each layer's weights, hollow before training, filled after it."
        " Right: how far the weights moved, in their own size. A layer that gets a far smaller gradient than the"
        " others, or hardly moved, did not take part."
    )
    table = (
        ("layer", "gradient before", "gradient after", "moved"),
        *(
            (one.layer, number(one.gradient_start), number(one.gradient_end), number(one.moved))
            for one in found
        ),
    )

    def draw(width: float, paint: Paint) -> Markup:
        label = 18.0 + GLYPH * SMALL * max(len(_layer(one.layer)) for one in found)
        label = min(label, 0.34 * width)
        height = 86.0 + 24.0 * len(found)
        gap = 26.0
        wide = (width - label - gap - 14.0) / 2
        panels = [
            ("gradient", label, [(one.gradient_start, one.gradient_end) for one in found]),
            ("moved by", label + wide + gap, [(math.nan, one.moved) for one in found]),
        ]
        children: list[Child] = []
        for words, start, pairs in panels:
            frame = Frame(
                _logarithmic(pairs, start, start + wide),
                Scale(0.0, 1.0, height - 46.0, 26.0),
                paint,
            )
            children += [frame.axes("", words, ticks=(3, 0)), *_pairs(pairs, frame)]
        for index, one in enumerate(found):
            at = 26.0 + 24.0 * (index + 0.5)
            children.append(
                element(
                    "text",
                    _layer(one.layer),
                    x=label - 10,
                    y=at + 4,
                    text_anchor="end",
                    fill=paint.ink,
                )
            )
        return picture(width, height, caption, children, paint)

    return Picture(
        "flows", "Gradients and moves of the layers", caption, caption, draw, table=table
    )


def _logarithmic(pairs: list[tuple[float, float]], start: float, end: float) -> Scale:
    known = [value for pair in pairs for value in pair if math.isfinite(value) and value > 0]
    if not known:
        return Scale(0.1, 10.0, start, end, True)
    high = max(known) * 1.6
    return Scale(max(min(known) / 1.6, high * 1e-9), high, start, end, True)


def _pairs(pairs: list[tuple[float, float]], frame: Frame) -> list[Child]:
    """A row a layer: hollow before, filled after; what is zero or no number is said in words."""
    paint = frame.paint
    drawn: list[Child] = []
    for index, (before, after) in enumerate(pairs):
        y = frame.top + 24.0 * (index + 0.5)
        drawn.append(frame.line(frame.left, y, frame.right, y, stroke=paint.rule))
        if math.isfinite(before) and before > 0:
            drawn.append(
                element("circle", cx=frame.x(before), cy=y, r=4.5, fill=paint.ground, stroke=paint.soft,
                        stroke_width=1.8)
            )  # fmt: skip
        if math.isfinite(after) and after > 0:
            drawn.append(element("circle", cx=frame.x(after), cy=y, r=4.8, fill=paint.accent))
        elif after == 0:
            drawn.append(
                frame.text(frame.left + 2, y - 3, "0", font_weight="600", fill=paint.accent)
            )
    return drawn


def gradient_picture(found: tuple[tuple[int, float], ...]) -> Picture:
    """Return the recorded norm of the whole gradient over the steps."""
    caption = (
        "Size of the whole gradient when each update was made, as the script had it. It should shrink as the loss"
        " does; one that grows without end, or is zero, is a symptom."
    )

    def draw(width: float, paint: Paint) -> Markup:
        known = [(float(step), norm) for step, norm in found if norm > 0] or [(0.0, 1.0)]
        low, high = min(norm for _, norm in known), max(norm for _, norm in known)
        frame = Frame(
            Scale(0.0, max(float(found[-1][0]), 1.0), 52.0, width - 12.0),
            Scale(low / 1.3, high * 1.3, 210.0, 28.0, True),
            paint,
        )
        points = [(frame.x(step), frame.y(norm)) for step, norm in known]
        line = element("path", d=path(points), fill="none", stroke=paint.accent, stroke_width=1.8)
        ticks = (4 if width < NARROW else 5, 4)
        return picture(
            width, 254.0, caption, [frame.axes("updates", "norm", ticks=ticks), line], paint
        )

    return Picture("gradient", "The gradient, step by step", caption, caption, draw)
