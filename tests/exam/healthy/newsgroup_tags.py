# Bag of words -> several tags per text. Made-up vocabulary, each tag has its own words.
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

TAGS = ["sport", "space", "cars", "music", "politics"]
VOCAB = [f"{tag}{i}" for tag in TAGS for i in range(12)] + [f"filler{i}" for i in range(60)]
INDEX = {word: i for i, word in enumerate(VOCAB)}


def write_text():
    tags = [t for t in TAGS if random.random() < 0.3]
    words = [f"{t}{random.randrange(12)}" for t in tags for _ in range(3)]
    words += [f"filler{random.randrange(60)}" for _ in range(10)]
    random.shuffle(words)
    return words, tags


class Texts(Dataset):
    def __init__(self, n):
        self.items = [write_text() for _ in range(n)]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        words, tags = self.items[i]
        return [INDEX[w] for w in words], [float(t in tags) for t in TAGS]


def collate(batch):
    flat = torch.tensor([w for words, _ in batch for w in words])
    lengths = torch.tensor([0] + [len(words) for words, _ in batch][:-1])
    return flat, lengths.cumsum(0), torch.tensor([t for _, t in batch])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(VOCAB), 16, mode="sum")
        self.out = nn.Linear(16, len(TAGS))

    def forward(self, flat, offsets):
        return self.out(torch.tanh(self.bag(flat, offsets)))


loader = DataLoader(Texts(800), batch_size=40, shuffle=True, collate_fn=collate)
model = Tagger()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.3)
for epoch in range(12):
    total = 0
    for flat, offsets, tags in loader:
        model.zero_grad()
        loss = criterion(model(flat, offsets), tags)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("epoch", epoch, "loss", total / len(loader))
