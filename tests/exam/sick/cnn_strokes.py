# CNN for pen strokes on a 10x10 grid. Six stroke classes.
import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(7)


def draw(kind):
    img = torch.zeros(10, 10)
    k = int(torch.randint(2, 8, (1,)))
    idx = torch.arange(10)
    if kind == 0:
        img[k, :] = 1.0
    elif kind == 1:
        img[:, k] = 1.0
    elif kind == 2:
        img[idx, idx] = 1.0
    elif kind == 3:
        img[idx, 9 - idx] = 1.0
    elif kind == 4:
        img[k, :] = img[:, k] = 1.0
    else:
        img[k - 2:k + 2, k - 2:k + 2] = 1.0
    return img + 0.25 * torch.randn(10, 10)


labels = torch.arange(480) % 6
images = torch.stack([draw(int(c)) for c in labels]).unsqueeze(1)


class StrokeNet(nn.Module):
    def __init__(self):
        super(StrokeNet, self).__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 12, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(12 * 2 * 2, 6)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = x.flatten(1)
        return self.softmax(self.fc(x))


net = StrokeNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.006, momentum=0.9)

train_x, train_y = images[:360], labels[:360]
test_x, test_y = images[360:], labels[360:]

for epoch in range(20):
    running_loss = 0.0
    for i in torch.randperm(360).split(20):
        optimizer.zero_grad()
        outputs = net(train_x[i])
        loss = criterion(outputs, train_y[i])
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    if epoch % 5 == 4:
        print("[%d] loss: %.3f" % (epoch + 1, running_loss / 18))

net.eval()
with torch.no_grad():
    correct = (net(test_x).argmax(1) == test_y).sum().item()
print("Accuracy on test strokes: %.4f" % (correct / 120))
