"""Changes of the Trainer of Lightning."""

import pytest
from patching import changes, code, patch, where

from unstuck.core.edits import ScaleInputs, ScaleTargets, SetArgument, SetSteps
from unstuck.patch import Unpatchable

TRAINED = code(
    """
    import lightning as L
    import torch

    EPOCHS = 3

    class Net(L.LightningModule):
        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    trainer = L.Trainer(max_epochs=EPOCHS, accelerator="cpu")
    trainer.fit(Net(), loader)
    """
)


def test_a_trainer_goes_on_for_more_epochs():
    assert "+EPOCHS = 50" in changes(TRAINED, SetSteps(where(TRAINED, ".fit("), 10))


def test_a_trainer_makes_more_steps():
    text = TRAINED.replace("max_epochs=EPOCHS", "max_steps=200")
    assert "max_steps=2_000" not in changes(text, SetSteps(where(text, ".fit("), 10))
    assert "max_steps=2000" in changes(text, SetSteps(where(text, ".fit("), 10))


def test_a_trainer_that_says_nothing_is_not_guessed():
    text = TRAINED.replace("max_epochs=EPOCHS, ", "")
    with pytest.raises(Unpatchable, match="how many epochs"):
        patch(text, SetSteps(where(text, ".fit("), 10))


def test_the_rate_is_set_where_the_optimizer_is_built():
    edit = SetArgument(where(TRAINED, "Adam("), "Adam", "lr", 1, 0.1, 1e-3)
    assert "lr=0.1)" in changes(TRAINED, edit)


def test_a_loop_of_the_scripts_own_turns_more_often():
    text = TRAINED + "for _ in range(20):\n    step()\n"
    assert "range(200)" in changes(text, SetSteps(where(text, "    step()"), 10))


STEP = code(
    """
    import lightning as L
    import torch

    class Net(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = torch.nn.Linear(2, 1)
            self.criterion = torch.nn.MSELoss()

        def training_step(self, batch, batch_idx):
            x, y = batch
            y_hat = self.model(x)
            loss = self.criterion(y_hat, y)
            return loss
    """
)


def test_no_statistics_are_taken_of_one_batch():
    run, loss = where(STEP, "self.model(x)"), where(STEP, "self.criterion(y_hat")
    found = changes(STEP, ScaleInputs(run, (1.0, 2.0), (3.0, 4.0)))
    assert (
        "+        y_hat = self.model((x - torch.tensor([1.0, 2.0])) / torch.tensor([3.0, 4.0]))"
        in found
    )
    found = changes(STEP, ScaleTargets(loss, run, (100.0,), (20.0,)))
    assert "mean" not in found
    assert "(y - 100.0) / 20.0" in found
