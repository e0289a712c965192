"""Denoising autoencoder with a tenth of the pixels dropped at the input; the code of 12 numbers beats PCA with 12."""
import torch
from sklearn.datasets import load_digits
from torch import nn

pixels = torch.tensor(load_digits().data, dtype=torch.float32)      # 0 to 16, as they come
train, test = pixels[:1400], pixels[1400:]


class Denoiser(nn.Module):
    def __init__(self, code=12):
        super().__init__()
        self.encode = nn.Sequential(nn.Dropout(0.1), nn.Linear(64, 128), nn.SELU(), nn.Linear(128, code))
        self.decode = nn.Sequential(nn.Linear(code, 128), nn.SELU(), nn.Linear(128, 64))

    def forward(self, x):
        return self.decode(self.encode(x))


model = Denoiser()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
epochs, steps = 50, 14
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=epochs * steps)
for epoch in range(epochs):
    model.train()
    loss_sum = 0.0
    for part in torch.randperm(len(train)).split(100):
        optimizer.zero_grad()
        loss = (model(train[part]) - train[part]).square().sum(1).mean()
        loss.backward()
        optimizer.step()
        schedule.step()
        loss_sum += loss.item()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: squared error per image {loss_sum / steps:.1f}")

model.eval()
with torch.no_grad():
    mean = train.mean(0)
    axes = torch.linalg.svd(train - mean, full_matrices=False).Vh[:12]
    pca = ((test - mean) @ axes.T @ axes + mean - test).square().sum(1).mean()
    print("PCA with 12 axes:", pca.item(), " the mean image:", (test - mean).square().sum(1).mean().item())
    print("autoencoder:", (model(test) - test).square().sum(1).mean().item())
