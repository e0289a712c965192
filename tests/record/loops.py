"""Training loops as people write them, each a few steps long; every one trains the same kind of toy."""

HEAD = """\
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(3)
x = torch.randn(24, 3)
y = (x[:, :1] * x[:, 1:2]).sin()
"""

NET = HEAD + "net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))\n"

SEQUENTIAL = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
mse = nn.MSELoss()
for epoch in range(20):
    opt.zero_grad()
    loss = mse(net(x), y)
    loss.backward()
    opt.step()
"""
)

CLASS_LOADER = (
    HEAD
    + """\
from torch.utils.data import DataLoader, TensorDataset

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 6)
        self.last = nn.Linear(6, 1)

    def forward(self, rows):
        return self.last(F.relu(self.first(rows)))

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(6):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True):
        opt.zero_grad()
        F.mse_loss(net(a), b).backward()
        opt.step()
"""
)

BARE = (
    HEAD
    + """\
W = (torch.randn(3, 6) * 0.5).requires_grad_()
b = torch.zeros(6, requires_grad=True)
v = torch.randn(6, 1, requires_grad=True)
for step in range(20):
    out = torch.tanh(x @ W + b) @ v
    loss = ((out - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (W, b, v):
            p -= 0.1 * p.grad
            p.grad = None
"""
)

AUTOGRAD_GRAD = (
    HEAD
    + """\
W = torch.randn(3, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(20):
    loss = F.mse_loss(x @ W + b, y)
    gW, gb = torch.autograd.grad(loss, [W, b])
    with torch.no_grad():
        W -= 0.05 * gW
        b -= 0.05 * gb
"""
)

DATA_UPDATE = (
    HEAD
    + """\
W = torch.randn(3, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(20):
    loss = ((x.mm(W) + b - y) ** 2).mean()
    loss.backward()
    W.data -= 0.05 * W.grad.data
    b.data -= 0.05 * b.grad.data
    W.grad.data.zero_()
    b.grad.data.zero_()
"""
)

MODEL_BY_HAND = (
    NET
    + """\
for step in range(20):
    loss = F.mse_loss(net(x), y)
    net.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in net.parameters():
            p.sub_(0.1 * p.grad)
"""
)

LBFGS = (
    NET
    + """\
opt = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=4)

def closure():
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    return loss

for step in range(10):
    opt.step(closure)
"""
)

ACCUMULATION = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(8):
    order = torch.randperm(24)
    for i in range(0, 24, 6):
        rows = order[i:i + 6]
        loss = F.mse_loss(net(x[rows]), y[rows]) / 2
        loss.backward()
        if i // 6 % 2:
            opt.step()
            opt.zero_grad()
"""
)

FRESH = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for step in range(30):
    a = torch.randn(16, 3)
    b = a.sum(1, keepdim=True)
    opt.zero_grad()
    loss = F.mse_loss(net(a), b)
    loss.backward()
    opt.step()
"""
)

AUTOENCODER = (
    HEAD
    + """\
net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(x), x)
    loss.backward()
    opt.step()
"""
)

RANDOM_SPLIT = (
    NET
    + """\
from torch.utils.data import DataLoader, TensorDataset, random_split
train, test = random_split(TensorDataset(x, y), [16, 8])
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    for a, b in DataLoader(train, batch_size=4, shuffle=True):
        opt.zero_grad()
        F.mse_loss(net(a), b).backward()
        opt.step()
    with torch.no_grad():
        for a, b in DataLoader(test, batch_size=8):
            F.mse_loss(net(a), b)
"""
)

CUSTOM_DATASET = (
    NET
    + """\
from torch.utils.data import DataLoader, Dataset

class Points(Dataset):
    def __len__(self):
        return 24

    def __getitem__(self, i):
        return x[i], y[i]

opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    for a, b in DataLoader(Points(), batch_size=6, shuffle=True):
        opt.zero_grad()
        F.mse_loss(net(a), b).backward()
        opt.step()
"""
)

UNSHUFFLED_LOADER = (
    NET
    + """\
from torch.utils.data import DataLoader, TensorDataset
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(10):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=6):
        opt.zero_grad()
        F.mse_loss(net(a), b).backward()
        opt.step()
"""
)

INDEXED = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(30):
    idx = torch.randint(0, 24, (5,))
    opt.zero_grad()
    loss = F.mse_loss(net(x[idx]), y[idx])
    loss.backward()
    opt.step()
"""
)

SLICED = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(6):
    for i in range(0, 24, 6):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i:i + 6]), y[i:i + 6])
        loss.backward()
        opt.step()
"""
)

SHUFFLED_THEN_SPLIT = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(6):
    order = torch.randperm(24)
    for a, b in zip(x[order].split(6), y[order].split(6)):
        opt.zero_grad()
        loss = F.mse_loss(net(a), b)
        loss.backward()
        opt.step()
"""
)

REGULARISED = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    penalty = sum(p.pow(2).sum() for p in net.parameters())
    loss = F.mse_loss(net(x), y) + 0.01 * penalty
    loss.backward()
    opt.step()
"""
)

SCHEDULED = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.5)
for step in range(40):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    sched.step()
"""
)

WARMED_UP = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.5)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 6))
for step in range(40):
    i = 6 * (step % 4)
    opt.zero_grad()
    loss = F.mse_loss(net(x[i:i + 6]), y[i:i + 6])
    loss.backward()
    opt.step()
    sched.step()
"""
)

CLIPPED = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    loss = 100 * F.mse_loss(net(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    opt.step()
"""
)

CLIPPED_ONCE = CLIPPED.replace("0.5)", "max_norm=0.7)").replace("100 *", "")
"""Only the first gradient is longer than the limit."""

DOUBLE = (
    HEAD
    + """\
x, y = x.double(), y.double()
net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1)).double()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
)

GAN = (
    HEAD
    + """\
gen = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 3))
dis = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1))
og = torch.optim.Adam(gen.parameters(), lr=0.01)
od = torch.optim.Adam(dis.parameters(), lr=0.01)
bce = nn.BCEWithLogitsLoss()
for step in range(20):
    fake = gen(torch.randn(24, 2))
    od.zero_grad()
    loss_d = bce(dis(x), torch.ones(24, 1)) + bce(dis(fake.detach()), torch.zeros(24, 1))
    loss_d.backward()
    od.step()
    og.zero_grad()
    loss_g = bce(dis(fake), torch.ones(24, 1))
    loss_g.backward()
    og.step()
"""
)

K_FOLD = (
    HEAD
    + """\
losses = []
for fold in range(3):
    keep = torch.arange(24) % 3 != fold
    a, b = x[keep], y[keep]
    net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for step in range(15):
        opt.zero_grad()
        loss = F.mse_loss(net(a), b)
        loss.backward()
        opt.step()
"""
)

SAME_MODEL_TWICE = (
    NET
    + """\
for stage in range(2):
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for step in range(15):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()
"""
)

NEVER_CLEARED = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for step in range(20):
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
)

CLEARED_BETWEEN = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.zero_grad()
    opt.step()
"""
)

ZEROED_BETWEEN = CLEARED_BETWEEN.replace("zero_grad()", "zero_grad(set_to_none=False)")

RECREATED = (
    NET
    + """\
def train():
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()

for step in range(20):
    train()
"""
)

RECREATED_EACH_PASS = (
    NET
    + """for epoch in range(6):
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for i in range(0, 24, 6):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i:i + 6]), y[i:i + 6])
        loss.backward()
        opt.step()
"""
)

CLIPPED_BY_VALUE = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    nn.utils.clip_grad_value_(net.parameters(), 0.001)
    opt.step()
"""
)

DECAYED_SLOWLY = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(200):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    for group in opt.param_groups:
        group["lr"] *= 0.97
"""
)

CLIPPED_IN_PART = (
    HEAD
    + """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(3, 6)]
        self.out = nn.Linear(6, 1)
    def forward(self, v):
        return self.out(torch.tanh(self.hidden[0](v)))
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.5)
for step in range(20):
    opt.zero_grad()
    F.mse_loss(net(x), y).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.01)
    opt.step()
"""
)

NEVER_STEPS = (
    NET
    + """\
opt = torch.optim.Adam(net.parameters(), lr=0.1)
for epoch in range(5):
    for i in range(0, 24, 6):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i:i + 6]), y[i:i + 6])
        loss.backward()
        opt.step
"""
)

NEVER_STEPS_WHAT_IT_HOLDS_OF_A_NETWORK = (
    NET
    + """\
opt = torch.optim.Adam(net[-1].parameters(), lr=0.1)
for epoch in range(20):
    opt.zero_grad()
    F.mse_loss(net(x), y).backward()
"""
)

NEVER_STEPS_WHAT_IT_CLIPS = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    opt.zero_grad()
    F.mse_loss(net(x), y).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.001)
"""
)

NEVER_STEPS_ALTHOUGH_IT_GATHERS = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(8):
    opt.zero_grad()
    for part in range(4):
        F.mse_loss(net(x[part::4]), y[part::4]).backward()
"""
)

NEVER_STEPS_NOR_CLEARS = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(100):
    loss = F.mse_loss(net(x), y)
    loss.backward()
"""
)

STEPS_ANOTHER = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
for epoch in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
)

STEPS_A_PART = (
    NET
    + """\
opt = torch.optim.SGD(net[2].parameters(), lr=0.1)
for epoch in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
)

TWO_PHASES = (
    NET
    + """for rate in (0.1, 0.01):
    opt = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    for step in range(10):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()
"""
)

TWO_GROUPS = (
    NET
    + """\
opt = torch.optim.SGD([
    {"params": net[0].parameters(), "lr": 0.01},
    {"params": net[2].parameters()},
], lr=0.1)
for step in range(20):
    i = 6 * (step % 4)
    opt.zero_grad()
    loss = F.mse_loss(net(x[i:i + 6]), y[i:i + 6])
    loss.backward()
    opt.step()
"""
)

TWO_OPTIMIZERS = (
    NET
    + """\
lower = torch.optim.SGD(net[0].parameters(), lr=0.01)
upper = torch.optim.SGD(net[2].parameters(), lr=0.1)
for step in range(20):
    lower.zero_grad()
    upper.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    lower.step()
    upper.step()
"""
)

FROZEN = (
    NET
    + """\
net[0].requires_grad_(False)
opt = torch.optim.SGD(net[2].parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
)

BROADCAST = (
    NET
    + """\
y = y[:, 0]
opt = torch.optim.SGD(net.parameters(), lr=0.1)
import warnings
for step in range(20):
    opt.zero_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
)

ROW_BY_ROW = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(2):
    for i in range(24):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i]), y[i])
        loss.backward()
        opt.step()
"""
)

NUMPY_BATCHES = (
    NET
    + """\
import numpy as np
xs, ys = x.numpy(), y.numpy()
rng = np.random.default_rng(0)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(6):
    order = rng.permutation(24)
    for i in range(0, 24, 6):
        rows = order[i:i + 6]
        a, b = torch.from_numpy(xs[rows]), torch.tensor(ys[rows])
        opt.zero_grad()
        loss = F.mse_loss(net(a), b)
        loss.backward()
        opt.step()
"""
)

SUMMED_BATCH_LOSS = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for step in range(20):
    opt.zero_grad()
    loss = sum((net(row[None]) - want) .pow(2).sum() for row, want in zip(x, y)) / len(x)
    loss.backward()
    opt.step()
"""
)

TWO_INPUTS = (
    HEAD
    + """\
class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(2, 4), nn.Linear(1, 4)
        self.out = nn.Linear(4, 1)

    def forward(self, a, b):
        return self.out(torch.relu(self.left(a) + self.right(b)))

net = Both()
a, b = x[:, :2].clone(), x[:, 2:].clone()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(a, b), y)
    loss.backward()
    opt.step()
"""
)

EMBEDDED = (
    HEAD
    + """\
words = torch.randint(0, 9, (24, 4))
kinds = words.sum(1) % 2
net = nn.Sequential(nn.Embedding(9, 5), nn.Flatten(), nn.Linear(20, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for step in range(20):
    opt.zero_grad()
    loss = F.cross_entropy(net(words), kinds)
    loss.backward()
    opt.step()
"""
)

RECURRENT = (
    HEAD
    + """\
seq = torch.randn(24, 5, 2)
rnn, head = nn.RNN(2, 4, batch_first=True), nn.Linear(4, 1)
opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.05)
for step in range(20):
    opt.zero_grad()
    out, _ = rnn(seq)
    loss = F.mse_loss(head(out[:, -1]), y)
    loss.backward()
    opt.step()
"""
)

SMALL_LAST_BATCH = (
    NET
    + """\
from torch.utils.data import DataLoader, TensorDataset
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(6):
    for a, b in DataLoader(TensorDataset(x, y), batch_size=7, shuffle=True):
        opt.zero_grad()
        F.mse_loss(net(a), b).backward()
        opt.step()
"""
)

LOADER_IN_WORKERS = CUSTOM_DATASET.replace("shuffle=True", "shuffle=True, num_workers=1").replace(
    "range(10)", "range(2)"
)

LOSS_OF_EVAL = (
    NET
    + """\
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    net.eval()
    with torch.no_grad():
        held = F.mse_loss(net(x[:4]), y[:4])
    net.train()
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
)

IN_FUNCTION = (
    HEAD
    + """\
def main():
    net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for step in range(20):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()

main()
"""
)

LOADER = (
    NET
    + """\
from torch.utils.data import DataLoader, TensorDataset
opt = torch.optim.SGD(net.parameters(), lr=0.1)
loader = DataLoader(TensorDataset(x, y), batch_size=8)
"""
)

BEGUN_ANEW = (
    LOADER
    + """\
for step in range(20):
    a, b = next(iter(loader))
    opt.zero_grad()
    loss = F.mse_loss(net(a), b)
    loss.backward()
    opt.step()
"""
)

BEGUN_ANEW_SHUFFLED = BEGUN_ANEW.replace("batch_size=8", "batch_size=8, shuffle=True")

ONE_BATCH = (
    LOADER
    + """\
assert len(next(iter(loader))[0]) == len(next(iter(loader))[1])
a, b = next(iter(loader))
for step in range(20):
    opt.zero_grad()
    loss = F.mse_loss(net(a), b)
    loss.backward()
    opt.step()
"""
)

BROKEN_OFF = (
    LOADER
    + """\
for step in range(20):
    for a, b in loader:
        opt.zero_grad()
        loss = F.mse_loss(net(a), b)
        loss.backward()
        opt.step()
        break
"""
)

LOOPS = {
    name.lower(): text
    for name, text in list(globals().items())
    if name.isupper() and name not in ("HEAD", "NET", "LOADER")
}
