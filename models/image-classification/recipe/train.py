"""Trains the product image classifier on Fashion-MNIST and writes its ONNX file and held-out sample.

Run from the repository root, in an environment with models/requirements.txt:
    python models/image-classification/recipe/train.py
The data is Debian's package dataset-fashion-mnist. About eleven minutes on two CPU cores.
"""
import ctypes
import gzip
import hashlib
import json
import subprocess
import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

MODEL_DIR = Path(__file__).resolve().parents[1]
SEED = 7
EPOCHS = 18
BATCH = 128
PEAK_RATE = 0.1
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
HELD_OUT_SAMPLE = 400
EXAMPLE = 230  # a sneaker among the test images
# Each layer: a 3x3 convolution with that many channels, and whether a 2x2 max pool follows.
LAYERS = [(16, True), (32, True), (64, False), (64, True)]
CLASSES = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]


# glibc gives large buffers back to the system after each step and faults them in again: a quarter of the time.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3


def keep_memory() -> None:
    mallopt = ctypes.CDLL(None).mallopt
    for parameter, size in ((M_TRIM_THRESHOLD, 2**30), (M_TOP_PAD, 2**26), (M_MMAP_THRESHOLD, 2**25)):
        mallopt(parameter, size)


def load_package(name: str) -> dict[str, np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", name], cwd=folder, check=True, capture_output=True)
        package = next(Path(folder).glob("*.deb"))
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        data = Path(folder) / "usr/share/datasets/fashion-mnist"
        read = lambda file, skip: np.frombuffer(gzip.decompress((data / file).read_bytes())[skip:], np.uint8)
        return {
            f"{split}_{kind}": read(f"{split}-{kind}-idx{dims}-ubyte.gz", 4 + 4 * dims).reshape(shape)
            for split in ("train", "t10k")
            for kind, dims, shape in (("images", 3, (-1, 28, 28)), ("labels", 1, -1))
        }


def border_mask() -> np.ndarray:
    """Weights that average the outermost ring of pixels.

    Fashion-MNIST was made by negating product photos on white, and no training image's ring is brighter than half:
    the exported graph negates pictures with a brighter one, so that it takes such photos as they are, too.
    """
    mask = np.ones((28, 28), np.float32)
    mask[1:-1, 1:-1] = 0
    return mask / mask.sum()


def init(rng: np.random.Generator) -> dict:
    params, width = {}, 1
    for i, (channels, _) in enumerate(LAYERS):
        params[f"w{i}"] = rng.normal(0, np.sqrt(2 / (9 * width)), (3, 3, width, channels))
        params[f"gain{i}"], params[f"shift{i}"] = np.ones(channels), np.zeros(channels)
        width = channels
    params["dense"], params["bias"] = rng.normal(0, 0.01, (3 * 3 * width, 10)), np.zeros(10)
    return {name: jnp.asarray(value, jnp.float32) for name, value in params.items()}


def forward(params: dict, x, running=None):
    """Logits, and the mean and variance with which each layer was normalised: the batch's unless given."""
    stats = []
    for i, (_, pooled) in enumerate(LAYERS):
        x = jax.lax.conv_general_dilated(x, params[f"w{i}"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        mean, variance = running[i] if running else (x.mean((0, 1, 2)), x.var((0, 1, 2)))
        stats.append((mean, variance))
        x = jax.nn.relu((x - mean) * jax.lax.rsqrt(variance + 1e-5) * params[f"gain{i}"] + params[f"shift{i}"])
        if pooled:
            n, side, channels = x.shape[0], x.shape[1] // 2, x.shape[3]
            # A reshape pools faster than reduce_window, whose gradient is slow on CPUs.
            x = x[:, : 2 * side, : 2 * side].reshape(n, side, 2, side, 2, channels).max((2, 4))
    return x.reshape(x.shape[0], -1) @ params["dense"] + params["bias"], stats


def loss(params, x, y):
    logits, stats = forward(params, x)
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean(), stats


@jax.jit
def step(params, velocity, running, x, y, rate):
    (value, stats), gradient = jax.value_and_grad(loss, has_aux=True)(params, x, y)
    decayed = lambda name: WEIGHT_DECAY if name.startswith("w") or name == "dense" else 0.0
    velocity = {k: MOMENTUM * velocity[k] + gradient[k] + decayed(k) * params[k] for k in params}
    params = {k: params[k] - rate * velocity[k] for k in params}
    running = jax.tree.map(lambda old, new: 0.98 * old + 0.02 * new, running, stats)
    return params, velocity, running, value


def augment(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirrors half of the images, moves each by up to two pixels, and makes half of them resemble casual photos.

    The data set's items fill the frame on a perfectly even background. Photos have margins (down to three quarters of
    the size) and backgrounds that are not quite white (up to a fifth of the range).
    """
    margin = 8
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    draw = lambda: rng.random((len(images), 1, 1), np.float32)
    size = np.where(draw() < 0.5, 1 - 0.25 * draw(), 1)
    centred = np.arange(28) - 13.5

    def positions(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moved = pixels / size + 13.5 + margin + rng.integers(-2, 3, (len(images), 1, 1))
        moved = np.clip(moved, 0, 27 + 2 * margin - 1e-3)
        return moved.astype(int), (moved % 1).astype(np.float32)

    row, down = positions(centred[None, :, None])
    column, right = positions(centred[None, None, :] * np.where(draw() < 0.5, -1, 1))
    n = np.arange(len(images))[:, None, None]
    upper = padded[n, row, column] * (1 - right) + padded[n, row, column + 1] * right
    lower = padded[n, row + 1, column] * (1 - right) + padded[n, row + 1, column + 1] * right
    haze = np.where(draw() < 0.5, 0.2 * draw(), 0)
    return haze * 255 + (1 - haze) * (upper * (1 - down) + lower * down)


def as_tensor(images: np.ndarray) -> np.ndarray:
    return images[..., None].astype(np.float32) / 255


def train(images: np.ndarray, labels: np.ndarray):
    rng = np.random.default_rng(SEED)
    params = init(rng)
    velocity = jax.tree.map(jnp.zeros_like, params)
    running = [(jnp.zeros(channels), jnp.ones(channels)) for channels, _ in LAYERS]
    steps_per_epoch = len(images) // BATCH
    total = EPOCHS * steps_per_epoch
    for epoch in range(EPOCHS):
        order, began, losses = rng.permutation(len(images)), time.monotonic(), []
        for i in range(steps_per_epoch):
            chosen = order[i * BATCH : (i + 1) * BATCH]
            progress = (epoch * steps_per_epoch + i) / total
            rate = PEAK_RATE * min(progress / 0.1, (1 - progress) / 0.9)
            x, y = as_tensor(augment(images[chosen], rng)), labels[chosen].astype(np.int32)
            params, velocity, running, value = step(params, velocity, running, x, y, rate)
            losses.append(value)
        print(f"epoch {epoch + 1}/{EPOCHS}: loss {np.mean(losses):.4f}, {time.monotonic() - began:.0f} s", flush=True)
    return params, running


def fold(params: dict, running: list) -> list[tuple[np.ndarray, np.ndarray]]:
    """Batch normalisation folded into each convolution: its weights (OIHW) and biases."""
    folded = []
    for i, (mean, variance) in enumerate(running):
        scale = params[f"gain{i}"] / jnp.sqrt(variance + 1e-5)
        folded.append((np.transpose(params[f"w{i}"] * scale, (3, 2, 0, 1)), np.asarray(params[f"shift{i}"] - mean * scale)))
    return folded


def export(params: dict, running: list) -> onnx.ModelProto:
    nodes, weights = [], []

    def constant(name: str, value) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(op: str, inputs: list[str], output: str, **attributes) -> str:
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    border = add("Conv", ["image", constant("border_mask", border_mask()[None, None])], "border_brightness")
    light = add("Greater", [border, constant("half", np.float32(0.5))], "light_background")
    light = add("Cast", [light], "light_background_number", to=TensorProto.FLOAT)
    x = add("Abs", [add("Sub", [light, "image"], "negated")], "light_on_dark")
    for i, (weight, bias) in enumerate(fold(params, running)):
        inputs = [x, constant(f"conv{i}_weight", weight), constant(f"conv{i}_bias", bias)]
        x = add("Relu", [add("Conv", inputs, f"conv{i}", pads=[1, 1, 1, 1])], f"relu{i}")
        if LAYERS[i][1]:
            x = add("MaxPool", [x], f"pool{i}", kernel_shape=[2, 2], strides=[2, 2])
    channels = LAYERS[-1][0]
    # The trainer flattens height, width, channel; ONNX flattens channel, height, width.
    dense = np.transpose(np.asarray(params["dense"]).reshape(3, 3, channels, 10), (2, 0, 1, 3)).reshape(-1, 10)
    x = add("Flatten", [x], "flat")
    x = add("Gemm", [x, constant("dense_weight", dense), constant("dense_bias", np.asarray(params["bias"]))], "logits")
    add("Softmax", [x], "probabilities", axis=1)
    graph = helper.make_graph(
        nodes,
        "fashion",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def as_casual_photos(images: np.ndarray) -> np.ndarray:
    """Each item on a background that is not quite white, with a margin of a tenth of the picture on every side."""
    photos = []
    for image in images:
        photo = Image.new("L", (350, 350), 240)
        item = Image.fromarray(np.round((255 - image) * (240 / 255)).astype(np.uint8))
        photo.paste(item.resize((280, 280), Image.Resampling.BICUBIC), (35, 35))
        photos.append(np.asarray(photo.resize((28, 28), Image.Resampling.BICUBIC)))
    return np.stack(photos)


def linear_baseline(data: dict[str, np.ndarray]) -> float:
    """Test accuracy of least squares on the pixels, the simplest model that learns anything here."""
    train_pixels, test_pixels = (
        np.hstack([data[f"{split}_images"].reshape(-1, 784) / 255, np.ones((len(data[f"{split}_images"]), 1))])
        for split in ("train", "t10k")
    )
    gram = train_pixels.T @ train_pixels + np.eye(785)
    weights = np.linalg.solve(gram, train_pixels.T @ np.eye(10)[data["train_labels"]])
    return float(((test_pixels @ weights).argmax(1) == data["t10k_labels"]).mean())


def main() -> None:
    keep_memory()
    data = load_package("dataset-fashion-mnist")
    test_images, test_labels = data["t10k_images"], data["t10k_labels"]
    params, running = train(data["train_images"], data["train_labels"])

    file = MODEL_DIR / "1" / "model.onnx"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(export(params, running).SerializeToString())
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    predict = lambda images: session.run(["probabilities"], {"image": as_tensor(images).transpose(0, 3, 1, 2)})[0]

    probabilities = predict(test_images)
    trained = jax.nn.softmax(forward(params, as_tensor(test_images[:1000]), running)[0])
    np.testing.assert_allclose(probabilities[:1000], trained, atol=1e-5)
    correct = probabilities.argmax(1) == test_labels
    negated = predict(255 - test_images).argmax(1) == test_labels
    casual = predict(as_casual_photos(test_images)).argmax(1) == test_labels

    chosen = np.sort(np.random.default_rng(SEED).choice(len(test_images), HELD_OUT_SAMPLE, replace=False))
    Image.fromarray(test_images[chosen].reshape(-1, 28)).save(MODEL_DIR / "heldout.png", optimize=True)
    held_out = {
        "metric": "accuracy",
        "value": round(float(correct.mean()), 4),
        "sample": {"value": round(float(correct[chosen].mean()), 4)},
        "labels": test_labels[chosen].tolist(),
    }
    (MODEL_DIR / "heldout.json").write_text(json.dumps(held_out) + "\n")

    photo = Image.fromarray(255 - test_images[EXAMPLE]).resize((224, 224), Image.Resampling.BICUBIC)
    photo.save(MODEL_DIR / "example.png", optimize=True)

    print(f"accuracy on the {len(test_images)} test images: {correct.mean():.4f}, negated: {negated.mean():.4f}")
    print(f"as casual photos: {casual.mean():.4f}")
    print(f"linear model: {linear_baseline(data):.4f}")
    for i, name in enumerate(CLASSES):
        print(f"  {name}: {correct[test_labels == i].mean():.3f}")
    print(f"{file.stat().st_size} bytes, sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
