"""What kubeadm prints and leaves behind, in its own words (1.31)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.kube.kubeadm_standins.calls import Call, files, said

if TYPE_CHECKING:
    from tests.kube.kubeadm_standins.control import Control

ADMIN: Final = "/etc/kubernetes/admin.conf"
MANIFEST: Final = "/etc/kubernetes/manifests/kube-apiserver.yaml"
KUBELET: Final = "systemctl restart kubelet.service\n"

_TRACE: Final = "To see the stack trace of this error execute with --v=5 or higher"


def _failed(lines: list[str], code: int) -> str:
    return said("\n".join([*lines, _TRACE]), code)


PREFLIGHT_FAILED: Final = _failed(
    [
        "[preflight] Running pre-flight checks",
        "[preflight] Some fatal errors occurred:",
        "\t[ERROR NumCPU]: the number of available CPUs 1 is less than the required 2",
        "\t[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: /proc/sys/net/ipv4/ip_forward "
        "contents are not set to 1",
        "[preflight] If you know what you are doing, you can make a check non-fatal with "
        "`--ignore-preflight-errors=...`",
        "error: error execution phase preflight: preflight checks failed",
    ],
    2,
)
KUBELET_UNHEALTHY: Final = _failed(
    [
        "[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. "
        "This can take up to 4m0s",
        "[kubelet-check] The kubelet is not healthy after 4m0.000546s",
        "Unfortunately, an error has occurred:",
        "\tThe HTTP call equal to 'curl -sSL http://127.0.0.1:10248/healthz' returned error: "
        "context deadline exceeded",
        "error: error execution phase wait-control-plane: could not initialize a Kubernetes "
        "cluster",
    ],
    1,
)
HANGS: Final = "echo '[kubelet-check] Waiting for a healthy kubelet'\nsleep 1000\n"
REFUSED: Final = _failed(
    [
        "[preflight] Running pre-flight checks",
        "error: error execution phase preflight: couldn't validate the identity of the API "
        "Server: failed to request the cluster-info ConfigMap: Get "
        '"https://127.0.0.1:6443/api/v1/namespaces/kube-public/configmaps/cluster-info": '
        "dial tcp 127.0.0.1:6443: connect: connection refused",
    ],
    1,
)
_NO_CERTIFICATES: Final = _failed(
    [
        '[download-certs] Downloading the certificates in Secret "kubeadm-certs" in the '
        '"kube-system" Namespace',
        "error: error execution phase control-plane-prepare/download-certs: error downloading "
        'certs: error downloading the secret: Secret "kubeadm-certs" was not found in the '
        '"kube-system" Namespace. This Secret might have expired. Please, run `kubeadm init '
        "phase upload-certs --upload-certs` on a control plane to generate a new one",
    ],
    1,
)


def answer(control: Control, call: Call) -> str:
    """A script, or nothing for a call that the real one would refuse too."""
    known: dict[tuple[str, ...], Callable[[], str]] = {
        ("config", "images", "list"): lambda: said("\n".join(needed_images(call))),
        ("init", "phase", "upload-certs"): lambda: _upload(control, call),
        ("init", "--config"): lambda: _init(control, call),
        ("join", "--config"): lambda: _join(control, call),
        ("token", "create"): lambda: _token(control),
        ("token", "delete"): lambda: _token_gone(control, call),
        ("certs", "certificate-key"): lambda: _key(control),
        ("certs", "renew", "admin.conf"): lambda: files({ADMIN: control.admin()}),
        ("reset", "--force"): lambda: _reset(control, call),
    }
    for beginning, script in known.items():
        if call.arguments[: len(beginning)] == beginning:
            return script()
    return ""


def needed_images(call: Call) -> list[str]:
    """Of the version and the repository that are asked for."""
    version = call.after("--kubernetes-version")
    names = [f"kube-{part}:{version}" for part in ("apiserver", "controller-manager", "scheduler")]
    names += [f"kube-proxy:{version}", "coredns/coredns:v1.11.3", "pause:3.10", "etcd:3.5.15-0"]
    return [f"{call.after('--image-repository')}/{name}" for name in names]


def _documents(call: Call) -> dict[str, Any]:
    """Of the configuration file, by their kind; of the version that 1.31 prefers."""
    found = {one["kind"]: one for one in yaml.safe_load_all(call.file.decode())}
    for kind in ("InitConfiguration", "ClusterConfiguration", "JoinConfiguration"):
        assert found.get(kind, {}).get("apiVersion", "kubeadm.k8s.io/v1beta4").endswith("v1beta4")
    return found


def _init(control: Control, call: Call) -> str:
    if any(member.host == call.host for member in control.members.values()):
        return said("\t[ERROR Port-6443]: Port 6443 is in use", 2)
    given = _documents(call)
    name = given["InitConfiguration"]["nodeRegistration"]["name"]
    control.settings = given["ClusterConfiguration"]
    control.ca_hash = f"sha256:{secrets.token_hex(32)}"
    control.join(name, call.host, "control_plane")
    hint = "" if "--skip-token-print" in call.arguments else f"--token {control.new_token()}"
    left = {ADMIN: control.admin(), MANIFEST: "kind: Pod", **_of_a_node(control)}
    return (
        files(left)
        + KUBELET
        + said(f"Your Kubernetes control-plane has initialized successfully!\n{hint}")
    )


def _of_a_node(control: Control) -> dict[str, str]:
    return {
        "/etc/kubernetes/kubelet.conf": "kind: Config",
        "/etc/kubernetes/pki/ca.crt": control.ca_hash,
        "/var/lib/kubelet/config.yaml": "kind: KubeletConfiguration",
        "/var/lib/kubelet/kubeadm-flags.env": "KUBELET_KUBEADM_ARGS=",
    }


def _upload(control: Control, call: Call) -> str:
    control.certificate_key = _documents(call)["InitConfiguration"]["certificateKey"]
    shown = "" if "--skip-certificate-key-print" in call.arguments else control.certificate_key
    where = 'in Secret "kubeadm-certs" in the "kube-system" Namespace'
    return said(f"[upload-certs] Storing the certificates {where}\n{shown}")


def _key(control: Control) -> str:
    key = secrets.token_hex(32)
    control.handed_out.append(key)
    return said(key)


def _token(control: Control) -> str:
    endpoint = control.settings["controlPlaneEndpoint"] or control.api.server[len("https://") :]
    hashed = f"--discovery-token-ca-cert-hash {control.ca_hash}"
    return said(f"kubeadm join {endpoint} --token {control.new_token()} {hashed} ")


def _token_gone(control: Control, call: Call) -> str:
    name = call.arguments[2]
    if control.tokens.pop(name, None) is None:
        return said(f'failed to delete bootstrap token "{name}"', 1)
    return said(f'bootstrap token "{name}" deleted')


def _join(control: Control, call: Call) -> str:
    given = _documents(call)["JoinConfiguration"]
    by = given["discovery"]["bootstrapToken"]
    token, _, secret = by["token"].partition(".")
    if control.tokens.get(token) != secret:
        return said(
            "[preflight] Running pre-flight checks\n"
            "error: error execution phase preflight: couldn't validate the identity of the API "
            "Server: could not find a JWS signature in the cluster-info ConfigMap for token ID "
            f'"{token}"',
            1,
        )
    if by["caCertHashes"] != [control.ca_hash]:
        return said("error: cluster CA found in cluster-info ConfigMap is invalid", 1)
    plane = given["controlPlane"]
    if plane and plane["certificateKey"] != control.certificate_key:
        return _NO_CERTIFICATES
    name = given["nodeRegistration"]["name"]
    if name in control.members:
        return said(f'error: a Node with name "{name}" and status "Ready" already exists', 1)
    control.join(name, call.host, "control_plane" if plane else "worker")
    left = _of_a_node(control)
    if plane:
        left |= {ADMIN: control.admin(), MANIFEST: "kind: Pod"}
    return files(left) + KUBELET + said("This node has joined the cluster")


def _reset(control: Control, call: Call) -> str:
    control.leave(call.host)
    return "systemctl stop kubelet.service\nrm -rf /etc/kubernetes/* /var/lib/kubelet/*\n" + said(
        "The reset process does not clean CNI configuration, /etc/cni/net.d"
    )
