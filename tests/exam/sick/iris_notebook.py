# %% [1]  imports
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

# %% [2]  my flowers
iris = load_iris()
X = StandardScaler().fit_transform(iris.data)
X_train, X_test, y_train, y_test = train_test_split(X, iris.target, test_size=0.2, stratify=iris.target)
X_train = torch.tensor(X_train).float()
X_test = torch.tensor(X_test).float()
y_train = torch.tensor(y_train)
y_test = torch.tensor(y_test)

# %% [3]
class FlowerNet(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.fc1 = nn.Linear(4, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 3)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.softmax(self.out(x), dim=1)

# %% [4]
model = FlowerNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

# %% [5]  8 hidden was bad, someone on the forum said try more
model = FlowerNet(hidden=40)
print(sum(p.numel() for p in model.parameters()), "parameters")

# %% [6]
losses = []
for epoch in range(300):
    out = model(X_train)
    loss = criterion(out, y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    if epoch % 50 == 0:
        acc = (out.argmax(1) == y_train).float().mean()
        print(epoch, "loss", loss.item(), "acc", acc.item())

# %% [7]
with torch.no_grad():
    print("test acc", (model(X_test).argmax(1) == y_test).float().mean().item())
print("final loss", losses[-1])
