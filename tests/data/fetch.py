"""Downloads from a small server on the loopback address that can misbehave in many ways."""
import fcntl
import gzip
import hashlib
import http.server
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
         "t10k-labels-idx1-ubyte"]
FIRST = NAMES[0] + ".gz"
probe = os.path.join(os.environ["TOP_BUILDDIR"], "tests/data/fetch_probe")
top = tempfile.mkdtemp(prefix="ipdlam-fetch-")
environment = dict(os.environ, HOME=top, XDG_DATA_HOME=top + "/data", LC_ALL="C", no_proxy="*")
for name in list(environment):
    if name.lower().endswith("_proxy") and name != "no_proxy" or name == "IPDLAM_DATA":
        del environment[name]
count = failures = 0


def noise(n, seed):
    """Bytes that do not compress, so that half a .gz file is half of its content."""
    out = b""
    while len(out) < n:
        out += hashlib.sha256(b"%d %d" % (seed, len(out))).digest()
    return out[:n]


plain = [b"\0\0\x08\x03" + struct.pack(">III", 400, 28, 28) + noise(400 * 784, 1),
         b"\0\0\x08\x01" + struct.pack(">I", 400) + b"\x01" * 400,
         b"\0\0\x08\x03" + struct.pack(">III", 40, 28, 28) + noise(40 * 784, 2),
         b"\0\0\x08\x01" + struct.pack(">I", 40) + b"\x02" * 40]
sums = [hashlib.sha256(x).hexdigest() for x in plain]
packed = {n + ".gz": gzip.compress(x, mtime=0) for n, x in zip(NAMES, plain)}
# The same content, packed differently, as another mirror may have it.
repacked = {n + ".gz": gzip.compress(x, 1, mtime=7) for n, x in zip(NAMES, plain)}


class Handler(http.server.BaseHTTPRequestHandler):
    """The first part of the path says how to behave: /MODE/FILE."""

    def log_message(self, *args):
        pass

    def send(self, status, body, claimed=None, extra=()):
        self.send_response(status)
        for key, value in extra:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body) if claimed is None else claimed))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def send_range(self, body, cut=None):
        asked = self.headers.get("Range")
        if not asked:
            self.send(200, body if cut is None else body[:cut], len(body))
            return
        start = int(asked[len("bytes="):-1])
        if start >= len(body):
            self.send(416, b"", extra=[("Content-Range", "bytes */%d" % len(body))])
            return
        rest = body[start:]
        self.send(206, rest if cut is None else rest[:cut], len(rest),
                  [("Content-Range", "bytes %d-%d/%d" % (start, len(body) - 1, len(body)))])

    def do_GET(self):
        mode, name = self.path.split("/")[1:3]
        body = packed[name]
        self.server.seen.append((mode, name, self.headers.get("Range")))
        try:
            getattr(self, "answer_" + mode)(name, body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def answer_normal(self, name, body):
        self.send_range(body)

    def answer_repacked(self, name, body):
        self.send_range(repacked[name])

    def answer_noranges(self, name, body):
        self.send(200, body)

    def answer_wrongrange(self, name, body):
        if self.headers.get("Range"):
            self.send(206, body, extra=[("Content-Range", "bytes 0-%d/%d" % (len(body) - 1,
                                                                            len(body)))])
        else:
            self.send(200, body)

    def answer_corrupt(self, name, body):
        self.send(200, body[:-40] + bytes([body[-40] ^ 1]) + body[-39:])

    def answer_other(self, name, body):
        self.send(200, gzip.compress(b"\0\0\x08\x01\0\0\0\2\1\1"))

    def answer_forged(self, name, body):
        """A good file of the right sizes in which one element differs."""
        content = bytearray(gzip.decompress(body))
        content[-9] ^= 1
        self.send(200, gzip.compress(bytes(content)))

    def answer_page(self, name, body):
        self.send(200, b"<html>Please log in to the network.</html>")

    def answer_missing(self, name, body):
        self.send(404, b"<html>no such thing</html>")

    def answer_broken(self, name, body):
        self.send(500, b"")

    def answer_redirect(self, name, body):
        self.send(302, b"moved", extra=[("Location", "/normal/" + name)])

    def answer_circle(self, name, body):
        self.send(302, b"", extra=[("Location", self.path)])

    def answer_pieces(self, name, body):
        """Closes the connection after 120000 bytes, every time."""
        self.send_range(body, 120000)

    def answer_closing(self, name, body):
        """Closes the connection after half of the file, and then always at once."""
        asked = self.headers.get("Range")
        self.send_range(body, 0 if asked else len(body) // 2)

    def answer_stalling(self, name, body):
        self.send(200, body[:len(body) // 2], len(body))
        self.server.release.wait(60)

    def answer_endless(self, name, body):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"\0" * (1 << 20))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
server.seen = []
server.release = threading.Event()
threading.Thread(target=server.serve_forever, daemon=True).start()
base = "http://127.0.0.1:%d/" % server.server_port


def report(passed, name, *why):
    global count, failures
    count += 1
    print("%sok %d - %s" % ("" if passed else "not ", count, name))
    if not passed:
        failures += 1
        for line in why:
            print("#", repr(line))
    sys.stdout.flush()


def new_folder(**parts):
    """An empty folder, or one with the first file's .part (part=) or a file of its own (name=)."""
    path = tempfile.mkdtemp(dir=top)
    if "part" in parts:
        with open(os.path.join(path, FIRST + ".part"), "wb") as f:
            f.write(parts["part"])
    return path


def fetch(folder, *modes, stall=20, force=0):
    server.seen.clear()
    mirrors = [m if "/" in m else base + m for m in modes]
    return subprocess.run([probe, folder, str(stall), str(force), *sums, *mirrors],
                          capture_output=True, text=True, env=environment)


def holds(folder, of=packed):
    """All four files, byte for byte, and nothing else."""
    for name in of:
        try:
            with open(os.path.join(folder, name), "rb") as f:
                if f.read() != of[name]:
                    return False
        except FileNotFoundError:
            return False
    return sorted(os.listdir(folder)) == sorted(of)


def complete(p, folder, name, *conditions):
    report(p.returncode == 0 and holds(folder) and all(conditions), name, p.stdout, p.stderr,
           os.listdir(folder), server.seen)


def fails(p, name, *words, left=None):
    lines = p.stderr.splitlines()
    report(p.returncode == 1 and len(lines) == 1 and all(w in lines[0] for w in words)
           and left in (None, True), name, p.returncode, p.stdout, p.stderr)


def test_good():
    folder = os.path.join(new_folder(), "made", "on the way")
    p = fetch(folder, "normal")
    complete(p, folder, "four files come", p.stdout.count("received") == 4)
    p = fetch(folder, "missing")
    complete(p, folder, "what is there and right is kept", p.stdout.count("kept") == 4,
             not server.seen)
    folder = new_folder()
    complete(fetch(folder, "redirect"), folder, "redirections are followed")
    folder = new_folder()
    source = new_folder()
    for name, content in packed.items():
        with open(os.path.join(source, name), "wb") as f:
            f.write(content)
    complete(fetch(folder, source), folder, "a folder is a mirror")
    folder = new_folder()
    p = fetch(folder, "repacked")
    report(p.returncode == 0 and holds(folder, repacked), "the same content packed differently",
           p.stderr)


def test_resume():
    whole = packed[FIRST]
    half = len(whole) // 2
    folder = new_folder(part=whole[:half])
    p = fetch(folder, "normal")
    complete(p, folder, "goes on where it stopped",
             server.seen[0] == ("normal", FIRST, "bytes=%d-" % half))
    folder = new_folder(part=whole[:half])
    complete(fetch(folder, "noranges"), folder, "starts again where the server knows no ranges")
    folder = new_folder(part=whole[:half])
    p = fetch(folder, "wrongrange")
    complete(p, folder, "starts again where another range comes", server.seen[1][2] is None,
             "retry" not in p.stdout)
    folder = new_folder(part=whole + b"more")
    p = fetch(folder, "normal")
    complete(p, folder, "starts again where there is more than the server has",
             server.seen[1] == ("normal", FIRST, None))
    folder = new_folder(part=b"x" * half)
    p = fetch(folder, "normal")
    complete(p, folder, "starts again where what was there is wrong",
             [s[2] for s in server.seen[:2]] == ["bytes=%d-" % half, None], "retry" in p.stdout)
    folder = new_folder(part=whole)
    complete(fetch(folder, "normal"), folder, "a complete .part is fetched again or taken")
    folder = new_folder()
    p = fetch(folder, "pieces")
    complete(p, folder, "goes on when the connection closes in the middle",
             server.seen[1][2] == "bytes=120000-", server.seen[2][2] == "bytes=240000-")


def test_bad():
    def empty(folder):
        return os.listdir(folder) == []

    for mode, word in [("corrupt", "not kept"), ("other", "not kept"),
                       ("forged", "SHA-256"), ("page", "not kept"),
                       ("missing", "404"), ("broken", "500"), ("circle", "redirects")]:
        folder = new_folder()
        p = fetch(folder, mode)
        fails(p, mode + ": nothing is kept", word, base + mode,
              left=not os.path.exists(os.path.join(folder, FIRST)) and
              os.path.getsize(os.path.join(folder, FIRST + ".part")) == 0
              if os.path.exists(os.path.join(folder, FIRST + ".part")) else empty(folder))
    folder = new_folder()
    fails(fetch(folder, "endless"), "too much: nothing is kept", "64 MiB",
          left=os.path.getsize(os.path.join(folder, FIRST + ".part")) == 0)
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    fails(fetch(new_folder(), "http://127.0.0.1:%d/x" % closed.getsockname()[1]),
          "no server", "127.0.0.1")
    closed.close()
    fails(fetch(new_folder(), "ftp://127.0.0.1/"), "another protocol", "ftp")
    folder = new_folder()
    p = fetch(folder, "closing")
    part = os.path.join(folder, FIRST + ".part")
    fails(p, "always closed in the middle: what came is kept", "closed before",
          left=open(part, "rb").read() == packed[FIRST][:len(packed[FIRST]) // 2])
    folder = new_folder()
    p = fetch(folder, "stalling", stall=1)
    part = os.path.join(folder, FIRST + ".part")
    fails(p, "stalled: what came is kept", "hardly any data arrived for 1 second",
          left=open(part, "rb").read() == packed[FIRST][:len(packed[FIRST]) // 2])


def test_mirrors():
    folder = new_folder()
    p = fetch(folder, "missing", "corrupt", "page", "normal")
    complete(p, folder, "the next mirror, and the next", p.stdout.count("retry") == 12)
    folder = new_folder()
    p = fetch(folder, "closing", "repacked")
    right = all(gzip.open(os.path.join(folder, n + ".gz")).read() == x
                for n, x in zip(NAMES, plain) if p.returncode == 0)
    report(p.returncode == 0 and right and sorted(os.listdir(folder)) == sorted(packed),
           "half from one mirror, then a mirror that packs differently", p.stdout, p.stderr)
    fails(fetch(new_folder(), "missing", "broken"), "no mirror has it", "none of 2 mirrors", "500")


def test_in_the_way():
    folder = new_folder()
    path = os.path.join(folder, NAMES[0])
    with open(path, "wb") as f:
        f.write(plain[2])
    p = fetch(folder, "normal")
    fails(p, "another file is not overwritten", "--force", NAMES[0],
          left=open(path, "rb").read() == plain[2])
    complete(fetch(folder, "normal", force=1), folder, "but with --force")
    folder = new_folder(part=b"x")
    with open(os.path.join(folder, FIRST + ".part"), "r+b") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        fails(fetch(folder, "normal", "normal"), "two at once", "another ipdlam")
    path = os.path.join(new_folder(part=b"x"), FIRST + ".part")
    fails(fetch(path, "normal"), "a file in place of the folder", "folder")


def command(*arguments, **more):
    return subprocess.run([os.environ["IPDLAM"], "data", "fetch", *arguments],
                          capture_output=True, text=True, env=dict(environment, **more))


def test_interrupt(number, name):
    server.release.clear()
    folder = new_folder()
    p = subprocess.Popen([os.environ["IPDLAM"], "data", "fetch", "--from", base + "stalling", "--to",
                          folder, "mnist"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, env=environment,
                         # a shell's background job ignores it
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    part = os.path.join(folder, "mnist", FIRST + ".part")
    half = packed[FIRST][:len(packed[FIRST]) // 2]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if os.path.exists(part) and os.path.getsize(part) == len(half):
            break
        time.sleep(0.01)
    p.send_signal(number)
    out, err = p.communicate(timeout=60)
    report(p.returncode == 1 and "stopped" in err and len(err.splitlines()) == 1
           and open(part, "rb").read() == half, name + " leaves a file to go on with",
           p.returncode, out, err)


def test_command():
    p = command()
    report(p.returncode == 2 and "name is missing" in p.stderr, "a name is missing", p.stderr)
    p = command("mnits")
    report(p.returncode == 2 and "mnist" in p.stderr, "an unknown name", p.stderr)
    p = command("--form", "x", "mnist")
    report(p.returncode == 2 and "--from" in p.stderr, "an unknown option", p.stderr)
    p = command("digits")
    report(p.returncode == 0 and "nothing to download" in p.stdout, "digits need no fetching")
    p = command("--from", base + "missing", "mnist")
    report(p.returncode == 1 and len(p.stderr.splitlines()) == 1 and "404" in p.stderr,
           "a failure is one line", p.stderr)


def test_real():
    """The real sets, through the command, where this machine has them."""
    data = os.environ.get("IPDLAM_DATA", "")
    for name in ("mnist", "fashion-mnist"):
        source = os.path.join(data, name)
        if not data or not os.path.exists(os.path.join(source, FIRST)):
            report(True, "%s # SKIP IPDLAM_DATA does not hold it" % name)
            continue
        p = command("--from", source, name)
        listed = subprocess.run([os.environ["IPDLAM"], "data", "list"], capture_output=True,
                                text=True, env=environment)
        report(p.returncode == 0 and top + "/data/ipdlam/" + name in listed.stdout,
               "%s: the checksums are those published" % name, p.stdout, p.stderr, listed.stdout)


try:
    test_good()
    test_resume()
    test_bad()
    test_mirrors()
    test_in_the_way()
    test_interrupt(signal.SIGINT, "C-c")
    test_interrupt(signal.SIGTERM, "SIGTERM")
    test_command()
    test_real()
finally:
    server.release.set()
    shutil.rmtree(top, ignore_errors=True)
print("1..%d" % count)
sys.exit(1 if failures else 0)
