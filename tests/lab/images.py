"""Application images to deploy in tests: an HTTP server that answers `version N`.

Written by hand as `docker load` archives (no daemon, no build), and reproducible: the same
busybox gives the same bytes, so the same image id.

| image | `/` | `/healthz` | `/message` |
| --- | --- | --- | --- |
| `slipway-demo:1`, `slipway-demo:2` | `version N` | `ok` | the variable MESSAGE |
| `slipway-demo:3` | `version 3` | 404: a health check on it never passes | the variable MESSAGE |

Port 8080, an unprivileged user, ends at once on SIGTERM. `sh` and `wget` are there for health
checks, which belong in the compose file.
"""

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path

from tests.lab.docker import LabError

REPOSITORY = "slipway-demo"
VERSIONS = (1, 2, 3)
BROKEN = 3
PORT = 8080
NOBODY = 65534
APPLETS = [
    "cat",
    "date",
    "echo",
    "env",
    "false",
    "grep",
    "head",
    "httpd",
    "kill",
    "ls",
    "nslookup",
    "ps",
    "sed",
    "sh",
    "sleep",
    "tail",
    "test",
    "timeout",
    "true",
    "wget",
]
# As process 1 it gets no default action for SIGTERM, hence the trap.
START = f"""#!/bin/sh
trap 'kill "$server"; echo "slipway-demo stopped"; exit 0' TERM INT
printf '%s\\n' "$MESSAGE" >/www/message
echo "slipway-demo $VERSION listens on {PORT}"
[ -e /www/healthz ] || echo "error: /www/healthz is missing" >&2
httpd -f -p {PORT} -h /www &
server=$!
wait "$server"
"""


def reference(version: int) -> str:
    """The image's name, such as `slipway-demo:1`."""
    return f"{REPOSITORY}:{version}"


def image_id(version: int) -> str:
    """The id that Docker gives the image, `sha256:…`: the digest of its configuration."""
    return f"sha256:{hashlib.sha256(_config(version, _layer(version))).hexdigest()}"


def archive(version: int, path: Path) -> Path:
    """Write the image as a `docker load` archive at `path`, and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive_bytes(version))
    return path


def archive_bytes(version: int) -> bytes:
    """The archive itself, about 2 MB: for `host.exec("docker", "load", input=…)`."""
    layer = _layer(version)
    config = _config(version, layer)
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    layer_name = f"{hashlib.sha256(layer).hexdigest()}/layer.tar"
    manifest = [{"Config": config_name, "RepoTags": [reference(version)], "Layers": [layer_name]}]
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as archive_file:
        _add(archive_file, config_name, config)
        _add(archive_file, layer_name, layer)
        _add(archive_file, "manifest.json", json.dumps(manifest).encode())
    return output.getvalue()


def _config(version: int, layer: bytes) -> bytes:
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2020-01-01T00:00:00Z",
        "config": {
            "Env": ["PATH=/bin", f"VERSION={version}", "MESSAGE=hello"],
            "Cmd": ["/bin/sh", "/start"],
            "User": f"{NOBODY}:{NOBODY}",
            "ExposedPorts": {f"{PORT}/tcp": {}},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    return json.dumps(config, sort_keys=True).encode()


def _layer(version: int) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as layer:
        _add_directory(layer, "bin")
        _add(layer, "bin/busybox", _busybox().read_bytes(), mode=0o755)
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            layer.addfile(link)
        _add(layer, "start", START.encode(), mode=0o755)
        _add_directory(layer, "www", owner=NOBODY)
        _add(layer, "www/index.html", f"version {version}\n".encode())
        if version != BROKEN:
            _add(layer, "www/healthz", b"ok\n")
        _add_directory(layer, "tmp", mode=0o1777)
    return output.getvalue()


def _busybox() -> Path:
    """Debian's busybox-static: one file that needs no library."""
    found = shutil.which("busybox")
    if found is None:
        raise LabError("busybox is not installed (Debian package busybox-static)")
    return Path(found)


def _add(archive_file: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive_file.addfile(entry, io.BytesIO(content))


def _add_directory(
    archive_file: tarfile.TarFile, name: str, *, owner: int = 0, mode: int = 0o755
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, mode, owner, owner
    archive_file.addfile(entry)
