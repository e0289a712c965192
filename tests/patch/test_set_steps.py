"""A longer loop: which loop, and where its number stands."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import SetSteps
from unstuck.patch import Unpatchable


def longer(text, factor=10.0, marker="opt.step()", file="train.py"):
    return SetSteps(where(text, marker, file), factor)


def test_a_literal_in_the_loop_is_raised_to_one_two_or_five_times_a_power_of_ten():
    text = code("""
        for epoch in range(60):
            loss.backward()
            opt.step()
    """)
    assert changes(text, longer(text, 7)) == ("-for epoch in range(60):\n+for epoch in range(500):")


def test_the_outermost_loop_is_the_one():
    text = code("""
        for epoch in range(20):
            for i in range(0, 100, 10):
                opt.step()
    """)
    assert changes(text, longer(text)) == ("-for epoch in range(20):\n+for epoch in range(200):")


def test_a_constant_that_also_sets_the_schedule_is_followed():
    text = code("""
        EPOCHS = 1_000
        schedule = CosineAnnealingLR(opt, T_max=EPOCHS)
        for epoch in tqdm(range(1, EPOCHS + 1)):
            opt.step()
            print(f"{epoch}/{EPOCHS}")
    """)
    assert changes(text, longer(text)) == "-EPOCHS = 1_000\n+EPOCHS = 10_000"


def test_a_number_that_also_sizes_the_data_is_left_alone():
    text = code("""
        n = 100
        x = torch.randn(n, 2)
        for i in range(n):
            opt.step()
    """)
    assert changes(text, longer(text)) == "-for i in range(n):\n+for i in range(1000):"


def test_a_buffer_with_a_place_for_each_step_grows_along():
    text = code("""
        steps = 100
        history = np.zeros(steps)
        for i in range(steps):
            opt.step()
            history[i] = loss.item()
        plt.plot(range(steps), history)
    """)
    assert changes(text, longer(text)) == "-steps = 100\n+steps = 1000"


def test_the_argument_of_the_function_that_holds_the_loop_is_followed():
    text = code("""
        def train(n_epochs):
            for e in range(n_epochs):
                opt.step()

        train(10)
    """)
    assert changes(text, longer(text, 100)) == "-train(10)\n+train(1000)"


def test_the_loop_around_the_call_of_the_function_is_found():
    text = code("""
        def train_epoch(net, loader, opt):
            for x, y in loader:
                loss(net(x), y).backward()
                clip_grad_norm_(net.parameters(), 1.0)
                opt.step()

        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--epochs", type=int, default=30)
            args = parser.parse_args()
            net = Net()
            opt = Adam(net.parameters())
            for epoch in range(args.epochs):
                train_epoch(net, loader, opt)

        main()
    """)
    assert changes(text, longer(text)) == (
        '-    parser.add_argument("--epochs", type=int, default=30)\n'
        '+    parser.add_argument("--epochs", type=int, default=500)'
    )


def test_a_loop_over_seeds_is_not_made_longer():
    text = code("""
        for seed in range(5):
            net = Net()
            opt = Adam(net.parameters())
            for step in range(50):
                opt.step()
    """)
    assert changes(text, longer(text)) == (
        "-    for step in range(50):\n+    for step in range(500):"
    )


def test_a_loop_over_seeds_around_a_function_is_not_made_longer():
    text = code("""
        def run():
            net = make()
            opt = Adam(net.parameters())
            for step in range(50):
                opt.step()

        for seed in range(5):
            run()
    """)
    assert changes(text, longer(text)) == (
        "-    for step in range(50):\n+    for step in range(500):"
    )


def test_a_while_loop_is_made_longer():
    text = code("""
        i = 0
        while i < 200:
            opt.step()
            i += 1
    """)
    assert changes(text, longer(text, 4)) == "-while i < 200:\n+while i < 1000:"


def test_an_endless_loop_is_made_longer_where_it_breaks():
    text = code("""
        MAX_STEPS = 2e3
        step = 0
        while True:
            opt.step()
            step += 1
            if step >= MAX_STEPS:
                break
    """)
    assert changes(text, longer(text)) == "-MAX_STEPS = 2e3\n+MAX_STEPS = 2e4"


def test_an_update_by_hand_is_in_the_loop_too():
    text = "for t in range(500): w.data -= lr * w.grad; w.grad.zero_()\n"
    assert changes(text, longer(text, 2, "w.data")) == (
        "-for t in range(500): w.data -= lr * w.grad; w.grad.zero_()\n"
        "+for t in range(1000): w.data -= lr * w.grad; w.grad.zero_()"
    )


def test_a_field_of_a_config_in_another_file_is_followed():
    files = {
        "train.py": code("""
            from config import Config

            cfg = Config(batch=5)
            net = Net()
            opt = SGD(net.parameters(), lr=0.1)
            for epoch in range(cfg.epochs):
                for x, y in loader:
                    opt.step()
        """),
        "config.py": code("""
            from dataclasses import dataclass

            @dataclass(frozen=True)
            class Config:
                epochs: int = 5
                batch: int = 10
        """),
    }
    assert (
        changes(files, longer(files["train.py"])) == "-    epochs: int = 5\n+    epochs: int = 50"
    )


def test_the_loop_of_a_trainer_in_another_file_is_found():
    files = {
        "train.py": code("""
            from trainer import Trainer

            trainer = Trainer(Net())
            trainer.fit(epochs=25)
        """),
        "trainer.py": code("""
            class Trainer:
                def __init__(self, net):
                    self.net = net
                    self.opt = Adam(net.parameters())

                def fit(self, epochs=10):
                    for epoch in range(epochs):
                        self.update()

                def update(self):
                    self.opt.step()
        """),
    }
    edits = [longer(files["trainer.py"], marker="self.opt.step", file="trainer.py")]
    assert changes({**files}, *edits) == (
        "-    def fit(self, epochs=10):\n+    def fit(self, epochs=100):"
    )


def test_one_pass_over_a_loader_cannot_be_made_longer():
    text = code("""
        for x, y in loader:
            opt.step()
    """)
    with pytest.raises(Unpatchable, match="no loop around"):
        changes(text, longer(text))
