"""Sentences of variable length (packed), bidirectional GRU; gradients of four small batches are added up before a step."""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

VOCAB = ["<pad>", "dog", "cat", "man", "bites", "sees", "the", "big", "never"]
ID = {w: i for i, w in enumerate(VOCAB)}


def sentence():
    """1 if the subject comes before the object in the alphabet, turned round by 'never'"""
    a, b = random.sample(["dog", "cat", "man"], 2)
    words = ["the"] + ["big"] * random.randint(0, 2) + [a]
    never = random.random() < 0.5
    words += (["never"] if never else []) + [random.choice(["bites", "sees"]), "the"] + ["big"] * random.randint(0, 2) + [b]
    return torch.tensor([ID[w] for w in words]), int((a < b) != never)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(VOCAB), 12, padding_idx=0)
        self.gru = nn.GRU(12, 20, bidirectional=True, batch_first=True)
        self.out = nn.Linear(40, 2)

    def forward(self, sentences):
        lengths = torch.tensor([len(s) for s in sentences])
        packed = pack_padded_sequence(self.embed(pad_sequence(sentences, batch_first=True)), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.out(torch.cat([h[0], h[1]], dim=1))


corpus = [sentence() for _ in range(2000)]
reader = Reader()
opt = torch.optim.Adam(reader.parameters(), lr=1e-2)
ACCUMULATE, SMALL = 4, 16
criterion = nn.CrossEntropyLoss()

for epoch in range(8):
    random.shuffle(corpus)
    shown = 0.0
    opt.zero_grad()
    for i, lo in enumerate(range(0, len(corpus), SMALL), 1):
        part = corpus[lo:lo + SMALL]
        loss = criterion(reader([s for s, _ in part]), torch.tensor([k for _, k in part]))
        (loss / ACCUMULATE).backward()
        shown += loss.item()
        if i % ACCUMULATE == 0 or lo + SMALL >= len(corpus):
            opt.step()
            opt.zero_grad()
    print("epoch", epoch, "loss", round(shown / i, 5))

fresh = [sentence() for _ in range(500)]
with torch.no_grad():
    print("loss on new sentences:", criterion(reader([s for s, _ in fresh]), torch.tensor([k for _, k in fresh])).item())
