# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""QEMU and the simulators of one run: started, watched, and always ended.

Each child asks the kernel to be killed when this process dies, so that not even
kill -9 leaves one behind. Each has a session of its own: Ctrl-C at the terminal
reaches only tern-vm, which then ends them in order."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time

SIM_START_SECONDS = 30
STOP_SECONDS = 10
# Verbs programs poll: a guest keeps all its processors busy while it waits for an adapter. Where
# there are fewer processors than that the adapters go first.
GUEST_NICE = 5
# The wire between two guests beside that of the adapters, by which one runs commands in the other.
# guest/setup knows its NIC by the MAC.
HOSTS_MAC = "02:54:4e:ff:00:0{}"
# The NIC at the other end of the wire: room for a RoCE packet of 4096 bytes
PEER_MTU = 9000
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


class StartError(Exception):
    pass


def describe(status):
    if status >= 0:
        return f"ended with status {status}"
    return f"was killed by {signal.Signals(-status).name}"


class Host:
    """What one guest is made of, and where its files are. Without a name it is the only one."""

    def __init__(self, run_dir, name, sims, has_peer):
        self.run_dir = run_dir
        self.name = name
        self.sims = sims
        self.has_peer = has_peer
        self.suffix = "-b" if name == "b" else ""

    def path(self, stem, kind):
        return self.run_dir / f"{stem}{self.suffix}.{kind}"


def hosts(run_dir, options, sims):
    rxe = options.peer == "rxe"
    if options.hosts == 1:
        return [Host(run_dir, "", sims, rxe)]
    return [Host(run_dir, "a", sims[:1], False), Host(run_dir, "b", sims[1:], rxe)]


class Child:
    def __init__(self, run_dir, name, argv, death_signal, nice=0):
        self.name = name
        self.log = run_dir / f"{name}.log"
        self.pid_file = run_dir / f"{name}.pid"
        parent = os.getpid()

        def prepare():
            libc.prctl(PR_SET_PDEATHSIG, death_signal)
            os.nice(nice)
            if os.getppid() != parent:
                os._exit(1)

        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=prepare,
            )
        self.pid_file.write_text(f"{self.process.pid}\n")
        self.reported = False

    def ended(self):
        return self.process.poll() is not None

    def stop(self):
        """Ask, then insist; children that already ended are only reaped."""
        if not self.ended():
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def log_tail(self, lines=15):
        return tail(self.log, lines)


def tail(path, lines):
    try:
        text = path.read_bytes().decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip("\r") for line in text.splitlines()][-lines:]


def wait_for_socket(child, path):
    deadline = time.monotonic() + SIM_START_SECONDS
    while not path.exists():
        if child.ended():
            reason = describe(child.process.returncode)
        elif time.monotonic() > deadline:
            reason = f"made no socket in {SIM_START_SECONDS} s"
        else:
            time.sleep(0.01)
            continue
        raise StartError("\n".join([f"{child.name} {reason}"] + child.log_tail()))


def sim_argv(build, options, index, path):
    name = "tern-sim-trace" if options.fst else "tern-sim"
    argv = [build / "sim" / name, "--socket", path, "--mac", f"02:54:4e:00:00:0{index + 1}"]
    if options.dma_latency is not None:
        argv += ["--dma-latency", str(options.dma_latency)]
    if options.fst:
        argv += ["--fst", fst_path(options.fst, index, options.adapters)]
    return argv + wire_argv(options, index, path.parent) + options.sim_options


def wire_argv(options, index, run_dir):
    """The cable between the two ends, and what the user wants to do with it"""
    name = "ab"[index]
    argv = ["--ctl", run_dir / f"{name}.ctl"]
    if options.peer != "none":
        argv += ["--link", f"unix:{run_dir}/{name}.link,{run_dir}/{'ba'[index]}.link"]
    if options.pcap:
        argv += ["--pcap", options.pcap.absolute() / f"{name}.pcap"]
    for names, spec in options.impair:
        if name in names:
            argv += ["--impair", own_seed(spec, index if len(names) == 2 else 0)]
        # QEMU's wire is a good one: the adapter spoils what comes from there
        if "b" in names and options.peer == "rxe":
            argv += ["--impair-in", own_seed(spec, 1 if len(names) == 2 else 0)]
    return argv


def own_seed(spec, index):
    """With one seed both adapters would lose the same frames: question n and answer n."""
    match = re.search(r"(?<![^,])seed=(\d+)", spec)
    if not index or spec == "off":
        return spec
    if match:
        return f"{spec[:match.start(1)]}{(int(match[1]) + index) % 2**64}{spec[match.end(1):]}"
    return f"{spec},seed={1 + index}"


def fst_path(path, index, adapters):
    """One trace per adapter: wave.fst becomes wave-a.fst and wave-b.fst."""
    return path if adapters == 1 else path.with_name(f"{path.stem}-{'ab'[index]}{path.suffix}")


def build_tracing_sim(build):
    """Few need it and it takes minutes, so make leaves it out."""
    done = subprocess.run(
        ["ninja", "-C", build, "--quiet", "tern-sim-trace"], stdout=sys.stderr, check=False
    )
    if done.returncode:
        raise StartError("tern-sim-trace could not be built: run make")


def start_sims(build, run_dir, options):
    sims = []
    if options.fst and options.adapters:
        build_tracing_sim(build)
    if options.pcap:
        options.pcap.mkdir(parents=True, exist_ok=True)
    try:
        for index in range(options.adapters):
            path = run_dir / f"{'ab'[index]}.sock"
            argv = sim_argv(build, options, index, path)
            if not os.access(argv[0], os.X_OK):
                raise StartError(f"{argv[0].name} is not built: run make (or use --no-adapter)")
            sims.append(Child(run_dir, f"tern-sim-{'ab'[index]}", argv, signal.SIGTERM))
            sims[-1].socket = path
        for sim in sims:
            wait_for_socket(sim, sim.socket)
    except BaseException:
        stop_all(sims)
        raise
    return sims


def kernel_arguments(options, host):
    # oops=panic: a broken driver is reported at once instead of limping on.
    # An NMI is how a hanging guest is asked for its last words. The TSC is the host's: checking
    # it against slower emulated clocks would only cast doubt on it when the host is busy.
    words = ["console=ttyS0", "mitigations=off", "tsc=reliable"]
    words += ["oops=panic", "panic=-1", "unknown_nmi_panic"]
    words += [f"tern_vm.adapters={len(host.sims)}", f"tern_vm.drivers={int(not options.no_drivers)}"]
    words += [f"tern_vm.peer={'rxe' if host.has_peer else options.peer}"]
    if host.name:
        words += [f"tern_vm.host={host.name}"]
    return " ".join(words + [options.append]).strip()


def peer_argv(options, run_dir):
    """A virtio NIC at the other end of the adapter's wire. That has no header in which checksums
    and segments could be left to others, so the guest makes them itself; QEMU would see to that,
    but the captures depend on it."""
    dump = "filter-dump,id=dump,netdev=peer,maxlen=65536,file="
    offloads = ("csum", "guest_csum", "gso", "host_ufo", "guest_ufo")
    offloads += tuple(f"{side}_tso{ip}" for side in ("host", "guest") for ip in (4, 6))
    argv = ["-netdev", f"dgram,id=peer,local.type=unix,local.path={run_dir}/b.link,"
            f"remote.type=unix,remote.path={run_dir}/a.link"]
    argv += ["-device", f"virtio-net-pci,netdev=peer,mac=02:54:4e:00:00:02,host_mtu={PEER_MTU},"
             + ",".join(f"{name}=off" for name in offloads)]
    if options.pcap:
        argv += ["-object", f"{dump}{str(options.pcap.absolute() / 'b.pcap').replace(',', ',,')}"]
    return argv


def hosts_argv(host):
    """The NIC of the wire between the guests"""
    own, other = host.name, "ba"["ab".index(host.name)]
    return ["-netdev", f"dgram,id=hosts,local.type=unix,local.path={host.run_dir}/hosts-{own}.link,"
            f"remote.type=unix,remote.path={host.run_dir}/hosts-{other}.link",
            "-device", f"virtio-net-pci,netdev=hosts,mac={HOSTS_MAC.format('ab'.index(own) + 1)}"]


def qemu_argv(image, initrd, host, options):
    accelerator = {"tcg": "tcg,thread=multi", "kvm": "kvm"}[options.accelerator]
    size = f"{options.mem}M"
    argv = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none"]
    argv += ["-machine", "q35", "-accel", accelerator, "-cpu", "max,la57=off"]
    argv += ["-smp", str(options.smp), "-m", size, "-no-reboot"]
    # The simulators map guest memory, so it must be shareable.
    argv += ["-object", f"memory-backend-memfd,id=mem,size={size},share=on"]
    argv += ["-numa", "node,memdev=mem"]
    argv += ["-kernel", image / "vmlinux", "-initrd", initrd]
    argv += ["-append", kernel_arguments(options, host)]
    argv += ["-drive", f"file={image}/root.img,format=raw,if=none,id=root,readonly=on"]
    argv += ["-device", "virtio-blk-pci,drive=root"]
    argv += ["-qmp", f"unix:{host.path('qmp', 'sock')},server=on,wait=off"]
    argv += ["-chardev", f"file,id=console,path={host.path('console', 'log')}"]
    argv += ["-serial", "chardev:console"]
    argv += ["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]
    argv += ["-chardev", f"socket,id=agent,path={host.path('agent', 'sock')},server=on,wait=off"]
    argv += ["-device", "virtserialport,chardev=agent,name=tern,nr=1"]
    for index, sim in enumerate(host.sims):
        device = (
            '{"driver":"vfio-user-pci","id":"tern%d","addr":"0x1%d",'
            '"socket":{"type":"unix","path":"%s"}}' % (index, index, sim.socket)
        )
        argv += ["-device", device]
    argv += peer_argv(options, host.run_dir) if host.has_peer else []
    return argv + (hosts_argv(host) if host.name else [])


def start_qemu(image, initrd, host, options):
    argv = qemu_argv(image, initrd, host, options)
    return Child(host.run_dir, f"qemu{host.suffix}", argv, signal.SIGKILL, GUEST_NICE)


def interrupt_guest(monitor_path, qemu):
    """Make a hanging kernel print where it is: it takes an NMI as a reason to panic."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as monitor:
            monitor.settimeout(2)
            monitor.connect(str(monitor_path))
            monitor.sendall(b'{"execute":"qmp_capabilities"}\n{"execute":"inject-nmi"}\n')
            qemu.process.wait(5)
    except (OSError, subprocess.TimeoutExpired):
        pass  # what the console has must do


def stop_all(children):
    for child in children:
        child.stop()
