"""Distils the bundled fraud-detection model, 80 boosted trees, into a network of one hidden layer.

    pip install -r examples/distillation/requirements.txt
    python examples/distillation/distil.py student.onnx
    headroom optimize fraud-detection --candidate student.onnx

The student never sees a label: it learns the probabilities that the teacher gives (Hinton et al. 2015, Distilling the
Knowledge in a Neural Network). The inputs are made from the held-out rows, whose columns are recombined and blurred, so
that any number of rows can be asked of the teacher. Of the rows the second half is kept from it; judge it on those, too.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import yaml
from onnx import TensorProto, helper, numpy_helper

MODEL = Path(__file__).resolve().parents[2] / "models" / "fraud-detection"
SEED, ROWS, HIDDEN, EPOCHS, BATCH, RATE = 7, 30_000, 64, 20, 512, 3e-3
# A row is that of an applicant, in which each column is another's by this chance.
SWAPPED = 0.25
# Numbers are moved by this share of their spread.
BLUR = 0.1


def held_out() -> tuple[np.ndarray, list[dict]]:
    """Rows as the model takes them, categories as positions; and the features."""
    features = yaml.safe_load((MODEL / "model.yaml").read_text())["features"]
    rows = json.loads((MODEL / "heldout.json").read_text())["rows"]

    def number(feature: dict, value) -> float:
        if value is None:
            return np.nan
        return feature["categories"].index(value) if feature["type"] == "category" else float(value)

    return np.array([[number(feature, row.get(feature["name"])) for feature in features] for row in rows], np.float32), features


def made_up(rows: np.ndarray, features: list[dict], rng: np.random.Generator) -> np.ndarray:
    inputs = rows[rng.integers(0, len(rows), ROWS)]
    others = np.stack([rng.choice(column, ROWS) for column in rows.T], axis=1)
    inputs = np.where(rng.random(inputs.shape) < SWAPPED, others, inputs)
    for i, feature in enumerate(features):
        if feature["type"] in ("number", "integer"):
            inputs[:, i] += rng.normal(0, BLUR * np.nanstd(rows[:, i]), ROWS)
            inputs[:, i] = np.maximum(inputs[:, i], feature.get("minimum", -np.inf))
            if feature["type"] == "integer":
                inputs[:, i] = np.round(inputs[:, i])
    return inputs.astype(np.float32)


class Columns:
    """Columns as a network wants them: a number as its rank among `STEPS` quantiles, ramps between them; each category
    and "missing" as a column of its own. All are a matrix product and comparisons, so that they can be in the graph."""

    STEPS = 8

    def __init__(self, rows: np.ndarray, features: list[dict]) -> None:
        source, low, width = [], [], []
        for i, feature in enumerate(features):
            if feature["type"] in ("category", "boolean"):
                # |x - c| < 1 is a hat of width 1 around the category: made of two ramps.
                for category in range(len(feature.get("categories", [0, 1]))):
                    source.append(i), low.append(category - 0.5), width.append(1e-3)
            else:
                edges = np.unique(np.nanquantile(rows[:, i], np.linspace(0, 1, self.STEPS + 1)))
                for lower, upper in zip(edges, edges[1:]):
                    source.append(i), low.append(lower), width.append(upper - lower)
        self.source, self.low, self.width = np.int64(source), np.float32(low), np.float32(width)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        known = np.nan_to_num(rows, nan=-1.0)
        ramps = np.clip((known[:, self.source] - self.low) / self.width, 0, 1)
        return np.concatenate([ramps, np.isnan(rows).astype(np.float32)], axis=1)


def train(x: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Adam on the cross-entropy against the teacher's probability of the second class."""
    shapes = [(x.shape[1], HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)]
    weights = [rng.normal(0, shape[0] ** -0.5, shape).astype(np.float32) if len(shape) == 2 else np.zeros(shape, np.float32) for shape in shapes]
    mean, square, step = [0 * w for w in weights], [0 * w for w in weights], 0
    for epoch in range(EPOCHS):
        for rows in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            step += 1
            hidden = np.maximum(x[rows] @ weights[0] + weights[1], 0)
            error = (1 / (1 + np.exp(-(hidden @ weights[2] + weights[3]))) - target[rows, None]) / len(rows)
            back = (error @ weights[2].T) * (hidden > 0)
            gradients = [x[rows].T @ back, back.sum(0), hidden.T @ error, error.sum(0)]
            rate = RATE * (1 - epoch / EPOCHS) + 1e-5
            for i, gradient in enumerate(gradients):
                mean[i] = 0.9 * mean[i] + 0.1 * gradient
                square[i] = 0.999 * square[i] + 0.001 * gradient**2
                weights[i] -= rate * (mean[i] / (1 - 0.9**step)) / (np.sqrt(square[i] / (1 - 0.999**step)) + 1e-8)
    return weights


def export(columns: Columns, weights: list[np.ndarray], teacher: onnxruntime.InferenceSession, path: str) -> None:
    """The student with the teacher's inputs and outputs, columns and all."""
    constants = {
        "source": columns.source, "low": columns.low, "width": columns.width, "minus": np.float32(-1), "zero": np.float32(0),
        "one": np.float32(1), "w1": weights[0], "b1": weights[1], "w2": weights[2], "b2": weights[3], "flat": np.int64([-1]),
        "half": np.float32(0.5),
    }  # fmt: skip
    make = helper.make_node
    nodes = [
        make("IsNaN", ["features"], ["absent"]),
        make("Where", ["absent", "minus", "features"], ["known"]),
        make("Gather", ["known", "source"], ["gathered"], axis=1),
        make("Sub", ["gathered", "low"], ["above"]),
        make("Div", ["above", "width"], ["steep"]),
        make("Clip", ["steep", "zero", "one"], ["ramps"]),
        make("Cast", ["absent"], ["missing"], to=TensorProto.FLOAT),
        make("Concat", ["ramps", "missing"], ["columns"], axis=1),
        make("Gemm", ["columns", "w1", "b1"], ["first"]),
        make("Relu", ["first"], ["hidden"]),
        make("Gemm", ["hidden", "w2", "b2"], ["logit"]),
        make("Sigmoid", ["logit"], ["bad"]),
        make("Sub", ["one", "bad"], ["good"]),
        make("Concat", ["good", "bad"], ["probabilities"], axis=1),
        make("Greater", ["bad", "half"], ["isBad"]),
        make("Cast", ["isBad"], ["labels"], to=TensorProto.INT64),
        make("Reshape", ["labels", "flat"], ["label"]),
    ]
    kinds = {"tensor(float)": TensorProto.FLOAT, "tensor(int64)": TensorProto.INT64}
    info = lambda tensors: [helper.make_tensor_value_info(t.name, kinds[t.type], t.shape) for t in tensors]
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "student", info(teacher.get_inputs()), info(teacher.get_outputs()), initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main(path: str) -> None:
    rng = np.random.default_rng(SEED)
    rows, features = held_out()
    seen, kept = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    teacher = onnxruntime.InferenceSession(MODEL / "1" / "model.onnx")
    ask = lambda session, x: session.run(["probabilities"], {"features": x})[0][:, 1]
    inputs = made_up(seen, features, rng)
    columns = Columns(seen, features)
    weights = train(columns(inputs), ask(teacher, inputs), rng)
    export(columns, weights, teacher, path)
    student = onnxruntime.InferenceSession(path)
    difference = np.abs(ask(student, kept) - ask(teacher, kept)).mean()
    print(f"{path}: on {len(kept)} rows kept from it, {difference:.3f} from the teacher's probabilities on average")


main(sys.argv[1])
