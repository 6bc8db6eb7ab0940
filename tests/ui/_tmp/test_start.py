import os, time, sys
import pytest
N=int(os.environ.get("N","4"))
@pytest.mark.parametrize("k", range(N))
def test_start(begin_t, k):
    pass

@pytest.fixture
def begin_t(start):
    import resource
    def t():
        r=resource.getrusage(resource.RUSAGE_SELF); return r.ru_utime+r.ru_stime
    import PySide6.QtTest
    marks=[("a",t())]
    p=start()
    marks.append(("started",t()))
    yield p
    global LAST
    LAST=t()
    print("START %.2f"%(marks[1][1]-marks[0][1]), file=sys.stderr)
