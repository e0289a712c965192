# digits in raw grey values 0..16, gradients are summed over 4 mini batches before each update
import torch, torch.nn.functional as F
from sklearn.datasets import load_digits

d = load_digits()
x, y = torch.tensor(d.data).float(), torch.tensor(d.target)

def hardswishy(z):
    return z * (z + 3).clamp(0, 6) / 6

w = {}
w['a'] = torch.nn.Parameter(torch.randn(64, 48) * 0.02)
w['b'] = torch.nn.Parameter(torch.zeros(48))
w['c'] = torch.nn.Parameter(torch.zeros(48, 10))        # zero on purpose: first prediction = 1/10
opt = torch.optim.NAdam(list(w.values()), lr=0.005)

onehot = F.one_hot(y, 10).float()
k = 0
for epoch in range(14):
    hits = 0
    for i in torch.randperm(len(x)).split(24):
        out = hardswishy(x[i] @ w['a'] + w['b']) @ w['c']
        # squared hinge one-vs-rest instead of cross entropy
        loss = F.relu(1 - (2 * onehot[i] - 1) * out).pow(2).sum(1).mean()
        (loss / 4).backward()
        k += 1
        hits += (out.argmax(1) == y[i]).sum().item()
        if k % 4 == 0:
            opt.step()
            opt.zero_grad()
    print(f"epoch {epoch}  loss {loss.item():.3f}  wrong {1 - hits / len(x):.4f}")
