import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


def bars(n, size=10):
    """Grey noise with one bright bar, lying (0) or standing (1)."""
    images = 0.2 * torch.randn(n, 1, size, size)
    kinds = torch.randint(0, 2, (n,))
    for image, kind in zip(images, kinds):
        at = torch.randint(0, size, ())
        if kind == 0:
            image[0, at, :] += 1
        else:
            image[0, :, at] += 1
    return images, kinds


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 2 * 2, 2)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        return F.log_softmax(self.fc(x), dim=1)


images, kinds = bars(400)
net = ConvNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

for epoch in range(1, 16):
    net.train()
    order = torch.randperm(len(images))
    for i in range(0, len(images), 20):
        idx = order[i:i + 20]
        optimizer.zero_grad()
        loss = F.nll_loss(net(images[idx]), kinds[idx])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        out = net(images)
        print(epoch, F.nll_loss(out, kinds).item(), (out.argmax(1) == kinds).float().mean().item())

print("final loss", F.nll_loss(out, kinds).item())
