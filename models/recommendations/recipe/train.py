"""Trains the recommender on real supermarket baskets and exports it to ONNX.

    python models/recommendations/recipe/train.py      (from the repository root, on Debian)

For each item a logistic regression estimates the odds that a basket holds it, given
all else in the basket: the pseudo-likelihood fit of a pairwise Markov network (Besag,
"Statistical Analysis of Non-Lattice Data", 1975). All of them together are one matrix.
The exported graph also rules out what is in the basket already.
"""

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression

SEED = 2024
HELD_OUT_SHARE = 0.2
TOP = 5
MIN_BASKETS = 600
SAMPLE_ROWS = 500
STORED_ENTITIES = 100
INVERSE_REGULARISATION = 0.02
COUNT_SCALE = 0.1  # brings the count of other categories near the 0..1 of the items
# Tobacco must not be promoted in many countries; "small goods2" is an unexplained duplicate.
EXCLUDED = {"cigs-tobacco pkts", "small goods2"}
READABLE = {
    "milk-cream": "milk and cream", "juice-sat-cord-ms": "juices and cordials", "party snack foods": "party snacks",
    "tissues-paper prd": "tissues and paper", "sauces-gravy-pkle": "sauces, gravy and pickles",
    "confectionary": "confectionery", "stationary": "stationery", "jams-spreads": "jams and spreads",
    "cleaners-polishers": "cleaners and polishers", "deodorants-soap": "deodorants and soap",
    "canned fish-meat": "canned fish and meat", "puddings-deserts": "puddings and desserts",
    "cold-meats": "cold meats", "haircare": "hair care",
}
MODEL_DIR = Path(__file__).resolve().parent.parent


def load_baskets():
    """Returns (names of all goods, boolean matrix [baskets, goods]) from Debian's package `weka`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        subprocess.run(["apt-get", "download", "-q", "weka"], cwd=folder, check=True, capture_output=True)
        package = next(Path(folder).glob("weka_*.deb"))
        subprocess.run(["dpkg-deb", "-x", package.name, "."], cwd=folder, check=True)
        text = (Path(folder) / "usr/share/doc/weka/examples/supermarket.arff").read_text("latin-1")
    lines = text.splitlines()
    names = [line.split("'")[1] for line in lines if line.startswith("@attribute '")]
    data = lines[lines.index("@data") + 1 :]
    # The last attribute is the basket's total, which is no item.
    return names, np.array([[v == "t" for v in line.split(",")[: len(names)]] for line in data if line])


def camel_case(name):
    words = name.replace(",", "").split()
    return words[0] + "".join(word.capitalize() for word in words[1:])


def leave_one_out(items, others, rows):
    """Hides every item of every basket in turn: (features, hidden item, basket) per example."""
    basket, hidden = np.nonzero(items[rows])
    basket = rows[basket]
    visible = items[basket].astype(np.float32)
    visible[np.arange(len(hidden)), hidden] = 0
    return np.column_stack([visible, others[basket]]).astype(np.float32), hidden, basket


def hits(scores, features, hidden):
    """For each example, whether the hidden item is among the TOP best that are not in the basket."""
    scores = np.where(features[:, :-1] > 0, -np.inf, scores)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    return np.any(best == hidden[:, None], axis=1)


def hit_rate(scores, features, hidden):
    return float(np.mean(hits(scores, features, hidden)))


def bootstrap_gain(scores, baseline_scores, features, hidden, basket):
    """95 % interval of the gain in hit rate, resampling whole baskets (their examples depend on each other)."""
    gain = hits(scores, features, hidden).astype(float) - hits(baseline_scores, features, hidden)
    _, index = np.unique(basket, return_inverse=True)
    sums, sizes = np.bincount(index, gain), np.bincount(index)
    draws = np.random.default_rng(SEED).integers(0, len(sums), (2000, len(sums)))
    return np.percentile(sums[draws].sum(axis=1) / sizes[draws].sum(axis=1), [2.5, 97.5])


def fit(items, others):
    """Returns (weights [F, K], bias [K]) of one logistic regression per item, blind to that item itself."""
    columns, biases = [], []
    everything = np.column_stack([items, others * COUNT_SCALE])
    for item in range(items.shape[1]):
        rest = everything.copy()
        rest[:, item] = 0
        regression = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=500).fit(rest, items[:, item])
        columns.append(regression.coef_[0])
        biases.append(regression.intercept_[0])
    weights = np.column_stack(columns)
    weights[-1] *= COUNT_SCALE
    np.fill_diagonal(weights, 0)
    return weights, np.array(biases)


def to_onnx(weights, bias):
    """features [batch, F] -> scores [batch, K]: probability of each item, 0 for those in the basket."""
    item_count = len(bias)
    constants = {"weights": weights, "bias": bias, "half": np.array(0.5), "zero": np.array(0.0)}
    initializers = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in constants.items()]
    initializers += [numpy_helper.from_array(np.array([v], np.int64), k)
                     for k, v in (("start", 0), ("end", item_count), ("axis", 1))]
    nodes = [
        helper.make_node("Gemm", ["features", "weights", "bias"], ["logOdds"]),
        helper.make_node("Sigmoid", ["logOdds"], ["probabilities"]),
        helper.make_node("Slice", ["features", "start", "end", "axis"], ["basket"]),
        helper.make_node("Greater", ["basket", "half"], ["inBasket"]),
        helper.make_node("Where", ["inBasket", "zero", "probabilities"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes, "recommendations",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", len(weights)])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", item_count])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
                              producer_name="headroom-recommendations")
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    names, bought = load_baskets()
    counts = bought.sum(axis=0)
    item_columns = [i for i in np.argsort(-counts, kind="stable")
                    if counts[i] >= MIN_BASKETS and not names[i].startswith("department") and names[i] not in EXCLUDED]
    labels = [READABLE.get(names[i], names[i]) for i in item_columns]
    feature_names = [camel_case(name) for name in labels] + ["otherCategories"]
    items = bought[:, item_columns]
    others = bought.sum(axis=1) - items.sum(axis=1)

    order = np.random.default_rng(SEED).permutation(len(items))
    held_out, training = np.split(order, [int(len(items) * HELD_OUT_SHARE)])
    test_x, test_y, test_basket = leave_one_out(items, others, np.sort(held_out))
    weights, bias = fit(items[training].astype(float), others[training])
    model = to_onnx(weights, bias)
    model_path = MODEL_DIR / "1" / "model.onnx"
    model_path.parent.mkdir(exist_ok=True)
    onnx.save(model, model_path)
    session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
    scores = session.run(["scores"], {"features": test_x})[0]
    expected = np.where(test_x[:, :-1] > 0, 0, 1 / (1 + np.exp(-(test_x @ weights + bias))))
    difference = float(np.abs(scores - expected).max())
    assert difference < 1e-5, difference

    popularity = np.broadcast_to(items[training].sum(axis=0), scores.shape).astype(float)
    value = hit_rate(scores, test_x, test_y)
    baseline = hit_rate(popularity, test_x, test_y)
    assert value > baseline

    sample = np.sort(np.random.default_rng(SEED).choice(len(test_x), SAMPLE_ROWS, replace=False))
    # Features that are false are left out: false is their default in model.yaml.
    rows = [{n: True for n, v in zip(feature_names[:-1], row) if v} | {"otherCategories": int(row[-1])}
            for row in test_x[sample]]
    report = {
        "metric": f"hit-rate@{TOP}",
        "value": round(value, 4),
        "sample": {"value": round(hit_rate(scores[sample], test_x[sample], test_y[sample]), 4)},
        "baseline": round(baseline, 4),
        "rows": rows,
        "labels": [labels[i] for i in test_y[sample]],
    }
    (MODEL_DIR / "heldout.json").write_text(json.dumps(report, separators=(",", ":")) + "\n")
    distinct = [row for i, row in enumerate(rows) if row not in rows[:i]][:STORED_ENTITIES]
    lines = [json.dumps({"user_id": f"user_{i}"} | row, separators=(",", ":")) for i, row in enumerate(distinct, 1)]
    (MODEL_DIR / "features.jsonl").write_text("\n".join(lines) + "\n")
    print(f"baskets: {len(training)} for training, {len(held_out)} held out ({len(test_x)} leave-one-out examples)")
    print(f"hit-rate@{TOP}: {value:.4f}, most popular items: {baseline:.4f}")
    interval = bootstrap_gain(scores, popularity, test_x, test_y, test_basket)
    print(f"gain over the baseline, 95 % interval over baskets: {interval[0]:.4f} to {interval[1]:.4f}")
    print(f"largest difference between ONNX Runtime and the trainer: {difference:.1e}")
    print(f"sha256 {hashlib.sha256(model_path.read_bytes()).hexdigest()}  {model_path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
