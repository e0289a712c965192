# my coin bot: GRU looks at 16 returns, predicts next one
# loss never goes below ~1, tried lr 1e-2..1e-5, more layers, nothing :/
import torch, torch.nn as nn

torch.manual_seed(2024)
price = 100 * torch.exp(torch.cumsum(0.012 * torch.randn(3200), 0))      # looks just like the real chart
ret = torch.log(price[1:] / price[:-1])
ret = (ret - ret.mean()) / ret.std()

win = 16
X = ret.unfold(0, win, 1)[:-1].unsqueeze(2)
y = ret[win:]
print(X.shape, y.shape)

class Bot(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 12, batch_first=True)
        self.lin = nn.Linear(12, 1)
    def forward(self, x):
        o, h = self.gru(x)
        return self.lin(o[:, -1, :]).squeeze(1)

bot = Bot()
lossf = nn.MSELoss()
for epoch in range(6):
    opt = torch.optim.Adam(bot.parameters(), lr=2e-3)
    perm = torch.randperm(len(X))
    run = 0.
    for j in range(0, len(X) - 63, 64):
        ii = perm[j:j+64]
        opt.zero_grad()
        out = bot(X[ii])
        loss = lossf(out, y[ii])
        loss.backward(retain_graph=True)
        opt.step()
        run += loss.item()
    print("epoch", epoch, "loss", run / (len(X) // 64))
