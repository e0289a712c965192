import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits

BATCH_SIZE = 64
EPOCHS = 20

X, y = load_digits(return_X_y=True)
X = torch.FloatTensor(X)          # grey values 0..16
y = torch.LongTensor(y)


class DigitNet(nn.Module):
    def __init__(self):
        super(DigitNet, self).__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 10)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = self.softmax(self.fc2(x))
        return x


net = DigitNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.7)

for epoch in range(EPOCHS):
    running_loss, correct = 0.0, 0
    permutation = torch.randperm(len(X))
    for i in range(0, len(X), BATCH_SIZE):
        indices = permutation[i:i + BATCH_SIZE]
        optimizer.zero_grad()
        outputs = net(X[indices])
        loss = criterion(outputs, y[indices])
        loss.backward()
        optimizer.step()
        scheduler.step()
        running_loss += loss.item() * len(indices)
        correct += (outputs.argmax(1) == y[indices]).sum().item()
    print("Epoch %d acc %.3f loss %.4f" % (epoch + 1, correct / len(X), running_loss / len(X)))
