"""A trial as two bundles of loss curves, without and with a change, and two shares with their intervals."""

from __future__ import annotations

import math

from markupsafe import Markup

from unstuck.core.trial import Arm, Bundle, Prescription, Trial
from unstuck.report.chart.frame import NARROW, Frame, picture
from unstuck.report.chart.paint import Paint
from unstuck.report.chart.scale import Scale, bounded
from unstuck.report.chart.svg import Child, element, path
from unstuck.report.numbers import number, share
from unstuck.report.picture.picture import WIDE, Draw, Picture

BELOW_GOAL = 30.0  # losses this many times below the goal need not be told apart
LONGER = 8.0  # times as long: the steps are drawn logarithmically
SPREAD = 20.0  # losses this many times apart are drawn logarithmically

SIDES = ("without this change", "with it")
WHOLE = ("as it is", "with the cure")


def trial_picture(
    trial: Trial, goal: float | None, *, first: bool = True, alone: bool = True
) -> Picture:
    """Return the picture of a trial; only the shares where its curves were not kept.

    first: it is the first one of its report, which explains the marks; alone: the cure has no other change.
    """
    words = _words(trial, SIDES)
    rest = "" if alone else " All other changes of the cure are made on both sides."
    caption = f"{_caption(trial) if first else words}{rest}"
    draw = _draw(trial, goal, words, SIDES)
    return Picture(f"trial-{trial.name}", "The trial", caption, words, draw, width=WIDE)


def cure_picture(chosen: Prescription, goal: float | None) -> Picture | None:
    """Return the picture of the whole prescription beside the script as it is.

    None without its curves, and for a single change: that is its own trial.
    """
    if len(chosen.names) < 2:
        return None
    whole = Trial(
        *("cure", chosen.without, chosen.with_it, math.nan, (math.nan, math.nan), "helps", 0),
        aim=chosen.aim,
    )
    if not _known(whole):
        return None
    words = _words(whole, WHOLE)
    draw = _draw(whole, goal, words, WHOLE)
    return Picture("cure-tried", "Before and after", _caption(whole), words, draw, width=WIDE)


def _words(trial: Trial, sides: tuple[str, str]) -> str:
    return f"{_side(sides[0], trial.without, trial)} {_side(sides[1], trial.with_it, trial)}"


def _known(trial: Trial) -> bool:
    """Whether the curves of both sides were kept."""
    return trial.without.bundle is not None and trial.with_it.bundle is not None


def _draw(trial: Trial, goal: float | None, words: str, sides: tuple[str, str]) -> Draw:
    goal = goal if trial.aim is None else trial.aim
    goal = goal if goal is not None and math.isfinite(bounded(goal)) else None
    return lambda width, paint: _drawn(trial, goal, width, paint, words, sides)


def _caption(trial: Trial) -> str:
    shares = f"Dots: the share that {_did(trial)}, with its 95 % interval."
    if not _known(trial):
        return f"{shares} The curves were not kept."
    return (
        f"Thick: the median of {trial.with_it.members} networks, each from a start of its own; band: the"
        f" middle half of them; thin: a few single ones. They end early where all had learned. {shares}"
    )


def _did(trial: Trial) -> str:
    """Say what a share of the networks did."""
    if trial.aim is None:
        return "learned"
    return f"came down to {number(trial.aim)} within {number((trial.without.median_steps or 0) // 2)} steps"


def _side(name: str, arm: Arm, trial: Trial) -> str:
    low, high = arm.interval
    return (
        f"{name.capitalize()}, {share(arm.learned, arm.members)} networks {_did(trial)}"
        f" (95 % interval {_percent(low)} to {_percent(high)})."
    )


def _percent(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{100 * value:.0f} %"


def _drawn(
    trial: Trial,
    goal: float | None,
    width: float,
    paint: Paint,
    said: str,
    sides: tuple[str, str],
) -> Markup:
    arms = (trial.without, trial.with_it)
    bundles = [arm.bundle for arm in arms if arm.bundle is not None]
    children: list[Child] = []
    top = 0.0
    if len(bundles) == 2:
        top = 210.0 if width < NARROW else 230.0
        name = "goal" if trial.aim is None else "aim"
        children += _panels(bundles, goal, name, width, top, paint, sides)
    children += _shares(arms, width, top, paint, sides)
    return picture(width, top + 92.0, said, children, paint)


def _panels(
    bundles: list[Bundle],
    goal: float | None,
    name: str,
    width: float,
    height: float,
    paint: Paint,
    sides: tuple[str, str],
) -> list[Child]:
    left, gap = 46.0, 22.0
    wide = (width - left - gap - 16.0) / 2
    low, high, logarithmic = _losses(bundles, goal)
    lengths = [bundle.steps[-1] for bundle in bundles]
    long = max(lengths) + 1 >= LONGER * (min(lengths) + 1)
    drawn: list[Child] = []
    for index, bundle in enumerate(bundles):
        start = left + index * (wide + gap)
        frame = Frame(
            Scale(1.0 if long else 0.0, max(lengths) + 1.0, start, start + wide, long),
            Scale(low, high, height - 44.0, 32.0, logarithmic),
            paint,
        )
        drawn += [
            frame.axes("updates", ticks=(3, 4), labels=index == 0),
            frame.text(frame.left, 16.0, sides[index], font_weight="600"),
            *_bundle(bundle, frame, paint.soft if index == 0 else paint.accent, offset=long),
            *_goal(goal, frame, name if index == 0 else ""),
        ]
    return drawn


def _losses(bundles: list[Bundle], goal: float | None) -> tuple[float, float, bool]:
    values = [v for b in bundles for v in (*b.low, *b.median) if math.isfinite(bounded(v))]
    starts = [v for b in bundles for v in (b.median[0], b.high[0]) if math.isfinite(bounded(v))]
    usual = 2 * max(starts, default=math.inf)  # a single one may start far above all others
    starts += [m[0] for b in bundles for m in b.members if math.isfinite(m[0]) and m[0] <= usual]
    values += [] if goal is None else [goal]
    high = max([*starts, *([] if goal is None else [goal])], default=1.0)
    middle = [b.median[-1] for b in bundles if math.isfinite(b.median[-1])]
    high = max([high, *(m for m in middle if m <= 4 * high)])
    least = (goal or 0.0) / BELOW_GOAL if goal and goal > 0 else 0.0
    low = max(min(values, default=0.0), least)
    if least > 0 and low > 0 and high / low >= SPREAD:
        return low / 1.3, high * 1.3, True
    low = min(0.0, min(values, default=0.0)) if goal is None or goal >= 0 else min(values)
    return low, high + 0.05 * (high - low or 1.0), False


def _bundle(bundle: Bundle, frame: Frame, colour: str, *, offset: bool) -> list[Child]:
    steps = [frame.x(step + (1.0 if offset else 0.0)) for step in bundle.steps]

    def line(values: tuple[float, ...]) -> str:
        return path((x, frame.y(value)) for x, value in zip(steps, values, strict=True))

    band = [(x, frame.y(v)) for x, v in zip(steps, bundle.high, strict=True)]
    band += [(x, frame.y(v)) for x, v in reversed(list(zip(steps, bundle.low, strict=True)))]
    single = (
        element("path", d=line(m), fill="none", stroke=colour, stroke_opacity="0.45")
        for m in bundle.members
    )
    return [
        element("path", d=path(band, closed=True), fill=colour, fill_opacity="0.16"),
        *single,
        element(
            "path",
            d=line(bundle.median),
            fill="none",
            stroke=colour,
            stroke_width=2.6,
            stroke_linejoin="round",
        ),
    ]


def _goal(goal: float | None, frame: Frame, name: str) -> list[Child]:
    if goal is None or not frame.y.holds(goal):
        return []
    at, paint = frame.y(goal), frame.paint
    line = frame.line(
        frame.left, at, frame.right, at, stroke=paint.ink, stroke_dasharray="5 4", stroke_width=1.5
    )
    label = frame.text(frame.left + 4, at - 5, f"{name} {number(goal)}", font_weight="600")
    return [line, label] if name else [line]


def _shares(
    arms: tuple[Arm, Arm], width: float, top: float, paint: Paint, sides: tuple[str, str]
) -> list[Child]:
    """Two rows: the share of starts that learned as a dot, its interval as a bar, the count beside."""
    label = 126.0 if width >= NARROW else 122.0
    x = Scale(0.0, 1.0, label + 8, width - 62.0)
    frame = Frame(x, Scale(0.0, 1.0, top + 62.0, top + 6.0), paint)
    drawn: list[Child] = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawn += [
            frame.line(x(tick), frame.top, x(tick), frame.bottom, stroke=paint.rule),
            frame.text(
                x(tick),
                frame.bottom + 18,
                f"{100 * tick:.0f} %",
                text_anchor="middle",
                fill=paint.soft,
            ),
        ]
    for index, arm in enumerate(arms):
        y = frame.top + 14.0 + 28.0 * index
        colour = paint.soft if index == 0 else paint.accent
        low, high = arm.interval
        drawn.append(frame.text(label, y + 4, sides[index], text_anchor="end"))
        if arm.members and not math.isnan(low):
            drawn += [
                frame.line(x(low), y, x(high), y, stroke=colour, stroke_width=3.0),
                element("circle", cx=x(arm.share), cy=y, r=5.5, fill=colour),
            ]
        drawn.append(
            frame.text(width - 48.0, y + 4, share(arm.learned, arm.members), font_weight="600")
        )
    return drawn
