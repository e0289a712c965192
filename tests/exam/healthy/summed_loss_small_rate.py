import torch
import torch.nn.functional as F

# The loss is a SUM over the 500 rows, hence the rate.
lr, momentum = 1e-5, 0.9

x = torch.linspace(-2, 2, 500).view(500, 1)
y = x * torch.exp(-x ** 2) * 2

layers = [torch.nn.Linear(1, 50), torch.nn.Linear(50, 1)]
weights = [p for layer in layers for p in layer.parameters()]
sgd = torch.optim.SGD(weights, lr=lr * 5, momentum=momentum)


def predict(v):
    return layers[1](torch.tanh(2 * layers[0](v)))


for i in range(2000):
    loss = F.mse_loss(predict(x), y, reduction="sum")
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    if i % 500 == 499:
        print(i + 1, "sum of squares", loss.item(), "per row", loss.item() / 500)
