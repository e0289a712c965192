"""What ends a training loop before its count is taken out, and nothing that does more."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import DropEnding
from unstuck.patch import Unpatchable


def dropped(text, marker="if "):
    return changes(text, DropEnding((where(text, marker),)))


def test_a_test_with_its_break_goes():
    text = code("""
        for epoch in range(100):
            loss = step()
            if abs(last - loss) < 1e-3:
                break
            last = loss
    """)
    assert dropped(text) == "-    if abs(last - loss) < 1e-3:\n-        break"


def test_it_goes_with_what_it_prints():
    text = code("""
        for epoch in range(100):
            step()
            if waited >= patience:
                print("early stopping at", epoch)
                logger.info("patience is out")
                break
    """)
    assert len(dropped(text).splitlines()) == 4


def test_a_test_on_one_line_goes():
    text = code("""
        while step < 100:
            step += 1
            if stopper(loss): break
            train()
    """)
    assert dropped(text) == "-    if stopper(loss): break"


def test_a_branch_of_another_test_goes_alone():
    text = code("""
        for epoch in range(100):
            if loss < best:
                best, waited = loss, 0
            elif waited > 5:
                break
            else:
                waited += 1
    """)
    with pytest.raises(Unpatchable, match="another branch"):
        dropped(text, "elif")
    short = text.replace("    else:\n        waited += 1\n", "")
    assert dropped(short, "elif") == "-    elif waited > 5:\n-        break"


def test_the_last_of_several_statements_in_a_branch_goes_and_leaves_them():
    text = code("""
        for epoch in range(100):
            if loss < best:
                waited = 0
            else:
                waited += 1
                if waited > 5:
                    break
    """)
    assert dropped(text, "if waited") == "-        if waited > 5:\n-            break"


def test_a_bare_return_goes():
    text = code("""
        def fit(net):
            for epoch in range(100):
                step(net)
                if converged(net):
                    return
    """)
    assert len(dropped(text).splitlines()) == 2


def test_a_return_of_what_the_function_returns_anyway_goes():
    text = code("""
        def fit(net):
            for epoch in range(100):
                if converged(net):
                    return net
                step(net)
            return net
    """)
    assert len(dropped(text).splitlines()) == 2
    other = text.replace("    return net\n", "    return None\n").replace(
        "            return None", "            return net"
    )
    with pytest.raises(Unpatchable, match="more is done: return net"):
        dropped(other)


def test_of_the_conditions_of_a_while_the_count_stays():
    text = code("""
        while epoch < EPOCHS and waited < 5:
            epoch += 1
            waited = 0 if better() else waited + 1
    """)
    assert dropped(text, "while") == (
        "-while epoch < EPOCHS and waited < 5:\n+while epoch < EPOCHS:"
    )


def test_a_while_without_a_visible_count_is_left_alone():
    text = code("""
        while going and improving():
            step()
    """)
    with pytest.raises(Unpatchable, match="which condition"):
        dropped(text, "while")


def test_where_more_is_done_at_the_end_nothing_is_taken_out():
    text = code("""
        for epoch in range(100):
            if waited > 5:
                net.load_state_dict(best)
                break
    """)
    with pytest.raises(Unpatchable, match=r"more is done: net\.load_state_dict"):
        dropped(text)


def test_of_several_tests_none_is_guessed():
    text = code("""
        for epoch in range(100):
            if waited > 5: break
            if loss < goal: break
    """)
    with pytest.raises(Unpatchable, match="which of the tests"):
        patch(text, DropEnding((where(text, "waited"), where(text, "goal"))))
