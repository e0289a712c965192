"""The HTML report as text: whatever a script brings along stays text, and nothing is in it that was not asked for."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile import CLASS, LAYER, NASTY, nasty
from made import cause, curved, diagnosis, healthy, nothing_seen, prescription, suspect

from unstuck.core.diagnosis import Diagnosis
from unstuck.core.finding import NotRun
from unstuck.core.recording import Where
from unstuck.core.trial import Patch
from unstuck.report.anonymous import anonymous
from unstuck.report.page.embedded import quoted
from unstuck.report.page.page import page
from unstuck.report.source import Source

MOST = 2_000_000


class Seen(HTMLParser):
    """Every element of a page with its attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def hostile() -> str:
    return page(nasty(), Source((NASTY, LAYER)))


def test_hostile_names_become_no_elements(hostile: str) -> None:
    plain = {tag for tag, _ in Seen(page(curved(), Source(("train.py",)))).elements}
    assert {tag for tag, _ in Seen(hostile).elements} == plain
    scripts = [attributes for tag, attributes in Seen(hostile).elements if tag == "script"]
    assert [one.get("type") for one in scripts] == ["application/json", "application/json", None]


def test_no_element_has_a_handler_or_leads_away(hostile: str) -> None:
    for _, attributes in Seen(hostile).elements:
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))


def test_hostile_names_can_be_read(hostile: str) -> None:
    words = Seen(hostile).words
    assert f"unstuck on {NASTY}" in words
    assert LAYER in words and CLASS in words


def test_signs_without_a_shape_are_spelled(hostile: str) -> None:
    hostile.encode("utf-8")
    assert not {"\u202e", "\x00", "\x1b", "\ud800"} & set(hostile)
    assert "safe\\u{202e}\\u{0}\\u{1b}[31m\\u{d800}" in Seen(hostile).words


def test_the_patch_that_is_copied_is_the_patch_that_was_made(hostile: str) -> None:
    held = re.search(r'<script type="application/json" id="patch">(.*?)</script>', hostile)
    made = nasty().prescription
    assert held is not None and made is not None and made.patch is not None
    assert json.loads(held[1]) == made.patch.diff


def test_the_browser_is_told_to_refuse_what_is_not_ours(hostile: str) -> None:
    assert "default-src &#39;none&#39;" in hostile
    assert "unsafe" not in hostile.split("<style>")[0]


@pytest.mark.parametrize("made", [curved(), healthy(), nothing_seen(), nasty()])
def test_a_page_is_small(made: Diagnosis) -> None:
    assert len(page(made, Source()).encode()) < MOST / 10


def test_words_between_backticks_are_set_as_code() -> None:
    assert quoted("use `<a>` or `b`") == "use <code>&lt;a&gt;</code> or <code>b</code>"
    assert quoted("one ` <i>") == "one ` &lt;i&gt;"


def test_a_reason_that_all_suspects_share_is_told_once() -> None:
    why = "not proved: proofs were not asked for"
    made = diagnosis(findings=(suspect(because=why), suspect(name="other", because=why)), trials={})
    assert page(made, Source()).count("roofs were not asked for") == 1


def test_data_within_a_script_do_not_fill_the_page(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("\n" * 5 + f"x = [{'1, ' * 1_000_000}]\n")
    long = Patch({}, "+" + "x" * 400_000 + "\n")
    made = diagnosis(prescription=prescription(patch=long))
    told = page(made, Source(("train.py",), tmp_path))
    assert len(told.encode()) < MOST / 10
    assert "(3,000,006 signs)" in told
    assert "too long for this page" in told


def test_a_file_that_has_changed_since_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("".join(f"line{n}\n" for n in range(1, 9)))
    made = page(diagnosis(), Source(("train.py",), tmp_path))
    assert "line4" in made and "line6" in made and "line9" not in made
    changed = Source(("train.py",), tmp_path, frozenset({"train.py"}))
    assert "line6" not in page(diagnosis(), changed)


def test_an_anonymous_report_holds_neither_paths_nor_source(tmp_path: Path) -> None:
    secret = tmp_path / "acme_secret.py"
    secret.write_text("secret_line = 1\n" * 9)
    made = diagnosis(
        script=str(secret),
        findings=(
            cause(where=Where(str(secret), 6), message=f"see {secret}:6 and /etc/acme/data.csv"),
            suspect(where=Where("acme_lib/acme_model.py", 3)),
        ),
        not_run=(NotRun("rule", "x", f"no {tmp_path}/acme.json"),),
        sentence=f"Stuck: in {secret.name}.",
        run_folder=str(tmp_path / "acme"),
    )
    told = page(*anonymous(made, Source((str(secret), "--acme"), tmp_path)))
    assert not [word for word in ("acme", "secret", str(tmp_path), "rates") if word in told]
    assert "script.py:6" in told and "file2.py:3" in told


def test_a_cause_says_what_to_change_and_why_it_is_one() -> None:
    why = {"inputs-unscaled": "Units are `flat`.\n\nSo <b>nothing</b> moves.", "other": "Not this."}
    words = " ".join(page(diagnosis(), Source(), why=why).split())
    assert "To change:</span> Subtract 92.6 from the inputs" in words
    assert "Units are <code>flat</code>.</p>" in words
    assert "So &lt;b&gt;nothing&lt;/b&gt; moves." in words
    assert "Not this." not in words


def test_a_cure_of_several_changes_is_drawn_as_a_whole() -> None:
    one, trial = curved(), curved().trials["inputs-unscaled"]
    assert one.prescription is not None
    both = dataclasses.replace(
        one.prescription,
        names=("inputs-unscaled", "lr-too-small"),
        say=("standardise the inputs", "train with a larger rate"),
        without=trial.without,
        with_it=trial.with_it,
    )
    made = page(dataclasses.replace(one, prescription=both), Source())
    assert "Before and after" in made and ">with the cure</text>" in made
    assert "All other changes of the cure are made on both sides." in made
    assert "Before and after" not in page(one, Source())


def test_a_bundle_without_numbers_is_drawn(tmp_path: Path) -> None:
    made = curved()
    trial = made.trials["inputs-unscaled"]
    never = tuple(float("inf") for _ in range(3))
    bundle = dataclasses.replace(trial.without.bundle, low=never, median=never, high=never)  # type: ignore[type-var]
    arm = dataclasses.replace(trial.without, bundle=bundle)
    shown = dataclasses.replace(made, trials={trial.name: dataclasses.replace(trial, without=arm)})
    drawn = " ".join(re.findall(r' d="([^"]*)"', page(shown, Source())))
    assert "M" in drawn and not {"nan", "inf"} & set(re.findall(r"[a-z]+", drawn))
