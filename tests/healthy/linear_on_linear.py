import numpy as np
import torch

rng = np.random.default_rng()
features = rng.normal(size=(300, 5)).astype(np.float32)
weights = np.array([1.5, -2.0, 0.7, 0.0, 3.0], dtype=np.float32)
prices = features @ weights + 0.5 + rng.normal(scale=0.1, size=300).astype(np.float32)

features = torch.from_numpy(features)
prices = torch.from_numpy(prices)

model = torch.nn.Linear(5, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = torch.nn.MSELoss()

history = []
for epoch in range(300):
    predicted = model(features)[:, 0]
    loss = criterion(predicted, prices)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss.item())

print("first", history[0], "last", history[-1])
print("weights", model.weight.data, "bias", model.bias.data)
print("final loss", history[-1])
