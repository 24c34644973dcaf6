"""What runs inside the sandbox: the student's cells, and calls to what they defined.

The judge starts this file in a process of its own (see `labs.sandbox`) and asks one thing at a
time: run this cell, what is this name, call it with these arguments. Nothing that decides a score
is in this process: no test, no expected value, no result of anyone. The submission shares it, so it
can read and change all of it, and can answer in its place. What it can say that way is a value, and
the judge checks a value wherever it comes from.
"""

import json
import os
import struct
import sys
import types

CODE_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")  # these run the cell below them


def confine(config):
    """Give up root, then set limits that cannot be raised again."""
    import resource

    if config["uid"]:
        os.setgroups([])
        os.setresgid(*[config["uid"]] * 3)
        os.setresuid(*[config["uid"]] * 3)
    for name, limit in config["limits"].items():
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(number, (limit, limit))
        except ValueError:  # macOS knows RLIMIT_AS and refuses it
            if sys.platform == "linux":
                raise


class Anything:
    """Takes every call and gives every attribute, and does nothing."""

    def __call__(self, *args, **kwargs):
        """Do nothing."""
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __bool__(self):
        return False

    def __repr__(self):
        return ""


def install_stubs():
    """Let a notebook import what belongs to the notebook: otter's checks, Jupyter's display."""
    nothing = Anything()
    for name in ("otter", "IPython", "IPython.display"):
        module = sys.modules[name] = types.ModuleType(name)
        module.__getattr__ = nothing.__getattr__
        module.__path__ = []
    sys.modules["IPython"].version_info = (9, 0)  # matplotlib asks
    sys.modules["IPython"].display = sys.modules["IPython.display"]

    def no_input(prompt=""):
        raise RuntimeError("input() has nobody to ask when a lab is graded")

    sys.modules["builtins"].__dict__.update(
        display=nothing, get_ipython=nothing, input=no_input, exit=sys.exit, quit=sys.exit
    )


def compile_cell(source, filename):
    """Compile a cell. Only if it is not Python, take out Jupyter's own lines: %magic, !shell, ?."""
    try:
        return compile(source, filename, "exec", dont_inherit=True), 0
    except SyntaxError:
        lines = source.splitlines()
        first = next((line for line in lines if line.strip()), "")
        if first.startswith("%%") and not first.startswith(CODE_MAGICS):
            return compile("", filename, "exec"), len(lines)
        dropped = 0
        for i, line in enumerate(lines):
            code = line.lstrip()
            if code.startswith(("%", "!", "?")) or code.rstrip().endswith("?"):
                lines[i] = line[: len(line) - len(code)] + "pass"
                dropped += 1
        return compile("\n".join(lines), filename, "exec", dont_inherit=True), dropped


def describe(error):
    """Return type, text and place of an exception, as far as it lets itself be asked."""
    try:
        text = str(error)[:1000]
    except BaseException:
        text = "(its text cannot be read)"
    place = f"line {error.lineno}" if isinstance(error, SyntaxError) else ""
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename.startswith("<cell "):
            place = f"line {frame.tb_lineno}"
        frame = frame.tb_next
    known = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    return {"type": type(error).__name__[:100], "builtin": known[0], "text": text, "place": place}


def answer(request, names, encode, decode):
    """Do what one request asks."""
    match request["ask"]:
        case "cell":
            code, dropped = compile_cell(request["source"], f"<cell {request['number']}>")
            exec(code, names)
            return {"dropped": dropped}
        case "what":
            if request["name"] not in names:
                return {"missing": True}
            value = names[request["name"]]
            return {"function": True} if callable(value) else {"value": encode(value)}
        case "call":
            args, kwargs = decode(request["args"]), decode(request["kwargs"])
            return {"value": encode(names[request["name"]](*args, **kwargs))}


def read(size):
    """Read exactly `size` bytes of the requests; the judge hangs up when it has no more."""
    data = b""
    while len(data) < size:
        part = os.read(REQUESTS, size - len(data))
        if not part:
            os._exit(0)
        data += part
    return data


def main():
    """Serve requests until the judge hangs up."""
    import codec

    install_stubs()
    main_module = sys.modules["__main__"] = types.ModuleType("__main__")
    names = main_module.__dict__
    names["__builtins__"] = sys.modules["builtins"]
    while True:
        request = codec.loads(read(struct.unpack(">I", read(4))[0]))
        try:
            reply = answer(request, names, codec.encode, codec.decode)
            data = codec.dumps({**reply, "nonce": request["nonce"]})
        except codec.CodecError as error:
            data = codec.dumps({"unfit": str(error)[:300], "nonce": request["nonce"]})
        except BaseException as error:
            data = codec.dumps({"error": describe(error), "nonce": request["nonce"]})
        data = memoryview(struct.pack(">I", len(data)) + data)
        while data:
            data = data[os.write(REPLIES, data) :]


if __name__ == "__main__":
    CONFIG = json.loads(sys.argv[1])
    confine(CONFIG)
    REQUESTS, REPLIES = os.dup(0), CONFIG["replies"]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.path[:] = [*[p for p in sys.path if "site-packages" not in p], *CONFIG["packages"]]
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import codec  # noqa: F401

    del sys.path[0]
    main()
