import torch
from torch import nn

# resting heart rates from a wristband; I want "is it above 91?"
rates = torch.randn(200, 1) * 7.5 + 92.6
rates = rates.round(decimals=1)
high = (rates > 91).float()


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.hidden = nn.Linear(1, 4)
        self.output = nn.Linear(4, 1)

    def forward(self, x):
        x = torch.sigmoid(self.hidden(x))
        x = torch.sigmoid(self.output(x))
        return x


model = Net()
loss_fn = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

for step in range(10000):
    pred = model(rates)
    loss = loss_fn(pred, high)

    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    if step % 500 == 0:
        print(step, loss.item())

print("final loss", loss.item())
for bpm in (70.0, 85.0, 90.0, 92.0, 95.0, 110.0):
    print(bpm, "->", model(torch.tensor([[bpm]])).item())
