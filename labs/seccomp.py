"""The system calls that a sandboxed submission may not make.

Namespaces and limits already hide the machine. This filter closes what they leave open: memory that
no limit counts (``memfd_create``, System V shared memory), namespaces inside the sandbox (an own
``tmpfs`` would be such memory too), sockets of the kinds that a network namespace does not hold
(``AF_VSOCK``, ``AF_ALG``), looking into other processes, and the kernel's newer, larger interfaces.
It is a list of what is refused, not of what is allowed, so that NumPy and torch run unchanged.

`program` gives the filter as bubblewrap's ``--seccomp`` reads it: classic BPF, one 8-byte
instruction after the other. The numbers are those of Linux's own tables, and never change.
"""

from __future__ import annotations

import platform
import struct

# name: (x86_64, aarch64)
REFUSED = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setns": (308, 268),
    "shmat": (30, 196),
    "shmget": (29, 194),
    "socket": (41, 198),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
CLONE, CLONE3 = (56, 220), 435
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCH, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little-endian
ALLOW, KILL, REFUSE, UNKNOWN = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026  # EPERM, ENOSYS
NEW_NAMESPACE = 0x7E020000  # every CLONE_NEW* flag that clone takes


def program(machine: str | None = None) -> bytes | None:
    """Return the filter for this kind of machine, or None where its numbers are not known here."""
    machine = platform.machine() if machine is None else machine
    if machine not in MACHINES:
        return None
    column, arch = MACHINES[machine]
    refused = sorted(numbers[column] for numbers in REFUSED.values())
    # Each line: operation, value, jump if true, jump if false. A jump of None goes to "refuse".
    lines: list[tuple[int, int, int | None, int]] = [
        (LOAD, ARCH, 0, 0),
        (EQUAL, arch, 1, 0),
        (RETURN, KILL, 0, 0),
        (LOAD, NUMBER, 0, 0),
        (AT_LEAST, 0x40000000, None, 0),  # the x32 calls have numbers of their own
        *((EQUAL, number, None, 0) for number in refused),
        (EQUAL, CLONE3, 0, 1),
        (RETURN, UNKNOWN, 0, 0),  # its flags lie in memory; libc falls back to clone
        (EQUAL, CLONE[column], 0, 2),
        (LOAD, FIRST_ARGUMENT, 0, 0),
        (ANY_BIT, NEW_NAMESPACE, None, 0),
        (RETURN, ALLOW, 0, 0),
        (RETURN, REFUSE, 0, 0),
    ]
    last = len(lines) - 1
    return b"".join(
        struct.pack("<HBBI", op, last - i - 1 if yes is None else yes, no, value)
        for i, (op, value, yes, no) in enumerate(lines)
    )
