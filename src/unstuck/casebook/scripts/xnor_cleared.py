import torch
from torch import nn, optim

torch.manual_seed(0)

inputs = torch.FloatTensor([
    (0, 1, 1, 0),
    (1, 0, 0, 1),
    (0, 1, 0, 1),
    (1, 0, 1, 0),
])
labels = torch.FloatTensor([1, 1, 0, 0]).view(-1, 1)

inputs = inputs - inputs.mean(0, keepdim=True)[0]
inputs = inputs / inputs.std(0, keepdim=True)[0]

model = nn.Sequential(
    nn.Linear(4, 2),
    nn.ReLU(),
    nn.Linear(2, 2),
    nn.ReLU(),
    nn.Linear(2, 1),
    nn.Sigmoid(),
)
bce = nn.BCELoss()
sgd = optim.SGD(model.parameters(), lr=0.01)


def train(n_epochs):
    for e in range(n_epochs):
        sgd.zero_grad()
        prediction = model(inputs)
        loss = bce(prediction, labels)
        loss.backward()
        sgd.step()
        print(f"[{e:2d}] {loss.item():.6f}")


train(10)

with torch.no_grad():
    for row, want, got in zip(inputs, labels, model(inputs)):
        print(row.tolist(), "should be", want.item(), "is", round(got.item(), 3))
