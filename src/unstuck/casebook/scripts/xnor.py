import torch
import torch.nn as nn

# "are the two bits in the middle the same?", every bit pair comes with its opposite
X = torch.tensor([[0., 1., 1., 0.],
                  [1., 0., 0., 1.],
                  [0., 1., 0., 1.],
                  [1., 0., 1., 0.]])
y = torch.tensor([[1.], [1.], [0.], [0.]])

# normalise the columns
mean = X.mean(0, keepdim=True)[0]
std = X.std(0, keepdim=True)[0]
X = (X - mean) / std


class XNOR(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 2)
        self.fc2 = nn.Linear(2, 2)
        self.fc3 = nn.Linear(2, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return torch.sigmoid(self.fc3(x))


net = XNOR()
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

for epoch in range(10):
    out = net(X)
    loss = criterion(out, y)
    loss.backward()
    optimizer.step()
    print("epoch", epoch + 1, "loss", loss.item())

print(net(X))
