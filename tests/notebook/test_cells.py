"""A notebook is run by its own kernel: findings point into its cells, and the patch is one of them."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from unstuck.notebook.cells import as_python

ROWS = """\
import torch
from torch import nn
torch.manual_seed(0)
x = torch.linspace(-1, 1, 64).unsqueeze(1)
y = x ** 2
def network():
    return nn.Sequential(nn.Linear(1, 16), nn.Linear(16, 1))"""

LOOP = """\
%%unstuck --budget 20s --members 16 --json told.json
model = network()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(20):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
ended = loss.item()
print("done")"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    place = tmp_path_factory.mktemp("notebook")
    codes = ["%load_ext unstuck", ROWS, LOOP, "print(_3.verdict, ended > 0)", "%%unstuck\n1 + 1"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    client = NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(place)}})  # fmt: skip
    client.execute()
    return place, [cell.outputs for cell in book.cells]


def streams(outputs, name="stdout"):
    return "".join(o.text for o in outputs if o.output_type == "stream" and o.name == name)


def test_the_cell_runs_as_it_is_and_its_names_stay(ran):
    _, outputs = ran
    assert streams(outputs[2]) == "done\n"
    assert streams(outputs[3]) == "stuck True\n"


def test_findings_point_into_the_cells(ran):
    _, outputs = ran
    (shown,) = [o.data for o in outputs[2] if o.output_type == "execute_result"]
    text = shown["text/plain"]
    assert "N001 linear-network" in text and "--> In [2]:7" in text
    assert "7 |     return nn.Sequential(nn.Linear(1, 16), nn.Linear(16, 1))" in text
    assert "O005 too-few-steps" in text and "--> In [3]:8" in text
    assert shown["text/html"].startswith("<iframe")


def test_the_diagnosis_is_written_where_it_was_asked_for(ran):
    place, _ = ran
    told = json.loads((place / "told.json").read_text(encoding="utf-8"))
    assert told["script"] == "In [3]"
    diff = told["prescription"]["diff"]
    assert "--- a/In [2]" in diff and "\n %%unstuck --budget" in diff
    assert "nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1)" in diff


def test_a_cell_that_trains_nothing_says_so(ran):
    _, outputs = ran
    assert streams(outputs[4], "stderr") == "unstuck: nothing was trained in this cell.\n"


def test_magics_are_comments_so_that_lines_keep_their_numbers():
    cell = "%%unstuck\n!pip list\nx = 1\n  %time x % 2\n"
    assert as_python(cell) == "#%%unstuck\n#!pip list\nx = 1\n#  %time x % 2\n"
