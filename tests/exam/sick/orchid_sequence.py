"""Orchids by five measures of the flower. The data set is a PyDataset that makes its own batches."""
import keras
import numpy as np


class Orchids(keras.utils.PyDataset):
    def __init__(self, x, y, batch_size=75, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y, self.batch_size = x.copy(), y.copy(), batch_size
        self.on_epoch_end()

    def __len__(self):
        return int(np.ceil(len(self.x) / self.batch_size))

    def __getitem__(self, k):
        part = slice(k * self.batch_size, (k + 1) * self.batch_size)
        return self.x[part], self.y[part]

    def on_epoch_end(self):
        np.random.shuffle(self.x)


def flowers(n):
    m = np.random.randn(n, 5).astype("float32")
    score = np.stack([m[:, 0] ** 2 - 1, m[:, 1] * 1.5, m[:, 2] + m[:, 3]], axis=1)
    return m, score.argmax(axis=1)


if __name__ == "__main__":
    x, y = flowers(900)
    x_test, y_test = flowers(500)
    model = keras.Sequential()
    model.add(keras.layers.Dense(50, activation="elu"))
    model.add(keras.layers.Dense(50, activation="elu"))
    model.add(keras.layers.Dense(3))
    model.compile("nadam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.optimizer.learning_rate = 0.01
    model.fit(Orchids(x, y), epochs=10, verbose=2)
    guess = model.predict(x_test, verbose=0).argmax(axis=1)
    print("error", np.mean(guess != y_test))
