# constant lr = 1.0, plain SGD, works since everything is normalised
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(6)
x = torch.randn(1500, 2) * 1.2
y = ((x[:, 0] * x[:, 1]) > 0).long()          # quadrants
train = DataLoader(TensorDataset(x[:1200], y[:1200]), batch_size=70, shuffle=True, drop_last=True)


def layer(i, o):
    return nn.Sequential(nn.Linear(i, o, bias=False), nn.BatchNorm1d(o), nn.ReLU())


net = nn.Sequential(layer(2, 48), layer(48, 48), nn.Linear(48, 2))
opt = torch.optim.SGD(net.parameters(), lr=1.0)
for epoch in range(40):
    net.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, round(loss.item(), 4))
net.eval()
with torch.inference_mode():
    print("acc %.4f" % (net(x[1200:]).argmax(1) == y[1200:]).float().mean().item())
