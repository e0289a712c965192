"""Scripts that use corners of torch which an observer could disturb; each trains a few steps."""

HEAD = """\
import torch
from torch import nn
import torch.nn.functional as F

x = torch.randn(24, 3)
y = (x[:, :1] * x[:, 1:2]).sin()
net = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)

def fit(steps=14, net=net):
    for step in range(steps):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()
        print(loss.item())

"""

OWN_FUNCTION_MODE = (
    HEAD
    + """\
from torch.overrides import TorchFunctionMode
seen = []

class Log(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        seen.append(func.__name__)
        return func(*args, **(kwargs or {}))

with Log():
    fit(4)
    with Log():
        fit(10)
fit(20)
print(len(seen), seen[:60], torch._C._len_torch_function_stack() in (0, 1))
"""
)

OWN_DISPATCH_MODE = (
    HEAD
    + """\
from torch.utils._python_dispatch import TorchDispatchMode
seen = []

class Log(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        seen.append(str(func))
        return func(*args, **(kwargs or {}))

with Log():
    fit(12)
print(len(seen), seen)
"""
)

DEVICE_CONTEXT = (
    HEAD
    + """\
with torch.device("meta"):
    ghost = nn.Linear(2, 2)
    print(ghost.weight.device, torch.zeros(2).device)
    with torch.device("cpu"):
        print(torch.zeros(2).device)
        fit(10)
    print(torch.ones(1).device)
print(torch.ones(1).device)
fit(20)
"""
)

DEFAULT_DEVICE = (
    """\
import torch
torch.set_default_device("meta")
print(torch.zeros(2).device, torch.nn.Linear(2, 2).weight.device)
torch.set_default_device("cpu")
"""
    + HEAD
    + """\
fit(14)
print(torch.get_default_device())
torch.set_default_device("meta")
print(torch.zeros(2).device)
torch.set_default_device(None)
print(torch.zeros(2).device)
fit(20)
"""
)

DEFAULT_DTYPE = (
    """\
import torch
torch.set_default_dtype(torch.float64)
"""
    + HEAD
    + "fit()\nprint(net[0].weight.dtype)\n"
)

TENSOR_SUBCLASS = (
    HEAD
    + """\
class Named(torch.Tensor):
    calls = []

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.calls.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})

x = x.as_subclass(Named)
fit()
print(len(Named.calls), Named.calls)
"""
)

OWN_AUTOGRAD = (
    HEAD
    + """\
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, given):
        ctx.save_for_backward(given)
        return given ** 3

    @staticmethod
    def backward(ctx, above):
        (given,) = ctx.saved_tensors
        return 3 * given ** 2 * above

class Net(nn.Module):
    def forward(self, rows):
        return net(Cube.apply(rows))

fit(14, Net())
"""
)

USER_HOOKS = (
    HEAD
    + """\
said = []
net[0].register_forward_hook(lambda m, a, o: said.append(("forward", tuple(o.shape))))
net[0].register_full_backward_hook(lambda m, i, o: said.append(("backward", len(o))))
net[0].weight.register_hook(lambda g: said.append(("grad", round(float(g.norm()), 4))))
net[2].weight.register_post_accumulate_grad_hook(lambda p: said.append(("post", 1)))
opt.register_step_pre_hook(lambda *a: said.append(("pre step", 1)))
opt.register_step_post_hook(lambda *a: said.append(("post step", 1)))
handle = torch.nn.modules.module.register_module_forward_hook(lambda m, a, o: said.append(type(m).__name__))
fit()
handle.remove()
print(said)
"""
)

COPIED_AND_PICKLED = (
    HEAD
    + """\
import copy, io, pickle
fit(12)
twin = copy.deepcopy(net)
again = pickle.loads(pickle.dumps(net))
box = io.BytesIO()
torch.save({"net": net, "opt": opt.state_dict()}, box)
print(len(box.getvalue()))
box.seek(0)
loaded = torch.load(box, weights_only=False)["net"]
opt2 = copy.deepcopy(opt)
print(type(opt2), len(opt2.param_groups))
net.load_state_dict(twin.state_dict())
for other in (twin, again, loaded):
    print(other(x).sum().item())
fit(12)
"""
)

SCRIPTED = (
    HEAD
    + """\
import warnings
warnings.simplefilter("ignore")
traced = torch.jit.trace(net, x)
print([node.kind() for node in traced.graph.nodes()])
scripted = torch.jit.script(net)
fit(10, scripted)
fit(10, traced)
"""
)

COMPILED_EAGER = (
    HEAD
    + """\
fast = torch.compile(net, backend="eager")
fit(12, fast)
"""
)

EXPORTED = (
    HEAD
    + """\
from torch.fx import symbolic_trace
traced = symbolic_trace(net)
print(traced.code)
fit(12, traced)
"""
)

FUNCTIONAL = (
    HEAD
    + """\
from torch.func import functional_call, grad, vmap
weights = {name: p.detach() for name, p in net.named_parameters()}

def loss(weights, a, b):
    return F.mse_loss(functional_call(net, weights, (a,)), b)

for step in range(14):
    each = vmap(grad(loss), in_dims=(None, 0, 0))(weights, x, y)
    weights = {name: w - 0.1 * each[name].mean(0) for name, w in weights.items()}
    print(loss(weights, x, y).item())
"""
)

THREADED = (
    HEAD
    + """\
import threading
thread = threading.Thread(target=fit, args=(20,))
thread.start()
thread.join()
fit(14)
"""
)

TWO_PROCESSES = (
    HEAD
    + """\
import os
fit(5)
pid = os.fork()
if pid == 0:
    fit(20)
    import sys
    sys.stdout.flush()
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
fit(14)
"""
)

WORKERS = (
    HEAD
    + """\
from torch.utils.data import DataLoader, TensorDataset
for a, b in DataLoader(TensorDataset(x, y), batch_size=5, shuffle=True, num_workers=2):
    opt.zero_grad()
    F.mse_loss(net(a), b).backward()
    opt.step()
"""
)

EXCEPTIONS = (
    HEAD
    + """\
class Bad(nn.Module):
    def forward(self, rows):
        if len(rows) == 2:
            raise KeyError("two rows")
        return net(rows)

bad = Bad()
fit(5, bad)
for attempt in range(3):
    try:
        bad(x[:2])
    except KeyError as error:
        print(repr(error))
    try:
        torch.ones(2) + torch.ones(3)
    except RuntimeError as error:
        print(error)
    try:
        net(x).sum().backward(torch.ones(3))
    except RuntimeError as error:
        print(error)
    try:
        F.mse_loss(net(x), y).detach().backward()
    except RuntimeError as error:
        print(error)
fit(12, bad)
"""
)

FAILS = HEAD + "fit(9)\nraise ValueError('at the end')\n"

EXITS = HEAD + "fit(9)\nimport sys\nsys.exit(7)\n"

FAILS_IN_FORWARD = (
    HEAD
    + """\
class Bad(nn.Module):
    def forward(self, rows):
        return net(rows) @ torch.ones(5)

Bad()(x)
"""
)

WARNS = (
    HEAD
    + """\
import warnings
y = y[:, 0]
fit(9)
warnings.warn("mine")
warnings.warn("old", DeprecationWarning)
torch.optim.lr_scheduler.StepLR(opt, 2).step()
sched = torch.optim.lr_scheduler.StepLR(torch.optim.SGD(net.parameters(), lr=1.0), 2)
sched.step()
print(torch.ones(3).T, torch.tensor(torch.ones(2)))
"""
)

AUTOCAST = (
    HEAD
    + """\
for step in range(14):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = F.mse_loss(net(x).float(), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
"""
)

CHECKPOINTED = (
    HEAD
    + """\
from torch.utils.checkpoint import checkpoint

class Thrifty(nn.Module):
    def forward(self, rows):
        return net[2](checkpoint(nn.Sequential(net[0], net[1]), rows, use_reentrant=False))

fit(14, Thrifty())
"""
)

GRAD_PENALTY = (
    HEAD
    + """\
for step in range(14):
    rows = x.clone().requires_grad_()
    out = net(rows)
    (slope,) = torch.autograd.grad(out.sum(), rows, create_graph=True)
    loss = F.mse_loss(out, y) + 0.1 * slope.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
"""
)

RETAINED = (
    HEAD
    + """\
for step in range(14):
    out = net(x)
    opt.zero_grad()
    F.mse_loss(out, y).backward(retain_graph=True)
    (0.1 * out.abs().mean()).backward()
    torch.autograd.backward([out.sum() * 0.01, out.mean() * 0.01]) if step % 2 else None
    opt.step() if not step % 3 else opt.step(lambda: None)
""".replace("out.mean() * 0.01])", "out.mean() * 0.01], retain_graph=True)").replace(
        "(0.1 * out.abs().mean()).backward()",
        "(0.1 * out.abs().mean()).backward(retain_graph=True)",
    )
)

NO_GRADIENTS = (
    HEAD
    + """\
with torch.no_grad():
    for step in range(5):
        print(net(x).sum().item(), torch.is_grad_enabled())
with torch.inference_mode():
    print(net(x).sum().item())
torch.set_grad_enabled(False)
print(net(x).requires_grad)
torch.set_grad_enabled(True)
fit()
"""
)

ANOMALY = (
    HEAD
    + """\
import warnings
warnings.simplefilter("ignore")
with torch.autograd.detect_anomaly():
    fit()
"""
)

PARAMETRIZED = (
    HEAD
    + """\
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
weight_norm(net[0])
spectral_norm(net[2])
opt = torch.optim.Adam(net.parameters(), lr=0.01)
fit()
print(len(list(net.parameters())))
"""
)

OWN_OPTIMIZER = (
    HEAD
    + """\
class Sign(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p -= group["lr"] * p.grad.sign()

opt = Sign(net.parameters(), 0.01)
fit()
"""
)

INTROSPECTIVE = (
    HEAD
    + """\
import inspect
fit(9)
for seen in (nn.Module.__init__, torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad,
             torch.optim.Optimizer.zero_grad, torch.manual_seed, nn.Module.zero_grad):
    print(seen.__name__, seen.__qualname__, seen.__module__, inspect.signature(seen))
    print(len(inspect.getsource(seen)), type(seen).__name__)
print([frame.function for frame in inspect.stack() if "unstuck" in frame.filename])
net[0].register_forward_hook(lambda *a: print([f.function for f in inspect.stack()][:6]))
net(x)
"""
)

EXIT_FUNCTIONS = (
    HEAD
    + """\
import atexit
fit(9)
atexit.register(lambda: print("goodbye", net(x).sum().item()))
"""
)

BIG_RANDOM_USE = (
    HEAD
    + """\
import random
import numpy as np
generator = torch.Generator().manual_seed(5)
for step in range(30):
    rows = torch.randint(0, 24, (6,), generator=generator)
    mask = torch.from_numpy(np.random.rand(6, 1) > 0.3)
    scale = random.random()
    opt.zero_grad()
    loss = (F.dropout(net(x[rows]), 0.2) - y[rows]).mul(mask).pow(2).mean() * scale
    loss.backward()
    opt.step()
print(loss.item(), torch.initial_seed(), random.random(), np.random.rand(), torch.rand(1).item())
"""
)

DATA_CLASSES = (
    HEAD
    + """\
import dataclasses

@dataclasses.dataclass
class Out:
    logits: torch.Tensor
    hidden: list

class Net(nn.Module):
    def forward(self, rows, *, scale=1.0, extra=None):
        return Out(net(rows) * scale, [rows])

model = Net()
for step in range(14):
    opt.zero_grad()
    out = model(x, scale=2.0, extra={"a": object()})
    loss = F.mse_loss(input=out.logits, target=y, reduction="sum")
    loss.backward(retain_graph=False)
    opt.step()
    print(loss.item())
"""
)

SPARSE = (
    HEAD
    + """\
words = torch.randint(0, 9, (24, 4))
table = nn.Embedding(9, 3, sparse=True)
opt = torch.optim.SGD([*table.parameters(), *net.parameters()], lr=0.1)
for step in range(14):
    opt.zero_grad()
    loss = F.mse_loss(net(table(words).mean(1)), y)
    loss.backward()
    opt.step()
    print(loss.item(), table.weight.grad.is_sparse)
table.weight.grad = None
"""
)

SALIENCY = (
    HEAD
    + """\
fit(20)
rows = x[:2].clone().requires_grad_()
net(rows).sum().backward()
print(rows.grad)
"""
)

IMPLICIT_DIMENSION = (
    HEAD
    + """\
soft, log_soft = nn.Softmax(), nn.LogSoftmax()
for step in range(14):
    opt.zero_grad()
    out = soft(torch.cat([net(x), -net(x)], 1)) + F.softmax(net(x)).sum()
    loss = -log_soft(out).mean()
    loss.backward()
    opt.step()
print(loss.item())
"""
)

FROM_IMPORTS = (
    HEAD
    + """\
from torch import manual_seed
from torch.autograd import backward, grad
manual_seed(4)
for step in range(14):
    opt.zero_grad()
    loss = F.mse_loss(net.forward(x), y)
    backward(loss)
    print(grad(net(x).sum(), net[0].weight)[0].sum().item())
    opt.step()
"""
)

OTHER_TENSORS = (
    HEAD
    + """\
import warnings
warnings.simplefilter("ignore")
ghost = torch.randn(3, 4, device="meta")
print((ghost @ ghost.T).shape)
print(torch.complex(torch.ones(2), torch.ones(2)).abs())
print(torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8).int_repr())
print(torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]).size(0))
print(torch.ones(3).to_sparse().coalesce().values(), torch.ones(2).share_memory_().is_shared())
fit()
"""
)

SHARED_WEIGHTS = (
    HEAD
    + """\
class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.there = nn.Linear(3, 5)
        self.back = nn.Linear(5, 3)
        self.back.weight = nn.Parameter(self.there.weight.t().clone())
        self.again = self.there

    def forward(self, rows):
        return self.back(torch.relu(self.again(rows)))[:, :1]

tied = Tied()
opt = torch.optim.Adam(tied.parameters(), lr=0.01)
fit(14, tied)
"""
)

NESTED_CALLS = (
    HEAD
    + """\
def outer(n):
    if n:
        return outer(n - 1)
    fit(12)

outer(40)
list(map(lambda _: fit(2), range(3)))
exec("fit(2)")
eval("fit(1)")
"""
)

COMPARES = (
    HEAD
    + """\
import operator, pickle, warnings
from torch.overrides import TorchFunctionMode
seen = []

class Log(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        seen.append((func.__name__, func in (torch.Tensor.eq, torch.Tensor.__eq__, torch.eq)))
        return func(*args, **(kwargs or {}))

class Mine(torch.Tensor):
    pass

@torch.jit.script
def scripted(a, b):
    return torch.eq(a, b).sum() + (a != b).sum() + a.eq(b).sum() + torch.ne(a, b).sum()

def compare():
    up, own = net(x) > 0, (y > 0)
    print((up == own).sum(), up.eq(own).sum(), torch.eq(up, own).sum(), (up != own).sum(), own.ne(up).sum())
    print(up == None, up == "a", own == 1, 1 != own, torch.eq(input=up, other=own).sum())
    print(operator.eq(up, own).shape, hash(up) == id(up), up.flatten()[0] in [own[0, 0]], torch.equal(up, own))
    print(type(x.as_subclass(Mine) == y.as_subclass(Mine)), torch.vmap(torch.eq)(up, own).sum())
    print(torch.vmap(lambda a, b: a == b)(up, own).sum(), scripted(up.int(), own.int()))
    for wrong in (lambda: up == torch.zeros(7), lambda: torch.eq(up), lambda: up.eq("a")):
        try:
            wrong()
        except Exception as error:
            print(type(error).__name__, error)

compare()
fit(9)
compare()
with Log():
    compare()
    fit(2)
fit(20)
with torch.inference_mode():
    compare()
print(seen, sum(map(len, map(str, (torch.Tensor([1]) == torch.Tensor([1]),)))))
"""
)

UNUSUAL = {
    name.lower(): text
    for name, text in list(globals().items())
    if name.isupper() and name != "HEAD"
}
