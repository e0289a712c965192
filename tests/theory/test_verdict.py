"""Each verdict, from the smallest evidence that calls for it, and its sentence."""

import math

import numpy as np
import pytest

from unstuck.theory import Goal, verdict

LEARN = Goal(0.07, 0.0, "memorising", "closing 90% of the gap")
NOTHING = Goal(None, None, "nothing", "nothing to learn: no learner beats the constant")
RUNGS = {"start": 0.75, "constant": 0.6931, "linear": 0.6, "quadratic": 0.3, "floor": 0.0}


def judged(end, aim=LEARN, *, losses=None, start=0.75, rows=4, **rungs):
    losses = np.linspace(start, end, 100) if losses is None else np.asarray(losses, float)
    given = {**RUNGS, "start": start, "end": end, **rungs}
    return verdict(given, aim, steps=np.arange(float(len(losses))), losses=losses, rows=rows)


def flat(end):
    return np.full(100, end)


def test_a_run_that_ends_on_the_constant_is_stuck_and_says_what_is_achievable():
    assert judged(0.6931, losses=np.full(10, 0.6931)) == (
        "stuck",
        "Stuck: after 10 steps the loss is 0.6931, what a constant prediction would score;"
        " 0.0700 or less is achievable on these 4 rows.",
    )


@pytest.mark.parametrize(
    ("end", "words"),
    [(0.6, "best linear model"), (0.3, "best quadratic model"), (0.45, "less than the 0.6931")],
)
def test_the_sentence_names_the_rung_that_the_run_ended_on(end, words):
    assert words in judged(end, losses=flat(end))[1]


def test_a_run_that_ends_above_the_constant_says_so():
    word, sentence = judged(0.74, losses=flat(0.74))
    assert word == "stuck" and "more than the 0.6931 of a constant prediction" in sentence


def test_a_run_at_the_goal_has_learned():
    word, sentence = judged(0.069)
    assert word == "learned" and sentence.startswith("Learned: after 100 steps the loss is 0.0690")


def test_a_run_that_nears_a_substantial_floor_is_at_the_floor():
    aim = Goal(0.55, 0.53, "floor", "")
    word, sentence = judged(0.54, aim, floor=0.52)
    assert word == "floor" and "no function of these inputs can score less than 0.5200" in sentence


def test_a_run_that_reaches_a_floor_of_nothing_has_learned():
    assert judged(0.01, Goal(0.07, 0.0, "floor", ""))[0] == "learned"


def test_a_run_at_the_constant_with_nothing_to_learn_is_at_the_floor():
    word, sentence = judged(0.70, NOTHING)
    assert word == "floor" and "nothing to learn" in sentence


def test_a_run_at_the_constant_is_not_at_the_floor_where_what_is_achievable_is_not_known():
    word, sentence = judged(0.70, Goal(None, None, "nothing", "30 rows are too few"))
    assert word == "unknown" and sentence.endswith("could not be found: 30 rows are too few.")


def test_a_run_that_learned_noise_by_heart_has_learned():
    assert judged(0.2, NOTHING)[0] == "learned"


def test_a_run_above_the_constant_is_stuck_even_with_nothing_to_learn():
    assert judged(1.5, NOTHING, losses=flat(1.5))[0] == "stuck"


@pytest.mark.parametrize("end", [math.nan, math.inf])
def test_a_loss_that_is_no_number_has_diverged(end):
    assert judged(end, losses=[1.0, 2.0, end])[0] == "diverged"


def test_a_loss_far_above_start_and_constant_has_diverged():
    assert judged(3 * 0.75 + 0.01)[0] == "diverged"
    assert judged(3 * 0.75 - 0.01)[0] != "diverged"


def test_a_loss_that_came_down_from_a_height_to_above_the_constant_has_not_diverged():
    assert judged(40.0, losses=flat(40.0), start=60.0)[0] == "stuck"


def test_a_run_still_falling_towards_the_goal_is_slow_and_says_how_long():
    noise = 1 + 0.02 * np.random.default_rng(0).normal(size=1000)
    losses = 0.7 * np.exp(-np.arange(1000) / 800) * noise
    word, sentence = judged(losses[-1], losses=losses)
    truth = -800 * math.log(0.07 / 0.7) - 999
    assert word == "slow" and "still falling" in sentence
    low, high = (
        float(part.replace(",", ""))
        for part in sentence.split("after ")[2].split(" more")[0].split(" to ")
    )
    assert low * 0.9 <= truth <= high * 1.1


def test_a_run_that_learned_and_lost_it_again_is_stuck_even_on_its_way_down():
    losses = np.interp(np.arange(100.0), [0, 30, 60, 99], [0.75, 0.2, 0.9, 0.4])
    word, sentence = judged(0.4, losses=losses)
    assert word == "stuck" and "swings (it fell to 0.2" in sentence and "rose to 0.8" in sentence


def test_a_run_that_rose_before_it_had_learned_anything_is_slow():
    losses = np.interp(np.arange(100.0), [0, 10, 99], [0.75, 2.0, 0.4])
    assert judged(0.4, losses=losses)[0] == "slow"


def test_a_run_that_falls_too_slowly_for_ten_times_its_steps_is_stuck():
    losses = 0.69 - 1e-5 * np.arange(100)
    assert judged(losses[-1], losses=losses)[0] == "stuck"


def test_a_run_that_tends_to_a_plateau_above_the_goal_is_stuck():
    losses = 0.3 + 0.4 * np.exp(-np.arange(100) / 30)
    assert judged(losses[-1], losses=losses)[0] == "stuck"


def test_a_run_that_fell_and_then_stopped_short_is_stuck_whatever_its_fall_promises():
    losses = np.concatenate([np.linspace(0.7, 0.2, 840), np.full(160, 0.2)])
    assert judged(0.2, losses=losses)[0] == "stuck"


def test_a_run_a_hair_above_the_goal_and_still_falling_is_slow():
    losses = 0.0705 + 0.6 * np.exp(-np.arange(1000) / 180) - 1e-6 * np.arange(1000)
    assert judged(losses[-1], losses=losses)[0] == "slow"


def test_without_a_ladder_nothing_is_known():
    steps, losses = np.arange(5.0), np.ones(5)
    word, sentence = verdict({"end": 1.0}, NOTHING, steps=steps, losses=losses, rows=0)
    assert word == "unknown" and "nothing to compare it with" in sentence


def test_without_any_loss_nothing_is_known():
    empty = np.empty(0)
    assert verdict({}, NOTHING, steps=empty, losses=empty, rows=0)[0] == "unknown"


def test_one_step_is_written_in_the_singular():
    assert "after 1 step the loss" in judged(0.7, losses=[0.7])[1]
