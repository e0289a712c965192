# echo state network for a pseudo heartbeat: the recurrent part is random and FROZEN on purpose,
# only the readout learns. 20 LBFGS steps.
import torch

T = 1500
t = torch.arange(T) / 25.
beat = torch.exp(-((t % 1.0) - .3) ** 2 / .002) - .4 * torch.exp(-((t % 1.0) - .4) ** 2 / .004) + .2 * torch.sin(.8 * t)

H = 120
Win = torch.randn(H) * 0.8
Wrec = torch.randn(H, H)
Wrec *= 0.9 / torch.linalg.eigvals(Wrec).abs().max()

with torch.no_grad():
    h, states = torch.zeros(H), []
    for k in range(T - 1):
        h = torch.tanh(Win * beat[k] + Wrec @ h)
        states.append(h)
    S = torch.stack(states)

S, y = S[100:], beat[101:]
readout = torch.nn.Linear(H, 1)
opt = torch.optim.LBFGS(readout.parameters(), lr=1, max_iter=20, line_search_fn='strong_wolfe')

def closure():
    opt.zero_grad()
    loss = ((readout(S).flatten() - y) ** 2).sum()      # sum, not mean
    loss.backward()
    return loss

for step in range(20):
    l = opt.step(closure)
    if step % 5 == 0:
        print(step, l.item())
print("relative error:", (closure() / ((y - y.mean()) ** 2).sum()).item())
