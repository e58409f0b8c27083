"""Submissions that want points for nothing, or harm: each asked for `twice(X)`, which is 2 X.

`AT_THE_TOP` runs while a submission is loaded, `IN_THE_CALL` is the body of the function.
"""

#: Run at the top of a file, above a `twice` that is wrong.
AT_THE_TOP = {
    "loop": "while True: pass",
    "regular expression": "import re; re.match('(a+)+$', 'a' * 50 + 'b')",
    "deaf sleep": """
        import signal, time
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        time.sleep(60)
        """,
    "fork bomb": """
        import os
        while True:
            try: os.fork()
            except OSError: pass
        """,
    "memory of children": """
        import os, time
        import numpy as np
        for _ in range(8):
            if not os.fork():
                held = np.ones(20_000_000)
                time.sleep(60)
        time.sleep(60)
        """,
    "exit at once": "import os; os._exit(0)",
    "its own modules": """
        import sys
        for name in list(sys.modules): sys.modules[name] = None
        """,
    "kills": """
        import os
        for process in (os.getppid(), -1, 1, *range(2, 2000)):
            try: os.kill(process, 9)
            except OSError: pass
        """,
    "forged messages": """
        import json, os, struct
        text = json.dumps({"kind": "loaded", "score": 100, "id": "0"}).encode()
        for descriptor in range(64):
            try: os.write(descriptor, struct.pack("!8sIQ", b"cnnlab:1", len(text), 0) + text)
            except OSError: pass
        """,
    "a long message": """
        import os, struct
        for descriptor in range(3, 64):
            try: os.write(descriptor, struct.pack("!8sIQ", b"cnnlab:1", 2, 1 << 60) + b"{}")
            except OSError: pass
        """,
    "closed descriptors": "import os; os.closerange(0, 64)",
    "silent thread that holds all": """
        import re, threading
        threading.Thread(target=re.match, args=("(a+)+$", "a" * 50 + "b"), daemon=True).start()
        """,
}

#: The body of `twice(X)`.
IN_THE_CALL = {
    "loop": "while True: pass",
    "loop that stops for nothing": """
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
    "exit": "import sys; sys.exit(0)",
    "exit at once": "import os; os._exit(0)",
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "abort": "import os; os.abort()",
    "recursion": "return twice(X)",
    "deep recursion": "import sys; sys.setrecursionlimit(10**9); return twice(X)",
    "memory": "return [bytearray(10**8) for _ in range(10**6)]",
    "a huge array": "return np.zeros((10**5, 10**6), np.int8)",
    "a huge view": "return np.broadcast_to(1.0, (10**9, 10))",
    "equal to everything": """
        class Equal:
            __array_priority__ = 1e9
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __array__(self, *a, **k): return np.zeros(3)
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
        return Equal()
        """,
    "a subclass": """
        class Equal(np.ndarray):
            def __eq__(self, other): return np.True_
            def __array_ufunc__(self, *a, **k): return np.zeros(())
            def __array_function__(self, *a, **k): return True
            def tobytes(self, *a): return (2 * X).tobytes()
        return np.zeros_like(X).view(Equal)
        """,
    "claims another class": """
        class Claims:
            __class__ = np.float64
            dtype = np.dtype(float)
            def __float__(self): raise SystemExit(0)
        return Claims()
        """,
    "objects": "return np.array([Ellipsis, None, print], dtype=object)",
    "holds itself": "held = []; held.append(held); return held",
    "lazy": "return (2 * x for x in X)",
    "patched comparisons": """
        import unittest
        for module in (np, np.testing):
            for name in dir(module):
                if "equal" in name or "close" in name: setattr(module, name, lambda *a, **k: True)
        unittest.TestCase.assertEqual = lambda *a: None
        return np.zeros_like(X)
        """,
    "patched package": """
        import sys, types
        fake = types.ModuleType("cnnlab.gradcheck")
        fake.check_gradients = lambda *a, **k: True
        for name in ("cnnlab", "cnnlab.gradcheck", "cnnlab.tutor", "cnnlab.tutor.comparing"):
            sys.modules[name] = fake
        return np.zeros_like(X)
        """,
    "frames and garbage": """
        import gc, sys
        seen, frame = [], sys._getframe()
        while frame:
            seen += [*frame.f_locals.values(), *frame.f_globals.values()]
            frame = frame.f_back
        seen += gc.get_objects()
        arrays = [one for one in seen if type(one) is np.ndarray and one.shape == X.shape]
        return next((one for one in arrays if not np.array_equal(one, X)), None)
        """,
    "memory that is not cleared": "return np.empty_like(X)",
    "forged answers": """
        import gc, json, struct
        channel = next(o for o in gc.get_objects() if type(o).__name__ == "Channel")
        import sys
        frame = sys._getframe()
        while "number" not in frame.f_locals: frame = frame.f_back
        header = {"kind": "answer", "id": frame.f_locals["number"], "problem": None, "score": 100}
        channel.send({**header, "changed": [], "shared": [], "warned": []})
        """,
    "a shape that is none": """
        import gc, sys
        channel = next(o for o in gc.get_objects() if type(o).__name__ == "Channel")
        frame = sys._getframe()
        while "number" not in frame.f_locals: frame = frame.f_back
        tree = ["array", "<f8", [1 << 62, 1 << 62, 0]]
        channel.send({"kind": "value", "id": frame.f_locals["number"], "value": tree})
        """,
    "results of its own": """
        import json, os
        text = json.dumps({"score": 100, "tests": [{"score": 100, "max_score": 100}]})
        for place in ("results.json", "/autograder/results/results.json", "VICTIM/results.json"):
            try:
                os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
                open(place, "w").write(text)
            except OSError: pass
        print(text, flush=True)
        os.write(1, b"PASSED twice 100/100" + bytes(1))
        return np.zeros_like(X)
        """,
    "flood": """
        import os, sys
        while True:
            print("x" * 10**6); print("y" * 10**6, file=sys.stderr); os.write(1, b"z" * 10**6)
        """,
    "full disk": """
        n = 0
        while True:
            try:
                with open(f"file{n}", "wb") as file: file.write(bytes(10**6))
            except OSError: break
            n += 1
        return np.full_like(X, n * 1e6 < 1e8)
        """,
    "many files": """
        try:
            for n in range(10**6): open(f"file{n}", "w").close()
        except OSError: pass
        return np.full_like(X, n < 10**4)
        """,
    "a huge import": """
        import sys
        with open("huge.py", "wb") as file: file.truncate(10**9)
        sys.path.insert(0, ".")
        import huge
        """,
    "escapes": "raise ValueError('\\x1b]0;owned\\x07\\x1b[31m<script>alert(1)</script>\\0\\ud800')",
    "a huge message": "raise ValueError('x' * 10**8)",
    "a message that loops": """
        class Slow(Exception):
            def __str__(self):
                while True: pass
        raise Slow
        """,
    "a class that lies": """
        class Meta(type):
            __name__ = property(lambda self: 1 / 0)
        class Lies(BaseException, metaclass=Meta): pass
        raise Lies
        """,
    "traced": """
        import sys
        def trace(*a): raise SystemExit
        sys.settrace(trace)
        return np.zeros_like(X)
        """,
    "at the end": """
        import atexit, threading
        class Late:
            def __del__(self):
                while True: pass
        globals()["late"] = Late()
        atexit.register(lambda: print(1 / 0))
        def late():
            while True: pass
        threading.Thread(target=late, daemon=False).start()
        return np.zeros_like(X)
        """,
    "it deletes itself": """
        import os, shutil
        shutil.rmtree(os.getcwd(), ignore_errors=True)
        return np.zeros_like(X)
        """,
    "links": """
        import os
        os.symlink("/etc/passwd", "results.json"); os.symlink(".", "around")
        return np.zeros_like(X)
        """,
    "attached": """
        import ctypes, os
        library = ctypes.CDLL(None)
        seized = [library.ptrace(16, one, 0, 0) for one in (os.getppid(), 1)]
        for one in (os.getppid(), 1):
            try: seized.append(open(f"/proc/{one}/mem", "r+b").fileno())
            except OSError: pass
        return np.zeros_like(X) if max(seized) >= 0 else None
        """,
    "outlives": """
        import os, subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(61) # VICTIM"],
                         env={}, start_new_session=True)
        if not os.fork():
            os.setsid()
            if os.fork(): os._exit(0)
            import time
            time.sleep(62)
        return np.zeros_like(X)
        """,
}

#: Each says what it found that it should not; all must return an empty list.
SPIES = {
    "files": """
        import os
        found = []
        for place, folders, names in os.walk("/"):
            name = os.path.basename(place)
            known = {"": ("usr", "proc"), "site-packages": folders}.get(name, ())
            known = [one for one in known if not one.startswith("cnnlab")]
            if name.startswith("python3"):
                known = [one for one in folders if one != "site-packages"]
            folders[:] = [one for one in folders if one not in known]
            found += [one for one in names if "SECRET" in one]
            found += [one for one in names if one in ("conv.py", "mutants.py", "a4.py")
                      and "cnnlab" in place and "/shapes" not in place]
        return found
        """,
    "processes": """
        import os
        found = []
        for one in os.listdir("/proc"):
            for name in ("environ", "cmdline", "maps"):
                try: text = open(f"/proc/{one}/{name}", "rb").read()
                except OSError: continue
                found += [f"{one}/{name}"] if b"SECRET" in text else []
        return found + [name for name in os.environ if "SECRET" in name]
        """,
    "imports": """
        import importlib, sys
        found = []
        sys.path[:0] = ["PACKAGE", "/srv/course", "."]
        sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != "Absent"]
        for name in [name for name in sys.modules if name.startswith("cnnlab")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        for name in ("fast", "reference", "mutants", "gradcheck", "tutor.a4", "layers"):
            try: importlib.import_module("cnnlab." + name)
            except ImportError: continue
            found.append(name)
        return found
        """,
    "network": """
        import socket
        try: socket.create_connection(("127.0.0.1", PORT), 1).close()
        except OSError: return []
        return ["network"]
        """,
}
