"""Trains modules of PyTorch on real images, tables and sentences, and saves them as their users do."""
import json
import re
import sys
from pathlib import Path

import numpy as np
import torch
from cases import Cases
from sklearn.datasets import load_breast_cancer, load_digits
from torch import nn

PYTHON = "--python .venv/bin/python"
README = Path(sys.argv[1]) / "README.md"

torch.manual_seed(0)
torch.set_num_threads(1)
cases = Cases()


def train(module: nn.Module, inputs: list[torch.Tensor], labels: torch.Tensor, steps: int = 30) -> None:
    optimizer = torch.optim.Adam(module.parameters(), 0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(*inputs), labels).backward()
        optimizer.step()
    module.eval()


def ask(module: nn.Module, *inputs: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return module(*map(torch.from_numpy, inputs)).numpy()


def digits() -> tuple[np.ndarray, torch.Tensor]:
    """Real handwriting, 8x8, each pixel thrice as wide and high with a frame around: 28x28."""
    found = load_digits()
    images = np.kron(found.images / 16, np.ones((3, 3)))
    return np.pad(images, ((0, 0), (2, 2), (2, 2)))[:, None].astype(np.float32), torch.from_numpy(found.target)


def as_documented() -> None:
    """net.py is the one of docs/export.md."""
    from net import Net

    images, labels = digits()
    net = Net()
    train(net, [torch.from_numpy(images[:500])], labels[:500], 10)
    torch.save(net.state_dict(), "net.pt")
    held = images[-50:]
    question = ({"image": held}, [ask(net, held)])
    cases.add("a conv net", f"headroom export net.py:build --output scores {PYTHON}", "net", question)

    with open("images.jsonl", "w") as file:
        for image in held[:5]:
            file.write(json.dumps({"image": image.tolist()}) + "\n")
    cases.add(
        "the same again, on images of a file", f"headroom export net.py:build --output scores --data images.jsonl {PYTHON}",
        "net", question,
    )


ENCODER = '''
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(1000, 32)
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
        self.scores = nn.Linear(32, 2)

    def forward(self, tokens, mask):
        words = self.layer(self.embed(tokens), src_key_padding_mask=mask == 0)
        weights = mask.unsqueeze(-1).float()
        return self.scores((words * weights).sum(1) / weights.sum(1).clamp(min=1))


def build():
    encoder = Encoder()
    encoder.load_state_dict(torch.load("encoder.pt", weights_only=True))
    return encoder
'''


def sentences() -> tuple[np.ndarray, np.ndarray]:
    """Of the README: the numbers of their words, and which of them are words."""
    lines = [re.findall(r"\w+", line.lower()) for line in README.read_text().splitlines()]
    lines = [line[:20] for line in lines if len(line) > 3]
    width = max(map(len, lines))
    tokens = np.array([[sum(map(ord, word)) % 1000 for word in line] + [0] * (width - len(line)) for line in lines])
    mask = np.array([[1] * len(line) + [0] * (width - len(line)) for line in lines])
    return tokens, mask


def encoder() -> None:
    Path("encoder.py").write_text(ENCODER)
    from encoder import Encoder

    tokens, mask = sentences()
    labels = torch.from_numpy((mask.sum(1) > 10).astype(np.int64))
    module = Encoder()
    train(module, [torch.from_numpy(tokens), torch.from_numpy(mask)], labels, 20)
    torch.save(module.state_dict(), "encoder.pt")
    command = "headroom export encoder.py:build --input 'tokens:INT64[batch,words]' --input 'mask:INT64[batch,words]'"
    all_words = ({"tokens": tokens, "mask": mask}, [ask(module, tokens, mask)])
    few = tokens[:, :7], mask[:, :7]
    few_words = ({"tokens": few[0], "mask": few[1]}, [ask(module, *few)])
    command = "headroom export encoder.py:build --input 'tokens:INT64[batch,words]' --input 'mask:INT64[batch,words]'"
    with open("sentences.jsonl", "w") as file:
        for row, (words, marks) in enumerate(zip(tokens, mask)):
            length = 5 + row % 3
            file.write(json.dumps({"tokens": words[:length].tolist(), "mask": marks[:length].tolist()}) + "\n")
    cases.add(
        "a transformer layer, on sentences of a file, of several lengths", f"{command} --data sentences.jsonl", "encoder",
        few_words, example={"tokens": tokens[:1, :5], "mask": mask[:1, :5]},
    )
    cases.add("the same, the next version", command, "encoder", all_words, few_words)


TABLE = '''
import torch
from torch import nn


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2))

    def forward(self, features):
        return self.layers(features).softmax(1)


def build():
    table = Table()
    table.load_state_dict(torch.load("table.pt", weights_only=True))
    return table
'''


def tables() -> None:
    Path("table.py").write_text(TABLE)
    from table import Table

    data = load_breast_cancer()
    rows = data.data.astype(np.float32)
    module = Table()
    train(module, [torch.from_numpy(rows[:400])], torch.from_numpy(data.target[:400]))
    torch.save(module.state_dict(), "table.pt")
    held = rows[400:]
    np.savetxt("rows.csv", held, delimiter=",", header=",".join(name.replace(" ", "_") for name in data.feature_names), comments="")
    question = ({"features": held}, [ask(module, held)])
    given = "--input 'features:FP32[batch,30]'"
    cases.add(
        "a table, on rows of a file", f"headroom export table.py:build {given} --data rows.csv {PYTHON}", "table", question,
        example={"features": held[:1]},
    )

    torch.jit.script(module).save("scripted.pt")
    cases.add("TorchScript", f"headroom export scripted.pt {given} {PYTHON}", "scripted", question)

    sizes = {"features": {0: torch.export.Dim("batch")}}
    torch.export.save(torch.export.export(module, (torch.from_numpy(rows[:2]),), dynamic_shapes=sizes), "program.pt2")
    cases.add("an exported program", f"headroom export program.pt2 {PYTHON}", "program", question)

    Path("series.py").write_text(SERIES)
    from series import build

    series, _ = build()
    held = rows[400:, :, None] / 1000
    cases.add("an LSTM with its example", f"headroom export series.py:build {PYTHON}", "series", ({"series": held}, [ask(series.eval(), held)]))


SERIES = '''
import torch
from torch import nn


class Series(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 8, batch_first=True)
        self.next = nn.Linear(8, 1)

    def forward(self, series):
        return self.next(self.lstm(series)[0][:, -1])


def build():
    torch.manual_seed(7)
    return Series(), torch.rand(1, 30, 1)
'''

as_documented()
encoder()
tables()
cases.interrupt(f"headroom export net.py:build --output scores {PYTHON}", "converting from PyTorch")
# TorchScript goes by a temporary file of Python's.
cases.interrupt(f"headroom export scripted.pt --input 'features:FP32[batch,30]' {PYTHON}", "converting from PyTorch")
cases.write()
