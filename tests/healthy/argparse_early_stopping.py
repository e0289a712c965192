"""Learn a bumpy surface; hold some rows out and stop when they no longer improve."""
import argparse
import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


def get_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--patience", type=int, default=25)
    return parser.parse_args()


def make_data(n=800):
    x = torch.rand(n, 2) * 2 - 1
    y = torch.sin(2 * x[:, :1]) + x[:, 1:] ** 2 + 0.03 * torch.randn(n, 1)
    return random_split(TensorDataset(x, y), [n - 200, 200])


def make_model(hidden):
    return nn.Sequential(
        nn.Linear(2, hidden), nn.ReLU(),
        nn.Linear(hidden, hidden), nn.ReLU(),
        nn.Linear(hidden, 1),
    )


def train_epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * x.size(0)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    return sum(criterion(model(x), y).item() * x.size(0) for x, y in loader) / len(loader.dataset)


def main():
    args = get_args()
    train_set, val_set = make_data()
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=200)
    model = make_model(args.hidden)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    best, best_state, waited = float("inf"), None, 0
    for epoch in range(args.epochs):
        train_loss = train_epoch(model, train_loader, criterion, optimizer)
        val_loss = evaluate(model, val_loader, criterion)
        if val_loss < best:
            best, best_state, waited = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
        if epoch % 10 == 0:
            print(f"epoch {epoch:3d}  train {train_loss:.5f}  val {val_loss:.5f}")
        if waited >= args.patience:
            print("stopping at epoch", epoch)
            break

    model.load_state_dict(best_state)
    print("validation loss", best)
    print("final loss", evaluate(model, train_loader, criterion))


if __name__ == "__main__":
    main()
