"""Another random seed."""

import pytest
from patching import changes, code, where

from unstuck.core.edits import SetSeed
from unstuck.patch import Unpatchable


def seed(text, marker="seed", value=7, nth=0):
    return SetSeed(where(text, marker, nth=nth), value)


def test_a_literal_is_replaced():
    text = "import torch; torch.manual_seed(0)  # for the record\n"
    assert changes(text, seed(text)) == (
        "-import torch; torch.manual_seed(0)  # for the record\n"
        "+import torch; torch.manual_seed(7)  # for the record"
    )


def test_one_name_for_all_generators_is_changed_once():
    text = code("""
        SEED = 1234
        random.seed(SEED)
        np.random.seed(SEED)
        torch.manual_seed(SEED)
        print("seed", SEED)
    """)
    assert changes(text, seed(text, "manual_seed")) == "-SEED = 1234\n+SEED = 7"


def test_a_function_of_the_user_is_followed_to_its_caller():
    text = code("""
        def fix(seed):
            torch.manual_seed(
                seed)

        fix(seed=3)
    """)
    assert changes(text, seed(text, "manual_seed")) == "-fix(seed=3)\n+fix(seed=7)"


def test_a_keyword_and_a_second_argument_do_not_mislead():
    text = "seed_everything(seed=42, workers=True)\n"
    assert "seed_everything(seed=7, workers=True)" in changes(text, seed(text))


def test_an_option_is_followed():
    text = code("""
        p.add_argument("--seed", type=int, default=0)
        args = p.parse_args()
        torch.manual_seed(args.seed)
    """)
    assert changes(text, seed(text, "manual_seed")) == (
        '-p.add_argument("--seed", type=int, default=0)\n'
        '+p.add_argument("--seed", type=int, default=7)'
    )


def test_a_seed_that_is_computed_is_replaced_at_the_call():
    text = "torch.manual_seed(int(time.time()))\n"
    assert (
        changes(text, seed(text)) == "-torch.manual_seed(int(time.time()))\n+torch.manual_seed(7)"
    )


def test_a_line_without_a_seed_is_refused():
    with pytest.raises(Unpatchable, match="no random seed"):
        changes("x = 1\n", SetSeed(where("x = 1\n", "x"), 1))
