"""Applies deploy/kubernetes to a Kubernetes API server of its own, as docs/kubernetes.md says.

    tools/cluster.py KUBE-APISERVER CRDS.yaml…

It needs etcd and kubectl on PATH, and a hotcell in build. The files define the kinds that
components add: ServiceMonitor, ScaledObject, HTTPRoute. There is no node and no controller, so
no pod starts; whether Pod Security admits the pods is asked of the server.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{{name: it, cluster: {{server: "https://127.0.0.1:{port}", certificate-authority: tls.crt}}}}]
users: [{{name: admin, user: {{token: {token}}}}}]
contexts: [{{name: it, context: {{cluster: it, user: admin}}}}]
current-context: it
"""
CERTIFICATE = """openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 1
  -subj /CN=it -addext subjectAltName=IP:127.0.0.1"""
ETCD = """etcd --data-dir store --listen-peer-urls http://127.0.0.1:{peer}
  --listen-client-urls http://127.0.0.1:{store} --advertise-client-urls http://127.0.0.1:{store}"""
APISERVER = """ --etcd-servers http://127.0.0.1:{store} --bind-address 127.0.0.1 --secure-port {port}
  --tls-cert-file tls.crt --tls-private-key-file tls.key --token-auth-file tokens.csv
  --service-account-issuer https://it --service-account-key-file tls.key --service-account-signing-key-file tls.key
  --service-cluster-ip-range 10.96.0.0/16 --authorization-mode RBAC --allow-privileged"""


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        port: int = it.getsockname()[1]
        return port


def serve(apiserver: str, work: Path) -> list[subprocess.Popen[bytes]]:
    """Starts etcd and the API server. Their certificate, key and token are for this run only."""
    port, store, peer, token = free_port(), free_port(), free_port(), secrets.token_hex(16)
    subprocess.run(CERTIFICATE.split(), cwd=work, check=True, capture_output=True)
    (work / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n")
    (work / "kubeconfig").write_text(KUBECONFIG.format(port=port, token=token))
    started = []
    for line in ETCD.format(store=store, peer=peer), apiserver + APISERVER.format(store=store, port=port):
        with (work / "log").open("ab") as log:
            started.append(subprocess.Popen(line.split(), cwd=work, stdout=log, stderr=log))
    return started


def kubectl(*words: str, given: str | None = None) -> str:
    """Runs kubectl. A warning, such as one of Pod Security, is an error, too."""
    done = subprocess.run(["kubectl", *words], input=given, text=True, capture_output=True)
    said = "\n".join(line for line in done.stderr.splitlines() if "version difference" not in line)
    if done.returncode or said:
        raise SystemExit(f"kubectl {' '.join(words)}: exit status {done.returncode}\n{done.stdout}{said}")
    return done.stdout


def pods(overlay: str) -> list[dict[str, Any]]:
    """A pod of each template that an overlay has."""
    found = []
    for made in json.loads(kubectl("apply", "-k", overlay, "--dry-run=client", "-o", "json"))["items"]:
        template = made.get("spec", {}).get("template")
        if template is None:
            continue
        spec, claims = template["spec"], made["spec"].get("volumeClaimTemplates", [])
        volumes = [{"name": it["metadata"]["name"], "persistentVolumeClaim": {"claimName": "it"}} for it in claims]
        spec.setdefault("volumes", []).extend(volumes)
        metadata = {"name": made["metadata"]["name"], "namespace": made["metadata"]["namespace"]}
        metadata["labels"] = template["metadata"]["labels"]
        found.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    return found


def apply(overlay: str) -> None:
    kubectl("apply", "--validate=strict", "-k", overlay)
    kubectl("diff", "-k", overlay)  # fails if the server keeps something else than it was given
    made = pods(overlay)
    for pod in made:
        # A controller makes it in each namespace; there is none.
        account = {"name": "default", "namespace": pod["metadata"]["namespace"]}
        given = json.dumps({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
        kubectl("apply", "-f", "-", given=given)
        kubectl("create", "--dry-run=server", "-f", "-", given=json.dumps(pod))
    print(f"{overlay}: applied; pods are admitted: {len(made)}", flush=True)


def page(work: Path) -> None:
    """Runs the commands of docs/kubernetes.md, but for those that wait for a pod."""
    block = (HERE / "docs/kubernetes.md").read_text().split("```sh\n")[1].split("```")[0]
    block = re.sub(r"kubectl .*(rollout status|port-forward) .*\n", "", block)
    environ = os.environ | {"PATH": f"{HERE / 'build'}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=work, env=environ, check=True)
    print("docs/kubernetes.md: its commands are run", flush=True)


def run(work: Path, apiserver: str, crds: list[str]) -> None:
    kubernetes = work / "deploy/kubernetes"
    shutil.copytree(HERE / "deploy/kubernetes", kubernetes)
    os.environ["KUBECONFIG"] = str(work / "kubeconfig")
    while subprocess.run(["kubectl", "get", "--raw", "/readyz"], capture_output=True).returncode:
        time.sleep(0.5)
    print(f"{apiserver}: {json.loads(kubectl('get', '--raw', '/version'))['gitVersion']}", flush=True)
    for crd in crds:
        kubectl("apply", "--server-side", "-f", crd)
    names = {name for crd in crds for name in re.findall(r"^  name: (\S+\.\S+)$", Path(crd).read_text(), re.M)}
    for name in names:
        kubectl("wait", "--for", "condition=established", f"crd/{name}")
    page(work)
    overlays = ["base", "node", "overlays/example", "overlays/example/node", "overlays/fleet"]
    for component in sorted(it.name for it in (kubernetes / "components").iterdir()):
        own = kubernetes / "with" / component
        own.mkdir(parents=True)
        text = f"resources: [../../base]\ncomponents: [../../components/{component}]\n"
        (own / "kustomization.yaml").write_text(text)
        overlays.append(f"with/{component}")
    os.chdir(kubernetes)
    for overlay in overlays:
        apply(overlay)
    kubectl("delete", "-k", "overlays/fleet", "--wait=false")
    kubectl("delete", "-k", "node", "--wait=false")
    print("deleted", flush=True)


def main() -> None:
    apiserver, crds = str(Path(sys.argv[1]).resolve()), [str(Path(name).resolve()) for name in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as name:
        servers = serve(apiserver, Path(name))
        try:
            run(Path(name), apiserver, crds)
        finally:
            for server in reversed(servers):
                server.terminate()
                server.wait()


if __name__ == "__main__":
    main()
