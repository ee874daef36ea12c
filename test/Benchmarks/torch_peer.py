"""PyTorch on the work of the benchmark table: `name value` lines; GFLOP/s for products, microseconds for steps."""
import sys
import time

import torch
from torch import nn

threads = int(sys.argv[1])
wanted = sys.argv[3] if len(sys.argv) > 3 else ""


def best(action, repeats, rounds=8):
    result = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(repeats):
            action()
        result = min(result, (time.perf_counter() - start) / repeats)
    return result


torch.set_num_threads(threads)
for n in () if wanted else (128, 256, 512, 1024):
    a, b, c = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
    repeats = max(2, int(5e9 / (2 * n**3)))
    print(f"matmul_{n}_{threads}", 2 * n**3 / best(lambda: torch.mm(a, b, out=c), repeats) / 1e9)

if sys.argv[2] != "steps":
    sys.exit()


def step(name, model, optimizer, loss, x, y, repeats, warm=20):
    if wanted not in name:
        return

    def run():
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    for _ in range(warm):
        run()
    print(name, best(run, repeats) * 1e6)


mlp = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
step("tabular", mlp, torch.optim.Adam(mlp.parameters()), nn.MSELoss(), torch.rand(32, 20), torch.rand(32, 1), 300)
mnist = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 10))
step("mnist_mlp", mnist, torch.optim.RMSprop(mnist.parameters(), lr=1e-3), nn.CrossEntropyLoss(), torch.rand(128, 784), torch.randint(0, 10, (128,)), 30)
cnn = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))
step("mnist_cnn", cnn, torch.optim.Adadelta(cnn.parameters()), nn.CrossEntropyLoss(), torch.rand(128, 1, 28, 28), torch.randint(0, 10, (128,)), 3, 3)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.dense = nn.Embedding(20000, 128), nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 1)

    def forward(self, x):
        return self.dense(self.lstm(self.embedding(x))[0][:, -1])


lstm = Lstm()
step("imdb_lstm", lstm, torch.optim.Adam(lstm.parameters()), nn.BCEWithLogitsLoss(), torch.randint(0, 20000, (32, 80)), torch.rand(32, 1).round(), 3, 3)
