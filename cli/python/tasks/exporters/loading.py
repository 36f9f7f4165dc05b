"""Finds and opens what a user names: a script's function, or a saved model of one of the frameworks."""
import importlib
import importlib.util
import os
import random
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import headroom_task
from exporters.request import Loaded

# By the package that a model's class, or one of its bases, comes from; wrappers of other packages go before scikit-learn.
EXPORTERS = {
    "lightgbm": "lightgbm_model",
    "xgboost": "xgboost_model",
    "sklearn": "sklearn_model",
    # Keras on PyTorch is Keras.
    "keras": "keras_model",
    "tensorflow": "keras_model",
    "torch": "torch_module",
}
# What a package is called where it is installed from.
DISTRIBUTIONS = {"sklearn": "scikit-learn"}
SEED = 0
# How pickles of protocol 2 and later begin, and what joblib compresses them to: zlib, gzip, bz2, xz, lzma, lz4.
PICKLE_BEGINNINGS = (b"\x80", b"\x78", b"\x1f\x8b", b"BZ", b"\xfd7zXZ", b"\x5d\x00", b"\x04\x22\x4d\x18")
# The instruction that ends a pickle of any protocol; older ones may begin with any.
PICKLE_END = b"."


def is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
        return True
    except metadata.PackageNotFoundError:
        return False


def to_install(distributions: list[str], why: str) -> str:
    names = " ".join(distributions)
    verb = "is" if len(distributions) == 1 else "are"
    return f"{why} {names}, which {verb} not installed: {sys.executable} -m pip install {names}"


def load(source: str) -> Loaded:
    return opener_of(source)()


def absent(error: ModuleNotFoundError, source: str) -> headroom_task.Unsuitable:
    package = (error.name or "").partition(".")[0]
    return headroom_task.Unsuitable(to_install([DISTRIBUTIONS.get(package, package)], f"{source} needs"))


def opener_of(source: str):
    script, colon, function = source.rpartition(":")
    if colon and script.endswith(".py"):
        return lambda: from_script(Path(script), function)
    path = Path(source)
    if path.suffix == ".txt":
        return lambda: exporter("lightgbm_model").open_file(path)
    if path.suffix in (".json", ".ubj"):
        return lambda: exporter("xgboost_model").open_file(path)
    if path.suffix in (".pt", ".pth", ".pt2"):
        return lambda: exporter("torch_module").open_file(path)
    if path.is_dir() and not (path / "saved_model.pb").exists():
        raise headroom_task.Unsuitable(f"{path} is a folder without a saved_model.pb, expected a SavedModel of TensorFlow")
    if path.suffix in (".keras", ".h5") or path.is_dir():
        return lambda: exporter("keras_model").open_file(path)
    return lambda: from_pickle(path)


def exporter(name: str) -> ModuleType:
    return importlib.import_module(f"exporters.{name}")


def exporter_of(model: object) -> ModuleType:
    packages = [cls.__module__.partition(".")[0] for cls in type(model).__mro__]
    for package, name in EXPORTERS.items():
        if package in packages:
            return exporter(name)
    raise headroom_task.Unsuitable(
        f"found an object of {type(model).__module__}.{type(model).__qualname__}, expected a model of scikit-learn, "
        "LightGBM, XGBoost, PyTorch or TensorFlow"
    )


def from_pickle(path: Path) -> Loaded:
    if not may_be_pickle(path):
        raise headroom_task.Unsuitable(f"{path} is no joblib or pickle file, expected a saved model")
    # A pickle finds the classes of a project beside itself.
    sys.path.insert(1, str(path.resolve().parent))
    try:
        return Loaded(unpickled(path))
    except ModuleNotFoundError:
        raise
    except Exception as error:  # What is damaged, or of another version, fails in any way.
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise headroom_task.Unsuitable(f"{path} cannot be loaded as a joblib or pickle file: {reason}") from error


def may_be_pickle(path: Path) -> bool:
    """Text that is read as instructions of a pickle may name any module, which would then be told as missing."""
    with path.open("rb") as file:
        beginning = file.read(8)
        file.seek(max(0, path.stat().st_size - 1))
        return beginning.startswith(PICKLE_BEGINNINGS) or file.read() == PICKLE_END


def unpickled(path: Path) -> object:
    if is_installed("joblib"):
        import joblib

        return joblib.load(path)
    import pickle

    with path.open("rb") as file:
        return pickle.load(file)


def from_script(path: Path, function: str) -> Loaded:
    """The function returns a model, or a model and an example of its inputs."""
    sys.path.insert(1, str(path.resolve().parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    folder = os.getcwd()
    spec.loader.exec_module(module)
    build = getattr(module, function, None)
    if not callable(build):
        raise headroom_task.Unsuitable(f"{path} has no function '{function}' that builds the model")
    seed()
    built = build()
    os.chdir(folder)
    return Loaded(*built) if isinstance(built, tuple) and len(built) == 2 else Loaded(built)


def seed() -> None:
    """A function is called for the export and again for the answers: what it draws has to be the same."""
    random.seed(SEED)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(SEED)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(SEED)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(SEED)
