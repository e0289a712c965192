"""How many updates a loop was written for, where something ends it early."""

import dataclasses
import textwrap

import numpy as np
import pytest
from probe_setups import drawn, network, recording

from unstuck.core.recording import Where
from unstuck.probe.planned import planned

X, Y = np.zeros((40, 2), np.float32), np.zeros((40, 1), np.float32)


@pytest.fixture
def plan(tmp_path):
    """What is planned in a script; keywords: of the recording, or of the plan of batches."""

    def found(text, *, order="full", batch=None, made=7, backwards=1, losses=None, **more):
        script = tmp_path / "train.py"
        script.write_text(textwrap.dedent(text))
        setup = network(X, Y, drawn((2, 1)), steps=made, order=order, batch=batch)
        loop = dataclasses.replace(setup.loop, backwards=backwards)
        setup = dataclasses.replace(setup, loop=loop)
        lines = {role: line(script, mark) for role, mark in MARKS.items()}
        known = {role: where for role, where in lines.items() if where is not None}
        seen = dataclasses.replace(
            recording(setup, losses), script=str(script), lines=known, **more
        )
        answer = planned(setup, seen)
        if isinstance(answer, str):
            return answer
        ends, count = answer
        return [int(end.rpartition(":")[2]) for end in ends], count

    return found


MARKS = {"step": "opt.step()", "optimizer": "= Adam("}


def line(script, mark):
    numbered = enumerate(script.read_text().split("\n"), 1)
    return next((Where(str(script), n) for n, text in numbered if mark in text), None)


LOOP = """\
opt = Adam(net)
for epoch in range(COUNT):
    opt.step()
    if waited > 5:
        break
"""


@pytest.mark.parametrize(
    ("before", "count"),
    [
        ("", "1_000"),
        ("N = 1000", "N"),
        ("N = 10 * 100", "1, N + 1"),
        ("A, B = 1000, 5", "0, A * 2, 2"),
        ("cfg = {'epochs': 1000}", "cfg['epochs']"),
        ("cfg = dict(epochs=1000)", "cfg['epochs']"),
        ("class C:\n    epochs = int(1e3)", "C.epochs"),
        ("@dataclass\nclass C:\n    epochs: int = 1000\nc = C()", "c.epochs"),
        ("@dataclass\nclass C:\n    epochs: int = 5\nc = C(epochs=1000)", "c.epochs"),
        ("p.add_argument('-n', '--num-epochs', default=1000)", "args.num_epochs"),
        ("p.add_argument('--n', dest='epochs', default=1000)", "args.epochs"),
    ],
)
def test_a_count_is_read_in_every_usual_way(plan, before, count):
    script = f"{before}\n{LOOP.replace('COUNT', count)}"
    at = script.split("\n").index("    if waited > 5:") + 1
    assert plan(script) == ([at], 1000)


def test_an_option_that_was_given_counts_instead_of_its_default(plan):
    script = "p.add_argument('--epochs', default=10)\n" + LOOP.replace("COUNT", "args.epochs")
    assert plan(script, argv=("--epochs", "500"))[1] == 500
    assert plan(script, argv=("--lr", "1", "--epochs=600"))[1] == 600


@pytest.mark.parametrize(
    "before",
    [
        "N = int(os.environ['N'])",
        "N = 100 if quick else 1000",
        "if quick:\n    N = 100\nelse:\n    N = 1000",
        "N = 100\nN += 900",
        "",
    ],
)
def test_a_count_that_the_source_does_not_tell_is_none(plan, before):
    assert "counted by a number" in plan(f"{before}\n{LOOP.replace('COUNT', 'N')}")


def test_batches_of_a_pass_are_counted(plan):
    script = """
        opt = Adam(net)
        for epoch in tqdm(range(100)):
            for x, y in loader:
                opt.step()
            if waited > 5:
                break
    """
    assert plan(script, order="epochs", batch=16) == ([6], 300)
    assert plan(script) == ([6], 100)
    assert "how many batches" in plan(script, order="fresh", batch=16)
    assert "several backward passes" in plan(script, order="epochs", batch=16, backwards=2)


def test_loops_are_followed_through_functions_and_parameters(plan):
    script = """
        def train_step(x):
            opt.step()

        def fit(epochs=5):
            for epoch in range(epochs):
                train_step(x)
                if waited > 5:
                    return

        opt = Adam(net)
        fit(epochs=200)
    """
    assert plan(script) == ([8], 200)
    assert plan(script.replace("epochs=200", "200")) == ([8], 200)
    assert "does not apply" in plan(script.replace("epochs=200", ""))


def test_a_method_of_a_trainer_is_followed(plan):
    script = """
        class Trainer:
            def __init__(self, net, epochs):
                self.epochs = epochs
                self.opt = Adam(net)
            def step(self):
                self.opt.step()
            def fit(self):
                for epoch in range(self.epochs):
                    self.step()
                    if self.stopper.early_stop:
                        break

        Trainer(net, 300).fit()
    """
    assert plan(script) == ([11], 300)


def test_a_loop_over_seeds_is_no_part_of_the_training(plan):
    script = """
        def build():
            opt = Adam(net)
            return opt
        for seed in range(5):
            opt = build()
            for epoch in range(100):
                opt.step()
                if waited > 5:
                    break
    """
    assert plan(script) == ([9], 100)


def test_the_conditions_of_a_while_are_told_apart(plan):
    script = """
        opt = Adam(net)
        while epoch < 80 and waited < 5:
            opt.step()
            waited = waited + 1
            epoch += 1
    """
    assert plan(script) == ([3], 80)


def test_a_counter_that_is_set_back_counts_no_turns(plan):
    script = """
        opt = Adam(net)
        while epoch < 80:
            opt.step()
            epoch += 1
            waited += 1
            if loss < best:
                waited = 0
            if waited > 5:
                break
    """
    assert plan(script) == ([9], 80)


def test_a_loop_without_end_is_counted_by_its_own_test(plan):
    script = """
        opt = Adam(net)
        while True:
            opt.step()
            step += 1
            if step >= 90:
                break
            if torch.isnan(loss):
                break
            if last - loss < tol:
                break
    """
    assert plan(script) == ([10], 90)


def test_a_loss_that_is_still_above_its_limit_did_not_end_the_loop(plan):
    script = """
        opt = Adam(net)
        for i in range(50):
            opt.step()
            if loss.item() < 0.01:
                break
            if waited > 5:
                break
    """
    assert plan(script, losses=[1.0, 0.5]) == ([7], 50)
    assert plan(script, losses=[1.0, 0.005]) == ([5, 7], 50)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("for i in range(50):\n    opt.step()", {}),
        ("for i in range(50):\n    opt.step()\n    if stop:\n        save()", {}),
        ("for i in range(7):\n    opt.step()\n    if stop:\n        break", {}),
        ("for i in range(50):\n    opt.step()\n    if stop:\n        break", {"ended": "interrupted"}),
        ("for i in range(50):\n    opt.step()\n    if i == 7:\n        break", {}),
        ("for i in range(50):\n    opt.step()\n    for j in k:\n        if stop:\n            break", {}),
    ],
)  # fmt: skip
def test_nothing_is_planned_where_nothing_but_the_count_ends_the_loop(plan, text, more):
    assert plan(f"opt = Adam(net)\n{text}", **more).startswith("does not apply: ")


def test_a_loop_in_another_file_is_followed_to_the_script(tmp_path):
    engine, main = tmp_path / "engine.py", tmp_path / "main.py"
    engine.write_text("def train_epoch(opt):\n    opt.step()\n")
    main.write_text(
        "from engine import train_epoch\nopt = Adam(net)\nfor epoch in range(60):\n"
        "    train_epoch(opt)\n    if waited > 5:\n        break\n"
    )
    setup = network(X, Y, drawn((2, 1)), steps=7)
    lines = {"step": Where(str(engine), 2), "optimizer": Where(str(main), 2)}
    seen = dataclasses.replace(recording(setup), script=str(main), lines=lines)
    assert planned(setup, seen) == ((f"{main}:5",), 60)


def test_a_source_that_is_gone_tells_nothing(tmp_path):
    setup = network(X, Y, drawn((2, 1)), steps=7)
    seen = dataclasses.replace(
        recording(setup), lines={"step": Where(str(tmp_path / "gone.py"), 2)}
    )
    assert "counted by a number" in str(planned(setup, seen))
