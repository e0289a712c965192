"""Film ratings by matrix factorisation; users and films take turns, each with an optimizer of its own."""
import torch
from torch import nn

USERS, FILMS, RANK = 120, 80, 4

taste = torch.randn(USERS, RANK)
style = torch.randn(FILMS, RANK) / RANK ** 0.5
user, film = (torch.rand(USERS, FILMS) < 0.4).nonzero(as_tuple=True)
rating = 3 + (taste[user] * style[film]).sum(1) + 0.1 * torch.randn(len(user))

users = nn.Embedding(USERS, RANK + 1)
films = nn.Embedding(FILMS, RANK + 1)
nn.init.normal_(users.weight, std=0.3)
nn.init.normal_(films.weight, std=0.3)
offset = nn.Parameter(rating.mean())

opt_users = torch.optim.Adam([users.weight, offset], lr=0.03)
opt_films = torch.optim.Adam(films.parameters(), lr=0.03)


def error():
    u, f = users(user), films(film)
    estimate = offset + (u[:, :RANK] * f[:, :RANK]).sum(1) + u[:, RANK] + f[:, RANK]
    return nn.functional.mse_loss(estimate, rating)


for turn in range(600):
    opt = (opt_users, opt_films)[turn % 2]
    loss = error()
    users.zero_grad()
    films.zero_grad()
    offset.grad = None
    loss.backward()
    opt.step()
    if turn % 100 == 99:
        print("turn", turn + 1, "mse", loss.item())
