"""Measures PyTorch on the work of the GPU tables: `name value` lines; TFLOP/s for products, microseconds for steps."""
import sys
import time

import torch
from torch import nn

largest = int(sys.argv[1])
if not torch.cuda.is_available():
    sys.exit()


def best(action, repeats, rounds=4):
    result = float("inf")
    for turn in range(rounds):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(repeats):
            action()
        torch.cuda.synchronize()
        if turn > 0:
            result = min(result, (time.perf_counter() - start) / repeats)
    return result


def choose(precision):
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")


for n in (256, 512, 1024, 2048, 4096, 8192):
    if n > largest:
        break
    for precision in ("float32", "tf32", "bf16"):
        choose(precision)
        kind = torch.bfloat16 if precision == "bf16" else torch.float32
        a, b = torch.rand(n, n, device="cuda", dtype=kind), torch.rand(n, n, device="cuda", dtype=kind)
        c = torch.empty(n, n, device="cuda", dtype=kind)
        repeats = int(min(200, max(3, 2e11 / (2 * n**3))))
        print(f"matmul_{n}_{precision}", 2 * n**3 / best(lambda: torch.mm(a, b, out=c), repeats) / 1e12, flush=True)


def step(name, make, x, y, optimizer, loss):
    for mode in ("eager", "compiled"):
        model = make().cuda()
        update = optimizer(model)

        def run():
            update.zero_grad(set_to_none=True)
            loss(model(x), y).backward()
            update.step()

        action = run
        if mode == "compiled":
            try:
                forward = torch.compile(model)

                def action():
                    update.zero_grad(set_to_none=True)
                    loss(forward(x), y).backward()
                    update.step()

                for _ in range(5):
                    action()
            except Exception as error:
                print(f"torch.compile: {error}", file=sys.stderr)
                continue
        for _ in range(20):
            action()
        print(f"{name}_{mode}", best(action, 200) * 1e6, flush=True)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.dense = nn.Embedding(20000, 128), nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 1)

    def forward(self, x):
        return torch.sigmoid(self.dense(self.lstm(self.embedding(x))[0][:, -1]))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.TransformerEncoder(nn.TransformerEncoderLayer(128, 8, 512, dropout=0.0, batch_first=True), 4)
        self.dense = nn.Linear(128, 10)

    def forward(self, x):
        return self.dense(self.blocks(x).mean(1))


def cnn():
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))


for batch in (128, 1024, 8192):
    if batch > largest:
        break
    for precision in ("float32", "tf32"):
        choose(precision)
        step(f"tabular_{batch}_{precision}", lambda: nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)),
             torch.rand(batch, 20, device="cuda"), torch.rand(batch, 1, device="cuda"), lambda m: torch.optim.Adam(m.parameters()), nn.MSELoss())
        step(f"mnist_mlp_{batch}_{precision}", lambda: nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 10)),
             torch.rand(batch, 784, device="cuda"), torch.randint(0, 10, (batch,), device="cuda"), lambda m: torch.optim.RMSprop(m.parameters(), lr=1e-3), nn.CrossEntropyLoss())
        if batch > 1024:
            continue
        torch.backends.cudnn.allow_tf32 = precision == "tf32"
        step(f"mnist_cnn_{batch}_{precision}", cnn, torch.rand(batch, 1, 28, 28, device="cuda"), torch.randint(0, 10, (batch,), device="cuda"), lambda m: torch.optim.Adadelta(m.parameters()), nn.CrossEntropyLoss())
        step(f"imdb_lstm_{batch}_{precision}", Lstm, torch.randint(0, 20000, (batch, 80), device="cuda"), torch.rand(batch, 1, device="cuda").round(), lambda m: torch.optim.Adam(m.parameters()), nn.BCELoss())
        step(f"transformer_{batch}_{precision}", Encoder, torch.rand(batch, 64, 128, device="cuda"), torch.rand(batch, 10, device="cuda"), lambda m: torch.optim.Adam(m.parameters()), nn.MSELoss())
