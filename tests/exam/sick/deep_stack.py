"""Does depth help?  Same data, --depth 6."""
import argparse
import torch
import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int, default=6)
parser.add_argument("--width", type=int, default=30)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--epochs", type=int, default=60)
args = parser.parse_args()

torch.manual_seed(17)
pts = torch.rand(800, 2) * 2 - 1
cls = (pts[:, 0] ** 2 + pts[:, 1] ** 2 < 0.64).long()

layers = []
d = 2
for _ in range(args.depth):
    layers += [nn.Linear(d, args.width), nn.Sigmoid()]
    d = args.width
layers.append(nn.Linear(d, 2))
model = nn.Sequential(*layers)
print(sum(p.numel() for p in model.parameters()), "parameters")

optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
trX, trY, teX, teY = pts[:600], cls[:600], pts[600:], cls[600:]

for epoch in range(args.epochs):
    for i in torch.randperm(600).chunk(12):
        loss = loss_fn(model(trX[i]), trY[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch:3d} loss {loss.item():.4f}")

with torch.no_grad():
    acc = (model(teX).argmax(1) == teY).float().mean()
print(f"test acc {acc:.4f}")
