"""PyTorch on the work of the benchmark table: `name value` lines; GFLOP/s for products, microseconds for steps."""
import sys
import time

import torch
from torch import nn

threads = int(sys.argv[1])


def best(action, repeats, rounds=8):
    result = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(repeats):
            action()
        result = min(result, (time.perf_counter() - start) / repeats)
    return result


torch.set_num_threads(threads)
for n in (128, 256, 512, 1024):
    a, b, c = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
    repeats = max(2, int(5e9 / (2 * n**3)))
    print(f"matmul_{n}_{threads}", 2 * n**3 / best(lambda: torch.mm(a, b, out=c), repeats) / 1e9)

if sys.argv[2] != "steps":
    sys.exit()


def step(name, model, optimizer, loss, x, y, repeats):
    def run():
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    for _ in range(20):
        run()
    print(name, best(run, repeats) * 1e6)


mlp = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
step("tabular", mlp, torch.optim.Adam(mlp.parameters()), nn.MSELoss(), torch.rand(32, 20), torch.rand(32, 1), 300)
mnist = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 10))
step("mnist_mlp", mnist, torch.optim.RMSprop(mnist.parameters(), lr=1e-3), nn.CrossEntropyLoss(), torch.rand(128, 784), torch.randint(0, 10, (128,)), 30)
