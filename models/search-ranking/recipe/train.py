"""Trains the search ranker on Debian's package index and exports it to ONNX.

    python models/search-ranking/recipe/train.py      (from the repository root, on Debian)

Documents are packages; queries are the names and meanings of debtags; people's tagging
of the packages says what is relevant. The ranker re-orders the 100 best hits of BM25.
Tags give labels and queries only: no feature is computed from a package's tags.
"""

import hashlib
import itertools
import json
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import lightgbm
import numpy as np
import onnx
import onnxruntime
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from scipy import sparse

SEED = 2024
HELD_OUT_SHARE = 0.25
CANDIDATES = 100
TOP = 10
SAMPLE_QUERIES = 25
SAMPLE_ROWS_PER_QUERY = 20
MIN_PACKAGES = 5
BM25_K1, BM25_B = 1.2, 0.75
ROUNDS = 200
OPSET = 15
FIELDS = ("Name", "Synopsis", "Description")
# Facets that say what software is about; the others tell how it is built or by whom.
TOPIC_FACETS = {
    "accessibility", "admin", "biology", "field", "game", "hardware", "mail", "network", "office", "privacy",
    "protocol", "science", "security", "sound", "use", "web", "works-with", "works-with-format",
}
PAIRED_FACETS = ("use", "works-with", "works-with-format", "protocol", "field")
STOP_WORDS = set("a an and as at by for from in is it of on or other that the this to via with".split())
# In the order of model.yaml: a category is fed to the model as its place in the list.
SECTIONS = """
    admin cli-mono comm database debug devel doc editors education electronics embedded fonts games
    gnome gnu-r gnustep golang graphics hamradio haskell httpd interpreters introspection java
    javascript kde kernel libdevel libs lisp localization mail math metapackages misc net news ocaml
    oldlibs otherosfs perl php python ruby rust science shells sound tasks tex text utils vcs video web
    x11 xfce zope
""".split()
PRIORITIES = ["required", "important", "standard", "optional", "extra"]
MODEL_DIR = Path(__file__).resolve().parent.parent


# --- data -----------------------------------------------------------------------------------


def fetch(folder):
    """Returns (packages, their long descriptions, the tag vocabulary) as texts in Debian's control format."""
    lists = Path(folder) / "lists"
    (lists / "partial").mkdir(parents=True)
    # An index of its own: the system's may lack the translations that hold the long descriptions.
    options = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={folder}", "-o", "Acquire::Languages=en",
               "-o", "APT::Sandbox::User=root"]

    def run(*command):
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout

    run("apt-get", *options, "update")
    packages = run("apt-cache", *options, "dumpavail")
    translations = "".join(run("/usr/lib/apt/apt-helper", "cat-file", path)
                           for path in sorted(lists.glob("*Translation-en*")))
    run("apt-get", *options, "download", "debtags")
    run("dpkg-deb", "-x", next(Path(folder).glob("debtags_*.deb")).name, "debtags")
    vocabulary = (Path(folder) / "debtags/usr/share/debtags/vocabulary").read_text("utf-8")
    return packages, translations, vocabulary


def paragraphs(text):
    """Yields the fields of each paragraph; a field's continuation lines are kept, joined by line feeds."""
    for paragraph in text.split("\n\n"):
        fields = {}
        for match in re.finditer(r"^([A-Za-z0-9-]+):((?:.*(?:\n[ \t].*)*))", paragraph, re.MULTILINE):
            fields[match[1]] = match[2].strip()
        if fields:
            yield fields


def terms(text):
    """Lower-case words without stop words, cut to a crude stem, so that "viewing" finds "viewer"."""
    words = re.findall(r"[a-z0-9+#]+", text.lower())
    return [re.sub(r"(?<=...)(?:ings?|ers?|ed|es|s|e)$", "", word) for word in words if word not in STOP_WORDS]


def load_packages(packages, translations):
    """Returns the packages whose topic somebody tagged, sorted by name, and how many others need each package.

    A package without a topic tag was not judged; taken as irrelevant it would teach who gets tags, not what fits.
    """
    long_text = {p["Description-md5"]: p["Description-en"].partition("\n")[2]
                 for p in paragraphs(translations) if "Description-en" in p}
    documents, needed_by = {}, Counter()
    for p in paragraphs(packages):
        needs = f"{p.get('Depends', '')},{p.get('Recommends', '')}"
        needed_by.update({name for name in re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]*)", needs)})
        tags = set(re.split(r",\s*", p.get("Tag", "")))
        if any(tag.partition("::")[0] in TOPIC_FACETS for tag in tags):
            documents[p["Package"]] = {
                "name": p["Package"],
                "synopsis": p.get("Description", "").partition("\n")[0],
                "description": long_text.get(p.get("Description-md5"), ""),
                "section": p.get("Section", "").rpartition("/")[2],
                "priority": p.get("Priority", "optional"),
                "sizeKib": int(p.get("Installed-Size", "0")),
                "homepage": "Homepage" in p,
                "tags": tags,
            }
    return [documents[name] for name in sorted(documents)], needed_by


def make_queries(vocabulary, documents):
    """Returns [(text, tags)]: each tag's name and meaning, and pairs of tags that packages share."""
    count = Counter(tag for d in documents for tag in d["tags"])
    meaning = {p["Tag"]: p["Description"].partition("\n")[0] for p in paragraphs(vocabulary) if "Tag" in p}
    topic = [t for t in sorted(meaning) if t.partition("::")[0] in TOPIC_FACETS and count[t] >= MIN_PACKAGES
             and not t.endswith("::TODO")]
    words = {t: t.partition("::")[2].replace("-", " ").replace(":", " ") for t in topic}
    queries = [(text, (t,)) for t in topic for text in (words[t], meaning[t])]
    paired = [t for t in topic if t.partition("::")[0] in PAIRED_FACETS]
    shared = Counter(pair for d in documents for pair in itertools.combinations(sorted(d["tags"] & set(paired)), 2))
    queries += [(f"{words[a]} {words[b]}", (a, b)) for (a, b), n in sorted(shared.items())
                if n >= MIN_PACKAGES and a.partition("::")[0] != b.partition("::")[0]]
    unique = {}
    for text, tags in queries:
        unique.setdefault((frozenset(terms(text)), tags), (text.lower(), tags))
    return [query for query in unique.values() if terms(query[0])]


def relevance(document, tags):
    """0 none, 1 half of the pair, 2 all that was asked for, 3 all of it in a program one can run."""
    found = sum(tag in document["tags"] for tag in tags)
    if found < len(tags):
        return found
    return 3 if "role::program" in document["tags"] else 2


# --- features -------------------------------------------------------------------------------


class Index:
    """An inverted index with the BM25 weights of every term in every field."""

    def __init__(self, documents):
        self.terms = {
            "Name": [terms(d["name"]) for d in documents],
            "Synopsis": [terms(d["synopsis"]) for d in documents],
            "Description": [terms(d["description"]) for d in documents],
        }
        self.terms["All"] = [a + b + c for a, b, c in zip(*(self.terms[field] for field in FIELDS))]
        self.number = {t: i for i, t in enumerate(sorted({t for doc in self.terms["All"] for t in doc}))}
        self.length = {field: np.array([len(doc) for doc in docs]) for field, docs in self.terms.items()}
        self.bm25, self.holds = {}, {}
        for field, docs in self.terms.items():
            counts = self.count(docs)
            present = np.bincount(counts.col, minlength=len(self.number))
            idf = np.log1p((len(docs) - present + 0.5) / (present + 0.5))
            norm = BM25_K1 * (1 - BM25_B + BM25_B * self.length[field] / self.length[field].mean())
            weight = idf[counts.col] * counts.data * (BM25_K1 + 1) / (counts.data + norm[counts.row])
            self.bm25[field] = sparse.csc_array((weight, (counts.row, counts.col)), shape=counts.shape)
            self.holds[field] = sparse.csc_array((np.ones(counts.nnz), (counts.row, counts.col)), shape=counts.shape)
            if field == "All":
                self.idf = idf

    def count(self, docs):
        """Term counts as a sparse matrix [documents, terms]."""
        rows = np.repeat(np.arange(len(docs)), [len(doc) for doc in docs])
        columns = np.array([self.number[t] for doc in docs for t in doc])
        matrix = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(docs), len(self.number)))
        matrix.sum_duplicates()
        return matrix

    def score(self, field, query_terms, table=None):
        """Sum over the query's terms for every document."""
        columns = [self.number[t] for t in query_terms if t in self.number]
        return np.asarray((table or self.bm25)[field][:, columns].sum(axis=1)).ravel()


def contains_phrase(document_terms, query_terms):
    n = len(query_terms)
    return any(document_terms[i : i + n] == query_terms for i in range(len(document_terms) - n + 1))


def first_position(document_terms, query_terms):
    """Where in the synopsis the first query term stands; its length if none does."""
    return next((i for i, t in enumerate(document_terms) if t in query_terms), len(document_terms))


def features_of(query, documents, index, needed_by):
    """Returns (document numbers, one feature dictionary each) for the query's best BM25 hits."""
    query_terms = list(dict.fromkeys(terms(query)))
    scores = {field: index.score(field, query_terms) for field in (*FIELDS, "All")}
    coverage = {field: index.score(field, query_terms, index.holds) / len(query_terms) for field in FIELDS}
    best = np.argsort(-scores["All"], kind="stable")[:CANDIDATES]
    best = [int(i) for i in best if scores["All"][i] > 0]
    known = [index.idf[index.number[t]] for t in query_terms if t in index.number]
    rows = []
    for i in best:
        document, joined = documents[i], re.sub(r"[^a-z0-9]", "", documents[i]["name"])
        row = {"bm25": scores["All"][i]}
        row |= {f"bm25{field}": scores[field][i] for field in FIELDS}
        row |= {f"coverage{field}": coverage[field][i] for field in FIELDS}
        row |= {
            "exactName": index.terms["Name"][i] == query_terms,
            "namePrefix": any(joined.startswith(t) for t in query_terms),
            "phraseInSynopsis": contains_phrase(index.terms["Synopsis"][i], query_terms),
            "phraseInDescription": contains_phrase(index.terms["Description"][i], query_terms),
            "firstPosition": first_position(index.terms["Synopsis"][i], query_terms),
            "queryTerms": len(query_terms),
            "rarestTermIdf": max(known),
            "nameLength": len(document["name"]),
            "synopsisLength": index.length["Synopsis"][i],
            "descriptionLength": index.length["Description"][i],
            "section": document["section"],
            "sectionMatch": any(t in query_terms for t in terms(document["section"])),
            "priority": document["priority"],
            "sizeKib": document["sizeKib"],
            "neededBy": needed_by[document["name"]],
            "homepage": document["homepage"],
        }
        rows.append(row)
    return best, rows


def to_matrix(rows, categories):
    """One FP32 row per feature dictionary: categories by their place in the list, fractions to 3 decimals."""
    for row in rows:
        for name, value in row.items():
            if isinstance(value, (bool, np.bool_)):
                row[name] = bool(value)
            elif not isinstance(value, str):
                row[name] = round(float(value), 3) if isinstance(value, (float, np.floating)) else int(value)
    return np.array([[categories[n].index(v) if n in categories else v for n, v in row.items()] for row in rows],
                    np.float32)


# --- quality --------------------------------------------------------------------------------


def ndcg(scores, gains, groups):
    """NDCG@10 of each query; the ideal order is that of its candidates. Queries with no relevant hit count 0."""
    values = []
    for group in np.unique(groups):
        own = groups == group
        gain = gains[own]
        discount = 1 / np.log2(np.arange(2, min(TOP, len(gain)) + 2))
        ideal = np.sort(gain)[::-1][:TOP] @ discount
        order = np.argsort(-scores[own], kind="stable")[:TOP]
        values.append(gain[order] @ discount / ideal if ideal > 0 else 0.0)
    return np.array(values)


def round_thresholds_down(booster, ensemble):
    """LightGBM's thresholds are doubles; the nearest FP32 may lie above and let a value pass that should not."""
    thresholds = booster.trees_to_dataframe()["threshold"].dropna().to_numpy(float)
    rounded = thresholds.astype(np.float32)
    lower = {float(r): float(np.nextafter(r, np.float32(-np.inf))) for r, t in zip(rounded, thresholds) if r > t}
    attribute = {a.name: a for a in ensemble.attribute}
    modes, values = attribute["nodes_modes"].strings, attribute["nodes_values"].floats
    values[:] = [v if mode == b"LEAF" else lower.get(v, v) for mode, v in zip(modes, values)]


def export(booster, feature_count):
    """ONNX with features [batch, F] -> score [batch, 1]."""
    model = convert_lightgbm(booster, initial_types=[("features", FloatTensorType([None, feature_count]))],
                             target_opset=OPSET, zipmap=False)
    graph = model.graph
    round_thresholds_down(booster, graph.node[0])
    old = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["score" if name == old else name for name in node.output]
    graph.output[0].name = "score"
    for value, width in ((graph.input[0], feature_count), (graph.output[0], 1)):
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        shape.dim.add().dim_param = "batch"
        shape.dim.add().dim_value = width
    graph.name = "search-ranking"  # the converter's is random
    model.ir_version = 8
    # The converter declares the oldest opset that would do; the graph means the same in this one.
    model.opset_import[0].version = OPSET
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    with tempfile.TemporaryDirectory() as folder:
        packages, translations, vocabulary = fetch(folder)
    documents, needed_by = load_packages(packages, translations)
    queries = make_queries(vocabulary, documents)
    index = Index(documents)

    # Split by tag, so that no tag is in both parts; pairs across the parts are dropped.
    tags = sorted({tag for _, own in queries for tag in own})
    held_out_tags = set(np.random.default_rng(SEED).permutation(tags)[: int(len(tags) * HELD_OUT_SHARE)])
    parts = {"training": [], "held out": []}
    for text, own in queries:
        inside = sum(tag in held_out_tags for tag in own)
        if inside in (0, len(own)):
            parts["held out" if inside else "training"].append((text, own))

    categories = {"section": SECTIONS, "priority": PRIORITIES}
    data = {}
    for part, part_queries in parts.items():
        rows, grades, groups, hits = [], [], [], []
        for number, (text, own) in enumerate(part_queries):
            best, found = features_of(text, documents, index, needed_by)
            own_grades = [relevance(documents[i], own) for i in best]
            if any(own_grades):  # a query without a relevant hit teaches and measures nothing
                rows += found
                grades += own_grades
                groups += [number] * len(best)
        data[part] = rows, to_matrix(rows, categories), np.array(grades), np.array(groups)

    feature_names = list(data["training"][0][0])
    _, x, y, groups = data["training"]
    ranker = lightgbm.LGBMRanker(
        n_estimators=ROUNDS, learning_rate=0.04, num_leaves=15, min_child_samples=60, reg_lambda=5.0,
        subsample=0.8, subsample_freq=1, colsample_bytree=0.7, lambdarank_truncation_level=20,
        random_state=SEED, n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1,
    )
    ranker.fit(x, y, group=np.unique(groups, return_counts=True)[1], feature_name=feature_names)

    model_path = MODEL_DIR / "1" / "model.onnx"
    model_path.parent.mkdir(exist_ok=True)
    onnx.save(export(ranker.booster_, len(feature_names)), model_path)
    session = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])

    rows, x, y, groups = data["held out"]
    scores = session.run(["score"], {"features": x})[0].ravel()
    difference = float(np.abs(scores - ranker.predict(x)).max())
    assert difference < 1e-5, difference

    gains = 2.0**y - 1
    columns = dict(zip(feature_names, x.T.astype(float)))
    quality = ndcg(scores, gains, groups)
    baselines = {"BM25": columns["bm25"], "BM25 summed over the fields": sum(columns[f"bm25{field}"] for field in FIELDS)}
    print(f"{len(documents)} packages")
    for part, (_, _, part_y, part_groups) in data.items():
        print(f"{part}: {len(parts[part])} queries, {len(np.unique(part_groups))} with a relevant hit, {len(part_y)} rows")
    print(f"NDCG@{TOP}: {quality.mean():.4f}")
    reported = {name: ndcg(values, gains, groups) for name, values in baselines.items()}
    draws = np.random.default_rng(SEED).integers(0, len(quality), (2000, len(quality)))
    for name, values in reported.items():
        low, high = np.percentile((quality - values)[draws].mean(axis=1), [2.5, 97.5])
        print(f"  {name}: {values.mean():.4f} (gain {low:.4f} to {high:.4f})")
    topical = np.minimum(y, 2) / 2
    print(f"NDCG@{TOP} for the topic alone (a library counts like a program): {ndcg(scores, topical, groups).mean():.4f}, "
          + ", ".join(f"{name} {ndcg(values, topical, groups).mean():.4f}" for name, values in baselines.items()))
    baseline = max(values.mean() for values in reported.values())
    assert quality.mean() > baseline

    rng = np.random.default_rng(SEED)
    sample = []
    for group in np.sort(rng.choice(np.unique(groups), SAMPLE_QUERIES, replace=False)):
        sample += sorted(rng.choice(np.flatnonzero(groups == group), SAMPLE_ROWS_PER_QUERY, replace=False).tolist())
    report = {
        "metric": f"ndcg@{TOP}",
        "value": round(float(quality.mean()), 4),
        "sample": {"value": round(float(ndcg(scores[sample], gains[sample], groups[sample]).mean()), 4)},
        "baseline": round(float(baseline), 4),
        "rows": [rows[i] for i in sample],
        "labels": [int(y[i]) for i in sample],
        "groups": [int(groups[i]) for i in sample],
    }
    (MODEL_DIR / "heldout.json").write_text(json.dumps(report, separators=(",", ":")) + "\n")
    importance = sorted(zip(ranker.booster_.feature_importance("gain"), feature_names), reverse=True)
    print("most used features:", ", ".join(name for _, name in importance[:8]))
    print(f"largest difference between ONNX Runtime and the trainer: {difference:.1e}")
    print(f"sha256 {hashlib.sha256(model_path.read_bytes()).hexdigest()}  {model_path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
