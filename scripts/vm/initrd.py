# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""The guest's initramfs: what boots it, and what this build adds to the image.

The root image is cached and never changes. Everything of this source tree that the
guest needs (drivers, provider, set-up scripts, the user's own files) goes into the
initramfs instead, which takes well under a second, so that an edit costs no image."""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

# In the order that insmod needs them.
BOOT_MODULES = [
    "drivers/block/virtio_blk",
    "fs/squashfs/squashfs",
    "fs/overlayfs/overlay",
]
GUEST = Path(__file__).resolve().parent.parent / "guest"
LIBRARY_DIR = "usr/lib/x86_64-linux-gnu/libibverbs"


class Cpio:
    """Writes a cpio archive in the newc format that Linux unpacks at boot."""

    def __init__(self, out):
        self.out = out
        self.inode = 0
        self.folders = set()

    def _entry(self, name, mode, data=b""):
        self.inode += 1
        path = name.encode() + b"\0"
        fields = [self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
        self.out.write(head + b"\0" * (-len(head) % 4))
        self.out.write(data + b"\0" * (-len(data) % 4))

    def folder(self, name):
        if name in self.folders or name in ("", "."):
            return
        self.folder(os.path.dirname(name))
        self.folders.add(name)
        self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFREG | mode, data)

    def copy(self, source, name, mode=None):
        if mode is None:
            mode = 0o755 if os.access(source, os.X_OK) else 0o644
        self.file(name, Path(source).read_bytes(), mode)

    def symlink(self, name, target):
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def end(self):
        self._entry("TRAILER!!!", 0)


def drivers_of(build):
    """The kernel modules of this build, sorted; empty before the first make."""
    return sorted(
        path
        for path in (build / "kernel").rglob("*.ko")
        if not any(part.startswith(".") for part in path.relative_to(build).parts)
    )


def provider_of(build):
    """The provider's library and its .driver file, or None."""
    libraries = sorted((build / "provider").glob("libtern-rdmav*.so"))
    driver = build / "provider" / "tern.driver"
    return [libraries[0], driver] if len(libraries) == 1 and driver.exists() else None


def build_agent(build):
    """Compile guest/agent.c unless that is done; its path."""
    source, agent = GUEST / "agent.c", build / "vm" / "agent"
    if agent.exists() and agent.stat().st_mtime >= source.stat().st_mtime:
        return agent
    agent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=agent.parent) as scratch:
        fresh = Path(scratch) / "agent"
        subprocess.run(
            ["gcc", "-std=gnu11", "-O2", "-static", "-Wall", "-Wextra", "-Werror"]
            + ["-o", fresh, source],
            check=True,
        )
        fresh.rename(agent)
    return agent


def add_modules(cpio, image, release, drivers, scratch):
    """Stripped drivers under updates/, and indexes that cover them and the stock ones."""
    tree = Path(scratch) / "lib" / "modules" / release
    (tree / "updates").mkdir(parents=True)
    stock = image / "modules" / "lib" / "modules" / release
    for entry in stock.iterdir():
        if entry.name == "kernel" or entry.name.startswith("modules.builtin"):
            (tree / entry.name).symlink_to(entry)
    shutil.copy(stock / "modules.order", tree)
    for driver in drivers:
        target = tree / "updates" / driver.name
        subprocess.run(["strip", "--strip-debug", "-o", target, driver], check=True)
    subprocess.run(["depmod", "-b", scratch, release], check=True)
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(tree)
            cpio.copy(path, f"payload/usr/lib/modules/{release}/{name}", 0o644)


def add_boot_part(cpio, image, release):
    stock = image / "modules" / "lib" / "modules" / release / "kernel"
    for folder in ("dev", "proc", "sys", "lower", "upper", "root"):
        cpio.folder(folder)
    cpio.copy(GUEST / "init", "init", 0o755)
    cpio.copy("/usr/bin/busybox", "bin/busybox", 0o755)
    for module in BOOT_MODULES:
        cpio.copy(stock / f"{module}.ko", f"boot/{os.path.basename(module)}.ko")
    names = "".join(os.path.basename(module) + "\n" for module in BOOT_MODULES)
    cpio.file("boot/modules", names.encode())


def add_guest_scripts(cpio, agent):
    cpio.copy(agent, "payload/usr/lib/tern/agent", 0o755)
    cpio.copy(GUEST / "setup", "payload/usr/lib/tern/setup", 0o755)
    for name in ("ssh_config", "sshd_config"):
        cpio.copy(GUEST / name, f"payload/usr/lib/tern/{name}", 0o644)
    for name in ("tern-net", "hosts-net"):
        cpio.copy(GUEST / name, f"payload/usr/local/sbin/{name}", 0o755)
    cpio.copy(GUEST / "tern-pairs", "payload/usr/local/bin/tern-pairs", 0o755)
    for namespace in ("a", "b"):
        cpio.copy(GUEST / "in-namespace", f"payload/usr/local/bin/{namespace}", 0o755)


def write(path, image, release, agent, drivers, provider, files):
    with open(path, "wb") as out, tempfile.TemporaryDirectory() as scratch:
        cpio = Cpio(out)
        add_boot_part(cpio, image, release)
        add_guest_scripts(cpio, agent)
        if drivers:
            add_modules(cpio, image, release, drivers, scratch)
        if provider:
            cpio.copy(provider[0], f"payload/{LIBRARY_DIR}/{provider[0].name}", 0o644)
            cpio.copy(provider[1], "payload/etc/libibverbs.d/tern.driver", 0o644)
        for source, target in files:
            cpio.copy(source, "payload/" + target.lstrip("/"))
        cpio.end()


def fingerprint(image, sources):
    """Names one state of all that goes in, by path, size and time of change."""
    digest = hashlib.sha256(str(image).encode())
    for source in sources:
        status = os.stat(source)
        digest.update(f"\n{source} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def forget_old(folder, keep=4):
    """Edits leave initramfs files behind; the newest few stay for other runs."""
    old = sorted(folder.glob("initrd-*.cpio"), key=lambda path: path.stat().st_mtime)
    for path in old[:-keep]:
        path.unlink(missing_ok=True)


def prepare(build, image, drivers, provider, files):
    """The initramfs for these files, made unless an earlier run made the same."""
    release = (image / "release").read_text().strip()
    agent = build_agent(build)
    inputs = [Path(__file__), agent, *sorted(GUEST.iterdir()), *drivers, *(provider or [])]
    key = fingerprint((image, [target for _, target in files]), inputs + [f for f, _ in files])
    initrd = build / "vm" / f"initrd-{key}.cpio"
    if initrd.exists():
        os.utime(initrd)
        return initrd
    forget_old(initrd.parent)
    fresh = initrd.with_suffix(f".{os.getpid()}")
    try:
        write(fresh, image, release, agent, drivers, provider, files)
        fresh.rename(initrd)
    finally:
        fresh.unlink(missing_ok=True)
    return initrd
