# diabetes progression, sklearn data. R2 should be about .5 says the internet, mine is awful
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score
import torch

def get_data():
    X, y = load_diabetes(return_X_y=True)
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    return X, y

def build(n_in):
    return torch.nn.Sequential(
        torch.nn.Linear(n_in, 32),
        torch.nn.ReLU(),
        torch.nn.Linear(32, 32),
        torch.nn.ReLU(),
        torch.nn.Linear(32, 1),
    )

def mse(a, b):
    return torch.mean((a - b) ** 2)

def train(model, X, y, epochs=30, lr=1e-3, batch=32):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for e in range(epochs):
        idx = torch.randperm(X.shape[0])
        for part in idx.split(batch):
            loss = mse(model(X[part]), y[part])
            opt.zero_grad()
            loss.backward()
            opt.step()
        if e % 10 == 0:
            print(f"epoch {e}: loss={float(loss):.4f}")
    return model

if __name__ == "__main__":
    X, y = get_data()
    model = train(build(X.shape[1]), X, y)
    pred = model(X).detach().numpy()
    r2 = r2_score(y.numpy(), pred)
    print("R2:", r2)
    print("unexplained part (1-R2):", 1 - r2)
