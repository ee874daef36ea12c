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


class Attention(nn.Module):
    """Self-attention of one input."""

    def __init__(self):
        super().__init__()
        self.layer = nn.MultiheadAttention(128, 4, batch_first=True)

    def forward(self, x):
        return self.layer(x, x, x, need_weights=False)[0]


class RmsNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6) * self.scale


class Grouped(nn.Module):
    """Causal attention of 8 heads that share 2 keys and values."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(256, size, bias=False) for size in (256, 64, 64))
        self.out = nn.Linear(256, 256, bias=False)

    def forward(self, x):
        batch, steps, _ = x.shape
        q = self.q(x).view(batch, steps, 8, 32).transpose(1, 2)
        k, v = (layer(x).view(batch, steps, 2, 32).transpose(1, 2).repeat_interleave(4, 1) for layer in (self.k, self.v))
        if hasattr(nn.functional, "scaled_dot_product_attention"):
            y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            later = torch.ones(steps, steps, dtype=torch.bool).triu(1)
            y = (q @ k.transpose(2, 3) / 32 ** 0.5).masked_fill(later, float("-inf")).softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(batch, steps, 256))


class Around(nn.Module):
    """Adds the input to the output."""

    def __init__(self, *layers):
        super().__init__()
        self.inner = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.inner(x)


class Augment(nn.Module):
    """Flips, rotates, zooms and changes the contrast of each image at random."""

    @staticmethod
    def moved(x, a, b, c, d):
        zero = torch.zeros_like(a)
        matrix = torch.stack([torch.stack([a, b, zero], 1), torch.stack([c, d, zero], 1)], 1)
        grid = nn.functional.affine_grid(matrix, x.shape, align_corners=False)
        return nn.functional.grid_sample(x, grid, padding_mode="reflection", align_corners=False)

    def forward(self, x):
        count = len(x)
        x = torch.where(torch.rand(count, 1, 1, 1) < 0.5, x.flip(3), x)
        angle = (torch.rand(count) - 0.5) * 0.4 * torch.pi
        x = self.moved(x, angle.cos(), -angle.sin(), angle.sin(), angle.cos())
        size, zero = 0.9 + 0.2 * torch.rand(count), torch.zeros(count)
        x = self.moved(x, size, zero, zero, size)
        mean = x.mean((2, 3), keepdim=True)
        return (mean + (x - mean) * (0.8 + 0.4 * torch.rand(count, 1, 1, 1))).clamp(0, 1)


class Ctc(nn.Module):
    def forward(self, x, y):
        steps, labels = torch.full((len(x),), x.shape[1]), torch.full((len(y),), y.shape[1])
        return nn.functional.ctc_loss(x.transpose(0, 1).log_softmax(-1), y, steps, labels)


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
    "attention": lambda: (nn.Sequential(Attention(), Mean(), nn.Linear(128, 10)), torch.optim.Adam, nn.MSELoss(), torch.rand(4, 1024, 128), torch.rand(4, 10)),
    "decoder": lambda: (nn.Sequential(Around(RmsNorm(256), Grouped()),
                                      Around(RmsNorm(256), nn.Linear(256, 1024, bias=False), nn.SiLU(), nn.Linear(1024, 256, bias=False)), nn.Linear(256, 10)),
                        torch.optim.Adam, nn.MSELoss(), torch.rand(8, 256, 256), torch.rand(8, 256, 10)),
    "audio": lambda: (nn.Sequential(nn.Conv1d(1, 32, 8, 4, 2), nn.ReLU(), nn.Conv1d(32, 32, 9, 1, 4, groups=32), nn.Conv1d(32, 64, 1), nn.ReLU(),
                                    nn.Conv1d(64, 64, 9, 1, 4, groups=64), nn.Conv1d(64, 32, 1), nn.ReLU(), nn.ConvTranspose1d(32, 1, 8, 4, 2)),
                      torch.optim.Adam, nn.MSELoss(), torch.rand(16, 1, 4096), torch.rand(16, 1, 4096)),
    "augmented": lambda: (nn.Sequential(Augment(), nn.Conv2d(3, 16, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)),
                          torch.optim.Adam, nn.MSELoss(), torch.rand(32, 3, 64, 64), torch.rand(32, 10)),
    "ctc": lambda: (dense(32, 64, 29), torch.optim.Adam, Ctc(), torch.rand(32, 100, 32), torch.randint(1, 29, (32, 20))),
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
