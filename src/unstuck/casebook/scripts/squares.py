import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LARGEST = 1000

# n -> n * n, everything scaled into [0, 1] as one should
numbers = torch.randint(1, LARGEST + 1, (1000, 1)).float()
squares = numbers ** 2
X = numbers / LARGEST ** 2
y = squares / LARGEST ** 2

# the very same network learns the sum of two numbers without any error
model = nn.Sequential(
    nn.Linear(1, 20),
    nn.Linear(20, 100),
    nn.Linear(100, 100),
    nn.Linear(100, 20),
    nn.Linear(20, 1),
)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters())

loader = DataLoader(TensorDataset(X, y), batch_size=100, shuffle=True)
for epoch in range(100):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: loss {loss.item():.6f}")

with torch.no_grad():
    predicted = model(X) * LARGEST ** 2
rmse = (predicted - squares).pow(2).mean().sqrt()
print(f"RMSE {rmse:.0f}")
for i in range(10):
    print(f"Expected={squares[i].item():.0f}, Predicted={predicted[i].item():.0f} (err={(predicted[i] - squares[i]).item():.0f})")
