"""Lightning's Trainer: torch with the loop in other hands."""

import pytest

from unstuck.record.folder import load
from unstuck.trial.reproduce import differs

TRAINER = """
import warnings
warnings.simplefilter("ignore")
import logging
import torch
from torch import nn
import lightning as L
from lightning.pytorch.callbacks import EarlyStopping
from torch.utils.data import DataLoader, TensorDataset

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
torch.manual_seed(0)
x = torch.randn(96, 3)
y = x[:, :1] * 2
rows = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
held_out = DataLoader(TensorDataset(x[:32], y[:32]), batch_size=32)

class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.body(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = nn.functional.mse_loss(self(x), y)
        self.log("loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        self.log("held_out", nn.functional.mse_loss(self(batch[0]), batch[1]) * 1000)

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=0.01)

trainer = L.Trainer(
    max_epochs=4, accelerator="cpu", logger=False, enable_checkpointing=False,
    enable_progress_bar=False, enable_model_summary=False, gradient_clip_val=0.5,
    callbacks=[EarlyStopping("held_out")])
trainer.fit(Net(), rows, held_out)
"""


@pytest.fixture(scope="module")
def recorded(nursery, tmp_path_factory):
    """Return the recording of a Trainer's run."""
    folder = tmp_path_factory.mktemp("trainer")
    run = nursery.run(TRAINER, folder)
    assert run.code == 0, run.stderr
    assert not (folder / "trouble.log").exists(), (folder / "trouble.log").read_text()
    return load(folder)


def line(marker):
    lines = TRAINER.split("\n")
    return next(number for number, text in enumerate(lines, 1) if marker in text)


def test_the_recorded_losses_are_repeated(recorded):
    assert recorded.setup is not None, recorded.gaps
    assert differs(recorded) is None


def test_validation_is_no_training(recorded):
    assert recorded.setup.plan.steps == 24
    assert recorded.setup.data.count == 96
    assert max(recorded.tables["loss"].values[:, 0]) < 50


def test_gradients_that_are_clipped_within_the_step_are_seen(recorded):
    assert recorded.setup.loop.clip_norm == 0.5


def test_gradients_are_cleared(recorded):
    assert recorded.setup.loop.clears == "before"


def test_lines_are_the_users(recorded):
    lines = {role: where.line for role, where in recorded.lines.items()}
    assert lines["loss"] == line("loss = nn.functional.mse_loss")
    assert lines["forward"] == line("loss = nn.functional.mse_loss")
    assert lines["optimizer"] == line("torch.optim.AdamW")
    assert lines["step"] == line("trainer.fit")


STOPPED = TRAINER.replace("max_epochs=4", "max_epochs=30").replace(
    'EarlyStopping("held_out")', 'EarlyStopping("held_out", mode="max", patience=2)'
)


def test_a_callback_that_ends_a_training_early_is_told_with_the_plan(nursery, tmp_path):
    run = nursery.run(STOPPED, tmp_path)
    assert run.code == 0, run.stderr
    planned = load(tmp_path).tables["planned_steps"]
    line = next(i for i, text in enumerate(STOPPED.split("\n"), 1) if "callbacks=[" in text)
    assert planned.at(planned.sites[0]) == 30 * 6
    assert planned.sites[0].endswith(f":{line}")


def test_one_that_does_not_end_it_is_not(recorded):
    assert "planned_steps" not in recorded.tables


def test_rows_of_a_data_set_of_ones_own_are_known(nursery, tmp_path):
    own = "class Rows(torch.utils.data.Dataset):\n    def __len__(self):\n        return 96\n    def __getitem__(self, i):\n        return x[i], y[i]\n\nclass Net("
    source = TRAINER.replace("class Net(", own).replace("TensorDataset(x, y)", "Rows()")
    source = source.replace("rows = DataLoader(Rows(), batch_size=16, shuffle=True)\n", "")
    source = source.replace(
        "trainer = L", "rows = DataLoader(Rows(), batch_size=16, shuffle=True)\ntrainer = L"
    )
    run = nursery.run(source, tmp_path)
    assert run.code == 0, run.stderr
    setup = load(tmp_path).setup
    assert setup.data.complete and setup.data.count == 96 and len(setup.plan.first) > 5
