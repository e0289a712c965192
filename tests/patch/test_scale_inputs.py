"""Standardised inputs: where, and that every other run of the network gets them too."""

from patching import changes, code, patch, where

from unstuck.core.edits import ScaleInputs


def scale(text, marker, mean=(92.6,), spread=(7.52,), file="train.py"):
    return ScaleInputs(where(text, marker, file), mean, spread)


def test_a_tensor_is_standardised_after_the_labels_are_made_from_it():
    text = code("""
        rates = torch.randn(200, 1) * 7.5 + 92.6
        rates = rates.round(decimals=1)
        high = (rates > 91).float()

        model = Net()
        for step in range(1000):
            pred = model(rates)
            loss = loss_fn(pred, high)
            loss.backward()

        for bpm in (70.0, 110.0):
            print(bpm, "->", model(torch.tensor([[bpm]])).item())
    """)
    assert patch(text, scale(text, "model(rates)")).diff == (
        "--- a/train.py\n"
        "+++ b/train.py\n"
        "@@ -1,6 +1,8 @@\n"
        " rates = torch.randn(200, 1) * 7.5 + 92.6\n"
        " rates = rates.round(decimals=1)\n"
        " high = (rates > 91).float()\n"
        "+rates_mean, rates_std = rates.mean(0), rates.std(0)\n"
        "+rates = (rates - rates_mean) / rates_std\n"
        " \n"
        " model = Net()\n"
        " for step in range(1000):\n"
        "@@ -9,4 +11,4 @@\n"
        "     loss.backward()\n"
        " \n"
        " for bpm in (70.0, 110.0):\n"
        '-    print(bpm, "->", model(torch.tensor([[bpm]])).item())\n'
        '+    print(bpm, "->", model((torch.tensor([[bpm]]) - rates_mean) / rates_std).item())\n'
    )


def test_rows_without_a_name_get_one_before_the_data_set_is_built():
    text = code("""
        dataset = TensorDataset(torch.tensor(bpm, dtype=torch.float32).unsqueeze(1),
                                torch.tensor(target).unsqueeze(1))
        loader = DataLoader(dataset, batch_size=20, shuffle=True)
        net = Pulse()
        for epoch in range(60):
            for xb, yb in loader:
                p = net(xb)
                loss = F.binary_cross_entropy(p, yb)
    """)
    assert changes(text, scale(text, "net(xb)")) == (
        "-dataset = TensorDataset(torch.tensor(bpm, dtype=torch.float32).unsqueeze(1),\n"
        "+x = torch.tensor(bpm, dtype=torch.float32).unsqueeze(1)\n"
        "+x_mean, x_std = x.mean(0), x.std(0)\n"
        "+dataset = TensorDataset((x - x_mean) / x_std,"
    )


def test_a_tensor_in_a_data_set_is_standardised_before_and_test_rows_likewise():
    text = code("""
        def evaluate(model, loader):
            with torch.no_grad():
                return sum(loss_fn(model(x), y).item() for x, y in loader)

        def main():
            X, y = load()
            X_train, X_test, y_train, y_test = train_test_split(X, y)
            train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32)
            test_loader = DataLoader(TensorDataset(X_test, y_test), batch_size=32)
            model = Net().to(device)
            for epoch in range(10):
                for i, (xb, yb) in enumerate(train_loader):
                    xb, yb = xb.to(device), yb.to(device)
                    out = model(xb)
                    loss_fn(out, yb).backward()
                print(evaluate(model, test_loader), evaluate(model, train_loader))
    """)
    assert changes(text, scale(text, "out = model", (1.0, 2.0), (3.0, 4.0))) == (
        "+    X_train_mean, X_train_std = X_train.mean(0), X_train.std(0)\n"
        "+    X_train = (X_train - X_train_mean) / X_train_std\n"
        "-    test_loader = DataLoader(TensorDataset(X_test, y_test), batch_size=32)\n"
        "+    test_loader = DataLoader(TensorDataset((X_test - X_train_mean) / X_train_std, y_test),"
        " batch_size=32)"
    )


def test_mini_batches_by_index_come_from_the_standardised_tensor():
    text = code("""
        x = torch.rand(300, 2) * 100
        t = x.sum(1, keepdim=True)
        net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
        for epoch in range(10):
            order = torch.randperm(len(x))
            for i in range(0, len(x), 10):
                rows = order[i:i + 10]
                xb = x[rows]
                loss = ((net(xb) - t[rows]) ** 2).mean()
        with torch.no_grad():
            print(net(x[:5]), net(torch.tensor([[50., 50.]])))
    """)
    assert changes(text, scale(text, "net(xb)", (50.0, 49.0), (29.0, 28.0))) == (
        "+x_mean, x_std = x.mean(0), x.std(0)\n"
        "+x = (x - x_mean) / x_std\n"
        "-    print(net(x[:5]), net(torch.tensor([[50., 50.]])))\n"
        "+    print(net(x[:5]), net((torch.tensor([[50., 50.]]) - x_mean) / x_std))"
    )


def test_a_global_that_a_function_trains_on_is_standardised_where_it_is_made():
    text = code("""
        inputs = torch.FloatTensor([(0, 100), (5, 300)])
        labels = inputs[:, :1]
        model = nn.Sequential(nn.Linear(2, 1))

        def train(n):
            for e in range(n):
                loss = mse(model(inputs), labels)

        train(10)
        print(model(inputs))
    """)
    assert changes(text, scale(text, "model(inputs)", (1.0, 2.0), (0.0, 2.0))) == (
        "+inputs_mean, inputs_std = inputs.mean(0), inputs.std(0).clamp_min(1e-8)\n"
        "+inputs = (inputs - inputs_mean) / inputs_std"
    )


def test_an_argument_is_followed_to_where_the_caller_makes_it():
    text = code("""
        def train(net, x, y):
            for e in range(10):
                loss = ((net(x) - y) ** 2).mean()

        def main():
            x, y = make_data()
            net = Net()
            train(net, x, y)
            x_new = torch.linspace(0, 9, 10)
            print(net(x_new))

        main()
    """)
    assert changes(text, scale(text, "net(x) - y")) == (
        "+    x_mean, x_std = x.mean(0), x.std(0)\n"
        "+    x = (x - x_mean) / x_std\n"
        "-    print(net(x_new))\n"
        "+    print(net((x_new - x_mean) / x_std))"
    )


def test_rows_that_are_also_the_target_are_standardised_at_the_call():
    text = code("""
        x = load()
        net = AutoEncoder()
        for e in range(100):
            loss = F.mse_loss(net(x), x)
    """)
    assert changes(text, scale(text, "net(x)")) == (
        "+x_mean, x_std = x.mean(0), x.std(0)\n"
        "-    loss = F.mse_loss(net(x), x)\n"
        "+    loss = F.mse_loss(net((x - x_mean) / x_std), x)"
    )


def test_fresh_rows_are_standardised_in_the_model():
    text = code('''
        import torch
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.l = torch.nn.Linear(1, 1)

            def forward(self, hours):
                """Say yes or no."""
                return self.l(hours)

        net = Net()
        for step in range(100):
            x = torch.rand(64, 1) * 100
            loss = ((net(x) - x ** 2) ** 2).mean()
    ''')
    assert changes(text, scale(text, "net(x)", (-50.123456,), (28.9,))) == (
        "+        hours = (hours + 50.12) / 28.9"
    )


def test_several_fresh_features_are_standardised_in_the_model_by_tensors():
    text = code("""
        import torch
        from torch import nn
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.l = nn.Linear(2, 1)

            def forward(self, x): return self.l(x)

        net = Net()
        for step in range(100):
            x, y = sample(64)
            loss = ((net(x) - y) ** 2).mean()
    """)
    assert changes(text, scale(text, "net(x)", (0.5, 1000.0), (1.5, 123456.0))) == (
        "-    def forward(self, x): return self.l(x)\n"
        "+    def forward(self, x): x = (x - torch.tensor([0.5, 1000.0])) / "
        "torch.tensor([1.5, 123500.0]); return self.l(x)"
    )


def test_fresh_rows_of_a_sequential_are_standardised_at_each_run():
    text = code("""
        net = torch.nn.Sequential(torch.nn.Linear(1, 1))
        while True:
            x = torch.rand(64, 1) * 100
            loss = ((net(x) - y) ** 2).mean()
            print(net(torch.tensor([3.0])))
    """)
    assert changes(text, scale(text, "net(x)", (50.0,), (29.0,))) == (
        "-    loss = ((net(x) - y) ** 2).mean()\n"
        "-    print(net(torch.tensor([3.0])))\n"
        "+    loss = ((net((x - 50.0) / 29.0) - y) ** 2).mean()\n"
        "+    print(net((torch.tensor([3.0]) - 50.0) / 29.0))"
    )


def test_bare_products_get_standardised_rows():
    text = code("""
        X = torch.randn(400, 3) * 50
        t = X[:, :1]
        for it in range(4000):
            h = torch.relu(X @ W1 + b1)
            loss = (h @ W2 - t).pow(2).mean()
        new = torch.ones(1, 3)
        print(torch.relu(new @ W1 + b1) @ W2)
    """)
    assert changes(text, scale(text, "X @ W1", (1.0, 2.0, 3.0), (50.0, 50.0, 50.0))) == (
        "+X_mean, X_std = X.mean(0), X.std(0)\n"
        "+X = (X - X_mean) / X_std\n"
        "-print(torch.relu(new @ W1 + b1) @ W2)\n"
        "+print(torch.relu(((new - X_mean) / X_std) @ W1 + b1) @ W2)"
    )


def test_a_tensor_made_of_whole_numbers_is_taken_as_floats():
    text = code("""
        x = torch.tensor([[70], [91], [110]])
        for e in range(5):
            loss = mse(net(x.float()), y)
    """)
    assert changes(text, scale(text, "net(x")) == (
        "+x_mean, x_std = x.float().mean(0), x.float().std(0)\n+x = (x - x_mean) / x_std"
    )


def test_arrays_of_numpy_are_guarded_in_the_way_of_numpy():
    text = code("""
        X = np.loadtxt("data.csv")
        for e in range(5):
            loss = mse(net(torch.from_numpy(X)), y)
    """)
    assert "X.std(0).clip(1e-8)" in changes(text, scale(text, "net(", (1.0, 2.0), (0.0, 2.0)))


def test_a_trainer_in_another_file_gets_standardised_rows_from_its_caller():
    files = {
        "train.py": code("""
            from trainer import fit
            from model import Net

            data = load()
            net = Net()
            fit(net, data, epochs=3)
        """),
        "trainer.py": code("""
            def fit(net, data, epochs):
                for epoch in range(epochs):
                    for batch in data.split(10):
                        loss = net(batch).mean()
        """),
        "model.py": "class Net:\n    def forward(self, x):\n        return x\n",
    }
    edit = scale(files["trainer.py"], "net(batch)", (5.0,), (2.0,), file="trainer.py")
    assert changes(files, edit, script="train.py") == (
        "+data_mean, data_std = data.mean(0), data.std(0)\n+data = (data - data_mean) / data_std"
    )


def test_names_that_are_taken_are_not_taken_again():
    text = code("""
        x = load()
        x_mean = x.mean()
        for e in range(5):
            loss = mse(net(x), y)
    """)
    assert changes(text, scale(text, "net(x)")) == (
        "+x_mean_, x_std_ = x.mean(0), x.std(0)\n+x = (x - x_mean_) / x_std_"
    )


def test_rows_that_are_a_list_until_the_data_set_are_standardised_as_a_tensor():
    text = code("""
        bpm = [round(random.gauss(92.6, 8)) for _ in range(240)]
        loader = DataLoader(TensorDataset(torch.tensor(bpm).unsqueeze(1), target), 20)
        for xb, yb in loader:
            loss = mse(net(xb), yb)
    """)
    assert changes(text, scale(text, "net(xb)")) == (
        "-loader = DataLoader(TensorDataset(torch.tensor(bpm).unsqueeze(1), target), 20)\n"
        "+x = torch.tensor(bpm).unsqueeze(1)\n"
        "+x_mean, x_std = x.mean(0), x.std(0)\n"
        "+loader = DataLoader(TensorDataset((x - x_mean) / x_std, target), 20)"
    )


def test_a_closure_that_the_optimizer_calls_is_followed():
    text = code("""
        time = torch.linspace(0, 200, 150).unsqueeze(-1)
        signal = torch.cos(time / 100)

        def closure():
            err = mse(net(time), signal)
            err.backward()
            return err

        for outer in range(25):
            optim.step(closure)
    """)
    assert changes(text, scale(text, "net(time)")) == (
        "+time_mean, time_std = time.mean(0), time.std(0)\n+time = (time - time_mean) / time_std"
    )


def test_a_function_that_makes_the_data_sets_is_followed():
    text = code("""
        def make_data(n=800):
            x = torch.rand(n, 2) * 100
            y = torch.sin(x[:, :1])
            return random_split(TensorDataset(x, y), [n - 200, 200])

        def train_epoch(model, loader):
            for x, y in loader:
                loss = mse(model(x), y)

        def main():
            train_set, val_set = make_data()
            train_loader = DataLoader(train_set, batch_size=10)
            val_loader = DataLoader(val_set, batch_size=200)
            model = make_model()
            for epoch in range(10):
                train_epoch(model, train_loader)
                print(sum(mse(model(x), y) for x, y in val_loader))
    """)
    assert changes(text, scale(text, "mse(model(x)", (50.0, 50.0), (29.0, 29.0))) == (
        "+    x_mean, x_std = x.mean(0), x.std(0)\n+    x = (x - x_mean) / x_std"
    )


def test_other_rows_in_pieces_are_standardised_before_they_are_taken_apart():
    text = code("""
        x = load("train")
        for epoch in range(9):
            for batch in x.split(10):
                loss = net(batch).mean()
        for batch in torch.split(load("test"), 10):
            print(net(batch))
    """)
    assert changes(text, scale(text, "loss = net")) == (
        "+x_mean, x_std = x.mean(0), x.std(0)\n"
        "+x = (x - x_mean) / x_std\n"
        '-for batch in torch.split(load("test"), 10):\n'
        '+for batch in torch.split((load("test") - x_mean) / x_std, 10):'
    )


def test_a_run_before_training_sees_what_it_saw():
    text = code("""
        x = load()
        net = Net()
        print("before", net(x))
        for epoch in range(9):
            loss = net(x).mean()
        print("after", net(x))
    """)
    assert (
        patch(text, scale(text, "loss = "))
        .files["train.py"]
        .startswith('x = load()\nnet = Net()\nprint("before", net(x))\nx_mean, x_std = ')
    )


def test_a_trainer_with_rows_of_its_own_is_standardised_in_its_model():
    text = code("""
        import torch
        class Net(torch.nn.Module):
            def forward(self, x):
                return self.l(x)

        class Trainer:
            def __init__(self, x):
                self.x, self.net = x, Net()

            def fit(self):
                for epoch in range(9):
                    loss = self.net(self.x).mean()
    """)
    assert changes(text, scale(text, "self.net(self.x)")) == "+        x = (x - 92.6) / 7.52"


def test_rows_that_go_through_layers_in_a_loop_are_standardised_before_it():
    text = code("""
        def forward(layers, v):
            *hidden, (w, b) = layers
            for a, c in hidden:
                v = torch.tanh(F.linear(v, a, c))
            return F.linear(v, w, b)
    """)
    assert changes(text, scale(text, "F.linear(v, a", (1.0, 2.0), (3.0, 4.0))) == (
        "+    v = (v - v.new_tensor([1.0, 2.0])) / v.new_tensor([3.0, 4.0])"
    )
