# Two moons the way I learnt it: sigmoid at the end, BCELoss. Nothing fancy.
import torch
from sklearn.datasets import make_moons

X, Y = make_moons(n_samples=400, noise=0.1, random_state=3)
X = torch.Tensor(X)
Y = torch.Tensor(Y).view(-1, 1)


class Net(torch.nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.hidden = torch.nn.Linear(2, 32)
        self.hidden2 = torch.nn.Linear(32, 16)
        self.output = torch.nn.Linear(16, 1)

    def forward(self, x):
        x = torch.relu(self.hidden(x))
        x = torch.relu(self.hidden2(x))
        return torch.sigmoid(self.output(x))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loss_func = torch.nn.BCELoss()

for t in range(600):
    prediction = net(X)
    loss = loss_func(prediction, Y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if t % 100 == 0:
        accuracy = ((prediction > 0.5) == (Y > 0.5)).float().mean()
        print("iter", t, "acc", accuracy.item(), "loss", loss.item())
print("iter", t, "loss", loss.item())
