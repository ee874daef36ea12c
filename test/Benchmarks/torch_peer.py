"""Measures PyTorch on the work of the benchmark table. Reads one line per measurement from standard input and answers
with microseconds per call.

`python3 torch_peer.py THREADS`: lines are `matmul M K N`, `step NAME` (a training step), `dynamic SIZE BATCH` (a
prediction of three linear layers whose weights are 8-bit integers) or `quit`.
`python3 torch_peer.py THREADS memory NAME`: some steps, then the peak memory of the process, in MB.
"""
import sys
import time

import torch
from torch import nn

threads = int(sys.argv[1])
torch.set_num_threads(threads)


def timed(action, seconds=0.25):
    """Microseconds per call, over at least a quarter of a second."""
    action()
    calls, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        action()
        calls += 1
    return elapsed / calls * 1e6


class Last(nn.Module):
    """The last time step of a recurrent layer."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0][:, -1]


class Mean(nn.Module):
    """The mean over the time steps."""

    def forward(self, x):
        return x.mean(1)


class Block(nn.Module):
    """Two convolutions with a shortcut around them."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.inner = nn.Sequential(nn.Conv2d(channels, filters, 3, stride, 1), nn.BatchNorm2d(filters), nn.ReLU(), nn.Conv2d(filters, filters, 3, 1, 1), nn.BatchNorm2d(filters))
        self.round = nn.Identity() if channels == filters else nn.Conv2d(channels, filters, 1, stride)

    def forward(self, x):
        return torch.relu(self.inner(x) + self.round(x))


def dense(*sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def classes(batch):
    return torch.randint(0, 10, (batch,))


def words(batch, steps):
    return torch.randint(0, 20000, (batch, steps))


def yes_or_no(batch):
    return torch.rand(batch, 1).round()


def encoder():
    return nn.TransformerEncoderLayer(128, 8, 512, dropout=0.0, batch_first=True)


WORK = {
    "tabular_32": lambda: (dense(20, 64, 64, 1), torch.optim.Adam, nn.MSELoss(), torch.rand(32, 20), torch.rand(32, 1)),
    "tabular_1024": lambda: (dense(20, 64, 64, 1), torch.optim.Adam, nn.MSELoss(), torch.rand(1024, 20), torch.rand(1024, 1)),
    "mnist_mlp": lambda: (nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 10)),
                          lambda p: torch.optim.RMSprop(p, lr=1e-3), nn.CrossEntropyLoss(), torch.rand(128, 784), classes(128)),
    "mnist_cnn": lambda: (nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
                                        nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
                          torch.optim.Adadelta, nn.CrossEntropyLoss(), torch.rand(128, 1, 28, 28), classes(128)),
    "resnet": lambda: (nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU(), Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2),
                                     nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)),
                       torch.optim.Adam, nn.CrossEntropyLoss(), torch.rand(32, 3, 32, 32), classes(32)),
    "imdb_lstm": lambda: (nn.Sequential(nn.Embedding(20000, 128), Last(nn.LSTM(128, 128, batch_first=True)), nn.Linear(128, 1)),
                          torch.optim.Adam, nn.BCEWithLogitsLoss(), words(32, 80), yes_or_no(32)),
    "gru": lambda: (nn.Sequential(Last(nn.GRU(8, 64, batch_first=True)), nn.Linear(64, 1)), torch.optim.Adam, nn.L1Loss(), torch.rand(32, 48, 8), torch.rand(32, 1)),
    "text": lambda: (nn.Sequential(nn.Embedding(20000, 16), Mean(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1)),
                     torch.optim.Adam, nn.BCEWithLogitsLoss(), words(32, 256), yes_or_no(32)),
    "transformer": lambda: (nn.Sequential(encoder(), encoder(), Mean(), nn.Linear(128, 10)), torch.optim.Adam, nn.MSELoss(), torch.rand(32, 64, 128), torch.rand(32, 10)),
    "wide_and_deep": lambda: (dense(1010, 64, 32, 1), torch.optim.Adam, nn.MSELoss(), torch.rand(256, 1010), torch.rand(256, 1)),
}
made = {}


def step(name):
    if name not in made:
        model, optimizer, loss, x, y = WORK[name]()
        model.train()
        optimizer = optimizer(model.parameters())

        def run():
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()

        made[name] = run
        for _ in range(3):
            run()
    return made[name]


def product(m, k, n):
    a, b, c = torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)
    return lambda: torch.mm(a, b, out=c)


def dynamic(size, batch):
    if size not in made:
        made[size] = torch.quantization.quantize_dynamic(dense(size, size, size, size).eval(), {nn.Linear}, dtype=torch.qint8)
    x = torch.rand(batch, size)

    def run():
        with torch.no_grad():
            made[size](x)

    return run


def asked(what, rest):
    if what == "step":
        return step(rest[0])
    return (product if what == "matmul" else dynamic)(*map(int, rest))


if len(sys.argv) > 2:
    run = step(sys.argv[3])
    for _ in range(10):
        run()
    # Not getrusage, which counts the memory of the parent process.
    with open("/proc/self/status") as status:
        print(int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024)
    sys.exit()

for line in sys.stdin:
    what, *rest = line.split()
    if what == "quit":
        break
    print(timed(asked(what, rest)), flush=True)
