"""
TD(0) with a target network on a corridor of 15 rooms (leave at the right: +1, at the left: -1).
Transitions come from a random policy and lie in a replay buffer.
"""
import copy
import random

import torch
import torch.nn as nn

ROOMS, GAMMA = 15, 0.9
BATCH = 64


def one_hot(room):
    v = torch.zeros(ROOMS)
    if 0 <= room < ROOMS:
        v[room] = 1.0
    return v


def play(episodes):
    memory = []
    for _ in range(episodes):
        room = random.randrange(ROOMS)
        while True:
            nxt = room + random.choice((-1, 1))
            reward = 1.0 if nxt == ROOMS else -1.0 if nxt < 0 else 0.0
            over = nxt == ROOMS or nxt < 0
            memory.append((one_hot(room), reward, one_hot(nxt), float(over)))
            if over:
                break
            room = nxt
    return memory


def exact_values():
    P = torch.zeros(ROOMS, ROOMS)
    r = torch.zeros(ROOMS)
    for i in range(ROOMS):
        for j, pay in ((i - 1, -1.0), (i + 1, 1.0)):
            if 0 <= j < ROOMS:
                P[i, j] += 0.5
            else:
                r[i] += 0.5 * pay
    return torch.linalg.solve(torch.eye(ROOMS) - GAMMA * P, r)


class Agent:
    def __init__(self, memory):
        self.memory = memory
        self.value = nn.Sequential(nn.Linear(ROOMS, 32), nn.ReLU(), nn.Linear(32, 1))
        self.target = copy.deepcopy(self.value)
        self.optimizer = torch.optim.Adam(self.target.parameters(), lr=3e-3)

    def sample(self):
        s, r, s2, over = zip(*random.sample(self.memory, BATCH))
        return torch.stack(s), torch.tensor(r), torch.stack(s2), torch.tensor(over)

    def learn(self):
        s, r, s2, over = self.sample()
        with torch.no_grad():
            goal = r + GAMMA * (1 - over) * self.target(s2)
        td_error = goal - self.value(s)
        loss = 0.5 * td_error.pow(2).mean()
        self.value.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def sync(self):
        self.target.load_state_dict(self.value.state_dict())


agent = Agent(play(400))
truth = exact_values()
for step in range(1500):
    loss = agent.learn()
    if step % 25 == 24:
        agent.sync()
    if step % 250 == 249:
        print("step", step + 1, "td loss", round(loss, 5))

with torch.no_grad():
    estimate = agent.value(torch.eye(ROOMS)).squeeze(1)
print("rooms:", [round(v, 2) for v in estimate.tolist()])
print("rms error of the values:", (estimate - truth).square().mean().sqrt().item())
