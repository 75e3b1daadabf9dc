"""Runs a program with at most so much private memory, and measures it; shared by the tests of data sets."""
import os, resource, subprocess, sys, time


def drop_cache(*paths):
    """Asks the kernel to forget the pages of these files, and of those in these folders."""
    for path in paths:
        for name in [os.path.join(path, f) for f in os.listdir(path)] if os.path.isdir(path) else [path]:
            f = os.open(name, os.O_RDONLY)
            os.fsync(f)
            os.posix_fadvise(f, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(f)


def status(pid):
    """Bytes of private memory and of mapped files of a process, {} once it has ended."""
    try:
        with open("/proc/%d/status" % pid) as f:
            fields = dict(line.split(":", 1) for line in f)
        return {name: int(fields[name].split()[0]) << 10 for name in ("RssAnon", "RssFile", "VmHWM", "VmData")}
    except (OSError, KeyError):
        return {}


def measure(words, limit=0, **options):
    """Runs words with RLIMIT_DATA = limit; returns the process, the seconds, and the largest values of status()."""
    began = time.monotonic()
    p = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: limit and
                         resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)), **options)
    most = {}
    while p.poll() is None:
        for name, value in status(p.pid).items():
            most[name] = max(value, most.get(name, 0))
        time.sleep(.02)
    p.out, p.err = p.communicate()
    return p, time.monotonic() - began, most


if __name__ == "__main__":
    p, seconds, most = measure(sys.argv[2:], int(float(sys.argv[1]) * 2 ** 20))
    print(p.out[-1500:], p.err[-1500:], p.returncode, "%.1f s" % seconds, {k: "%.1f MiB" % (v / 2 ** 20) for k, v in most.items()})
