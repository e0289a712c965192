import numpy as np
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import ExponentialLR

# fabric defects: woven direction of a patch (horizontal / vertical / diagonal). coming from matlab, be nice

def patch(kind):
    r, c = np.meshgrid(np.arange(16), np.arange(16), indexing='ij')
    u = {0: r, 1: c, 2: r + c}[kind]
    img = np.sin(2 * np.pi * u / 5 + np.random.rand() * 6.28)
    return img + 0.4 * np.random.randn(16, 16)

labels = np.random.randint(0, 3, 1200)
stack = np.dstack([patch(k) for k in labels])
print('image stack', stack.shape)
data = torch.from_numpy(stack).float().reshape(-1, 1, 16, 16)
labels = torch.from_numpy(labels)

cnn = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(16 * 4 * 4, 3),
)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(cnn.parameters(), lr=1e-3)
scheduler = ExponentialLR(optimizer, gamma=0.8)

for epoch in range(10):
    order = np.random.permutation(len(data))
    total, right = 0.0, 0
    for b in np.array_split(order, 30):
        optimizer.zero_grad()
        logits = cnn(data[b])
        loss = criterion(logits, labels[b])
        loss.backward()
        nn.utils.clip_grad_norm_(cnn.parameters(), 0.1)
        optimizer.step()
        scheduler.step()
        total += loss.item()
        right += (logits.argmax(1) == labels[b]).sum().item()
    print('epoch %d  acc %.3f  loss %.4f' % (epoch, right / len(data), total / 30))
