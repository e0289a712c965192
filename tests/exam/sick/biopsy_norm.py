"""Breast cancer (sklearn), raw columns: the batch norm in front takes care of their scales."""
import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from torch import nn, optim

data, target = load_breast_cancer(return_X_y=True)
rows = np.random.permutation(len(target))
cut = int(0.8 * len(rows))


def to_tensors(index):
    return torch.Tensor(data[index]), torch.LongTensor(target[index])


x_train, y_train = to_tensors(rows[:cut])
x_test, y_test = to_tensors(rows[cut:])


class Classifier(nn.Module):
    def __init__(self, features=30, hidden=32, classes=2):
        super(Classifier, self).__init__()
        self.norm = nn.BatchNorm1d(features)
        self.hidden = nn.Linear(features, hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        x = self.norm(x)
        x = nn.functional.relu(self.hidden(x))
        return nn.functional.softmax(self.out(x), dim=1)


net = Classifier()
net.eval()      # no dropout in here, so the mode does not matter
loss_function = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=1e-3)

losses = []
for epoch in range(60):
    for begin in range(0, cut, 35):
        batch = slice(begin, begin + 35)
        optimizer.zero_grad()
        loss = loss_function(net(x_train[batch]), y_train[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if (epoch + 1) % 10 == 0:
        print("epoch", epoch + 1, "loss", round(float(np.mean(losses[-13:])), 4))

net.eval()
with torch.no_grad():
    wrong = (net(x_test).argmax(1) != y_test).float().mean().item()
    print("test error:", wrong)
    print("training loss:", loss_function(net(x_train), y_train).item())
