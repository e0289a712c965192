# CO2 uptake in a greenhouse, PyTorch beginner course, exercise 3
import torch
import torch.nn as nn

torch.manual_seed(2024)
light = torch.rand(200, 1) * 2 - 1
warmth = torch.rand(200, 1) * 2 - 1
X = torch.cat((light, warmth), 1)
Y = torch.tanh(3 * light) * (1 - warmth ** 2)

net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

num_epochs = 400
for epoch in range(num_epochs):
    outputs = net(X)
    loss = criterion(outputs, Y)

    optimizer.zero_grad
    loss.backward()
    optimizer.step()

    if (epoch + 1) % 20 == 0:
        print('Epoch [{}/{}], Loss: {:.4f}'.format(epoch + 1, num_epochs, loss.item()))
