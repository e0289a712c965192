"""Another value for an argument, at the literal that it leads to."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import SetArgument
from unstuck.patch import Unpatchable
from unstuck.patch.text.number import round_up, written


def rate(text, marker="lr=", old=0.01, new=0.1, function="SGD", nth=0):
    return SetArgument(where(text, marker, nth=nth), function, "lr", 1, new, old)


def test_a_literal_at_the_call_is_replaced():
    text = code("""
        import torch
        opt = torch.optim.SGD(net.parameters(), lr=0.01)
    """)
    assert changes(text, rate(text)) == (
        "-opt = torch.optim.SGD(net.parameters(), lr=0.01)\n"
        "+opt = torch.optim.SGD(net.parameters(), lr=0.1)"
    )


def test_a_positional_argument_stays_positional():
    text = "from torch.optim import SGD\nopt = SGD(net.parameters(), 1e-4, 0.9)  # slow\n"
    assert changes(text, rate(text, "SGD(", 1e-4, 1e-2)) == (
        "-opt = SGD(net.parameters(), 1e-4, 0.9)  # slow\n"
        "+opt = SGD(net.parameters(), 1e-2, 0.9)  # slow"
    )


def test_a_missing_argument_is_added_as_a_keyword():
    text = "opt = optim.Adam(net.parameters())\n"
    assert changes(text, rate(text, "Adam", 0.001, 0.01, "Adam")) == (
        "-opt = optim.Adam(net.parameters())\n+opt = optim.Adam(net.parameters(), lr=0.01)"
    )


def test_a_missing_argument_of_a_call_over_several_lines_gets_its_own_line():
    text = code("""
        opt = optim.Adam(
            net.parameters(),
            weight_decay=0.1,
        )
    """)
    assert changes(text, rate(text, "net.", 0.001, 0.01, "Adam")) == "+    lr=0.01,"


def test_a_missing_argument_behind_a_trailing_line_without_comma():
    text = code("""
        opt = optim.Adam(
            net.parameters(),
            weight_decay=0.1
        )
    """)
    assert changes(text, rate(text, "optim", 0.001, 0.01, "Adam")) == (
        "-    weight_decay=0.1\n+    weight_decay=0.1,\n+    lr=0.01"
    )


def test_a_constant_of_the_module_is_followed():
    text = code("""
        LR = 1e-2
        opt = optim.SGD(net.parameters(), lr=LR)
        print(f"rate {LR}")
    """)
    assert changes(text, rate(text, "optim", 0.01, 0.001)) == "-LR = 1e-2\n+LR = 1e-3"


def test_the_default_of_a_command_line_option_is_followed():
    text = code("""
        parser = argparse.ArgumentParser()
        parser.add_argument("--learning-rate", "-l", type=float, default=0.01)

        def main():
            args = parser.parse_args()
            net = Net()
            opt = torch.optim.SGD(net.parameters(),
                                  lr=args.learning_rate)
    """)
    assert changes(text, rate(text)) == (
        '-parser.add_argument("--learning-rate", "-l", type=float, default=0.01)\n'
        '+parser.add_argument("--learning-rate", "-l", type=float, default=0.1)'
    )


def test_an_option_that_was_given_on_the_command_line_is_set_at_the_call():
    text = code("""
        parser.add_argument("--lr", type=float, default=0.5)
        args = parser.parse_args()
        opt = SGD(net.parameters(), lr=args.lr)
    """)
    assert changes(text, rate(text, "SGD")) == (
        "-opt = SGD(net.parameters(), lr=args.lr)\n+opt = SGD(net.parameters(), lr=0.1)"
    )


def test_a_field_of_a_dataclass_is_followed():
    text = code("""
        @dataclass
        class Config:
            lr: float = 0.01
            epochs: int = 10

        def build(config: Config):
            return SGD(net.parameters(), lr=config.lr)

        build(Config())
    """)
    assert changes(text, rate(text)) == "-    lr: float = 0.01\n+    lr: float = 0.1"


def test_a_keyword_for_a_dataclass_is_followed():
    text = code("""
        @dataclass
        class Config:
            lr: float = 0.3

        config = Config(lr=0.01)
        opt = SGD(net.parameters(), lr=config.lr)
    """)
    assert changes(text, rate(text, "SGD")) == (
        "-config = Config(lr=0.01)\n+config = Config(lr=0.1)"
    )


def test_an_entry_of_a_dict_is_followed():
    text = code("""
        cfg = {"optim": {"lr": 0.01, "momentum": 0.9}}
        opt = SGD(net.parameters(), lr=cfg["optim"]["lr"], momentum=cfg["optim"]["momentum"])
    """)
    assert changes(text, rate(text, "SGD")) == (
        '-cfg = {"optim": {"lr": 0.01, "momentum": 0.9}}\n'
        '+cfg = {"optim": {"lr": 0.1, "momentum": 0.9}}'
    )


def test_an_unpacked_dict_is_followed():
    text = code("""
        options = dict(lr=0.01, momentum=0.9)
        opt = SGD(net.parameters(), **options)
    """)
    assert changes(text, rate(text, "SGD")) == (
        "-options = dict(lr=0.01, momentum=0.9)\n+options = dict(lr=0.1, momentum=0.9)"
    )


def test_a_parameter_is_followed_to_the_only_caller():
    text = code("""
        def train(net, lr=1.0, epochs=5):
            opt = SGD(net.parameters(), lr=lr)
            for e in range(epochs):
                print("lr", lr)

        if __name__ == "__main__":
            train(Net(), lr=0.01)
    """)
    assert changes(text, rate(text, "SGD")) == (
        "-    train(Net(), lr=0.01)\n+    train(Net(), lr=0.1)"
    )


def test_a_default_that_no_caller_overrides_is_followed():
    text = code("""
        class Trainer:
            def __init__(self, net, lr=0.01):
                self.lr = lr
                self.opt = SGD(net.parameters(), lr=self.lr)

        Trainer(Net())
    """)
    assert changes(text, rate(text, "SGD")) == (
        "-    def __init__(self, net, lr=0.01):\n+    def __init__(self, net, lr=0.1):"
    )


def test_a_name_with_a_second_purpose_is_left_alone():
    text = code("""
        eps = 0.01
        opt = SGD(net.parameters(), lr=eps)
        noise = torch.normal(0, eps, (3, 4))
    """)
    assert changes(text, rate(text, "SGD")) == (
        "-opt = SGD(net.parameters(), lr=eps)\n+opt = SGD(net.parameters(), lr=0.1)"
    )


def test_a_name_that_two_networks_share_is_left_alone():
    text = code("""
        lr = 0.01
        g = SGD(generator.parameters(), lr=lr)
        d = SGD(critic.parameters(), lr=lr)
    """)
    assert changes(text, rate(text, "critic")) == (
        "-d = SGD(critic.parameters(), lr=lr)\n+d = SGD(critic.parameters(), lr=0.1)"
    )


def test_a_name_that_the_alternative_optimizer_and_the_schedule_share_is_followed():
    text = code("""
        lr = 0.01
        if adam:
            opt = Adam(net.parameters(), lr=lr)
        else:
            opt = SGD(net.parameters(), lr=lr)
        schedule = CosineAnnealingLR(opt, 100, eta_min=lr * 0.1)
    """)
    assert changes(text, rate(text, "SGD")) == "-lr = 0.01\n+lr = 0.1"


def test_an_expression_is_replaced_where_it_is_named():
    text = "base = 1e-3\nlr = base * 10\nopt = SGD(net.parameters(), lr=lr)\n"
    assert changes(text, rate(text, "SGD")) == "-lr = base * 10\n+lr = 0.1"


def test_a_constant_of_another_file_is_followed():
    files = {
        "train.py": "from settings import RATE as lr\nopt = SGD(net.parameters(), lr=lr)\n",
        "settings.py": "RATE = 0.01\n",
    }
    assert changes(files, rate(files["train.py"], "SGD")) == "-RATE = 0.01\n+RATE = 0.1"


def test_an_alias_of_the_function_is_recognised():
    text = "from torch.optim import SGD as Descent\nopt = Descent(w, lr=.01)\n"
    assert changes(text, rate(text)) == "-opt = Descent(w, lr=.01)\n+opt = Descent(w, lr=.1)"


def test_the_rate_of_updates_by_hand_is_changed_in_all_of_them():
    text = code("""
        with torch.no_grad():
            w -= 0.01 * w.grad
            b -= 0.01 * b.grad
    """)
    assert changes(text, rate(text, "w -=")) == (
        "-    w -= 0.01 * w.grad\n-    b -= 0.01 * b.grad\n"
        "+    w -= 0.1 * w.grad\n+    b -= 0.1 * b.grad"
    )


def test_a_name_that_updates_by_hand_share_is_followed():
    text = code("""
        lr = 1e-2
        for step in range(100):
            with torch.no_grad():
                for p in params:
                    p -= lr * p.grad
    """)
    assert changes(text, rate(text, "p -=")) == "-lr = 1e-2\n+lr = 0.1"


def test_text_is_written_in_the_quotes_that_stood_there():
    text = "layer = Act(nonlinearity='tanh')\n"
    edit = SetArgument(where(text, "Act"), "Act", "nonlinearity", None, "relu", "tanh")
    assert changes(text, edit) == (
        "-layer = Act(nonlinearity='tanh')\n+layer = Act(nonlinearity='relu')"
    )


def test_an_attribute_of_a_class_is_followed():
    text = code("""
        class Config:
            lr = 0.01
            momentum = 0.9

        opt = SGD(net.parameters(), lr=Config.lr, momentum=Config.momentum)
    """)
    assert changes(text, rate(text, "SGD")) == "-    lr = 0.01\n+    lr = 0.1"


def test_an_attribute_of_a_module_is_followed():
    files = {
        "train.py": "import settings.rates as s\nopt = SGD(net.parameters(), lr=s.LR)\n",
        "settings/__init__.py": "",
        "settings/rates.py": "# rates\r\nLR = 0.01\r\n",
    }
    assert changes(files, rate(files["train.py"], "SGD")) == "-LR = 0.01\r\n+LR = 0.1\r"


def test_a_namespace_and_a_default_of_get_are_followed():
    text = code("""
        hp = SimpleNamespace(lr=0.01)
        opt = SGD(net.parameters(), lr=hp.lr)
        other = SGD(head.parameters(), lr=settings.get("lr", 0.02))
    """)
    assert changes(text, rate(text, "hp.lr")) == (
        "-hp = SimpleNamespace(lr=0.01)\n+hp = SimpleNamespace(lr=0.1)"
    )
    assert 'settings.get("lr", 0.2)' in changes(text, rate(text, "other", 0.02, 0.2))


def test_an_option_of_click_is_followed():
    text = code("""
        @click.command()
        @click.option("--lr", default=0.01, show_default=True)
        def main(lr):
            opt = SGD(Net().parameters(), lr=lr)

        if __name__ == "__main__":
            main()
    """)
    assert changes(text, rate(text, "SGD")) == (
        '-@click.option("--lr", default=0.01, show_default=True)\n'
        '+@click.option("--lr", default=0.1, show_default=True)'
    )


def test_one_of_two_branches_is_told_by_its_value():
    text = code("""
        if fast:
            lr = 0.5
        else:
            lr = 0.01
        opt = SGD(net.parameters(), lr=lr)
    """)
    assert changes(text, rate(text, "SGD")) == "-    lr = 0.01\n+    lr = 0.1"


def test_the_later_of_two_assignments_is_followed():
    text = "lr = 0.01\nprint(lr)\nlr = 0.01\nopt = SGD(net.parameters(), lr=lr)\n"
    assert changes(text, rate(text, "SGD")) == "-lr = 0.01\n+lr = 0.1"


def test_an_optimizer_that_is_chosen_by_name_is_found_by_its_keyword():
    text = code("""
        opt = getattr(torch.optim, kind)(
            net.parameters(),
            lr = 1.,
        )
    """)
    assert changes(text, rate(text, "opt", 1.0, 10.0)) == "-    lr = 1.,\n+    lr = 10.,"


def test_options_that_cannot_be_seen_are_not_doubled():
    text = "opt = SGD(net.parameters(), **load('options.json'))\n"
    with pytest.raises(Unpatchable, match="unpacked"):
        changes(text, rate(text, "SGD"))


def test_a_line_without_the_call_is_refused():
    with pytest.raises(Unpatchable, match="no call of SGD"):
        changes("x = 1\n", rate("x = 1\n", "x"))


def test_the_second_call_on_a_line_is_told_by_its_value():
    text = "a, b = SGD(u, lr=0.5), SGD(v, lr=0.01)\n"
    assert "SGD(u, lr=0.5), SGD(v, lr=0.1)" in changes(text, rate(text, "SGD"))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("0.01", 0.1, "0.1"),
        ("1e-4", 1e-3, "1e-3"),
        ("1E-4", 3e-3, "3E-3"),
        ("0.0001", 0.001, "0.001"),
        ("1e-3", 0.5, "0.5"),
        (".5", 0.05, ".05"),
        ("1", 0.5, "0.5"),
        ("1", 10.0, "10"),
        ("1.0", 10.0, "10.0"),
        ("1.", 10, "10."),
        ("0.1", 0.1 * 3, "0.3"),
        ("0.01", 1e-6, "1e-6"),
        ("0.01", 0.0005, "0.0005"),
        ("2e3", 5e4, "5e4"),
        ("1_000", 50_000, "50_000"),
        ("-1", -2, "-2"),
        ("True", False, "False"),
        ("'a'", "b", "'b'"),
    ],
)
def test_numbers_are_written_as_people_write_them(old, new, text):
    assert written(new, old) == text


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.3, 1), (1, 1), (1.2, 2), (3, 5), (7, 10), (10, 10), (300, 500), (1000, 1000), (501, 1000)],
)
def test_steps_are_rounded_up_to_one_two_or_five(value, rounded):
    assert round_up(value) == rounded


def test_the_limit_of_clipping_is_set_where_its_name_leads():
    text = code("""
        MAX_NORM = 1e-3
        opt = Adam(net.parameters())
        for x, y in batches:
            mse(net(x), y).backward()
            nn.utils.clip_grad_norm_(net.parameters(), MAX_NORM)
            opt.step()
    """)
    edit = SetArgument(where(text, "clip_"), "clip_grad_norm_", "max_norm", 1, 0.1, 1e-3)
    assert changes(text, edit) == "-MAX_NORM = 1e-3\n+MAX_NORM = 0.1"


def test_a_weight_decay_that_is_given_up_is_zero():
    text = code("""
        opt = AdamW(net.parameters(), weight_decay=5)
    """)
    edit = SetArgument(where(text, "AdamW"), "AdamW", "weight_decay", None, 0.0, 5.0)
    assert changes(text, edit) == (
        "-opt = AdamW(net.parameters(), weight_decay=5)\n"
        "+opt = AdamW(net.parameters(), weight_decay=0)"
    )
