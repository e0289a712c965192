"""Numbers about learning, computed from arrays: the ladder of losses, the goal, the verdict, intervals.

Here belongs what needs numpy, scipy or scikit-learn (imported where used) and no framework: networks
come in as arrays and as callables on arrays.
"""

from unstuck.theory.forecast import Forecast, forecast
from unstuck.theory.goal import Goal, goal, standing
from unstuck.theory.groups import equal_rows
from unstuck.theory.interval import (
    Difference,
    lower_bound,
    paired_difference,
    share_interval,
)
from unstuck.theory.ladder import Ladder, ladder
from unstuck.theory.outcome import Outcome, outcome
from unstuck.theory.problem import Problem, Task
from unstuck.theory.verdict import verdict

__all__ = [
    "Difference",
    "Forecast",
    "Goal",
    "Ladder",
    "Outcome",
    "Problem",
    "Task",
    "equal_rows",
    "forecast",
    "goal",
    "ladder",
    "lower_bound",
    "outcome",
    "paired_difference",
    "share_interval",
    "standing",
    "verdict",
]
