# Toy "which topic is this sentence" model. 4 topics, vocabulary of 240 ids.
# Accuracy stays near 25%.  The real data has the same shape.
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(42)
VOCAB, TOPICS, SEQ, DIM = 240, 4, 12, 10

# each topic prefers its own words, two thirds of the tokens are filler
own = torch.randperm(VOCAB)[:160].view(TOPICS, 40)
filler = torch.randint(0, VOCAB, (900, SEQ))
labels = torch.randint(0, TOPICS, (900,))
chosen = own[labels].gather(1, torch.randint(0, 40, (900, SEQ)))
tokens = torch.where(torch.rand(900, SEQ) < 0.5, chosen, filler)


class TopicNet(nn.Module):
    def __init__(self):
        super().__init__()
        table = torch.randn(VOCAB, DIM) * 0.5
        self.emb = nn.Embedding.from_pretrained(table, freeze=True)
        self.fc1 = nn.Linear(DIM, 32)
        self.fc2 = nn.Linear(32, TOPICS)

    def forward(self, ids):
        b, t = ids.shape
        e = self.emb(ids)                       # (batch, time, dim)
        e = e.view(t, b, DIM)                   # time first
        bag = e.mean(dim=0)
        return self.fc2(F.relu(self.fc1(bag)))


model = TopicNet()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
train_ids, test_ids = tokens[:720], tokens[720:]
train_y, test_y = labels[:720], labels[720:]

for epoch in range(25):
    model.train()
    perm = torch.randperm(720)
    running = 0.0
    for i in range(0, 720, 48):
        idx = perm[i:i + 48]
        logits = model(train_ids[idx])
        loss = F.nll_loss(F.log_softmax(logits, dim=-1), train_y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    if epoch % 5 == 0:
        print(f"{epoch:2d} loss {running / 15:.4f}")

model.eval()
with torch.no_grad():
    probs = torch.softmax(model(test_ids), dim=1)
    acc = (probs.argmax(1) == test_y).float().mean()
print(f"test acc: {acc.item():.4f}")
