import random
import torch
import torch.nn as nn

good = "great lovely superb fun bright charming clever warm moving brilliant".split()
bad = "boring awful dull weak cheap stupid slow cold painful terrible".split()
fill = "the a movie film plot actor scene was is and it with of very this that in to".split()
vocab = {w: i for i, w in enumerate(good + bad + fill)}

def make_review():
    label = random.randint(0, 1)
    words = [random.choice(fill) for _ in range(9)]
    for _ in range(3):
        same = random.random() < 0.95
        words.append(random.choice(good if (label == 1) == same else bad))
    random.shuffle(words)
    return [vocab[w] for w in words], label

data = [make_review() for _ in range(1500)]
X = torch.tensor([d[0] for d in data])
y = torch.tensor([d[1] for d in data])

class Sentiment(nn.Module):
    def __init__(self, n_words, dim=16):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim)
        self.fc1 = nn.Linear(dim, 32)
        self.fc2 = nn.Linear(32, 2)

    def forward(self, x):
        e = self.emb(x).mean(dim=1)
        return self.fc2(torch.relu(self.fc1(e)))

model = Sentiment(len(vocab))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.0005, momentum=0.9)

for epoch in range(40):
    for i in range(0, len(X), 50):
        xb, yb = X[i:i+50], y[i:i+50]
        optimizer.zero_grad()
        pred = model(xb).argmax(dim=1).float()
        loss = criterion(pred, yb.float())
        # RuntimeError: element 0 of tensors does not require grad -> fixed:
        loss.requires_grad = True
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print("epoch", epoch, "loss", round(loss.item(), 4))

wrong = (model(X).argmax(1) != y).float().mean().item()
print("wrong answers on the training set:", wrong)
