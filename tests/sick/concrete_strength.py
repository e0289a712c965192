import numpy as np
import torch

# strength of concrete from five (already standardised) ingredients
N_EPOCHS = 5
n = 400
mix = np.random.randn(n, 5).astype("float32")
strength = (
    np.sin(mix[:, 0]) + mix[:, 1] * mix[:, 2] - 0.5 * np.abs(mix[:, 3]) + 0.3 * mix[:, 4]
).astype("float32")

mix_t = torch.tensor(mix)
strength_t = torch.tensor(strength)

model = torch.nn.Sequential(
    torch.nn.Linear(5, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64), torch.nn.Tanh(),
    torch.nn.Linear(64, 1),
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)


def mean_squared_error(a, b):
    return torch.mean((a - b) ** 2)


for epoch in range(N_EPOCHS):
    shuffled = torch.randperm(n)
    epoch_error = 0.0
    for i in range(0, n, 40):
        rows = shuffled[i:i + 40]
        pred = model(mix_t[rows])
        error = mean_squared_error(pred, strength_t[rows])
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        epoch_error += error.item() / (n // 40)
    print(f"epoch {epoch}: error {epoch_error:.4f}")
