# Which of 5 words was said first? A recurrent cell written by hand, to understand how an RNN works.
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

WORDS, LENGTH, HIDDEN = 5, 7, 40


def dialogues(n):
    said = torch.randint(WORDS, (n, LENGTH))
    return F.one_hot(said, WORDS).float(), said[:, 0]


class MyRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.W_in = nn.Parameter(torch.randn(WORDS, HIDDEN) / math.sqrt(WORDS))
        self.W_rec = nn.Parameter(torch.linalg.qr(torch.randn(HIDDEN, HIDDEN))[0])
        self.b = nn.Parameter(torch.zeros(HIDDEN))
        self.W_out = nn.Parameter(torch.randn(HIDDEN, WORDS) / math.sqrt(HIDDEN))

    def step(self, x_t, h):
        return torch.tanh(x_t @ self.W_in + h @ self.W_rec + self.b)

    def forward(self, x):
        h = torch.zeros(x.shape[0], HIDDEN)
        for t in range(x.shape[1]):
            h = self.step(x[:, t], h.detach())   # "hidden state must be detached" (from the tutorial)
        return h @ self.W_out


rnn = MyRNN()
opt = torch.optim.SGD(rnn.parameters(), lr=0.1, momentum=0.9)
x, y = dialogues(1500)

for epoch in range(25):
    hits, total = 0, 0.0
    for idx in torch.randperm(len(x)).split(50):
        scores = rnn(x[idx])
        loss = F.cross_entropy(scores, y[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
        hits += (scores.argmax(1) == y[idx]).sum().item()
    if epoch % 4 == 0:
        print(f"epoch {epoch:2d}   loss {total / len(x):.4f}   accuracy {hits / len(x):.3f}")

with torch.no_grad():
    print("cross entropy:", F.cross_entropy(rnn(x), y).item())
