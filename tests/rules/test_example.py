"""Reading a page: its headings, and the two scripts and the pattern in its diff block."""

import pytest

from unstuck.rules.example import BadPage, example, sections

PAGE = """One line.

## Example

```diff
 import torch

-x = f(1)
+x = f(<rate=0.1>)
+y = g(<rate>, "a+b")
 print(x)
```

## References

- None.
"""


def test_the_sick_script_has_the_minus_lines_and_the_common_ones() -> None:
    assert example(PAGE).sick == "import torch\n\nx = f(1)\nprint(x)\n"


def test_the_healthy_script_has_the_plus_lines_with_their_values() -> None:
    assert example(PAGE).healthy == 'import torch\n\nx = f(0.1)\ny = g(0.1, "a+b")\nprint(x)\n'


@pytest.mark.parametrize("number", ["0.1", "5", "1e-05", "2_000", "-0.5", "1E3", "2."])
def test_the_pattern_takes_any_number_for_a_placeholder(number: str) -> None:
    text = example(PAGE).healthy.replace("0.1", number)
    found = example(PAGE).pattern.match(text)
    assert found
    assert found["rate"] == number


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("f(0.1)", "f(0.2)"),  # the same placeholder is the same number
        ("f(0.1)", "f(rate)"),
        ("a+b", "aab"),
        ("import torch\n\n", "import torch\n"),
        ("print(x)\n", "print(x)\nprint(y)\n"),
        ("print(x)\n", "print(x)\n\n"),
        ("print(x)", "  print(x)"),
    ],
)
def test_the_pattern_takes_nothing_else(old: str, new: str) -> None:
    text = example(PAGE).healthy
    assert old in text
    assert not example(PAGE).pattern.match(text.replace(old, new))


def test_angle_brackets_on_common_lines_are_code() -> None:
    page = PAGE.replace(" print(x)", " print(0 <x> 1)")
    assert "print(0 <x> 1)" in example(page).healthy
    assert example(page).pattern.match(example(page).healthy)


def test_a_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(BadPage, match="<rate> is given no value"):
        example(PAGE.replace("<rate=0.1>", "<rate>"))


@pytest.mark.parametrize(("page", "count"), [("no block", 0), (PAGE + PAGE, 2)])
def test_a_page_has_exactly_one_block(page: str, count: int) -> None:
    with pytest.raises(BadPage, match=f"this one has {count}"):
        example(page)


def test_sections_are_the_summary_and_the_text_under_each_heading() -> None:
    found = sections(PAGE)
    assert list(found) == ["", "Example", "References"]
    assert found[""] == "One line."
    assert found["References"] == "- None."
