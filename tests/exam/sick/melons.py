"""Ripe or not, from the sound of a knock: an MLP fed chunk by chunk, as the knocks come in."""
import numpy as np
from sklearn.neural_network import MLPClassifier


class KnockStream:
    def __init__(self, knocks, ripe, chunk=64):
        self.knocks, self.ripe, self.chunk = knocks, ripe, chunk

    def shuffled(self, rng):
        knocks = rng.permutation(self.knocks)
        ripe = rng.permutation(self.ripe)
        for start in range(0, len(knocks), self.chunk):
            yield knocks[start : start + self.chunk], ripe[start : start + self.chunk]


def make_knocks(n, rng):
    pitch = rng.normal(0, 1, n)
    decay = rng.normal(0, 1, n)
    overtones = rng.normal(0, 1, (n, 4))
    ripe = (pitch**2 + decay + 0.5 * overtones[:, 0] < 0.6).astype(int)
    return np.c_[pitch, decay, overtones], ripe


rng = np.random.default_rng(12)
stream = KnockStream(*make_knocks(1200, rng))
test_knocks, test_ripe = make_knocks(600, rng)

mlp = MLPClassifier(hidden_layer_sizes=(48,), learning_rate_init=0.02, alpha=1e-3)
for epoch in range(16):
    for knocks, ripe in stream.shuffled(rng):
        mlp.partial_fit(knocks, ripe, classes=[0, 1])
    if epoch % 5 == 0:
        print(f"epoch {epoch + 1}: loss {mlp.loss_:.4f} accuracy {mlp.score(test_knocks, test_ripe):.3f}")
print("error", 1 - mlp.score(test_knocks, test_ripe))
